"""Who gets what in an issue, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hub.model import Echeance, Evidence, Niveau, TermKind, TextField
from hub.newsletter.select import (
    FULL_ENTRIES,
    Catalogue,
    Digest,
    News,
    Reader,
    Reason,
    Skip,
    Upcoming,
    issue_of,
    select_digest,
    starting_points,
    weekly_cutoff,
)
from tests.letters import (
    APPROVED_AT,
    BAT,
    CONFIRMED_AT,
    EMPRO,
    MAPRIMERENOV,
    PEMD,
    RENOVATION,
    REP,
    TRAVAUX,
    make_news,
    make_reader,
    make_redaction,
    make_tag,
)

CUTOFF = datetime(2026, 9, 7, 5, 0, tzinfo=UTC)
TODAY = date(2026, 9, 7)


def digest(
    *news: News, reader: Reader | None = None, delivered: frozenset[int] = frozenset()
) -> Digest | Skip:
    return select_digest(reader or make_reader(), Catalogue(news), delivered, CUTOFF, TODAY)


def told(outcome: Digest | Skip) -> list[int]:
    assert isinstance(outcome, Digest)
    return [news.id for entry in outcome.entries for news in entry.items]


def test_a_public_item_on_a_followed_metier_is_told_with_its_reason() -> None:
    outcome = digest(make_news(1, tags=(make_tag(TRAVAUX, "chantier"), make_tag(BAT))))
    assert isinstance(outcome, Digest)
    (entry,) = outcome.entries
    assert entry.reasons == (Reason(TermKind.METIER, "conducteur-travaux", (), "chantier"),)
    assert outcome.issue == "2026-W37"


@pytest.mark.parametrize(
    "news",
    [
        make_news(1, is_public=False),
        make_news(1, public_at=None),
        make_news(1, public_at=CUTOFF + timedelta(seconds=1)),
        make_news(1, public_at=CONFIRMED_AT - timedelta(days=30)),
        make_news(1, tags=(make_tag(RENOVATION), make_tag(BAT))),
        make_news(1, tags=()),
    ],
    ids=["not-public", "never-approved", "after-cutoff", "before-start", "other-metier", "no-tag"],
)
def test_what_must_not_be_told_is_a_skip(news: News) -> None:
    assert digest(news) is Skip.NOTHING_NEW


def test_the_cutoff_itself_is_in_and_what_was_delivered_is_out() -> None:
    on_time = make_news(1, public_at=CUTOFF)
    assert told(digest(on_time)) == [1]
    assert digest(on_time, delivered=frozenset({1})) is Skip.NOTHING_NEW


def test_a_filiere_counts_for_who_follows_rep_and_for_nobody_else() -> None:
    news = make_news(1, tags=(make_tag(EMPRO, "emballages professionnels"),))
    outcome = digest(news, reader=make_reader(REP))
    assert isinstance(outcome, Digest)
    (reason,) = outcome.entries[0].reasons
    assert (reason.filieres, reason.words) == (("EMPRO",), "emballages professionnels")
    assert digest(news, reader=make_reader(PEMD)) is Skip.NOTHING_NEW


def test_the_words_that_prove_a_deduced_metier_are_those_of_its_dispositif() -> None:
    tags = (make_tag(TRAVAUX, rule="dispositif:PEMD"), make_tag(PEMD, "diagnostic PEMD"))
    outcome = digest(make_news(1, tags=tags))
    assert isinstance(outcome, Digest)
    assert outcome.entries[0].reasons[0].words == "diagnostic PEMD"


def test_tags_that_prove_each_other_in_a_circle_end() -> None:
    tags = (
        make_tag(TRAVAUX, rule="dispositif:PEMD"),
        make_tag(PEMD, rule="metier:conducteur-travaux"),
    )
    outcome = digest(make_news(1, tags=tags))
    assert isinstance(outcome, Digest)
    assert outcome.entries[0].reasons[0].words == ""


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (("Décret n° 2021-821", "diagnostic"), "diagnostic"),
        (("LOI n° 2020-105 du 10 février 2020",), ""),
        (("Règlement (UE) 2026/470",), ""),
        (("RE2020",), "RE2020"),
    ],
)
def test_the_number_of_a_text_is_no_reason(words: tuple[str, ...], kept: str) -> None:
    evidence = tuple(Evidence("mot", one, TextField.TITLE, 0, len(one)) for one in words)
    outcome = digest(make_news(1, tags=(replace(make_tag(TRAVAUX), evidence=evidence),)))
    assert isinstance(outcome, Digest)
    assert outcome.entries[0].reasons[0].words == kept


def test_a_number_gives_way_to_the_words_of_the_dispositif_behind() -> None:
    travaux = make_tag(TRAVAUX, "Décret n° 2021-821")
    travaux = replace(travaux, evidence=(*travaux.evidence, Evidence("dispositif:PEMD")))
    outcome = digest(make_news(1, tags=(travaux, make_tag(PEMD, "diagnostic PEMD"))))
    assert isinstance(outcome, Digest)
    assert outcome.entries[0].reasons[0].words == "diagnostic PEMD"


def make_dated(
    item_id: int, published: str = "", applicable: str = "", niveau: Niveau = Niveau.AIDE
) -> News:
    return make_news(
        item_id,
        published_on=date.fromisoformat(published) if published else None,
        redaction=make_redaction(
            ce_qui_change=f"Change {item_id}.",
            niveau=niveau,
            applicable_le=date.fromisoformat(applicable) if applicable else None,
        ),
    )


def test_the_newest_comes_first_obligations_first_in_a_day_and_old_texts_last() -> None:
    outcome = digest(
        make_dated(1, "2026-08-30"),
        make_dated(2, "2020-01-01", "2021-07-01", Niveau.OBLIGATOIRE),
        make_dated(3, "2026-08-26", "2026-09-01"),
        make_dated(4, "2026-08-26", "2026-09-01", Niveau.OBLIGATOIRE),
        make_dated(5),
        make_dated(6, "2026-08-19", "2030-01-01"),
    )
    assert told(outcome) == [4, 3, 1, 6, 2, 5]
    assert isinstance(outcome, Digest)
    assert [entry.news.id for entry in outcome.reminders] == [2, 5]


@pytest.mark.parametrize(
    ("published", "applicable", "expected"),
    [
        ("2026-08-07", "", True),
        ("2026-08-06", "", False),
        ("2020-01-01", "2026-08-07", True),
        ("2020-01-01", "2027-01-01", True),
        ("2020-01-01", "2026-08-06", False),
        ("2026-09-08", "", True),
        ("", "", False),
    ],
)
def test_new_is_published_or_applicable_within_31_days(
    published: str, applicable: str, expected: bool
) -> None:
    outcome = digest(make_dated(1, published, applicable))
    assert isinstance(outcome, Digest)
    assert outcome.entries[0].is_new is expected


def test_two_texts_told_in_the_same_words_make_one_entry_with_the_reasons_of_both() -> None:
    first = make_news(1, redaction=make_redaction())
    second = make_news(2, redaction=make_redaction(titre="Autre titre"), tags=(make_tag(PEMD),))
    other_level = make_news(3, redaction=make_redaction(niveau=Niveau.PROJET))
    unwritten = [make_news(n, summary="Le même résumé") for n in (4, 5)]
    reader = make_reader(TRAVAUX, PEMD)
    outcome = digest(second, first, other_level, *unwritten, reader=reader)
    assert isinstance(outcome, Digest)
    groups = [[news.id for news in entry.items] for entry in outcome.entries]
    assert sorted(groups) == [[1, 2], [3], [4], [5]]
    merged = next(entry for entry in outcome.entries if entry.also)
    assert [reason.term for reason in merged.reasons] == ["conducteur-travaux", "PEMD"]
    assert told(digest(first, second, reader=reader, delivered=frozenset({1}))) == [2]


def test_what_exceeds_the_full_entries_is_listed_not_lost() -> None:
    outcome = digest(*(make_news(n) for n in range(1, FULL_ENTRIES + 4)))
    assert isinstance(outcome, Digest)
    assert len(outcome.full) == FULL_ENTRIES
    assert len(outcome.rest) == 3


def test_dates_to_come_are_recalled_even_from_items_told_long_ago() -> None:
    redaction = make_redaction(
        echeances=(
            Echeance(date(2026, 9, 6), "passée"),
            Echeance(date(2026, 11, 6), "au bord"),
            Echeance(date(2026, 11, 7), "trop loin"),
            Echeance(date(2026, 9, 7), "aujourd’hui"),
        )
    )
    old = make_news(1, redaction=redaction)
    copy = make_news(2, redaction=redaction)
    hidden = make_news(3, redaction=redaction, is_public=False)
    outcome = digest(old, copy, hidden, make_news(4), delivered=frozenset({1, 2}))
    assert isinstance(outcome, Digest)
    assert [(one.echeance.label, one.news.id) for one in outcome.dates] == [
        ("aujourd’hui", 1),
        ("au bord", 1),
    ]
    assert all(isinstance(one, Upcoming) for one in outcome.dates)


def test_followed_terms_with_nothing_new_are_named() -> None:
    outcome = digest(make_news(1), reader=make_reader(TRAVAUX, PEMD, MAPRIMERENOV))
    assert isinstance(outcome, Digest)
    assert outcome.quiet == (PEMD, MAPRIMERENOV)


def test_a_term_chosen_later_brings_its_last_thirty_days_only() -> None:
    chosen = {PEMD: APPROVED_AT + timedelta(days=31)}
    reader = Reader(1, starting_points((TRAVAUX, PEMD), CONFIRMED_AT, chosen))
    only_pemd = make_news(1, tags=(make_tag(PEMD),))
    both = make_news(2, tags=(make_tag(PEMD), make_tag(TRAVAUX)))
    outcome = digest(only_pemd, both, reader=reader)
    assert told(outcome) == [2]
    assert isinstance(outcome, Digest)
    assert [reason.term for reason in outcome.entries[0].reasons] == ["conducteur-travaux", "PEMD"]


@pytest.mark.parametrize(
    ("moment", "issue"),
    [
        ("2026-09-06T21:59:00+00:00", "2026-W36"),
        ("2026-09-06T22:00:00+00:00", "2026-W37"),
        ("2027-01-01T12:00:00+00:00", "2026-W53"),
        ("2025-12-29T12:00:00+00:00", "2026-W01"),
    ],
)
def test_an_issue_is_named_by_the_iso_week_in_paris(moment: str, issue: str) -> None:
    assert issue_of(datetime.fromisoformat(moment)) == issue


@pytest.mark.parametrize(
    ("moment", "cutoff"),
    [
        ("2026-09-07T04:59:59+00:00", "2026-08-31T05:00:00+00:00"),
        ("2026-09-07T05:00:00+00:00", "2026-09-07T05:00:00+00:00"),
        ("2026-09-13T21:00:00+00:00", "2026-09-07T05:00:00+00:00"),
        ("2026-10-26T06:30:00+00:00", "2026-10-26T06:00:00+00:00"),
    ],
    ids=["monday-before-seven", "monday-at-seven", "sunday-night", "winter-time"],
)
def test_automatic_issues_close_on_monday_at_seven_in_paris(moment: str, cutoff: str) -> None:
    assert weekly_cutoff(datetime.fromisoformat(moment)) == datetime.fromisoformat(cutoff)
