"""What deliveries of the DILA share: archives whose bytes never change, and a folder as a page."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from xml.sax.saxutils import escape

OPENDATA = "https://echanges.dila.gouv.fr/OPENDATA/"
UNKNOWN_DAY = "2999-01-01"


def pack(stamp: str, files: Iterable[tuple[str, str]]) -> bytes:
    """A delivery of these files, by path. Every date inside it is that of its stamp."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, text in files:
            body = text.encode()
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(body), _moment(stamp)
            archive.addfile(member, io.BytesIO(body))
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=packed, mode="wb", mtime=_moment(stamp)) as out:
        out.write(raw.getvalue())
    return packed.getvalue()


def _moment(stamp: str) -> int:
    return int(datetime.strptime(stamp, "%Y%m%d-%H%M%S").replace(tzinfo=UTC).timestamp())


def folder_of(identifier: str) -> str:
    """The twelve digits of an identifier in pairs, without the last: `00/00/54/70/68`."""
    return "/".join(re.findall(r"\d\d", identifier)[:5])


def element(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>" if value else f"<{name}/>"


def build_index(fonds: str, sizes: Mapping[str, int]) -> bytes:
    """The folder as Apache shows it, in ISO-8859-1: names and sizes, and a notice."""
    rows = "\n".join(_row(name, size) for name, size in sorted(sizes.items()))
    return f"""<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">
<html>
 <head>
  <meta http-equiv="Content-Type" content="text/html; charset=iso-8859-1">
  <title>Index of /OPENDATA/{fonds}</title>
 </head>
 <body>
<h1>Index of /OPENDATA/{fonds}</h1>
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
