"""The sentences of a letter, decided before any template is opened. Pure."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
MAX_NAMES = 3
MAX_SUMMARY = 600
_SENTENCE_END = re.compile(r"(?<=[^\s.]{4})[.!?…](?=\s)")
"""Four letters at least before it: « art. », « L. » and « n. » end nothing."""
_NOTE = re.compile(r"\s*\([^()]*\)$")
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
class LinkView:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """One change: `when` opens its text. A reminder has no `secteurs`, no `body`, no `todo`."""

    title: str
    url: str
    niveau: str
    badge: str
    secteurs: tuple[tuple[str, str], ...]
    when: str
    body: str
    todo: tuple[str, ...]
    textes: tuple[LinkView, ...]
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
class RemindersView:
    heading: str
    entries: tuple[EntryView, ...]


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
    reminders: tuple[RemindersView, ...]
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
    count = _count(digest)
    readers = _readers(digest)
    dates = tuple(words.date(upcoming) for upcoming in digest.dates)
    next_date = f" Prochaine date{NBSP}: {digest_day(digest.dates[0])}." if digest.dates else ""
    return LetterView(
        subject=subject_of(digest),
        dateline=f"Lettre du {format_day(today)}",
        preheader=f"{count} pour {readers}.{next_date}",
        count=count,
        readers=readers,
        heading=words.heading(digest),
        colour=_colour(digest),
        entries=tuple(words.entry(entry) for entry in digest.full),
        reminders=words.reminders(digest),
        others=tuple(words.title(news) for entry in digest.rest for news in entry.items),
        horizon=_short_day(today + HORIZON, today),
        dates=dates,
        quiet=words.quiet(digest.quiet),
        texts_read=_texts_read(texts_read),
        fiches=words.fiches(metiers),
        sources=f"{public_url}/sources/",
    )


def subject_of(digest: Digest) -> str:
    """The title of the first change, said to be a reminder when nothing is new."""
    first = digest.entries[0]
    title = typeset(_title_of(first))
    return title if first.is_new else f"Rappel{NBSP}: {title}"


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


def describe_reasons(reasons: Sequence[Reason], referentiel: Referentiel) -> tuple[str, ...]:
    """« vous suivez Conducteur·trice de travaux », one sentence for each reason."""
    return tuple(f"vous suivez {_followed(reason, referentiel)}" for reason in reasons)


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
        body = shorten(clean(news.redaction.ce_qui_change if news.redaction else news.summary))
        return replace(
            self.reminder(entry),
            secteurs=self._secteurs(news),
            when=self._when(news, f"{_title_of(entry)} {body}"),
            body=typeset(body),
            todo=_tasks(entry),
            reason=self._reason(entry),
        )

    def reminder(self, entry: Entry) -> EntryView:
        news, title = entry.news, _title_of(entry)
        return EntryView(
            title=typeset(title),
            url=self._url(news),
            niveau=_niveau(news),
            badge=news.niveau.value if news.niveau else "",
            secteurs=(),
            when=self._when(news, title),
            body="",
            todo=(),
            textes=self._textes(entry),
            reason=typeset(f"Vous suivez {self._followed(entry)}."),
        )

    def reminders(self, digest: Digest) -> tuple[RemindersView, ...]:
        """A project does not apply yet, however old it is: it is told apart."""
        projects = [e for e in digest.reminders if e.news.niveau is Niveau.PROJET]
        others = [e for e in digest.reminders if e.news.niveau is not Niveau.PROJET]
        groups = (
            (f"Rappels{NBSP}: cela s’applique déjà", others),
            (f"Rappels{NBSP}: encore en projet", projects),
        )
        return tuple(
            RemindersView(heading, tuple(self.reminder(entry) for entry in entries))
            for heading, entries in groups
            if entries
        )

    def title(self, news: News) -> TitleView:
        return TitleView(typeset(clean(news.headline)), self._url(news), _niveau(news))

    def heading(self, digest: Digest) -> tuple[str, ...]:
        """The followed terms that what is new answers to, or their number past three."""
        reasons = [reason for entry in digest.full for reason in entry.reasons]
        names = dict.fromkeys(label_of((r.kind, r.term), self._referentiel) for r in reasons)
        return tuple(names) if len(names) <= MAX_NAMES else (_capital(_readers(digest)),)

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

    def _textes(self, entry: Entry) -> tuple[LinkView, ...]:
        """The official texts; a single one may have no name to add to its title."""
        if not entry.also:
            return (LinkView(_official_name(entry.news), self._url(entry.news)),)
        return tuple(
            LinkView(_official_name(news) or typeset(clean(news.title)), self._url(news))
            for news in entry.items
        )

    def _when(self, news: News, shown: str) -> str:
        """The date of application, unless what is `shown` says it."""
        day = news.applicable_le
        if day is None or _tells_start(shown, day):
            return ""
        word = "Depuis le" if day <= self._today else "À partir du"
        return f"{word} {format_date(day)}."

    def _reason(self, entry: Entry) -> str:
        followed = self._followed(entry)
        words = next((reason.words for reason in entry.reasons if reason.words), "")
        proof = f" et que le texte contient «{NBSP}{clean(words)}{NBSP}»" if words else ""
        return typeset(f"Vous recevez ceci parce que vous suivez {followed}{proof}.")

    def _followed(self, entry: Entry) -> str:
        return join([_followed(reason, self._referentiel) for reason in entry.reasons])


def _niveau(news: News) -> str:
    return _NIVEAUX[news.niveau] if news.niveau else ""


def _title_of(entry: Entry) -> str:
    """The title; for several texts, without the note at its end that tells them apart."""
    titles = [clean(news.headline) for news in entry.items]
    bare = {_NOTE.sub("", title) for title in titles}
    return bare.pop() if entry.also and len(bare) == 1 else titles[0]


def _tasks(entry: Entry) -> tuple[str, ...]:
    """What to do, for all the texts of an entry, each task once."""
    redactions = [news.redaction for news in entry.items if news.redaction]
    tasks = [typeset(clean(task)) for redaction in redactions for task in redaction.a_faire]
    return tuple(dict.fromkeys(tasks))


def _tells_start(shown: str, day: date) -> bool:
    start = r"(?:depuis|dès) le|à (?:compter|partir) du"
    pattern = rf"(?:{start}) {re.escape(clean(format_date(day)))}\b"
    return re.search(pattern, clean(shown), re.IGNORECASE) is not None


def _official_name(news: News) -> str:
    """« Décret n° 2026-822 du 25 août 2026 », when an editor's title hides it; else nothing."""
    if not news.redaction or not news.redaction.titre:
        return ""
    match = _OFFICIAL.match(clean(news.title))
    if not match or " " not in match["label"]:
        return ""
    nature, _, rest = match["label"].partition(" ")  # « LOI » in the Journal officiel
    return typeset(f"{nature.capitalize()} {rest}")


def _count(digest: Digest) -> str:
    """« 2 changements et 7 rappels »."""
    new = sum(entry.is_new for entry in digest.entries)
    old = len(digest.entries) - new
    parts = ((new, "changement", "changements"), (old, "rappel", "rappels"))
    return join([plural(count, one, many) for count, one, many in parts if count])


def _texts_read(count: int) -> str:
    if count == 0:
        return ""
    read = "a été lu" if count == 1 else "ont été lus"
    return f"{plural(count, 'texte paru', 'textes parus')} ces sept derniers jours {read}."


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
    """The text, or its first sentences; one endless sentence is cut between two words."""
    if len(text) <= length:
        return text
    ends = [match.end() for match in _SENTENCE_END.finditer(text, 0, length)]
    if ends:
        return text[: ends[-1]]
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
