"""What the page of an item shows of the law: where the text stands, its links, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from hub.legal.avancement import Avancement, Certainty, Contradiction, Doubt, Milestone, Stage
from hub.legal.avant_apres import Comparison, compare_pair
from hub.legal.avant_apres_shown import to_html
from hub.legal.linkkind import LinkKind, invert
from hub.publish.awaited import AwaitedLine, awaited_lines
from hub.publish.law import STAGES, VERBS
from hub.publish.render import period_words
from hub.store import Session
from hub.store.items import ItemRow
from hub.store.known_law import LawOfItem, know_law
from hub.text import canonical_url, format_date

CERTAINTIES = {
    Certainty.CERTAIN: "",
    Certainty.DEDUCED: "date calculée",
    Certainty.TO_CHECK: "à vérifier",
}
DOUBTS = {
    Doubt.DATES: "Les sources ne donnent pas la même date",
    Doubt.BEFORE_PUBLICATION: "Une date vient avant la publication",
    Doubt.LATE_CONSULTATION: "La consultation finit après la publication",
}
MOST_LINKS = 20


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step: `doubt` says why to look at it, `told_by` the words and rules that tell it."""

    name: str
    when: str
    doubt: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkLine:
    """`path` leads to the page of an item here, `url` to an official page; either may be ""."""

    verb: str
    words: str
    about: str
    says: str
    path: str
    url: str


@dataclass(frozen=True, slots=True)
class ShownLaw:
    stage: str
    steps: tuple[StepLine, ...]
    doubts: tuple[str, ...]
    links: tuple[LinkLine, ...]
    hidden_links: int
    comparisons: tuple[tuple[str, str], ...]
    """(title, HTML) of each article; the HTML is ours, with what comes from outside escaped."""
    awaited: tuple[AwaitedLine, ...] = ()


def show_law(session: Session, item: ItemRow, today: date) -> ShownLaw:
    law = know_law(session, [item], today)[item.id]
    links = [*_links(law), *_links_in(law)]
    return ShownLaw(
        stage=_stage(law.avancement),
        steps=tuple(map(_step, law.avancement.milestones)),
        doubts=tuple(map(_doubt, law.avancement.contradictions)),
        links=tuple(links[:MOST_LINKS]),
        hidden_links=max(0, len(links) - MOST_LINKS),
        comparisons=tuple(map(_comparison, map(compare_pair, law.pairs))),
        awaited=awaited_lines(law.awaited),
    )


def _stage(avancement: Avancement) -> str:
    if avancement.current is None:
        return ""
    windows = [m for m in avancement.milestones if m.stage is Stage.CONSULTATION]
    if avancement.current is Stage.CONSULTATION and all(
        m.until is not None and m.until < avancement.today for m in windows
    ):
        return "Consultation close"
    since = f", depuis le {format_date(avancement.since)}" if avancement.since else ""
    return f"{STAGES[avancement.current]}{since}"


def _step(milestone: Milestone) -> StepLine:
    parts = [period_words(milestone.on, milestone.precision)] if milestone.on else []
    if milestone.until:
        parts.append(f"close le {format_date(milestone.until)}")
    if milestone.part:
        parts.append(milestone.part)
    words = (step.evidence.words for step in milestone.steps)
    return StepLine(
        name=STAGES[milestone.stage],
        when=", ".join(parts) or "date inconnue",
        doubt=CERTAINTIES[milestone.certainty],
        words=tuple(dict.fromkeys(word for word in words if word)),
    )


def _doubt(contradiction: Contradiction) -> str:
    told = " ; ".join(
        f"{line.name.lower()} {line.when}" for line in map(_step, contradiction.milestones)
    )
    return f"{DOUBTS[contradiction.doubt]} : {told}."


def _links(law: LawOfItem) -> Iterator[LinkLine]:
    for row in law.links:
        url = row.url if canonical_url(row.url) else ""
        yield LinkLine(VERBS[LinkKind(row.kind)], row.words, row.about, row.says, "", url)


def _links_in(law: LawOfItem) -> Iterator[LinkLine]:
    for one in law.acted_on:
        path = f"/relecture/items/{one.item.slug}"
        verb = f"est {invert(LinkKind(one.link.kind))}"
        yield LinkLine(verb, one.item.title, one.link.about, one.link.says, path, "")


def _comparison(comparison: Comparison) -> tuple[str, str]:
    return comparison.title, to_html(comparison, level=5)
