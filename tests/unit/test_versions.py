"""Versions of articles: every shape they come in, what is missing in them, the pairs they make.

The shapes are those that the fonds and the API document; the words are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import ParseError
from hub.legal.legi import delivered_at
from hub.legal.pairs import Move, list_changes, pair_of, pairs_by
from hub.legal.versions import ArticleVersion, Etat, Link, Note, Sibling, group, merge, read_state
from hub.legal.versions_files import read_versions
from hub.legal.versions_json import of_legi_diff, of_piste, read_day
from hub.legal.versions_xml import of_legi_xml
from tests.unit.test_legi import ENVIRONNEMENT, FIRST, MODIFIED, NEXT, NOW, OLD, article

DECRET = "JORFTEXT000053000001"
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


def version(
    name: str = "V1",
    state: str = "VIGUEUR",
    start: str = "2020-01-01",
    end: str = "",
    *,
    by: Iterable[Link] = (),
    others: Iterable[Sibling] | None = None,
    text: str = "Un alinéa.",
) -> ArticleVersion:
    told = sibling(name, state, start, end)
    return ArticleVersion(
        id=name,
        article="V1",
        code_name="Code",
        number="R. 1",
        state=told.state,
        start=told.start,
        end=told.end,
        text=(text,),
        changed_by=tuple(by),
        others=(told,) if others is None else tuple(others),
    )


def sibling(name: str, state: str, start: str, end: str = "") -> Sibling:
    days = [date.fromisoformat(day) if day else None for day in (start, end)]
    return Sibling(name, read_state(state), *days)


def by(kind: str = "MODIFIE", text: str = DECRET) -> Link:
    return Link(kind, text, title="Décret n°2026-200 du 20 mars 2026", nor="TREP2600001D")


def on(day: str) -> date:
    return date.fromisoformat(day)


# --- XML ---------------------------------------------------------------------------------------


def test_a_version_of_legi() -> None:
    found = of_legi_xml(article(nota="<p>À savoir.</p>", links=MODIFIED))
    assert (found.id, found.article, found.code) == (NOW, FIRST, ENVIRONNEMENT)
    assert found.title == "Code de l’environnement, article R. 543-290-3"
    assert (found.state, found.start, found.end) == (Etat.VIGUEUR, on("2026-05-01"), None)
    assert found.text == ("Le producteur", "reprend sans frais.")
    assert found.nota == ("À savoir.",)
    assert found.changed_by == (
        Link(
            "MODIFIE",
            DECRET,
            "Décret n°2026-200 du 20 mars 2026 - art. 3",
            "TREP2600001D",
            "2026-200",
            "DECRET",
            on("2026-03-20"),
            "JORFARTI000053000009",
        ),
    )
    assert [one.id for one in found.others] == [FIRST, OLD, NOW, NEXT]
    assert found.others[3] == Sibling(NEXT, Etat.VIGUEUR_DIFF, on("2027-01-01"), None)
    assert found.notes == ()


def test_tables_are_rows_and_pictures_keep_their_place() -> None:
    markup = (
        "<p>Selon la zone :</p><table><tr><th>Zone</th><th>Seuil</th></tr><tr><td><p>A</p></td>"
        '<td>70<br/>kW</td></tr><tr><td>B</td><td><img src="x.jpg"/></td></tr></table>'
        '<p>Formule <img src="y.png" alt=""/> ci-contre.</p>'
    )
    wanted = ("Selon la zone :", "Zone | Seuil", "A | 70 kW", "B | [image]")
    found = of_legi_xml(article(text=markup))
    assert found.text == (*wanted, "Formule [image] ci-contre.")
    assert of_legi_xml(article(text=f"<![CDATA[{markup}]]>")).text == found.text
    answer = {"article": {"id": NOW, "texteHtml": markup}}
    assert of_piste(json.dumps(answer).encode()).versions[0].text == found.text


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (article(number="", links=MODIFIED), Note.NO_NUMBER),
        (article(start="2222-02-22", links=MODIFIED), Note.NO_START),
        (article(start="2999-01-01", links=MODIFIED), Note.NO_START),
        (article(text="", links=MODIFIED), Note.NO_TEXT),
        (article(state="", links=MODIFIED), Note.NO_STATE),
        (article(state="EN_ATTENTE", links=MODIFIED), Note.ODD_STATE),
        (article(versions=(), links=MODIFIED), Note.NO_SIBLINGS),
        (article(), Note.NO_LINK),
        (article(links=MODIFIED.replace("TREP2600001D", "")), Note.NO_NOR),
        (article(links=MODIFIED).replace(b"TITRE_TXT", b"AUTRE"), Note.NO_CODE),
    ],
)
def test_what_is_missing_is_noted(body: bytes, note: Note) -> None:
    assert of_legi_xml(body).notes == (note,)


def test_an_unknown_state_stays_as_it_is_written() -> None:
    assert of_legi_xml(article(state="EN_ATTENTE")).state == "EN_ATTENTE"


@pytest.mark.parametrize(
    "link",
    [
        MODIFIED.replace("JORFARTI000053000009", NOW),
        MODIFIED.replace(DECRET, ENVIRONNEMENT),
    ],
)
def test_an_article_is_not_changed_by_itself_nor_by_its_own_code(link: str) -> None:
    found = of_legi_xml(article(links=link + MODIFIED))
    assert [one.text for one in found.changed_by] == [DECRET]
    assert found.notes == (Note.CIRCULAR,)


def test_the_two_names_of_a_link_are_one() -> None:
    twice = MODIFIED + MODIFIED.replace("MODIFIE", "MODIFICATION")
    assert [link.kind for link in of_legi_xml(article(links=twice)).changed_by] == ["MODIFIE"]


@pytest.mark.parametrize(
    "body", [b"", b"<TEXTE/>", b"<ARTICLE>", article().replace(NOW.encode(), b"X")]
)
def test_what_is_no_article_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        of_legi_xml(body)


# --- JSON --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [1777593600000, "1777593600000", "2026-05-01", "2026-05-01T00:00:00.000+0000"],
)
def test_the_three_styles_of_dates_are_one_day(written: object) -> None:
    assert read_day(written) == on("2026-05-01")


@pytest.mark.parametrize(
    "written",
    [32472144000000, "2999-01-01", "2998-12-31T23:00:00.000Z", "2222-02-22", None, "", True, 1e30],
)
def test_days_that_are_none(written: object) -> None:
    assert read_day(written) is None


def piste(**facts: Any) -> dict[str, Any]:
    return {
        "id": NOW,
        "cid": FIRST,
        "num": "R543-290-3",
        "etat": "VIGUEUR",
        "dateDebut": 1777593600000,
        "dateFin": 32472144000000,
        "texteHtml": "<p>Le producteur<br/>reprend.</p>",
        "texte": "Le producteur reprend.",
        "textTitles": [{"cid": ENVIRONNEMENT, "titre": "Code de l'environnement"}],
        "articleVersions": [
            {"id": OLD, "etat": "MODIFIE", "dateDebut": 1625097600000, "dateFin": "2026-05-01"},
            {"id": NOW, "etat": "VIGUEUR", "dateDebut": 1777593600000, "dateFin": 32472144000000},
        ],
        "lienModifications": [
            {
                "linkType": "MODIFIE",
                "linkOrientation": "cible",
                "textCid": DECRET,
                "textTitle": "Décret n°2026-200\n du 20 mars 2026 - art. 3",
                "natureText": "DECRET",
                "articleId": "LEGIARTI000053000099",
                "dateSignaTexte": "2026-03-20",
            },
            {"linkType": "CODIFICATION", "linkOrientation": "source", "textCid": DECRET},
        ],
        **facts,
    }


def read_piste(answer: object) -> tuple[ArticleVersion, ...]:
    return of_piste(json.dumps(answer).encode()).versions


def test_an_answer_of_the_api_says_the_same_as_the_archive() -> None:
    (found,) = read_piste({"article": piste()})
    legi = of_legi_xml(article(links=MODIFIED))
    for name in ("id", "article", "code", "code_name", "number", "state", "start", "end"):
        assert getattr(found, name) == getattr(legi, name), name
    assert found.text == ("Le producteur", "reprend.")
    (link,) = found.changed_by
    assert (link.kind, link.text, link.number) == ("MODIFIE", DECRET, "2026-200")
    assert link.signed_on == on("2026-03-20")
    assert found.others[0] == Sibling(OLD, Etat.MODIFIE, on("2021-07-01"), on("2026-05-01"))
    assert found.notes == (Note.NO_NOR,)


def test_every_version_of_an_article_in_one_answer() -> None:
    answer = {"listArticle": [piste(), piste(id=OLD, etat="MODIFIE"), {"id": "none"}]}
    found = of_piste(json.dumps(answer).encode())
    assert [one.id for one in found.versions] == [NOW, OLD]
    assert found.troubles == ("article without id, found 'none'",)


def test_a_text_gives_its_articles_in_their_order_and_may_have_none() -> None:
    def jo(name: str) -> dict[str, Any]:
        return {"id": name, "cid": name, "num": name[-1], "content": "<p>Mot.</p>"}

    text = {
        "cid": DECRET,
        "title": "Décret n° 2026-200",
        "articles": [jo("JORFARTI000000000001")],
        "sections": [
            {"articles": [jo("JORFARTI000000000002")], "sections": [{"articles": []}]},
            {"articles": [jo("JORFARTI000000000003")]},
        ],
    }
    found = read_piste(text)
    assert [one.number for one in found] == ["1", "2", "3"]
    assert found[0].title == "Décret n° 2026-200, article 1"
    empty = of_piste(json.dumps({"cid": DECRET, "articles": [], "sections": None}).encode())
    assert (empty.versions, empty.notes) == ((), (Note.NO_ARTICLE,))


@pytest.mark.parametrize(
    "answer",
    [[], {}, 3, {"article": None}, {"article": {"id": 12}}, {"listArticle": [{"id": ""}]}],
)
def test_an_answer_that_is_none_is_refused(answer: object) -> None:
    with pytest.raises(ParseError):
        read_piste(answer)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(list(piste())), inner, max_size=8)
        ),
    )
)
def test_an_answer_of_any_shape_is_read_or_refused(facts: Any) -> None:
    for answer in (
        facts,
        {"article": facts},
        {"listArticle": facts},
        {"article": piste(num=facts)},
    ):
        try:
            read_piste(answer)
        except ParseError:
            continue


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff"])
def test_bytes_that_are_no_json_are_refused(body: bytes) -> None:
    with pytest.raises(ParseError, match="not JSON"):
        of_piste(body)


def tree(*articles: dict[str, Any]) -> dict[str, Any]:
    leaves = [{"type": "article", "data": one} for one in articles]
    data = {"cid": ENVIRONNEMENT, "title": "Code", "dateDebutVersion": "2026-05-01"}
    section = {"type": "section", "data": {}, "children": leaves}
    return {"type": "code", "data": data, "children": [section]}


def test_two_trees_of_a_code_tell_what_changed_in_it() -> None:
    kept, moved = piste(id=OLD, cid=OLD), piste(id=NEXT, cid=NEXT)
    old = tree(piste(), kept, moved)
    entered = piste(
        id="LEGIARTI000000000009",
        cid="LEGIARTI000000000009",
        lienModifications=[
            {"linkType": "CREE", "linkOrientation": "cible", "textCid": DECRET, "textTitle": "x"}
        ],
    )
    new = tree(piste(texteHtml="<p>Autre.</p>"), {**kept, "num": "R1"}, entered)
    body = json.dumps([{"file": "x", "previous": old, "current": new}]).encode()
    (compared,) = of_legi_diff(body)
    found = {(pair.after or pair.before).article: pair.move for pair in compared.pairs()}  # type: ignore[union-attr]
    # An article that left the tree may stand elsewhere: it is not said to be repealed.
    assert found == {
        FIRST: Move.MODIFIED,
        "LEGIARTI000000000009": Move.CREATED,
        NEXT: Move.UNKNOWN,
    }


# --- Other files -------------------------------------------------------------------------------


def row(name: str, number: str, state: str, start: str, end: str) -> str:
    cells = (name, "LEGISCTA1", number, "\\N", state, start, end, "AUTONOME", "\\N")
    return "\t".join([*cells, "<p>Mot.</p>\\n<br/>Fin.", "code_en_vigueur", ENVIRONNEMENT, "1"])


def test_rows_of_one_number_are_versions_of_one_article() -> None:
    body = "\n".join(
        (
            row(FIRST, "7", "MODIFIE", "1952-06-29", "1994-03-01"),
            row(OLD, "7", "MODIFIE_MORT_NE", "1994-03-01", "1994-02-02"),
            row(NOW, "\\N", "VIGUEUR", "1994-03-01", "2999-01-01"),
            "x\ty",
        )
    )
    found = read_versions("articles.csv", body.encode())
    assert [one.article for one in found.versions] == [FIRST, FIRST, NOW]
    assert found.versions[0].text == ("Mot.", "Fin.")
    assert Note.DEDUCED in found.versions[0].notes
    assert Note.DEDUCED not in found.versions[2].notes
    assert found.troubles == ("row that is no article: 'x'",)


def test_the_articles_of_a_page_of_the_journal_officiel() -> None:
    page = {
        "url": "https://www.legifrance.gouv.fr/eli/decret/2017/11/24/ABCD1700000D/jo/texte",
        "entete": "\nJORF n°0276\ntexte n° 6\nDécret n° 2017-1 du 24 novembre 2017\nNOR: x\n",
        "article": "Objet : x.\nArticle 1 En savoir plus sur cet article...\nUn.\nDeux.\n"
        "Article 2\nFin.",
    }
    found = read_versions("page.json", json.dumps(page).encode())
    assert [(one.number, one.text) for one in found.versions] == [
        ("1", ("Un.", "Deux.")),
        ("2", ("Fin.",)),
    ]
    assert found.versions[0].id == "/eli/decret/2017/11/24/ABCD1700000D/jo/article_1"
    assert found.versions[0].code_name == "Décret n° 2017-1 du 24 novembre 2017"
    without = {**page, "article": "Objet : x."}
    assert read_versions("x.json", json.dumps(without).encode()).notes == (Note.NO_ARTICLE,)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("x.xml", b"<TEXTE><ID/></TEXTE>"),
        ("x.json", b'{"containers": []}'),
        ("x.json", b'[{"id": "LEGITEXT000006070721", "titre": "Code civil"}]'),
        ("x.html", b"<html></html>"),
        ("x.csv", b"LEGISCTA1\tx\n"),
    ],
)
def test_files_without_articles_say_so(name: str, body: bytes) -> None:
    found = read_versions(name, body)
    assert (found.versions, found.notes) == ((), (Note.NO_ARTICLE,))


@pytest.mark.parametrize(
    ("name", "body"),
    [("x.pdf", b""), ("x.json", b"3"), ("x.json", b"[3]"), ("x.csv", b""), ("x.xml", b"<TEXTE>")],
)
def test_files_that_are_not_read_are_refused(name: str, body: bytes) -> None:
    with pytest.raises(ParseError):
        read_versions(name, body)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="needs the shared corpus")
def test_every_real_file_goes_through() -> None:
    counts: dict[str, int] = {}
    for folder in ("dila-csv", "dila-jorf", "dila-jorfsimple", "piste", "legifrance-html"):
        for path in sorted(file for file in (CORPUS / folder).rglob("*") if file.is_file()):
            found = read_versions(path.name, path.read_bytes())
            assert not found.troubles, path
            assert bool(found.versions) != (found.notes == (Note.NO_ARTICLE,)), path
            counts[path.name] = len(found.versions)
            for versions in group(found.versions):
                for day in list_changes(versions):
                    pair = pair_of(versions, day)
                    assert pair.move is not Move.UNCHANGED or pair.before is pair.after
    assert counts["articles.csv"] == 90
    assert counts["consult_jorf_JORFTEXT000042665307.json"] == 111
    assert counts["legi_code_LEGITEXT000031366350.json"] == 476
    assert counts["getArticle_legiArticle.json"] == counts["JORFARTI000054861446.xml"] == 1
    assert counts["jo_article_parse.json"] == 4


# --- Pairs -------------------------------------------------------------------------------------

CHAIN = (
    sibling("V1", "MODIFIE", "2016-01-01", "2021-07-01"),
    sibling("V2", "MODIFIE", "2021-07-01", "2026-05-01"),
    sibling("V3", "VIGUEUR", "2026-05-01"),
)


def chain(
    *wanted: str, told: Iterable[Sibling] = CHAIN, link: Link | None = None
) -> list[ArticleVersion]:
    """The versions of these names, each with the list of all."""
    all_ = tuple(told)
    return [
        ArticleVersion(
            one.id, "V1", "LEGITEXT1", "Code", "R. 1", one.state, one.start, one.end,
            (f"Rédaction {one.id}.",), changed_by=(link or by(),), others=all_,
        )
        for one in all_
        if one.id in wanted
    ]  # fmt: skip


def test_a_change_closes_the_version_that_ends_when_the_other_begins() -> None:
    pair = pair_of(chain("V1", "V2", "V3"), on("2026-05-01"))
    assert pair.move is Move.MODIFIED
    assert (pair.before.id, pair.after.id) == ("V2", "V3")  # type: ignore[union-attr]
    assert (pair.notes, pair.is_whole) == ((), True)
    assert [link.text for link in pair.by] == [DECRET]


@given(st.permutations(chain("V1", "V2", "V3")), st.permutations(CHAIN))
def test_no_order_counts(versions: list[ArticleVersion], told: list[Sibling]) -> None:
    mixed = [replace(one, others=tuple(told)) for one in versions]
    pair = pair_of(mixed, on("2021-07-01"))
    assert (pair.before.id, pair.after.id) == ("V1", "V2")  # type: ignore[union-attr]


def test_an_old_version_delivered_again_is_not_new() -> None:
    versions = chain("V1")
    pair = pair_of(versions, on("2026-09-07"))  # the day of its delivery
    assert pair.move is Move.UNCHANGED
    assert pair.before is pair.after
    assert pair_of(chain("V2"), on("2021-07-01")).move is Move.MODIFIED  # never a creation


def test_a_wording_that_was_not_read_is_not_a_creation() -> None:
    pair = pair_of(chain("V3"), on("2026-05-01"))
    assert (pair.move, pair.before) == (Move.MODIFIED, None)
    assert [one.id for one in pair.missing] == ["V2"]
    assert not pair.is_whole
    assert "V2" in pair.notes[0]
    assert "n’a pas été lue" in pair.notes[0]


@pytest.mark.parametrize("kind", ["CREE", "CODIFIE", "DEPLACE"])
def test_a_creation_has_no_before(kind: str) -> None:
    (first,) = chain("V1", told=CHAIN[:1], link=by(kind))
    pair = pair_of([first], on("2016-01-01"))
    assert (pair.move, pair.before, pair.after) == (Move.CREATED, None, first)


def test_a_first_version_that_a_text_modifies_is_not_said_to_be_created() -> None:
    pair = pair_of(chain("V1", told=CHAIN[:1]), on("2016-01-01"))
    assert pair.move is Move.UNKNOWN
    assert pair.notes == ("Rien ne dit s’il existait une version précédente.",)
    alone = version(others=(), by=[])
    assert pair_of([alone], on("2020-01-01")).move is Move.UNKNOWN


@pytest.mark.parametrize(
    ("state", "move"),
    [
        ("ABROGE", Move.REPEALED),
        ("ABROGE_DIFF", Move.REPEALED),
        ("PERIME", Move.REPEALED),
        ("ANNULE", Move.REPEALED),
        ("TRANSFERE", Move.TRANSFERRED),
        ("MODIFIE", Move.UNKNOWN),
    ],
)
def test_an_end_has_no_after(state: str, move: Move) -> None:
    last = version(state=state, end="2026-05-01", by=[by("ABROGE")])
    pair = pair_of([last], on("2026-05-01"))
    assert (pair.move, pair.before, pair.after) == (move, last, None)
    assert [link.kind for link in pair.by] == ["ABROGE"]


def test_versions_that_never_lived_are_passed_over() -> None:
    told = (
        *CHAIN[:1],
        sibling("V2", "MODIFIE", "2021-07-01", "2026-05-01"),
        sibling("N1", "MODIFIE_MORT_NE", "2025-01-01", "2024-12-01"),
        sibling("N2", "MODIFIE_MORT_NE", "2026-05-01"),
        sibling("N3", "MODIFIE", "2026-04-01", "2026-04-01"),
        sibling("N4", "VIGUEUR_DIFF", ""),
        CHAIN[2],
    )
    versions = chain(*(one.id for one in told), told=told)
    pair = pair_of(versions, on("2026-05-01"))
    assert (pair.before.id, pair.after.id) == ("V2", "V3")  # type: ignore[union-attr]
    assert pair_of(versions, on("2025-01-01")).move is Move.UNCHANGED
    assert list_changes(versions) == tuple(map(on, ("2016-01-01", "2021-07-01", "2026-05-01")))


def test_a_version_told_stillborn_since_is_passed_over() -> None:
    """It was delivered when it was to come, and not again when it was replaced."""
    coming = version("V2", "VIGUEUR_DIFF", "2027-01-01", others=[])
    other = sibling("V3", "VIGUEUR", "2026-05-01")
    now = version(
        "V3", start="2026-05-01", others=[other, sibling("V2", "MODIFIE_MORT_NE", "2027-01-01")]
    )
    assert list_changes([coming, now]) == (on("2026-05-01"),)


def test_a_gap_is_told() -> None:
    told = (CHAIN[0], CHAIN[2])
    pair = pair_of(chain("V1", "V3", told=told), on("2026-05-01"))
    assert (pair.move, pair.before.id) == (Move.MODIFIED, "V1")  # type: ignore[union-attr]
    assert pair.notes == (
        "Aucune version n’est connue du 1er\u00a0juillet\u00a02021 au 1er\u00a0mai\u00a02026.",
    )
    assert pair_of(chain("V1", "V3", told=told), on("2021-07-01")).move is Move.UNKNOWN


def test_an_article_that_comes_back_after_its_repeal_has_no_before() -> None:
    told = (sibling("V1", "ABROGE", "2016-01-01", "2021-07-01"), CHAIN[2])
    pair = pair_of(chain("V1", "V3", told=told), on("2026-05-01"))
    assert (pair.move, pair.before) == (Move.CREATED, None)
    assert pair.notes == ("L’article avait cessé de s’appliquer le 1er\u00a0juillet\u00a02021.",)


def test_dates_that_overlap_are_told() -> None:
    told = (sibling("V1", "MODIFIE", "2016-01-01", "2026-09-01"), CHAIN[2])
    pair = pair_of(chain("V1", "V3", told=told), on("2026-05-01"))
    assert pair.before.id == "V1"  # type: ignore[union-attr]
    assert "se chevauchent" in pair.notes[0]


def test_the_end_of_a_version_is_learnt_from_the_next() -> None:
    """The old version was last delivered when it had no end."""
    old = version("V2", "VIGUEUR", "2021-07-01", others=CHAIN[:1])
    pair = pair_of([old, *chain("V3")], on("2026-05-01"))
    assert (pair.before, pair.notes) == (old, ())


def test_a_repealed_version_without_an_end_does_not_apply_for_ever() -> None:
    gone = version(state="ABROGE")
    assert pair_of([gone], on("2026-05-01")).after is None


def test_no_version_or_no_date_makes_no_pair() -> None:
    for versions in ([], [version(start="")]):
        pair = pair_of(versions, on("2026-05-01"))
        assert (pair.move, pair.before, pair.after) == (Move.UNKNOWN, None, None)


def test_what_a_text_did() -> None:
    last = (*CHAIN[:2], sibling("V3", "ABROGE", "2026-05-01", "2027-01-01"))
    opened = chain("V1", "V2", told=last, link=by(text="JORFTEXT000000000001"))
    closed = chain("V3", told=last, link=by("ABROGE"))
    versions = [*opened, *closed]
    (pair,) = pairs_by(versions, {DECRET})
    assert (pair.on, pair.move) == (on("2027-01-01"), Move.REPEALED)
    assert [p.on for p in pairs_by(versions, {"JORFTEXT000000000001"})] == [
        on("2016-01-01"),
        on("2021-07-01"),
    ]
    stillborn = version("V9", "MODIFIE_MORT_NE", "2022-01-01", by=[by()])
    assert pairs_by([stillborn], {DECRET}) == ()


STATES = [*Etat, "AUTRE"]
DAYS = st.none() | st.dates(date(2000, 1, 1), date(2030, 1, 1))
SIBLINGS = st.builds(Sibling, st.sampled_from("ABCDE"), st.sampled_from(STATES), DAYS, DAYS)


@given(
    st.lists(
        st.builds(
            ArticleVersion,
            id=st.sampled_from("ABCDE"),
            article=st.just("A"),
            state=st.sampled_from(STATES),
            start=DAYS,
            end=DAYS,
            changed_by=st.lists(
                st.builds(Link, st.sampled_from(["CREE", "MODIFIE", "ABROGE"]), st.just(DECRET)),
                max_size=2,
            ).map(tuple),
            others=st.lists(SIBLINGS, max_size=5).map(tuple),
        ),
        max_size=5,
        unique_by=lambda one: one.id,
    )
)
def test_any_chain_makes_pairs_that_hold(versions: list[ArticleVersion]) -> None:
    days = list_changes(versions)
    assert list(days) == sorted(set(days))
    for day in days:
        pair = pair_of(versions, day)
        assert pair_of(versions[::-1], day) == pair
        if pair.move is Move.CREATED:
            assert pair.before is None
        if pair.move in (Move.REPEALED, Move.TRANSFERRED):
            assert pair.after is None
        if pair.move is Move.MODIFIED:
            assert {pair.before is None, pair.after is None} == {False} or pair.missing
        for side in (pair.before, pair.after):
            assert side is None or not side.itself.is_stillborn
    pairs_by(versions, {DECRET})


# --- Readings ----------------------------------------------------------------------------------


def test_a_later_reading_wins_and_keeps_what_it_leaves_blank() -> None:
    first = version(end="2027-01-01", by=[by()], others=CHAIN)
    later = ArticleVersion("V1", "V1", state=Etat.VIGUEUR, start=on("2020-01-01"))
    merged = merge(first, later)
    assert (merged.end, merged.text, merged.changed_by) == (None, first.text, first.changed_by)
    assert (merged.number, merged.others) == (first.number, first.others)
    assert merge(first, first) == merge(merge(first, first), first)


def test_versions_that_list_one_another_are_one_article() -> None:
    legi, other = chain("V1", "V2"), replace(version("Z"), article="Z")
    piste_ = replace(chain("V3")[0], article="ANOTHER")
    groups = group([*legi, other, piste_])
    assert sorted(sorted(one.id for one in some) for some in groups) == [["V1", "V2", "V3"], ["Z"]]


def test_moments_of_deliveries() -> None:
    name = "https://example.org/LEGI/LEGI_20261120-210012.tar.gz"
    assert delivered_at(name) == datetime(2026, 11, 20, 20, 0, 12, tzinfo=UTC)
    assert delivered_at("LEGI_20261120-990012.tar.gz") is None
    assert delivered_at("other.tar.gz") is None
