"""changes of owners, days of deals"""

import sqlalchemy as sa
from alembic import op

from server.records import types

revision = "6293e2df8b09"
down_revision = "7d83d820e4eb"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_move",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("from_id", sa.String(length=36), nullable=True),
        sa.Column("to_id", sa.String(length=36), nullable=True),
        sa.Column("moved_at", types.UtcDateTime(), nullable=False),
        sa.Column("by_approval", sa.Boolean(), nullable=False),
        sa.Column("moved_by", sa.String(length=36), nullable=True),
        sa.Column("category_id", sa.String(length=36), nullable=True),
        sa.Column("customer_status", sa.String(length=30), nullable=True),
        sa.Column("sales_region_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_move")),
    )
    with op.batch_alter_table("customer_move", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_move_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_move_from_id"), ["from_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_move_moved_at"), ["moved_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_move_to_id"), ["to_id"], unique=False)

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.add_column(sa.Column("claimed_at", types.UtcDateTime(), nullable=True))
    with op.batch_alter_table("company", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deal_days", sa.Integer(), nullable=True))

    steps = sa.table("upgrade_step", sa.column("name"))
    op.bulk_insert(steps, [{"name": "customers.moves"}, {"name": "people.standing_roles"}])


def downgrade() -> None:
    with op.batch_alter_table("company", schema=None) as batch_op:
        batch_op.drop_column("deal_days")

    with op.batch_alter_table("customer", schema=None) as batch_op:
        batch_op.drop_column("claimed_at")

    with op.batch_alter_table("customer_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_move_to_id"))
        batch_op.drop_index(batch_op.f("ix_customer_move_moved_at"))
        batch_op.drop_index(batch_op.f("ix_customer_move_from_id"))
        batch_op.drop_index(batch_op.f("ix_customer_move_customer_id"))

    op.drop_table("customer_move")
