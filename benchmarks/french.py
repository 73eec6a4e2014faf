"""Seeded French: ordinary administrative prose, and now and then one of the hub's subjects.

The same seed gives the same words. Nothing here was published by anyone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random

from hub.text import format_date

TOWNS = (
    "Aubagne", "Arles", "Istres", "Martigues", "Salon-de-Provence", "Vitrolles", "Marignane",
    "Gardanne", "Miramas", "Tarascon", "Brest", "Lille", "Nantes", "Rennes", "Dijon", "Tulle",
    "Auch", "Colmar", "Metz", "Nevers", "Pau", "Rodez", "Saint-Lô", "Valence", "Vesoul",
)  # fmt: skip
MINISTERES = (
    "Ministère de l'intérieur",
    "Ministère de la justice",
    "Ministère des armées et des anciens combattants",
    "Ministère de l'éducation nationale",
    "Ministère du travail et des solidarités",
    "Ministère de l'économie et des finances",
    "Ministère de l'agriculture et de la souveraineté alimentaire",
    "Ministère de la transition écologique",
)
NAMES = (
    "Martin", "Bernard", "Robert", "Richard", "Durand", "Dubois", "Moreau", "Laurent", "Simon",
    "Michel", "Lefebvre", "Leroy", "Roux", "David", "Bertrand", "Morel", "Fournier", "Girard",
    "Bonnet", "Dupont", "Lambert", "Fontaine", "Rousseau", "Vincent", "Muller", "Faure", "Andre",
)  # fmt: skip
FIRST_NAMES = (
    "Claire", "Hélène", "Sophie", "Amélie", "Nadia", "Inès", "Julie", "Marc", "Karim", "Paul",
    "Étienne", "François", "Olivier", "Yann", "Thierry", "Louis", "Zoé", "Maël", "Chloé",
)  # fmt: skip

_WHO = (
    "Le conseil départemental", "La préfecture", "La commission permanente", "Le comité technique",
    "L'agence régionale", "La chambre de métiers", "Le service des publics", "La direction",
    "Le syndicat intercommunal", "L'office de tourisme", "La mission locale", "Le musée",
    "La médiathèque", "Le bureau des élections", "Le centre hospitalier", "L'université",
)  # fmt: skip
_DOES = (
    "présente", "annonce", "publie", "met en ligne", "prolonge", "réorganise", "inaugure",
    "ouvre au public", "soumet à l'avis des élus", "confirme", "précise", "reporte", "évalue",
    "rappelle", "adapte", "détaille",
)  # fmt: skip
_WHAT = (
    "le calendrier des inscriptions scolaires", "les horaires d'accueil de ses guichets",
    "le bilan annuel de la fréquentation", "un cycle de conférences sur l'histoire locale",
    "les résultats de l'enquête de satisfaction", "la liste des bureaux de vote",
    "le programme de la saison culturelle", "un guide des démarches en ligne",
    "les conditions de circulation pendant les travaux", "une campagne de prévention sanitaire",
    "les nouvelles règles de stationnement", "le concours de recrutement des adjoints",
    "une exposition de photographies anciennes", "le relevé des observations météorologiques",
    "les modalités de dépôt des dossiers", "la composition du jury d'examen",
    "un partenariat avec les clubs sportifs", "le rapport de la cour régionale",
    "l'ouverture de la pêche en rivière", "le tableau des permanences juridiques",
)  # fmt: skip
_HOW = (
    "à {town}", "pour l'ensemble des habitants de {town}", "jusqu'au {day}", "à compter du {day}",
    "après la réunion du {day}", "avec l'appui de {n} agents", "dans {n} communes",
    "pour une durée de {n} mois", "sous réserve de l'accord des partenaires",
    "conformément à la délibération du {day}", "en lien avec la ville de {town}",
    "au profit de {n} familles", "dans le respect du budget voté le {day}",
)  # fmt: skip
_OURS = (
    (
        "MaPrimeRénov' : nouveaux plafonds de ressources",
        (
            "Les plafonds de ressources de MaPrimeRénov' changent le {day} pour les rénovations "
            "d'ampleur, et l'entreprise doit être qualifiée RGE."
        ),
    ),
    (
        "Filière REP des produits et matériaux de construction du bâtiment",
        (
            "L'éco-organisme agréé de la filière de responsabilité élargie du producteur reprend "
            "sans frais les déchets du bâtiment triés à compter du {day}."
        ),
    ),
    (
        "Diagnostic PEMD avant démolition ou rénovation significative",
        (
            "Le diagnostic portant sur les produits, équipements, matériaux et déchets (PEMD) est "
            "transmis avant le {day} pour tout chantier de plus de 1 000 m²."
        ),
    ),
    (
        "Autoconsommation collective : le périmètre étendu",
        (
            "Une opération d'autoconsommation collective photovoltaïque peut réunir des points "
            "distants de {n} kilomètres à partir du {day}."
        ),
    ),
    (
        "RE2020 : seuils de l'analyse du cycle de vie",
        (
            "Les seuils d'émissions de la réglementation environnementale RE2020 s'appliquent aux "
            "permis de construire déposés après le {day}."
        ),
    ),
    (
        "Biodéchets : tri à la source des professionnels",
        (
            "Le tri à la source des biodéchets s'impose à tous les producteurs ; la collectivité "
            "propose une solution au plus tard le {day}."
        ),
    ),
    (
        "Certificats d'économies d'énergie : fiches d'opérations standardisées",
        (
            "L'arrêté modifie {n} fiches d'opérations standardisées des certificats d'économies "
            "d'énergie (CEE) pour les opérations engagées après le {day}."
        ),
    ),
)


class Writer:
    """Writes from one random generator, which the caller seeds."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def pick(self, choices: Sequence[str]) -> str:
        return self.random.choice(choices)

    def number(self, low: int = 2, high: int = 900) -> int:
        return self.random.randint(low, high)

    def day(self) -> date:
        return date(2026, 1, 1) + timedelta(days=self.random.randrange(365))

    def person(self) -> str:
        civility = self.pick(("Mme", "M."))
        return f"{civility} {self.pick(NAMES)} ({self.pick(FIRST_NAMES)})"

    def sentence(self) -> str:
        how = " ".join(self.random.sample(_HOW, self.random.randint(1, 3)))
        return self.fill(f"{self.pick(_WHO)} {self.pick(_DOES)} {self.pick(_WHAT)} {how}.")

    def title(self) -> str:
        return self.sentence().rstrip(".")

    def our_subject(self) -> tuple[str, str]:
        """The title and a sentence of one of the hub's subjects."""
        title, sentence = self.random.choice(_OURS)
        return f"{title}, {self.fill('{town}, {day}')}", self.fill(sentence)

    def sentences(self, length: int) -> Iterator[str]:
        """Sentences until they hold `length` characters."""
        while length > 0:
            sentence = self.sentence()
            length -= len(sentence) + 1
            yield sentence

    def fill(self, pattern: str) -> str:
        day = format_date(self.day()).replace("\u00a0", " ")
        return pattern.format(town=self.pick(TOWNS), day=day, n=self.number())
