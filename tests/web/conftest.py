"""The review app on a small library: in process for the most, on loopback for a real browser."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from argon2 import PasswordHasher
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright
from starlette.applications import Starlette
from starlette.testclient import TestClient

from hub.accounts import Passwords, add_editor
from hub.config import Settings
from hub.store import Store
from hub.web.app import create_app
from tests.conftest import skip_or_fail
from tests.web.library import NOW, fill

EMAIL, PASSWORD = "editeur@example.org", "un long mot de passe"
HERE = {"sec-fetch-site": "same-origin"}


@dataclass
class FakeClock:
    """A clock that tests move forward."""

    moment: datetime = NOW

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **how_much: float) -> None:
        self.moment += timedelta(**how_much)


@dataclass
class Publisher:
    """Counts how many times a rebuild was asked for."""

    calls: list[int] = field(default_factory=list)

    def __call__(self) -> None:
        self.calls.append(1)


@pytest.fixture(scope="session")
def passwords() -> Passwords:
    """As in production, with the lowest costs."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, site=tmp_path / "site")


@pytest.fixture
def library(store: Store, passwords: Passwords) -> Store:
    fill(store)
    with store.write() as session:
        add_editor(session, EMAIL, "Éditrice de test", PASSWORD, NOW, passwords=passwords)
        add_editor(
            session, "autre@example.org", "Autre éditeur", PASSWORD, NOW, passwords=passwords
        )
    return store


@pytest.fixture
def app(
    settings: Settings,
    library: Store,
    clock: FakeClock,
    publisher: Publisher,
    passwords: Passwords,
) -> Starlette:
    return create_app(settings, library, clock, publisher, passwords=passwords)


@pytest.fixture
def new_client(app: Starlette) -> Iterator[Callable[[], TestClient]]:
    """Makes browsers that each keep their own cookies."""
    made: list[TestClient] = []

    def make() -> TestClient:
        client = TestClient(app, headers=HERE, follow_redirects=False)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def visitor(new_client: Callable[[], TestClient]) -> TestClient:
    """Someone who has not signed in."""
    return new_client()


@pytest.fixture
def editor(new_client: Callable[[], TestClient]) -> TestClient:
    client = new_client()
    sign_in(client)
    return client


def sign_in(client: TestClient, email: str = EMAIL, password: str = PASSWORD) -> int:
    answer = client.post("/relecture/connexion", data={"adresse": email, "mot_de_passe": password})
    return answer.status_code


# --- A real browser ----------------------------------------------------------------------------


@pytest.fixture
def address(app: Starlette) -> Iterator[str]:
    """The app on a real server, on loopback."""
    config = uvicorn.Config(
        app, log_level="warning", lifespan="off", ws="none", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        skip_or_fail("Debian's chromium was not found")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


NewPage = Callable[..., Page]


@pytest.fixture
def new_page(chromium: Browser, address: str) -> Iterator[NewPage]:
    """Opens pages signed in as the editor; fails if a page asks anything of another machine."""
    contexts: list[BrowserContext] = []
    strangers: list[str] = []
    complaints: list[str] = []

    def watch(request: Request) -> None:
        if urlsplit(request.url).hostname not in ("127.0.0.1", None):
            strangers.append(request.url)

    def make(
        width: int = 1280, height: int = 900, *, scheme: str = "light", script: bool = True
    ) -> Page:
        context = chromium.new_context(
            base_url=address,
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
            java_script_enabled=script,
            locale="fr-FR",
        )
        contexts.append(context)
        context.on("request", watch)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda line: (
                complaints.append(line.text) if "Content Security Policy" in line.text else None
            ),
        )
        page.goto("/relecture/connexion")
        page.fill("#adresse", EMAIL)
        page.fill("#mot_de_passe", PASSWORD)
        page.click("text=Se connecter")
        return page

    yield make
    for context in contexts:
        context.close()
    assert strangers == [], "a page asked something of another machine"
    assert complaints == []
