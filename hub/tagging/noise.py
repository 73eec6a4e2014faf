"""What makes an item useless to our readers: its place in the Journal officiel, then its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from hub.analysis import Token, analyse
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
    _places: dict[str, Evidence | None] = field(default_factory=dict, compare=False, repr=False)
    """What the rubriques met until now say."""

    @classmethod
    def of(cls, rule: RegleBruit, general_guards: Sequence[str]) -> NoiseRule:
        guards = rule.gardes if rule.prime else (*rule.gardes, *general_guards)
        return cls(rule, phrases_of(rule.mots), phrases_of(rule.rubriques), phrases_of(guards))

    def phrases(self) -> Iterator[Phrase]:
        yield from (*self.words, *self.guards)

    def evidence(self, item: TextOfItem, reading: Reading) -> Evidence | None:
        """What made the rule fire, or None: it did not, or a guard held it."""
        found = self.of_rubrique(item.rubrique) or self._of_title(reading)
        if found and any(hit.field in HEAD for hit in reading.find_any(self.guards)):
            return None
        return found

    def of_rubrique(self, rubrique: str) -> Evidence | None:
        """What the place in the Journal officiel says, guards set apart."""
        if not rubrique or not self.rubriques:
            return None
        if rubrique not in self._places:
            if len(self._places) >= MAX_PLACES:
                self._places.clear()
            self._places[rubrique] = self._find_place(rubrique)
        return self._places[rubrique]

    def _find_place(self, rubrique: str) -> Evidence | None:
        tokens = _tokens_of(rubrique)
        chain = tuple(token.term for token in tokens)
        for phrase in self.rubriques:
            for first in range(len(chain) - len(phrase) + 1):
                if chain[first : first + len(phrase)] == phrase:
                    last = tokens[first + len(phrase) - 1]
                    words = rubrique[tokens[first].start : last.end]
                    return Evidence(f"bruit:{self.rule.id}", words)
        return None

    def _of_title(self, reading: Reading) -> Evidence | None:
        hits = [h for h in reading.find_any(self.words) if h.field is TextField.TITLE]
        if not hits:
            return None
        hit = min(hits, key=lambda h: (h.start, -h.end))
        return Evidence(f"bruit:{self.rule.id}", hit.words, hit.field, hit.start, hit.end)


def build_rules(referentiel: Referentiel) -> tuple[NoiseRule, ...]:
    rules = sorted(referentiel.bruit.values(), key=lambda rule: rule.id)
    return tuple(NoiseRule.of(rule, referentiel.gardes) for rule in rules)


def find_noise(
    rules: Sequence[NoiseRule], item: TextOfItem, reading: Reading, dispositifs: Sequence[Tag]
) -> tuple[Evidence, ...]:
    """The rules that take the item out of the queue; rules that only mark are not among them."""
    is_sure = any(tag.score >= OUTRANKS for tag in dispositifs)
    hiding = [
        one
        for one in rules
        if one.rule.action is not BruitAction.MARQUER and (one.rule.prime or not is_sure)
    ]
    return _fired(hiding, item, reading)


def find_marks(
    rules: Sequence[NoiseRule], item: TextOfItem, reading: Reading
) -> tuple[Evidence, ...]:
    """The rules that only say why an item is weak: a survey, news of a text already followed."""
    marking = [one for one in rules if one.rule.action is BruitAction.MARQUER]
    return _fired(marking, item, reading)


def _fired(rules: Sequence[NoiseRule], item: TextOfItem, reading: Reading) -> tuple[Evidence, ...]:
    found = (rule.evidence(item, reading) for rule in rules)
    return tuple(evidence for evidence in found if evidence)


@lru_cache(maxsize=MAX_PLACES)
def _tokens_of(rubrique: str) -> tuple[Token, ...]:
    """Thousands of texts stand under a few rubriques."""
    return tuple(analyse(rubrique))
