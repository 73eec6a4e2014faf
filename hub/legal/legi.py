"""LEGI, the consolidated codes: what a delivery changed in the codes that are followed. Pure.

One file is one version of an article. The versions of an article share an identity that the files
do not write: it is taken from the list of versions that each of them carries, whose first one never
changes. One mention is told per article, of the version that counts; all the versions are handed
over.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, BinaryIO

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.errors import ParseError
from hub.legal.dila import (
    LIMITS,
    Delivery,
    content_of,
    parse_stamp,
    parse_xml,
    read_members,
    value_of,
)
from hub.legal.references import LEGIFRANCE
from hub.legal.tararchive import Allowance, Limits, Member, stream_members
from hub.legal.versions import ArticleVersion, number_of_article
from hub.legal.versions_xml import CHANGES, LEGIARTI, latest, title_of_code, version_of
from hub.model import Mention
from hub.text import clean, parse_date, parse_moment

DELETIONS = "liste_suppression_legi.dat"
IN_FORCE = ("VIGUEUR", "ABROGE_DIFF")
COMING = ("VIGUEUR_DIFF",)
GONE = ("ABROGE", "ANNULE", "PERIME", "DISJOINT", "TRANSFERE")
"""States of an article that says nothing any more: its old words are not shown as law."""
PART = 200
"""Versions that a long archive hands over at once."""
RENEWED = 10_000
"""Files of a long archive after which what may be unpacked is counted afresh."""

_META = "META/META_SPEC/META_ARTICLE"


@dataclass(frozen=True, slots=True)
class LegiDelivery(Delivery):
    """What a delivery of LEGI said. `deleted` are the versions of articles of the codes followed
    that it takes away and does not bring back elsewhere (a file that only changes folder is listed
    too); `deletions` counts every line of its list, `skipped` the old versions left aside.
    """

    deleted: tuple[str, ...] = ()
    deletions: int = 0
    skipped: int = 0
    versions: tuple[ArticleVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class LegiPart:
    """Some of the versions of an archive, as they come. Only the last one has `deleted`."""

    versions: tuple[ArticleVersion, ...] = ()
    troubles: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class _Version:
    """One version of an article, and what its own list says of the others: id -> state."""

    id: str
    state: str
    start: date
    others: dict[str, str]
    mention: Mention

    @property
    def rank(self) -> tuple[int, date, str]:
        """The version in force, else the coming one, else the latest; the greatest wins."""
        return 2 * (self.state in IN_FORCE) + (self.state in COMING), self.start, self.id


def read_legi(
    body: bytes, codes: Collection[str], source_id: str, limits: Limits | None = None
) -> LegiDelivery:
    """Read a delivery, one file at a time: only the articles of `codes` are parsed, and one version
    of each is held. Never raises: trouble is in the answer.

    Old versions that are delivered again (a link was added to them) tell nothing when a version of
    the same article is in force or coming, here or in an earlier delivery.
    """
    cut: list[str] = []
    reader = _Reader(codes, source_id)
    for member in read_members(body, cut, limits):
        reader.read(member)
    told = [version for version in reader.best.values() if not _is_overtaken(version)]
    if not reader.files and not cut:
        cut = ["archive without any LEGI file"]
    return LegiDelivery(
        mentions=tuple(version.mention for version in told),
        troubles=(*cut, *reader.damaged),
        texts=len(told),
        is_whole=not cut,
        deleted=tuple(_deleted(reader.listed, codes, reader.brought)),
        deletions=len(reader.listed),
        skipped=len(reader.best) - len(told),
        versions=tuple(reader.versions.values()),
    )


def iter_legi(
    file: BinaryIO, codes: Collection[str], limits: Limits | None = None
) -> Iterator[LegiPart]:
    """The versions of a delivery or of the whole fonds, part by part: what is held does not grow
    with the archive. Never raises: trouble is in the parts, after what came before it.
    """
    allowance = Allowance(limits or LIMITS)
    reader = _Reader(codes)
    try:
        for number, member in enumerate(stream_members(file, allowance), start=1):
            reader.read(member)
            if number % RENEWED == 0:
                allowance.renew()
            if len(reader.versions) >= PART:
                yield reader.hand_over()
        cut = [] if reader.files else ["archive without any LEGI file"]
    except ParseError as error:
        cut = [error.reason]
    last = reader.hand_over()
    gone = tuple(_deleted(reader.listed, codes, reader.brought))
    yield LegiPart(last.versions, (*last.troubles, *cut), gone, is_last=True)


def delivered_at(name: str) -> datetime | None:
    """When a delivery was made, from its name or address: its stamp is the time in Paris."""
    stamp = parse_stamp(name.rpartition("/")[2], "LEGI")
    try:
        return parse_moment(f"{stamp.day:%Y%m%d}T{stamp.time}") if stamp else None
    except ValueError:  # a name with an hour that does not exist
        return None


def parse_article(body: bytes, source_id: str) -> Mention:
    """Read one version of an article. Its key is the article's, not the version's.

    Raises:
        ParseError: not an article of a code, or without its id.
    """
    root = parse_xml(body, "ARTICLE")
    return _tell(root, version_of(root), source_id).mention


# --- Reading -----------------------------------------------------------------------------------


def _is_watched(name: str, codes: Collection[str]) -> bool:
    """Whether a path is an article of a code that is followed. The stamp that opens the path may be
    there or not: the code is looked for by its name, inside the one folder that counts.
    """
    parts = name.split("/")
    return (
        LEGIARTI.fullmatch(parts[-1].removesuffix(".xml")) is not None
        and _names_one_of(parts, codes)
        and any(part.startswith("code_et_TNC_") for part in parts)
    )


def _names_one_of(parts: Collection[str], codes: Collection[str]) -> bool:
    return any(part in codes for part in parts)


class _Reader:
    """Reads the files of an archive one by one. With a source it keeps the best mention of each
    article too.
    """

    def __init__(self, codes: Collection[str], source_id: str = "") -> None:
        self.codes = codes
        self.source_id = source_id
        self.files = 0
        self.versions: dict[str, ArticleVersion] = {}
        self.best: dict[str, _Version] = {}
        self.brought: set[str] = set()
        self.listed: list[str] = []
        self.damaged: list[str] = []

    def read(self, member: Member) -> None:
        if member.basename == DELETIONS:
            self.files += 1
            self.listed = member.body.decode("utf-8", "replace").split()
        elif member.basename.endswith(".xml"):
            self.files += 1
            if _is_watched(member.name, self.codes):
                self.brought.add(member.basename.removesuffix(".xml"))
                try:
                    self._keep(parse_xml(member.body, "ARTICLE"))
                except ParseError as error:
                    self.damaged.append(f"{member.basename}: {error.reason}")

    def _keep(self, root: etree._Element) -> None:
        version = version_of(root)
        self.versions[version.id] = version
        if self.source_id:
            told = _tell(root, version, self.source_id)
            key = version.article
            if key not in self.best or told.rank > self.best[key].rank:
                self.best[key] = told

    def hand_over(self) -> LegiPart:
        part = LegiPart(tuple(self.versions.values()), tuple(self.damaged))
        self.versions, self.damaged = {}, []
        return part


def _tell(root: etree._Element, version: ArticleVersion, source_id: str) -> _Version:
    if not LEGIARTI.fullmatch(version.id):
        raise ParseError(f"article without id, found {version.id[:40]!r}")
    start = parse_date(value_of(root, f"{_META}/DATE_DEBUT"))
    listed = list(_versions(root))
    mention = Mention(
        source_id=source_id,
        key=version.article,
        url=_address_of(version),
        title=_title(root, version.id),
        text="" if version.state in GONE else _text(root),
        nature="ARTICLE",
        rubrique=" > ".join(_headings(root)),
        # Neither the code nor the texts that changed the article are its identity.
        identifiers=(),
        extra=_facts(root, version.id, str(version.state), start, listed),
    )
    others = {link["id"]: link["etat"] for link in listed}
    return _Version(version.id, str(version.state), start or date.min, others, mention)


def _address_of(version: ArticleVersion) -> str:
    """The article on Légifrance, or its code: an id out of the DILA's own series has no page."""
    if _NUMBERED.fullmatch(version.id):
        return f"{LEGIFRANCE}/codes/article_lc/{version.id}"
    return f"{LEGIFRANCE}/codes/texte_lc/{version.code}"


_NUMBERED = re.compile(r"LEGIARTI0000\d{8}")


def _title(root: etree._Element, version_id: str) -> str:
    code = title_of_code(root)
    if not code:
        raise ParseError(f"article without the title of its code id={version_id}")
    number = number_of_article(value_of(root, f"{_META}/NUM"))
    word = "" if number.lower().startswith("annexe") else "article "
    title = f"{code}, {word}{number}" if number else code
    return title.replace("'", "’")


def _text(root: etree._Element) -> str:
    parts = (content_of(root, "BLOC_TEXTUEL/CONTENU"), content_of(root, "NOTA/CONTENU"))
    return "\n\n".join(part for part in parts if part)


def _headings(root: etree._Element) -> Iterator[str]:
    node = root.find("CONTEXTE/TEXTE/TM")
    while node is not None:
        titles = node.findall("TITRE_TM")
        if titles and (title := clean("".join(latest(titles).itertext()))):
            yield title
        node = node.find("TM")


def _facts(
    root: etree._Element,
    version_id: str,
    state: str,
    start: date | None,
    versions: list[dict[str, str]],
) -> dict[str, Any]:
    end = parse_date(value_of(root, f"{_META}/DATE_FIN"))
    context = root.find("CONTEXTE/TEXTE")
    return {
        "version": version_id,
        "code": (context.get("cid") or "") if context is not None else "",
        "etat": state,
        "date_debut": start.isoformat() if start else None,
        "date_fin": end.isoformat() if end else None,
        "modified_by": list(_changes(root)),
        "versions": versions,
    }


def _changes(root: etree._Element) -> Iterator[dict[str, str]]:
    """Who changed this version: the links of which it is the target."""
    for link in root.findall("LIENS/LIEN"):
        kind, text = link.get("typelien") or "", link.get("cidtexte") or ""
        if link.get("sens") == "cible" and CHANGES.fullmatch(kind) and text.startswith("JORFTEXT"):
            yield {"jorftext": text, "article": link.get("id") or "", "typelien": kind}


def _versions(root: etree._Element) -> Iterator[dict[str, str]]:
    """The versions that this file knows of. The article of the Journal officiel is none of them."""
    for version in root.findall("VERSIONS/VERSION"):
        for link in version.findall("LIEN_ART"):
            if LEGIARTI.fullmatch(link.get("id") or ""):
                yield {
                    "id": link.get("id"),
                    "etat": link.get("etat") or version.get("etat") or "",
                    "debut": link.get("debut") or "",
                    "fin": link.get("fin") or "",
                }


def _is_overtaken(version: _Version) -> bool:
    """An old version, when its own list names one in force or coming."""
    alive = (*IN_FORCE, *COMING)
    others = (state for name, state in version.others.items() if name != version.id)
    return version.state not in alive and any(state in alive for state in others)


def _deleted(lines: list[str], codes: Collection[str], brought: set[str]) -> Iterator[str]:
    for line in lines:
        parts = line.split("/")
        name = parts[-1].removesuffix(".xml")
        is_watched = LEGIARTI.fullmatch(name) and _names_one_of(parts, codes)
        if is_watched and name not in brought:
            yield name
