"""The codes of French law: their name, its short form, and the LEGITEXT that DILA keeps them under.

Identifiers are those of DILA's own index of the LEGI codes; a code that is not in it has none, and
so has « code minier », which names two texts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hub.legal.plain import plain


@dataclass(frozen=True, slots=True)
class Code:
    """`name` as the law writes it; `key` is what follows « code de » in it, joined by hyphens."""

    name: str
    key: str
    legitext: str = ""


_INDEX = """
Code civil = 000006070721
Code de commerce = 000005634379
Code de déontologie des architectes = 000006074232
Code de justice administrative = 000006070933
Code de justice militaire = 000006071360
Code de la commande publique = 000037701019
Code de la consommation = 000006069565
Code de la construction et de l'habitation = 000006074096
Code de la défense = 000006071307
Code de la famille et de l'aide sociale = 000006072637
Code de la justice pénale des mineurs =
Code de la mutualité = 000006074067
Code de la propriété intellectuelle = 000006069414
Code de la recherche = 000006071190
Code de la route = 000006074228
Code de la santé publique = 000006072665
Code de la sécurité intérieure = 000025503132
Code de la sécurité sociale = 000006073189
Code de la voirie routière = 000006070667
Code de l'action sociale et des familles = 000006074069
Code de l'artisanat = 000006075116
Code de l'aviation civile = 000006074234
Code de l'éducation = 000006071191
Code de l'énergie = 000023983208
Code de l'entrée et du séjour des étrangers et du droit d'asile = 000006070158
Code de l'environnement = 000006074220
Code de l'expropriation pour cause d'utilité publique = 000006074224
Code de l'expropriation =
Code de l'organisation judiciaire = 000006071164
Code de l'urbanisme = 000006074075
Code de procédure civile = 000006070716
Code de procédure pénale = 000006071154
Code des assurances = 000006073984
Code des communes = 000006070162
Code des communes de la Nouvelle-Calédonie = 000006070300
Code des douanes = 000006071570
Code des douanes de Mayotte = 000006071645
Code des impositions sur les biens et services =
Code des instruments monétaires et des médailles = 000006070666
Code des juridictions financières = 000006070249
Code des marchés publics =
Code des pensions civiles et militaires de retraite = 000006070302
Code des pensions militaires d'invalidité et des victimes de guerre = 000006074068
Code des ports maritimes = 000006074233
Code des postes et des communications électroniques = 000006070987
Code des procédures civiles d'exécution = 000025024948
Code des relations entre le public et l'administration = 000031366350
Code des transports = 000023086525
Code disciplinaire et pénal de la marine marchande = 000006071188
Code du cinéma et de l'image animée = 000020908868
Code du domaine de l'État = 000006070208
Code du domaine public fluvial et de la navigation intérieure = 000006074237
Code du patrimoine = 000006074236
Code du service national = 000006071335
Code du sport = 000006071318
Code du tourisme = 000006074073
Code du travail = 000006072050
Code du travail applicable à Mayotte = 000006072052
Code du travail maritime = 000006072051
Code électoral = 000006070239
Code forestier = 000025244092
Code général de la fonction publique =
Code général de la propriété des personnes publiques = 000006070299
Code général des collectivités territoriales = 000006070633
Code général des impôts = 000006069577
Code minier =
Code monétaire et financier = 000006072026
Code pénal = 000006070719
Code pénitentiaire =
Code rural =
Code rural et de la pêche maritime = 000006071367
Livre des procédures fiscales = 000006069583
"""

_INITIALS = {
    "CASF": "Code de l'action sociale et des familles",
    "CCH": "Code de la construction et de l'habitation",
    "CCP": "Code de la commande publique",
    "CESEDA": "Code de l'entrée et du séjour des étrangers et du droit d'asile",
    "CGCT": "Code général des collectivités territoriales",
    "CGFP": "Code général de la fonction publique",
    "CGPPP": "Code général de la propriété des personnes publiques",
    "CMF": "Code monétaire et financier",
    "CRPA": "Code des relations entre le public et l'administration",
    "CRPM": "Code rural et de la pêche maritime",
    "CSP": "Code de la santé publique",
    "CSS": "Code de la sécurité sociale",
    "LPF": "Livre des procédures fiscales",
}
"""Initials name a code only where an article is said to be of it."""


_OF = re.compile(r"^(code) (?:de la |de l'|des |de |du )")


def _key(name: str) -> str:
    """« Code de l'énergie » -> `énergie`: small letters, spaces and apostrophes become hyphens."""
    return re.sub(r"[\s']+", "-", _OF.sub("", name.lower()).removeprefix("code "))


def _read_index() -> dict[str, Code]:
    found = {}
    for line in _INDEX.strip().splitlines():
        name, number = (part.strip() for part in line.split("="))
        found[name] = Code(name, _key(name), f"LEGITEXT{number}" if number else "")
    return found


_BY_NAME = _read_index()
_BY_PLAIN = (
    {_OF.sub(r"\1 ", plain(name).text): code for name, code in _BY_NAME.items()}
    | {plain(name).text: code for name, code in _BY_NAME.items()}
    | {plain(initials).text: _BY_NAME[name] for initials, name in _INITIALS.items()}
)
"""« code énergie » is said too."""
_BY_KEY = {plain(code.key).text: code for code in _BY_NAME.values()}
_BY_LEGITEXT = {code.legitext: code for code in _BY_NAME.values() if code.legitext}
CODES = tuple(_BY_NAME.values())


def code_named(words: str) -> Code | None:
    """The code that is so called: name, key, LEGITEXT, or the initials jurists use; else None."""
    said = re.sub(r"\s+", " ", plain(words.strip()).text)
    return _BY_PLAIN.get(said) or _BY_KEY.get(said) or _BY_LEGITEXT.get(said.upper())


def _alternatives(names: list[str]) -> str:
    longest_first = sorted(names, key=len, reverse=True)
    return "|".join(re.escape(name).replace(r"\ ", r"\s{1,4}") for name in longest_first)


NAMED = re.compile(rf"(?<![\w-])(?=[cl])(?:{_alternatives(list(_BY_PLAIN))})(?![\w-])", re.ASCII)
"""A code named in a plain text (`hub.legal.plain`). Initials are only meant in capitals."""

ANY = re.compile(r"(?<![\w-])codes?(?![\w-])", re.ASCII)
"""Any code, known or not: after it, articles are no longer those of the code named before."""
