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
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

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
from hub.legal.tararchive import Limits, Member, members_of
from hub.model import Identifier, Mention, Scheme
from hub.text import clean, clean_paragraphs, fold, parse_date

SOURCE_ID = "jorfsimple"
RUBRIQUE_SEPARATOR = " > "

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
_PARSER_OPTIONS = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


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
    rubriques: dict[str, tuple[str, ...]] = {}
    titles: dict[str, str] = {}
    structure = root.find("STRUCTURE_TXT")
    for link, headings in _links(structure, ()) if structure is not None else ():
        text_id = clean(link.get("idtxt") or "")
        if normalise(Scheme.JORFTEXT, text_id) and text_id not in titles:
            rubriques[text_id] = headings
            titles[text_id] = clean(link.get("titretxt") or "")
    return Container(
        id=_value(root, "ID"),
        title=_value(root, "TITRE"),
        date=parse_date(_value(root, "DATE_PUBLI")),
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
            yield from _links(child, (*headings, _value(child, "TITRE_TM")))


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
    jorftext = normalise(Scheme.JORFTEXT, _value(root, "ID"))
    title = _value(root, "TITREFULL") or _value(root, "TITRE")
    if jorftext is None or not title:
        raise ParseError(f"text without id or title id={_value(root, 'ID')!r}")
    nature = _value(root, "NATURE")
    notice = _content(root, "NOTICE")
    rubrique = (rubriques or {}).get(jorftext.value, ())
    return Mention(
        source_id=source_id,
        key=jorftext.value,
        url=official_url(jorftext),
        title=title,
        summary=notice,
        text="\n\n".join(part for part in (notice, *_body_parts(root)) if part),
        published_on=parse_date(_value(root, "DATE_PUBLI")),
        signed_on=parse_date(_value(root, "DATE_TEXTE")),
        nature=nature,
        rubrique=RUBRIQUE_SEPARATOR.join(rubrique),
        identifiers=in_order_of_schemes(
            [
                jorftext,
                normalise(Scheme.NOR, _value(root, "NOR")),
                numero(nature, _value(root, "NUM")),
                *identifiers_of_eli(_value(root, "ID_ELI")),
            ]
        ),
        extra=_facts(root),
    )


def _facts(root: etree._Element) -> dict[str, str | bool]:
    facts: dict[str, str | bool] = {
        name: value
        for name, tag in (
            ("ministere", "MINISTERE"),
            ("jo", "ORIGINE_PUBLI"),
            ("texte_no", "NUM_SEQUENCE"),
        )
        if (value := _value(root, tag))
    }
    business = root.find("ENTREPRISE")
    if business is not None and business.get("texte_entreprise"):
        facts["entreprise"] = business.get("texte_entreprise") == "oui"
    return facts


def _body_parts(root: etree._Element) -> Iterator[str]:
    for tag in ("RECT", "ABRO", "VISAS", "SM"):
        yield _content(root, tag)
    structure = root.find("STRUCT")
    if structure is not None:
        yield from _structure_parts(structure)


def _structure_parts(node: etree._Element) -> Iterator[str]:
    for child in node:
        if child.tag == "ARTICLE":
            number = _value(child, "NUM")
            yield f"Article {number}" if number else ""
            yield _content(child, "SM")
            yield _content(child, "BLOC_TEXTUEL")
        elif child.tag == "TITRE_TA":
            yield clean(_flatten(child))
        elif child.tag != "SIGNATAIRES":
            yield from _structure_parts(child)


def _content(node: etree._Element, tag: str) -> str:
    content = node.find(f"{tag}/CONTENU")
    return clean_paragraphs(_flatten(content)) if content is not None else ""


_BLOCKS = frozenset(("p", "div", "br", "hr", "tr", "li", "ul", "ol", "table", "caption", "h1"))
_CELLS = frozenset(("td", "th"))


def _flatten(node: etree._Element) -> str:
    """Mixed content as lines: a block opens a line, a table row is one line, cells are parted."""
    parts: list[str] = []
    for event, element in etree.iterwalk(node, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            in_cell = _is_in_cell(element)
            if tag in _BLOCKS:
                parts.append(" " if in_cell else "\n")
            parts.append(_spaced(element.text))
            continue
        if tag in _CELLS and element.getnext() is not None:
            parts.append(" | ")
        elif tag in _BLOCKS:
            parts.append(" " if _is_in_cell(element) else "\n")
        if element is not node:
            parts.append(_spaced(element.tail))
    return "".join(parts)


def _is_in_cell(element: etree._Element) -> bool:
    parent = element.getparent()
    return parent is not None and (parent.tag in _CELLS or _is_in_cell(parent))


def _spaced(text: str | None) -> str:
    """Line ends inside the XML are layout, not paragraphs."""
    return re.sub(r"\s+", " ", text) if text else ""


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


@dataclass(slots=True)
class _Found:
    containers: list[Container] = field(default_factory=list)
    texts: list[Member] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)


def read_archive(body: bytes, limits: Limits | None = None) -> Iterator[Member]:
    """The JORFSIMPLE files of an archive (tar.gz, or tar), one by one, in its order.

    Raises:
        ParseError: after the last file that could be read: the archive is cut, broken, or beyond
            the limits.
    """
    for member in members_of(body, limits or Limits()):
        if _FILE.fullmatch(member.basename):
            yield member


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
        reason = "" if members else "archive without any JORFSIMPLE file"
    return read_files(members, source_id, reason)


def read_files(
    members: Iterable[Member], source_id: str = SOURCE_ID, missing: str = ""
) -> Delivery:
    """Read summaries and texts that belong together, in any order.

    `missing` says why some are not there: what the summary names may then be among them, and is
    not announced as if it had no text.
    """
    found = _sort(members)
    rubriques = {key: value for c in found.containers for key, value in c.rubriques.items()}
    mentions: dict[str, Mention] = {}
    for member in found.texts:
        try:
            mention = parse_text(member.body, rubriques, source_id)
        except ParseError as error:
            found.troubles.append(f"{member.basename}: {error.reason}")
        else:
            mentions.setdefault(mention.key, mention)
    texts = len(mentions)
    for container in () if missing else found.containers:
        for text_id, title in container.titles.items():
            if title and text_id not in mentions:
                mentions[text_id] = announce(container, text_id, source_id)
    troubles = [missing, *found.troubles] if missing else found.troubles
    return Delivery(tuple(mentions.values()), tuple(troubles), texts, is_whole=not missing)


def _sort(members: Iterable[Member]) -> _Found:
    found = _Found()
    for member in members:
        if "CONT" not in member.basename[:8]:
            found.texts.append(member)
            continue
        try:
            found.containers.append(parse_container(member.body))
        except ParseError as error:
            found.troubles.append(f"{member.basename}: {error.reason}")
    return found


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
        root = etree.fromstring(body, etree.XMLParser(**_PARSER_OPTIONS))
    except etree.XMLSyntaxError as error:
        raise ParseError(f"not well-formed XML: {error.msg}") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ParseError("XML with a DTD, refused")
    if root.tag != root_tag:
        raise ParseError(f"root element is {root.tag!r}, expected {root_tag!r}")
    return root


def _value(node: etree._Element, tag: str) -> str:
    child = node.find(tag)
    return clean("".join(child.itertext())) if child is not None else ""
