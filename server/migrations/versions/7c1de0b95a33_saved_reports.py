"""saved reports"""

import sqlalchemy as sa
from alembic import op

from server.records import types

revision = "7c1de0b95a33"
down_revision = "ff840769586c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_report",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("audience", sa.String(length=30), nullable=False),
        sa.Column("declaration", types.Json, nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_report")),
    )
    with op.batch_alter_table("saved_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_report_audience"), ["audience"], unique=False)
        batch_op.create_index(batch_op.f("ix_saved_report_owner_id"), ["owner_id"], unique=False)


def downgrade() -> None:
    op.drop_table("saved_report")
