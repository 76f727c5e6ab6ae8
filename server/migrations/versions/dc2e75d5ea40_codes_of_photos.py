"""codes of photos"""

import sqlalchemy as sa
from alembic import op

revision = "dc2e75d5ea40"
down_revision = "06db209fe6f9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.add_column(sa.Column("code", sa.String(length=14), nullable=True))
        batch_op.create_index(batch_op.f("ix_photo_code"), ["code"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_photo_code"))
        batch_op.drop_column("code")
