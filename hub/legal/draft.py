"""A first draft of what readers get, made of sentences of the official text alone. Pure.

Nothing is worded here: each sentence is taken whole from the text and carries its place. What the
text does not say stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from hub.legal.drawn import MAX_PLACES, Drawn, Texts
from hub.legal.notice import Label
from hub.legal.timing import Found, Role
from hub.model import Niveau, Precision, TextField
from hub.review import is_draft
from hub.text import comparable, fold

ENOUGH = 600
"""Sentences are taken while all of them hold in that many characters."""
MOST = 4_000
"""A first sentence longer than that is not one."""
MAX_ENTRIES = 3
MAX_ARTICLES = 3


@dataclass(frozen=True, slots=True)
class DraftEcheance:
    """A date that the text gives, and the sentence that gives it, where a reader meets it."""

    found: Found
    drawn: Drawn


@dataclass(frozen=True, slots=True)
class Draft:
    """What the text itself says of each field.

    `computation` says how `applicable_le` was counted, when it is not written as it stands.
    `niveau_words` speak for the level, in the sentence `niveau_from`.
    """

    ce_qui_change: tuple[Drawn, ...] = ()
    pour_qui: tuple[Drawn, ...] = ()
    a_partir_de_quand: tuple[Drawn, ...] = ()
    applicable_le: date | None = None
    computation: str = ""
    niveau: Niveau = Niveau.CONSEILLE
    niveau_words: str = ""
    niveau_from: Drawn | None = None
    echeances: tuple[DraftEcheance, ...] = ()


def draft(
    title: str,
    summary: str,
    text: str,
    echeances: Sequence[tuple[TextField, Found]] = (),
    nature: str = "",
) -> Draft:
    """The draft of an item. `echeances` are those found in its texts, each with where it was read.

    `applicable_le` is given only when what says when the whole text applies holds one date, certain
    and to the day, and no exception.
    """
    texts = Texts(title, summary, text)
    dates = list(_place(texts, echeances))
    entry = tuple(_find_entry(texts))
    applies = _find_applicable(texts, entry, dates)
    niveau, words = _find_niveau(texts, nature)
    return Draft(
        ce_qui_change=tuple(_find_change(texts)),
        pour_qui=tuple(_find_public(texts)),
        a_partir_de_quand=entry,
        applicable_le=applies.date if applies else None,
        computation=applies.computation if applies else "",
        niveau=niveau,
        niveau_words=words.words if words else "",
        niveau_from=texts.around(words) if words else None,
        echeances=tuple(_select(texts, dates, applies)),
    )


def _take(sentences: Iterable[Drawn], enough: int = ENOUGH) -> Iterator[Drawn]:
    """Whole sentences while they hold together; the first in any case, unless it has no end."""
    length = 0
    for sentence in sentences:
        length += len(sentence.words)
        if length > (enough if length > len(sentence.words) else MOST):
            return
        yield sentence


# --- What changes ------------------------------------------------------------------------------

_ARTICLE = re.compile(r"^Article (?:1er|premier|unique|\d{1,3})\b[^\n]{0,80}$", re.MULTILINE)
_MARK = re.compile(r"(?:(?:[IVX]{1,5}|\d{1,2}°|[a-z]\)) ?[.°)]? ?[-–—] ?|\d{1,2}° ?)")
"""The number of a paragraph (« I. – », « 1° »), which is no part of its sentence."""
_PROCEDURE = re.compile(
    r"charg[ée]e?s?\b[^.]{0,120}\bex[ée]cution|publi[ée]e? au Journal officiel"
    r"|entr(?:e|ent|era|eront) en vigueur",
    re.IGNORECASE,
)


def _find_change(texts: Texts) -> Iterator[Drawn]:
    """From the notice; else the summary that the source gives; else the head of the articles."""
    notice = [*texts.part(Label.OBJET), *texts.part(Label.NOTICE)]
    if texts.notice is not None:
        yield from _take(notice)
    elif _says_more(texts):
        yield from _take(texts.sentences(TextField.SUMMARY))
    else:
        yield from _take(_article_heads(texts))


def _says_more(texts: Texts) -> bool:
    summary = comparable(texts.by_field[TextField.SUMMARY])
    return bool(summary) and summary != comparable(texts.by_field[TextField.TITLE])


def _article_heads(texts: Texts) -> Iterator[Drawn]:
    """The first sentence of each of the first articles, where it lays down something."""
    whole = texts.by_field[TextField.TEXT]
    for article in islice(_ARTICLE.finditer(whole), MAX_ARTICLES):
        first = next(texts.sentences(TextField.TEXT, article.end(), article.end() + MOST), None)
        if first is None or len(first.words) > ENOUGH or _ARTICLE.match(first.words):
            continue
        is_sentence = first.words.endswith((".", "».", ". »")) and not first.words.startswith("«")
        if is_sentence and not _PROCEDURE.search(first.words):
            yield _without_mark(texts, first)


def _without_mark(texts: Texts, sentence: Drawn) -> Drawn:
    mark = _MARK.match(sentence.words)
    start = sentence.start + (mark.end() if mark else 0)
    return texts.draw(sentence.field, (start, sentence.end))


# --- For whom ----------------------------------------------------------------------------------

_SCOPE = re.compile(
    r"\bprésente?s? (?:décret|arrêté|loi|ordonnance|titre|chapitre|section|article|dispositions?)\b"
    r"[^.;\n]{0,120}?(?:s['’]appliqu(?:e|ent)|\b(?:est|sont) applicables?)"
    r" (?:aux? |à (?:la|l['’]|tout|chaque))"
    r"|\bSont (?:concernée?s|soumis(?:es)?|assujetti(?:e?s)?)\b"
)
_NOT_SCOPE = re.compile(
    r"à compter d|à partir d|jusqu['’]au|Nouvelle-Calédonie|Polynésie|Wallis|Mayotte|Saint-Pierre"
)
"""When, or overseas where: that is not for whom."""


def _find_public(texts: Texts) -> Iterator[Drawn]:
    """« Publics concernés »; else the first sentence that gives the scope of the text."""
    publics = list(texts.part(Label.PUBLICS))
    if publics:
        yield from _take(publics)
        return
    found = (drawn for drawn in texts.find(_SCOPE) if not _NOT_SCOPE.search(drawn.words))
    first = next(found, None)
    if first is not None and len(first.words) <= ENOUGH:
        yield _without_mark(texts, first)


# --- From when ---------------------------------------------------------------------------------

_ENTRY = re.compile(
    r"\bentr(?:e|ent|era|eront) en vigueur"
    r"|\b(?:est|sont) applicables? (?:à compter|à partir|dès)"
    r"|\bs['’]appliqu(?:e|ent|era|eront) (?:à compter|à partir|dès)"
)
_OF_THIS_TEXT = re.compile(
    r"\bprésente? (?:décret|arrêté|loi|ordonnance|décision|délibération|règlement)\b"
)
_EXCEPTION = re.compile(
    r"à l['’]exception|toutefois|sous réserve|par dérogation|à défaut|au plus tard|différé"
    r"|en tant qu|sauf|devrai|pourrai",
    re.IGNORECASE,
)


def _find_entry(texts: Texts) -> Iterator[Drawn]:
    """« Entrée en vigueur »; else the sentences of the text that say it: of itself, or else of its
    articles when these are few.
    """
    notice = list(texts.part(Label.ENTREE_EN_VIGUEUR))
    if notice:
        yield from _take(notice)
        return
    found = list(islice(texts.find(_ENTRY), MAX_PLACES))
    of_itself = [drawn for drawn in found if _OF_THIS_TEXT.search(drawn.words)]
    chosen = of_itself or (found if len(found) <= MAX_ENTRIES else [])
    short = [drawn for drawn in chosen if len(drawn.words) <= ENOUGH]
    yield from _take(_without_mark(texts, drawn) for drawn in short[:MAX_ENTRIES])


def _find_applicable(
    texts: Texts, entry: Sequence[Drawn], dates: Iterable[DraftEcheance]
) -> Found | None:
    """The one date of the whole text; an article of it, or a page about it, gives none."""
    is_whole = any(texts.part(Label.ENTREE_EN_VIGUEUR)) or all(
        _OF_THIS_TEXT.search(drawn.words) for drawn in entry
    )
    if not is_whole or any(_EXCEPTION.search(drawn.words) for drawn in entry):
        return None
    there = [one.found for one in dates if any(_overlap(one.drawn, drawn) for drawn in entry)]
    is_sure = all(found.is_certain and found.precision is Precision.DAY for found in there)
    if not is_sure or len({found.date for found in there}) != 1:
        return None
    return next((found for found in there if found.role is Role.ENTREE_EN_VIGUEUR), None)


def _overlap(one: Drawn, other: Drawn) -> bool:
    return one.field is other.field and one.start < other.end and other.start < one.end


# --- Level -------------------------------------------------------------------------------------

_LAW = ("loi", "ordonnance", "decret", "arrete", "reglement")
_PROJECT = re.compile(
    r"\b(?:avant-)?projets?\b|\bpropositions?\b|\bconsultations?\b", re.IGNORECASE
)
_AID = re.compile(
    r"\b(?:aides?|subventions?|primes?|éco-prêts?|crédits? d['’]impôts?|appels? à projets"
    r"|prêts? à taux zéro|soutien financier)\b",
    re.IGNORECASE,
)
_DUTY = re.compile(
    r"\b(?:doi(?:t|vent)|devr(?:a|ont)|(?:est|sont) tenue?s?(?= d)|(?:est|sont) obligatoires?"
    r"|(?:est|sont) interdite?s?|(?:est|sont) soumise?s? à l['’]obligation)\b",
    re.IGNORECASE,
)


def _find_niveau(texts: Texts, nature: str) -> tuple[Niveau, Drawn | None]:
    """What is proposed, with the words that say so: a project binds nobody, then aids are told
    by the title or the « Objet », then what a text of law orders.
    """
    title = texts.by_field[TextField.TITLE]
    if is_draft(nature, title):
        return Niveau.PROJET, _words(texts, TextField.TITLE, _PROJECT, 0, len(title))
    aid = _words(texts, TextField.TITLE, _AID, 0, len(title)) or _in_notice(
        texts, _AID, (Label.OBJET,)
    )
    if aid is not None:
        return Niveau.AIDE, aid
    duty = _find_duty(texts) if _is_law(nature, title) else None
    return (Niveau.OBLIGATOIRE, duty) if duty else (Niveau.CONSEILLE, None)


def _is_law(nature: str, title: str) -> bool:
    return (fold(nature) or fold(title).split(" ", 1)[0]) in _LAW


def _find_duty(texts: Texts) -> Drawn | None:
    """In the notice, which is plain; else after the heading of the first article."""
    said = _in_notice(texts, _DUTY, (Label.OBJET, Label.NOTICE))
    whole = texts.by_field[TextField.TEXT]
    article = _ARTICLE.search(whole)
    if said is not None or article is None:
        return said
    return _words(texts, TextField.TEXT, _DUTY, article.end(), len(whole))


def _in_notice(texts: Texts, wanted: re.Pattern[str], labels: Iterable[Label]) -> Drawn | None:
    for sentence in (drawn for label in labels for drawn in texts.part(label)):
        found = _words(texts, sentence.field, wanted, sentence.start, sentence.end)
        if found is not None:
            return found
    return None


def _words(
    texts: Texts, field: TextField, wanted: re.Pattern[str], start: int, end: int
) -> Drawn | None:
    found = wanted.search(texts.by_field[field], start, end)
    return texts.draw(field, found.span()) if found else None


# --- Échéances ---------------------------------------------------------------------------------


def _place(texts: Texts, echeances: Iterable[tuple[TextField, Found]]) -> Iterator[DraftEcheance]:
    """Each with its sentence, where a reader meets it first: the summary may open the text too."""
    summary = texts.by_field[TextField.SUMMARY]
    is_opening = bool(summary) and texts.by_field[TextField.TEXT].startswith(summary)
    for field, found in echeances:
        is_there = is_opening and field is TextField.TEXT and found.sentence_end <= len(summary)
        place = TextField.SUMMARY if is_there else field
        part = texts.part_at(place, found.start)
        first = max(found.sentence_start, part.start if part else 0)
        yield DraftEcheance(found, texts.draw(place, (first, found.sentence_end)))


def _select(
    texts: Texts, dates: Sequence[DraftEcheance], applies: Found | None
) -> Iterator[DraftEcheance]:
    """Each date of one role once, certain rather than not, in the order of the calendar.

    What `applicable_le` already says is not said again, nor in the law's words what the notice
    says in plain ones.
    """
    plain = {one.found.date for one in dates if texts.part_at(one.drawn.field, one.drawn.start)}
    best: dict[tuple[date, Precision, Role], DraftEcheance] = {}
    for one in sorted(dates, key=lambda one: not one.found.is_certain):
        found = one.found
        is_said = applies is not None and (found.role, found.date) == (applies.role, applies.date)
        is_plain = texts.part_at(one.drawn.field, one.drawn.start) is not None
        if not is_said and (is_plain or found.date not in plain):
            best.setdefault((found.date, found.precision, found.role), one)
    yield from sorted(best.values(), key=lambda one: (one.found.date, one.drawn.start))
