"""The public pages of the letter: no script, no cookie, nothing changed by looking."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select
from starlette.testclient import TestClient

from hub.config import Settings
from hub.joblock import job_lock
from hub.model import SubscriberState
from hub.newsletter.tokens import Purpose, make_token
from hub.store import Store
from hub.store.subscribers import DeliveryRow, SubscriberRow
from hub.web.app import create_app
from hub.web.subscription import MAX_REQUESTS
from tests.builders import make_store
from tests.letters import PEMD, TRAVAUX, add_subscriber
from tests.web.conftest import FakeClock

FORM = {"metier": ["conducteur-travaux"], "dispositif": ["PEMD"], "email": "Ana@Atelier.example"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = make_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, site=tmp_path / "site", public_url="https://hub.example")


@pytest.fixture
def client(settings: Settings, store: Store, clock: FakeClock) -> Iterator[TestClient]:
    """A reader's browser, on https, that sends nothing but what a form sends."""
    app = create_app(settings, store, clock)
    with TestClient(app, base_url="https://hub.example", follow_redirects=False) as client:
        yield client


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def rows(store: Store) -> list[SubscriberRow]:
    with store.read() as session:
        return list(session.scalars(select(SubscriberRow).order_by(SubscriberRow.id)))


def mails(settings: Settings) -> list[str]:
    files = sorted((settings.outbox / "new").glob("*"), key=lambda file: file.stat().st_mtime_ns)
    messages = [message_from_bytes(file.read_bytes(), policy=default) for file in files]
    parts = [message.get_body(("plain",)) for message in messages]
    return [str(part.get_content()) for part in parts if part is not None]


def path_in(mail: str, purpose: Purpose) -> str:
    found = re.search(rf"https://hub\.example(/lettre/{purpose}/\S+)", mail)
    assert found is not None
    return found[1]


def subscriber(store: Store, state: SubscriberState = SubscriberState.ACTIVE) -> dict[str, str]:
    """Someone who follows a métier and a dispositif: the path of each of their pages."""
    with store.write() as session:
        row = add_subscriber(session, terms=(TRAVAUX, PEMD), state=state)
        return {
            purpose.value: f"/lettre/{purpose}/{make_token(row.id, row.secret, purpose)}"
            for purpose in Purpose
        }


# --- Subscribing -------------------------------------------------------------------------------


def test_the_form_offers_every_metier_and_subject_without_script(client: TestClient) -> None:
    page = client.get("/lettre/")
    assert page.status_code == 200
    assert page.text.count('name="metier"') == 21
    assert page.text.count('name="dispositif"') == 20
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert "Bâtiment durable" in page.text
    assert page.headers.get("set-cookie") is None


def test_a_fiche_can_link_to_the_form_with_its_metier_ticked(client: TestClient) -> None:
    page = client.get("/lettre/?metier=couturier&dispositif=REP&metier=inconnu").text
    ticked = re.findall(r'value="([^"]+)" checked', page)
    assert ticked == ["couturier", "REP"]
    assert re.findall(r'data-secteur="(\w+)" open', page) == ["ec"]


def test_from_the_form_to_the_letter_and_away(
    client: TestClient, store: Store, settings: Settings
) -> None:
    answer = client.post("/lettre/", data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/lettre/merci")
    assert "Ouvrez votre messagerie" in text_of(client.get("/lettre/merci").text)
    (mail,) = mails(settings)
    confirming = path_in(mail, Purpose.CONFIRM)

    asked = client.get(confirming)
    assert "a…@atelier.example" in asked.text
    assert "ana@atelier.example" not in asked.text
    assert "Conducteur·trice de travaux" in asked.text
    assert rows(store)[0].state is SubscriberState.PENDING, "a GET changes nothing"
    assert "Vous êtes abonné·e" in text_of(client.post(confirming).text)
    assert rows(store)[0].state is SubscriberState.ACTIVE
    assert "Vous êtes abonné·e" in text_of(client.get(confirming).text)

    row = rows(store)[0]
    leaving = f"/lettre/quitter/{make_token(row.id, row.secret, Purpose.LEAVE)}"
    assert "Ne plus recevoir la lettre" in text_of(client.get(leaving).text)
    assert rows(store)[0].state is SubscriberState.ACTIVE, "a GET changes nothing"
    assert "Votre adresse est effacée" in text_of(client.post(leaving).text)
    assert (rows(store)[0].state, rows(store)[0].email) == (SubscriberState.LEFT, None)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("ana@", "L’adresse n’est pas complète : il manque ce qui suit l’arobase."),
        ("", "Indiquez votre adresse électronique."),
        ("ana@atelier.fr\r\nBcc: x@y.fr", "Une adresse ne contient pas d’espace"),
    ],
)
def test_a_wrong_address_is_told_and_nothing_typed_is_lost(
    client: TestClient, store: Store, typed: str, sentence: str
) -> None:
    page = client.post("/lettre/", data=FORM | {"email": typed})
    assert page.status_code == 422
    assert sentence in text_of(page.text)
    assert 'aria-invalid="true"' in page.text
    assert re.findall(r'value="([^"]+)" checked', page.text) == ["conducteur-travaux", "PEMD"]
    assert rows(store) == []


def test_choosing_nothing_is_told(client: TestClient, store: Store) -> None:
    page = client.post("/lettre/", data={"email": "ana@atelier.fr", "metier": "inconnu"})
    assert page.status_code == 422
    assert "Choisissez au moins un métier ou un sujet." in text_of(page.text)
    assert 'value="ana@atelier.fr"' in page.text
    assert rows(store) == []


def test_the_page_answers_the_same_whatever_is_known_of_an_address(
    client: TestClient, store: Store, settings: Settings, clock: FakeClock
) -> None:
    with store.write() as session:
        add_subscriber(session, "ana@atelier.example")

    def ask(email: str) -> tuple[int, str, str]:
        answer = client.post("/lettre/", data=FORM | {"email": email})
        return answer.status_code, answer.headers["location"], answer.text

    known, unknown = ask("ana@atelier.example"), ask("bob@atelier.example")
    assert known == unknown == ask("ana@atelier.example")
    assert [("déjà abonnée" in mail) for mail in mails(settings)] == [True, False]


def test_a_robot_that_fills_the_hidden_field_is_thanked_and_forgotten(
    client: TestClient, store: Store, settings: Settings
) -> None:
    assert client.post("/lettre/", data=FORM | {"site": "http://spam"}).status_code == 303
    assert rows(store) == []
    assert not settings.outbox.exists()


def test_one_client_cannot_flood_and_may_come_back(
    client: TestClient, store: Store, clock: FakeClock
) -> None:
    def ask(number: int) -> int:
        form = FORM | {"email": f"a{number}@atelier.example"}
        return client.post("/lettre/", data=form).status_code

    assert {ask(number) for number in range(MAX_REQUESTS)} == {303}
    assert ask(MAX_REQUESTS) == 429
    clock.advance(minutes=11)
    assert ask(MAX_REQUESTS + 1) == 303


def test_when_letters_are_being_sent_the_answer_waits_for_that_job(
    client: TestClient, store: Store, settings: Settings
) -> None:
    with job_lock(settings, "letters"):
        assert client.post("/lettre/", data=FORM).status_code == 303
    assert not settings.outbox.exists()
    with store.read() as session:
        assert session.scalars(select(DeliveryRow)).one().message


def test_another_site_cannot_subscribe_people(client: TestClient, store: Store) -> None:
    answer = client.post("/lettre/", data=FORM, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert rows(store) == []


# --- Leaving and changing ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["urlencoded", "multipart", "empty"])
def test_a_mail_service_leaves_in_one_click(client: TestClient, store: Store, kind: str) -> None:
    """RFC 8058: a POST from elsewhere, without cookie, answered without redirection."""
    paths = subscriber(store)
    body: dict[str, dict[str, Any]] = {
        "urlencoded": {"data": {"List-Unsubscribe": "One-Click"}},
        "multipart": {"files": {"List-Unsubscribe": (None, "One-Click")}},
        "empty": {},
    }
    headers = {"Sec-Fetch-Site": "cross-site", "Origin": "https://mail.example"}
    for _ in range(2):
        answer = client.post(paths["quitter"], headers=headers, **body[kind])
        assert answer.status_code == 200
    assert rows(store)[0].email is None


def test_choices_are_shown_and_changed(client: TestClient, store: Store) -> None:
    path = subscriber(store)["choix"]
    page = client.get(path).text
    assert re.findall(r'value="([^"]+)" checked', page) == ["conducteur-travaux", "PEMD"]
    assert "n…@atelier.example" in page
    answer = client.post(path, data={"metier": ["couturier", "inconnu"], "dispositif": []})
    assert "Vos choix sont enregistrés." in text_of(answer.text)
    assert (rows(store)[0].metiers, rows(store)[0].dispositifs) == (["couturier"], [])
    refused = client.post(path, data={})
    assert refused.status_code == 422
    assert rows(store)[0].metiers == ["couturier"]


def test_who_has_left_cannot_be_brought_back_by_an_old_link(
    client: TestClient, store: Store
) -> None:
    paths = subscriber(store)
    client.post(paths["quitter"])
    assert "Vous ne recevrez plus la lettre" in text_of(client.get(paths["choix"]).text)
    client.post(paths["choix"], data=FORM)
    assert client.post(paths["confirmer"]).status_code == 404
    assert rows(store)[0].state is SubscriberState.LEFT


@pytest.mark.parametrize("purpose", list(Purpose))
@pytest.mark.parametrize("token", ["1.0.abc", "nimporte", "1.0.%00", "9" * 200])
def test_a_link_that_is_not_ours_says_what_to_do(
    client: TestClient, store: Store, purpose: Purpose, token: str
) -> None:
    subscriber(store)
    for answer in (
        client.get(f"/lettre/{purpose}/{token}"),
        client.post(f"/lettre/{purpose}/{token}"),
    ):
        assert answer.status_code == 404
        assert "Ce lien ne vaut plus" in text_of(answer.text)
    assert rows(store)[0].state is SubscriberState.ACTIVE


def test_pages_with_a_token_are_not_kept_nor_told_to_others(
    client: TestClient, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="hub")
    for path in subscriber(store).values():
        answer = client.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert '<meta name="robots" content="noindex">' in answer.text
        assert re.findall(r'(?:href|src|action)="(https?:[^"]+)"', answer.text) == []
        client.post(path)
        assert path.rpartition("/")[2] not in caplog.text
    assert "nadia" not in caplog.text


def test_the_demonstration_says_so(settings: Settings, store: Store, clock: FakeClock) -> None:
    for is_demo in (True, False):
        app = create_app(replace(settings, demo=is_demo), store, clock)
        with TestClient(app, base_url="https://hub.example") as client:
            assert ('class="h-demo"' in client.get("/lettre/").text) is is_demo


# --- A real browser ----------------------------------------------------------------------------


@pytest.fixture
def library(store: Store) -> Store:
    """The shared `app` fixture serves this store: nobody needs to sign in here."""
    return store


@pytest.mark.browser
def test_one_can_subscribe_on_a_telephone_without_script(
    chromium: Browser, address: str, store: Store
) -> None:
    context = chromium.new_context(
        base_url=address, viewport={"width": 360, "height": 740}, java_script_enabled=False
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text))
    page.goto("/lettre/?metier=couturier")
    page.get_by_label("Adresse électronique").fill("ana@atelier")
    page.get_by_role("button", name="Recevoir la lettre").click()
    assert "il manque sa fin" in text_of(page.content())
    page.get_by_label("Adresse électronique").fill("ana@atelier.example")
    page.get_by_role("button", name="Recevoir la lettre").click()
    assert page.url.endswith("/lettre/merci")
    (row,) = rows(store)
    token = make_token(row.id, row.secret, Purpose.CONFIRM, row.requested_at.replace(year=2100))
    page.goto(f"/lettre/confirmer/{token}")
    assert page.locator("html").evaluate("e => e.scrollWidth") <= 360
    page.get_by_role("button", name="Oui, je confirme").click()
    assert "Vous êtes abonné·e" in text_of(page.content())
    assert rows(store)[0].state is SubscriberState.ACTIVE
    assert [line for line in complaints if "Security" in line] == []
    context.close()
