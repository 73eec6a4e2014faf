"""What the articles of a text do to other texts, in the set phrases that amend.

« L'article R. 1 est ainsi modifié », « À l'article R. 1, les mots … sont remplacés par », « il est
inséré un article R. 2 ainsi rédigé », « est abrogé » (Guide de légistique, fiche 3.4.1,
« Modifications et insertions »). Only a clause that opens with a place of a text amends it: « si
l'autorisation de l'article L. 1 est modifiée » amends nothing. The new wording, between « and »,
is read for the articles it opens with only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.legal.articles import LINKS, is_link, joins
from hub.legal.linkkind import LinkKind
from hub.legal.norms import Citation, CitationKind

_CLAUSE_END = re.compile(r"[;\n]|:(?!\s{0,3}«)|(?<!\W[lrda])(?<!\Wart)(?<!\Wo)\.(?=\s|$)", re.ASCII)
_BULLET = re.compile(
    r"\s*(?:(?:article\s{1,4}(?:[0-9]{1,3}|1\s?er|premier|unique)|[ivx]{1,6}|[0-9]{1,3}°|[a-z](?=\s?\)))"
    r"(?:\s(?:bis|ter))?\s{0,2}[).-]{0,2}\s{0,2}-?\s{0,4}|-\s{0,4}){0,4}",
    re.ASCII,
)
_ITEM = re.compile(r"\s*(?:[0-9]{1,3}°|[a-z]\s?\)|-)", re.ASCII)
_BE = r"(?:est|sont)\s{1,4}(?:(?:ainsi|egalement|donc)\s{1,4})?"
_ABROGATED = re.compile(rf"(?<!\w){_BE}abrogee?s?(?!\w)", re.ASCII)
_RATIFIED = re.compile(r"(?<!\w)(?:est|sont)\s{1,4}ratifiee?s?(?!\w)", re.ASCII)
_RESTORED = re.compile(rf"(?<!\w){_BE}retablie?s?(?!\w)", re.ASCII)
_CHANGED = re.compile(
    rf"(?<!\w)(?:{_BE}(?:modifi|complet|remplac|redig|supprim|inser|ajout|substitu|renumerot"
    r"|retabli)(?:e?e?s?)|devien(?:t|nent))(?!\w)",
    re.ASCII,
)
_INSERTED = re.compile(
    r"(?<!\w)(?:(?:est|sont)\s{1,4}(?:ainsi\s{1,4})?(?:inseree?s?|ajoutee?s?|creee?s?|completee?s?)"
    r"(?:[^.;:\n]{0,80}?)\s(?:un|une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|les|des|l')"
    r"\s{0,4}(?:nouve(?:l|aux)\s{1,4})?articles?)\s{1,4}$",
    re.ASCII,
)
_INSERTING = re.compile(r"(?<!\w)(?:inser|ajout|cree|complet|retabli)", re.ASCII)
_LISTED = re.compile(r"^\s*(?:sont|est)\s{1,4}abrogee?s?\s*$", re.ASCII)
_PLACES = LINKS | frozenset(
    re.findall(
        r"\w+",
        """
        apres avant cahier chapitre chapitres charges colonne compter debut egalement enfin entre
        figurant fin intitule libelle ligne lignes liste livre livres mot mots numero onzieme
        douzieme paragraphes parties point points references rubrique rubriques sections sous
        tableaux tiret tirets titre titres toutefois unique
        """,
    )
)
"""What may stand before a citation that a clause amends: places of a text, never a thing."""
_INSIDE = re.compile(r"^(?:a|au|aux|dans|apres|avant|le|la|les|l')(?!\w)|^l'", re.ASCII)
_ADVERBIAL = re.compile(r"^(?:a|au|aux|dans|apres|avant)(?!\w)", re.ASCII)
_DRAFTING = re.compile(
    r"(?:^,\s{0,4}(?:est|sont)|(?:\s|,|')(?:mots?|nombres?|references?|montants?|dates?|annees?|taux"
    r"|chiffres?|valeurs?|signes?|phrases?|alineas?|tableaux?|lignes?|colonnes?|occurrences?"
    r"|il\s{1,4}(?:est|sont)|[ivx]{1,5}|[0-9]{1,3}°|[a-z]\s?\)|points?|tirets?))(?!\w)",
    re.ASCII,
)
"""What a clause that opens with « À l'article … » changes there."""
_WHOLE = re.compile(r"^(?:l'|le\s|la\s|les\s)\s{0,4}(?:articles?\s{0,4})?$", re.ASCII)
_AFTER = re.compile(r"^(?:apres|avant)\s{1,4}(?:l'|les\s{1,4})\s{0,4}articles?\s{0,4}$", re.ASCII)
_AND_DIRECT = re.compile(r"(?:,|\bet|\bainsi\s{1,4}que)\s{1,4}(?:le|la|les|l')\s{0,4}$", re.ASCII)
_OTHER_CLAUSE = re.compile(
    r"(?<!\w)(?:qui|lorsque|si|dont|afin|peut|peuvent|doit|doivent)(?!\w)", re.ASCII
)
_NEW_ARTICLE = re.compile(r"«\s{0,3}art(?:icle)?\.?\s{1,4}$", re.ASCII)
_LONGEST = 1200
_SUBJECT_REACH = 300


@dataclass(frozen=True, slots=True)
class Change:
    """What a clause, from `start` to `end`, does to a text or an article."""

    kind: LinkKind
    target: Citation
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Clause:
    start: int
    end: int
    text: str
    citations: tuple[Citation, ...]
    opens_list: bool

    @property
    def head(self) -> int:
        """Where its words begin, past « 1° », « I. - », « Article 2 »."""
        match = _BULLET.match(self.text)
        return match.end() if match else 0

    def before(self, citation: Citation) -> str:
        return self.text[self.head : citation.start - self.start]


def find_changes(text: str, citations: Sequence[Citation]) -> Iterator[Change]:
    """What `text`, plain, does to what it cites; whole codes are citations like others."""
    hidden, quoted = _hide_quotes(text)
    own_words = [c for c in citations if not hidden[c.start : c.end].isspace()]
    is_abrogating = False
    for clause in _clauses(hidden, own_words):
        if not clause.text.strip():
            continue
        if is_abrogating and _ITEM.match(clause.text):
            yield from _listed(clause)
            continue
        is_abrogating = clause.opens_list and bool(_LISTED.match(clause.text[clause.head :]))
        yield from _changes(clause)
    yield from _new_articles(text, hidden, quoted, citations)


def hide_quotes(text: str) -> str:
    """The text with blanks for the new wording, between its « and »; places stay."""
    return _hide_quotes(text)[0]


# --- Clauses -----------------------------------------------------------------------------------


def _clauses(text: str, citations: Sequence[Citation]) -> Iterator[_Clause]:
    place, at = 0, 0
    ends = [(match.start(), match.end()) for match in _CLAUSE_END.finditer(text)]
    for end, following in [*ends, (len(text), len(text))]:
        inside = []
        while at < len(citations) and citations[at].start < end:
            if citations[at].start >= place:
                inside.append(citations[at])
            at += 1
        words = text[place : min(end, place + _LONGEST)]
        yield _Clause(place, end, words, tuple(inside), text[end:following] == ":")
        place = following


def _hide_quotes(text: str) -> tuple[str, list[tuple[int, int]]]:
    """In the Journal officiel each quoted paragraph opens with « and the last ends with »: a line
    that does not open so is no longer quoted.
    """
    spans: list[tuple[int, int]] = []
    for line in re.finditer(r"[^\n]+", text):
        depth, opened = 0, 0
        for mark in re.finditer(r"[«»]", line[0]):
            if mark[0] == "«":
                opened = mark.start() if depth == 0 else opened
                depth += 1
            elif depth:
                depth -= 1
                if depth == 0:
                    spans.append((line.start() + opened, line.start() + mark.end()))
        if depth:
            spans.append((line.start() + opened, line.end()))
    parts, place = [], 0
    for start, end in spans:
        closing = "»" if end - start > 1 and text[end - 1] == "»" else ""
        blanks = " " * (end - start - 1 - len(closing))
        parts += [text[place : start + 1], blanks, closing]
        place = end
    return "".join([*parts, text[place:]]), spans


# --- What a clause does ------------------------------------------------------------------------


def _changes(clause: _Clause) -> Iterator[Change]:
    created = _created(clause)
    for citation in created:
        yield Change(LinkKind.CREE, citation, *_hull(clause, citation))
    subjects = _subjects(clause, created)
    if not subjects:
        return
    first = subjects[0]
    verb = _verb(clause, first, subjects[-1])
    if verb is None:
        return
    kind = verb
    is_whole = _is_whole(clause, first)
    if verb in (LinkKind.ABROGE, LinkKind.CREE, LinkKind.RATIFIE) and not is_whole:
        kind = LinkKind.MODIFIE
    if created and _AFTER.match(clause.before(first)):
        return
    for citation in subjects:
        yield Change(kind, citation, *_hull(clause, citation))


def _created(clause: _Clause) -> tuple[Citation, ...]:
    """The articles after « il est inséré un article », with those listed after it."""
    found: list[Citation] = []
    for citation in clause.citations:
        place = citation.start - clause.start
        if citation.kind is not CitationKind.ARTICLE:
            continue
        if found:
            if is_link(clause.text[found[-1].end - clause.start : place]):
                found.append(citation)
        elif _INSERTED.search(clause.text[max(0, place - 160) : place]):
            found.append(citation)
    return tuple(found)


def _subjects(clause: _Clause, created: Sequence[Citation]) -> list[Citation]:
    """What the clause opens with: the first citation, if only places of a text stand before it, and
    those listed with it.
    """
    candidates = [c for c in clause.citations if c not in created]
    if not candidates or not _opens(clause.before(candidates[0])):
        return []
    subjects = [candidates[0]]
    for citation in candidates[1:]:
        gap = clause.text[subjects[-1].end - clause.start : citation.start - clause.start]
        if not _is_listed(gap):
            break
        subjects.append(citation)
    return subjects


def _is_listed(gap: str) -> bool:
    return joins(gap) or bool(_AND_DIRECT.search(gap) and len(gap) < _SUBJECT_REACH)


def _opens(before: str) -> bool:
    words = re.findall(r"[a-z0-9]+", before)
    is_place = all(word in _PLACES or word.isdigit() for word in words)
    return is_place and len(before) <= _SUBJECT_REACH and bool(_INSIDE.match(before.lstrip()))


def _verb(clause: _Clause, first: Citation, last: Citation) -> LinkKind | None:
    """What is said of the subjects, right after them or of what is in them."""
    after = clause.text[last.end - clause.start :]
    found = [
        (match.start(), kind)
        for kind, pattern in _VERBS
        if (match := pattern.search(after)) is not None
    ]
    if not found:
        return None
    place, kind = min(found, key=lambda pair: pair[0])
    between = after[:place]
    if place > _SUBJECT_REACH or _OTHER_CLAUSE.search(between):
        return None
    if _ADVERBIAL.match(clause.before(first).lstrip()):
        is_drafting = "," in between and _DRAFTING.search(after[between.index(",") : place + 8])
        return LinkKind.MODIFIE if is_drafting else None
    return kind


_VERBS = (
    (LinkKind.ABROGE, _ABROGATED),
    (LinkKind.RATIFIE, _RATIFIED),
    (LinkKind.CREE, _RESTORED),
    (LinkKind.MODIFIE, _CHANGED),
)


def _is_whole(clause: _Clause, citation: Citation) -> bool:
    """« L'article R. 1 », « les décrets … »: not « le 3° de l'article R. 1 », nor « l'article 3 de
    l'arrêté … ».
    """
    before = clause.before(citation)
    is_article = citation.kind is CitationKind.ARTICLE
    return bool(_WHOLE.match(before)) and ("article" in before) is is_article


def _listed(clause: _Clause) -> Iterator[Change]:
    """« Sont abrogés : 1° L'arrêté … ; 2° L'article … »."""
    subjects = _subjects(clause, ())
    for citation in subjects:
        kind = LinkKind.ABROGE if _is_whole(clause, subjects[0]) else LinkKind.MODIFIE
        yield Change(kind, citation, *_hull(clause, citation))


def _hull(clause: _Clause, citation: Citation) -> tuple[int, int]:
    """The clause, from its first word; the citation alone where the clause is too long to show."""
    start = clause.start + clause.head
    start += len(clause.text[clause.head :]) - len(clause.text[clause.head :].lstrip())
    end = clause.start + len(clause.text.rstrip())
    is_short = end - start <= _SUBJECT_REACH * 2 and start <= citation.start and citation.end <= end
    return (start, end) if is_short else (citation.start, citation.end)


# --- New wording -------------------------------------------------------------------------------


def _new_articles(
    text: str, hidden: str, quoted: Sequence[tuple[int, int]], citations: Sequence[Citation]
) -> Iterator[Change]:
    """« « Art. R. 543-290. – … » opens an article: created where the clause before inserts or
    completes, rewritten otherwise.
    """
    at = 0
    articles = [c for c in citations if c.kind is CitationKind.ARTICLE]
    for start, end in quoted:
        while at < len(articles) and articles[at].start < start:
            at += 1
        if at == len(articles) or articles[at].start >= end:
            continue
        citation = articles[at]
        if not _NEW_ARTICLE.search(text[start : citation.start]):
            continue
        clause = hidden[max(0, start - _LONGEST) : start].rstrip(" \n:«»")
        clause = _CLAUSE_END.split(clause)[-1]
        kind = LinkKind.CREE if _INSERTING.search(clause) else LinkKind.MODIFIE
        yield Change(kind, citation, citation.start, citation.end)
