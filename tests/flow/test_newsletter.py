"""Letters written and sent for real: a database, a Maildir, a mail server on loopback."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.config import Settings
from hub.errors import DigestError
from hub.model import DeliveryState, ItemState, Niveau, SubscriberState, TermKind
from hub.newsletter.address import Address
from hub.newsletter.prepare import plan, prepare
from hub.newsletter.render import Renderer
from hub.newsletter.send import parse_server, send_prepared, send_waiting
from hub.newsletter.subscriptions import Wish, choose, confirm, leave, subscribe
from hub.newsletter.tokens import Purpose, make_token
from hub.newsletter.wording import label_of
from hub.referentiel import Referentiel, load_referentiel
from hub.store import Session, Store
from hub.store.items import ItemRow
from hub.store.subscribers import (
    DeliveryRow,
    SubscriberRow,
    find_subscriber_by_email,
    list_delivered_items,
)
from tests.builders import make_store
from tests.letters import (
    BAT,
    EMPRO,
    PEMD,
    REP,
    TRAVAUX,
    add_item,
    add_subscriber,
    make_redaction,
)
from tests.smtp import HANG_UP, Mailroom, MailServer, find_free_port

NOW = datetime(2026, 9, 7, 5, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
EMAILS = ("ana@atelier.example", "bilal@chantier.example", "chloe@recyclerie.example")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = make_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


@pytest.fixture(scope="module")
def referentiel() -> Referentiel:
    return load_referentiel()


def make_settings(folder: Path, smtp: str = "") -> Settings:
    return Settings(data=folder, public_url="https://hub.example", smtp=smtp, demo=True)


def fill(session: Session) -> None:
    """Three subscribers with something for each, one who waits, one whom nothing concerns."""
    add_item(session, terms=(TRAVAUX, BAT), redaction=make_redaction())
    add_item(
        session,
        "Arrêté du 2 décembre 2025 portant cahier des charges des emballages",
        terms=(EMPRO,),
        redaction=make_redaction(
            titre="Emballages : demandez qui les reprend", niveau=Niveau.OBLIGATOIRE
        ),
    )
    for email, term in zip(EMAILS, (TRAVAUX, TRAVAUX, REP), strict=True):
        add_subscriber(session, email, terms=(term,))
    add_subscriber(session, "quiet@atelier.example", terms=(PEMD,))
    add_subscriber(session, "pending@atelier.example", state=SubscriberState.PENDING)


def read_maildir(settings: Settings) -> list[EmailMessage]:
    files = sorted((settings.outbox / "new").iterdir())
    return [parse(file.read_bytes()) for file in files]


def parse(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    content = part.get_content()
    assert isinstance(content, str)
    return content


def states(store: Store) -> list[DeliveryState]:
    with store.read() as session:
        return list(session.scalars(select(DeliveryRow.state).order_by(DeliveryRow.id)))


# --- Both ways of sending keep the same contract -----------------------------------------------


@dataclass
class Outlet:
    """One way of sending, and how to read what came out."""

    settings: Settings
    read: Callable[[], list[EmailMessage]]


@pytest.fixture(params=["maildir", "smtp"])
def outlet(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Outlet]:
    if request.param == "maildir":
        yield Outlet(settings, lambda: read_maildir(settings))
        return
    mailroom = Mailroom()
    with MailServer(mailroom) as server:
        yield Outlet(
            replace(settings, smtp=server.url),
            lambda: [parse(content) for _, content in mailroom.received],
        )


def test_each_subscriber_gets_one_letter_and_only_their_own(
    outlet: Outlet, store: Store, referentiel: Referentiel
) -> None:
    with store.write() as session:
        fill(session)
    assert len(prepare(store, outlet.settings, referentiel, NOW)) == 3
    assert send_prepared(store, outlet.settings, NOW) == 3
    messages = outlet.read()
    assert sorted(str(message["To"]) for message in messages) == sorted(EMAILS)
    for message in messages:
        others = set(EMAILS) - {str(message["To"])}
        assert not any(other in message.as_string() for other in others)
    assert states(store) == [DeliveryState.SENT] * 3


def test_a_message_reads_well_in_both_parts(
    outlet: Outlet, store: Store, referentiel: Referentiel
) -> None:
    with store.write() as session:
        add_item(session, terms=(TRAVAUX, BAT), redaction=make_redaction())
        add_subscriber(session, EMAILS[0])
    prepare(store, outlet.settings, referentiel, NOW)
    send_prepared(store, outlet.settings, NOW)
    (message,) = outlet.read()
    title = "L’isolation sort de l’aide «\u00a0par geste\u00a0»"
    assert message["Subject"] == title
    plain, html = text_of(message), unescape(text_of(message, "html"))
    for part in (plain, html):
        assert title in part
        assert "Les devis signés avant restent aidés." in part
        assert "https://hub.example/changements/decret-n-2026-822" in part
        assert "Vous recevez ceci parce que vous suivez" in part
        assert "https://hub.example/lettre/quitter/" in part
        assert "https://hub.example/lettre/choix/" in part
        assert "Démonstration" in part
    assert "[AIDE]" in plain
    assert "Mercredi 30\u00a0septembre\u00a0: Déposer" in plain
    assert max(len(line) for line in plain.splitlines() if "://" not in line) <= 72
    assert not re.search(r"<(img|script|link|iframe)\b|url\(|@import", html)
    assert set(re.findall(r'href="(https?://[^/"]+)', html)) == {"https://hub.example"}


def test_the_headers_are_those_of_a_letter_one_can_leave(
    outlet: Outlet, store: Store, referentiel: Referentiel
) -> None:
    with store.write() as session:
        add_item(session)
        row = add_subscriber(session, EMAILS[0])
        token = make_token(row.id, row.secret, Purpose.LEAVE)
    prepare(store, outlet.settings, referentiel, NOW)
    send_prepared(store, outlet.settings, NOW)
    (message,) = outlet.read()
    assert message["List-Unsubscribe"] == f"<https://hub.example/lettre/quitter/{token}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "La lettre du hub <lettre.example.org>"
    assert message["Date"] == "Mon, 07 Sep 2026 07:00:00 +0200"
    assert message["Auto-Submitted"] == "auto-generated"
    assert str(message["Message-ID"]).startswith("<2026-W37.")
    assert str(message["From"]) == "La lettre du hub <lettre@example.org>"
    encodings = {part["Content-Transfer-Encoding"] for part in message.iter_parts()}
    assert encodings == {"quoted-printable"}
    assert "=?" not in message.as_string().split("\n\n")[0].split("List-Unsubscribe:")[1][:99]


def test_a_second_run_sends_nothing_and_later_approvals_wait_a_week(
    outlet: Outlet, store: Store, referentiel: Referentiel
) -> None:
    with store.write() as session:
        fill(session)

    def run(at: datetime) -> int:
        prepare(store, outlet.settings, referentiel, at)
        return send_prepared(store, outlet.settings, at)

    assert run(NOW) == 3
    with store.write() as session:
        add_item(session, "Décret n° 2026-900 du 7 septembre 2026", public_at=NOW)
    assert run(NOW + timedelta(minutes=15)) == 0
    assert run(NOW + WEEK) == 2
    assert run(NOW + 2 * WEEK) == 0
    assert len(outlet.read()) == 5


def test_the_whole_life_of_a_letter_on_each_database(
    any_store: Store, settings: Settings, referentiel: Referentiel
) -> None:
    with any_store.write() as session:
        fill(session)
    renderer, dina = Renderer(settings, referentiel), Address("dina@atelier.example")
    for outcome in ("confirmation-asked", "too-soon"):
        with any_store.write() as session:
            assert subscribe(session, dina, WISH, renderer, NOW, "secret-of-dina") == outcome
    assert len(prepare(any_store, settings, referentiel, NOW)) == 3
    assert send_prepared(any_store, settings, NOW, only_service=True) == 1
    assert send_prepared(any_store, settings, NOW) == 3
    assert prepare(any_store, settings, referentiel, NOW) == []
    with any_store.write() as session:
        row = session.get_one(SubscriberRow, 1)
        assert leave(session, make_token(row.id, row.secret, Purpose.LEAVE), NOW)
        assert not leave(session, "999999999.0.abc", NOW)


# --- What is written ---------------------------------------------------------------------------


def test_the_plan_is_what_is_then_written_and_writes_nothing(
    store: Store, settings: Settings, referentiel: Referentiel
) -> None:
    with store.write() as session:
        fill(session)
    planned = plan(store, settings, referentiel, NOW)
    assert states(store) == []
    assert prepare(store, settings, referentiel, NOW) == planned
    label = "REP (responsabilité élargie du producteur)"
    assert planned[2].to_json() == {
        "subscriber": 3,
        "subject": "Emballages\u00a0: demandez qui les reprend",
        "items": [
            {
                "id": "arrete-du-2-decembre-2025-portant-cahier-des-charges-des",
                "reasons": [f"vous suivez {label}, filière Emballages professionnels"],
            }
        ],
    }
    assert plan(store, settings, referentiel, NOW) == []


def test_the_same_facts_at_the_same_moment_make_the_same_bytes(
    tmp_path: Path, referentiel: Referentiel
) -> None:
    written = []
    for name in ("one", "two"):
        store = make_store(tmp_path / name)
        with store.write() as session:
            fill(session)
        prepare(store, make_settings(tmp_path), referentiel, NOW)
        with store.read() as session:
            written.append(list(session.scalars(select(DeliveryRow.message))))
        store.close()
    assert written[0] == written[1]
    assert all(text.isascii() and "\r\n" in text for text in written[0])


def test_an_item_taken_back_is_not_announced_and_comes_once_when_it_returns(
    store: Store, settings: Settings, referentiel: Referentiel
) -> None:
    with store.write() as session:
        item = add_item(session, state=ItemState.TO_REVIEW)
        add_subscriber(session)
    assert prepare(store, settings, referentiel, NOW) == []
    with store.write() as session:
        session.merge(item).state = ItemState.APPROVED
    assert len(prepare(store, settings, referentiel, NOW + WEEK)) == 1
    with store.write() as session:
        session.merge(item).version = 2
    assert prepare(store, settings, referentiel, NOW + 2 * WEEK) == []


def test_an_automatic_issue_leaves_what_came_after_its_cutoff(
    store: Store, settings: Settings, referentiel: Referentiel
) -> None:
    with store.write() as session:
        add_item(session, public_at=NOW + timedelta(hours=1))
        add_subscriber(session)
    wednesday = NOW + timedelta(days=2)
    assert prepare(store, settings, referentiel, wednesday, cutoff=NOW) == []
    (letter,) = prepare(store, settings, referentiel, NOW + WEEK, cutoff=NOW + WEEK)
    assert letter.issue == "2026-W38"


def test_a_very_long_first_letter_stays_under_what_mail_services_cut(
    store: Store, settings: Settings, referentiel: Referentiel
) -> None:
    with store.write() as session:
        for number in range(60):
            add_item(
                session,
                f"Arrêté n° {number} du 2 décembre 2025 relatif aux déchets de chantier" * 2,
                redaction=make_redaction(titre="", ce_qui_change=f"{number} " + "mot " * 200),
            )
        add_subscriber(session)
    (letter,) = prepare(store, settings, referentiel, NOW)
    assert len(letter.items) == 60
    with store.read() as session:
        message = parse(session.scalars(select(DeliveryRow.message)).one().encode())
    html = text_of(message, "html")
    assert len(html.encode()) < 100_000
    assert html.count("https://hub.example/changements/") >= 60


def read_letter(store: Store, settings: Settings, referentiel: Referentiel) -> EmailMessage:
    """The one letter of the one subscriber."""
    assert len(prepare(store, settings, referentiel, NOW)) == 1
    with store.read() as session:
        return parse(session.scalars(select(DeliveryRow.message)).one().encode())


def flat(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", text)).split())


def test_what_is_new_is_told_in_full_and_the_rest_is_recalled_in_short(
    store: Store, settings: Settings, referentiel: Referentiel
) -> None:
    old = date(2021, 6, 27)
    written = make_redaction(
        titre="Diagnostic avant démolition (décret n° 2021-821)",
        ce_qui_change="Le maître d’ouvrage le commande.",
        niveau=Niveau.OBLIGATOIRE,
        applicable_le=date(2022, 1, 1),
    )
    twin = replace(written, titre="Diagnostic avant démolition (décret n° 2021-822)")
    project = make_redaction(titre="Une refonte se prépare", niveau=Niveau.PROJET, echeances=())
    with store.write() as session:
        add_item(session, "Décret n° 2021-821 du 25 juin 2021", redaction=written, published_on=old)
        add_item(session, "Décret n° 2021-822 du 25 juin 2021", redaction=twin, published_on=old)
        add_item(
            session, "Refonte", redaction=replace(project, applicable_le=None), published_on=old
        )
        add_item(session, redaction=make_redaction())
        add_subscriber(session)
    message = read_letter(store, settings, referentiel)
    assert message["Subject"] == "L’isolation sort de l’aide «\u00a0par geste\u00a0»"
    plain = flat(text_of(message))
    assert "1 changement et 2 rappels pour votre métier." in plain
    new, _, applied = plain.partition("RAPPELS : CELA S’APPLIQUE DÉJÀ")
    assert "Les devis signés avant restent aidés." in new
    recalled, _, projects = applied.partition("RAPPELS : ENCORE EN PROJET")
    assert "[OBLIGATOIRE] Diagnostic avant démolition Depuis le 1er janvier 2022." in recalled
    assert "Texte : décret n° 2021-821 du 25 juin 2021 https://" in recalled
    assert "Texte : décret n° 2021-822 du 25 juin 2021 https://" in recalled
    assert "Le maître d’ouvrage" not in plain
    assert "[PROJET] Une refonte se prépare" in projects
    html = text_of(message, "html")
    assert html.count("/changements/decret-n-2021-822-du-25-juin-2021/") == 1
    assert "Rappels : encore en projet" in flat(html)
    with store.read() as session:
        assert len(list_delivered_items(session, 1)) == 4


def test_a_letter_with_nothing_new_says_that_it_recalls(
    store: Store, settings: Settings, referentiel: Referentiel
) -> None:
    with store.write() as session:
        add_item(session, "Décret n° 2021-950 du 16 juillet 2021", published_on=date(2021, 7, 18))
        add_subscriber(session)
    message = read_letter(store, settings, referentiel)
    title = "Décret n°\u00a02021-950 du 16\u00a0juillet\u00a02021"
    assert message["Subject"] == f"Rappel\u00a0: {title}"
    assert "1 rappel pour votre métier." in flat(text_of(message))


def test_texts_read_are_those_published_in_the_last_seven_days_whatever_became_of_them(
    store: Store, settings: Settings, referentiel: Referentiel
) -> None:
    with store.write() as session:
        for day in (31, 30):
            add_item(
                session,
                f"Arrêté du {day} août 2026 écarté",
                state=ItemState.NOISE,
                published_on=date(2026, 8, day),
            )
        add_item(session, "Arrêté du jour", published_on=date(2026, 9, 7))
        add_item(session, "Arrêté du lendemain de la clôture", published_on=date(2026, 9, 1))
        add_subscriber(session, terms=(TRAVAUX, PEMD))
    plain = flat(text_of(read_letter(store, settings, referentiel)))
    assert "2 textes parus ces sept derniers jours ont été lus." in plain
    assert "Aucun changement publié pour : Diagnostic PEMD" in plain


@pytest.mark.parametrize(
    ("changes", "expected", "unexpected"),
    [
        ({}, "Texte : loi n° 2025-1129 du 26 novembre 2025", "lOI"),
        ({}, "Depuis le 1er septembre 2026. Les devis", "parce que le texte"),
        (
            {"ce_qui_change": "L’aide cesse. Depuis le 1er septembre 2026, elle est réduite."},
            "L’aide cesse. Depuis le 1er septembre 2026, elle",
            "Depuis le 1er septembre 2026. ",
        ),
        (
            {"ce_qui_change": f"{'Une phrase assez longue de l’art. L. 541-1. ' * 13}La fin."},
            "La fin. - Revoir",
            "…",
        ),
        (
            {"ce_qui_change": "Une phrase du code. " * 29 + "Une dernière " * 9},
            "Une phrase du code. - Revoir",
            "Une dernière",
        ),
    ],
    ids=["acronym", "date", "date-told", "kept-whole", "cut-at-a-sentence"],
)
def test_an_entry_reads_as_a_person_would_write_it(
    store: Store,
    settings: Settings,
    referentiel: Referentiel,
    changes: dict[str, str],
    expected: str,
    unexpected: str,
) -> None:
    title = "LOI n° 2025-1129 du 26 novembre 2025 de simplification"
    with store.write() as session:
        add_item(session, title, redaction=make_redaction(**changes), words="LOI n° 2025-1129")
        add_subscriber(session)
    plain = flat(text_of(read_letter(store, settings, referentiel)))
    assert expected in plain
    assert unexpected not in plain
    assert "le texte contient" not in plain, "its own number explains nothing"


@pytest.mark.parametrize("count", [3, 4])
def test_a_heading_names_three_followed_terms_at_most(
    store: Store, settings: Settings, referentiel: Referentiel, count: int
) -> None:
    terms = [(TermKind.METIER, name) for name in sorted(referentiel.metiers)[:count]]
    with store.write() as session:
        add_item(session, terms=terms)
        add_subscriber(session, terms=terms)
    plain = flat(text_of(read_letter(store, settings, referentiel)))
    names = " ".join(label_of(term, referentiel).upper() for term in terms)
    assert (f"{names} ---" in plain) is (count == 3)
    assert ("VOS QUATRE MÉTIERS ---" in plain) is (count == 4)


def test_titles_from_elsewhere_are_harmless(
    store: Store, settings: Settings, referentiel: Referentiel
) -> None:
    evil = "<script>alert(1)</script>\r\nBcc: victim@example.org " + "é" * 300
    with store.write() as session:
        add_item(session, "Arrêté", redaction=make_redaction(titre=evil, ce_qui_change=evil))
        add_subscriber(session)
    prepare(store, settings, referentiel, NOW)
    send_prepared(store, settings, NOW)
    (message,) = read_maildir(settings)
    assert message["Bcc"] is None
    assert "<script" not in text_of(message, "html")
    assert str(message["Subject"]).startswith("<script>alert(1)</script> Bcc: ")


def test_a_retired_term_does_not_stop_the_letters(
    store: Store, settings: Settings, referentiel: Referentiel
) -> None:
    with store.write() as session:
        add_item(session)
        row = add_subscriber(session)
        row.metiers = ["allumeur-reverberes", *row.metiers]
    assert len(prepare(store, settings, referentiel, NOW)) == 1


# --- Trouble -----------------------------------------------------------------------------------


@pytest.fixture
def three_waiting(store: Store, settings: Settings, referentiel: Referentiel) -> Store:
    with store.write() as session:
        fill(session)
    prepare(store, settings, referentiel, NOW)
    return store


def make_mailroom(moment: str, answer: Callable[[str], str]) -> Mailroom:
    mailroom = Mailroom()
    setattr(mailroom, moment, answer)
    return mailroom


def answer_bilal(reply: str) -> Callable[[str], str]:
    return lambda recipient: reply if recipient == EMAILS[1] else ""


@pytest.mark.parametrize(
    ("moment", "mark"), [("on_recipient", "address refused: "), ("on_data", "")]
)
def test_a_refused_recipient_does_not_stop_the_others(
    three_waiting: Store, settings: Settings, moment: str, mark: str
) -> None:
    mailroom = make_mailroom(moment, answer_bilal(f"550 5.1.1 <{EMAILS[1]}> unknown"))
    with MailServer(mailroom) as server:
        done = send_waiting(three_waiting, replace(settings, smtp=server.url), NOW)
    assert (done.sent, done.refused, done.waiting, done.trouble) == (2, 1, 0, None)
    assert [to for to, _ in mailroom.received] == [[EMAILS[0]], [EMAILS[2]]]
    with three_waiting.read() as session:
        rows = session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)).all()
    assert [row.state for row in rows] == [
        DeliveryState.SENT,
        DeliveryState.REFUSED,
        DeliveryState.SENT,
    ]
    assert rows[1].reason == f"{mark}550 5.1.1 <…> unknown"
    assert [row.message for row in rows] == ["", "", ""]


def send_weeks(
    store: Store, settings: Settings, referentiel: Referentiel, mailrooms: Sequence[Mailroom]
) -> SubscriberRow:
    """A letter each week to everyone, each week another server; Bilal as he is after that."""
    with store.write() as session:
        for email in EMAILS:
            add_subscriber(session, email)
    for week, mailroom in enumerate(mailrooms):
        now = NOW + week * WEEK
        with store.write() as session:
            add_item(session, f"Arrêté n° {week} relatif aux chantiers", public_at=now)
        prepare(store, settings, referentiel, now)
        with MailServer(mailroom) as server:
            assert send_waiting(store, replace(settings, smtp=server.url), now).waiting == 0
    with store.read() as session:
        return session.get_one(SubscriberRow, 2)


UNKNOWN_USER = answer_bilal("550 5.1.1 User unknown")


def test_an_address_refused_for_two_letters_in_a_row_is_written_to_no_more(
    store: Store, settings: Settings, referentiel: Referentiel
) -> None:
    mailrooms = [Mailroom(UNKNOWN_USER), Mailroom(UNKNOWN_USER), Mailroom()]
    bilal = send_weeks(store, settings, referentiel, mailrooms)
    assert (bilal.state, bilal.email, bilal.left_at) == (SubscriberState.LEFT, None, NOW + WEEK)
    assert [to for to, _ in mailrooms[2].received] == [[EMAILS[0]], [EMAILS[2]]]
    with store.read() as session:
        mine = select(DeliveryRow.reason).where(DeliveryRow.subscriber_id == bilal.id)
        reasons = list(session.scalars(mine))
    assert reasons == ["address refused: 550 5.1.1 User unknown"] * 2


@pytest.mark.parametrize(
    "mailrooms",
    [
        [Mailroom(UNKNOWN_USER), Mailroom(), Mailroom(UNKNOWN_USER)],
        [Mailroom(answer_bilal("550 5.7.1 sender blocked"))] * 2,
        [Mailroom(on_data=answer_bilal("554 5.6.0 content refused"))] * 2,
        [Mailroom(lambda recipient: "550 relay not permitted")] * 2,
    ],
    ids=["not-in-a-row", "policy", "content", "everyone-refused"],
)
def test_other_refusals_end_nothing(
    store: Store, settings: Settings, referentiel: Referentiel, mailrooms: list[Mailroom]
) -> None:
    bilal = send_weeks(store, settings, referentiel, mailrooms)
    assert (bilal.state, bilal.email) == (SubscriberState.ACTIVE, EMAILS[1])


def test_a_delayed_message_leaves_at_the_next_run(three_waiting: Store, settings: Settings) -> None:
    mailroom = Mailroom(on_recipient=answer_bilal("451 4.7.1 greylisted"))
    with MailServer(mailroom) as server:
        on_server = replace(settings, smtp=server.url)
        assert send_prepared(three_waiting, on_server, NOW) == 2
        mailroom.on_recipient = lambda recipient: ""
        assert send_prepared(three_waiting, on_server, NOW + timedelta(minutes=15)) == 1
    assert [to for to, _ in mailroom.received] == [[EMAILS[0]], [EMAILS[2]], [EMAILS[1]]]
    assert len(mailroom.sessions) == 2, "one connection for each run"


def test_a_message_delayed_for_days_is_given_up(three_waiting: Store, settings: Settings) -> None:
    mailroom = Mailroom(on_recipient=answer_bilal("451 try later"))
    with MailServer(mailroom) as server:
        on_server = replace(settings, smtp=server.url)
        send_prepared(three_waiting, on_server, NOW)
        done = send_waiting(three_waiting, on_server, NOW + timedelta(days=6))
    assert done.refused == 1
    assert DeliveryState.PREPARED not in states(three_waiting)


@pytest.mark.parametrize("moment", ["on_recipient", "on_data"])
def test_a_connection_lost_once_is_opened_again(
    three_waiting: Store, settings: Settings, moment: str
) -> None:
    replies = iter([HANG_UP])
    mailroom = make_mailroom(moment, lambda recipient: next(replies, ""))
    with MailServer(mailroom) as server:
        assert send_prepared(three_waiting, replace(settings, smtp=server.url), NOW) == 3
    assert [to for to, _ in mailroom.received] == [[email] for email in EMAILS]


def test_a_server_that_hangs_up_twice_stops_the_run_and_loses_nothing(
    three_waiting: Store, settings: Settings
) -> None:
    mailroom = Mailroom(on_recipient=answer_bilal(HANG_UP))
    with MailServer(mailroom) as server:
        on_server = replace(settings, smtp=server.url)
        with pytest.raises(DigestError, match=r"out of reach .* sent=1"):
            send_prepared(three_waiting, on_server, NOW)
        with three_waiting.read() as session:
            reasons = list(session.scalars(select(DeliveryRow.reason).order_by(DeliveryRow.id)))
        mailroom.on_recipient = lambda recipient: ""
        assert send_prepared(three_waiting, on_server, NOW) == 2
    assert [bool(reason) for reason in reasons] == [False, True, False]
    assert [to for to, _ in mailroom.received] == [[email] for email in EMAILS]


def test_a_server_that_is_not_there_is_one_trouble(
    three_waiting: Store, settings: Settings
) -> None:
    nowhere = f"smtp://127.0.0.1:{find_free_port()}"
    with pytest.raises(DigestError, match="out of reach"):
        send_prepared(three_waiting, replace(settings, smtp=nowhere), NOW)
    assert states(three_waiting) == [DeliveryState.PREPARED] * 3


def test_an_outbox_that_cannot_be_written_is_one_trouble(
    three_waiting: Store, settings: Settings
) -> None:
    settings.outbox.write_text("not a folder")
    with pytest.raises(DigestError, match="outbox cannot be written"):
        send_prepared(three_waiting, settings, NOW)
    assert states(three_waiting) == [DeliveryState.PREPARED] * 3


@pytest.mark.parametrize(
    "url", ["mailto:a@b", "smtp://", "smtp://host:port", "smtp://host?tls=1", "host"]
)
def test_a_wrong_server_address_is_said_without_its_password(url: str) -> None:
    with pytest.raises(DigestError) as caught:
        parse_server(url.replace("smtp://", "smtp://user:hush@") if "host" in url else url)
    assert "hush" not in str(caught.value)


def test_a_server_address_is_read_whole_and_its_password_not_printed() -> None:
    server = parse_server("smtp://post%40x:p%3Ass@mail.example:587?starttls=1")
    assert (server.host, server.port, server.user, server.password, server.starttls) == (
        "mail.example",
        587,
        "post@x",
        "p:ss",
        True,
    )
    assert "p:ss" not in repr(server)
    assert parse_server("smtps://mail.example").port == 465


def test_a_written_letter_waits_no_more_once_its_item_is_withdrawn(
    three_waiting: Store, settings: Settings, referentiel: Referentiel
) -> None:
    with three_waiting.write() as session:
        for item in session.scalars(select(ItemRow)):
            item.state = ItemState.TO_REVIEW
    assert send_prepared(three_waiting, settings, NOW) == 0
    assert states(three_waiting) == []
    with three_waiting.write() as session:
        for item in session.scalars(select(ItemRow)):
            item.state = ItemState.APPROVED
    assert len(prepare(three_waiting, settings, referentiel, NOW)) == 3
    assert send_prepared(three_waiting, settings, NOW) == 3


def test_who_left_meanwhile_is_not_written_to(three_waiting: Store, settings: Settings) -> None:
    with three_waiting.write() as session:
        row = find_subscriber_by_email(session, EMAILS[0])
        assert row is not None
        assert leave(session, make_token(row.id, row.secret, Purpose.LEAVE), NOW)
    assert send_prepared(three_waiting, settings, NOW) == 2
    assert EMAILS[0] not in {str(message["To"]) for message in read_maildir(settings)}
    with three_waiting.read() as session:
        left = session.scalars(select(DeliveryRow).where(DeliveryRow.reason != "")).one()
    assert (left.state, left.reason, left.message) == (DeliveryState.REFUSED, "unsubscribed", "")


# --- Killed anywhere ---------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends here."""


class MortalStore(Store):
    """Dies at its nth write, just before the commit or just after it."""

    def __init__(self, url: str, dies_at: int, *, after_commit: bool) -> None:
        super().__init__(url)
        self.writes = 0
        self._dies_at = dies_at
        self._after_commit = after_commit

    @contextmanager
    def write(self) -> Iterator[Session]:
        self.writes += 1
        is_last = self.writes == self._dies_at
        with super().write() as session:
            yield session
            if is_last and not self._after_commit:
                raise Killed
        if is_last:
            raise Killed


def journey(store: Store, settings: Settings, referentiel: Referentiel) -> None:
    prepare(store, settings, referentiel, NOW)
    send_prepared(store, settings, NOW)


def outbox_content(settings: Settings) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (settings.outbox / "new").iterdir()}


@pytest.mark.parametrize("after_commit", [False, True], ids=["before-commit", "after-commit"])
def test_killed_at_any_write_and_run_again_the_outbox_is_the_same(
    tmp_path: Path, referentiel: Referentiel, after_commit: bool
) -> None:
    def open_case(name: str, dies_at: int) -> tuple[MortalStore, Settings]:
        folder = tmp_path / name
        with make_store(folder).write() as session:
            fill(session)
        url = f"sqlite:///{folder / 'hub.db'}"
        return MortalStore(url, dies_at, after_commit=after_commit), make_settings(folder)

    calm, calm_settings = open_case("calm", 0)
    journey(calm, calm_settings, referentiel)
    expected = outbox_content(calm_settings)
    assert len(expected) == 3
    for dies_at in range(1, calm.writes + 1):
        mortal, settings = open_case(f"killed-{dies_at}", dies_at)
        with pytest.raises(Killed):
            journey(mortal, settings, referentiel)
        journey(mortal, settings, referentiel)
        assert outbox_content(settings) == expected, f"killed at write {dies_at}"
        assert states(mortal) == [DeliveryState.SENT] * 3
        mortal.close()
    calm.close()


def test_a_file_left_half_written_is_written_again_whole(
    three_waiting: Store, settings: Settings
) -> None:
    send_prepared(three_waiting, settings, NOW)
    expected = outbox_content(settings)
    name, other = sorted(expected)[:2]
    (settings.outbox / "new" / name).rename(settings.outbox / "cur" / f"{name}:2,S")
    (settings.outbox / "tmp" / other).write_bytes(b"half")
    (settings.outbox / "new" / other).unlink()
    with three_waiting.write() as session:
        for row in session.scalars(select(DeliveryRow)):
            row.state = DeliveryState.PREPARED
            key = next(
                key for key in expected if key.startswith(f"{row.issue}.{row.subscriber_id}.")
            )
            row.message = expected[key].decode().replace("\n", "\r\n")
    send_prepared(three_waiting, settings, NOW)
    del expected[name]
    assert outbox_content(settings) == expected, "what was read is not delivered a second time"
    assert not list((settings.outbox / "tmp").iterdir())


def test_killed_between_the_server_and_the_commit_the_copy_has_the_same_message_id(
    tmp_path: Path, referentiel: Referentiel
) -> None:
    """The one window that SMTP leaves; see `hub.newsletter.send`."""
    with make_store(tmp_path).write() as session:
        add_item(session)
        add_subscriber(session)
    mailroom = Mailroom()
    with MailServer(mailroom) as server:
        settings = make_settings(tmp_path, server.url)
        mortal = MortalStore(f"sqlite:///{tmp_path / 'hub.db'}", 4, after_commit=False)
        with pytest.raises(Killed):
            journey(mortal, settings, referentiel)
        assert len(mailroom.received) == 1
        journey(mortal, settings, referentiel)
        mortal.close()
    assert len(mailroom.received) == 2
    assert mailroom.received[0] == mailroom.received[1]


# --- Subscribing -------------------------------------------------------------------------------

WISH = Wish(("conducteur-travaux",), ("PEMD",))


@pytest.fixture
def renderer(settings: Settings, referentiel: Referentiel) -> Renderer:
    return Renderer(settings, referentiel)


def ask(store: Store, renderer: Renderer, at: datetime, wish: Wish = WISH) -> str:
    with store.write() as session:
        address = Address("ana@atelier.example")
        return str(subscribe(session, address, wish, renderer, at, "secret-of-ana"))


def link_in(message: EmailMessage, purpose: Purpose) -> str:
    found = re.search(rf"https://hub\.example/lettre/{purpose}/(\S+)", text_of(message))
    assert found is not None
    return found[1]


def test_from_the_request_to_the_first_letter_and_away(
    store: Store, settings: Settings, referentiel: Referentiel, renderer: Renderer
) -> None:
    with store.write() as session:
        add_item(session, public_at=NOW - timedelta(days=10))
        add_item(session, "Arrêté trop ancien", public_at=NOW - timedelta(days=40))
    assert ask(store, renderer, NOW) == "confirmation-asked"
    assert send_prepared(store, settings, NOW, only_service=True) == 1
    (asked,) = read_maildir(settings)
    assert asked["List-Unsubscribe"] is None
    assert prepare(store, settings, referentiel, NOW) == [], "nothing before the button"
    with store.write() as session:
        assert confirm(session, link_in(asked, Purpose.CONFIRM), NOW) == "confirmed"
        assert confirm(session, link_in(asked, Purpose.CONFIRM), NOW) == "already-confirmed"
    (letter,) = prepare(store, settings, referentiel, NOW)
    assert [item.id for item in letter.items] == [
        "decret-n-2026-822-du-25-aout-2026-relatif-a-la-prime-de"
    ]
    send_prepared(store, settings, NOW)
    first = next(m for m in read_maildir(settings) if m["List-Unsubscribe"])
    with store.write() as session:
        assert leave(session, link_in(first, Purpose.LEAVE), NOW)
        assert leave(session, link_in(first, Purpose.LEAVE), NOW)
        assert confirm(session, link_in(asked, Purpose.CONFIRM), NOW) == "unknown"
        row = session.scalars(select(SubscriberRow)).one()
    assert (row.email, row.state, row.left_at) == (None, SubscriberState.LEFT, NOW)


def test_answers_leave_before_letters_and_letters_can_wait(
    three_waiting: Store, settings: Settings, renderer: Renderer
) -> None:
    with three_waiting.write() as session:
        subscribe(session, Address("dan@atelier.example"), WISH, renderer, NOW, "secret-of-dan")
    assert send_prepared(three_waiting, settings, NOW, only_service=True) == 1
    mailroom = Mailroom()
    with three_waiting.write() as session:
        subscribe(session, Address("eve@atelier.example"), WISH, renderer, NOW, "secret-of-eve")
    with MailServer(mailroom) as server:
        assert send_prepared(three_waiting, replace(settings, smtp=server.url), NOW) == 4
    assert mailroom.received[0][0] == ["eve@atelier.example"]


def test_an_address_is_not_pestered(store: Store, settings: Settings, renderer: Renderer) -> None:
    minutes = [0, 5, 10, 20, 30, 40, 50, 60]
    outcomes = [ask(store, renderer, NOW + timedelta(minutes=m)) for m in minutes]
    assert outcomes.count("confirmation-asked") == 5
    assert outcomes[1] == "too-soon"
    assert outcomes[6:] == ["too-soon", "too-soon"], "five a day"
    assert send_prepared(store, settings, NOW + timedelta(hours=1)) == 5


def test_an_active_address_that_asks_again_keeps_its_choices(
    store: Store, settings: Settings, renderer: Renderer
) -> None:
    with store.write() as session:
        add_subscriber(session, "ana@atelier.example", terms=(REP,))
    assert ask(store, renderer, NOW) == "already-subscribed"
    send_prepared(store, settings, NOW)
    (message,) = read_maildir(settings)
    assert message["Subject"] == "Vous recevez déjà la lettre"
    with store.read() as session:
        row = session.scalars(select(SubscriberRow)).one()
    assert (row.metiers, row.dispositifs) == ([], ["REP"])


def test_a_confirmation_dies_after_seven_days_and_the_address_with_it(
    store: Store, settings: Settings, referentiel: Referentiel, renderer: Renderer
) -> None:
    ask(store, renderer, NOW)
    send_prepared(store, settings, NOW)
    (message,) = read_maildir(settings)
    late = NOW + timedelta(days=7, seconds=1)
    with store.write() as session:
        assert confirm(session, link_in(message, Purpose.CONFIRM), late) == "expired"
    prepare(store, settings, referentiel, late)
    with store.read() as session:
        assert session.scalars(select(SubscriberRow)).all() == []
        assert session.scalars(select(DeliveryRow)).all() == []


def test_a_link_serves_one_purpose_and_cannot_be_made_up(
    store: Store, settings: Settings, renderer: Renderer
) -> None:
    with store.write() as session:
        row = add_subscriber(session, "ana@atelier.example", state=SubscriberState.PENDING)
        stranger = add_subscriber(session, "bea@atelier.example")
    good = make_token(row.id, row.secret, Purpose.CONFIRM, NOW + timedelta(days=1))
    later = good.replace(good.split(".")[1], str(int(good.split(".")[1]) + 999_999))
    wrong = [
        make_token(row.id, row.secret, Purpose.LEAVE, NOW + timedelta(days=1)),
        make_token(row.id, stranger.secret, Purpose.CONFIRM, NOW + timedelta(days=1)),
        later,
        good[:-1],
        f"{good}.",
        "99.0.abc",
        "٣.0.abc",
        "..",
        "",
    ]
    with store.write() as session:
        assert {str(confirm(session, token, NOW)) for token in wrong} == {"unknown"}
        assert confirm(session, good, NOW) == "confirmed"


def test_new_choices_start_now_and_kept_ones_go_on(
    store: Store, settings: Settings, referentiel: Referentiel
) -> None:
    later = NOW + timedelta(days=365)
    with store.write() as session:
        row = add_subscriber(session, terms=(TRAVAUX,))
        add_item(session, "Arrêté sur les travaux", terms=(TRAVAUX,))
        add_item(session, "Ancien décret sur le diagnostic", terms=(PEMD,))
        add_item(session, "Récent décret sur le diagnostic", terms=(PEMD,), public_at=later)
        choose(session, row, Wish(("conducteur-travaux",), ("PEMD",)), later)
        assert row.chosen_at == {"dispositif:PEMD": later.isoformat()}
    (letter,) = prepare(store, settings, referentiel, later)
    assert sorted(item.id for item in letter.items) == [
        "arrete-sur-les-travaux",
        "recent-decret-sur-le-diagnostic",
    ]
    with store.write() as session:
        row = session.scalars(select(SubscriberRow)).one()
        choose(session, row, Wish(("conducteur-travaux",), ()), later)
        assert row.chosen_at == {}
