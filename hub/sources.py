"""`sources.yaml`: what is watched. A source is configuration; a new KIND of source is a new spider.

Every mistake of the file is reported in one go, with its line and what was expected there.

Durations (`rhythm`, `pace`) are written `<number> <unit>`, the unit being `s`, `min`, `h` or `d`:
`15 min`, `6 h`, `1 d`. Nothing else is understood.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Container, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol
from urllib.parse import urlsplit

import soupsieve
import yaml
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from hub.errors import ConfigError, Problem
from hub.model import Criticality, Source, SourceKind
from hub.yamlfile import Strict, line_of, parse_yaml

MAX_ODS_WINDOW = 10_000
"""Opendatasoft v2.1 refuses `offset + limit` beyond this."""


class Terms(Protocol):
    """What is asked of the référentiel here: which dispositifs and secteurs exist."""

    @property
    def dispositifs(self) -> Container[str]: ...
    @property
    def secteurs(self) -> Container[str]: ...


# --- Values ------------------------------------------------------------------------------------

_UNITS = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d{1,4}) ?(s|min|h|d)")
_PRIVATE_SUFFIXES = (".local", ".localhost", ".internal", ".lan", ".home.arpa", ".test", ".invalid")


def parse_duration(text: object) -> timedelta:
    """Read `15 min`, `6 h`, `1 d`, `2 s`.

    Raises:
        ValueError: anything else.
    """
    match = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None or int(match[1]) == 0:
        raise ValueError("expected a number and a unit among s, min, h, d, as '15 min' or '1 d'")
    return timedelta(seconds=int(match[1]) * _UNITS[match[2]])


def is_private_host(host: str) -> bool:
    """True for what only has a meaning inside a network: loopback, private ranges, bare names."""
    name = host.lower().rstrip(".")
    try:
        return not ipaddress.ip_address(name.strip("[]")).is_global
    except ValueError:
        is_number = name.rsplit(".", 1)[-1].isdigit()  # 127.1 and other spellings of an address
        return "." not in name or is_number or name.endswith(_PRIVATE_SUFFIXES)


def _check_address(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("expected an address starting with https:// or http://")
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"not an address: {error}") from error
    if parts.scheme not in ("https", "http") or not parts.hostname or re.search(r"\s", value):
        raise ValueError("expected an address starting with https:// or http://")
    if parts.username is not None or parts.fragment:
        raise ValueError("expected an address without a user name or a fragment")
    if is_private_host(parts.hostname):
        raise ValueError("expected a public host, this one is private")
    return value


def _check_id(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise ValueError("expected lower-case letters, digits and hyphens, as 'cour-des-comptes'")
    return value


def _between(shortest: str, longest: str) -> Callable[[object], timedelta]:
    low, high = parse_duration(shortest), parse_duration(longest)

    def check(value: object) -> timedelta:
        duration = parse_duration(value)
        if not low <= duration <= high:
            raise ValueError(f"expected a duration between {shortest} and {longest}")
        return duration

    return check


def _check_selector(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("expected a CSS selector")
    try:
        soupsieve.compile(value)
    except soupsieve.SelectorSyntaxError as error:
        raise ValueError(f"not a CSS selector: {str(error).splitlines()[0]}") from error
    return value


def _check_pattern(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a regular expression with one group")
    try:
        groups = re.compile(value).groups
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    if groups != 1:
        raise ValueError("expected a regular expression with one group")
    return value


Address = Annotated[str, BeforeValidator(_check_address)]
Rhythm = Annotated[timedelta, BeforeValidator(_between("5 min", "31 d"))]
Pace = Annotated[timedelta, BeforeValidator(_between("1 s", "2 min"))]
Selector = Annotated[str, BeforeValidator(_check_selector)]
Pattern = Annotated[str, BeforeValidator(_check_pattern)]
Id = Annotated[str, BeforeValidator(_check_id)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


# --- Options of each kind ----------------------------------------------------------------------


class FeedOptions(Strict):
    """RSS and Atom need nothing more than an address."""


class ListingOptions(Strict):
    """An HTML list. Selectors other than `item` and `next` are read inside one item.

    `link` defaults to the title's own link, else the first one inside the title, else inside the
    item. Patterns have one group: `date_pattern` picks the date in the text of `date`,
    `deadline_pattern` a second one there, `key_pattern` the stable key in the address of an item.
    """

    item: Selector
    title: Selector
    link: Selector | None = None
    date: Selector | None = None
    date_pattern: Pattern | None = None
    deadline_pattern: Pattern | None = None
    summary: Selector | None = None
    rubrique: Selector | None = None
    key_pattern: Pattern | None = None
    nature: str = ""
    next: Selector | None = None
    max_pages: int = Field(default=1, ge=1, le=20)


class DilaOptions(Strict):
    """`since` is the day of the first delivery wanted; `max_archives` bounds one run."""

    prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z_]+$")] = "JORFSIMPLE"
    since: date
    max_archives: int = Field(default=10, ge=1, le=100)
    nights_only: bool = True


class JsonApiOptions(Strict):
    """An Opendatasoft v2.1 `records` address. `dialect` says how its fields are read."""

    dialect: Literal["boamp", "approch"]
    where: str = ""
    order_by: Words
    limit: int = Field(default=100, ge=1, le=100)
    max_records: int = Field(default=100, ge=1, le=MAX_ODS_WINDOW)


# --- Entries -----------------------------------------------------------------------------------


class _Entry(Strict):
    id: Id
    name: Words
    publisher: Words
    url: Address
    rhythm: Rhythm
    pace: Pace = timedelta(seconds=2)
    licence: Words
    evidence: Words
    criticality: Criticality = Criticality.USEFUL
    official: bool = True
    enabled: bool = True
    reason: str = ""
    auto: bool = False
    dispositifs: tuple[str, ...] = ()
    secteurs: tuple[str, ...] = ()


class _FeedEntry(_Entry):
    kind: Literal["feed"]
    options: FeedOptions = FeedOptions()


class _ListingEntry(_Entry):
    kind: Literal["listing"]
    options: ListingOptions


class _DilaEntry(_Entry):
    kind: Literal["dila"]
    options: DilaOptions


class _JsonApiEntry(_Entry):
    kind: Literal["json_api"]
    options: JsonApiOptions


class _SourcesFile(Strict):
    sources: tuple[
        Annotated[
            _FeedEntry | _ListingEntry | _DilaEntry | _JsonApiEntry, Field(discriminator="kind")
        ],
        ...,
    ]


def load_sources(path: Path, referentiel: Terms) -> tuple[Source, ...]:
    """Read and check the whole file.

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
    problems += _cross_problems(text, path, referentiel)
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
    return Source(**values, kind=kind, options=options.model_dump())


def _cross_problems(text: str, path: Path, referentiel: Terms) -> list[Problem]:
    """What no entry can tell alone. Read from the raw file, so that it is said even when the file
    has other mistakes.
    """
    try:
        raw = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return []  # said already
    return [
        Problem(path, line_of(text, *where), ".".join(map(str, where)), message)
        for where, message in _cross_checks(raw, referentiel)
    ]


def _cross_checks(raw: Any, referentiel: Terms) -> Iterator[tuple[tuple[str | int, ...], str]]:
    entries = raw.get("sources") if isinstance(raw, dict) else None
    first: dict[Any, int] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        if not isinstance(entry, dict):
            continue
        if isinstance(entry.get("id"), str) and first.setdefault(entry["id"], index) != index:
            yield ("sources", index, "id"), f"this id is already taken, found {entry['id']!r}"
        if entry.get("enabled") is False and not str(entry.get("reason") or "").strip():
            yield ("sources", index, "enabled"), "a disabled source needs a 'reason'"
        for field in ("dispositifs", "secteurs"):
            known: Container[str] = getattr(referentiel, field)
            terms = entry.get(field)
            for place, term in enumerate(terms if isinstance(terms, list) else ()):
                if isinstance(term, str) and term not in known:
                    message = f"the référentiel has no such {field[:-1]}, found {term!r}"
                    yield ("sources", index, field, place), message
