from __future__ import annotations

import base64
import os
import quopri
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import ParseError, SourceError
from hub.model import Mention, Pace, Source, SourceKind
from hub.sources import MailboxOptions
from spiders.base import Page
from spiders.letters import is_more
from spiders.mail import parse_mail
from spiders.mailbox import LARGEST, MailboxKind, is_from, parse_letter, parse_place
from spiders.mailkeep import head_of, keep_letter
from tests.imap import PASSWORD, USER, Post, make_certificate, serve_mail
from tests.spiders.memory import FakeMemory

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "email"
NOW = datetime(2026, 9, 7, 6, 30, tzinfo=UTC)
SENDER = "lettre@artisanat.example"
OPTIONS = MailboxOptions(senders=(SENDER,))

NEWSLETTER = """<html><head><title>Lettre</title><style>a { color: red }</style></head><body>
<p>Bonjour Camille Dupont,
<a href="https://m.artisanat.example/v/abc">Voir la version en ligne</a></p>
<img src="https://m.artisanat.example/open.gif?u=veille%40hub.example" alt="">
<table><tr><td>
<h2>La reprise des déchets du bâtiment change en 2027</h2>
<p>Les artisans du bâtiment devront trier sept flux de déchets.</p>
<p><a href="https://veille.artisanat.example/dechets.html?utm_source=lettre&amp;utm_medium=mail"
style="color:red" id="u-98765">Lire la suite</a></p>
</td></tr><tr><td>
<a href="https://veille.artisanat.example/aides.html"><img src="/i/98765.png" alt="Photo"></a>
<h3><a href="https://veille.artisanat.example/aides.html">Une aide pour rénover son atelier</a></h3>
<p>La Région ouvre un appel à projets jusqu'au 30 octobre.</p>
</td></tr><tr><td>
<p>À lire aussi : <a href="https://clic.example/t/98765/1">le guide complet de la facture
électronique</a>, publié cet été par le ministère.</p>
<p><a href="https://veille.artisanat.example/">Accueil</a></p>
</td></tr></table>
<p><a href="https://www.linkedin.com/company/artisanat">Suivez nos actualités sur LinkedIn</a>
<a href="mailto:contact@artisanat.example">Écrivez-nous pour toute question sur la lettre</a></p>
<p>Cette lettre a été envoyée à veille@hub.example.
<a href="https://m.artisanat.example/q/98765">Cliquez ici pour vous désinscrire de cette lettre</a>
<a href="https://m.artisanat.example/unsubscribe?u=98765">Ne plus recevoir nos messages du lundi</a>
<a href="https://m.artisanat.example/p/98765">Gérer mes préférences pour cette lettre</a></p>
</body></html>"""


def letter(
    html: str = NEWSLETTER,
    *,
    sender: str = f"Veille Artisanat <{SENDER}>",
    subject: str = "Veille Artisanat n° 12 : déchets et aides",
    name: str = "12@artisanat.example",
    when: str = "Mon, 07 Sep 2026 00:30:00 +0200",
    text: str = "Version texte de la lettre.",
    **headers: str,
) -> bytes:
    message = EmailMessage()
    message["Received"] = "from mx (1.2.3.4) by hub for <veille@hub.example>; Mon, 7 Sep 2026"
    message["Delivered-To"] = "veille@hub.example"
    message["From"] = sender
    message["To"] = "Camille Dupont <veille@hub.example>"
    message["Cc"] = "collegue@hub.example"
    message["Subject"] = subject
    message["Date"] = when
    message["Message-ID"] = f"<{name}>"
    message["List-Unsubscribe"] = "<https://m.artisanat.example/unsubscribe?u=98765>"
    message["X-Subscriber-Id"] = "98765"
    for header, value in headers.items():
        message[header.replace("_", "-")] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message.as_bytes()


def read(raw: bytes, options: MailboxOptions = OPTIONS) -> dict[str, Mention]:
    reading = parse_letter(raw, "veille", "mid:x", options)
    return {mention.key: mention for mention in reading.mentions}


# --- What a letter says --------------------------------------------------------------------------


def test_each_link_that_says_something_is_a_mention() -> None:
    found = read(letter())
    assert {url: m.title for url, m in found.items()} == {
        "https://veille.artisanat.example/dechets.html": (
            "La reprise des déchets du bâtiment change en 2027"
        ),
        "https://veille.artisanat.example/aides.html": "Une aide pour rénover son atelier",
        "https://clic.example/t/98765/1": "le guide complet de la facture électronique",
    }
    dechets, aides, guide = found.values()
    assert dechets.summary == "Les artisans du bâtiment devront trier sept flux de déchets."
    assert aides.summary == "La Région ouvre un appel à projets jusqu'au 30 octobre."
    assert guide.summary.startswith("À lire aussi : le guide complet")
    assert {m.published_on for m in found.values()} == {date(2026, 9, 7)}  # in Paris
    assert {m.rubrique for m in found.values()} == {"Veille Artisanat n° 12 : déchets et aides"}
    assert all(m.key == m.url for m in found.values())


def test_short_links_are_left() -> None:
    few = MailboxOptions(senders=(SENDER,), min_words=8)
    assert [m.title[:10] for m in read(letter(), few).values()] == ["La reprise"]
    many = MailboxOptions(senders=(SENDER,), min_words=1)
    assert "https://veille.artisanat.example/" in read(letter(), many)


def test_the_whole_letter_may_be_one_mention() -> None:
    options = MailboxOptions(senders=(SENDER,), whole=True)
    (mention,) = read(letter(), options).values()
    assert (mention.key, mention.url) == ("mid:x", "mid:x")
    assert mention.title == "Veille Artisanat n° 12 : déchets et aides"
    assert "sept flux de déchets" in mention.text


def test_a_letter_in_plain_text_is_read() -> None:
    text = (
        "Une aide pour rénover son atelier :\nhttps://veille.artisanat.example/aides.html?xtor=1\n\n"
        "Pour vous désinscrire de cette lettre : https://m.artisanat.example/q/98765\n"
    )
    found = read(letter("", text=text))
    assert {url: m.title for url, m in found.items()} == {
        "https://veille.artisanat.example/aides.html": "Une aide pour rénover son atelier"
    }


@pytest.mark.parametrize(
    "words",
    [
        "Lire la suite",
        "LIRE L’ARTICLE",
        "En savoir plus >",
        "» Cliquez ici",
        "Découvrir",
        "ici",
        "",
        "Pour en savoir +",
        "Consulter le dossier complet",
        "Je découvre",
        "Lire l'article en entier",
    ],
)
def test_words_that_say_nothing(words: str) -> None:
    assert is_more(words)


@pytest.mark.parametrize(
    "words",
    [
        "Découvrir les aides à la rénovation",
        "Lire le décret du 25 août",
        "Suite à la réforme du tri",
    ],
)
def test_words_that_say_something(words: str) -> None:
    assert not is_more(words)


@pytest.mark.parametrize("html", ["<p>Bonjour à tous nos lecteurs</p>", "<p></p>", "<!-- rien -->"])
def test_a_letter_that_leads_nowhere_is_a_trouble(html: str) -> None:
    with pytest.raises(ParseError):
        read(letter(html, text=" "))


# --- What is kept --------------------------------------------------------------------------------


def test_nothing_kept_tells_who_received_it() -> None:
    kept = keep_letter(letter(X_Mailer="98765")).decode()
    secrets = (
        "veille@hub",
        "veille%40hub",
        "collegue@",
        "dupont",
        "open.gif",
        "u-98765",
        "98765.png",
    )
    headers = ("received:", "delivered-to:", "\nto:", "\ncc:", "\nx-", "list-unsubscribe")
    links = ("unsubscribe", "/q/98765", "/p/98765", "désinscrire", "/v/abc")
    for words in (*secrets, *headers, *links):
        assert words not in kept.lower()
    assert "1.2.3.4" not in kept
    # The address of a click counter is the only way to its page: it stays as it is written.
    assert kept.count("98765") == 1


def test_what_is_kept_says_the_same() -> None:
    kept = keep_letter(letter())
    assert read(kept) == read(letter())
    assert keep_letter(kept) == kept
    assert head_of(parse_mail(kept)) == head_of(parse_mail(letter()))


def test_an_address_in_a_link_is_masked() -> None:
    html = (
        '<a href="https://a.example/p?m=Veille@hub.example&n=veille%40hub.example">Une aide pour '
        "rénover son atelier</a>"
    )
    assert b"hub.example" not in keep_letter(letter(html))


def disguises(told: str) -> dict[str, str]:
    """An address inside other words, as links carry it."""
    packed = base64.b64encode(told.encode()).decode()
    percents = "".join(f"%{byte:02x}" for byte in told.encode())
    return {
        "base64": packed,
        "base64 unpadded": packed.rstrip("="),
        "base64 url-safe": base64.urlsafe_b64encode(told.encode()).decode().rstrip("="),
        "base64 percent": quote(packed, safe=""),
        "base64 of percent": base64.b64encode(quote(told).encode()).decode(),
        "hexadecimal": told.encode().hex(),
        "HEXADECIMAL": told.encode().hex().upper(),
        "percent": percents,
        "PERCENT": percents.upper(),
        "percent twice": quote(percents),
        "bounce": told.replace("@", "="),
    }


@pytest.mark.parametrize("form", list(disguises("")))
@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_an_address_in_disguise_is_masked(form: str, case: Callable[[str], str]) -> None:
    title = "Une aide pour rénover son atelier"
    told = case("veille@hub.example")
    for around, place in product(
        ("{}", "e={}&n=12", "a{}~?", "ab{}>>"), ("?m={}&x=1", "p/{}/x", "p-{}")
    ):
        hidden = disguises(around.format(told))[form]
        link = f"https://a.example/{place.format(hidden)}"
        html = f'<p><a href="{link}">{title}</a></p>'
        for raw in (letter(html), letter("", text=f"{title} : {link}")):
            kept = keep_letter(raw).decode()
            assert hidden[6:18] not in kept
            assert [m.title for m in read(kept.encode()).values()] == [title]
            assert all(key.startswith("https://a.example/") for key in read(kept.encode()))


def test_other_encoded_words_stay() -> None:
    words = ("Y29udGFjdEBhcnRpc2FuYXQuZXhhbXBsZQ", "636f6e74616374406172746973616e6174", "a%20b%C3")
    link = f"https://a.example/{'/'.join(words)}"
    kept = keep_letter(letter(f'<p><a href="{link}">Une aide pour rénover son atelier</a></p>'))
    assert link.encode() in kept


GOOD = '<p><a href="https://a.example/aide">Une aide pour rénover son atelier</a></p>'
LEAVE = '<a href="https://a.example/q/98765">cliquez sur ce lien ci-dessous</a>'


@pytest.mark.parametrize(
    "block",
    [
        "<p>Si vous ne souhaitez plus recevoir cette lettre, {}.</p>",
        "<p>Si vous ne souhaitez\nplus recevoir cette lettre,<br>{}</p>",
        "<table><tr><td>Vous <b>ne souhaitez</b> plus nous lire ?<br><br>{}</td></tr></table>",
        "<table><tr><td><p>Pour vous désinscrire :</p><p>{}</p></td></tr></table>",
        "<div>{}<br>pour vous désabonner</div>",
        "<p>Se dés<i>inscrire</i> : {}</p>",
        "<p>To unsubscribe, {}</p>",
        "<p>DÉSINSCRIPTION : <span>{}</span></p>",
        f"<div>Pour vous désinscrire, {{}}<br>{'mot ' * 300}</div>",
    ],
)
def test_a_link_to_leave_is_known_by_what_stands_around(block: str) -> None:
    raw = letter(GOOD + block.format(LEAVE))
    kept = keep_letter(raw)
    assert b"98765" not in kept
    assert list(read(raw)) == list(read(kept)) == ["https://a.example/aide"]
    assert keep_letter(kept) == kept


@pytest.mark.parametrize(
    "paragraph",
    [
        "Vous ne souhaitez plus recevoir cette lettre ? Suivez donc ce lien :\n{}",
        "Suivez donc tous ce lien :\n{}\npour vous désabonner",
        "Suivez donc tous ce lien {} pour vous désabonner " + "mot " * 300,
    ],
)
def test_a_link_to_leave_is_known_in_plain_text(paragraph: str) -> None:
    link = "https://a.example/q/98765"
    text = f"{TITLE} :\n{LINK}\n\n{paragraph.format(link)}"
    raw = letter("", text=text)
    kept = keep_letter(raw)
    assert b"98765" not in kept
    assert list(read(raw)) == list(read(kept)) == [LINK]


def test_a_letter_all_in_one_cell_keeps_its_links() -> None:
    cell = f"{GOOD[3:-4]}<br>{'mot ' * 200}<br>Pour vous désinscrire, {LEAVE}"
    raw = letter(f"<table><tr><td>{cell}</td></tr></table>")
    assert list(read(keep_letter(raw))) == ["https://a.example/aide"]


def test_many_links_in_one_cell_do_not_slow_the_reading() -> None:
    links = '<a href="https://a.example/1">Un lien de plus ici</a> ' * 15_000
    raw = letter(f"<table><tr><td>{'mot ' * 100_000}{links}</td></tr></table>")
    started = time.process_time()
    assert len(read(keep_letter(raw))) == 1
    assert time.process_time() - started < 15


def test_the_name_of_the_letter_is_not_that_of_a_recipient() -> None:
    raw = (
        f"From: Veille Artisanat <{SENDER}>\nTo: Veille Artisanat <{SENDER}>\n"
        f"Subject: Veille Artisanat\n\nVeille Artisanat, {SENDER}"
    ).encode()
    kept = keep_letter(raw).decode()
    assert kept.count("Veille Artisanat") == 1
    assert kept.count(SENDER) == 2
    assert head_of(parse_mail(kept.encode())).subject == "Veille Artisanat"


def test_a_crowd_of_recipients_does_not_slow_the_reading() -> None:
    crowd = ", ".join(f"abonne{n}@hub.example" for n in range(20_000))
    text = "abonne5@hub.example " * 20_000
    raw = f"Delivered-To: moi@hub.example\nFrom: {SENDER}\nTo: {crowd}\n\n{text} moi@hub.example"
    kept = keep_letter(raw.encode()).decode()
    assert "moi@hub.example" not in kept
    assert "abonne5@" not in kept


def test_an_id_that_tells_the_recipient_is_not_kept() -> None:
    raw = letter(name="bounce-veille@hub.example")
    head = head_of(parse_mail(raw))
    assert "hub.example" not in head.url
    assert b"bounce-veille@hub.example" not in keep_letter(raw)
    assert head_of(parse_mail(letter(name="other@artisanat.example"))).url == (
        "mid:other@artisanat.example"
    )


# --- Who sent it ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "is_theirs"),
    [
        (SENDER, True),
        (f"Veille <{SENDER.upper()}>", True),
        (f'"Veille, la lettre" <{SENDER}>', True),
        (f'"{SENDER}" <evil@evil.example>', False),
        (f"{SENDER} <evil@evil.example>", False),
        (f"evil@evil.example, {SENDER}", False),
        (f"{SENDER}, evil@evil.example", False),
        (f"{SENDER}.evil.example", False),
        (f"<{SENDER}> evil@evil.example", False),
        ("lettre@news.artisanat.example", False),
        ("", False),
    ],
)
def test_only_the_address_of_the_sender_counts(written: str, is_theirs: bool) -> None:
    raw = f"From: {written}\nSubject: Une lettre\n\nBonjour".encode()
    assert is_from(head_of(parse_mail(raw)).sender, (SENDER,)) == is_theirs


def test_two_senders_are_none() -> None:
    raw = f"From: {SENDER}\nFrom: evil@evil.example\n\nBonjour".encode()
    assert head_of(parse_mail(raw)).sender == ""


def test_a_domain_is_not_its_subdomains() -> None:
    assert is_from("autre@artisanat.example", ("@artisanat.example",))
    assert not is_from("autre@news.artisanat.example", ("@artisanat.example",))
    assert not is_from("autre@fauxartisanat.example", ("@artisanat.example",))


@pytest.mark.parametrize("sender", ["artisanat.example", "a@b c", 'a@b"', "a b@c.example", "@"])
def test_senders_are_addresses_or_domains(sender: str) -> None:
    with pytest.raises(ValueError, match="senders"):
        MailboxOptions(senders=(sender,))


# --- Broken and hostile mail ---------------------------------------------------------------------

LINK = "https://veille.artisanat.example/dechets.html"
TITLE = "La « reprise » des déchets dès août"


@pytest.mark.parametrize(
    ("charset", "encoding", "declared"),
    [
        ("utf-8", "base64", "utf-8"),
        ("utf-8", "quoted-printable", "UTF-8"),
        ("iso-8859-1", "quoted-printable", "iso-8859-1"),
        ("cp1252", "8bit", "windows-1252"),
        ("cp1252", "8bit", ""),
        ("utf-8", "8bit", ""),
        ("utf-8", "8bit", "x-unknown"),
        ("utf-8", "base64", "rot13"),
        ("cp1252", "8bit", "us-ascii"),
    ],
)
def test_charsets_and_encodings(charset: str, encoding: str, declared: str) -> None:
    body = f'<p><a href="{LINK}">{TITLE}</a></p>'.encode(charset)
    encoders: dict[str, Callable[[bytes], bytes]] = {
        "base64": base64.encodebytes,
        "quoted-printable": quopri.encodestring,
        "8bit": bytes,
    }
    encoded = encoders[encoding](body)
    parameter = f"; charset={declared}" if declared else ""
    head = (
        f"From: {SENDER}\nSubject: Lettre\nContent-Type: text/html{parameter}\n"
        f"Content-Transfer-Encoding: {encoding}\n\n"
    )
    raw = head.encode() + encoded
    assert [m.title for m in read(raw).values()] == [TITLE]
    assert read(keep_letter(raw)) == read(raw)


def test_parts_inside_parts() -> None:
    outer = EmailMessage()
    outer["From"], outer["Subject"] = SENDER, "Lettre"
    outer.set_content("texte")
    outer.add_alternative(f'<a href="{LINK}">{TITLE}</a>', subtype="html")
    outer.get_payload()[1].add_related(b"GIF", "image", "gif")  # type: ignore[index, union-attr]
    outer.add_attachment("<a href='https://evil.example/'>Un document joint à cette lettre</a>")
    attached = EmailMessage()
    attached.set_content("https://evil.example/ Une autre lettre jointe à celle-ci")
    outer.add_attachment(attached)
    assert list(read(outer.as_bytes())) == [LINK]


def nested(depth: int) -> bytes:
    openings = "".join(
        f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(depth)
    )
    return f"From: {SENDER}\n{openings}Content-Type: text/plain\n\n{TITLE} {LINK}\n".encode()


def test_parts_without_end_are_not_followed() -> None:
    assert list(read(nested(15))) == [LINK]
    for depth in (40, 3_000):
        with pytest.raises(ParseError):
            read(nested(depth))


@pytest.mark.parametrize(
    "subject",
    [
        "Lettre\n\tTo: evil",
        "=?utf-8?q?Lettre=0ATo:_evil@evil.example=0A=0A<b>?=",
        "=?x-no?q?a=ff?=",
        "=?utf-8?b?!!!!?=",
        f"=?utf-8?q?{'a' * 500}",
        "\x00\x07Lettre",
    ],
)
def test_a_subject_never_adds_a_header(subject: str) -> None:
    raw = f"From: {SENDER}\nSubject: {subject}\n\nBonjour {LINK}".encode()
    message = parse_mail(keep_letter(raw))
    assert set(message.keys()) <= {
        *("From", "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding")
    }
    assert "\n" not in head_of(message).subject


@pytest.mark.parametrize("charset", ["utf-8", "cp1252"])
def test_a_subject_that_was_not_encoded_is_read(charset: str) -> None:
    raw = f"From: {SENDER}\nSubject: Déchets: l’été\n\nBonjour".encode(charset)
    assert head_of(parse_mail(raw)).subject == "Déchets: l’été"
    assert head_of(parse_mail(keep_letter(raw))).subject == "Déchets: l’été"


def test_a_subject_of_100_kilobytes_is_cut() -> None:
    raw = letter(subject="mot " * 25_000)
    assert len(head_of(parse_mail(raw)).subject) <= 1_000
    assert all(len(m.rubrique) <= 1_000 for m in read(raw).values())
    assert len(keep_letter(raw)) < 20_000


@pytest.mark.parametrize(
    "when",
    ["", "hier", "Mon, 99 Sep 2026", "Mon, 07 Sep 9999999 08:00:00 +0200", "7 Sep 1026 08:00"],
)
def test_a_date_that_is_none(when: str) -> None:
    raw = f"From: {SENDER}\nDate: {when}\n\n{TITLE} {LINK}".encode()
    assert [m.published_on for m in read(raw).values()] == [None]


@pytest.mark.parametrize(
    "html",
    [
        f'<a href="{LINK}">{TITLE}',
        f'<a href="{LINK}">{TITLE}<a href="https://b.example">Un autre lien dans un lien</a></a>',
        f'<table><a href="{LINK}"><tr><td><p>{TITLE}</p></td></tr></a></table>',
        f'<script>x</script><p hidden>{"<div>" * 100}</p><a href="{LINK}">{TITLE}</a>',
        f'\x00<!DOCTYPE x [<!ENTITY a "b">]><a href="{LINK}">{TITLE}</a>&a;',
        f'<a href="javascript:alert(1)">Un lien qui est dangereux</a><a href="{LINK}">{TITLE}</a>',
        f'<a href="https://[::1">Un lien qui est mal formé</a><a href="{LINK}">{TITLE}</a>',
        f'<a href="https://a.example/{"x" * 5_000}">Un long lien</a><a href="{LINK}">{TITLE}</a>',
    ],
)
def test_broken_html_is_read(html: str) -> None:
    found = read(letter(html))
    assert found[LINK].title == TITLE
    assert set(found) <= {LINK, "https://b.example/"}


def test_html_that_is_too_deep_leaves_the_plain_text() -> None:
    raw = letter("<div>" * 5_000 + "Un texte", text=f"{TITLE} : {LINK}")
    assert read(raw)[LINK].title == TITLE
    assert read(keep_letter(raw)) == read(raw)


@given(st.binary(max_size=400))
def test_any_bytes_are_kept_or_refused(raw: bytes) -> None:
    for message in (raw, b"From: a@b.example\nContent-Type: text/html\n\n" + raw):
        try:
            again = keep_letter(keep_letter(message))
            read(message)
            assert b"\0" not in again
        except ParseError:
            continue


@given(
    local=st.from_regex(r"[a-z][a-z0-9.+_-]{2,20}[a-z]", fullmatch=True),
    before=st.text(max_size=20),
    after=st.text(max_size=20),
)
def test_the_recipient_is_masked_wherever_it_is_written(
    local: str, before: str, after: str
) -> None:
    address = f"{local}@hub.example"
    raw = (
        f"From: {SENDER}\nTo: {address}\nContent-Type: text/plain; charset=utf-8\n\n"
        f"{before} {address} {quote(address)} {address.upper()} {after}"
    ).encode("utf-8", "replace")
    kept = keep_letter(raw).decode().lower()
    assert address not in kept
    assert quote(address, safe="") not in kept


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the recorded messages are not on this machine")
def test_recorded_messages_are_kept_or_refused() -> None:
    files = sorted(CORPUS.rglob("*.eml"))
    assert files
    for path in files:
        raw = path.read_bytes()
        keep_letter(keep_letter(raw))
        for options in (OPTIONS, MailboxOptions(senders=(SENDER,), whole=True)):
            try:
                read(raw, options)
            except ParseError:
                continue


# --- Where it is ---------------------------------------------------------------------------------


def make_kind(secret: str, memory: FakeMemory | None = None, **options: Any) -> MailboxKind:
    source = Source(
        id="veille",
        name="Veille Artisanat",
        publisher="CMA",
        kind=SourceKind.MAILBOX,
        url="https://veille.artisanat.example/",
        rhythm=timedelta(hours=1),
        pace=Pace(timedelta(), timedelta()),
        licence="accord du partenaire",
        evidence="test",
        credentials="VEILLE",
        official=False,
        options={"senders": [SENDER, "@partenaire.example"], **options},
    )
    kind = MailboxKind(source, memory or FakeMemory(NOW))
    kind.memory.secret = secret  # type: ignore[attr-defined]
    kind.timeout = 5
    return kind


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "veille",
        "https://a.example/",
        "imaps://host/INBOX",
        "imaps://user@host/INBOX",
        "maildir:x",
        "imaps://us%0Aer:top-secret@host/INBOX",
        "imaps://é:top-secret@h/INBOX",
        "imaps://u:p@h:x/",
        "maildir://host/path",
        "imaps://u:top-secret@h/IN%0d%0aBOX",
        "imap://u:top-secret@mail.example/",
    ],
)
def test_a_secret_of_another_form_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(SourceError) as caught:
        list(make_kind(secret).fetch())
    assert "top-secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_place_is_read_and_never_shown() -> None:
    place = parse_place("imaps://veille%40hub.example:p%40ss%2Fword@mail.example:1993/Lettres/CMA")
    assert (place.user, place.password, place.port) == ("veille@hub.example", "p@ss/word", 1993)
    assert place.folder == "Lettres/CMA"
    assert "p@ss" not in repr(place)
    assert (parse_place("imaps://u:p@h").port, parse_place("imaps://u:p@h").folder) == (
        993,
        "INBOX",
    )


LETTERS = [
    letter(name="1@artisanat.example", subject="Première lettre"),
    letter(name="2@x.example", sender="quelqu.un@ailleurs.example", subject="Message privé"),
    letter(name="3@artisanat.example", subject="Deuxième lettre"),
    letter(name="4@x.example", sender=f'"{SENDER}" <evil@evil.example>', subject="Faux"),
    letter(name="5@partenaire.example", sender="a@partenaire.example", subject="Partenaire"),
    letter(name="6@x.example", sender="a@sous.partenaire.example", subject="Sous-domaine"),
]


def write_maildir(folder: Path, messages: list[bytes]) -> Path:
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, message in enumerate(messages):
        path = folder / ("cur" if number % 2 else "new") / f"{number}.hub"
        path.write_bytes(message)
        when = NOW.timestamp() - 3600 * (len(messages) - number)
        os.utime(path, (when, when))
    return folder


@contextmanager
def mailbox_of(
    scheme: str, folder: Path, messages: list[bytes]
) -> Iterator[tuple[str, Post | None]]:
    """A real mailbox that holds these messages, and the secret that names it."""
    with ExitStack() as stack:
        if scheme == "maildir":
            yield f"maildir://{write_maildir(folder / 'Maildir', messages)}", None
            return
        post = stack.enter_context(serve_mail(folder, messages))
        yield imap_secret(post), post


def imap_secret(post: Post, scheme: str = "imap", password: str = PASSWORD) -> str:
    host = "127.0.0.1" if scheme == "imap" else "localhost"
    return f"{scheme}://{quote(USER, safe='')}:{quote(password, safe='')}@{host}:{post.port}/INBOX"


def subjects(pages: list[Page]) -> list[str]:
    return [head_of(parse_mail(page.body)).subject for page in pages]


@pytest.mark.parametrize("scheme", ["imap", "maildir"])
def test_only_the_letters_of_the_senders_are_brought(scheme: str, tmp_path: Path) -> None:
    with mailbox_of(scheme, tmp_path, LETTERS) as (secret, post):
        kind = make_kind(secret)
        pages = list(kind.fetch())
        assert subjects(pages) == ["Première lettre", "Deuxième lettre", "Partenaire"]
        assert pages[0].url == "mid:1@artisanat.example"
        assert not any(b"hub.example" in page.body for page in pages)
        assert len(kind.read(pages[0]).mentions) == 3
        if post:
            sent = " ".join(post.commands())
            # Nothing was marked as read, moved or deleted; what is not theirs was not fetched.
            assert "EXAMINE" in sent
            assert not any(word in sent for word in ("SELECT", "STORE", "EXPUNGE", "BODY[", "COPY"))
            assert sent.count("BODY.PEEK[]") == 3
            assert "SINCE 08-Aug-2026" in sent


@pytest.mark.parametrize("scheme", ["imap", "maildir"])
def test_known_letters_are_not_brought_again(scheme: str, tmp_path: Path) -> None:
    with mailbox_of(scheme, tmp_path, LETTERS) as (secret, post):
        known = {page.url: page.body for page in make_kind(secret).fetch()}
        memory = FakeMemory(NOW, bodies={url: known[url] for url in list(known)[:2]})
        assert subjects(list(make_kind(secret, memory).fetch())) == ["Partenaire"]
        if post:
            assert " ".join(post.commands()).count("BODY.PEEK[]") == 4


@dataclass(slots=True)
class Tried(FakeMemory):
    """One in which every letter was brought once, and only those of `bodies` read."""

    def was_captured(self, url: str) -> bool:
        return True


@pytest.mark.parametrize("scheme", ["imap", "maildir"])
def test_a_letter_that_could_not_be_read_is_tried_again(scheme: str, tmp_path: Path) -> None:
    with mailbox_of(scheme, tmp_path, LETTERS) as (secret, _):
        memory = Tried(
            NOW, bodies={"mid:1@artisanat.example": b"", "mid:5@partenaire.example": b""}
        )
        assert subjects(list(make_kind(secret, memory).fetch())) == ["Deuxième lettre"]


@pytest.mark.parametrize("scheme", ["imap", "maildir"])
def test_the_newest_come_first_when_there_are_too_many(scheme: str, tmp_path: Path) -> None:
    many = [letter(name=f"{n}@artisanat.example", subject=f"Lettre {n}") for n in range(60)]
    with mailbox_of(scheme, tmp_path, many) as (secret, _):
        pages = list(make_kind(secret, max_messages=3).fetch())
        assert subjects(pages) == ["Lettre 57", "Lettre 58", "Lettre 59"]
        known = {f"mid:{n}@artisanat.example": b"" for n in range(4, 60)}
        memory = FakeMemory(NOW, bodies=known)
        pages = list(make_kind(secret, memory, max_messages=3).fetch())
        assert subjects(pages) == ["Lettre 1", "Lettre 2", "Lettre 3"]


@pytest.mark.parametrize("scheme", ["imap", "maildir"])
def test_a_letter_that_is_too_large_is_said_and_not_read(scheme: str, tmp_path: Path) -> None:
    large = letter("<p>" + "mot " * (LARGEST // 4) + "</p>")
    with mailbox_of(scheme, tmp_path, [large, LETTERS[0]]) as (secret, post):
        kind = make_kind(secret)
        pages = list(kind.fetch())
        assert len(pages[0].body) < 1_000
        reading = kind.read(pages[0])
        assert reading.mentions == ()
        assert "only its head was kept" in reading.troubles[0]
        assert subjects(pages) == ["Veille Artisanat n° 12 : déchets et aides", "Première lettre"]
        if post:
            assert " ".join(post.commands()).count("BODY.PEEK[]") == 1


@pytest.mark.parametrize("scheme", ["imap", "maildir"])
def test_an_empty_mailbox_brings_nothing(scheme: str, tmp_path: Path) -> None:
    with mailbox_of(scheme, tmp_path, []) as (secret, _):
        assert list(make_kind(secret).fetch()) == []


def test_a_maildir_is_left_as_it_is(tmp_path: Path) -> None:
    folder = write_maildir(tmp_path / "Maildir", LETTERS)
    before = sorted(str(path) for path in folder.rglob("*"))
    list(make_kind(f"maildir://{folder}").fetch())
    assert sorted(str(path) for path in folder.rglob("*")) == before


def test_old_letters_of_a_maildir_are_left(tmp_path: Path) -> None:
    folder = write_maildir(tmp_path / "Maildir", LETTERS)
    memory = FakeMemory(NOW + timedelta(days=31))
    assert list(make_kind(f"maildir://{folder}", memory).fetch()) == []


def test_a_maildir_that_is_none_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cur and new"):
        list(make_kind(f"maildir://{tmp_path}").fetch())


def test_a_login_that_is_refused_is_said_without_the_password(tmp_path: Path) -> None:
    with serve_mail(tmp_path, LETTERS) as post:
        with pytest.raises(SourceError, match="login refused") as caught:
            list(make_kind(imap_secret(post, password="not-the-password")).fetch())
        assert "not-the-password" not in repr(caught.value)
        assert caught.value.kind == "refused"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with serve_mail(tmp_path, LETTERS) as post:
        secret = imap_secret(post).replace("/INBOX", "/Ailleurs")
        with pytest.raises(SourceError, match="no such folder"):
            list(make_kind(secret).fetch())


def test_a_server_that_says_nothing_is_left(tmp_path: Path) -> None:
    with serve_mail(tmp_path, [], hang=True) as post:
        kind = make_kind(imap_secret(post))
        kind.timeout = 0.2
        with pytest.raises(SourceError, match=r"no answer of the mailbox in 0\.2 s") as caught:
            list(kind.fetch())
        assert caught.value.kind == "timeout"


@contextmanager
def serve_lines(answers: dict[str, bytes]) -> Iterator[int]:
    """A server that says OK to everything, after these lines for these commands."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        connection, _ = listener.accept()
        with suppress(OSError), connection, connection.makefile("rwb") as file:
            file.write(b"* OK ready\r\n")
            file.flush()
            for line in file:
                tag, command = line.split(b" ", 1)
                for word, answer in answers.items():
                    file.write(answer if word.encode() in command else b"")
                file.write(tag + b" OK done\r\n")
                file.flush()

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(5)


HEAD = f"From: {SENDER}\r\nSubject: Lettre\r\nMessage-ID: <9@artisanat.example>\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("fetched", "words"),
    [
        (b"* 1 FETCH (UID 7 BODY[] {9999999999}\r\nabc", "unreadable: abort"),
        (b"* 1 FETCH (UID 7 BODY[] {" + b"9" * 2_000_000, "unreadable: error"),
        (b"* 1 FETCH (UID 7 BODY[] {30}\r\nshort", "no answer of the mailbox in"),
        (b"* BYE gone\r\n", "unreadable: abort"),
        (b"* 1 FETCH (UID 7 BODY[] NIL)\r\n", ""),
        (b"", ""),
    ],
)
def test_a_server_that_lies_of_its_sizes_is_left(fetched: bytes, words: str) -> None:
    head = b"* 1 FETCH (UID 7 RFC822.SIZE 900 BODY[HEADER] {%d}\r\n" % len(HEAD) + HEAD + b")\r\n"
    answers = {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
        "EXAMINE": b"* 1 EXISTS\r\n",
        "SEARCH": b"* SEARCH 7 x 007\r\n",
        "HEADER.FIELDS": head,
        "BODY.PEEK[]": fetched,
    }
    with serve_lines(answers) as port:
        kind = make_kind(f"imap://u:p@127.0.0.1:{port}/INBOX")
        kind.timeout = 0.5 if "no answer" in words else 10
        if not words:
            assert list(kind.fetch()) == []
            return
        with pytest.raises(SourceError, match=words):
            list(kind.fetch())


def test_nobody_there_is_said() -> None:
    with pytest.raises(SourceError, match="unreadable") as caught:
        list(make_kind("imap://u:p@127.0.0.1:1/INBOX").fetch())
    assert caught.value.kind == "unreachable"


def test_a_certificate_that_nobody_signed_is_refused(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path / "key.pem")
    with serve_mail(tmp_path, LETTERS, certificate=certificate) as post:
        kind = make_kind(imap_secret(post, "imaps"))
        with pytest.raises(SourceError, match="certificate refused"):
            list(kind.fetch())
        assert post.commands() == []  # the password was not sent
        kind.tls = ssl.create_default_context(cafile=str(certificate))
        assert len(list(kind.fetch())) == 3


def test_tls_is_not_spoken_in_clear(tmp_path: Path) -> None:
    with serve_mail(tmp_path, LETTERS) as post:
        kind = make_kind(imap_secret(post, "imaps"))
        kind.timeout = 1
        with pytest.raises(SourceError):
            list(kind.fetch())
        assert not any("LOGIN" in command for command in post.commands())
