"""What stage of a text's life a mention tells, and the words that say so. Pure.

Drafts are heard by the public (code de l'environnement, art. L. 123-19-1) and by the bodies that
must be; acts are voted, signed, published; the administrative courts quash them. What is deduced
is told as such.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from hub.legal.avancement import Certainty, Stage, Step
from hub.legal.citations import find_citations
from hub.legal.entries import CODE_CIVIL, find_entries
from hub.legal.hearings import find_window
from hub.legal.linkkind import Link, LinkKind
from hub.legal.norms import CitationKind, split_act
from hub.legal.plain import Plain, plain
from hub.legal.timing import Context
from hub.legal.titles import own_citation
from hub.model import Evidence, Mention, Scheme, TextField
from hub.text import parse_date

_HEAD = 3_000
"""A page says what it is about at its top; further down it speaks of other texts."""

_ACT = r"(?:decret|arrete|ordonnance|loi|deliberation|circulaire)s?"
_COURT = (
    r"(?:conseil\s{1,4}d'etat|tribunal\s{1,4}administratif|cour\s{1,4}administrative\s{1,4}d'appel"
    r"|cjue|cour\s{1,4}de\s{1,4}justice)"
)
_QUASHES = (
    rf"{_COURT}[^.\n]{{0,60}}?(?<!\w)(?:annule|annulation)(?!\w)"
    rf"|(?<!\w)annul(?:e|ation)\s{{1,4}}(?:partielle(?:ment)?\s{{1,4}})?(?:du|de\s{{1,4}}la|de\s"
    rf"{{1,4}}l'|des|le|la|les|l')\s{{0,4}}{_ACT}(?!\w)"
    rf"|(?<!\w)annulee?s?\s{{1,4}}(?:partiellement\s{{1,4}}|en\s{{1,4}}partie\s{{1,4}})?par\s{{1,4}}"
    rf"(?:le|la|une?)\s{{1,4}}(?:{_COURT}|justice|decision)"
)
_DISMISSES = (
    rf"{_COURT}[^.\n]{{0,80}}?(?<!\w)(?:rejet(?:te)?|valide|confirme)(?!\w)"
    r"|(?<!\w)rejet\s{1,4}d(?:u|'un|es)\s{1,4}recours"
)
_OPINION = (
    r"(?<!\w)avis\s{1,4}(?:(?:tres\s{1,4})?(?:favorable|defavorable|reserve|conforme)s?\s{1,4})?"
    r"(?:(?:du|de\s{1,4}la|de\s{1,4}l')\s{0,4}[^.\n,;]{1,80}?\s)?sur\s{1,4}(?:le|la|les|l'|un|deux|"
    r"trois)\s{0,4}(?:avant-)?projets?(?!\w)"
    r"|(?<!\w)portant\s{1,4}avis\s{1,4}sur(?!\w)"
    r"|(?<!\w)(?:rend|publie|emet|donne)\s{1,4}(?:son|un)\s{1,4}avis(?!\w)"
)
_HEARING = (
    r"(?<!\w)(?:mise?s?|soumise?s?|ouverte?s?|est|sont|projet)\s{1,4}(?:a|en)\s{1,4}(?:la\s{1,4})?"
    r"(?:consultation|concertation|participation)(?!\w)"
    r"|(?<!\w)consultation\s{1,4}(?:publique|du\s{1,4}public)(?!\w)"
    r"|(?<!\w)participation\s{1,4}du\s{1,4}public(?!\w)"
    r"|(?<!\w)en\s{1,4}consultation\s{1,4}(?:jusqu'|du\s)"
    r"|(?<!\w)soumise?s?\s{1,4}(?:au|a\s{1,4}l'avis\s{1,4}du)\s{1,4}public(?!\w)"
    r"|(?<!\w)consultation\s{1,4}(?:(?:est\s{1,4})?ouverte?\s{1,4})?"
    r"(?:jusqu'au|du\s{1,4}[0-9])"
)
_VOTED = (
    r"(?<!\w)(?:adopte[es]?|adoption|vote[es]?)\s{1,4}definiti(?:ve(?:ment)?|fs?)(?!\w)"
    r"|(?<!\w)definitivement\s{1,4}(?:adopte|vote)e?s?(?!\w)"
    r"|(?<!\w)promulgu(?:ee?s?|e)(?!\w)|(?<!\w)promulgation\s{1,4}de\s"
)
_DRAFT = (
    rf"(?<!\w)(?:avant-)?projets?\s{{1,4}}(?:de\s{{1,4}}|d')\s{{0,4}}{_ACT}(?!\w)"
    r"|(?<!\w)propositions?\s{1,4}de\s{1,4}(?:loi|directive|reglement)(?!\w)"
    r"|(?<!\w)projets?\s{1,4}de\s{1,4}(?:textes?|cahiers?\s{1,4}des\s{1,4}charges)(?!\w)"
)
_OUT = (
    rf"(?<!\w){_ACT}(?!\w)[^.\n]{{0,120}}?(?<!\w)(?:est|sont)?\s?(?:enfin\s{{1,4}})?"
    r"(?:publiee?s?|parue?s?)(?!\w)"
    rf"|(?<!\w)(?:publication|parution)\s{{1,4}}(?:au\s{{1,4}}(?:jo|journal\s{{1,4}}officiel)\s{{1,4}})?"
    rf"(?:du|de\s{{1,4}}la|de\s{{1,4}}l'|des|d'un)\s{{0,4}}{_ACT}(?!\w)"
    r"|(?<!\w)(?:publiee?s?|parue?s?|parution|publication)\s{1,4}au\s{1,4}"
    r"(?:jo|journal\s{1,4}officiel)(?!\w)"
)
_REPEALED = (
    rf"(?<!\w){_ACT}(?!\w)[^.\n]{{0,120}}?(?<!\w)(?:est|sont|a\s{{1,4}}ete|ete)\s{{1,4}}abrogee?s?(?!\w)"
    rf"|(?<!\w)abrogee?s?\s{{1,4}}par\s"
    rf"|^\s{{0,4}}abrogation\s{{1,4}}(?:du|de\s{{1,4}}la|de\s{{1,4}}l'|des)\s{{0,4}}{_ACT}(?!\w)"
)
_AMENDED = rf"(?<!\w){_ACT}(?!\w)[^.\n]{{0,160}}?(?<!\w)modifiee?s?\s{{1,4}}par\s"

_RULES = tuple(
    (stage, name, re.compile(words, re.ASCII))
    for stage, name, words in (
        (Stage.CONFIRME, "rejet", _DISMISSES),
        (Stage.ANNULE, "annulation", _QUASHES),
        (Stage.AVIS, "avis", _OPINION),
        (Stage.CONSULTATION, "consultation", _HEARING),
        (Stage.ADOPTE, "vote", _VOTED),
        (Stage.PROJET, "projet", _DRAFT),
        (Stage.ABROGE, "abrogation", _REPEALED),
        (Stage.MODIFIE, "modification", _AMENDED),
        (Stage.PUBLIE, "parution", _OUT),
    )
)
"""In the order in which they are tried: a draft that is heard is told as heard."""
_NOT_YET = re.compile(
    r"(?<!\w)(?:vers|demande(?:nt)?|requete|pourrait|devrait|attendue?s?|prochaine(?:ment)?|bientot|"
    r"avant|apres|si|sans|contre|refuse|ni|pas|non)(?!\w)[^.\n]{0,12}$",
    re.ASCII,
)
_HEARD = re.compile(
    r"(?<!\w)(?:consultations?|concertation|participation\s{1,4}du\s{1,4}public|soumise?s?\s{1,4}au"
    r"\s{1,4}public|(?:observations|avis)\s{1,4}(?:recueillie?s|du\s{1,4}public)"
    r"|ouverte?s?\s{1,4}jusqu'au)(?!\w)",
    re.ASCII,
)
_PARTLY = re.compile(r"(?<!\w)(?:partiel(?:le(?:ment)?)?s?|en\s{1,4}partie)(?!\w)", re.ASCII)
_PERSONAL = re.compile(
    r"(?<!\w)portant\s{1,4}(?:nomination|admission|titularisation|cessation|radiation|detachement"
    r"|delegation\s{1,4}de\s{1,4}signature|attribution|promotion)(?!\w)",
    re.ASCII,
)
"""An act about persons takes effect for each when notified (code des relations entre le public et
l'administration, art. L. 221-8), not on the day after its publication."""
_BODIES = re.compile(r"(?<!\w)proje(?:t|ts)(?!\w)", re.ASCII)
_OFFICIAL = frozenset(
    ("loi", "ordonnance", "decret", "arrete", "decision", "directive", "reglement")
)
_PROOFS = (Scheme.NOR, Scheme.JORFTEXT, Scheme.ELI, Scheme.CELEX)


@dataclass(frozen=True, slots=True)
class _Said:
    stage: Stage
    evidence: Evidence
    part: str = ""


def stage_of(mention: Mention, *, is_gazette: bool = False) -> Step | None:
    """The stage that this mention is about, None when it tells none: a guide, a comment.

    The nature that its source gives comes first, then the title, then the summary. `is_gazette`:
    the mention is of the Journal officiel, which alone dates a publication for certain.
    """
    if mention.nature.casefold() == "consultation":
        return _hearing(mention, _Said(Stage.CONSULTATION, Evidence("nature:consultation")))
    titled = plain(mention.title)
    said = _read(titled, TextField.TITLE)
    own = own_citation(find_citations(mention.title))
    is_own_title = own is not None and not _BODIES.search(titled.text[: own.start])
    if _is_official(mention, is_gazette) and (said is None or not _is_about_other(said.stage)):
        return _publication(mention, is_gazette)
    if said is None and is_own_title and own and own.start < _OPENING:
        rule = Evidence("titre:texte", own.words, TextField.TITLE, own.start, own.end)
        said = _Said(Stage.PUBLIE, rule)
    summary = plain(mention.summary)
    said = said or _read(summary, TextField.SUMMARY)
    if said and said.stage is Stage.PROJET:
        said = _heard(titled, TextField.TITLE) or _heard(summary, TextField.SUMMARY) or said
    return _told(mention, said) if said else None


_OPENING = 40


def steps_of(mention: Mention, *, is_gazette: bool = False) -> tuple[Step, ...]:
    """All that one mention tells of the life of its text: its stage, its signature, the days on
    which it, or some of its articles, begins to apply.
    """
    first = stage_of(mention, is_gazette=is_gazette)
    if first is None:
        return ()
    found = [first]
    if first.stage is Stage.PUBLIE:
        found += _signature(mention)
        found += _entries(mention, is_certain=first.certainty is Certainty.CERTAIN)
    return tuple(dict.fromkeys(found))


def step_of_link(link: Link, mention: Mention, on: date | None = None) -> Step | None:
    """What a published text does to the target of one of its links, as a step of the target's life;
    None for a link that changes nothing. `on` is the day it takes effect, when known.
    """
    stage = {LinkKind.MODIFIE: Stage.MODIFIE, LinkKind.ABROGE: Stage.ABROGE}.get(link.kind)
    if stage is None:
        return None
    source = getattr(mention, link.where.value)
    words = source[link.start : link.end]
    evidence = Evidence(f"lien:{link.kind}", words, link.where, link.start, link.end)
    is_article = link.target.kind is CitationKind.ARTICLE
    part = link.target.words if is_article and stage is Stage.ABROGE else ""
    return Step(
        stage, mention.source_id, mention.url, evidence, on, told_on=mention.published_on, part=part
    )


# --- One mention -------------------------------------------------------------------------------


def _is_official(mention: Mention, is_gazette: bool) -> bool:
    nature = plain(mention.nature).text.split("_")[0].split(" ")[0]
    proved = any(identifier.scheme in _PROOFS for identifier in mention.identifiers)
    return nature in _OFFICIAL and (is_gazette or proved)


def _is_about_other(stage: Stage) -> bool:
    """A judgment or an opinion is published too, and is a stage of another text; a draft is none
    of its own publication.
    """
    return stage in (
        Stage.ANNULE, Stage.CONFIRME, Stage.AVIS, Stage.CONSULTATION, Stage.PROJET,
    )  # fmt: skip


def _read(text: Plain, where: TextField) -> _Said | None:
    for stage, name, pattern in _RULES:
        for match in pattern.finditer(text.text[:_HEAD]):
            before = text.text[max(0, match.start() - 60) : match.start()]
            if not _NOT_YET.search(before):
                return _said(text, where, stage, name, match)
    return None


def _heard(text: Plain, where: TextField) -> _Said | None:
    """Of a draft, fewer words are enough to say that the public is heard on it."""
    match = _HEARD.search(text.text[:_HEAD])
    return _said(text, where, Stage.CONSULTATION, "consultation", match) if match else None


def _said(text: Plain, where: TextField, stage: Stage, name: str, match: re.Match[str]) -> _Said:
    start, end = text.span(match.start(), match.end())
    near = text.text[match.start() : match.end() + 40]
    partly = _PARTLY.search(near) if stage in (Stage.ANNULE, Stage.ABROGE) else None
    return _Said(
        stage,
        Evidence(f"mots:{name}", text.source[start:end], where, start, end),
        partly[0] if partly else "",
    )


def _publication(mention: Mention, is_gazette: bool) -> Step:
    rule = Evidence("nature:journal-officiel" if is_gazette else "identifiant:texte")
    certainty = Certainty.CERTAIN if is_gazette else Certainty.TO_CHECK
    return _step(mention, _Said(Stage.PUBLIE, rule), mention.published_on, certainty=certainty)


def _told(mention: Mention, said: _Said) -> Step:
    """What others tell: the day they speak is not the day it happened."""
    if said.stage is Stage.CONSULTATION:
        return _hearing(mention, said)
    on, certainty = None, Certainty.TO_CHECK
    if said.stage in (Stage.AVIS, Stage.ANNULE, Stage.CONFIRME):
        # A délibération and a decision carry their own date in their title.
        on = _own_day(mention)
        certainty = Certainty.CERTAIN if on else Certainty.TO_CHECK
    elif said.stage is Stage.PUBLIE:
        on = _gazette_day(mention)
    return _step(mention, said, on, certainty=certainty)


_DECIDED = re.compile(
    r"(?:^|\W)(?:deliberation|decision|avis|conseil\s{1,4}d'etat|arret)(?!\w)[^\n]{0,120}?"
    r"(?<=\s)(?:du\s{1,4})?([0-9]{1,2}(?:er)?\s{1,4}[a-z]{3,9}\s{1,4}(?:19|20)[0-9]{2})(?![0-9])",
    re.ASCII,
)
_IN_GAZETTE = re.compile(
    r"(?<!\w)(?:jo|journal\s{1,4}officiel)\s{1,4}(?:de\s{1,4}ce\s{1,4}\w{1,9}\s{1,4}|du\s{1,4})"
    r"([0-9]{1,2}(?:er)?\s{1,4}[a-z]{3,9}\s{1,4}(?:19|20)[0-9]{2})(?![0-9])",
    re.ASCII,
)


def _own_day(mention: Mention) -> date | None:
    match = _DECIDED.search(plain(mention.title).text)
    return (parse_date(match[1]) if match else None) or mention.signed_on


def _gazette_day(mention: Mention) -> date | None:
    for text in (mention.title, mention.summary):
        if match := _IN_GAZETTE.search(plain(text[:_HEAD]).text):
            return parse_date(match[1])
    return None


def _step(
    mention: Mention,
    said: _Said,
    on: date | None,
    until: date | None = None,
    certainty: Certainty = Certainty.CERTAIN,
) -> Step:
    return Step(
        stage=said.stage,
        source_id=mention.source_id,
        url=mention.url,
        evidence=said.evidence,
        on=on,
        until=until,
        told_on=mention.published_on,
        part=said.part,
        certainty=certainty,
    )


def _signature(mention: Mention) -> Iterator[Step]:
    """The day it was signed: given by its source, else written in its own title."""
    on, rule = mention.signed_on, Evidence("date:signature")
    own = own_citation(find_citations(mention.title))
    if on is None and own and "@" in own.norm:
        on = split_act(own.norm)[2]
        rule = Evidence("titre:date", own.words, TextField.TITLE, own.start, own.end)
    if on:
        yield _step(mention, _Said(Stage.ADOPTE, rule), on)


_ARTICLES = re.compile(r"^Article ", re.MULTILINE)


def _entries(mention: Mention, *, is_certain: bool) -> Iterator[Step]:
    """Only where a gazette gives the whole text can the law supply a day that it does not fix."""
    where = TextField.TEXT if mention.text else TextField.SUMMARY
    context = Context(mention.nature, mention.title, mention.published_on, mention.signed_on)
    is_rule = _PERSONAL.search(plain(mention.title).text) is None
    has_articles = _ARTICLES.search(mention.text) is not None  # a notice, or a link, is no text
    is_whole = is_certain and is_rule and has_articles and not mention.is_partial
    for entry in find_entries(mention.text or mention.summary, context, is_whole=is_whole):
        evidence = Evidence("entree-en-vigueur", entry.words, where, entry.start, entry.end)
        certainty = Certainty.CERTAIN if is_certain and entry.is_certain else Certainty.TO_CHECK
        if entry.is_deduced:
            evidence, certainty = Evidence(CODE_CIVIL), Certainty.DEDUCED
        stage = Stage.EN_VIGUEUR if entry.on else Stage.DIFFERE
        step = _step(mention, _Said(stage, evidence, entry.part), entry.on, certainty=certainty)
        yield replace(step, precision=entry.precision)


# --- Consultations -----------------------------------------------------------------------------


def _hearing(mention: Mention, said: _Said) -> Step:
    """With its first and last days. Those that the source gives apart come before its prose."""
    deadline = mention.extra.get("deadline")
    until = parse_date(deadline) if isinstance(deadline, str) else None
    is_source = mention.nature.casefold() == "consultation"
    on = mention.published_on if is_source else None
    for text in (mention.title, mention.summary, mention.text):
        if until is None or on is None:
            first, last = find_window(text[:_HEAD], mention.published_on)
            on, until = on or first, until or last
    certainty = Certainty.CERTAIN if is_source else Certainty.TO_CHECK
    return _step(mention, said, on, until, certainty)
