"""« Même texte ? »: what is asked, what an answer keeps, and how an item is split."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from hub.model import Action, ItemState
from hub.sameness.clustering import Ruling
from hub.sameness.verdict import Ground
from hub.store import Session, Store
from hub.store.decisions import list_decisions
from hub.store.identity import (
    ProposalRow,
    ProposalState,
    Question,
    list_rulings,
    save_proposals,
)
from hub.store.items import ItemRow, find_item
from hub.store.mentions import MentionRow, list_mentions
from hub.web.identity import PAGE, routes
from tests.web.library import NOW, add_item, add_version
from tests.web.test_review_app import hidden, text_of

ITEMS = "/relecture/items"
PRESS = "Tri : du neuf pour les chantiers"


@pytest.fixture
def client(app: Starlette, editor: TestClient, library: Store) -> TestClient:
    """The editor, where the pages of identity are mounted and one question is open."""
    mounted = [Route(f"/relecture{r.path}", r.endpoint, methods=r.methods) for r in routes]
    if not any(getattr(route, "path", "") == PAGE for route in app.router.routes):
        app.router.routes[:0] = mounted
    with library.write() as session:
        press = add_item(session, "tri-presse", PRESS, source_id="presse", summary="Dès avril.")
        add_voice(session, press, "autre", "Tri : l’avis d’un autre")
        known = find_item(session, "decret-2026-822")
        assert known
        question = Question(known.id, press.id, Ground.NUMBER, ("2026-822", "chantier"), 0.7)
        save_proposals(session, [question], NOW)
    return editor


def add_voice(session: Session, item: ItemRow, source_id: str, title: str) -> None:
    """Someone else who speaks of the item."""
    add_version(session, item, title, "Dès avril.", "")
    mention = session.scalars(select(MentionRow).order_by(MentionRow.id.desc())).first()
    assert mention
    mention.source_id, mention.key = source_id, f"{item.slug}-{source_id}"
    session.flush()


def answer(client: TestClient, reponse: str, proposition: str = "", jeton: str = "") -> str:
    page = client.get(PAGE).text
    data = {
        "jeton": jeton or hidden(page, "jeton"),
        "proposition": proposition or hidden(page, "proposition"),
        "reponse": reponse,
    }
    done = client.post(PAGE, data=data)
    return done.headers.get("location", str(done.status_code))


def state_of(store: Store) -> ProposalState:
    with store.read() as session:
        return session.scalars(select(ProposalRow)).one().state


def rulings(store: Store) -> list[Ruling]:
    with store.read() as session:
        voices = [("presse", "tri-presse"), ("autre", "tri-presse-autre")]
        return list_rulings(session, voices)


def test_a_question_shows_both_sides_and_what_joins_them(client: TestClient) -> None:
    page = text_of(client.get(PAGE).text)
    assert "Ils citent le même numéro, mais leurs mots diffèrent." in page
    assert PRESS in page
    assert "Décret n° 2026-822" in page
    assert "Dès avril." in page


def test_nothing_to_ask_is_said(editor: TestClient, app: Starlette) -> None:
    app.router.routes[:0] = [Route(PAGE, routes[0].endpoint, methods=["GET"])]
    assert "Aucune question." in text_of(editor.get(PAGE).text)


def test_one_text_joins_every_voice(client: TestClient, library: Store) -> None:
    assert answer(client, "meme") == f"{PAGE}?meme=1"
    assert state_of(library) is ProposalState.ACCEPTED
    assert [ruling.is_same for ruling in rulings(library)] == [True, True]
    shown = text_of(client.get(f"{PAGE}?meme=1").text)
    assert "C’est fait : un seul texte." in shown
    assert "Aucune question." in shown
    with library.read() as session:
        items = [find_item(session, slug) for slug in ("tri-presse", "decret-2026-822")]
        gone, kept = sorted(filter(None, items), key=lambda i: i.state is not ItemState.MERGED)
        assert gone.state is ItemState.MERGED
        assert kept.state is ItemState.TO_REVIEW
        assert len(list_mentions(session, kept.id)) == 3
        merges = [d for d in list_decisions(session, kept.id) if d.action is Action.MERGE]
        slugs = gone.slug, kept.slug
    assert [merge.payload["from"] for merge in merges] == [slugs[0]]
    assert "un autre texte y a été réuni" in text_of(client.get(f"{ITEMS}/{slugs[1]}").text)
    moved = client.get(f"{ITEMS}/{slugs[0]}", follow_redirects=False)
    assert moved.headers["location"] == f"{ITEMS}/{slugs[1]}"


def test_two_texts_part_every_voice_of_one_from_every_of_the_other(
    client: TestClient, library: Store
) -> None:
    assert answer(client, "autre") == f"{PAGE}?autre=1"
    assert state_of(library) is ProposalState.REFUSED
    found = rulings(library)
    assert len(found) == 2
    assert not any(ruling.is_same for ruling in found)


def test_a_question_is_answered_once(client: TestClient, library: Store) -> None:
    number = hidden(client.get(PAGE).text, "proposition")
    answer(client, "autre")
    jeton = hidden(client.get("/relecture/signaler").text, "jeton")
    late = client.post(PAGE, data={"jeton": jeton, "proposition": number, "reponse": "meme"})
    assert late.headers["location"] == f"{PAGE}?deja=1"
    assert state_of(library) is ProposalState.REFUSED
    assert len(rulings(library)) == 2


@pytest.mark.parametrize(
    ("reponse", "proposition", "status"),
    [("oui", "1", "400"), ("meme", "-1", "400"), ("meme", "²", "400"), ("meme", "999", "404")],
)
def test_what_makes_no_sense_is_refused(
    client: TestClient, library: Store, reponse: str, proposition: str, status: str
) -> None:
    assert answer(client, reponse, proposition) == status
    assert state_of(library) is ProposalState.OPEN


def test_a_form_of_another_session_changes_nothing(client: TestClient, library: Store) -> None:
    assert answer(client, "meme", jeton="faux") == "403"
    assert state_of(library) is ProposalState.OPEN
    assert rulings(library) == []


def test_only_editors_see_it(client: TestClient, visitor: TestClient) -> None:
    assert visitor.get(PAGE).headers["location"].startswith("/relecture/connexion")


# --- Splitting ---------------------------------------------------------------------------------

SPLIT = f"{PAGE}/tri-presse"


def split(client: TestClient, *marks: str) -> str:
    jeton = hidden(client.get(SPLIT).text, "jeton")
    done = client.post(SPLIT, data={"jeton": jeton, "voix": list(marks), "motif": "deux sujets"})
    return done.headers.get("location", str(done.status_code))


def marks_of(client: TestClient) -> list[str]:
    parts = client.get(SPLIT).text.split('name="voix" value="')[1:]
    return [part.split('"')[0] for part in parts]


def test_the_voices_that_are_ticked_are_told_from_the_others(
    client: TestClient, library: Store
) -> None:
    first, _ = marks_of(client)
    assert split(client, first) == f"{SPLIT}?fait=1"
    (ruling,) = rulings(library)
    assert not ruling.is_same
    assert "C’est fait" in text_of(client.get(f"{SPLIT}?fait=1").text)
    with library.read() as session:
        item = find_item(session, "tri-presse")
        assert item
        assert len(list_mentions(session, item.id)) == 1
        assert list_decisions(session, item.id)[-1].action is Action.SPLIT
        parted = session.scalars(select(ItemRow).order_by(ItemRow.id.desc())).first()
        assert parted
        assert [m.source_id for m in list_mentions(session, parted.id)] == ["presse"]


def test_some_voices_must_be_ticked_and_not_all(client: TestClient, library: Store) -> None:
    assert split(client) == "422"
    assert split(client, *marks_of(client)) == "422"
    assert split(client, "nobody") == "422"
    assert rulings(library) == []


def test_a_text_told_once_cannot_be_split(client: TestClient) -> None:
    page = client.get(f"{PAGE}/arrete-pemd")
    assert "Une seule source en parle." in text_of(page.text)
    assert 'name="voix"' not in page.text
    assert client.get(f"{PAGE}/inconnu").status_code == 404
