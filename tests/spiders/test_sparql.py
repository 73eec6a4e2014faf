"""SPARQL results: one act, one mention, in French when there is French."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import EmptySource, ParseError, SourceError
from hub.model import Identifier, Scheme, SourceKind
from hub.sources import SparqlOptions
from spiders.base import Page, Reading
from spiders.sparql import RESULTS, Sparql, parse_bindings
from tests.spiders.hostile import ANY, check_reading, holed
from tests.spiders.memory import FakeMemory, make_source

ENDPOINT = "https://publications.example.org/webapi/rdf/sparql"
LANGUAGE = "http://publications.europa.eu/resource/authority/language/"


def literal(value: object, language: str = "") -> dict[str, object]:
    return {"type": "literal", "value": value} | ({"xml:lang": language} if language else {})


def binding(**values: str) -> dict[str, Any]:
    return {name: literal(value) for name, value in values.items()}


def read(*bindings: Any, may_be_empty: bool = False) -> Reading:
    data = {"head": {"vars": ["celex"]}, "results": {"bindings": list(bindings)}}
    return parse_bindings(json.dumps(data).encode(), "s", ENDPOINT, may_be_empty=may_be_empty)


ACT = binding(
    celex="32026L0470",
    title="Directive (UE) 2026/470 du Parlement européen et du Conseil",
    date="2026-02-24",
)


def test_the_query_asks_for_what_came_since_a_day() -> None:
    options = SparqlOptions(query='SELECT ?celex { FILTER(?d >= "{since}") }', days=30)
    kind = Sparql(make_source(SourceKind.SPARQL, ENDPOINT, options), FakeMemory())
    (ask,) = kind.first_asks()
    asked = parse_qs(urlsplit(ask.url).query)
    assert asked == {"query": ['SELECT ?celex { FILTER(?d >= "2026-08-08") }'], "format": [RESULTS]}
    assert (ask.headers, ask.name) == ({"Accept": RESULTS}, ENDPOINT)
    body = json.dumps({"results": {"bindings": [ACT]}}).encode()
    assert len(kind.read(Page(ask.url, body)).mentions) == 1


def test_an_act() -> None:
    (mention,) = read(ACT).mentions
    assert mention.key == "32026L0470"
    assert mention.identifiers == (Identifier(Scheme.CELEX, "32026L0470"),)
    assert mention.url == ("https://eur-lex.europa.eu/legal-content/FR/TXT/?uri=CELEX:32026L0470")
    assert (mention.signed_on, mention.published_on) == (date(2026, 2, 24), None)
    assert mention.nature == "DIRECTIVE"


def test_one_act_in_several_languages_is_said_once_in_french() -> None:
    titles = {"DEU": "Richtlinie", "ENG": "Directive", "FRA": "La directive"}
    named = [
        binding(celex="32026L0470", title=title, lang=f"{LANGUAGE}{code}")
        for code, title in titles.items()
    ]
    tagged = [
        {"celex": literal("32026L0470"), "title": literal(title, code)}
        for code, title in (("de", "Richtlinie"), ("en", "Directive"), ("fr-FR", "La directive"))
    ]
    for bindings in (named, tagged):
        assert [m.title for m in read(*bindings).mentions] == ["La directive"]
        assert [m.title for m in read(*bindings[:2]).mentions] == ["Directive"]
        assert [m.title for m in read(*bindings[:1]).mentions] == ["Richtlinie"]
    assert read(*named).entries == 3


def test_an_act_without_a_title_is_named_by_its_number() -> None:
    (mention,) = read(binding(celex="32026R0012"), binding(celex="32026R0012")).mentions
    assert (mention.title, mention.signed_on) == ("Acte 32026R0012", None)


def test_what_is_no_act_of_its_own_is_passed_over_and_what_is_no_number_is_told() -> None:
    others = binding(celex="32022L2464R(01)"), binding(celex="02022L2464-20260318")
    reading = read(*others, binding(celex="n'importe quoi"), {"celex": 12}, None, ACT)
    assert [mention.key for mention in reading.mentions] == ["32026L0470"]
    assert [trouble[:10] for trouble in reading.troubles] == [
        "binding 3:",
        "binding 4:",
        "binding 5:",
    ]
    assert read(*others).mentions == ()


def test_nothing_found_is_told_unless_it_is_expected() -> None:
    with pytest.raises(EmptySource, match="found nothing"):
        read()
    assert read(may_be_empty=True) == Reading(entries=0)


@pytest.mark.parametrize(
    "body",
    [b"", b"<sparql/>", b"[]", b"{}", b'{"results": []}', b'{"results": {"bindings": {}}}'],
)
def test_what_is_no_result_is_told(body: bytes) -> None:
    with pytest.raises(ParseError):
        parse_bindings(body, "s", ENDPOINT, may_be_empty=True)
    with pytest.raises(ParseError, match="no CELEX"):
        read({})


NODE = ANY | st.fixed_dictionaries({}, optional={"value": ANY, "xml:lang": ANY})


@settings(deadline=None)
@given(
    st.lists(
        holed(ACT) | st.fixed_dictionaries({"celex": st.just(ACT["celex"]), "title": NODE}) | ANY,
        max_size=4,
    )
    | ANY
)
def test_any_bindings_are_read_or_refused(bindings: Any) -> None:
    body = json.dumps({"results": {"bindings": bindings}}).encode()
    with suppress(SourceError):
        check_reading(parse_bindings(body, "s", ENDPOINT))
