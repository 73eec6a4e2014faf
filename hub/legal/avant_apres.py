"""What differs between two versions of an article, alinéa by alinéa, then word by word. Pure.

An alinéa is found again by its words, whatever its number and its place: « 2° » that becomes « 3° »
is renumbered, not removed and added. Inside an alinéa `hub.legal.wording` says what is replaced.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import Indel

from hub.changes import Op
from hub.legal.pairs import Move, Pair
from hub.legal.versions import ArticleVersion
from hub.legal.wording import Line, Piece, Reader, diff_words, is_too_long, show

ALIKE = 0.45
"""Share of words that two alinéas must have in common to be one that changed."""
BESIDE = 0.25
"""The same, for two that stand at the same place between the same unchanged ones."""
COMMON = 12
"""A word found in more alinéas than that says nothing of which goes with which."""
CANDIDATES = 4


class Fate(StrEnum):
    """What became of an alinéa."""

    SAME = "identique"
    CHANGED = "modifie"
    RENUMBERED = "renumerote"
    ADDED = "ajoute"
    REMOVED = "supprime"


@dataclass(frozen=True, slots=True)
class Alinea:
    """One alinéa of the comparison. `was` and `now` are its ranks, from 0, in the two versions.

    The old wording is `pieces` without AJOUT, the new one is `pieces` without RETRAIT.
    """

    fate: Fate
    pieces: tuple[Piece, ...]
    was: int | None = None
    now: int | None = None
    is_moved: bool = False

    @property
    def is_news(self) -> bool:
        return self.fate is not Fate.SAME or self.is_moved

    def side(self, hidden: Op) -> tuple[Piece, ...]:
        """The pieces of one version: `Op.AJOUT` hidden gives the old, `Op.RETRAIT` the new."""
        shown: list[Piece] = []
        for piece in self.pieces:
            if piece.op is not hidden:
                is_spaced = not shown or shown[-1].text.endswith(" ")
                text = piece.text.removeprefix(" ") if is_spaced else piece.text
                shown += [Piece(piece.op, text)] if text else []
        return tuple(shown)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions of an article, in the order of the new one; what is gone stands where it was.

    A side is None when there is no such version, or when it was not read: `move` and `notes` say
    which.
    """

    before: ArticleVersion | None
    after: ArticleVersion | None
    move: Move
    alineas: tuple[Alinea, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether both wordings are there and say the same."""
        has_both = self.before is not None and self.after is not None
        return has_both and not any(alinea.is_news for alinea in self.alineas)

    @property
    def title(self) -> str:
        version = self.after or self.before
        return version.title if version else ""


def compare(before: ArticleVersion | None, after: ArticleVersion | None) -> Comparison:
    """Two versions; without the first it is a creation, without the second a repeal."""
    if before is not None and after is not None:
        return Comparison(before, after, Move.MODIFIED, compare_texts(before.text, after.text))
    move = Move.CREATED if after else Move.REPEALED if before else Move.UNKNOWN
    return Comparison(before, after, move, _one_sided(before, after, move))


def compare_pair(pair: Pair) -> Comparison:
    """What a change did. A wording that was not read is told by the notes, never as a creation."""
    before, after = pair.before, pair.after
    if before is not None and after is not None:
        alineas = compare_texts(before.text, after.text)
    else:
        alineas = _one_sided(before, after, pair.move)
    return Comparison(before, after, pair.move, alineas, pair.notes)


def _one_sided(
    before: ArticleVersion | None, after: ArticleVersion | None, move: Move
) -> tuple[Alinea, ...]:
    """One wording: all of it is news when the article is, none when the other was not read."""
    version = after or before
    if version is None:
        return ()
    if move in (Move.CREATED, Move.REPEALED, Move.TRANSFERRED):
        return compare_texts(*(((), version.text) if after else (version.text, ())))
    return compare_texts(version.text, version.text)


def compare_texts(before: Sequence[str], after: Sequence[str]) -> tuple[Alinea, ...]:
    """The alinéas of two wordings, whatever article they are of."""
    reader = Reader()
    old, new = [reader.read(text) for text in before], [reader.read(text) for text in after]
    partner = _match(old, new)
    moved = _moved(partner)
    removed = _removed(len(old), partner)
    rows = [_alone(old, i, Fate.REMOVED) for i in removed.pop(-1, ())]
    for j, line in enumerate(new):
        i = partner.get(j)
        rows.append(
            _alone(new, j, Fate.ADDED) if i is None else _joined(old[i], line, i, j, j in moved)
        )
        rows += [_alone(old, gone, Fate.REMOVED) for gone in removed.pop(j, ())]
    return tuple(rows)


# --- Which alinéa is which ---------------------------------------------------------------------


def _match(old: Sequence[Line], new: Sequence[Line]) -> dict[int, int]:
    """The alinéa of `old` that each one of `new` is: the equal ones, then the alike."""
    bodies: dict[tuple[int, ...], int] = {}
    ids = [[bodies.setdefault(line.keys, len(bodies)) for line in side] for side in (old, new)]
    partner: dict[int, int] = {}
    for code in Indel.opcodes(*ids):
        if code.tag == "equal":
            width = code.src_end - code.src_start
            partner.update({code.dest_start + n: code.src_start + n for n in range(width)})
    _match_elsewhere(ids[0], ids[1], old, partner)
    return partner | _match_alike(old, new, partner)


def _match_elsewhere(
    old: Sequence[int], new: Sequence[int], lines: Sequence[Line], partner: dict[int, int]
) -> None:
    """Alinéas that only moved. Very short ones are alike by chance."""
    taken = set(partner.values())
    places: dict[int, list[int]] = defaultdict(list)
    for i in reversed(range(len(old))):
        if i not in taken and len(lines[i].keys) > 3:
            places[old[i]].append(i)
    for j, body in enumerate(new):
        if j not in partner and places.get(body):
            partner[j] = places[body].pop()


def _match_alike(
    old: Sequence[Line], new: Sequence[Line], partner: dict[int, int]
) -> dict[int, int]:
    """Pair what is left by its words, best first."""
    taken = set(partner.values())
    left = [i for i in range(len(old)) if i not in taken]
    holders: dict[int, list[int]] = defaultdict(list)
    for i in left:
        for key in set(old[i].keys):
            holders[key].append(i)
    beside = _beside(left, [j for j in range(len(new)) if j not in partner], partner)
    scored: list[tuple[float, int, int, int]] = []
    for j in range(len(new)):
        if j in partner:
            continue
        neighbours = beside.get(j, ())
        scored += [
            (-share, abs(i - j), j, i)
            for i in {*_nearest(new[j].keys, holders), *neighbours}
            if (share := _share(old[i], new[j], BESIDE if i in neighbours else ALIKE))
        ]
    found: dict[int, int] = {}
    used: set[int] = set()
    for _, _, j, i in sorted(scored):
        if j not in found and i not in used:
            found[j] = i
            used.add(i)
    return found


def _share(old: Line, new: Line, least: float) -> float:
    """The share of words in common, 0 when it is less than the least."""
    if is_too_long(old.keys, new.keys):
        return 0.0
    return float(Indel.normalized_similarity(old.keys, new.keys, score_cutoff=least))


def _nearest(keys: Sequence[int], holders: dict[int, list[int]]) -> list[int]:
    """The few alinéas that share most of these words, common words left out."""
    shared: Counter[int] = Counter()
    for key in set(keys):
        if len(lines := holders.get(key, ())) <= COMMON:
            shared.update(lines)
    return [i for i, _ in shared.most_common(CANDIDATES)]


def _beside(left: list[int], right: list[int], partner: dict[int, int]) -> dict[int, list[int]]:
    """For an alinéa that stands alone between two that did not change: the ones it may replace.

    Where as many went as came, each may only replace the one of its own rank.
    """
    found: dict[int, list[int]] = {}
    waiting = set(left)
    for run in _runs(right):
        first = partner.get(run[0] - 1, -1) + 1
        gap = [i for i in range(first, first + len(run)) if i in waiting]
        if len(gap) == len(run) and first + len(run) not in waiting:
            found.update({j: [i] for j, i in zip(run, gap, strict=True)})
    return found


def _runs(ranks: Sequence[int]) -> Iterator[list[int]]:
    run: list[int] = []
    for rank in ranks:
        if run and rank != run[-1] + 1:
            yield run
            run = []
        run.append(rank)
    if run:
        yield run


def _moved(partner: dict[int, int]) -> set[int]:
    """The alinéas that changed place: all but the longest series that kept its order."""
    tops: list[int] = []
    at: list[int] = []
    behind: dict[int, int | None] = {}
    for j in sorted(partner):
        place = bisect_left(tops, partner[j])
        behind[j] = at[place - 1] if place else None
        tops[place : place + 1], at[place : place + 1] = [partner[j]], [j]
    kept: set[int] = set()
    here = at[-1] if at else None
    while here is not None:
        kept.add(here)
        here = behind[here]
    return partner.keys() - kept


def _removed(count: int, partner: dict[int, int]) -> dict[int, list[int]]:
    """The removed alinéas, by the rank of the new one they followed (-1: at the head)."""
    follower = {i: j for j, i in partner.items()}
    place, removed = -1, defaultdict(list)
    for i in range(count):
        if i in follower:
            place = follower[i]
        else:
            removed[place].append(i)
    return removed


# --- Inside an alinéa --------------------------------------------------------------------------


def _alone(lines: Sequence[Line], rank: int, fate: Fate) -> Alinea:
    is_added = fate is Fate.ADDED
    piece = Piece(Op.AJOUT if is_added else Op.RETRAIT, lines[rank].text)
    return Alinea(fate, (piece,), None if is_added else rank, rank if is_added else None)


def _joined(old: Line, new: Line, was: int, now: int, is_moved: bool) -> Alinea:
    if old is new:
        return Alinea(Fate.SAME, (Piece(Op.EGAL, new.text),), was, now, is_moved)
    same_number = [w.key for w in old.number] == [w.key for w in new.number]
    if old.keys == new.keys:
        pieces = [Piece(Op.EGAL, show(new.words) + new.tail)]
        fate = Fate.SAME if same_number else Fate.RENUMBERED
    else:
        pieces = [*diff_words(old.words, new.words), Piece(Op.EGAL, new.tail)]
        fate = Fate.CHANGED
    return Alinea(fate, _tidy([*_number(old, new, same_number), *pieces]), was, now, is_moved)


def _number(old: Line, new: Line, is_same: bool) -> list[Piece]:
    if is_same:
        return [Piece(Op.EGAL, show(new.number))]
    gone, come = show(old.number).rstrip(), show(new.number).rstrip()
    space = " " if gone or come else ""
    return [Piece(Op.RETRAIT, gone), Piece(Op.AJOUT, come), Piece(Op.EGAL, space)]


def _tidy(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """No empty piece, and no two neighbours of one fate."""
    out: list[Piece] = []
    for piece in pieces:
        if not piece.text:
            continue
        if out and out[-1].op is piece.op:
            out[-1] = Piece(piece.op, out[-1].text + piece.text)
        else:
            out.append(piece)
    return tuple(out)
