"""How messages read: both parts of each, from the templates of this folder. Deterministic.

The same digest at the same moment gives the same bytes: the Message-ID and the MIME boundary are
derived, never drawn. No image, no tracker, no tracked link: addresses are the public ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as MailAddress
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from hub.config import Settings
from hub.newsletter.select import Digest
from hub.newsletter.tokens import Purpose, make_token
from hub.newsletter.wording import (
    LetterView,
    describe_choice,
    describe_letter,
    raise_ordinals,
    underline,
    wrap,
)
from hub.referentiel import Referentiel
from hub.text import PARIS, format_date, paris_day

TEMPLATES = Path(__file__).parent / "templates"
SCREEN_STYLE = "<!-- screen-style -->"
"""Where the rules that cannot be inlined (dark colours, telephones) come back after inlining."""


class _Verbatim(UnstructuredHeader, BaseHeader):
    """An ASCII header written on one line: the standard folding encodes long addresses as words,
    which makes `List-Unsubscribe` unreadable to mailbox providers."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Verbatim)
POLICY = SMTP.clone(header_factory=_HEADERS)


@dataclass(frozen=True, slots=True)
class Recipient:
    """To whom a message goes, what they follow, and the secret that signs their links."""

    id: int
    email: str
    secret: str
    metiers: tuple[str, ...]
    dispositifs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Links:
    """The personal addresses of one recipient."""

    public_url: str
    recipient: Recipient

    def to(self, purpose: Purpose, expires_at: datetime | None = None) -> str:
        token = make_token(self.recipient.id, self.recipient.secret, purpose, expires_at)
        return f"{self.public_url}/lettre/{purpose}/{token}"


class Renderer:
    """Writes every message of this installation."""

    def __init__(self, settings: Settings, referentiel: Referentiel) -> None:
        self._settings = settings
        self._referentiel = referentiel
        self._public_url = settings.public_url.rstrip("/")
        self._name, self._sender = parseaddr(settings.mail_from)
        self._domain = self._sender.rpartition("@")[2]
        self._screen_style = (TEMPLATES / "screen.css").read_text(encoding="utf-8")
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._templates.filters |= {
            "sup": raise_ordinals,
            "wrap": wrap,
        }
        self._templates.globals["underline"] = underline

    def letter(
        self, digest: Digest, recipient: Recipient, now: datetime, texts_read: int
    ) -> EmailMessage:
        """One issue for one subscriber."""
        today = paris_day(now)
        view = describe_letter(
            digest, recipient.metiers, self._referentiel, self._public_url, today, texts_read
        )
        message = self._compose("letter", digest.issue, view.subject, recipient, now, view=view)
        leave = Links(self._public_url, recipient).to(Purpose.LEAVE)
        message["List-Id"] = f"La lettre du hub <lettre.{self._domain}>"
        message["List-Unsubscribe"] = f"<{leave}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message["Precedence"] = "bulk"
        return message

    def confirmation(
        self, recipient: Recipient, issue: str, now: datetime, expires_at: datetime
    ) -> EmailMessage:
        """« Confirmez votre abonnement » : the only message an address gets before it agrees."""
        return self._compose(
            "confirmation",
            issue,
            "Confirmez votre abonnement à la lettre",
            recipient,
            now,
            confirm=Links(self._public_url, recipient).to(Purpose.CONFIRM, expires_at),
            until=format_date(paris_day(expires_at)),
        )

    def reminder(self, recipient: Recipient, issue: str, now: datetime) -> EmailMessage:
        """« Vous êtes déjà abonné·e » : the answer to an active address that asks again."""
        return self._compose("reminder", issue, "Vous recevez déjà la lettre", recipient, now)

    def _compose(
        self,
        template: str,
        issue: str,
        subject: str,
        recipient: Recipient,
        now: datetime,
        **facts: Any,
    ) -> EmailMessage:
        links = Links(self._public_url, recipient)
        context = facts | {
            "subject": subject,
            "choice": describe_choice(recipient.metiers, recipient.dispositifs, self._referentiel),
            "change": links.to(Purpose.CHOOSE),
            "leave": links.to(Purpose.LEAVE),
            "site": f"{self._public_url}/",
            "contact": self._settings.contact,
            "is_demo": self._settings.demo,
        }
        message = EmailMessage(policy=POLICY)
        message["From"] = MailAddress(self._name, addr_spec=self._sender)
        message["To"] = MailAddress(addr_spec=recipient.email)
        message["Reply-To"] = MailAddress(addr_spec=self._settings.contact)
        message["Subject"] = subject
        message["Date"] = format_datetime(now.astimezone(PARIS))
        message["Message-ID"] = f"<{_identify(issue, recipient)}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(
            self._templates.get_template(f"{template}.txt").render(context),
            cte="quoted-printable",
        )
        message.add_alternative(self._html(template, context), "html", cte="quoted-printable")
        message.set_boundary(_boundary(str(message["Message-ID"])))
        return message

    def _html(self, template: str, context: Mapping[str, Any]) -> str:
        page = self._templates.get_template(f"{template}.html").render(context)
        inlined = css_inline.inline(page)
        return inlined.replace(SCREEN_STYLE, f"<style>{self._screen_style}</style>", 1) + "\n"


def to_wire(message: EmailMessage) -> str:
    """The message as it leaves: ASCII only, lines ended by CRLF."""
    return message.as_bytes().decode("ascii")


def _identify(issue: str, recipient: Recipient) -> str:
    """Unique and repeatable; says nothing of the address."""
    digest = hashlib.sha256(f"{issue}:{recipient.id}:{recipient.secret}".encode()).hexdigest()
    return f"{issue}.{recipient.id}.{digest[:16]}"


def _boundary(message_id: str) -> str:
    """`=_` cannot occur in a quoted-printable body, so no text can contain the boundary."""
    return f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:32]}"


__all__ = ["POLICY", "LetterView", "Links", "Recipient", "Renderer", "to_wire"]
