"""leads and call reports"""

import sqlalchemy as sa
from alembic import op

from server.records import types

revision = "66d4cd677fbe"
down_revision = "8156982c2b31"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_report",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("visit_id", sa.String(length=36), nullable=True),
        sa.Column("copied_from_id", sa.String(length=36), nullable=True),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("reported_at", types.UtcDateTime(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sales_stage_id", sa.String(length=36), nullable=True),
        sa.Column("next_contact_at", types.UtcDateTime(), nullable=True),
        sa.Column("satisfaction", sa.String(length=30), nullable=True),
        sa.Column("demand", sa.Text(), nullable=True),
        sa.Column("competition", sa.Text(), nullable=True),
        sa.Column("author_id", sa.String(length=36), nullable=False),
        sa.Column("differing", types.Json, nullable=True),
        sa.Column("own", types.Json, nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_report")),
    )
    with op.batch_alter_table("call_report", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_report_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_report_copied_from_id"), ["copied_from_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_report_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_report_reported_at"), ["reported_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_call_report_visit_id"), ["visit_id"], unique=False)

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("lead_stage", sa.String(length=30), nullable=False, server_default="potential"))
        batch_op.create_index(batch_op.f("ix_customer_lead_stage"), ["lead_stage"], unique=False)

    # Who has bought is an existing customer; whom somebody has spoken with about a stage is followed. Devices ask for the
    # new column by themselves.
    op.execute("UPDATE customer SET lead_stage = 'existing' WHERE customer_status = 'dealt'")
    op.execute(
        "UPDATE customer SET lead_stage = 'following' "
        "WHERE customer_status <> 'dealt' AND sales_stage_id IS NOT NULL AND last_contact_at IS NOT NULL"
    )


def downgrade() -> None:
    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_lead_stage"))
        batch_op.drop_column("lead_stage")

    with op.batch_alter_table("call_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_report_visit_id"))
        batch_op.drop_index(batch_op.f("ix_call_report_reported_at"))
        batch_op.drop_index(batch_op.f("ix_call_report_customer_id"))
        batch_op.drop_index(batch_op.f("ix_call_report_copied_from_id"))
        batch_op.drop_index(batch_op.f("ix_call_report_author_id"))

    op.drop_table("call_report")
