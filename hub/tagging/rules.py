"""The first tagger: rules only, every tag with the words that made it.

The order of strength is that of the référentiel: anchor texts, articles with their code, strong
words by where they stand, two middling words or one in its context, acronyms that nothing
contradicts. Filières, sectors and métiers follow from there; noise comes last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TypeVar

from hub.analysis import stem
from hub.model import Classification, Evidence, Scheme, Tag, TermKind, TextField, TextOfItem
from hub.referentiel import Referentiel
from hub.tagging.deduction import (
    REP,
    FiliereWords,
    MetierWords,
    SecteurWords,
    cited_clue,
    deduce_metiers,
    deduce_secteurs,
    names_of,
)
from hub.tagging.lexicon import Lexicon
from hub.tagging.noise import NoiseRules
from hub.tagging.reading import HEAD, Page, Reader, Reading, has_notice, read_page
from hub.tagging.references import Cited, References
from hub.tagging.sieve import Pieces, Sieve
from hub.tagging.weighing import (
    FACTORS,
    FEWEST_IN_BODY,
    HINT,
    STRONG,
    Clue,
    best_clues,
    tag_from,
)
from hub.text import fold

T = TypeVar("T")
MARKET = "COMMANDE_PUBLIQUE"
Heard = tuple[str, str, str]
"""A source, its key and the digest of what it said: all that the rules read of an item of which
nothing else was said. Of a watched page the digest tells less, but two things it said under one
key never make two items.
"""
_KIND_ORDER = (TermKind.DISPOSITIF, TermKind.FILIERE, TermKind.SECTEUR, TermKind.METIER)
_IDCC_MARK = re.compile(r"(?:idcc|n\s?[°º])", re.IGNORECASE)
_IDCC = re.compile(rf"{_IDCC_MARK.pattern}\s*:?\s*$", re.IGNORECASE)
_AGREEMENT = {stem(w) for w in ("convention", "accord", "avenant", "branche", "extension", "idcc")}


@dataclass(frozen=True, slots=True)
class Hints:
    """What the sources of an item usually speak of: never enough alone, enough to confirm."""

    dispositifs: tuple[str, ...] = ()
    secteurs: tuple[str, ...] = ()


class Tagger:
    """Built once; `classify` is pure, and gives the same answer whatever the order of the terms."""

    def __init__(self, referentiel: Referentiel) -> None:
        self.referentiel = referentiel
        self._references = References(referentiel)
        self._lexicons = [Lexicon.of(d) for d in _in_order(referentiel.dispositifs)]
        self._filieres = [FiliereWords.of(f) for f in _in_order(referentiel.filieres)]
        self._secteurs = [SecteurWords.of(s) for s in _in_order(referentiel.secteurs)]
        self._metiers = [MetierWords.of(m) for m in _in_order(referentiel.metiers)]
        self._transverse = [d.id for d in referentiel.dispositifs.values() if d.transverse]
        self._noise = NoiseRules(referentiel)
        self._conventions = {
            str(convention.idcc): dispositif.id
            for dispositif in referentiel.dispositifs.values()
            for convention in dispositif.conventions
        }
        self._reader = self._build_reader()
        self._build_sieves()

    def _build_sieves(self) -> None:
        """Without one of these no dispositif nor filière is found, and all tags follow from them.

        Middling words and weak acronyms count for nothing in the body.
        """
        strong = {phrase for words in self._lexicons for phrase in words.strong}
        strong |= {phrase for words in self._filieres for phrase in words.strong}
        medium = {phrase for words in self._lexicons for phrase in words.medium}
        named = {phrase for words in self._filieres for phrase in words.words}
        acronyms = {acronym for words in self._lexicons for acronym in words.acronyms}
        weak = {acronym for words in self._lexicons for acronym in words.weak_acronyms}
        generic = {phrase for words in self._lexicons for phrase in words.generic}
        noise = {phrase for rule in self._noise.rules for phrase in rule.phrases()}
        pieces = Pieces(
            strong | medium | named | generic | noise, self._reader.acronyms, self._references
        )
        self._beyond = lru_cache(maxsize=64)(partial(self._sieve_noise, pieces))
        self._generic = Sieve(pieces, generic)
        self._body = Sieve(pieces, strong, acronyms, self._references)
        self._text = Sieve(pieces, strong | named, self._reader.acronyms, self._references)
        self._head = Sieve(pieces, strong | medium, acronyms | weak, self._references)

    def _sieve_noise(self, pieces: Pieces, placed: frozenset[int]) -> tuple[Sieve, Sieve]:
        """What can change the noise that a rubrique makes by these rules: the words of the other
        rules in the title, and their own guards.
        """
        rules = list(enumerate(self._noise.rules))
        words = {phrase for n, rule in rules if n not in placed for phrase in rule.words}
        guards = {phrase for n, rule in rules if n in placed for phrase in rule.guards}
        return Sieve(pieces, words), Sieve(pieces, guards)

    def _build_reader(self) -> Reader:
        noise = self._noise.rules
        groups = (self._lexicons, self._filieres, self._secteurs, self._metiers, noise)
        phrases = {phrase for group in groups for words in group for phrase in words.phrases()}
        acronyms = {a for words in self._lexicons for a in (*words.acronyms, *words.weak_acronyms)}
        return Reader(phrases, names_of(self.referentiel) | acronyms)

    def classify(self, item: TextOfItem, hints: Hints = Hints()) -> Classification:
        """Give the terms an item is about, each with its evidence, and the noise it makes.

        An item that nothing recognises comes back without tags. A noise rule yields to a sure
        dispositif, except those of nominations and vacancies.
        """
        market = is_market(item)
        if not market and not self._may_be_tagged(item):
            return Classification((), self._noise_alone(item))
        reading = self._reader.read(item, HEAD if self._is_silent(item.text) else TextField)
        secteur_clues = {s.secteur.id: s.clues(reading, market) for s in self._secteurs}
        dispositifs, filieres = self._dispositifs(item, reading, hints, secteur_clues, market)
        secteurs = deduce_secteurs(dispositifs, filieres, secteur_clues, self.referentiel, market)
        metiers = deduce_metiers(
            self._metiers, dispositifs, filieres, secteurs, self._transverse, reading
        )
        tags = [*dispositifs, *filieres, *secteurs, *metiers]
        tags.sort(key=lambda tag: (_KIND_ORDER.index(tag.kind), -tag.score, tag.term))
        return Classification(tuple(tags), self._noise.find_noise(item, reading, dispositifs))

    def recall(self, said: Heard) -> Classification | None:
        """The answer for an item of which only this was said, if it was worked out before."""
        return None

    def marks(self, item: TextOfItem) -> tuple[str, ...]:
        """The noise rules that leave an item in the queue but say why it is weak."""
        found = self._noise.find_marks(item, self._reader.read(item, HEAD))
        return tuple(evidence.rule.partition(":")[2] for evidence in found)

    def _may_be_tagged(self, item: TextOfItem) -> bool:
        """False only when no tag can come of this item: most of what is published."""
        return (
            any(True for _ in self._references.of_identifiers(_own(item)))
            or any(self._head.may_hold(item.field(name)) for name in HEAD)
            or any(self._names_agreement(name, item.field(name)) for name in HEAD)
            or self._body_may_hold(item)
        )

    def _body_may_hold(self, item: TextOfItem) -> bool:
        if has_notice(item.text):
            return self._head.may_hold(item.text)
        if not self._body.may_hold(item.text):
            return False
        is_confirmed = any(self._generic.may_hold(item.field(name)) for name in HEAD)
        return is_confirmed or self._body.may_hold(item.text, FEWEST_IN_BODY)

    def _is_silent(self, text: str) -> bool:
        """True only when the text of the item adds nothing to its title and summary."""
        return not has_notice(text) and not self._text.may_hold(text)

    def _names_agreement(self, name: TextField, text: str) -> bool:
        return bool(_IDCC_MARK.search(text)) and any(self._idcc(read_page(name, text)))

    def _noise_alone(self, item: TextOfItem) -> tuple[Evidence, ...]:
        """The noise of an item without tags: only its head and its rubrique tell."""
        words, guards = self._beyond(frozenset(self._noise.of_rubrique(item.rubrique)))
        if not words.may_hold(item.title) and not any(
            guards.may_hold(item.field(name)) for name in HEAD
        ):
            return self._noise.of_place(item.rubrique)
        return self._noise.find_noise(item, self._reader.read(item, HEAD), ())

    def _dispositifs(
        self,
        item: TextOfItem,
        reading: Reading,
        hints: Hints,
        secteur_clues: dict[str, list[Clue]],
        market: bool,
    ) -> tuple[list[Tag], list[Tag]]:
        own = _own(item)
        cited = [*self._references.of_identifiers(own), *self._references.cited(reading, own)]
        clues = self._clues(reading, cited)
        if market:
            clues[MARKET] = [clue for found in secteur_clues.values() for clue in found]
        for term, found in clues.items():
            if found and term in hints.dispositifs and not (market and term == MARKET):
                found.append(Clue(f"source:{term}", HINT))
        filieres = self._tag_filieres(reading, cited, clues)
        clues[REP] += [Clue(f"filiere:{tag.term}", 0.9 * tag.score) for tag in filieres]
        tags = {term: tag_from(TermKind.DISPOSITIF, term, clues[term]) for term in sorted(clues)}
        return self._with_companions([tag for tag in tags.values() if tag]), filieres

    def _clues(self, reading: Reading, cited: Sequence[Cited]) -> dict[str, list[Clue]]:
        clues = {lexicon.term: lexicon.clues(reading) for lexicon in self._lexicons}
        for lexicon in self._lexicons:
            for term, clue in lexicon.redirected(reading):
                clues[term].append(clue)
        for one in cited:
            kind, term = one.target
            if kind is TermKind.DISPOSITIF:
                clues[term].append(cited_clue(one))
        for page in reading.pages:
            for term, clue in self._idcc(page):
                clues[term].append(clue)
        return {term: best_clues(found) for term, found in clues.items()}

    def _idcc(self, page: Page) -> Iterator[tuple[str, Clue]]:
        """The number of a collective agreement of the network, in a text about agreements."""
        if page.field is TextField.TEXT or not any(t.term in _AGREEMENT for t in page.tokens):
            return
        for index, token in enumerate(page.tokens):
            term = self._conventions.get(token.term.lstrip("0"))
            if term and _IDCC.search(page.text[: token.start]):
                hit = page.hit(index, index)
                yield term, Clue(f"idcc:{token.term}", STRONG * FACTORS[hit.zone], hit)

    def _tag_filieres(
        self, reading: Reading, cited: Sequence[Cited], clues: dict[str, list[Clue]]
    ) -> list[Tag]:
        speaks_of_rep = tag_from(TermKind.DISPOSITIF, REP, clues[REP]) is not None
        found = (
            words.tag(
                reading,
                [one for one in cited if one.target == (TermKind.FILIERE, words.filiere.id)],
                speaks_of_rep,
            )
            for words in self._filieres
        )
        return [tag for tag in found if tag]

    def _with_companions(self, tags: list[Tag]) -> list[Tag]:
        """Add the dispositifs that always come with another one."""
        held = {tag.term: tag for tag in tags}
        for tag in tags:
            for term in self.referentiel.dispositifs[tag.term].ajoute:
                if term not in held:
                    clue = Clue(f"dispositif:{tag.term}", tag.score)
                    if companion := tag_from(TermKind.DISPOSITIF, term, [clue]):
                        held[term] = companion
        return [held[term] for term in sorted(held)]


def _own(item: TextOfItem) -> list[tuple[Scheme, str]]:
    return [(identifier.scheme, identifier.value) for identifier in item.identifiers]


def is_market(item: TextOfItem) -> bool:
    """Whether the item is a notice of public contract: only its object says whom it concerns."""
    return (
        any(identifier.scheme is Scheme.BOAMP for identifier in item.identifiers)
        or any("boamp" in source for source in item.source_ids)
        or fold(item.nature).replace("_", " ").startswith(("marche", "avis de marche"))
    )


def _in_order(terms: Mapping[str, T]) -> list[T]:
    return [terms[name] for name in sorted(terms)]
