"""A SPARQL endpoint: the acts of the Union that a query finds, one mention per CELEX number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from hub.errors import EmptySource, ParseError
from hub.legal.references import normalise, official_url
from hub.model import Identifier, Mention, Scheme
from hub.sources import SparqlOptions
from hub.text import paris_day, parse_date
from spiders.base import Ask, Kind, Page, Reading
from spiders.json_api.fields import load_json
from spiders.reading import TITLE_LIMIT, cut, plain, plausible

RESULTS = "application/sparql-results+json"
SINCE = "{since}"
BINDINGS_LIMIT = 20_000

_NO_ACT = re.compile(r"\d{5}[A-Z]{1,2}\d{4}(?:R\(\d{1,3}\)|-\d{8})")
"""A corrigendum or a consolidated version: neither is an act of its own."""
_LANGUAGES = {"fr": 0, "fra": 0, "fre": 0, "en": 1, "eng": 1}
_NATURES = {"L": "DIRECTIVE", "R": "REGLEMENT", "D": "DECISION", "H": "RECOMMANDATION"}

Binding = Mapping[str, Any]


class Sparql(Kind):
    def first_asks(self) -> Iterator[Ask]:
        options = SparqlOptions.model_validate(self.source.options)
        since = paris_day(self.memory.now) - timedelta(days=options.days)
        asked = {"query": options.query.replace(SINCE, since.isoformat()), "format": RESULTS}
        # The address holds the day: under a name that stays, one read is compared with the next.
        yield Ask(
            f"{self.source.url}?{urlencode(asked)}",
            headers={"Accept": RESULTS},
            name=self.source.url,
        )

    def read(self, page: Page) -> Reading:
        return parse_bindings(
            page.body, self.source.id, page.url, may_be_empty=self.source.may_be_empty
        )


def parse_bindings(body: bytes, source_id: str, url: str, *, may_be_empty: bool = False) -> Reading:
    """Read SPARQL results in JSON. Of several titles of an act, the French one is kept, else the
    English one; an act without any is named by its number. Its date is that of its signature.

    Raises:
        ParseError: no results, or no act among them could be read.
        EmptySource: the query found nothing.
    """
    bindings = _bindings_of(load_json(body))
    if not bindings and may_be_empty:
        return Reading(entries=0)
    if not bindings:
        raise EmptySource("the query found nothing")
    acts: dict[str, list[Binding]] = {}
    troubles: list[str] = []
    others = 0
    for number, binding in enumerate(bindings[:BINDINGS_LIMIT], start=1):
        written = _value(binding, "celex") if isinstance(binding, dict) else ""
        if celex := normalise(Scheme.CELEX, written):
            acts.setdefault(celex.value, []).append(binding)
        elif _NO_ACT.fullmatch(written):
            others += 1
        else:
            troubles.append(f"binding {number}: no CELEX number, found {cut(written, 40)!r}")
    if not acts and not others:
        raise ParseError("; ".join(troubles[:3]))
    mentions = tuple(_to_mention(value, found, source_id) for value, found in acts.items())
    return Reading(mentions, tuple(troubles), entries=len(bindings))


def _bindings_of(data: Any) -> list[Any]:
    results = data.get("results") if isinstance(data, dict) else None
    bindings = results.get("bindings") if isinstance(results, dict) else None
    if not isinstance(bindings, list):
        raise ParseError("JSON without the bindings of SPARQL results")
    return bindings


def _to_mention(value: str, bindings: list[Binding], source_id: str) -> Mention:
    celex = Identifier(Scheme.CELEX, value)
    titled = [binding for binding in bindings if _value(binding, "title")]
    title = _value(min(titled, key=_rank), "title") if titled else f"Acte {value}"
    days = [plausible(parse_date(_value(binding, "date"))) for binding in bindings]
    return Mention(
        source_id=source_id,
        key=value,
        url=official_url(celex),
        title=cut(title, TITLE_LIMIT),
        signed_on=next((day for day in days if day), None),
        nature=_NATURES.get(value[5:6], "") if value.startswith("3") else "",
        identifiers=(celex,),
    )


def _rank(binding: Binding) -> int:
    """French first, then English, then what does not say, then the others.

    The language is that of the title, or a variable `lang`: a code, or an address that ends by it.
    """
    node = binding.get("title")
    tag = plain(node.get("xml:lang")) if isinstance(node, Mapping) else ""
    said = (tag or _value(binding, "lang")).rsplit("/", 1)[-1].lower().split("-")[0]
    return _LANGUAGES.get(said, 3) if said else 2


def _value(binding: Binding, name: str) -> str:
    node = binding.get(name)
    return plain(node.get("value")) if isinstance(node, Mapping) else ""
