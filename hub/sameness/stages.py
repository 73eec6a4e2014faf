"""The stage at which a text is spoken of: bill, consultation, vote, publication, ruling.

Two stages are two updates, even of one text: what may still change is not yet an obligation.
"""

from __future__ import annotations

import re
from enum import StrEnum

from hub.sameness.acts import Act, plain


class Stage(StrEnum):
    """The stage of its life at which a text is spoken of. Two stages are two updates."""

    UNSAID = ""
    PROJET = "projet"
    ANNONCE = "annonce"
    VOTE = "vote"
    RAPPORT = "rapport"
    PUBLIE = "publie"
    GUIDE = "guide"
    """A page that explains for good, and is no news."""
    JUGE = "juge"
    """A court rules on it."""


_ACTS = "arrete|decret|loi|ordonnance|texte|directive|reglement"
_WORDS = {
    Stage.JUGE: (
        r"conseil d'etat|\bqpc\b|cour administrative|conseil constitutionnel|constitutionnalite"
        r"|tribunal administratif|cour de cassation"
    ),
    Stage.RAPPORT: r"^rapport (?:au|relatif|d|sur)|\brapport sur le projet",
    Stage.GUIDE: (
        r"\bguide\b|boite a outils|(?:ce qu'il faut|tout) savoir|\bfaq\b|foire aux questions"
        r"|mode d'emploi|fiche pratique|\bguidelines?\b"
    ),
    Stage.PROJET: (
        rf"\b(?:avant-)?projets? (?:de |d')(?:{_ACTS})|\bconsultation\b"
        rf"|\bproposition (?:de (?:{_ACTS})|du \d)|\bsoumise?s? au public|\bobservations du\b"
        r"|\bcommission (?:europeenne )?(?:devoile|propose)|\bcompromis de la presidence"
    ),
    Stage.VOTE: (
        r"commission mixte|\bcmp\b|\baccord (?:provisoire|politique|entre|sur) "
        r"|\b(?:adopt[a-z]{1,3}|valid[a-z]{1,3}|vote) par (?:le parlement|l'assemblee|le senat"
        r"|les deputes|les senateurs)|\bparlement (?:europeen )?(?:adopte|valide|vote)"
        r"|\bapres le vote|\bavant (?:la |sa )?promulgation"
    ),
    Stage.ANNONCE: r"\bannonc[a-z]{1,6}\b|\bva (?:rouvrir|etre|paraitre)\b",
    Stage.PUBLIE: (
        r"\bpubli(?:ee?s?|cation)\b|\bparu(?:e?s?|tion)\b|journal officiel|\bau jo\b"
        r"|\bpromulguee?\b|\bpromulgation de\b|\bentree? en vigueur"
    ),
}
"""In order: what says that a text may change outweighs what says that something was published."""
_FOUND = {stage: re.compile(words) for stage, words in _WORDS.items()}
_IN_PASSING = (Stage.ANNONCE, Stage.GUIDE)


def find_stage(title: str, summary: str, own: Act | None = None) -> Stage:
    """The stage that a title says, or else its summary; an act's own title says it is published.

    What a summary announces, or calls a guide, in passing says nothing of the page.
    """
    text = plain(title)
    for stage, words in _FOUND.items():
        if words.search(text):
            return stage
    if own:
        return Stage.PUBLIE
    text = plain(summary)
    for stage, words in _FOUND.items():
        if stage not in _IN_PASSING and words.search(text):
            return stage
    return Stage.UNSAID
