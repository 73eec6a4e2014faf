"""Identity: keys of mentions, proposals, rulings of editors"""

import sqlalchemy as sa
from alembic import op

import hub.store.base

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('mention_key',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('mention_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['mention_id'], ['mention.id'], name=op.f('fk_mention_key_mention_id_mention')),
    sa.PrimaryKeyConstraint('key', 'mention_id', name=op.f('pk_mention_key'))
    )
    op.create_table('identity_ruling',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('left_source_id', sa.String(), nullable=False),
    sa.Column('left_key', sa.String(), nullable=False),
    sa.Column('right_source_id', sa.String(), nullable=False),
    sa.Column('right_key', sa.String(), nullable=False),
    sa.Column('is_same', sa.Boolean(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('at', hub.store.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity_ruling'))
    )
    with op.batch_alter_table('identity_ruling', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_identity_ruling_left_source_id_left_key'), ['left_source_id', 'left_key'], unique=False)
        batch_op.create_index(batch_op.f('ix_identity_ruling_right_source_id_right_key'), ['right_source_id', 'right_key'], unique=False)

    op.create_table('identity_proposal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('left_item_id', sa.Integer(), nullable=False),
    sa.Column('right_item_id', sa.Integer(), nullable=False),
    sa.Column('ground', sa.String(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('score', sa.Double(), nullable=False),
    sa.Column('state', sa.Enum('ouverte', 'acceptee', 'refusee', 'caduque', name='proposalstate', native_enum=False, length=32), nullable=False),
    sa.Column('opened_at', hub.store.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('closed_at', hub.store.base.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['left_item_id'], ['item.id'], name=op.f('fk_identity_proposal_left_item_id_item')),
    sa.ForeignKeyConstraint(['right_item_id'], ['item.id'], name=op.f('fk_identity_proposal_right_item_id_item')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_identity_proposal')),
    sa.UniqueConstraint('left_item_id', 'right_item_id', name=op.f('uq_identity_proposal_left_item_id_right_item_id'))
    )
    with op.batch_alter_table('identity_proposal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_identity_proposal_right_item_id'), ['right_item_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_identity_proposal_state'), ['state'], unique=False)


def downgrade() -> None:
    for table in ('identity_proposal', 'identity_ruling', 'mention_key'):
        op.drop_table(table)
