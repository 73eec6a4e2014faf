"""Échéances: fixed dates and what counts as one, in sentences of our own."""

from __future__ import annotations

from datetime import date, time

import pytest

from hub.legal.echeances import find_echeances, to_echeance
from hub.legal.timing import Bound, Context, Found, Role
from hub.model import Precision

NOTHING_KNOWN = Context()
DECREE = Context("DECRET", published_on=date(2026, 2, 12), signed_on=date(2026, 2, 10))


def one(text: str, context: Context = NOTHING_KNOWN) -> Found:
    found = find_echeances(text, context)
    assert len(found) == 1, found
    return found[0]


def dates(text: str, context: Context = NOTHING_KNOWN) -> list[str]:
    return [str(found.date) for found in find_echeances(text, context)]


@pytest.mark.parametrize(
    ("words", "day", "precision"),
    [
        ("du 1er janvier 2027", date(2027, 1, 1), Precision.DAY),
        ("du 1ᵉʳ janvier 2027", date(2027, 1, 1), Precision.DAY),
        ("du lundi 4 janvier 2027", date(2027, 1, 4), Precision.DAY),
        ("du 01/02/2027", date(2027, 2, 1), Precision.DAY),
        ("du 01.02.2027", date(2027, 2, 1), Precision.DAY),
        ("du 2027-02-01", date(2027, 2, 1), Precision.DAY),
        ("du 1er sept. 2027", date(2027, 9, 1), Precision.DAY),
        ("de mars 2027", date(2027, 3, 1), Precision.MONTH),
        ("de mi-mars 2027", date(2027, 3, 1), Precision.MONTH),
        ("du deuxième trimestre 2027", date(2027, 4, 1), Precision.QUARTER),
        ("du T3 2027", date(2027, 7, 1), Precision.QUARTER),
        ("du second semestre 2027", date(2027, 7, 1), Precision.MONTH),
        ("de 2027", date(2027, 1, 1), Precision.YEAR),
        ("de l'année 2027", date(2027, 1, 1), Precision.YEAR),
        ("de fin 2027", date(2027, 1, 1), Precision.YEAR),
    ],
)
def test_shapes_of_dates(words: str, day: date, precision: Precision) -> None:
    found = one(f"Le nouveau barème s'applique à compter {words}.")
    assert (found.date, found.precision) == (day, precision)
    assert found.words in words


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("Le registre est tenu à jour à compter du 3 mai 2027.", Bound.FROM),
        ("Le registre est tenu à jour dès le 3 mai 2027.", Bound.FROM),
        ("Le bilan est remis au plus tard le 3 mai 2027.", Bound.BY),
        ("Le bilan doit être remis d'ici le 3 mai 2027.", Bound.BY),
        ("L'exploitant remet le bilan avant le 3 mai 2027.", Bound.BEFORE),
        ("La dérogation vaut jusqu'au 3 mai 2027.", Bound.UNTIL),
        ("Le présent texte entre en vigueur le 3 mai 2027.", Bound.ON),
        ("Date limite de remise des offres : 3 mai 2027", Bound.BY),
    ],
)
def test_bounds_are_certain(text: str, bound: Bound) -> None:
    found = one(text)
    assert (found.date, found.bound, found.is_certain) == (date(2027, 5, 3), bound, True)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Cette règle s'applique à compter du 3 mai 2027.", Role.ENTREE_EN_VIGUEUR),
        ("Le tri est obligatoire à compter du 3 mai 2027.", Role.OBLIGATION),
        ("La déclaration est transmise au plus tard le 3 mai 2027.", Role.DEPOT),
        ("Les candidatures peuvent être envoyées à partir du 3 mai 2027.", Role.OUVERTURE),
        ("L'aide est versée jusqu'au 3 mai 2027.", Role.FIN),
        ("L'article 4 est abrogé à compter du 3 mai 2027.", Role.ABROGATION),
        ("À titre transitoire, l'ancien modèle vaut jusqu'au 3 mai 2027.", Role.TRANSITION),
    ],
)
def test_roles(text: str, role: Role) -> None:
    assert one(text).role is role


@pytest.mark.parametrize(
    "text",
    [
        "Vu le décret n° 2019-123 du 4 mars 2019 relatif aux composteurs ;",
        "L'arrêté du 4 mars 2019, modifié par l'arrêté du 5 avril 2020, est complété.",
        "Délibération n° 2026-12 du 4 mars 2026",
        "Publié le 4 mars 2026, mis à jour le 5 avril 2026.",
        "Au 31 décembre 2024, le parc comptait 12 000 logements.",
        "En 2024, 350 ateliers ont reçu une aide.",
        "La maison doit avoir été construite avant le 1er janvier 1990.",
        "Le rapport couvre la période du 1er janvier au 31 décembre 2025.",
        "Le salon se tient à Marseille du 3 au 5 mars 2026.",
        "La réunion d'information aura lieu le 12 mars 2026.",
        "Dans sa rédaction en vigueur au 1er janvier 2022, l'article L. 111-1 dispose :",
        "La commune a fait connaître son choix avant le 4 mars 2019.",
        "Le taux était de 12 % en 2021.",
        "Il faut 2030 kWh, 2 000 m² et 2027 euros à partir de 2027 m².",
        "Ces dispositions s'appliquent à compter du 31 février 2027.",
        "Ces dispositions s'appliquent à compter du 1er janvier 2999.",
        "Article L. 14-10-10 du code",
    ],
)
def test_what_is_no_echeance(text: str) -> None:
    assert find_echeances(text, NOTHING_KNOWN) == ()


def test_postponement_gives_the_later_date_only() -> None:
    assert dates("L'échéance est reportée du 1er mars 2026 au 1er mars 2028.") == ["2028-03-01"]
    replaced = "Les mots : « 1er mars 2026 » sont remplacés par les mots : « 1er mars 2028 »."
    assert dates(replaced) == ["2028-03-01"]
    assert dates(
        "Le bilan, d'abord exigé pour le 3 mai 2026, l'est au plus tard le 3 mai 2027."
    ) == ["2027-05-03"]


def test_sizes_have_their_own_date() -> None:
    found = find_echeances(
        "L'obligation s'applique au 1er mars 2027 aux ateliers de plus de 50 salariés, "
        "au 1er mars 2028 pour les autres.",
        NOTHING_KNOWN,
    )
    assert [(str(one.date), one.applies_to) for one in found] == [
        ("2027-03-01", "aux ateliers de plus de 50 salariés"),
        ("2028-03-01", "pour les autres"),
    ]


def test_windows_have_two_ends() -> None:
    opening, closing = find_echeances(
        "La consultation du public est ouverte du 2 au 23 octobre 2026 inclus.", NOTHING_KNOWN
    )
    assert (opening.date, opening.role) == (date(2026, 10, 2), Role.OUVERTURE)
    assert (closing.date, closing.role) == (date(2026, 10, 23), Role.FIN)
    assert (opening.words, closing.words) == ("2", "23 octobre 2026")


def test_condition_beside_the_date_of_the_rule_is_left_out() -> None:
    text = (
        "Pour les ateliers déclarés avant le 1er juin 2015, l'article 4 est applicable "
        "à compter du 1er juin 2027."
    )
    assert dates(text) == ["2027-06-01"]


def test_condition_alone_is_never_certain_when_it_looks_back() -> None:
    found = one("Les conventions signées avant le 3 mai 2027 restent soumises à l'article 4.")
    assert (found.role, found.is_certain) == (Role.TRANSITION, False)


def test_verb_in_the_present_is_no_condition() -> None:
    assert one("L'exploitant déclare avant le 3 mai 2027 ses émissions.").rule == "avant"
    looked_at = find_echeances("Un atelier déclaré avant le 3 mai 2027 est exempté.", NOTHING_KNOWN)
    assert looked_at == ()


def test_projects_are_not_certain() -> None:
    text = "Le projet de décret prévoit une entrée en vigueur le 3 mai 2027."
    assert not one(text).is_certain


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("Date limite de réponse le 03/05/2027 à 16h00", time(16)),
        ("Remise des plis : lundi 3 mai 2027, 12 h 30 (heure de Paris)", time(12, 30)),
        ("Déposez votre dossier avant midi, au plus tard le 3 mai 2027 à midi.", time(12)),
        ("Dossier à envoyer avant 17 h le 3 mai 2027 au plus tard le 3 mai 2027", time(17)),
        ("<RECEPT_OFFRES>2027-05-03T12:00:00+01:00</RECEPT_OFFRES>", time(12)),
        ('"datelimitereponse": "2027-05-03T09:00:00+00:00"', time(11)),
        ("Date limite de réponse le 03/05/2027", None),
    ],
)
def test_hours_are_those_of_paris(text: str, hour: time | None) -> None:
    found = find_echeances(text, Context("AVIS"))
    assert {one.date for one in found} == {date(2027, 5, 3)}
    assert found[0].time == hour


def test_fields_of_a_notice_that_bind_nobody() -> None:
    fields = '"dateparution": "2026-08-19", "datefindiffusion": "2026-09-30"'
    assert find_echeances(fields, Context("AVIS")) == ()


def test_year_from_the_context() -> None:
    text = "À partir du 1er octobre, le seuil est de 40 000 euros."
    assert find_echeances(text, NOTHING_KNOWN) == ()
    found = one(text, DECREE)
    assert (found.date, found.is_certain) == (date(2026, 10, 1), False)
    assert one("Le bilan est dû avant le 31 janvier.", DECREE).date == date(2027, 1, 31)


def test_year_from_the_date_beside_it() -> None:
    assert dates("Date limite de dépôt : le 16 mai puis le 15 octobre 2027.") == [
        "2027-05-16",
        "2027-10-15",
    ]


def test_yearly_dates_have_no_year() -> None:
    assert find_echeances("Le bilan est dû avant le 31 mars de chaque année.", DECREE) == ()


def test_label_holds_only_words_of_the_sentence() -> None:
    text = "Les I à III entrent en vigueur le 3 mai 2027."
    echeance = to_echeance(one(text))
    assert (echeance.label, echeance.sentence) == ("Entrée en vigueur : Les I à III", text)
    assert echeance.date == date(2027, 5, 3)


def test_sentences_do_not_end_at_abbreviations() -> None:
    text = "Fin. II. - L'art. L. 541-1 s'applique au 3 mai 2027. Suite."
    assert one(text).sentence == "II. - L'art. L. 541-1 s'applique au 3 mai 2027."
