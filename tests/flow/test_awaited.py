"""The décrets that a law awaits: from the dossier to the screens and the command."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import lxml.html  # type: ignore[import-untyped]  # lxml ships no types
import pytest
from click.testing import CliRunner

from hub.cli import cli
from hub.law import read_law
from hub.legal.attendus import Expected, State
from hub.legal.dole import parse_dossier
from hub.model import Identifier, ItemState, Mention, Precision, Scheme
from hub.publish import load_snapshot
from hub.publish.awaited import AwaitedLine, awaited_lines, expected_words, public_awaited
from hub.publish.law import public_links
from hub.publish.render import Renderer
from hub.referentiel import load_referentiel
from hub.store import Store
from hub.store.items import find_item
from hub.store.known_law import LawOfItem, know_law
from hub.web.item_law import show_law
from tests.builders import NOW, add_item, make_item, make_mention
from tests.flow.test_law import JOURNAL
from tests.unit.test_attendus import LAW, TODAY, dossier, line

NUMBER = Identifier(Scheme.NUMERO, "loi-2020-105")
LOI = "LOI n° 2020-105 du 10 février 2020 relative aux toits"
LINES = (
    line("Article 72, II", "Article L. 541-10-23, code de l'environnement", "Juin 2026"),
    line("Article 73", "", "Mars 2026"),
    line("Article 74", "", "Décembre 2026"),
    line("Article 75", "", "", "Décret n° 2026-910 du 02/09/2026"),
    line("Article 76", "", "", "Mesure déjà appliquée"),
)
APPLIES = (
    "pris pour l'application de l'article 72 de la loi n° 2020-105 du 10 février 2020 relative aux"
    " toits"
)


def make_law() -> Mention:
    identifiers = (Identifier(Scheme.JORFTEXT, LAW), NUMBER)
    return make_mention(LOI, source_id="jo", key=LAW, nature="LOI", identifiers=identifiers)


def make_decret(about: str, number: str, day: date = date(2026, 9, 2)) -> Mention:
    key = f"JORFTEXT00005400{number.replace('-', '')[-4:]}"
    return make_mention(
        f"Décret n° {number} du 1er septembre 2026 {about}",
        source_id="jo",
        key=key,
        published_on=day,
        identifiers=(
            Identifier(Scheme.JORFTEXT, key),
            Identifier(Scheme.NUMERO, f"decret-{number}"),
        ),
    )


@pytest.fixture
def law(any_store: Store) -> str:
    """A published law and its dossier, that nobody follows."""
    mention = parse_dossier(dossier(*LINES), "dole")
    make_item(any_store, mention, slug="dossier", state=ItemState.NOISE)
    return make_item(any_store, make_law(), slug="loi")


def known(store: Store, slug: str, *, only_public: bool = False) -> LawOfItem:
    read_law(store, [JOURNAL])
    with store.read() as session:
        item = find_item(session, slug)
        assert item is not None
        return know_law(session, [item], TODAY, only_public=only_public)[item.id]


def says(lines: tuple[AwaitedLine, ...]) -> list[tuple[str, str]]:
    return [(one.article, one.says.replace("\xa0", " ")) for one in lines]


def test_a_law_knows_what_it_awaits(any_store: Store, law: str) -> None:
    found = known(any_store, law)
    assert [one.suivi.state for one in found.awaited] == [
        State.EN_RETARD,
        State.EN_RETARD,
        State.ATTENDU,
        State.PARU,
        State.SANS_OBJET,
    ]
    assert says(awaited_lines(found.awaited))[1:] == [
        ("Article 73", "attendu en mars 2026, pas paru"),
        ("Article 74", "attendu en décembre 2026"),
        ("Article 75", "paru"),
        ("Article 76", "plus attendu, d’après l’échéancier"),
    ]
    assert public_links(found) == ()


def test_a_decret_that_appears_is_ticked(any_store: Store, law: str) -> None:
    slug = make_item(any_store, make_decret(APPLIES, "2026-900"))
    make_item(any_store, make_decret("relatif à autre chose", "2026-910"))
    first, _, _, fourth, _ = awaited_lines(known(any_store, law).awaited)
    assert (first.state, first.slug, first.decret) == (
        State.PARU,
        slug,
        "décret n°\xa02026-900 du 1er\xa0septembre\xa02026",
    )
    assert first.says == "paru le 2\xa0septembre\xa02026"
    assert (fourth.state, fourth.says) == (State.PARU, "paru le 2\xa0septembre\xa02026")


def test_readers_are_told_only_what_editors_approved(any_store: Store, law: str) -> None:
    slug = make_item(any_store, make_decret(APPLIES, "2026-900"), state=ItemState.TO_REVIEW)
    found = known(any_store, law, only_public=True)
    lines = public_awaited(found.awaited)
    assert says(lines) == [
        ("Article 72, II", "attendu en juin 2026"),
        ("Article 73", "attendu en mars 2026, pas paru"),
        ("Article 74", "attendu en décembre 2026"),
        ("Article 75", "paru"),
    ]
    assert [one.slug for one in lines] == ["", "", "", ""]
    with any_store.write() as session:
        item = find_item(session, slug)
        assert item is not None
        item.state = ItemState.APPROVED
    (first, *_) = public_awaited(known(any_store, law, only_public=True).awaited)
    assert (first.slug, first.state) == (slug, State.PARU)


def test_what_may_be_the_decret_is_to_be_checked(any_store: Store, law: str) -> None:
    article = "pris pour l'application de l'article L. 541-10-23 du code de l'environnement"
    make_item(any_store, make_decret(article, "2026-901"))
    found = known(any_store, law).awaited
    (first, *_) = awaited_lines(found)
    assert first.state is State.A_VERIFIER
    assert first.says == "peut-être paru le 2\xa0septembre\xa02026, à vérifier"
    (told, *_) = public_awaited(found)
    assert (told.says, told.decret) == ("attendu en juin\xa02026", "")


def test_what_the_dossier_says_last_is_what_counts(any_store: Store) -> None:
    first = parse_dossier(dossier(*LINES), "dole")
    second = parse_dossier(dossier(LINES[2]), "dole")
    with any_store.write() as session:
        add_item(session, [first, second], slug="dossier", state=ItemState.NOISE)
    law = make_item(any_store, make_law())
    assert says(awaited_lines(known(any_store, law).awaited)) == [
        ("Article 74", "attendu en décembre 2026")
    ]


def test_only_that_law_awaits(any_store: Store, law: str) -> None:
    other = replace(
        make_law(), title=LOI.replace("105", "1050"), key="JORFTEXT000041553760", identifiers=()
    )
    numbered = replace(other, identifiers=(Identifier(Scheme.NUMERO, "loi-2020-1050"),))
    short = replace(numbered, key="x", identifiers=(Identifier(Scheme.NUMERO, "loi-2020-10"),))
    for mention in (numbered, short, make_decret(APPLIES, "2026-900")):
        assert known(any_store, make_item(any_store, mention)).awaited == ()


def test_the_review_page_shows_them(store: Store) -> None:
    make_item(store, parse_dossier(dossier(*LINES), "dole"), state=ItemState.NOISE)
    slug = make_item(store, make_law())
    read_law(store, [JOURNAL])
    with store.read() as session:
        item = find_item(session, slug)
        assert item is not None
        shown = show_law(session, item, TODAY)
    assert [one.article for one in shown.awaited][:2] == ["Article 72, II", "Article 73"]
    assert [one.is_late for one in shown.awaited] == [True, True, False, False, False]


def test_the_public_page_shows_them(store: Store) -> None:
    make_item(store, parse_dossier(dossier(*LINES), "dole"), state=ItemState.NOISE)
    law = make_item(store, make_law())
    decret = make_item(store, make_decret(APPLIES, "2026-900"))
    read_law(store, [JOURNAL])
    snapshot = load_snapshot(store, load_referentiel(), [JOURNAL], NOW)
    (item,) = [item for item in snapshot.items if item.slug == law]
    page = Renderer(snapshot).item_page(item, "../../")
    words = " ".join(lxml.html.fromstring(page).text_content().split()).replace("\xa0", " ")
    assert "Article 72, II, Toits : paru le 2 septembre 2026, décret n° 2026-900" in words
    assert "Article 73, Toits : attendu en mars 2026, pas paru" in words
    assert "Article 75, Toits : paru, décret n° 2026-910" in words
    assert "Article 76" not in words
    assert f'href="../../changements/{decret}/"' in page
    (other,) = [item for item in snapshot.items if item.slug == decret]
    assert "Décrets attendus" not in Renderer(snapshot).item_page(other, "../../")


@pytest.mark.parametrize(
    ("first", "last", "precision", "words"),
    [
        ((2026, 5, 3), (2026, 5, 3), Precision.DAY, "le 3 mai 2026"),
        ((2026, 3, 1), (2026, 3, 31), Precision.MONTH, "en mars 2026"),
        ((2026, 4, 1), (2026, 6, 30), Precision.QUARTER, "au 2e trimestre 2026"),
        ((2026, 7, 1), (2026, 12, 31), Precision.YEAR, "au second semestre 2026"),
        ((2026, 1, 1), (2026, 6, 30), Precision.YEAR, "au premier semestre 2026"),
        ((2027, 1, 1), (2027, 12, 31), Precision.YEAR, "en 2027"),
    ],
)
def test_when_in_words(
    first: tuple[int, int, int], last: tuple[int, int, int], precision: Precision, words: str
) -> None:
    expected = Expected(date(*first), date(*last), precision, "")
    assert expected_words(expected).replace("\xa0", " ") == words
    assert expected_words(None) == ""


def test_the_command_shows_them(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_DATABASE", str(store.url))
    make_item(store, parse_dossier(dossier(*LINES), "dole"), state=ItemState.NOISE)
    make_item(store, make_law())
    arguments = ["--data", str(tmp_path / "data"), "--now", "2026-09-07T04:40:00Z", "law", "show"]
    result = CliRunner().invoke(cli, [*arguments, "loi-2020-105", "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert [one["state"] for one in report["attendus"]][:3] == ["en_retard", "en_retard", "attendu"]
    assert report["attendus"][0]["expected"]["words"] == "Juin 2026"
    assert report["attendus"][3]["decrets"][0]["text"] == "DEC:2026-910"
    awaited = [link for link in report["links"] if link["kind"] == "attend"]
    assert len(awaited) == 5
    assert awaited[0]["words"] == "Article 72, II Toits"
    told = CliRunner().invoke(cli, [*arguments, "loi-2020-105"]).output
    assert "attendus      en_retard (Juin 2026) Article 72, II: Toits" in told
