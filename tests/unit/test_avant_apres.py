"""« Avant / après »: which alinéa is which, what changed, how it is shown. The words are ours."""

from __future__ import annotations

import re
import time
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.legi import make_versions
from hub.changes import Op
from hub.legal.avant_apres import (
    Alinea,
    Comparison,
    Fate,
    compare,
    compare_pair,
    compare_texts,
)
from hub.legal.avant_apres_shown import describe, label_of, to_html, to_text
from hub.legal.pairs import Move, Pair
from hub.legal.versions import ArticleVersion, Link, Sibling, read_state
from hub.legal.wording import Reader

MARKS = {Op.EGAL: "{}", Op.AJOUT: "{{+{}+}}", Op.RETRAIT: "[-{}-]"}


def shown(alinea: Alinea) -> str:
    text = "".join(MARKS[piece.op].format(piece.text) for piece in alinea.pieces)
    return text.replace("\u00a0", " ")


def changed(before: str, after: str) -> str:
    """One alinéa of each."""
    (alinea,) = compare_texts([before], [after])
    return shown(alinea)


def fates(before: list[str], after: list[str]) -> list[tuple[Fate, int | None, int | None, bool]]:
    rows = compare_texts(before, after)
    return [(row.fate, row.was, row.now, row.is_moved) for row in rows]


def version(
    *text: str,
    state: str = "VIGUEUR",
    start: str = "2025-12-28",
    end: str = "",
    by: tuple[Link, ...] = (),
) -> ArticleVersion:
    return ArticleVersion(
        id="V",
        article="V",
        code_name="Code <de> l’eau",
        number="R. 1",
        state=read_state(state),
        start=date.fromisoformat(start) if start else None,
        end=date.fromisoformat(end) if end else None,
        text=text,
        changed_by=by,
    )


DECRET = Link("MODIFIE", "JORFTEXT1", "Décret n°2025-1343 du 26 décembre 2025 - art. 1")

# --- Words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        (
            "La puissance dépasse 70 kW depuis longtemps déjà.",
            "La puissance dépasse 290 kW depuis longtemps déjà.",
            "La puissance dépasse [-70 kW-]{+290 kW+} depuis longtemps déjà.",
        ),
        (
            "Le délai court au plus tard le 1er janvier 2027.",
            "Le délai court au plus tard le 1er janvier 2030.",
            "Le délai court au plus tard le [-1er janvier 2027-]{+1er janvier 2030+}.",
        ),
        (
            "Le montant prévu est de 1 500 euros par logement.",
            "Le montant prévu est de 1 750,50 euros par logement.",
            "Le montant prévu est de [-1 500 euros-]{+1 750,50 euros+} par logement.",
        ),
        (
            "Les règles prévues à l'article L. 541-10-1 du code s'appliquent.",
            "Les règles prévues à l'article L. 541-10-23 du code s'appliquent.",
            "Les règles prévues à l'article [-L. 541-10-1-]{+L. 541-10-23+} du code s'appliquent.",
        ),
        (
            "Le taux est porté à 50 % des déchets du chantier.",
            "Le taux est porté à 65 % des déchets du chantier.",
            "Le taux est porté à [-50 %-]{+65 %+} des déchets du chantier.",
        ),
        (
            "Le préfet rend un avis motivé.",
            "Le préfet de région rend un avis motivé.",
            "Le préfet {+de région+} rend un avis motivé.",
        ),
        (
            "Le contrat est signé par le maire, sous réserve d'accord.",
            "Le contrat est signé par le maire.",
            "Le contrat est signé par le maire[-, sous réserve d'accord-].",
        ),
    ],
)
def test_what_a_reader_takes_as_one_thing_stays_whole(before: str, after: str, wanted: str) -> None:
    assert changed(before, after) == wanted


def test_a_lone_word_between_two_changes_joins_them() -> None:
    assert changed(
        "Le dossier comprend une étude de bruit et un plan de masse au format libre.",
        "Le dossier comprend une notice de bruit et une coupe de masse au format libre.",
    ) == (
        "Le dossier comprend une [-étude-]{+notice+} de bruit et [-un plan-]{+une coupe+} de "
        "masse au format libre."
    )
    assert changed(
        "Sont visées les zones de 70 kW à 290 kW du bâtiment neuf.",
        "Sont visées les zones de 80 kW à 300 kW du bâtiment neuf.",
    ) == ("Sont visées les zones de [-70 kW à 290 kW-]{+80 kW à 300 kW+} du bâtiment neuf.")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("L'État s’engage – « sans frais »", 'l’état s\'engage - "sans frais"'),
        ("le maître d’œuvre signe ;", "le maître d'oeuvre signe."),
        ("1\u00a0500\u202feuros", "1 500 euros"),
    ],
)
def test_typography_is_no_change(before: str, after: str) -> None:
    assert fates([before], [after.replace("état", "État")]) == [(Fate.SAME, 0, 0, False)]


def test_a_raised_number_is_a_change() -> None:
    assert fates(["Il est tenu de 12 places."], ["Il est tenu de 13 places."])[0][0] is Fate.CHANGED


# --- Alinéas -----------------------------------------------------------------------------------


def test_a_new_number_is_neither_a_removal_nor_an_addition() -> None:
    before = ["1° Le propriétaire ;", "2° Le bailleur social ;", "3° Les occupants du bâtiment."]
    after = [
        before[0],
        "2° Le syndic ;",
        "3° Le bailleur social ;",
        "4° Les occupants du bâtiment.",
    ]
    assert fates(before, after) == [
        (Fate.SAME, 0, 0, False),
        (Fate.ADDED, None, 1, False),
        (Fate.RENUMBERED, 1, 2, False),
        (Fate.RENUMBERED, 2, 3, False),
    ]
    rows = compare_texts(before, after)
    assert shown(rows[2]) == "[-2°-]{+3°+} Le bailleur social ;"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("I. - ", "II. - "),
        ("a) ", "b) "),
        ("2° ", "2° bis "),
        ("1. ", "2. "),
        ("II bis. - ", "III. - "),
    ],
)
def test_all_ways_to_number_an_alinea(before: str, after: str) -> None:
    words = "Les producteurs reprennent sans frais les déchets triés."
    assert fates([before + words], [after + words]) == [(Fate.RENUMBERED, 0, 0, False)]


def test_an_alinea_that_moves_is_one() -> None:
    words = [f"Le service numéro {n} instruit les demandes de la commune {n}." for n in range(5)]
    moved = [words[4], *words[:4]]
    assert fates(words, moved)[0] == (Fate.SAME, 4, 0, True)
    assert all(row == (Fate.SAME, n, n + 1, False) for n, row in enumerate(fates(words, moved)[1:]))


def test_what_is_removed_stands_where_it_was() -> None:
    words = ["Premier texte du chapitre.", "Deuxième mot isolé.", "Troisième phrase du chapitre."]
    assert fates(words, [words[0], words[2]]) == [
        (Fate.SAME, 0, 0, False),
        (Fate.REMOVED, 1, None, False),
        (Fate.SAME, 2, 1, False),
    ]
    assert fates(words, words[1:])[0] == (Fate.REMOVED, 0, None, False)


def test_a_row_of_a_table_is_found_again_by_its_place() -> None:
    before = ["Zone | Été | Hiver", "A | 12 | 14", "B | 15 | 16", "Total | 27 | 30"]
    after = ["Zone | Été | Hiver", "A | 22 | 24", "B | 15 | 16", "Total | 37 | 40"]
    assert [row[0] for row in fates(before, after)] == [
        Fate.SAME,
        Fate.CHANGED,
        Fate.SAME,
        Fate.CHANGED,
    ]


def test_a_rewriting_is_shown_whole() -> None:
    rows = fates(
        ["Les déchets sont triés à la source selon les règles du plan régional."],
        ["Chaque producteur verse une contribution dont un arrêté fixe le montant."],
    )
    assert [row[0] for row in rows] == [Fate.REMOVED, Fate.ADDED]


WORDS = st.lists(
    st.sampled_from(
        [
            "le",
            "la",
            "de",
            "plan",
            "déchet",
            "70 kW",
            "2027",
            "1er janvier 2027",
            "L. 541-10",
            "l'eau",
        ]
    ),
    min_size=1,
    max_size=12,
).map(" ".join)
NUMBERS = st.sampled_from(["", "1° ", "2° ", "a) ", "I. - "])
ENDS = st.sampled_from(["", " ;", ".", ", le reste."])
ARTICLES = st.lists(st.builds(lambda *parts: "".join(parts), NUMBERS, WORDS, ENDS), max_size=8)


@given(ARTICLES, ARTICLES)
def test_both_wordings_can_be_read_from_what_is_shown(before: list[str], after: list[str]) -> None:
    rows = compare_texts(before, after)
    assert sorted(row.was for row in rows if row.was is not None) == list(range(len(before)))
    assert [row.now for row in rows if row.now is not None] == list(range(len(after)))
    reader = Reader()
    for row in rows:
        if row.was is not None:
            old = reader.read("".join(piece.text for piece in row.side(Op.AJOUT)))
            assert old.keys == reader.read(before[row.was]).keys
        if row.now is not None:
            new = "".join(piece.text for piece in row.side(Op.RETRAIT)).replace("\u00a0", " ")
            assert new == after[row.now]
        assert all(piece.text for piece in row.pieces)
    if before == after:
        assert not any(row.is_news for row in rows)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_compared(before: str, after: str) -> None:
    compare_texts(before.split("\n"), after.split("\n"))
    assert not compare_texts([before], [before])[0].is_news


@pytest.mark.parametrize(
    "text",
    ["a " * 50_000, "1 " * 50_000, "L. " * 30_000, "I" * 100_000, "1-" * 50_000, "l'" * 50_000],
)
def test_hostile_wordings_take_a_bounded_time(text: str) -> None:
    started_at = time.process_time()
    compare_texts([text], [f"b {text[:-7]}"])
    assert time.process_time() - started_at < 4


def test_two_long_versions_are_compared_at_once() -> None:
    """The limit, 200 ms, is that of the benchmark; here a machine may be ten times slower."""
    before, after = make_versions(100_000, 1)
    started_at = time.process_time()
    rows = compare_texts(before, after)
    assert time.process_time() - started_at < 2
    assert {row.fate for row in rows} >= {Fate.SAME, Fate.CHANGED, Fate.RENUMBERED, Fate.ADDED}
    assert any(row.is_moved for row in rows)


# --- What is shown -----------------------------------------------------------------------------

OLD = version(
    "I. - Les bâtiments visés sont équipés avant le 1er janvier 2027.",
    "II. - Le contrôle est <annuel>.",
    "1° Le maire & le préfet ;",
    state="MODIFIE",
    start="2023-04-08",
    end="2025-12-28",
)
NEW = version(
    "I. - Les bâtiments visés sont équipés avant le 1er janvier 2030.",
    "II. - Le contrôle est <annuel>.",
    "2° Le maire & le préfet ;",
    "3° La métropole.",
    by=(DECRET,),
)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_as_text() -> None:
    assert plain(to_text(compare(OLD, NEW))) == (
        "Code <de> l’eau, article R. 1\n"
        "Avant : version en vigueur du 8 avril 2023 au 28 décembre 2025\n"
        "Après : version en vigueur depuis le 28 décembre 2025, issue de : "
        "Décret n° 2025-1343 du 26 décembre 2025 - art. 1\n\n"
        "I. - Les bâtiments visés sont équipés avant le [-1er janvier 2027-] "
        "{+1er janvier 2030+}.\n\n"
        "[…] 1 alinéa inchangé, non repris\n\n"
        "[-1°-] {+2°+} Le maire & le préfet ;\n\n"
        "{+3° La métropole.+}"
    )


class Outline(HTMLParser):
    """Checks that tags are closed in order, and keeps the text of some."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: dict[str, list[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.seen[tag][-1] += data


def outline(html: str) -> dict[str, list[str]]:
    parser = Outline()
    parser.feed(plain(html))
    parser.close()
    assert parser.open == []
    return parser.seen


def test_as_html() -> None:
    html = to_html(compare(OLD, NEW))
    seen = outline(html)
    assert seen["h3"] == ["Avant", "Après"]
    assert seen["del"] == ["supprimé : 1er janvier 2027", "supprimé : 1°"]
    assert seen["ins"] == ["ajouté : 1er janvier 2030", "ajouté : 2°", "ajouté : 3° La métropole."]
    assert seen["b"] == ["Modifié", "Renuméroté", "Ajouté"]
    assert "version en vigueur du 8 avril 2023 au 28 décembre 2025" in seen["p"]
    assert "<annuel>" not in html
    assert "Le maire &amp; le préfet" in plain(html)
    assert outline(to_html(compare(OLD, NEW), level=4))["h4"] == ["Avant", "Après"]


def test_a_creation_and_a_repeal_are_said_and_not_marked() -> None:
    created = compare(None, NEW)
    assert (created.move, created.is_same) == (Move.CREATED, False)
    seen = outline(to_html(created))
    assert "L’article n’existait pas." in seen["p"]
    assert "ins" not in seen
    assert "3° La métropole." in seen["p"]
    assert "3° La métropole." in plain(to_text(created))
    closing = Link("ABROGE", "JORFTEXT2", "", "", "2026-1", "DECRET")
    gone = version("Mot.", state="ABROGE", end="2026-01-01", by=(closing,))
    repealed = to_html(compare(gone, None))
    assert "abrogé par : decret n° 2026-1" in outline(repealed)["p"]
    assert "L’article ne s’applique plus." in outline(repealed)["p"]
    moved = compare_pair(Pair(Move.TRANSFERRED, date(2026, 1, 1), before=gone))
    assert "déplacé par : decret n° 2026-1" in plain(to_text(moved))


def test_a_wording_that_was_not_read_is_no_creation() -> None:
    missing = (Sibling("LEGIARTI000000000001", "MODIFIE"),)
    note = "La version LEGIARTI000000000001 n’a pas été lue."
    pair = Pair(Move.MODIFIED, date(2025, 12, 28), None, NEW, (), missing, (note,))
    found = compare_pair(pair)
    assert not any(alinea.is_news for alinea in found.alineas)
    assert not found.is_same
    assert "Cette rédaction n’est pas connue de nous." in to_text(found)
    assert note in to_text(found)
    assert note in outline(to_html(found))["p"]
    assert "{+" not in to_text(found)


def test_a_note_of_the_publisher_is_told_apart_from_the_law() -> None:
    note = "[Disposition déclarée non conforme à la Constitution par une décision du Conseil]"
    page = to_html(compare(version(note, "Le délai est d’un an."), version(note, "Deux ans.")))
    assert '<p class="ava-note">Disposition déclarée non conforme' in page
    assert "alinéa inchangé" not in page
    image = to_html(compare(version("[image]", "Un an."), version("[image]", "Deux ans.")))
    assert "1 alinéa inchangé" in image


def test_nothing_at_all_is_shown_as_nothing() -> None:
    nothing = compare(None, None)
    assert nothing == Comparison(None, None, Move.UNKNOWN, ())
    outline(to_html(nothing))
    same = compare(NEW, NEW)
    assert same.is_same
    assert "4 alinéas inchangés" in to_text(same)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (version(start=""), "version dont la date d’entrée en vigueur n’est pas connue"),
        (version(state="VIGUEUR_DIFF", start="2027-01-01"), "version en vigueur à partir du 1er"),
        (version(start="2027-01-01"), "version en vigueur depuis le 1er janvier 2027"),
    ],
)
def test_the_life_of_a_version(one: ArticleVersion, words: str) -> None:
    assert plain(describe(one)).startswith(words)


def test_labels() -> None:
    assert label_of(Alinea(Fate.SAME, (), 1, 0, is_moved=True)) == "Déplacé"
    assert label_of(Alinea(Fate.CHANGED, (), 1, 0, is_moved=True)) == "Modifié et déplacé"


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_words_are_harmless_in_a_page(before: str, after: str) -> None:
    html = to_html(compare(version(before), version(after)))
    assert set(re.findall(r"</?([a-z0-9]+)", html)) <= {
        "section", "div", "h3", "p", "b", "del", "ins", "span",
    }  # fmt: skip
