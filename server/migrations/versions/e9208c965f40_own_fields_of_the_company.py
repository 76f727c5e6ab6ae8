"""own fields of the company"""

import sqlalchemy as sa
from alembic import op

from server.records import types

revision = "e9208c965f40"
down_revision = "5a6a89e8a9de"
branch_labels = None
depends_on = None

#: Records that may have own fields.
_OWNERS = ("customer", "contact", "visit", "order", "work_report")


def upgrade() -> None:
    op.create_table(
        "own_field",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("record_type", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("name_tw", sa.String(length=40), nullable=True),
        sa.Column("name_en", sa.String(length=60), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("choices", types.Json, nullable=True),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("quick", sa.Boolean(), nullable=False),
        sa.Column("search", sa.Boolean(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("default_value", types.Json, nullable=True),
        sa.Column("others", sa.String(length=30), nullable=False),
        sa.Column("rights", types.Json, nullable=True),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("deleted_at", types.UtcDateTime(), nullable=True),
        sa.Column("deleted_by", sa.String(length=36), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_field")),
        sa.UniqueConstraint("record_type", "key", name=op.f("uq_own_field_record_type_key")),
    )
    for table in _OWNERS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("own", types.OwnValues, nullable=True))


def downgrade() -> None:
    for table in _OWNERS:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("own")
    op.drop_table("own_field")
