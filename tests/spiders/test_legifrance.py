"""PISTE, by a server on loopback that answers in the documented shapes."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import EmptySource, FetchError, ParseError, SourceError
from hub.model import Mention, Pace, Source, SourceKind
from spiders.base import Ask, Page, Reading
from spiders.legifrance import (
    LegifranceKind,
    parse_journal,
    parse_journaux,
    parse_piste_date,
    parse_results,
    split_credentials,
)
from tests.spiders.memory import FakeMemory

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "piste"
TOKEN = "eyJ-the-token-that-nobody-keeps"
SECRET = "an-id:a:secret-with-a-colon"
NOW = datetime(2026, 9, 7, 22, 30, tzinfo=UTC)  # the 8th in Paris


def container(number: int, day: int) -> dict[str, Any]:
    return {
        "id": f"JORFCONT0000547068{number:02d}",
        "idEli": f"/eli/jo/2026/9/{day}/0{200 + number}",
        "nature": "JO",
        "titre": f"JORF n°0{200 + number} du {day} septembre 2026",
        "num": f"0{200 + number}",
        "datePubli": int(datetime(2026, 9, day, tzinfo=UTC).timestamp() * 1000),
        "relevantDate": None,
    }


def journal(number: int, day: int) -> dict[str, Any]:
    texts = [
        {
            "id": f"JORFTEXT0000547084{number:02d}_01-01-2999",
            "titre": "Décret n° 2026-822 du 25 août 2026 relatif à la prime",
            "nature": "DECRET",
            "ministere": "Ministère de la ville et du logement",
            "emetteur": None,
            "numSequence": 14,
        }
    ]
    step = {"titre": "Ministère de la ville", "niv": 4, "tms": [], "liensTxt": texts}
    general = {"titre": "Textes généraux", "niv": 3, "tms": [step], "liensTxt": None}
    law = {
        "titre": "LOIS",
        "niv": 2,
        "liensTxt": [{"id": f"JORFTEXT0000547085{number:02d}", "titre": "LOI n° 2026-602 (1)"}],
        "tms": None,
    }
    decrets = {"titre": "Décrets, arrêtés, circulaires", "niv": 2, "tms": [general]}
    paper = {"titre": 'Journal officiel "Lois et Décrets"', "niv": 1, "tms": [law, decrets]}
    return {
        "totalNbResult": 1,
        "items": [{"joCont": container(number, day) | {"structure": {"tms": [paper]}}}],
    }


def result(number: int, title: str = "Arrêté relatif à la <mark>prime</mark>") -> dict[str, Any]:
    name = f"JORFTEXT00005480{number:04d}"
    return {
        "titles": [{"id": f"{name}_01-01-2999", "cid": name, "title": title}],
        "nature": "ARRETE",
        "nor": "ATDL2612345A",
        "jorfText": "JORF n°0203 du 3 septembre 2026",
        "datePublication": "2026-09-03T00:00:00.000+0000",
        "dateSignature": "2026-08-25T00:00:00.000+0000",
    }


@dataclass
class Piste:
    """`refusals`: status and body to answer instead, by the end of the path."""

    address: str = ""
    found: int = 1
    refusals: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    seen: list[tuple[str, Any]] = field(default_factory=list)

    def answer(self, path: str, headers: Any, body: bytes) -> tuple[int, bytes]:
        asked = path.rsplit("/", 1)[-1]
        if asked in self.refusals:
            return self.refusals[asked]
        if asked == "token":
            return self._token(body)
        if headers["Authorization"] != f"Bearer {TOKEN}":
            return 401, b""
        call = json.loads(body)
        self.seen.append((asked, call))
        return 200, json.dumps(getattr(self, f"_{asked}")(call)).encode()

    def _token(self, body: bytes) -> tuple[int, bytes]:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        expected = {
            "grant_type": "client_credentials",
            "client_id": "an-id",
            "client_secret": "a:secret-with-a-colon",
            "scope": "openid",
        }
        if form != expected:
            return 400, b'{"error":"invalid_client"}'
        return 200, json.dumps({"access_token": TOKEN, "token_type": "Bearer"}).encode()

    def _lastNJo(self, call: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - as PISTE says
        return {"containers": [container(n, 8 - n) for n in range(call["nbElement"])]}

    def _jorfCont(self, call: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
        number = int(call["id"][-2:])
        return journal(number, 8 - number)

    def _search(self, call: dict[str, Any]) -> dict[str, Any]:
        first = (call["recherche"]["pageNumber"] - 1) * 100
        numbers = range(first, min(first + 100, self.found))
        return {"totalResultNumber": self.found, "results": [result(n) for n in numbers]}


@contextmanager
def serve() -> Iterator[Piste]:
    piste = Piste()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = piste.answer(self.path, self.headers, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def do_GET(self) -> None:
            self.send_error(404)  # robots.txt

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base says so
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    piste.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield piste
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def piste() -> Iterator[Piste]:
    with serve() as server:
        yield server


def make_kind(
    address: str = "https://api.example.org", memory: FakeMemory | None = None, **options: Any
) -> LegifranceKind:
    source = Source(
        id="piste",
        name="Légifrance",
        publisher="DILA",
        kind=SourceKind.LEGIFRANCE,
        url=f"{address}/dila/lf-engine-app",
        rhythm=timedelta(hours=1),
        pace=Pace(timedelta(), timedelta()),
        licence="Licence Ouverte 2.0",
        evidence="verified",
        credentials="PISTE",
        options={"token_url": f"{address}/api/oauth/token", **options},
    )
    return LegifranceKind(source, memory or FakeMemory(NOW, secret=SECRET))


@dataclass
class Done:
    """What a whole read gave. `kept` are the requests whose answers are captured."""

    readings: list[Reading] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)
    asks: list[Ask] = field(default_factory=list)

    @property
    def mentions(self) -> dict[str, Mention]:
        return {m.key: m for reading in self.readings for m in reading.mentions}


def run(kind: LegifranceKind) -> Done:
    """Make the requests that the kind asks for, as the crawler does."""
    done = Done()
    waiting = list(kind.first_asks())
    while waiting:
        ask = waiting.pop(0)
        done.asks.append(ask)
        page = fetch(ask)
        assert page.status in ask.expects
        reading = getattr(kind, ask.reader)(page)
        if not ask.is_private:
            done.kept[ask.name or ask.url] = page.body
        done.readings.append(reading)
        waiting += reading.follow
    return done


def fetch(ask: Ask) -> Page:
    request = urllib.request.Request(
        ask.url, data=ask.body, headers=dict(ask.headers), method=ask.method
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as response:
            return Page(ask.url, response.read(), status=response.status, about=ask.about)
    except urllib.error.HTTPError as error:
        with error:
            return Page(ask.url, error.read(), status=error.code, about=ask.about)


# --- A whole read --------------------------------------------------------------------------------


def test_the_last_journaux_become_mentions(piste: Piste) -> None:
    done = run(make_kind(piste.address))
    assert [asked for asked, _ in piste.seen] == ["lastNJo", "jorfCont", "jorfCont"]
    assert [call["id"][-2:] for _, call in piste.seen[1:]] == ["01", "00"]  # oldest first
    assert piste.seen[0][1] == {"nbElement": 2}
    decret = done.mentions["JORFTEXT000054708400"]
    assert decret.title == "Décret n° 2026-822 du 25 août 2026 relatif à la prime"
    assert decret.url == "https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000054708400"
    assert decret.published_on == date(2026, 9, 8)
    assert decret.nature == "DECRET"
    assert decret.rubrique == (
        "Décrets, arrêtés, circulaires > Textes généraux > Ministère de la ville"
    )
    assert [str(i) for i in decret.identifiers] == [
        "jorftext:JORFTEXT000054708400",
        "numero:decret-2026-822",
    ]
    assert decret.extra == {
        "ministere": "Ministère de la ville et du logement",
        "jo": "JORF n°0200 du 8 septembre 2026",
        "texte_no": "14",
    }
    assert done.mentions["JORFTEXT000054708500"].rubrique == "LOIS"
    assert [reading.entries for reading in done.readings] == [None, 2, None, None]


def test_a_journal_that_was_read_is_not_asked_again(piste: Piste) -> None:
    first = run(make_kind(piste.address))
    memory = FakeMemory(NOW, bodies=first.kept, secret=SECRET)
    piste.seen.clear()
    assert run(make_kind(piste.address, memory)).mentions == {}
    assert [asked for asked, _ in piste.seen] == ["lastNJo"]


def test_searches_are_asked_in_the_titles_of_the_last_days(piste: Piste) -> None:
    done = run(make_kind(piste.address, journaux=0, searches=["prime énergie"], days=7))
    ((_, asked),) = piste.seen
    assert asked["fond"] == "JORF"
    assert asked["recherche"]["champs"][0]["typeChamp"] == "TITLE"
    assert asked["recherche"]["champs"][0]["criteres"][0]["valeur"] == "prime énergie"
    assert asked["recherche"]["filtres"] == [
        {"facette": "NATURE", "valeurs": ["LOI", "ORDONNANCE", "DECRET", "ARRETE"]},
        {"facette": "DATE_PUBLICATION", "dates": {"start": "2026-09-01", "end": "2026-09-08"}},
    ]
    (mention,) = done.mentions.values()
    assert mention.title == "Arrêté relatif à la prime"
    assert (mention.published_on, mention.signed_on) == (date(2026, 9, 3), date(2026, 8, 25))
    assert "nor:ATDL2612345A" in map(str, mention.identifiers)


def test_a_search_that_finds_nothing_is_no_trouble(piste: Piste) -> None:
    piste.found = 0
    reading = run(make_kind(piste.address, journaux=0, searches=["rien"])).readings[-1]
    assert reading == Reading()


def test_a_search_is_read_page_by_page_and_says_where_it_stops(piste: Piste) -> None:
    piste.found = 250
    assert len(run(make_kind(piste.address, journaux=0, searches=["prime"])).mentions) == 250
    piste.found = 1_000
    done = run(make_kind(piste.address, journaux=0, searches=["prime"]))
    assert len(done.mentions) == 500
    assert "1000 results, only the first 500" in done.readings[-1].troubles[0]


def test_a_request_is_named_by_what_it_asks(piste: Piste) -> None:
    options: dict[str, Any] = {"searches": ["prime", "déchets"]}
    today = run(make_kind(piste.address, **options))
    names = [ask.name for ask in today.asks[1:]]
    assert len(set(names)) == len(names) == 5
    assert all(name.startswith(piste.address) and "#" in name for name in names)
    later = FakeMemory(NOW + timedelta(days=9), secret=SECRET)
    assert [a.name for a in run(make_kind(piste.address, later, **options)).asks[1:]] == names


# --- Secrets -------------------------------------------------------------------------------------


def test_token_and_secret_stay_out_of_what_is_kept_and_said(piste: Piste) -> None:
    done = run(make_kind(piste.address, searches=["prime"]))
    said = [repr(done.asks), repr(done.readings), repr(done.kept), repr(fetch(done.asks[0]))]
    said += [json.dumps(dict(m.extra)) + repr(m) for m in done.mentions.values()]
    assert done.asks[0].is_private
    assert done.asks[0].url not in done.kept
    assert not any(TOKEN in words or "secret-with" in words for words in said)
    assert any(TOKEN in ask.headers.get("Authorization", "") for ask in done.asks)  # it was sent


@pytest.mark.parametrize("secret", ["", "only-an-id", ":secret", "id:", "my id:secret", "a:b\nc:d"])
def test_a_secret_of_another_form_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(SourceError, match="client_id:client_secret") as caught:
        list(make_kind(memory=FakeMemory(NOW, secret=secret)).first_asks())
    for word in secret.replace("secret", "").split(":"):
        assert len(word) < 3 or word not in str(caught.value)


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=1))
def test_a_secret_may_hold_colons(secret: str) -> None:
    assert split_credentials(f"id:{secret}") == ("id", secret)


# --- Refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "status", "body", "words"),
    [
        ("token", 400, b'{"error":"invalid_client"}', "wrong credentials"),
        ("token", 401, b'{"error": "invalid_client"}', "wrong credentials"),
        ("token", 400, b"bad", "refuses the request"),
        ("token", 200, b"{}", "no token"),
        ("token", 200, b'{"access_token": "a\\nb: c"}', "no token"),
        ("token", 200, b"<html>", "no token"),
        ("lastNJo", 403, b"Forbidden", "terms of the API are not accepted on PISTE"),
        ("lastNJo", 401, b"", "refuses the token"),
        ("jorfCont", 429, b"", "quota"),
    ],
)
def test_a_refusal_says_what_a_person_must_do(
    piste: Piste, asked: str, status: int, body: bytes, words: str
) -> None:
    piste.refusals[asked] = (status, body)
    with pytest.raises(FetchError, match=words) as caught:
        run(make_kind(piste.address))
    assert caught.value.kind == "refused"  # so its body is not kept
    assert caught.value.is_transient == (status == 429)


def test_wrong_credentials_are_told_from_a_wrong_request(piste: Piste) -> None:
    memory = FakeMemory(NOW, secret="another:secret")
    with pytest.raises(FetchError, match="wrong credentials"):
        run(make_kind(piste.address, memory))


# --- Answers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (1607126400000, date(2020, 12, 5)),  # midnight UTC, 1 h in Paris
        ("1607126400000", date(2020, 12, 5)),
        (1607126400000.0, date(2020, 12, 5)),
        ("2025-05-09T00:00:00.000+0000", date(2025, 5, 9)),
        ("2025-05-09", date(2025, 5, 9)),
        ("2999-01-01", None),
        ("2999-01-01T00:00:00.000+0000", None),
        (32472144000000, None),
        (True, None),
        (None, None),
        ("", None),
        (10**30, None),
        (float("nan"), None),
        ([], None),
    ],
)
def test_the_three_styles_of_dates(written: object, day: date | None) -> None:
    assert parse_piste_date(written) == day


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_the_day_is_the_one_written_in_every_style(day: date) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    styles = (
        int(midnight.timestamp() * 1000),
        f"{day}T00:00:00.000+0000",
        day.isoformat(),
    )
    assert {parse_piste_date(style) for style in styles} == {day}


def test_what_is_no_text_of_the_journal_is_said() -> None:
    results = [result(1), {"titles": [{"id": "45606", "title": "Circulaire"}]}, {}, None, result(1)]
    reading, total = parse_results(json.dumps({"results": results}).encode(), "piste")
    assert (len(reading.mentions), len(reading.troubles), total) == (1, 3, 2)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"containers": []}', b"[" * 100_000, b"\xff"]
)
def test_a_list_without_any_journal_is_refused(body: bytes) -> None:
    with pytest.raises((ParseError, EmptySource)):
        parse_journaux(body)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"items": [{"joCont": null}, 3]}'])
def test_a_journal_without_any_text_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        parse_journal(body, "piste")
    with pytest.raises(ParseError):
        parse_results(body, "piste")


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "items",
                    "joCont",
                    "structure",
                    "tms",
                    "liensTxt",
                    "id",
                    "titre",
                    "results",
                    "titles",
                ]
            ),
            inside,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(ANY_JSON)
def test_any_answer_is_read_or_refused(answer: Any) -> None:
    body = json.dumps(answer).encode()
    for parse in (parse_journal, parse_results):
        try:
            parse(body, "piste")
        except ParseError:
            continue


def test_headings_are_those_of_the_other_editions() -> None:
    """A heading that is not the paper's own is kept, at any level."""
    answer = journal(0, 8)
    structure = answer["items"][0]["joCont"]["structure"]
    structure["tms"] = structure["tms"][0]["tms"]
    (law, _) = parse_journal(json.dumps(answer).encode(), "piste").mentions
    assert law.rubrique == "LOIS"
    assert replace(law, rubrique="") == replace(
        parse_journal(json.dumps(journal(0, 8)).encode(), "piste").mentions[0], rubrique=""
    )


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the recorded answers are not on this machine")
def test_recorded_answers_are_read() -> None:
    found = parse_journaux((CORPUS / "list_jorfcont_example.json").read_bytes())
    assert len(found) == 5
    assert found[-1] == "JORFCONT000042612872"
    reading, _ = parse_results((CORPUS / "search_circ_abrege.json").read_bytes(), "piste")
    assert reading.mentions == ()  # circulaires have no JORFTEXT
    assert len(reading.troubles) > 1
