"""The fiches as people wrote them, checked whole before anything is built.

A fiche is a Markdown file: a front matter, prose that no program rewrites, and placeholders such as
`{{ changements }}`, alone on their line, that the build fills from the database.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from hub.errors import ConfigError, Problem
from hub.model import TermKind
from hub.referentiel import Referentiel
from hub.yamlfile import Strict, parse_yaml


class FicheType(StrEnum):
    HOME = "accueil"
    METIER = "metier"
    DISPOSITIF = "dispositif"
    SECTEUR = "secteur"
    PAGE = "page"

    @property
    def kind(self) -> TermKind | None:
        """The kind of term the fiche is about, if it is about one."""
        return _KINDS.get(self)


_KINDS = {
    FicheType.METIER: TermKind.METIER,
    FicheType.DISPOSITIF: TermKind.DISPOSITIF,
    FicheType.SECTEUR: TermKind.SECTEUR,
}


class Placeholder(StrEnum):
    """What a line `{{ name }}` is replaced with; in a fiche about a term, only what concerns it."""

    CHANGEMENTS = "changements"
    CHECKLIST = "checklist"
    ECHEANCES = "echeances"
    SOURCES = "sources"
    METIERS = "metiers"
    DISPOSITIFS = "dispositifs"
    FRAICHEUR = "fraicheur"
    ETAT_DES_SOURCES = "etat_des_sources"


class FrontMatter(Strict):
    """`relu_le` is the day an editor last read the prose again; empty says that nobody has yet."""

    type: FicheType
    id: str = ""
    titre: Annotated[str, Field(min_length=3, max_length=120)]
    chapo: Annotated[str, Field(max_length=400)] = ""
    relu_le: date | None = None


@dataclass(frozen=True, slots=True)
class Fiche:
    """`path` is relative to the folder of the fiches, with slashes."""

    path: str
    front: FrontMatter
    body: str


_FRONT = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
_PLACEHOLDER = re.compile(r"[ ]{0,3}\{\{[ ]*([a-z_]+)[ ]*\}\}[ ]*")


def placeholder_of(line: str) -> Placeholder | None:
    """The placeholder that stands on this line.

    Raises:
        ValueError: braces that are no known placeholder alone on its line.
    """
    match = _PLACEHOLDER.fullmatch(line)
    if match is None:
        if "{{" in line or "}}" in line:
            raise ValueError("a placeholder stands alone on its line, as {{ changements }}")
        return None
    try:
        return Placeholder(match[1])
    except ValueError:
        known = ", ".join(Placeholder)
        raise ValueError(f"unknown placeholder {match[1]!r}, expected one of: {known}") from None


def load_fiches(folder: Path, referentiel: Referentiel) -> tuple[Fiche, ...]:
    """Read every fiche, in the order of their paths.

    Raises:
        ConfigError: with every problem of every file, and every term that has no fiche.
    """
    fiches: list[Fiche] = []
    problems: list[Problem] = []
    for file in sorted(folder.rglob("*.md")):
        try:
            fiche = parse_fiche(file.read_text(encoding="utf-8"), file, folder)
        except ConfigError as error:
            problems += error.problems
            continue
        except UnicodeDecodeError as error:
            problems.append(Problem(file, 1, "", f"not UTF-8: {error.reason}"))
            continue
        fiches.append(fiche)
        problems += _check_term(fiche, file, referentiel)
    seen = {(fiche.front.type.kind, fiche.front.id) for fiche in fiches}
    broken = {problem.file for problem in problems}
    problems += [
        Problem(folder / path, 1, "", f"this fiche is missing, for the {kind.value} {term}")
        for kind, term, path in _wanted(referentiel)
        if (kind, term) not in seen and folder / path not in broken
    ]
    if problems:
        raise ConfigError(problems)
    return tuple(fiches)


def parse_fiche(text: str, file: Path, folder: Path) -> Fiche:
    """Read one fiche.

    Raises:
        ConfigError: front matter missing or wrong, unknown placeholder; every problem is listed.
    """
    match = _FRONT.match(text)
    if match is None:
        raise ConfigError([Problem(file, 1, "", "a fiche starts with a front matter between ---")])
    body = text[match.end() :]
    first_line = text[: match.end()].count("\n") + 1
    problems = list(_check_placeholders(body, file, first_line))
    try:
        front = parse_yaml(match[1], FrontMatter, file, first_line=2)
    except ConfigError as error:
        raise ConfigError([*error.problems, *problems]) from error
    if problems:
        raise ConfigError(problems)
    return Fiche(file.relative_to(folder).as_posix(), front, body)


def _check_placeholders(body: str, file: Path, first_line: int) -> Iterator[Problem]:
    for number, line in enumerate(body.split("\n"), start=first_line):
        try:
            placeholder_of(line)
        except ValueError as error:
            yield Problem(file, number, "", str(error))


def _check_term(fiche: Fiche, file: Path, referentiel: Referentiel) -> Iterator[Problem]:
    """A fiche about a term names it, stands at its address and shows its changes."""
    kind, term = fiche.front.type.kind, fiche.front.id
    if kind is None:
        if term:
            yield Problem(file, 1, "id", f"a fiche of type {fiche.front.type.value} has no id")
        return
    if not referentiel.has(kind, term):
        yield Problem(file, 1, "id", f"unknown {kind.value} {term!r}")
        return
    expected = source_path(kind, term, referentiel)
    if fiche.path != expected:
        yield Problem(file, 1, "id", f"the fiche of {kind.value} {term} must be {expected}")
    if not any(placeholder_of(line) for line in fiche.body.split("\n") if "changements" in line):
        yield Problem(file, 1, "", "the fiche shows no change: add {{ changements }}")


def source_path(kind: TermKind, term: str, referentiel: Referentiel) -> str:
    """The file of a term's fiche, as `metiers/conducteur-travaux.md`."""
    return referentiel.path_of(kind, term).strip("/") + ".md"


def _wanted(referentiel: Referentiel) -> Iterator[tuple[TermKind, str, str]]:
    for kind, terms in (
        (TermKind.METIER, referentiel.metiers),
        (TermKind.DISPOSITIF, referentiel.dispositifs),
        (TermKind.SECTEUR, referentiel.secteurs),
    ):
        for term in terms:
            yield kind, term, source_path(kind, term, referentiel)
