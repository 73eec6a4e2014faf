"""Texts written once, apart from the mentions and versions that bear them"""

import sqlalchemy as sa
from alembic import op

from hub.digests import hash_text
from hub.model import Mention

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

BEARERS = ('mention', 'item_version')


def upgrade() -> None:
    op.create_table('text',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_text'))
    )
    for table in BEARERS:  # in place: SQLite cannot make again a table that others name
        op.execute(
            f'ALTER TABLE {table} ADD COLUMN text_id INTEGER '
            f'CONSTRAINT fk_{table}_text_id_text REFERENCES text (id)'
        )
    op.add_column(
        'mention', sa.Column('text_hash', sa.String(), nullable=False, server_default='')
    )
    _hash_waiting()
    _move_texts()
    for table in BEARERS:
        op.drop_column(table, 'text')


def _hash_waiting() -> None:
    """Only a mention that no item holds yet gives a version by its digest."""
    mentions = sa.table('mention', *map(sa.column, ('id', 'title', 'summary', 'text', 'item_id', 'text_hash')))
    columns = (mentions.c.id, mentions.c.title, mentions.c.summary, mentions.c.text)
    connection = op.get_bind()
    waiting = sa.select(mentions.c.id).where(mentions.c.item_id.is_(None))
    for mention_id in connection.scalars(waiting).all():
        row = connection.execute(sa.select(*columns).where(mentions.c.id == mention_id)).one()
        digest = hash_text(Mention('', '', '', row.title, row.summary, row.text))
        connection.execute(
            sa.update(mentions).where(mentions.c.id == mention_id).values(text_hash=digest)
        )


def _move_texts() -> None:
    """A version shares the text of its mention, unless their spaces differ."""
    op.execute("INSERT INTO text (id, text) SELECT id, text FROM mention WHERE text <> ''")
    op.execute("UPDATE mention SET text_id = id WHERE text <> ''")
    op.execute(
        "UPDATE item_version SET text_id = mention_id WHERE text <> '' AND text = "
        '(SELECT mention.text FROM mention WHERE mention.id = item_version.mention_id)'
    )
    own = "FROM item_version WHERE text <> '' AND text_id IS NULL"
    last = op.get_bind().scalar(sa.text('SELECT coalesce(max(id), 0) FROM mention'))
    op.execute(f'INSERT INTO text (id, text) SELECT id + {last}, text {own}')
    op.execute(f"UPDATE item_version SET text_id = id + {last} WHERE text <> '' AND text_id IS NULL")
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(
            "SELECT setval(pg_get_serial_sequence('text', 'id'), coalesce(max(id), 0) + 1, false) "
            'FROM text'
        )


def downgrade() -> None:
    for table in BEARERS:
        op.add_column(table, sa.Column('text', sa.String(), nullable=False, server_default=''))
        op.execute(
            f'UPDATE {table} SET text = (SELECT text.text FROM text WHERE text.id = text_id) '
            'WHERE text_id IS NOT NULL'
        )
        op.drop_column(table, 'text_id')
    op.drop_column('mention', 'text_hash')
    op.drop_table('text')
