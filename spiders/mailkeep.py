"""A letter as it may be kept: nothing tells who received it, as far as can be seen. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date
from email.header import Header
from email.message import Message
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from lxml import etree  # type: ignore[import-untyped]  # lxml ships no types

from hub.text import paris_day, short_hash
from spiders.mail import header_of, one_line, parse_mail, sender_of
from spiders.mailblocks import SILENT, best_part, kept_text, parse_html, personal_links
from spiders.reading import cut, plausible
from spiders.recipients import recipients_of, without_recipient

SUBJECT_LIMIT = 1_000
_ID = re.compile(r"<?([\w.!#$%&'*+/=?^`{|}~-]{1,150}@[\w.-]{1,150})>?")


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a message says. `sender` is "" unless From names exactly one address."""

    sender: str
    subject: str
    day: date | None
    url: str
    message_id: str = ""
    date_header: str = ""

    def to_bytes(self, content_type: str = "text/plain") -> bytes:
        """The head alone, as it may be kept: who, what, when, and nothing of the recipient."""
        lines = {
            "From": self.sender,
            "Subject": Header(self.subject, "utf-8").encode() if self.subject else "",
            "Date": self.date_header,
            "Message-ID": f"<{self.message_id}>" if self.message_id else "",
            "MIME-Version": "1.0",
            "Content-Type": f"{content_type}; charset=utf-8",
            "Content-Transfer-Encoding": "8bit",
        }
        text = "".join(f"{name}: {value}\n" for name, value in lines.items() if value)
        return f"{text}\n".encode()


def head_of(message: Message) -> Head:
    """The head of a message. Its address is made of its id, or of a digest where the id is absent,
    odd, or tells the recipient.
    """
    recipients = recipients_of(message)
    subject = without_recipient(header_of(message, "Subject"), recipients)
    written = one_line(message, "Date")
    sender = sender_of(message)
    found = _ID.fullmatch(one_line(message, "Message-ID").strip())
    message_id = found[1] if found else ""
    if without_recipient(message_id, recipients) != message_id:
        message_id = ""
    digest = short_hash("\n".join((sender, written, subject)), 32)
    return Head(
        sender=sender,
        subject=cut(subject, SUBJECT_LIMIT),
        day=_day_of(written),
        url=f"mid:{quote(message_id, safe='@.+-_~!$*')}" if message_id else f"mid:{digest}",
        message_id=message_id,
        date_header=cut(written, 100),
    )


def _day_of(written: str) -> date | None:
    try:
        moment = parsedate_to_datetime(written)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return plausible(paris_day(moment))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def keep_letter(raw: bytes) -> bytes:
    """The message as it may be kept: its head and its readable part, in UTF-8.

    Taken away: images, attributes, all other headers; the recipients of `recipients_of` in every
    form that `without_recipient` knows; links to leave, to choose or to see the letter on line, and
    those whose paragraph speaks of leaving (see `personal_links`).

    What may stay: a number or a digest that stands for the subscriber in any other link (only its
    sender can tell whose it is), a first name that the letter greets, and in plain text a link to
    leave that stands in another paragraph than the words that say so.
    """
    message = parse_mail(raw)
    recipients = recipients_of(message)
    kind, text, _ = best_part(message)
    kept = _kept_html(text, recipients) if kind == "text/html" else kept_text(text)
    body = without_recipient(kept.strip(), recipients).encode("utf-8", "replace")
    return head_of(message).to_bytes(kind) + body + b"\n"


def _kept_html(markup: str, recipients: tuple[str, ...]) -> str:
    """The elements and words of a page, with the addresses of its links and the words that stand
    for images; no other attribute, image or style: marks of a subscriber hide there.
    """
    root = parse_html(markup)
    if root is None:
        return ""
    for link in personal_links(root):
        _remove(link)
    for element in list(root.iter()):
        if not isinstance(element.tag, str) or element.tag in SILENT:
            _remove(element)
            continue
        kept = {name: element.get(name) for name in ("href", "alt") if element.get(name)}
        if "href" in kept:
            kept["href"] = without_recipient(_with_at_sign(kept["href"]), recipients)
        element.attrib.clear()
        element.attrib.update(kept)
    written: str = etree.tostring(root, method="html", encoding="unicode")
    return written


def _with_at_sign(href: str) -> str:
    """An address in which an @ written %40 reads as one, so that it is recognised and masked."""
    return href.replace("%40", "@")


def _remove(element: etree._Element) -> None:
    """Take an element away, not the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    before = element.getprevious()
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)
