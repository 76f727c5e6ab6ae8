"""customers of all branches"""

import sqlalchemy as sa
from alembic import op

revision = "e14b7c0d92a5"
down_revision = "fc75f0f7a8eb"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_customer_cross_branch",
        "customer",
        ["id"],
        sqlite_where=sa.text("cross_branch = 1"),
        postgresql_where=sa.text("cross_branch"),
    )


def downgrade() -> None:
    op.drop_index("ix_customer_cross_branch", table_name="customer")
