"""The draft on the page of an item: where each sentence comes from, what the text still offers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hub.legal.draft import Draft, DraftEcheance
from hub.legal.drawn import Drawn
from hub.messages import message
from hub.model import Action
from hub.review import Past, Standing, list_effective
from hub.text import clean, parse_date
from hub.web import words
from hub.web.drafting import draft_redaction, list_dates, to_echeance, to_line
from hub.web.forms import EcheanceInput, RedactionInput, show_redaction
from hub.web.passages import Passage, number_places

FIELDS = ("ce_qui_change", "pour_qui", "applicable_le", "niveau")


@dataclass(frozen=True, slots=True)
class Ref:
    """A place in the text: its number, and the letter that it bears on the page."""

    number: int
    letter: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of a date: its place, how it was counted, whether a person has to look."""

    ref: Ref
    computation: str
    is_certain: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """What a changed text says of a field, beside what an editor wrote there."""

    text: str
    refs: tuple[Ref, ...]


@dataclass(frozen=True, slots=True)
class OfferedDate:
    """A date of the text that is not in the form. `what` is what to ask for to take it up."""

    what: str
    line: EcheanceInput
    precision: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ShownDraft:
    """Everything by the name of its field. `places` are to be shown in the text, and `back` is the
    field that each leads to. `entry` are the words that say from when; `origins` explain the
    échéances of the form, by their sentence; `gone` are the sentences that were in the text.
    """

    notice: str = ""
    refs: Mapping[str, tuple[Ref, ...]] = field(default_factory=dict)
    reason: str = ""
    entry: str = ""
    computation: str = ""
    offers: Mapping[str, Offer] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    offered: Sequence[OfferedDate] = ()
    places: Mapping[Passage, int] = field(default_factory=dict)
    back: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Drafting:
    """What is known when a draft is shown. `before` is the draft of the text that an editor wrote
    or answered on, when it changed since.
    """

    drawn: Draft
    typed: RedactionInput
    is_written: bool
    is_open: bool
    is_official: bool
    before: Draft | None = None


def find_base(standing: Standing, trail: Sequence[Past]) -> int:
    """The last version on which someone wrote or answered; 0 when nobody did."""
    written = [past.version for past in list_effective(trail) if past.action is Action.WRITE]
    return max([standing.reviewed_version, *written[-1:]])


def show_draft(drafting: Drafting) -> ShownDraft:
    """Only what is in the form, or may be taken up, is shown and marked in the text."""
    drawn = drafting.drawn
    held = _list_held(drafting)
    offers = _list_offers(drafting)
    lines = _list_lines(drafting)
    offered = _list_offered(drafting)
    used = {name: _drawn_for(drawn, name) for name in FIELDS if name in held or name in offers}
    used["echeances"] = tuple(one.drawn for one in (*lines.values(), *dict(offered).values()))
    lettering = _Lettering(one for part in used.values() for one in part)
    return ShownDraft(
        notice=_notice(drafting, held, offers, offered),
        refs={name: lettering.refs(used[name]) for name in held},
        reason=_reason(drawn) if "niveau" in held else "",
        entry=_entry(drawn) if "applicable_le" in held else "",
        computation=_computation(drafting),
        offers={name: Offer(text, lettering.refs(used[name])) for name, text in offers.items()},
        origins={sentence: lettering.origin(one) for sentence, one in lines.items()},
        gone=_find_gone(drafting),
        offered=[_offer_date(number, one, lettering) for number, one in offered],
        places=lettering.places,
        back=lettering.back(used),
    )


# --- What is shown -----------------------------------------------------------------------------


def _drawn_for(drawn: Draft, name: str) -> tuple[Drawn, ...]:
    return {
        "ce_qui_change": drawn.ce_qui_change,
        "pour_qui": drawn.pour_qui,
        "applicable_le": drawn.a_partir_de_quand,
        "niveau": (drawn.niveau_from,) if drawn.niveau_from else (),
    }[name]


def _proposed(drawn: Draft) -> RedactionInput:
    return show_redaction(draft_redaction("", drawn))


def _list_held(drafting: Drafting) -> list[str]:
    """The fields that hold what the text says, or that only a person can fill from it."""
    proposed, typed = _proposed(drafting.drawn), drafting.typed
    return [
        name
        for name in FIELDS
        if _drawn_for(drafting.drawn, name)
        and (
            getattr(typed, name) == getattr(proposed, name)
            or (name == "applicable_le" and _is_entry_to_read(drafting))
        )
    ]


def _is_entry_to_read(drafting: Drafting) -> bool:
    """No date is written yet, or what says from when is not what it was."""
    if drafting.before is not None and _entry(drafting.before) != _entry(drafting.drawn):
        return True
    return drafting.is_open and not drafting.typed.applicable_le


def _list_offers(drafting: Drafting) -> dict[str, str]:
    """What the text says otherwise than the one that was there, and that the form does not say."""
    if drafting.before is None:
        return {}
    proposed, before = _proposed(drafting.drawn), _proposed(drafting.before)
    values = {name: getattr(proposed, name) for name in FIELDS}
    return {
        name: words.name_of(words.NIVEAUX, value) if name == "niveau" else value
        for name, value in values.items()
        if value and value not in (getattr(before, name), getattr(drafting.typed, name))
    }


def _list_lines(drafting: Drafting) -> dict[str, DraftEcheance]:
    """The échéances of the form that the text explains, by their sentence."""
    found = {to_echeance(one).sentence: one for one in drafting.drawn.echeances}
    sentences = (line.sentence for line in drafting.typed.echeances)
    return {sentence: found[sentence] for sentence in sentences if sentence in found}


def _find_gone(drafting: Drafting) -> frozenset[str]:
    """The sentences of the form that a changed text does not say any more."""
    if drafting.before is None:
        return frozenset()
    now = {to_echeance(one).sentence for one in drafting.drawn.echeances}
    before = {to_echeance(one).sentence for one in drafting.before.echeances}
    return frozenset({line.sentence for line in drafting.typed.echeances} & (before - now))


def _list_offered(drafting: Drafting) -> list[tuple[int, DraftEcheance]]:
    """The dates of the text that are not in the form, with their number."""
    if not drafting.is_open:
        return []
    days = {parse_date(line.date) for line in drafting.typed.echeances}
    days.add(parse_date(drafting.typed.applicable_le))
    numbered = enumerate(list_dates(drafting.drawn), start=1)
    return [(number, one) for number, one in numbered if one.found.date not in days]


def _offer_date(number: int, one: DraftEcheance, lettering: _Lettering) -> OfferedDate:
    precision = words.name_of(words.PRECISIONS, one.found.precision.value)
    return OfferedDate(f"echeance:{number}", to_line(one), precision, lettering.origin(one))


# --- What is said ------------------------------------------------------------------------------


def _notice(
    drafting: Drafting, held: Sequence[str], offers: Mapping[str, str], offered: Sequence[object]
) -> str:
    if drafting.is_written:
        is_renewed = drafting.before is not None and (offers or offered or _find_gone(drafting))
        return message("draft.renewed") if is_renewed else ""
    if not (held or drafting.drawn.echeances):
        return message("draft.nothing")
    return message("draft.official" if drafting.is_official else "draft.partner")


def _reason(drawn: Draft) -> str:
    words_found = clean(drawn.niveau_words)
    return message(f"draft.{drawn.niveau.value}", mots=words_found) if words_found else ""


def _computation(drafting: Drafting) -> str:
    is_proposed = drafting.typed.applicable_le == _proposed(drafting.drawn).applicable_le
    return drafting.drawn.computation if is_proposed else ""


def _entry(drawn: Draft) -> str:
    return " ".join(clean(one.words) for one in drawn.a_partir_de_quand)


# --- Letters -----------------------------------------------------------------------------------


class _Lettering:
    """The places of a draft in one text, numbered in reading order and lettered alike."""

    def __init__(self, drawn: Iterable[Drawn]) -> None:
        self.places = number_places((one.field, one.start, one.end) for one in drawn)

    def ref(self, one: Drawn) -> Ref:
        number = self.places[one.field, one.start, one.end]
        return Ref(number, to_letter(number))

    def refs(self, part: Iterable[Drawn]) -> tuple[Ref, ...]:
        return tuple(dict.fromkeys(map(self.ref, part)))

    def origin(self, one: DraftEcheance) -> Origin:
        return Origin(self.ref(one.drawn), one.found.computation, one.found.is_certain)

    def back(self, used: Mapping[str, tuple[Drawn, ...]]) -> dict[int, str]:
        found: dict[int, str] = {}
        for name, part in used.items():
            for one in part:
                found.setdefault(self.ref(one).number, name)
        return found


def to_letter(number: int) -> str:
    """a, b… z, aa, ab… from 1."""
    first, last = divmod(number - 1, 26)
    return (to_letter(first) if first else "") + chr(ord("a") + last)
