"""Values that no field expects, and what every mention must hold whatever it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from hub.model import Mention
from spiders.base import Reading
from spiders.reading import LINK_LIMIT, SUMMARY_LIMIT, TEXT_LIMIT, TITLE_LIMIT

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        "",
        " ",
        "\ud800",
        "a\x00b\ud800",
        "\u00ad",
        "x" * 100_000,
        "é" * 5_000,
        "javascript:alert(1)",
        "https://evil.example/x",
        "http://[",
        "//",
        "0001-01-01",
        "9999-12-31T23:59:59+14:00",
        "2999-01-01",
        "2026-02-31",
        "<p>a<b>&amp;</script>",
        '"\\"',
        10**400,
        -1,
        float("nan"),
        float("inf"),
        [],
        {},
        [[[]]],
        {"name": None},
        [{"name": "x"}, 1, None, "y"],
    ]
)
"""What breaks careless readers."""

ANY = ODD | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def holed(shape: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The shape, in which any field may be missing or hold anything."""
    fields = {name: st.just(value) | ANY for name, value in shape.items()}
    return st.fixed_dictionaries({}, optional=fields) | st.fixed_dictionaries(fields)


def check_reading(reading: Reading) -> None:
    for mention in reading.mentions:
        check_mention(mention)
    assert len({mention.key for mention in reading.mentions}) == len(reading.mentions)
    assert all(isinstance(trouble, str) and trouble for trouble in reading.troubles)
    for ask in reading.follow:
        ask.url.encode()


def check_mention(mention: Mention) -> None:
    assert mention.key
    assert mention.title.strip()
    assert mention.url.startswith(("https://", "http://"))
    assert len(mention.key.encode()) <= LINK_LIMIT
    assert len(mention.url.encode()) <= LINK_LIMIT
    assert len(mention.title) <= TITLE_LIMIT
    assert len(mention.summary) <= SUMMARY_LIMIT
    assert len(mention.text) <= TEXT_LIMIT
    assert len(mention.nature) <= TITLE_LIMIT
    assert len(mention.rubrique) <= TITLE_LIMIT
    for day in (mention.published_on, mention.signed_on):
        assert day is None or 1990 <= day.year <= 2100
    said = repr((mention.title, mention.summary, mention.text, dict(mention.extra)))
    said.encode()  # no lone surrogate
    assert len(repr(dict(mention.extra))) < 500_000
    assert "\x00" not in f"{mention.title}{mention.summary}{mention.text}"
