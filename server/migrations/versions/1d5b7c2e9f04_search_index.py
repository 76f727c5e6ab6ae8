"""search index"""

import sqlalchemy as sa
from alembic import op

from server.records import types
from server.records.search.tables import CREATE_GRAMS, DROP_GRAMS

revision = "1d5b7c2e9f04"
down_revision = "e9208c965f40"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The tables are empty: the server fills them from the change log."""
    op.create_table(
        "search_doc",
        sa.Column("id", types.BigInt, autoincrement=False, nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("row_id", sa.String(length=36), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("phones", sa.Text(), nullable=False),
        sa.Column("own", types.Json, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_doc")),
        sa.UniqueConstraint("type", "row_id", name=op.f("uq_search_doc_type_row_id")),
    )
    op.create_table(
        "search_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tx", types.BigInt, nullable=False),
        sa.Column("seq", types.BigInt, nullable=False),
        sa.Column("last_id", types.BigInt, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_state")),
    )
    for statement in CREATE_GRAMS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for statement in DROP_GRAMS[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_table("search_state")
    op.drop_table("search_doc")
