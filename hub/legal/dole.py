"""DOLE, the dossiers législatifs: a law from its project to its décrets d'application. Pure.

A dossier is followed as a watched page: it is written again at each step. It is not the item of the
law, which the Journal officiel opens: `extra` names the texts that it is about. Everything but the
id and the title may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.errors import ParseError
from hub.legal.dila import Delivery, content_of, parse_xml, read_members, value_of
from hub.legal.references import LEGIFRANCE, normalise
from hub.legal.tararchive import Limits
from hub.model import Mention, Scheme
from hub.text import clean, parse_date

_FILE = re.compile(r"JORFDOLE\d{12}")
_META = "META/META_DOSSIER_LEGISLATIF"


def read_dole(body: bytes, source_id: str, limits: Limits | None = None) -> Delivery:
    """Read a whole delivery. Never raises: trouble is in the answer."""
    cut: list[str] = []
    damaged: list[str] = []
    mentions: dict[str, Mention] = {}
    files = 0
    for member in read_members(body, cut, limits):
        files += 1
        if not _FILE.fullmatch(member.basename.removesuffix(".xml")):
            continue
        try:
            mention = parse_dossier(member.body, source_id)
        except ParseError as error:
            damaged.append(f"{member.basename}: {error.reason}")
        else:
            mentions[mention.key] = mention
    if not files and not cut:
        cut = ["archive without any DOLE file"]
    found = tuple(mentions.values())
    return Delivery(found, (*cut, *damaged), len(found), is_whole=not cut)


def parse_dossier(body: bytes, source_id: str) -> Mention:
    """Read one dossier.

    Raises:
        ParseError: not a `DOSSIER_LEGISLATIF`, or without its id or its title.
    """
    root = parse_xml(body, "DOSSIER_LEGISLATIF")
    dossier_id = value_of(root, "META/META_COMMUN/ID")
    title = value_of(root, f"{_META}/TITRE")
    if not _FILE.fullmatch(dossier_id) or not title:
        raise ParseError(f"dossier without id or title id={dossier_id[:40]!r}")
    return Mention(
        source_id=source_id,
        key=dossier_id,
        url=f"{LEGIFRANCE}/dossierlegislatif/{dossier_id}/",
        title=title,
        text="\n\n".join(part for part in _parts(root) if part),
        nature="DOSSIER_LEGISLATIF",
        rubrique=value_of(root, f"{_META}/TYPE"),
        extra=_facts(root),
        is_watched=True,
    )


def _parts(root: etree._Element) -> Iterator[str]:
    contents = root.find("CONTENU")
    if contents is None:
        return
    for child in contents:
        if child.tag == "EXPOSE_MOTIF" or str(child.tag).startswith("CONTENU_DOSSIER"):
            yield content_of(contents, child.tag)
        elif child.tag == "ARBORESCENCE":
            yield "\n\n".join(_steps(child))
        elif child.tag == "ECHEANCIER":
            yield "\n\n".join(_lines(child))


def _steps(node: etree._Element) -> Iterator[str]:
    """The steps of the dossier, in its order: « Travaux préparatoires », then its documents."""
    for child in node.iter("NIVEAU", "LIEN"):
        label = clean(child.get("libelle") or "")
        words = clean("".join(child.itertext())) if child.tag == "LIEN" else ""
        if text := " : ".join(part for part in (label, words) if part):
            yield text


SCHEDULE = {
    "article": "ARTICLE",
    "base": "BASE_LEGALE",
    "objet": "OBJET",
    "prevue": "DATE_PREVUE",
    "decret": "DECRET",
}
"""What the échéancier says of each décret that the law awaits, in its order."""


def _lines(schedule: etree._Element) -> Iterator[str]:
    """One line per décret that the law awaits: article, subject, expected date, décret."""
    for line in schedule.iter("LIGNE"):
        if text := " | ".join(filter(None, (value_of(line, tag) for tag in SCHEDULE.values()))):
            yield text


def _schedule(root: etree._Element) -> Iterator[dict[str, str]]:
    """The same lines, part by part, with the id of the law that each is of where it is given."""
    for line in root.iterfind("CONTENU/ECHEANCIER//LIGNE"):
        parts = {name: value for name, tag in SCHEDULE.items() if (value := value_of(line, tag))}
        law = normalise(Scheme.JORFTEXT, value_of(line, "CID_LOI_CIBLE"))
        if parts:
            yield parts | ({"loi": law.value} if law else {})


def _facts(root: etree._Element) -> dict[str, Any]:
    texts = (
        normalise(Scheme.JORFTEXT, value_of(root, f"{_META}/ID_TEXTE_{number}"))
        for number in range(1, 6)
    )
    modified = parse_date(value_of(root, f"{_META}/DATE_DERNIERE_MODIFICATION"))
    facts: dict[str, Any] = {
        "legislature": value_of(root, f"{_META}/LEGISLATURE/NUMERO"),
        "texts": [text.value for text in texts if text],
        "modified_on": modified.isoformat() if modified else "",
        "echeancier": list(_schedule(root)),
    }
    return {name: value for name, value in facts.items() if value}
