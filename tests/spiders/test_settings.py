"""The defaults of Scrapy that must not come back, and how each host is asked."""

from __future__ import annotations

import pytest

from hub.config import ROOT, Settings
from hub.model import SourceKind
from hub.referentiel import load_referentiel
from hub.sources import load_sources
from spiders.__main__ import KINDS, find_kind
from spiders.base import Kind
from spiders.settings import Patience, scrapy_settings, slot_of
from tests.spiders.memory import make_pace, make_source


def test_collection_is_safe_polite_and_truthful() -> None:
    settings = scrapy_settings(Settings(contact="veille@example.org"), [make_source()])
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    for name in (
        "TELNETCONSOLE_ENABLED",
        "REMOTE_CONTROL_ENABLED",
        "COOKIES_ENABLED",
        "HTTPCACHE_ENABLED",
        "METAREFRESH_ENABLED",
        "ALLOW_LOOPBACK",
    ):
        assert not settings.getbool(name), name
    assert "spiders.middlewares.Robots" in settings["DOWNLOADER_MIDDLEWARES"]
    assert settings.getint("DOWNLOAD_MAXSIZE") == 20 * 1024 * 1024
    assert settings.getfloat("DOWNLOAD_TIMEOUT") == 30
    assert settings["DEFAULT_REQUEST_HEADERS"]["Accept-Language"] == "fr"
    assert "veille@example.org" in settings["USER_AGENT"]
    assert "Scrapy" not in settings["USER_AGENT"]
    assert settings["DOWNLOAD_HANDLERS"]["file"] is None


def test_a_host_is_asked_at_the_pace_of_its_most_careful_source() -> None:
    quick = make_source(id="a", pace=make_pace(2, 2), url="https://www.example.org/a")
    slow = make_source(id="b", pace=make_pace(15, 22), url="https://example.org/b")
    other = make_source(id="c", pace=make_pace(1, 1), url="https://other.example.org/")
    slots = scrapy_settings(Settings(), [quick, slow, other])["DOWNLOAD_SLOTS"]
    assert set(slots) == {"example.org", "other.example.org"}
    slot = slots["example.org"]
    assert slot["concurrency"] == 1
    assert slot["delay"] == 18.5
    assert slot["delay"] * (1 - slot["jitter"]) == pytest.approx(15)
    assert slot["delay"] * (1 + slot["jitter"]) == pytest.approx(22)


def test_only_our_own_machine_is_asked_at_once() -> None:
    assert slot_of([make_source(pace=make_pace(0, 0))])["concurrency"] > 1


def test_a_host_is_given_time_for_all_that_its_sources_may_ask() -> None:
    sources = [make_source(id=name, pace=make_pace(15, 22), budget=10) for name in "ab"]
    assert Patience(source=100).of_host(sources) == 2 * (100 + 10 * 22)


def test_recordings_answer_at_once_and_keep_everything_inside() -> None:
    settings = scrapy_settings(Settings(recordings="http://127.0.0.1:1"), [make_source()])
    assert settings.getfloat("DOWNLOAD_DELAY") == 0
    assert settings["DOWNLOAD_SLOTS"] == {}
    assert set(settings["DOWNLOAD_HANDLERS"].values()) == {"spiders.recordings.RecordingsHandler"}


def test_every_kind_of_source_is_a_spider_and_is_used() -> None:
    assert set(KINDS) == set(SourceKind)
    assert all(issubclass(find_kind(kind), Kind) for kind in SourceKind)
    used = {source.kind for source in load_sources(ROOT / "sources.yaml", load_referentiel())}
    assert used >= set(SourceKind) - {SourceKind.SITEMAP}
