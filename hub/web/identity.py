"""« Même texte ? »: what may be one update is said to be one, or two; an item is split.

An answer is a ruling on what each source says (`hub.store.identity`), which every later gathering
obeys: nothing that comes in afterwards joins or parts the two again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.intake import Resolved, regather
from hub.messages import message, typeset
from hub.model import Action, Decision
from hub.sameness.clustering import Ruling
from hub.sameness.reading import Voice
from hub.search.documents import index_later
from hub.store import Session
from hub.store.identity import (
    ProposalRow,
    ProposalState,
    add_rulings,
    close_proposal,
    list_open_proposals,
)
from hub.store.items import ItemRow, find_item
from hub.store.mentions import MentionRow, list_mentions
from hub.text import short_hash
from hub.web.visits import Visit, editors_only

PAGE = "/relecture/identite"
_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a source said, as it is shown."""

    mark: str
    """Of its voice, for a form to send back: it stays when others come to speak of the item."""
    source: str
    title: str
    url: str
    published_on: date | None
    voice: Voice


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two items of a question."""

    slug: str
    title: str
    summary: str
    is_public: bool
    said: Sequence[Said]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: why it is asked, and of which two items."""

    id: int
    ground: str
    sides: tuple[Side, Side]


# --- Same text? --------------------------------------------------------------------------------


def show_proposals(visit: Visit) -> Response:
    return _show_proposals(visit)


def show_stale_answer(visit: Visit) -> Response:
    """A form of another session: nothing is done, the questions are shown with a fresh token."""
    return _show_proposals(visit, stale=message("request.stale"), status=403)


def answer_proposal(visit: Visit) -> Response:
    """« même » or « autre », of a question that is still open; else the page says it is not."""
    is_same = {"meme": True, "autre": False}.get(visit.field("reponse"))
    number = visit.field("proposition")
    if is_same is None or not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise HTTPException(400)
    with visit.store.write() as session:
        row = session.get(ProposalRow, int(number))
        if row is None:
            raise HTTPException(404)
        if row.state is not ProposalState.OPEN:
            return RedirectResponse(f"{PAGE}?deja=1", 303)
        moved = _rule(session, visit, row, is_same=is_same)
    _tell(visit, moved)
    return RedirectResponse(f"{PAGE}?{'meme' if is_same else 'autre'}=1", 303)


def _rule(session: Session, visit: Visit, row: ProposalRow, *, is_same: bool) -> Resolved:
    """To join two items, every voice of both is told to be one with the first; to part them, every
    voice of one is told from every of the other, for any could bring them together again."""
    left = _voices_of(session, row.left_item_id)
    right = _voices_of(session, row.right_item_id)
    pairs = product(left[:1], [*left[1:], *right]) if is_same else product(left, right)
    rulings = [Ruling(a, b, is_same) for a, b in pairs]
    add_rulings(session, rulings, visit.visitor.name, visit.now)
    state = ProposalState.ACCEPTED if is_same else ProposalState.REFUSED
    close_proposal(row, state, visit.visitor.name, visit.now)
    session.flush()
    return _obey(session, visit, Action.MERGE, [*left, *right])


def _obey(
    session: Session, visit: Visit, action: Action, voices: Sequence[Voice], reason: str = ""
) -> Resolved:
    ruled = Decision(action, visit.visitor.name, visit.now, reason)
    return regather(session, voices, ruled, visit.sources.values())


def _tell(visit: Visit, moved: Resolved) -> None:
    """Let the index and the site follow what an answer moved."""
    if moved.touched:
        index_later(visit.request.app.state.settings, moved.touched)
        visit.publish()


def _voices_of(session: Session, item_id: int) -> list[Voice]:
    """Who speaks of an item, whoever gives it its text first."""
    giver = session.get_one(MentionRow, session.get_one(ItemRow, item_id).current.mention_id)
    mentions = [giver, *list_mentions(session, item_id)]
    return list(dict.fromkeys((mention.source_id, mention.key) for mention in mentions))


def _show_proposals(visit: Visit, *, stale: str = "", status: int = 200) -> Response:
    with visit.store.read() as session:
        rows = list_open_proposals(session, _AT_ONCE)
        context = {
            "asked": [_to_asked(visit, session, row) for row in rows],
            "done": next((mark for mark in _DONE if mark in visit.request.query_params), ""),
            "stale": stale,
        }
        return visit.render(session, "identite.html", context, status)


_DONE = ("meme", "autre", "deja")


def _to_asked(visit: Visit, session: Session, row: ProposalRow) -> Asked:
    sides = [
        _to_side(visit, session, session.get_one(ItemRow, item_id))
        for item_id in (row.left_item_id, row.right_item_id)
    ]
    return Asked(row.id, row.ground, (sides[0], sides[1]))


def _to_side(visit: Visit, session: Session, item: ItemRow) -> Side:
    return Side(
        slug=item.slug,
        title=typeset(item.title),
        summary=typeset(item.current.summary)[:_EXTRACT],
        is_public=item.state.is_public,
        said=_list_said(visit, list_mentions(session, item.id)),
    )


_EXTRACT = 400


def _list_said(visit: Visit, mentions: Sequence[MentionRow]) -> list[Said]:
    """What each voice said last."""
    last = {(mention.source_id, mention.key): mention for mention in mentions}
    return [
        Said(
            mark=short_hash(" ".join(voice)),
            source=_name_of(visit, mention.source_id),
            title=typeset(mention.title),
            url=mention.url,
            published_on=mention.published_on,
            voice=voice,
        )
        for voice, mention in last.items()
    ]


def _name_of(visit: Visit, source_id: str) -> str:
    source = visit.request.app.state.sources.get(source_id)
    return source.name if source else source_id


# --- Splitting an item -------------------------------------------------------------------------


def show_split(visit: Visit) -> Response:
    return _show_split(visit)


def show_stale_split(visit: Visit) -> Response:
    """A form of another session: nothing is done, it is shown with a fresh token."""
    return _show_split(visit, mistake=message("request.stale"), status=403)


def split_item(visit: Visit) -> Response:
    """Tell the voices that were ticked from the others; some must be, and not all."""
    chosen = set(visit.fields("voix"))
    with visit.store.write() as session:
        item = _get_item(session, visit)
        said = _list_said(visit, list_mentions(session, item.id))
        apart = [one.voice for one in said if one.mark in chosen]
        left = [one.voice for one in said if one.mark not in chosen]
        rulings = [Ruling(a, b, is_same=False) for a, b in product(apart, left)]
        reason = visit.field("motif")[:600]
        add_rulings(session, rulings, visit.visitor.name, visit.now, reason)
        moved = _obey(session, visit, Action.SPLIT, [*apart, *left], reason) if rulings else None
    if moved is None:
        return _show_split(visit, mistake=_NOTHING, status=422)
    _tell(visit, moved)
    return RedirectResponse(f"{PAGE}/{item.slug}?fait=1", 303)


_NOTHING = typeset("Cochez ce qui parle d’un autre texte, et laissez au moins une ligne.")


def _show_split(visit: Visit, *, mistake: str = "", status: int = 200) -> Response:
    with visit.store.read() as session:
        item = _get_item(session, visit)
        context = {
            "side": _to_side(visit, session, item),
            "chosen": visit.fields("voix"),
            "motif": visit.field("motif"),
            "mistake": mistake,
            "is_done": "fait" in visit.request.query_params,
        }
        return visit.render(session, "separer.html", context, status)


def _get_item(session: Session, visit: Visit) -> ItemRow:
    item = find_item(session, visit.request.path_params["slug"])
    if item is None:
        raise HTTPException(404)
    return item


routes = [
    Route("/identite", editors_only(show_proposals), methods=["GET"]),
    Route("/identite", editors_only(answer_proposal, show_stale_answer), methods=["POST"]),
    Route("/identite/{slug}", editors_only(show_split), methods=["GET"]),
    Route("/identite/{slug}", editors_only(split_item, show_stale_split), methods=["POST"]),
]
"""To be mounted under /relecture."""
