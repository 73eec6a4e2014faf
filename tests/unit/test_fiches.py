"""The fiches: what is checked before anything is built, and the typography put in at the build."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.config import ROOT
from hub.errors import ConfigError
from hub.publish.fiches import Fiche, FicheType, Placeholder, load_fiches, parse_fiche
from hub.publish.typography import typeset, typeset_html
from hub.referentiel import load_referentiel

FICHES = ROOT / "fiches_synthese"
GOOD = """---
type: metier
id: couturier
titre: Couturier·ière
---

## Ce qui change

{{ changements }}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the real fiches, to spoil."""
    return Path(shutil.copytree(FICHES, tmp_path / "fiches"))


def problems_of(folder: Path) -> list[tuple[str, int, str]]:
    with pytest.raises(ConfigError) as caught:
        load_fiches(folder, load_referentiel())
    return [(p.file.name, p.line, p.message) for p in caught.value.problems]


def parse(text: str) -> Fiche:
    return parse_fiche(text, Path("f/metiers/couturier.md"), Path("f"))


def test_every_term_has_its_fiche_and_every_fiche_is_right() -> None:
    fiches = load_fiches(FICHES, load_referentiel())
    count = {kind: sum(1 for f in fiches if f.front.type is kind) for kind in FicheType}
    assert count[FicheType.METIER] == len(load_referentiel().metiers)
    assert count[FicheType.DISPOSITIF] == len(load_referentiel().dispositifs)
    assert count[FicheType.SECTEUR] == 3
    assert count[FicheType.HOME] == 1


def test_a_fiche_is_read_as_written() -> None:
    fiche = parse(GOOD)
    assert fiche.path == "metiers/couturier.md"
    assert fiche.front.titre == "Couturier·ière"
    assert "{{ changements }}" in fiche.body


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("## Sans en-tête\n", 1, "front matter"),
        (GOOD.replace("id:", "ident:"), 3, "unknown key"),
        (GOOD.replace("type: metier", "type: recette"), 2, "accueil"),
        (GOOD.replace("titre: Couturier·ière", "titre: [1"), 5, "not valid YAML"),
        (GOOD.replace("titre:", "relu_le: demain\ntitre:"), 4, "date"),
        (GOOD.replace("titre: Couturier·ière\n", ""), 2, "required"),
        (GOOD.replace("changements }}", "changement }}"), 9, "unknown placeholder 'changement'"),
        (GOOD.replace("{{ changements }}", "Voir {{ changements }}"), 9, "alone on its line"),
        (GOOD.replace("{{ changements }}", "{{ changements"), 9, "alone on its line"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    found = [p for p in caught.value.problems if p.line == line and message in p.message]
    assert found, str(caught.value)


def test_every_mistake_of_every_file_is_in_one_report(folder: Path) -> None:
    (folder / "metiers/couturier.md").unlink()
    electricien = folder / "metiers/electricien.md"
    text = electricien.read_text(encoding="utf-8")
    electricien.write_text(
        text.replace("chapo:", "chapeau:").replace("{{ sources }}", "{{ source }}"),
        encoding="utf-8",
    )
    (folder / "dispositifs/rep.md").write_text("rien", encoding="utf-8")
    (folder / "methode.md").write_bytes(b"\xff\xfe")
    found = problems_of(folder)
    last = text[: text.index("{{ sources }}")].count("\n") + 1
    assert ("couturier.md", 1, "this fiche is missing, for the metier couturier") in found
    assert ("electricien.md", 5, "unknown key") in found
    assert any(name == "electricien.md" and line == last for name, line, _ in found)
    assert any(name == "rep.md" and "front matter" in message for name, _, message in found)
    assert any(name == "methode.md" and "UTF-8" in message for name, _, message in found)
    assert len(found) == 5, "a broken fiche is not also said to be missing"


def test_a_fiche_stands_where_its_address_says(folder: Path) -> None:
    (folder / "metiers/couturier.md").rename(folder / "metiers/couture.md")
    found = problems_of(folder)
    assert ("couture.md", 1, "the fiche of metier couturier must be metiers/couturier.md") in found


def test_a_fiche_about_a_term_names_a_known_one_and_shows_its_changes(folder: Path) -> None:
    (folder / "metiers/couturier.md").write_text(
        GOOD.replace("id: couturier", "id: astronaute"), encoding="utf-8"
    )
    (folder / "metiers/electricien.md").write_text(
        "---\ntype: metier\nid: electricien\ntitre: Électricien·ne\n---\nProse.\n",
        encoding="utf-8",
    )
    (folder / "methode.md").write_text(
        "---\ntype: page\nid: REP\ntitre: Méthode\n---\n", encoding="utf-8"
    )
    found = problems_of(folder)
    assert ("couturier.md", 1, "unknown metier 'astronaute'") in found
    assert ("electricien.md", 1, "the fiche shows no change: add {{ changements }}") in found
    assert ("methode.md", 1, "a fiche of type page has no id") in found


def test_every_placeholder_is_used_by_a_fiche() -> None:
    used = "\n".join(f.body for f in load_fiches(FICHES, load_referentiel()))
    assert [p.value for p in Placeholder if f"{{{{ {p.value} }}}}" not in used] == []


def test_a_fiche_that_promises_free_take_back_says_that_the_filiere_is_being_rebuilt() -> None:
    for fiche in load_fiches(FICHES, load_referentiel()):
        if re.search(r"reprise (gratuite|des déchets)|points? de reprise", fiche.body, re.I):
            assert "refonte" in fiche.body, fiche.path


def test_the_sentences_of_a_fiche_are_short() -> None:
    """Twenty-five words at most: the voice of the hub is fifteen, figures and names excepted."""
    for fiche in load_fiches(FICHES, load_referentiel()):
        prose = re.sub(r"^>.*$|\(https?:[^)]*\)", "", fiche.body, flags=re.M)
        sentences = re.split(r"(?<=[.!?:;|])\s|\n", prose)
        assert [s for s in sentences if len(s.split()) > 25] == [], fiche.path


# --- Typography --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Pour qui : vous ; oui ?", "Pour qui\u00a0: vous\u202f; oui\u202f?"),
        ("« l'arrêté »", "«\u00a0l’arrêté\u00a0»"),
        ("MaPrimeRénov' et n° 2026-822", "MaPrimeRénov’ et n°\u00a02026-822"),
        ("1 000 m² et 450 M€", "1\u202f000\u00a0m² et 450\u00a0M€"),
        ("article L. 541-10", "article L.\u00a0541-10"),
        ("le 25 août 2026", "le 25\u00a0août\u00a02026"),
        ("https://x.fr/a?b=c", "https://x.fr/a?b=c"),
    ],
)
def test_typography(written: str, shown: str) -> None:
    assert typeset(written) == shown


def test_typography_of_html_leaves_tags_and_code_alone() -> None:
    html = '<a title="a : b" href="?q=1 : 2">l&#39;eau : 1er mai</a><code>a : b</code>'
    assert typeset_html(html) == (
        '<a title="a : b" href="?q=1 : 2">l’eau\u00a0: 1<sup>er</sup>\u00a0mai</a>'
        "<code>a : b</code>"
    )


@given(st.text())
def test_typography_twice_is_once(text: str) -> None:
    assert typeset(typeset(text)) == typeset(text)
