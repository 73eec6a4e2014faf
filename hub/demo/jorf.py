"""JORFSIMPLE as DILA delivers it: the index of the folder, one archive a night, one in the evening.

The bytes never change: every date inside an archive is that of its stamp. The body of a text is not
known here, so it says that, and where to read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from hub.demo import dila
from hub.demo.dila import OPENDATA, UNKNOWN_DAY, element, folder_of, pack
from hub.demo.facts import JoIssue, JoPart, JoText
from hub.text import format_date

BASE = f"{OPENDATA}JORFSIMPLE/"
UNKNOWN_CONTAINER = "JORFCONT000000000000"
"""Stands where the number of a summary is not known; it names nothing at Légifrance."""

EVENING = "20260827-213518"
"""An evening delivery: old issues told again, on a day that also has its night delivery."""
EVENING_ISSUES = ("2026-06-13", "2026-08-19")

Content = Iterable[tuple[JoIssue, Sequence[JoText]]]


# --- Archives ----------------------------------------------------------------------------------


def build_archives(issues: Sequence[JoIssue]) -> dict[str, bytes]:
    """Archive name -> bytes: every night, and the evening."""
    archives = {
        _name(issue.delivered): _pack(issue.delivered, [(issue, issue.texts)]) for issue in issues
    }
    again = [(issue, issue.texts) for issue in issues if issue.date.isoformat() in EVENING_ISSUES]
    archives[_name(EVENING)] = _pack(EVENING, again)
    return archives


def _name(stamp: str) -> str:
    return f"JORFSIMPLE_{stamp}.tar.gz"


def _pack(stamp: str, content: Content) -> bytes:
    return pack(stamp, _files(stamp, content))


def _files(stamp: str, content: Content) -> Iterator[tuple[str, str]]:
    for issue, texts in content:
        container = _container(issue)
        folder = f"{stamp}/jorf/simple/JORF/CONT/{folder_of(container)}/{container}/"
        yield f"{folder}{container}.xml", _summary(issue)
        for text in texts:
            yield f"{folder}{text.id}.xml", _text(issue, text)


def _container(issue: JoIssue) -> str:
    return issue.container or UNKNOWN_CONTAINER


# --- Summary -----------------------------------------------------------------------------------


def _summary(issue: JoIssue) -> str:
    eli = f"https://www.legifrance.gouv.fr/eli/jo/{_slashed(issue)}/{issue.number}"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<JO>

<ID>{_container(issue)}</ID>
{element("ID_ELI", eli if issue.number else "")}
<ANCIEN_ID/>
<ORIGINE>JORF</ORIGINE>
<NATURE>JO</NATURE>

<TITRE>{escape(_title(issue))}</TITRE>
{element("NUM", issue.number)}
<DATE_PUBLI>{issue.date.isoformat()}</DATE_PUBLI>


<STRUCTURE_TXT>
{_levels(issue.parts, 1)}
</STRUCTURE_TXT>
</JO>
"""


def _title(issue: JoIssue) -> str:
    day = format_date(issue.date).replace("\u00a0", " ")
    return f"JORF n°{issue.number} du {day}" if issue.number else f"JORF du {day}"


def _slashed(issue: JoIssue) -> str:
    return f"{issue.date.year}/{issue.date.month}/{issue.date.day}"


def _levels(parts: Sequence[JoPart], level: int) -> str:
    """`TM` elements of this level: first the links that stop there, then the levels below."""
    lines: list[str] = []
    for title, inside in _group(parts, level - 1).items():
        here = [text for part in inside if len(part.path) == level for text in part.texts]
        below = [part for part in inside if len(part.path) > level]
        lines += [f'<TM niv="{level}">', f"<TITRE_TM>{escape(title)}</TITRE_TM>"]
        lines += [
            f"<LIEN_TXT idtxt={quoteattr(text.id)} titretxt={quoteattr(text.title)}/>"
            for text in here
        ]
        lines += [_levels(below, level + 1)] if below else []
        lines.append("</TM>")
    return "\n".join(lines)


def _group(parts: Sequence[JoPart], depth: int) -> Mapping[str, list[JoPart]]:
    groups: dict[str, list[JoPart]] = {}
    for part in parts:
        groups.setdefault(part.path[depth], []).append(part)
    return groups


# --- Texts -------------------------------------------------------------------------------------


def _text(issue: JoIssue, text: JoText) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<TEXTE>
{_identity(issue, text)}
{_publication(issue, text)}

{_empty("NOTICE", "VISAS", "ABRO", "RECT", "SM", "TP")}
<STRUCT>
{_article(text)}
{_empty("SIGNATAIRES")}
</STRUCT>
</TEXTE>
"""


def _identity(issue: JoIssue, text: JoText) -> str:
    return f"""<ID>{text.id}</ID>
{element("ID_ELI", issue.eli.get(text.id, ""))}
<ANCIEN_ID/>
<ORIGINE>JORF</ORIGINE>
{element("NATURE", text.nature)}

{element("NUM", text.number)}
{element("NUM_PARUTION", issue.number)}
<NUM_SEQUENCE/>
{element("NOR", text.nor)}"""


def _publication(issue: JoIssue, text: JoText) -> str:
    ministere = next(part.ministere for part in issue.parts if text in part.texts)
    signed = text.signed_on.isoformat() if text.signed_on else UNKNOWN_DAY
    return f"""<DATE_PUBLI>{issue.date.isoformat()}</DATE_PUBLI>
<DATE_TEXTE>{signed}</DATE_TEXTE>
<ORIGINE_PUBLI id="{_container(issue)}">{escape(_title(issue))}</ORIGINE_PUBLI>
<PAGE_DEB_PUBLI/>
<PAGE_FIN_PUBLI/>
<TITRE>{escape(text.short_title)}</TITRE>
<TITREFULL>{escape(text.title)}</TITREFULL>
<AUTORITE/>
{element("MINISTERE", ministere)}
<MCS_TEXT/>
<LIENS/>"""


def _article(text: JoText) -> str:
    return f"""<ARTICLE>
<ID/>
<ID_ELI/>
<ANCIEN_ID/>

<NUM/>
<MCS_ART/>
<DATE_DEBUT>{UNKNOWN_DAY}</DATE_DEBUT>
<DATE_FIN>{UNKNOWN_DAY}</DATE_FIN>

{_empty("SM")}
<BLOC_TEXTUEL>
<CONTENU>
<p>
<br/>La démonstration ne reproduit pas ce texte. Il se lit sur Légifrance :<br/>\
https://www.legifrance.gouv.fr/jorf/id/{text.id}</p>
</CONTENU>
</BLOC_TEXTUEL>
<LIENS/>
</ARTICLE>"""


def _empty(*blocks: str) -> str:
    return "\n".join(f"<{block}>\n<CONTENU/>\n</{block}>" for block in blocks)


# --- Index -------------------------------------------------------------------------------------


def build_index(archives: Mapping[str, bytes]) -> bytes:
    """The folder: the archives, the yearly dump, and a presentation."""
    others = {
        "DILA_JORFSIMPLE_Présentation.pdf": 0,
        "Freemium_jorf_simple_20250713-140000.tar.gz": 0,
    }
    return dila.build_index(
        "JORFSIMPLE", {name: len(body) for name, body in archives.items()} | others
    )
