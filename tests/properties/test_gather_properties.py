"""The text of a version in one line: what is done sooner is what is done at length."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from hub.digests import in_one_line
from hub.text import clean, clean_paragraphs

PARTS = st.sampled_from(
    ("a", "é", "e\u0301", "\u0301", " ", "\n", "\n\n", "\r", "\t", "\u00a0", "\u00ad", "\u200b")
)
ODD = st.sampled_from(("\u2028", "\u3000", "\ufeff", "\x1f", "\x85", "\u1100", "\u1161", "’"))
TEXTS = st.one_of(st.text(), st.lists(PARTS | ODD, max_size=12).map("".join))


@given(TEXTS)
@example("un\n\ndeux")
@example(" un\n\n\ndeux ")
def test_one_line(text: str) -> None:
    assert in_one_line(text) == clean(text)
    assert in_one_line(clean_paragraphs(text)) == clean(clean_paragraphs(text))
