"""visits of a period are counted from their index alone"""

from alembic import op

revision = "e41d86c0a9f7"
down_revision = "c93b7e50d142"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_visit_period", "visit", ["checked_in_at", "customer_id", "visitor_id", "evidence"])
    op.drop_index("ix_visit_checked_in_at", "visit")


def downgrade() -> None:
    op.create_index("ix_visit_checked_in_at", "visit", ["checked_in_at"])
    op.drop_index("ix_visit_period", "visit")
