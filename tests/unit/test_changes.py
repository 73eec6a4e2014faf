"""Change detection, habit by habit of French public pages, and the diff that people read."""

from __future__ import annotations

import random
import time

import pytest

from hub.changes import (
    FOLDED,
    Op,
    Segment,
    diff_words,
    fingerprint,
    from_json,
    headline,
    is_same,
    meaning,
    to_json,
)


@pytest.mark.parametrize(
    "line",
    [
        "Mis à jour le 19 avril 2026 - 13868 consultations",
        "Mis à jour le 1er mars 2026",
        "Publié le 12/03/2026",
        "Publiée le lundi 7 septembre 2026 à 10h30",
        "PUBLIÉ LE 7 SEPTEMBRE 2026",
        "Publié le 3 mars 2026, mis à jour le 4 avril 2026",
        "Publié le 3 mars 2026 et modifié le 4 avril 2026",
        "Publié il y a 3 jours",
        "Dernière modification : 2026-03-03",
        "Date de dernière mise à jour : mars 2026",
        "Page mise à jour le 03.03.2026",
        "Vérifié le 1er janvier 2026 - Direction de l'information légale (Première ministre)",
        "(mis à jour le 3 mars 2026)",
        "13\u202f868 vues",
        "Nombre de consultations : 12",
        "3 commentaires | 12 partages",
        "Lu 1 234 fois",
        "Temps de lecture : 4 minutes",
        "Partager : https://example.org/a?x=1",
        "Partager sur Facebook",
        "Partager la page",
        "Partager sur X (nouvelle fenêtre)",
        "Envoyer par courriel",
        "Copier le lien",
        "Imprimer",
        "Suivez-nous sur LinkedIn et Mastodon",
        "Accueil > Particuliers > Travail - Formation",
        "Vous êtes ici : Accueil › Aides › Prime à la rénovation 2026",
        "Accueil » Actualités",
        "Accueil / Aides / Recherche",
        "Professionnels > Environnement > Déchets du bâtiment",
        "Menu | Démarches | Fiches | Actualités",
        "Actualités · Contact · Presse",
        "Aller au contenu",
        "Passer au contenu principal",
        "Haut de page",
        "Retour en haut de page",
        "Tout accepter",
        "Gérer les cookies",
        "Ce site utilise des cookies pour mesurer son audience.",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "9f86d081884c7d659a2feaa0c55ad015",
        "• Partager sur LinkedIn",
        "---",
        "\u00a0\u200b",
    ],
)
def test_what_dresses_a_page_does_not_count(line: str) -> None:
    assert meaning(line) == ()
    assert is_same("L'aide est versée.", f"L'aide est versée.\n{line}")


@pytest.mark.parametrize(
    "line",
    [
        "Publié au Journal officiel le 3 mars 2026, le décret entre en vigueur demain.",
        "Modifié le 3 mars 2026 par décret n° 2026-12",
        "Version en vigueur depuis le 1er janvier 2027",
        "Date limite : 3 mars 2026",
        "Entrée en vigueur le 3 mars 2026",
        "Dépôt des dossiers jusqu'au 12/03/2026",
        "2 visites",
        "12 jours",
        "3 avis",
        "Partager les locaux entre 2 entreprises",
        "Partage de la valeur : prime de 3 000 €",
        "Prime | 500 €",
        "Obligatoire | Oui",
        "Déchets | Bois | Plâtre",
        "Devis → Travaux → Versement de l'aide",
        "Accueil | 12 places | 25 €",
        "Chiffre d'affaires > 10 M€",
        "Effectif > 50 salariés > 2 ans",
        "Les cookies nécessitent un consentement.",
        "Un menu végétarien est obligatoire une fois par semaine.",
        "Imprimer la facture est obligatoire",
        "JORFTEXT000054750363",
        "Plan-Climat-Air-Energie-2027-2032",
        "19°C au plus",
        "V. Hugo",
        "2.500 € par an",
        "2. 500 € par an",
        "https://example.org/page?id=3",
    ],
)
def test_when_in_doubt_it_counts(line: str) -> None:
    assert meaning(line) != ()
    assert not is_same("L'aide est versée.", f"L'aide est versée.\n{line}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("- un dossier ;\n- une facture.", "1. une facture ;\n2. un dossier."),
        ("• un dossier", "▪un dossier"),
        ("a) un dossier", "3° un dossier"),
        ("- 2 factures", "4. 2 factures"),
        ("II. - Le silence vaut accord", "III.-Le silence vaut accord"),
        ("L'aide est de 1 801,80 €", "L’aide est de 1\u202f801,80\u00a0€"),
        ("80 % du coût", "80% du coût"),
        ("À savoir :", "À SAVOIR"),
        ("« par geste »", '"par geste"'),
        ("2026–2027 — bilan", "2026-2027 - bilan"),
        ("la 1re année, 10 m²", "la 1ʳᵉ année, 10 m2"),
        ("œuvre eﬃcace", "oeuvre efficace"),
        ("l'envi\u00adronnement", "l'environnement"),
        ("voir https://e.fr/a?utm_source=x&id=2#haut", "voir https://e.fr/a?id=2"),
        ("voir https://e.fr/a?id=2&phpsessid=9a8b", "voir https://e.fr/a?id=2"),
        ("et ainsi de suite...", "et ainsi de suite…"),
        ("le 1er mars 2027", "le 1ᵉʳ\u00a0mars\u00a02027"),
        ("un\r\n\r\ndeux", "deux\n\n\nun"),
    ],
)
def test_two_writings_of_one_meaning(one: str, other: str) -> None:
    assert sorted(meaning(one)) == sorted(meaning(other))
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("une aide de 100 €", "une aide de 1000 €"),
        ("une baisse de -5 %", "une baisse de 5 %"),
        ("10² unités", "102 unités"),
        ("il doit déclarer", "il ne doit pas déclarer"),
        ("la ou le salarié", "là où le salarié"),
        ("entre 22h et 6h", "entre 21h et 6h"),
        ("article L. 541-10", "article L. 541-1"),
        ("un délai d'un mois", "un délai de deux mois"),
        ("voir https://e.fr/a?id=2", "voir https://e.fr/a?id=3"),
        ("oui\noui", "oui"),
        ("est-ce dû ?", "est-ce dû"),
    ],
)
def test_two_meanings(one: str, other: str) -> None:
    assert not is_same(one, other)
    assert fingerprint(one) != fingerprint(other)
    assert diff_words(one, other)


def marked(before: str, after: str) -> str:
    signs = {Op.EGAL: "{}", Op.AJOUT: "[+{}+]", Op.RETRAIT: "[-{}-]"}
    pieces = (signs[s.op].format(s.text) for s in diff_words(before, after))
    return "".join(pieces).replace("\u00a0", " ").replace("\n\n", " / ").replace(" /", "/")


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        (
            "Le délai est de 6 mois.",
            "Le délai est de 9 mois.",
            "Le délai est de [-6 -][+9 +]mois.",
        ),
        (
            "Soit 1 801,80 € par an",
            "Soit 1 823,03 € par an",
            "Soit [-1 801,80 € -][+1 823,03 € +]par an",
        ),
        (
            "Avant le 31 décembre 2026.",
            "Avant le 31 mars 2027.",
            "Avant le [-31 décembre 2026 -][+31 mars 2027+].",
        ),
        (
            "réduite d'un an ou de deux ans",
            "réduite de six ou de sept ans",
            "réduite [-d’un an ou de deux -][+de six ou de sept +]ans",
        ),
        ("Un\nDeux\nTrois", "Un\nDeux\nQuatre\nTrois", "[…]/ [+Quatre/ +][…]"),
        ("Un\nDeux\nTrois", "Trois\nUn", "[…]/ [-Deux-]"),
        ("Un\nDeux", "Deux\nUn", ""),
    ],
)
def test_the_diff_reads_well(before: str, after: str, shown: str) -> None:
    assert marked(before, after) == shown


def test_a_moved_paragraph_that_changed_is_shown_where_it_now_is() -> None:
    before = "La prime est de 50 euros par appareil réparé.\nQui y a droit\nComment demander"
    after = "Qui y a droit\nComment demander\nLa prime est de 60 euros par appareil réparé."
    assert marked(before, after) == "[…]/ La prime est de [-50 -][+60 +]euros par appareil réparé."


def test_long_unchanged_passages_are_folded() -> None:
    long = " ".join(f"mot{'s' * (n % 7)}" for n in range(200))
    before, after = f"{long} six mois {long}.", f"{long} neuf mois {long}."
    text = "".join(segment.text for segment in diff_words(before, after))
    assert text.startswith(FOLDED)
    assert text.endswith(FOLDED)
    assert len(text.split()) < 100
    whole = "".join(segment.text for segment in diff_words(before, after, whole=True))
    assert FOLDED not in whole


@pytest.mark.parametrize(
    ("before", "after", "title"),
    [
        (
            "L'aide est due. Elle est de 50 €. Elle est versée.",
            "L'aide est due. Elle est de 60 €. Elle est versée.",
            "Elle est de 60 €.",
        ),
        ("Un\nDeux trois", "Un", "Deux trois"),
        ("Un\nDeux trois", "Un\nQuatre", "Quatre"),
        (
            "Selon l'art. L. 541-1, le délai est de 2 mois. Il court.",
            "Selon l'art. L. 541-1, le délai est de 3 mois. Il court.",
            "Selon l’art. L. 541-1, le délai est de 3 mois.",
        ),
        ("Un", "Un", ""),
    ],
)
def test_the_headline_is_the_sentence_that_changed(before: str, after: str, title: str) -> None:
    assert headline(diff_words(before, after)).replace("\u00a0", " ") == title


def test_segments_are_stored_and_read_back() -> None:
    segments = diff_words("Six mois.", "Neuf mois.")
    assert to_json(segments)[0] == ["retrait", "Six "]
    assert from_json(to_json(segments)) == segments
    assert headline([Segment(Op.RETRAIT, "Deux.\n\nTrois.")]) == "Deux."


WORDS = (
    "le",
    "la",
    "de",
    "un",
    "des",
    "aide",
    "délai",
    "prime",
    "12",
    "45,50",
    "€",
    "doit",
    "peut",
)


def paragraphs(seed: int) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(rng.choices(WORDS, k=40)) + "." for _ in range(480)]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n".join(paragraphs(1)), "\n".join([*paragraphs(1)[:200], "Un ajout", *paragraphs(1)])),
        ("\n".join(paragraphs(1)), "\n".join(paragraphs(2))),
        (" ".join(paragraphs(1)), " ".join(paragraphs(2))),
        ("a " * 50_000, "b a " * 25_000),
        ("http://a" + ")" * 99_000 + "b", "accueil > " * 10_000),
        ("1 " * 50_000, "(" * 100_000),
    ],
    ids=["added", "rewritten", "one-paragraph", "repeated", "link", "marks"],
)
def test_long_texts_take_no_time(before: str, after: str) -> None:
    started = time.process_time()
    assert diff_words(before, after)
    assert time.process_time() - started < 2  # a tenth of it on a quiet machine; never a minute
