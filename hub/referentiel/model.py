"""The terms of the référentiel: frozen, and at once what a person may write in its YAML files.

Pydantic reads these dataclasses (hub.referentiel.loading), so a file and the code cannot drift
apart. `label` is for readers; `lexique_*`, `sigles`, `contexte`, `exclusions` for the tagger.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from hub.analysis import terms
from hub.errors import UnknownTerm
from hub.model import TermKind

ARTICLE = re.compile(r"(L|R|D|LO)\. (\d+(?:-\d+)*)")


def _speaks(value: str) -> str:
    if not terms(value):
        raise ValueError("no word of this expression would ever be looked for")
    return value


def _is_article(value: str) -> str:
    if not ARTICLE.fullmatch(value):
        raise ValueError("an article is written like « L. 541-10-1 »")
    return value


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Identifiant = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z]+)*$")]
Sigle = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,}$")]
Expression = Annotated[Text, AfterValidator(_speaks)]
Reference = Annotated[str, AfterValidator(_is_article)]
Nor = Annotated[str, StringConstraints(pattern=r"^[A-Z]{4}\d{7}[A-Z]$")]
Jorftext = Annotated[str, StringConstraints(pattern=r"^JORFTEXT\d{12}$")]
Celex = Annotated[str, StringConstraints(pattern=r"^\d{5}[A-Z]\d{4}$")]
Numero = Annotated[str, StringConstraints(pattern=r"^(loi|decret|ordonnance)-\d{4}-\d+$")]


class Entry:
    """Base of what stands in the files: unknown keys are refused."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class Force(StrEnum):
    """How much a dispositif weighs on a métier: it changes the work, is applied, is to be known."""

    FORT = "fort"
    MOYEN = "moyen"
    FAIBLE = "faible"


class BruitAction(StrEnum):
    """`cacher` and `descendre` take an item out of the queue; `marquer` only says why."""

    CACHER = "cacher"
    DESCENDRE = "descendre"
    MARQUER = "marquer"


@dataclass(frozen=True, slots=True)
class Fait(Entry):
    """A fact of law. Only those that are `verifie` may be shown."""

    texte: Text
    verifie: bool
    depuis: dt.date | None = None
    le: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Article(Entry):
    """`de` alone, or all from `de` to `a`, of one code: without its code it says nothing."""

    de: Reference
    code: Text
    verifie: bool
    a: Reference | None = None
    objet: str = ""


@dataclass(frozen=True, slots=True)
class Ancre(Entry):
    """A text whose mention is enough.

    `date` is for an arrêté, which has no number: one word of `objet` at least must follow it.
    """

    titre: Text
    verifie: bool
    nor: Nor | None = None
    jorftext: Jorftext | None = None
    celex: Celex | None = None
    numero: Numero | None = None
    date: dt.date | None = None
    objet: str = ""


@dataclass(frozen=True, slots=True)
class Exclusion(Entry):
    """`formes` mean something else (`sens`) when one of `indices` is near and none of `sauf` is.

    `vers` names the dispositif that they mean instead.
    """

    formes: Annotated[tuple[Expression, ...], Field(min_length=1)]
    sens: Text
    indices: Annotated[tuple[Expression, ...], Field(min_length=1)]
    sauf: tuple[Expression, ...] = ()
    vers: Identifiant | None = None


@dataclass(frozen=True, slots=True)
class Convention(Entry):
    """A collective agreement of the network's own branches."""

    idcc: int
    nom: Text
    verifie: bool


@dataclass(frozen=True, slots=True)
class Secteur(Entry):
    id: Identifiant
    label: Text
    description: Text
    lexique: tuple[Expression, ...]
    objets_de_marche: tuple[Expression, ...]
    """What a public contract is about, when it touches a métier of this sector."""


@dataclass(frozen=True, slots=True)
class Dispositif(Entry):
    """`secteurs` are those it may concern; `secteurs_d_office` those it always does.

    A `transverse` one holds many rules that have nothing to do with one another.
    """

    id: Identifiant
    label: Text
    nom_officiel: Text
    description: Text
    rang: Literal["principal", "voisin"]
    secteurs: tuple[Identifiant, ...]
    lexique_fort: tuple[Expression, ...]
    lexique_moyen: tuple[Expression, ...]
    lexique_generique: tuple[Expression, ...] = ()
    """Words of too many subjects: they confirm another clue, and never make one by themselves."""
    transverse: bool = False
    parent: Identifiant | None = None
    secteurs_d_office: tuple[Identifiant, ...] = ()
    ajoute: tuple[Identifiant, ...] = ()
    """Dispositifs that always come with this one."""
    sigles: tuple[Sigle, ...] = ()
    sigles_faibles: tuple[Sigle, ...] = ()
    synonymes: tuple[Expression, ...] = ()
    contexte: tuple[Expression, ...] = ()
    articles: tuple[Article, ...] = ()
    ancres: tuple[Ancre, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    faits: tuple[Fait, ...] = ()
    autorites: tuple[Text, ...] = ()
    conventions: tuple[Convention, ...] = ()

    @property
    def is_principal(self) -> bool:
        """One of the thirteen subjects of the hub; the others are their neighbours."""
        return self.rang == "principal"


@dataclass(frozen=True, slots=True)
class EcoOrganisme(Entry):
    """`propre` when it serves one filière only: its name then gives the filière."""

    nom: Text
    verifie: bool
    propre: bool = False


@dataclass(frozen=True, slots=True)
class Filiere(Entry):
    """A filière REP. `items` are its numbers in the list of article L. 541-10-1.

    `forts` are enough to name it; `mots` count once the text is known to speak of REP. `metiers`
    says what the filière means for each métier that meets it.
    """

    id: Identifiant
    label: Text
    nom: Text
    description: Text
    items: tuple[int, ...]
    secteurs: tuple[Identifiant, ...]
    sigles: tuple[Sigle, ...] = ()
    forts: tuple[Expression, ...] = ()
    mots: tuple[Expression, ...] = ()
    produits: tuple[Text, ...] = ()
    base: tuple[Fait, ...] = ()
    articles: tuple[Article, ...] = ()
    ancres: tuple[Ancre, ...] = ()
    eco_organismes: tuple[EcoOrganisme, ...] = ()
    dates: tuple[Fait, ...] = ()
    alerte: str = ""
    metiers: Mapping[Slug, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LienMetier(Entry):
    """Why a dispositif matters to a métier. `etude` when the study itself says so.

    `filieres` (for the REP) and `mots` (for a transverse dispositif) say which part of it does.
    """

    dispositif: Identifiant
    force: Force
    pourquoi: Text
    etude: bool = False
    filieres: tuple[Identifiant, ...] = ()
    mots: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Metier(Entry):
    """`etoile` marks the main targets of the watch. `recherche` is what people type to find it."""

    id: Slug
    label: Text
    masculin: Text
    feminin: Text
    secteur: Identifiant
    description: Text
    dispositifs: tuple[LienMetier, ...]
    etoile: bool = False
    synonymes: tuple[Expression, ...] = ()
    recherche: tuple[Expression, ...] = ()
    documents: tuple[Text, ...] = ()
    questions: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class RegleBruit(Entry):
    """What makes a text useless to our readers. `prime`: even a recognised dispositif yields."""

    id: Slug
    label: Text
    action: BruitAction
    mots: tuple[Expression, ...] = ()
    rubriques: tuple[Expression, ...] = ()
    gardes: tuple[Expression, ...] = ()
    prime: bool = False


Term = Secteur | Dispositif | Filiere | Metier


@dataclass(frozen=True)
class Referentiel:
    """All the terms, by identifier, in the order of the files."""

    secteurs: Mapping[str, Secteur]
    dispositifs: Mapping[str, Dispositif]
    filieres: Mapping[str, Filiere]
    metiers: Mapping[str, Metier]
    bruit: Mapping[str, RegleBruit]
    gardes: tuple[str, ...] = ()
    """Words that stop every noise rule but those that `prime`."""

    def terms(self, kind: TermKind) -> Mapping[str, Term]:
        """Every term of a kind, by identifier."""
        by_kind: dict[TermKind, Mapping[str, Term]] = {
            TermKind.DISPOSITIF: self.dispositifs,
            TermKind.FILIERE: self.filieres,
            TermKind.SECTEUR: self.secteurs,
            TermKind.METIER: self.metiers,
        }
        return by_kind[kind]

    def has(self, kind: TermKind, term: str) -> bool:
        return term in self.terms(kind)

    def label(self, kind: TermKind, term: str) -> str:
        """The French name of a term.

        Raises:
            UnknownTerm: the référentiel has no such term.
        """
        try:
            return self.terms(kind)[term].label
        except KeyError as error:
            raise UnknownTerm(term) from error

    def path_of(self, kind: TermKind, term: str) -> str:
        """The public address of a term's page, as `metiers/conducteur-travaux/`.

        Raises:
            UnknownTerm: the référentiel has no such term.
        """
        if not self.has(kind, term):
            raise UnknownTerm(term)
        return f"{kind}s/{term.lower().replace('_', '-')}/"

    def find(self, kind: TermKind, slug: str) -> str | None:
        """The term whose address ends with `slug`: the way back from `path_of`."""
        term = slug if kind is TermKind.METIER else slug.upper().replace("-", "_")
        return term if self.has(kind, term) else None
