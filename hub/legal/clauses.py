"""What the words around a date say of it: a bound, a role, or that it is no échéance. Pure.

All rules read the plain form (`hub.legal.prose`) in short slices, so that their time does not
depend on the length of the text. Sources: Code civil, art. 1er (« entrent en vigueur à la date
qu'ils fixent »); Guide de légistique, « Entrée en vigueur des actes normatifs » (deferred dates,
« à compter du », transitional measures); Code des relations entre le public et l'administration,
art. L. 221-2 to L. 221-4 (entry into force of administrative acts; contracts concluded before).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from hub.legal import cues
from hub.legal.dated import Dated
from hub.legal.timing import Bound, Role
from hub.model import Precision
from hub.text import fold

LEAD, TAIL, AROUND = 160, 100, 300
"""How far the rules look before a date, after it, and on both sides of it."""


@dataclass(frozen=True, slots=True)
class Place:
    """A date and the words around it: `lead` runs from the date before, `tail` to the next one.

    `far` is the lead without regard for other dates, `sentence` what stands around the date.
    `written` is the lead as the text writes it. `reference` is the day from which the text looks
    forward and back, when it is known.
    """

    day: Dated
    lead: str
    tail: str
    far: str
    sentence: str
    written: str
    reference: date | None
    nature: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`is_condition`: the date tells two populations apart (« déclarées avant le »)."""

    bound: Bound
    role: Role
    rule: str
    is_certain: bool = True
    is_condition: bool = False


_CALLS = ("AIDE", "AVIS", "CONSULTATION")
"""Natures of pages whose own dates are those of a call for offers, files or opinions."""


def judge(place: Place) -> Verdict | None:
    """What a date is for its reader; None when it is no échéance.

    Windows (« du 2 au 23 octobre ») and what a date takes from the one before it are not seen here.
    """
    if place.day.is_iso and re.search(r"[\"'>=]\s?$", place.lead):
        return _judge_key(place)
    if cues.OLD.search(place.lead) or cues.REPLACED.match(place.tail):
        return None
    for bound, rule, words in cues.BOUNDS if cues.ANY_BOUND.search(place.lead) else ():
        if match := words.search(place.lead):
            return _judge_bound(place, bound, rule, place.lead[: match.start()])
    if cues.BY_THAT.search(place.lead) or cues.REPLACED_BY.search(place.lead):
        return Verdict(Bound.ON, Role.ENTREE_EN_VIGUEUR, "changement", is_certain=False)
    if cues.OF.search(place.lead) and not cues.OF_EFFECT.search(place.lead):
        return None
    return _judge_plain(place)


def _judge_key(place: Place) -> Verdict | None:
    """A field of a notice: its name says what the date is."""
    if cues.NO_KEY.search(place.lead):
        return None
    if cues.KEY.search(place.lead):
        return Verdict(Bound.BY, Role.DEPOT, "champ-limite")
    if place.nature not in _CALLS:
        return None
    if cues.KEY_END.search(place.lead):
        return Verdict(Bound.BY, Role.DEPOT, "champ-limite", is_certain=False)
    if cues.KEY_START.search(place.lead):
        return Verdict(Bound.FROM, Role.OUVERTURE, "champ-ouverture", is_certain=False)
    return None


def _judge_bound(place: Place, bound: Bound, rule: str, before: str) -> Verdict | None:
    """A date behind « à compter du », « avant le », « au plus tard le »..."""
    if not place.day.has_year and cues.YEARLY.search(place.sentence):
        return None
    if place.day.precision is Precision.YEAR and not _counts_as_year(place, bound, rule):
        return None
    if rule == "des" and place.day.precision is Precision.DAY and not place.lead.endswith("le "):
        return None
    deed = cues.DID.search(before) if bound in (Bound.BEFORE, Bound.AFTER) else None
    if (deed and len(deed["rest"]) < 40) or cues.OF_VERSION.search(before):
        return None
    if bound is Bound.BEFORE and place.reference and place.day.date <= place.reference:
        return None  # nothing is asked before the text itself (Code civil, art. 2)
    condition = _condition(before, place.written)
    if condition:
        return _judge_condition(place, bound, rule, condition)
    if rule == "depuis" and not _is_rule_since(place):
        return None
    role = role_of(bound, place)
    is_told = bound is not Bound.UNTIL and bool(cues.PAST.search(_clause(place, bound)))
    is_certain = not (is_told or deed or _is_doubtful(place)) and rule not in ("apres", "anterieur")
    if rule == "depuis":
        is_first = _opens(place) and place.day.date.day == 1
        is_certain = is_certain and (is_first or _commands(place))
    if bound is Bound.BEFORE and place.reference is None:
        is_certain = is_certain and _asks(place)
    if place.day.precision is Precision.YEAR:
        is_certain = is_certain and rule != "horizon" and _commands(place)
    return Verdict(bound, role, rule, is_certain)


def _asks(place: Place) -> bool:
    """Whether the sentence says that something is to be done."""
    words = (cues.MUST, cues.HAND_IN, cues.HANDED, cues.ENTERS)
    heads = re.match(r"^[^\w]{0,6}(?:[ivx]{1,5}[^\w]{1,4})?avant le\s?$", place.far)
    return bool(heads or cues.FINITE_NEAR.search(place.lead)) or any(
        cue.search(place.sentence) for cue in words
    )


def _clause(place: Place, bound: Bound) -> str:
    """Where a past tense makes a fact of a date: « avant le » tells facts all along a sentence."""
    return place.sentence if bound in (Bound.BEFORE, Bound.AFTER) else place.far


def _commands(place: Place) -> bool:
    return bool(cues.MUST.search(place.sentence) or cues.ENTERS.search(place.sentence))


def _counts_as_year(place: Place, bound: Bound, rule: str) -> bool:
    """A bare year is a date where it bounds a rule, not where it tells since when a fact lasts."""
    if cues.FIGURES.search(place.sentence):
        return False
    if rule in ("depuis", "apres", "anterieur"):
        return _commands(place)
    if rule == "avant" and not (_commands(place) or cues.HAND_IN.search(place.sentence)):
        return False
    return place.day.date.year >= 2000


def _condition(before: str, written: str) -> str:
    """The participle right before a bound (« déclarées » avant le); "" when the clause commands."""
    match = cues.PARTICIPLE.search(before[-60:])
    if not match or _is_present(match["word"], written):
        return ""
    ahead = before[-60:][: match.start()]
    if cues.FINITE.search(ahead) and not cues.RELATIVE.search(ahead):
        past = cues.HAD.search(ahead) and re.match(r"construi|edifie|ne|acqui", match["word"])
        return match["word"] if past else ""
    return match["word"]


def _is_present(word: str, written: str) -> bool:
    """« déclare », which commands, and not « déclaré »: the plain form has no accents."""
    if not re.fullmatch(r"\w{1,14}[^e]e", word) or cues.FEMININE.search(word):
        return False
    words = (other for other in re.findall(r"\w{1,20}", written) if fold(other) == word)
    return not any(other.endswith(("é", "É")) for other in words)


def _judge_condition(place: Place, bound: Bound, rule: str, participle: str) -> Verdict | None:
    """« installations déclarées avant le »: a date that tells populations apart.

    What lies before the day of the text is the past of those populations, not a date to come.
    """
    day, reference = place.day.date, place.reference
    if rule == "depuis" and not _is_rule_since(place):
        return None
    rule = f"condition-{rule}"
    looks_forward = bound in (Bound.FROM, Bound.AFTER, Bound.UNTIL)
    is_past = reference is not None and day <= reference
    if is_past and bound not in (Bound.FROM, Bound.UNTIL):
        return None
    if reference is None and not looks_forward and cues.PHYSICAL.match(participle):
        return None
    if not looks_forward:
        return Verdict(bound, Role.TRANSITION, rule, is_certain=False, is_condition=True)
    role = Role.OUVERTURE if participle.startswith("presente") else Role.ENTREE_EN_VIGUEUR
    role = Role.FIN if bound is Bound.UNTIL else role
    is_past_tense = rule == "condition-depuis" and cues.PAST.search(place.sentence)
    is_told = is_past_tense or _is_doubtful(place)
    is_certain = bound in (Bound.FROM, Bound.UNTIL) and not is_told
    is_certain = is_certain and (rule != "condition-depuis" or _commands(place))
    return Verdict(bound, role, rule, is_certain, is_condition=True)


def _is_rule_since(place: Place) -> bool:
    """« depuis » tells a rule where the clause is in the present, a fact where all is past."""
    return _opens(place) or _commands(place) or not cues.PAST.search(place.sentence)


def _opens(place: Place) -> bool:
    """« Depuis le 1er avril 2024, l'audit est... »: the date is the head of its sentence."""
    return bool(re.match(r"^[^\w]{0,4}depuis(?:\sle)?\s?$", place.far))


def _is_doubtful(place: Place) -> bool:
    """Projects, appointments, years that are not written."""
    return place.day.is_deduced or any(
        words.search(place.sentence) for words in (cues.MAYBE, cues.NAMED)
    )


def _judge_plain(place: Place) -> Verdict | None:
    """A date behind « le », « au », « en » or nothing: it counts by the verb or noun that leads."""
    if not cues.PLAIN.search(place.lead[-40:]):
        return None
    is_taken_up = re.search(r"\ba (?:compter de )?cette date\b", place.tail)
    is_fact = cues.FACTS.search(place.lead) and not (
        is_taken_up and cues.REPEALS.search(place.tail)
    )
    if is_fact or cues.DATED_DEED.search(place.lead):
        return None
    if place.day.precision is Precision.YEAR:
        return _judge_year(place) or _judge_item(place)
    participle = _condition(re.sub(r"\s?(?:le|au|en)\s?$", "", place.lead), place.written)
    if participle and not participle.startswith(("clos", "ouvert")):
        return None
    if cues.EVENTS.search(place.lead):
        return None
    return _judge_cue(place)


_CUES = (
    ("limite", cues.LIMITS, Bound.BY, Role.DEPOT, True),
    ("entree-en-vigueur", cues.ENTERS_ON, Bound.ON, Role.ENTREE_EN_VIGUEUR, True),
    ("en-vigueur", cues.ENTERS, Bound.ON, Role.ENTREE_EN_VIGUEUR, False),
    ("abrogation", cues.REPEALS, Bound.ON, Role.ABROGATION, True),
    ("fin", cues.CEASES, Bound.UNTIL, Role.FIN, True),
    ("fin-probable", cues.ENDS, Bound.UNTIL, Role.FIN, False),
    ("attendu", cues.AWAITED, Bound.BY, Role.DEPOT, False),
    ("ouverture", cues.BEGINS, Bound.ON, Role.OUVERTURE, False),
    ("changement", cues.CHANGES, Bound.ON, Role.ENTREE_EN_VIGUEUR, False),
    ("obligation", cues.MUST, Bound.ON, Role.OBLIGATION, False),
)  # fmt: skip


def _judge_cue(place: Place) -> Verdict | None:
    """The cue nearest before the date; else one after it."""
    if cues.IN_VERSION.search(place.lead):
        return None
    nearest = [
        (max(m.end() for m in cue.finditer(place.lead)), rule, bound, role, is_strong)
        for rule, cue, bound, role, is_strong in _CUES
        if cue.search(place.lead)
    ]
    if nearest:
        strong = [one for one in nearest if one[4] and len(place.lead) - one[0] < 60]
        end, rule, bound, role, is_strong = max(strong or nearest, key=lambda found: found[0])
        is_near = len(place.lead) - end < 60
        if not is_strong and (len(place.lead) - end > 130 or cues.FIGURES.search(place.lead[end:])):
            return None
        is_exact = not re.search(r"\ba\s?$", place.lead)
        is_strong = is_strong or _is_at_once(place)
        is_certain = is_strong and is_near and is_exact and not _is_doubtful(place)
        return (
            None if cues.PAST.search(place.lead[end:]) else Verdict(bound, role, rule, is_certain)
        )
    for rule, cue, bound, role, _ in _CUES[1:]:
        if cue.search(place.tail) and not cues.PAST.search(place.sentence):
            return Verdict(bound, role, f"{rule}-suit", is_certain=False)
    return _judge_item(place)


def _is_at_once(place: Place) -> bool:
    """« est repoussée au », « ouvre le », « Ouverture : »: nothing stands before the date."""
    ahead = place.lead[-60:]
    moved = [m.end() for m in cues.MOVED.finditer(ahead)]
    opened = [m.end() for m in cues.STARTS_OPEN.finditer(ahead)]
    return any(len(ahead) - end < 16 for end in (*moved, *opened))


def _judge_item(place: Place) -> Verdict | None:
    """« - 1er janvier 2019 pour toute machine »: an item of a list, whose verb stands above."""
    is_first = not re.sub(r"\b(?:le|au|en)\s?$", "", place.far).strip(" -•:0123456789°")
    opens = re.match(r"\s?:", place.tail) and cues.GROUPS.search(place.tail[:60])
    if is_first and (re.match(r"\s?(?:,\s)?pour\b", place.tail) or opens):
        return Verdict(Bound.ON, Role.OBLIGATION, "puce", is_certain=False)
    is_label = place.lead.rstrip().endswith(":") and cues.GROUPS.search(place.lead[-90:])
    if is_label:
        return Verdict(Bound.ON, Role.OBLIGATION, "puce", is_certain=False)
    is_short = len(place.sentence) < 80 and place.nature in _CALLS
    if is_short and re.search(r"\ble\s?$", place.lead) and not cues.PAST.search(place.sentence):
        return Verdict(Bound.BY, Role.DEPOT, "suite", is_certain=False)
    return None


def _judge_year(place: Place) -> Verdict | None:
    """« en 2030 »: a date where the sentence sets a goal or moves one, never in past figures."""
    lead = place.lead
    if _condition(re.sub(r"\s?en\s?$", "", lead), place.written):
        return None
    if cues.OF_YEARS.search(lead) or cues.PAST.search(place.sentence) or place.day.date.year < 2000:
        return None
    if re.search(r"\b(?:a|au)\s?$", lead) and not cues.CHANGES.search(place.far):
        return None
    if not (cues.IN_YEAR.search(lead) or place.tail.lstrip().startswith("au lieu d")):
        return None
    if cues.EVENTS.search(lead):
        return None
    if not cues.GOALS.search(f"{place.far} {place.tail}") or cues.FIGURES.search(place.sentence):
        return None
    if place.reference is not None and place.day.date.year < place.reference.year:
        return None
    is_rule = cues.ENTERS.search(place.sentence) or re.search(r"\breport", place.sentence)
    role = Role.ENTREE_EN_VIGUEUR if is_rule else Role.OBLIGATION
    enters = re.search(r"\bentr\w{1,7} en (?:vigueur|application) en\s?$", lead)
    is_certain = bool(enters) and not _is_doubtful(place)
    return Verdict(Bound.ON, role, "annee", is_certain)


def role_of(bound: Bound, place: Place) -> Role:
    """The role of a bounded date, from the verbs of its clause, nearest cue first."""
    lead, sentence = place.lead, place.sentence
    if cues.REPEALS.search(lead):
        return Role.ABROGATION
    if bound is Bound.UNTIL:
        is_between = re.search(r"\b(?:transitoire|etale|echelonn|sauf)", place.sentence)
        return Role.TRANSITION if is_between else Role.FIN
    if bound in (Bound.BY, Bound.BEFORE):
        return _role_of_limit(bound, place)
    if cues.STOPS.search(sentence):
        return Role.FIN
    if re.match(r"\s(?:et\s)?(?:au plus tard\s)?jusqu'", place.tail):
        return Role.TRANSITION
    if cues.MUST.search(sentence):
        return Role.OBLIGATION
    if cues.ENTERS.search(sentence):
        return Role.ENTREE_EN_VIGUEUR
    return Role.OUVERTURE if cues.OPENS.search(sentence) else Role.ENTREE_EN_VIGUEUR


def _role_of_limit(bound: Bound, place: Place) -> Role:
    if re.search(r"jusqu'", place.lead[-12:]):
        return Role.FIN
    if re.search(
        r"\b(?:entr\w{1,7} en vigueur|s'appliqu\w{1,5}|applicab\w{1,4})\b", place.sentence
    ):
        return Role.ENTREE_EN_VIGUEUR
    if re.search(r"\bouvr\w{1,5}\b", place.lead):
        return Role.OUVERTURE
    if cues.STOPS.search(place.lead[-60:]):
        return Role.FIN
    is_handed = cues.HAND_IN.search(place.lead) or cues.HANDED.search(place.tail)
    return Role.DEPOT if is_handed else Role.OBLIGATION


def judge_delay(place: Place, rule: str, is_certain: bool) -> Verdict | None:
    """What a computed day is for its reader; None for a publication that starts nothing.

    A delay in which a rule comes into force or ends is a day (« on »), any other a limit (« by »).
    """
    enters, repeals = cues.ENTERS.search(place.sentence), cues.REPEALS.search(place.sentence)
    starts = cues.STARTS.search(place.lead)
    if rule == "jour-meme" and not _enters_at_once(place):
        return None
    if rule == "jour-meme":
        is_certain = bool(re.search(r"\b(?:presente?|cet?te?) \w{3,14}\b", place.sentence))
    is_certain = is_certain and not _is_doubtful(place) and not cues.CONTEST.search(place.sentence)
    if cues.LASTS.search(place.lead):
        return Verdict(Bound.UNTIL, Role.FIN, rule, is_certain)
    if enters or repeals:
        bound = Bound.BY if "au plus tard" in place.lead[-30:] else Bound.ON
        role = Role.ENTREE_EN_VIGUEUR if enters else Role.ABROGATION
        return Verdict(Bound.FROM if starts else bound, role, rule, is_certain)
    bound = Bound.FROM if starts else Bound.BY if cues.WITHIN.search(place.lead) else Bound.ON
    if bound is Bound.ON and rule == "delai":
        bound = Bound.BY
    return Verdict(bound, role_of(bound, place), rule, is_certain)


def _enters_at_once(place: Place) -> bool:
    """« entre en vigueur à la date de sa publication », not « déposés à la date de »."""
    is_near = cues.ENTERS.search(place.lead[-50:]) and not cues.PARTICIPLE.search(place.lead[-24:])
    return bool(is_near) and not place.tail.lstrip().startswith("augment")
