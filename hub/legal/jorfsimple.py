"""JORFSIMPLE, the DILA's edition of the Journal officiel: summaries, texts, archives. Pure.

A delivery (`JORFSIMPLE_YYYYMMDD-HHMMSS.tar.gz`) holds containers (root `JO`: the summary of one
Journal officiel, the only place that says where a text was filed) and texts (root `TEXTE`). A text
is read with its rubrique; a text that the summary names and the archive lacks is still announced.
What could be read before a trouble is kept, and the trouble is said in words.

XML is read without DTD, entity or network; archives are read in memory, within limits, and nothing
is ever written under a name that an archive chose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO, TypeAlias

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.errors import ParseError
from hub.legal.references import (
    identifiers_of_eli,
    in_order_of_schemes,
    normalise,
    numero,
    official_url,
    subject_identifiers,
)
from hub.legal.tararchive import (
    MIB,
    Allowance,
    Limits,
    Member,
    members_of,
    stream_members,
)
from hub.model import Identifier, Mention, Scheme
from hub.text import clean, clean_paragraphs, fold, parse_date

SOURCE_ID = "jorfsimple"
RUBRIQUE_SEPARATOR = " > "
NOTHING_OURS = "archive without any JORFSIMPLE file"
PART_FILES = 500
PART_SIZE = 32 * MIB

_FILE = re.compile(r"JORF(CONT|TEXT)\d{12}\.xml")
_NATURES = {
    "loi": "LOI",
    "ordonnance": "ORDONNANCE",
    "decret": "DECRET",
    "arrete": "ARRETE",
    "decision": "DECISION",
    "deliberation": "DELIBERATION",
    "avis": "AVIS",
}
_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)

_Children: TypeAlias = dict[str, etree._Element]
"""The first child of each name of an element."""


# --- Summary -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Container:
    """One Journal officiel. `rubriques` and `titles` are by JORFTEXT id, in the paper's order."""

    id: str
    title: str
    date: date | None
    rubriques: Mapping[str, tuple[str, ...]]
    titles: Mapping[str, str]


def parse_container(body: bytes) -> Container:
    """Read a summary, whose `TM` mix texts and sub-headings at any level.

    Raises:
        ParseError: not a well-formed `JO`.
    """
    root = _parse(body, "JO")
    parts = _children(root)
    rubriques: dict[str, tuple[str, ...]] = {}
    titles: dict[str, str] = {}
    structure = parts.get("STRUCTURE_TXT")
    for link, headings in _links(structure, ()) if structure is not None else ():
        text_id = clean(link.get("idtxt") or "")
        if normalise(Scheme.JORFTEXT, text_id) and text_id not in titles:
            rubriques[text_id] = headings
            titles[text_id] = clean(link.get("titretxt") or "")
    return Container(
        id=_value(parts, "ID"),
        title=_value(parts, "TITRE"),
        date=parse_date(_value(parts, "DATE_PUBLI")),
        rubriques=rubriques,
        titles=titles,
    )


def _links(
    node: etree._Element, headings: tuple[str, ...]
) -> Iterator[tuple[etree._Element, tuple[str, ...]]]:
    for child in node:
        if child.tag == "LIEN_TXT":
            # The first level is always « Journal officiel "Lois et Décrets" »: it says nothing.
            yield child, headings[1:]
        elif child.tag == "TM":
            yield from _links(child, (*headings, _value(_children(child), "TITRE_TM")))


def announce(container: Container, text_id: str, source_id: str = SOURCE_ID) -> Mention:
    """The mention of a text of which only the line in the summary is known."""
    title = container.titles[text_id]
    jorftext = Identifier(Scheme.JORFTEXT, text_id)
    first_word = fold(title).split(" ", 1)[0]
    return Mention(
        source_id=source_id,
        key=text_id,
        url=official_url(jorftext),
        title=title,
        published_on=container.date,
        nature=_NATURES.get(first_word, ""),
        rubrique=RUBRIQUE_SEPARATOR.join(container.rubriques[text_id]),
        identifiers=in_order_of_schemes([jorftext, *subject_identifiers(title)]),
        extra={"jo": container.title} if container.title else {},
    )


# --- Text --------------------------------------------------------------------------------------


def parse_text(
    body: bytes,
    rubriques: Mapping[str, tuple[str, ...]] | None = None,
    source_id: str = SOURCE_ID,
) -> Mention:
    """Read one text. The official notice is the summary and opens the text too; signatures, which
    are people's names, are left out.

    Raises:
        ParseError: not a well-formed `TEXTE`, or without its id or its title.
    """
    root = _parse(body, "TEXTE")
    parts = _children(root)
    jorftext = normalise(Scheme.JORFTEXT, _value(parts, "ID"))
    title = _value(parts, "TITREFULL") or _value(parts, "TITRE")
    if jorftext is None or not title:
        raise ParseError(f"text without id or title id={_value(parts, 'ID')!r}")
    nature = _value(parts, "NATURE")
    notice: list[str] = []
    _add_content(root, parts, "NOTICE", notice)
    pieces = notice.copy()
    _add_body(root, parts, pieces)
    rubrique = (rubriques or {}).get(jorftext.value, ())
    return Mention(
        source_id=source_id,
        key=jorftext.value,
        url=official_url(jorftext),
        title=title,
        summary=_to_paragraphs(notice),
        text=_to_paragraphs(pieces),
        published_on=parse_date(_value(parts, "DATE_PUBLI")),
        signed_on=parse_date(_value(parts, "DATE_TEXTE")),
        nature=nature,
        rubrique=RUBRIQUE_SEPARATOR.join(rubrique),
        identifiers=in_order_of_schemes(
            [
                jorftext,
                normalise(Scheme.NOR, _value(parts, "NOR")),
                numero(nature, _value(parts, "NUM")),
                *identifiers_of_eli(_value(parts, "ID_ELI")),
            ]
        ),
        extra=_facts(parts),
    )


def _facts(parts: _Children) -> dict[str, str | bool]:
    facts: dict[str, str | bool] = {
        name: value
        for name, tag in (
            ("ministere", "MINISTERE"),
            ("jo", "ORIGINE_PUBLI"),
            ("texte_no", "NUM_SEQUENCE"),
        )
        if (value := _value(parts, tag))
    }
    business = parts.get("ENTREPRISE")
    if business is not None and business.get("texte_entreprise"):
        facts["entreprise"] = business.get("texte_entreprise") == "oui"
    return facts


# A text is read as pieces that stand alone, parted by a character that no XML holds; line ends
# inside a piece are layout.
_PART = "\0"


def _add_body(root: etree._Element, parts: _Children, pieces: list[str]) -> None:
    for tag in ("RECT", "ABRO", "VISAS", "SM"):
        _add_content(root, parts, tag, pieces)
    if "STRUCT" in parts:
        _add_structure(parts["STRUCT"], pieces)


def _add_structure(node: etree._Element, pieces: list[str]) -> None:
    for child in node:
        tag = child.tag
        if tag == "ARTICLE":
            parts = _children(child)
            if number := _value(parts, "NUM"):
                pieces.append(f"Article {number}")
            _add_content(child, parts, "SM", pieces)
            _add_content(child, parts, "BLOC_TEXTUEL", pieces)
        elif tag == "TITRE_TA":
            pieces.append(_spaced(_flatten(child)))
        elif tag != "SIGNATAIRES":
            _add_structure(child, pieces)


def _add_content(node: etree._Element, parts: _Children, tag: str, pieces: list[str]) -> None:
    """The lines of a block, as they come."""
    block = parts.get(tag)
    if block is None:
        return
    content = block[0] if len(block) == 1 else None
    if content is None or content.tag != "CONTENU":
        content = node.find(f"{tag}/CONTENU")
    if content is None:
        return
    if not len(content):
        if text := content.text:
            pieces.append(text)
        return
    texts = [content.text or ""]
    if _add_lines(content, texts) and next(content.iterancestors(*_CELLS), None) is None:
        pieces += texts
    else:
        pieces.append(_flatten(content).replace("\n", _PART))


def _to_paragraphs(pieces: Iterable[str]) -> str:
    return clean_paragraphs(_spaced(_PART.join(pieces)).replace(_PART, "\n"))


_BLOCKS = frozenset(("p", "div", "br", "hr", "tr", "li", "ul", "ol", "table", "caption", "h1"))
_CELLS = frozenset(("td", "th"))
_LINES = _BLOCKS - {"tr", "table"}


def _add_lines(node: etree._Element, texts: list[str]) -> bool:
    """Add what is inside a block; False when it holds more than lines."""
    for child in node:
        if child.tag not in _LINES:
            return False
        if text := child.text:
            texts.append(text)
        if len(child) and not _add_lines(child, texts):
            return False
        if tail := child.tail:
            texts.append(tail)
    return True


def _flatten(node: etree._Element) -> str:
    """Mixed content as lines: a block opens a line, a table row is one line, cells are parted."""
    parts = [_spaced(node.text or "")]
    _walk(node, any(parent.tag in _CELLS for parent in node.iterancestors()), parts)
    return "".join(parts)


def _walk(node: etree._Element, is_in_cell: bool, parts: list[str]) -> None:
    last = len(node) - 1
    blank = " " if is_in_cell else "\n"
    for index, child in enumerate(node):
        tag = child.tag
        is_block = tag in _BLOCKS
        if is_block:
            parts.append(blank)
        if text := child.text:
            parts.append(_spaced(text))
        if len(child):
            _walk(child, is_in_cell or tag in _CELLS, parts)
        if tag in _CELLS and index < last:
            parts.append(" | ")
        elif is_block:
            parts.append(blank)
        if tail := child.tail:
            parts.append(_spaced(tail))


def _spaced(text: str) -> str:
    """Line ends inside the XML are layout, not paragraphs."""
    return text.replace("\n", " ").replace("\r", " ")


# --- Delivery ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a delivery said. `is_whole` is false when the archive was cut or broken: what came
    before is here, and asking for it again may give the rest. `troubles` also name the files that
    could not be read in a whole archive, which asking again would not mend.
    """

    mentions: tuple[Mention, ...] = ()
    troubles: tuple[str, ...] = ()
    texts: int = 0
    is_whole: bool = True


def read_archive(body: bytes, limits: Limits | None = None) -> Iterator[Member]:
    """The JORFSIMPLE files of an archive (tar.gz, or tar), one by one, in its order.

    Raises:
        ParseError: after the last file that could be read: the archive is cut, broken, or beyond
            the limits.
    """
    yield from filter(_is_ours, members_of(body, limits or Limits()))


def read_delivery(
    body: bytes, source_id: str = SOURCE_ID, limits: Limits | None = None
) -> Delivery:
    """Read a whole archive. Never raises: trouble is in the answer."""
    members: list[Member] = []
    reason = ""
    try:
        for member in read_archive(body, limits):
            members.append(member)  # noqa: PERF402 - what came before the trouble is kept
    except ParseError as error:
        reason = error.reason
    else:
        reason = "" if members else NOTHING_OURS
    return read_files(members, source_id, reason)


def read_files(
    members: Iterable[Member], source_id: str = SOURCE_ID, missing: str = ""
) -> Delivery:
    """Read summaries and texts that belong together, in any order.

    `missing` says why some are not there: what the summary names may then be among them, and is
    not announced as if it had no text.
    """
    return _Folder(source_id).read(members, missing, is_last=True)


def iter_deliveries(
    file: BinaryIO, source_id: str = SOURCE_ID, limits: Limits | None = None
) -> Iterator[Delivery]:
    """Read an archive of any size from an open file, in parts that fit in memory.

    A part is one folder: the summary of one Journal officiel and, after it, its texts; a large
    folder makes several, and what its summary names and it lacks is announced in the last. Limits
    are for one part. Never raises: a trouble is in the last part, with what came just before it.
    """
    allowance = Allowance(limits or Limits())
    folder: _Folder | None = None
    part: list[Member] = []
    missing = ""
    try:
        for member in filter(_is_ours, stream_members(file, allowance)):
            here = member.name.rpartition("/")[0]
            if folder is not None and (folder.name != here or _is_full(part)):
                yield folder.read(part, is_last=folder.name != here)
                part = []
                allowance.renew()
            if folder is None or folder.name != here:
                folder = _Folder(source_id, here)
            part.append(member)
    except ParseError as error:
        missing = error.reason
    if folder is None:
        missing = missing or NOTHING_OURS
    yield (folder or _Folder(source_id)).read(part, missing, is_last=True)


def _is_ours(member: Member) -> bool:
    return _FILE.fullmatch(member.basename) is not None


def _is_full(part: Sequence[Member]) -> bool:
    return len(part) >= PART_FILES or sum(len(member.body) for member in part) >= PART_SIZE


@dataclass(slots=True)
class _Folder:
    """Files that belong together, read in one part or several."""

    source_id: str
    name: str = ""
    containers: list[Container] = field(default_factory=list)
    rubriques: dict[str, tuple[str, ...]] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)

    def read(self, members: Iterable[Member], missing: str = "", *, is_last: bool) -> Delivery:
        texts, troubles = self._sort(members)
        mentions: list[Mention] = []
        for member in texts:
            try:
                mention = parse_text(member.body, self.rubriques, self.source_id)
            except ParseError as error:
                troubles.append(f"{member.basename}: {error.reason}")
                continue
            if mention.key not in self.known:
                self.known.add(mention.key)
                mentions.append(mention)
        announced = self._announced() if is_last and not missing else ()
        return Delivery(
            (*mentions, *announced),
            (missing, *troubles) if missing else tuple(troubles),
            len(mentions),
            is_whole=not missing,
        )

    def _sort(self, members: Iterable[Member]) -> tuple[list[Member], list[str]]:
        """Read the summaries first: texts stand aside, with the troubles met."""
        texts: list[Member] = []
        troubles: list[str] = []
        for member in members:
            if "CONT" not in member.basename[:8]:
                texts.append(member)
                continue
            try:
                container = parse_container(member.body)
            except ParseError as error:
                troubles.append(f"{member.basename}: {error.reason}")
            else:
                self.containers.append(container)
                self.rubriques.update(container.rubriques)
        return texts, troubles

    def _announced(self) -> Iterator[Mention]:
        """What a summary names and no file holds."""
        for container in self.containers:
            for text_id, title in container.titles.items():
                if title and text_id not in self.known:
                    self.known.add(text_id)
                    yield announce(container, text_id, self.source_id)


# --- Index page --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """One archive of the index page, ordered by delivery."""

    day: date
    time: str
    name: str

    @property
    def is_night(self) -> bool:
        """The night delivery is the paper of the day; evenings bring back corrected old texts."""
        return int(self.time[:2]) < 12


def parse_index(body: bytes, prefix: str = "JORFSIMPLE") -> tuple[Stamp, ...]:
    """The deliveries that an Apache index page lists, oldest first.

    Raises:
        ParseError: the page lists none.
    """
    names = re.findall(r'href="([^"]+)"', body.decode("iso-8859-1"), re.IGNORECASE)
    stamps = {stamp for name in names if (stamp := parse_stamp(name, prefix))}
    if not stamps:
        raise ParseError(f"no {prefix} archive in the index page")
    return tuple(sorted(stamps))


def parse_stamp(name: str, prefix: str = "JORFSIMPLE") -> Stamp | None:
    """`JORFSIMPLE_20260819-003035.tar.gz`; None for anything else (`Freemium_...` dumps, PDF)."""
    match = re.fullmatch(rf"{re.escape(prefix)}_(\d{{4}})(\d\d)(\d\d)-(\d{{6}})\.tar\.gz", name)
    day = parse_date(f"{match[1]}-{match[2]}-{match[3]}") if match else None
    return Stamp(day, match[4], name) if match and day else None


# --- XML ---------------------------------------------------------------------------------------


def _parse(body: bytes, root_tag: str) -> etree._Element:
    try:
        root = etree.fromstring(body, _PARSER)
    except etree.XMLSyntaxError as error:
        raise ParseError(f"not well-formed XML: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ParseError("XML with a DTD, refused")
    if root.tag != root_tag:
        raise ParseError(f"root element is {root.tag!r}, expected {root_tag!r}")
    return root


def _children(node: etree._Element) -> _Children:
    """The first child of each name."""
    return {child.tag: child for child in reversed(node)}


def _value(parts: _Children, tag: str) -> str:
    child = parts.get(tag)
    if child is None:
        return ""
    text = "".join(child.itertext()) if len(child) else child.text
    return clean(text) if text else ""
