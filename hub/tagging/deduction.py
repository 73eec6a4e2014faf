"""What follows from the dispositifs of an item: its filières REP, its sectors, its métiers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hub.model import Tag, TermKind
from hub.referentiel import Filiere, Force, LienMetier, Metier, Referentiel, Secteur
from hub.tagging.reading import Phrase, Reading, Zone, phrases_of
from hub.tagging.references import Cited
from hub.tagging.weighing import (
    ACRONYM,
    ANCHOR,
    ARTICLE,
    CITED_FACTORS,
    FACTORS,
    STRONG,
    Clue,
    best_clues,
    tag_from,
)

REP = "REP"
NAMED = 0.6
"""A word of a filière in a text that speaks of REP."""
_LINKS = {Force.FORT: 0.9, Force.MOYEN: 0.4, Force.FAIBLE: 0.2}
_MET = 0.85
"""A link of middling force, when the very filière or words that it names are there."""
_OWN_NAME = 0.6
_OWN_WORD = 0.35
_HEAD = (Zone.TITLE, Zone.SUMMARY, Zone.NOTICE)


def cited_clue(cited: Cited) -> Clue:
    base = ARTICLE if cited.rule.startswith("article:") else ANCHOR
    factor = CITED_FACTORS[cited.hit.zone] if cited.hit else 1.0
    return Clue(cited.rule, base * factor, cited.hit, cited.is_own)


@dataclass(frozen=True)
class FiliereWords:
    filiere: Filiere
    strong: tuple[Phrase, ...]
    words: tuple[Phrase, ...]

    @classmethod
    def of(cls, filiere: Filiere) -> FiliereWords:
        own = [eco.nom for eco in filiere.eco_organismes if eco.propre]
        return cls(filiere, phrases_of(filiere.forts), phrases_of((*filiere.mots, *own)))

    def phrases(self) -> Iterator[Phrase]:
        yield from (*self.strong, *self.words)

    def tag(self, reading: Reading, cited: Iterable[Cited], speaks_of_rep: bool) -> Tag | None:
        clues = [cited_clue(one) for one in cited]
        clues += _phrase_clues(reading, self.strong, STRONG, "fort")
        if speaks_of_rep:
            clues += _phrase_clues(reading, self.words, NAMED, "mot")
            clues += [
                Clue(f"sigle:{sigle}", ACRONYM * FACTORS[hit.zone], hit)
                for sigle in self.filiere.sigles
                for hit in reading.acronyms.get(sigle, ())
            ]
        return tag_from(TermKind.FILIERE, self.filiere.id, best_clues(clues))


def _phrase_clues(
    reading: Reading, phrases: Iterable[Phrase], weight: float, name: str
) -> Iterator[Clue]:
    for phrase in filter(reading.phrases.__contains__, phrases):
        for hit in reading.find(phrase):
            yield Clue(f"{name}:{' '.join(phrase)}", weight * FACTORS[hit.zone], hit)


@dataclass(frozen=True)
class SecteurWords:
    secteur: Secteur
    words: tuple[Phrase, ...]
    contracts: tuple[Phrase, ...]

    @classmethod
    def of(cls, secteur: Secteur) -> SecteurWords:
        return cls(secteur, phrases_of(secteur.lexique), phrases_of(secteur.objets_de_marche))

    def phrases(self) -> Iterator[Phrase]:
        yield from (*self.words, *self.contracts)

    def clues(self, reading: Reading, of_contracts: bool) -> list[Clue]:
        """Words of this sector in the head of the item; those of public contracts if asked."""
        name, phrases = ("objet", self.contracts) if of_contracts else ("mot", self.words)
        found = _phrase_clues(reading, phrases, STRONG, name)
        return best_clues(clue for clue in found if clue.hit and clue.hit.zone in _HEAD)


def deduce_secteurs(
    dispositifs: Sequence[Tag],
    filieres: Sequence[Tag],
    words: Mapping[str, Sequence[Clue]],
    referentiel: Referentiel,
    is_market: bool,
) -> list[Tag]:
    """The sectors of the dispositifs: those they always have, and those the item's words confirm.

    A public contract has only the sectors that its object touches.
    """
    clues: dict[str, list[Clue]] = {}
    for tag in dispositifs:
        dispositif = referentiel.dispositifs[tag.term]
        for secteur in dispositif.secteurs:
            confirmed = list(words.get(secteur, ()))
            always = secteur in dispositif.secteurs_d_office and not is_market
            if always or confirmed:
                deduced = Clue(f"dispositif:{tag.term}", tag.score)
                clues.setdefault(secteur, []).extend([deduced, *confirmed])
    for tag in filieres:
        for secteur in referentiel.filieres[tag.term].secteurs:
            clues.setdefault(secteur, []).append(Clue(f"filiere:{tag.term}", tag.score))
    return _tags(TermKind.SECTEUR, clues)


@dataclass(frozen=True)
class MetierWords:
    metier: Metier
    names: tuple[Phrase, ...]
    words: tuple[Phrase, ...]
    links: Mapping[str, tuple[Phrase, ...]]
    """By dispositif, the words that say it concerns this métier."""

    @classmethod
    def of(cls, metier: Metier) -> MetierWords:
        names = phrases_of((metier.label, metier.masculin, metier.feminin, *metier.synonymes))
        long = tuple(phrase for phrase in names if len(phrase) > 1)
        words = phrases_of(metier.recherche)
        return cls(
            metier,
            long,
            tuple(phrase for phrase in words if len(phrase) > 1),
            {lien.dispositif: phrases_of(lien.mots) for lien in metier.dispositifs},
        )

    def phrases(self) -> Iterator[Phrase]:
        yield from (*self.names, *self.words)
        for words in self.links.values():
            yield from words

    def clues(
        self,
        dispositifs: Sequence[Tag],
        filieres: Sequence[Tag],
        targets: Mapping[str, Collection[str]],
        reading: Reading,
    ) -> list[Clue]:
        """Why this métier should read the item: links first, then its own words if a link holds."""
        by_term = {tag.term: tag for tag in dispositifs}
        found: list[Clue] = []
        words: set[Clue] = set()
        for lien in self.metier.dispositifs:
            if tag := by_term.get(lien.dispositif):
                found += self._of_link(lien, tag, filieres, targets)
                words.update(self.words_for(lien, reading))
        return found + best_clues(words)

    def words_for(self, lien: LienMetier, reading: Reading) -> list[Clue]:
        """The words of the head of the item that speak of this métier under this dispositif."""
        own = [
            *_phrase_clues(reading, self.names, _OWN_NAME, "nom"),
            *_phrase_clues(reading, (*self.words, *self.links[lien.dispositif]), _OWN_WORD, "mot"),
        ]
        return best_clues(c for c in own if c.hit and c.hit.zone in _HEAD)

    def _of_link(
        self,
        lien: LienMetier,
        tag: Tag,
        filieres: Sequence[Tag],
        targets: Mapping[str, Collection[str]],
    ) -> Iterator[Clue]:
        weight = _LINKS[lien.force]
        if lien.dispositif in targets:
            is_target = self.metier.id in targets[lien.dispositif]
            weight = max(weight, _MET) if is_target else _LINKS[Force.FAIBLE]
        if lien.dispositif == REP and filieres:
            met = [f for f in filieres if f.term in lien.filieres]
            for filiere in met:
                strength = max(weight, _MET) if lien.force is not Force.FAIBLE else weight
                yield Clue(f"filiere:{filiere.term}", strength * filiere.score)
            if met:
                return
            weight = _LINKS[Force.FAIBLE]
        yield Clue(f"dispositif:{tag.term}", weight * tag.score)


def deduce_metiers(
    metiers: Iterable[MetierWords],
    dispositifs: Sequence[Tag],
    filieres: Sequence[Tag],
    secteurs: Sequence[Tag],
    transverse: Iterable[str],
    reading: Reading,
) -> list[Tag]:
    """The métiers that a filière of the item binds, and those of its sectors bound by a dispositif.

    Middling links do not add up: two things that hardly concern a métier do not make one that does.
    """
    held = {tag.term for tag in secteurs}
    near = [words for words in metiers if words.metier.secteur in held]
    targets = {dispositif: _targets(dispositif, near, reading) for dispositif in transverse}
    clues: dict[str, list[Clue]] = {}
    for words in metiers:
        found = words.clues(dispositifs, filieres, targets, reading)
        by_filiere = any(clue.rule.startswith("filiere:") for clue in found)
        if by_filiere or words in near:
            clues[words.metier.id] = _strongest_link(found)
    return _tags(TermKind.METIER, clues)


def _targets(dispositif: str, metiers: Sequence[MetierWords], reading: Reading) -> set[str]:
    """The métiers that an item about a transverse dispositif is for.

    Those its words name; when it names none, those the dispositif binds strongly, the main targets
    of the watch if there are any.
    """
    linked = [
        (words, lien)
        for words in metiers
        for lien in words.metier.dispositifs
        if lien.dispositif == dispositif and lien.force is not Force.FAIBLE
    ]
    named = {words.metier.id for words, lien in linked if words.words_for(lien, reading)}
    strong = [words.metier for words, lien in linked if lien.force is Force.FORT]
    main = {metier.id for metier in strong if metier.etoile}
    return named or main or {metier.id for metier in strong}


def _strongest_link(clues: Sequence[Clue]) -> list[Clue]:
    """The best link gives the weight; other strong links stay as reasons that weigh nothing."""
    links = sorted((c for c in clues if c.hit is None), key=lambda c: (-c.weight, c.rule))
    words = [clue for clue in clues if clue.hit is not None]
    reasons = [Clue(c.rule, 0.0) for c in links[1:] if c.weight >= 0.4]
    return [*links[:1], *reasons, *words]


def _tags(kind: TermKind, clues: Mapping[str, Sequence[Clue]]) -> list[Tag]:
    found = (tag_from(kind, term, clues[term]) for term in sorted(clues))
    return [tag for tag in found if tag]


def names_of(referentiel: Referentiel) -> frozenset[str]:
    """The acronyms of the filières."""
    return frozenset(s for filiere in referentiel.filieres.values() for s in filiere.sigles)
