"""contact records"""

import sqlalchemy as sa
from alembic import op

from server.records import types

revision = "ffa04f091c0b"
down_revision = "1650c2e9bb2e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_record",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("contact_id", sa.String(length=36), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("method_id", sa.String(length=36), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("contacted_at", types.UtcDateTime(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("sales_stage_id", sa.String(length=36), nullable=True),
        sa.Column("next_contact_at", types.UtcDateTime(), nullable=True),
        sa.Column("next_person_id", sa.String(length=36), nullable=True),
        sa.Column("next_goal", sa.String(length=400), nullable=True),
        sa.Column("clerk_id", sa.String(length=36), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_record")),
    )
    with op.batch_alter_table("contact_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_record_clerk_id"), ["clerk_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_record_contacted_at"), ["contacted_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_record_customer_id"), ["customer_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("contact_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_record_customer_id"))
        batch_op.drop_index(batch_op.f("ix_contact_record_contacted_at"))
        batch_op.drop_index(batch_op.f("ix_contact_record_clerk_id"))

    op.drop_table("contact_record")
