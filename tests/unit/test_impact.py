from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hub.config import ROOT
from hub.legal.impact import (
    Base,
    BaseKind,
    Move,
    MoveKind,
    Reading,
    bases_of,
    impact,
    item_base,
    move_of_article,
    moves_of_text,
    read_fiche_bases,
    to_reread,
)
from hub.legal.normset import Relation, identity_of, norms_of_identifiers, relate
from hub.model import Identifier, Mention, Scheme

SEEN = datetime(2026, 9, 7, 4, 40, tzinfo=UTC)
FICHE = """---
type: dispositif
titre: "Règle : décret n° 2019-1 du 3 mars 2019"
---

## En bref

1. **Triez** (décret n° 2021-950 du 16 juillet 2021). Rien d’autre à faire ici.
2. Rien ici non plus.

{{ changements }}

| Qui | Règle |
|---|---|
| Vous | Les articles R. 543-1 à R. 543-9 du code de l’environnement. |
| Eux | L’article L. 541-2 du même code. |

> Nous trions. Nous tenons le registre (arrêté du 31 mai 2021).

- [Décret](https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000043294613), registre
"""


def move(*norms: str, **facts: object) -> Move:
    return replace(Move(frozenset(norms), MoveKind.MODIFIE, SEEN), **facts)  # type: ignore[arg-type]


def base(*norms: str, **facts: object) -> Base:
    return replace(
        Base(BaseKind.FICHE, "metiers/a.md", "Triez.", frozenset(norms), 3),
        **facts,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("moved", "rests", "relation"),
    [
        ("DEC:2021-950", "DEC:2021-950@2021-07-16", Relation.SAME),
        ("DEC:2021-950", "DEC:2021-951@2021-07-16", None),
        ("DEC:2021-950", "LOI:2021-950", None),
        ("ART:environnement/R543-4", "ART:environnement/R543-1..R543-9", Relation.IN_RANGE),
        ("ART:environnement/R543-9-2", "ART:environnement/R543-1..R543-9", None),
        ("ART:environnement/R543-4-2", "ART:environnement/R543-1..R543-9", Relation.IN_RANGE),
        ("ART:environnement/R543-10", "ART:environnement/R543-1..R543-9", None),
        ("ART:environnement/L543-4", "ART:environnement/R543-1..R543-9", None),
        ("ART:travail/R543-4", "ART:environnement/R543-1..R543-9", None),
        (
            "ART:environnement/R543-8..R543-20",
            "ART:environnement/R543-1..R543-9",
            Relation.IN_RANGE,
        ),
        ("ART:environnement/L541-10", "ART:environnement/L541-10-1", None),
        ("ART:environnement/L541-10", "ART:environnement/L541-10", Relation.SAME),
        ("ART:?/L541-10", "ART:?/L541-10", None),
        ("ART:?/L541-10", "ART:environnement/L541-10", None),
        ("LEGITEXT000006074220", "ART:environnement/L541-10", Relation.CODE),
        ("LEGITEXT000006074220", "ART:énergie/L314-1", None),
        ("ARR@2021-05-31", "ARR@2021-05-31", Relation.SAME_DAY),
        ("LOI@1976-07-19", "LOI@1976-07-19", Relation.SAME_DAY),
        ("NOR:TREP2118454D", "NOR:TREP2118454D", Relation.SAME),
    ],
)
def test_what_moved_bears_on_what_is_cited(
    moved: str, rests: str, relation: Relation | None
) -> None:
    assert relate(moved, rests) is relation
    assert relate(rests, moved) is relation


def test_norms_of_a_text() -> None:
    identifiers = (
        Identifier(Scheme.NOR, "TREP2118454D"),
        Identifier(Scheme.JORFTEXT, "JORFTEXT000043294613"),
        Identifier(Scheme.NUMERO, "decret-2021-1941"),
        Identifier(Scheme.ELI, "/eli/decret/2021/12/31/TREP2118454D/jo/texte"),
        Identifier(Scheme.BOAMP, "26-81222"),
    )
    assert norms_of_identifiers(identifiers) == {
        "NOR:TREP2118454D",
        "JORFTEXT000043294613",
        "DEC:2021-1941",
        "ELI:decret/2021/12/31/TREP2118454D/jo/texte",
    }
    assert identity_of("ARR@2021-05-31") == "ARR@2021-05-31"


def test_the_bases_of_a_fiche() -> None:
    found = read_fiche_bases(FICHE, "metiers/a.md")
    assert [(b.kind, b.line, sorted(b.norms)) for b in found] == [
        (BaseKind.FICHE, 8, ["DEC:2021-950@2021-07-16"]),
        (BaseKind.FICHE, 15, ["ART:environnement/R543-1..R543-9"]),
        (BaseKind.FICHE, 16, ["ART:environnement/L541-2"]),
        (BaseKind.PARAGRAPHE, 18, ["ARR@2021-05-31"]),
        (BaseKind.FICHE, 20, ["JORFTEXT000043294613"]),
    ]
    lines = FICHE.split("\n")
    for one in found:
        assert one.words == FICHE[one.start : one.end]
        assert one.words in lines[one.line - 1]
    assert found[0].words == "**Triez** (décret n° 2021-950 du 16 juillet 2021)."
    assert found[3].words.startswith("Nous trions.")


def test_every_fiche_of_the_repository_can_be_read() -> None:
    fiches = sorted((ROOT / "fiches_synthese").rglob("*.md"))
    bases = [
        found
        for file in fiches
        for found in read_fiche_bases(file.read_text(encoding="utf-8"), file.name)
    ]
    assert len({b.place for b in bases}) > len(fiches) // 2
    assert {BaseKind.FICHE, BaseKind.PARAGRAPHE} == {b.kind for b in bases}


def test_an_unnamed_code_is_no_base() -> None:
    assert bases_of("L’article L. 314-1 le dit.") == frozenset()
    assert bases_of("L’article L. 314-1 du code de l’énergie.") == {"ART:énergie/L314-1"}


def test_what_a_move_touches_and_why() -> None:
    bases = (*read_fiche_bases(FICHE, "metiers/a.md"), base("DEC:2000-1"))
    (touched,) = impact([move("ART:environnement/R543-4")], bases)
    assert (touched.base.line, touched.relation) == (15, Relation.IN_RANGE)
    assert (touched.moved, touched.cited) == (
        "ART:environnement/R543-4",
        "ART:environnement/R543-1..R543-9",
    )
    everything = impact([move("LEGITEXT000006074220", "ARR@2021-05-31")], bases)
    assert [(t.base.line, t.relation.is_certain) for t in everything] == [
        (15, True),
        (16, True),
        (18, False),
    ]


def test_the_strongest_relation_is_told_once() -> None:
    rests = base("ARR@2021-05-31", "JORFTEXT000043884563")
    (touched,) = impact([move("ARR@2021-05-31", "JORFTEXT000043884563")], [rests, rests])
    assert touched.relation is Relation.SAME


def test_the_item_that_tells_the_change_is_not_touched_by_it() -> None:
    law = {"LOI:2026-602", "JORFTEXT000054399113"}
    moved = move("ART:environnement/L541-10", by=frozenset({"LOI:2026-602@2026-07-08"}))
    texts = ["La loi change l’article L. 541-10 du code de l’environnement."]
    teller = item_base("loi-textile", texts, law)
    other = item_base("autre", texts)
    assert teller is not None
    assert other is not None
    assert [t.base.place for t in impact([moved], [teller, other])] == ["autre"]
    assert item_base("rien", ["Une actualité."]) is None


def test_a_reading_closes_until_the_next_move() -> None:
    rests = base("DEC:2021-950")
    first, second = move("DEC:2021-950"), move("DEC:2021-950", seen_at=SEEN + timedelta(days=9))
    touched = impact([first, second], [rests])
    assert len(to_reread(touched, [])) == 2
    between = Reading(rests.place, SEEN + timedelta(days=1), "Ada", rests.key)
    assert [t.move for t in to_reread(touched, [between])] == [second]
    before = replace(between, at=SEEN - timedelta(days=1))
    assert len(to_reread(touched, [before, replace(between, place="metiers/b.md")])) == 2
    assert to_reread(touched, [replace(between, key="", at=SEEN + timedelta(days=10))]) == ()


def test_a_passage_is_known_wherever_it_stands_and_not_once_rewritten() -> None:
    rests = base("DEC:2021-950")
    assert replace(rests, line=90, start=4, end=9).key == rests.key
    assert replace(rests, words="Triez tout.").key != rests.key
    done = Reading(rests.place, SEEN, "Ada", rests.key)
    moved = impact([move("DEC:2021-950")], [replace(rests, words="Triez tout.")])
    assert to_reread(moved, [done]) == moved


def test_the_moves_of_a_text() -> None:
    told = Mention(
        source_id="jorf",
        key="JORFTEXT000054245439",
        url="https://exemple.fr/jo",
        title="Décret n° 2026-496 du 12 juin 2026 modifiant le décret n° 2025-748 du 1er août 2025",
        text="Article 1\n\nL'article R. 543-4 du code de l'environnement est abrogé.",
        identifiers=(Identifier(Scheme.JORFTEXT, "JORFTEXT000054245439"),),
    )
    moves = moves_of_text(told, SEEN)
    assert {(m.kind, *m.norms) for m in moves} == {
        (MoveKind.MODIFIE, "DEC:2025-748@2025-08-01"),
        (MoveKind.ABROGE, "ART:environnement/R543-4"),
    }
    assert all(m.by == {"DEC:2026-496@2026-06-12", "JORFTEXT000054245439"} for m in moves)
    assert all(m.words for m in moves)


def test_the_move_of_an_article() -> None:
    told = Mention(
        source_id="legi",
        key="LEGIARTI000006834445",
        url="https://exemple.fr/legi",
        title="Code de l’environnement, article R. 543-4",
        extra={
            "etat": "ABROGE",
            "version": "LEGIARTI000043812345",
            "date_debut": "2026-10-01",
            "modified_by": [{"jorftext": "JORFTEXT000054245439", "typelien": "ABROGE"}],
        },
    )
    found = move_of_article(told, SEEN)
    assert found is not None
    assert found.norms == {
        "ART:environnement/R543-4",
        "LEGIARTI000006834445",
        "LEGIARTI000043812345",
    }
    assert (found.kind, found.on, found.by) == (
        MoveKind.ABROGE,
        date(2026, 10, 1),
        frozenset({"JORFTEXT000054245439"}),
    )
    assert move_of_article(replace(told, title="Code de l’environnement"), SEEN) is None
