"""The versions of articles that a loose file holds, whichever of the known shapes it has. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from hub.errors import ParseError
from hub.legal.dila import IMAGE, content_of_markup
from hub.legal.safexml import parse_xml
from hub.legal.versions import (
    ArticleVersion,
    Note,
    Sibling,
    merge,
    number_of_article,
    read_state,
    with_notes,
)
from hub.legal.versions_json import Found, compared_of, of_answer, of_legi_tree, parse_json
from hub.legal.versions_xml import LEGIARTI, alineas_of, day_of, version_of
from hub.text import clean, clean_paragraphs

NOTHING = Found(notes=(Note.NO_ARTICLE,))

_ROOT = re.compile(rb"<([A-Za-z_]{1,40})[\s/>]")
_ROOTS = ("TEXTE", "TEXTE_VERSION", "TEXTELR", "JO", "SECTION_TA", "DOSSIER_LEGISLATIF")
"""Files of the DILA without the version of an article: a text of the Journal officiel has none."""
_COLUMNS = 13
"""Of a row of the table `articles` that legi.py makes: id, section, num, titre, etat, date_debut,
date_fin, type, nota, bloc_textuel, dossier, cid, mtime."""


def read_versions(name: str, body: bytes) -> Found:
    """Read a file by its name: XML of the DILA, JSON of the API or of legi-data, table of legi.py,
    page of Légifrance. A file of a known shape without any article gives a note, not an error.

    Raises:
        ParseError: it has none of these shapes, or its only article cannot be read.
    """
    ending = name.rpartition(".")[2].lower()
    if ending not in _READERS:
        raise ParseError(f"file of an unknown kind: {name[-80:]!r}")
    return _READERS[ending](body)


def _read_xml(body: bytes) -> Found:
    match = _ROOT.search(body[:4096])
    root = match[1].decode() if match else ""
    if root in _ROOTS:
        parse_xml(body, root)
        return NOTHING
    return Found((version_of(parse_xml(body, "ARTICLE")),))


def _read_json(body: bytes) -> Found:
    found = parse_json(body)
    if isinstance(found, list):
        return _read_list(found)
    if not isinstance(found, dict):
        raise ParseError("JSON of an unknown shape")
    if found.get("type") == "code":
        return of_legi_tree(found)
    if isinstance(found.get("entete"), str):
        articles = tuple(_of_jo_page(found))
        return Found(articles) if articles else NOTHING
    if any(isinstance(found.get(name), list) for name in ("results", "containers", "array")):
        return NOTHING
    return of_answer(found)


def _read_list(found: list[Any]) -> Found:
    """Codes compared, told as they are now; or the list of the codes."""
    if all(isinstance(one, dict) and "titre" in one for one in found):
        return NOTHING
    sides = [version for one in compared_of(found) for version in (*one.before, *one.after)]
    return Found(_once(sides), (), () if sides else NOTHING.notes)


def _read_html(body: bytes) -> Found:
    """The pages of the former site list sections; the wordings were pages of their own."""
    if b"LEGIARTI" in body and b'class="corpsArt"' in body:
        raise ParseError("page of articles of the former Légifrance, which is not read")
    return NOTHING


def _once(versions: Sequence[ArticleVersion]) -> tuple[ArticleVersion, ...]:
    """The last reading of each version, with what only an earlier one said."""
    known: dict[str, ArticleVersion] = {}
    for version in versions:
        held = known.get(version.id)
        known[version.id] = merge(held, version) if held else version
    return tuple(known.values())


# --- The table of legi.py ------------------------------------------------------------------------


def of_table(body: bytes) -> Found:
    """Read rows of the table `articles` (tabs, `\\N` for nothing). It says nothing of identity: the
    versions of one number in one code are put together, and a note tells it.

    Raises:
        ParseError: not a table of articles.
    """
    rows = _rows(body)
    if not rows:
        raise ParseError("table without any row")
    if not any(LEGIARTI.fullmatch(row[0]) and len(row) == _COLUMNS for row in rows):
        return NOTHING
    versions: list[ArticleVersion] = []
    troubles: list[str] = []
    for row in rows:
        if len(row) == _COLUMNS and LEGIARTI.fullmatch(row[0]):
            versions.append(_of_row(row))
        else:
            troubles.append(f"row that is no article: {row[0][:40]!r}")
    return Found(tuple(_with_siblings(versions)), tuple(troubles))


def _rows(body: bytes) -> list[list[str]]:
    lines = io.StringIO(body.decode("utf-8", "replace"), newline="")
    try:
        return [row for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row]
    except csv.Error as error:
        raise ParseError(f"not a table: {error}") from error


def _of_row(row: Sequence[str]) -> ArticleVersion:
    values = ["" if value == "\\N" else value.replace("\\n", "\n") for value in row]
    version_id, _, number, _, state, start, end, _, nota, text, _, code, _ = values
    return ArticleVersion(
        id=version_id,
        article=version_id,
        code=code,
        number=number_of_article(number),
        state=read_state(state),
        start=day_of(start),
        end=day_of(end),
        text=alineas_of(content_of_markup(text, IMAGE)),
        nota=alineas_of(content_of_markup(nota, IMAGE)),
    )


def _with_siblings(versions: Sequence[ArticleVersion]) -> Iterator[ArticleVersion]:
    families: dict[tuple[str, str], list[Sibling]] = {}
    for version in versions:
        families.setdefault(_family(version), []).append(version.itself)
    for version in versions:
        family = sorted(families[_family(version)], key=lambda one: one.id)
        sharing = replace(version, article=family[0].id, others=tuple(family))
        yield with_notes(sharing, *([Note.DEDUCED] if len(family) > 1 else []))


def _family(version: ArticleVersion) -> tuple[str, str]:
    return version.code, version.number or version.id


# --- A page of the Journal officiel ------------------------------------------------------------

_HEAD = re.compile(
    r"Article (?P<number>\d{1,4}|1er|unique|Annexe)\b(?: En savoir plus sur .{0,80})?"
)
_PLACE = re.compile(r"JORF n°|texte n°|NOR ?:|ELI ?:|Alias ?:")
"""The lines of the head of a page that are not the title."""
_ELI = re.compile(r"/eli/[\w/-]{1,120}/jo/texte")


def _of_jo_page(page: dict[str, Any]) -> Iterator[ArticleVersion]:
    """The articles of a text, as its page shows them one after the other. Their address is the
    text's ELI; the page does not give their JORFARTI.
    """
    head, body = str(page["entete"]), str(page.get("article") or "")
    eli = _ELI.search(head) or _ELI.search(str(page.get("url") or ""))
    place = eli[0].removesuffix("/texte") if eli else ""
    lines = clean_paragraphs(head).split("\n\n")
    title = next((line for line in lines if line and not _PLACE.match(line)), "")
    numbers: list[str] = []
    texts: list[list[str]] = []
    for line in clean_paragraphs(body).split("\n\n"):
        if match := _HEAD.fullmatch(line):
            numbers.append(match["number"])
            texts.append([])
        elif texts:
            texts[-1].append(line)
    for number, alineas in zip(numbers, texts, strict=True):
        name = f"{place}/article_{number}"
        version = ArticleVersion(name, name, code_name=clean(title), number=number)
        yield with_notes(replace(version, text=tuple(alineas)))


_READERS: dict[str, Callable[[bytes], Found]] = {
    "xml": _read_xml,
    "json": _read_json,
    "csv": of_table,
    "html": _read_html,
}
