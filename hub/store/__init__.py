"""What the hub remembers: one file per thing stored.

Importing this package loads every table, so that `Base.metadata` is whole.
"""

from hub.store import (
    captures,
    changes,
    decisions,
    editors,
    items,
    mentions,
    reported,
    robots,
    runs,
    sources,
    subscribers,
)
from hub.store.base import Base, Session, Store

__all__ = [
    "Base",
    "Session",
    "Store",
    "captures",
    "changes",
    "decisions",
    "editors",
    "items",
    "mentions",
    "reported",
    "robots",
    "runs",
    "sources",
    "subscribers",
]
