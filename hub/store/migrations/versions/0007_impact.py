"""What texts move, and what people read again since"""

import sqlalchemy as sa
from alembic import op

import hub.store.base

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('law_move',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('norms', sa.JSON(), nullable=False),
    sa.Column('by', sa.JSON(), nullable=False),
    sa.Column('on', sa.Date(), nullable=True),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('url', sa.String(), nullable=False),
    sa.Column('seen_at', hub.store.base.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_law_move_item_id_item')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_law_move'))
    )
    op.create_index(op.f('ix_law_move_item_id'), 'law_move', ['item_id'], unique=False)
    op.create_table('rereading',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('at', hub.store.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('until', hub.store.base.UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_rereading'))
    )
    op.create_index(op.f('ix_rereading_place'), 'rereading', ['place'], unique=False)


def downgrade() -> None:
    op.drop_table('rereading')
    op.drop_table('law_move')
