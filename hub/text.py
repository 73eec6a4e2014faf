"""Text, dates and addresses in their plain forms. Pure, standard library only."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import filterfalse
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

_FOLDS = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "’": "'", "ʼ": "'"})
_ACCENTS = re.compile("[\u0300-\u034e\u0350-\u036f]+")  # U+034F joins, it does not accent
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_ODD_BLANKS = tuple(
    blank for blank in map(chr, range(0x3001)) if blank.isspace() and blank not in " \n\r\xa0"
)
_MARKS = ("\u00ad", *map(chr, range(0x200B, 0x2010)), "\u2060", "\ufeff")


def clean(text: str) -> str:
    """One line: any run of spaces is one blank, invisible marks go, accents and case stay."""
    return " ".join(_plain_marks(text).split())


def clean_paragraphs(text: str) -> str:
    """Clean each paragraph (they end at line ends); one blank line stands between them."""
    plain = _plain_marks(text).replace("\r", "\n").replace("\xa0", " ")
    is_odd = any(blank in plain for blank in _ODD_BLANKS)
    lines = (
        " ".join(line.split()) if is_odd or "  " in line else line.strip(" ")
        for line in plain.split("\n")
    )
    return "\n\n".join(filter(None, lines))


def _plain_marks(text: str) -> str:
    """Each accent in its letter, and no invisible mark."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text)
    if any(mark in composed for mark in _MARKS):
        return _INVISIBLE.sub("", composed)
    return composed


def fold(text: str) -> str:
    """Drop accents and case, spell out œ, straighten apostrophes. The length may change."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.translate(_FOLDS))
    folded = _ACCENTS.sub("", decomposed)
    if not folded.isascii():
        folded = "".join(filterfalse(unicodedata.combining, folded))
    return folded.casefold()


_NOTE = re.compile(r"\( ?1 ?\)$")
_WORDS = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=4096)
def comparable(text: str) -> str:
    """The form in which two wordings of the same text are equal.

    Accents, case, spaces, punctuation and the « (1) » that follows the title of a law do not count.
    """
    return " ".join(_WORDS.findall(fold(_NOTE.sub("", clean(text)))))


def slugify(text: str, max_length: int = 60) -> str:
    """ASCII words joined by hyphens, cut between words; never empty."""
    slug = comparable(text).replace(" ", "-")
    if len(slug) > max_length:
        cut = slug.rfind("-", 0, max_length + 1)
        slug = slug[: cut if cut > 0 else max_length]
    return slug or "sans-titre"


def short_hash(text: str, length: int = 8) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


# --- Addresses ---------------------------------------------------------------------------------

_TRACKING = re.compile(r"^(utm_.*|xtor|egn-.*|fbclid|gclid|mc_cid|mc_eid|at_.*|pk_.*|mtm_.*)$")

_CANONICAL = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*/[A-Za-z0-9/_.-]*")
"""Most addresses have nothing to lose."""


@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str:
    """The address without what does not change the page: tracking, fragment, default port, case of
    the host, `lang=fr`, order of the parameters. Idempotent. Anything but http(s) gives "".
    """
    if _CANONICAL.fullmatch(url):
        return url
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme.lower() not in ("http", "https") or not host:
        return ""
    scheme = parts.scheme.lower()
    if ":" in host:  # an address of version 6, from which urlsplit takes the brackets
        host = f"[{host}]"
    if port and port != {"http": 80, "https": 443}[scheme]:
        host = f"{host}:{port}"
    query = sorted(
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.match(key.lower()) and (key, value) != ("lang", "fr")
    )
    return urlunsplit((scheme, host, parts.path or "/", urlencode(query), ""))


# --- Dates -------------------------------------------------------------------------------------

_MONTH_NUMBERS = {fold(name): number for number, name in enumerate(MONTHS, start=1)} | {
    abbreviation: number
    for number, forms in enumerate(
        (
            "janv jan",
            "fevr fev feb",
            "mar",
            "avr apr",
            "may",
            "jun",
            "juil jul",
            "aug",
            "sept sep",
            "oct",
            "nov",
            "dec",
        ),
        start=1,
    )
    for abbreviation in forms.split()
}
_LONG_DATE = re.compile(r"\b(\d{1,2})(?:er)?\s+([a-z]{3,9})\.?\s+(\d{4})\b")
_SHORT_DATE = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
UNKNOWN_YEAR = 2900
"""DILA writes 2999-01-01 for a date it does not know."""
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})")


def parse_date(text: str) -> date | None:
    """The first date written in `text`, French or English words, `dd/mm/yyyy` or ISO; else None.

    « 1er juillet 2024 », « vendredi 13 février 2026 », « 12 aout 2026 », « Publié le 13/02/2026 »,
    « Mon, 07 Sep 2026 08:00:00 +0200 ». A time that follows is ignored: the day is the one written.
    A day that does not exist (31 février) and DILA's unknown 2999-01-01 give None.
    """
    if iso := _ISO_DATE.fullmatch(text):
        return _day(*map(int, iso.groups()))
    plain = fold(text)
    found = [
        (match.start(), int(match[3]), _MONTH_NUMBERS[match[2]], int(match[1]))
        for match in _LONG_DATE.finditer(plain)
        if match[2] in _MONTH_NUMBERS
    ]
    found += [(m.start(), int(m[3]), int(m[2]), int(m[1])) for m in _SHORT_DATE.finditer(plain)]
    found += [(m.start(), int(m[1]), int(m[2]), int(m[3])) for m in _ISO_DATE.finditer(plain)]
    return _day(*min(found)[1:]) if found else None


def _day(year: int, month: int, day: int) -> date | None:
    if year >= UNKNOWN_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def format_date(day: date) -> str:
    """« 1er septembre 2026 », with no-break spaces."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}\u00a0{MONTHS[day.month - 1]}\u00a0{day.year}"


def format_day(day: date) -> str:
    """« lundi 7 septembre 2026 »."""
    return f"{WEEKDAYS[day.weekday()]} {format_date(day)}"


def format_moment(moment: datetime) -> str:
    """« 7 septembre 2026 à 6 h 40 », in Paris time."""
    local = moment.astimezone(PARIS)
    return f"{format_date(local.date())} à {local.hour}\u00a0h\u00a0{local.minute:02d}"


def paris_day(moment: datetime) -> date:
    """The day it is in Paris at that moment."""
    return moment.astimezone(PARIS).date()


def parse_moment(text: str) -> datetime:
    """Read an ISO moment; without an offset it is Paris time. Returns UTC.

    Raises:
        ValueError: the text is not an ISO date or moment.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=PARIS)
    return moment.astimezone(UTC)
