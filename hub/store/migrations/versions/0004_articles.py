"""Versions of articles of law"""

import sqlalchemy as sa
from alembic import op

import hub.store.base

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('article_version',
    sa.Column('id', sa.String(), nullable=False),
    sa.Column('article', sa.String(), nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('code_name', sa.String(), nullable=False),
    sa.Column('number', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('begins_on', sa.Date(), nullable=True),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('text', sa.JSON(), nullable=False),
    sa.Column('nota', sa.JSON(), nullable=False),
    sa.Column('changed_by', sa.JSON(), nullable=False),
    sa.Column('others', sa.JSON(), nullable=False),
    sa.Column('notes', sa.JSON(), nullable=False),
    sa.Column('said_at', hub.store.base.UtcDateTime(timezone=True), nullable=False),
    sa.Column('withdrawn_at', hub.store.base.UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_article_version'))
    )
    with op.batch_alter_table('article_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_article_version_article'), ['article'], unique=False)

    op.create_table('article_link',
    sa.Column('version_id', sa.String(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['article_version.id'], name=op.f('fk_article_link_version_id_article_version')),
    sa.PrimaryKeyConstraint('version_id', 'text', name=op.f('pk_article_link'))
    )
    with op.batch_alter_table('article_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_article_link_text'), ['text'], unique=False)


def downgrade() -> None:
    op.drop_table('article_link')
    op.drop_table('article_version')
