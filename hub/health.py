"""How a source is, in one word: the one rule for readers, editors and the technician. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from hub.model import Source

GRACE = timedelta(days=1)
"""A source may miss its rhythm by this much before it is called late."""


class Health(StrEnum):
    GOOD = "ok"
    LATE = "tard"
    BROKEN = "ko"
    PAUSED = "pause"
    NEVER = "jamais"


def health_of(
    source: Source, last_good: datetime | None, broken_since: datetime | None, now: datetime
) -> Health:
    """What is known at `now`: `broken_since` is when the oldest failure still open began."""
    if not source.enabled:
        return Health.PAUSED
    if broken_since is not None:
        return Health.BROKEN
    if last_good is None:
        return Health.NEVER
    return Health.LATE if last_good + source.rhythm + GRACE < now else Health.GOOD
