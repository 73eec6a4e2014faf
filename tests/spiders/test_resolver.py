"""What a name may lead to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import scrapy.resolver
from twisted.internet.base import ThreadedResolver
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import DNSLookupError
from twisted.python.failure import Failure

from spiders import resolver
from spiders.resolver import GuardedResolver, is_public


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    resolver.refused.clear()
    yield
    scrapy.resolver.dnscache.clear()


def look_up(
    monkeypatch: pytest.MonkeyPatch, name: str, address: str, *, allow_loopback: bool = False
) -> str | DNSLookupError:
    """What the guarded resolver says of a name that the network's own resolves so."""

    def answer(self: object, asked: str, timeout: object = ()) -> Deferred[str]:
        return succeed(address)

    monkeypatch.setattr(ThreadedResolver, "getHostByName", answer)
    guarded = GuardedResolver(None, 0, 5, allow_loopback=allow_loopback)  # type: ignore[arg-type]
    found: list[str | DNSLookupError] = []

    def keep_error(failure: Failure) -> None:
        assert isinstance(failure.value, DNSLookupError)
        found.append(failure.value)

    guarded.getHostByName(name).addCallbacks(found.append, keep_error)
    return found[0]


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "172.16.0.9",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
    ],
)
def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    found = look_up(monkeypatch, "www.example.org", address)
    assert isinstance(found, DNSLookupError)
    assert resolver.refused == {"www.example.org": address}


def test_a_public_name_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look_up(monkeypatch, "www.example.org", "9.9.9.9") == "9.9.9.9"
    assert resolver.refused == {}


def test_only_loopback_passes_where_loopback_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = look_up(monkeypatch, "localhost", "127.0.0.1", allow_loopback=True)
    assert found == "127.0.0.1"
    inside = look_up(monkeypatch, "intranet.example.org", "10.1.2.3", allow_loopback=True)
    assert isinstance(inside, DNSLookupError)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("::1", False),
        ("fd00::1", False),
        ("fe80::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:9.9.9.9", True),
        ("2620:fe::fe", True),
    ],
)
def test_addresses_of_version_6_are_told_apart_too(address: str, expected: bool) -> None:
    assert is_public(address) is expected
