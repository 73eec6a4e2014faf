"""What was just done, said on the next page: carried by its address, so that nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from hub.messages import list_keys, message, placeholders
from hub.model import Action
from hub.review import VERDICTS
from hub.store import Session
from hub.store.items import ItemRow, find_item
from hub.web.filters import read_number

UNDONE_AT_ONCE = VERDICTS | {Action.REMOVE_TAG}
"""The moves that offer to go back right where they are said."""

_KEYS = {key.removeprefix("done."): key for key in list_keys() if key.startswith("done.")}


@dataclass(frozen=True, slots=True)
class Flash:
    """A sentence, and the item whose last decision can be undone from there, if any."""

    sentence: str
    undo_slug: str = ""
    undo_revision: int = 0


def read_flash(request: Request, session: Session) -> Flash | None:
    """What the address says was done; None when it says nothing known."""
    query = request.query_params
    key = _KEYS.get(query.get("fait", ""))
    if key is None:
        return None
    item = find_item(session, query.get("de", ""))
    if item is None:
        return None if placeholders(key) else Flash(message(key))
    sentence = message(key, titre=title_of(item))
    if query["fait"] not in UNDONE_AT_ONCE:
        return Flash(sentence)
    return Flash(sentence, item.slug, read_number(query, "r", 0))


def title_of(item: ItemRow) -> str:
    """The title that readers see, or the source's own while nobody wrote one."""
    return (item.redaction.titre if item.redaction else "") or item.title


def say(action: Action | None, slug: str, revision: int) -> dict[str, str | int]:
    """The words to add to the next page's address. No action: there was nothing to do."""
    return {"fait": action.value if action else "rien", "de": slug, "r": revision}
