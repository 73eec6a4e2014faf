"""Minimal PDF files, written by hand."""

from __future__ import annotations

from collections.abc import Sequence

WINDOWS = "cp1252"


def make_pdf(*pages: Sequence[str], trailer: str = "") -> bytes:
    """A PDF whose pages show these lines, from top to bottom. No line: a page without text."""
    kids = " ".join(f"{4 + 2 * rank} 0 R" for rank in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for rank, lines in enumerate(pages):
        stream = _stream_of(lines)
        objects += [
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]"
            b" /Resources << /Font << /F1 3 0 R >> >>"
            + f" /Contents {5 + 2 * rank} 0 R >>".encode(),
            f"<< /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream",
        ]
    return _assemble(objects, trailer)


def _stream_of(lines: Sequence[str]) -> bytes:
    shown = b"".join(b"(" + _escape(line) + b") Tj T*\n" for line in lines)
    return b"BT /F1 11 Tf 14 TL 50 800 Td\n" + shown + b"ET" if lines else b""


def _escape(line: str) -> bytes:
    escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return escaped.encode(WINDOWS)


def _assemble(objects: Sequence[bytes], trailer: str) -> bytes:
    body = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    rows = b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    table = f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode() + rows
    end = f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{len(body)}\n"
    return body + table + end.encode() + b"%%EOF\n"
