"""One version of an article, read from the DILA's XML (LEGI, JORF). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.errors import ParseError
from hub.legal.dila import IMAGE, content_of, parse_xml, value_of
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
from hub.text import clean, parse_date

LEGIARTI = re.compile(r"LEGIARTI\d{12}")
CHANGES = re.compile(
    "MODIFI(E|CATION)|CRE(E|ATION)|ABROG(E|ATION)|ANNUL(E|ATION)|CODIFI(E|CATION)|PERIME|PEREMPTION|"
    "TRANSFER(E|T)|DEPLACE(MENT)?|DISJ(OINT|ONCTION)"
)
"""The links that say who changed an article. Those who only cite it (CITATION) did not."""

_ID = re.compile(r"(?:LEGI|JORF)ARTI\d{12}")
_TEXT = re.compile(r"(?:JORF|LEGI)TEXT\d{12}")
_META = "META/META_SPEC/META_ARTICLE"
_PASSIVE = {
    "MODIFICATION": "MODIFIE",
    "CREATION": "CREE",
    "ABROGATION": "ABROGE",
    "ANNULATION": "ANNULE",
    "CODIFICATION": "CODIFIE",
    "PEREMPTION": "PERIME",
    "TRANSFERT": "TRANSFERE",
    "DEPLACEMENT": "DEPLACE",
    "DISJONCTION": "DISJOINT",
}
"""The name of a link seen from the text that acts, and from the article that it changes."""


def of_legi_xml(body: bytes) -> ArticleVersion:
    """Read the file of one version. What is missing in it is told in `notes`.

    Raises:
        ParseError: not the XML of an article, or without its id.
    """
    return version_of(parse_xml(body, "ARTICLE"))


def version_of(root: etree._Element) -> ArticleVersion:
    """Like `of_legi_xml`, from a document that is already read."""
    version_id = value_of(root, "META/META_COMMUN/ID")
    if not _ID.fullmatch(version_id):
        raise ParseError(f"article without id, found {version_id[:40]!r}")
    is_legi = version_id.startswith("LEGI")
    others = tuple(list_siblings(root)) if is_legi else ()
    context = root.find("CONTEXTE/TEXTE")
    code = (context.get("cid") or "") if context is not None else ""
    links = tuple(_links(root))
    followed = tuple(link for link in links if not is_circular(link, version_id, code))
    version = ArticleVersion(
        id=version_id,
        article=value_of(root, f"{_META}/CID") or first_of(others) or version_id,
        code=code,
        code_name=title_of_code(root),
        number=number_of_article(value_of(root, f"{_META}/NUM")),
        state=read_state(value_of(root, f"{_META}/ETAT")),
        start=day_of(value_of(root, f"{_META}/DATE_DEBUT")),
        end=day_of(value_of(root, f"{_META}/DATE_FIN")),
        text=alineas_of(content_of(root, "BLOC_TEXTUEL/CONTENU", IMAGE)),
        nota=alineas_of(content_of(root, "NOTA/CONTENU", IMAGE)),
        changed_by=tuple(dict.fromkeys(followed)),
        others=others,
    )
    return with_notes(version, *([Note.CIRCULAR] if len(followed) < len(links) else []))


def title_of_code(root: etree._Element) -> str:
    """The name of the code or text that an article is of, in its last version; else ""."""
    titles = root.findall("CONTEXTE/TEXTE/TITRE_TXT")
    return clean("".join(latest(titles).itertext())).replace("'", "’") if titles else ""


def latest(titles: list[etree._Element]) -> etree._Element:
    """Titles have versions too; 2999-01-01 is a date that is not known, never the latest."""
    return max(titles, key=lambda title: day_of(title.get("debut") or "") or date.min)


def list_siblings(root: etree._Element) -> Iterator[Sibling]:
    """The versions that this file knows of. The article of the Journal officiel is none of them."""
    for version in root.findall("VERSIONS/VERSION"):
        for link in version.findall("LIEN_ART"):
            name = link.get("id") or ""
            if LEGIARTI.fullmatch(name):
                state = read_state(link.get("etat") or version.get("etat") or "")
                start, end = (day_of(link.get(key) or "") for key in ("debut", "fin"))
                yield Sibling(name, state, start, end)


def first_of(siblings: tuple[Sibling, ...]) -> str:
    """The id by which an article is known where no file writes it: that of its first version."""
    return min(((one.start or date.max, one.id) for one in siblings), default=(None, ""))[1]


def passive(kind: str) -> str:
    """`MODIFICATION` -> `MODIFIE`: a link has a name at each of its ends."""
    return _PASSIVE.get(kind, kind)


def is_circular(link: Link, version_id: str, code: str) -> bool:
    """Whether an article is said to be changed by itself, or by the code it stands in."""
    return link.article == version_id or (bool(code) and link.text == code)


def alineas_of(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n\n")) if text else ()


def day_of(written: str) -> date | None:
    return known_day(parse_date(written))


def _links(root: etree._Element) -> Iterator[Link]:
    """Who changed this version: the links of which it is the target."""
    for link in root.findall("LIENS/LIEN"):
        kind, text = link.get("typelien") or "", link.get("cidtexte") or ""
        nor, number = link.get("nortexte") or "", link.get("numtexte") or ""
        is_named = _TEXT.fullmatch(text) or (not text and (nor or number))
        if link.get("sens") == "cible" and CHANGES.fullmatch(kind) and is_named:
            yield Link(
                kind=passive(kind),
                text=text,
                title=clean("".join(link.itertext())),
                nor=nor,
                number=number,
                nature=link.get("naturetexte") or "",
                signed_on=day_of(link.get("datesignatexte") or ""),
                article=link.get("id") or "",
            )
