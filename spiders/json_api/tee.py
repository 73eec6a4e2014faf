"""Transition écologique des entreprises: the catalogue of aids for companies, one JSON list.

The names of the fields are those of the service's own types, in French and with blanks; those of
its open-data file are understood as well.
"""

from __future__ import annotations

import re
from datetime import date

from hub.errors import EmptySource, ParseError
from hub.model import Mention
from hub.sources import JsonApiOptions
from hub.text import parse_date
from spiders.base import Page, Reading
from spiders.json_api.fields import (
    Dialect,
    Outcome,
    Paper,
    Record,
    lines_at,
    link_at,
    list_at,
    load_json,
    origin_of,
    read_each,
    without_blanks,
    word_at,
)
from spiders.reading import SUMMARY_LIMIT, TEXT_LIMIT, TITLE_LIMIT, cut, plausible

FICHES = "/aides-entreprise/"
AMOUNTS = (
    "montant du financement",
    "montant de l'avantage fiscal",
    "montant du prêt",
    "coût de l'accompagnement",
)


class Tee(Dialect):
    def read(self, page: Page) -> Reading:
        paper = self.paper
        return parse_programs(
            page.body, paper.source_id, page.url, paper.options, paper.today, self.may_be_empty
        )


def parse_programs(
    body: bytes,
    source_id: str,
    url: str,
    options: JsonApiOptions,
    today: date | None = None,
    may_be_empty: bool = False,
) -> Reading:
    """Read the catalogue. Aids that closed before `today` are left out.

    Raises:
        ParseError: not a list, or no program of it could be read.
        EmptySource: the list is empty.
    """
    programs = load_json(body)
    if not isinstance(programs, list):
        raise ParseError("JSON that is not a list of programs")
    if not programs and not may_be_empty:
        raise EmptySource("no program in the list")
    return read_each(programs, read_program, Paper(source_id, url, options, today))


def read_program(record: Record, paper: Paper) -> Outcome:
    key, title = word_at(record, "id"), word_at(record, "titre", "Titre")
    if not re.fullmatch(r"[\w-]{1,200}", key, re.ASCII) or not title:
        return None, [f"program without {'titre' if not title else 'id'}"]
    closing = _day(record, "fin de validité", "date_cloture")
    if closing and paper.today and closing < paper.today:
        return None, []
    opening = _day(record, "début de validité", "date_ouverture")
    summary = "\n\n".join(
        filter(None, (lines_at(record, "promesse"), lines_at(record, "description")))
    )
    mention = Mention(
        source_id=paper.source_id,
        key=key,
        url=f"{origin_of(paper.url)}{FICHES}{key}",
        title=cut(title, TITLE_LIMIT),
        summary=cut(summary, SUMMARY_LIMIT),
        text=cut(_text(record), TEXT_LIMIT),
        published_on=_day(record, "date_mise_a_jour"),
        nature="AIDE",
        rubrique=cut(word_at(record, "nature de l'aide", "types_aides"), 200),
        extra=without_blanks(
            operateur=word_at(record, "opérateur de contact", "porteurs"),
            autres_operateurs=list_at(record, "autres opérateurs"),
            montant=word_at(record, *AMOUNTS),
            ouverture=opening.isoformat() if opening else "",
            deadline=closing.isoformat() if closing else "",
            indisponible=word_at(record, "aide temporairement indisponible"),
            page_externe=link_at(record, "url") or link_at(record, "url_source"),
        ),
    )
    return mention, []


def _text(record: Record) -> str:
    """What the fiche says at length, then who may ask for the aid."""
    parts = [lines_at(record, "description longue"), lines_at(record, "eligibilite")]
    conditions = record.get("conditions d'éligibilité")
    if isinstance(conditions, dict):
        for name in conditions:
            said = ", ".join(list_at(conditions, name))
            if said and isinstance(name, str):
                parts.append(f"{name[:1].upper()}{name[1:]}\u00a0: {said}")
    steps = record.get("objectifs")
    parts += [
        lines_at(step, "description")
        for step in (steps if isinstance(steps, list) else ())
        if isinstance(step, dict)
    ]
    return "\n\n".join(part for part in parts if part)


def _day(record: Record, *names: str) -> date | None:
    return plausible(parse_date(word_at(record, *names)))
