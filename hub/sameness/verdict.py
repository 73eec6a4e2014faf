"""Whether two mentions speak of one update, and what says so. Symmetric, and of the two alone.

A pair is SAME only on what the law itself makes unique, or on a title told word for word; what
looks alike is UNKNOWN here, and left to `hub.sameness.nearness` and to an editor. DIFFERENT is a
veto: the two are never in one group, nor proposed, whatever else joins them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum, StrEnum

from rapidfuzz import fuzz

from hub.identity import contradict
from hub.sameness.acts import NUMBERED, Act
from hub.sameness.reading import Trace
from hub.sameness.stages import Stage


class Answer(StrEnum):
    SAME = "same"
    PROPOSE = "propose"
    """For an editor to say."""
    DIFFERENT = "different"
    UNKNOWN = "unknown"


class Ground(IntEnum):
    """What joins two mentions, strongest first: the order in which groups are made."""

    EDITOR = 0
    VOICE = 1
    IDENTIFIER = 2
    NUMBER = 3
    ADDRESS = 4
    ACT = 5
    TITLE = 6
    ALIKE = 7
    """Words, days and acts in common: never enough alone."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`evidence` is what both have, or the two things that oppose them."""

    answer: Answer
    ground: Ground = Ground.ALIKE
    evidence: tuple[str, ...] = ()


UNKNOWN = Verdict(Answer.UNKNOWN)
SEASON = timedelta(days=60)
"""How far apart two sources still comment the same news: nine tenths do within a month."""
MIN_TITLE_WORDS = 8
MIN_ACT_WORDS = 4
OTHER_OBJECT = 0.6
"""How much of the words of two titles of acts of one day must agree for them not to be two."""


def compare(left: Trace, right: Trace) -> Verdict:
    """What the two say of each other. The order of the two does not matter."""
    first, second = sorted((left, right), key=lambda trace: trace.rank)
    if _shares_proof(first, second):
        return _compare_proven(first, second)
    if opposed := find_opposition(first, second):
        return Verdict(Answer.DIFFERENT, evidence=opposed)
    for find in (_by_voice, _by_number, _by_address, _by_act, _by_title):
        if verdict := find(first, second):
            return verdict
    return UNKNOWN


# --- Vetoes ------------------------------------------------------------------------------------


def find_opposition(left: Trace, right: Trace) -> tuple[str, ...]:
    """The two things that make them two updates; empty when nothing does."""
    if contradict(tuple(left.proofs), tuple(right.proofs)):
        return "identifiers", _told(left.proofs), _told(right.proofs)
    if left.voice == right.voice:
        return ()
    if left.numbers and right.numbers:
        if left.numbers & right.numbers:
            return ()
        if not _may_be_miswritten(left, right):
            return "numbers", _told(left.numbers), _told(right.numbers)
    if left.source_id == right.source_id:
        return "source", left.voice[1], right.voice[1]
    return (
        _oppose_natures(left, right)
        or _oppose_signatures(left, right)
        or _oppose_stages(left, right)
        or _oppose_days(left, right)
    )


def _may_be_miswritten(left: Trace, right: Trace) -> bool:
    """Whether a number that a page merely quotes is belied by what it says: an editor looks."""
    is_quoted = any(not trace.proofs and not trace.own for trace in (left, right))
    return is_quoted and len(left.telling & right.telling) >= CLOSE


CLOSE = 3


def _told(values: frozenset[object] | frozenset[str]) -> str:
    return " ".join(sorted(map(str, values)))


def _oppose_natures(left: Trace, right: Trace) -> tuple[str, ...]:
    """A décret and the arrêté of the same day are two, and who speaks of « un décret » does not
    speak of an arrêté."""
    natures = [_natures_of(left), _natures_of(right)]
    if all(natures) and not natures[0] & natures[1]:
        return "natures", _told(natures[0]), _told(natures[1])
    return ()


def _natures_of(trace: Trace) -> frozenset[str]:
    """The nature of the act that a title is of, or those it names, or that its number says."""
    if trace.own:
        return frozenset((trace.own.nature,))
    found = trace.natures
    for number in () if found else trace.numbers:
        series = number.split(":")[0]
        found |= NUMBERED if series == "fr" else {series}
    return found


def _oppose_signatures(left: Trace, right: Trace) -> tuple[str, ...]:
    if left.own and right.own:
        days = left.own.signed_on, right.own.signed_on
        if all(days) and days[0] != days[1]:
            return "signatures", str(days[0]), str(days[1])
        return _oppose_objects(left, right)
    for act, other in ((left.own, right), (right.own, left)):
        if act and act.signed_on:
            days_named = {day for nature, day in other.acts if nature == act.nature}
            if days_named and act.signed_on not in days_named:
                return "signatures", str(act.signed_on), _told(frozenset(map(str, days_named)))
    return ()


def _oppose_objects(left: Trace, right: Trace) -> tuple[str, ...]:
    """Two acts of one nature and one day that bear two objects: a ministry signs several a day."""
    fewest = min(len(left.subject), len(right.subject))
    if fewest >= MIN_ACT_WORDS and len(left.subject & right.subject) < OTHER_OBJECT * fewest:
        return "objects", left.title, right.title
    return ()


def _oppose_stages(left: Trace, right: Trace) -> tuple[str, ...]:
    if left.stage and right.stage and left.stage is not right.stage:
        return "stages", left.stage.value, right.stage.value
    return ()


def _oppose_days(left: Trace, right: Trace) -> tuple[str, ...]:
    if left.own and right.own and left.own.signed_on:
        return ()  # of one nature and one day: a page about an act may be dated long after it
    if left.day and right.day and abs(left.day - right.day) > SEASON:
        return "days", str(left.day), str(right.day)
    return ()


# --- What joins --------------------------------------------------------------------------------


def _shares_proof(left: Trace, right: Trace) -> bool:
    return bool(left.proofs & right.proofs)


def _compare_proven(left: Trace, right: Trace) -> Verdict:
    """One identifier in common; another that opposes them outweighs it, for it is copied wrong
    more often than two bodies share one."""
    shared = tuple(sorted(map(str, left.proofs & right.proofs)))
    is_apart = any(_is_page_apart(trace) for trace in (left, right)) and left.stage != right.stage
    if contradict(tuple(left.proofs), tuple(right.proofs)):
        opposed = "identifiers", _told(left.proofs), _told(right.proofs)
        return Verdict(Answer.DIFFERENT, Ground.IDENTIFIER, opposed)
    if left.voice == right.voice:
        return Verdict(Answer.SAME, Ground.VOICE, left.voice)
    answer = Answer.PROPOSE if is_apart else Answer.SAME
    return Verdict(answer, Ground.IDENTIFIER, shared)


_APART = (Stage.GUIDE, Stage.JUGE)


def _is_page_apart(trace: Trace) -> bool:
    """Whether it is a page that explains an act for good, or a court's ruling on it."""
    return trace.stage in _APART and not trace.own


def _by_voice(left: Trace, right: Trace) -> Verdict | None:
    if left.voice != right.voice:
        return None
    if left.numbers and right.numbers and not left.numbers & right.numbers:
        opposed = "numbers", _told(left.numbers), _told(right.numbers)
        return Verdict(Answer.DIFFERENT, Ground.VOICE, opposed)
    return Verdict(Answer.SAME, Ground.VOICE, left.voice)


def _by_number(left: Trace, right: Trace) -> Verdict | None:
    """A number alone may be miswritten (2026-23 for 2026-16) or that of a text whose guide this is:
    two telling terms must agree with it, and both must be news of the act."""
    shared = left.numbers & right.numbers
    if not shared:
        return None
    common = left.telling & right.telling
    is_ruled = any((left.stage is stage) is not (right.stage is stage) for stage in _APART)
    is_news = all(_is_news(trace) for trace in (left, right))
    is_sure = len(common) >= MIN_COMMON and is_news and not is_ruled
    is_sure = is_sure and left.source_id != right.source_id
    answer = Answer.SAME if is_sure else Answer.PROPOSE
    return Verdict(answer, Ground.NUMBER, (*sorted(shared), *sorted(common)))


def _is_news(trace: Trace) -> bool:
    """Whether it is the act, or dated, or says that the act is out: else it may stand for good."""
    return bool(trace.proofs or trace.own or trace.day) or trace.stage is Stage.PUBLIE


MIN_COMMON = 2


def _by_address(left: Trace, right: Trace) -> Verdict | None:
    """One page under one title. Pages change: another title at its address is left to an editor."""
    if not left.address or left.address != right.address:
        return None
    is_sure = left.title == right.title and not (left.numbers and right.numbers)
    return Verdict(Answer.SAME if is_sure else Answer.PROPOSE, Ground.ADDRESS, (left.address,))


def _by_act(left: Trace, right: Trace) -> Verdict | None:
    """Nature, day of signature and object, word for word, of an act without number.

    Two décrets of one day may bear one title (PEMD, 25 June 2021): where a number exists, a title
    that omits it is left to an editor. A short object (« portant nomination ») names several acts.
    """
    if not (left.own and right.own and left.own.signed_on == right.own.signed_on):
        return None
    if left.own.signed_on is None or left.own.nature in NUMBERED:
        return None
    if left.about != right.about or len(left.about.split()) < MIN_TITLE_WORDS:
        return None
    return Verdict(Answer.SAME, Ground.ACT, _name(left.own))


def _name(act: Act) -> tuple[str, ...]:
    return act.nature, str(act.signed_on)


def _by_title(left: Trace, right: Trace) -> Verdict | None:
    """One title, or nearly, in the same days: a notice and its corrected version have it too."""
    if not is_one_title(left, right):
        return None
    return Verdict(Answer.PROPOSE, Ground.TITLE, tuple(dict.fromkeys((left.title, right.title))))


def is_one_title(left: Trace, right: Trace) -> bool:
    """Whether two publishers print one article: sources cut a title's end, or change a word."""
    if min(len(left.title.split()), len(right.title.split())) < MIN_TITLE_WORDS:
        return False
    return fuzz.ratio(left.title, right.title, score_cutoff=ONE_TITLE) >= ONE_TITLE


ONE_TITLE = 90
"""Of a hundred: how much of two titles is alike, character after character."""
