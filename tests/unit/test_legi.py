"""LEGI deliveries. The shapes are those that readers of the fonds document; the words are ours."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import ParseError
from hub.legal.legi import parse_article, read_legi
from hub.legal.tararchive import Limits
from hub.legal.versions import number_of_article
from tests.archives import pack_files

ENVIRONNEMENT = "LEGITEXT000006074220"
TRAVAIL = "LEGITEXT000006072050"
FIRST, OLD, NOW, NEXT = (f"LEGIARTI00004200000{number}" for number in range(4))
VERSIONS = (
    (FIRST, "MODIFIE", "2016-01-01", "2021-07-01"),
    (OLD, "MODIFIE", "2021-07-01", "2026-05-01"),
    (NOW, "VIGUEUR", "2026-05-01", "2027-01-01"),
    (NEXT, "VIGUEUR_DIFF", "2027-01-01", "2999-01-01"),
)
MODIFIED = (
    '<LIEN cidtexte="JORFTEXT000053000001" datesignatexte="2026-03-20" id="JORFARTI000053000009" '
    'naturetexte="DECRET" nortexte="TREP2600001D" num="3" numtexte="2026-200" sens="cible" '
    'typelien="MODIFIE">Décret n°2026-200 du 20 mars 2026 - art. 3</LIEN>'
)
CITED = (
    '<LIEN cidtexte="JORFTEXT000053000002" id="JORFARTI000053000010" sens="cible" '
    'typelien="CITATION">Arrêté du 2 avril 2026, v. init.</LIEN>'
    '<LIEN cidtexte="LEGITEXT000006074220" id="LEGIARTI000042999999" sens="cible" '
    'typelien="MODIFIE">Code de l\'environnement - art. R543-291 (V)</LIEN>'
    '<LIEN cidtexte="JORFTEXT000053000003" id="JORFARTI000053000011" sens="source" '
    'typelien="MODIFIE">Loi n°2020-105 du 10 février 2020 (V)</LIEN>'
)


def article(
    version: str = NOW,
    state: str = "VIGUEUR",
    start: str = "2026-05-01",
    end: str = "2999-01-01",
    *,
    number: str = "R543-290-3",
    text: str = "<p>Le producteur<br/>reprend sans frais.</p>",
    nota: str = "",
    links: str = "",
    versions: Iterable[tuple[str, str, str, str]] = VERSIONS,
) -> bytes:
    told = "".join(
        f'<VERSION etat="{etat}"><LIEN_ART debut="{debut}" etat="{etat}" fin="{fin}" id="{name}" '
        f'num="{number}" origine="LEGI"/></VERSION>'
        for name, etat, debut, fin in versions
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<ARTICLE><META><META_COMMUN><ID>{version}</ID><ANCIEN_ID/><ORIGINE>LEGI</ORIGINE>
<URL>article/LEGI/ARTI/00/00/42/00/00/{version}.xml</URL><NATURE>Article</NATURE></META_COMMUN>
<META_SPEC><META_ARTICLE><NUM>{number}</NUM><ETAT>{state}</ETAT><DATE_DEBUT>{start}</DATE_DEBUT>
<DATE_FIN>{end}</DATE_FIN><TYPE>AUTONOME</TYPE></META_ARTICLE></META_SPEC></META>
<CONTEXTE><TEXTE cid="{ENVIRONNEMENT}" nature="CODE">
<TITRE_TXT c_titre_court="Code de l'environnement" debut="2000-09-21" fin="2999-01-01"
id_txt="{ENVIRONNEMENT}">Code de l'environnement</TITRE_TXT>
<TM><TITRE_TM debut="2005-10-16" fin="2999-01-01" id="LEGISCTA1">Partie réglementaire</TITRE_TM>
<TM><TITRE_TM debut="2005-10-16" fin="2020-01-01" id="LEGISCTA2">Livre V : Ancien titre</TITRE_TM>
<TITRE_TM debut="2020-01-01" fin="2999-01-01" id="LEGISCTA2">Livre V : Prévention</TITRE_TM>
<TM><TITRE_TM debut="2021-12-31" fin="2999-01-01" id="LEGISCTA3">Section 19 : Bâtiment</TITRE_TM>
</TM></TM></TM></TEXTE></CONTEXTE>
<VERSIONS>{told}<VERSION etat=""><LIEN_ART debut="2999-01-01" etat="" fin="2999-01-01"
id="JORFARTI000053000009" num="3" origine="JORF"/></VERSION></VERSIONS>
<NOTA><CONTENU>{nota}</CONTENU></NOTA><BLOC_TEXTUEL><CONTENU>{text}</CONTENU></BLOC_TEXTUEL>
<LIENS>{links}</LIENS></ARTICLE>""".encode()


def path(
    version: str = NOW,
    code: str = ENVIRONNEMENT,
    folder: str = "code_et_TNC_en_vigueur",
    stamp: str = "20261120-210012/",
) -> str:
    cut = "/".join(code[8 + i : 10 + i] for i in range(0, 10, 2))
    return (
        f"{stamp}legi/global/{folder}/code_en_vigueur/LEGI/TEXT/{cut}/{code}/article/LEGI/ARTI/"
        f"00/00/42/00/00/{version}.xml"
    )


def read(*files: tuple[str, bytes], codes: tuple[str, ...] = (ENVIRONNEMENT,)):  # type: ignore[no-untyped-def]
    return read_legi(pack_files(files), codes, "legi")


def test_an_article_is_told_as_lawyers_write_it() -> None:
    mention = parse_article(article(nota="<p>Conformément au décret.</p>", links=MODIFIED), "legi")
    assert mention.title == "Code de l’environnement, article R. 543-290-3"
    assert mention.key == FIRST  # that of the article, whatever the version
    assert mention.url == f"https://www.legifrance.gouv.fr/codes/article_lc/{NOW}"
    assert mention.text.split("\n\n") == [
        "Le producteur",
        "reprend sans frais.",
        "Conformément au décret.",
    ]
    assert mention.rubrique == (
        "Partie réglementaire > Livre V : Prévention > Section 19 : Bâtiment"
    )
    assert (mention.nature, mention.published_on, mention.identifiers) == ("ARTICLE", None, ())
    assert mention.extra["etat"] == "VIGUEUR"
    assert mention.extra["date_debut"] == "2026-05-01"
    assert mention.extra["date_fin"] is None  # 2999-01-01 is no end
    assert mention.extra["code"] == ENVIRONNEMENT


def test_who_changed_an_article_is_not_who_cites_it() -> None:
    mention = parse_article(article(links=MODIFIED + CITED), "legi")
    assert mention.extra["modified_by"] == [
        {
            "jorftext": "JORFTEXT000053000001",
            "article": "JORFARTI000053000009",
            "typelien": "MODIFIE",
        }
    ]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("R543-290-3", "R. 543-290-3"),
        ("L541-10", "L. 541-10"),
        ("LO6113-1", "LO. 6113-1"),
        ("R*111-1", "R.* 111-1"),
        ("D. 12", "D. 12"),
        ("12-1", "12-1"),
        ("Annexe I à l'article R123", "Annexe I à l'article R123"),
        ("liminaire", "liminaire"),
    ],
)
def test_numbers_of_articles(written: str, said: str) -> None:
    assert number_of_article(written) == said


def test_an_annexe_is_no_article() -> None:
    mention = parse_article(article(number="Annexe à l'article R543-3"), "legi")
    assert mention.title == "Code de l’environnement, Annexe à l’article R543-3"


@pytest.mark.parametrize("order", [1, -1])
def test_the_version_in_force_is_told_once(order: int) -> None:
    files = [
        (path(OLD), article(OLD, "MODIFIE", "2021-07-01", "2026-05-01", text="<p>Avant</p>")),
        (path(NOW), article()),
        (path(NEXT), article(NEXT, "VIGUEUR_DIFF", "2027-01-01", text="<p>Bientôt</p>")),
    ]
    delivery = read(*files[::order])
    assert [(m.key, m.extra["version"]) for m in delivery.mentions] == [(FIRST, NOW)]
    assert (delivery.texts, delivery.troubles, delivery.is_whole) == (1, (), True)


def test_a_coming_version_is_told_when_the_one_in_force_has_not_moved() -> None:
    coming = article(NEXT, "VIGUEUR_DIFF", "2027-01-01", text="<p>Bientôt</p>")
    (mention,) = read((path(NEXT), coming)).mentions
    assert (mention.text, mention.extra["date_debut"]) == ("Bientôt", "2027-01-01")
    assert [one["etat"] for one in mention.extra["versions"]] == [v[1] for v in VERSIONS]


def test_an_old_version_delivered_again_is_not_told_as_the_law() -> None:
    delivery = read((path(OLD), article(OLD, "MODIFIE", "2021-07-01", "2026-05-01")))
    assert (delivery.mentions, delivery.skipped) == ((), 1)


def test_the_latest_of_old_versions_is_told_when_nothing_is_in_force() -> None:
    gone = ((FIRST, "MODIFIE", "2016-01-01", "2021-07-01"), (OLD, "PERIME", "2021-07-01", "x"))
    delivery = read(
        (path(OLD), article(OLD, "PERIME", "2021-07-01", versions=gone)),
        (path(FIRST), article(FIRST, "MODIFIE", "2016-01-01", versions=gone)),
    )
    assert [m.extra["version"] for m in delivery.mentions] == [OLD]


def test_an_article_taken_away_says_so_and_nothing_else() -> None:
    versions = ((FIRST, "ABROGE", "2016-01-01", "2026-05-01"),)
    (mention,) = read((path(FIRST), article(FIRST, "ABROGE", versions=versions))).mentions
    assert (mention.text, mention.extra["etat"]) == ("", "ABROGE")


@pytest.mark.parametrize(
    "name",
    [
        path(code=TRAVAIL),
        path(folder="autre_dossier"),
        path().replace("/LEGIARTI", "/LEGISCTA"),
        f"legi/global/code_et_TNC_en_vigueur/x/{ENVIRONNEMENT}/texte/version/{ENVIRONNEMENT}.xml",
        f"legi/global/code_et_TNC_en_vigueur/x/1{ENVIRONNEMENT}/article/{NOW}.xml",
    ],
)
def test_only_articles_of_the_codes_that_are_followed_are_read(name: str) -> None:
    delivery = read((name, b"<not even xml"))
    assert (delivery.mentions, delivery.troubles, delivery.is_whole) == ((), (), True)


def test_the_stamp_before_the_path_may_be_absent() -> None:
    assert len(read((path(stamp=""), article())).mentions) == 1
    assert len(read((path(folder="code_et_TNC_non_vigueur"), article())).mentions) == 1


def test_a_list_of_deletions_is_kept_for_later() -> None:
    lines = "\r\n".join(
        (
            path(OLD, stamp="").removesuffix(".xml"),
            path(NEXT),
            path(NOW, folder="code_et_TNC_non_vigueur", stamp="").removesuffix(".xml"),
            path(OLD, code=TRAVAIL, stamp=""),
            "",
        )
    )
    delivery = read(("liste_suppression_legi.dat", lines.encode()), (path(NOW), article()))
    # What only changed folder is not gone.
    assert (delivery.deleted, delivery.deletions) == ((OLD, NEXT), 4)
    assert delivery.troubles == ()


def test_one_bad_file_costs_only_itself() -> None:
    delivery = read(
        (path(OLD), article()[:-30]),
        (path(NEXT), article().replace(NOW.encode(), b"LEGITEXT1")),
        (path(NOW), article()),
    )
    assert [m.extra["version"] for m in delivery.mentions] == [NOW]
    assert [t.split(":")[0] for t in delivery.troubles] == [f"{OLD}.xml", f"{NEXT}.xml"]
    assert delivery.is_whole


def test_a_cut_archive_gives_what_came_before() -> None:
    body = pack_files([(path(NOW), article()), (path(NEXT), article(NEXT))], "w")
    delivery = read_legi(body[:4096], (ENVIRONNEMENT,), "legi")
    assert (len(delivery.mentions), delivery.is_whole) == (1, False)
    assert not read_legi(b"", (ENVIRONNEMENT,), "legi").is_whole
    assert read_legi(pack_files([]), (ENVIRONNEMENT,), "legi").troubles == (
        "archive without any LEGI file",
    )
    few = read_legi(body, (ENVIRONNEMENT,), "legi", Limits(members=1))
    assert few.troubles == ("archive of more than 1 members",)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<TEXTE/>", "expected 'ARTICLE'"),
        (b'<!DOCTYPE ARTICLE [<!ENTITY a "b">]><ARTICLE/>', "DTD"),
        (article().replace(NOW.encode(), b""), "without id"),
        (article().replace(b"TITRE_TXT", b"AUTRE"), "without the title"),
    ],
)
def test_an_article_that_is_none_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        parse_article(body, "legi")


def test_memory_does_not_grow_with_the_delivery() -> None:
    """One member at a time: what other codes bring weighs nothing, however many they are."""
    filler = article(text="<p>" + "mot " * 20_000 + "</p>")
    files = [(path(code=TRAVAIL), filler)] * 200
    body = pack_files([*files, (path(), article())])
    tracemalloc.start()
    try:
        assert len(read_legi(body, (ENVIRONNEMENT,), "legi").mentions) == 1
        assert tracemalloc.get_traced_memory()[1] < 4_000_000 < len(filler) * len(files)
    finally:
        tracemalloc.stop()


STATES = ("VIGUEUR", "VIGUEUR_DIFF", "MODIFIE", "ABROGE", "MODIFIE_MORT_NE")


@given(
    versions=st.lists(
        st.tuples(st.sampled_from(STATES), st.integers(2000, 2030)), min_size=1, max_size=6
    ),
    data=st.data(),
)
def test_the_version_told_does_not_depend_on_the_order(
    versions: list[tuple[str, int]], data: st.DataObject
) -> None:
    listed = [
        (f"LEGIARTI{number:012d}", state, f"{year}-01-01", "2999-01-01")
        for number, (state, year) in enumerate(versions)
    ]
    files = [(path(v[0]), article(v[0], v[1], v[2], versions=listed)) for v in listed]
    mixed = data.draw(st.permutations(files))
    assert read(*mixed).mentions == read(*files).mentions
    states = {state for state, _ in versions}
    told = [mention.extra["etat"] for mention in read(*files).mentions]
    if "VIGUEUR" in states:
        assert told == ["VIGUEUR"]
    elif "VIGUEUR_DIFF" in states:
        assert told == ["VIGUEUR_DIFF"]
