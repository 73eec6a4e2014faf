"""What every official host answers in the demonstration. Pure: the same bytes each time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from hub.demo import jorf, legi
from hub.demo.facts import (
    Dataset,
    load_articles,
    load_datasets,
    load_feeds,
    load_issues,
    load_pages,
)
from hub.demo.feeds import render_feed
from hub.demo.lists import (
    render_artisanat,
    render_consultation_details,
    render_consultations,
    render_cre,
)

LAST_MODIFIED = "Mon, 07 Sep 2026 04:00:00 GMT"
ROBOTS = b"User-agent: *\nDisallow:\n"
RSS = "application/rss+xml; charset=utf-8"
HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"
PAGE_SIZE = 10
"""Rows that Opendatasoft gives when it is not told how many."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One answer. `rows` is set for a dataset, whose pages are cut on demand."""

    body: bytes
    content_type: str
    etag: str
    last_modified: str = LAST_MODIFIED
    rows: tuple[Mapping[str, object], ...] | None = None


def build_recordings() -> dict[str, Recording]:
    """Address -> answer, robots.txt of every host included."""
    recordings = {
        address: _record(body, content_type)
        for address, body, content_type in (*_jorf(), *_legi(), *_feeds(), *_lists())
    }
    recordings |= {dataset.address: _record_dataset(dataset) for dataset in load_datasets()}
    hosts = {urlsplit(address).netloc for address in recordings}
    return {normalise(address): recording for address, recording in recordings.items()} | {
        f"https://{host}/robots.txt": _record(ROBOTS, "text/plain") for host in sorted(hosts)
    }


def find_recording(recordings: Mapping[str, Recording], address: str) -> Recording | None:
    """The answer to an address, whatever the order of its parameters; None when there is none.

    A dataset answers to any question: `limit` and `offset` alone are obeyed, because its rows are
    already those that the project asks for.
    """
    if found := recordings.get(normalise(address)):
        return found
    parts = urlsplit(address)
    dataset = recordings.get(urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")))
    if dataset is None or dataset.rows is None:
        return None
    return _cut(dataset.rows, dict(parse_qsl(parts.query)))


def normalise(address: str) -> str:
    """The address with its parameters sorted, nothing after `#`, and without `lang=fr`, which is
    what the sites answer anyway.
    """
    parts = urlsplit(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode(sorted(pair for pair in pairs if pair != ("lang", "fr")))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


# --- Parts -------------------------------------------------------------------------------------

Answer = tuple[str, bytes, str]


def _jorf() -> Iterator[Answer]:
    archives = jorf.build_archives(load_issues())
    return _dila(jorf.BASE, jorf.build_index(archives), archives)


def _legi() -> Iterator[Answer]:
    archives = legi.build_archives(load_articles())
    return _dila(legi.BASE, legi.build_index(archives), archives)


def _dila(base: str, index: bytes, archives: Mapping[str, bytes]) -> Iterator[Answer]:
    yield base, index, "text/html;charset=ISO-8859-1"
    for name, body in archives.items():
        yield base + name, body, "application/x-gzip"


def _feeds() -> Iterator[Answer]:
    for feed in load_feeds():
        yield feed.address, render_feed(feed), RSS


def _lists() -> Iterator[Answer]:
    pages = load_pages()
    for address, body in render_consultations(pages.consultations).items():
        yield address, body, HTML
    for address, body in render_consultation_details(pages.consultations).items():
        yield address, body, HTML
    yield pages.cre.address, render_cre(pages.cre), HTML
    yield pages.artisanat.address, render_artisanat(pages.artisanat), HTML


def _record(body: bytes, content_type: str) -> Recording:
    return Recording(body, content_type, f'"{hashlib.sha256(body).hexdigest()[:16]}"')


def _record_dataset(dataset: Dataset) -> Recording:
    whole = _cut(dataset.records, {})
    return Recording(whole.body, JSON, whole.etag, rows=dataset.records)


def _cut(rows: tuple[Mapping[str, object], ...], question: Mapping[str, str]) -> Recording:
    start = int(question.get("offset", 0))
    page = rows[start : start + int(question.get("limit", PAGE_SIZE))]
    answer = {"total_count": len(rows), "results": page}
    return _record(json.dumps(answer, ensure_ascii=False).encode(), JSON)
