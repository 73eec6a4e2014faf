"""LEGI archives and loose files, part by part, with flat memory."""

from __future__ import annotations

import io
import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.legi import CODES, FILES, OURS, read_year, write_year
from hub.lawfiles import read_law_files
from hub.legal.legi import PART, iter_legi, read_legi
from hub.legal.tararchive import Limits
from hub.legal.versions import Note
from tests.archives import pack_files
from tests.unit.test_legi import ENVIRONNEMENT, NEXT, NOW, OLD, TRAVAIL, article, path

CODE = (ENVIRONNEMENT,)


def test_a_delivery_hands_over_every_version() -> None:
    """Old ones too, and those of an article that no mention can tell."""
    body = pack_files(
        [
            (path(OLD), article(OLD, "MODIFIE", "2021-07-01", "2026-05-01")),
            (path(NOW), article()),
            (path(NOW, folder="code_et_TNC_non_vigueur"), article(text="<p>Encore.</p>")),
            (path(NEXT), article(NEXT).replace(b"TITRE_TXT", b"AUTRE")),
            (path(code=TRAVAIL), article()),
        ]
    )
    delivery = read_legi(body, CODE, "legi")
    assert [one.id for one in delivery.versions] == [OLD, NOW, NEXT]
    assert delivery.versions[1].text == ("Encore.",)
    assert Note.NO_CODE in delivery.versions[2].notes
    assert len(delivery.mentions) == 1


def test_an_archive_is_read_part_by_part() -> None:
    names = [f"LEGIARTI{number:012d}" for number in range(PART + 5)]
    lines = f"{path(OLD, stamp='').removesuffix('.xml')}\n".encode()
    body = pack_files(
        [
            *((path(name), article(name, versions=())) for name in names),
            (path(NEXT), article()[:-30]),
            ("liste_suppression_legi.dat", lines),
        ]
    )
    parts = list(iter_legi(io.BytesIO(body), CODE))
    assert [len(part.versions) for part in parts] == [PART, 5]
    assert [part.is_last for part in parts] == [False, True]
    assert [one.id for part in parts for one in part.versions] == names
    assert parts[1].deleted == (OLD,)
    assert parts[1].troubles[0].startswith(f"{NEXT}.xml: not well-formed")


def test_a_cut_archive_gives_what_came_before() -> None:
    body = pack_files([(path(NOW), article()), (path(NEXT), article(NEXT))], "w")
    (part,) = iter_legi(io.BytesIO(body[:4096]), CODE)
    assert ([one.id for one in part.versions], part.is_last) == ([NOW], True)
    assert "cut" in part.troubles[0]
    for bad in (b"", b"<html>503</html>", pack_files([])):
        (part,) = iter_legi(io.BytesIO(bad), CODE)
        assert (part.versions, part.is_last, len(part.troubles)) == ((), True, 1)
    (part,) = iter_legi(io.BytesIO(body), CODE, Limits(members=1))
    assert part.troubles == ("archive of more than 1 members",)


def test_memory_does_not_grow_with_the_archive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.legal.legi.PART", 10)
    filler = article(text="<p>" + "mot " * 2_000 + "</p>", versions=())
    names = [f"LEGIARTI{number:012d}" for number in range(60)]
    files = [(path(name), filler.replace(NOW.encode(), name.encode())) for name in names]
    peaks = []
    for count in (20, 60):
        body = io.BytesIO(pack_files(files[:count]))
        tracemalloc.start()
        try:
            assert sum(len(part.versions) for part in iter_legi(body, CODE)) == count
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.2


def test_a_folder_is_read_in_the_order_of_the_stamps(tmp_path: Path) -> None:
    later, sooner = "LEGI_20261121-210012.tar.gz", "LEGI_20261120-210012.tar.gz"
    (tmp_path / later).write_bytes(pack_files([(path(NEXT), article(NEXT))]))
    (tmp_path / sooner).write_bytes(pack_files([(path(NOW), article())]))
    (tmp_path / "z.json").write_text(json.dumps({"article": {"id": OLD, "texte": "Mot."}}))
    (tmp_path / "z.pdf").write_bytes(b"%PDF")
    parts = list(read_law_files([tmp_path, tmp_path / "absent.json"], CODE))
    assert [[one.id for one in part.versions] for part in parts] == [[NOW], [NEXT], [OLD], [], []]
    assert parts[0].said_at == datetime(2026, 11, 20, 20, 0, 12, tzinfo=UTC)
    assert parts[2].said_at is None
    assert "unknown kind" in parts[3].troubles[0]
    assert "absent.json" in parts[4].troubles[0]


def test_a_file_that_is_too_large_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.lawfiles.MAX_FILE", 3)
    (tmp_path / "x.json").write_bytes(b"{   }")
    (part,) = read_law_files([tmp_path], CODE)
    assert part.troubles == ("larger than 3 bytes",)


def test_the_deliveries_of_the_benchmark_are_read(tmp_path: Path) -> None:
    paths = write_year(tmp_path / "year", 2, seed=1)
    report = read_year(tmp_path / "year")
    assert (report["versions"], report["troubles"]) == (2 * FILES // OURS, 0)
    assert len(CODES) == 4
    assert paths == sorted(paths)
