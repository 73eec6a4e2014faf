"""A plain message to whoever looks after the hub, by the way that letters leave."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from hub.config import Settings
from hub.errors import DigestError
from hub.newsletter.send import Parcel, open_carrier
from hub.text import PARIS, paris_day, short_hash


def tell_operator(settings: Settings, subject: str, body: str, now: datetime) -> None:
    """Send one message to `HUB_ALARMS_TO`, or to the contact. Returns once it has been taken.

    The same words on the same day make the same message: in the Maildir it is written once, and a
    mail server that gets it again sees the same Message-ID.

    Raises:
        DigestError: there is nobody to tell, or the message could not leave.
    """
    recipient = parseaddr(settings.alarms_to or settings.contact)[1]
    if "@" not in recipient:
        raise DigestError("nobody to tell: HUB_ALARMS_TO is not an address")
    key = f"alarme.{paris_day(now)}.{short_hash(f'{recipient} {subject} {body}', 16)}"
    parcel = Parcel(0, key, recipient, _write(settings, recipient, subject, body, key, now), now)
    try:
        with closing(open_carrier(settings)) as carrier:
            carrier.carry(parcel)
    except OSError as error:
        raise DigestError(f"outbox cannot be written reason={error.strerror}") from error


def _write(
    settings: Settings, recipient: str, subject: str, body: str, key: str, now: datetime
) -> str:
    message = EmailMessage(policy=SMTP)
    message["From"] = settings.mail_from
    message["To"] = recipient
    message["Subject"] = subject
    message["Date"] = format_datetime(now.astimezone(PARIS))
    message["Message-ID"] = f"<{key}@{parseaddr(settings.mail_from)[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body, cte="quoted-printable")
    return message.as_bytes().decode("ascii")
