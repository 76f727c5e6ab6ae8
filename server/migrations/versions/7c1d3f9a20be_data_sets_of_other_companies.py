"""data sets of other companies"""

import sqlalchemy as sa
from alembic import op

from server.records import types

revision = "7c1d3f9a20be"
down_revision = "ace6744604d6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("company", schema=None) as batch_op:
        batch_op.add_column(sa.Column("data_sets", types.Json, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("company", schema=None) as batch_op:
        batch_op.drop_column("data_sets")
