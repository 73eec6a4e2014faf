"""The hub's own MkDocs plugin: fills the fiches from the database and adds a page for each item.

MkDocs does not escape what it puts in a page's head: titles and descriptions are escaped here.
"""

from __future__ import annotations

import html
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from hub.child import watch_lifeline
from hub.config import Settings, load_settings
from hub.errors import HubError
from hub.messages import message
from hub.model import TermKind
from hub.publish.fiches import Fiche, FicheType, load_fiches, placeholder_of
from hub.publish.render import LETTER, Renderer
from hub.publish.snapshot import PublicItem, Snapshot, Term, load_snapshot
from hub.publish.typography import typeset
from hub.referentiel import load_referentiel
from hub.sources import load_sources
from hub.store import Store
from hub.text import format_date, parse_moment

TEMPLATES = {FicheType.HOME: "accueil.html", FicheType.PAGE: "page.html"}
SURTITRES = {
    FicheType.METIER: "Fiche « Ce qui change pour mon métier »",
    FicheType.DISPOSITIF: "Fiche sujet",
    FicheType.SECTEUR: "Fiche secteur",
}
KEPT_ASSETS = (
    "assets/css/",
    "assets/js/",
    "assets/fonts/",
    "assets/stylesheets/",
    "assets/images/",
)
"""What the theme puts in the site; Material's scripts and their maps are left out."""


def read_snapshot(settings: Settings, now: datetime) -> Snapshot:
    """Open the database of these settings just long enough to read what the site says."""
    referentiel = load_referentiel()
    store = Store(settings.database_url)
    try:
        sources = load_sources(
            settings.sources, referentiel, allow_loopback=settings.allow_loopback
        )
        return load_snapshot(store, referentiel, sources, now)
    finally:
        store.close()


class HubPlugin(BasePlugin):  # type: ignore[type-arg,no-untyped-call]
    """Registered as `hub` in the entry points `mkdocs.plugins`."""

    renderer: Renderer
    fiches: dict[str, Fiche]
    items: dict[str, PublicItem]

    def on_startup(self, *, command: str, dirty: bool) -> None:
        watch_lifeline()

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        settings = load_settings()
        now = parse_moment(os.environ.get("HUB_NOW", "") or datetime.now(UTC).isoformat())
        try:
            self.fiches = {f.path: f for f in load_fiches(settings.fiches, load_referentiel())}
            self.renderer = Renderer(read_snapshot(settings, now))
        except HubError as error:
            raise PluginError(str(error)) from error
        self.items = {_source_of(item): item for item in self.renderer.snapshot.items}
        config.docs_dir = str(settings.fiches)
        config.site_url = settings.public_url.rstrip("/") + "/"
        config.extra["demo"] = settings.demo
        config.extra["day"] = self.renderer.snapshot.day.isoformat()
        config.extra["letter"] = LETTER
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        for file in list(files):
            if file.src_uri.startswith("assets/") and not _is_kept(file.src_uri):
                files.remove(file)
        for source in self.items:
            files.append(File.generated(config, source, content=""))
        return files

    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        source = page.file.src_uri
        if source in self.items:
            item = self.items[source]
            _describe(page, item.titre, item.redaction.ce_qui_change or item.official_title)
            page.meta["template"] = "changement.html"
            return ""
        fiche = self.fiches[source]
        _describe(page, fiche.front.titre, fiche.front.chapo)
        page.meta["template"] = TEMPLATES.get(fiche.front.type, "fiche.html")
        return "\n".join(_with_mark(line) for line in markdown.split("\n"))

    def on_page_content(
        self, content: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        source, base = page.file.src_uri, base_of(page.file.url)
        if source in self.items:
            return self.renderer.item_page(self.items[source], base)
        return self.renderer.fill(content, self.fiches[source], base)

    def on_page_context(
        self, context: Any, *, page: Page, config: MkDocsConfig, nav: Navigation
    ) -> Any:
        fiche = self.fiches.get(page.file.src_uri)
        if fiche is not None:
            context["hub"] = fiche_context(fiche, self.renderer)
        return context

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        # MkDocs writes it beside sitemap.xml; every server compresses on its own.
        Path(config.site_dir, "sitemap.xml.gz").unlink(missing_ok=True)
        for old, kept in self.renderer.snapshot.moved:
            page = Path(config.site_dir, old, "index.html")
            if not page.exists():
                page.parent.mkdir(parents=True, exist_ok=True)
                page.write_text(moved_page(f"{config.site_url}{kept}"), encoding="utf-8")


def moved_page(url: str) -> str:
    """A page that leads elsewhere, for addresses that readers keep: any server can serve it."""
    title, words, shown = message("site.moved-title"), message("site.moved"), html.escape(url)
    return f"""<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta http-equiv="refresh" content="0; url={shown}">
<link rel="canonical" href="{shown}">
<title>{title}</title>
</head>
<body>
<main>
<h1>{title}</h1>
<p><a href="{shown}">{words}</a></p>
</main>
</body>
</html>
"""


def fiche_context(fiche: Fiche, renderer: Renderer) -> dict[str, Any]:
    """What the template of a fiche shows around its prose."""
    snapshot, front = renderer.snapshot, fiche.front
    term = renderer.term_of(fiche)
    secteurs = snapshot.secteurs_of(term) if term else []
    return {
        "titre": typeset(front.titre),
        "chapo": typeset(front.chapo),
        "surtitre": typeset(SURTITRES.get(front.type, "")),
        "relu_le": format_date(front.relu_le) if front.relu_le else "",
        "read_on": format_date(snapshot.read_on) if snapshot.read_on else "",
        "secteurs": secteurs,
        "secteur": secteurs[0] if secteurs else None,
        "trail": _trail(fiche, secteurs),
        "groups": [
            (s, [m for m in snapshot.metiers if s.id in m.secteurs]) for s in snapshot.secteurs
        ],
        "count": len(snapshot.metiers),
    }


def _trail(fiche: Fiche, secteurs: list[Term]) -> list[tuple[str, str]]:
    """The way down from the home page: (words, path)."""
    if fiche.front.type.kind is TermKind.METIER:
        return [("Métiers", ""), *((s.label, s.path) for s in secteurs[:1])]
    if fiche.front.type.kind is TermKind.DISPOSITIF:
        return [("Accueil", ""), ("Sujets", "dispositifs/")]
    return [("Accueil", "")]


def base_of(url: str) -> str:
    """The way up from the page at `url` to the root of the site."""
    return "../" * url.removeprefix("./").count("/") or "./"


def _source_of(item: PublicItem) -> str:
    # A folder for each, so that an item whose slug is `index` does not take the journal's place.
    return f"{item.path}index.md"


def _is_kept(path: str) -> bool:
    return path.startswith(KEPT_ASSETS) and not path.endswith(".map")


def _describe(page: Page, title: str, description: str) -> None:
    page.meta["title"] = html.escape(typeset(title))
    page.meta["description"] = html.escape(typeset(description[:300]))


def _with_mark(line: str) -> str:
    """Markdown never sees what will take the place of a placeholder, only a mark."""
    placeholder = placeholder_of(line)
    return f"\n{Renderer.mark(placeholder)}\n" if placeholder else line
