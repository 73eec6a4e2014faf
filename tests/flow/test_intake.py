"""From answers to items: once each, in any order, with versions and nothing lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.captures import CaptureFiles, hash_body
from hub.desk import decide
from hub.intake import Intake, resolve
from hub.model import (
    Action,
    Capture,
    Decision,
    Failure,
    Identifier,
    ItemState,
    Mention,
    Pace,
    Scheme,
    Source,
    SourceKind,
)
from hub.store import Store
from hub.store.captures import CaptureRow, find_validator
from hub.store.decisions import list_decisions
from hub.store.items import ItemRow, list_items
from hub.store.mentions import MentionRow
from hub.store.sources import list_open_failures

URL = "https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000054750363"
DECREE = Mention(
    source_id="jorfsimple",
    key="JORFTEXT000054750363",
    url=URL,
    title="Décret n° 2026-822 du 25 août 2026",
    text="Article 1",
    published_on=date(2026, 8, 26),
    nature="DECRET",
    identifiers=(
        Identifier(Scheme.JORFTEXT, "JORFTEXT000054750363"),
        Identifier(Scheme.NUMERO, "decret-2026-822"),
    ),
)
PRESS = Mention(
    source_id="ecologie-actualites",
    key="https://www.ecologie.gouv.fr/a",
    url="https://www.ecologie.gouv.fr/a",
    title="Décret n° 2026-822 du 25 août 2026 : MaPrimeRénov’ évolue",
    published_on=date(2026, 8, 27),
    identifiers=(Identifier(Scheme.NUMERO, "decret-2026-822"),),
)


class Desk:
    """Intake on a store, with an answer of its own for each mention."""

    def __init__(self, store: Store, folder: Path, now: datetime) -> None:
        self.store = store
        self.files = CaptureFiles(folder / "captures")
        self.now = now

    def read(self, mention: Mention, body: bytes = b"<a/>") -> int:
        capture = Capture(
            mention.source_id, mention.url, self.now, 200, {"ETag": '"1"'}, body, hash_body(body)
        )
        return Intake(self.store, self.files, self.now).keep(capture, [mention])

    def resolve(self) -> tuple[int, int]:
        done = resolve(self.store, self.now)
        return done.new_items, done.new_versions

    def items(self) -> list[ItemRow]:
        with self.store.read() as session:
            return list(list_items(session))


@pytest.fixture
def desk(any_store: Store, tmp_path: Path, now: datetime) -> Desk:
    return Desk(any_store, tmp_path, now)


@pytest.mark.parametrize("order", [(DECREE, PRESS), (PRESS, DECREE)])
def test_one_item_whoever_speaks_first(desk: Desk, order: tuple[Mention, Mention]) -> None:
    for mention in order:
        assert desk.read(mention) == 1
    assert desk.resolve() == (1, 0)
    (item,) = desk.items()
    assert (item.title, item.url, item.version) == (DECREE.title, URL, 1)
    with desk.store.read() as session:
        assert {m.item_id for m in session.scalars(select(MentionRow))} == {item.id}


def test_the_official_text_takes_over_when_it_comes_later(desk: Desk) -> None:
    desk.read(PRESS)
    assert desk.resolve() == (1, 0)
    slug = desk.items()[0].slug
    desk.read(DECREE)
    assert desk.resolve() == (0, 1)
    (item,) = desk.items()
    assert (item.slug, item.title, item.version) == (slug, DECREE.title, 2)


def test_a_second_time_changes_nothing(desk: Desk) -> None:
    desk.read(DECREE)
    desk.resolve()
    assert desk.read(DECREE) == 0
    assert desk.resolve() == (0, 0)
    assert desk.items()[0].version == 1
    with desk.store.read() as session:
        assert len(session.scalars(select(CaptureRow)).all()) == 1


def test_a_changed_text_is_a_new_version(desk: Desk) -> None:
    desk.read(DECREE)
    desk.resolve()
    desk.now += timedelta(days=1)
    desk.read(replace(DECREE, text="Article 1 rectifié"), b"<b/>")
    assert desk.resolve() == (0, 1)
    (item,) = desk.items()
    assert [version.text for version in item.versions] == ["Article 1", "Article 1 rectifié"]


def test_spaces_are_not_a_new_version(desk: Desk) -> None:
    desk.read(DECREE)
    desk.resolve()
    desk.read(replace(DECREE, text="Article\u00a01 "), b"<b/>")
    assert desk.resolve() == (0, 0)


def test_rejected_stays_rejected_until_its_text_changes(desk: Desk) -> None:
    desk.read(DECREE)
    desk.resolve()
    slug = desk.items()[0].slug
    with desk.store.write() as session:
        decide(session, slug, Decision(Action.REJECT, "Démonstration", desk.now, "hors sujet"))
    desk.read(PRESS)
    desk.resolve()
    assert desk.items()[0].state is ItemState.REJECTED
    desk.read(replace(DECREE, text="Article 1 rectifié"), b"<b/>")
    desk.resolve()
    (item,) = desk.items()
    assert item.state is ItemState.TO_REVIEW
    with desk.store.read() as session:
        last = list_decisions(session, item.id)[-1]
    assert (last.action, last.reason) == (Action.NEW_VERSION, "texte modifié")


def test_pemd_decrees_stay_two(desk: Desk) -> None:
    title = (
        "Décret du 25 juin 2021 relatif au diagnostic portant sur la gestion des produits, "
        "équipements, matériaux et des déchets issus de la démolition"
    )
    for number in ("2021-821", "2021-822"):
        desk.read(
            Mention(
                source_id="veille",
                key=number,
                url=f"https://a.fr/{number}",
                title=title,
                published_on=date(2021, 6, 27),
                identifiers=(Identifier(Scheme.NUMERO, f"decret-{number}"),),
            )
        )
    assert desk.resolve() == (2, 0)


def test_what_was_not_understood_is_kept_and_asked_again(desk: Desk) -> None:
    body = b"<html>captcha</html>"
    capture = Capture("cre", "https://www.cre.fr/", desk.now, 200, {}, body, hash_body(body))
    intake = Intake(desk.store, desk.files, desk.now)
    intake.keep(capture, [], Failure("cre", capture.url, "parse", "not a listing"))
    assert desk.files.read(capture.sha256) == body
    with desk.store.read() as session:
        assert find_validator(session, "cre", capture.url) is None
        assert [row.reason for row in list_open_failures(session)] == ["not a listing"]
    intake.keep(capture, [])
    with desk.store.read() as session:
        assert list_open_failures(session) == []


def test_a_source_keeps_its_item_when_title_and_address_change(desk: Desk) -> None:
    first = Mention(
        source_id="consultations-publiques",
        key="4521",
        url="https://consultations.fr/projet-a4521.html",
        title="Projet de décret relatif à la filière",
    )
    desk.read(first)
    assert desk.resolve() == (1, 0)
    moved = replace(first, url="https://consultations.fr/autre-a4521.html", title="Projet révisé")
    desk.read(moved, b"<b/>")
    assert desk.resolve() == (0, 1)
    (item,) = desk.items()
    assert (item.title, item.url) == ("Projet révisé", moved.url)


def test_the_same_number_under_another_identifier_does_not_stop_the_run(desk: Desk) -> None:
    nor = Identifier(Scheme.NOR, "TREL2310555D")
    for number in ("JORFTEXT000000000001", "JORFTEXT000000000002"):
        desk.read(
            replace(DECREE, key=number, identifiers=(nor, Identifier(Scheme.JORFTEXT, number)))
        )
    assert desk.resolve() == (2, 0)
    # A source that contradicts what it said under one key speaks of something else.
    desk.read(
        replace(DECREE, key="JORFTEXT000000000002", identifiers=(nor,), text="Autre"), b"<b/>"
    )
    desk.resolve()
    assert len({item.slug for item in desk.items()}) == len(desk.items()) == 2


def test_an_announcement_by_title_never_erases_a_text(desk: Desk) -> None:
    desk.read(DECREE)
    desk.resolve()
    desk.read(replace(DECREE, text=""), b"<b/>")
    assert desk.resolve() == (0, 0)
    assert desk.items()[0].current.text == "Article 1"


def test_a_partner_never_gives_the_text_of_the_law(desk: Desk) -> None:
    partner = Source(
        id="partenaire",
        name="Partenaire",
        publisher="Partenaire",
        kind=SourceKind.FEED,
        url="https://partenaire.fr/flux",
        rhythm=timedelta(hours=1),
        pace=Pace(timedelta(0), timedelta(0)),
        licence="",
        evidence="",
        official=False,
    )
    desk.read(replace(DECREE, text=""))
    desk.resolve()
    nor = Identifier(Scheme.NOR, "LOGL2600000D")
    desk.read(
        replace(
            DECREE, source_id=partner.id, text="Selon nous", identifiers=(nor, *DECREE.identifiers)
        ),
        b"<b/>",
    )
    assert resolve(desk.store, desk.now, [partner]).new_versions == 0
    assert desk.items()[0].source_id == "jorfsimple"


def test_what_is_public_keeps_its_face_until_an_editor_answers(desk: Desk) -> None:
    desk.read(DECREE)
    desk.resolve()
    slug = desk.items()[0].slug

    def act(action: Action) -> None:
        with desk.store.write() as session:
            decide(session, slug, Decision(action, "Démonstration", desk.now))

    act(Action.APPROVE)
    desk.read(replace(DECREE, title="Titre changé", text="Article 2"), b"<b/>")
    assert desk.resolve() == (0, 1)
    assert desk.items()[0].title == DECREE.title
    act(Action.APPROVE)
    assert desk.items()[0].title == "Titre changé"
    act(Action.UNDO)
    assert desk.items()[0].title == DECREE.title
