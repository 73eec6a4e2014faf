"""The values of `sources.yaml`: durations, addresses, selectors, patterns. Pure checks."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, StringConstraints

from hub.model import Pace

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


def is_loopback_host(host: str) -> bool:
    """True for this machine itself, written as `localhost` or as an address."""
    name = host.lower().rstrip(".").strip("[]")
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


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
    """Selectors are read by two libraries (BeautifulSoup's and lxml's): both must understand."""
    import soupsieve  # a heavy one, for the kinds that have selectors only
    from cssselect import SelectorError
    from cssselect.xpath import HTMLTranslator

    if not isinstance(value, str) or not value.strip():
        raise ValueError("expected a CSS selector")
    try:
        soupsieve.compile(value)
        if not value.startswith(":scope"):
            HTMLTranslator().css_to_xpath(value)
    except (soupsieve.SelectorSyntaxError, SelectorError) as error:
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


_PACE = re.compile(r"(\d{1,3})(?:-(\d{1,3}))? ?(s|min)")
LONGEST_PACE = timedelta(minutes=2)


def parse_pace(value: object) -> Pace:
    """Read `2 s`, `1 min`, or a range `15-22 s` from which each wait is drawn.

    A single duration is varied by a fifth either way, so that requests do not come like a clock.

    Raises:
        ValueError: anything else, or more than two minutes.
    """
    match = _PACE.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError("expected a duration as '2 s' or a range as '15-22 s'")
    unit = timedelta(seconds=_UNITS[match[3]])
    shortest, longest = int(match[1]) * unit, int(match[2] or match[1]) * unit
    if match[2] is None:
        shortest, longest = shortest * 0.8, longest * 1.2
    if not timedelta() <= shortest <= longest <= LONGEST_PACE * 1.2:
        raise ValueError("expected a pace of two minutes at most, the shortest first")
    return Pace(shortest, longest)


def _check_hours(value: object) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,2})-(\d{1,2})", value) if isinstance(value, str) else None
    if match is None or int(match[1]) > 23 or int(match[2]) > 23 or match[1] == match[2]:
        raise ValueError("expected two hours of the day in Paris, as '22-6'")
    return int(match[1]), int(match[2])


Address = Annotated[str, BeforeValidator(_check_address)]
Rhythm = Annotated[timedelta, BeforeValidator(_between("5 min", "31 d"))]
Gap = Annotated[timedelta, BeforeValidator(_between("1 h", "400 d"))]
PaceValue = Annotated[Pace, BeforeValidator(parse_pace)]
Hours = Annotated[tuple[int, int], BeforeValidator(_check_hours)]
Selector = Annotated[str, BeforeValidator(_check_selector)]
Pattern = Annotated[str, BeforeValidator(_check_pattern)]
Id = Annotated[str, BeforeValidator(_check_id)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Credentials = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
