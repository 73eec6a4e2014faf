"""Tell an answer that turns robots away from the page that was asked for. Pure and quick.

A page that holds a captcha in its contact form, or speaks of captchas, is a page: what tells a
refusal is that there is next to nothing else to read.
"""

from __future__ import annotations

import html
import re

from hub.text import clean, fold
from spiders.base import Page
from spiders.maintext import decode

LOOKED_AT = 20_000
"""In bytes. Challenge pages say so at once."""
SHORT_ANSWER = 1_000
"""In bytes, for a 202, which is no answer but a promise of one."""
FEW_WORDS = 60
SOME_WORDS = 150
FEW_LINKS = 5

_REFUSALS = {401: "asks for a name", 403: "forbidden", 429: "too many requests", 503: "unavailable"}
_DATA = re.compile(
    rb"\s*(?:[{\[]|<\?xml|<(?:rss|feed|rdf:RDF|urlset|sitemapindex)\b)", re.IGNORECASE
)
_BINARY = (b"\x1f\x8b", b"PK\x03\x04", b"%PDF-", b"\x89PNG")

_VENDORS = (
    (b"_cf_chl_opt", "Cloudflare challenge"),
    (b"cf-chl-", "Cloudflare challenge"),
    (b"cf_chl_", "Cloudflare challenge"),
    (b"cf-error-details", "Cloudflare refusal"),
    (b"captcha-delivery.com", "DataDome challenge"),
    (b"_incapsula_resource", "Imperva challenge"),
    (b"incapsula incident id", "Imperva refusal"),
    (b"errors.edgesuite.net", "Akamai refusal"),
    (b"gokuprops", "AWS WAF challenge"),
    (b"awswafintegration", "AWS WAF challenge"),
    (b"awswafcookiedomainlist", "AWS WAF challenge"),
    (b"sucuri_cloudproxy", "Sucuri challenge"),
    (b"sucuri website firewall", "Sucuri refusal"),
    (b"the requested url was rejected", "F5 refusal"),
    (b"anubis_challenge", "Anubis challenge"),
    (b"not a bot!", "Anubis challenge"),
    (b"px-captcha", "PerimeterX challenge"),
    (b"ddos-guard", "DDoS-Guard challenge"),
)
"""What the challenge pages of each vendor hold. Some sites carry these scripts on every page: they
only count on a page with little to read."""
_CAPTCHAS = (b"g-recaptcha", b"recaptcha/api", b"h-captcha", b"hcaptcha.com", b"cf-turnstile")
_HINTS = (
    *(mark for mark, _ in _VENDORS),
    *_CAPTCHAS,
    *b"moment|instant|robot|captcha|denied|refus|unblocked|unsuccessful|rejected|javascript".split(
        b"|"
    ),
    *b"human|humain|blocked|bloqu|interruption|forbidden|patient|verif|maintenance".split(b"|"),
    b"indisponible",
    b"unavailable",
)

_TITLES = re.compile(
    r"(?:just a moment|un instant|one moment(?: please)?|attention required(?: cloudflare)?"
    r"|(?:403 )?forbidden|access denied|acces refuse|acces interdit|request rejected"
    r"|request unblocked|robot check|are you a (?:robot|human)|vous etes humain|human verification"
    r"|security check|checking your browser|pardon our interruption|blocked"
    r"|verification(?: que vous etes (?:un )?humain| de securite| en cours)?|please wait"
    r"|veuillez patienter|ddos guard)"
)
_SENTENCES = re.compile(
    r"(?:verif\w{1,10}|confirm\w{0,6}|prouve\w{0,3}|making sure|assurer|check\w{0,3})[^.]{0,40}"
    r"(?:humain|human|robot|\bbot\b)"
    r"|(?:you are|you're|etes|suis) (?:not |pas )?(?:a |un )?(?:robot|humain|human)\b"
    r"|request (?:unblocked|unsuccessful)"
    r"|access (?:to this page |to this site )?(?:has been |is )?(?:denied|blocked)"
    r"|acces (?:a (?:cette page|ce site) )?(?:vous )?(?:a ete |est )?(?:refuse|bloque)"
    r"|you have been blocked|vous avez ete bloque|unusual traffic|trafic inhabituel"
    r"|checking your browser|verification de votre navigateur"
)
_MAINTENANCE = re.compile(
    r"(?:site|service|page|application|plateforme)[^.]{0,40}"
    r"(?:en (?:cours de )?maintenance|(?:temporairement|momentanement|actuellement) indisponible)"
    r"|maintenance (?:en cours|programmee)|under maintenance|temporarily unavailable"
)
_NEEDS_SCRIPT = re.compile(
    r"(?:enable|activ\w{1,4}|requires?|need\w{0,2}|necessite)[^.]{0,30}javascript"
    r"|javascript[^.]{0,30}(?:disabled|desactive|required|requis|necessaire)"
)
_CODE = re.compile(
    r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]*>")
_TITLE = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)
_FIELDS = re.compile(r"<textarea|<input[^<>]*\btype\s*=\s*[\"']?(?:text|email|tel|search)", re.I)


def find_refusal(page: Page) -> str:
    """Why this answer turns us away although it came; "" when it does not."""
    if page.status in _REFUSALS:
        return f"HTTP {page.status}: {_REFUSALS[page.status]}"
    if action := page.headers.get("x-amzn-waf-action", ""):
        return f"AWS WAF {action[:20]}"
    if page.headers.get("cf-mitigated", "").lower() == "challenge":
        return "Cloudflare challenge"
    if page.status == 202 and len(page.body.strip()) < SHORT_ANSWER:
        return "HTTP 202 without content"
    start = page.body[:LOOKED_AT]
    if _is_data(start):
        return ""
    lowered = start.lower()
    if not any(hint in lowered for hint in _HINTS):
        return ""
    return _look_closer(lowered, decode(start, page.charset))


def _is_data(start: bytes) -> bool:
    if start.startswith(_BINARY):
        return True
    return _DATA.match(start) is not None and b"<html" not in start[:1000].lower()


def _look_closer(lowered: bytes, markup: str) -> str:
    without_code = _CODE.sub(" ", markup)
    seen = _words_of(_TITLE.sub(" ", without_code))
    words = len(seen.split())
    if words > SOME_WORDS:
        return ""
    for mark, vendor in _VENDORS:
        if mark in lowered:
            return vendor
    found = _TITLE.search(without_code)
    title = _words_of(found[1]) if found else ""
    if _TITLES.fullmatch(re.sub(r"\W+", " ", title).strip()):
        return f"challenge page: {title[:60]!r}"
    if words > FEW_WORDS or without_code.lower().count("<a ") > FEW_LINKS:
        return ""
    return _judge_few_words(f"{title}. {seen}", lowered, without_code)


def _judge_few_words(seen: str, lowered: bytes, markup: str) -> str:
    if len(_FIELDS.findall(markup)) > 1:
        return ""  # a form, which may well be guarded
    if any(mark in lowered for mark in _CAPTCHAS):
        return "captcha page"
    if match := _SENTENCES.search(seen):
        return f"challenge page: {match[0][:60]!r}"
    if match := _MAINTENANCE.search(seen):
        return f"maintenance page: {match[0][:60]!r}"
    return "page that only works with JavaScript" if _NEEDS_SCRIPT.search(seen) else ""


def _words_of(markup: str) -> str:
    return fold(clean(html.unescape(_TAG.sub(" ", markup))))
