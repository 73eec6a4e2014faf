"""What readers see of the law behind an item: where the text stands, its links to others. Pure.

What is only guessed is not shown: a step « à vérifier » stays on the editors' screens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from hub.legal.avancement import Avancement, Certainty, Milestone, Stage
from hub.legal.linkkind import LinkKind, invert
from hub.model import Precision
from hub.store.known_law import LawOfItem

STAGES = {
    Stage.PROJET: "Projet",
    Stage.CONSULTATION: "Consultation",
    Stage.AVIS: "Avis rendu",
    Stage.ADOPTE: "Signé",
    Stage.PUBLIE: "Publié",
    Stage.DIFFERE: "Application différée",
    Stage.EN_VIGUEUR_PARTIE: "En vigueur en partie",
    Stage.EN_VIGUEUR: "En vigueur",
    Stage.MODIFIE: "Modifié",
    Stage.CONFIRME: "Recours rejeté",
    Stage.ABROGE: "Abrogé",
    Stage.ANNULE: "Annulé",
}


VERBS = {
    LinkKind.MODIFIE: "modifie",
    LinkKind.ABROGE: "abroge",
    LinkKind.CREE: "crée",
    LinkKind.CODIFIE: "codifie",
    LinkKind.RATIFIE: "ratifie",
    LinkKind.TRANSPOSE: "transpose",
    LinkKind.APPLIQUE: "est pris pour l’application de",
    LinkKind.CITE: "cite",
}


class When(StrEnum):
    """How a step stands against the day of the site; the values are the CSS classes."""

    DONE = ""
    HERE = "ici"
    COMING = "futur"
    UNKNOWN = "vide"


@dataclass(frozen=True, slots=True)
class PublicStep:
    """A step in the life of a text. `until` closes a consultation; `part` names articles.
    `is_counted`: the day is not written, it follows from a rule of law.
    """

    name: str
    when: When
    on: date | None = None
    precision: Precision = Precision.DAY
    until: date | None = None
    part: str = ""
    is_counted: bool = False
    is_entry: bool = False


@dataclass(frozen=True, slots=True)
class PublicLink:
    """« Modifie : décret n° 2020-887 ». `path` is its page on the site, `url` its official one."""

    verb: str
    words: str
    about: str = ""
    url: str = ""
    path: str = ""


def public_steps(avancement: Avancement, applies: date | None) -> tuple[PublicStep, ...]:
    """The steps to show, in order. `applies` is the day that an editor answered for: what it asks
    of readers may begin long after the text itself is in force.
    """
    shown = [m for m in avancement.milestones if m.certainty is not Certainty.TO_CHECK]
    known = [m.on for m in shown if m.stage is Stage.EN_VIGUEUR and not m.part]
    steps = [_step(milestone, avancement.today) for milestone in shown]
    if applies is not None and applies not in known:
        later = (place for place, step in enumerate(steps) if step.on and step.on > applies)
        steps.insert(next(later, len(steps)), _application(applies, avancement.today))
    return tuple(_mark(steps))


def _step(milestone: Milestone, today: date) -> PublicStep:
    is_past = milestone.is_past(today)
    name = STAGES[milestone.stage]
    if milestone.stage is Stage.EN_VIGUEUR and not is_past:
        name = "Entrera en vigueur"
    when = When.DONE if is_past else When.COMING
    if milestone.day is None:
        when = When.UNKNOWN
    return PublicStep(
        name,
        when,
        milestone.on,
        milestone.precision,
        milestone.until,
        milestone.part,
        milestone.certainty is Certainty.DEDUCED,
        milestone.stage is Stage.EN_VIGUEUR,
    )


def _application(day: date, today: date) -> PublicStep:
    return PublicStep(
        "Le changement s’applique" if day <= today else "Le changement s’appliquera",
        When.DONE if day <= today else When.COMING,
        day,
    )


def _mark(steps: Sequence[PublicStep]) -> Iterable[PublicStep]:
    """Say which step the text is at: the last one done."""
    last = max((place for place, step in enumerate(steps) if step.when is When.DONE), default=-1)
    for place, step in enumerate(steps):
        yield replace(step, when=When.HERE) if place == last else step


# --- Links -------------------------------------------------------------------------------------

MOST_LINKS = 12
"""Links shown on a page, of each side: a loi may modify hundreds of articles."""


def public_links(law: LawOfItem) -> tuple[PublicLink, ...]:
    """What the text does to others, then what others do to it, each said once."""
    shown = [
        PublicLink(VERBS[LinkKind(row.kind)], row.words, row.about, row.url)
        for row in law.links[:MOST_LINKS]
    ]
    shown += [
        PublicLink(
            f"est {invert(LinkKind(one.link.kind))}",
            one.item.title,
            url=one.item.url,
            path=f"changements/{one.item.slug}/" if one.item.state.is_public else "",
        )
        for one in law.acted_on[:MOST_LINKS]
    ]
    return tuple(dict.fromkeys(shown))
