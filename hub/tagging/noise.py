"""What makes an item useless to our readers: its place in the Journal officiel, then its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hub.analysis import analyse
from hub.model import Evidence, Tag, TextField, TextOfItem
from hub.referentiel import BruitAction, Referentiel, RegleBruit
from hub.tagging.reading import HEAD, Phrase, Reading, phrases_of

OUTRANKS = 0.6
"""From this score on, a dispositif is surer than a noise rule, unless the rule is `prime`."""

MAX_PLACES = 1024


@dataclass(frozen=True)
class NoiseRule:
    rule: RegleBruit
    words: tuple[Phrase, ...]
    rubriques: tuple[Phrase, ...]
    guards: tuple[Phrase, ...]

    @classmethod
    def of(cls, rule: RegleBruit, general_guards: Sequence[str]) -> NoiseRule:
        guards = rule.gardes if rule.prime else (*rule.gardes, *general_guards)
        return cls(rule, phrases_of(rule.mots), phrases_of(rule.rubriques), phrases_of(guards))

    @property
    def is_hiding(self) -> bool:
        """It takes an item out of the queue; the others only say why an item is weak."""
        return self.rule.action is not BruitAction.MARQUER

    def phrases(self) -> Iterator[Phrase]:
        yield from (*self.words, *self.guards)

    def is_held(self, reading: Reading) -> bool:
        """Whether a guard holds the rule back."""
        return any(hit.field in HEAD for hit in reading.find_any(self.guards))

    def of_title(self, reading: Reading) -> Evidence | None:
        hits = [h for h in reading.find_any(self.words) if h.field is TextField.TITLE]
        if not hits:
            return None
        hit = min(hits, key=lambda h: (h.start, -h.end))
        return Evidence(f"bruit:{self.rule.id}", hit.words, hit.field, hit.start, hit.end)


class NoiseRules:
    """All the rules, in a fixed order. Those that an item may fire are found without asking all."""

    def __init__(self, referentiel: Referentiel) -> None:
        rules = sorted(referentiel.bruit.values(), key=lambda rule: rule.id)
        self.rules = tuple(NoiseRule.of(rule, referentiel.gardes) for rule in rules)
        self._by_word: dict[Phrase, list[int]] = {}
        for number, rule in enumerate(self.rules):
            for phrase in rule.words:
                self._by_word.setdefault(phrase, []).append(number)
        self._places: dict[str, Mapping[int, Evidence]] = {}

    def of_rubrique(self, rubrique: str) -> Mapping[int, Evidence]:
        """What the place in the Journal officiel says, by rule, guards set apart.

        Thousands of texts stand under a few rubriques.
        """
        if rubrique not in self._places:
            if len(self._places) >= MAX_PLACES:
                self._places.clear()
            self._places[rubrique] = dict(self._find_places(rubrique))
        return self._places[rubrique]

    def _find_places(self, rubrique: str) -> Iterator[tuple[int, Evidence]]:
        tokens = analyse(rubrique)
        chain = tuple(token.term for token in tokens)
        for number, rule in enumerate(self.rules):
            for phrase, first in ((p, f) for p in rule.rubriques for f in range(len(chain))):
                if chain[first : first + len(phrase)] == phrase:
                    last = tokens[first + len(phrase) - 1]
                    words = rubrique[tokens[first].start : last.end]
                    yield number, Evidence(f"bruit:{rule.rule.id}", words)
                    break

    def find_noise(
        self, item: TextOfItem, reading: Reading, dispositifs: Sequence[Tag]
    ) -> tuple[Evidence, ...]:
        """The rules that take the item out of the queue; those that only mark are left out."""
        is_sure = any(tag.score >= OUTRANKS for tag in dispositifs)
        return self._fired(
            item, reading, lambda one: one.is_hiding and (one.rule.prime or not is_sure)
        )

    def find_marks(self, item: TextOfItem, reading: Reading) -> tuple[Evidence, ...]:
        """The rules that only say why an item is weak: a survey, news of a known text."""
        return self._fired(item, reading, lambda one: not one.is_hiding)

    def of_place(self, rubrique: str) -> tuple[Evidence, ...]:
        """The noise of an item without tags of which only the rubrique tells."""
        placed = self.of_rubrique(rubrique)
        return tuple(placed[n] for n in sorted(placed) if self.rules[n].is_hiding)

    def _fired(
        self, item: TextOfItem, reading: Reading, is_asked: Callable[[NoiseRule], bool]
    ) -> tuple[Evidence, ...]:
        """What made rules fire, in their order, but those that a guard held."""
        placed = self.of_rubrique(item.rubrique)
        named = {n for phrase in reading.phrases for n in self._by_word.get(phrase, ())}
        found = []
        for number in sorted(named.union(placed)):
            rule = self.rules[number]
            if is_asked(rule):
                evidence = placed.get(number) or rule.of_title(reading)
                if evidence and not rule.is_held(reading):
                    found.append(evidence)
        return tuple(found)
