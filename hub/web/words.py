"""The French names of what editors meet on their screens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from hub.desk import View
from hub.messages import typeset
from hub.model import Action, ItemState, Niveau, Origin, Precision, TermKind, TextField
from hub.review import RULE, is_rule

STATES = {
    ItemState.NEW: "nouveau",
    ItemState.NOISE: "écarté par une règle",
    ItemState.TO_REVIEW: "à relire",
    ItemState.LATER: "plus tard",
    ItemState.APPROVED: "en ligne",
    ItemState.REJECTED: "rejeté",
    ItemState.MERGED: "réuni à un autre",
}
VIEWS = {
    View.WAITING: "À relire",
    View.LATER: "Plus tard",
    View.NOISE: "Écartés par les règles",
    View.APPROVED: "En ligne",
    View.REJECTED: "Rejetés",
    View.ALL: "Tous",
}
ABOUT = {
    View.WAITING: "Les règles ont déjà écarté le bruit ; ce qui reste est étiqueté.",
    View.LATER: "Mis de côté par un éditeur. Un texte revient dans la file s’il change.",
    View.NOISE: "Un texte écarté à tort ? Ouvrez-le, puis remettez-le dans la file.",
    View.APPROVED: "Ce que les lecteurs voient. Un texte retiré du site revient dans la file.",
    View.REJECTED: "Un texte rejeté ne revient dans la file que s’il change.",
    View.ALL: "Tout ce qui a été lu, quel que soit l’état.",
}
"""What each list holds, in a line."""

KINDS = {
    TermKind.DISPOSITIF: "Dispositifs",
    TermKind.FILIERE: "Filières REP",
    TermKind.SECTEUR: "Secteurs",
    TermKind.METIER: "Métiers",
}
NIVEAUX = {
    Niveau.OBLIGATOIRE: "Obligatoire",
    Niveau.CONSEILLE: "Conseillé",
    Niveau.AIDE: "Aide",
    Niveau.PROJET: "Projet",
}
PRECISIONS = {
    Precision.DAY: "ce jour précis",
    Precision.MONTH: "dans le mois",
    Precision.QUARTER: "dans le trimestre",
    Precision.YEAR: "dans l’année",
}
FIELDS = {
    TextField.TITLE: "dans le titre",
    TextField.SUMMARY: "dans le résumé",
    TextField.TEXT: "dans le texte",
}
NATURES = {
    "decret": "décret",
    "arrete": "arrêté",
    "deliberation": "délibération",
    "decision": "décision",
    "reglement": "règlement",
}
"""The accents that an identifier drops; what is not here is shown as it is."""

REASONS = {
    "hors-sujet": "Hors sujet pour nos métiers",
    "individuel": "Mesure individuelle ou locale",
    "doublon": "Déjà dit par un autre texte",
    "sans-effet": "Sans effet pratique",
    "autre": "Autre raison",
}
"""Why an editor rejects a text, in one choice."""

RULES = {
    "pertinent": "les règles de tri",
    "signale": "le signalement d’un éditeur",
    "sans-sujet": "les règles de tri (aucun sujet reconnu)",
    "intake": "la collecte",
    "identite": "la collecte",
}
"""The rules that are not noise rules."""

Named = TypeVar("Named", Niveau, Precision)
SURE, PROBABLE = 0.9, 0.7

_DONE = {
    Action.NEW_VERSION: "le texte a changé",
    Action.SET_ASIDE: "écarté",
    Action.PROPOSE: "mis dans la file",
    Action.APPROVE: "approuvé",
    Action.REJECT: "rejeté",
    Action.LATER: "mis à plus tard",
    Action.REOPEN: "remis dans la file",
    Action.WRITE: "rédaction modifiée",
    Action.ADD_TAG: "étiquette ajoutée",
    Action.REMOVE_TAG: "étiquette retirée",
    Action.UNDO: "décision annulée",
    Action.MERGE: "un autre texte y a été réuni",
    Action.JOIN: "réuni à un autre texte",
    Action.SPLIT: "séparé d’un autre texte",
}


def done(action: Action, about: str = "") -> str:
    return typeset(f"{_DONE[action]} : {about}") if about else _DONE[action]


def name_of(names: Mapping[Named, str], value: str) -> str:
    """The French name of a value as a form sends it; the value itself when it is not known."""
    return next((name for key, name in names.items() if key.value == value), value)


def author(by: str, bruit: Mapping[str, str]) -> str:
    """An editor's name, or what a rule is called; `bruit` names the noise rules by their id."""
    if not is_rule(by):
        return by
    rule = by.removeprefix(RULE)
    noise = rule.removeprefix("bruit:")
    if noise in bruit:
        return typeset(f"la règle « {bruit[noise]} »")
    return RULES.get(rule, f"la règle {rule}")


def confidence(origin: Origin, score: float) -> str:
    """How sure a tag is: a word first, then the figure."""
    if origin is Origin.EDITOR:
        return "Choisie par un éditeur"
    word = "Sûre" if score >= SURE else "Probable" if score >= PROBABLE else "À vérifier"
    return f"{word}, {round(score * 100)}\u00a0%"


def plural(number: int, one: str, many: str) -> str:
    """« 1 texte », « 2 textes », « 12 000 textes »."""
    figures = f"{number:,}".replace(",", "\u202f")
    return f"{figures}\u00a0{one if number < 2 else many}"
