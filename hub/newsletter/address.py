"""Reading the address a person typed: its normal form, or what to mend."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

MAX_LENGTH = 254
MAX_LOCAL = 64
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class AddressProblem(StrEnum):
    """What is wrong with an address. The value is the key of the sentence to show."""

    EMPTY = "address.empty"
    SPACE = "address.space"
    NO_AT = "address.no-at"
    TWO_ATS = "address.two-ats"
    NOTHING_BEFORE = "address.nothing-before"
    NOTHING_AFTER = "address.nothing-after"
    NO_END = "address.no-end"
    ACCENT = "address.accent"
    TOO_LONG = "address.too-long"
    WRONG = "address.wrong"


@dataclass(frozen=True, slots=True)
class Address:
    """An address in its one normal form: lower case, its domain in ASCII (IDNA)."""

    value: str

    @property
    def masked(self) -> str:
        """« p…@entreprise.fr », for pages that anyone holding a link may open."""
        local, _, domain = self.value.partition("@")
        return f"{local[:1]}…@{domain}"


def read_address(text: str) -> Address | AddressProblem:
    """Read an address. Control characters, quoted local parts and IP domains are refused.

    Case is dropped on both sides of the @: no mailbox in use tells Anne from anne, and one person
    must not be subscribed twice.
    """
    typed = text.strip(" ").lower()
    local, at, domain = typed.partition("@")
    if problem := _find_gap(typed, local, at, domain):
        return problem
    if not _LOCAL.fullmatch(local):
        return AddressProblem.WRONG if local.isascii() else AddressProblem.ACCENT
    ascii_domain = _to_ascii(domain)
    if ascii_domain is None:
        return AddressProblem.WRONG
    address = f"{local}@{ascii_domain}"
    if len(local) > MAX_LOCAL or len(address) > MAX_LENGTH:
        return AddressProblem.TOO_LONG
    return Address(address)


def _find_gap(typed: str, local: str, at: str, domain: str) -> AddressProblem | None:
    checks = (
        (not typed, AddressProblem.EMPTY),
        (len(typed) > 4 * MAX_LENGTH, AddressProblem.TOO_LONG),
        (any(c.isspace() for c in typed), AddressProblem.SPACE),
        (not typed.isprintable(), AddressProblem.WRONG),
        (not at, AddressProblem.NO_AT),
        ("@" in domain, AddressProblem.TWO_ATS),
        (not local, AddressProblem.NOTHING_BEFORE),
        (not domain, AddressProblem.NOTHING_AFTER),
        ("." not in domain.strip("."), AddressProblem.NO_END),
    )
    return next((problem for is_wrong, problem in checks if is_wrong), None)


def _to_ascii(domain: str) -> str | None:
    try:
        plain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    labels = plain.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        return None
    return plain
