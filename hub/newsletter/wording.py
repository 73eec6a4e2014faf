"""The sentences of a letter, decided before any template is opened. Pure."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import quote

from markupsafe import Markup, escape

from hub.model import Echeance, Niveau, Precision, TermKind
from hub.newsletter.select import HORIZON, Digest, Entry, News, Reason, Term, Upcoming
from hub.publish import typography
from hub.referentiel import Referentiel
from hub.text import MONTHS, WEEKDAYS, clean, format_date, format_day

COLUMNS = 72
NBSP = "\u00a0"
MAX_QUIET = 6
MAX_FICHES = 3
MAX_SUMMARY = 320
_NUMBERS = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")
_NIVEAUX = {
    Niveau.OBLIGATOIRE: "Obligatoire",
    Niveau.CONSEILLE: "Conseillé",
    Niveau.AIDE: "Aide",
    Niveau.PROJET: "Projet",
}
_OFFICIAL = re.compile(
    r"(?P<label>(?:Loi|Ordonnance|Décret|Arrêté|Décision|Délibération|Règlement|Directive)\b"
    r"(?: interministériel| délégué| d’exécution)?(?: \([^)]*\))?"
    r"(?: n°\s?[\w./-]+)?(?: [\w./-]*\d{4}/\d+)?(?: du \d{1,2}(?:er)? \w+ \d{4})?)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class EntryView:
    """One change: `when` opens its text; `texte` names the official text, or nothing."""

    title: str
    url: str
    niveau: str
    badge: str
    secteurs: tuple[tuple[str, str], ...]
    when: str
    body: str
    todo: tuple[str, ...]
    texte: str
    reason: str


@dataclass(frozen=True, slots=True)
class TitleView:
    """A change that is only named, past the first twelve."""

    title: str
    url: str
    niveau: str


@dataclass(frozen=True, slots=True)
class DateView:
    day: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class LinkView:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class LetterView:
    subject: str
    dateline: str
    preheader: str
    count: str
    readers: str
    heading: tuple[str, ...]
    colour: str
    entries: tuple[EntryView, ...]
    others: tuple[TitleView, ...]
    horizon: str
    dates: tuple[DateView, ...]
    quiet: str
    texts_read: str
    fiches: tuple[LinkView, ...]
    sources: str


def describe_letter(
    digest: Digest,
    metiers: Sequence[str],
    referentiel: Referentiel,
    public_url: str,
    today: date,
    texts_read: int,
) -> LetterView:
    """Everything a letter says, in words."""
    words = _Words(referentiel, public_url, today)
    entries = tuple(words.entry(entry) for entry in digest.full)
    told = list(dict.fromkeys(r for entry in digest.entries for r in words.told(entry)))
    count = plural(len(digest.entries), "changement", "changements")
    readers = _readers(digest)
    dates = tuple(words.date(upcoming) for upcoming in digest.dates)
    next_date = f" Prochaine date{NBSP}: {digest_day(digest.dates[0])}." if digest.dates else ""
    return LetterView(
        subject=subject_of(digest),
        dateline=f"Lettre du {format_day(today)}",
        preheader=f"{count} pour {readers}.{next_date}",
        count=count,
        readers=readers,
        heading=tuple(told),
        colour=_colour(digest),
        entries=entries,
        others=tuple(words.title(entry.news) for entry in digest.rest),
        horizon=_short_day(today + HORIZON, today),
        dates=dates,
        quiet=words.quiet(digest.quiet),
        texts_read=plural(texts_read, "texte lu", "textes lus") if texts_read else "",
        fiches=words.fiches(metiers),
        sources=f"{public_url}/sources/",
    )


def subject_of(digest: Digest) -> str:
    """The title of the first change: what a full inbox needs to choose."""
    return typeset(clean(digest.entries[0].news.headline))


def describe_choice(
    metiers: Sequence[str], dispositifs: Sequence[str], referentiel: Referentiel
) -> str:
    """« Conducteur·trice de travaux, Diagnostic PEMD »."""
    chosen = [(TermKind.METIER, term) for term in metiers]
    chosen += [(TermKind.DISPOSITIF, term) for term in dispositifs]
    return ", ".join(label_of(term, referentiel) for term in chosen)


def label_of(term: Term, referentiel: Referentiel) -> str:
    """The label with its first letter raised; the identifier when the term has been retired."""
    kind, name = term
    label = referentiel.label(kind, name) if referentiel.has(kind, name) else name
    return typeset(label[:1].upper() + label[1:])


def describe_reasons(entry: Entry, referentiel: Referentiel) -> tuple[str, ...]:
    """« vous suivez Conducteur·trice de travaux », one sentence for each reason."""
    return tuple(f"vous suivez {_followed(r, referentiel)}" for r in entry.reasons)


def _followed(reason: Reason, referentiel: Referentiel) -> str:
    label = label_of((reason.kind, reason.term), referentiel)
    filieres = [label_of((TermKind.FILIERE, code), referentiel) for code in reason.filieres]
    if not filieres:
        return label
    return f"{label}, filière{'s' if len(filieres) > 1 else ''} {join(filieres)}"


class _Words:
    """What is needed to name and link things, said once."""

    def __init__(self, referentiel: Referentiel, public_url: str, today: date) -> None:
        self._referentiel = referentiel
        self._public_url = public_url
        self._today = today

    def entry(self, entry: Entry) -> EntryView:
        news = entry.news
        redaction = news.redaction
        return EntryView(
            title=typeset(clean(news.headline)),
            url=self._url(news),
            niveau=_NIVEAUX[news.niveau] if news.niveau else "",
            badge=news.niveau.value if news.niveau else "",
            secteurs=self._secteurs(news),
            when=self._when(news),
            body=typeset(shorten(clean(redaction.ce_qui_change if redaction else news.summary))),
            todo=tuple(typeset(clean(task)) for task in redaction.a_faire) if redaction else (),
            texte=_official_name(news),
            reason=self._reason(entry),
        )

    def title(self, news: News) -> TitleView:
        niveau = _NIVEAUX[news.niveau] if news.niveau else ""
        return TitleView(typeset(clean(news.headline)), self._url(news), niveau)

    def told(self, entry: Entry) -> list[str]:
        return [label_of((r.kind, r.term), self._referentiel) for r in entry.reasons]

    def date(self, upcoming: Upcoming) -> DateView:
        return DateView(
            day=_capital(_when_exactly(upcoming.echeance, self._today)),
            label=typeset(clean(upcoming.echeance.label)),
            url=self._url(upcoming.news),
        )

    def quiet(self, terms: Sequence[Term]) -> str:
        labels = [label_of(term, self._referentiel) for term in terms]
        if len(labels) > MAX_QUIET:
            labels[MAX_QUIET:] = [f"{len(labels) - MAX_QUIET} autres"]
        return join(labels)

    def fiches(self, metiers: Sequence[str]) -> tuple[LinkView, ...]:
        known = [term for term in metiers if self._referentiel.has(TermKind.METIER, term)]
        return tuple(
            LinkView(
                label_of((TermKind.METIER, term), self._referentiel),
                f"{self._public_url}/{self._referentiel.path_of(TermKind.METIER, term)}",
            )
            for term in known[:MAX_FICHES]
        )

    def _url(self, news: News) -> str:
        return f"{self._public_url}/changements/{quote(news.slug)}/"

    def _secteurs(self, news: News) -> tuple[tuple[str, str], ...]:
        terms = sorted(tag.term for tag in news.tags if tag.kind is TermKind.SECTEUR)
        return tuple(
            (term.lower(), label_of((TermKind.SECTEUR, term), self._referentiel)) for term in terms
        )

    def _when(self, news: News) -> str:
        day = news.redaction.applicable_le if news.redaction else None
        if day is None:
            return ""
        word = "Depuis le" if day <= self._today else "À partir du"
        return f"{word} {format_date(day)}."

    def _reason(self, entry: Entry) -> str:
        followed = join([_followed(reason, self._referentiel) for reason in entry.reasons])
        words = next((reason.words for reason in entry.reasons if reason.words), "")
        proof = f" et que le texte contient «{NBSP}{clean(words)}{NBSP}»" if words else ""
        return typeset(f"Vous recevez ceci parce que vous suivez {followed}{proof}.")


def _official_name(news: News) -> str:
    """« Décret n° 2026-822 du 25 août 2026 », when an editor's title hides it; else nothing."""
    if not news.redaction or not news.redaction.titre:
        return ""
    match = _OFFICIAL.match(clean(news.title))
    return typeset(match["label"]) if match and " " in match["label"] else ""


def _readers(digest: Digest) -> str:
    """« vos deux métiers et votre sujet »."""
    kinds = [kind for kind, _ in digest.reader.since]
    parts = [
        f"votre {one}" if count == 1 else f"vos {_number(count)} {many}"
        for kind, one, many in (
            (TermKind.METIER, "métier", "métiers"),
            (TermKind.DISPOSITIF, "sujet", "sujets"),
        )
        if (count := kinds.count(kind))
    ]
    return join(parts)


def _colour(digest: Digest) -> str:
    """The sector of all that is told, or "" when there are several: then the brand's colour."""
    secteurs = {
        tag.term.lower()
        for entry in digest.full
        for tag in entry.news.tags
        if tag.kind is TermKind.SECTEUR
    }
    return secteurs.pop() if len(secteurs) == 1 else ""


# --- Words -------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def typeset(text: str) -> str:
    """French typography; thousands of readers are told the same few sentences."""
    return typography.typeset(text)


@lru_cache(maxsize=4096)
def _typeset_html(html: str) -> str:
    return typography.typeset_html(html)


def plural(count: int, one: str, many: str) -> str:
    return f"{count}{NBSP}{one if count < 2 else many}"


def join(parts: Sequence[str]) -> str:
    """« a, b et c »."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} et {parts[-1]}"


def shorten(text: str, length: int = MAX_SUMMARY) -> str:
    """The text, or its beginning cut between two words."""
    if len(text) <= length:
        return text
    return text[: text.rfind(" ", 0, length)].rstrip(" ,;:.") + "…"


def digest_day(upcoming: Upcoming) -> str:
    return _when_exactly(upcoming.echeance, upcoming.echeance.date, with_weekday=False)


def _when_exactly(echeance: Echeance, today: date, *, with_weekday: bool = True) -> str:
    """As precise as the échéance is, and no more: « septembre 2026 », « 3e trimestre 2026 »."""
    day = echeance.date
    if echeance.precision is Precision.MONTH:
        return f"{MONTHS[day.month - 1]}{NBSP}{day.year}"
    if echeance.precision is Precision.QUARTER:
        quarter = (day.month + 2) // 3
        return f"{'1er' if quarter == 1 else f'{quarter}e'} trimestre{NBSP}{day.year}"
    if echeance.precision is Precision.YEAR:
        return str(day.year)
    short = _short_day(day, today)
    return f"{WEEKDAYS[day.weekday()]} {short}" if with_weekday else short


def _short_day(day: date, today: date) -> str:
    """« 30 septembre », with its year when it is not this one."""
    full = format_date(day)
    return full.rpartition(NBSP)[0] if day.year == today.year else full


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


# --- Template filters --------------------------------------------------------------------------


def raise_ordinals(text: str) -> Markup:
    """Escape, and write « 1er » with a small raised « er »."""
    small = '1<sup class="er">er</sup>'
    return Markup(_typeset_html(str(escape(text))).replace("1<sup>er</sup>", small))  # noqa: S704


def wrap(text: str, first: str = "", rest: str = "") -> str:
    """Lines of 72 columns at most; no-break spaces hold, addresses are never cut."""
    return textwrap.fill(
        text,
        COLUMNS,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def underline(*titles: str) -> str:
    """Titles in capitals, each on its line, over a rule as long as the longest."""
    lines = [line for title in titles for line in wrap(title.upper()).splitlines()]
    return "\n".join([*lines, "-" * max(map(len, lines))])
