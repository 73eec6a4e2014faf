"""Which published items go to which subscriber in this issue, and why. Pure.

An item goes to a reader when all of this holds:

- it is public, and was approved at or before the cutoff of the issue;
- it carries a métier or a dispositif that the reader follows (a REP filière counts for REP);
- it was approved after the reader's starting point for that term: 30 days before the term was
  chosen, so that a first letter is useful without being an archive;
- it was never delivered to this reader, whatever happened to it since: a new version, a change of
  rules or a replay of the archive announces nothing twice.

What is told is new, or a reminder: an older change that this reader has not been told of yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from hub.model import Echeance, Niveau, Redaction, Tag, TermKind
from hub.text import MONTHS, PARIS, clean, comparable, paris_day

FULL_ENTRIES = 12
"""How many items a letter tells in full; the others are listed by their titles."""
HEAD_START = timedelta(days=30)
NEW_FOR = timedelta(days=31)
"""How long after it is published, or begins to apply, a change is still new."""
HORIZON = timedelta(days=60)
MAX_DATES = 10
LETTER_HOUR = time(7)
REP = "REP"
_NATURES = "1er arrêté décision décret délibération directive loi ordonnance règlement"
_CITING = frozenset(comparable(" ".join((_NATURES, *MONTHS))).split())
"""The words of a bare citation, as « loi n° 2020-105 du 10 février 2020 »."""

Term = tuple[TermKind, str]


class Skip(StrEnum):
    """Why a subscriber has no letter in this issue. Expected, counted, logged."""

    NOTHING_NEW = "nothing-new"
    ALREADY_SENT = "already-sent"
    UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class News:
    """An item as letters see it. `redaction` is None when nobody has written anything of it."""

    id: int
    slug: str
    title: str
    is_public: bool
    public_at: datetime | None
    published_on: date | None = None
    summary: str = ""
    redaction: Redaction | None = None
    tags: tuple[Tag, ...] = ()

    @property
    def niveau(self) -> Niveau | None:
        return self.redaction.niveau if self.redaction else None

    @property
    def applicable_le(self) -> date | None:
        return self.redaction.applicable_le if self.redaction else None

    @property
    def headline(self) -> str:
        return (self.redaction.titre if self.redaction else "") or self.title


@dataclass(frozen=True, slots=True)
class Reader:
    """A subscriber; `since` gives each term they follow with its starting point."""

    id: int
    since: Mapping[Term, datetime]


@dataclass(frozen=True, slots=True)
class Reason:
    """« Vous suivez … » : the term, the filières that led to it, the words that prove it."""

    kind: TermKind
    term: str
    filieres: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. `also` are other texts that editors told in exactly the same words."""

    news: News
    reasons: tuple[Reason, ...]
    is_new: bool = True
    also: tuple[News, ...] = ()

    @property
    def items(self) -> tuple[News, ...]:
        return (self.news, *self.also)


@dataclass(frozen=True, slots=True)
class Upcoming:
    """An échéance that comes within 60 days, and the item that says so."""

    echeance: Echeance
    news: News


@dataclass(frozen=True, slots=True)
class Digest:
    """What one reader is told in one issue. `quiet` are the followed terms with nothing new."""

    issue: str
    reader: Reader
    entries: tuple[Entry, ...]
    dates: tuple[Upcoming, ...]
    quiet: tuple[Term, ...]

    @property
    def full(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries[:FULL_ENTRIES] if entry.is_new)

    @property
    def reminders(self) -> tuple[Entry, ...]:
        """Those told in short; they come after all that is new."""
        return tuple(entry for entry in self.entries[:FULL_ENTRIES] if not entry.is_new)

    @property
    def rest(self) -> tuple[Entry, ...]:
        return self.entries[FULL_ENTRIES:]


class Catalogue:
    """Items by the terms they carry, so that ten thousand readers do not each read them all."""

    def __init__(self, news: Iterable[News]) -> None:
        self._by_term: dict[Term, list[News]] = defaultdict(list)
        for one in news:
            for term in terms_of(one.tags):
                self._by_term[term].append(one)

    def find(self, terms: Iterable[Term]) -> list[News]:
        """Items that carry one of these terms, each once."""
        found = {one.id: one for term in terms for one in self._by_term.get(term, ())}
        return list(found.values())


# --- Time --------------------------------------------------------------------------------------


def issue_of(moment: datetime) -> str:
    """The name of the weekly issue, by its ISO week in Paris: `2026-W37`."""
    year, week, _ = moment.astimezone(PARIS).isocalendar()
    return f"{year}-W{week:02d}"


def weekly_cutoff(now: datetime) -> datetime:
    """The last Monday, 7:00 in Paris, that is not after `now`: the cutoff of automatic issues.

    Later approvals wait for the next Monday, so an editor keeps time to undo, and a reader gets
    one letter a week rather than the first item of each week alone.
    """
    local = now.astimezone(PARIS)
    monday = local.date() - timedelta(days=local.weekday())
    cutoff = datetime.combine(monday, LETTER_HOUR, PARIS)
    if cutoff > local:
        cutoff = datetime.combine(monday - timedelta(days=7), LETTER_HOUR, PARIS)
    return cutoff.astimezone(now.tzinfo)


def starting_points(
    terms: Iterable[Term], confirmed_at: datetime, chosen_at: Mapping[Term, datetime]
) -> dict[Term, datetime]:
    """From when each followed term counts: 30 days before it was chosen."""
    return {term: chosen_at.get(term, confirmed_at) - HEAD_START for term in terms}


# --- Selection ---------------------------------------------------------------------------------


def select_digest(
    reader: Reader, catalogue: Catalogue, delivered: Set[int], cutoff: datetime, today: date
) -> Digest | Skip:
    """What this reader is told, the newest first; the same whatever the order of the items."""
    followed = [one for one in catalogue.find(reader.since) if one.is_public]
    fresh = [
        one for one in followed if one.id not in delivered and _is_due(one, reader.since, cutoff)
    ]
    if not fresh:
        return Skip.NOTHING_NEW
    entries = _make_entries(fresh, reader, paris_day(cutoff))
    told = {(reason.kind, reason.term) for entry in entries for reason in entry.reasons}
    return Digest(
        issue_of(cutoff),
        reader,
        entries,
        select_dates(followed, cutoff, today),
        tuple(term for term in reader.since if term not in told),
    )


def _is_due(news: News, since: Mapping[Term, datetime], cutoff: datetime) -> bool:
    if news.public_at is None or news.public_at > cutoff:
        return False
    return any(news.public_at > since[term] for term in terms_of(news.tags) if term in since)


def _make_entries(fresh: Iterable[News], reader: Reader, day: date) -> tuple[Entry, ...]:
    """What is new before the reminders; texts told in the same words make one entry."""
    same: dict[tuple[object, ...], list[News]] = defaultdict(list)
    for one in sorted(fresh, key=lambda one: _rank(one, day)):
        same[_wording(one, day)].append(one)
    return tuple(
        Entry(
            group[0],
            find_reasons([tag for one in group for tag in one.tags], reader.since),
            is_new(group[0], day),
            tuple(group[1:]),
        )
        for group in same.values()
    )


def is_new(news: News, day: date) -> bool:
    """Published, or applicable, in the 31 days before `day` or after it. No date is not new."""
    dates = (news.published_on, news.applicable_le)
    return any(one >= day - NEW_FOR for one in dates if one)


def _rank(news: News, day: date) -> tuple[bool, int, bool, str]:
    """What is new, the latest event first, obligations first in a day, then a stable order."""
    begun = news.applicable_le if news.applicable_le and news.applicable_le <= day else None
    latest = max((one.toordinal() for one in (news.published_on, begun) if one), default=0)
    return (not is_new(news, day), -latest, news.niveau is not Niveau.OBLIGATOIRE, news.slug)


def _wording(news: News, day: date) -> tuple[object, ...]:
    """Equal for the texts that one entry can tell without saying anything false of either."""
    text = clean(news.redaction.ce_qui_change) if news.redaction else ""
    return (text, news.niveau, news.applicable_le, is_new(news, day)) if text else (news.id,)


def select_dates(followed: Iterable[News], cutoff: datetime, today: date) -> tuple[Upcoming, ...]:
    """The échéances of followed items from today to 60 days on, told of once each, soonest first.

    Items already delivered count: a date is worth recalling until it has passed.
    """
    found: dict[tuple[date, str], Upcoming] = {}
    for news in sorted(followed, key=lambda one: one.slug):
        if news.redaction is None or news.public_at is None or news.public_at > cutoff:
            continue
        for echeance in news.redaction.echeances:
            if today <= echeance.date <= today + HORIZON:
                found.setdefault((echeance.date, echeance.label), Upcoming(echeance, news))
    return tuple(found[key] for key in sorted(found))[:MAX_DATES]


# --- Reasons -----------------------------------------------------------------------------------


def terms_of(tags: Iterable[Tag]) -> set[Term]:
    """The terms a reader may follow that these tags answer to."""
    terms: set[Term] = set()
    for tag in tags:
        if tag.kind in (TermKind.METIER, TermKind.DISPOSITIF):
            terms.add((tag.kind, tag.term))
        elif tag.kind is TermKind.FILIERE:
            terms.add((TermKind.DISPOSITIF, REP))
    return terms


def find_reasons(tags: Sequence[Tag], followed: Collection[Term]) -> tuple[Reason, ...]:
    """Why an item with these tags goes to someone who follows these terms, métiers first."""
    carried = sorted(terms_of(tags) & set(followed), key=lambda t: (t[0] != TermKind.METIER, t[1]))
    return tuple(_reason(term, tags) for term in carried)


def _reason(term: Term, tags: Sequence[Tag]) -> Reason:
    kind, name = term
    behind = [tag for tag in tags if (tag.kind, tag.term) == term]
    filieres = sorted({tag.term for tag in tags if tag.kind is TermKind.FILIERE})
    if term != (TermKind.DISPOSITIF, REP):
        filieres = []
    behind += [tag for tag in tags if tag.kind is TermKind.FILIERE and tag.term in filieres]
    return Reason(kind, name, tuple(filieres), _words_behind(behind, tags))


def _words_behind(behind: Sequence[Tag], tags: Sequence[Tag], depth: int = 3) -> str:
    """The words of a tag, or those of the tag it was deduced from (a métier from a dispositif)."""
    said = (evidence.words for tag in behind for evidence in tag.evidence)
    words = next((words for words in said if _explains(words)), "")
    if words or depth == 0:
        return words
    rules = {evidence.rule for tag in behind for evidence in tag.evidence}
    parents = [tag for tag in tags if f"{tag.kind}:{tag.term}" in rules]
    return _words_behind(parents, tags, depth - 1) if parents else ""


def _explains(words: str) -> bool:
    """The number of a text says nothing of what it is about."""
    terms = comparable(words).split()
    return any(len(term) > 2 and not term.isdigit() and term not in _CITING for term in terms)
