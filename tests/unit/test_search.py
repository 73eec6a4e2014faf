"""The search index: one contract, French as it is typed, and an index that heals."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hub.config import Settings
from hub.model import ItemState, Niveau, Origin, Scheme, TermKind
from hub.search import Doc, Query, SearchIndex, open_index, parse_query
from hub.search.documents import index_items, to_doc
from hub.search.extracts import extract
from hub.search.whoosh_index import POINTER, WhooshIndex
from hub.store import Session, Store
from hub.store.captures import CaptureRow
from hub.store.items import (
    ItemIdentifierRow,
    ItemRow,
    ItemVersionRow,
    RedactionRow,
    TagRow,
)
from hub.store.mentions import MentionRow


def make_doc(slug: str, title: str, text: str = "", **facts: object) -> Doc:
    defaults = {"url": f"https://example.org/{slug}", "date": date(2026, 1, 1), "state": "approuve"}
    return Doc(id=slug, title=title, text=text, **(defaults | facts))  # type: ignore[arg-type]


DOCS = (
    make_doc(
        "eco",
        "Arrêté portant cahier des charges des éco-organismes",
        "L’agrément ESUS (article L. 3332-17-1 du code du travail) et la rénovation des œuvres.",
        date=date(2026, 3, 1),
        dispositifs=("REP",),
        secteurs=("BAT", "EC"),
        metiers=("conducteur-travaux",),
        filieres=("PMCB",),
        public=True,
    ),
    make_doc(
        "bio",
        "Tri des biodéchets",
        "La loi n° 2020-105 et la collecte séparée.",
        date=date(2026, 2, 1),
        dispositifs=("AGEC", "BIODECHETS"),
        secteurs=("EC",),
        state="a_relire",
    ),
    make_doc("ppe", "Énergie : la feuille de route", "Des objectifs pour le tri.", date=None),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def index(folder: Path) -> SearchIndex:
    """Every engine is to pass these same tests."""
    index = WhooshIndex(folder)
    index.rebuild(DOCS)
    return index


def found(index: SearchIndex, text: str) -> set[str]:
    return {hit.id for hit in index.search(parse_query(text)).hits}


# --- Words as people type them -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("éco-organisme", {"eco"}),
        ("eco organismes", {"eco"}),
        ("ÉCO-ORGANISMES", {"eco"}),
        ("l'agrément", {"eco"}),
        ("l’agrement", {"eco"}),
        ("agréments esus", {"eco"}),
        ("oeuvre", {"eco"}),
        ("rénovations œuvres", {"eco"}),
        ("bio-déchets", {"bio"}),
        ("biodechet", {"bio"}),
        ("3332-17-1", {"eco"}),
        ("L3332-17-1", {"eco"}),
        ("article L. 3332-17-1", {"eco"}),
        ("2020-105", {"bio"}),
        ("tri", {"bio", "ppe"}),
        ("tri objectifs", {"ppe"}),
        ("tri absent", set()),
        ('"cahier des charges"', {"eco"}),
        ("« charges cahier »", set()),
        ("“tri des biodéchets”", {"bio"}),
        ("tri -collecte", {"ppe"}),
        ('tri -"feuille de route"', {"bio"}),
        ("-tri", {"eco"}),
    ],
)
def test_words(index: SearchIndex, text: str, ids: set[str]) -> None:
    assert found(index, text) == ids


@pytest.mark.parametrize(
    "text",
    [
        '"',
        '"tri',
        "titre:rep",
        "(foo AND",
        "*",
        "tri~2",
        "a:b:c",
        "\\",
        "l'",
        "[tri TO zoo]",
        "^",
        "?",
    ],
)
def test_what_people_type_cannot_break_it(index: SearchIndex, text: str) -> None:
    page = index.search(parse_query(text))
    assert page.total >= 0
    assert "eco" in {hit.id for hit in index.search(Query()).hits}


def test_parse_query_reads_quotes_and_minus() -> None:
    query = parse_query("loi “économie circulaire” -plastique -« usage unique » bon-marché")
    assert query.words == ("loi", "bon-marché")
    assert query.phrases == ("économie circulaire",)
    assert query.excluded == ("plastique", "usage unique")
    assert parse_query(' "  " -  ') == Query()


# --- Filters, facets, order ----------------------------------------------------------------------


def test_filters_accept_one_value_of_each_field(index: SearchIndex) -> None:
    def ids(**filters: tuple[str, ...]) -> set[str]:
        return {hit.id for hit in index.search(Query(filters=filters)).hits}

    assert ids(secteurs=("EC",)) == {"eco", "bio"}
    assert ids(dispositifs=("REP", "AGEC")) == {"eco", "bio"}
    assert ids(secteurs=("EC",), dispositifs=("AGEC",)) == {"bio"}
    assert ids(metiers=("conducteur-travaux",), filieres=("PMCB",)) == {"eco"}
    assert ids(state=("a_relire",)) == {"bio"}
    assert ids(metiers=()) == {"eco", "bio", "ppe"}


def test_dates_and_publication(index: SearchIndex) -> None:
    since = Query(date_from=date(2026, 2, 15))
    between = Query(date_from=date(2026, 1, 1), date_to=date(2026, 2, 28))
    assert {hit.id for hit in index.search(since).hits} == {"eco"}
    assert {hit.id for hit in index.search(between).hits} == {"bio"}
    assert {hit.id for hit in index.search(Query(public_only=True)).hits} == {"eco"}


def test_facets_count_all_that_matches_not_only_the_page(index: SearchIndex) -> None:
    page = index.search(Query(size=1))
    assert (len(page.hits), page.total) == (1, 3)
    assert page.facets["secteurs"] == {"EC": 2, "BAT": 1}
    assert list(page.facets["secteurs"]) == ["EC", "BAT"]
    assert index.search(parse_query("agrément")).facets["dispositifs"] == {"REP": 1}


def test_order_and_pages(index: SearchIndex) -> None:
    newest = index.search(Query(sort="date")).hits
    assert [hit.id for hit in newest] == ["eco", "bio", "ppe"]
    assert [hit.id for hit in index.search(Query(sort="date", size=2, page=2)).hits] == ["ppe"]
    assert index.search(Query(page=9)).hits == ()
    by_title, by_text = index.search(parse_query("tri")).hits
    assert (by_title.id, by_text.id) == ("bio", "ppe")
    assert by_title.score > by_text.score


def test_a_hit_says_what_the_command_line_prints(index: SearchIndex) -> None:
    (hit,) = index.search(parse_query("agrément")).hits
    assert hit.to_json() == {
        "id": "eco",
        "title": "Arrêté portant cahier des charges des éco-organismes",
        "url": "https://example.org/eco",
        "date": "2026-03-01",
        "score": hit.score,
        "extract": hit.extract,
        "metiers": ["conducteur-travaux"],
        "dispositifs": ["REP"],
        "secteurs": ["BAT", "EC"],
    }
    assert [hit.extract[a:b] for a, b in hit.marks] == ["agrément"]
    (undated,) = index.search(parse_query("objectifs")).hits
    assert undated.to_json()["date"] is None


def test_suggestions_keep_their_accents(index: SearchIndex) -> None:
    assert index.suggest("bio") == ["biodéchets"]
    assert index.suggest("ENER") == ["énergie"]
    assert index.suggest("zz") == index.suggest(" ") == []


# --- Writing -------------------------------------------------------------------------------------


def test_upsert_replaces_and_delete_forgets(index: SearchIndex) -> None:
    index.upsert([make_doc("eco", "Tout autre chose"), make_doc("new", "Décret tertiaire")])
    assert found(index, "agrément") == set()
    assert found(index, "tertiaire") == {"new"}
    index.delete(["eco", "inconnu"])
    assert found(index, "chose") == set()
    assert index.stats().documents == 3


def test_rebuild_holds_exactly_what_it_was_given(index: SearchIndex) -> None:
    assert index.rebuild(DOCS[:1]) == 1
    assert {hit.id for hit in index.search(Query()).hits} == {"eco"}


def test_a_rebuild_that_fails_leaves_the_old_index(index: SearchIndex, folder: Path) -> None:
    def docs() -> Iterator[Doc]:
        yield DOCS[0]
        raise OSError("the database went away")

    before = sorted(path.name for path in folder.glob("g-*"))
    with pytest.raises(OSError, match="went away"):
        index.rebuild(docs())
    assert sorted(path.name for path in folder.glob("g-*")) == before
    assert index.search(Query()).total == 3


def test_old_generations_do_not_pile_up(index: SearchIndex, folder: Path) -> None:
    for _ in range(4):
        index.rebuild(DOCS)
    assert len(list(folder.glob("g-*"))) == 2


def test_an_index_never_built_is_empty(folder: Path) -> None:
    index = WhooshIndex(folder, repair=lambda: DOCS)
    assert index.search(Query()).total == 0
    assert index.suggest("bio") == []
    assert not index.stats().is_built
    index.upsert([make_doc("first", "Premier")])
    assert index.stats().documents == 1


torn = pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
"""Whoosh leaves a file open when it cannot read it."""


def _tear(folder: Path) -> None:
    """Cut every file of the current generation short, as a full disk would."""
    for path in (folder / (folder / POINTER).read_text()).iterdir():
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


@torn
def test_a_torn_index_is_built_again(index: SearchIndex, folder: Path) -> None:
    _tear(folder)
    healed = WhooshIndex(folder, repair=lambda: DOCS)
    assert healed.search(Query()).total == 3
    assert WhooshIndex(folder).search(Query()).total == 3
    gc.collect()


@torn
def test_a_torn_index_without_repair_is_empty_until_rebuilt(
    index: SearchIndex, folder: Path
) -> None:
    _tear(folder)
    bare = WhooshIndex(folder)
    assert bare.search(Query()).total == 0
    assert not bare.stats().is_built
    bare.rebuild(DOCS)
    assert bare.search(Query()).total == 3
    gc.collect()


def test_reading_goes_on_while_another_rebuilds(folder: Path) -> None:
    writer, reader = WhooshIndex(folder), WhooshIndex(folder)
    writer.rebuild(DOCS)
    totals: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            totals.append(reader.search(parse_query("tri")).total)

    thread = threading.Thread(target=read)
    thread.start()
    for _ in range(8):
        writer.rebuild(DOCS)
    done.set()
    thread.join()
    assert totals
    assert set(totals) == {2}


# --- Extracts ------------------------------------------------------------------------------------


def test_an_extract_surrounds_the_words_and_is_cut_between_words() -> None:
    text = "avant " * 400 + "la rénovation énergétique\n\ndes logements " + "après " * 400
    shown, marks = extract(text, {"renov"})
    assert [shown[a:b] for a, b in marks] == ["rénovation"]
    assert shown.startswith("… avant")
    assert shown.endswith("après …")
    assert "\n" not in shown
    assert len(shown) < 260


def test_an_extract_without_the_words_is_the_beginning() -> None:
    assert extract("Un texte court.", {"absent"}) == ("Un texte court.", ())
    assert extract("", ()) == ("", ())


# --- Items ---------------------------------------------------------------------------------------

WHEN = datetime(2026, 9, 7, 4, 40, tzinfo=UTC)


def _add_item(session: Session, slug: str, state: ItemState) -> ItemRow:
    capture = CaptureRow(
        source_id="jorf", url=f"https://example.org/{slug}", fetched_at=WHEN, status=200,
        headers={}, sha256="0" * 64, size=0,
    )  # fmt: skip
    session.add(capture)
    session.flush()
    mention = MentionRow(
        source_id="jorf", key=slug, url="", title="", summary="", text="", published_on=None,
        signed_on=None, nature="", rubrique="", identifiers=[], extra={}, content_hash=slug,
        seen_at=WHEN, capture_id=capture.id,
    )  # fmt: skip
    session.add(mention)
    session.flush()
    item = ItemRow(
        slug=slug, state=state, title="Décret n° 2026-822", url=f"https://example.org/{slug}",
        nature="decret", source_id="jorf", published_on=date(2026, 8, 26), signed_on=None,
        created_at=WHEN, changed_at=WHEN, public_at=None, comparable_title="",
        versions=[
            ItemVersionRow(
                number=1, title="Décret n° 2026-822", summary="Prime de transition énergétique.",
                text="Publics concernés : ménages.", rubrique="", content_hash="h",
                mention_id=mention.id, seen_at=WHEN,
            )
        ],
        identifiers=[ItemIdentifierRow(scheme=Scheme.NOR, value=f"LOGL26{capture.id:05d}D")],
        tags=[
            TagRow(kind=TermKind.DISPOSITIF, term="MAPRIMERENOV", origin=Origin.RULE, score=0.9,
                   evidence=[]),
            TagRow(kind=TermKind.METIER, term="electricien", origin=Origin.RULE, score=0.5,
                   evidence=[], removed=True),
        ],
    )  # fmt: skip
    session.add(item)
    session.flush()
    return item


def test_a_document_puts_the_editors_words_first(store: Store) -> None:
    with store.write() as session:
        item = _add_item(session, "decret-2026-822", ItemState.APPROVED)
        item.redaction = RedactionRow(
            titre="La prime change", ce_qui_change="Les fenêtres sortent.", pour_qui="Artisans",
            a_faire=["Relire ses devis"], niveau=Niveau.AIDE, applicable_le=None, echeances=[],
        )  # fmt: skip
        doc = to_doc(item)
    assert doc.id == "decret-2026-822"
    assert doc.title == "La prime change"
    assert doc.text.startswith("Les fenêtres sortent.\n\nArtisans\n\nRelire ses devis")
    assert "Décret n° 2026-822" in doc.text
    assert "LOGL26" in doc.text
    assert (doc.dispositifs, doc.metiers) == (("MAPRIMERENOV",), ())
    assert (doc.date, doc.public) == (date(2026, 8, 26), True)


def test_only_relevant_items_are_indexed(store: Store, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    index = open_index(settings)
    with store.write() as session:
        for state in ItemState:
            _add_item(session, state.value.replace("_", "-"), state)
    with store.read() as session:
        assert index_items(session, index) == 4
    assert {hit.id for hit in index.search(parse_query("prime")).hits} == {
        "a-relire", "plus-tard", "approuve", "rejete",
    }  # fmt: skip
    assert [h.id for h in index.search(Query(public_only=True)).hits] == ["approuve"]


@torn
def test_the_index_of_an_installation_heals_from_its_database(store: Store, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with store.write() as session:
        _add_item(session, "un", ItemState.TO_REVIEW)
    with store.read() as session:
        index_items(session, open_index(settings))
    _tear(settings.index)
    assert open_index(settings).search(parse_query("prime")).total == 1
    gc.collect()
