"""The words of one dispositif, ready to be looked for, with what makes them mean something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hub.analysis import terms
from hub.model import TextField
from hub.referentiel import Dispositif, Exclusion
from hub.tagging.reading import Hit, Phrase, Reading, Zone, phrases_of
from hub.tagging.weighing import (
    ACRONYM,
    CONTEXT,
    FACTORS,
    MEDIUM,
    STRONG,
    WEAK_ACRONYM,
    Clue,
    best_clues,
)

NEAR = 300
"""How far, in characters, a clue in the body of a text can be from the words it explains."""

_HEAD = (TextField.TITLE, TextField.SUMMARY)
_MEDIUM_ZONES = (Zone.TITLE, Zone.SUMMARY, Zone.NOTICE)


@dataclass(frozen=True)
class Homonym:
    """An exclusion, analysed."""

    forms: tuple[Phrase, ...]
    clues: tuple[Phrase, ...]
    unless: tuple[Phrase, ...]
    towards: str

    @classmethod
    def of(cls, exclusion: Exclusion) -> Homonym:
        return cls(
            phrases_of(exclusion.formes),
            phrases_of(exclusion.indices),
            phrases_of(exclusion.sauf),
            exclusion.vers or "",
        )

    def concerns(self, phrase: Phrase) -> bool:
        return any(_holds(phrase, form) for form in self.forms)

    def explains(self, hit: Hit, reading: Reading) -> bool:
        """Whether, around these words, they mean something else."""
        if not any(_is_near(hit, h) for h in reading.find_any(self.clues) if not hit.overlaps(h)):
            return False
        return not any(_is_near(hit, other) for other in reading.find_any(self.unless))


@dataclass(frozen=True)
class Lexicon:
    term: str
    strong: tuple[Phrase, ...]
    medium: tuple[Phrase, ...]
    generic: tuple[Phrase, ...]
    context: tuple[Phrase, ...]
    acronyms: tuple[str, ...]
    weak_acronyms: tuple[str, ...]
    homonyms: tuple[Homonym, ...]

    @classmethod
    def of(cls, dispositif: Dispositif) -> Lexicon:
        strong = phrases_of((*dispositif.lexique_fort, *dispositif.synonymes))
        medium = phrases_of(dispositif.lexique_moyen)
        return cls(
            dispositif.id,
            strong,
            tuple(phrase for phrase in medium if phrase not in strong),
            phrases_of(dispositif.lexique_generique),
            phrases_of(dispositif.contexte),
            tuple(sorted(dispositif.sigles)),
            tuple(sorted(dispositif.sigles_faibles)),
            tuple(Homonym.of(exclusion) for exclusion in dispositif.exclusions),
        )

    def phrases(self) -> Iterator[Phrase]:
        yield from (*self.strong, *self.medium, *self.generic, *self.context)
        for homonym in self.homonyms:
            yield from (*homonym.clues, *homonym.unless)

    def clues(self, reading: Reading) -> list[Clue]:
        """The words that speak for this dispositif; homonyms out.

        Generic words come only with one that is not.
        """
        specific = best_clues(
            [
                *self._of_phrases(reading, self.strong, STRONG, "fort"),
                *self._of_phrases(reading, self.medium, MEDIUM, "moyen"),
                *self._of_acronyms(reading, self.acronyms, ACRONYM),
                *self._of_acronyms(reading, self.weak_acronyms, WEAK_ACRONYM),
            ]
        )
        if not specific:
            return []
        generic = self._of_phrases(reading, self.generic, MEDIUM, "generique")
        context = self._context(reading, specific)
        return best_clues([*specific, *generic, *([context] if context else [])])

    def redirected(self, reading: Reading) -> Iterator[tuple[str, Clue]]:
        """Acronyms of this dispositif that mean another one here: APER and its boats."""
        for acronym in self.acronyms:
            for hit in reading.acronyms.get(acronym, ()):
                for homonym in self._homonyms_of(terms(acronym)):
                    if homonym.towards and homonym.explains(hit, reading):
                        weight = ACRONYM * FACTORS[hit.zone]
                        yield homonym.towards, Clue(f"sigle:{acronym}", weight, hit)

    def _of_phrases(
        self, reading: Reading, phrases: Iterable[Phrase], weight: float, name: str
    ) -> Iterator[Clue]:
        for phrase in filter(reading.phrases.__contains__, phrases):
            for hit in self._meant(reading, phrase, reading.find(phrase)):
                if weight == MEDIUM and hit.zone not in _MEDIUM_ZONES:
                    continue
                yield Clue(f"{name}:{' '.join(phrase)}", weight * FACTORS[hit.zone], hit)

    def _of_acronyms(
        self, reading: Reading, acronyms: Iterable[str], weight: float
    ) -> Iterator[Clue]:
        for acronym in acronyms:
            hits = reading.acronyms.get(acronym, ())
            for hit in self._meant(reading, terms(acronym), hits) if hits else ():
                if weight == WEAK_ACRONYM and hit.zone not in _MEDIUM_ZONES:
                    continue
                yield Clue(f"sigle:{acronym}", weight * FACTORS[hit.zone], hit)

    def _meant(self, reading: Reading, phrase: Phrase, hits: tuple[Hit, ...]) -> Iterator[Hit]:
        homonyms = self._homonyms_of(phrase) if hits else []
        for hit in hits:
            if not any(homonym.explains(hit, reading) for homonym in homonyms):
                yield hit

    def _homonyms_of(self, phrase: Phrase) -> list[Homonym]:
        return [homonym for homonym in self.homonyms if homonym.concerns(phrase)]

    def _context(self, reading: Reading, found: Iterable[Clue]) -> Clue | None:
        """A word of the same world in the same sentence as a clue that is not enough alone."""
        unsure = [clue.hit for clue in found if clue.hit and clue.weight <= MEDIUM]
        for hit in (hit for hit in unsure if hit.zone in _MEDIUM_ZONES):
            for other in sorted(reading.find_any(self.context), key=lambda h: (h.field, h.start)):
                same = other.field is hit.field and other.sentence == hit.sentence
                if same and not other.overlaps(hit):
                    return Clue("contexte", CONTEXT, other)
        return None


def _holds(phrase: Phrase, part: Phrase) -> bool:
    return any(
        phrase[start : start + len(part)] == part for start in range(len(phrase) - len(part) + 1)
    )


def _is_near(hit: Hit, other: Hit) -> bool:
    if hit.field in _HEAD:
        return other.field in _HEAD
    return (
        other.field is hit.field and other.start < hit.end + NEAR and hit.start < other.end + NEAR
    )
