"""What of a mention can be compared with another: its trace.

Only what the mention presents as its subject counts as identity: an act that its title amends or
applies (`Part.CITED`) proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import unquote, urlsplit

from hub.analysis import terms
from hub.model import Identifier, Mention, Scheme
from hub.sameness.acts import Act, Part, find_own, list_acts, plain, write_days
from hub.sameness.names import draw_names
from hub.sameness.stages import Stage, find_stage
from hub.text import canonical_url, comparable, short_hash

Voice = tuple[str, str]
"""A source, and the key under which it speaks."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """What identity needs of a mention. Two are equal when their ranks are.

    `proofs` are its official identifiers but the numbers, which whoever speaks of a text quotes;
    `numbers` are `fr:2021-950`, `ue:2024/1781` or `decision:2026-266`. `own` is the act that its
    title opens with, number or day said; `acts` are those it names as (nature, day of signature);
    `natures` those it names in any way. `words` weighs each term of title, address and summary.
    """

    voice: Voice
    digest: str
    """Of what is read here: two mentions of one voice that differ in nothing of it are one trace.
    With `voice`, the order in which ties are broken."""
    proofs: frozenset[Identifier]
    numbers: frozenset[str]
    address: str
    title: str
    """Its comparable form."""
    day: date | None
    stage: Stage
    own: Act | None
    about: str
    """What its own act is about, in a comparable form."""
    acts: frozenset[tuple[str, date]]
    natures: frozenset[str]
    subject: frozenset[str]
    """The terms of the title alone, days written in one way."""
    words: tuple[tuple[str, float], ...]
    telling: frozenset[str]
    """The terms that tell one text from another."""

    @property
    def source_id(self) -> str:
        return self.voice[0]

    @property
    def rank(self) -> tuple[Voice, str]:
        return self.voice, self.digest

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Trace) and self.rank == other.rank

    def __hash__(self) -> int:
        return hash(self.rank)


def read_trace(mention: Mention) -> Trace:
    """Draw from a mention what can be compared."""
    title, summary = shown_title(mention), mend(mention.summary[:_LONGEST])
    acts = list_acts(title)
    own, object_ = find_own(title)
    named = [act for act in (*acts, *list_acts(summary)) if act.part is not Part.CITED]
    words = _weigh(title, _slug(mention.url), summary)
    return Trace(
        voice=(mention.source_id, mention.key),
        digest=_digest(mention),
        proofs=proofs_of(mention),
        numbers=numbers_of(mention.identifiers, own),
        address=address_of(mention),
        title=comparable(title),
        day=mention.published_on or mention.signed_on or _day_of(mention.url[:_LONGEST_TITLE], own),
        stage=find_stage(title, summary, own),
        own=own,
        about=object_,
        acts=frozenset((act.nature, act.signed_on) for act in named if act.signed_on),
        natures=frozenset(act.nature for act in acts if act.part is not Part.CITED),
        subject=frozenset(_list_terms(write_days(plain(title)))),
        words=words,
        telling=frozenset(word for word, weight in words if weight >= TELLING),
    )


def _digest(mention: Mention) -> str:
    facts = (mention.title, mention.summary, mention.url, mention.published_on, mention.signed_on)
    return short_hash("\n".join(map(str, (*facts, *sorted(mention.identifiers)))), 16)


def proofs_of(mention: Mention) -> frozenset[Identifier]:
    return frozenset(i for i in mention.identifiers if i.scheme is not Scheme.NUMERO)


def shown_title(mention: Mention) -> str:
    return mend(mention.title[:_LONGEST_TITLE])


_LONGEST_TITLE, _LONGEST = 1_500, 600
"""Characters of a title and of a summary that are read: no title is longer, and what follows in a
summary speaks of details."""


# --- Numbers, days, addresses ------------------------------------------------------------------

_SERIES = {"loi": "fr", "ordonnance": "fr", "decret": "fr"}
"""Lois, ordonnances and décrets of a year are numbered in one series."""
_CELEX = re.compile(r"3(\d{4})[A-Z](\d{4})")


def numbers_of(identifiers: tuple[Identifier, ...], own: Act | None) -> frozenset[str]:
    found = {_number(*i.value.split("-", 1)) for i in identifiers if i.scheme is Scheme.NUMERO}
    for identifier in identifiers:
        if identifier.scheme is Scheme.CELEX and (match := _CELEX.fullmatch(identifier.value)):
            found.add(f"ue:{match[1]}/{int(match[2])}")
    if own and own.number:
        found.add(_number(own.nature, own.number))
    return frozenset(found)


def _number(nature: str, number: str = "") -> str:
    return f"{_SERIES.get(nature, nature)}:{number}"


_URL_DAY = re.compile(r"/(20\d\d)[/-](0[1-9]|1[0-2])(?:[/-](0[1-9]|[12]\d|3[01]))?(?![\d])")


def _day_of(url: str, own: Act | None) -> date | None:
    """The day that an address holds (blogs: `/2021/07/19/`), or that an act was signed."""
    if match := _URL_DAY.search(url):
        try:
            return date(int(match[1]), int(match[2]), int(match[3] or 15))
        except ValueError:
            pass
    return own.signed_on if own else None


def address_of(mention: Mention) -> str:
    """The canonical address, or "" for a home or list page, which shows another thing each day, and
    for one that only says an identifier of the mention again."""
    url = mention.url
    if len(url) > _LONGEST_TITLE or any(i.value in url for i in mention.identifiers):
        return ""
    address = canonical_url(url)
    return address if len(re.findall(r"[\w]+", urlsplit(address).path)) > _LIST_WORDS else ""


_LIST_WORDS = 3


def _slug(url: str) -> str:
    """The words of an address: often the whole title, where the title shown was cut."""
    try:
        path = unquote(urlsplit(url[:_LONGEST_TITLE]).path)
    except ValueError:
        return ""
    path = re.sub(r"\.[a-z0-9]{2,5}$", "", path)
    parts = [part for part in path.split("/") if len(re.findall(r"[-_]", part)) >= _LIST_WORDS]
    return re.sub(r"[-_.]", " ", parts[-1]) if parts else ""


_DOUBLY_ENCODED = re.compile("[ÃĂ][\u0080-\u2122]")


def mend(text: str) -> str:
    """Undo UTF-8 read as Windows-1252 or 1250; any other text is left as it is."""
    if not _DOUBLY_ENCODED.search(text):
        return text
    for encoding in ("cp1252", "cp1250"):
        mended = text.encode(encoding, "ignore").decode("utf-8", "ignore")
        if not _DOUBLY_ENCODED.search(mended) and len(mended) > len(text) // 2:
            return mended
    return text


# --- Words -------------------------------------------------------------------------------------

_SLUG, _SUMMARY = 0.7, 0.5
TELLING = 0.5
_COMMON_SHARE = 0.15

_COMMON = frozenset(
    terms(
        "publié publiée publication paru parue parution journal officiel jo jorf décret arrêté loi"
        " ordonnance article code texte textes modifiant modification modifier relatif relative"
        " portant obligation obligations nouveau nouvelle nouvelles nouveaux règle règles"
        " réglementation réglementaire dispositions conditions application mise œuvre actualité"
        " actualités point change changer changent évolue évoluer évolution janvier février mars"
        " avril mai juin juillet août septembre octobre novembre décembre année ans entrée vigueur"
        " prévu prévue enfin matin entreprise entreprises français france national projet"
        " consultation public publique ministre ministère gouvernement annonce annonces cadre"
        " juridique précisions précision dispositif mesure mesures information informations 1er"
    )
)
"""What every page about the law says: it brings nothing together."""
_DAYS = re.compile(
    r"\b(\d{1,2})(?:er)? (janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre"
    r"|novembre|decembre)\b"
)


def _weigh(title: str, slug: str, summary: str) -> tuple[tuple[str, float], ...]:
    """Each term once, at its best place; a scheme, by whatever name, is one term."""
    shown = _list_terms(plain(title))
    weights = dict(shown)
    for term, share in _list_terms(plain(slug)).items():
        # « d'automatisation » is `dautomatisation` there, and numbers are those of the site.
        if term[1:] not in shown and not any(map(str.isdigit, term)):
            weights.setdefault(term, _SLUG * share)
    for term, share in _list_terms(plain(summary)).items():
        weights.setdefault(term, _SUMMARY * share)
    return tuple(sorted(weights.items()))


def _list_terms(text: str) -> dict[str, float]:
    names, rest = draw_names(text)
    shares = {term: _share(term) for term in terms(_DAYS.sub(" ", rest))}
    shares.update(dict.fromkeys(names, 1.0))
    shares.update({f"{match[1]} {match[2]}": 1.0 for match in _DAYS.finditer(text)})
    return shares


def _share(term: str) -> float:
    if _YEAR.fullmatch(term):
        return _YEAR_SHARE
    return _COMMON_SHARE if term in _COMMON or len(term) < 2 else 1.0


_YEAR = re.compile(r"20\d\d")
_YEAR_SHARE = 0.4
