"""Evidence in the text: numbers, overlaps, and the text itself never altered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.model import Evidence, Origin, Tag, TermKind, TextField, TextOfItem
from hub.web.changes import list_changes
from hub.web.passages import cut, list_runs, locate, number_passages, number_places


def tag(*evidence: Evidence) -> Tag:
    return Tag(TermKind.DISPOSITIF, "AGEC", Origin.RULE, 1.0, evidence)


def proof(words: str, start: int, field: TextField = TextField.TEXT) -> Evidence:
    return Evidence("r", words, field, start, start + len(words))


def test_numbers_follow_the_reading_order() -> None:
    text = TextOfItem("tri des déchets", text="le tri, puis le réemploi")
    passages = number_passages(
        text, [tag(proof("réemploi", 16)), tag(proof("tri", 3), proof("tri", 0, TextField.TITLE))]
    )
    assert list(passages.values()) == [1, 2, 3]
    assert next(iter(passages)) == (TextField.TITLE, 0, 3)


def test_overlapping_passages_are_cut_without_nesting() -> None:
    text = TextOfItem("", text="isolation et fenêtres")
    passages = number_passages(
        text, [tag(proof("isolation et fenêtres", 0)), tag(proof("fenêtres", 13))]
    )
    (paragraph,) = cut(text, TextField.TEXT, passages)
    assert [(piece.text, piece.numbers) for piece in paragraph] == [
        ("isolation et ", ()),
        ("fenêtres", (1, 2)),
    ]
    assert all(piece.is_marked for piece in paragraph)


def test_words_that_moved_are_found_again() -> None:
    text = TextOfItem("", text="Nouvelle phrase. Le tri.")
    assert locate(text, proof("tri", 0)) == (TextField.TEXT, 20, 23)
    assert locate(text, proof("disparu", 0)) is None
    assert locate(text, Evidence("dispositif:AGEC")) is None


def test_a_passage_over_two_paragraphs_is_marked_in_both_and_numbered_once() -> None:
    text = TextOfItem("", text="un deux\n\ntrois quatre")
    passages = number_passages(text, [tag(proof("deux\n\ntrois", 3))])
    first, second = cut(text, TextField.TEXT, passages)
    assert [(p.text, p.is_marked, p.numbers) for p in first] == [
        ("un ", False, ()),
        ("deux", True, ()),
    ]
    assert [(p.text, p.is_marked, p.numbers) for p in second] == [
        ("trois", True, (1,)),
        (" quatre", False, ()),
    ]


def test_places_of_a_draft_that_overlap_are_one() -> None:
    title, text = TextField.TITLE, TextField.TEXT
    places = [(text, 5, 9), (text, 0, 6), (text, 9, 12), (title, 3, 8), (text, 0, 6)]
    assert number_places(places) == {
        (title, 3, 8): 1,
        (text, 0, 6): 2,
        (text, 5, 9): 2,
        (text, 9, 12): 3,
    }


def test_a_place_of_the_draft_holds_the_evidence_inside_it() -> None:
    text = TextOfItem("", text="Un. Le tri des bois. Deux.")
    passages = number_passages(text, [tag(proof("tri", 7))])
    (paragraph,) = cut(text, TextField.TEXT, passages, {(TextField.TEXT, 4, 20): 1})
    before, inside, after = list_runs(paragraph)
    assert [piece.text for piece in inside.pieces] == ["Le ", "tri", " des bois."]
    assert [piece.is_marked for piece in inside.pieces] == [False, True, False]
    assert (inside.place, inside.opens, inside.closes) == (1, True, True)
    assert (before.place, after.place) == (0, 0)


def test_a_place_over_two_paragraphs_opens_in_the_first_and_closes_in_the_second() -> None:
    text = TextOfItem("", text="Sont soumis :\n\nles ateliers.")
    paragraphs = cut(text, TextField.TEXT, {}, {(TextField.TEXT, 0, 28): 1})
    runs = [(run.place, run.opens, run.closes) for part in paragraphs for run in list_runs(part)]
    assert runs == [(1, True, False), (1, False, True)]


texts = st.text(st.sampled_from("ab \n<é"), max_size=40)


@given(texts, st.lists(st.tuples(st.integers(0, 40), st.integers(1, 12)), max_size=6))
def test_the_pieces_put_together_are_the_text(whole: str, spans: list[tuple[int, int]]) -> None:
    text = TextOfItem("", text=whole)
    evidence = [
        proof(whole[start : start + length], start)
        for start, length in spans
        if whole[start : start + length]
    ]
    passages = number_passages(text, [tag(*evidence)])
    places = number_places((TextField.TEXT, e.start, e.end) for e in evidence[::2])
    paragraphs = cut(text, TextField.TEXT, passages, places)
    joined = "".join(piece.text for paragraph in paragraphs for piece in paragraph)
    assert joined.replace("\n", "") == whole.replace("\n", "")
    numbers = [n for paragraph in paragraphs for piece in paragraph for n in piece.numbers]
    assert len(numbers) == len(set(numbers))


@given(texts, texts)
def test_changes_hold_every_word_that_differs(before: str, after: str) -> None:
    changes = list_changes(before, after)
    assert (changes == []) == (before == after)
    removed = "".join(text for change in changes for text, _ in change.before)
    assert set(removed) <= set(before)


def test_a_changed_word_is_marked_alone() -> None:
    (change,) = list_changes("Même.\n\nLe seuil est 1,9.", "Même.\n\nLe seuil est 1,7.")
    assert [text for text, is_changed in change.before if is_changed] == ["1,9."]
    assert [text for text, is_changed in change.after if is_changed] == ["1,7."]
