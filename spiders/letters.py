"""The articles that a letter leads to. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from hub.errors import ParseError
from hub.text import clean, clean_paragraphs, fold
from spiders.mailblocks import Block, Letter, is_personal
from spiders.reading import link_to

_MORE = re.compile(
    r"[\W_]*(?:(?:pour )?en savoir (?:plus|\+)|plus d'infos?|plus d'informations?|suite|ici|"
    r"(?:je |cliquez |c'est )?(?:par )?ici|cliquez ici|je (?:decouvre|consulte|lis|participe)|"
    r"(?:re)?(?:lire|voir|consulter|consultez|decouvrir|decouvrez|acceder|lisez|telecharger)"
    r"(?: (?:a |au |l'|la |le |les |tout |toute |cet |cette |notre )*"
    r"(?:suite|article|actualite|page|texte|dossier|document|communique|fiche|site|plus|"
    r"information|offre|replay|programme)?"
    r"(?: (?:complete?|entiere?|en entier|en ligne|sur (?:le|notre) site|de l'article))?)?)[\W_]*"
)
_SOCIAL = re.compile(
    r"(.+\.)?(facebook\.com|twitter\.com|x\.com|linkedin\.com|instagram\.com|youtube\.com|youtu\.be|"
    r"tiktok\.com|threads\.net|bsky\.app|pinterest\.(com|fr)|whatsapp\.com|wa\.me|t\.me)"
)
FAR = 12
"""How many blocks above a link its heading is looked for."""


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    title: str
    summary: str = ""


def is_social(url: str) -> bool:
    return _SOCIAL.fullmatch(urlsplit(url).hostname or "") is not None


def links_of(letter: Letter, min_words: int) -> list[Link]:
    """The links that say what they lead to, once each, in the order of the letter.

    The title is the link's own words, or the nearest heading above when they only say « lire la
    suite »; the summary is what stands around. Of several links to one address, the best title.
    """
    found: dict[str, Link] = {}
    for index, block in enumerate(letter.blocks):
        for words, href in block.links:
            url = _address(href)
            if not url or is_social(url) or is_personal(words, href):
                continue
            link = _link(letter.blocks, index, words, url)
            if len(link.title.split()) < min_words:
                continue
            known = found.get(url)
            if known is None or (not known.summary and link.summary):
                title = known.title if known else link.title
                found[url] = Link(url, title, link.summary)
    return list(found.values())


def _address(href: str) -> str:
    """The canonical address, or "" for what is no page of the web, or too long to be kept."""
    try:
        return link_to("", href)
    except ParseError:
        return ""


def is_more(words: str) -> bool:
    """« Lire la suite », « En savoir plus », and their like: words that say nothing."""
    return not words.strip() or _MORE.fullmatch(fold(clean(words))) is not None


def _link(blocks: tuple[Block, ...], index: int, words: str, url: str) -> Link:
    if not is_more(words):
        return Link(url, words, _summary(blocks, index, words))
    for above in range(index, max(-1, index - FAR), -1):
        block = blocks[above]
        if block.is_heading and not is_more(block.text):
            between = (one.text for one in blocks[above + 1 : index + 1] if not is_more(one.text))
            return Link(url, block.text, _without(clean_paragraphs("\n".join(between)), words))
    return Link(url, "")


def _summary(blocks: tuple[Block, ...], index: int, words: str) -> str:
    """The rest of the paragraph, or the one below when the link is a title alone."""
    block = blocks[index]
    if len(block.text) > len(words) + 20:
        return block.text
    below = blocks[index + 1] if index + 1 < len(blocks) else None
    is_about_it = below is not None and not below.is_heading and not is_more(below.text)
    if below is None or not is_about_it or any(not is_more(w) for w, _ in below.links):
        return ""
    return below.text


def _without(text: str, words: str) -> str:
    """A paragraph without the « lire la suite » at its end."""
    return text.removesuffix(words).strip() if words else text
