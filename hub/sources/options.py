"""What each kind of spider may be told in `sources.yaml`, under `options`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from hub.sources.values import Address, Pattern, Selector, Words
from hub.yamlfile import Strict

MAX_ODS_WINDOW = 10_000
"""Opendatasoft v2.1 refuses `offset + limit` beyond this; `exports/json` has no such limit."""


class FeedOptions(Strict):
    """RSS, Atom, RDF, JSON Feed: nothing more than an address is needed.

    `keep` keeps only the entries whose title or summary it finds (a regular expression with one
    group, folded: no accents, no case): for feeds of a whole house of which one subject counts.
    """

    keep: Pattern | None = None


class DetailOptions(Strict):
    """The page of one item. Without `text`, its main text is found as for a watched page.

    `attachment` selects links to PDF files whose text is added, `max_attachments` at most.
    """

    text: Selector | None = None
    drop: tuple[Selector, ...] = ()
    date: Selector | None = None
    date_pattern: Pattern | None = None
    attachment: Selector | None = None
    max_attachments: int = Field(default=1, ge=1, le=5)


class ListingOptions(Strict):
    """An HTML list. Selectors other than `item` and `next` are read inside one item.

    `link` defaults to the title's own link, else the first one inside the title, else inside the
    item; `:scope` is the item itself. Patterns have one group: `title_pattern` picks the title in
    the text of `title`, `date_pattern` the date in that of `date`,
    `deadline_pattern` a second one there, `key_pattern` the stable key in the address of an item.
    `nothing` selects what the page shows on a day without any item. `detail`, when given, is read
    once for each item that is new.
    """

    item: Selector
    title: Selector
    title_pattern: Pattern | None = None
    link: Selector | None = None
    date: Selector | None = None
    date_pattern: Pattern | None = None
    deadline_pattern: Pattern | None = None
    summary: Selector | None = None
    rubrique: Selector | None = None
    key_pattern: Pattern | None = None
    nature: str = ""
    next: Selector | None = None
    nothing: Selector | None = None
    max_pages: int = Field(default=1, ge=1, le=20)
    detail: DetailOptions | None = None


class PageOptions(Strict):
    """One page that is watched: only its main text counts.

    `main` selects the text (found by itself when absent), `drop` what inside it does not count,
    `title` its title (else the page's own).
    """

    main: Selector | None = None
    drop: tuple[Selector, ...] = ()
    title: Selector | None = None
    nature: str = ""


class SitemapOptions(Strict):
    """A sitemap or an index of sitemaps. `include` is searched in each address.

    At most `max_pages` new or moved pages are read in one run: those never read first, then those
    read longest ago; `since` leaves out what has not moved since that day.
    """

    include: Pattern
    since: date | None = None
    max_pages: int = Field(default=20, ge=1, le=200)
    main: Selector | None = None
    drop: tuple[Selector, ...] = ()
    nature: str = ""


Fonds = Literal["JORFSIMPLE", "JORF", "LEGI", "DOLE"]
Legitext = Annotated[str, StringConstraints(pattern=r"^LEGITEXT\d{12}$")]


class DilaOptions(Strict):
    """A folder of the DILA's archives: its index page, then the deliveries not yet read.

    `since` is the day of the first delivery wanted; `max_archives` bounds one run. `nights_only`
    leaves the evening deliveries, which bring back corrected old texts (JORFSIMPLE and JORF; the
    other fonds are delivered in the evening). `codes` are those followed in LEGI.
    """

    fonds: Fonds = "JORFSIMPLE"
    since: date
    max_archives: int = Field(default=10, ge=1, le=100)
    nights_only: bool = False
    codes: tuple[Legitext, ...] = ()

    @model_validator(mode="after")
    def _check_fonds(self) -> Self:
        if bool(self.codes) != (self.fonds == "LEGI"):
            raise ValueError("'codes' goes with the fonds LEGI, and only with it")
        if self.nights_only and self.fonds not in ("JORFSIMPLE", "JORF"):
            raise ValueError(f"{self.fonds} is delivered in the evening: no 'nights_only'")
        return self


class LegifranceOptions(Strict):
    """The API Légifrance through PISTE. `journaux` last Journaux officiels are read, and each of
    `searches` is asked in the titles of the JORF.
    """

    token_url: Address = "https://oauth.piste.gouv.fr/api/oauth/token"  # noqa: S105 - an address
    journaux: int = Field(default=2, ge=0, le=20)
    searches: tuple[Words, ...] = ()
    natures: tuple[str, ...] = ("LOI", "ORDONNANCE", "DECRET", "ARRETE")
    days: int = Field(default=30, ge=1, le=400)


Dialect = Literal[
    "boamp",
    "approch",
    "decp",
    "data_fair",
    "tee",
    "aides_territoires",
    "datagouv",
    "evaluation",
]


class JsonApiOptions(Strict):
    """A JSON API; `dialect` says how it is asked and how its fields are read.

    `where` and `order_by` are ODSQL (Opendatasoft v2.1: boamp, approch, decp) or, for Data Fair,
    `qs` and `sort`. `limit` is the size of a page and `max_records` the most read in one run; past
    the window of Opendatasoft the export is read instead. `params` are added to the query as they
    are. `title`, `key`, `date`, `summary` name the fields of a Data Fair dataset. `keep` keeps only
    what it finds in the title or the summary (folded, as for feeds).
    """

    dialect: Dialect
    where: str = ""
    order_by: str = ""
    limit: int = Field(default=100, ge=1, le=1000)
    max_records: int = Field(default=100, ge=1, le=100_000)
    params: dict[str, str] = Field(default_factory=dict)
    key: str = ""
    title: str = ""
    date: str = ""
    summary: str = ""
    keep: Pattern | None = None

    @model_validator(mode="after")
    def _check_dialect(self) -> Self:
        if self.dialect in ("boamp", "approch", "decp") and not self.order_by:
            raise ValueError("pages without an 'order_by' overlap")
        if (self.dialect == "data_fair") != bool(self.key and self.title):
            raise ValueError("'key' and 'title' go with the dialect data_fair, and only with it")
        return self


class SparqlOptions(Strict):
    """A SPARQL query whose answers bind `celex` and, at will, `title`, `date` and `lang`.

    `date` is the day of signature (ISO), `lang` the language of the title (a code, or an address
    that ends with one) where the title does not say it. `{since}` in the query is replaced by the
    day `days` before the run.
    """

    query: Words
    days: int = Field(default=60, ge=1, le=400)


class ArchiveOptions(Strict):
    """A zip of files. `dialect` says how each is read; `members` is searched in their names.

    `keep` keeps only what it finds in the title or the summary (folded, as for feeds); `since`
    leaves out the dossiers that have not moved since that day.
    """

    dialect: Literal["service_public", "assemblee"]
    members: Pattern
    keep: Pattern | None = None
    since: date | None = None

    @model_validator(mode="after")
    def _check_since(self) -> Self:
        if self.since and self.dialect != "assemblee":
            raise ValueError("'since' goes with the dialect assemblee, and only with it")
        return self


Sender = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[!-?A-~]*@[0-9A-Za-z.-]+$")]


class MailboxOptions(Strict):
    """A mailbox that receives a partner's newsletter: IMAP or Maildir, named by `credentials`.

    Only messages from `senders` (whole addresses, or `@domain` for all of a domain and none of its
    subdomains) are read. Each link of at least `min_words` words becomes a mention; with `whole`,
    the message itself is one.
    """

    senders: tuple[Sender, ...] = Field(min_length=1)
    min_words: int = Field(default=4, ge=1, le=20)
    whole: bool = False
    max_messages: int = Field(default=20, ge=1, le=200)


class ReportedOptions(Strict):
    """Pages that editors report: nothing to choose."""
