"""Archives read by other processes give what they give when they are read here."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from benchmarks.archives import write_archives
from hub import ahead as module
from hub.ahead import Ahead
from hub.captures import CaptureFiles, hash_body
from hub.config import Settings
from hub.digests import Digests
from hub.ingest import Ingested, ingest_paths
from hub.intake import Intake, Kept, resolve
from hub.legal.jorfsimple import read_delivery
from hub.model import Capture, Classification, Evidence, Identifier, Mention, Scheme, TextOfItem
from hub.news import Hub, gather
from hub.referentiel import load_referentiel
from hub.store.decisions import DecisionRow
from hub.tagging.foreseen import Foreseen, heard
from hub.tagging.rules import Hints, Tagger
from hub.tagging.voices import foresee
from tests.builders import make_store
from tests.flow.content import database_content
from tests.spiders.memory import make_source

SOURCE = replace(make_source(id="jorfsimple"), dispositifs=("REP_PMCB",))
TEXTS = 200
NO_HINTS = Hints()
NOR = Identifier(Scheme.NOR, "TREP2600001A")
NUMERO = Identifier(Scheme.NUMERO, "avis-2026-1")


@pytest.fixture(autouse=True)
def several_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archives")
    write_archives(folder, TEXTS, seed=5)
    (folder / "JORFSIMPLE_20240103-120000.tar.gz").write_bytes(b"no archive")
    return folder


def open_hub(folder: Path) -> Hub:
    return Hub(Settings(data=folder), make_store(folder), load_referentiel(), (SOURCE,))


def ingest(hub: Hub, folder: Path, now: datetime, few: int) -> Ingested:
    ahead = Ahead(hub.referentiel, hub.sources, few)
    paths = [*sorted(folder.iterdir()), folder / "JORFSIMPLE_20240105-120000.tar.gz"]
    return ingest_paths(
        hub.store, hub.settings, paths, now, lambda: gather(hub, now, ahead.tagger), ahead
    )


def test_other_processes_change_nothing(
    tmp_path: Path, archives: Path, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, elsewhere = open_hub(tmp_path / "a"), open_hub(tmp_path / "b")
    wanted = ingest(here, archives, now, few=100)
    assert wanted.texts == TEXTS
    assert [name for name, _ in wanted.failures] == [
        "JORFSIMPLE_20240103-120000.tar.gz",
        "JORFSIMPLE_20240105-120000.tar.gz",
    ]
    monkeypatch.setattr(Tagger, "classify", _refuse)
    assert ingest(elsewhere, archives, now, few=0) == wanted
    assert database_content(elsewhere.store) == database_content(here.store)


def _refuse(*_: object) -> Classification:
    raise AssertionError("read twice")


def test_what_was_learnt_answers_only_what_was_asked() -> None:
    tagger = Foreseen(load_referentiel())
    odd = Classification(())
    mention = Mention("a", "k", "https://a.fr/k", "La REP PMCB", nature="AVIS", rubrique="Avis")
    tagger.learn({_heard(mention): odd})
    assert tagger.recall(_heard(mention)) is odd
    others = [
        replace(mention, title=mention.title[:-1], summary=mention.title[-1]),
        replace(mention, text="Un mot de plus."),
        replace(mention, source_id="b"),
        replace(mention, key="l"),
        replace(mention, nature=""),
        replace(mention, rubrique=""),
        replace(mention, identifiers=(Identifier(Scheme.NUMERO, "avis-2026-1"),)),
    ]
    assert [tagger.recall(_heard(other)) for other in others] == [None] * len(others)
    tagger.forget()
    assert tagger.recall(_heard(mention)) is None


def _heard(mention: Mention) -> tuple[str, str, str]:
    return heard(mention, Digests.of(mention))


def test_what_was_foreseen_is_not_believed_of_an_item_that_says_more(
    tmp_path: Path, now: datetime
) -> None:
    hub = open_hub(tmp_path)
    said = Mention("jorfsimple", "k", "https://a.fr/k", "Titre", identifiers=(NOR, NUMERO))
    other = Identifier(Scheme.NOR, "TREP2600002A")
    twin = Mention("jorfsimple", "l", "https://a.fr/l", "Autre", identifiers=(other, NUMERO))
    intake = Intake(hub.store, CaptureFiles(tmp_path / "captures"), now)
    for mentions in ([twin], [said]):  # the second is not given the number of the first
        capture = Capture("jorfsimple", mentions[0].url, now, 200, {}, b"x", hash_body(b"x"))
        intake.keep_all([Kept(capture, mentions)])
        resolve(hub.store, now)
    tagger = Foreseen(hub.referentiel)
    tagger.learn({_heard(said): Classification((), (Evidence("bruit:odd", ""),))})
    tagger.learn({_heard(twin): Classification((), (Evidence("bruit:odd", ""),))})
    gather(hub, now, tagger)
    with hub.store.read() as session:
        made = {d.item_id: d.by for d in session.scalars(select(DecisionRow))}
    assert sorted(made.values()) == ["regle:bruit:odd", "regle:sans-sujet"]


def test_a_reader_that_is_killed_costs_nothing(archives: Path) -> None:
    bodies = [(path.name, path.read_bytes()) for path in sorted(archives.iterdir())]
    ahead = Ahead(load_referentiel(), (SOURCE,), few=0)

    def kill_on_the_way() -> Iterator[tuple[str, bytes]]:
        for number, pair in enumerate(bodies * 5):
            yield pair
            if number == 2:
                for child in multiprocessing.active_children():
                    child.kill()

    found = [(name, delivery) for name, (delivery, _) in ahead.read(kill_on_the_way())]
    assert found == [(name, read_delivery(body)) for name, body in bodies * 5]


READ_FOR_EVER = """
import itertools, multiprocessing, sys
from pathlib import Path
from hub.ahead import Ahead
from hub.referentiel import load_referentiel

if __name__ == "__main__":
    body = Path(sys.argv[1]).read_bytes()
    archives = (((), body) for _ in itertools.count())
    for number, _ in enumerate(Ahead(load_referentiel(), ()).read(archives)):
        if number == 0:
            print(*(child.pid for child in multiprocessing.active_children()), flush=True)
"""


def test_readers_die_with_who_asked(tmp_path: Path, archives: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(READ_FOR_EVER, "utf-8")
    archive = min(archives.iterdir())
    root = Path(module.__file__).parents[1]
    with subprocess.Popen(
        [sys.executable, program, archive],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
    ) as process:
        assert process.stdout is not None
        readers = [int(word) for word in process.stdout.readline().split()]
        assert len(readers) == module.READERS
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while any(map(_is_alive, readers)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(_is_alive, readers))


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_what_is_foreseen_is_what_is_asked(archives: Path, tmp_path: Path, now: datetime) -> None:
    hub = open_hub(tmp_path)
    asked: set[object] = set()

    class Listening(Tagger):
        def classify(self, item: TextOfItem, hints: Hints = NO_HINTS) -> Classification:
            asked.add((item, hints))
            return super().classify(item, hints)

    paths = sorted(archives.iterdir())
    tagger = Listening(hub.referentiel)
    ingest_paths(hub.store, hub.settings, paths, now, lambda: gather(hub, now, tagger))
    sources = {SOURCE.id: SOURCE}
    foreseen = {
        foresee(mention, sources)
        for path in paths
        for mention in read_delivery(path.read_bytes()).mentions
    }
    assert foreseen == asked
