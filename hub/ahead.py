"""Archives read ahead of their turn by other processes, when there are many.

Reading an archive and tagging its texts are pure: done elsewhere, they say the same. The process
that asked only writes. Light to import: each process that reads begins with it.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from typing import TypeVar

from hub.legal.jorfsimple import Delivery, read_delivery
from hub.legal.tararchive import MIB
from hub.model import Classification, Source, TextOfItem
from hub.referentiel import Referentiel
from hub.tagging.rules import Hints, Tagger
from hub.tagging.voices import foresee

T = TypeVar("T")
FEW = 20
"""Archives that are read sooner than other processes are started."""
READERS = 2
"""More of them would wait for the one that writes."""
LEAD = 32
LEAD_BYTES = 4 * MIB
"""Archives that may be read ahead, and their size: what they say stays in memory, but those who
read must not stop while the one who writes gathers and tags.
"""
NO_HINTS = Hints()

_Known = Mapping[bytes, Classification]
_Read = tuple[Delivery, _Known]
_Waiting = tuple[T, bytes, Future[_Read] | None]


class Foreseen(Tagger):
    """Gives what any tagger gives: what most texts read ahead will ask of it is worked out."""

    def __init__(self, referentiel: Referentiel) -> None:
        super().__init__(referentiel)
        self._known: dict[bytes, Classification] = {}

    def classify(self, item: TextOfItem, hints: Hints = NO_HINTS) -> Classification:
        known = self._known.get(_digest(item, hints)) if self._known else None
        return known or super().classify(item, hints)

    def learn(self, known: _Known) -> None:
        self._known.update(known)

    def forget(self) -> None:
        """What was learnt is held in memory until it was asked."""
        self._known.clear()


def _digest(item: TextOfItem, hints: Hints) -> bytes:
    """All that the rules read, in twenty bytes: thousands of answers wait to be asked."""
    words = (item.title, item.summary, item.text, item.rubrique, item.nature)
    identifiers = [(identifier.scheme.value, identifier.value) for identifier in item.identifiers]
    facts = (identifiers, item.source_ids, hints.dispositifs, hints.secteurs)
    lengths = [len(part) for part in words]  # no two lists of words make one and the same chain
    whole = "".join((*words, repr((lengths, facts))))
    return hashlib.blake2b(whole.encode(errors="surrogatepass"), digest_size=20).digest()


class Ahead:
    """Reads archives in their order; `tagger` then knows what the rules say of their texts."""

    def __init__(self, referentiel: Referentiel, sources: Sequence[Source], few: int = FEW) -> None:
        self.tagger = Foreseen(referentiel)
        self._facts = (referentiel, tuple(sources))
        self._few = few

    def read(self, archives: Iterable[tuple[T, bytes]]) -> Iterator[tuple[T, Delivery]]:
        """What each archive says, with what came with it. Trouble is in the answer."""
        rest = iter(archives)
        first = list(islice(rest, self._few + 1))
        is_worth_it = len(first) > self._few and len(os.sched_getaffinity(0)) > 1
        read = self._read_elsewhere if is_worth_it else read_here
        yield from read(chain(first, rest))

    def _read_elsewhere(self, archives: Iterable[tuple[T, bytes]]) -> Iterator[tuple[T, Delivery]]:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        with ProcessPoolExecutor(READERS, context, _begin, self._facts) as readers:
            waiting: deque[_Waiting[T]] = deque()
            try:
                for thing, body in archives:
                    waiting.append((thing, body, _submit(readers, body)))
                    while len(waiting) > LEAD or _size(waiting) > LEAD_BYTES:
                        yield self._take(*waiting.popleft())
                while waiting:
                    yield self._take(*waiting.popleft())
            finally:
                readers.shutdown(wait=False, cancel_futures=True)

    def _take(self, thing: T, body: bytes, future: Future[_Read] | None) -> tuple[T, Delivery]:
        try:
            if future is not None:
                delivery, known = future.result()
                self.tagger.learn(known)
                return thing, delivery
        except BrokenProcessPool:
            pass  # a reader was killed: what is left is read here
        return thing, read_delivery(body)


def read_here(archives: Iterable[tuple[T, bytes]]) -> Iterator[tuple[T, Delivery]]:
    for thing, body in archives:
        yield thing, read_delivery(body)


def _size(waiting: Iterable[_Waiting[T]]) -> int:
    return sum(len(body) for _, body, _ in waiting)


def _submit(readers: ProcessPoolExecutor, body: bytes) -> Future[_Read] | None:
    try:
        return readers.submit(_read, body)
    except BrokenProcessPool:
        return None


# --- In the processes that read ------------------------------------------------------------------

_rules: Tagger
_sources: Mapping[str, Source]


def _begin(referentiel: Referentiel, sources: Sequence[Source]) -> None:
    global _rules, _sources
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who asked
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _rules, _sources = Tagger(referentiel), {source.id: source for source in sources}


def _end_with_parent() -> None:
    """Never outlive who asked, even one killed by SIGKILL."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read(body: bytes) -> _Read:
    delivery = read_delivery(body)
    questions = [foresee(mention, _sources) for mention in delivery.mentions]
    return delivery, {_digest(*question): _rules.classify(*question) for question in questions}
