"""The default engine: Whoosh, on disk, with the hub's own French analysis.

A generation is one folder. `CURRENT` names the one in use and is replaced in one move, so that the
web application reads while another process rebuilds. Writers wait for one another on a file lock.
"""

from __future__ import annotations

import fcntl
import logging
import re
import shutil
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from whoosh import analysis, fields, index, query, sorting
from whoosh.searching import Searcher

from hub.analysis import STOP_WORDS, terms
from hub.search.extracts import extract
from hub.search.protocol import FACETS, Doc, Hit, Page, Query, Stats
from hub.text import fold

log = logging.getLogger(__name__)

T = TypeVar("T")
POINTER = "CURRENT"
WRITER_MEGABYTES = 64
_SEARCHED = ("title", "text")
_FILTERS = (*FACETS, "state")
_WORD = re.compile(r"[^\W\d_]{3,}")
_EMPTY = Page((), 0, {name: {} for name in FACETS})


class FrenchTokenizer(analysis.Tokenizer):  # type: ignore[misc]
    """`hub.analysis` for Whoosh. An article is also indexed by its bare number, at its place."""

    def __call__(
        self, value: str, positions: bool = False, start_pos: int = 0, **_options: Any
    ) -> Iterator[analysis.Token]:
        token = analysis.Token(positions, chars=False, removestops=True)
        for place, (term, *others) in enumerate(map(_written, terms(value)), start=start_pos):
            for form in (term, *others):
                token.text = form
                token.boost = 1.0
                token.pos = place
                yield token


def _written(term: str) -> tuple[str, ...]:
    """`l3332-17-1` is looked for as `3332-17-1` too."""
    bare = term.lstrip("lord")
    return (term, bare) if "-" in term and bare != term and bare[:1].isdigit() else (term,)


def _schema() -> fields.Schema:
    tokenizer = FrenchTokenizer()
    keyword = fields.KEYWORD(commas=True, stored=True)
    return fields.Schema(
        id=fields.ID(unique=True, stored=True),
        title=fields.TEXT(analyzer=tokenizer, phrase=True, stored=True, field_boost=3.0),
        text=fields.TEXT(analyzer=tokenizer, phrase=True, stored=True),
        url=fields.STORED,
        date=fields.NUMERIC(int, sortable=True, stored=True),
        state=fields.KEYWORD(stored=True),
        public=fields.BOOLEAN(stored=True),
        spelling=fields.KEYWORD(commas=True),
        **dict.fromkeys(FACETS, keyword),
    )


@dataclass
class _Open:
    """A generation opened for reading; `facets` are filled once, when first asked for."""

    name: str
    searcher: Searcher
    facets: dict[str, dict[str, frozenset[int]]] = field(default_factory=dict)


class WhooshIndex:
    """See `hub.search.SearchIndex`.

    An index that cannot be read is thrown away; when `repair` gives the documents it is built
    again at once, else it is empty until the next `rebuild`.
    """

    def __init__(self, folder: Path, repair: Callable[[], Iterable[Doc]] | None = None) -> None:
        self.folder = folder
        self._repair = repair
        self._open: _Open | None = None
        self._reading = ""
        self._lock = RLock()

    # --- Writing ---------------------------------------------------------------------------

    def upsert(self, docs: Iterable[Doc]) -> None:
        with self._writing(), self._generation().writer(limitmb=WRITER_MEGABYTES) as writer:
            for doc in docs:
                writer.update_document(**_to_fields(doc))

    def delete(self, ids: Iterable[str]) -> None:
        with self._writing(), self._generation().writer(limitmb=WRITER_MEGABYTES) as writer:
            for id_ in ids:
                writer.delete_by_term("id", id_)

    def rebuild(self, docs: Iterable[Doc]) -> int:
        with self._writing():
            return self._build(docs)

    def _build(self, docs: Iterable[Doc]) -> int:
        previous = self._current()
        name = f"g-{uuid.uuid4().hex[:12]}"
        folder = self.folder / name
        folder.mkdir(parents=True)
        try:
            count = _fill(folder, docs)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._point_to(name)
        self._sweep({name, previous})
        return count

    def _generation(self) -> index.Index:
        """The generation in use, opened for writing; an empty one is made when there is none."""
        name = self._current()
        if not name or not index.exists_in(self.folder / name):
            self._build(())
            name = self._current()
        return index.open_dir(self.folder / name)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _current(self) -> str:
        try:
            return (self.folder / POINTER).read_text(encoding="ascii").strip()
        except OSError:
            return ""

    def _point_to(self, name: str) -> None:
        fresh = self.folder / f"{POINTER}.new"
        fresh.write_text(name, encoding="ascii")
        fresh.replace(self.folder / POINTER)

    def _sweep(self, kept: Collection[str]) -> None:
        """Drop old generations; the one before this stays for those still reading it."""
        for folder in self.folder.glob("g-*"):
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    # --- Reading ---------------------------------------------------------------------------

    def search(self, asked: Query) -> Page:
        return self._read(lambda opened: _search(opened, asked), _EMPTY)

    def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        return self._read(lambda opened: _suggest(opened, prefix, limit), [])

    def stats(self) -> Stats:
        name = self._current()
        size = sum(f.stat().st_size for f in (self.folder / name).glob("*") if f.is_file())
        return self._read(
            lambda opened: Stats(opened.searcher.doc_count(), size, is_built=True),
            Stats(0, 0, is_built=False),
        )

    def _read(self, ask: Callable[[_Open], T], nothing: T) -> T:
        with self._lock:
            try:
                return self._ask(ask, nothing)
            except Exception as error:  # whoosh raises whatever its torn files make it raise
                log.warning("search index cannot be read folder=%s error=%r", self.folder, error)
            self._renew()
            return self._ask(ask, nothing)

    def _ask(self, ask: Callable[[_Open], T], nothing: T) -> T:
        opened = self._opened()
        return ask(opened) if opened else nothing

    def _opened(self) -> _Open | None:
        """The searcher on what is current now; None when nothing was ever built."""
        name = self._current()
        if self._open and self._open.name == name and self._open.searcher.up_to_date():
            return self._open
        if self._open:
            self._open.searcher.close()
        self._open, self._reading = None, name
        if name:
            self._open = _Open(name, index.open_dir(self.folder / name).searcher())
        return self._open

    def _renew(self) -> None:
        """Throw away the generation that could not be read, unless another took its place."""
        self._open = None
        with self._writing():
            if self._current() != self._reading:
                return
            (self.folder / POINTER).unlink(missing_ok=True)
            shutil.rmtree(self.folder / self._reading, ignore_errors=True)
            if self._repair is not None:
                self._build(self._repair())


# --- Documents -----------------------------------------------------------------------------------


def _fill(folder: Path, docs: Iterable[Doc]) -> int:
    """Make a new index in an empty folder. Returns the number of documents."""
    writer = index.create_in(folder, _schema()).writer(limitmb=WRITER_MEGABYTES)
    count = 0
    try:
        for doc in docs:
            writer.add_document(**_to_fields(doc))
            count += 1
    except BaseException:
        writer.cancel()
        raise
    writer.commit(optimize=True)
    return count


def _to_fields(doc: Doc) -> dict[str, Any]:
    spelling = {f"{fold(word)}|{word}" for word in _words_of(doc.title)}
    return {
        "id": doc.id,
        "title": doc.title,
        "text": doc.text,
        "url": doc.url,
        "date": doc.date.toordinal() if doc.date else 0,
        "state": doc.state,
        "public": doc.public,
        "spelling": ",".join(sorted(spelling)),
        **{name: ",".join(getattr(doc, name)) for name in FACETS},
    }


def _words_of(title: str) -> Iterator[str]:
    for word in _WORD.findall(title.lower()):
        if fold(word) not in STOP_WORDS:
            yield word


def _listed(value: str | None) -> tuple[str, ...]:
    return tuple(part for part in (value or "").split(",") if part)


# --- Queries -------------------------------------------------------------------------------------


def _search(opened: _Open, asked: Query) -> Page:
    wanted = _query(asked)
    accepted = _filter(asked)
    searcher = opened.searcher
    found = frozenset(searcher.docs_for_query(query.And([wanted, accepted])))
    sort = sorting.FieldFacet("date", reverse=True) if asked.sort == "date" else None
    first = (max(asked.page, 1) - 1) * asked.size
    results = searcher.search(wanted, filter=accepted, limit=first + asked.size, sortedby=sort)
    shown = _shown_terms(asked)
    hits = tuple(_to_hit(result, shown) for result in list(results)[first:])
    return Page(hits, len(found), _count(_facets(opened), found))


def _query(asked: Query) -> query.Query:
    """Every word in the title or the text; a word may be several terms (« éco-organisme »)."""
    parts = [_term(term) for word in asked.words for term in terms(word)]
    parts += [_phrase(phrase) for phrase in asked.phrases if terms(phrase)]
    refused = [_phrase(word) for word in asked.excluded if terms(word)]
    wanted = query.And(parts) if parts else query.Every()
    return query.AndNot(wanted, query.Or(refused)) if refused else wanted


def _term(term: str) -> query.Query:
    return query.Or([query.Term(name, term) for name in _SEARCHED])


def _phrase(text: str) -> query.Query:
    phrase = list(terms(text))
    if len(phrase) == 1:
        return _term(phrase[0])
    return query.Or([query.Phrase(name, phrase) for name in _SEARCHED])


def _filter(asked: Query) -> query.Query:
    parts: list[query.Query] = [
        query.Or([query.Term(name, value) for value in asked.filters[name]])
        for name in _FILTERS
        if asked.filters.get(name)
    ]
    if asked.date_from or asked.date_to:
        first = (asked.date_from or date.min).toordinal()
        last = (asked.date_to or date.max).toordinal()
        parts.append(query.NumericRange("date", first, last))
    if asked.public_only:
        parts.append(query.Term("public", "t"))
    return query.And(parts) if parts else query.Every()


def _shown_terms(asked: Query) -> frozenset[str]:
    asked_terms = {term for text in (*asked.words, *asked.phrases) for term in terms(text)}
    numbers = [term for term in asked_terms if "-" in term and term[0].isdigit()]
    return frozenset(asked_terms.union(f"{kind}{n}" for n in numbers for kind in ("l", "r", "d")))


def _to_hit(result: Any, shown: Collection[str]) -> Hit:
    text, marks = extract(result["text"], shown)
    return Hit(
        id=result["id"],
        title=result["title"],
        url=result["url"],
        date=date.fromordinal(result["date"]) if result["date"] else None,
        score=round(float(result.score or 0.0), 3),
        extract=text,
        marks=marks,
        metiers=_listed(result.get("metiers")),
        dispositifs=_listed(result.get("dispositifs")),
        secteurs=_listed(result.get("secteurs")),
    )


def _facets(opened: _Open) -> Mapping[str, Mapping[str, frozenset[int]]]:
    """Which documents have each term of each facet: counting is then meeting sets."""
    if not opened.facets:
        reader = opened.searcher.reader()
        opened.facets = {
            name: {
                term.decode(): frozenset(reader.postings(name, term).all_ids())
                for term in reader.lexicon(name)
            }
            for name in FACETS
        }
    return opened.facets


def _count(
    facets: Mapping[str, Mapping[str, frozenset[int]]], found: frozenset[int]
) -> dict[str, dict[str, int]]:
    counted = {
        name: {term: len(docs & found) for term, docs in terms_.items()}
        for name, terms_ in facets.items()
    }
    return {
        name: {
            term: count
            for term, count in sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
            if count
        }
        for name, values in counted.items()
    }


def _suggest(opened: _Open, prefix: str, limit: int) -> list[str]:
    start = fold(prefix.strip())
    if not start:
        return []
    reader = opened.searcher.reader()
    spellings: dict[str, list[tuple[int, str]]] = {}
    for term in reader.expand_prefix("spelling", start):
        folded, _, word = term.decode().partition("|")
        spellings.setdefault(folded, []).append((-reader.doc_frequency("spelling", term), word))
    ranked = sorted(
        (sum(count for count, _ in found), min(found)[1]) for found in spellings.values()
    )
    return [word for _, word in ranked[:limit]]
