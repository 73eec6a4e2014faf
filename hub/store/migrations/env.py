"""Alembic's entry: runs on the connection that `hub.store.migrate` passes in."""

from alembic import context

from hub.store import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
