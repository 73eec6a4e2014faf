"""Where things are and how this installation speaks to the world, from the environment."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hub.errors import ConfigError, Problem
from hub.model import Source

if TYPE_CHECKING:
    from sqlalchemy import URL

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: `sources.yaml`, `fiches_synthese/` and `mkdocs.yml` stand here by default."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting of the hub. Each is documented in `docs/operations.md`.

    `data` holds all that the hub writes: database, captures, index, outbox. `smtp` empty means
    that letters go to the Maildir `data/outbox`. `recordings`, when set, is the loopback address
    of a server that answers in place of every source (the demonstration and the tests).
    `alarms_to` is told when sources break; empty, it is `contact`.
    `allow_loopback` lets sources be on this very machine, with no pace.
    """

    data: Path = ROOT / "var"
    sources: Path = ROOT / "sources.yaml"
    fiches: Path = ROOT / "fiches_synthese"
    site: Path = ROOT / "site"
    mkdocs: Path = ROOT / "mkdocs.yml"
    database: str = ""
    public_url: str = "http://127.0.0.1:8000"
    contact: str = "contact@example.org"
    mail_from: str = "La lettre du hub <lettre@example.org>"
    smtp: str = ""
    alarms_to: str = ""
    recordings: str = ""
    allow_loopback: bool = False
    demo: bool = False

    @property
    def database_url(self) -> URL:
        """Raises ArgumentError when `database` is not an SQLAlchemy URL."""
        from sqlalchemy import URL, make_url  # slow; what only reads the settings has no need of it

        if self.database:
            return make_url(self.database)
        return URL.create("sqlite", database=str(self.data / "hub.db"))

    @property
    def captures(self) -> Path:
        return self.data / "captures"

    @property
    def index(self) -> Path:
        return self.data / "index"

    @property
    def outbox(self) -> Path:
        return self.data / "outbox"

    def environment(self) -> dict[str, str]:
        """The variables that give a child process these same settings."""
        return {
            variable: ("1" if value else "") if isinstance(value, bool) else str(value)
            for variable, name in VARIABLES.items()
            for value in [getattr(self, name)]
        }


VARIABLES: Mapping[str, str] = {
    "HUB_DATA": "data",
    "HUB_SOURCES": "sources",
    "HUB_FICHES": "fiches",
    "HUB_SITE": "site",
    "HUB_MKDOCS": "mkdocs",
    "HUB_DATABASE": "database",
    "HUB_PUBLIC_URL": "public_url",
    "HUB_CONTACT": "contact",
    "HUB_MAIL_FROM": "mail_from",
    "HUB_SMTP": "smtp",
    "HUB_ALARMS_TO": "alarms_to",
    "HUB_RECORDINGS": "recordings",
    "HUB_ALLOW_LOOPBACK": "allow_loopback",
    "HUB_DEMO": "demo",
}
"""Environment variable -> field of `Settings`."""

_PATHS = {"data", "sources", "fiches", "site", "mkdocs"}
_FLAGS = {"allow_loopback", "demo"}


def find_credentials(name: str, environ: Mapping[str, str] | None = None) -> str:
    """The secret of this name (`HUB_CREDENTIALS_<name>`), "" when it is not set. Never stored."""
    source = os.environ if environ is None else environ
    return source.get(f"HUB_CREDENTIALS_{name}", "").strip()


def find_keyless(sources: Iterable[Source]) -> frozenset[str]:
    """The ids of the sources whose credentials are not set."""
    return frozenset(s.id for s in sources if s.credentials and not find_credentials(s.credentials))


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (the process's own by default). Empty means default.

    Raises:
        ConfigError: `HUB_PUBLIC_URL` is not a public address.
    """
    source = os.environ if environ is None else environ
    values: dict[str, Path | str | bool] = {}
    for variable, name in VARIABLES.items():
        value = source.get(variable, "").strip()
        if not value:
            continue
        if name in _PATHS:
            values[name] = Path(value).expanduser().resolve()
        else:
            values[name] = value == "1" if name in _FLAGS else value
    settings = Settings(**values)  # type: ignore[arg-type]
    parts = urlsplit(settings.public_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        problem = f"expected https://host, found {settings.public_url!r}"
        raise ConfigError([Problem(Path("HUB_PUBLIC_URL"), 1, "", problem)])
    return replace(settings, public_url=settings.public_url.rstrip("/"))
