"""The sources' screen: what is wrong, by site, the one thing to do, and « J'ai vu »."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from playwright.sync_api import expect
from starlette.applications import Starlette
from starlette.testclient import TestClient

from hub.config import Settings
from hub.model import Criticality, Failure, Pace, Source, SourceKind
from hub.store import Store
from hub.store.sources import list_incidents, record_failure, record_move, record_read
from hub.watch import watch
from tests.web.conftest import NewPage
from tests.web.library import NOW
from tests.web.test_browser import CONTRAST, shoot

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAGE = "/relecture/sources"
ECOLOGIE = "www.ecologie.gouv.fr"


def make_source(source_id: str, name: str, url: str, **changes: object) -> Source:
    source = Source(
        id=source_id,
        name=name,
        publisher="Ministère chargé de l’écologie",
        kind=SourceKind.FEED,
        url=url,
        rhythm=6 * HOUR,
        pace=Pace(HOUR, HOUR),
        licence="Licence Ouverte 2.0",
        evidence="seen",
        criticality=Criticality.IMPORTANT,
    )
    return replace(source, **changes)  # type: ignore[arg-type]


SOURCES = (
    *(
        make_source(
            f"ecologie-{number}",
            f"Ministère de la transition écologique, page {number}",
            f"https://{ECOLOGIE}/page-{number}-dont-l-adresse-est-longue-comme-un-jour-sans-pain",
        )
        for number in range(3)
    ),
    make_source(
        "cre",
        "Commission de régulation de l’énergie, actualités et délibérations",
        "https://www.cre.fr/actualites.html",
        publisher="CRE",
    ),
    make_source(
        "jo",
        "Journal officiel « Lois et décrets »",
        "https://echanges.dila.gouv.fr/OPENDATA/",
        publisher="DILA",
        criticality=Criticality.CRITICAL,
    ),
    make_source("boamp", "BOAMP", "https://boamp-datadila.opendatasoft.com/api", publisher="DILA"),
    make_source(
        "artisanat",
        "Veille Artisanat",
        "https://veille.artisanat.fr/dossier/",
        publisher="CMA France",
        official=False,
        criticality=Criticality.USEFUL,
        licence="partenaire, à convenir",
    ),
    make_source("piste", "Légifrance", "https://api.piste.gouv.fr/dila", credentials="ABSENT_KEY"),
    make_source("ademe", "ADEME, filières REP", "https://data.ademe.fr/", enabled=False),
    make_source("anah", "Anah, actualités", "https://www.anah.gouv.fr/rss", publisher="Anah"),
)


def by_ids(*ids: str) -> list[Source]:
    return [source for source in SOURCES if source.id in ids]


@pytest.fixture
def app(app: Starlette, library: Store, settings: Settings) -> Starlette:
    """Sources in every state, as three runs left them."""
    app.state.sources = {source.id: source for source in SOURCES}
    failing = by_ids("ecologie-0", "ecologie-1", "ecologie-2")
    for day in range(12, 5, -1):
        _read(library, by_ids("anah"), day * DAY, mentions=1)
    _read(library, by_ids("jo", "boamp", "cre", "artisanat"), 3 * DAY, mentions=1)
    _read(library, failing, 3 * DAY, mentions=1)
    for hours in (6, 0):
        _read(library, by_ids("jo", "boamp", "cre", "anah"), hours * HOUR)
        _read(library, failing, hours * HOUR, kind="http", reason="HTTP 503")
        with library.write() as session:
            moment = NOW - hours * HOUR
            record_move(session, "cre", "https://www.cre.fr/toutes-les-actualites.html", moment)
        watch(library, settings, SOURCES, NOW - hours * HOUR)
    return app


def _read(
    store: Store,
    sources: Iterable[Source],
    ago: timedelta,
    *,
    mentions: int = 0,
    kind: str = "",
    reason: str = "",
) -> None:
    now = NOW - ago
    with store.write() as session:
        for source in sources:
            record_read(
                session, source.id, now, is_good=not kind, requests=1, mentions=mentions, entries=9
            )
            if kind:
                failure = Failure(source.id, source.url, kind, reason)
                record_failure(session, failure, now)


def words_of(html: str) -> str:
    text = re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<(svg|script|style).*?</\1>", "", html))
    return re.sub(r"\s+", " ", unescape(text).replace("\xa0", " ").replace("\u202f", " "))


def test_the_page_says_what_is_wrong_site_by_site(editor: TestClient) -> None:
    words = words_of(editor.get(PAGE).text)
    assert f"{ECOLOGIE} : 3 sources" in words
    assert words.count("À faire") == 4
    assert (
        words.index(ECOLOGIE) < words.index("www.anah.gouv.fr") < words.index("Toutes les autres")
    )
    assert "Depuis le 7 septembre 2026 à 0 h 40, il y a 6 heures." in words
    assert "Ouvrez www.ecologie.gouv.fr dans un navigateur" in words
    assert "veille.artisanat.fr" in words
    for state in ("En panne", "Silencieuse", "En retard", "En attente d’un accès", "En pause"):
        assert state in words
    assert "À jour" in words
    assert "il y a moins d’une heure" in words
    assert "d’habitude chaque jour" in words
    assert "partenaire, utile" in words
    assert "licence : Licence Ouverte 2.0" in words


def test_a_source_that_moved_gives_the_line_to_copy(editor: TestClient) -> None:
    page = editor.get(PAGE).text
    assert 'readonly value="url: https://www.cre.fr/toutes-les-actualites.html"' in page


def test_someone_says_that_they_have_seen(editor: TestClient, library: Store) -> None:
    page = editor.get(PAGE).text
    token = re.findall(r'name="jeton" value="([^"]+)"', page)[0]
    answer = editor.post(f"{PAGE}/vu", data={"jeton": token, "site": ECOLOGIE})
    assert answer.status_code == 303
    again = words_of(editor.get(answer.headers["location"]).text)
    assert f"C’est noté pour {ECOLOGIE}" in again
    assert "Vu par Éditrice de test le 7 septembre 2026 à 6 h 40" in again
    with library.read() as session:
        seen = {i.source_id for i in list_incidents(session) if i.acknowledged_at}
    assert seen == {"ecologie-0", "ecologie-1", "ecologie-2"}
    twice = editor.post(f"{PAGE}/vu", data={"jeton": token, "site": ECOLOGIE})
    assert "rien à noter" in words_of(editor.get(twice.headers["location"]).text)


@pytest.mark.parametrize("data", [{"site": ECOLOGIE}, {"site": ECOLOGIE, "jeton": "faux"}])
def test_seeing_needs_the_token_of_the_session(
    editor: TestClient, library: Store, data: dict[str, str]
) -> None:
    assert editor.post(f"{PAGE}/vu", data=data).status_code == 403
    with library.read() as session:
        assert not any(incident.acknowledged_at for incident in list_incidents(session))


def test_a_visitor_sees_nothing(visitor: TestClient) -> None:
    assert visitor.post(f"{PAGE}/vu", data={"site": ECOLOGIE}).status_code == 401
    assert visitor.get(f"{PAGE}?vu=x").status_code == 303


def test_an_address_repeats_only_what_exists(editor: TestClient) -> None:
    page = editor.get(f"{PAGE}?vu=%3Cb%3Emauvais.example").text
    assert "mauvais.example" not in page
    assert "rien à noter" in words_of(page)


def test_an_outage_of_ours_comes_first(
    editor: TestClient, library: Store, settings: Settings
) -> None:
    later = NOW + HOUR
    for source in SOURCES[:5]:
        _read(library, [source], -HOUR, kind="unreachable", reason="unknown host")
    watch(library, settings, SOURCES, later)
    page = editor.get(PAGE).text
    assert "La panne est chez nous" in page
    token = re.findall(r'name="jeton" value="([^"]+)"', page)[0]
    answer = editor.post(f"{PAGE}/vu", data={"jeton": token, "site": "chez-nous"})
    assert "C’est noté" in words_of(editor.get(answer.headers["location"]).text)


# --- A real browser ----------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_page_fits(new_page: NewPage, width: int, scheme: str) -> None:
    page = new_page(width, 844, scheme=scheme)
    page.goto(PAGE)
    shoot(page, f"sources-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) == []
    small = page.evaluate(
        """[...document.querySelectorAll('main button, main summary')]
           .filter(e => e.getBoundingClientRect().height < 24).map(e => e.textContent)"""
    )
    assert small == []


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_without_script_and_by_keyboard(new_page: NewPage, library: Store) -> None:
    page = new_page(390, 844, script=False)
    page.goto(PAGE)
    button = page.get_by_role("button", name=f"J’ai vu : {ECOLOGIE}")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("C’est noté")
    expect(page.get_by_role("button", name=f"J’ai vu : {ECOLOGIE}")).to_have_count(0)
    expect(page.get_by_label("Ligne à copier dans sources.yaml")).to_have_value(
        "url: https://www.cre.fr/toutes-les-actualites.html"
    )
