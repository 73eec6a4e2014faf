"""The public site: what it says, how it is built, and that readers always meet a whole one."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import lxml.html  # type: ignore[import-untyped]  # lxml ships no types
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.config import ROOT, Settings
from hub.errors import ConfigError, PublishError
from hub.health import Health
from hub.model import (
    Echeance,
    Failure,
    Identifier,
    ItemState,
    Niveau,
    Precision,
    Redaction,
    Scheme,
    TermKind,
)
from hub.publish import SiteReport, build_site, load_snapshot, site
from hub.publish.fiches import Fiche, FicheType, FrontMatter, Placeholder, load_fiches
from hub.publish.render import Renderer, safe_url
from hub.publish.snapshot import Snapshot
from hub.referentiel import load_referentiel
from hub.sources import load_sources
from hub.store import Store
from hub.store.items import find_item, set_redaction
from hub.store.sources import record_failure, record_read
from hub.text import clean
from tests.builders import NOW, make_item, make_mention, make_redaction, make_store, make_tag

HOSTILE = (
    "<script>alert(1)</script> & <img src=x onerror=alert(1)> \"'`",
    "{{ changements }} {% raw %} {# x #} ${x}",
    "# Titre *gras* _it_ [lien](javascript:alert(1)) | a | b | <!-- x --> &lt;b&gt;",
    "</title></head><body onload=x> ]]> \u202e\u0007 --- !!! note",
)
METIER = TermKind.METIER
COUTURIER = Fiche(
    "metiers/couturier.md",
    FrontMatter(type=FicheType.METIER, id="couturier", titre="Couturier·ière"),
    "",
)


def settings_in(folder: Path, **changes: object) -> Settings:
    values: dict[str, object] = {
        "data": folder / "var",
        "site": folder / "site",
        "public_url": "https://hub.example.org",
        "demo": True,
    }
    return Settings(**{**values, **changes})  # type: ignore[arg-type]


def fill(store: Store) -> None:
    """Items of every sort: written, bare, a project, hostile, and some that are not public."""
    couturier = [make_tag(METIER, "couturier", via="dispositif:REP")]
    make_item(
        store,
        [
            make_mention(
                "Loi n° 2026-602 du 8 juillet 2026",
                source_id="jorfsimple",
                text="Les metteurs en marché déclarent. Au plus tard fin 2026 ; puis un bilan.",
                signed_on=date(2026, 7, 8),
                identifiers=(Identifier(Scheme.JORFTEXT, "JORFTEXT000054399113"),),
            ),
            make_mention("Textile : une loi", source_id="service-public-particuliers"),
        ],
        slug="loi-textile",
        tags=[
            make_tag(TermKind.DISPOSITIF, "REP", "industrie textile"),
            make_tag(TermKind.SECTEUR, "EC", via="dispositif:REP"),
            *couturier,
        ],
        redaction=make_redaction(
            "Textile : la loi s'applique",
            a_faire=("Lire la loi", "Compter ses pièces"),
            echeances=(
                Echeance(date(2026, 12, 31), "Déclarer", sentence="Au plus tard fin 2026."),
                Echeance(date(2027, 4, 1), "Premier bilan", Precision.QUARTER, "Écrite par nous."),
                Echeance(date(2026, 1, 1), "Date passée"),
            ),
        ),
        version=2,
    )
    make_item(store, make_mention("Arrêté sans résumé"), slug="bare", tags=couturier)
    make_item(
        store,
        make_mention("Projet de décret", nature="PROJET", published_on=None),
        slug="index",
        tags=[make_tag(METIER, "electricien")],
        redaction=make_redaction("Un projet", niveau=Niveau.PROJET, applicable_le=None),
    )
    for number, title in enumerate(HOSTILE):
        make_item(
            store,
            make_mention(title, url="javascript:alert(1)"),
            slug=f"hostile-{number}",
            tags=[make_tag(METIER, "couturier", title)],
            redaction=Redaction(titre=title, ce_qui_change=title, a_faire=(title,)),
        )
    for state in ItemState:
        if not state.is_public:
            make_item(
                store, make_mention(f"Secret {state.value}"), slug=f"secret-{state}", state=state
            )


@dataclass(frozen=True)
class Built:
    """A site built once for the tests that only look at it."""

    settings: Settings
    store: Store
    report: SiteReport

    @property
    def site(self) -> Path:
        return self.settings.site

    def page(self, path: str) -> lxml.html.HtmlElement:
        return lxml.html.document_fromstring((self.site / path / "index.html").read_bytes())

    def pages(self) -> list[Path]:
        return sorted(self.site.rglob("*.html"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("publish")
    store = make_store(folder / "var")
    fill(store)
    settings = settings_in(folder)
    yield Built(settings, store, build_site(store, settings, NOW))
    store.close()


@pytest.fixture(scope="module")
def snapshot(built: Built) -> Snapshot:
    sources = load_sources(built.settings.sources, load_referentiel())
    return load_snapshot(built.store, load_referentiel(), sources, NOW)


def text_of(element: lxml.html.HtmlElement) -> str:
    """The words as a reader sees them, with plain spaces."""
    return " ".join(element.text_content().replace("\u202f", " ").replace("\u00a0", " ").split())


def digest_tree(folder: Path) -> dict[str, str]:
    return {
        str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(folder.rglob("*"))
        if f.is_file()
    }


# --- What the site says ------------------------------------------------------------------------


def test_every_fiche_and_every_published_item_has_its_page(built: Built) -> None:
    fiches = load_fiches(built.settings.fiches, load_referentiel())
    paths = {p.relative_to(built.site).as_posix() for p in built.pages()}
    expected = {re.sub(r"(^|/)index$", "", f.path[:-3]) for f in fiches}
    items = {"loi-textile", "bare", "index", *(f"hostile-{n}" for n in range(len(HOSTILE)))}
    expected |= {f"changements/{slug}" for slug in items}
    assert paths == {f"{path}/index.html".lstrip("/") for path in expected} | {"404.html"}
    assert built.report.pages == built.report.built == len(paths)


def test_nothing_that_is_not_approved_is_shown(built: Built) -> None:
    for page in built.pages():
        assert "secret" not in page.read_text(encoding="utf-8").lower(), page


def test_a_fiche_shows_its_items_its_tasks_and_its_dates(built: Built) -> None:
    words = text_of(built.page("metiers/couturier"))
    assert "Textile : la loi s’applique" in words
    assert "Arrêté sans résumé" in words
    assert "Compter ses pièces" in words
    assert "Déclarer" in words
    assert "2e trimestre 2027" in words
    assert "Date passée" not in words
    assert "Un projet" not in words


def test_a_fiche_without_item_says_so_and_keeps_its_prose(built: Built) -> None:
    words = text_of(built.page("metiers/metallier"))
    assert "Rien de nouveau ici pour l’instant." in words
    assert "Aucune date à venir." in words
    assert "Les ombrières de parking ouvrent un marché" in words
    assert "Texte pas encore relu par l’équipe du hub" in words


def test_an_item_page_gives_the_official_text_and_the_reasons(built: Built) -> None:
    page = built.page("changements/loi-textile")
    words = text_of(page)
    assert "Loi n° 2026-602 du 8 juillet 2026" in words
    assert "JORFTEXT000054399113" in words
    assert "Le texte contient « industrie textile »" in words
    assert "rangé dans : REP" in words
    assert "Phrase de la source : « Au plus tard fin 2026. »" in words
    assert "Premier bilan" in words
    assert "Écrite par nous" not in words
    assert "Service-Public" in words
    assert "Version 2, actuelle" in words
    assert page.xpath("//a[contains(@href, 'legifrance.gouv.fr/jorf/id/')]")


def test_an_item_without_summary_shows_its_official_title(built: Built) -> None:
    page = built.page("changements/bare")
    assert text_of(page.xpath("//h1")[0]) == "Arrêté sans résumé"
    assert "Pas encore de résumé." in text_of(page)
    assert not page.xpath("//*[contains(@class, 'h-niv')]")


def test_a_project_is_never_said_to_be_law(built: Built) -> None:
    words = text_of(built.page("changements/index"))
    assert "Projet" in words
    assert "pas encore du droit" in words


def test_the_demonstration_is_said_on_every_page(built: Built) -> None:
    for page in built.pages():
        assert "Démonstration" in page.read_text(encoding="utf-8"), page


def test_no_page_asks_anything_of_another_host_or_of_a_script_of_its_own(built: Built) -> None:
    for file in built.pages():
        page = lxml.html.document_fromstring(file.read_bytes())
        fetched = page.xpath("//link[@rel!='canonical']/@href | //*[@src]/@src")
        assert fetched
        assert [url for url in fetched if re.match(r"https?:|//", url)] == [], file
        assert len(page.xpath("//script")) == 1, file
    for css in built.site.rglob("hub.css"):
        assert "http" not in css.read_text(encoding="utf-8").replace('href^="http"', "")


def test_no_internal_link_is_dead(built: Built) -> None:
    for file in built.pages():
        page = lxml.html.document_fromstring(file.read_bytes())
        for url in page.xpath("//a/@href | //option/@value | //link/@href | //script/@src"):
            if not re.match(r"https?:|#|/lettre/$", url):
                path = url.split("#")[0]
                target = built.site / path[1:] if path[0] == "/" else file.parent / path
                found = target / "index.html" if target.is_dir() else target
                assert found.is_file(), f"{file}: {url}"


def test_a_page_says_no_relative_day_and_holds_no_hour_of_its_building(built: Built) -> None:
    for file in built.pages():
        words = text_of(lxml.html.document_fromstring(file.read_bytes()))
        assert not re.search(r"\b(hier|demain|aujourd’hui)\b", words), file


def test_the_home_page_offers_each_metier_without_script(built: Built) -> None:
    page = built.page("")
    listed = {url for url in page.xpath("//li/a/@href") if url.startswith("./metiers/")}
    assert len(listed) == len(load_referentiel().metiers)
    assert "Ce mois-ci : septembre 2026" in text_of(page)


def test_the_letter_is_reached_on_the_host_that_shows_the_site(built: Built) -> None:
    for file in built.pages():
        page = lxml.html.document_fromstring(file.read_bytes())
        assert [url for url in page.xpath("//a/@href") if "lettre" in url] != [], file
        assert not [url for url in page.xpath("//a/@href") if "hub.example.org" in url], file


def test_a_demonstration_counts_from_the_day_it_plays(built: Built) -> None:
    assert built.page("").xpath("//*[@data-jour]/@data-jour") == ["2026-09-07"]


def test_robots_are_welcome(built: Built) -> None:
    assert (built.site / "robots.txt").read_text() == "User-agent: *\nAllow: /\n"


# --- Any title is harmless ---------------------------------------------------------------------


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_a_hostile_title_is_only_text(built: Built, number: int) -> None:
    page = built.page(f"changements/hostile-{number}")
    shown = text_of(page.xpath("//h1")[0])
    title = HOSTILE[number].replace("\u202e", "").replace("\u0007", "")
    assert shown.replace("’", "'") == clean(title)
    assert page.xpath("count(//title)") == 1
    assert not page.xpath("//img | //*[@onerror] | //*[@onload] | //b[text()='gras']")
    assert not [url for url in page.xpath("//a/@href") if url.startswith("javascript")]


def _shape(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """The elements and the names of their attributes, in order; never the words."""
    return [
        (str(element.tag), tuple(sorted(element.attrib)))
        for element in lxml.html.fragment_fromstring(html, create_parent="div").iter()
        if element.tag != "sup"
    ]


TITLES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1) | st.sampled_from(
    HOSTILE
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TITLES)
def test_any_title_leaves_the_shape_of_the_page(snapshot: Snapshot, title: str) -> None:
    base = next(item for item in snapshot.items if item.slug == "loi-textile")
    lists = (Placeholder.CHANGEMENTS, Placeholder.CHECKLIST, Placeholder.SOURCES)

    def shapes(words: str) -> list[object]:
        redaction = Redaction(f"Résumé : {words}", words, words, (words, words))
        item = dataclasses.replace(base, official_title=words, redaction=redaction)
        renderer = Renderer(dataclasses.replace(snapshot, items=(item,)))
        parts = [renderer.fragment(placeholder, COUTURIER, "../../") for placeholder in lists]
        return [_shape(part) for part in (renderer.item_page(item, "../../"), *parts)]

    assert shapes(title) == shapes("Titre")


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc", "data:text/html,x", "//x"])
def test_a_browser_is_never_sent_to_a_dangerous_address(url: str) -> None:
    assert safe_url(url) == ""
    assert safe_url("https://www.legifrance.gouv.fr/x") == "https://www.legifrance.gouv.fr/x"


# --- Freshness ---------------------------------------------------------------------------------


def test_each_source_has_one_state(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    sources = load_sources(ROOT / "sources.yaml", load_referentiel())
    good, late, broken, never = [s for s in sources if s.enabled][:4]
    paused = dataclasses.replace(sources[0], id="paused", enabled=False, reason="x")
    with store.write() as session:
        record_read(session, good.id, NOW, is_good=True)
        record_read(session, broken.id, NOW, is_good=True)
        record_read(session, late.id, NOW - late.rhythm - timedelta(days=2), is_good=True)
        record_failure(session, Failure(broken.id, broken.url, "fetch", "503"), NOW)
    states = load_snapshot(
        store, load_referentiel(), [good, late, broken, never, paused], NOW
    ).sources
    assert [s.health for s in states] == [
        *(Health.GOOD, Health.LATE, Health.BROKEN, Health.NEVER, Health.PAUSED)
    ]
    assert states[2].broken_since == date(2026, 9, 7)
    store.close()


# --- Building ----------------------------------------------------------------------------------


@pytest.fixture
def copy(built: Built, tmp_path: Path) -> Iterator[Built]:
    """The same database and site, to be changed by one test."""
    shutil.copytree(built.settings.data, tmp_path / "var")
    shutil.copytree(built.site, tmp_path / "site")
    shutil.copytree(built.settings.fiches, tmp_path / "fiches")
    store = Store(f"sqlite:///{tmp_path / 'var' / 'hub.db'}")
    yield Built(settings_in(tmp_path, fiches=tmp_path / "fiches"), store, built.report)
    store.close()


def leftovers(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if p.name.startswith("site.")]


def test_the_same_inputs_give_the_same_bytes_and_nothing_is_built_twice(
    built: Built, copy: Built
) -> None:
    again = build_site(copy.store, copy.settings, NOW + timedelta(minutes=20))
    assert (again.pages, again.built, again.removed) == (built.report.pages, 0, 0)
    shutil.rmtree(copy.site)
    fresh = build_site(copy.store, copy.settings, NOW + timedelta(hours=2))
    assert fresh.built == built.report.pages
    assert digest_tree(copy.site) == digest_tree(built.site)
    assert not leftovers(copy.site.parent)


def test_only_what_changed_is_counted_and_a_rejected_item_goes(copy: Built) -> None:
    with copy.store.write() as session:
        row = find_item(session, "loi-textile")
        bare = find_item(session, "bare")
        assert row is not None
        assert bare is not None
        set_redaction(session, row, make_redaction("Un nouveau titre"))
        bare.state = ItemState.REJECTED
    report = build_site(copy.store, copy.settings, NOW)
    assert report.removed == 1
    assert not (copy.site / "changements/bare").exists()
    assert "Un nouveau titre" in text_of(copy.page("metiers/couturier"))
    # home, journal, timetable, the item, its métier, its dispositif and its secteur
    assert report.built == 7


def test_a_fiche_that_breaks_the_build_leaves_the_old_site(copy: Built) -> None:
    before = digest_tree(copy.site)
    fiche = copy.settings.fiches / "metiers/couturier.md"
    text = fiche.read_text(encoding="utf-8")
    fiche.write_text(text + "\n[lien](nulle-part.md)\n", encoding="utf-8")
    with pytest.raises(PublishError, match=r"metiers/couturier\.md.*nulle-part\.md") as caught:
        build_site(copy.store, copy.settings, NOW)
    assert "INFO" not in str(caught.value)
    fiche.write_text(text + "\n{{ surprise }}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"couturier\.md:\d+: unknown placeholder 'surprise'"):
        build_site(copy.store, copy.settings, NOW)
    assert digest_tree(copy.site) == before
    assert not leftovers(copy.site.parent)


def test_a_build_that_is_killed_leaves_the_old_site_and_the_next_one_clears_up(
    copy: Built,
) -> None:
    before = digest_tree(copy.site)
    fiche = copy.settings.fiches / "methode.md"
    fiche.write_text(fiche.read_text(encoding="utf-8") + "\nUn mot de plus.\n", encoding="utf-8")
    program = (
        "from datetime import datetime; from hub.config import load_settings;"
        "from hub.publish import build_site; from hub.store import Store;"
        "s = load_settings(); print('go', flush=True);"
        f"build_site(Store(s.database_url), s, datetime.fromisoformat('{NOW.isoformat()}'))"
    )
    environment = {**os.environ, **copy.settings.environment()}
    with subprocess.Popen(
        [sys.executable, "-c", program], env=environment, cwd=ROOT, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"go\n"
        deadline = time.monotonic() + 60
        while not leftovers(copy.site.parent) and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert digest_tree(copy.site) == before
    assert leftovers(copy.site.parent)
    report = build_site(copy.store, copy.settings, NOW)
    assert report.built == 1
    assert not leftovers(copy.site.parent)


# --- The move ----------------------------------------------------------------------------------


def make_site(folder: Path, word: str) -> Path:
    folder.mkdir()
    for name in ("a.html", "b.html"):
        (folder / name).write_text(word, encoding="utf-8")
    (folder / site.MANIFEST).write_text(f'{{"digest": "{word}", "pages": {{}}}}', encoding="utf-8")
    return folder


def test_a_reader_meets_a_whole_site_at_every_instant_of_many_moves(tmp_path: Path) -> None:
    place, other = make_site(tmp_path / "site", "old"), make_site(tmp_path / "next", "new")
    stop, missing, reads = threading.Event(), [], [0]

    def read() -> None:
        while not stop.is_set():
            try:
                (place / "a.html").read_bytes()
                reads[0] += 1
            except FileNotFoundError:
                missing.append(reads[0])

    reader = threading.Thread(target=read)
    reader.start()
    moves = 0
    while (reads[0] < 200 or moves % 2) and moves < 100_000:
        site.swap(other, place)
        moves += 1
    stop.set()
    reader.join()
    assert reads[0] >= 200
    assert missing == []
    assert {(place / name).read_text() for name in ("a.html", "b.html")} == {"old"}


def test_where_names_cannot_be_exchanged_two_renames_do_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "_exchange", lambda left, right: False)
    place, other = make_site(tmp_path / "site", "old"), make_site(tmp_path / "next", "new")
    site.swap(other, place)
    assert (place / "a.html").read_text() == "new"
    assert (other / "a.html").read_text() == "old"
    assert not leftovers(tmp_path)


def test_leftovers_go_and_a_site_lost_between_two_renames_comes_back(tmp_path: Path) -> None:
    place = tmp_path / "site"
    half = tmp_path / "site.build-1"
    half.mkdir()
    make_site(tmp_path / "site.build-2", "whole")
    (tmp_path / "site.old").mkdir()
    site.clear_leftovers(place)
    assert (place / "a.html").read_text() == "whole"
    assert leftovers(tmp_path) == ["site.old"], "what is not ours stays"


def test_a_damaged_manifest_only_means_that_everything_is_built(tmp_path: Path) -> None:
    (tmp_path / site.MANIFEST).write_text("{", encoding="utf-8")
    assert site.read_manifest(tmp_path) == site.Manifest("", {})
