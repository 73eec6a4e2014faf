"""Answers that turn robots away, and pages that only look like them."""

from __future__ import annotations

import gzip
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.base import Page
from spiders.refusals import find_refusal
from tests.spiders.pages import PAGES

URL = "https://www.example.org/"
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
PROSE = "Les entreprises du bâtiment trient sept flux de déchets sur leurs chantiers. "


def html(body: str, title: str = "") -> Page:
    page = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
    return Page(URL, page.encode())


CHALLENGES = {
    "cloudflare": html(
        "<h1>www.example.org</h1><p>Vérification de sécurité en cours</p>"
        "<script>(function(){window._cf_chl_opt={cvId:'3'}})()</script>",
        "Just a moment...",
    ),
    "cloudflare in French": html("<noscript>Activez les cookies</noscript>", "Un instant…"),
    "cloudflare refusal": html(
        "<div id='cf-error-details'><h1>Sorry, you have been blocked</h1></div>",
        "Attention Required! | Cloudflare",
    ),
    "datadome": html(
        "<p>Please enable JS and disable any ad blocker</p><script>var dd={'host':"
        "'geo.captcha-delivery.com'}</script><script src='https://ct.captcha-delivery.com/c.js'>"
        "</script>"
    ),
    "incapsula": html(
        "<iframe src='/_Incapsula_Resource?SWUDNSAI=31'>Request unsuccessful. Incapsula"
        " incident ID: 443000-1</iframe>"
    ),
    "imperva": html("<h1>Pardon Our Interruption</h1>", "Pardon Our Interruption"),
    "akamai": html(
        "<h1>Access Denied</h1>You don't have permission to access this server.<p>Reference #18.4f"
        "<p>https://errors.edgesuite.net/18.4f",
        "Access Denied",
    ),
    "aws": html(
        "<div id='challenge-container'></div><script>AwsWafIntegration.getToken()</script>",
    ),
    "recaptcha": html(
        "<form><p>Confirmez que vous n’êtes pas un robot.</p><div class='g-recaptcha'></div></form>"
    ),
    "hcaptcha": html("<div class='h-captcha' data-sitekey='x'></div>", "Contrôle"),
    "human": html("<p>Vérification que vous &ecirc;tes humain. Cela peut prendre un moment.</p>"),
    "unblocked": html("<p>Request unblocked</p>"),
    "anubis": html(
        "<script id='anubis_challenge'>{}</script>", "Making sure you&#39;re not a bot!"
    ),
    "sucuri": html("<h1>Sucuri WebSite Firewall - Access Denied</h1>"),
    "f5": html(
        "The requested URL was rejected. Please consult with your administrator.<br>Your support ID"
        " is: 1234",
        "Request Rejected",
    ),
    "refused": html("<h1>403</h1>", "403 Forbidden"),
    "refused in French": html("<p>L’accès à ce site vous a été refusé.</p>"),
    "script": html("<noscript>You need to enable JavaScript to run this app.</noscript>"),
    "script in French": html("<p>Veuillez activer JavaScript pour continuer.</p>"),
    "latin": Page(
        URL, "<p>Vérifiez que vous êtes un humain</p>".encode("iso-8859-1"), "iso-8859-1"
    ),
    "empty 202": Page(URL, b"", status=202),
    "short 202": Page(URL, b"<html></html>", status=202),
    "aws header": Page(URL, b"", status=405, headers={"x-amzn-waf-action": "captcha"}),
    "cloudflare header": Page(URL, PROSE.encode(), headers={"cf-mitigated": "challenge"}),
    **{f"status {code}": Page(URL, PROSE.encode(), status=code) for code in (401, 403, 429, 503)},
}


@pytest.mark.parametrize("name", CHALLENGES)
def test_a_refusal_is_known(name: str) -> None:
    assert find_refusal(CHALLENGES[name])


FORM = (
    "<h1>Nous écrire</h1><form><label>Nom</label><input type=text><label>Courriel</label>"
    "<input type='email'><textarea></textarea><div class='g-recaptcha'></div></form>"
)
REAL = {
    "form": html(
        FORM + "<script src='https://www.google.com/recaptcha/api.js'></script>", "Contact"
    ),
    "guarded site": html(
        f"<script src='/cdn-cgi/x'>_Incapsula_Resource; cf_chl_</script><p>{PROSE * 20}</p>",
        "Actualités",
    ),
    "about captchas": html(
        f"<p>{PROSE * 4}La CNIL rappelle comment vérifier qu’un visiteur est un humain et non un"
        f" robot : le captcha. {PROSE * 4}</p>",
        "Captcha et données personnelles",
    ),
    "script wanted": html(f"<noscript>Activez JavaScript</noscript><p>{PROSE * 10}</p>", "Aides"),
    "short news": html(
        "<p>Un robot de tri pour les déchets du bâtiment arrive à Marseille, un instant clé.</p>",
        "Un robot de tri",
    ),
    "refused aid": html(
        "<p>Aide refusée : quels recours pour l’entreprise ?</p>", "Refus d’une aide"
    ),
    "long moment": html(f"<p>{PROSE * 20}</p>", "Un instant"),
    "long 202": Page(URL, (PROSE * 20).encode(), status=202),
    "404": Page(URL, b"<h1>Not found</h1>", status=404),
    "feed": Page(URL, b"<?xml version='1.0'?><rss><title>Just a moment...</title></rss>"),
    "bare feed": Page(URL, b"<rss><title>Access denied</title></rss>"),
    "json": Page(URL, b'{"title": "Access denied"}'),
    "gzip": Page(URL, gzip.compress(b"Access denied")),
    "unknown charset": Page(URL, PROSE.encode(), "x-unknown"),
}


@pytest.mark.parametrize("name", REAL)
def test_a_real_page_is_not_accused(name: str) -> None:
    assert find_refusal(REAL[name]) == ""


def test_recorded_pages_are_not_accused() -> None:
    """Those whose names say so aside."""
    refusals = ("captcha", "refus", "waf", "403", "challenge")
    for path in PAGES.rglob("*.*ml"):
        if not any(word in path.name for word in refusals):
            assert find_refusal(Page(URL, path.read_bytes())) == "", path.name


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")
def test_a_recorded_refusal_is_known() -> None:
    recorded = (CORPUS / "http-refus" / "eurlex_202_empty_waf.txt").read_text()
    head = dict(line.split(": ", 1) for line in recorded.splitlines()[1:] if ": " in line)
    assert find_refusal(Page(URL, b"", status=202, headers=head)) == "AWS WAF challenge"


@given(st.binary(max_size=200), st.text(max_size=20), st.integers(200, 599))
def test_anything_may_come(body: bytes, charset: str, status: int) -> None:
    find_refusal(Page(URL, b"captcha" + body, charset, status))


@pytest.mark.parametrize(
    "piece", ["<", "<script>", "<!--", "<title", "verif ", "enable ", "<input "]
)
def test_a_long_page_costs_little(piece: str) -> None:
    page = Page(URL, b"captcha" + piece.encode() * (10_000_000 // len(piece)))
    started = time.process_time()
    find_refusal(page)
    assert time.process_time() - started < 1
