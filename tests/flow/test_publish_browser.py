"""The public site in a real browser: nothing that an editor or a source writes widens a page."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from hub.config import Settings
from hub.model import Echeance, Identifier, Scheme, TermKind
from hub.publish import build_site
from tests.builders import NOW, make_item, make_mention, make_redaction, make_store, make_tag
from tests.conftest import skip_or_fail

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WORD = "x" * 300
ADDRESS = "https://www.legifrance.gouv.fr/".ljust(118, "a")
PAGES = ("", "changements", "changements/long", "metiers/couturier", "echeancier", "sources")
FIND_CUT = """() => [...document.querySelectorAll('body *')].filter(e =>
  !e.closest('.h-sr, thead') && (e.getBoundingClientRect().right > innerWidth + 1 ||
  (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX != 'visible'))
).map(e => `${e.tagName}.${e.className}`)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        skip_or_fail("Debian's chromium was not found")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def long_words(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose only change has a long word and a long address in each of its fields."""
    folder = tmp_path_factory.mktemp("long")
    store = make_store(folder / "var")
    words = f"{WORD} {ADDRESS}"
    make_item(
        store,
        [
            make_mention(
                words,
                source_id="jorfsimple",
                url=ADDRESS,
                text=words,
                identifiers=(Identifier(Scheme.JORFTEXT, "JORFTEXT000054399113"),),
            ),
            make_mention(f"Bis {words}", source_id="ecologie-actualites", url=f"{ADDRESS}b"),
        ],
        slug="long",
        tags=[
            make_tag(TermKind.METIER, "couturier", words),
            make_tag(TermKind.DISPOSITIF, "REP", words),
        ],
        redaction=make_redaction(
            words,
            ce_qui_change=words,
            pour_qui=words,
            a_faire=(WORD, ADDRESS),
            echeances=(Echeance(date(2026, 12, 1), words, sentence=words),),
        ),
        version=2,
    )
    settings = Settings(data=folder / "var", site=folder / "site", demo=True)
    build_site(store, settings, NOW)
    store.close()
    return settings.site


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_a_long_word_never_widens_a_page(browser: Browser, long_words: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    for path in PAGES:
        page.goto((long_words / path / "index.html").as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
        assert page.evaluate(FIND_CUT) == [], path
    page.close()


def test_a_demonstration_counts_days_from_the_one_it_plays(
    browser: Browser, long_words: Path
) -> None:
    page = browser.new_page()
    page.goto((long_words / "changements/long/index.html").as_uri())
    assert ", dans 85 jours" in page.locator("[data-dans]").all_text_contents()
    page.close()
