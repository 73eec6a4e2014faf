"""Who may come in, and what is refused at the door."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from hub import accounts
from hub.accounts import (
    MAX_ATTEMPTS,
    MAX_OF_ACCOUNT,
    MAX_OF_ADDRESS,
    Passwords,
    Refusal,
    add_editor,
    change_password,
    set_active,
)
from hub.config import Settings
from hub.errors import AccountError, DigestError
from hub.model import ItemState
from hub.store import Store
from hub.store.editors import EditorSessionRow, SignInAttemptRow
from hub.web.app import create_app
from tests.web.conftest import EMAIL, HERE, PASSWORD, FakeClock, sign_in
from tests.web.library import NOW, get_item
from tests.web.test_review_app import ITEM, form_of

# --- Signing in --------------------------------------------------------------------------------


def test_a_page_asks_to_sign_in_and_comes_back(visitor: TestClient) -> None:
    answer = visitor.get(f"{ITEM}?secteur=BAT")
    assert answer.status_code == 303
    page = visitor.get(answer.headers["location"]).text
    assert 'value="/relecture/items/decret-2026-822?secteur=BAT"' in page
    assert "Connectez-vous" in page
    sent = {"adresse": EMAIL, "mot_de_passe": PASSWORD, "suite": f"{ITEM}?secteur=BAT"}
    answer = visitor.post("/relecture/connexion", data=sent)
    assert answer.headers["location"] == f"{ITEM}?secteur=BAT"
    assert visitor.get("/relecture/connexion").headers["location"] == "/relecture/"


@pytest.mark.parametrize(
    "suite",
    ["https://ailleurs.example/", "//ailleurs.example", "/\\ailleurs", "", "/relecture/\\x", "/x"],
)
def test_signing_in_never_leads_elsewhere(visitor: TestClient, suite: str) -> None:
    sent = {"adresse": EMAIL, "mot_de_passe": PASSWORD, "suite": suite}
    assert visitor.post("/relecture/connexion", data=sent).headers["location"] == "/relecture/"


def test_a_wrong_password_and_an_unknown_account_answer_alike(visitor: TestClient) -> None:
    pages = []
    for email in (EMAIL, "personne@example.org"):
        sent = {"adresse": email, "mot_de_passe": "mauvais"}
        answer = visitor.post("/relecture/connexion", data=sent)
        assert answer.status_code == 401
        pages.append(answer.text.replace(email, ""))
    assert pages[0] == pages[1]
    assert "mauvais" not in pages[0]


def test_after_five_wrong_passwords_even_the_right_one_waits(
    visitor: TestClient, clock: FakeClock
) -> None:
    for _ in range(MAX_ATTEMPTS):
        assert sign_in(visitor, EMAIL, "mauvais") == 401
    assert sign_in(visitor) == 429
    clock.advance(minutes=14)
    assert sign_in(visitor) == 429
    clock.advance(minutes=2)
    assert sign_in(visitor) == 303


def test_wrong_passwords_from_elsewhere_do_not_lock_an_editor_out(
    app: Starlette, visitor: TestClient
) -> None:
    with TestClient(app, headers=HERE, client=("192.0.2.7", 1)) as stranger:
        for _ in range(MAX_ATTEMPTS):
            assert sign_in(stranger, EMAIL, "mauvais") == 401
        assert sign_in(stranger, EMAIL, "mauvais") == 429
    assert sign_in(visitor) == 303


def test_one_address_cannot_try_every_account(visitor: TestClient) -> None:
    for number in range(MAX_OF_ADDRESS):
        assert sign_in(visitor, f"nom{number}@example.org", "mauvais") == 401
    assert sign_in(visitor) == 429


def test_many_addresses_cannot_try_one_account(
    library: Store, passwords: Passwords, clock: FakeClock
) -> None:
    def attempt(address: str) -> str:
        return accounts.sign_in(library, passwords, EMAIL, "mauvais", address, clock())

    for number in range(MAX_OF_ACCOUNT):
        assert attempt(f"192.0.2.{number}") == Refusal.WRONG
    assert attempt("192.0.2.99") == Refusal.TOO_MANY
    clock.advance(minutes=61)
    assert attempt("192.0.2.99") == Refusal.WRONG


def test_every_limit_answers_alike(visitor: TestClient, app: Starlette) -> None:
    pages: list[tuple[int, str]] = []
    for email, tries in ((EMAIL, 5), ("personne@example.org", 5), ("tous", 20)):
        with TestClient(app, headers=HERE, client=(f"192.0.2.{len(pages)}", 1)) as client:
            for number in range(tries + 1):
                name = f"nom{number}@example.org" if email == "tous" else email
                sent = {"adresse": name, "mot_de_passe": "mauvais"}
                answer = client.post("/relecture/connexion", data=sent)
        pages.append((answer.status_code, answer.text.replace(name, "")))
    assert pages[0][0] == 429
    assert len(set(pages)) == 1


def test_signing_in_well_is_never_counted(new_client: Callable[[], TestClient]) -> None:
    for _ in range(MAX_ATTEMPTS + 2):
        assert sign_in(new_client()) == 303


def test_the_database_holds_no_secret(visitor: TestClient, library: Store) -> None:
    sign_in(visitor, EMAIL, "mauvais")
    sign_in(visitor)
    token = visitor.cookies["hub"]
    with library.read() as session:
        opened = session.query(EditorSessionRow).one()
        tried = session.query(SignInAttemptRow).all()
    assert token not in (opened.token_hash, opened.csrf_token)
    assert len(opened.token_hash) == 64
    assert all(EMAIL not in row.who and "testclient" not in row.who for row in tried)


def test_the_cookie_is_out_of_reach(visitor: TestClient) -> None:
    sent = {"adresse": EMAIL, "mot_de_passe": PASSWORD}
    cookie = visitor.post("/relecture/connexion", data=sent).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


def test_over_https_the_cookie_is_secure(
    library: Store, clock: FakeClock, passwords: Passwords, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, site=tmp_path, public_url="https://hub.example.org")
    app = create_app(settings, library, clock, passwords=passwords)
    with TestClient(
        app, "https://hub.example.org", headers={"origin": "https://hub.example.org"}
    ) as client:
        sent = {"adresse": EMAIL, "mot_de_passe": PASSWORD}
        answer = client.post("/relecture/connexion", data=sent, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-hub=")
    assert "Secure" in cookie
    assert "Path=/;" in cookie
    assert "Domain" not in cookie
    assert "max-age" in answer.headers["strict-transport-security"]


def test_signing_out_ends_the_session_on_the_server(editor: TestClient) -> None:
    token = editor.cookies["hub"]
    jeton = re.search(r'name="jeton" value="([^"]+)"', editor.get("/relecture/").text)
    assert jeton
    assert editor.post("/relecture/deconnexion", data={"jeton": jeton[1]}).status_code == 303
    editor.cookies.set("hub", token)
    assert editor.get("/relecture/").status_code == 303


def test_a_closed_account_is_out_at_once(editor: TestClient, library: Store) -> None:
    assert editor.get("/relecture/").status_code == 200
    with library.write() as session:
        set_active(session, EMAIL, False)
    assert editor.get("/relecture/").status_code == 303
    assert sign_in(editor) == 401


def test_a_new_password_ends_the_sessions(
    editor: TestClient, library: Store, passwords: Passwords
) -> None:
    with library.write() as session:
        change_password(session, EMAIL, "un tout autre secret", passwords=passwords)
    assert editor.get("/relecture/").status_code == 303
    assert sign_in(editor) == 401
    assert sign_in(editor, EMAIL, "un tout autre secret") == 303


@pytest.mark.parametrize(
    ("email", "name", "password", "reason"),
    [
        ("sans arobase", "Nom", PASSWORD, "bad-email"),
        ("@example.org", "Nom", PASSWORD, "bad-email"),
        ("a@example.org", "", PASSWORD, "bad-name"),
        ("a@example.org", "regle:pemd", PASSWORD, "bad-name"),
        ("a@example.org", "Nom", "court", "short-password"),
        (f" {EMAIL.upper()} ", "Nom", PASSWORD, "email-taken"),
    ],
)
def test_an_account_that_will_not_do(
    library: Store, passwords: Passwords, email: str, name: str, password: str, reason: str
) -> None:
    with library.write() as session, pytest.raises(AccountError) as caught:
        add_editor(session, email, name, password, NOW, passwords=passwords)
    assert caught.value.reason == reason


# --- Requests made by others -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "with_token", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, True, 303),
        ({"sec-fetch-site": "cross-site"}, True, 403),
        ({"sec-fetch-site": "same-site"}, True, 403),
        ({"origin": "https://ailleurs.example"}, True, 403),
        ({"origin": "http://testserver"}, True, 303),
        ({"origin": "null"}, True, 403),
        ({}, False, 403),
        ({"sec-fetch-site": "same-origin"}, False, 403),
    ],
    ids=["here", "cross-site", "sibling", "wrong-origin", "origin", "null", "nothing", "no-token"],
)
def test_only_our_own_forms_are_obeyed(
    app: Starlette,
    editor: TestClient,
    library: Store,
    headers: dict[str, str],
    with_token: bool,
    status: int,
) -> None:
    sent = form_of(editor, geste="plus_tard")
    if not with_token:
        sent["jeton"] = ""
    client = TestClient(app, follow_redirects=False, cookies=dict(editor.cookies))
    assert client.post(ITEM, data=sent, headers=headers).status_code == status
    is_moved = get_item(library, "decret-2026-822").state is ItemState.LATER
    assert is_moved is (status == 303)


def test_a_token_of_another_session_is_refused(
    editor: TestClient, new_client: Callable[[], TestClient], library: Store
) -> None:
    other = new_client()
    sign_in(other, "autre@example.org")
    stolen = form_of(other, geste="plus_tard")
    assert editor.post(ITEM, data=stolen).status_code == 403
    assert get_item(library, "decret-2026-822").revision == 1


def test_nobody_is_signed_in_by_another_site(app: Starlette) -> None:
    client = TestClient(app, follow_redirects=False)
    assert sign_in(client) == 403
    assert "hub" not in client.cookies


def test_one_click_unsubscription_is_let_through(app: Starlette) -> None:
    client = TestClient(app, follow_redirects=False)
    headers = {"sec-fetch-site": "cross-site"}
    sent = {"List-Unsubscribe": "One-Click"}
    answer = client.post("/lettre/quitter/inconnu", data=sent, headers=headers)
    assert "ne vient pas de ce site" not in answer.text
    refused = client.post("/lettre/", data=sent, headers=headers)
    assert refused.status_code == 403


def test_what_is_too_long_is_refused(editor: TestClient) -> None:
    sent = form_of(editor, ce_qui_change="x" * 1_100_000, geste="rediger")
    assert editor.post(ITEM, data=sent).status_code == 413


def test_a_body_that_lies_about_its_length_is_refused(visitor: TestClient) -> None:
    def chunks() -> list[bytes]:
        return [b"adresse=" + b"x" * 600_000, b"x" * 600_000]

    answer = visitor.post(
        "/relecture/connexion",
        content=iter(chunks()),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 413


def test_a_file_is_not_taken(visitor: TestClient) -> None:
    answer = visitor.post("/relecture/connexion", files={"adresse": b"x"})
    assert answer.status_code == 400


# --- Answers -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/relecture/", ITEM, "/relecture/connexion", "/relecture/rien"])
def test_pages_forbid_what_they_do_not_need(editor: TestClient, path: str) -> None:
    headers = editor.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


def test_pages_hold_no_script_nor_style_of_their_own(editor: TestClient) -> None:
    for path in ("/relecture/", ITEM, "/relecture/sources", "/relecture/connexion"):
        page = editor.get(path).text
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]* src=)", page)
        assert not re.search(
            r"(?:src|href)=\"(?:https?:)?//(?!www\.legifrance|[^\"]*\" rel=)", page
        )


def test_static_files_may_be_kept(visitor: TestClient) -> None:
    page = visitor.get("/relecture/connexion").text
    found = re.findall(r'(?:href|src)="(/relecture/static/[^"]+)"', page)
    assert len(found) >= 5
    for path in found:
        answer = visitor.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


def test_health_says_nothing_about_people(visitor: TestClient) -> None:
    answer = visitor.get("/sante")
    assert answer.status_code == 200
    assert set(answer.json()) == {"etat", "version"}


def test_health_says_when_the_database_is_gone(visitor: TestClient, app: Starlette) -> None:
    app.state.store = Store("sqlite:////inexistant/hub.db")
    assert visitor.get("/sante").status_code == 503
    app.state.store.close()


# --- The site ----------------------------------------------------------------------------------


def test_without_a_site_the_page_says_so(visitor: TestClient) -> None:
    answer = visitor.get("/")
    assert answer.status_code == 503
    assert "Le site n’est pas encore construit" in answer.text
    assert answer.headers["retry-after"] == "60"


def test_the_site_is_served_as_soon_as_it_is_there_and_when_it_changes(
    visitor: TestClient, settings: Settings
) -> None:
    assert visitor.get("/").status_code == 503
    for words in ("un", "deux"):
        built = settings.data / f"site-{words}"
        (built / "metiers").mkdir(parents=True)
        (built / "index.html").write_text(f"<p>{words}</p>", encoding="utf-8")
        (built / "metiers" / "index.html").write_text("<p>métiers</p>", encoding="utf-8")
        (built / "404.html").write_text("<p>perdu</p>", encoding="utf-8")
        (built / ".build.json").write_text("{}", encoding="utf-8")
        if settings.site.exists():
            settings.site.rename(settings.data / "ancien")
            assert visitor.get("/metiers/").status_code == 503
        built.rename(settings.site)
        assert words in visitor.get("/").text
    assert "métiers" in visitor.get("/metiers/").text
    assert "perdu" in visitor.get("/nulle-part").text
    assert visitor.get("/nulle-part").status_code == 404
    assert visitor.get("/.build.json").status_code == 404
    assert visitor.get("/../hub.db").status_code == 404


def test_the_icon_is_where_browsers_look_for_it(visitor: TestClient) -> None:
    answer = visitor.get("/favicon.ico", follow_redirects=True)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("image/svg")


def test_the_secret_of_a_subscriber_is_not_written_in_the_log(
    app: Starlette, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(request: Request) -> Response:
        raise DigestError("out of order")

    app.router.routes.insert(0, Route("/lettre/gerer/{token}", fail))
    app.router.routes.insert(0, Route("/relecture/en-panne", fail))
    with TestClient(app) as client:
        assert client.get("/lettre/gerer/SECRET").status_code == 409
        assert client.get("/relecture/en-panne").status_code == 409
    assert "SECRET" not in caplog.text
    assert "/lettre/…" in caplog.text
    assert "/relecture/en-panne" in caplog.text


def test_a_missing_slash_is_forgiven(visitor: TestClient) -> None:
    assert visitor.get("/relecture").headers["location"] == "/relecture/"
