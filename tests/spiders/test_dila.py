from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from hub.errors import ParseError
from hub.model import Pace, Source, SourceKind
from hub.sources import DilaOptions
from spiders.base import ARCHIVE_SIZE, Ask, Page
from spiders.dila import DilaKind, parse_delivery
from tests.archives import pack_files
from tests.spiders.memory import FakeMemory
from tests.unit.test_legi import NEXT, OLD, article, path
from tests.unit.test_legi import NOW as CURRENT

BASE = "https://echanges.dila.gouv.fr/OPENDATA"
NOW = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)
NIGHTS = ("20260902-003035", "20260903-002011", "20260905-004500", "20260906-003000")
EVENING = "20260903-213012"


def index(fonds: str, *stamps: str) -> bytes:
    rows = "".join(
        f'<tr><td><a href="{fonds}_{stamp}.tar.gz">{fonds}_{stamp}.tar.gz</a></td></tr>'
        for stamp in stamps
    )
    other = (
        '<a href="Freemium_jorf_simple_20250713-140000.tar.gz">x</a><a href="DILA_note.pdf">é</a>'
    )
    return f"<html>{rows}{other}<a href='?C=N;O=D'>Name</a></html>".encode("iso-8859-1")


@dataclass(slots=True)
class Memory(FakeMemory):
    """One that also remembers what answered and could not be read."""

    tried: set[str] = field(default_factory=set)

    def was_captured(self, url: str) -> bool:
        return url in self.tried or url in self.bodies


def make_kind(
    fonds: str = "JORFSIMPLE", memory: FakeMemory | None = None, **options: object
) -> DilaKind:
    if fonds == "LEGI":
        options.setdefault("codes", ["LEGITEXT000006074220"])
    source = Source(
        id="dila",
        name="DILA",
        publisher="DILA",
        kind=SourceKind.DILA,
        url=f"{BASE}/{fonds}/",
        rhythm=timedelta(hours=1),
        pace=Pace(timedelta(), timedelta()),
        licence="fr-lo",
        evidence="verified",
        options={"fonds": fonds, "since": date(2026, 9, 1), **options},
    )
    return DilaKind(source, memory or Memory(NOW))


def chosen(kind: DilaKind, *stamps: str) -> list[str]:
    body = index(kind.options.fonds, *stamps)
    reading = kind.read(Page(kind.source.url, body))
    assert (reading.mentions, reading.entries) == ((), None)  # a day without delivery is normal
    return [ask.url.rsplit("_", 1)[1].removesuffix(".tar.gz") for ask in reading.follow]


def address(stamp: str, fonds: str = "JORFSIMPLE") -> str:
    return f"{BASE}/{fonds}/{fonds}_{stamp}.tar.gz"


def test_the_index_is_asked_whole_then_the_archives() -> None:
    kind = make_kind()
    assert list(kind.first_asks()) == [Ask(f"{BASE}/JORFSIMPLE/", is_conditional=False)]
    (ask,) = kind.read(Page(kind.source.url, index("JORFSIMPLE", NIGHTS[0]))).follow
    assert ask == Ask(
        address(NIGHTS[0]), reader="read_archive", is_conditional=False, max_size=ARCHIVE_SIZE
    )


@pytest.mark.parametrize("fonds", ["JORFSIMPLE", "JORF", "LEGI", "DOLE"])
def test_each_fonds_has_its_own_names(fonds: str) -> None:
    kind = make_kind(fonds)
    assert chosen(kind, *NIGHTS) == list(NIGHTS)
    with pytest.raises(ParseError, match=f"no {fonds} archive"):
        kind.read(Page(kind.source.url, index("KALI", *NIGHTS)))


def test_oldest_first_and_none_before_the_first_day_wanted() -> None:
    assert chosen(make_kind(), *NIGHTS[::-1], "20260831-003000") == list(NIGHTS)
    assert chosen(make_kind(max_archives=2), *NIGHTS[::-1]) == list(NIGHTS[:2])


def test_what_was_read_is_not_asked_again() -> None:
    memory = Memory(NOW, bodies={address(stamp): b"" for stamp in NIGHTS[:3]})
    assert chosen(make_kind(memory=memory), *NIGHTS) == [NIGHTS[3]]
    memory.bodies[address(NIGHTS[3])] = b""
    assert chosen(make_kind(memory=memory), *NIGHTS) == []


def test_the_oldest_of_those_that_failed_is_tried_again_after_the_others() -> None:
    memory = Memory(NOW, tried={address(stamp) for stamp in NIGHTS[:3]})
    kind = make_kind(memory=memory, max_archives=1)
    assert chosen(kind, *NIGHTS) == [NIGHTS[3], NIGHTS[0]]
    memory.bodies = {address(NIGHTS[0]): b"", address(NIGHTS[3]): b""}
    assert chosen(kind, *NIGHTS) == [NIGHTS[1]]
    assert chosen(kind, *NIGHTS[2:]) == [NIGHTS[2]]  # the 3rd is not listed any more


@pytest.mark.parametrize(("days", "is_tried"), [(5, True), (31, True), (32, False)])
def test_one_that_failed_is_tried_again_for_a_month(days: int, is_tried: bool) -> None:
    night = datetime(2026, 9, 2, 23, tzinfo=UTC)
    memory = Memory(night + timedelta(days=days), tried={address(NIGHTS[0])})
    assert chosen(make_kind(memory=memory), NIGHTS[0]) == [NIGHTS[0]] * is_tried


def test_evenings_are_left_only_when_it_is_asked() -> None:
    stamps = (*NIGHTS[:2], EVENING)
    assert chosen(make_kind(), *stamps) == list(stamps)
    assert chosen(make_kind(nights_only=True), *stamps) == list(NIGHTS[:2])


# --- Archives ------------------------------------------------------------------------------------


def text(name: str, day: str) -> tuple[str, bytes]:
    body = (
        f"<TEXTE><ID>{name}</ID><NATURE>ARRETE</NATURE><DATE_PUBLI>{day}</DATE_PUBLI>"
        "<TITREFULL>Arrêté du jour</TITREFULL></TEXTE>"
    )
    return f"x/{name}.xml", body.encode()


def test_old_texts_that_an_evening_brings_back_are_not_news() -> None:
    body = pack_files(
        [
            text("JORFTEXT000000000001", "2004-06-01"),
            text("JORFTEXT000000000002", "2026-08-03"),
            text("JORFTEXT000000000003", "2026-09-03"),
            text("JORFTEXT000000000004", "2999-01-01"),
        ]
    )
    reading = make_kind().read_archive(Page(address(EVENING), body))
    assert [m.key[-1] for m in reading.mentions] == ["2", "3", "4"]
    assert reading.is_settled


def test_an_evening_of_old_texts_only_is_read_and_says_nothing() -> None:
    body = pack_files([text("JORFTEXT000000000001", "2004-06-01")])
    reading = make_kind().read_archive(Page(address(EVENING), body))
    assert (reading.mentions, reading.troubles, reading.is_settled) == ((), (), True)


def test_a_cut_archive_may_be_asked_again() -> None:
    body = pack_files([text("JORFTEXT000000000003", "2026-09-03")] * 9, "w")
    reading = make_kind().read_archive(Page(address(NIGHTS[1]), body[:3_000]))
    assert len(reading.mentions) == 1
    assert not reading.is_settled
    with pytest.raises(ParseError, match="cut"):
        make_kind().read_archive(Page(address(NIGHTS[1]), body[:300]))


@pytest.mark.parametrize(
    ("fonds", "member"),
    [
        ("LEGI", "liste_suppression_legi.dat"),
        ("DOLE", "liste_suppression_dole.dat"),
    ],
)
def test_a_delivery_may_have_nothing_for_us(fonds: str, member: str) -> None:
    body = pack_files([(member, b"legi/global/x\n")])
    reading = make_kind(fonds).read_archive(Page(address(EVENING, fonds), body))
    assert (reading.mentions, reading.troubles, reading.is_settled) == ((), (), True)


def test_a_delivery_of_legi_hands_over_its_versions_and_its_moment() -> None:
    old = article(OLD, "MODIFIE", "2021-07-01", "2026-05-01")
    gone = path(NEXT, stamp="").removesuffix(".xml").encode()
    body = pack_files(
        [
            (path(OLD), old),
            (path(CURRENT), article(CURRENT)),
            ("liste_suppression_legi.dat", gone),
        ]
    )
    options = make_kind("LEGI").options
    reading = parse_delivery(body, "legi", address(EVENING, "LEGI"), options)
    assert [version.id for version in reading.articles.versions] == [OLD, CURRENT]
    assert reading.articles.deleted == (NEXT,)
    assert reading.articles.said_at == datetime(2026, 9, 3, 19, 30, 12, tzinfo=UTC)
    assert len(reading.mentions) == 1
    other = pack_files([text("JORFTEXT000000000003", "2026-09-03")])
    assert (
        parse_delivery(other, "dila", address(EVENING), make_kind().options).articles.versions == ()
    )


@pytest.mark.parametrize("fonds", ["JORFSIMPLE", "JORF", "LEGI", "DOLE"])
def test_an_archive_of_nothing_is_no_delivery(fonds: str) -> None:
    kind = make_kind(fonds)
    for body in (pack_files([]), b"", b"<html>503</html>", pack_files([])[:10]):
        with pytest.raises(ParseError):
            parse_delivery(body, "dila", address(EVENING, fonds), kind.options)


def test_an_old_dossier_that_moves_is_news() -> None:
    name = "JORFDOLE000019000000"
    dossier = (
        f"<DOSSIER_LEGISLATIF><META><META_COMMUN><ID>{name}</ID></META_COMMUN>"
        "<META_DOSSIER_LEGISLATIF><TITRE>Projet de loi</TITRE>"
        "<DATE_CREATION>2008-01-01</DATE_CREATION></META_DOSSIER_LEGISLATIF></META>"
        "</DOSSIER_LEGISLATIF>"
    )
    body = pack_files([(f"dole/{name}.xml", dossier.encode())])
    options = DilaOptions(fonds="DOLE", since=date(2026, 9, 1))
    reading = parse_delivery(body, "dole", address(EVENING, "DOLE"), options)
    assert [m.key for m in reading.mentions] == [name]
