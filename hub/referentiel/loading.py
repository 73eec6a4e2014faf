"""Read the five files of the référentiel and refuse them if they contradict one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeVar

from hub.errors import ConfigError, Problem
from hub.referentiel.model import (
    Dispositif,
    Expression,
    Filiere,
    Metier,
    Referentiel,
    RegleBruit,
    Secteur,
)
from hub.yamlfile import Strict, line_of, load_yaml

DEFAULT = Path(__file__).parent


class _Secteurs(Strict):
    secteurs: tuple[Secteur, ...]


class _Dispositifs(Strict):
    dispositifs: tuple[Dispositif, ...]


class _Filieres(Strict):
    filieres: tuple[Filiere, ...]


class _Metiers(Strict):
    metiers: tuple[Metier, ...]


class _Bruit(Strict):
    gardes: tuple[Expression, ...]
    regles: tuple[RegleBruit, ...]


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


File = TypeVar("File", bound=Strict)
Location = tuple[str | int, ...]
Claim = tuple[Location, str]
"""Where a file names a term of another, and what is wrong with it."""


@lru_cache(maxsize=4)
def load_referentiel(folder: Path = DEFAULT) -> Referentiel:
    """Read and check the whole référentiel. Cached: the same folder is read once a process.

    Raises:
        ConfigError: with every problem of every file, each with its line.
    """
    secteurs, dispositifs, filieres, metiers, bruit = _load_files(folder)
    referentiel = Referentiel(
        secteurs={term.id: term for term in secteurs.secteurs},
        dispositifs={term.id: term for term in dispositifs.dispositifs},
        filieres={term.id: term for term in filieres.filieres},
        metiers={term.id: term for term in metiers.metiers},
        bruit={rule.id: rule for rule in bruit.regles},
        gardes=bruit.gardes,
    )
    problems = [
        *_report(folder / "secteurs.yaml", _repeated("secteurs", secteurs.secteurs)),
        *_report(
            folder / "dispositifs.yaml",
            _repeated("dispositifs", dispositifs.dispositifs),
            _check_dispositifs(dispositifs.dispositifs, referentiel),
        ),
        *_report(
            folder / "filieres.yaml",
            _repeated("filieres", filieres.filieres),
            _check_filieres(filieres.filieres, referentiel),
        ),
        *_report(
            folder / "metiers.yaml",
            _repeated("metiers", metiers.metiers),
            _check_metiers(metiers.metiers, referentiel),
        ),
        *_report(folder / "bruit.yaml", _repeated("regles", bruit.regles)),
    ]
    if problems:
        raise ConfigError(problems)
    return referentiel


def _load_files(folder: Path) -> tuple[_Secteurs, _Dispositifs, _Filieres, _Metiers, _Bruit]:
    problems: list[Problem] = []

    def load(name: str, model: type[File]) -> File | None:
        try:
            return load_yaml(folder / name, model)
        except ConfigError as error:
            problems.extend(error.problems)
            return None

    secteurs = load("secteurs.yaml", _Secteurs)
    dispositifs = load("dispositifs.yaml", _Dispositifs)
    filieres = load("filieres.yaml", _Filieres)
    metiers = load("metiers.yaml", _Metiers)
    bruit = load("bruit.yaml", _Bruit)
    if not (secteurs and dispositifs and filieres and metiers and bruit):
        raise ConfigError(problems)
    return secteurs, dispositifs, filieres, metiers, bruit


def _report(path: Path, *claims: Iterable[Claim]) -> list[Problem]:
    """Give each claim its line; the file is read again only when there is one."""
    found = [claim for group in claims for claim in group]
    if not found:
        return []
    text = path.read_text(encoding="utf-8")
    return [
        Problem(path, line_of(text, *where), ".".join(map(str, where)), message)
        for where, message in found
    ]


def _repeated(key: str, terms: Iterable[_HasId]) -> Iterator[Claim]:
    seen: set[str] = set()
    for index, term in enumerate(terms):
        if term.id in seen:
            yield (key, index, "id"), f"{term.id} is written twice"
        seen.add(term.id)


def _unknown(
    known: Iterable[str], names: Iterable[str], what: str, *where: str | int
) -> Iterator[Claim]:
    for index, name in enumerate(names):
        if name not in known:
            yield (*where, index), f"unknown {what} {name}"


def _check_dispositifs(terms: Iterable[Dispositif], all_terms: Referentiel) -> Iterator[Claim]:
    for index, term in enumerate(terms):
        here = ("dispositifs", index)
        known = all_terms.dispositifs
        yield from _unknown(all_terms.secteurs, term.secteurs, "secteur", *here, "secteurs")
        yield from _unknown(
            term.secteurs, term.secteurs_d_office, "secteur", *here, "secteurs_d_office"
        )
        yield from _unknown(known, term.ajoute, "dispositif", *here, "ajoute")
        if term.parent and term.parent not in known:
            yield (*here, "parent"), f"unknown dispositif {term.parent}"
        for number, exclusion in enumerate(term.exclusions):
            if exclusion.vers and exclusion.vers not in known:
                where = (*here, "exclusions", number, "vers")
                yield where, f"unknown dispositif {exclusion.vers}"


def _check_filieres(terms: Iterable[Filiere], all_terms: Referentiel) -> Iterator[Claim]:
    for index, term in enumerate(terms):
        here = ("filieres", index)
        yield from _unknown(all_terms.secteurs, term.secteurs, "secteur", *here, "secteurs")
        for metier in term.metiers:
            if metier not in all_terms.metiers:
                yield (*here, "metiers", metier), f"unknown métier {metier}"


def _check_metiers(terms: Iterable[Metier], all_terms: Referentiel) -> Iterator[Claim]:
    for index, term in enumerate(terms):
        here = ("metiers", index)
        if term.secteur not in all_terms.secteurs:
            yield (*here, "secteur"), f"unknown secteur {term.secteur}"
        seen: set[str] = set()
        for number, lien in enumerate(term.dispositifs):
            where = (*here, "dispositifs", number)
            if lien.dispositif not in all_terms.dispositifs:
                yield (*where, "dispositif"), f"unknown dispositif {lien.dispositif}"
            if lien.dispositif in seen:
                yield (*where, "dispositif"), f"{lien.dispositif} is linked twice"
            seen.add(lien.dispositif)
            if lien.mots and not _is_transverse(all_terms, lien.dispositif):
                yield (*where, "mots"), f"{lien.dispositif} is not transverse: these have no effect"
            yield from _unknown(all_terms.filieres, lien.filieres, "filière", *where, "filieres")


def _is_transverse(all_terms: Referentiel, dispositif: str) -> bool:
    known = all_terms.dispositifs.get(dispositif)
    return known is None or known.transverse
