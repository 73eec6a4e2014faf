"""The API Légifrance through PISTE: the last Journaux officiels, and searches in their titles.

A token is asked for at each run. It goes in the headers of the calls and nowhere else: its answer
is private, and what calls are named after is what they ask.

Its dates come in three styles: milliseconds that are midnight in UTC, ISO with an offset, plain
days. The day is the one written, never moved to Paris time. 2999-01-01 is a date that is not known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from hub.errors import EmptySource, FetchError, ParseError
from hub.legal.references import in_order_of_schemes, normalise, official_url, subject_identifiers
from hub.model import Identifier, Mention, Scheme, Source, Trouble
from hub.sources import LegifranceOptions
from hub.text import UNKNOWN_YEAR, fold, paris_day, parse_date, short_hash
from spiders.base import Ask, Kind, Memory, Page, Reading, site_of
from spiders.reading import cut, plain, plausible, without_repeats

TITLE_LIMIT = 1_000
PAGE_OF_RESULTS = 100
MAX_RESULT_PAGES = 5
TOLD_APART = (200, 400, 401, 403, 429)
"""PISTE says with them what a person must do: the identifiers, the terms, the quota."""
WRONG_FORM = "credentials are not of the form client_id:client_secret"

T = TypeVar("T")


class Refused(FetchError):
    """PISTE gave no answer that may be kept; `reason` says what a person must do."""

    kind = Trouble.REFUSED


class LegifranceKind(Kind):
    def __init__(self, source: Source, memory: Memory) -> None:
        super().__init__(source, memory)
        self.options = LegifranceOptions.model_validate(source.options)

    @property
    def hosts(self) -> frozenset[str]:
        return super().hosts | {site_of(self.options.token_url)}

    def first_asks(self) -> Iterator[Ask]:
        """The token.

        Raises:
            Refused: the secret is not of the right form (it is never repeated).
        """
        client_id, client_secret = split_credentials(self.memory.credentials())
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "scope": "openid",
        }
        yield Ask(
            self.options.token_url,
            reader="read_token",
            method="POST",
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Accept": "application/json",
            },
            body=urlencode(form).encode(),
            expects=TOLD_APART,
            is_conditional=False,
            is_private=True,
        )

    def read_token(self, page: Page) -> Reading:
        _check_status(page)
        token = parse_token(page.body)
        follow: list[Ask] = []
        if self.options.journaux:
            asked = {"nbElement": self.options.journaux}
            follow.append(self._call(token, "consult/lastNJo", asked, "read_journaux"))
        follow += [self._search(token, words, 1) for words in self.options.searches]
        return Reading(follow=tuple(follow))

    def read_journaux(self, page: Page) -> Reading:
        """The last Journaux officiels; those that were read are not asked for again."""
        _check_status(page)
        journaux = parse_journaux(page.body)
        asks = (
            self._call(page.about, "consult/jorfCont", _contents_of(journal), "read_journal")
            for journal in journaux
        )
        follow = tuple(ask for ask in asks if not self.memory.was_read(ask.name))
        return Reading(follow=follow, entries=len(journaux))

    def read_journal(self, page: Page) -> Reading:
        _check_status(page)
        return parse_journal(page.body, self.source.id)

    def read_results(self, page: Page) -> Reading:
        """One page of a search. That it finds nothing is normal: it counts no entries."""
        _check_status(page)
        token, words, number = page.about
        reading, total = parse_results(page.body, self.source.id)
        if total <= number * PAGE_OF_RESULTS:
            return reading
        if number < MAX_RESULT_PAGES:
            return Reading(
                reading.mentions, reading.troubles, (self._search(token, words, number + 1),)
            )
        more = f"search of {words!r}: {total} results, only the first {number * PAGE_OF_RESULTS}"
        return Reading(reading.mentions, (*reading.troubles, f"{more} were read"), is_settled=True)

    def _search(self, token: str, words: str, number: int) -> Ask:
        body = search_body(words, number, self.options, paris_day(self.memory.now))
        return self._call(
            token, "search", body, "read_results", (token, words, number), named=(words, number)
        )

    def _call(
        self,
        token: str,
        path: str,
        body: Mapping[str, Any],
        reader: str,
        about: Any = None,
        named: Any = None,
    ) -> Ask:
        """A call, named by what it asks: a search keeps its name when its dates move."""
        url = f"{self.source.url.rstrip('/')}/{path}"
        asked = json.dumps(body, ensure_ascii=False)
        return Ask(
            url,
            reader=reader,
            method="POST",
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "Accept": "application/json",
            },
            body=asked.encode(),
            name=f"{url}#{short_hash(repr(named) if named else asked)}",
            expects=TOLD_APART,
            is_conditional=False,
            about=about or token,
        )


def _contents_of(journal: str) -> dict[str, Any]:
    return {"id": journal, "pageNumber": 1, "pageSize": 100, "highlightActivated": False}


def search_body(words: str, number: int, options: LegifranceOptions, today: date) -> dict[str, Any]:
    """What `/search` is asked: all of these words in the title of a text of the last days."""
    first = today - timedelta(days=options.days)
    filters: list[dict[str, Any]] = [
        {
            "facette": "DATE_PUBLICATION",
            "dates": {"start": first.isoformat(), "end": today.isoformat()},
        }
    ]
    if options.natures:
        filters.insert(0, {"facette": "NATURE", "valeurs": list(options.natures)})
    criterion = {
        "typeRecherche": "TOUS_LES_MOTS_DANS_UN_CHAMP",
        "valeur": words,
        "operateur": "ET",
    }
    return {
        "fond": "JORF",
        "recherche": {
            "champs": [{"typeChamp": "TITLE", "operateur": "ET", "criteres": [criterion]}],
            "filtres": filters,
            "operateur": "ET",
            "pageNumber": number,
            "pageSize": PAGE_OF_RESULTS,
            "sort": "PUBLICATION_DATE_DESC",
            "typePagination": "DEFAUT",
        },
    }


# --- Credentials, token, refusals ----------------------------------------------------------------


def split_credentials(secret: str) -> tuple[str, str]:
    """`client_id:client_secret`.

    Raises:
        Refused: another form; it says which one is expected, not what was found.
    """
    client_id, separator, client_secret = secret.strip().partition(":")
    if not (separator and client_id and client_secret) or re.search(r"\s", secret.strip()):
        raise Refused(WRONG_FORM)
    return client_id, client_secret


def parse_token(body: bytes) -> str:
    """The access token of an answer.

    Raises:
        Refused: there is none. The answer is not quoted, and never kept.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    token = found.get("access_token") if isinstance(found, dict) else None
    if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]{1,8000}", token):
        raise Refused("the answer of PISTE holds no token")
    return token


def _check_status(page: Page) -> None:
    """Say what a person must do when PISTE refuses.

    Raises:
        Refused: it does.
    """
    reason = {
        400: "PISTE refuses the request",
        401: "PISTE refuses the token",
        403: "the terms of the API are not accepted on PISTE (API, Consentement CGU API)",
        429: "the quota of the application is used up on PISTE",
    }.get(page.status, "")
    if page.status in (400, 401) and b"invalid_client" in page.body:
        reason = "wrong credentials: PISTE does not know this client_id and client_secret"
    if reason:
        raise Refused(reason, status=page.status, is_transient=page.status == 429)


# --- Answers -------------------------------------------------------------------------------------


def parse_journaux(body: bytes) -> list[str]:
    """The ids of the Journaux officiels that `lastNJo` lists, oldest first.

    Raises:
        ParseError: not that answer.
        EmptySource: it lists none.
    """
    containers = _of(_parse(body), "containers", list)
    ids = [_of(one, "id", str) for one in containers if isinstance(one, dict)]
    found = [name for name in ids if re.fullmatch(r"JORFCONT\d{12}", name)]
    if not found:
        raise EmptySource("no Journal officiel in the answer of lastNJo")
    return found[::-1]


def parse_journal(body: bytes, source_id: str) -> Reading:
    """The texts of one Journal officiel, as its summary announces them. It never changes.

    Raises:
        ParseError: not the answer of `jorfCont`, or without any text.
    """
    mentions: list[Mention] = []
    troubles: list[str] = []
    for item in _of(_parse(body), "items", list):
        journal = _of(item, "joCont", dict)
        for link, headings in _links(_of(_of(journal, "structure", dict), "tms", list), ()):
            mention = _announce(link, headings, journal, source_id)
            if mention is None:
                troubles.append(f"text without id or title: {_of(link, 'id', str)[:40]!r}")
            else:
                mentions.append(mention)
    if not mentions:
        raise ParseError("; ".join(troubles[:3]) or "Journal officiel without any text")
    return Reading(without_repeats(mentions), tuple(troubles), is_settled=True)


def _links(
    steps: list[Any], headings: tuple[str, ...], depth: int = 0
) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    """Each text with its headings. « Journal officiel "Lois et Décrets" » says nothing."""
    for step in steps if depth < 20 else ():
        title = plain(_of(step, "titre", str))
        is_paper = depth == 0 and fold(title).startswith("journal officiel")
        under = headings if is_paper or not title else (*headings, title)
        for link in _of(step, "liensTxt", list):
            yield link, under
        yield from _links(_of(step, "tms", list), under, depth + 1)


def _announce(
    link: dict[str, Any], headings: tuple[str, ...], journal: dict[str, Any], source_id: str
) -> Mention | None:
    facts = {
        "ministere": plain(_first_of(link, "ministere", "emetteur")),
        "jo": plain(_of(journal, "titre", str)),
        "texte_no": plain(str(link.get("numSequence") or "")) if isinstance(link, dict) else "",
    }
    return _mention(
        source_id,
        normalise(Scheme.JORFTEXT, _of(link, "id", str)),
        _of(link, "titre", str),
        published_on=parse_piste_date(journal.get("datePubli")),
        nature=plain(_of(link, "nature", str)),
        rubrique=" > ".join(headings),
        extra={name: value for name, value in facts.items() if value},
    )


def _first_of(link: Any, *names: str) -> str:
    """The first of these fields that says something."""
    return next((value for name in names if (value := _of(link, name, str))), "")


def parse_results(body: bytes, source_id: str) -> tuple[Reading, int]:
    """The texts of one page of `/search`, and how many the search found in all.

    Raises:
        ParseError: not that answer.
    """
    found = _parse(body)
    if not isinstance(found, dict) or not isinstance(found.get("results"), list):
        raise ParseError("answer of search without results")
    mentions: list[Mention] = []
    troubles: list[str] = []
    for result in found["results"]:
        mention = _result(result, source_id)
        if mention is None:
            troubles.append("result without the id of a text of the Journal officiel, or untitled")
        else:
            mentions.append(mention)
    total = found.get("totalResultNumber")
    count = total if isinstance(total, int) and not isinstance(total, bool) else len(mentions)
    return Reading(without_repeats(mentions), tuple(troubles)), count


def _result(result: Any, source_id: str) -> Mention | None:
    titles = _of(result, "titles", list)
    first = titles[0] if titles and isinstance(titles[0], dict) else {}
    jorftext = normalise(Scheme.JORFTEXT, _of(first, "cid", str)) or normalise(
        Scheme.JORFTEXT, _of(first, "id", str)
    )
    jo = plain(_of(result, "jorfText", str))
    return _mention(
        source_id,
        jorftext,
        _of(first, "title", str),
        published_on=parse_piste_date(_get(result, "datePublication")),
        signed_on=parse_piste_date(_get(result, "dateSignature")),
        nature=plain(_of(result, "nature", str)),
        nor=_of(result, "nor", str),
        extra={"jo": jo} if jo else {},
    )


def _mention(
    source_id: str,
    jorftext: Identifier | None,
    title: str,
    *,
    published_on: date | None,
    nature: str,
    nor: str = "",
    **facts: Any,
) -> Mention | None:
    words = cut(plain(re.sub(r"</?mark[^<>]{0,100}>", "", title)), TITLE_LIMIT)
    if jorftext is None or not words:
        return None
    return Mention(
        source_id=source_id,
        key=jorftext.value,
        url=official_url(jorftext),
        title=words,
        published_on=published_on,
        nature=nature,
        identifiers=in_order_of_schemes(
            [jorftext, normalise(Scheme.NOR, nor), *subject_identifiers(words)]
        ),
        **facts,
    )


def parse_piste_date(value: object) -> date | None:
    """A day in any of the three styles of the API; None for what is no date or is not known."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{11,15}", value):
        value = int(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            day = datetime.fromtimestamp(value / 1000, UTC).date()
        except (ValueError, OverflowError, OSError):
            return None
        return plausible(day) if day.year < UNKNOWN_YEAR else None
    return plausible(parse_date(value[:10])) if isinstance(value, str) else None


# --- JSON ----------------------------------------------------------------------------------------


def _parse(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ParseError("not JSON") from error


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _of(value: Any, name: str, kind: type[T]) -> T:
    """A field, or the blank of its kind when it is absent, null, or of another kind."""
    found = _get(value, name)
    return found if isinstance(found, kind) else kind()
