"""The text of PDF files, sound and damaged."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import ParseError
from spiders import pdf
from spiders.base import PAGE_SIZE
from spiders.pdf import SECONDS, is_pdf, join_pages, pdf_text
from spiders.pdfchild import MAX_PAGES, MAX_TEXT, read_pages
from tests.spiders.pdfs import make_pdf

HASH = "x" * 32
PROTECTED = (
    f"/Encrypt << /Filter /Standard /V 1 /R 2 /O ({HASH}) /U ({HASH}) /P -4 >> /ID [(a) (a)]"
)


def test_lines_become_paragraphs() -> None:
    text = pdf_text(
        make_pdf(
            [
                "Arrêté du 12 août 2026 portant réglementation de la circu-",
                "lation des déchets de chantier sur les communes du département,",
                "pris en application du code de l’environnement.",
                "Article 1er",
                "Le présent arrêté entre en vigueur le 1er octobre 2026 (sauf exception).",
            ]
        )
    )
    whole, heading, last = text.split("\n\n")
    assert "circulation des déchets de chantier sur les communes du département, pris" in whole
    assert whole.startswith("Arrêté du 12 août 2026")
    assert heading == "Article 1er"
    assert last == "Le présent arrêté entre en vigueur le 1er octobre 2026 (sauf exception)."


def test_what_stands_on_every_page_is_said_once() -> None:
    pages = [
        f"RECUEIL DES ACTES\r\nActe de la page {n}, qui dit le droit.\r\nPage {n}"
        for n in range(1, 5)
    ]
    text = join_pages(pages)
    assert text.count("RECUEIL") == 1
    assert [f"Acte de la page {n}," in text for n in range(1, 5)] == [True] * 4
    assert "Page 4" not in text


def test_list_items_stay_apart_and_blank_lines_part_paragraphs() -> None:
    page = "Sont concernés les déchets suivants, par nature et origine\r\n• le bois\r\n• le verre"
    assert join_pages([page]).split("\n\n")[1:] == ["• le bois", "• le verre"]
    assert join_pages(["Un premier alinéa sans point\r\n\r\nUn second alinéa"]).count("\n\n") == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html>introuvable</html>", "not a PDF"),
        (b"<p>%PDF-</p>", "not a PDF"),
        (b"", "not a PDF"),
        (b"%PDF-1.4\n%%EOF", "damaged PDF"),
        (make_pdf(["a"])[:300], "damaged PDF"),
        (make_pdf(["a"], trailer=PROTECTED), "protected PDF"),
        (make_pdf(), "without any page"),
        (make_pdf([], []), "without text: scanned pages"),
        (b"%PDF-1.4" + b" " * PAGE_SIZE, "too large"),
    ],
)
def test_a_pdf_that_cannot_be_read_says_why(body: bytes, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        pdf_text(body)


def test_a_blank_before_the_header_does_not_matter() -> None:
    assert is_pdf(b"\n\n%PDF-1.4")
    assert not is_pdf(b"x" * 2_000 + b"%PDF-1.4")


def test_only_the_first_pages_are_read() -> None:
    answer = read_pages(make_pdf(*([f"page {n}"] for n in range(MAX_PAGES + 5))))
    pages = answer["pages"]
    assert isinstance(pages, list)
    assert (len(pages), pages[-1].strip()) == (MAX_PAGES, f"page {MAX_PAGES - 1}")
    assert len(join_pages(["mot " * MAX_TEXT])) <= MAX_TEXT


def test_a_file_that_kills_or_holds_its_reader_costs_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = make_pdf(["a"])
    monkeypatch.setattr(pdf, "CHILD", ("-c", "import os; os.abort()"))
    with pytest.raises(ParseError, match="kills its reader"):
        pdf_text(body)
    monkeypatch.setattr(pdf, "CHILD", ("-c", "import time; time.sleep(30)"))
    monkeypatch.setattr(pdf, "SECONDS", 1)
    with pytest.raises(ParseError, match="not read within 1 s"):
        pdf_text(body)
    assert SECONDS > 1


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 600), st.binary(max_size=20), st.booleans())
def test_a_damaged_pdf_gives_pages_or_a_reason(place: int, noise: bytes, is_cut: bool) -> None:
    sound = make_pdf(["Un premier texte."], ["Un second."])
    damaged = sound[:place] + noise + (b"" if is_cut else sound[place + len(noise) :])
    assert set(read_pages(damaged)) in ({"pages"}, {"error"})


@given(st.lists(st.text(max_size=200), max_size=5))
def test_any_lines_are_joined_into_storable_paragraphs(pages: list[str]) -> None:
    text = join_pages(pages)
    text.encode()
    assert "\x00" not in text
    assert "\n\n\n" not in text
    with suppress(IndexError):
        assert text[0].strip()
