"""Dates, addresses and comparable forms, with the traps met in real sources."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.text import (
    canonical_url,
    clean,
    clean_paragraphs,
    comparable,
    format_date,
    format_moment,
    parse_date,
    parse_moment,
    slugify,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Publié le 12 décembre 2025", date(2025, 12, 12)),
        ("1er juillet 2024", date(2024, 7, 1)),
        ("vendredi 13 février 2026", date(2026, 2, 13)),
        ("12 aout 2026", date(2026, 8, 12)),
        ("le 1er janv. 2027 à 14 h 30", date(2027, 1, 1)),
        ("13/02/2026", date(2026, 2, 13)),
        ("Consultation du 26/08/2025 au 23/09/2025", date(2025, 8, 26)),
        ("2026-09-07T06:40:00+02:00", date(2026, 9, 7)),
        ("Mon, 07 Sep 2026 08:00:00 +0200", date(2026, 9, 7)),
        ("lun., 16 nov. 2026", date(2026, 11, 16)),
        ("12\u00a0décembre\u00a02025", date(2025, 12, 12)),
        ("30 lots 2026, publié le 3 mars 2026", date(2026, 3, 3)),
        ("2999-01-01", None),
        ("31 février 2026", None),
        ("demain", None),
        ("", None),
    ],
)
def test_dates_are_read_as_written(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


@given(st.dates(date(1900, 1, 1), date(2899, 12, 31)))
def test_a_date_we_write_is_read_back(day: date) -> None:
    assert parse_date(format_date(day)) == day


def test_dates_are_written_as_people_do() -> None:
    assert format_date(date(2026, 9, 1)) == "1er\u00a0septembre\u00a02026"
    moment = datetime(2026, 9, 7, 4, 40, tzinfo=UTC)
    assert format_moment(moment) == "7\u00a0septembre\u00a02026 à 6\u00a0h\u00a040"


def test_a_moment_without_offset_is_paris_time() -> None:
    assert parse_moment("2026-09-07T06:40") == datetime(2026, 9, 7, 4, 40, tzinfo=UTC)
    with pytest.raises(ValueError, match="Invalid isoformat"):
        parse_moment("hier")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.a.fr/x?xtor=RSS-111", "https://www.a.fr/x"),
        ("https://A.fr:443/x#haut", "https://a.fr/x"),
        ("https://a.fr?b=2&a=1&utm_source=z", "https://a.fr/?a=1&b=2"),
        ("https://a.fr/spip.php?page=article&id_article=3229&lang=fr",
         "https://a.fr/spip.php?id_article=3229&page=article"),
        ("javascript:alert(1)", ""),
        ("http://[::1", ""),
        ("mailto:x@y.fr", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_canonical_addresses(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


@given(st.text() | st.from_regex(r"https?://[a-z.]{1,9}(/[ -~]{0,20})?", fullmatch=True))
def test_canonical_address_is_idempotent(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


@given(st.text(max_size=80))
def test_comparable_form_ignores_accents_case_and_spaces(text: str) -> None:
    assert comparable(clean(text)) == comparable(text)
    assert comparable(comparable(text)) == comparable(text)


def test_comparable_titles() -> None:
    assert comparable("LOI n° 2026-602 du 8 juillet 2026 (1)") == "loi n 2026 602 du 8 juillet 2026"
    assert comparable("L’œuvre  RÉEMPLOYÉE") == comparable("l'oeuvre réemployée")


@given(st.text())
def test_slugs_are_safe_and_never_empty(text: str) -> None:
    slug = slugify(text)
    assert slug
    assert len(slug) <= 60
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_paragraphs_survive_and_blanks_do_not() -> None:
    assert clean_paragraphs("\n Un\u00a0 mot \r\n\n\n deux\u00ad \n") == "Un mot\n\ndeux"


@pytest.mark.parametrize("host", ["[2001:db8::1]", "[2001:db8::1]:8080"])
def test_an_address_of_version_6_keeps_its_brackets(host: str) -> None:
    assert canonical_url(f"https://{host}/a") == f"https://{host}/a"
