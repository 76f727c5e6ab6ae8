"""opportunities"""

import sqlalchemy as sa
from alembic import op

from server.records import types

revision = "5c9e048decae"
down_revision = "049f62e39f75"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "opportunity",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("stage_id", sa.String(length=36), nullable=True),
        sa.Column("chance", sa.Integer(), nullable=True),
        sa.Column("expected_amount", types.Scaled(2), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=30), nullable=False),
        sa.Column("owner_id", sa.String(length=36), nullable=False),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("close_reason", sa.String(length=400), nullable=True),
        sa.Column("closed_at", types.UtcDateTime(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity")),
    )
    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opportunity_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opportunity_owner_id"), ["owner_id"], unique=False)

    with op.batch_alter_table("contact_record", schema=None) as batch_op:
        batch_op.add_column(sa.Column("opportunity_id", sa.String(length=36), nullable=True))
        batch_op.create_index(batch_op.f("ix_contact_record_opportunity_id"), ["opportunity_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("contact_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_record_opportunity_id"))
        batch_op.drop_column("opportunity_id")

    with op.batch_alter_table("opportunity", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_opportunity_owner_id"))
        batch_op.drop_index(batch_op.f("ix_opportunity_customer_id"))

    op.drop_table("opportunity")
