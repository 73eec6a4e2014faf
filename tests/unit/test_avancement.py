from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from hub.legal.avancement import Avancement, Certainty, Doubt, Stage, Step, timeline, to_json
from hub.legal.entries import CODE_CIVIL, find_entries
from hub.legal.hearings import find_window
from hub.legal.links import find_links
from hub.legal.stages import stage_of, step_of_link, steps_of
from hub.legal.timing import Context
from hub.model import Evidence, Mention, Precision, TextField

PUBLISHED = date(2026, 8, 26)
TODAY = date(2026, 9, 7)


def mention(title: str, **facts: object) -> Mention:
    return replace(Mention("presse", title, "https://exemple.fr/a", title), **facts)  # type: ignore[arg-type]


def gazette(title: str, text: str = "", **facts: object) -> Mention:
    official = {"nature": "DECRET", "published_on": PUBLISHED, "text": text, "source_id": "jorf"}
    return mention(title, **(official | facts))


def step(stage: Stage, on: date | None = None, **facts: object) -> Step:
    evidence = Evidence("essai")
    return replace(Step(stage, "jorf", "https://exemple.fr", evidence, on), **facts)  # type: ignore[arg-type]


def stand(*steps: Step, today: date = TODAY) -> Avancement:
    return timeline(steps, today)


# --- What a mention tells ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "stage"),
    [
        ("Projet de décret relatif aux déchets verts des jardins", Stage.PROJET),
        ("Proposition de loi visant à réparer les toits", Stage.PROJET),
        ("Déchets verts : le projet de décret est en consultation publique", Stage.CONSULTATION),
        ("Un projet d’arrêté soumis à la consultation du public", Stage.CONSULTATION),
        (
            (
                "Délibération n° 2026-12 de la Commission de régulation de l'énergie du 3 mars "
                "2026 portant avis sur le projet de décret relatif aux toits"
            ),
            Stage.AVIS,
        ),
        ("Le CNEN rend un avis défavorable", Stage.AVIS),
        ("Le CNEN rend son avis sur les déchets", Stage.AVIS),
        ("La loi sur les toits est définitivement adoptée", Stage.ADOPTE),
        ("Déchets verts : le décret est enfin paru", Stage.PUBLIE),
        ("Publication au Journal officiel du décret relatif aux toits", Stage.PUBLIE),
        ("Le Conseil d’État annule le décret sur les toits", Stage.ANNULE),
        ("Arrêté sur les toits annulé par le Conseil d'État", Stage.ANNULE),
        ("Décision du Conseil d'État du 3 mars 2026 (rejet d'un recours)", Stage.CONFIRME),
        ("L’arrêté du 3 mars 2020 est abrogé", Stage.ABROGE),
        ("Le décret du 3 mars 2020 a été modifié par le décret du 4 avril 2026", Stage.MODIFIE),
        ("Publication prochaine du décret sur les toits ?", None),
        ("Des artisans demandent l’annulation du décret sur les toits", None),
        ("Vers une annulation du décret sur les toits", None),
        ("Bien trier ses déchets : le guide", None),
        ("Avis de vacance d'un emploi de chef de service", None),
        ("Marché annulé pour raison d'intérêt général", None),
    ],
)
def test_the_stage_is_in_the_words_of_the_title(title: str, stage: Stage | None) -> None:
    found = stage_of(mention(title))
    assert (found.stage if found else None) is stage
    if found:
        evidence = found.evidence
        assert evidence.words == title[evidence.start : evidence.end] != ""


def test_the_day_the_press_speaks_is_not_the_day_it_happened() -> None:
    told = mention("Déchets verts : le décret est paru", published_on=PUBLISHED)
    found = stage_of(told)
    assert found is not None
    assert (found.on, found.told_on, found.certainty) == (None, PUBLISHED, Certainty.TO_CHECK)
    dated = stage_of(mention("Décret sur les toits paru au Journal officiel du 26 août 2026"))
    assert dated is not None
    assert dated.on == PUBLISHED


def test_a_consultation_has_its_last_day() -> None:
    page = mention(
        "Décret portant simplification des toits",
        nature="CONSULTATION",
        published_on=date(2026, 8, 3),
        extra={"deadline": "2026-09-23"},
    )
    found = stage_of(page)
    assert found is not None
    assert (found.stage, found.on, found.until) == (
        Stage.CONSULTATION,
        date(2026, 8, 3),
        date(2026, 9, 23),
    )
    assert found.certainty is Certainty.CERTAIN
    heard = stage_of(
        mention(
            "Toits : vers un report",
            summary="Projet de décret en consultation jusqu'au 4 décembre.",
            published_on=date(2026, 11, 20),
        )
    )
    assert heard is not None
    assert (heard.stage, heard.until) == (Stage.CONSULTATION, date(2026, 12, 4))


@pytest.mark.parametrize(
    ("words", "told_on", "window"),
    [
        ("Observations du 10 juin au 4 juillet 2024.", None, ((2024, 6, 10), (2024, 7, 4))),
        ("du 26/08/2025 au 23/09/2025", None, ((2025, 8, 26), (2025, 9, 23))),
        ("Ouverte jusqu’au mardi 16 janvier 2024.", None, (None, (2024, 1, 16))),
        ("Ouvert jusqu'au 10 août", date(2025, 7, 20), (None, (2025, 8, 10))),
        ("Ouvert jusqu'au 10 août", None, (None, None)),
        ("Ouvert jusqu'au 10 août", date(2025, 9, 20), (None, None)),
        ("du 15 décembre 2022 au 12 janvier 2023", None, ((2022, 12, 15), (2023, 1, 12))),
        ("Le décret du 3 mars 2020 reste.", None, (None, None)),
        ("jusqu'au 31 février 2026", None, (None, None)),
    ],
)
def test_the_days_of_a_consultation(
    words: str,
    told_on: date | None,
    window: tuple[tuple[int, int, int] | None, tuple[int, int, int] | None],
) -> None:
    first, last = (date(*day) if day else None for day in window)
    assert find_window(words, told_on) == (first, last)


def test_a_gazette_gives_publication_signature_and_entry() -> None:
    text = "Article 1\n\nLes toits sont verts.\n\nArticle 2\n\nLe ministre est chargé de ceci."
    told = gazette("Décret n° 2026-822 du 25 août 2026 relatif aux toits", text)
    found = {s.stage: s for s in steps_of(told, is_gazette=True)}
    assert found[Stage.PUBLIE].on == PUBLISHED
    assert found[Stage.ADOPTE].on == date(2026, 8, 25)
    entry = found[Stage.EN_VIGUEUR]
    assert (entry.on, entry.certainty) == (date(2026, 8, 27), Certainty.DEDUCED)
    assert entry.evidence == Evidence(CODE_CIVIL)


@pytest.mark.parametrize("lack", [{"text": ""}, {"is_partial": True}, {"published_on": None}])
def test_nothing_is_deduced_of_a_text_that_is_not_whole(lack: dict[str, object]) -> None:
    told = replace(gazette("Décret n° 2026-822 du 25 août 2026", "Article 1\n\nToits."), **lack)  # type: ignore[arg-type]
    assert Stage.EN_VIGUEUR not in {s.stage for s in steps_of(told, is_gazette=True)}


def test_nor_of_an_act_about_persons() -> None:
    told = gazette("Arrêté du 25 août 2026 portant nomination", "Article 1\n\nEst nommée Ada.")
    assert [s.stage for s in steps_of(told, is_gazette=True)] == [Stage.PUBLIE, Stage.ADOPTE]


def test_nor_when_another_than_a_gazette_tells_it() -> None:
    told = gazette("Décret n° 2026-822 du 25 août 2026", "Article 1\n\nToits.")
    assert Stage.EN_VIGUEUR not in {s.stage for s in steps_of(told)}


def test_a_judgment_in_the_gazette_is_no_publication_of_the_act() -> None:
    told = gazette(
        "Le Conseil d'État annule partiellement le décret n° 2020-1 du 2 janvier 2020",
        nature="DECISION",
    )
    found = stage_of(told, is_gazette=True)
    assert found is not None
    assert (found.stage, found.part) == (Stage.ANNULE, "partiellement")


# --- Entry into force --------------------------------------------------------------------------

CONTEXT = Context("DECRET", "Décret n° 2026-822 du 25 août 2026", PUBLISHED, date(2026, 8, 25))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            (
                "Le présent décret entre en vigueur le 1er janvier 2027, à l'exception de l'"
                "article 3, qui entre en vigueur le 1er juillet 2028."
            ),
            [("", date(2027, 1, 1)), ("article 3", date(2028, 7, 1))],
        ),
        (
            "À l'exception de l'article 3, le présent décret entre en vigueur le 1er mars 2027.",
            [("", date(2027, 3, 1))],
        ),
        (
            (
                "Les dispositions des articles 3 et 4 du présent décret entrent en vigueur le "
                "1er janvier 2027."
            ),
            [("articles 3 et 4", date(2027, 1, 1)), ("", date(2026, 8, 27))],
        ),
        (
            (
                "Le présent décret, pris pour l'application de l'article 72 de la loi n° 2020-105 "
                "du 10 février 2020, entre en vigueur le 1er mars 2027."
            ),
            [("", date(2027, 3, 1))],
        ),
        (
            (
                "Les articles R. 543-290 à R. 543-292 du code de l'environnement entrent en "
                "vigueur le 1er janvier 2027."
            ),
            [("articles R. 543-290 à R. 543-292", date(2027, 1, 1)), ("", date(2026, 8, 27))],
        ),
        (
            "Entrée en vigueur : le texte entre en vigueur le lendemain de sa publication.",
            [("", date(2026, 8, 27))],
        ),
        ("Le présent arrêté entre en vigueur à une date fixée par décret.", [("", None)]),
        (
            "Article 1\n\n« L'article 9 entre en vigueur le 3 mars 2030. »\n\nArticle 2\n\nFin.",
            [("", date(2026, 8, 27))],
        ),
        (
            (
                "L'arrêté du 3 mars 2020 est abrogé à compter de l'entrée en vigueur du présent "
                "arrêté. Le présent arrêté entre en vigueur le 1er avril 2027."
            ),
            [("", date(2027, 4, 1))],
        ),
    ],
)
def test_the_text_says_when_it_applies(text: str, expected: list[tuple[str, date | None]]) -> None:
    found = find_entries(text, CONTEXT, is_whole=True)
    assert [(entry.part, entry.on) for entry in found] == expected
    for entry in found:
        assert entry.words == text[entry.start : entry.end]
        assert entry.is_deduced is not bool(entry.words)


# --- Timeline ----------------------------------------------------------------------------------


def test_a_life_from_draft_to_judgment() -> None:
    steps = [
        step(Stage.PROJET),
        step(Stage.CONSULTATION, date(2025, 3, 1), until=date(2025, 3, 22)),
        step(Stage.AVIS, date(2025, 4, 2)),
        step(Stage.ADOPTE, date(2025, 6, 1)),
        step(Stage.PUBLIE, date(2025, 6, 3)),
        step(Stage.EN_VIGUEUR, date(2025, 6, 4)),
        step(Stage.MODIFIE, date(2026, 2, 1)),
        step(Stage.ANNULE, date(2026, 8, 30)),
    ]
    found = stand(*reversed(steps))
    assert [m.stage for m in found.milestones] == [s.stage for s in steps]
    assert (found.current, found.since) == (Stage.ANNULE, date(2026, 8, 30))
    days = [date(2025, 3, 10), date(2025, 6, 2), date(2025, 6, 3), date(2025, 6, 4), TODAY]
    lived = [timeline(steps[:7], day).current for day in days]
    assert lived == [
        Stage.CONSULTATION, Stage.ADOPTE, Stage.DIFFERE, Stage.EN_VIGUEUR, Stage.MODIFIE,
    ]  # fmt: skip


def test_what_is_ahead_is_told_as_ahead() -> None:
    found = stand(
        step(Stage.PUBLIE, PUBLISHED),
        step(Stage.EN_VIGUEUR, date(2027, 1, 1)),
        step(Stage.EN_VIGUEUR, date(2028, 7, 1), part="article 3"),
    )
    assert (found.current, found.since) == (Stage.DIFFERE, PUBLISHED)
    assert [m.part for m in found.coming] == ["", "article 3"]
    assert found.next_day == date(2027, 1, 1)
    later = timeline([s for m in found.milestones for s in m.steps], date(2027, 6, 1))
    assert (later.current, later.since) == (Stage.EN_VIGUEUR_PARTIE, date(2027, 1, 1))


def test_a_month_is_over_before_it_is_past() -> None:
    entry = step(Stage.EN_VIGUEUR, date(2026, 9, 1), precision=Precision.MONTH)
    assert stand(step(Stage.PUBLIE, PUBLISHED), entry).current is Stage.DIFFERE
    assert stand(entry, today=date(2026, 9, 30)).current is Stage.EN_VIGUEUR


def test_an_entry_left_to_another_text_is_deferred_without_a_day() -> None:
    found = stand(step(Stage.PUBLIE, PUBLISHED), step(Stage.DIFFERE))
    assert (found.current, found.next_day) == (Stage.DIFFERE, None)
    known = stand(step(Stage.DIFFERE), step(Stage.EN_VIGUEUR, date(2026, 9, 1)))
    assert known.current is Stage.EN_VIGUEUR


def test_a_partial_end_is_not_the_end() -> None:
    found = stand(
        step(Stage.EN_VIGUEUR, PUBLISHED), step(Stage.ANNULE, date(2026, 9, 1), part="partielle")
    )
    assert found.current is Stage.EN_VIGUEUR
    assert stand(step(Stage.ABROGE, date(2026, 10, 1)), step(Stage.PUBLIE, PUBLISHED)).current is (
        Stage.PUBLIE
    )


def test_those_who_tell_the_same_are_gathered() -> None:
    steps = [
        step(Stage.PUBLIE, PUBLISHED),
        step(Stage.PUBLIE, None, source_id="presse", certainty=Certainty.TO_CHECK),
        step(Stage.PUBLIE, date(2026, 8, 1), precision=Precision.MONTH, source_id="aida"),
    ]
    (milestone,) = stand(*steps).milestones
    assert (milestone.on, milestone.precision, len(milestone.steps)) == (
        PUBLISHED,
        Precision.DAY,
        3,
    )
    assert stand(*steps).contradictions == ()


def test_contradictions_are_told() -> None:
    found = stand(
        step(Stage.PUBLIE, PUBLISHED),
        step(Stage.PUBLIE, date(2026, 8, 28), source_id="aida", certainty=Certainty.TO_CHECK),
        step(Stage.CONSULTATION, date(2026, 8, 1), until=date(2026, 9, 20)),
        step(Stage.ABROGE, date(2026, 1, 1)),
    )
    assert [(c.doubt, [m.on for m in c.milestones]) for c in found.contradictions] == [
        (Doubt.DATES, [PUBLISHED, date(2026, 8, 28)]),
        (Doubt.BEFORE_PUBLICATION, [PUBLISHED, date(2026, 1, 1)]),
        (Doubt.LATE_CONSULTATION, [date(2026, 8, 1), PUBLISHED]),
    ]


def test_what_has_no_date_stands_where_life_wants_it() -> None:
    found = stand(
        step(Stage.AVIS), step(Stage.PUBLIE, PUBLISHED), step(Stage.CONSULTATION, date(2026, 1, 5))
    )
    assert [m.stage for m in found.milestones] == [Stage.CONSULTATION, Stage.AVIS, Stage.PUBLIE]


def test_nothing_told_stands_nowhere() -> None:
    assert (stand().current, stand().milestones) == (None, ())
    assert to_json(stand())["current"] is None


def test_a_link_is_a_step_of_its_target() -> None:
    told = gazette(
        "Décret n° 2026-822 du 25 août 2026 modifiant le décret n° 2020-26 du 14 janvier 2020"
    )
    (link,) = find_links(told.title, "")
    found = step_of_link(link, told, PUBLISHED)
    assert found is not None
    assert (found.stage, found.on, found.evidence.field) == (
        Stage.MODIFIE,
        PUBLISHED,
        TextField.TITLE,
    )
    assert found.evidence.words == told.title[found.evidence.start : found.evidence.end]
