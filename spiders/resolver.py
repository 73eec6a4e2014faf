"""Names are looked up before anything is sent: a name that leads inside a network is refused."""

from __future__ import annotations

import ipaddress
from typing import Any

from scrapy.crawler import Crawler
from scrapy.resolver import CachingThreadedResolver
from twisted.internet.base import ReactorBase
from twisted.internet.defer import Deferred
from twisted.internet.error import DNSLookupError

refused: dict[str, str] = {}
"""Names that were refused, and the address each leads to: Twisted loses the reason on the way."""


class GuardedResolver(CachingThreadedResolver):
    """Scrapy's own, which answers with public addresses only, and with ours when allowed."""

    def __init__(
        self, reactor: ReactorBase, cache_size: int, timeout: float, allow_loopback: bool = False
    ) -> None:
        super().__init__(reactor, cache_size, timeout)
        self._allow_loopback = allow_loopback

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> GuardedResolver:
        resolver = super().from_crawler(crawler, reactor)
        resolver._allow_loopback = crawler.settings.getbool("ALLOW_LOOPBACK")
        return resolver

    def getHostByName(  # noqa: N802 - Twisted's word
        self, name: str, timeout: Any = ()
    ) -> Deferred[str]:
        return super().getHostByName(name, timeout).addCallback(self._check, name)

    def _check(self, address: str, name: str) -> str:
        if _is_address(name):  # as in the settings of a demonstration; the guard has seen it
            return address
        if is_public(address) or (self._allow_loopback and _is_loopback(address)):
            return address
        refused[name] = address
        raise DNSLookupError(f"{name} leads to a private address, {address}")


def is_public(address: str) -> bool:
    """Whether an address has a meaning outside any network of one's own."""
    parsed = ipaddress.ip_address(address)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_global and not parsed.is_multicast


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
