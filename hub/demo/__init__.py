"""The demonstration: the whole journey on recorded sources, one fixed morning, without any network.

The sources are those of `sources.yaml`, read by the same spiders; a loopback server answers for
every official host (`recordings`, `server`), and recorded decisions stand for those of editors
(`replay`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from hub.config import ROOT, Settings
from hub.errors import ConfigError, Problem

if TYPE_CHECKING:
    from hub.demo.recordings import Recording
    from hub.demo.replay import EDITOR_EMAIL, EDITOR_PASSWORD, prepare_accounts

NOW = datetime(2026, 9, 7, 4, 40, tzinfo=UTC)
"""Monday 7 September 2026, 6:40 in Paris: the morning that is always played."""

MARKER = "demonstration"
FIRST_DELIVERY = "2025-11-01"
MAX_ARCHIVES = 40


_REPLAYED = ("EDITOR_EMAIL", "EDITOR_PASSWORD", "prepare_accounts")


def __getattr__(name: str) -> Any:
    """What people did before the play begins is loaded when it is played: every command asks this
    package whether it plays.
    """
    if name not in _REPLAYED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("hub.demo.replay"), name)


def is_demo(data: Path) -> bool:
    """Whether this data folder is a demonstration's."""
    return (data / MARKER).is_file()


def mark(settings: Settings, default_data: Path | None = None, public_url: str = "") -> Settings:
    """Make a data folder a demonstration's, and give the settings that keep all inside it.

    `default_data` is taken when the folder is the one that real work uses by default. The marker
    remembers `public_url`, where the demonstration is going to be served.

    Raises:
        ConfigError: the folder holds something that is not a demonstration's.
    """
    data = settings.data
    if default_data is not None and data == ROOT / "var":
        data = default_data
    if data.exists() and not is_demo(data) and any(data.iterdir()):
        problem = "this folder is not empty nor a demonstration's: choose another one with --data"
        raise ConfigError([Problem(data, 1, "", problem)])
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data / MARKER).write_text(public_url or settings.public_url, "utf-8")
    return settings_of(replace(settings, data=data))


def settings_of(settings: Settings) -> Settings:
    """The settings of a demonstration: everything it writes stays in its data folder.

    No other database is used, and no mail server but one on loopback.
    """
    host = urlsplit(settings.smtp).hostname
    smtp = settings.smtp if host in ("127.0.0.1", "::1", "localhost") else ""
    return replace(
        settings,
        site=settings.data / "site",
        database="",
        smtp=smtp,
        public_url=(settings.data / MARKER).read_text("utf-8").strip(),
        demo=True,
    )


@contextmanager
def playing(settings: Settings) -> Iterator[Settings]:
    """Answer in place of every source while the block runs; gives the settings to use inside."""
    from hub.demo.recordings import build_recordings
    from hub.demo.server import serve_recordings

    recordings = build_recordings()
    settings = replace(settings, sources=_write_sources(settings, recordings))
    with serve_recordings(recordings) as address:
        yield replace(settings, recordings=address)


def _write_sources(settings: Settings, recordings: Mapping[str, Recording]) -> Path:
    """The project's own sources, with the deliveries of the DILA read from the oldest that is told,
    and those that nothing was recorded of put aside.

    A real installation starts from its own day and takes a few archives at a time.
    """
    import yaml

    target = settings.data / "sources.yaml"
    if settings.sources == target:
        return target
    data = yaml.safe_load(settings.sources.read_text(encoding="utf-8"))
    for source in data["sources"]:
        if not _is_recorded(source, recordings):
            source |= {"enabled": False, "reason": "nothing of it was recorded"}
        elif source.get("kind") == "dila":
            source["options"] |= {"since": FIRST_DELIVERY, "max_archives": MAX_ARCHIVES}
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100)
    target.write_text(text.replace(f"'{FIRST_DELIVERY}'", FIRST_DELIVERY), encoding="utf-8")
    return target


def _is_recorded(source: dict[str, Any], recordings: Mapping[str, Recording]) -> bool:
    from hub.demo.recordings import find_recording

    return find_recording(recordings, source.get("url", "")) is not None


def describe_account() -> str:
    """How to sign in to the review app, for whoever plays the demonstration."""
    from hub.demo.replay import EDITOR_EMAIL, EDITOR_PASSWORD

    return f"review app: /relecture/  {EDITOR_EMAIL}  {EDITOR_PASSWORD}"


__all__ = [
    "EDITOR_EMAIL",
    "EDITOR_PASSWORD",
    "NOW",
    "describe_account",
    "is_demo",
    "mark",
    "playing",
    "prepare_accounts",
    "settings_of",
]
