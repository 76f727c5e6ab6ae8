"""visit types; photos withdrawn"""

import sqlalchemy as sa
from alembic import op

from server.records import types

revision = "9ba090e6dcb8"
down_revision = "092a17dc7028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visit_type",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("photos", types.Json, nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_type")),
    )
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind_id", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("withdrawn_at", types.UtcDateTime(), nullable=True))
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.add_column(sa.Column("visit_type_id", sa.String(length=36), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("visit", schema=None) as batch_op:
        batch_op.drop_column("visit_type_id")
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.drop_column("withdrawn_at")
        batch_op.drop_column("kind_id")
    op.drop_table("visit_type")
