"""The recorded pages: where they are, and what each kind's parser makes of them, as JSON."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hub.legal.jorfsimple import parse_index, read_delivery
from hub.model import Mention, Source, SourceKind
from hub.sources import JsonApiOptions, ListingOptions
from spiders.feed import parse_feed
from spiders.json_api import page_url, parse_records
from spiders.listing import parse_listing
from spiders.reading import Reading

PAGES = Path(__file__).resolve().parents[1] / "pages"


def cases_of(source_id: str) -> list[Path]:
    """The recorded pages of a source; a folder is a delivery to pack."""
    folder = PAGES / source_id
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in found if not path.name.endswith(".expected.json")]


def read_case(source: Source, path: Path) -> Any:
    if source.kind is SourceKind.DILA:
        if not path.is_dir():
            return [stamp.name for stamp in parse_index(path.read_bytes())]
        delivery = read_delivery(pack(path), source.id)
        return to_json(Reading(delivery.mentions, delivery.troubles))
    body = path.read_bytes()
    if source.kind is SourceKind.LISTING:
        options = ListingOptions.model_validate(source.options)
        return to_json(parse_listing(body, source.id, source.url, options))
    if source.kind is SourceKind.JSON_API:
        records = JsonApiOptions.model_validate(source.options)
        url = page_url(source.url, records, 0)
        return to_json(parse_records(body, source.id, url, records))
    return to_json(parse_feed(body, source.id, source.url))


def to_json(reading: Reading) -> dict[str, Any]:
    return {
        "mentions": [_mention_to_json(mention) for mention in reading.mentions],
        "troubles": list(reading.troubles),
        "follow": list(reading.follow),
    }


def _mention_to_json(mention: Mention) -> dict[str, Any]:
    values = asdict(mention) | {"identifiers": [str(i) for i in mention.identifiers]}
    known = {name: value for name, value in values.items() if value not in ("", None, [], {})}
    result: dict[str, Any] = json.loads(json.dumps(known, default=str))
    return result


def pack(folder: Path, prefix: str = "20260613-003035/jorf/simple/JORF/CONT") -> bytes:
    """A folder of XML files as the DILA packs a delivery."""
    return pack_files((f"{prefix}/{path.name}", path.read_bytes()) for path in _files(folder))


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("*.xml"))


def pack_files(files: Any, mode: Any = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, body in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()
