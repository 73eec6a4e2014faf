"""Build the site beside the one that readers see, then put it in its place in one move."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from hub.child import run_child
from hub.config import Settings
from hub.errors import PublishError
from hub.publish.fiches import load_fiches
from hub.publish.snapshot import Snapshot, load_snapshot
from hub.referentiel import load_referentiel
from hub.sources import load_sources
from hub.store import Store

MANIFEST = ".build.json"
"""Inside the site, so that it changes place with what it describes."""

DEADLINE_SECONDS = 600
OURS = Path(__file__).parent
ERROR_LINES = 30


@dataclass(frozen=True, slots=True)
class SiteReport:
    """`built` counts the pages that are new or whose bytes changed, `removed` those that went."""

    pages: int
    built: int
    removed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a site was built from, and the digest of each of its pages."""

    digest: str
    pages: dict[str, str]


def build_site(store: Store, settings: Settings, now: datetime) -> SiteReport:
    """Bring the site up to date with the database and the fiches; nothing to do is not an error.

    `store` is the one that `settings` name: MkDocs opens it again in its own process.
    The caller holds the lock of this job. Killed at any moment, the old site stays whole and the
    next call clears what was left.

    Raises:
        ConfigError: a fiche or `sources.yaml` is wrong; every problem is listed.
        PublishError: MkDocs refused; the message holds its useful lines.
    """
    started = time.monotonic()
    site = settings.site.resolve()
    referentiel = load_referentiel()
    load_fiches(settings.fiches, referentiel)
    sources = load_sources(settings.sources, referentiel, allow_loopback=settings.allow_loopback)
    check_place(site)

    def digest() -> str:
        return digest_inputs(load_snapshot(store, referentiel, sources, now), settings)

    clear_leftovers(site)
    before = read_manifest(site)
    if before.digest == digest():
        return SiteReport(len(before.pages), 0, 0, time.monotonic() - started)
    after = _build_and_swap(settings, now, site, digest)
    return SiteReport(
        pages=len(after.pages),
        built=sum(1 for page, sha in after.pages.items() if before.pages.get(page) != sha),
        removed=len(before.pages.keys() - after.pages.keys()),
        seconds=time.monotonic() - started,
    )


def check_place(site: Path) -> None:
    """Refuse to put a site where something else stands: the swap would take it away.

    Raises:
        PublishError: the place is a file, or a folder with things in it that no build left there.
    """
    if not site.exists() or (site / MANIFEST).is_file():
        return
    if not site.is_dir() or any(site.iterdir()):
        raise PublishError(f"not a place for the site, something else stands there path={site}")


def _build_and_swap(
    settings: Settings, now: datetime, site: Path, digest: Callable[[], str]
) -> Manifest:
    """MkDocs reads the database on its own: if it moved meanwhile, the next call builds again."""
    site.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=_prefix(site), dir=site.parent))
    folder.chmod(0o755)
    try:
        expected = digest()
        run_mkdocs(settings, now, folder)
        manifest = Manifest(expected if digest() == expected else "", dict(_hash_pages(folder)))
        text = json.dumps({"digest": manifest.digest, "pages": manifest.pages}, indent=0)
        (folder / MANIFEST).write_text(text, encoding="utf-8")
        swap(folder, site)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return manifest


# --- What the site is made of ------------------------------------------------------------------


def digest_inputs(snapshot: Snapshot, settings: Settings) -> str:
    """Equal when the site would be the same: snapshot, fiches, theme, code, versions, settings."""
    digest = hashlib.sha256()
    parts = [repr(snapshot), settings.public_url, str(settings.demo)]
    parts += [version(name) for name in ("mkdocs", "mkdocs-material", "markdown", "jinja2")]
    for part in parts:
        digest.update(part.encode() + b"\0")
    files = [settings.mkdocs, *_files(settings.fiches), *_files(OURS)]
    for file in files:
        digest.update(str(file.name).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    return (f for f in sorted(folder.rglob("*")) if f.is_file() and "__pycache__" not in f.parts)


def _hash_pages(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.rglob("*.html")):
        yield file.relative_to(folder).as_posix(), hashlib.sha256(file.read_bytes()).hexdigest()


def read_manifest(site: Path) -> Manifest:
    """What the site says of itself; empty when there is none or it cannot be read."""
    try:
        data = json.loads((site / MANIFEST).read_text(encoding="utf-8"))
        return Manifest(str(data["digest"]), dict(data["pages"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Manifest("", {})


# --- MkDocs, in its own process ----------------------------------------------------------------


def run_mkdocs(settings: Settings, now: datetime, folder: Path) -> None:
    """Run `mkdocs build --strict` into `folder`.

    Raises:
        PublishError: it failed, or was killed at its deadline.
    """
    environment = {
        **settings.environment(),
        "HUB_NOW": now.isoformat(),
        "NO_MKDOCS_2_WARNING": "1",
        "PYTHONHASHSEED": "0",
        "SOURCE_DATE_EPOCH": str(int(now.timestamp())),
    }
    command = ["mkdocs", "build", "--strict", "--config-file", str(settings.mkdocs)]
    try:
        child = run_child(
            [*command, "--site-dir", str(folder)],
            environment,
            timeout=DEADLINE_SECONDS,
            stderr=subprocess.STDOUT,
        )
    except subprocess.TimeoutExpired as error:
        raise PublishError(f"mkdocs was killed after {DEADLINE_SECONDS} s") from error
    if child.returncode != 0:
        output = child.stdout.decode("utf-8", errors="replace")
        raise PublishError(f"mkdocs failed code={child.returncode}\n{useful_lines(output)}")


def useful_lines(output: str) -> str:
    """The lines of MkDocs' log that say what is wrong, without its notes of progress."""
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith("INFO")]
    return "\n".join(lines[-ERROR_LINES:])


# --- The move ----------------------------------------------------------------------------------


def _prefix(site: Path) -> str:
    return f"{site.name}.build-"


def clear_leftovers(site: Path) -> None:
    """Remove what a build that was killed left beside the site.

    When the site itself is missing, which only the fallback of `swap` can cause, a whole build
    takes its place first.
    """
    for folder in sorted(site.parent.glob(f"{_prefix(site)}*")):
        if not site.exists() and read_manifest(folder).digest:
            folder.rename(site)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def swap(folder: Path, site: Path) -> None:
    """Put `folder` in the place of `site` in one move; `folder` then holds the old site.

    The two names are exchanged by the kernel (`renameat2` on Linux, `renamex_np` on macOS), so
    that `site` is at every instant a whole site. A symbolic link changed by `rename` would be as
    sharp, but web servers resolve links once and keep the old target, which we then remove; and
    a `site/` made by hand could not be replaced. Where the filesystem cannot exchange, two
    renames follow each other: readers may meet nothing for an instant, never half a site.
    """
    if not site.exists():
        folder.rename(site)
    elif not _exchange(folder, site):
        old = Path(tempfile.mkdtemp(prefix=_prefix(site), dir=site.parent))
        site.rename(old / "old")
        folder.rename(site)
        (old / "old").rename(folder)
        old.rmdir()


_AT_FDCWD = -100
_EXCHANGE = 2  # RENAME_EXCHANGE on Linux, RENAME_SWAP on macOS


def _exchange(left: Path, right: Path) -> bool:
    """Exchange two names at once; False where the system or the filesystem cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(left), os.fsencode(right)
    if sys.platform == "darwin":
        return bool(libc.renamex_np(*names, _EXCHANGE) == 0)
    if not hasattr(libc, "renameat2"):
        return False
    return bool(libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _EXCHANGE) == 0)
