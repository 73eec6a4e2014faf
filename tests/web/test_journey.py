"""From an editor's click to a subscriber's inbox: real program, real browser, real mail server."""

from __future__ import annotations

import email
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, expect

from hub.demo import EDITOR_EMAIL, EDITOR_PASSWORD
from tests.flow.program import Program
from tests.smtp import Mailroom, MailServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("demo")]

OFFICIAL_TITLE = "Arrêté du 10 juin 2026 modifiant l'arrêté du 14 janvier 2020"
OUR_TITLE = "L’arrêté de juin sur la prime est publié"


@contextmanager
def serving(program: Program) -> Iterator[str]:
    """The whole service on a free port of loopback."""
    process = program.start("serve", "--port", "0", "--no-schedule")
    try:
        assert process.stdout is not None
        line = next(line.decode() for line in process.stdout if line.startswith(b"site:"))
        yield line.split()[1].rstrip("/")
    finally:
        process.terminate()
        process.communicate(timeout=30)


def approve(browser: Browser, address: str) -> str:
    """Sign in, open the queue, approve one item; returns its slug."""
    context = browser.new_context(base_url=address, locale="fr-FR")
    page = context.new_page()
    page.goto("/relecture/")
    page.fill("#adresse", EDITOR_EMAIL)
    page.fill("#mot_de_passe", EDITOR_PASSWORD)
    page.click("text=Se connecter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("à décider")
    page.goto("/relecture/?mots=prime+de+transition")
    page.click("text=Arrêté du 10 juin 2026")
    expect(page.locator("mark").first).to_be_visible()
    slug = page.url.split("/items/")[1].split("?")[0]
    page.fill("#titre", OUR_TITLE)
    page.fill(
        "#ce_qui_change", "Un arrêté modifie les règles de la prime. Lisez le texte officiel."
    )
    page.click("button[value=approuver]")
    expect(page.locator("text=Annuler").first).to_be_visible()
    context.close()
    return slug


def wait_for_page(url: str, seconds: float = 60) -> str:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return str(urlopen(url, timeout=10).read().decode())
        except HTTPError as error:
            if error.code != 404 or time.monotonic() > deadline:
                raise
            time.sleep(0.3)


def test_an_approved_item_reaches_site_and_inbox(chromium: Browser, tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.json("demo", "--no-serve")
    with serving(program) as address:
        slug = approve(chromium, address)
        page = wait_for_page(f"{address}/changements/{slug}/")
    assert OUR_TITLE in page
    assert "https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000054245930" in page

    planned = program.json("digest", "--dry-run", "--at", "2026-09-14")
    assert slug in {item["id"] for message in planned["messages"] for item in message["items"]}
    mailroom = Mailroom()
    with MailServer(mailroom) as server:
        mailing = Program(tmp_path, (("HUB_SMTP", server.url),))
        assert mailing.json("digest", "--at", "2026-09-14")["sent"] == len(planned["messages"])
        assert mailing.json("digest", "--at", "2026-09-14")["sent"] == 0
    letters = [read(raw) for _, raw in mailroom.received]
    assert len(letters) == len(planned["messages"])
    (letter,) = [one for one in letters if one["To"] == "renovation@example.org"]
    assert str(letter["Subject"]).endswith(OUR_TITLE)  # an old text: « Rappel : … »
    for kind in ("plain", "html"):
        part = letter.get_body((kind,))
        assert part is not None
        assert f"/changements/{slug}/" in part.get_content()
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message
