"""The meaningful text of a page: the same words in another dress give the same text."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hub.changes import diff_words, fingerprint
from hub.errors import EmptySource, ParseError
from spiders.maintext import decode, main_text

ROOT = Path(__file__).resolve().parents[2]

OLD = """<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Prime à la réparation |
Ministère</title><style>p { color: red }</style><script>var jeton = "a1b2";</script></head><body>
<ul class="fr-skiplinks"><li><a href="#contenu">Aller au contenu</a></li></ul>
<header><a href="/">Accueil</a><nav><a href="/aides">Aides</a></nav></header>
<div id="tarteaucitronRoot">Ce site utilise des cookies.</div>
<div class="breadcrumb"><a href="/">Accueil</a> &gt; Aides</div>
<main><h1>Prime à la réparation</h1><p>L'aide est de <b>1&nbsp;801,80 €</b> par appareil.</p>
<h2>Qui est concerné&nbsp;?</h2>
<ul><li>Les ateliers labellisés ;</li><li>les particuliers.</li></ul>
<table><tr><th>Appareil</th><th>Prime</th></tr><tr><td>Lave-linge</td><td>50 €</td></tr></table>
<p>Surface : 10<sup>2</sup> m<sup>2</sup>, au 1<sup>er</sup> mars.<br>Écrire au guichet.</p>
<p hidden>Brouillon</p><span aria-hidden="true">→</span><p style="display: none">Caché</p>
<div class="fr-share"><a href="#">Partager sur LinkedIn</a></div></main>
<aside>À lire aussi</aside><footer>Mentions légales</footer></body></html>"""

NEW = """<html><head><title>Ministère</title></head><body class="refonte">
<div class="bandeau"><form><input name="q"><button>Chercher</button></form></div>
<nav aria-label="vous êtes ici"><ol class="fr-breadcrumb__list"><li>Accueil<li>Aides</ol></nav>
<article class="fr-col-8"><h1>Prime à la réparation</h1>
<div class="chapo">L’aide est de <strong>1\u202f801,80\u00a0€</strong> par appareil.</div>
<section><h3><button class="fr-accordion__btn">QUI EST CONCERNÉ ?</button></h3>
<div><p>• Les ateliers labellisés</p><p>• les particuliers</p></div></section>
<table class="fr-table"><thead><tr><th scope="col">Appareil<th scope="col">Prime</thead>
<tbody><tr><td>Lave-linge</td><td>50&nbsp;€</td></tr></tbody></table>
<p>Surface : 10² m², au 1ᵉʳ mars.</p><p>Écrire au guichet.</p>
<p>Mis à jour le 3 mars 2026 - 120 consultations</p>
<aside><h4>À lire aussi</h4><a href="/1">Une autre aide</a> <a href="/2">Encore une</a></aside>
</article><div class="pied">Suivez-nous sur LinkedIn</div></body></html>"""


def read(markup: str, **options: object) -> tuple[str, str]:
    return main_text(markup.encode(), "utf-8", **options)  # type: ignore[arg-type]


def test_the_text_is_in_plain_paragraphs() -> None:
    title, text = read(OLD)
    assert title == "Prime à la réparation"
    assert text.split("\n\n") == [
        "Prime à la réparation",
        "L'aide est de 1 801,80 € par appareil.",
        "Qui est concerné ?",
        "Les ateliers labellisés ;",
        "les particuliers.",
        "Appareil | Prime",
        "Lave-linge | 50 €",
        "Surface : 10² m2, au 1er mars.",
        "Écrire au guichet.",
    ]


def test_a_redesign_that_keeps_the_words_changes_nothing() -> None:
    assert fingerprint(read(OLD)[1]) == fingerprint(read(NEW)[1])


def test_one_amount_is_seen_through_a_redesign() -> None:
    after = read(NEW.replace("801,80", "823,03"))[1]
    shown = [(s.op.value, s.text.strip()) for s in diff_words(read(OLD)[1], after)]
    assert ("retrait", "1\u00a0801,80\u00a0€") in shown
    assert ("ajout", "1\u00a0823,03\u00a0€") in shown


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<main><p>Rien</p></main><article>" + "Le vrai texte. " * 5 + "</article>", "Le vrai"),
        ("<div id=content><p>" + "Dans le contenu. " * 5 + "</p></div><p>pied", "Dans le contenu."),
        ("<div role=main><p>" + "Dans le rôle. " * 5 + "</p></div><p>pied", "Dans le rôle."),
        ("<article>Un</article><article>Deux</article>", "Un\n\nDeux"),
        ("<header>Haut</header><p>Le texte</p><footer>Bas</footer>", "Le texte"),
        ("<form id=aspnet><h1>Titre</h1><p>Le texte</p></form>", "Titre\n\nLe texte"),
        ("<section id='partage-de-la-valeur'><p>La prime</p></section>", "La prime"),
        ("<table><tr><td><table><tr><td>a<td>b</table><td><h2>c</h2></table>", "a | b\n\nc"),
        ("<p>un<p>deux<script>x</script> trois<!-- quatre -->", "un\n\ndeux trois"),
        ("<div hidden=until-found>replié</div>", "replié"),
        ("<p>L<span>’</span>aide<b> :</b> 5 &lt; 6", "L’aide : 5 < 6"),
        ("", ""),
        ("<!-- rien -->", ""),
        ("texte sans balise", "texte sans balise"),
    ],
)
def test_where_the_text_is(markup: str, text: str) -> None:
    assert read(markup)[1].startswith(text)


def test_a_selector_says_where_the_text_is() -> None:
    page = "<main>Autour</main><div class=a><p>Un</p></div><div class=a>Deux <i>trois</i></div>"
    assert read(page, main=".a")[1] == "Un\n\nDeux trois"
    assert read(page, main=".a", drop=["i", ".absent"])[1] == "Un\n\nDeux"
    assert read("<div class=a>x<div class=a>y</div></div>", main=".a")[1] == "x\n\ny"


@pytest.mark.parametrize("markup", [OLD, "", "<!-- -->"])
def test_a_selector_that_finds_nothing_tells_a_changed_layout(markup: str) -> None:
    with pytest.raises(EmptySource, match="no element found by '#corps'"):
        read(markup, main="#corps")


def test_a_selector_that_is_no_selector_is_told() -> None:
    with pytest.raises(ParseError, match="selector not understood"):
        read(OLD, main="p::nothing(")


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("é€".encode("windows-1252"), "iso-8859-1"),
        ("é€".encode("windows-1252"), ""),
        ("é€".encode(), "no-such-charset"),
        ("é€".encode(), "punycode"),
        ("\ufeffé€".encode(), "iso-8859-1"),
        ("\ufeffé€".encode("utf-16-le"), "utf-8"),
        ("<meta charset='utf-8'>é€".encode(), ""),
    ],
)
def test_the_charset_is_the_one_that_reads(body: bytes, charset: str) -> None:
    assert decode(body, charset).endswith("é€")


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("<div>" * 100_000, "too deep"),
        ("<p>" * 100_001, "tags"),
        ("<p " + "a=1 " * 900 + ">" * 1, None),
        (("<p " + "a=1 " * 900 + ">") * 800, "characters of tags"),
        ("x" * 8_000_001, "characters"),
    ],
    ids=["deep", "tags", "attributes", "attributes-everywhere", "long"],
)
def test_markup_beyond_a_page_is_refused(markup: str, reason: str | None) -> None:
    if reason is None:
        assert read(markup) == ("", "")
        return
    with pytest.raises(ParseError, match=reason):
        read(markup)


GARBAGE = """
import random, resource, time
from spiders.maintext import main_text
from hub.errors import ParseError

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

noise = random.Random(0).randbytes
before, slowest = peak(), 0.0
for make in (
    lambda: b"<div>" * 100_000 + b"x",
    lambda: b"<p>" * 6_000_000,
    lambda: b"<p a=1 b=2 c=3>x" * 90_000,
    lambda: b"<p " + b" ".join(b"a%x" % n for n in range(300_000)) + b">x",
    lambda: (b"<p " + b" ".join(b"a%x" % n for n in range(600)) + b">x") * 600,
    lambda: b"\\0" * 7_000_000,
    lambda: b"<b hidden>x</b>y" * 45_000,
    lambda: b"<div>" * 200 + b"<button>a</button>" * 45_000,
    lambda: b"<table>" + b"<tr><td>a<td>b" * 30_000,
    lambda: b"&#x10FFFF;" * 700_000,
    lambda: noise(20_000_000),
    lambda: noise(7_000_000),
):
    body, started = make(), time.process_time()
    try:
        main_text(body, "", main=None, drop=("i",))
    except ParseError:
        pass
    slowest = max(slowest, time.process_time() - started)
print(slowest, peak() - before)
"""


def test_garbage_costs_little() -> None:
    done = subprocess.run(  # its own process: what the parser takes is seen only from outside
        [sys.executable, "-c", GARBAGE], capture_output=True, text=True, check=True, cwd=ROOT
    )
    seconds, megabytes = (float(word) for word in done.stdout.split())
    assert seconds < 5
    assert megabytes < 150 + 20  # with the garbage itself
