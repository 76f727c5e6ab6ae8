"""steps of an upgrade"""

import sqlalchemy as sa
from alembic import op

from server.records import types

revision = "a3d41f0c7e52"
down_revision = "9bc44703143d"
branch_labels = None
depends_on = None


def upgrade() -> None:
    step = op.create_table(
        "upgrade_step",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("done_at", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_upgrade_step")),
    )
    op.bulk_insert(step, [{"name": "customers.shares_watched", "done_at": None}])


def downgrade() -> None:
    op.drop_table("upgrade_step")
