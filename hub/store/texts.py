"""Texts as sources gave them, each written once: a mention and the versions it gives share it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, ForeignKey, func, select
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column, relationship

from hub.store.base import Base
from hub.store.bulk import insert_numbered


class TextRow(Base):
    """Apart from what bears it: a text is long and never changes, its bearers are linked later."""

    __tablename__ = "text"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


class BearsText:
    """A row with a text, which may be empty: it then bears none."""

    text_id: Mapped[int | None] = mapped_column(ForeignKey("text.id"))

    @declared_attr
    def bears(cls) -> Mapped[TextRow | None]:  # noqa: N805 - SQLAlchemy's own
        return relationship(TextRow, lazy="joined")

    @hybrid_property
    def text(self) -> str:
        return self.bears.text if self.bears else ""

    @text.inplace.setter
    def _set_text(self, text: str) -> None:
        self.bears = TextRow(text=text) if text else None

    @text.inplace.expression
    @classmethod
    def _select_text(cls) -> ColumnElement[str]:
        found = select(TextRow.text).where(TextRow.id == cls.text_id).correlate_except(TextRow)
        return func.coalesce(found.scalar_subquery(), "")


def add_texts(session: Session, texts: Sequence[str]) -> list[int | None]:
    """Keep texts. Returns the `text_id` of each, in order."""
    ids = iter(insert_numbered(session, TextRow, [{"text": text} for text in texts if text]))
    return [next(ids) if text else None for text in texts]
