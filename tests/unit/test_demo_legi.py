"""Articles before and after in the demonstration: true, marked as ours, under no real number."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Iterator

import pytest

from hub.config import ROOT
from hub.demo.facts import ArticleChange, load_articles, load_issues
from hub.demo.legi import BASE, CODES, MARK, UNREAL, build_archives, versions_of
from hub.demo.recordings import Recording, build_recordings
from hub.demo.replay import load_decisions
from hub.legal.dila import parse_index
from hub.legal.legi import parse_article, read_legi
from hub.model import Action, Mention
from hub.referentiel import load_referentiel
from hub.sources import load_sources


@pytest.fixture(scope="module")
def recordings() -> dict[str, Recording]:
    return build_recordings()


def members() -> Iterator[tuple[str, bytes]]:
    for body in build_archives(load_articles()).values():
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            for member in archive:
                file = archive.extractfile(member)
                assert file is not None
                yield member.name, file.read()


@pytest.fixture(scope="module")
def told() -> dict[str, Mention]:
    """By version: each file as the reader of LEGI reads it."""
    mentions = [parse_article(body, "legi") for _, body in members()]
    return {mention.extra["version"]: mention for mention in mentions}


def name(change: ArticleChange) -> str:
    return f"{CODES[change.code]} {change.number}"


@pytest.mark.parametrize("change", load_articles(), ids=name)
def test_both_wordings_are_told_and_marked(change: ArticleChange, told: dict[str, Mention]) -> None:
    *left, current = versions_of(change)
    wordings = [*([change.before] if change.before else []), change.after]
    for version, wording in zip([*left, current], wordings, strict=True):
        mention = told[version.id]
        assert mention.text.split("\n\n") == [MARK, *wording.alineas]
        assert mention.extra["date_debut"] == wording.since.isoformat()
        assert mention.extra["etat"] == ("VIGUEUR" if version is current else "MODIFIE")
    for version in left:
        assert told[version.id].extra["date_fin"] == change.after.since.isoformat()
        assert change.before is not None
        assert change.before.since < change.after.since
        assert change.before.alineas != change.after.alineas


@pytest.mark.parametrize("change", load_articles(), ids=name)
def test_the_text_that_made_the_change_is_named(
    change: ArticleChange, told: dict[str, Mention]
) -> None:
    mention = told[versions_of(change)[-1].id]
    text = change.changed_by
    kind = "MODIFIE" if change.before else "CREE"
    expected = [{"jorftext": text.jorftext, "article": "", "typelien": kind}]
    assert mention.extra["modified_by"] == (expected if text.jorftext else [])
    assert text.jorftext or text.nor
    assert text.signed_on < change.after.since


def test_five_articles_have_both_wordings() -> None:
    assert sum(change.before is not None for change in load_articles()) >= 5


def test_what_changes_is_what_was_learnt(told: dict[str, Mention]) -> None:
    bacs = next(one for one in load_articles() if one.number == "R175-2")
    assert bacs.before is not None
    assert "1er janvier 2027" in bacs.before.alineas[1]
    assert bacs.after.alineas[1] == bacs.before.alineas[1].replace("2027", "2030")
    assert bacs.after.alineas[0] == bacs.before.alineas[0]
    title = "Code de la construction et de l’habitation, article R. 175-2"
    assert told[versions_of(bacs)[-1].id].title == title


def test_only_what_was_published_by_then_is_delivered() -> None:
    for change in load_articles():
        delivered = f"{change.delivered[:4]}-{change.delivered[4:6]}-{change.delivered[6:8]}"
        assert change.after.since.isoformat() <= delivered < "2026-09-07"


def test_no_number_can_be_taken_for_a_real_one() -> None:
    """Those of Légifrance begin with four zeros."""
    ranks = [change.rank for change in load_articles()]
    assert len(set(ranks)) == len(ranks)
    for path, body in members():
        numbers = re.findall(r"LEGI(?:ARTI|SCTA)\d+", f"{path} {body.decode()}")
        assert numbers
        assert {number[:12] for number in numbers} == {UNREAL}
        assert {len(number) for number in numbers} == {20}


def test_deliveries_are_read_whole_for_the_codes_that_are_followed(
    recordings: dict[str, Recording],
) -> None:
    sources = load_sources(ROOT / "sources.yaml", load_referentiel())
    source = next(source for source in sources if source.id == "legi")
    assert source.url == BASE
    stamps = parse_index(recordings[BASE].body, "LEGI")
    assert len(stamps) == len({change.delivered for change in load_articles()})
    titles: set[str] = set()
    for stamp in stamps:
        body = recordings[f"{BASE}{stamp.name}"].body
        delivery = read_legi(body, source.options["codes"], "legi")
        assert (delivery.is_whole, delivery.troubles, delivery.skipped) == (True, (), 0)
        titles |= {mention.title for mention in delivery.mentions}
    assert len(titles) == len(load_articles()) >= 7


def test_five_approved_items_are_texts_that_changed_an_article() -> None:
    approved = {one.item for one in load_decisions() if one.action is Action.APPROVE}
    changed_by = {f"jorftext:{one.changed_by.jorftext}" for one in load_articles()}
    assert len(approved & changed_by) >= 5
    by_nor = {f"nor:{one.changed_by.nor}" for one in load_articles()}
    assert {"nor:TREP2033266D", "nor:TECP2417233D"} <= approved & by_nor


def test_texts_of_the_journal_officiel_are_those_that_are_recorded() -> None:
    """The number and the day of a text are the same in both places."""
    texts = {text.id: text for issue in load_issues() for text in issue.texts}
    shared = [one for one in load_articles() if one.changed_by.jorftext in texts]
    assert len(shared) >= 2
    for change in shared:
        text = texts[change.changed_by.jorftext]
        assert (text.nature, text.number) == (change.changed_by.nature, change.changed_by.number)
        assert text.signed_on == change.changed_by.signed_on


def test_condensed_words_are_set_in_french() -> None:
    for change in load_articles():
        for wording in (change.before, change.after):
            for alinea in wording.alineas if wording else ():
                assert "'" not in alinea
                assert alinea[-1] == "."
                assert len(alinea) < 300
