"""What was read of the law: steps in the life of texts, and their links"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('law_reading',
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('mentions', sa.Integer(), nullable=False),
    sa.Column('rules', sa.Integer(), nullable=False),
    sa.Column('steps', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_law_reading_item_id_item')),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_law_reading'))
    )
    op.create_table('law_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('item_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('norm', sa.String(), nullable=False),
    sa.Column('identity', sa.String(), nullable=False),
    sa.Column('words', sa.String(), nullable=False),
    sa.Column('about', sa.String(), nullable=False),
    sa.Column('says', sa.String(), nullable=False),
    sa.Column('url', sa.String(), nullable=False),
    sa.Column('step', sa.JSON(), nullable=True),
    sa.ForeignKeyConstraint(['item_id'], ['item.id'], name=op.f('fk_law_link_item_id_item')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_law_link'))
    )
    for column in ('item_id', 'norm', 'identity'):
        op.create_index(op.f(f'ix_law_link_{column}'), 'law_link', [column], unique=False)


def downgrade() -> None:
    op.drop_table('law_link')
    op.drop_table('law_reading')
