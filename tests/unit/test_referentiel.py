"""The référentiel is whole, and a mistake in its files is named with its line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hub.analysis import terms
from hub.errors import ConfigError, UnknownTerm
from hub.model import TermKind
from hub.referentiel import DEFAULT, BruitAction, Force, Referentiel, load_referentiel

TOPICS = {
    "AGEC", "REP", "PEMD", "PPE", "MAPRIMERENOV", "APER", "TERTIAIRE", "CSRD", "RE2020_ACV",
    "AUTOCONSO", "BIODECHETS", "COMMANDE_PUBLIQUE", "SOCIAL_EMPLOI",
}  # fmt: skip


@pytest.fixture(scope="module")
def referentiel() -> Referentiel:
    return load_referentiel()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the files, to be spoilt."""
    for path in DEFAULT.glob("*.yaml"):
        shutil.copy(path, tmp_path)
    return tmp_path


def test_everything_the_study_names_is_there(referentiel: Referentiel) -> None:
    assert list(referentiel.secteurs) == ["BAT", "EC", "ENR"]
    assert {d.id for d in referentiel.dispositifs.values() if d.is_principal} == TOPICS
    assert len(referentiel.dispositifs) == 20
    assert len(referentiel.filieres) == 21
    assert sorted(i for f in referentiel.filieres.values() for i in f.items) == list(range(1, 23))
    assert len(referentiel.bruit) == 24
    by_secteur = [metier.secteur for metier in referentiel.metiers.values()]
    assert [by_secteur.count(secteur) for secteur in referentiel.secteurs] == [9, 8, 4]
    assert sum(metier.etoile for metier in referentiel.metiers.values()) == 7


def test_every_metier_has_links_with_a_reason(referentiel: Referentiel) -> None:
    for metier in referentiel.metiers.values():
        forces = {lien.force for lien in metier.dispositifs}
        assert forces & {Force.FORT, Force.MOYEN}, metier.id
        assert all(lien.pourquoi.endswith(".") for lien in metier.dispositifs), metier.id
        assert metier.questions, metier.id


def test_filieres_say_what_they_mean_for_known_metiers(referentiel: Referentiel) -> None:
    pmcb = referentiel.filieres["PMCB"]
    assert pmcb.metiers["conducteur-travaux"]
    assert pmcb.alerte
    assert {e.nom for e in pmcb.eco_organismes} >= {"Valobat", "Ecominéro"}


def test_what_is_not_verified_says_so(referentiel: Referentiel) -> None:
    facts = [fait for d in referentiel.dispositifs.values() for fait in d.faits]
    assert {fait.verifie for fait in facts} == {True, False}


def test_only_nominations_and_vacancies_prime(referentiel: Referentiel) -> None:
    primes = {rule.id for rule in referentiel.bruit.values() if rule.prime}
    assert primes == {"nomination", "vacance-concours"}
    assert referentiel.bruit["nomination"].action is BruitAction.CACHER


def test_labels_are_in_french_typography(referentiel: Referentiel) -> None:
    for kind in TermKind:
        for term in referentiel.terms(kind).values():
            for text in (term.label, getattr(term, "description", "")):
                assert "'" not in text, text
                assert " :" not in text, text


@pytest.mark.parametrize(
    ("kind", "term", "path"),
    [
        (TermKind.METIER, "conducteur-travaux", "metiers/conducteur-travaux/"),
        (TermKind.DISPOSITIF, "AGEC", "dispositifs/agec/"),
        (TermKind.DISPOSITIF, "RE2020_ACV", "dispositifs/re2020-acv/"),
        (TermKind.SECTEUR, "BAT", "secteurs/bat/"),
        (TermKind.FILIERE, "PMCB", "filieres/pmcb/"),
    ],
)
def test_addresses_go_there_and_back(
    referentiel: Referentiel, kind: TermKind, term: str, path: str
) -> None:
    assert referentiel.path_of(kind, term) == path
    assert referentiel.find(kind, path.rstrip("/").rpartition("/")[2]) == term


def test_unknown_terms(referentiel: Referentiel) -> None:
    assert not referentiel.has(TermKind.METIER, "astronaute")
    assert referentiel.find(TermKind.DISPOSITIF, "rien") is None
    for ask in (referentiel.label, referentiel.path_of):
        with pytest.raises(UnknownTerm) as caught:
            ask(TermKind.METIER, "astronaute")
        assert caught.value.term == "astronaute"


def test_it_is_read_once() -> None:
    assert load_referentiel() is load_referentiel()


def _spoil(path: Path, before: str, after: str) -> int:
    """Replace a text once; returns the line it stood at."""
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return text[: text.index(before)].count("\n") + 1


def test_every_mistake_of_a_file_comes_with_its_line(folder: Path) -> None:
    metiers = folder / "metiers.yaml"
    force = _spoil(metiers, "force: fort", "force: énorme")
    unknown = _spoil(metiers, "    etoile: true", "    étoile: true")
    with pytest.raises(ConfigError) as caught:
        load_referentiel(folder)
    lines = [problem.line for problem in caught.value.problems]
    assert sorted(lines) == sorted([force, unknown])
    assert {problem.file for problem in caught.value.problems} == {metiers}


def test_files_are_checked_against_one_another(folder: Path) -> None:
    metiers, filieres = folder / "metiers.yaml", folder / "filieres.yaml"
    dispositifs = folder / "dispositifs.yaml"
    lien = _spoil(metiers, "dispositif: MAPRIMERENOV", "dispositif: MAPRIMERENVO")
    secteur = _spoil(metiers, "    secteur: BAT", "    secteur: BTP")
    twice = _spoil(dispositifs, "- id: REP\n", "- id: AGEC\n")
    metier = _spoil(filieres, "operateur-tri-valoriste:", "operateur-tri:")
    with pytest.raises(ConfigError) as caught:
        load_referentiel(folder)
    told = {(p.file.name, p.line): p.message for p in caught.value.problems}
    assert told["metiers.yaml", lien] == "unknown dispositif MAPRIMERENVO"
    assert told["metiers.yaml", secteur] == "unknown secteur BTP"
    assert told["dispositifs.yaml", twice] == "AGEC is written twice"
    assert told["filieres.yaml", metier] == "unknown métier operateur-tri"


def test_generic_words_are_not_also_specific(referentiel: Referentiel) -> None:
    for term in referentiel.dispositifs.values():
        generic = {terms(expression) for expression in term.lexique_generique}
        specific = (*term.lexique_fort, *term.lexique_moyen, *term.synonymes)
        assert not generic & {terms(expression) for expression in specific}, term.id


def test_words_of_a_link_are_refused_where_they_have_no_effect(folder: Path) -> None:
    before = "{dispositif: CEE, force: fort, pourquoi:"
    line = _spoil(
        folder / "metiers.yaml", before, before.replace("pourquoi", "mots: [prime], pourquoi")
    )
    with pytest.raises(ConfigError) as caught:
        load_referentiel(folder)
    (problem,) = caught.value.problems
    assert (problem.line, problem.message) == (line, "CEE is not transverse: these have no effect")


def test_mistakes_of_several_files_come_together(folder: Path) -> None:
    _spoil(folder / "bruit.yaml", "action: cacher", "action: jeter")
    _spoil(folder / "secteurs.yaml", "id: BAT", "id: bâtiment")
    with pytest.raises(ConfigError) as caught:
        load_referentiel(folder)
    assert {p.file.name for p in caught.value.problems} == {"bruit.yaml", "secteurs.yaml"}


def test_an_article_and_an_expression_that_could_never_match_are_refused(folder: Path) -> None:
    article = _spoil(folder / "dispositifs.yaml", "de: L. 541-9-1,", "de: L541-9-1,")
    _spoil(folder / "secteurs.yaml", "- bâtiment\n", "- de la\n")
    with pytest.raises(ConfigError) as caught:
        load_referentiel(folder)
    messages = [(p.file.name, p.message) for p in caught.value.problems]
    assert any("an article is written like" in message for _, message in messages)
    assert any("no word of this expression" in message for _, message in messages)
    assert article in [p.line for p in caught.value.problems]
