"""Which items tell the stages of one text: its draft, its hearing, the act, its judgment. Pure.

Each stage is an item of its own; a lineage joins them, and every join has its proof. Precision
comes first: what is only about the same subject (a décret and its arrêté, two yearly versions) is
not one text. An act takes the title of its draft, after « projet de », more or less amplified.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

from hub.legal.avancement import Stage
from hub.legal.citations import find_citations
from hub.legal.linkkind import LinkKind
from hub.legal.links import find_links
from hub.legal.normset import identity_of, is_identity, norms_of_identifiers
from hub.legal.plain import plain
from hub.legal.stages import stage_of
from hub.legal.titles import own_citation
from hub.model import Evidence, Mention, TextField
from hub.text import comparable

LONGEST_WAIT = timedelta(days=3 * 366)
"""Between a draft and the act; beyond, a like title is that of another draft."""
SHORT_WAIT = timedelta(days=366)
"""For short titles, which are given again from year to year (« relatif à la prime de … »)."""
FEW_WORDS, MANY_WORDS = 2, 5
ALIKE, AMPLIFIED = 0.75, 0.6

_FORMULA = re.compile(
    r"(?<!\w)(?:avant-)?(?P<draft>projets?)\s{1,4}(?:de\s{1,4}|d')\s{0,4}(?P<nature>decret|arrete|ordonnance"
    r"|loi)(?!\w)(?P<kind>\s{1,4}(?:en\s{1,4}conseil\s{1,4}d'etat|ministeriel|interministeriel))?",
    re.ASCII,
)
_NAMED = re.compile(r"^\W{0,4}(?P<nature>decret|arrete|ordonnance|loi)(?!\w)", re.ASCII)
_ABOUT = re.compile(
    r"\W{0,4}(?:[^,;:\n]{0,60}?\s)??(?P<about>(?:relatif|relative|portant|fixant|modifiant|instituant|"
    r"precisant|definissant|pris|prise|visant|determinant|concernant|completant|abrogeant|adaptant|"
    r"autorisant|approuvant|prorogeant|encadrant)s?(?!\w).{1,600})",
    re.ASCII | re.DOTALL,
)
_EMPTY = frozenset(
    re.findall(
        r"[a-z]+",
        "a au aux avec ce ces d dans de des du en et l la le les leur leurs ou par pour qu que qui "
        "sa se ses son sur un une relatif relative relatifs relatives portant",
    )
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a title says its text is about: its nature, and the place of the words in the title."""

    nature: str
    words: str
    start: int
    end: int

    @property
    def key(self) -> tuple[str, ...]:
        return _key(self.words)


@dataclass(frozen=True, slots=True)
class Kin:
    """What lineage needs of one item, read from all its mentions.

    `own` are the norms of its own text; `upon` those that it judges, amends or repeals, each with
    what it is said to be about and the evidence. `dossiers` are the ids of the dossiers
    législatifs that name it.
    """

    stages: frozenset[Stage]
    subjects: tuple[Subject, ...]
    own: frozenset[str]
    upon: tuple[tuple[str, str, Evidence], ...]
    days: tuple[date, ...]
    dossiers: frozenset[str] = frozenset()

    @property
    def is_draft(self) -> bool:
        return bool(self.stages) and all(stage.rank < Stage.ADOPTE.rank for stage in self.stages)

    @property
    def is_act(self) -> bool:
        return Stage.PUBLIE in self.stages


def lineage_key(title: str) -> str:
    """What the titles of a draft and of its act have in common; "" where too little is said.

    `Projet de décret relatif aux déchets verts` and `Décret n° 2026-1 du 2 janvier 2026 relatif aux
    déchets verts` have one key. Two acts may share a key: it joins nothing alone.
    """
    subject = subject_of(title)
    if subject is None or len(subject.key) < FEW_WORDS:
        return ""
    return " ".join((subject.nature, *subject.key))


def subject_of(title: str) -> Subject | None:
    """The subject of the text that a title names, draft or act; None when it names none."""
    read = plain(title)
    draft = _FORMULA.search(read.text)
    if draft:
        nature, place = draft["nature"], draft.end()
    else:
        own = own_citation(find_citations(title))
        named = _NAMED.match(read.text)
        if named is None:
            return None
        nature, place = named["nature"], own.end if own else named.end()
    about = _ABOUT.match(read.text, place)
    if about is None:
        return None
    start, end = read.span(*about.span("about"))
    return Subject(nature, title[start:end], start, end)


def read_kin(
    mentions: Iterable[Mention], dossiers: Iterable[str] = (), gazettes: Iterable[str] = ()
) -> Kin:
    """Read an item. `gazettes` are the sources that are the Journal officiel."""
    told = list(mentions)
    official = frozenset(gazettes)
    steps = [step for m in told if (step := stage_of(m, is_gazette=m.source_id in official))]
    stages = frozenset(step.stage for step in steps)
    subjects = {s for m in told if (s := subject_of(m.title)) and len(s.key) >= FEW_WORDS}
    days = {day for m in told for day in (m.published_on, m.signed_on) if day}
    days |= {day for step in steps for day in (step.on, step.until) if day}
    own = {norm for m in told for norm in _own_norms(m)}
    return Kin(
        stages,
        tuple(sorted(subjects, key=lambda s: (s.words, s.start))),
        frozenset(own)
        if Stage.PUBLIE in stages or not stages
        else norms_of_identifiers(identifier for m in told for identifier in m.identifiers),
        tuple(sorted(_upon(told, stages), key=_upon_order)),
        tuple(sorted(days)),
        frozenset(dossiers),
    )


def same_lineage(one: Kin, other: Kin) -> Evidence | None:
    """The proof that two items tell stages of one text, or None. Symmetric but for the words.

    In order of strength: the same official identifier, the same dossier législatif, an act that
    judges, amends or repeals the other by its number, the title of a draft that is the act's.
    """
    if shared := min((n for n in one.own & other.own if is_identity(n)), default=""):
        return Evidence(f"lignee:identifiant:{shared}", shared)
    if shared := min(one.dossiers & other.dossiers, default=""):
        return Evidence(f"lignee:dossier:{shared}", shared)
    return _by_act(one, other) or _by_act(other, one) or _by_title(one, other)


def find_lineages(kins: Sequence[Kin]) -> tuple[tuple[int, int, Evidence], ...]:
    """The joins between items, by their places. A draft whose title is that of several acts is
    joined to none by it: which one came of it is not known.
    """
    found = [
        (i, j, evidence)
        for i, j in combinations(range(len(kins)), 2)
        if (evidence := same_lineage(kins[i], kins[j]))
    ]
    acts: dict[int, int] = {}
    for i, j, evidence in found:
        if evidence.rule == BY_TITLE and (kins[i].is_act or kins[j].is_act):
            draft = j if kins[i].is_act else i
            acts[draft] = acts.get(draft, 0) + 1
    return tuple(
        (i, j, evidence)
        for i, j, evidence in found
        if evidence.rule != BY_TITLE or max(acts.get(i, 0), acts.get(j, 0)) < 2
    )


BY_TITLE = "lignee:titre"

# --- Reading -----------------------------------------------------------------------------------


def _upon_order(upon: tuple[str, str, Evidence]) -> tuple[str, str, str, int]:
    norm, about, evidence = upon
    return norm, about, evidence.rule + evidence.words, evidence.start


def _own_norms(mention: Mention) -> Iterable[str]:
    yield from norms_of_identifiers(mention.identifiers)
    own = own_citation(find_citations(mention.title))
    if own and _NAMED.match(plain(mention.title).text):
        yield identity_of(own.norm)


_CHANGES = {LinkKind.MODIFIE: "modifie", LinkKind.ABROGE: "abroge"}
_JUDGED = (Stage.ANNULE, Stage.CONFIRME)


def _upon(told: Iterable[Mention], stages: frozenset[Stage]) -> Iterable[tuple[str, str, Evidence]]:
    """What is amended or repealed, what a judgment is about, in the titles and summaries."""
    judged = next((stage for stage in _JUDGED if stage in stages), None)
    for mention in told:
        for link in find_links(mention.title, "", mention.summary):
            if link.kind in _CHANGES and not link.target.norm.startswith("ART:"):
                words = getattr(mention, link.where.value)[link.start : link.end]
                rule = f"lignee:{_CHANGES[link.kind]}"
                evidence = Evidence(rule, words, link.where, link.start, link.end)
                yield identity_of(link.target.norm), link.about, evidence
        for where in (TextField.TITLE, TextField.SUMMARY) if judged else ():
            for cited in find_citations(getattr(mention, where.value)):
                if not cited.norm.startswith("ART:"):
                    rule = f"lignee:{judged}"
                    evidence = Evidence(rule, cited.words, where, cited.start, cited.end)
                    yield identity_of(cited.norm), "", evidence


# --- Proofs ------------------------------------------------------------------------------------


def _by_act(one: Kin, other: Kin) -> Evidence | None:
    """An arrêté, which only its day names, must be said to be about the same thing too."""
    for norm, about, evidence in one.upon:
        if norm in other.own and (
            is_identity(norm) or any(_are_alike(_key(about), s.key) for s in other.subjects)
        ):
            return evidence
    return None


def _by_title(one: Kin, other: Kin) -> Evidence | None:
    """Only between a draft and what comes of it: acts of one title are two acts."""
    if not (one.is_draft or other.is_draft):
        return None
    draft, then = (one, other) if one.is_draft else (other, one)
    wait = _wait(draft, then)
    for subject in draft.subjects:
        for match in then.subjects:
            if subject.nature == match.nature and _are_one(subject.key, match.key, wait):
                place = (subject.words, TextField.TITLE, subject.start, subject.end)
                return Evidence(BY_TITLE, *place)
    return None


def _wait(draft: Kin, then: Kin) -> timedelta | None:
    """From the last word on the draft to the first on the act; None when a day is missing."""
    if not draft.days or not then.days:
        return None
    if then.is_draft:
        return min(abs(a - b) for a in draft.days for b in then.days)
    return then.days[-1] - draft.days[0]


def _are_one(draft: Sequence[str], act: Sequence[str], wait: timedelta | None) -> bool:
    if wait is not None and not timedelta(0) <= wait <= LONGEST_WAIT:
        return False
    if _are_alike(draft, act):
        return True
    return tuple(draft) == tuple(act) and wait is not None and wait <= SHORT_WAIT


def _are_alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Long enough to name one text: nearly the same words, or the shorter all in the longer, in its
    order; figures are the same.
    """
    short, long = sorted((one, other), key=len)
    ours, theirs = set(short), set(long)
    if len(ours) < MANY_WORDS or _figures(ours) != _figures(theirs):
        return False
    if len(ours & theirs) / len(ours | theirs) >= ALIKE:
        return True
    words = iter(long)
    return len(short) >= AMPLIFIED * len(long) and all(word in words for word in short)


def _figures(words: Iterable[str]) -> set[str]:
    return {word for word in words if word.isdigit()}


def _key(words: str) -> tuple[str, ...]:
    return tuple(word for word in comparable(words).split() if word not in _EMPTY)
