"""Servers and files that mean harm, or that merely break: each is refused with a named reason, and
costs neither the others nor the machine anything.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.config import ROOT, Settings
from tests.spiders.rude import (
    Manner,
    Rude,
    be_rude,
    cut_off,
    drip,
    half_close,
    hang_up,
    say,
    send_to,
    wait_for_ever,
)
from tests.spiders.test_manners import MORNING, Place, entry, feed, reasons

SHARED = ROOT.parent / "shared" / "corpus" / "hostile"
MIB = 1024 * 1024
GOOD = feed("a", "b")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    settings = Settings(
        data=tmp_path / "data", sources=tmp_path / "sources.yaml", allow_loopback=True
    )
    return Place(settings)


@pytest.fixture
def rude() -> Iterator[Rude]:
    with be_rude() as server:
        yield server


def bomb(length: int = 200 * MIB) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(MIB)) for _ in range(length // MIB)) + packer.flush()


ENTITIES = (
    b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'>"
    + b"".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>".encode() for n in range(9))
    + b"]><rss version='2.0'><channel><item><title>&j;</title><link>https://e.org/a</link>"
    + b"</item></channel></rss>"
)
OUTSIDE = (
    b"<?xml version='1.0'?><!DOCTYPE r [<!ENTITY x SYSTEM 'http://127.0.0.1:%d/stolen'>"
    b"<!ENTITY y SYSTEM 'file:///etc/passwd'>]><rss version='2.0'><channel><item>"
    b"<title>Un titre &x; &y;</title><link>https://e.org/a</link></item></channel></rss>"
)
DEEP = b"<rss version='2.0'><channel>" + b"<div>" * 200_000 + b"</channel></rss>"

RUDE: Mapping[str, tuple[Manner, str, str]] = {
    # name: (manner, kind, words of the reason)
    "loop": (send_to("/loop"), "redirects", "redirected without end"),
    "drip": (drip(b"<rss>", 0.05), "timeout", "no answer in time"),
    "silent": (wait_for_ever, "timeout", "no answer in time"),
    "half": (half_close(GOOD), "cut", "answer cut before its end"),
    "gone": (hang_up, "unreachable", "connection"),
    "long-length": (
        cut_off(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\nConnection: close\r\n\r\n" + GOOD),
        "cut",
        "answer cut before its end",
    ),
    "short-length": (
        lambda talk: talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n" + GOOD),
        "",
        "",
    ),
    "gzip-twice": (
        say(gzip.compress(gzip.compress(GOOD)), "200 OK", "Content-Encoding: gzip"),
        "parse",
        "gzip inside gzip",
    ),
    "gzip-false": (say(GOOD, "200 OK", "Content-Encoding: gzip"), "", ""),
    "bomb": (
        say(bomb(), "200 OK", "Content-Encoding: gzip"),
        "too-large",
        "answer larger than the limit once unpacked",
    ),
    "big": (say(b"x" * (21 * MIB)), "too-large", "answer larger than the limit"),
    "to-private": (send_to("http://10.0.0.1/feed"), "private-address", "a private address"),
    "to-metadata": (
        send_to("http://169.254.169.254/latest/meta-data"),
        "private-address",
        "a private address",
    ),
    "to-number": (send_to("http://2130706433/feed"), "private-address", "a private address"),
    "to-six": (send_to("http://[::1]:80/feed"), "private-address", "a private address"),
    "to-file": (send_to("file:///etc/passwd"), "", ""),
    "to-script": (send_to("javascript:alert(1)"), "", ""),
    "entities": (say(ENTITIES), "", ""),
    "deep": (say(DEEP), "", ""),
    "charset": (
        say("Arrêté".join([GOOD.decode(), ""]).encode("utf-16"), "200 OK",
            "Content-Type: application/rss+xml; charset=utf-8"),
        "",
        "",
    ),
    "status": (say(b"", "999 Whatever"), "", ""),
    "no-http": (cut_off(b"SSH-2.0-x\r\n\r\n"), "", ""),
    "headers": (
        lambda talk: talk.send(b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n"),
        "",
        "",
    ),
}  # fmt: skip


def test_rude_servers_are_refused_by_name_and_cost_the_others_nothing(
    place: Place, rude: Rude
) -> None:
    rude.manners = {f"/{name}": manner for name, (manner, _, _) in RUDE.items()}
    rude.manners["/outside"] = say(OUTSIDE % rude.port)
    rude.manners["/good"] = say(GOOD)
    with be_rude() as other:
        rude.manners["/to-other"] = send_to(f"{other.address}/feed")
        rude.manners["/to-other-for-good"] = send_to(f"{other.address}/feed", "308 Moved")
        names = [*RUDE, "outside", "to-other", "to-other-for-good", "good"]
        report = place.collect([entry(rude, name) for name in names])
        assert other.seen == [], "another address than the configured one was asked"
    assert report["good"]["mentions"] == 2
    assert rude.paths.count("/stolen") == 0
    for name, (_, kind, words) in RUDE.items():
        found = reasons(report[name])
        if kind:
            assert [k for k, _ in found] == [kind], (name, found)
            assert words in found[0][1], (name, found)
        elif not report[name]["mentions"]:
            assert found, f"{name} gave nothing and said nothing"
    assert reasons(report["to-other"])[0][0] in ("private-address", "off-site")
    moved = reasons(report["to-other-for-good"])[0]
    assert moved[0] in ("private-address", "off-site")
    assert other.address in moved[1]


# --- The hostile files ---------------------------------------------------------------------------

MEMORY = 300 * MIB
SLOWEST = 30.0


def watch_memory(pid: int, peak: list[int], is_over: threading.Event) -> None:
    while not is_over.wait(0.05):
        try:
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            return
        peak[0] = max(peak[0], pages * resource.getpagesize())


def list_files() -> list[Path]:
    if not SHARED.is_dir():
        pytest.skip("the hostile files are not here")
    return sorted(path for path in SHARED.rglob("*") if path.is_file())


@pytest.mark.parametrize("kind", ["feed", "page"])
def test_every_hostile_file_is_read_or_refused(
    place: Place, rude: Rude, kind: str, tmp_path: Path
) -> None:
    """Through the real spider and a real server: no crash, no hang, little memory, one address."""
    files = list_files()
    entries = []
    for number, path in enumerate(files):
        name = f"file-{number}"
        rude.manners[f"/{name}"] = as_served(path)
        entries.append(entry(rude, name, kind=kind))
    started = time.monotonic()
    report, peak = collect_watched(place, entries)
    seconds = time.monotonic() - started
    assert len(report) == len(files)
    crashed = [r for r in report.values() if any("parser failed" in why for _, why in reasons(r))]
    assert crashed == []
    lost = [r["id"] for r in report.values() if any(k == "crash" for k, _ in reasons(r))]
    assert lost == []
    assert peak < MEMORY, f"{peak / MIB:.0f} MB"
    assert set(rude.paths) <= {"/robots.txt", *rude.manners}
    silent = [
        r["id"]
        for r in report.values()
        if not r["mentions"] and not r["failures"] and not r["entries"]
    ]
    assert silent == [], "a file that gave nothing must say why"
    print(f"{len(files)} files, {seconds:.1f} s, peak {peak / MIB:.0f} MB")  # noqa: T201


def as_served(path: Path) -> Manner:
    encodings = {"bomb-br": "br", "bomb-deflate": "deflate", "bomb-gzip": "gzip"} | {
        "bomb-zstd": "zstd",
        "html-br": "br",
        "html-gzip-deflate-gzip": "gzip, deflate, gzip",
        "html-rawdeflate": "deflate",
        "html-zlibdeflate": "deflate",
    }
    encoding = encodings.get(path.stem, "zstd" if "zstd" in path.stem else "")
    return say(
        path.read_bytes(), "200 OK", *([f"Content-Encoding: {encoding}"] if encoding else [])
    )


def collect_watched(
    place: Place, entries: list[dict[str, Any]]
) -> tuple[dict[str, dict[str, Any]], int]:
    place.settings.sources.write_text(json.dumps({"sources": entries}), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "spiders", "--now", MORNING]
        + [entry["id"] for entry in entries],
        env={**place.settings.environment(), "PATH": os.environ["PATH"]},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    peak, is_over = [0], threading.Event()
    watcher = threading.Thread(target=watch_memory, args=(process.pid, peak, is_over), daemon=True)
    watcher.start()
    try:
        output, errors = process.communicate(timeout=500)
    finally:
        is_over.set()
        process.kill()
    assert process.returncode == 0, errors[-2_000:]
    lines = [json.loads(line) for line in output.splitlines()]
    return {line["id"]: line for line in lines if "id" in line}, peak[0]
