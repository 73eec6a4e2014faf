from __future__ import annotations

import io
import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from hub.errors import ParseError
from hub.legal.jorfsimple import (
    Delivery,
    iter_deliveries,
    parse_container,
    parse_index,
    parse_stamp,
    parse_text,
    read_delivery,
)
from hub.legal.tararchive import Limits, members_of
from tests.spiders.pages import PAGES, pack, pack_files

NIGHT = PAGES / "jorfsimple" / "night"
CONTAINER = (NIGHT / "JORFCONT000054245240.xml").read_bytes()
ARRETE = (NIGHT / "JORFTEXT000054245373.xml").read_bytes()
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "dila-jorfsimple"

# Décret n° 2013-776: the words are those of the Journal officiel, in the shape of JORFSIMPLE.
DECRET = """<?xml version="1.0" encoding="UTF-8"?>
<TEXTE><ID>JORFTEXT000027904809</ID><NATURE>DECRET</NATURE><NUM>2013-776</NUM>
<NOR>JUSX1319588D</NOR><DATE_PUBLI>2013-08-29</DATE_PUBLI><DATE_TEXTE>2999-01-01</DATE_TEXTE>
<TITREFULL>Décret n° 2013-776 du 27 août 2013 portant publication de lois</TITREFULL>
<NOTICE><CONTENU><p>Publics concernés : personnes ayant à connaître les lois et
règlements locaux.</p>
<p>Objet : publication de la traduction de plusieurs lois.</p></CONTENU></NOTICE>
<VISAS><CONTENU><p>Le Premier ministre,<br/>Décrète :</p></CONTENU></VISAS>
<STRUCT><SECTION_TA><TITRE_TA>Annexe</TITRE_TA><ARTICLE><NUM/><BLOC_TEXTUEL><CONTENU>
<table><tr><th>Lois</th><th><p>Lieu</p></th></tr>
<tr><td>1<sup>er</sup> juin 1924</td><td>Moselle</td></tr></table>
</CONTENU></BLOC_TEXTUEL></ARTICLE></SECTION_TA>
<SIGNATAIRES><CONTENU><p>Fait le 27 août 2013.</p></CONTENU></SIGNATAIRES></STRUCT>
<ENTREPRISE texte_entreprise="oui"/></TEXTE>""".encode()


def test_a_summary_files_every_text() -> None:
    container = parse_container(CONTAINER)
    assert container.title == "JORF n°0137 du 13 juin 2026"
    assert container.date == date(2026, 6, 13)
    assert container.rubriques["JORFTEXT000054245243"] == ("LOIS",)
    assert container.rubriques["JORFTEXT000054246014"][1] == "Mesures nominatives"
    assert container.titles["JORFTEXT000054245243"].endswith("chlordécone (1)")


def test_a_text_is_read_as_paragraphs() -> None:
    mention = parse_text(DECRET)
    assert mention.summary.split("\n\n") == [
        "Publics concernés : personnes ayant à connaître les lois et règlements locaux.",
        "Objet : publication de la traduction de plusieurs lois.",
    ]
    assert mention.text.split("\n\n")[2:] == [
        "Le Premier ministre,",
        "Décrète :",
        "Annexe",
        "Lois | Lieu",
        "1er juin 1924 | Moselle",
    ]
    assert [str(i) for i in mention.identifiers] == [
        "nor:JUSX1319588D",
        "jorftext:JORFTEXT000027904809",
        "numero:decret-2013-776",
    ]
    assert mention.signed_on is None
    assert mention.extra["entreprise"] is True


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not well-formed"),
        (DECRET[:-40], "not well-formed"),
        (DECRET.replace(b"publication de lois", b"&inconnue;"), "not well-formed"),
        (CONTAINER, "root element is 'JO'"),
        (DECRET.replace(b"<ID>JORFTEXT", b"<ID>"), "without id"),
        (b'<!DOCTYPE TEXTE [<!ENTITY a "b">]><TEXTE><ID>&a;</ID></TEXTE>', "DTD"),
        (b'<!DOCTYPE T SYSTEM "file:///etc/passwd"><TEXTE/>', "DTD"),
    ],
)
def test_a_text_that_is_no_text_is_refused(body: bytes, words: str) -> None:
    with pytest.raises(ParseError, match=words):
        parse_text(body)


def test_a_delivery_joins_texts_and_summary() -> None:
    delivery = read_delivery(pack(NIGHT))
    by_key = {mention.key: mention for mention in delivery.mentions}
    assert (delivery.texts, len(by_key), delivery.troubles) == (3, 5, ())
    assert by_key["JORFTEXT000054245373"].rubrique.startswith("Décrets, arrêtés, circulaires > ")
    announced = by_key["JORFTEXT000054245243"]
    assert (announced.text, announced.nature) == ("", "LOI")
    assert "numero:loi-2026-491" in map(str, announced.identifiers)


def test_the_order_inside_an_archive_does_not_matter() -> None:
    files = [(path.name, path.read_bytes()) for path in sorted(NIGHT.glob("*.xml"))]
    there, back = read_delivery(pack_files(files)), read_delivery(pack_files(reversed(files)))
    assert sorted(m.key for m in there.mentions) == sorted(m.key for m in back.mentions)
    assert {m.key: m for m in there.mentions} == {m.key: m for m in back.mentions}
    assert read_delivery(pack_files(files, "w")) == there  # a server may unpack the gzip layer


def test_one_bad_file_costs_only_itself() -> None:
    files = [("a/JORFCONT000054245240.xml", CONTAINER), ("a/JORFTEXT000054245373.xml", b"<TEXTE>")]
    delivery = read_delivery(pack_files(files))
    assert delivery.is_whole
    assert len(delivery.mentions) == 5
    assert [t.split(":")[0] for t in delivery.troubles] == ["JORFTEXT000054245373.xml"]


@pytest.mark.parametrize("kept", [0, 5, 60, 700, -1, -9])
def test_a_cut_archive_gives_what_came_before(kept: int) -> None:
    delivery = read_delivery(pack(NIGHT)[:kept])
    assert not delivery.is_whole
    assert delivery.troubles


def test_what_a_cut_archive_lacks_is_not_announced_as_if_it_had_no_text() -> None:
    files = [(path.name, path.read_bytes()) for path in sorted(NIGHT.glob("*.xml"))]
    whole = pack_files(files, "w")
    delivery = read_delivery(whole[: whole.index(b"JORFTEXT000054245439.xml")])
    assert not delivery.is_whole
    assert [m.key for m in delivery.mentions] == ["JORFTEXT000054245373"]
    assert all(mention.text and mention.rubrique for mention in delivery.mentions)


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(total=4_000), "larger than the limit"),
        (Limits(member=500), "member of"),
        (Limits(members=1), "more than 1 members"),
    ],
)
def test_an_archive_is_read_within_limits(limits: Limits, words: str) -> None:
    delivery = read_delivery(pack(NIGHT), limits=limits)
    assert words in delivery.troubles[0]
    assert not delivery.is_whole


@pytest.mark.parametrize("name", ["/etc/passwd", "a/../../x.xml"])
def test_a_name_that_climbs_out_is_refused(name: str) -> None:
    with pytest.raises(ParseError, match="outside its folder"):
        list(members_of(pack_files([(name, b"x")]), Limits()))


def test_an_archive_of_something_else_says_so() -> None:
    delivery = read_delivery(pack_files([("readme.txt", b"hello")]))
    assert delivery.mentions == ()
    assert delivery.troubles == ("archive without any JORFSIMPLE file",)


def _folder(number: int, texts: int, *, named: int = 0) -> list[tuple[str, bytes]]:
    """A folder of a dump: a summary that names `named` texts, and the first `texts` of them."""
    ids = [f"JORFTEXT{number:06d}{index:06d}" for index in range(max(texts, named))]
    links = "".join(
        f'<LIEN_TXT idtxt="{key}" titretxt="Arrêté {index}"/>' for index, key in enumerate(ids)
    )
    container = f"JORFCONT{number:012d}"
    summary = (
        f"<JO><ID>{container}</ID><STRUCTURE_TXT><TM><TITRE_TM>JO</TITRE_TM><TM>"
        f"<TITRE_TM>LOIS</TITRE_TM>{links}</TM></TM></STRUCTURE_TXT></JO>"
    )
    bodies = [
        (key, f"<TEXTE><ID>{key}</ID><TITRE>Arrêté {index}</TITRE></TEXTE>")
        for index, key in enumerate(ids[:texts])
    ]
    return [
        (f"dump/{container}/{name}.xml", body.encode())
        for name, body in ((container, summary), *bodies)
    ]


def _stream(archive: bytes, limits: Limits | None = None) -> list[Delivery]:
    return list(iter_deliveries(io.BytesIO(archive), "jorfsimple", limits))


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_dump_is_read_folder_by_folder(mode: str) -> None:
    archive = pack_files([*_folder(1, 2, named=3), *_folder(2, 1), *_folder(3, 0, named=1)], mode)
    parts = _stream(archive)
    assert [(part.texts, len(part.mentions)) for part in parts] == [(2, 3), (1, 1), (0, 1)]
    assert all(part.is_whole and not part.troubles for part in parts)
    assert {mention.rubrique for part in parts for mention in part.mentions} == {"LOIS"}
    together = [mention for part in parts for mention in part.mentions]
    assert sorted(together, key=lambda m: m.key) == sorted(
        read_delivery(archive).mentions, key=lambda m: m.key
    )


def test_a_large_folder_makes_several_parts_and_announces_once() -> None:
    parts = _stream(pack_files(_folder(1, 1200, named=1202)))
    assert [part.texts for part in parts] == [499, 500, 201]
    assert [len(part.mentions) for part in parts] == [499, 500, 203]
    assert {mention.rubrique for part in parts for mention in part.mentions} == {"LOIS"}


def test_a_cut_dump_gives_what_came_before_and_announces_nothing_it_may_hold() -> None:
    whole = pack_files([*_folder(1, 1, named=2), *_folder(2, 3)], "w")
    parts = _stream(whole[: whole.index(b"JORFTEXT000002000001.xml")])
    assert [(part.texts, len(part.mentions)) for part in parts] == [(1, 2), (1, 1)]
    assert [part.is_whole for part in parts] == [True, False]
    assert "cut" in parts[-1].troubles[0]


@pytest.mark.parametrize(
    ("archive", "words"),
    [
        (b"", "cut or damaged"),
        (b"\x1f\x8bnothing", "cut or damaged"),
        (pack_files([("readme.txt", b"hello")]), "without any JORFSIMPLE file"),
    ],
)
def test_a_dump_that_gives_nothing_says_why(archive: bytes, words: str) -> None:
    (only,) = _stream(archive)
    assert not only.is_whole
    assert only.mentions == ()
    assert words in only.troubles[0]


def test_limits_of_a_dump_are_for_one_part() -> None:
    archive = pack_files([file for number in range(1, 40) for file in _folder(number, 2)])
    limits = Limits(total=64_000, member=4_000, members=5)
    assert "more than 5 members" in read_delivery(archive, limits=limits).troubles[0]
    assert [part.texts for part in _stream(archive, limits)] == [2] * 39
    large = pack_files([*_folder(1, 2), ("x/JORFTEXT000000000009.xml", b" " * 5_000)])
    parts = _stream(large, limits)
    assert "member of 5000 bytes" in parts[-1].troubles[0]
    assert parts[-1].texts == 2


def test_a_dump_is_read_in_flat_memory() -> None:
    """Forty folders of a megabyte each: no more than a few are ever held."""
    filler = b"<!--" + b"x" * 1_000_000 + b"-->"
    files = [
        (name, body.replace(b"<TITRE>", filler + b"<TITRE>"))
        for number in range(1, 41)
        for name, body in _folder(number, 1)
    ]
    archive = pack_files(files)
    tracemalloc.start()
    try:
        assert sum(part.texts for part in iter_deliveries(io.BytesIO(archive))) == 40
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12_000_000


CELLS = """<TEXTE><ID>JORFTEXT000027904809</ID><TITRE>Arrêté</TITRE><VISAS><CONTENU>%s</CONTENU>
</VISAS></TEXTE>"""


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("seul", "seul"),
        ("<p>un<br/>deux\nsuite</p>trois", "un\n\ndeux suite\n\ntrois"),
        ("<p>un<sup>er</sup> juin</p>", "1er juin".replace("1", "un")),
        ("<center>a</center>b", "ab"),
        ("<p>a&#13;\nb&amp;c</p>", "a b&c"),
        ("<table><tr><td>a<br/>b</td><td/><td><p>c</p></td></tr></table>", "a b | | c"),
        ("<p>a<!-- x -->b<![CDATA[<c>]]></p>", "ab<c>"),
        ("<p>e\u0301te\u0301\u00ad</p>", "été"),
    ],
)
def test_marked_up_text_becomes_lines(content: str, text: str) -> None:
    assert parse_text((CELLS % content).encode()).text == text


def test_the_index_is_read_oldest_first() -> None:
    stamps = parse_index((PAGES / "jorfsimple" / "index.html").read_bytes())
    assert [stamp.is_night for stamp in stamps] == [True, True, True, False]
    assert stamps[0].day == date(2026, 8, 29)
    assert parse_stamp("Freemium_jorf_simple_20250713-140000.tar.gz") is None
    assert parse_stamp("JORFSIMPLE_20261399-003035.tar.gz") is None
    with pytest.raises(ParseError):
        parse_index(b"<html>maintenance</html>")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")
def test_real_files_are_read_without_any_trouble() -> None:
    delivery = read_delivery(pack(CORPUS))
    assert (delivery.texts, len(delivery.mentions), delivery.troubles) == (3, 102, ())
