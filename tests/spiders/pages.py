"""The recorded pages: where they are, and what each kind makes of them, as JSON."""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hub.errors import SourceError
from hub.model import Mention, Source, SourceKind
from spiders.__main__ import find_kind
from spiders.base import Ask, Kind, Page, Reading
from spiders.explain import refusal_of
from tests.spiders.memory import NOW, FakeMemory

PAGES = Path(__file__).resolve().parents[1] / "pages"
CASES = ("normal", "empty", "layout", "refusal")
SECRETS = {"PISTE": "client:secret", "AIDES_TERRITOIRES": "secret"}
_NAME = re.compile(r"(?P<case>[a-z0-9-]+)(?:@(?P<reader>\w+))?(?:\.(?P<status>\d{3}))?(?:\.\w+)?")


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded answer. `reader` is "" for the first one that the source gives."""

    path: Path
    name: str
    reader: str
    status: int

    @property
    def expected(self) -> Path:
        return self.path.with_name(f"{self.path.name}.expected.json")


def cases_of(source_id: str) -> list[Case]:
    folder = PAGES / source_id
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [_to_case(path) for path in found if not path.name.endswith(".expected.json")]


def _to_case(path: Path) -> Case:
    match = _NAME.fullmatch(path.name)
    assert match, f"not the name of a case: {path}"
    return Case(path, match["case"], match["reader"] or "", int(match["status"] or 200))


def read_case(source: Source, case: Case) -> dict[str, Any]:
    """What the kind makes of the answer, or the trouble it tells."""
    kind = kind_of(source)
    ask = ask_of(kind, source, case)
    page = Page(ask.url, body_of(source, case), "", case.status, {}, ask.about)
    if refusal := refusal_of(page, ask):
        return {"error": {"kind": str(refusal[0]), "reason": refusal[1]}}
    try:
        reading: Reading = getattr(kind, ask.reader)(page)
    except SourceError as error:
        return {"error": {"kind": str(error.kind), "reason": error.reason}}
    return to_json(reading)


def kind_of(source: Source) -> Kind:
    memory = FakeMemory(NOW, secret=SECRETS.get(source.credentials, ""))
    return find_kind(source.kind)(source, memory)


def ask_of(kind: Kind, source: Source, case: Case) -> Ask:
    """The request that this answers: the source's first, or one that `normal` leads to."""
    first = next(iter(kind.first_asks()), Ask(source.url))
    if not case.reader:
        return first
    asked = list(_follow(kind, source, first))
    found = [ask for ask in asked if ask.reader == case.reader]
    assert found, f"nothing asks for {case.reader}: {[ask.reader for ask in asked]}"
    return found[0]


def _follow(kind: Kind, source: Source, first: Ask) -> Iterator[Ask]:
    """The requests that the recorded `normal` pages lead to, one after the other."""
    waiting, seen = [first], set[str]()
    normal = {case.reader: case for case in cases_of(source.id) if case.name == "normal"}
    while waiting:
        ask = waiting.pop(0)
        yield ask
        case = normal.get(ask.reader if ask is not first else "")
        if case is None or ask.reader in seen:
            continue
        seen.add(ask.reader)
        body = body_of(source, case)
        reading: Reading = getattr(kind, ask.reader)(Page(ask.url, body, about=ask.about))
        waiting += reading.follow


def body_of(source: Source, case: Case) -> bytes:
    if not case.path.is_dir():
        return case.path.read_bytes()
    if source.kind is SourceKind.ARCHIVE:
        return zip_files(
            (path.relative_to(case.path).as_posix(), path.read_bytes())
            for path in _files(case.path)
        )
    return pack(case.path)


def to_json(reading: Reading) -> dict[str, Any]:
    found = {
        "mentions": [mention_to_json(mention) for mention in reading.mentions],
        "troubles": list(reading.troubles),
        "follow": [ask.name or ask.url for ask in reading.follow],
        "entries": reading.entries,
    }
    return {name: value for name, value in found.items() if value not in ([], None)}


def mention_to_json(mention: Mention) -> dict[str, Any]:
    values = asdict(mention) | {"identifiers": [str(i) for i in mention.identifiers]}
    known = {
        name: value for name, value in values.items() if value not in ("", None, [], {}, False)
    }
    result: dict[str, Any] = json.loads(json.dumps(known, default=str))
    return result


# --- Archives ------------------------------------------------------------------------------------


def pack(folder: Path, prefix: str = "20260613-003035/jorf/simple/JORF/CONT") -> bytes:
    """A folder of files as the DILA packs a delivery; folders inside it are kept as they are."""
    return pack_files(
        (
            f"{prefix}/{path.name}"
            if path.parent == folder
            else path.relative_to(folder).as_posix(),
            path.read_bytes(),
        )
        for path in _files(folder)
    )


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def pack_files(files: Iterable[tuple[str, bytes]], mode: Any = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name, body in files:
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()


def zip_files(files: Iterable[tuple[str, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files:
            archive.writestr(name, body)
    return buffer.getvalue()
