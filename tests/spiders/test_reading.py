"""The plain forms that parsers share."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import ParseError
from hub.text import clean_paragraphs
from spiders.reading import (
    TAGS_LIMIT,
    is_same_site,
    is_wanted,
    link_to,
    make_soup,
    markup_to_text,
    plain,
    say_all,
)

BLOCKS = ("p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote")


def test_markup_becomes_paragraphs() -> None:
    assert markup_to_text("<p>Un <b>mot</b>.</p><ul><li>a</li><li>b") == "Un mot.\n\na\n\nb"
    assert markup_to_text("<script>x()</script>1 &lt; 2") == "1 < 2"
    assert markup_to_text("https://www.example.org/") == "https://www.example.org/"
    assert plain(None) == plain(12) == ""


def test_many_troubles_stay_one_sentence() -> None:
    assert say_all(["a", "b"]) == "a; b"
    assert say_all(["x"] * 9).endswith("; and 4 more")


def slowly(markup: str) -> str:
    """The same by way of BeautifulSoup, ten times slower."""
    soup = make_soup(markup.encode())
    for element in soup(("script", "style")):
        element.decompose()
    for element in soup(BLOCKS):
        element.insert_after("\n")
    return clean_paragraphs(soup.get_text())


MARKS = [
    "<p>", "</p>", "<br>", "a", "é", "&amp;", "&nbsp;", "&eacute;", "&apos;", "&hellip", "&x;",
    "<script>", "</script>", "<style>", "</style>", "<!--", "-->", "<?x", "?>", "<li>", "<ul>",
    "</ul>", "<td>", "<tr>", "<table>", "</table>", "<b>", "</b>", "<template>", "</template>",
    "<textarea>", "</textarea>", "<![CDATA[", "]]>", "<body>", "<head>", "<title>", "</title>",
    "<noscript>", "<iframe>", "<svg>", "&#8217;", "&#0;", "<div", "<", "&", ">", "<!DOCTYPE",
    "</div>",
]  # fmt: skip


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(MARKS) | st.just(" "),
        max_size=12,
    ).map("".join)
)
def test_markup_reads_as_browsers_read_it(markup: str) -> None:
    if "<" in markup or "&" in markup:
        assert markup_to_text(markup) == slowly(markup)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://www.example.org/a", "http://example.org/b", True),
        ("https://example.org:443/", "https://example.org/", True),
        ("https://example.org:8443/", "https://example.org/", False),
        ("https://docs.example.org/", "https://example.org/", False),
        ("https://example.org.evil.example/", "https://example.org/", False),
        ("mailto:a@example.org", "mailto:a@example.org", False),
        ("https://[", "https://[", False),
    ],
)
def test_one_site_is_one_host(one: str, other: str, same: bool) -> None:
    assert is_same_site(one, other) is same


@pytest.mark.parametrize("written", ["https:///a", "http://", "//[", "https://a.example:x/"])
def test_an_address_without_a_host_is_no_link(written: str) -> None:
    assert link_to("", written) == ""


def test_what_is_wanted_is_found_without_accents() -> None:
    assert is_wanted(None)
    assert is_wanted("(dechets)", "", "Les DÉCHETS")
    assert not is_wanted("(dechets)", "Énergie")


def test_markup_that_costs_the_square_of_its_size_is_cut_or_refused() -> None:
    crowd = "<a " + " ".join(f"b{number}" for number in range(200_000)) + " href='/x'>un</a>"
    started = time.process_time()
    assert markup_to_text(crowd) == "un"
    assert make_soup(crowd.encode()).get_text() == "un"
    assert time.process_time() - started < 5
    with pytest.raises(ParseError, match="100001 tags"):
        make_soup(b"<" * (TAGS_LIMIT + 1))
