"""The words that tell what a date is, as regular expressions of the plain form. Pure.

Sources: Guide de légistique, « Entrée en vigueur des actes normatifs » (deferred dates, « à compter
du », transitional measures); Code civil, art. 1er (« entrent en vigueur à la date qu'ils fixent »).
"""

from __future__ import annotations

import re

from hub.legal.dated import WEEKDAY
from hub.legal.timing import Bound


def any_of(words: str) -> re.Pattern[str]:
    """Any of these words, whole; line ends and indents between them do not count."""
    return re.compile(rf"\b(?:{_one_line(words)})\b")


def _one_line(words: str) -> str:
    return "".join(line.strip() for line in words.splitlines())


_LINK = (
    r"(?:[\s(:«\"]{1,3}|l'|d'|\b(?:le|la|les|du|de|au|aux|a|en|date|mois|jour|annee|fin|debut|"
    rf"horizon|courant|prochain|exercice|echeance|rentree|cours|plus tard|{WEEKDAY})\b){{0,12}}$"
)
BOUNDS = tuple(
    (bound, rule, re.compile(pattern + _LINK))
    for bound, rule, pattern in (
        (Bound.UNTIL, "jusqu-au", r"\bjusqu'?"),
        (
            Bound.BY,
            "au-plus-tard",
            r"\bau plus tard\b(?:,? (?:avant|pour|jusqu'|dans le courant|courant|des))?",
        ),
        (Bound.BY, "d-ici", r"\bd'ici\b"),
        (Bound.BY, "horizon", r"\b(?:a l'horizon|a horizon|horizon)\b"),
        (Bound.BEFORE, "avant", r"\bavant\b"),
        (
            Bound.FROM,
            "a-compter-du",
            r"\b(?:(?:a|et) (?:compter|partir|dater)|au plus tot|avec effet|prenant effet)\b",
        ),
        (Bound.FROM, "des", r"\bdes(?= le\b| l'|\s?$)"),
        (Bound.FROM, "depuis", r"\bdepuis\b"),
        (Bound.AFTER, "apres", r"\b(?:apres|posterieur\w{0,6}|au[ -]dela)\b"),
        (Bound.BEFORE, "anterieur", r"\banterieur\w{0,6}\b"),
    )
)
ANY_BOUND = re.compile(
    r"\b(?:jusqu|au plus t|d'ici|horizon|avant|compter|partir|dater|effet|des|depuis|apres|"
    r"posterieur|au[ -]dela|anterieur)"
)
"""Without any of these words no bound is there: most dates have none."""
PLAIN = re.compile(
    rf"(?:^|[-•|:(«\">=]|\b(?:le|la|au|a|en|pour|courant|des|echeances?|attend|et|ou|soit|puis|"
    rf"cloture|limite|effet|vigueur)\b)"
    rf"\s?(?:{WEEKDAY}\s?)?(?:des\s)?$"
)
OF = re.compile(rf"\b(?:du|de|des|d'|d' ?|en date du|a date du)(?:\s{WEEKDAY})?\s?$")
OF_EFFECT = re.compile(
    r"\b(?:a effet|date d'effet|prise d'effet|echeance|date limite|date butoir)\sdu\s?$"
)
PARTICIPLE = re.compile(
    r"\b(?P<word>(?:construi|exista|mise?s? en (?:service|place|exploitation|chantier|location)|"
    r"mise?s? sur le|enregistre|declare|autoris|conclu|signe|engage|depose|delivre|achete|acqui|"
    r"realise|nee?|livre|immatricule|cree|installe|implante|publie|adopte|interven|surven|subi|"
    r"supporte|verse|obten|embauche|recrute|agree|notifie|presente|facture|emis|fabrique|paye|dues?\b|courant|"
    r"demandee|lance|introdui|formule|accorde|attribue|souscri|renouvele|ouvert|acheve|etabli|commence|"
    r"debute|effectue|clos|edite|edifie|exploite|commercialise|vendu|importe|prescri|constate|raccorde|ne\b)"
    r"(?:s|es|e|ees|ts|tes|t|te|us|ues|u|ue|ante?s?|nt|nte?s)?)\b"
    r"(?:\s(?:au|le)?\s?(?:marche|registre))?(?:\s(?:ou|et)\s\w{3,16})?(?:\sau public)?,?\s?$"
)
FEMININE = re.compile(r"(?:ite|erte|ue|close|subie|etablie|acquise|emise)$")
"""Participles that end like a verb of the present, and are none."""
FINITE = re.compile(
    r"\b(?:est|sont|sera|seront|soit|soient|etre|doit|doivent|devra|devront|a lieu|peut|peuvent|"
    r"pourra|pourront)\b(?:\s\w{2,16}){0,4}\s?$"
)
FINITE_NEAR = re.compile(r"\b(?:est|sont|sera|seront)\s\w{3,14}\b[^.;]{0,60}$")
RELATIVE = re.compile(r"\b(?:qui|dont|ayant|si)\b[^,.;:]{0,60}$")
PHYSICAL = re.compile(
    r"construi|exista|mise?s? en service|edifie|acheve|ne$|nee$|implante|installe|enregistre|"
    r"declare|autoris|regulier|immatricul|titulaire"
)
HAD = re.compile(r"\b(?:avoir|ayant|a|ont|avait|avaient) ete\s(?:\w{2,12}\s)?$")
DID = re.compile(
    r"\b(?:(?:a|ont|avait|avaient|ayant)\s(?:deja\s)?(?:ete|fait|pris|transmis|depose|obtenu|decide|"
    r"arrete|declare|conclu|adresse|notifie|signe|engage|demande|publie|presente|souscrit|acquis|"
    r"beneficie|commence|debute|realise)|"
    r"(?!\w{0,6}(?:retrait|extrait|portrait|souhait|attrait|fait|connait|plait)\b)\w{3,14}ai(?:en)?t)\b"
    r"(?P<rest>[^.;:,]{0,80},?\s?)$"
)
"""« a fait connaître, avant le », « exerçaient avant le » tell facts."""
MUST = any_of(
    r"""
    doi(?:t|vent)|devr\w{1,5}|oblig\w{1,8}|interdi\w{0,4}|tenue?s? (?:de|d'|a)|impos\w{1,4}|
    exig\w{1,5}|requi\w{1,4}|ne peu(?:t|vent)|ne pourr\w{2,4}|du depuis|attei\w{2,7}|limite|
    redui\w{1,6}|proscri\w{1,3}
    """
)
HAND_IN = any_of(
    r"""
    transm\w{2,8}|depos\w{0,6}|depots?|adress\w{1,5}|remis(?:e|es)?|remett\w{1,4}|remet|
    candidat\w{0,7}|recandidat\w+|soumissionn\w{0,4}|envo\w{1,6}|offres|plis|reception|
    clotur\w{1,4}|appel a projets|dates? limites?|inscri(?:re|ption|ptions|vez)|postul\w{1,4}|
    repondez|preuve
    """
)
HANDED = any_of(
    r"""
    transm\w{2,8}|deposer\w{0,4}|adresse(?:r|nt|ra|ront)?|remett\w{1,4}|remet|envoi\w{0,4}
    """
)
STOPS = any_of(
    r"""
    cess\w{1,5}|n'exist\w{1,4} plus|ne s'appliqu\w{1,5} plus|suspend\w{1,4}|prend\w{0,4} fin|
    supprim\w{1,4}|n'est plus|ne sont plus|ne sera plus|ne seront plus|prenant fin|
    se termin\w{1,4}
    """
)
OPENS = any_of(
    r"""
    ouv(?:r|er)\w{1,6}|peu(?:t|vent)|pourr\w{2,4}|demandes? presentee?s?|debut\w{0,4}|
    commenc\w{1,5}|demarr\w{1,5}|lanc\w{1,6}|phase
    """
)
ENTERS = any_of(
    r"""
    entr\w{1,7} en (?:vigueur|application)|en vigueur|pren\w{1,5} effet|prise d'effet|
    date d'effet|qui attend\w{1,3}|effet (?:au|le|du)|s'appliqu\w{1,5}|applicab\w{1,4}|
    appliqu\w{1,5}|(?<!en )application(?= ?:| (?:a compter|au|le|des)\b)|opposab\w{1,4}|
    (?:est|sera|devien\w{1,5}|rendue?s?|deja) effecti\w{1,3}
    """
)
ENTERS_ON = any_of(
    r"""
    entr\w{1,7} en (?:vigueur|application)|(?:est|sont|sera|seront) en vigueur|pren\w{1,5} effet|
    prise d'effet|date d'effet|qui attend\w{1,3}|effet (?:au|le|du)|s'appliqu\w{1,5}|
    applicab\w{1,4}|appliqu\w{1,5}|(?<!en )application(?= ?:| (?:a compter|au|le|des)\b)|
    opposab\w{1,4}|(?:est|sera|devien\w{1,5}|rendue?s?|deja) effecti\w{1,3}
    """
)
"""The same without what is merely in force on a day (« le code en vigueur au »)."""
REPEALS = re.compile(r"\b(?:abrog\w{1,5}|annul\w{1,4}|cess\w{1,4} d'etre applicab\w{1,4})\b")
DATED_DEED = re.compile(
    r"\b(?:a|ont|avait|avaient)\s(?:ete\s)?\w{1,13}(?:[^r]e|u|i|is|it)\s(?:le|en)\s?$"
)
"""« a voté le »: someone did it that day."""
ENDS = any_of(
    r"""
    prend\w{0,4} fin|prendra fin|fin|expir\w{1,5}|arriv\w{1,4} a echeance|termin\w{1,5}|
    ferm\w{1,7}|clos(?:e|es)?|cess\w{1,5}|supprim\w{1,5}|suppression|duree du marche|dispara\w{1,5}|
    s'acheve\w{0,4}|prorog\w{1,6}|prolong\w{1,6}|validite|valab\w{1,4}
    """
)
CEASES = re.compile(
    r"\b(?:pren\w{1,4} fin|expir\w{1,5}|s'ach\w{4,7}|cess(?:e|ent|era|eront)|clos(?:e|es)?)\b"
)
MOVED = any_of(
    r"""
    (?:est|sont|sera|seront|etre|reste|devien\w{1,5}) (?:report|repouss|decal|differ|prorog|prolong|
    supprim|generalis|rendue? obligatoire|obligatoire|interdit)\w{0,4}|
    reporte\w{0,2}|repousse\w{0,2}|prolonge\w{0,2}|proroge\w{0,2}
    """
)
"""A new date is told by these where it follows them at once."""
STARTS_OPEN = re.compile(
    r"\b(?:(?:r|re)?ouvr(?:e|ent|ira|iront)\b|(?:debut|demarr|commenc)er(?:a|ont)\b|"
    r"(?:re)?ouverture\b[^.;]{0,40}:)"
)
AWAITED = re.compile(r"\b(?:attendue?s?|reponses?|releves?)\b")
CHANGES = any_of(
    r"""
    report\w{0,4}|decal\w{1,4}|differ\w{1,3}|repouss\w{1,4}|avanc\w{1,3} au|fixee?s? (?:au|a)|
    evolution|revaloris\w{1,6}|hausse|augment\w{1,6}|a?baiss\w{1,4}|ramen\w{1,3}|
    releve(?:e|es|s|ra)?|pass(?:e|era|ent|eront) (?:a|de)|devien\w{1,7}|tomb\w{1,4}|
    porte[er]?\w{0,3} a|
    obligatoires?|generalis\w{1,6}|prevue?s? (?:le|au|pour|en)|remplace\w{0,4}|
    exten\w{1,5}|eten\w{1,4}|objectifs?|interdi\w{1,4}
    """
)
LIMITS = any_of(
    r"""
    dates? limites?|date butoir|
    dates? de (?:depot|cloture|releve|remise)|limite (?:de|du|d'|pour)|clotur\w{1,4}|
    cloture|deadline|
    echeances?|remise des (?:offres|plis|candidatures)|
    reception des (?:offres|plis|candidatures)|dernier delai|
    fin (?:des|de la|du|de l'|d')\s?(?:inscriptions?|depots?|candidatures?|consultation|appel)|
    candidater|date de fin
    """
)
EVENTS = any_of(
    r"""
    webinaires?|salon|reunions?|seances?|conferences?|colloques?|ateliers?|journees?|
    se tien\w+|aura lieu|auront lieu|examiner\w+|rendez-vous|forum|congres|audience|
    conseil des ministres|ouverture des (?:plis|offres)
    """
)
PAST = any_of(
    r"""
    s'elev\w{1,5}|etai(?:t|ent)|avai(?:t|ent)|a declare|comptai(?:t|ent)|a ete|
    ont ete|ont ainsi ete|avaient ete|avait ete|taux moyen|lancai\w{1,3}|
    representai\w{1,3}|fut|furent
    """
)
FACTS = re.compile(
    r"\b(?:(?:publie|paru|parue|signe|adopte|promulgue|mis a jour|mise a jour|modifie|consulte|"
    r"verifie|cree|rendu|prononce|saisi|recu|notifie|redige|enregistre|lance|organise|maj|"
    r"mise en ligne|mis en ligne|actualise|derniere modification)\w{0,3}\b[^,;.]{0,40}"
    r"\s?(?::|le|au|en)|(?:publication|signature|envoi|parution)\b(?:[^,;.]{0,40}:|\sle))\s?$"
)
YEARLY = re.compile(r"\b(?:chaque annee|tous les ans|de l'annee|annuellement|chaque exercice)\b")
OF_YEARS = re.compile(
    r"\b(?:par rapport a|titre de|titre des|reference|donnees de|annees?)\s?\w{0,3}\s?$"
)
MAYBE = any_of(
    r"""
    annonc\w{1,4}|projets? de (?:decret|loi|arrete|reglement)|envisag\w{1,5}|pourrai(?:t|ent)|
    propos\w{1,5}|previsionnel\w{0,3}|souhait\w{1,5}|en attente|initialement|estime\w{0,3}|
    environ|sous reserve de publication
    """
)
OLD = re.compile(
    r"\b(?:(?:d'abord|auparavant|devai(?:t|ent)|anciennement|precedemment)\b[^.;]{0,40}|"
    r"au lieu d[ue]|"
    r"initialement (?:prevu\w{0,2}|fixe\w{0,2})?\s?(?:le|au|pour le|en)?|report\w{0,4} d[ue])\s?$"
)
REPLACED = re.compile(r"\s?[»\"]\s(?:est|sont)\s(?:remplac|supprim)")
"""« les mots : "1er janvier 2025" sont remplacés par » : the old date of a postponement."""
REPLACED_BY = re.compile(
    r"\bremplac\w{1,4} par (?:l'annee|la date|les? mots?|les dates|celle)\s?:\s?[«\"]\s?"
    r"(?:le|au|en|du|jusqu'au|avant le)?\s?$"
)
BY_THAT = re.compile(r"\bremplac\w{1,4} par (?:celle|la date|l'annee)\s?d[ue]\s?$")
NAMED = re.compile(r"\b(?:est|sont) nommee?s?\b|\bnomination\b")
"""Appointments are dated, and bind no reader."""
KEY = re.compile(
    r"(?:recept|limite|deadline|clotur|remise|closing|fermeture)\w{0,30}[\s\"':=>\\]{1,8}$"
)
KEY_END = re.compile(r"date_?fin\w{0,12}[\s\"':=>\\]{1,8}$")
KEY_START = re.compile(r"(?:date_?debut|date_?ouverture|opening)\w{0,12}[\s\"':=>\\]{1,8}$")
NO_KEY = re.compile(
    r"(?:diffusion|publication|envoi|parution|maj|creation)\w{0,20}[\s\"':=>\\]{1,8}$"
)
BEGINS = any_of(
    r"""
    (?:re|r)?ouv(?:r|er)\w{1,6}|debut\w{0,4}|commenc\w{1,5}|demarr\w{1,5}|lancement
    """
)
IN_VERSION = re.compile(
    r"\b(?:version|redaction|code|legislation|reglementation|droit|textes?)\b(?![^.;]{0,50}\bentr)"
    r"[^.;]{0,40}\b(?:en vigueur|issue|resultant|applicable|anterieure)\b"
    r"[^.;]{0,20}$"
)
"""« dans sa rédaction en vigueur au » names a version of a text."""
OF_VERSION = re.compile(r"\b(?:version|redaction)\b[^.;,]{0,40}\b(?:vigueur|applicable)\s?$")
GROUPS = any_of(
    r"""
    entreprises?|etablissements?|batiments?|installations?|salaries|habitants|coproprietes?|
    logements?|communes?|collectivites|producteurs?|distributeurs?|exploitants?
    """
)
GOALS = any_of(
    r"""
    objectifs?|cibles?|au moins|redui\w{1,6}|reduction|attei\w{2,7}|interdi\w{1,4}|obligat\w{1,5}|
    limite|tomb\w{1,4}|pass(?:e|era|ent|eront)|porte\w{0,3}|doi(?:t|vent)|devr\w{1,5}|
    report\w{0,4}|en vigueur|s'appliqu\w{1,5}|applicab\w{1,4}|entrer\w{1,4}|echeances?|
    repouss\w{1,4}|decal\w{1,4}|differ\w{1,3}|prevue?s? (?:pour|en)|
    au lieu d[eu]|d'ici|ouvr\w{1,5}|lance\w{1,4} en|demarr\w{1,5}
    """
)
FIGURES = any_of(
    r"""
    milliards?|millions?|deficits?|croissance|pib|revenus?|previsions?|solde|depenses|recettes|
    effectifs?|endettement
    """
)
IN_YEAR = re.compile(r"\b(?:en|a|pour|courant|fin|debut|des|echeances?|et)\s?$|^[,;]?\s?$")
WITHIN = re.compile(
    r"\b(?:dans (?:un|le|les)|au plus tard|sous|avant l'expiration|delai)\b[^,.;]{0,40}$"
)
LASTS = re.compile(r"\b(?:duree|pendant|jusqu'|periode)[^,.;]{0,40}$")
STARTS = re.compile(
    r"\b(?:a compter|a partir|des|a l'expiration|a l'issue|au terme)\b[^,.;]{0,40}$"
)
CONTEST = re.compile(r"\b(?:recours|contest\w{1,4}|tribunal|defere\w{0,3})\b")
