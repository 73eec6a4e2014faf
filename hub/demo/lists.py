"""HTML lists as SPIP with DSFR, TYPO3 with Solr, and the partner's site write them."""

from __future__ import annotations

from html import escape
from urllib.parse import quote, urljoin

from hub.demo.facts import Consultation, Consultations, Page, PageItem

PER_PAGE = 11
"""What the consultation site shows on a page; its next pages are numbered by this."""


def render_consultations(facts: Consultations) -> dict[str, bytes]:
    """Address -> page. Links are relative; each page but the last names the next one."""
    addresses = [
        facts.address + (f"&debut_listearticles={rank * PER_PAGE}" if rank else "")
        for rank in range(len(facts.pages))
    ]
    nexts = [*(address.rsplit("/", 1)[1] for address in addresses[1:]), ""]
    return {
        address: _consultations_page(items, following)
        for address, items, following in zip(addresses, facts.pages, nexts, strict=True)
    }


def _consultations_page(items: tuple[Consultation, ...], following: str) -> bytes:
    cards = "\n".join(_consultation(item) for item in items)
    link = (
        f'<a class="fr-pagination__link fr-pagination__link--next" href="{escape(following)}">'
        "Page suivante</a>"
    )
    return f"""<!DOCTYPE html>
<html lang="fr">
<head><meta charset="utf-8"><title>Les consultations publiques</title></head>
<body>
<h1>Toutes les consultations</h1>
<div class="liste-articles">
{cards}
</div>
<nav class="fr-pagination">{link if following else ""}</nav>
</body>
</html>
""".encode()


def _consultation(item: Consultation) -> str:
    return f"""<div class="item-liste-articles fr-card fr-enlarge-link">
<div class="fr-card__body">
<h2 class="fr-card__title"><a class="fr-card__link" href="{escape(item.link)}">\
{escape(item.title)}</a></h2>
<p class="dateart">{escape(item.dates)}</p>
</div>
</div>"""


def render_consultation_details(facts: Consultations) -> dict[str, bytes]:
    """Address -> page of each consultation. The drafts themselves are not reproduced."""
    return {
        urljoin(facts.address, item.link): _detail(item) for items in facts.pages for item in items
    }


def _detail(item: Consultation) -> bytes:
    return f"""<!DOCTYPE html>
<html lang="fr">
<head><meta charset="utf-8"><title>{escape(item.title)}</title></head>
<body>
<h1>{escape(item.title)}</h1>
<div class="chapo-article"><p>{escape(item.dates)}.</p></div>
<div class="texte-article"><p>{escape(item.title)}.</p></div>
</body>
</html>
""".encode()


def render_cre(page: Page) -> bytes:
    items = "\n".join(_cre_item(item) for item in page.items)
    return f"""<!DOCTYPE html>
<html lang="fr-FR">
<head><meta charset="utf-8"><title>Toute l’actualité - CRE</title></head>
<body>
<h1>Toute l’actualité</h1>
<ul id="tx-solr-results">
{items}
</ul>
</body>
</html>
""".encode()


def _cre_item(item: PageItem) -> str:
    return f"""<li><div class="card">
<span class="label">{escape(item.kind)}</span>
<h3 class="card-title"><a href="{escape(quote(item.link))}">{escape(item.title)}</a></h3>
<time>{escape(item.date)}</time>
</div></li>"""


def render_artisanat(page: Page) -> bytes:
    items = "\n".join(
        f'<article><h2><a href="{escape(item.link)}">{escape(item.title)}</a></h2>'
        f"<time>{escape(item.date)}</time></article>"
        for item in page.items
    )
    return f"""<!DOCTYPE html>
<html lang="fr">
<head><meta charset="utf-8"><title>Développement durable</title></head>
<body>
{items}
</body>
</html>
""".encode()
