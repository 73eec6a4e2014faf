"""What the hub remembers: one file per thing stored.

Importing this package loads every table, so that `Base.metadata` is whole.
"""

from hub.store import (
    articles,
    captures,
    changes,
    decisions,
    editors,
    identity,
    items,
    law,
    mentions,
    reported,
    robots,
    runs,
    sources,
    subscribers,
    texts,
)
from hub.store.base import Base, Session, Store

__all__ = [
    "Base",
    "Session",
    "Store",
    "articles",
    "captures",
    "changes",
    "decisions",
    "editors",
    "identity",
    "items",
    "law",
    "mentions",
    "reported",
    "robots",
    "runs",
    "sources",
    "subscribers",
    "texts",
]
