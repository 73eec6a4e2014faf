"""The words of the journey: one frozen dataclass or enum for every step, in order.

Source -> Capture -> Mention -> Item -> Tag -> Decision -> (fiche, site) -> Delivery.

Moments are aware datetimes in UTC. Days (`published_on`, `date`) are plain dates: the law's days
have no time zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any

Clock = Callable[[], datetime]
"""Gives the current moment, aware and in UTC. Passed in, never looked up."""


# --- Source ------------------------------------------------------------------------------------


class SourceKind(StrEnum):
    """A kind of spider; each is one module of `spiders/`."""

    FEED = "feed"
    LISTING = "listing"
    PAGE = "page"
    SITEMAP = "sitemap"
    DILA = "dila"
    LEGIFRANCE = "legifrance"
    JSON_API = "json_api"
    SPARQL = "sparql"
    ARCHIVE = "archive"
    MAILBOX = "mailbox"
    REPORTED = "reported"


class Criticality(StrEnum):
    CRITICAL = "critical"
    IMPORTANT = "important"
    USEFUL = "useful"


class Confidence(StrEnum):
    """How well the address and the shape of a source are known."""

    VERIFIED = "verified"
    LIKELY = "likely"
    UNVERIFIED = "unverified"
    """Never enabled: nobody has seen it answer."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The time left between two requests to a host, drawn between these two at each request."""

    shortest: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of `sources.yaml`.

    `rhythm` is how often it is read, `publishes` how often something new is expected of it (None:
    learned). `hours` are the first and last hour (Paris) of the window in which it may be read.
    `budget` is the most requests of one run. `credentials` names the secret it needs
    (`HUB_CREDENTIALS_<name>`). `may_be_empty`: a list without entries is no trouble. `options`
    holds what only its kind of spider reads (selectors, ODSQL query...), already validated.
    `official` is false for partners, whose words are never shown as law. `auto` lets the source's
    relevant items be published with no editor.
    """

    id: str
    name: str
    publisher: str
    kind: SourceKind
    url: str
    rhythm: timedelta
    pace: Pace
    licence: str
    evidence: str
    confidence: Confidence = Confidence.VERIFIED
    criticality: Criticality = Criticality.USEFUL
    publishes: timedelta | None = None
    hours: tuple[int, int] | None = None
    budget: int = 40
    fresh_connection: bool = False
    credentials: str = ""
    may_be_empty: bool = False
    official: bool = True
    enabled: bool = True
    reason: str = ""
    auto: bool = False
    dispositifs: tuple[str, ...] = ()
    secteurs: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


# --- Capture and mention -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Capture:
    """The bytes that a source answered; `sha256` is that of `body`, content decoding done."""

    source_id: str
    url: str
    fetched_at: datetime
    status: int
    headers: Mapping[str, str]
    body: bytes
    sha256: str


class Scheme(StrEnum):
    """The official numbering systems, strongest first: the order is the order of identity."""

    NOR = "nor"
    JORFTEXT = "jorftext"
    LEGITEXT = "legitext"
    ELI = "eli"
    CELEX = "celex"
    BOAMP = "boamp"
    NUMERO = "numero"
    """Nature and number, as `decret-2026-822` or `loi-2020-105`."""


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """An official identifier in its normal form (see `hub.identity.normalise`)."""

    scheme: Scheme
    value: str

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"

    def __reduce__(self) -> tuple[type[Identifier], tuple[Any, ...]]:
        """Made again by its class: it goes from one process to another many thousand times."""
        return Identifier, _facts_of_identifier(self)


_facts_of_identifier = attrgetter(*Identifier.__slots__)


@dataclass(frozen=True, slots=True)
class Mention:
    """What one source published once.

    `key` is stable inside its source: the same page read next week has the same key.
    `identifiers` are only those that the mention presents as its subject, never those it cites.
    `rubrique` is where the source filed it (« Mesures nominatives »), which tells noise best.
    `text` is plain text, paragraphs separated by one blank line.
    `is_watched`: the mention is a whole page, of which only the meaningful text counts
    (`hub.changes.fingerprint`). `is_technical`: it differs from the one before because our own
    parser changed; it is never announced. `is_partial`: a part of it could not be had.
    """

    source_id: str
    key: str
    url: str
    title: str
    summary: str = ""
    text: str = ""
    published_on: date | None = None
    signed_on: date | None = None
    nature: str = ""
    rubrique: str = ""
    identifiers: tuple[Identifier, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    is_watched: bool = False
    is_technical: bool = False
    is_partial: bool = False

    def __reduce__(self) -> tuple[type[Mention], tuple[Any, ...]]:
        """As for an identifier."""
        return Mention, _facts_of_mention(self)


_facts_of_mention = attrgetter(*Mention.__slots__)


class Trouble(StrEnum):
    """The kinds of failure of a source. `is_network`: nothing answered at all."""

    UNREACHABLE = "unreachable"
    """Unknown host, refused or reset connection, failed TLS."""
    TIMEOUT = "timeout"
    HTTP = "http"
    """A status that is no answer: 404, 500..."""
    REFUSED = "refused"
    """The site turns robots away: 401, 403, 429, a challenge page, 202 without content."""
    HELD = "held"
    """Not asked: its host wants to be left alone for a while (Retry-After)."""
    ROBOTS = "robots"
    OFF_SITE = "off-site"
    """A redirect to another site: followed by no one, proposed as a change of address."""
    PRIVATE = "private-address"
    REDIRECTS = "redirects"
    TOO_LARGE = "too-large"
    CUT = "cut"
    """The answer stopped before its announced end."""
    PARSE = "parse"
    EMPTY = "empty"
    """Nothing where entries are expected: a changed layout, or a page in its place."""
    PARTIAL = "partial"
    """Parts of a whole answer that could not be read; asking again would mend nothing."""
    BUDGET = "budget"
    """More pages than one run may ask for."""
    CRASH = "crash"

    @property
    def is_network(self) -> bool:
        return self in (Trouble.UNREACHABLE, Trouble.TIMEOUT)


MODEST = (Trouble.PARTIAL,)
"""The troubles of a read that is good all the same."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Expected trouble, recorded on its source. `kind` is a `Trouble`."""

    source_id: str
    url: str
    kind: str
    reason: str


# --- Item and tags -----------------------------------------------------------------------------


class ItemState(StrEnum):
    """Where an item stands for publication. One enum, named predicates, no scattered booleans."""

    NEW = "nouveau"
    """Just arrived: not tagged yet."""
    NOISE = "ecarte"
    """Set aside by a rule; an editor can bring it back."""
    TO_REVIEW = "a_relire"
    LATER = "plus_tard"
    APPROVED = "approuve"
    REJECTED = "rejete"
    MERGED = "reuni"
    """It is part of another item now: only its trail is left, and its slug, which leads there."""

    @property
    def is_public(self) -> bool:
        return self is ItemState.APPROVED

    @property
    def is_in_queue(self) -> bool:
        return self in (ItemState.TO_REVIEW, ItemState.LATER)


class TermKind(StrEnum):
    """The kinds of terms of the référentiel."""

    DISPOSITIF = "dispositif"
    FILIERE = "filiere"
    SECTEUR = "secteur"
    METIER = "metier"


class Origin(StrEnum):
    RULE = "regle"
    MODEL = "modele"
    EDITOR = "editeur"


class TextField(StrEnum):
    TITLE = "title"
    SUMMARY = "summary"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class TextOfItem:
    """What the tagger reads: the three texts of one version of an item, and where it comes from."""

    title: str
    summary: str = ""
    text: str = ""
    rubrique: str = ""
    nature: str = ""
    identifiers: tuple[Identifier, ...] = ()
    source_ids: tuple[str, ...] = ()

    def field(self, name: TextField) -> str:
        return {
            TextField.TITLE: self.title,
            TextField.SUMMARY: self.summary,
            TextField.TEXT: self.text,
        }[name]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that made a rule fire: `words == text_of(field)[start:end]`.

    A tag deduced from another tag (a sector from its dispositif) has no words of its own:
    `field` is then None and `rule` says from which term, as `dispositif:REP`.
    """

    rule: str
    words: str = ""
    field: TextField | None = None
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Tag:
    """Item x term of the référentiel, with its evidence. `score` runs from 0 to 1."""

    kind: TermKind
    term: str
    origin: Origin
    score: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Classification:
    """What the rules say of one item. `noise` holds the noise rules that fired, or nothing."""

    tags: tuple[Tag, ...]
    noise: tuple[Evidence, ...] = ()

    @property
    def is_relevant(self) -> bool:
        return bool(self.tags) and not self.noise


# --- Review ------------------------------------------------------------------------------------


class Niveau(StrEnum):
    """What a change asks of its reader."""

    OBLIGATOIRE = "obligatoire"
    CONSEILLE = "conseille"
    AIDE = "aide"
    PROJET = "projet"


class Precision(StrEnum):
    DAY = "jour"
    MONTH = "mois"
    QUARTER = "trimestre"
    YEAR = "annee"


@dataclass(frozen=True, slots=True)
class Echeance:
    """A date by which someone must do something, with the sentence that says so."""

    date: date
    label: str
    precision: Precision = Precision.DAY
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Redaction:
    """What editors write of an item and readers read: « ce qui change, pour qui, à faire »."""

    titre: str = ""
    ce_qui_change: str = ""
    pour_qui: str = ""
    a_faire: tuple[str, ...] = ()
    niveau: Niveau = Niveau.CONSEILLE
    applicable_le: date | None = None
    echeances: tuple[Echeance, ...] = ()

    @property
    def is_written(self) -> bool:
        """Whether there is anything for a reader; else the official title stands alone."""
        return bool(self.titre or self.ce_qui_change or self.a_faire)


class Action(StrEnum):
    """What was done to an item. Append-only: the audit trail and the training set."""

    NEW_VERSION = "nouvelle_version"
    SET_ASIDE = "ecarter"
    PROPOSE = "proposer"
    APPROVE = "approuver"
    REJECT = "rejeter"
    LATER = "plus_tard"
    REOPEN = "rouvrir"
    WRITE = "rediger"
    ADD_TAG = "ajouter_etiquette"
    REMOVE_TAG = "retirer_etiquette"
    UNDO = "annuler"
    MERGE = "reunir"
    """It took another item in."""
    JOIN = "rejoindre"
    """Another item took it in."""
    SPLIT = "separer"
    """What some sources say left it, for it is another update."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an editor, or a rule, did to an item. `by` is an editor's name or `regle:<id>`."""

    action: Action
    by: str
    at: datetime
    reason: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


# --- Newsletter --------------------------------------------------------------------------------


class SubscriberState(StrEnum):
    PENDING = "en_attente"
    ACTIVE = "actif"
    LEFT = "parti"


class DeliveryKind(StrEnum):
    """What a message is. All but letters are answers to a person, and leave first."""

    LETTER = "lettre"
    CONFIRMATION = "confirmation"
    REMINDER = "rappel"
    """« Vous êtes déjà abonné·e », to an address that asks again."""


class DeliveryState(StrEnum):
    PREPARED = "prepare"
    SENT = "envoye"
    REFUSED = "refuse"
