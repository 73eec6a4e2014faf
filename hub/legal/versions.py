"""The versions of an article of law, in one form whatever they were read from. Pure.

An article is told by its versions, each with its own LEGIARTI: they follow one another, and every
one carries the list of all, in no order. The list holds versions that never applied
(MODIFIE_MORT_NE), and dates that mean « not known » (2999-01-01) or « to be fixed » (2222-02-22).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from hub.legal.references import numero
from hub.text import clean

NEVER = 2200
"""From this year on, a date of the DILA's is none: 2222 is to be fixed, 2999 is not known."""


class Etat(StrEnum):
    """The states of a version that LEGI writes (PISTE lists them under the facet ETAT)."""

    VIGUEUR = "VIGUEUR"
    VIGUEUR_DIFF = "VIGUEUR_DIFF"
    VIGUEUR_ETEN = "VIGUEUR_ETEN"
    VIGUEUR_NON_ETEN = "VIGUEUR_NON_ETEN"
    ABROGE_DIFF = "ABROGE_DIFF"
    """In force, with a day from which it will not be."""
    MODIFIE = "MODIFIE"
    MODIFIE_MORT_NE = "MODIFIE_MORT_NE"
    """Replaced before it ever applied."""
    ABROGE = "ABROGE"
    ANNULE = "ANNULE"
    PERIME = "PERIME"
    TRANSFERE = "TRANSFERE"
    DEPLACE = "DEPLACE"
    DISJOINT = "DISJOINT"
    SUBSTITUE = "SUBSTITUE"
    REMPLACE = "REMPLACE"
    DENONCE = "DENONCE"
    INITIALE = "INITIALE"
    SANS_ETAT = "SANS_ETAT"


MOVED = (Etat.TRANSFERE, Etat.DEPLACE)
ENDED = (*MOVED, Etat.ABROGE, Etat.ABROGE_DIFF, Etat.ANNULE, Etat.PERIME, Etat.DISJOINT)
"""States of a version that nothing follows."""


class Note(StrEnum):
    """What is not known of a version, as an editor reads it."""

    NO_NUMBER = "Le numéro de l’article n’est pas donné."
    NO_CODE = "Le code ou le texte de cet article n’est pas nommé."
    NO_TEXT = "La rédaction n’est pas donnée."
    NO_STATE = "L’état de la version n’est pas donné."
    ODD_STATE = "L’état de la version n’est pas de ceux que l’on connaît."
    NO_START = "La date d’entrée en vigueur n’est pas connue ou n’est pas fixée."
    NO_LINK = "Le texte qui a fait cette version n’est pas donné."
    NO_NOR = "Le NOR d’un texte qui l’a modifiée n’est pas donné."
    NO_SIBLINGS = "Les autres versions de l’article ne sont pas données."
    CIRCULAR = "Un lien de l’article vers lui-même ou vers son propre code n’est pas suivi."
    DEDUCED = "Ses versions sont réunies par leur numéro, faute d’identifiant commun."
    NO_ARTICLE = "Ce fichier ne contient aucun article."


@dataclass(frozen=True, slots=True)
class Link:
    """A text that made, or unmade, a version. `kind` is MODIFIE, CREE, ABROGE, TRANSFERE...

    `text` is its JORFTEXT (or LEGITEXT), `article` the article of it that says so; `number` is
    `2025-1343`. `nor`, `number`, `title` are "" when they are not given.
    """

    kind: str
    text: str = ""
    title: str = ""
    nor: str = ""
    number: str = ""
    nature: str = ""
    signed_on: date | None = None
    article: str = ""

    @property
    def names(self) -> frozenset[str]:
        """All that names the text: its JORFTEXT or LEGITEXT, its NOR, `decret-2025-1343`."""
        numbered = numero(self.nature, self.number)
        known = (self.text, self.nor, numbered.value if numbered else "")
        return frozenset(name for name in known if name)

    @property
    def closes(self) -> bool:
        """Whether the version that bears the link is the last: a repeal opens no other."""
        return self.kind in ("ABROGE", "ANNULE", "PERIME", "TRANSFERE", "DISJOINT")


@dataclass(frozen=True, slots=True)
class Sibling:
    """A version as the list of versions tells it: no wording."""

    id: str
    state: str
    start: date | None = None
    end: date | None = None

    @property
    def has_lived(self) -> bool:
        """Whether it applied, or will, from a known day on."""
        is_empty = self.start is not None and self.end is not None and self.start >= self.end
        return self.start is not None and not is_empty and not self.is_stillborn

    @property
    def is_stillborn(self) -> bool:
        """Replaced before it applied. Its dates, where it has some, mean nothing."""
        return self.state.endswith("MORT_NE")


@dataclass(frozen=True, slots=True)
class ArticleVersion:
    """One version of an article.

    `article` is the identity that its versions share. `number` is written as lawyers do
    (« R. 543-290-3 »). `end` is the first day it no longer applies; None when it has no end or none
    that is known. `text` holds one alinéa or one row of a table (« a | b ») each; an image is
    « [image] ». `others` lists all known versions of the article, itself included, in no order.
    """

    id: str
    article: str
    code: str = ""
    code_name: str = ""
    number: str = ""
    state: str = ""
    start: date | None = None
    end: date | None = None
    text: tuple[str, ...] = ()
    nota: tuple[str, ...] = ()
    changed_by: tuple[Link, ...] = ()
    others: tuple[Sibling, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def itself(self) -> Sibling:
        return Sibling(self.id, self.state, self.start, self.end)

    @property
    def title(self) -> str:
        """« Code de l’environnement, article R. 543-290-3 »."""
        word = "" if self.number.lower().startswith("annexe") else "article "
        parts = (self.code_name, f"{word}{self.number}" if self.number else "")
        return ", ".join(part for part in parts if part) or self.id


@dataclass(frozen=True, slots=True)
class Articles:
    """What one answer says of articles: the versions it brings, the ids of those it takes away.
    `said_at` is when its publisher made it, None when that is not told.
    """

    versions: tuple[ArticleVersion, ...] = ()
    deleted: tuple[str, ...] = ()
    said_at: datetime | None = None


NO_ARTICLES = Articles()


# --- Plain forms -------------------------------------------------------------------------------


def read_state(written: str) -> str:
    """The state as an `Etat`; one that is not of the list is kept as it is written."""
    word = clean(written).upper()
    return Etat(word) if word in set(Etat) else clean(written)


def known_day(day: date | None) -> date | None:
    """None for the days by which the DILA says that there is none."""
    return day if day and day.year < NEVER else None


def number_of_article(written: str) -> str:
    """`R543-290-3` -> `R. 543-290-3`, as lawyers write it; what is no such number stays."""
    match = re.fullmatch(r"(LO|[A-Z])(\*{0,2})\s?(\d.*)", clean(written))
    return f"{match[1]}.{match[2]} {match[3]}" if match else clean(written)


def with_notes(version: ArticleVersion, *more: str) -> ArticleVersion:
    """The version with what can be seen to be missing in it."""
    links = version.changed_by
    found = {
        Note.NO_NUMBER: not version.number,
        Note.NO_CODE: not version.code_name,
        Note.NO_TEXT: not version.text,
        Note.NO_STATE: not version.state,
        Note.ODD_STATE: bool(version.state) and version.state not in set(Etat),
        Note.NO_START: version.start is None,
        Note.NO_LINK: not links,
        Note.NO_NOR: any(not link.nor for link in links),
        Note.NO_SIBLINGS: not version.others,
    }
    said = [str(note) for note, is_so in found.items() if is_so]
    return replace(version, notes=tuple(dict.fromkeys([*said, *more])))


# --- Several readings of one version -----------------------------------------------------------


def merge(older: ArticleVersion, newer: ArticleVersion) -> ArticleVersion:
    """One version out of two readings of it: the newer wins, and what it leaves blank is kept.

    An end goes with the state: one that the newer says not to be there any more is not kept.
    """
    links = newer.changed_by or older.changed_by
    merged = replace(
        newer,
        article=newer.article if newer.others or not older.others else older.article,
        code=newer.code or older.code,
        code_name=newer.code_name or older.code_name,
        number=newer.number or older.number,
        state=newer.state or older.state,
        start=newer.start or older.start,
        end=newer.end if newer.state else newer.end or older.end,
        text=newer.text or older.text,
        nota=newer.nota or older.nota,
        changed_by=tuple(dict.fromkeys(links)),
        others=newer.others or older.others,
    )
    kept = (Note.CIRCULAR, Note.DEDUCED)
    return with_notes(merged, *(note for note in newer.notes if note in kept))


def group(versions: Iterable[ArticleVersion]) -> tuple[tuple[ArticleVersion, ...], ...]:
    """The versions of each article together: those of one identity, or that list one another."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    held = list(versions)
    for version in held:
        for name in (version.article, *(one.id for one in version.others)):
            leader[find(name)] = find(version.id)
    groups: dict[str, list[ArticleVersion]] = {}
    for version in held:
        groups.setdefault(find(version.id), []).append(version)
    return tuple(tuple(some) for some in groups.values())
