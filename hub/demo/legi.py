"""LEGI as DILA delivers it: for each article that a text changed, its versions before and after.

The law's own sentences are not in the project: each version is condensed by us and opens with
`MARK`. So it must never stand under the number of a real version: the numbers of `version_id`
begin with `UNREAL`, where those of Légifrance have four zeros, and name nothing there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from hub.demo import dila
from hub.demo.dila import OPENDATA, UNKNOWN_DAY, element, folder_of, pack
from hub.demo.facts import AmendingText, ArticleChange

BASE = f"{OPENDATA}LEGI/"
UNREAL = "LEGIARTI9999"
MARK = "[Rédaction condensée pour la démonstration : le texte officiel est sur Légifrance]"
CODES = {
    "LEGITEXT000006074096": "Code de la construction et de l'habitation",
    "LEGITEXT000006074220": "Code de l'environnement",
}
PARTS = {"L": "Partie législative", "R": "Partie réglementaire", "D": "Partie réglementaire"}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an article; `created_by` is None when the text that made it is not told."""

    id: str
    etat: str
    start: str
    end: str
    alineas: tuple[str, ...]
    created_by: AmendingText | None = None


def version_id(rank: int, place: int) -> str:
    return f"{UNREAL}{rank:06}{place:02}"


def versions_of(change: ArticleChange) -> tuple[Version, ...]:
    """The one that was left, unless the article was created, then the one in force."""
    day = change.after.since.isoformat()
    after = Version(
        version_id(change.rank, 2),
        "VIGUEUR",
        day,
        UNKNOWN_DAY,
        change.after.alineas,
        change.changed_by,
    )
    if change.before is None:
        return (after,)
    start = change.before.since.isoformat()
    before = Version(version_id(change.rank, 1), "MODIFIE", start, day, change.before.alineas)
    return before, after


# --- Archives ----------------------------------------------------------------------------------


def build_archives(changes: Sequence[ArticleChange]) -> dict[str, bytes]:
    """Archive name -> bytes: an evening delivery holds every version of the articles it tells."""
    return {
        f"LEGI_{stamp}.tar.gz": pack(stamp, _files(stamp, changes))
        for stamp in sorted({change.delivered for change in changes})
    }


def _files(stamp: str, changes: Sequence[ArticleChange]) -> Iterator[tuple[str, str]]:
    for change in changes:
        versions = versions_of(change) if change.delivered == stamp else ()
        for version in versions:
            yield f"{stamp}/{_path(change, version)}", _article(change, version, versions)


def _path(change: ArticleChange, version: Version) -> str:
    text = f"legi/global/code_et_TNC_en_vigueur/code_en_vigueur/LEGI/TEXT/{folder_of(change.code)}"
    return f"{text}/{change.code}/{_url(version)}"


def _url(version: Version) -> str:
    return f"article/LEGI/ARTI/{folder_of(version.id)}/{version.id}.xml"


# --- Articles ----------------------------------------------------------------------------------


def _article(change: ArticleChange, version: Version, versions: Sequence[Version]) -> str:
    alineas = "\n".join(f"<p>{escape(alinea)}</p>" for alinea in (MARK, *version.alineas))
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ARTICLE>
{_meta(change, version)}
{_context(change)}
<VERSIONS>
{_listed(change, versions)}
</VERSIONS>
<NOTA>
<CONTENU/>
</NOTA>
<BLOC_TEXTUEL>
<CONTENU>
{alineas}
</CONTENU>
</BLOC_TEXTUEL>
{_links(change, version)}
</ARTICLE>
"""


def _meta(change: ArticleChange, version: Version) -> str:
    return f"""<META>
<META_COMMUN>
<ID>{version.id}</ID>
<ANCIEN_ID/>
<ORIGINE>LEGI</ORIGINE>
{element("URL", _url(version))}
<NATURE>Article</NATURE>
</META_COMMUN>
<META_SPEC>
<META_ARTICLE>
{element("NUM", change.number)}
<ETAT>{version.etat}</ETAT>
<DATE_DEBUT>{version.start}</DATE_DEBUT>
<DATE_FIN>{version.end}</DATE_FIN>
<TYPE>AUTONOME</TYPE>
</META_ARTICLE>
</META_SPEC>
</META>"""


def _context(change: ArticleChange) -> str:
    code, title = change.code, CODES[change.code]
    dates = f'debut="{UNKNOWN_DAY}" fin="{UNKNOWN_DAY}"'
    return f"""<CONTEXTE>
<TEXTE cid="{code}" date_publi="{UNKNOWN_DAY}" date_signature="{UNKNOWN_DAY}" nature="CODE">
<TITRE_TXT c_titre_court={quoteattr(title)} {dates} id_txt="{code}">{escape(title)}</TITRE_TXT>
<TM>
<TITRE_TM {dates} id="">{PARTS[change.number[0]]}</TITRE_TM>
</TM>
</TEXTE>
</CONTEXTE>"""


def _listed(change: ArticleChange, versions: Sequence[Version]) -> str:
    return "\n".join(
        f"""<VERSION etat="{version.etat}">
<LIEN_ART debut="{version.start}" etat="{version.etat}" fin="{version.end}" \
id="{version.id}" num={quoteattr(change.number)} origine="LEGI"/>
</VERSION>"""
        for version in versions
    )


def _links(change: ArticleChange, version: Version) -> str:
    """Who made this version. The article of that text is not known, so it has no number."""
    text = version.created_by
    if text is None:
        return "<LIENS/>"
    kind = "MODIFIE" if change.before else "CREE"
    return f"""<LIENS>
<LIEN cidtexte="{text.jorftext}" datesignatexte="{text.signed_on.isoformat()}" id="" \
naturetexte="{text.nature}" nortexte="{text.nor}" num="" numtexte="{text.number}" sens="cible" \
typelien="{kind}">{escape(text.title)}</LIEN>
</LIENS>"""


# --- Index -------------------------------------------------------------------------------------


def build_index(archives: Mapping[str, bytes]) -> bytes:
    """The folder: the archives and the yearly dump."""
    sizes = {name: len(body) for name, body in archives.items()}
    return dila.build_index("LEGI", sizes | {"Freemium_legi_global_20250713-140000.tar.gz": 0})
