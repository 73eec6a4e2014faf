"""The facts of the demonstration, from `facts/*.yaml`: real titles, dates and numbers, each with
where it was seen. What is not known is absent, never made up.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from hub.text import format_date, parse_date
from hub.yamlfile import Strict, load_yaml

FACTS = Path(__file__).parent / "facts"

_TEXT = re.compile(r"(?P<id>JORFTEXT\d{12}) (?:(?P<nor>[A-Z]{4}\d{7}[A-Z]) )?(?P<title>\S.*)")
_NUMBERED = re.compile(r"(?:LOI|Ordonnance|Décret) n° (\d{4}-\d+) du ")
_SIGNED = re.compile(r"\S+(?: (?:n°|nos) \S+(?: [A-Z]{2,3})*)? du (\d{1,2}(?:er)? \S+ \d{4})")
_NATURES = {
    "loi": "LOI",
    "ordonnance": "ORDONNANCE",
    "décret": "DECRET",
    "arrêté": "ARRETE",
    "décision": "DECISION",
    "délibération": "DELIBERATION",
    "avis": "AVIS",
}


# --- Journal officiel --------------------------------------------------------------------------


class JoText(Strict):
    """One text of an issue. In the files it is one line: `JORFTEXT… [NOR] title`."""

    id: str
    nor: str
    title: str

    @property
    def nature(self) -> str:
        """As DILA writes it, without accents; empty when the title does not say it."""
        return _NATURES.get(self.title.split(" ", 1)[0].lower(), "")

    @property
    def number(self) -> str:
        """`2026-822` for laws and decrees; empty for the rest."""
        match = _NUMBERED.match(self.title)
        return match[1] if match else ""

    @property
    def signed_on(self) -> dt.date | None:
        """The day in the first words of the title; a later one is the day of another text."""
        match = _SIGNED.match(self.title)
        return parse_date(match[1]) if match else None

    @property
    def short_title(self) -> str:
        """« Arrêté du 11 août 2026 »: the title up to its date."""
        match = _SIGNED.match(self.title)
        return match[0] if match else self.title


def _read_text(value: object) -> dict[str, str]:
    match = _TEXT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("expected `JORFTEXT… [NOR] title`")
    return {"id": match["id"], "nor": match["nor"] or "", "title": match["title"]}


class JoPart(Strict):
    """`rubrique` is the path in the summary, levels joined by ` > `."""

    rubrique: str
    texts: tuple[Annotated[JoText, BeforeValidator(_read_text)], ...]

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(self.rubrique.split(" > "))

    @property
    def ministere(self) -> str:
        last = self.path[-1]
        return last if last.startswith(("Ministère", "Premier ministre")) else ""


class JoIssue(Strict):
    """An issue, whole or in part. `delivered` stamps its archive: only 20260819-003035 is real, for
    the hours of the others are not known.
    """

    date: dt.date
    delivered: Annotated[str, BeforeValidator(str)]
    evidence: str
    parts: tuple[JoPart, ...]
    number: str = ""
    container: str = ""
    eli: dict[str, str] = {}  # noqa: RUF012 - pydantic copies it

    @property
    def texts(self) -> tuple[JoText, ...]:
        return tuple(text for part in self.parts for text in part.texts)


@cache
def load_issues() -> tuple[JoIssue, ...]:
    """Every issue of the demonstration, oldest first."""
    return tuple(load_yaml(path, JoIssue) for path in sorted((FACTS / "jo").glob("*.yaml")))


# --- Codes -------------------------------------------------------------------------------------


class AmendingText(Strict):
    """The text that changed an article. What is not known of it is empty."""

    nature: str
    number: str
    signed_on: dt.date
    nor: str = ""
    jorftext: str = ""

    @property
    def title(self) -> str:
        """As LEGI names it in a link: « Décret n°2025-1343 du 26 décembre 2025 »."""
        nature = {"DECRET": "Décret"}.get(self.nature, self.nature)
        return f"{nature} n°{self.number} du {format_date(self.signed_on)}".replace("\u00a0", " ")


class Wording(Strict):
    """What an article says from a day on, in our own condensed words, by alinéa."""

    since: dt.date
    alineas: tuple[str, ...]


class ArticleChange(Strict):
    """An article of a code before and after one text; `before` is None when the text created it.

    `number` is written as LEGI does, `R175-2`. `rank` numbers the versions, and never changes.
    """

    rank: int
    code: str
    number: str
    delivered: str
    changed_by: AmendingText
    after: Wording
    evidence: tuple[str, ...]
    before: Wording | None = None


class ArticleChanges(Strict):
    articles: tuple[ArticleChange, ...]


@cache
def load_articles() -> tuple[ArticleChange, ...]:
    return load_yaml(FACTS / "legi.yaml", ArticleChanges).articles


# --- Feeds, pages and APIs ---------------------------------------------------------------------


class FeedItem(Strict):
    title: str
    link: str
    evidence: str
    text: str = ""
    date: dt.date | None = None


class Feed(Strict):
    """`style` is the habit of the site: see `hub.demo.feeds`."""

    address: str
    style: Literal["service-public", "drupal", "plain"]
    title: str
    site: str
    items: tuple[FeedItem, ...]


class Feeds(Strict):
    feeds: tuple[Feed, ...]


class Consultation(Strict):
    title: str
    link: str
    dates: str
    evidence: str


class Consultations(Strict):
    address: str
    pages: tuple[tuple[Consultation, ...], ...]


class PageItem(Strict):
    title: str
    link: str
    evidence: str
    kind: str = ""
    date: str = ""


class Page(Strict):
    address: str
    items: tuple[PageItem, ...]


class Pages(Strict):
    consultations: Consultations
    cre: Page
    artisanat: Page


class Dataset(Strict):
    address: str
    evidence: str
    records: tuple[dict[str, Any], ...]


class Datasets(Strict):
    datasets: tuple[Dataset, ...]


@cache
def load_feeds() -> tuple[Feed, ...]:
    return load_yaml(FACTS / "flux.yaml", Feeds).feeds


@cache
def load_pages() -> Pages:
    return load_yaml(FACTS / "pages.yaml", Pages)


@cache
def load_datasets() -> tuple[Dataset, ...]:
    return load_yaml(FACTS / "opendatasoft.yaml", Datasets).datasets
