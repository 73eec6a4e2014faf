"""Opendatasoft v2.1 `records`, with one reading of the fields (dialect) per data set."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from hub.errors import EmptySource, ParseError
from hub.legal.references import normalise, official_url
from hub.model import Mention, Scheme
from hub.sources import MAX_ODS_WINDOW, JsonApiOptions
from hub.text import canonical_url, format_moment, parse_date, parse_moment
from spiders.base import Page, SourceSpider
from spiders.reading import (
    LINK_LIMIT,
    SUMMARY_LIMIT,
    TEXT_LIMIT,
    TITLE_LIMIT,
    Reading,
    cut,
    plain,
    plausible,
    without_repeats,
)

Record = Mapping[str, Any]


class JsonApiSpider(SourceSpider):
    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.options = JsonApiOptions.model_validate(self.source.options)
        self.max_pages = -(-self.options.max_records // self.options.limit)

    @property
    def first_url(self) -> str:
        return page_url(self.source.url, self.options, 0)

    def read(self, page: Page) -> Reading:
        return parse_records(page.body, self.source.id, page.url, self.options)


def page_url(url: str, options: JsonApiOptions, offset: int) -> str:
    """The address of one page. It holds no date, so that it is the same every day."""
    query = {"order_by": options.order_by, "limit": str(options.limit), "offset": str(offset)}
    if options.where:
        query = {"where": options.where, **query}
    return f"{url}?{urlencode(query)}"


def parse_records(body: bytes, source_id: str, url: str, options: JsonApiOptions) -> Reading:
    """Read one page of records. `follow` holds the next one, inside the 10 000 window.

    Raises:
        ParseError: not the JSON of the v2.1 API, or no record of it could be read.
        EmptySource: the API answered that nothing matches.
    """
    records = _records_of(body)
    if not records:
        if _offset_of(url):
            return Reading()  # the page before was the last, and full
        raise EmptySource("the API answers that nothing matches")
    mentions: list[Mention] = []
    troubles: list[str] = []
    for number, record in enumerate(records, start=1):
        mention, ails = _DIALECTS[options.dialect](record, source_id, url)
        troubles += [f"record {number}: {trouble}" for trouble in ails]
        if mention is not None:
            mentions.append(mention)
    if not mentions:
        raise ParseError("; ".join(troubles[:3]))
    return Reading(
        without_repeats(mentions), tuple(troubles), _next_page(url, len(records), options)
    )


def _records_of(body: bytes) -> list[Record]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ParseError(f"not JSON: {type(error).__name__}") from error
    results = data.get("results") if isinstance(data, dict) else None
    if not isinstance(results, list):
        raise ParseError("JSON without the 'results' of an Opendatasoft v2.1 answer")
    return [record for record in results if isinstance(record, dict)]


def _offset_of(url: str) -> int:
    return int(dict(parse_qsl(urlsplit(url).query)).get("offset", "0"))


def _next_page(url: str, found: int, options: JsonApiOptions) -> tuple[str, ...]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    offset = _offset_of(url) + options.limit
    last = min(options.max_records, MAX_ODS_WINDOW)
    if found < options.limit or offset >= last:
        return ()
    query |= {"offset": str(offset), "limit": str(min(options.limit, last - offset))}
    return (urlunsplit(parts._replace(query=urlencode(query))),)


# --- BOAMP -------------------------------------------------------------------------------------


def read_boamp(record: Record, source_id: str, url: str) -> tuple[Mention | None, list[str]]:
    """One notice. The buyer's deadline is a fact, kept with its hour; an absurd one is left out."""
    identifier = normalise(Scheme.BOAMP, plain(record.get("idweb")))
    title = plain(record.get("objet"))
    if identifier is None or not title:
        return None, [f"notice without {'idweb' if identifier is None else 'objet'}"]
    day, ails = _day_at(record, "dateparution")
    deadline = _moment_at(record, "datelimitereponse")
    buyer = plain(record.get("nomacheteur"))
    mention = Mention(
        source_id=source_id,
        key=identifier.value,
        url=_page_at(record, "url_avis", "boamp.fr") or official_url(identifier),
        title=cut(title, TITLE_LIMIT),
        summary=cut(_boamp_summary(record, buyer, deadline), SUMMARY_LIMIT),
        published_on=day,
        nature=plain(record.get("nature")),
        rubrique=plain(record.get("nature_libelle")),
        identifiers=(identifier,),
        extra=_without_blanks(
            buyer=buyer,
            deadline=deadline.isoformat() if deadline else "",
            type_marche=_list_at(record, "type_marche"),
            criteres=_list_at(record, "criteres"),
            descripteurs=_list_at(record, "descripteur_libelle"),
            departements=_list_at(record, "code_departement"),
            titulaire=_list_at(record, "titulaire"),
            annonce_lie=_list_at(record, "annonce_lie"),
            famille=plain(record.get("famille")),
            procedure=plain(record.get("procedure_libelle")),
        ),
    )
    return mention, ails


def _boamp_summary(record: Record, buyer: str, deadline: datetime | None) -> str:
    parts = {
        "Acheteur": buyer,
        "Marché": ", ".join(_list_at(record, "type_marche_facette")),
        "Objet": ", ".join(_list_at(record, "descripteur_libelle")),
        "Critères": ", ".join(_list_at(record, "criteres")),
        "Date limite de réponse": format_moment(deadline) if deadline else "",
    }
    return "\n\n".join(f"{name}\u00a0: {value}." for name, value in parts.items() if value)


# --- APProch -----------------------------------------------------------------------------------


def read_approch(record: Record, source_id: str, url: str) -> tuple[Mention | None, list[str]]:
    """One project of purchase. No page of its own is known: its address is the API's answer for
    its code. The date of publication it gives is a forecast, not a publication.
    """
    code = record.get("code")
    key = str(code) if isinstance(code, int) else plain(code)
    title = plain(record.get("libelle"))
    if not re.fullmatch(r"[\w-]{1,40}", key) or not title:
        return None, [f"project without {'libelle' if not title else 'code'}"]
    description = plain(record.get("description"))
    deadline = plausible(parse_date(plain(record.get("date_cible_de_remise_des_offres"))))
    forecast = plausible(parse_date(plain(record.get("date_previsionnelle_de_publication"))))
    mention = Mention(
        source_id=source_id,
        key=key,
        url=canonical_url(f"{url.split('?')[0]}?{urlencode({'where': f'code={key}'})}"),
        title=cut(title, TITLE_LIMIT),
        text=cut(description, TEXT_LIMIT) if description != title else "",
        nature="PROJET_ACHAT",
        rubrique=plain(record.get("categorie_d_achat")),
        extra=_without_blanks(
            deadline=deadline.isoformat() if deadline else "",
            publication_prevue=forecast.isoformat() if forecast else "",
            buyer_siren=_siren(record.get("siren_de_l_entite_acheteuse")),
            montant=plain(record.get("montant_estime_du_marche")),
            cpv=plain(record.get("code_s_cpv")),
            departements=plain(record.get("departement_s_d_execution_du_marche")).split("|"),
            marche_reserve=plain(record.get("marche_reserve")),
            considerations_sociales=plain(record.get("considerations_sociales")),
            considerations_environnementales=plain(record.get("considerations_environnementales")),
            marche_de_l_inclusion=plain(
                record.get("a_publier_sur_le_site_du_marche_de_l_inclusion")
            ),
        ),
    )
    return mention, []


def _siren(value: object) -> str:
    """A number in the data, so that its leading zeros are lost."""
    return f"{value:09d}" if isinstance(value, int) and 0 < value < 10**9 else ""


Dialect = Callable[[Record, str, str], tuple[Mention | None, list[str]]]
_DIALECTS: dict[str, Dialect] = {"boamp": read_boamp, "approch": read_approch}


# --- Fields ------------------------------------------------------------------------------------


def _list_at(record: Record, name: str) -> list[str]:
    value = record.get(name)
    values = value if isinstance(value, list) else [value]
    return [text for item in values if (text := plain(item))]


def _day_at(record: Record, name: str) -> tuple[date | None, list[str]]:
    written = plain(record.get(name))
    day = plausible(parse_date(written))
    return day, [] if day or not written else [f"{name} that cannot be read: {cut(written, 40)!r}"]


def _moment_at(record: Record, name: str) -> datetime | None:
    try:
        moment = parse_moment(plain(record.get(name)))
    except (ValueError, OverflowError):
        return None
    return moment if plausible(moment.date()) else None


def _page_at(record: Record, name: str, host: str) -> str:
    """The address of a page of this very host, as it is written; "" for any other."""
    address = plain(record.get(name))
    if not canonical_url(address) or len(address.encode()) > LINK_LIMIT:
        return ""
    return address if urlsplit(address).netloc in (host, f"www.{host}") else ""


def _without_blanks(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value and value != [""]}
