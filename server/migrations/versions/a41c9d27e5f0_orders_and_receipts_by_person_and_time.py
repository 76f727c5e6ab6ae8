"""orders and receipts found by person and time"""

from alembic import op

revision = "a41c9d27e5f0"
down_revision = "f861ddfea7a4"
branch_labels = None
depends_on = None

_FOUND_BY = (("order", "clerk_id", "ordered_at"), ("payment", "operator_id", "paid_at"))


def upgrade() -> None:
    for table, person, moment in _FOUND_BY:
        op.create_index(f"ix_{table}_{person}_{moment}", table, [person, moment])
        op.drop_index(f"ix_{table}_{person}", table)


def downgrade() -> None:
    for table, person, moment in _FOUND_BY:
        op.create_index(f"ix_{table}_{person}", table, [person])
        op.drop_index(f"ix_{table}_{person}_{moment}", table)
