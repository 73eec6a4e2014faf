"""A year of LEGI deliveries in one pass, and the « avant / après » of two long versions.

The deliveries are written afresh from a seed: a weekday each, of which one file in ten is a version
of an article of the codes followed. Each version that is read is kept in a database.

`python -m benchmarks.legi FOLDER` is the pass itself, as a process of its own.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median
from xml.sax.saxutils import escape

from benchmarks.french import Writer
from benchmarks.measure import ROOT, CommandFailedError, Measure, Part, run, say

SEED = 20260102
DAYS = 260
FILES = 400
OURS = 10
"""One file in so many is of a code that is followed."""
SHARES = (0.25, 0.5, 1.0)
MAX_GROWTH = 1.1
"""How much more memory the year may take than its first quarter."""
LENGTH = 100_000
"""Characters of each of the two versions compared."""
MAX_MS = 200
TURNS = 9
CODES = (
    "LEGITEXT000006074220",
    "LEGITEXT000006074096",
    "LEGITEXT000023983208",
    "LEGITEXT000037701019",
)
OTHER = "LEGITEXT000006072050"
FIRST_DAY = date(2025, 1, 2)


def measure(days: int = DAYS) -> Part:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = write_year(folder / "all", days, SEED)
        peaks = {share: _pass(folder, paths, share) for share in SHARES}
    words = _time_comparison()
    first, *others = SHARES
    return Part(
        f"LEGI: {days} deliveries of {FILES} files",
        (
            *(
                Measure(
                    f"peak memory, {share:.0%} of the year",
                    peaks[share],
                    "MB",
                    MAX_GROWTH,
                    peaks[first],
                    f"for {first:.0%}",
                )
                for share in others
            ),
            Measure("avant / après of two versions of 100 kB", words, "ms", MAX_MS),
        ),
        ("LEGI, peak MB: " + ", ".join(f"{s:.0%} {peak:.0f}" for s, peak in peaks.items()),),
    )


def _pass(folder: Path, paths: list[Path], share: float) -> float:
    some = folder / f"share-{share}"
    some.mkdir()
    count = round(len(paths) * share)
    for path in paths[:count]:
        (some / path.name).symlink_to(path)
    done = run(
        [sys.executable, "-m", "benchmarks.legi", str(some)], folder, {"PYTHONPATH": str(ROOT)}
    )
    report = json.loads(done.output)
    expected = count * FILES // OURS
    if report["versions"] != expected or report["troubles"]:
        raise CommandFailedError(f"{report} instead of {expected} versions")
    say(f"legi: {share:.0%} of the year, {done.peak_one:.0f} MB, {report['seconds']:.1f} s")
    return done.peak_one


# --- The pass ----------------------------------------------------------------------------------


def read_year(folder: Path) -> dict[str, object]:
    """Read every delivery and keep its versions."""
    from hub.lawfiles import read_law_files
    from hub.store import Store
    from hub.store.articles import add_versions
    from hub.store.migrate import migrate

    started_at = time.perf_counter()
    store = Store(f"sqlite:///{folder / 'hub.db'}")
    migrate(store)
    versions, troubles = 0, 0
    for part in read_law_files(sorted(folder.glob("LEGI_*")), CODES):
        with store.write() as session:
            add_versions(session, part.versions, part.said_at or datetime.now(UTC))
        versions += len(part.versions)
        troubles += len(part.troubles)
    store.close()
    seconds = time.perf_counter() - started_at
    return {"versions": versions, "troubles": troubles, "seconds": seconds}


# --- Comparing ---------------------------------------------------------------------------------


def _time_comparison() -> float:
    """The median of milliseconds, of several turns."""
    from hub.legal.avant_apres import compare_texts

    before, after = make_versions(LENGTH, SEED)
    turns = []
    for _ in range(TURNS):
        started_at = time.perf_counter()
        compare_texts(before, after)
        turns.append((time.perf_counter() - started_at) * 1000)
    return median(turns)


def make_versions(length: int, seed: int) -> tuple[list[str], list[str]]:
    """Two wordings of one long article: a third of its alinéas changed, one came, one went, one
    moved, and all are numbered afresh.
    """
    random = Random(seed)  # noqa: S311 - seeded words, no secret
    writer = Writer(random)
    before: list[str] = []
    while sum(map(len, before)) < length:
        said = " ".join(writer.sentences(random.choice((80, 200, 600, 1500))))
        before.append(said)
    after = [_edited(writer, text) if random.random() < 0.3 else text for text in before]
    del after[len(after) // 3]
    after.insert(len(after) // 2, " ".join(writer.sentences(300)))
    after.insert(2, after.pop(-3))
    return _numbered(before), _numbered(after)


def _numbered(alineas: list[str]) -> list[str]:
    return [f"{number}° {said}" for number, said in enumerate(alineas, start=1)]


def _edited(writer: Writer, text: str) -> str:
    words = text.split(" ")
    for _ in range(1 + len(words) // 60):
        place = writer.random.randrange(1, len(words))
        words[place : place + writer.random.randrange(3)] = writer.fill("{n} {town}").split(" ")
    return " ".join(words)


# --- Deliveries --------------------------------------------------------------------------------


def write_year(folder: Path, days: int, seed: int) -> list[Path]:
    """Write a delivery for each weekday, oldest first."""
    folder.mkdir(parents=True)
    writer = Writer(Random(seed))  # noqa: S311 - seeded words, no secret
    paths, day = [], FIRST_DAY
    for number in range(days):
        stamp = f"{day:%Y%m%d}-210012"
        path = folder / f"LEGI_{stamp}.tar.gz"
        path.write_bytes(_pack(stamp, _files(writer, day, number)))
        paths.append(path)
        day += timedelta(days=3 if day.weekday() == 4 else 1)
    return paths


def _pack(stamp: str, files: Iterator[tuple[str, str]]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, xml in files:
            body = xml.encode()
            member = tarfile.TarInfo(f"{stamp}/legi/global/code_et_TNC_en_vigueur/{name}")
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return gzip.compress(raw.getvalue(), compresslevel=1, mtime=0)


def _files(writer: Writer, day: date, number: int) -> Iterator[tuple[str, str]]:
    other = _article(writer, day, OTHER, 0)
    for rank in range(FILES):
        serial = number * FILES + rank
        name = f"LEGIARTI{serial:012d}"
        code = CODES[serial // OURS % len(CODES)] if rank % OURS == 0 else OTHER
        xml = _article(writer, day, code, serial) if code != OTHER else other
        yield f"code_en_vigueur/LEGI/TEXT/{code}/article/LEGI/ARTI/{name}.xml", xml


def _article(writer: Writer, day: date, code: str, serial: int) -> str:
    said = "<br/>".join(map(escape, writer.sentences(writer.number(300, 6_000))))
    name, last = f"LEGIARTI{serial:012d}", f"LEGIARTI{500_000_000_000 + serial:012d}"
    link = "".join(
        f'<VERSION etat="{state}"><LIEN_ART debut="{start}" etat="{state}" fin="{end}" id="{one}" '
        f'num="R{serial}" origine="LEGI"/></VERSION>'
        for one, state, start, end in (
            (last, "MODIFIE", "2016-01-01", day.isoformat()),
            (name, "VIGUEUR", day.isoformat(), "2999-01-01"),
        )
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ARTICLE><META><META_COMMUN><ID>{name}</ID>'
        f"<NATURE>Article</NATURE></META_COMMUN><META_SPEC><META_ARTICLE><NUM>R{serial}</NUM>"
        f"<ETAT>VIGUEUR</ETAT><DATE_DEBUT>{day.isoformat()}</DATE_DEBUT>"
        "<DATE_FIN>2999-01-01</DATE_FIN></META_ARTICLE></META_SPEC></META>"
        f'<CONTEXTE><TEXTE cid="{code}" nature="CODE"><TITRE_TXT debut="2000-09-21" '
        f'fin="2999-01-01" id_txt="{code}">Code</TITRE_TXT></TEXTE></CONTEXTE>'
        f"<VERSIONS>{link}</VERSIONS><BLOC_TEXTUEL><CONTENU><p>{said}</p></CONTENU></BLOC_TEXTUEL>"
        f'<LIENS><LIEN cidtexte="JORFTEXT{serial:012d}" sens="cible" typelien="MODIFIE" '
        f'nortexte="" numtexte="">Décret</LIEN></LIENS></ARTICLE>'
    )


if __name__ == "__main__":
    print(json.dumps(read_year(Path(sys.argv[1]))))
