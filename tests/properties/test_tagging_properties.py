"""What holds of the tagger for any text at all."""

from __future__ import annotations

import dataclasses
import random
from functools import lru_cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.analysis import analyse, terms
from hub.model import TermKind, TextOfItem
from hub.referentiel import Dispositif, Referentiel, load_referentiel
from hub.tagging.rules import Hints, Tagger
from hub.text import fold

REFERENTIEL = load_referentiel()
TAGGER = Tagger(REFERENTIEL)

_EXPRESSIONS = sorted(
    {
        expression
        for d in REFERENTIEL.dispositifs.values()
        for expression in (
            *d.lexique_fort,
            *d.lexique_moyen,
            *d.lexique_generique,
            *d.synonymes,
            *d.contexte,
        )
    }
)
_ACRONYMS = sorted({s for d in REFERENTIEL.dispositifs.values() for s in d.sigles})
_REFERENCES = (
    "L. 541-10-1 (4°) du code de l'environnement",
    "décret n° 2026-822",
    "arrêté du 14 janvier 2020",
    "R126-8 du code de la construction et de l'habitation",
    "portant nomination",
    "collège",
    "bateaux",
)
_words = st.one_of(
    st.sampled_from(_EXPRESSIONS),
    st.sampled_from(_ACRONYMS),
    st.sampled_from(_REFERENCES),
    st.sampled_from(["et", "de l’", ". ", " ; ", ", ", "\n", "Vu ", "Article 1er\n"]),
    st.text(max_size=8),
)
sentences = st.lists(_words, max_size=10).map(" ".join)
items = st.builds(
    TextOfItem, title=sentences, summary=sentences, text=sentences, rubrique=sentences
)


@given(st.builds(TextOfItem, title=st.text(), summary=st.text(), text=st.text(), nature=st.text()))
def test_any_text_is_read_without_error(item: TextOfItem) -> None:
    classification = TAGGER.classify(item)
    assert all(0.5 <= tag.score <= 0.99 for tag in classification.tags)


@given(items)
def test_evidence_is_in_the_text(item: TextOfItem) -> None:
    classification = TAGGER.classify(item)
    shown = [e for tag in classification.tags for e in tag.evidence]
    for evidence in (*shown, *classification.noise):
        if evidence.field is None:
            assert (evidence.start, evidence.end) == (0, 0)
        else:
            assert evidence.words
            assert item.field(evidence.field)[evidence.start : evidence.end] == evidence.words
    assert all(tag.evidence for tag in classification.tags)


@given(items)
def test_every_term_is_known_and_given_once(item: TextOfItem) -> None:
    tags = TAGGER.classify(item).tags
    assert all(REFERENTIEL.has(tag.kind, tag.term) for tag in tags)
    assert len({(tag.kind, tag.term) for tag in tags}) == len(tags)


_LISTS = (
    "sigles",
    "sigles_faibles",
    "synonymes",
    "lexique_fort",
    "lexique_moyen",
    "lexique_generique",
    "contexte",
    "articles",
    "ancres",
    "exclusions",
    "conventions",
)


def _shuffled_dispositif(term: Dispositif, chance: random.Random) -> Dispositif:
    def mixed(values: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(chance.sample(values, len(values)))

    mixed_fields: dict[str, Any] = {name: mixed(getattr(term, name)) for name in _LISTS}
    return dataclasses.replace(term, **mixed_fields)


@lru_cache(maxsize=4)
def _other_order(seed: int) -> Tagger:
    chance = random.Random(seed)

    def mixed(mapping: dict[str, object]) -> dict[str, object]:
        return {name: mapping[name] for name in chance.sample(sorted(mapping), len(mapping))}

    fields: dict[str, Any] = {
        name: mixed(dict(getattr(REFERENTIEL, name)))
        for name in ("secteurs", "filieres", "metiers", "bruit")
    }
    dispositifs = {
        name: _shuffled_dispositif(REFERENTIEL.dispositifs[name], chance)
        for name in chance.sample(sorted(REFERENTIEL.dispositifs), len(REFERENTIEL.dispositifs))
    }
    return Tagger(Referentiel(dispositifs=dispositifs, gardes=REFERENTIEL.gardes, **fields))


@given(items, st.integers(0, 3))
@settings(deadline=None)
def test_the_order_of_terms_and_rules_does_not_matter(item: TextOfItem, seed: int) -> None:
    hints = Hints(dispositifs=("REP", "AGEC"))
    assert _other_order(seed).classify(item, hints) == TAGGER.classify(item, hints)


@given(st.lists(st.sampled_from(_EXPRESSIONS), min_size=1, max_size=4))
def test_case_and_accents_do_not_matter(expressions: list[str]) -> None:
    # Long enough for capitals to be seen as shouting: acronyms are another matter.
    title = f"note de présentation : {' et '.join(expressions)}".lower()
    forms = [title, title.upper(), fold(title), fold(title).upper(), title.replace("'", "’")]
    lexical = [
        {
            (tag.kind, tag.term, tag.score)
            for tag in TAGGER.classify(TextOfItem(form)).tags
            if tag.kind is TermKind.DISPOSITIF
        }
        for form in forms
    ]
    assert all(found == lexical[0] for found in lexical)


@given(sentences)
def test_tokens_are_in_order_and_inside_the_text(text: str) -> None:
    tokens = analyse(text)
    places = [place for token in tokens for place in (token.start, token.end)]
    assert places == sorted(places)
    assert all(token.term and token.end <= len(text) for token in tokens)
    assert terms(text) == tuple(token.term for token in tokens)
