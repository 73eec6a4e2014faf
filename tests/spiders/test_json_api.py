"""JSON APIs: each dialect as it is documented, then with holes."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.errors import EmptySource, ParseError, SourceError
from hub.model import SourceKind
from hub.sources import JsonApiOptions
from spiders.base import ARCHIVE_SIZE, Ask, Page, Reading
from spiders.json_api import JsonApi, page_url, parse_export, parse_records
from spiders.json_api.aides_territoires import parse_aids, parse_token
from spiders.json_api.data_fair import parse_lines
from spiders.json_api.datagouv import parse_dataset
from spiders.json_api.evaluation import parse_documents
from spiders.json_api.fields import on_same_host
from spiders.json_api.tee import parse_programs
from tests.spiders.hostile import ANY, check_reading, holed
from tests.spiders.memory import FakeMemory, make_source

TODAY = date(2026, 9, 7)


def dump(data: Any) -> bytes:
    return json.dumps(data).encode()


def make_kind(url: str, options: JsonApiOptions, secret: str = "", **fields: Any) -> JsonApi:
    source = make_source(SourceKind.JSON_API, url, options, **fields)
    return JsonApi(source, FakeMemory(secret=secret))


def page_of(ask: Ask, data: Any, **fields: Any) -> Page:
    return Page(ask.url, dump(data), about=ask.about, **fields)


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


# --- Opendatasoft ------------------------------------------------------------------------------

RECORDS = "https://api.example.org/api/explore/v2.1/catalog/datasets/boamp/records"
API = JsonApiOptions(dialect="boamp", order_by="dateparution desc", limit=2, max_records=3)
FIRST = page_url(RECORDS, API, 0)


def read_api(*records: Any, url: str = FIRST, **announced: Any) -> Reading:
    return parse_records(dump({"results": list(records)} | announced), "s", url, API)


def notice(**fields: Any) -> dict[str, Any]:
    return {"idweb": "26-81222", "objet": "Nettoyage", "dateparution": "2026-08-19"} | fields


def test_pages_follow_inside_their_window() -> None:
    second = [ask.url for ask in read_api(notice(), notice(idweb="26-1")).follow]
    assert [url.partition("?")[2] for url in second] == [
        "order_by=dateparution+desc&limit=1&offset=2"
    ]
    assert read_api(notice()).follow == ()
    assert read_api(notice(), notice(), url=second[0]).follow == ()
    assert read_api(url=second[0]) == Reading(entries=0)


@pytest.mark.parametrize(
    ("found", "total", "troubles"),
    [(1, 1, ()), (1, 2, ("incomplete: 1 of 2",)), (0, 2, ("incomplete: 0 of 2",))],
)
def test_a_short_page_is_the_end_only_where_the_total_agrees(
    found: int, total: int, troubles: tuple[str, ...]
) -> None:
    records = [notice(idweb=f"26-{number}") for number in range(found)]
    if not found:
        with pytest.raises(ParseError, match=troubles[0]):
            read_api(total_count=total)
        return
    reading = read_api(*records, total_count=total)
    assert (reading.troubles, reading.follow) == (troubles, ())
    assert reading.entries == found


def test_an_empty_page_in_the_middle_is_no_end_of_the_list() -> None:
    options = API.model_copy(update={"max_records": 600, "limit": 100})
    url = page_url(RECORDS, options, 0).replace("offset=0", "offset=200")
    reading = parse_records(dump({"total_count": 512, "results": []}), "s", url, options)
    assert (reading.mentions, reading.troubles) == ((), ("incomplete: 200 of 512",))


def test_what_the_total_announces_ends_the_list_without_one_more_question() -> None:
    reading = read_api(notice(), notice(idweb="26-1"), total_count=2)
    assert (len(reading.mentions), reading.follow, reading.troubles) == (2, (), ())


def test_past_the_window_the_export_is_asked() -> None:
    options = API.model_copy(update={"max_records": 10_001, "where": "a=1", "limit": 100})
    (ask,) = make_kind(RECORDS, options).first_asks()
    assert urlsplit(ask.url).path.endswith("/datasets/boamp/exports/json")
    assert query_of(ask.url) == {
        "where": "a=1",
        "order_by": "dateparution desc",
        "limit": "10001",
    }
    assert ask.max_size == ARCHIVE_SIZE
    body = [notice(idweb=f"26-{number}") for number in range(3)]
    reading = make_kind(RECORDS, options).read_export(page_of(ask, body))
    assert (len(reading.mentions), reading.entries, reading.troubles) == (3, 3, ())


def test_a_page_past_the_window_is_asked_to_the_export() -> None:
    kind = make_kind(RECORDS, API)
    (first,) = kind.first_asks()
    (second,) = kind.read(page_of(first, {"results": [notice(), notice()]})).follow
    assert second.expects == (200, 400)
    (export,) = kind.read(page_of(second, {"message": "too far"}, status=400)).follow
    assert "/exports/json?" in export.url
    whole = kind.read_export(page_of(export, [notice(idweb=f"26-{n}") for n in range(3)]))
    assert (len(whole.mentions), whole.entries) == (3, 1)  # two were counted on the first page


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"message": "ODSQL query is malformed"}, "ODSQL query"),
        ([], "no reason"),
        ({}, "no reason"),
    ],
)
def test_a_question_that_is_refused_is_told(answer: Any, words: str) -> None:
    kind = make_kind(RECORDS, API)
    (first,) = kind.first_asks()
    with pytest.raises(ParseError, match=f"question refused: {words}"):
        kind.read(page_of(first, answer, status=400))


@pytest.mark.parametrize("cut", [1, 30, 150])
def test_a_cut_export_gives_what_came_before(cut: int) -> None:
    body = dump([notice(idweb=f"26-{number}") for number in range(9)])[:-cut]
    reading = parse_export(body, "s", RECORDS, API.model_copy(update={"max_records": 100}))
    assert reading.mentions
    assert reading.troubles[-1].startswith("export cut or damaged after ")


def test_an_export_is_read_up_to_the_most_that_is_wanted() -> None:
    body = dump([notice(idweb=f"26-{number}") for number in range(9)])
    assert parse_export(body, "s", RECORDS, API).entries == 3


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"[1", b"\xff", b"[" * 100_000, b"nul"])
def test_what_is_no_export_is_told(body: bytes) -> None:
    with pytest.raises(ParseError):
        parse_export(body, "s", RECORDS, API)


def test_an_empty_export_is_empty() -> None:
    with pytest.raises(EmptySource):
        parse_export(b"[]", "s", RECORDS, API)
    assert parse_export(b"[]", "s", RECORDS, API, may_be_empty=True) == Reading(entries=0)


def test_the_quota_of_the_day_is_told_before_it_is_passed() -> None:
    kind = make_kind(RECORDS, API)
    (first,) = kind.first_asks()
    answer = {"total_count": 9, "results": [notice(), notice(idweb="26-1")]}
    used_up = kind.read(page_of(first, answer, headers={"x-ratelimit-remaining": "0"}))
    assert used_up.troubles == ("daily quota used up, incomplete: 2 of 3",)
    assert used_up.follow == ()
    left = kind.read(page_of(first, answer, headers={"x-ratelimit-remaining": "10"}))
    assert (left.troubles, len(left.follow)) == ((), 1)


@pytest.mark.parametrize(
    "written", ["9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00", "demain", None, 12, ["x"]]
)
def test_an_absurd_deadline_is_left_out(written: object) -> None:
    (mention,) = read_api(notice(datelimitereponse=written)).mentions
    assert "deadline" not in mention.extra
    assert mention.published_on == date(2026, 8, 19)


def test_a_notice_with_a_false_date_is_kept_and_told() -> None:
    reading = read_api(
        notice(dateparution="2026-02-31"), notice(idweb=None), notice(objet=" "), "x"
    )
    assert [mention.published_on for mention in reading.mentions] == [None]
    assert [trouble[:9] for trouble in reading.troubles] == [
        f"record {number}:" for number in (1, 2, 3, 4)
    ]


def test_what_no_database_holds_is_taken_out() -> None:
    (mention,) = read_api(notice(objet="Net\x00toyage\ud800", nomacheteur="A\u0007")).mentions
    assert (mention.title, mention.extra["buyer"]) == ("Nettoyage", "A")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example.com/",
        "https://a:b@www.boamp.fr/",
        "javascript://www.boamp.fr/%0Ax()",
        f"https://www.boamp.fr/{'x' * 3_000}",
    ],
)
def test_a_notice_links_to_boamp_alone(address: str) -> None:
    (mention,) = read_api(notice(url_avis=address)).mentions
    assert mention.url == "https://www.boamp.fr/pages/avis/?q=idweb:26-81222"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"<html>", ParseError),
        (b"[" * 100_000, ParseError),
        (b'{"records": []}', ParseError),
        (b'{"results": []}', EmptySource),
        (b'{"results": [1]}', ParseError),
    ],
)
def test_what_is_no_answer_of_the_api_is_told(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        parse_records(body, "s", FIRST, API)


CONTRACT = {
    "id": "2026-114",
    "acheteur_id": "21130055300016",
    "nature": "Marché",
    "objet": "Réhabilitation thermique d'une école",
    "codecpv": "45000000-7",
    "procedure": "Procédure adaptée",
    "montant": 412000.5,
    "dureemois": 8,
    "datenotification": "2026-08-24",
    "lieuexecution_code": "13055",
    "titulaire_id_1": "39999999900011",
    "titulaire_id_2": "CDL",
    "considerationssociales": ["Clause sociale"],
    "considerationsenvironnementales": "CDL",
}
DECP_URL = "https://api.example.org/api/explore/v2.1/catalog/datasets/decp-2022-marches-valides"
DECP = JsonApiOptions(dialect="decp", order_by="datenotification desc")


def read_decp(*contracts: Any) -> Reading:
    url = page_url(f"{DECP_URL}/records", DECP, 0)
    return parse_records(dump({"results": list(contracts)}), "s", url, DECP)


def test_a_contract_that_was_awarded() -> None:
    (mention,) = read_decp(CONTRACT, CONTRACT | {"montant": 1}).mentions
    assert mention.key == "21130055300016-2026-114"
    assert mention.published_on == date(2026, 8, 24)
    assert (mention.nature, mention.rubrique) == ("ATTRIBUTION", "Marché")
    assert mention.extra["montant"] == "412000.5"
    assert mention.extra["titulaires"] == ["39999999900011"]
    assert "considerations_environnementales" not in mention.extra
    assert "CDL" not in mention.summary
    assert query_of(mention.url) == {"where": 'acheteur_id="21130055300016" and id="2026-114"'}
    assert urlsplit(mention.url).path.endswith("/decp-2022-marches-valides/records")


def test_two_buyers_may_use_one_number_and_a_quote_ends_no_value() -> None:
    other = CONTRACT | {"acheteur_id": "21130001500012", "id": 'x" or 1=1 or id="'}
    one, two = read_decp(CONTRACT, other).mentions
    assert one.key != two.key
    assert query_of(two.url)["where"].count('"') == 4


def test_a_contract_without_a_number_is_named_by_what_it_says() -> None:
    one, two = read_decp(CONTRACT | {"id": None}, CONTRACT | {"id": "CDL", "objet": "B"}).mentions
    assert one.key != two.key


# --- Data Fair ---------------------------------------------------------------------------------

LINES = "https://data.example.org/data-fair/api/v1/datasets/rep-producteurs-idu/lines"
REGISTER = JsonApiOptions(
    dialect="data_fair",
    key="Identifiant_unique",
    title="Raison_Sociale",
    date="Depuis",
    summary="Filiere",
    limit=2,
    max_records=5,
    where='Filiere:"PMCB"',
    order_by="-Depuis",
)
LINE = {
    "_i": 1,
    "_score": None,
    "Identifiant_unique": 'FR123456_04"ABCD',
    "Raison_Sociale": "Réemploi du Sud",
    "Filiere": "Bâtiment",
    "Depuis": "2026-08-01",
    "Pays": "FRANCE",
}


def test_a_data_set_is_asked_in_its_own_words() -> None:
    (ask,) = make_kind(LINES, REGISTER).first_asks()
    assert query_of(ask.url) == {"size": "2", "qs": 'Filiere:"PMCB"', "sort": "-Depuis"}


def test_the_fields_of_a_line_are_those_that_the_source_names() -> None:
    reading = parse_lines(dump({"total": 1, "results": [LINE]}), "s", f"{LINES}?size=2", REGISTER)
    (mention,) = reading.mentions
    assert (mention.key, mention.title) == ('FR123456_04"ABCD', "Réemploi du Sud")
    assert (mention.summary, mention.published_on) == ("Bâtiment", date(2026, 8, 1))
    assert mention.extra == {"Pays": "FRANCE"}
    assert query_of(mention.url) == {"qs": 'Identifiant_unique:"FR123456_04\\"ABCD"'}
    assert reading.entries == 1


def test_next_pages_are_counted_and_bounded() -> None:
    kind = make_kind(LINES, REGISTER)
    (ask,) = kind.first_asks()
    seen = 0
    for page in range(9):
        lines = [LINE | {"Identifiant_unique": f"{page}-{rank}"} for rank in range(2)]
        answer = {"total": 99, "next": f"{LINES}?size=2&after={page}", "results": lines}
        reading = kind.read(page_of(ask, answer))
        seen += len(reading.mentions)
        if not reading.follow:
            break
        (ask,) = reading.follow
    assert (seen, reading.troubles) == (5, ())


@pytest.mark.parametrize(
    "following", [None, "", "https://evil.example/x", "javascript:x", 12, f"{LINES}?size=2"]
)
def test_a_list_that_stops_before_its_total_is_told(following: object) -> None:
    answer = {"total": 4, "next": following, "results": [LINE]}
    reading = parse_lines(dump(answer), "s", f"{LINES}?size=2", REGISTER)
    assert (reading.troubles, reading.follow) == (("incomplete: 1 of 4",), ())


def test_an_empty_page_in_the_middle_of_lines_is_told() -> None:
    answer = {"total": 4, "next": f"{LINES}?size=2&after=9", "results": []}
    reading = parse_lines(dump(answer), "s", f"{LINES}?size=2", REGISTER, before=2)
    assert (reading.troubles, reading.follow) == (("incomplete: 2 of 4",), ())
    with pytest.raises(EmptySource):
        parse_lines(dump({"total": 0, "results": []}), "s", LINES, REGISTER)


def test_the_next_page_stays_on_its_host_and_its_scheme() -> None:
    assert (
        on_same_host(LINES, "http://data.example.org/a?b=1#c") == "https://data.example.org/a?b=1"
    )
    assert on_same_host(LINES, "/a") == "https://data.example.org/a"
    assert on_same_host(LINES, "//evil.example/a") == ""
    assert on_same_host(LINES, "https://x:y@data.example.org/a") == ""
    assert on_same_host(LINES, "https://[/") == ""
    assert on_same_host(LINES, f"/{'x' * 3_000}") == ""
    assert on_same_host("http://127.0.0.1:8000/a", "http://127.0.0.1:9/b") == (
        "http://127.0.0.1:8000/b"
    )


# --- TEE ---------------------------------------------------------------------------------------

PROGRAMS = "https://tee.example.org/api/programs"
CATALOGUE = JsonApiOptions(dialect="tee", max_records=1_000)
PROGRAM = {
    "id": "diag-decarbon-action",
    "titre": "Diag Décarbon’Action",
    "promesse": "Mesurez vos émissions",
    "description": "Un bilan.\n\nUn plan.",
    "description longue": "En détail.",
    "début de validité": "01/01/2026",
    "fin de validité": "31/12/2026",
    "opérateur de contact": "Bpifrance",
    "autres opérateurs": ["ADEME"],
    "nature de l'aide": "étude",
    "coût de l'accompagnement": "4 000 €",
    "conditions d'éligibilité": {"taille de l'entreprise": ["Plus de 1", "moins de 500"]},
    "objectifs": [{"description": "Appeler", "liens": []}],
    "url": "https://diag.example.fr/",
    "illustration": "images/x.webp",
}


def read_programs(*programs: Any, today: date = TODAY) -> Reading:
    return parse_programs(dump(list(programs)), "s", PROGRAMS, CATALOGUE, today)


def test_a_program_for_companies() -> None:
    reading = read_programs(PROGRAM)
    (mention,) = reading.mentions
    assert mention.url == "https://tee.example.org/aides-entreprise/diag-decarbon-action"
    assert mention.summary == "Mesurez vos émissions\n\nUn bilan.\n\nUn plan."
    assert mention.text == (
        "En détail.\n\nTaille de l'entreprise\u00a0: Plus de 1, moins de 500\n\nAppeler"
    )
    assert (mention.nature, mention.rubrique) == ("AIDE", "étude")
    assert mention.extra == {
        "operateur": "Bpifrance",
        "autres_operateurs": ["ADEME"],
        "montant": "4 000 €",
        "ouverture": "2026-01-01",
        "deadline": "2026-12-31",
        "page_externe": "https://diag.example.fr/",
    }


def test_an_aid_that_closed_is_left_out_and_still_counted() -> None:
    reading = read_programs(PROGRAM, PROGRAM | {"id": "b", "fin de validité": "06/09/2026"})
    assert [mention.key for mention in reading.mentions] == ["diag-decarbon-action"]
    assert (reading.entries, reading.troubles) == (2, ())
    assert len(read_programs(PROGRAM, today=date(2026, 12, 31)).mentions) == 1
    assert read_programs(PROGRAM, today=date(2027, 1, 1)).mentions == ()


def test_the_open_data_names_are_understood_and_a_bad_id_is_told() -> None:
    row = {"id": "x", "titre": "X", "date_cloture": "2026-10-01", "date_mise_a_jour": "2026-09-01"}
    reading = read_programs(row, {"id": "../x", "titre": "X"}, {"id": "y"})
    (mention,) = reading.mentions
    assert (mention.published_on, mention.extra) == (date(2026, 9, 1), {"deadline": "2026-10-01"})
    assert reading.troubles == (
        "record 2: program without id",
        "record 3: program without titre",
    )


def test_a_catalogue_is_filtered_and_never_silently_empty() -> None:
    options = CATALOGUE.model_copy(update={"keep": "(emissions)"})
    kept = parse_programs(
        dump([PROGRAM, {"id": "x", "titre": "Eau"}]), "s", PROGRAMS, options, TODAY
    )
    assert [mention.key for mention in kept.mentions] == ["diag-decarbon-action"]
    for body, error in ((b"[]", EmptySource), (b"{}", ParseError), (b"", ParseError)):
        with pytest.raises(error):
            parse_programs(body, "s", PROGRAMS, CATALOGUE, TODAY)


# --- Aides-territoires -------------------------------------------------------------------------

AIDS = "https://aides.example.org/api/aids/"
ALL_AIDS = JsonApiOptions(dialect="aides_territoires", limit=2, max_records=50)
AID = {
    "id": 163094,
    "slug": "32cf-renover",
    "url": "/aides/32cf-renover/",
    "name": "Rénover les locaux associatifs",
    "financers": ["Région Sud"],
    "programs": [],
    "description": "<p>Un <b>appui</b>.</p><p>Deux.</p>",
    "eligibility": "<ul><li>associations</li></ul>",
    "perimeter": "Provence-Alpes-Côte d'Azur",
    "targeted_audiences": ["Associations"],
    "aid_types": ["Subvention"],
    "start_date": "2026-01-01",
    "submission_deadline": "2026-09-30",
    "subvention_rate_lower_bound": None,
    "subvention_rate_upper_bound": 50,
    "recurrence": "Permanente",
    "origin_url": "https://www.example.fr/aide",
    "date_created": "2025-11-02T10:00:00+01:00",
    "date_updated": "2026-09-01T10:00:00+02:00",
}


def read_aids(*aids: Any, today: date = TODAY, **answer: Any) -> Reading:
    data = {"count": len(aids), "next": None, "results": list(aids)} | answer
    return parse_aids(dump(data), "s", AIDS, ALL_AIDS, today)


def test_the_key_is_exchanged_for_a_token_that_opens_each_page() -> None:
    kind = make_kind(AIDS, ALL_AIDS, secret=" cle\n")
    (connection,) = kind.first_asks()
    assert (connection.method, connection.url) == (
        "POST",
        "https://aides.example.org/api/connexion/",
    )
    assert connection.headers == {"X-AUTH-TOKEN": "cle"}
    assert (connection.is_private, connection.is_conditional) == (True, False)
    assert connection.reader == "read_token"
    (first,) = kind.read_token(page_of(connection, {"token": "ab.cd-ef_gh"})).follow
    assert query_of(first.url) == {"itemsPerPage": "2"}
    assert first.headers == {"Authorization": "Bearer ab.cd-ef_gh"}
    answer = {"count": 3, "next": "http://aides.example.org/api/aids/?page=2", "results": [AID]}
    (second,) = kind.read(page_of(first, answer)).follow
    assert second.url == "https://aides.example.org/api/aids/?page=2"
    assert second.headers == first.headers
    last = kind.read(page_of(second, {"count": 3, "next": None, "results": [AID, AID | {"id": 2}]}))
    assert (last.follow, last.troubles) == ((), ())


@pytest.mark.parametrize("secret", ["", "  ", "clé", "a\nb"])
def test_a_key_that_cannot_be_sent_is_told(secret: str) -> None:
    with pytest.raises(SourceError, match="credentials"):
        list(make_kind(AIDS, ALL_AIDS, secret=secret).first_asks())


@pytest.mark.parametrize(
    "answer", [{}, [], None, {"token": None}, {"token": "a b\r\nX: y"}, {"token": "x" * 5_000}]
)
def test_a_connection_without_a_token_is_told(answer: object) -> None:
    with pytest.raises(ParseError, match="without a token"):
        parse_token(dump(answer))


def test_a_token_that_expires_on_the_way_is_told() -> None:
    with pytest.raises(ParseError, match="Expired JWT Token"):
        parse_aids(dump({"code": 401, "message": "Expired JWT Token"}), "s", AIDS, ALL_AIDS)


def test_an_aid() -> None:
    (mention,) = read_aids(AID).mentions
    assert mention.url == "https://aides.example.org/aides/32cf-renover/"
    assert (mention.summary, mention.text) == ("Un appui.", "Un appui.\n\nDeux.\n\nassociations")
    assert (mention.published_on, mention.rubrique) == (date(2025, 11, 2), "Subvention")
    assert mention.extra == {
        "financeurs": ["Région Sud"],
        "publics": ["Associations"],
        "perimetre": "Provence-Alpes-Côte d'Azur",
        "ouverture": "2026-01-01",
        "deadline": "2026-09-30",
        "taux_max": "50",
        "recurrence": "Permanente",
        "page_externe": "https://www.example.fr/aide",
    }


def test_an_aid_that_is_only_touched_does_not_change() -> None:
    assert read_aids(AID).mentions == read_aids(AID | {"date_updated": "2026-09-02"}).mentions


def test_past_aids_are_left_out_and_odd_ones_are_told() -> None:
    reading = read_aids(
        AID | {"submission_deadline": "2026-09-06"},
        AID | {"url": "https://evil.example/", "financers": [{"id": 1, "name": "ADEME"}]},
        AID | {"url": None, "slug": "../x"},
        AID | {"name": None},
    )
    (mention,) = reading.mentions
    assert mention.url == "https://aides.example.org/aides/32cf-renover/"
    assert mention.extra["financeurs"] == ["ADEME"]
    assert reading.troubles == ("record 3: aid without url", "record 4: aid without name")
    assert reading.entries == 4


def test_a_list_of_aids_that_stops_early_is_told() -> None:
    assert read_aids(AID, count=9).troubles == ("incomplete: 1 of 9",)
    with pytest.raises(EmptySource):
        read_aids()


# --- data.gouv.fr ------------------------------------------------------------------------------

DATASET_URL = "https://data.example.org/api/1/datasets/jorf/"
WATCH = JsonApiOptions(dialect="datagouv")
DATASET = {
    "id": "5ff5e6e9",
    "slug": "jorf",
    "title": "Journal officiel",
    "description": "## Le *JO*\n\nChaque nuit.",
    "page": "https://data.example.org/datasets/jorf/",
    "created_at": "2014-07-01T00:00:00+00:00",
    "last_modified": "2026-09-07T00:40:00+00:00",
    "license": "fr-lo",
    "frequency": "daily",
    "resources": [
        {"title": "Stock", "format": "tar.gz", "url": "https://e.example/s", "last_modified": "1"},
        {"title": "Flux", "format": None, "url": "https://e.example/f", "last_modified": "2"},
    ],
}


def read_dataset(**fields: Any) -> Reading:
    return parse_dataset(dump(DATASET | fields), "s", DATASET_URL, WATCH)


def test_a_data_set_is_watched_as_the_list_of_its_resources() -> None:
    reading = read_dataset()
    (mention,) = reading.mentions
    assert mention.is_watched
    assert mention.text == (
        "Flux\u00a0: https://e.example/f\n\nStock (tar.gz)\u00a0: https://e.example/s"
    )
    assert (mention.key, mention.published_on) == ("jorf", date(2014, 7, 1))
    assert reading.entries == 2


def test_only_a_resource_that_comes_goes_or_moves_counts() -> None:
    resources = DATASET["resources"]
    assert isinstance(resources, list)
    touched = [resource | {"last_modified": "9"} for resource in reversed(resources)]
    same = read_dataset(resources=touched, last_modified="2027-01-01")
    assert same.mentions == read_dataset().mentions
    moved = [resources[0] | {"url": "https://e.example/z"}, resources[1]]
    assert read_dataset(resources=moved).mentions != read_dataset().mentions


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"resources": []}, EmptySource),
        ({"resources": None}, ParseError),
        ({"resources": [1, {}]}, ParseError),
        ({"title": None}, ParseError),
        ({"slug": None, "id": None}, ParseError),
    ],
)
def test_what_is_no_data_set_is_told(fields: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        read_dataset(**fields)


def test_a_resource_that_cannot_be_read_is_told() -> None:
    told = read_dataset(resources=[1, {"title": "Stock"}])
    assert told.troubles == ("resource 1: without title or url",)
    assert told.mentions[0].text == "Stock"


# --- Évaluations environnementales -------------------------------------------------------------

DOCUMENTS = "https://gatew.example.org/api/PublishedDocument/Get"
NEAR = JsonApiOptions(
    dialect="evaluation", limit=2, max_records=5, params={"place": "Bouches-du-Rhône"}
)
DOCUMENT = {
    "documentId": 12_345,
    "projectTitle": "Centrale photovoltaïque au sol",
    "department": "Bouches-du-Rhône (13)",
    "municipality": "Istres",
    "publishedDate": "2026-08-30T00:00:00",
}


def test_the_projects_near_a_place_are_asked_newest_first_page_by_page() -> None:
    kind = make_kind(DOCUMENTS, NEAR)
    (ask,) = kind.first_asks()
    assert query_of(ask.url) == {
        "start": "0",
        "length": "2",
        "descending_order_id": "true",
        "place": "Bouches-du-Rhône",
    }
    starts = []
    for page in range(9):
        starts.append(query_of(ask.url)["start"])
        documents = [DOCUMENT | {"documentId": f"{page}-{rank}"} for rank in range(2)]
        documents = documents[: int(query_of(ask.url)["length"])]
        reading = kind.read(page_of(ask, {"totalCount": 9, "data": documents}))
        if not reading.follow:
            break
        (ask,) = reading.follow
    assert (starts, reading.troubles) == (["0", "2", "4"], ())


def test_a_project() -> None:
    reading, following = parse_documents(dump({"data": [DOCUMENT]}), "s", f"{DOCUMENTS}?x=1", NEAR)
    (mention,) = reading.mentions
    assert (mention.key, following) == ("12345", 0)
    assert mention.title == "Centrale photovoltaïque au sol (Istres)"
    assert mention.summary == "Lieu\u00a0: Istres, Bouches-du-Rhône (13)"
    assert mention.published_on == date(2026, 8, 30)
    assert mention.url == (
        "https://gatew.example.org/api/PublishedDocument/GetByDocumentId?documentId=12345"
    )
    assert mention.extra["page"].endswith("/#/public/view-document/12345")


def test_projects_that_are_announced_and_missing_are_told() -> None:
    reading, following = parse_documents(
        dump({"totalCount": 4, "data": [DOCUMENT]}), "s", DOCUMENTS, NEAR, before=2
    )
    assert (reading.troubles, following) == (("incomplete: 3 of 4",), 0)
    with pytest.raises(EmptySource):
        parse_documents(dump({"totalCount": 0, "data": []}), "s", DOCUMENTS, NEAR)


# --- Options -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"dialect": "boamp"},
        {"dialect": "data_fair"},
        {"dialect": "data_fair", "key": "a"},
        {"dialect": "tee", "key": "a", "title": "b"},
        {"dialect": "soap"},
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        JsonApiOptions.model_validate(options)


def test_a_source_that_may_be_empty_is_no_trouble() -> None:
    cases = [
        (RECORDS, API, {"results": []}),
        (LINES, REGISTER, {"total": 0, "results": []}),
        (PROGRAMS, CATALOGUE, []),
        (DOCUMENTS, NEAR, {"data": []}),
        (DATASET_URL, WATCH, DATASET | {"resources": []}),
    ]
    for url, options, answer in cases:
        kind = make_kind(url, options, may_be_empty=True)
        (ask,) = kind.first_asks()
        reading = kind.read(page_of(ask, answer))
        assert (reading.entries, reading.troubles) == (0, ())


# --- Anything ----------------------------------------------------------------------------------

BOAMP_SHAPE = notice(
    datelimitereponse="2026-09-30T09:00:00+00:00",
    nomacheteur="Ville",
    type_marche=["SERVICES"],
    url_avis="https://www.boamp.fr/pages/avis/?q=idweb:26-81222",
    nature="APPEL_OFFRE",
    nature_libelle="Avis de marché",
)
APPROCH_SHAPE = {
    "code": 12,
    "libelle": "Achat",
    "description": "Long",
    "siren_de_l_entite_acheteuse": 12,
    "date_cible_de_remise_des_offres": "2026-10-01",
}
APPROCH = JsonApiOptions(dialect="approch", order_by="code desc")


def _listed(shape: dict[str, Any], name: str, total: str) -> st.SearchStrategy[Any]:
    rows = st.lists(holed(shape) | ANY, max_size=3)
    answer = st.fixed_dictionaries(
        {name: rows}, optional={total: ANY | st.integers(0, 9), "next": ANY}
    )
    return answer | ANY


def _survives(read: Any, *arguments: Any) -> None:
    with suppress(SourceError):
        found = read(*arguments)
        check_reading(found[0] if isinstance(found, tuple) else found)


@settings(deadline=None)
@given(_listed(BOAMP_SHAPE, "results", "total_count"))
def test_any_boamp_answer_is_read_or_refused(data: Any) -> None:
    _survives(parse_records, dump(data), "s", FIRST, API)


@settings(deadline=None)
@given(_listed(APPROCH_SHAPE, "results", "total_count"))
def test_any_approch_answer_is_read_or_refused(data: Any) -> None:
    _survives(parse_records, dump(data), "s", page_url(RECORDS, APPROCH, 0), APPROCH)


@settings(deadline=None)
@given(st.lists(holed(CONTRACT) | ANY, max_size=3) | ANY)
def test_any_export_is_read_or_refused(data: Any) -> None:
    _survives(parse_export, dump(data), "s", DECP_URL, DECP)


@settings(deadline=None)
@given(_listed(LINE, "results", "total"))
def test_any_lines_are_read_or_refused(data: Any) -> None:
    _survives(parse_lines, dump(data), "s", LINES, REGISTER)


@settings(deadline=None)
@given(st.lists(holed(PROGRAM) | ANY, max_size=3) | ANY)
def test_any_programs_are_read_or_refused(data: Any) -> None:
    _survives(parse_programs, dump(data), "s", PROGRAMS, CATALOGUE, TODAY)


@settings(deadline=None)
@given(_listed(AID, "results", "count"))
def test_any_aids_are_read_or_refused(data: Any) -> None:
    _survives(parse_aids, dump(data), "s", AIDS, ALL_AIDS, TODAY)


@settings(deadline=None)
@given(holed(DATASET) | ANY)
def test_any_data_set_is_read_or_refused(data: Any) -> None:
    _survives(parse_dataset, dump(data), "s", DATASET_URL, WATCH)


@settings(deadline=None)
@given(_listed(DOCUMENT, "data", "totalCount"))
def test_any_documents_are_read_or_refused(data: Any) -> None:
    _survives(parse_documents, dump(data), "s", DOCUMENTS, NEAR)


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_bytes_that_are_no_json_are_refused_by_all(body: bytes) -> None:
    for url, options in ((RECORDS, API), (LINES, REGISTER), (PROGRAMS, CATALOGUE)):
        _survives(make_kind(url, options).read, replace(Page(url, body)))
