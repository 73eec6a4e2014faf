"""The HTML of what comes from the database. Pure: a snapshot in, text out.

Everything is escaped by default; nothing here is ever read as Markdown, so that a title may hold
any character.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hub.alarms import STAKES, STATES, TROUBLED, describe_gap
from hub.health import Health, host_of
from hub.legal.avant_apres_shown import to_html
from hub.model import Echeance, Niveau, Origin, Precision, Scheme, TermKind
from hub.publish.fiches import Fiche, FicheType, Placeholder
from hub.publish.snapshot import PublicItem, Snapshot, SourceState, Term, upcoming
from hub.publish.texts import paragraphs_of
from hub.publish.typography import typeset_html
from hub.text import MONTHS, canonical_url, format_date

FRAGMENTS = Path(__file__).parent / "fragments"
THEME = Path(__file__).parent / "theme"

SHORT_MONTHS = (
    *("janv.", "févr.", "mars", "avril", "mai", "juin"),
    *("juil.", "août", "sept.", "oct.", "nov.", "déc."),
)
NIVEAUX = {
    Niveau.OBLIGATOIRE: ("obl", "Obligatoire"),
    Niveau.CONSEILLE: ("con", "Conseillé"),
    Niveau.AIDE: ("aid", "Aide"),
    Niveau.PROJET: ("att", "Projet"),
}
ORIGIN_WORDS = {
    Origin.RULE: "règle",
    Origin.MODEL: "modèle",
    Origin.EDITOR: "relecteur",
}
SCHEME_WORDS = {
    Scheme.NOR: "NOR",
    Scheme.JORFTEXT: "Journal officiel",
    Scheme.LEGITEXT: "Légifrance",
    Scheme.ELI: "ELI",
    Scheme.CELEX: "CELEX",
    Scheme.BOAMP: "BOAMP",
}
LETTER = "/lettre/"
"""The web application and the site share one host, whatever its name and port."""

HOME_MONTH = 8
"""Changes of the month listed on the home page; the journal has them all."""
HOME_OTHERS = 5
HOME_ECHEANCES = 5
UNFOLDED = 6
"""Changes or tasks of a fiche that are seen at once; the others are folded, not left out."""


class Renderer:
    """Renders fragments and item pages. `base` is the way up from a page to the site's root."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.common: dict[str, Any] = {
            "snapshot": snapshot,
            "letter": LETTER,
            "is_past": lambda day: day < snapshot.day,
            "secteur_of": lambda name: snapshot.term(TermKind.SECTEUR, name),
        }

    @staticmethod
    def mark(placeholder: Placeholder) -> str:
        """What stands in the Markdown for a placeholder, until its HTML takes the place."""
        return f'<div data-hub="{placeholder.value}"></div>'

    def fill(self, content: str, fiche: Fiche, base: str) -> str:
        """The HTML of a fiche's prose, typeset, with each mark replaced by its fragment."""
        content = typeset_html(content)
        for placeholder in Placeholder:
            if (mark := self.mark(placeholder)) in content:
                zone = self.fragment(placeholder, fiche, base)
                content = content.replace(
                    mark, f'<div class="h-zone h-zone--{placeholder.value}">{zone}</div>'
                )
        return content

    def fragment(self, placeholder: Placeholder, fiche: Fiche, base: str) -> str:
        """The HTML that takes the place of a placeholder in this fiche."""
        items = self.items_for(fiche)
        values: dict[str, Any] = {
            "base": base,
            "fiche": fiche,
            "items": items,
            "term": self.term_of(fiche),
            "is_home": fiche.front.type is FicheType.HOME,
        }
        values.update(self._extra(placeholder, fiche, items))
        return self._render(f"{placeholder.value}.html", **values)

    def item_page(self, item: PublicItem, base: str) -> str:
        """The whole content of the page of one item."""
        secteurs = [tag.term for tag in item.terms(TermKind.SECTEUR)]
        return self._render("changement.html", base=base, item=item, secteurs=secteurs)

    def items_for(self, fiche: Fiche) -> tuple[PublicItem, ...]:
        """The items a fiche shows: those of its term, or all."""
        kind = fiche.front.type.kind
        return self.snapshot.items if kind is None else self.snapshot.items_of(kind, fiche.front.id)

    def term_of(self, fiche: Fiche) -> Term | None:
        kind = fiche.front.type.kind
        return self.snapshot.term(kind, fiche.front.id) if kind else None

    def _extra(
        self, placeholder: Placeholder, fiche: Fiche, items: tuple[PublicItem, ...]
    ) -> dict[str, Any]:
        makers: dict[Placeholder, Callable[[], dict[str, Any]]] = {
            Placeholder.CHANGEMENTS: lambda: self._changes(fiche, items),
            Placeholder.CHECKLIST: lambda: self._checklist(items),
            Placeholder.ECHEANCES: lambda: self._echeances(fiche, items),
            Placeholder.METIERS: lambda: self._metiers(fiche),
            Placeholder.DISPOSITIFS: lambda: self._dispositifs(fiche),
            Placeholder.ETAT_DES_SOURCES: self._incidents,
        }
        return makers[placeholder]() if placeholder in makers else {}

    def _changes(self, fiche: Fiche, items: tuple[PublicItem, ...]) -> dict[str, Any]:
        """Home: those of the month, then a few others. A term: some folded. The journal: all."""
        if fiche.front.type is FicheType.HOME:
            current = [item for item in items if self._is_current(item)]
            others = [item for item in items if not self._is_current(item)]
            month = f"{MONTHS[self.snapshot.day.month - 1]} {self.snapshot.day.year}"
            return {
                "month": month,
                "current": current[:HOME_MONTH],
                "folded": (),
                "others": others[:HOME_OTHERS],
            }
        limit = UNFOLDED if fiche.front.type.kind else len(items)
        return {"month": "", "current": items[:limit], "folded": items[limit:], "others": ()}

    def _is_current(self, item: PublicItem) -> bool:
        """It applies, was published or was announced in the month it is."""
        day = self.snapshot.day
        days = (item.redaction.applicable_le, item.published_on, item.announced_on)
        return any(d and (d.year, d.month) == (day.year, day.month) for d in days)

    def _checklist(self, items: tuple[PublicItem, ...]) -> dict[str, Any]:
        tasks = [
            (item, number, task)
            for item in items
            for number, task in enumerate(item.redaction.a_faire, start=1)
        ]
        return {"tasks": tasks, "limit": UNFOLDED}

    def _echeances(self, fiche: Fiche, items: tuple[PublicItem, ...]) -> dict[str, Any]:
        found = upcoming(items, self.snapshot.day)
        if fiche.front.type is FicheType.HOME:
            return {"echeances": found[:HOME_ECHEANCES]}
        return {"echeances": found}

    def _metiers(self, fiche: Fiche) -> dict[str, Any]:
        """The métiers by secteur: all, those of a secteur, or those a dispositif is linked to."""
        chosen = [m for m in self.snapshot.metiers if self._is_chosen(m, fiche)]
        groups = [
            (secteur, tuple(m for m in chosen if secteur.id in m.secteurs))
            for secteur in self.snapshot.secteurs
        ]
        return {
            "groups": [group for group in groups if group[1]],
            "fresh": {} if fiche.front.type is FicheType.DISPOSITIF else self._fresh(),
        }

    def _fresh(self) -> Counter[str]:
        """How many changes of the month each métier has."""
        return Counter(
            tag.term
            for item in self.snapshot.items
            if self._is_current(item)
            for tag in item.terms(TermKind.METIER)
        )

    def _is_chosen(self, metier: Term, fiche: Fiche) -> bool:
        if fiche.front.type is FicheType.SECTEUR:
            return fiche.front.id in metier.secteurs
        if fiche.front.type is FicheType.DISPOSITIF:
            return any(
                dispositif == fiche.front.id and force != "faible"
                for dispositif, force in metier.links
            )
        return True

    def _dispositifs(self, fiche: Fiche) -> dict[str, Any]:
        """All dispositifs, those of a secteur, or those linked to a métier, strongest first."""
        everything = self.snapshot.dispositifs
        if fiche.front.type is FicheType.SECTEUR:
            return {"chosen": [d for d in everything if fiche.front.id in d.secteurs]}
        term = self.term_of(fiche)
        if fiche.front.type is FicheType.METIER and term:
            linked = [name for force in ("fort", "moyen") for name, f in term.links if f == force]
            by_id = {d.id: d for d in everything}
            return {"chosen": [by_id[name] for name in linked if name in by_id]}
        return {"chosen": list(everything)}

    def _incidents(self) -> dict[str, Any]:
        """What is wrong now, in one line for each site and state, what matters most first."""
        groups: dict[tuple[Health, str], list[SourceState]] = {}
        for source in self.snapshot.sources:
            if source.health in TROUBLED:
                groups.setdefault((source.health, host_of(source.url)), []).append(source)
        stakes = list(STAKES)
        found = sorted(
            (min(stakes.index(s.criticality) for s in sources), TROUBLED.index(health), host)
            for (health, host), sources in groups.items()
        )
        return {"incidents": [groups[TROUBLED[health], host] for _, health, host in found]}

    def _render(self, template: str, **values: Any) -> str:
        found = _environment().get_template(template)
        return typeset_html(found.render(**self.common, **values))


@cache
def _environment() -> Environment:
    """The templates, escaping by default; what a snapshot holds comes with each rendering."""
    environment = Environment(
        loader=FileSystemLoader([FRAGMENTS, THEME]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        jour=format_date,
        jour_court=format_short,
        mois=lambda day: SHORT_MONTHS[day.month - 1],
        sans_capitale=lambda text: text[:1].lower() + text[1:],
        capitale=lambda text: text[:1].upper() + text[1:],
        adresse=safe_url,
        paragraphes=paragraphs_of,
        rythme=describe_gap,
    )
    environment.globals.update(
        niveaux=NIVEAUX,
        states=STATES,
        stakes=STAKES,
        origin_words=ORIGIN_WORDS,
        scheme_words=SCHEME_WORDS,
        date_words=date_words,
        periode=period_words,
        avant_apres=partial(to_html, level=4),
        dates_of=dates_of,
    )
    return environment


def dates_of(item: PublicItem, day: date) -> list[tuple[str, date]]:
    """The day a change applies, then the one it is filed under, each with what happens then."""
    applies = item.redaction.applicable_le
    origins = (
        ("publié", item.published_on),
        ("annoncé", item.announced_on),
        ("signé", item.signed_on),
        ("ajouté", item.added_on),
    )
    found = [(word, known) for word, known in origins if known][:1]
    if applies:
        found.insert(0, ("s’applique" if applies <= day else "s’appliquera", applies))
    return found


def safe_url(url: str) -> str:
    """The address if a browser may be sent there, else nothing: no `javascript:`, no `file:`."""
    return url if canonical_url(url) else ""


def format_short(day: date) -> str:
    """« 1er sept. 2026 », for narrow columns."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number}\u00a0{SHORT_MONTHS[day.month - 1]}\u00a0{day.year}"


def date_words(echeance: Echeance) -> str:
    """The date as precisely as the text gives it: day, month, quarter or year."""
    return period_words(echeance.date, echeance.precision)


def period_words(day: date, precision: Precision) -> str:
    """A day, or the period that it opens."""
    if precision is Precision.DAY:
        return format_date(day)
    if precision is Precision.MONTH:
        return f"{MONTHS[day.month - 1]} {day.year}"
    if precision is Precision.QUARTER:
        quarter = (day.month - 1) // 3 + 1
        return f"{quarter}{'er' if quarter == 1 else 'e'} trimestre {day.year}"
    return str(day.year)
