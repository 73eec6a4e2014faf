"""Archives read ahead of their turn by other processes, when there are many.

Reading an archive and tagging its texts are pure: done elsewhere, they say the same. The process
that asked only writes. Light to import: each process that reads begins with it.
"""

from __future__ import annotations

import gc
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

from hub.digests import Digests
from hub.legal.jorfsimple import Delivery, read_delivery
from hub.legal.tararchive import MIB
from hub.model import Classification, Source
from hub.readers import FEW, are_worth_it, reading_context
from hub.referentiel import Referentiel
from hub.tagging.foreseen import Foreseen, heard
from hub.tagging.rules import Heard, Tagger
from hub.tagging.voices import foresee

T = TypeVar("T")
READERS = 2
"""More of them would wait for the one that writes."""
LEAD = 16
LEAD_BYTES = 2 * MIB
"""Archives that may be read ahead, and their size: what they say stays in memory, but those who
read must not stop while the one who writes gathers and tags.
"""

Read = tuple[Delivery, tuple[Digests, ...]]
"""What an archive says, with the digests of its mentions."""
_Known = Mapping[Heard, Classification]
_Waiting = tuple[T, bytes, Future[tuple[Read, _Known]] | None]


class Ahead:
    """Reads archives in their order; `tagger` then knows what the rules say of their texts."""

    def __init__(self, referentiel: Referentiel, sources: Sequence[Source], few: int = FEW) -> None:
        self.tagger = Foreseen(referentiel)
        self._facts = (referentiel, tuple(sources))
        self._few = few

    def read(self, archives: Iterable[tuple[T, bytes]]) -> Iterator[tuple[T, Read]]:
        """What each archive says, with what came with it. Trouble is in the answer."""
        rest = iter(archives)
        first = list(islice(rest, self._few + 1))
        read = self._read_elsewhere if are_worth_it(len(first), self._few) else read_here
        yield from read(chain(first, rest))

    def _read_elsewhere(self, archives: Iterable[tuple[T, bytes]]) -> Iterator[tuple[T, Read]]:
        with ProcessPoolExecutor(READERS, reading_context(), _begin, self._facts) as readers:
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

    def _take(
        self, thing: T, body: bytes, future: Future[tuple[Read, _Known]] | None
    ) -> tuple[T, Read]:
        try:
            if future is not None:
                read, known = future.result()
                self.tagger.learn(known)
                return thing, read
        except BrokenProcessPool:
            pass  # a reader was killed: what is left is read here
        return thing, _read(body)


def read_here(archives: Iterable[tuple[T, bytes]]) -> Iterator[tuple[T, Read]]:
    for thing, body in archives:
        yield thing, _read(body)


def _read(body: bytes) -> Read:
    delivery = read_delivery(body)
    return delivery, tuple(map(Digests.of, delivery.mentions))


def _size(waiting: Iterable[_Waiting[T]]) -> int:
    return sum(len(body) for _, body, _ in waiting)


def _submit(readers: ProcessPoolExecutor, body: bytes) -> Future[tuple[Read, _Known]] | None:
    try:
        return readers.submit(_read_and_tag, body)
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
    gc.freeze()
    gc.set_threshold(50_000, 5, 5)  # what is read makes few cycles: to look for some takes long


def _end_with_parent() -> None:
    """Never outlive who asked, even one killed by SIGKILL."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _read_and_tag(body: bytes) -> tuple[Read, _Known]:
    delivery, digests = _read(body)
    known = {
        heard(mention, digest): _rules.classify(*foresee(mention, _sources))
        for mention, digest in zip(delivery.mentions, digests, strict=True)
    }
    return (delivery, digests), known
