"""What holds of the tagger for any text at all."""

from __future__ import annotations

import dataclasses
import random
import unicodedata
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


class _Unsieved(Tagger):
    def _may_be_tagged(self, item: TextOfItem) -> bool:
        return True

    def _is_silent(self, text: str) -> bool:
        return False


UNSIEVED = _Unsieved(REFERENTIEL)
_FILIERE_WORDS = sorted({w for f in REFERENTIEL.filieres.values() for w in (*f.forts, *f.mots)})
_NOISE_WORDS = sorted({w for r in REFERENTIEL.bruit.values() for w in (*r.mots, *r.gardes)})
_CITED = st.one_of(
    st.builds(
        "{0} {1}{2} du code {3}".format,
        st.sampled_from(["L.", "L", "l.", "R. *", "D .", "LO", "article L.", "(R."]),
        st.sampled_from(["541-10", "541-10-1", "126-8", "174‑22", "5132-1", "2113-12", "541", "1"]),
        st.sampled_from(["", "-1", "/UE", "-A", "-A1", "(e)", ".", "abc", " et 3", "/2020"]),
        st.sampled_from(
            ["de l'environnement", "de la construction et de l’habitation", "du travail"]
        ),
    ),
    st.builds(
        "arrêté {0} {1}{2} {3} {4}".format,
        st.sampled_from(["du", "", "ministériel du"]),
        st.sampled_from(["14", "014", "1er", "10", "29", "٢٩"]),
        st.sampled_from(["", ",", " du"]),
        st.sampled_from(["janvier", "AVRIL", "février", "fevrier"]),
        st.sampled_from(["2020", "2024", "２０２０", "2020 relatif aux déchets"]),
    ),
    st.sampled_from(
        [
            "loi n° 2020-105",
            "L. 541/2020-105 loi 2020-105/UE",
            "règlement (UE) 2025/40",
            "directive 2024/1275/UE",
            "TREP2016758A",
            "accord de branche n° 1596",
            "convention collective (IDCC : 03216)",
            "m²",
            "D3E",
        ]
    ),
)


@st.composite
def _disturbed(draw: st.DrawFn) -> str:
    """An expression as people write it."""
    words = draw(st.sampled_from([*_EXPRESSIONS, *_ACRONYMS, *_FILIERE_WORDS, *_NOISE_WORDS]))
    for change in draw(st.lists(st.sampled_from(_CHANGES), max_size=3)):
        words = change(words)
    return words


_CHANGES = (
    str.upper,
    str.title,
    fold,
    lambda words: unicodedata.normalize("NFD", words),
    lambda words: words.replace(" ", "-"),
    lambda words: words.replace(" ", "\u00a0"),
    lambda words: words.replace(" ", ", "),
    lambda words: words.replace(" ", ". "),
    lambda words: words.replace("-", "\u2011"),
    lambda words: words.replace("-", " "),
    lambda words: words.replace("'", "’"),
    lambda words: words.replace("oe", "œ"),
    lambda words: words.replace(" ", "s ") + "s",
    lambda words: f"l’{words}",
    lambda words: f"«{words}»",
    lambda words: f"{words}(e)s",
    lambda words: f"{words}·e·s",
    lambda words: f"{words[:3]}\u00ad{words[3:]}",
    lambda words: ".".join(words),
)
_fillers = st.sampled_from(
    [
        "portant",
        "Le présent avis",
        ".",
        ";",
        "\n",
        "\nNotice : ",
        "\nVu ",
        "3",
        "€",
        "et/ou",
        "poste",
    ]
)
_passages = st.lists(st.one_of(_disturbed(), _CITED, _fillers), max_size=4).map(" ".join)


@given(
    st.builds(
        TextOfItem,
        title=_passages,
        summary=_passages,
        text=_passages,
        rubrique=st.sampled_from(["", "Mesures nominatives", "Annonces > x"]),
        source_ids=st.sampled_from([(), ("boamp",)]),
    ),
    st.sampled_from([Hints(), Hints(("REP", "AGEC", "PEMD"), ("EC",))]),
)
@settings(deadline=None, max_examples=300)
def test_passing_over_what_says_nothing_changes_no_answer(item: TextOfItem, hints: Hints) -> None:
    assert TAGGER.classify(item, hints) == UNSIEVED.classify(item, hints)


@given(_passages, st.lists(_passages, max_size=3).map(" ".join))
@settings(deadline=None)
def test_one_expression_of_the_body_counts_with_generic_words_above(head: str, body: str) -> None:
    item = TextOfItem("Note", f"agréments {head}", f"{body} éco-organismes")
    hints = Hints(("REP",))
    assert TAGGER.classify(item, hints) == UNSIEVED.classify(item, hints)


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
