"""How one text of law bears on another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.legal.norms import Citation
from hub.model import TextField


class LinkKind(StrEnum):
    """What a text does to another, in the words of the law."""

    MODIFIE = "modifie"
    ABROGE = "abroge"
    CREE = "crée"
    """An article that did not exist before."""
    CODIFIE = "codifie"
    RATIFIE = "ratifie"
    TRANSPOSE = "transpose"
    APPLIQUE = "applique"
    """It is taken for the application of the other: more than having it in its visas."""
    CITE = "cite"


_INVERSES = {
    LinkKind.MODIFIE: "modifié par",
    LinkKind.ABROGE: "abrogé par",
    LinkKind.CREE: "créé par",
    LinkKind.CODIFIE: "codifié par",
    LinkKind.RATIFIE: "ratifié par",
    LinkKind.TRANSPOSE: "transposé par",
    LinkKind.APPLIQUE: "appliqué par",
    LinkKind.CITE: "cité par",
}


def invert(kind: LinkKind) -> str:
    """The same link, seen from the text it bears on."""
    return _INVERSES[kind]


@dataclass(frozen=True, slots=True)
class Link:
    """What a text does to `target`, as it says from `start` to `end` of one of its fields.

    `target` has its place in the same field. A whole code is a target by its LEGITEXT. `about` is
    what the visas or the title say the target is about, "" where they do not say it of one text
    alone: with it, an arrêté is known from those of the same day.
    """

    kind: LinkKind
    target: Citation
    where: TextField
    start: int
    end: int
    about: str = ""
