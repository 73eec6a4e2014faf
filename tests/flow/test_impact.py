"""What rests on a text that moved: kept, found again, closed by a person, asked by a command."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from hub.cli import cli
from hub.impact import (
    Rereads,
    find_article,
    find_rereads,
    find_resting,
    note_rereading,
    read_fiches,
)
from hub.law import read_law
from hub.legal.impact import BaseKind, MoveKind, Touched
from hub.legal.normset import Relation
from hub.model import Action, Decision, Identifier, ItemState, Mention, Scheme, Source, SourceKind
from hub.referentiel import Referentiel, load_referentiel
from hub.store import Store
from hub.store.decisions import add_decision
from hub.store.items import ItemRow, find_item
from hub.store.law import LawMoveRow, RereadingRow, add_rereading, list_moves
from tests.builders import NOW, add_item, make_item, make_mention, make_redaction
from tests.flow.test_law import JOURNAL, NEW, OLD, make_decret

LEGI = replace(JOURNAL, id="legi", options={"fonds": "LEGI"})
PARTNER = replace(JOURNAL, id="partenaire", kind=SourceKind.FEED, official=False, options={})
SOURCES: tuple[Source, ...] = (JOURNAL, LEGI, PARTNER)
METIER = """---
type: metier
id: couturier
titre: Couturier
---

## En bref

1. **Triez** (décret n° 2021-950 du 16 juillet 2021). Rien d’autre ici.
2. Le registre suit l’article R. 543-4 du code de l’environnement.

{{ changements }}
"""
PEMD = """---
type: dispositif
id: PEMD
titre: Diagnostic PEMD
---

Rien n’est cité ici.

{{ changements }}
"""
PLACE = "metiers/couturier.md"
BEFORE = NOW - timedelta(days=30)


@pytest.fixture(scope="module")
def referentiel() -> Referentiel:
    return load_referentiel()


@pytest.fixture
def fiches(tmp_path: Path) -> Path:
    folder = tmp_path / "fiches"
    for name, text in ((PLACE, METIER), ("dispositifs/pemd.md", PEMD)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def find(any_store: Store, fiches: Path, referentiel: Referentiel) -> Any:
    """What must be read again, from what the store and the files hold now."""

    def find(store: Store = any_store) -> tuple[Touched, ...]:
        read_law(store, SOURCES)
        with store.read() as session:
            return find_rereads(session, read_fiches(fiches), referentiel)

    return find


def make_article(number: str, **extra: Any) -> Mention:
    facts = {
        "version": "LEGIARTI000043812345",
        "etat": "VIGUEUR",
        "date_debut": "2026-10-01",
        "modified_by": [{"jorftext": "JORFTEXT000054245439", "typelien": "MODIFIE"}],
    }
    return replace(
        make_mention(
            f"Code de l’environnement, article {number}",
            source_id="legi",
            key="LEGIARTI000006834445",
            nature="ARTICLE",
            published_on=None,
        ),
        extra=facts | extra,
    )


def places(found: Sequence[Touched]) -> list[tuple[str, int, MoveKind]]:
    return [(one.base.place, one.base.line, one.move.kind) for one in found]


def test_a_fiche_and_an_item_rest_on_a_text_that_moves(any_store: Store, find: Any) -> None:
    old = make_item(any_store, make_decret(OLD, "2021-950", date(2021, 7, 18)), now=BEFORE)
    assert find() == ()
    teller = make_item(any_store, make_decret(NEW, "2026-700", date(2026, 8, 4)))
    found = find()
    assert places(found) == [(PLACE, 9, MoveKind.MODIFIE), (old, 0, MoveKind.MODIFIE)]
    assert {one.base.kind for one in found} == {BaseKind.FICHE, BaseKind.ITEM}
    assert all(one.move.told_by == teller for one in found)
    assert found[0].move.on == date(2026, 8, 5)
    assert find() == found


def test_what_the_term_of_a_fiche_rests_on_counts_too(any_store: Store, find: Any) -> None:
    title = "Décret n° 2026-701 du 3 août 2026 modifiant le décret n° 2021-821 du 25 juin 2021"
    make_item(any_store, make_decret(title, "2026-701", date(2026, 8, 4)))
    assert places(find()) == [("dispositifs/pemd.md", 0, MoveKind.MODIFIE)]


def test_an_article_told_by_its_text_and_by_its_version_is_one_change(
    any_store: Store, find: Any
) -> None:
    title = "Décret n° 2026-496 du 12 juin 2026 relatif au registre"
    text = "Article 1\n\nL'article R. 543-4 du code de l'environnement est abrogé."
    decret = make_decret(title, "2026-496", date(2026, 6, 13))
    identifiers = (*decret.identifiers, Identifier(Scheme.JORFTEXT, "JORFTEXT000054245439"))
    make_item(any_store, replace(decret, text=text, identifiers=identifiers))
    article = make_article("R. 543-4", etat="ABROGE", date_fin="2026-10-01")
    slug = make_item(any_store, article)
    found = find()
    assert places(found) == [(PLACE, 10, MoveKind.ABROGE)]
    assert (found[0].move.on, found[0].move.told_by) == (date(2026, 10, 1), slug)


def test_the_gravest_comes_first(any_store: Store, find: Any) -> None:
    make_item(any_store, make_decret(NEW, "2026-700", date(2026, 8, 4)))
    assert places(find())[0] == (PLACE, 9, MoveKind.MODIFIE)
    make_item(any_store, make_article("R. 543-4", etat="ABROGE"))
    assert places(find()) == [(PLACE, 10, MoveKind.ABROGE), (PLACE, 9, MoveKind.MODIFIE)]


@pytest.mark.parametrize(
    ("mention", "state"),
    [
        (make_decret(NEW, "2026-700", date(2026, 8, 4)), ItemState.REJECTED),
        (make_decret(NEW, "2026-700", date(2026, 8, 4)), ItemState.NOISE),
        (make_decret(NEW, "2023-700", date(2023, 8, 4)), ItemState.APPROVED),
        (make_mention(NEW, source_id="jo"), ItemState.APPROVED),
        (make_mention(f"Projet de {NEW}", source_id="jo"), ItemState.APPROVED),
        (
            replace(make_decret(NEW, "2026-700", date(2026, 8, 4)), source_id="partenaire"),
            ItemState.APPROVED,
        ),
        (make_article("R. 543-4", date_debut="2022-01-01"), ItemState.APPROVED),
    ],
    ids=["rejected", "noise", "archive", "no text", "draft", "partner", "old version"],
)
def test_what_moves_nothing(
    any_store: Store, find: Any, mention: Mention, state: ItemState
) -> None:
    make_item(any_store, mention, state=state)
    with any_store.read() as session:
        asked = session.scalars(select(ItemRow.id)).all()
    read_law(any_store, SOURCES, asked)
    assert find() == ()


def test_what_cites_the_moving_text_knows_of_it(any_store: Store, find: Any, fiches: Path) -> None:
    make_item(any_store, make_decret(NEW, "2026-700", date(2026, 8, 4)))
    knowing = METIER.replace("16 juillet 2021)", "16 juillet 2021, décret n° 2026-700)")
    (fiches / PLACE).write_text(knowing, encoding="utf-8")
    assert find() == ()


def test_another_name_of_the_text_is_found(any_store: Store, find: Any, fiches: Path) -> None:
    """The fiche names the text by its JORFTEXT, the text that moves it by its number."""
    old = make_decret(OLD, "2021-950", date(2021, 7, 18))
    name = Identifier(Scheme.JORFTEXT, "JORFTEXT000043812345")
    make_item(
        any_store, replace(old, identifiers=(*old.identifiers, name)), state=ItemState.REJECTED
    )
    link = "[Triez](https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000043812345)"
    (fiches / PLACE).write_text(METIER.replace("**Triez**", link), encoding="utf-8")
    make_item(any_store, make_decret(NEW, "2026-700", date(2026, 8, 4)))
    assert places(find()) == [(PLACE, 9, MoveKind.MODIFIE)]
    assert name.value in find()[0].move.norms


def test_a_person_closes_a_passage_until_the_next_move(any_store: Store, find: Any) -> None:
    make_item(any_store, make_decret(NEW, "2026-700", date(2026, 8, 4)))
    found = find()
    later = NOW + timedelta(days=1)
    with any_store.write() as session:
        assert not note_rereading(session, found, PLACE, "fiche:autre", "Ada", later)
        assert note_rereading(session, found, PLACE, found[0].base.key, "Ada", later)
    assert find() == ()
    with any_store.read() as session:
        (row,) = session.scalars(select(RereadingRow))
    assert (row.by, row.at, row.until) == ("Ada", later, NOW)
    title = NEW.replace("2026-700", "2026-800")
    make_item(
        any_store, make_decret(title, "2026-800", date(2026, 9, 8)), now=NOW + timedelta(hours=1)
    )
    found = [one for one in find() if one.base.place == PLACE]
    assert places(found) == [(PLACE, 9, MoveKind.MODIFIE)]
    assert "2026-800" in found[0].move.told_by


def test_an_item_is_read_when_it_is_approved(any_store: Store, find: Any) -> None:
    old = make_item(any_store, make_decret(OLD, "2021-950", date(2021, 7, 18)), now=BEFORE)
    make_item(any_store, make_decret(NEW, "2026-700", date(2026, 8, 4)))
    assert old in {one.base.place for one in find()}
    with any_store.write() as session:
        item = find_item(session, old)
        assert item is not None
        for at in (BEFORE, NOW):
            add_decision(session, item.id, 1, Decision(Action.APPROVE, "Ada", at))
    assert old not in {one.base.place for one in find()}


def test_a_whole_place_is_closed_at_once(any_store: Store, find: Any) -> None:
    make_item(any_store, make_decret(NEW, "2026-700", date(2026, 8, 4)))
    make_item(any_store, make_article("R. 543-4"))
    assert len(find()) == 2
    with any_store.write() as session:
        add_rereading(session, PLACE, "", "Ada", NOW, NOW)
    assert find() == ()


def test_the_day_of_a_fiche_closes_what_was_known_before(
    any_store: Store, find: Any, fiches: Path
) -> None:
    make_item(any_store, make_decret(NEW, "2026-700", date(2026, 8, 4)))
    for day, count in (("2026-09-06", 1), ("2026-09-07", 1), ("2026-09-08", 0)):
        read_on = METIER.replace("titre: Couturier", f"titre: Couturier\nrelu_le: {day}")
        (fiches / PLACE).write_text(read_on, encoding="utf-8")
        assert len(find()) == count


def test_a_correction_moves_nothing_again(any_store: Store, find: Any) -> None:
    first = make_decret(NEW, "2026-700", date(2026, 8, 4))
    second = replace(first, text=f"{first.text}\n\nArticle 2\n\nUne coquille en moins.")
    with any_store.write() as session:
        item = add_item(session, [first, second], version=2)
        item.versions[0].seen_at = NOW - timedelta(days=9)
    assert find()[0].move.seen_at == NOW - timedelta(days=9)


def test_reading_twice_keeps_one_of_each(any_store: Store, find: Any) -> None:
    make_item(any_store, make_decret(NEW, "2026-700", date(2026, 8, 4)))
    found = find()
    with any_store.write() as session:
        session.execute(LawMoveRow.__table__.update().values(words="?"))  # type: ignore[attr-defined]
    assert read_law(any_store, SOURCES) == 0
    with any_store.read() as session:
        assert session.scalar(select(func.count()).select_from(LawMoveRow)) == 1
        (move,) = list_moves(session)
    assert replace(move, words=found[0].move.words, norms=found[0].move.norms) == replace(
        found[0].move, by=move.by
    )


def test_the_prose_of_an_item_rests_on_what_it_cites(any_store: Store, find: Any) -> None:
    redaction = make_redaction(ce_qui_change="Le tri suit le décret n° 2021-950.")
    mention = make_mention("Une note du ministère", source_id="jo")
    slug = make_item(any_store, mention, redaction=redaction, now=BEFORE)
    make_item(any_store, make_decret(NEW, "2026-700", date(2026, 8, 4)))
    assert (slug, 0, MoveKind.MODIFIE) in places(find())


def test_a_fiche_that_cannot_be_read_stops_nothing(
    any_store: Store, find: Any, fiches: Path
) -> None:
    (fiches / "metiers" / "faux.md").write_bytes(b"\xff\xfe")
    (fiches / "metiers" / "sans.md").write_text("Le décret n° 2021-950 s’applique.", "utf-8")
    make_item(any_store, make_decret(NEW, "2026-700", date(2026, 8, 4)))
    assert [place for place, _, _ in places(find())] == [PLACE, "metiers/sans.md"]


def test_it_is_worked_out_again_only_when_something_changed(
    store: Store, fiches: Path, referentiel: Referentiel
) -> None:
    rereads = Rereads(fiches, referentiel)

    def find() -> tuple[Touched, ...]:
        with store.read() as session:
            return rereads.find(session)

    assert find() == ()
    slug = make_item(store, make_decret(NEW, "2026-700", date(2026, 8, 4)))
    read_law(store, SOURCES)
    found = find()
    assert len(found) == 1
    assert find() is found
    (fiches / PLACE).write_text(METIER.replace("2021-950", "2021-951"), encoding="utf-8")
    assert find() == ()
    (fiches / PLACE).write_text(METIER, encoding="utf-8")
    assert find() == found
    with store.write() as session:
        item = find_item(session, slug)
        assert item is not None
        item.state = ItemState.REJECTED
    assert find() == ()


# --- What rests on one text ----------------------------------------------------------------------


def test_what_rests_on_one_text(store: Store, fiches: Path, referentiel: Referentiel) -> None:
    with store.read() as session:
        files = read_fiches(fiches)
        article = find_resting(session, files, referentiel, ["ART:environnement/R543-4"])
        decret = find_resting(session, files, referentiel, ["DEC:2021-821"])
    assert [(base.line, relation) for base, relation in article] == [(10, Relation.SAME)]
    assert [(base.place, base.line) for base, _ in decret] == [("dispositifs/pemd.md", 0)]


@pytest.mark.parametrize(
    ("written", "norm"),
    [
        ("environnement/R543-290-3", "ART:environnement/R543-290-3"),
        ("Environnement/R. 543-290-3", "ART:environnement/R543-290-3"),
        ("construction et habitation/L126-34", "ART:construction-et-de-l-habitation/L126-34"),
        ("environnement/543", ""),
        ("nulle-part/R1", ""),
        ("R543-290-3", ""),
    ],
)
def test_an_article_as_it_is_asked(written: str, norm: str) -> None:
    assert find_article(written) == norm


# --- The command ---------------------------------------------------------------------------------


class Program:
    def __init__(self, data: Path) -> None:
        self.data = data

    def __call__(self, *arguments: str) -> Any:
        return CliRunner().invoke(cli, ["--data", str(self.data), "law", "impact", *arguments])

    def json(self, *arguments: str) -> dict[str, Any]:
        result = self(*arguments, "--json")
        assert result.exit_code == 0, result.output
        report: dict[str, Any] = json.loads(result.stdout)
        return report


@pytest.fixture
def program(store: Store, tmp_path: Path, fiches: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.setenv("HUB_DATABASE", str(store.url))
    monkeypatch.setenv("HUB_FICHES", str(fiches))
    return Program(tmp_path / "data")


def test_the_command_lists_what_must_be_read_again(store: Store, program: Program) -> None:
    assert program.json() == {"rereads": []}
    assert "nothing to read again" in program().output
    mention = replace(make_decret(NEW, "2026-700", date(2026, 8, 4)), source_id="jorfsimple")
    slug = make_item(store, mention)
    (one,) = program.json()["rereads"]
    assert (one["kind"], one["place"], one["line"]) == ("fiche", PLACE, 9)
    assert (one["move"], one["told_by"], one["is_certain"]) == ("modifie", slug, True)
    assert "décret n° 2021-950" in one["says"]
    told = program().output
    assert f"{PLACE}:9: **Triez**" in told
    assert slug in told
    assert program.json()["rereads"] == [one]


def test_the_command_tells_what_rests_on_one_text(program: Program) -> None:
    (one,) = program.json("environnement/R543-4")["resting"]
    assert (one["place"], one["line"], one["relation"]) == (PLACE, 10, "meme")
    assert program.json("decret-2021-950")["norms"] == ["DEC:2021-950"]
    assert f"{PLACE}:9" in program("decret-2021-950").output
    assert "nothing rests on it" in program("decret-2019-1").output
    assert program("n'importe quoi").exit_code == 2
    absent = program("LEGIARTI000043812345")
    assert absent.exit_code == 1
    assert "LEGIARTI000043812345" in absent.stderr
