"""Zips of files: fiches and dossiers as they are documented, then what no zip should hold."""

from __future__ import annotations

import io
import json
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.errors import EmptySource, ParseError, SourceError
from hub.legal.safexml import parse_xml
from hub.legal.tararchive import Limits, Member
from hub.legal.ziparchive import zip_members
from hub.model import SourceKind
from hub.sources import ArchiveOptions
from spiders.archive import LIMITS, Archive, parse_archive, parse_dossier, parse_fiche
from spiders.base import ARCHIVE_SIZE, Page, Reading
from tests.spiders.hostile import ANY, check_mention, check_reading, holed
from tests.spiders.memory import FakeMemory, make_source

TODAY = date(2026, 9, 7)
FICHES = ArchiveOptions(dialect="service_public", members=r"(F\d+)\.xml$")
DOSSIERS = ArchiveOptions(dialect="assemblee", members=r"dossierParlementaire/(\w+)\.json$")


def pack(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return buffer.getvalue()


def read(
    files: Mapping[str, bytes], options: ArchiveOptions = FICHES, limits: Limits = LIMITS
) -> Reading:
    return parse_archive(pack(files), "s", options, TODAY, limits)


# --- Service-public ----------------------------------------------------------------------------


def fiche(key: str = "F35083", title: str = "MaPrimeRénov'", inside: str = "") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Publication xmlns:dc="http://purl.org/dc/elements/1.1/" ID="{key}" type="Fiche d'information"
 spUrl="https://www.service-public.gouv.fr/particuliers/vosdroits/{key}">
<dc:title>{title}</dc:title>
<dc:description>Une aide à la rénovation énergétique.</dc:description>
<dc:date>modified 2026-09-01</dc:date>
<SurTitre>Fiche pratique</SurTitre>
<Audience>Particuliers</Audience>
<FilDAriane><Niveau ID="N1">Accueil</Niveau></FilDAriane>
<Theme ID="N19808"><Titre>Logement</Titre></Theme>
{inside}
<VoirAussi><Fiche ID="F1"><Titre>Ailleurs</Titre></Fiche></VoirAussi>
<Reference type="Texte de référence" ID="R1" URL="https://www.legifrance.gouv.fr/loda/id/X/">
<Titre>Décret n°2020-26</Titre><Complement>Conditions</Complement></Reference>
<Definition ID="R2"><Titre>Glossaire</Titre></Definition>
</Publication>""".encode()


SITUATIONS = """<Introduction><Texte><Paragraphe>Vous
 faites des <MiseEnEvidence>travaux</MiseEnEvidence>, dès la 1<Exposant>re</Exposant> année.
</Paragraphe></Texte></Introduction>
<ListeSituations><Situation><Titre>Maison</Titre><Texte><Chapitre><Titre>Plafonds</Titre>
<Tableau><Titre>Aides</Titre><Rangée><Cellule>Geste</Cellule><Cellule><Paragraphe>Montant
</Paragraphe></Cellule></Rangée><Rangée><Cellule>Chaudière</Cellule><Cellule>0 €</Cellule></Rangée>
</Tableau><Liste type="puce"><Item><Paragraphe>Un</Paragraphe></Item><Item>Deux</Item></Liste>
<ANoter><Titre>À noter</Titre><Paragraphe>Un
<LienExterne URL="https://x.example">simulateur</LienExterne> existe.</Paragraphe></ANoter>
<ServiceEnLigne><Titre>Un formulaire</Titre></ServiceEnLigne>
</Chapitre></Texte></Situation></ListeSituations>"""


def test_a_fiche_is_watched_as_its_paragraphs_in_order() -> None:
    mention = parse_fiche(fiche(inside=SITUATIONS), "s")
    assert mention is not None
    assert mention.is_watched
    assert mention.text.split("\n\n") == [
        "Vous faites des travaux, dès la 1re année.",
        "Maison",
        "Plafonds",
        "Aides",
        "Geste | Montant",
        "Chaudière | 0 €",
        "Un",
        "Deux",
        "À noter",
        "Un simulateur existe.",
        "Décret n°2020-26 (Conditions)",
    ]
    assert (mention.key, mention.title) == ("F35083", "MaPrimeRénov'")
    assert mention.url == "https://www.service-public.gouv.fr/particuliers/vosdroits/F35083"
    assert mention.published_on == date(2026, 9, 1)
    assert (mention.nature, mention.rubrique) == ("Fiche pratique", "Logement")
    assert mention.summary == "Une aide à la rénovation énergétique."
    assert mention.extra == {
        "publics": ["Particuliers"],
        "references": ["https://www.legifrance.gouv.fr/loda/id/X/"],
    }


def test_the_archive_gives_the_fiches_that_are_named_and_kept() -> None:
    files = {
        "F35083.xml": fiche(),
        "sous/F2.xml": fiche("F2", "Passeport"),
        "N1.xml": b"<Publication/>",
        "images/F3.png": b"",
    }
    everything = read(files)
    assert [mention.key for mention in everything.mentions] == ["F35083", "F2"]
    assert (everything.entries, everything.troubles) == (2, ())
    kept = read(files, FICHES.model_copy(update={"keep": "(maprimerenov)"}))
    assert [mention.key for mention in kept.mentions] == ["F35083"]
    assert kept.entries == 2


def test_the_kind_asks_for_a_whole_archive() -> None:
    url = "https://archives.example.org/vosdroits-latest.zip"
    kind = Archive(make_source(SourceKind.ARCHIVE, url, FICHES), FakeMemory())
    (ask,) = kind.first_asks()
    assert (ask.url, ask.max_size) == (url, ARCHIVE_SIZE)
    assert len(kind.read(Page(url, pack({"F35083.xml": fiche()}))).mentions) == 1


def test_a_bad_member_is_told_and_the_others_are_kept() -> None:
    reading = read(
        {
            "F1.xml": b"<Publication",
            "F2.xml": b"<Autre/>",
            "F3.xml": fiche("", "Sans numéro"),
            "F4.xml": fiche("F4", ""),
            "F5.xml": fiche("F5").replace(b"www.service-public.gouv.fr", b"evil.example"),
            "F6.xml": b"\xff\xfe\x00",
            "F7.xml": pack({"F8.xml": fiche("F8")}),
            "F35083.xml": fiche(),
        }
    )
    assert [mention.key for mention in reading.mentions] == ["F35083"]
    assert [trouble.partition(": ")[0] for trouble in reading.troubles] == [
        f"'F{number}.xml'" for number in range(1, 8)
    ]
    assert "expected 'Publication'" in reading.troubles[1]
    assert reading.entries == 8


@pytest.mark.parametrize(
    "address", ["", "javascript:alert(1)", "https://service-public.gouv.fr.evil.example/F1"]
)
def test_a_fiche_links_to_its_own_site_alone(address: str) -> None:
    body = fiche().replace(
        b"https://www.service-public.gouv.fr/particuliers/vosdroits/F35083", address.encode()
    )
    with pytest.raises(ParseError, match="spUrl"):
        parse_fiche(body, "s")


# --- XML ---------------------------------------------------------------------------------------


def _bomb(quoted: bool = False) -> bytes:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 50 if n else "x" * 50}">' for n in range(8))
    inside = '<a b="&e7;"/>' if quoted else "&e7;"
    return f"<!DOCTYPE Publication [{levels}]><Publication>{inside}</Publication>".encode()


@pytest.mark.parametrize(
    "body",
    [
        _bomb(),
        _bomb(quoted=True),
        b" " * 5_000 + _bomb(quoted=True),
        b"<!--" + b"x" * 5_000 + b"-->" + _bomb(quoted=True),
        _bomb().decode().encode("utf-16"),
        b'<!DOCTYPE Publication SYSTEM "file:///etc/passwd"><Publication/>',
        b'<!DOCTYPE Publication [<!ENTITY x SYSTEM "file:///x">]><Publication>&x;</Publication>',
        b"<!--" + b"x" * 5_000 + b"--><!DOCTYPE Publication [<!ENTITY a 'b'>]><Publication/>",
        b"<Publication>" + b"<a>" * 100_000,
        b"<Publication>&rien;</Publication>",
        b"<Publication a='1' a='2'/>",
        b"",
    ],
)
def test_xml_that_would_harm_is_refused_at_once(body: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(ParseError):
        parse_xml(body, "Publication")
    assert time.perf_counter() - started < 10


def test_comments_and_instructions_are_no_content() -> None:
    root = parse_xml(b"<Publication>a<!-- b --><?c d?>e</Publication>", "Publication")
    assert root.text == "ae"


# --- Zip ---------------------------------------------------------------------------------------

SMALL = Limits(total=2_000_000, member=1_000_000, members=100)


def given_by(body: bytes, limits: Limits = SMALL) -> dict[str, str]:
    """What each wanted member gave: its text, or why it was refused."""
    return {
        given.name: given.body.decode() if isinstance(given, Member) else f"! {given.reason}"
        for given in zip_members(body, lambda _: True, limits)
    }


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", b"not a zip", b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_zip_is_told(body: bytes) -> None:
    with pytest.raises(ParseError, match="not a zip"):
        given_by(body)
    with pytest.raises(ParseError):
        parse_archive(body, "s", FICHES, TODAY)


def test_names_that_climb_are_refused_and_folders_and_links_passed_over() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("../a", "/etc/b", "x/../../c", "..\\d", "C:e", "ok"):
            archive.writestr(name, b"z")
        archive.mkdir("folder")
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, b"/etc/passwd")
    found = given_by(buffer.getvalue())
    assert found.pop("ok") == "z"
    assert len(found) == 5
    assert set(found.values()) == {"! named outside its folder"}


def _with_flags(body: bytes, flags: int) -> bytes:
    """The same zip, whose first member claims these flags."""
    changed = bytearray(body)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        struct.pack_into("<H", changed, body.index(mark) + place, flags)
    return bytes(changed)


def test_an_encrypted_member_is_refused() -> None:
    found = given_by(_with_flags(pack({"a": b"x", "b": b"y"}), 1))
    assert found == {"a": "! encrypted", "b": "y"}


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_without_bound_is_refused(method: int) -> None:
    assert "cannot be bounded" in given_by(pack({"a": b"x"}, method))["a"]


def test_a_damaged_member_is_refused_and_the_next_is_read() -> None:
    body = pack({"a": b"premier" * 10, "b": b"second"}, zipfile.ZIP_STORED)
    found = given_by(body.replace(b"premier", b"abimeee", 1))
    assert found["a"].startswith("! damaged: BadZipFile")
    assert found["b"] == "second"


def test_a_bomb_is_refused_by_what_it_claims_or_by_what_it_gives() -> None:
    body = pack({"a": b"\0" * 50_000_000, "b": b"y"})
    assert "50000000 bytes" in given_by(body)["a"]
    wide = Limits(total=100_000_000, member=60_000_000, members=100)
    assert "packed in" in given_by(body, wide)["a"]
    lying = bytearray(body)  # the directory says 10 bytes
    struct.pack_into("<L", lying, body.index(b"PK\x01\x02") + 24, 10)
    tracemalloc.start()
    found = given_by(bytes(lying))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found["a"].startswith("! damaged")
    assert found["b"] == "y"
    assert peak < 10_000_000


def test_the_whole_is_bounded_and_what_came_before_is_kept() -> None:
    files = {f"F{number}.xml": fiche(f"F{number}") for number in range(1, 10)}
    size = len(fiche("F1"))
    reading = read(files, limits=Limits(total=3 * size + 1, member=2 * size, members=100))
    assert [mention.key for mention in reading.mentions] == ["F1", "F2", "F3"]
    assert reading.troubles == ("zip larger than the limit once unpacked",)
    with pytest.raises(ParseError, match="more than 5 members"):
        read(files, limits=Limits(members=5))


def test_a_zip_without_any_such_member_is_empty_and_one_without_any_good_one_is_told() -> None:
    with pytest.raises(EmptySource, match="no member"):
        read({"N1.xml": b"x"})
    with pytest.raises(ParseError, match="F1"):
        read({"F1.xml": b"x"})


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400), st.integers(0, 255))
def test_any_bytes_of_a_zip_are_read_or_refused(noise: bytes, place: int, byte: int) -> None:
    whole = pack({"F1.xml": fiche("F1"), "F2.xml": fiche("F2")})
    changed = bytearray(whole)
    changed[-1 - place % len(whole)] = byte
    for body in (noise, bytes(changed), whole[: place * 3], noise + whole, whole + noise):
        with suppress(SourceError):
            check_reading(parse_archive(body, "s", FICHES, TODAY))


NAMES = st.sampled_from(
    ["Texte", "Chapitre", "Titre", "Paragraphe", "Cellule", "Rangée", "Reference", "Liste", "Image"]
)
TEXTS = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=8)
NODES: st.SearchStrategy[str] = st.recursive(
    TEXTS.map(escape),
    lambda inner: st.tuples(NAMES, TEXTS, st.lists(inner, max_size=3)).map(
        lambda node: f"<{node[0]} URL={quoteattr(node[1])}>{''.join(node[2])}</{node[0]}>"
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(NODES, TEXTS.map(escape), st.sampled_from(["F1", "", "x" * 300, "F1 é"]))
def test_any_fiche_is_read_or_refused(inside: str, title: str, key: str) -> None:
    with suppress(SourceError):
        mention = parse_fiche(fiche(key, title, inside), "s")
        assert mention is not None
        check_mention(mention)


# --- Assemblée nationale -----------------------------------------------------------------------


def act(label: str, day: str | None, *inside: Any) -> dict[str, Any]:
    """An act, and those inside: an object when there is one, a list when there are several."""
    several: Any = inside[0] if len(inside) == 1 else list(inside)
    return {
        "uid": "L17-X",
        "codeActe": "AN1",
        "libelleActe": {"nomCanonique": label, "libelleCourt": label},
        "dateActe": day,
        "actesLegislatifs": {"acteLegislatif": several} if inside else None,
    }


DOSSIER: dict[str, Any] = {
    "@xsi:type": "DossierLegislatif_Type",
    "uid": "DLR5L17N52422",
    "legislature": "17",
    "titreDossier": {
        "titre": "Réduire l'impact environnemental de l'industrie textile",
        "titreChemin": "reduire_impact_textile",
        "senatChemin": "http://www.senat.fr/dossier-legislatif/ppl23-441.html",
    },
    "procedureParlementaire": {"code": "2", "libelle": "Proposition de loi ordinaire"},
    "actesLegislatifs": {
        "acteLegislatif": act(
            "1ère lecture",
            None,
            act("Dépôt d'une initiative", "2026-06-02T00:00:00.000+02:00"),
            act("Travaux", None, act("Renvoi en commission", "2026-06-03T00:00:00.000+02:00")),
            act("Discussion en séance", "2026-10-01T00:00:00.000+02:00"),
        )
    },
}


def read_dossier(since: date | None = None, **fields: Any) -> Any:
    body = json.dumps({"dossierParlementaire": DOSSIER | fields}).encode()
    return parse_dossier(body, "s", DOSSIERS.model_copy(update={"since": since}), TODAY)


def test_a_dossier_is_told_by_its_acts_alone_or_several() -> None:
    mention = read_dossier()
    assert mention.key == "DLR5L17N52422"
    assert mention.url == (
        "https://www.assemblee-nationale.fr/dyn/17/dossiers/reduire_impact_textile"
    )
    assert mention.text == (
        "2\u00a0juin\u00a02026\u00a0: Dépôt d'une initiative\n\n"
        "3\u00a0juin\u00a02026\u00a0: Renvoi en commission"
    )
    assert mention.published_on == date(2026, 6, 3)
    assert (mention.nature, mention.rubrique) == (
        "DOSSIER_LEGISLATIF",
        "Proposition de loi ordinaire",
    )
    assert mention.extra == {
        "derniere_etape": "Renvoi en commission",
        "senat": "http://www.senat.fr/dossier-legislatif/ppl23-441.html",
    }


def test_a_dossier_that_has_not_moved_is_left_out_and_a_plan_is_no_move() -> None:
    assert read_dossier(date(2026, 6, 3)) is not None
    assert read_dossier(date(2026, 6, 4)) is None
    assert read_dossier(date(2020, 1, 1), actesLegislatifs=None) is None
    assert read_dossier(None, actesLegislatifs=None).published_on is None


@pytest.mark.parametrize("name", [None, "", "../x", "a/b", "a?b", 12, "javascript:x"])
def test_a_dossier_without_a_usable_name_is_found_by_its_number(name: object) -> None:
    mention = read_dossier(titreDossier={"titre": "T", "titreChemin": name}, legislature=None)
    assert mention.url == "https://www.assemblee-nationale.fr/dyn/17/dossiers/DLR5L17N52422"


def test_the_archive_gives_the_dossiers_that_moved() -> None:
    old = DOSSIER | {"uid": "DLR5L17N1", "actesLegislatifs": None}
    files = {
        f"json/dossierParlementaire/{name}.json": json.dumps({"dossierParlementaire": data})
        for name, data in (("DLR5L17N52422", DOSSIER), ("DLR5L17N1", old), ("DLR5L17N2", None))
    }
    files["json/document/PIONANR5L17B1.json"] = "{}"
    options = DOSSIERS.model_copy(update={"since": date(2026, 1, 1), "keep": "(textile)"})
    reading = read({name: text.encode() for name, text in files.items()}, options)
    assert [mention.key for mention in reading.mentions] == ["DLR5L17N52422"]
    assert reading.entries == 3
    assert "dossier without" in reading.troubles[0]


def test_acts_without_end_are_bounded() -> None:
    many = act("z", "2026-06-02", *[act(f"n° {number}", "2026-06-01") for number in range(5_000)])
    mention = read_dossier(actesLegislatifs={"acteLegislatif": many})
    assert 1_000 < len(mention.text.split("\n\n")) <= 2_000


@settings(deadline=None)
@given(holed(DOSSIER) | ANY, holed(act("x", "2026-06-02", act("y", "2026-06-03"))) | ANY)
def test_any_dossier_is_read_or_refused(dossier: Any, acts: Any) -> None:
    if isinstance(dossier, dict):
        dossier = dossier | {"actesLegislatifs": {"acteLegislatif": acts}}
    body = json.dumps({"dossierParlementaire": dossier}).encode()
    with suppress(SourceError):
        mention = parse_dossier(body, "s", DOSSIERS, TODAY)
        if mention is not None:
            check_mention(mention)
