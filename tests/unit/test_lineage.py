from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.legal.lineage import find_lineages, lineage_key, read_kin, same_lineage, subject_of
from hub.model import Identifier, Mention, Scheme


def mention(title: str, **facts: object) -> Mention:
    return replace(Mention("presse", title, "https://exemple.fr/a", title), **facts)  # type: ignore[arg-type]


def gazette(title: str, **facts: object) -> Mention:
    official = {"nature": "DECRET", "published_on": date(2026, 8, 26), "source_id": "jorf"}
    return mention(title, **(official | facts))


DRAFT = "Projet de décret relatif à la reprise des fenêtres usagées par les menuisiers et poseurs"
ACT = (
    "Décret n° 2026-822 du 25 août 2026 relatif à la reprise sans frais des fenêtres usagées par "
    "les menuisiers et les poseurs"
)


def test_a_draft_and_its_act_are_of_one_line() -> None:
    draft = read_kin([mention(DRAFT, published_on=date(2026, 3, 1))])
    act = read_kin([gazette(ACT)], gazettes=["jorf"])
    proof = same_lineage(draft, act)
    assert proof is not None
    assert proof == same_lineage(act, draft)
    assert (proof.rule, proof.words) == ("lignee:titre", DRAFT[proof.start : proof.end])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ACT, ACT.replace("2026-822", "2026-823")),
        (DRAFT, ACT.replace("Décret n° 2026-822", "Arrêté")),
        (DRAFT.replace("fenêtres", "10 fenêtres"), ACT),
        (
            "Projet de décret relatif à la prime",
            "Décret n° 2026-1 du 2 janvier 2026 relatif à la paye",
        ),
    ],
)
def test_a_like_title_is_not_enough(one: str, other: str) -> None:
    def kin(title: str) -> Mention:
        if title.startswith("Projet"):
            return mention(title, published_on=date(2026, 3, 1))
        return gazette(title, nature=title.split()[0])

    assert same_lineage(read_kin([kin(one)]), read_kin([kin(other)], gazettes=["jorf"])) is None


def test_a_draft_after_its_act_is_another_draft() -> None:
    draft = read_kin([mention(DRAFT, published_on=date(2026, 12, 1))])
    assert same_lineage(draft, read_kin([gazette(ACT)], gazettes=["jorf"])) is None


def test_a_draft_of_two_acts_is_joined_to_none() -> None:
    kins = [
        read_kin([mention(DRAFT, published_on=date(2026, 3, 1))]),
        read_kin([gazette(ACT)], gazettes=["jorf"]),
        read_kin([gazette(ACT.replace("822", "823"))], gazettes=["jorf"]),
    ]
    assert find_lineages(kins) == ()
    assert [pair[:2] for pair in find_lineages(kins[:2])] == [(0, 1)]


def test_identifiers_dossiers_and_acts_are_proofs() -> None:
    nor = (Identifier(Scheme.NOR, "TREP2600001D"),)
    draft = read_kin([mention("Projet de décret", identifiers=nor)], ["JORFDOLE000000000001"])
    act = read_kin([gazette(ACT, identifiers=nor)], gazettes=["jorf"])
    law = read_kin([mention("Loi sur les toits")], ["JORFDOLE000000000001"])
    judgment = read_kin(
        [mention("Le Conseil d'État annule le décret n° 2026-822 du 25 août 2026 sur les fenêtres")]
    )
    rules = [
        proof.rule if proof else ""
        for proof in (
            same_lineage(draft, act),
            same_lineage(draft, law),
            same_lineage(judgment, act),
        )
    ]
    assert rules == [
        "lignee:identifiant:NOR:TREP2600001D",
        "lignee:dossier:JORFDOLE000000000001",
        "lignee:annule",
    ]
    assert same_lineage(law, judgment) is None


def test_an_arrete_is_amended_by_its_day_and_its_subject() -> None:
    about = "relatif aux gestes des menuisiers qui posent des fenêtres anciennes"
    other = "relatif aux tarifs des taxis de la ville pendant les jours fériés"
    amending = gazette(
        f"Arrêté du 3 mars 2026 modifiant l'arrêté du 5 mai 2020 {about}", nature="ARRETE"
    )
    first, second = (
        read_kin([gazette(f"Arrêté du 5 mai 2020 {words}", nature="ARRETE")], gazettes=["jorf"])
        for words in (about, other)
    )
    kin = read_kin([amending], gazettes=["jorf"])
    proof = same_lineage(kin, first)
    assert proof is not None
    assert proof.rule == "lignee:modifie"
    assert same_lineage(kin, second) is None


def test_the_key_of_a_title() -> None:
    keys = {
        lineage_key(title)
        for title in (
            "Projet de décret relatif aux déchets verts",
            "Décret n° 2026-1 du 2 janvier 2026 relatif aux déchets verts",
            "Avis du 3 mars 2025 sur le projet de décret relatif aux déchets verts",
        )
    }
    assert keys == {"decret dechets verts"}
    assert lineage_key("Bien trier ses déchets") == ""
    assert lineage_key("Arrêté du 4 août 2021") == ""
    subject = subject_of("Projet d’arrêté fixant la liste des toits verts")
    assert subject is not None
    assert (subject.nature, subject.words) == ("arrete", "fixant la liste des toits verts")
