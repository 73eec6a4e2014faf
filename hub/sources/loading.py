"""Read and check `sources.yaml` whole: every mistake with its line and what was expected there."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, Field, field_validator

from hub.errors import ConfigError, Problem
from hub.model import Confidence, Criticality, Pace, Source, SourceKind
from hub.sources import options as kinds
from hub.sources.values import (
    Address,
    Credentials,
    Gap,
    Hours,
    Id,
    PaceValue,
    Rhythm,
    Words,
    is_loopback_host,
    is_private_host,
    parse_pace,
)
from hub.yamlfile import Strict, line_of, parse_yaml

POLITE = parse_pace("2 s")
"""The pace of a source that says none."""
LEAST = timedelta(seconds=1)
"""The shortest pace on anybody else's machine."""
AT_ONCE = Pace(timedelta(), timedelta())
"""The pace on our own machine: there is nobody to spare."""


class Terms(Protocol):
    """What is asked of the référentiel here: which dispositifs and secteurs exist."""

    @property
    def dispositifs(self) -> Container[str]: ...
    @property
    def secteurs(self) -> Container[str]: ...


class _Entry(Strict):
    id: Id
    name: Words
    publisher: Words
    url: Address
    rhythm: Rhythm
    licence: Words
    evidence: Words
    pace: PaceValue | None = None
    confidence: Confidence = Confidence.VERIFIED
    criticality: Criticality = Criticality.USEFUL
    publishes: Gap | None = None
    hours: Hours | None = None
    budget: int = Field(default=40, ge=1, le=500)
    fresh_connection: bool = False
    credentials: Credentials | None = None
    may_be_empty: bool = False
    official: bool = True
    enabled: bool = True
    reason: str = ""
    auto: bool = False
    dispositifs: tuple[str, ...] = ()
    secteurs: tuple[str, ...] = ()


class _FeedEntry(_Entry):
    kind: Literal["feed"]
    options: kinds.FeedOptions = kinds.FeedOptions()


class _ListingEntry(_Entry):
    kind: Literal["listing"]
    options: kinds.ListingOptions


class _PageEntry(_Entry):
    kind: Literal["page"]
    options: kinds.PageOptions = kinds.PageOptions()


class _SitemapEntry(_Entry):
    kind: Literal["sitemap"]
    options: kinds.SitemapOptions


class _DilaEntry(_Entry):
    kind: Literal["dila"]
    options: kinds.DilaOptions


class _LegifranceEntry(_Entry):
    kind: Literal["legifrance"]
    credentials: Credentials
    options: kinds.LegifranceOptions = kinds.LegifranceOptions()


class _JsonApiEntry(_Entry):
    kind: Literal["json_api"]
    options: kinds.JsonApiOptions


class _SparqlEntry(_Entry):
    kind: Literal["sparql"]
    options: kinds.SparqlOptions


class _ArchiveEntry(_Entry):
    kind: Literal["archive"]
    options: kinds.ArchiveOptions


class _MailboxEntry(_Entry):
    kind: Literal["mailbox"]
    credentials: Credentials
    options: kinds.MailboxOptions


class _ReportedEntry(_Entry):
    """No address of its own: each page has one."""

    kind: Literal["reported"]
    url: str = Field(default="", max_length=0)
    options: kinds.ReportedOptions = kinds.ReportedOptions()


_AnyEntry = (
    _FeedEntry
    | _ListingEntry
    | _PageEntry
    | _SitemapEntry
    | _DilaEntry
    | _LegifranceEntry
    | _JsonApiEntry
    | _SparqlEntry
    | _ArchiveEntry
    | _MailboxEntry
    | _ReportedEntry
)


class _SourcesFile(Strict):
    sources: tuple[Annotated[_AnyEntry, Field(discriminator="kind")], ...]

    @field_validator("sources")
    @classmethod
    def _some(cls, entries: tuple[_Entry, ...]) -> tuple[_Entry, ...]:
        if not entries:
            raise ValueError("no source: nothing would be read")
        return entries


def load_sources(
    path: Path, referentiel: Terms, *, allow_loopback: bool = False
) -> tuple[Source, ...]:
    """Read and check the whole file. `allow_loopback` lets sources be on this very machine.

    Raises:
        ConfigError: with every mistake.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([Problem(path, 1, "", f"cannot read the file: {error}")]) from error
    problems: list[Problem] = []
    entries: tuple[_Entry, ...] = ()
    try:
        entries = parse_yaml(text, _SourcesFile, path).sources
    except ConfigError as error:
        problems += [replace(p, path=_without_branch(p.path)) for p in error.problems]
    problems += _cross_problems(text, path, referentiel, allow_loopback)
    if problems:
        raise ConfigError(sorted(set(problems), key=lambda p: (p.line, p.path, p.message)))
    return tuple(_to_source(entry) for entry in entries)


def _without_branch(path: str) -> str:
    """`sources.3.feed.url` -> `sources.3.url`: the union's branch is no key of the file."""
    return re.sub(rf"^(sources\.\d+)\.(?:{'|'.join(SourceKind)})\b", r"\1", path)


def _to_source(entry: _Entry) -> Source:
    values = {name: getattr(entry, name) for name in type(entry).model_fields}
    kind = SourceKind(values.pop("kind"))
    options: BaseModel = values.pop("options")
    if values["pace"] is None:
        values["pace"] = AT_ONCE if is_loopback_host(_host_of(entry.url)) else POLITE
    values["credentials"] = entry.credentials or ""
    return Source(**values, kind=kind, options=options.model_dump())


def _host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


# --- What no entry can tell alone ----------------------------------------------------------------

Where = tuple[str | int, ...]


def _cross_problems(
    text: str, path: Path, referentiel: Terms, allow_loopback: bool
) -> list[Problem]:
    """Read from the raw file, so that it is said even when the file has other mistakes."""
    try:
        raw = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError):
        return []  # said already
    entries = raw.get("sources") if isinstance(raw, dict) else None
    found = [
        ((index, *where), message)
        for index, entry in enumerate(entries if isinstance(entries, list) else ())
        if isinstance(entry, dict)
        for where, message in (
            *_place_checks(entry, allow_loopback),
            *_honesty_checks(entry),
            *_term_checks(entry, referentiel),
        )
    ]
    found += _repeated_ids(entries if isinstance(entries, list) else ())
    return [
        Problem(
            path,
            line_of(text, "sources", *where),
            ".".join(map(str, ("sources", *where))),
            message,
        )
        for where, message in found
    ]


def _repeated_ids(entries: Any) -> Iterator[tuple[Where, str]]:
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        name = entry.get("id") if isinstance(entry, dict) else None
        if isinstance(name, str) and first.setdefault(name, index) != index:
            yield (index, "id"), f"this id is already taken, found {name!r}"


def _place_checks(entry: dict[str, Any], allow_loopback: bool) -> Iterator[tuple[Where, str]]:
    """Where a source may be, and how often it may be asked."""
    try:
        host = _host_of(entry["url"])
        pace = parse_pace(entry["pace"]) if entry.get("pace") is not None else POLITE
    except (KeyError, ValueError, TypeError, AttributeError):
        return  # said already
    is_ours = allow_loopback and is_loopback_host(host)
    if host and is_private_host(host) and not is_ours:
        hint = "; HUB_ALLOW_LOOPBACK=1 allows it" if is_loopback_host(host) else ""
        yield ("url",), f"expected a public host, this one is private{hint}"
    if pace.longest < LEAST and not is_ours:
        yield ("pace",), "expected at least 1 s between two requests to somebody else's machine"


def _honesty_checks(entry: dict[str, Any]) -> Iterator[tuple[Where, str]]:
    is_disabled = entry.get("enabled") is False
    if is_disabled and not str(entry.get("reason") or "").strip():
        yield ("enabled",), "a disabled source needs a 'reason'"
    if entry.get("confidence") == Confidence.UNVERIFIED and not is_disabled:
        yield ("confidence",), "an unverified source stays 'enabled: false', with a 'reason'"


def _term_checks(entry: dict[str, Any], referentiel: Terms) -> Iterator[tuple[Where, str]]:
    for field in ("dispositifs", "secteurs"):
        known: Container[str] = getattr(referentiel, field)
        terms = entry.get(field)
        for place, term in enumerate(terms if isinstance(terms, list) else ()):
            if isinstance(term, str) and term not in known:
                message = f"the référentiel has no such {field[:-1]}, found {term!r}"
                yield (field, place), message
