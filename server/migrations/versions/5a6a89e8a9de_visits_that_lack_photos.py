"""How many required photos a visit lacked when it ended."""

import sqlalchemy as sa
from alembic import op

revision = "5a6a89e8a9de"
down_revision = "fc99e2016cc5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("missing_photos", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_column("missing_photos")
