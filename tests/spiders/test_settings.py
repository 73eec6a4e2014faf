"""The defaults of Scrapy that must not come back."""

from __future__ import annotations

from datetime import timedelta

from hub.collect import SECONDS_PER_SOURCE
from hub.config import ROOT, Settings
from hub.model import Source, SourceKind
from hub.referentiel import load_referentiel
from hub.sources import load_sources
from spiders.__main__ import SPIDERS
from spiders.settings import Patience, scrapy_settings


def make_source(kind: SourceKind = SourceKind.FEED) -> Source:
    return Source(
        id="s",
        name="n",
        publisher="p",
        kind=kind,
        url="https://www.example.org/",
        rhythm=timedelta(hours=1),
        pace=timedelta(seconds=20),
        licence="l",
        evidence="e",
    )


def test_collection_is_safe_polite_and_truthful() -> None:
    settings = scrapy_settings(Settings(contact="veille@example.org"), make_source())
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    assert settings.getbool("ROBOTSTXT_OBEY")
    for name in (
        "TELNETCONSOLE_ENABLED",
        "REMOTE_CONTROL_ENABLED",
        "COOKIES_ENABLED",
        "HTTPCACHE_ENABLED",
        "METAREFRESH_ENABLED",
    ):
        assert not settings.getbool(name), name
    assert settings.getint("DOWNLOAD_MAXSIZE") == 10 * 1024 * 1024
    assert settings.getfloat("DOWNLOAD_DELAY") == 20
    assert settings["DEFAULT_REQUEST_HEADERS"]["Accept-Language"] == "fr"
    assert "veille@example.org" in settings["USER_AGENT"]
    assert "Scrapy" not in settings["USER_AGENT"]
    assert settings["DOWNLOAD_HANDLERS"]["file"] is None


def test_what_is_said_of_one_source_outlives_the_settings_of_the_process() -> None:
    settings = Settings()
    one = scrapy_settings(settings, make_source(SourceKind.DILA), Patience(answer=1, source=2))
    one.update(scrapy_settings(settings))  # as Scrapy does
    assert one.getint("DOWNLOAD_MAXSIZE") == 64 * 1024 * 1024
    assert (one.getint("DOWNLOAD_TIMEOUT"), one.getint("CLOSESPIDER_TIMEOUT")) == (1, 2)


def test_a_source_gives_up_before_the_collection_is_killed() -> None:
    patience = Patience()
    assert patience.answer + patience.source < SECONDS_PER_SOURCE


def test_recordings_answer_at_once_and_keep_everything_inside() -> None:
    settings = scrapy_settings(Settings(recordings="http://127.0.0.1:1"), make_source())
    assert settings.getfloat("DOWNLOAD_DELAY") == 0
    assert set(settings["DOWNLOAD_HANDLERS"].values()) == {"spiders.recordings.RecordingsHandler"}


def test_every_kind_of_source_has_its_spider() -> None:
    assert set(SPIDERS) == set(SourceKind)
    used = {source.kind for source in load_sources(ROOT / "sources.yaml", load_referentiel())}
    assert used == set(SourceKind)
