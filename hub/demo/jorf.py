"""JORFSIMPLE as DILA delivers it: the index of the folder, one archive a night, one in the evening.

The bytes never change: every date inside an archive is that of its stamp. The body of a text is not
known here, so it says that, and where to read it.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from hub.demo.facts import JoIssue, JoPart, JoText
from hub.text import format_date

BASE = "https://echanges.dila.gouv.fr/OPENDATA/JORFSIMPLE/"
UNKNOWN_DAY = "2999-01-01"
UNKNOWN_CONTAINER = "JORFCONT000000000000"
"""Stands where the number of a summary is not known; it names nothing at Légifrance."""

EVENING = "20260827-213518"
"""An evening delivery: old issues told again, on a day that also has its night delivery."""
EVENING_ISSUES = ("2026-06-13", "2026-08-19")


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


def _moment(stamp: str) -> int:
    return int(datetime.strptime(stamp, "%Y%m%d-%H%M%S").replace(tzinfo=UTC).timestamp())


def _pack(stamp: str, content: Iterable[tuple[JoIssue, Sequence[JoText]]]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for issue, texts in content:
            folder = _folder(stamp, issue)
            _add(archive, f"{folder}{_container(issue)}.xml", _summary(issue), stamp)
            for text in texts:
                _add(archive, f"{folder}{text.id}.xml", _text(issue, text), stamp)
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=_moment(stamp)) as out:
        out.write(raw.getvalue())
    return packed.getvalue()


def _add(archive: tarfile.TarFile, name: str, xml: str, stamp: str) -> None:
    body = xml.encode()
    member = tarfile.TarInfo(name)
    member.size, member.mtime = len(body), _moment(stamp)
    archive.addfile(member, io.BytesIO(body))


def _container(issue: JoIssue) -> str:
    return issue.container or UNKNOWN_CONTAINER


def _folder(stamp: str, issue: JoIssue) -> str:
    """The twelve digits of the summary in pairs, without the last."""
    container = _container(issue)
    digits = container.removeprefix("JORFCONT")
    pairs = "/".join(digits[start : start + 2] for start in range(0, 10, 2))
    return f"{stamp}/jorf/simple/JORF/CONT/{pairs}/{container}/"


# --- Summary -----------------------------------------------------------------------------------


def _summary(issue: JoIssue) -> str:
    eli = f"https://www.legifrance.gouv.fr/eli/jo/{_slashed(issue)}/{issue.number}"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<JO>

<ID>{_container(issue)}</ID>
{_element("ID_ELI", eli if issue.number else "")}
<ANCIEN_ID/>
<ORIGINE>JORF</ORIGINE>
<NATURE>JO</NATURE>

<TITRE>{escape(_title(issue))}</TITRE>
{_element("NUM", issue.number)}
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
    ministere = next(part.ministere for part in issue.parts if text in part.texts)
    signed = text.signed_on.isoformat() if text.signed_on else UNKNOWN_DAY
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<TEXTE>
<ID>{text.id}</ID>
{_element("ID_ELI", issue.eli.get(text.id, ""))}
<ANCIEN_ID/>
<ORIGINE>JORF</ORIGINE>
{_element("NATURE", text.nature)}

{_element("NUM", text.number)}
{_element("NUM_PARUTION", issue.number)}
<NUM_SEQUENCE/>
{_element("NOR", text.nor)}
<DATE_PUBLI>{issue.date.isoformat()}</DATE_PUBLI>
<DATE_TEXTE>{signed}</DATE_TEXTE>
<ORIGINE_PUBLI id="{_container(issue)}">{escape(_title(issue))}</ORIGINE_PUBLI>
<PAGE_DEB_PUBLI/>
<PAGE_FIN_PUBLI/>
<TITRE>{escape(text.short_title)}</TITRE>
<TITREFULL>{escape(text.title)}</TITREFULL>
<AUTORITE/>
{_element("MINISTERE", ministere)}
<MCS_TEXT/>
<LIENS/>

<NOTICE>
<CONTENU/>
</NOTICE>
<VISAS>
<CONTENU/>
</VISAS>
<ABRO>
<CONTENU/>
</ABRO>
<RECT>
<CONTENU/>
</RECT>
<SM>
<CONTENU/>
</SM>
<TP>
<CONTENU/>
</TP>
<STRUCT>
<ARTICLE>
<ID/>
<ID_ELI/>
<ANCIEN_ID/>

<NUM/>
<MCS_ART/>
<DATE_DEBUT>{UNKNOWN_DAY}</DATE_DEBUT>
<DATE_FIN>{UNKNOWN_DAY}</DATE_FIN>

<SM>
<CONTENU/>
</SM>
<BLOC_TEXTUEL>
<CONTENU>
<p>
<br/>La démonstration ne reproduit pas ce texte. Il se lit sur Légifrance :<br/>\
https://www.legifrance.gouv.fr/jorf/id/{text.id}</p>
</CONTENU>
</BLOC_TEXTUEL>
<LIENS/>
</ARTICLE>
<SIGNATAIRES>
<CONTENU/>
</SIGNATAIRES>
</STRUCT>
</TEXTE>
"""


def _element(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>" if value else f"<{name}/>"


# --- Index -------------------------------------------------------------------------------------


def build_index(archives: Mapping[str, bytes]) -> bytes:
    """The folder as Apache shows it, in ISO-8859-1: archives, the yearly dump, and a notice."""
    others = {
        "DILA_JORFSIMPLE_Présentation.pdf": 0,
        "Freemium_jorf_simple_20250713-140000.tar.gz": 0,
    }
    sizes = {name: len(body) for name, body in archives.items()} | others
    rows = "\n".join(_row(name, size) for name, size in sorted(sizes.items()))
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html>
 <head>
  <meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">
  <title>Index of /OPENDATA/JORFSIMPLE</title>
 </head>
 <body>
<h1>Index of /OPENDATA/JORFSIMPLE</h1>
<table>
<tr><th>&nbsp;</th><th><a href="?C=N;O=D">Name</a></th>\
<th><a href="?C=M;O=A">Last modified</a></th><th><a href="?C=S;O=A">Size</a></th></tr>
<tr><td>&nbsp;</td><td><a href="/OPENDATA/">Parent Directory</a></td><td>&nbsp;</td>\
<td align="right">-</td></tr>
{rows}
</table>
<p>Données de la Direction de l'information légale et administrative, réutilisables</p>
</body></html>
""".encode("iso-8859-1")


def _row(name: str, size: int) -> str:
    href = name.replace("é", "%E9")
    return (
        f'<tr><td>&nbsp;</td><td><a href="{href}">{name}</a></td>'
        f'<td>&nbsp;</td><td align="right">{size or "-"}</td></tr>'
    )
