"""Versions of articles in JSON: the API Légifrance (PISTE), the tree of a code, two trees compared.

Pure. Dates come in three styles: milliseconds that are midnight in UTC, ISO with an offset, plain
days. The day is the one written. An article that cannot be read costs only itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from hub.errors import ParseError
from hub.legal.dila import IMAGE, content_of_markup
from hub.legal.pairs import Move, Pair
from hub.legal.versions import (
    ArticleVersion,
    Link,
    Note,
    Sibling,
    known_day,
    number_of_article,
    read_state,
    with_notes,
)
from hub.legal.versions_xml import CHANGES, alineas_of, is_circular, passive
from hub.text import clean, fold, parse_date

_ID = re.compile(r"(?:LEGI|JORF|KALI)ARTI\d{12}")
_TEXT = re.compile(r"(?:JORF|LEGI)TEXT\d{12}")
_NUMBER = re.compile(r"\bn\s?[°ºo]\s?(\d{2,4}-\d{1,5})\b")
_FORMS = ("article", "listArticle", "articles", "sections")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """The versions that a file holds, the parts that could not be read, and what is not known."""

    versions: tuple[ArticleVersion, ...] = ()
    troubles: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Compared:
    """Two states of a code, as SocialGouv's legi-data compares them: one file, before and after."""

    before: tuple[ArticleVersion, ...]
    after: tuple[ArticleVersion, ...]
    on: date | None = None

    def pairs(self) -> tuple[Pair, ...]:
        """The articles whose wording or state differ. A new number or date is no change."""
        old = {version.article: version for version in self.before}
        new = {version.article: version for version in self.after}
        return tuple(
            Pair(_move(old.get(key), new.get(key)), day, old.get(key), new.get(key), _by(new, key))
            for key in dict.fromkeys([*old, *new])
            if _words(old.get(key)) != _words(new.get(key))
            and (day := _day_of_change(new.get(key), self.on)) is not None
        )


def of_piste(body: bytes) -> Found:
    """Read an answer of the API: `getArticle`, `getArticleByCid`, or a text with its articles
    (`jorf`, `legiPart`, `lawDecree`). A text without any article gives a note.

    Raises:
        ParseError: not such an answer, or its only article cannot be read.
    """
    return of_answer(parse_json(body))


def of_answer(answer: Any) -> Found:
    """Like `of_piste`, from an answer that is already read."""
    if not isinstance(answer, dict) or not any(name in answer for name in _FORMS):
        raise ParseError("not an answer of the API with articles")
    if "article" in answer:
        return Found((_version(answer["article"], {}),))
    if "listArticle" in answer:
        return _collect((one, {}) for one in _of(answer, "listArticle", list))
    about = {"code": _str(answer, "cid"), "code_name": _str(answer, "title")}
    return _collect((one, about) for one in _articles(answer))


def of_legi_tree(tree: Any) -> Found:
    """Read the tree of a code as legi-data writes it: sections and articles, `data` and `children`.

    Raises:
        ParseError: not such a tree.
    """
    if not isinstance(tree, dict) or not isinstance(tree.get("data"), dict):
        raise ParseError("not the tree of a code")
    about = {"code": _str(tree["data"], "cid"), "code_name": _str(tree["data"], "title")}
    return _collect((one, about) for one in _leaves(tree))


def of_legi_diff(body: bytes) -> tuple[Compared, ...]:
    """Read files of a code compared: a list of `previous` and `current` trees.

    Raises:
        ParseError: not such a list, or a tree that cannot be read.
    """
    return tuple(compared_of(parse_json(body)))


def compared_of(changes: Any) -> Iterator[Compared]:
    """Like `of_legi_diff`, from a document that is already read."""
    if not isinstance(changes, list) or not all(
        isinstance(one, dict) and ("previous" in one or "current" in one) for one in changes
    ):
        raise ParseError("not a list of files compared")
    for change in changes:
        sides = [
            of_legi_tree(change[side]).versions if change.get(side) else ()
            for side in ("previous", "current")
        ]
        about = _of(_of(change, "current", dict), "data", dict)
        yield Compared(sides[0], sides[1], read_day(about.get("dateDebutVersion")))


def parse_json(body: bytes) -> Any:
    """
    Raises:
        ParseError: not JSON, or nested beyond reason.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ParseError("not JSON") from error


def read_day(value: object) -> date | None:
    """A day in any of the three styles of the API; None for what is no date or is not known."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{9,15}", value):
        value = int(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return known_day(datetime.fromtimestamp(value / 1000, UTC).date())
        except (ValueError, OverflowError, OSError):
            return None
    return known_day(parse_date(value[:10])) if isinstance(value, str) else None


# --- Walking -----------------------------------------------------------------------------------


def _articles(answer: Mapping[str, Any]) -> Iterator[Any]:
    """The articles of a text and of its sections, in their order."""
    waiting = [answer]
    while waiting:
        here = waiting.pop()
        yield from _of(here, "articles", list)
        waiting += reversed([one for one in _of(here, "sections", list) if isinstance(one, dict)])


def _leaves(tree: Any) -> Iterator[Any]:
    waiting = [tree]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            if here.get("type") == "article":
                yield here.get("data")
            waiting += reversed(_of(here, "children", list))


def _collect(articles: Iterable[tuple[Any, Mapping[str, str]]]) -> Found:
    versions: list[ArticleVersion] = []
    troubles: list[str] = []
    for article, about in articles:
        try:
            versions.append(_version(article, about))
        except ParseError as error:
            troubles.append(error.reason)
    if troubles and not versions:
        raise ParseError("; ".join(troubles[:3]))
    return Found(tuple(versions), tuple(troubles), () if versions else (Note.NO_ARTICLE,))


# --- One version -------------------------------------------------------------------------------


def _version(data: Any, about: Mapping[str, str]) -> ArticleVersion:
    version_id = _str(data, "id")
    if not _ID.fullmatch(version_id):
        raise ParseError(f"article without id, found {version_id[:40]!r}")
    about = {**_text_of(data), **about}
    code = about.get("code", "")
    links = tuple(_links(data))
    followed = [link for link in links if not is_circular(link, version_id, code)]
    version = ArticleVersion(
        id=version_id,
        article=_str(data, "cid") or version_id,
        code=code,
        code_name=clean(about.get("code_name", "")).replace("'", "’"),
        number=number_of_article(_str(data, "num")),
        state=read_state(_str(data, "etat")),
        start=read_day(_get(data, "dateDebut")),
        end=read_day(_get(data, "dateFin")),
        text=_wording(data, "texteHtml", "content", "texte"),
        nota=_wording(data, "notaHtml", "nota"),
        changed_by=tuple(dict.fromkeys(followed)),
        others=tuple(_siblings(data)),
    )
    return with_notes(version, *([Note.CIRCULAR] if len(followed) < len(links) else []))


def _text_of(data: Any) -> dict[str, str]:
    """The code or text that an article says to be of: its last title."""
    for titles, cid, title in (
        (_of(data, "textTitles", list), "cid", "titre"),
        (_of(_of(data, "context", dict), "titreTxt", list), "cid", "titre"),
    ):
        known = [one for one in titles if isinstance(one, dict) and _str(one, title)]
        if known:
            last = max(known, key=_start)
            return {"code": _str(last, cid), "code_name": _str(last, title)}
    return {"code": _str(data, "cidTexte")}


def _start(title: Mapping[str, Any]) -> date:
    return read_day(title.get("dateDebut") or title.get("debut")) or date.min


def _wording(data: Any, *names: str) -> tuple[str, ...]:
    """The first of these fields that says something: HTML keeps alinéas, plain text loses them."""
    texts = (content_of_markup(_str(data, name), IMAGE) for name in names)
    return alineas_of(next((text for text in texts if text), ""))


def _siblings(data: Any) -> Iterator[Sibling]:
    for one in _of(data, "articleVersions", list):
        if _ID.fullmatch(name := _str(one, "id")):
            start, end = read_day(_get(one, "dateDebut")), read_day(_get(one, "dateFin"))
            yield Sibling(name, read_state(_str(one, "etat")), start, end)


def _links(data: Any) -> Iterator[Link]:
    for link in _of(data, "lienModifications", list) or _of(data, "lstLienModification", list):
        kind, text = _str(link, "linkType"), _str(link, "textCid")
        is_target = _str(link, "linkOrientation") == "cible"
        if is_target and CHANGES.fullmatch(kind) and _TEXT.fullmatch(text):
            title = clean(_str(link, "textTitle"))
            written = _NUMBER.search(fold(title))
            yield Link(
                kind=passive(kind),
                text=text,
                title=title,
                nor=_str(link, "nor"),
                number=_str(link, "numTexte") or (written[1] if written else ""),
                nature=_str(link, "natureText"),
                signed_on=read_day(_get(link, "dateSignaTexte")),
                article=_str(link, "articleId"),
            )


# --- Two trees ---------------------------------------------------------------------------------


def _words(version: ArticleVersion | None) -> tuple[str, ...] | None:
    return (version.state, *version.text) if version else None


def _move(old: ArticleVersion | None, new: ArticleVersion | None) -> Move:
    """An article that enters a tree may have been moved there: only its own links tell."""
    if old and new:
        return Move.MODIFIED
    if new:
        is_first = any(link.kind == "CREE" for link in new.changed_by)
        return Move.CREATED if is_first else Move.UNKNOWN
    return Move.UNKNOWN


def _day_of_change(new: ArticleVersion | None, on: date | None) -> date | None:
    return (new.start if new else None) or on


def _by(versions: Mapping[str, ArticleVersion], key: str) -> tuple[Link, ...]:
    return versions[key].changed_by if key in versions else ()


# --- JSON --------------------------------------------------------------------------------------


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _of(value: Any, name: str, kind: type[T]) -> T:
    """A field, or the blank of its kind when it is absent, null, or of another kind."""
    found = _get(value, name)
    return found if isinstance(found, kind) else kind()


def _str(value: Any, name: str) -> str:
    return _of(value, name, str).strip()
