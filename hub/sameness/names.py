"""The official name of a scheme and the one that everybody uses, as one term.

A décret speaks of « prime de transition énergétique » and the press of MaPrimeRénov': without this
nothing joins them. Each pair is one that a text or its ministry makes itself.
"""

from __future__ import annotations

import re

_NAMES = {
    # décret n° 2020-26, article 1er
    "MAPRIMERENOV": r"ma ?prim[a-z]{0,2} ?renov'?|prime de transition energetique",
    # article R. 172-4 du CCH, issued by décret n° 2021-1004
    "RE2020": (
        r"re ?2020|reglementation environnementale 2020"
        r"|performance energetique et environnementale"
    ),
    # article L. 126-26 du CCH
    "DPE": r"dpe|diagnostics? de performance energetique",
    # article R. 175-2 du CCH
    "BACS": r"bacs|systemes? d'automatisation et de controle",
    # article L. 541-10-1, 4° du code de l'environnement
    "PMCB": (
        r"pmcb|produits (?:et|ou) (?:des? |les )?materiaux (?:de construction )?"
        r"(?:du secteur )?(?:du batiment)?|rep (?:du )?batiment|dechets du batiment"
    ),
    # article L. 541-10 du code de l'environnement
    "REP": r"rep|responsabilite elargie d[eu]s? producteurs?",
    # directive (UE) 2022/2464
    "CSRD": (
        r"csrd|informations? en matiere de durabilite|corporate sustainability reporting"
        r"|reporting (?:extra-financier|de durabilite)"
    ),
    # loi n° 2020-105
    "AGEC": r"agec|lutte contre le gaspillage et a l'economie circulaire",
    # lois n° 2023-171 and 2025-391
    "DDADUE": r"ddadue|diverses dispositions d'adaptation au droit de l'union europeenne",
    # loi n° 2023-175
    "APER": r"acceleration de la production d'energies renouvelables|loi aper",
    # article L. 126-35 du CCH
    "PEMD": r"pemd|produits,? equipements,? materiaux et (?:des )?dechets",
    # règlement (UE) 2025/40
    "PPWR": r"ppwr|emballages et (?:aux |de |des |les )?dechets d'emballages?",
    # articles L. 221-1 and following du code de l'énergie
    "CEE": r"cee|certificats? d'economies? d'energie",
    # article L. 141-1 du code de l'énergie
    "PPE": r"ppe ?[23]?|programmation pluriannuelle de l'energie",
    # article L. 2111-3 du code de la commande publique
    "SPASER": (
        r"spaser|schemas? de promotion des achats publics socialement"
        r" et ecologiquement responsables"
    ),
    # article R. 174-22 du CCH
    "TERTIAIRE": r"decret tertiaire|dispositif eco[ -]energie tertiaire|eco[ -]energie tertiaire",
    # article 46 AX de l'annexe III du CGI
    "RGE": r"rge|reconnus? garants? de l'environnement",
    # article D. 541-45-1 and following du code de l'environnement
    "TRACKDECHETS": r"trackdechets|bordereaux? (?:electroniques? )?de suivi de dechets",
    # article R. 541-43 du code de l'environnement
    "RNDTS": r"rndts|registre national des dechets,? terres excavees et sediments",
}
_ALSO = {"PMCB": ("REP",)}
"""A branch of the REP is named without saying so."""
_NAMED = re.compile("|".join(rf"(?P<{name}>\b(?:{words})(?!\w))" for name, words in _NAMES.items()))


def draw_names(folded: str) -> tuple[frozenset[str], str]:
    """The schemes that a folded text names, and the text without the words that name them."""
    found: set[str] = set()

    def draw(match: re.Match[str]) -> str:
        name = match.lastgroup or ""
        found.update((name, *_ALSO.get(name, ())))
        return " "

    rest = _NAMED.sub(draw, folded.replace("’", "'"))
    return frozenset(found), rest
