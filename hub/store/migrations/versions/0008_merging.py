"""Keys of mentions as numbers, and where the items that were merged went"""

import sqlalchemy as sa
from alembic import op

import hub.store.base

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nothing was kept there: keys are made again from the mentions at the next gathering.
    op.drop_table('mention_key')
    op.create_table('mention_key',
    sa.Column('key', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('mention_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_mention_key_mention_id_mention')),
    sa.PrimaryKeyConstraint('key', 'mention_id', name=op.f('pk_mention_key')),
    sqlite_with_rowid=False
    )
    op.create_table('merged_item',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('into_item_id', sa.Integer(), nullable=False),
    sa.Column('at', hub.store.base.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['into_item_id'], ['item.id'], name=op.f('fk_merged_item_into_item_id_item')),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_merged_item_item_id_item')),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_merged_item'))
    )
    op.create_index(op.f('ix_merged_item_into_item_id'), 'merged_item', ['into_item_id'], unique=False)
    op.create_table('asked_until',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('mention_id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_asked_until'))
    )


def downgrade() -> None:
    op.drop_table('asked_until')
    op.drop_table('merged_item')
    op.drop_table('mention_key')
    op.create_table('mention_key',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('mention_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_mention_key_mention_id_mention')),
    sa.PrimaryKeyConstraint('key', 'mention_id', name=op.f('pk_mention_key'))
    )
