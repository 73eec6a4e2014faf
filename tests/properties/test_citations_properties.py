"""Whatever the text: no crash, exact places, and nothing that the words around it change."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.legal.citations import canonical_url, find_citations, to_identifier
from hub.legal.links import find_links
from hub.legal.plain import plain
from hub.model import TextField
from hub.text import MONTHS, format_date

PIECES = (
    "articles L. 541-1",
    ", ",
    " et ",
    " à ",
    "R. 3",
    "n° ",
    "2021-821",
    "décrets ",
    "loi ",
    "l'arrêté ",
    "du 3 mars 2020",
    " du code de l'énergie",
    " du même code",
    "Vu ",
    ";\n",
    "« ",
    " »",
    ":",
    "1° ",
    " est abrogé",
    " est ainsi modifié :\n",
    " susvisé",
    "directive ",
    "(UE) ",
    "2018/851",
    "délibération ",
    "de la CRE",
    "modifiant ",
    "pris en application de ",
    "il est inséré un article ",
    "\u00ad",
    "e\u0301",
    "https://www.legifrance.gouv.fr/eli/jo/2017/11/26 ",
    "JORFTEXT000036086007",
    "Article 2\n",
    "\u202f",
)
pieces = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
texts = st.one_of(st.text(max_size=200), pieces)
days = st.dates(date(1950, 1, 1), date(2030, 12, 31))
natures = st.sampled_from([("loi", "LOI"), ("décret", "DEC"), ("ordonnance", "ORD")])
spaces = st.sampled_from([" ", "\u00a0", "\u202f", "\n", "  "])


@given(texts)
def test_places_are_exact(text: str) -> None:
    for citation in find_citations(text):
        assert text[citation.start : citation.end] == citation.words != ""
        assert canonical_url(citation) == "" or canonical_url(citation).startswith("https://")
        to_identifier(citation)


@given(texts, texts, texts)
def test_places_of_links_are_exact(title: str, text: str, notice: str) -> None:
    fields = {TextField.TITLE: title, TextField.SUMMARY: notice, TextField.TEXT: text}
    links = find_links(title, text, notice)
    for link in links:
        field, target = fields[link.where], link.target
        assert field[target.start : target.end] == target.words
        assert 0 <= link.start < link.end <= len(field)
    assert len({(link.kind, link.target.norm) for link in links}) == len(links)


@given(pieces)
def test_the_words_around_change_nothing(text: str) -> None:
    before, after = "Les bennes sont bleues.\n\n", "\n\nLes camions sont verts."
    moved = tuple(
        replace(c, start=c.start + len(before), end=c.end + len(before))
        for c in find_citations(text)
    )
    assert find_citations(before + text + after) == moved


@given(natures, st.integers(50, 99), st.integers(1, 2000), days, spaces)
def test_a_text_is_found_however_it_is_spaced(
    nature: tuple[str, str], year: int, number: int, day: date, space: str
) -> None:
    written, prefix = nature
    text = f"{written} n° {year}-{number} du {format_date(day)}".replace("\u00a0", " ")
    (citation,) = find_citations(text.replace(" ", space))
    assert citation.norm == f"{prefix}:{year}-{number}@{day}"
    assert (citation.start, citation.end) == (0, len(text.replace(" ", space)))


@given(st.lists(days, min_size=1, max_size=6))
def test_no_day_of_an_enumeration_is_lost(dates: list[date]) -> None:
    written = [f"{day.day} {MONTHS[day.month - 1]} {day.year}" for day in dates]
    found = find_citations(f"les arrêtés des {', '.join(written)}")
    assert [citation.norm for citation in found] == [f"ARR@{day}" for day in dates]


@given(texts)
def test_the_plain_form_is_its_own(text: str) -> None:
    folded = plain(text).text
    assert plain(folded).text == folded


@pytest.mark.parametrize(
    "piece",
    [
        "articles L. 1, ",
        "loi ",
        "décrets n° 2020-1 et ",
        "Vu l'arrêté du 3 mars 2020 ;\n",
        "le présent décret est pris en application de ",
        "« Art. L. 1-2.-a\n",
        "modifiant le décret n° 2020-1 ",
    ],
)
def test_the_time_is_that_of_the_length(piece: str) -> None:
    """A generous bound: what is not linear takes minutes."""
    text = piece * (100_000 // len(piece))
    start = time.process_time()
    find_links(text, text, text)
    assert time.process_time() - start < 20
