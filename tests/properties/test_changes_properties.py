"""Whatever dresses a page does not count, whatever it says does, and the diff loses no word."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable

from hypothesis import assume, given
from hypothesis import strategies as st

from hub.changes import Op, Segment, diff_words, fingerprint, is_same, meaning

VERBS = ("doit", "peut", "ne doit pas", "n'est pas tenu de", "reste libre de", "bénéficie de")
THINGS = (
    "déclarer l'œuvre",
    "transmettre un bilan d'exécution",
    "réparer les équipements",
    "l'aide « par geste »",
    "financer la 1re année",
    "couvrir 250 m² de toiture",
    "trier les déchets de chantier",
)
WHO = ("L'employeur", "Le bénéficiaire", "L’entreprise", "La société coopérative", "L'apprenti")

numbers = st.one_of(
    st.integers(2, 99).map(lambda n: f"dans un délai de {n} jours"),
    st.integers(1_000, 99_999).map(lambda n: f"pour {n // 1000} {n % 1000:03d},50 € au plus"),
    st.integers(2, 28).map(lambda n: f"avant le {n} mars 2027"),
    st.integers(10, 99).map(lambda n: f"si la part dépasse {n} % du total"),
    st.integers(100, 999).map(lambda n: f"au sens de l'article L. 541-{n}"),
    st.integers(10, 28).map(lambda n: f"du 2026-03-{n} au 31/12/2027"),
)
sentences = st.builds(
    lambda who, verb, thing, number: f"{who} {verb} {thing} {number}",
    st.sampled_from(WHO),
    st.sampled_from(VERBS),
    st.sampled_from(THINGS),
    numbers,
)
prose = st.lists(sentences, min_size=1, max_size=3).map(lambda parts: ". ".join(parts) + ".")
HEADINGS = ("À savoir", "Qui est concerné ?", "Montant de l'aide", "Où s'adresser")
headings = st.sampled_from(HEADINGS)
items = sentences.map(lambda words: f"- {words} ;")
pages = st.lists(st.one_of(prose, headings, items), min_size=1, max_size=8)
rngs = st.randoms(use_true_random=False)


def days(rng: random.Random) -> str:
    return rng.choice(["3 mars 2026", "1er juin 2025", "12/03/2026", "lundi 7 septembre 2026"])


def add_stamp(lines: list[str], rng: random.Random) -> list[str]:
    stamp = rng.choice(
        [
            "Mis à jour le {}",
            "Publié le {}",
            "Dernière modification : {}",
            "Vérifié le {} - Direction de l'information légale et administrative",
            "Date de mise à jour : {}",
            "Publié le {0}, mis à jour le {0} à 10h12",
            "Page mise à jour le {}",
        ]
    )
    return [*lines, stamp.format(days(rng))]


def add_counter(lines: list[str], rng: random.Random) -> list[str]:
    kind = rng.choice(["consultations", "vues", "partages", "commentaires"])
    return [*lines, f"{rng.randrange(10 ** rng.randint(1, 6))} {kind}"]


def add_share(lines: list[str], rng: random.Random) -> list[str]:
    line = rng.choice(
        [
            "Partager : https://example.org/a?utm_source=lettre",
            "Partager sur Facebook",
            "Partager cette page",
            "Envoyer par courriel",
            "Copier le lien",
        ]
    )
    return [*lines, line]


def add_menu(lines: list[str], rng: random.Random) -> list[str]:
    steps = rng.sample(["Aides", "Démarches", "Fiches pratiques", "Travail - Formation"], 3)
    line = rng.choice(
        [
            f"Accueil > {' > '.join(steps)}",
            f"Menu | {' | '.join(steps)}",
            f"Accueil / {' / '.join(steps)}",
            f"Vous êtes ici : Accueil › {' › '.join(steps)}",
            f"Accueil · {steps[0]} · {steps[1]}",
        ]
    )
    return [line, *lines]


def add_skip(lines: list[str], rng: random.Random) -> list[str]:
    line = rng.choice(
        ["Aller au contenu", "Haut de page", "Tout refuser", "Ce site utilise des cookies."]
    )
    return [line, *lines]


def add_token(lines: list[str], rng: random.Random) -> list[str]:
    drawn = rng.choice(["a1" * 16, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "aZ3kQ9xL0" * 4])
    where = rng.randrange(len(lines))
    return [*lines[:where], drawn, f"{lines[where]} {drawn}", *lines[where + 1 :]]


def shuffle(lines: list[str], rng: random.Random) -> list[str]:
    return rng.sample(lines, len(lines))


def change_bullets(lines: list[str], rng: random.Random) -> list[str]:
    bullet = rng.choice(["• ", "– ", "* ", "▪ ", "1. ", "2) ", "a) ", "3° ", ""])
    return [re.sub("^- ", bullet, line) for line in lines]


def blank_lines(lines: list[str], rng: random.Random) -> list[str]:
    return [part for line in lines for part in (line, *[""] * rng.randrange(3))]


def spaces(lines: list[str], rng: random.Random) -> list[str]:
    kinds = [" ", "  ", "\u00a0", "\u202f", "\u2009", "\t"]
    return [re.sub(" ", lambda _: rng.choice(kinds), f"{line} ") for line in lines]


def soft_hyphens(lines: list[str], rng: random.Random) -> list[str]:
    return [
        re.sub(r"(?<=\w{4})(?=\w{4})", lambda _: rng.choice(["", "\u00ad"]), line) for line in lines
    ]


def typography(lines: list[str], rng: random.Random) -> list[str]:
    table: dict[str, str | int | None] = rng.choice(
        [
            {"'": "’"},
            {"’": "'"},
            {"«": '"', "»": '"'},
            {"«": "“", "»": "”"},
            {"œ": "oe"},
            {"²": "2"},
            {"-": "‑"},
        ]
    )
    return [line[:2] + line[2:].translate(str.maketrans(table)) for line in lines]


def raised(lines: list[str], rng: random.Random) -> list[str]:
    return [line.replace("1re", "1ʳᵉ").replace("m²", "m2") for line in lines]


def capitals(lines: list[str], rng: random.Random) -> list[str]:
    return [line.upper() if line in HEADINGS else line for line in lines]


Disturbance = Callable[[list[str], random.Random], list[str]]
DISTURBANCES: tuple[Disturbance, ...] = (
    add_stamp,
    add_counter,
    add_share,
    add_menu,
    add_skip,
    add_token,
    shuffle,
    change_bullets,
    blank_lines,
    spaces,
    soft_hyphens,
    typography,
    raised,
    capitals,
)


@given(pages, st.lists(st.sampled_from(DISTURBANCES), min_size=1, max_size=6), rngs)
def test_dress_does_not_count(
    page: list[str], changes: list[Disturbance], rng: random.Random
) -> None:
    disturbed = page
    for change in changes:
        disturbed = change(disturbed, rng)
    before, after = "\n".join(page), "\n".join(disturbed)
    assert sorted(meaning(before)) == sorted(meaning(after))
    assert is_same(before, after)
    assert is_same(after, before)
    assert fingerprint(before) == fingerprint(after)
    assert diff_words(before, after) == ()


@given(pages, rngs, st.data())
def test_any_changed_digit_is_seen(
    page: list[str], rng: random.Random, data: st.DataObject
) -> None:
    before = "\n".join(page)
    places = [match.start() for match in re.finditer(r"\d", before)]
    assume(places)
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != before[place]]))
    after = "\n".join(shuffle((before[:place] + other + before[place + 1 :]).split("\n"), rng))
    assert not is_same(before, after)
    assert fingerprint(before) != fingerprint(after)
    assert {segment.op for segment in diff_words(before, after)} >= {Op.AJOUT, Op.RETRAIT}


@given(pages, st.data())
def test_any_word_added_or_removed_is_seen(page: list[str], data: st.DataObject) -> None:
    words = "\n".join(page).split(" ")
    place = data.draw(st.integers(0, len(words) - 1))
    assume(re.search(r"[^\W_]", words[place]) and "\n" not in words[place])
    shorter = " ".join(words[:place] + words[place + 1 :])
    assert not is_same(" ".join(words), shorter)
    assert any(s.op is Op.RETRAIT for s in diff_words(" ".join(words), shorter))
    assert any(s.op is Op.AJOUT for s in diff_words(shorter, " ".join(words)))


def side(segments: tuple[Segment, ...], op: Op) -> Counter[str]:
    text = "".join(segment.text for segment in segments if segment.op in (Op.EGAL, op))
    return Counter(meaning(text))


anything = st.text(st.sampled_from("ab Eé1 2-'’.,;:()«»\n\n€%°²/œ|>"), max_size=60) | st.lists(
    st.one_of(prose, headings, items), max_size=5
).map("\n".join)


@given(pages, pages, rngs)
def test_the_diff_holds_every_word_of_both_sides(
    page: list[str], other: list[str], rng: random.Random
) -> None:
    mixed = shuffle([*rng.sample(page, rng.randint(0, len(page))), *other[:2]], rng)
    before, after = "\n".join(page), "\n".join(mixed)
    segments = diff_words(before, after, whole=True)
    if segments:
        assert side(segments, Op.AJOUT) == Counter(meaning(after))
        assert side(segments, Op.RETRAIT) == Counter(meaning(before))


@given(anything, anything)
def test_the_diff_is_empty_when_and_only_when_nothing_changed(before: str, after: str) -> None:
    assert (diff_words(before, after) == ()) is is_same(before, after)
    assert is_same(before, after) is is_same(after, before)
    assert is_same(before, after) is (fingerprint(before) == fingerprint(after))
    assert all(segment.text for segment in diff_words(before, after))
