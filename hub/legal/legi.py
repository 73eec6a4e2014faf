"""LEGI, the consolidated codes: what a delivery changed in the codes that are followed. Pure.

One file is one version of an article. The versions of an article share an identity that the files
do not write: it is taken from the list of versions that each of them carries, whose first one never
changes. One mention is told per article, of the version that counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.errors import ParseError
from hub.legal.dila import Delivery, content_of, parse_xml, read_members, value_of
from hub.legal.references import LEGIFRANCE
from hub.legal.tararchive import Limits, Member
from hub.model import Mention
from hub.text import clean, parse_date

DELETIONS = "liste_suppression_legi.dat"
IN_FORCE = ("VIGUEUR", "ABROGE_DIFF")
COMING = ("VIGUEUR_DIFF",)
GONE = ("ABROGE", "ANNULE", "PERIME", "DISJOINT", "TRANSFERE")
"""States of an article that says nothing any more: its old words are not shown as law."""
CHANGES = re.compile(
    "MODIFI(E|CATION)|CRE(E|ATION)|ABROG(E|ATION)|ANNUL(E|ATION)|CODIFI(E|CATION)|PERIME|PEREMPTION|"
    "TRANSFER(E|T)|DEPLACE(MENT)?|DISJ(OINT|ONCTION)"
)
"""The links that say who changed an article. Those who only cite it (CITATION) did not."""

_ARTICLE = re.compile(r"LEGIARTI\d{12}")
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
    damaged: list[str] = []
    best: dict[str, _Version] = {}
    brought: set[str] = set()
    listed: list[str] = []
    files = 0
    for member in read_members(body, cut, limits):
        if member.basename == DELETIONS:
            listed = member.body.decode("utf-8", "replace").split()
            files += 1
        elif member.basename.endswith(".xml"):
            files += 1
            if _is_watched(member.name, codes):
                brought.add(member.basename.removesuffix(".xml"))
                try:
                    key, version = _read_version(member, source_id)
                except ParseError as error:
                    damaged.append(f"{member.basename}: {error.reason}")
                    continue
                if key not in best or version.rank > best[key].rank:
                    best[key] = version
    told = [version for version in best.values() if not _is_overtaken(version)]
    if not files and not cut:
        cut = ["archive without any LEGI file"]
    return LegiDelivery(
        mentions=tuple(version.mention for version in told),
        troubles=(*cut, *damaged),
        texts=len(told),
        is_whole=not cut,
        deleted=tuple(_deleted(listed, codes, brought)),
        deletions=len(listed),
        skipped=len(best) - len(told),
    )


def parse_article(body: bytes, source_id: str) -> Mention:
    """Read one version of an article. Its key is the article's, not the version's.

    Raises:
        ParseError: not an article of a code, or without its id.
    """
    return _parse_version(parse_xml(body, "ARTICLE"), source_id)[1].mention


def number_of_article(written: str) -> str:
    """`R543-290-3` -> `R. 543-290-3`, as lawyers write it; what is no such number stays."""
    match = re.fullmatch(r"(LO|[A-Z])(\*{0,2})\s?(\d.*)", clean(written))
    return f"{match[1]}.{match[2]} {match[3]}" if match else clean(written)


# --- Reading -----------------------------------------------------------------------------------


def _is_watched(name: str, codes: Collection[str]) -> bool:
    """Whether a path is an article of a code that is followed. The stamp that opens the path may be
    there or not: the code is looked for by its name, inside the one folder that counts.
    """
    parts = name.split("/")
    return (
        _ARTICLE.fullmatch(parts[-1].removesuffix(".xml")) is not None
        and _names_one_of(parts, codes)
        and any(part.startswith("code_et_TNC_") for part in parts)
    )


def _names_one_of(parts: Collection[str], codes: Collection[str]) -> bool:
    return any(part in codes for part in parts)


def _read_version(member: Member, source_id: str) -> tuple[str, _Version]:
    return _parse_version(parse_xml(member.body, "ARTICLE"), source_id)


def _parse_version(root: etree._Element, source_id: str) -> tuple[str, _Version]:
    version_id = value_of(root, "META/META_COMMUN/ID")
    if not _ARTICLE.fullmatch(version_id):
        raise ParseError(f"article without id, found {version_id[:40]!r}")
    state = value_of(root, f"{_META}/ETAT")
    start = parse_date(value_of(root, f"{_META}/DATE_DEBUT"))
    versions = list(_versions(root))
    key = value_of(root, f"{_META}/CID") or _first_of(versions) or version_id
    mention = Mention(
        source_id=source_id,
        key=key,
        url=f"{LEGIFRANCE}/codes/article_lc/{version_id}",
        title=_title(root, version_id),
        text="" if state in GONE else _text(root),
        nature="ARTICLE",
        rubrique=" > ".join(_headings(root)),
        # Neither the code nor the texts that changed the article are its identity.
        identifiers=(),
        extra=_facts(root, version_id, state, start, versions),
    )
    others = {link["id"]: link["etat"] for link in versions}
    return key, _Version(version_id, state, start or date.min, others, mention)


def _title(root: etree._Element, version_id: str) -> str:
    titles = root.findall("CONTEXTE/TEXTE/TITRE_TXT")
    code = clean("".join(_latest(titles).itertext())) if titles else ""
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
        if titles and (title := clean("".join(_latest(titles).itertext()))):
            yield title
        node = node.find("TM")


def _latest(titles: list[etree._Element]) -> etree._Element:
    """Titles have versions too; 2999-01-01 is a date that is not known, never the latest."""
    return max(titles, key=lambda title: parse_date(title.get("debut") or "") or date.min)


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
            if _ARTICLE.fullmatch(link.get("id") or ""):
                yield {
                    "id": link.get("id"),
                    "etat": link.get("etat") or version.get("etat") or "",
                    "debut": link.get("debut") or "",
                    "fin": link.get("fin") or "",
                }


def _first_of(versions: list[dict[str, str]]) -> str:
    return min(((v["debut"], v["id"]) for v in versions), default=("", ""))[1]


def _is_overtaken(version: _Version) -> bool:
    """An old version, when its own list names one in force or coming."""
    alive = (*IN_FORCE, *COMING)
    others = (state for name, state in version.others.items() if name != version.id)
    return version.state not in alive and any(state in alive for state in others)


def _deleted(lines: list[str], codes: Collection[str], brought: set[str]) -> Iterator[str]:
    for line in lines:
        parts = line.split("/")
        name = parts[-1].removesuffix(".xml")
        is_watched = _ARTICLE.fullmatch(name) and _names_one_of(parts, codes)
        if is_watched and name not in brought:
            yield name
