"""The words of échéances: what a sentence of French law says of a date. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from hub.model import Precision

Day = date
"""The type by another name, for the classes that have a field called `date`."""


class Role(StrEnum):
    """What the date does for its reader."""

    ENTREE_EN_VIGUEUR = "entree_en_vigueur"
    """A rule applies."""
    OBLIGATION = "obligation"
    """Someone must, or may no longer."""
    DEPOT = "depot"
    """A file, an offer or a declaration is handed in."""
    OUVERTURE = "ouverture"
    FIN = "fin"
    """A regime, an aid or a consultation ends."""
    ABROGATION = "abrogation"
    TRANSITION = "transition"
    """Two populations are told apart, or a regime lasts in between."""


class Bound(StrEnum):
    """On which side of the written date the rule stands."""

    ON = "on"
    FROM = "from"
    BY = "by"
    BEFORE = "before"
    """The written date; the last useful day is its eve."""
    UNTIL = "until"
    """The written date is in."""
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of the text that is read. None and "": unknown.

    A signature is not a publication: nothing is computed from `signed_on` but what runs from a
    promulgation, which is the date of the law (Constitution, art. 10).
    """

    nature: str = ""
    titre: str = ""
    published_on: date | None = None
    signed_on: date | None = None

    @property
    def reference(self) -> date | None:
        """The day from which the text looks forward and back."""
        return self.published_on or self.signed_on


@dataclass(frozen=True, slots=True)
class Found:
    """An échéance: `words == text[start:end]`, `sentence == text[sentence_start:sentence_end]`.

    `date` is the first day of its period. `applies_to` is taken from the sentence, "" when it says
    nothing. `anchor` is the day from which a computed date was counted, `computation` how, in
    French. `is_certain` is false where a person has to look (« à vérifier »).
    """

    date: date
    precision: Precision
    role: Role
    bound: Bound
    words: str
    start: int
    end: int
    sentence: str
    sentence_start: int
    sentence_end: int
    rule: str
    time: time | None = None
    applies_to: str = ""
    computation: str = ""
    anchor: Day | None = None
    is_certain: bool = True


class Unknown(StrEnum):
    """Why a delay has no date."""

    PUBLICATION = "publication_inconnue"
    """It runs from the publication of this text, which is not known."""
    PROMULGATION = "promulgation_inconnue"
    OTHER_TEXT = "autre_texte"
    """It runs from another text, or is left to one (« à une date fixée par décret »)."""
    EVENT = "evenement"
    """It runs from what happens to each one: a request, a notification, a contract."""
    YEARLY = "chaque_annee"


@dataclass(frozen=True, slots=True)
class Uncomputable:
    """A delay without a date: `words == text[start:end]`. Told as unknown, never asserted."""

    words: str
    start: int
    end: int
    sentence: str
    sentence_start: int
    sentence_end: int
    reason: Unknown
