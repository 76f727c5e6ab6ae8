"""photos by the day"""

from alembic import op

revision = "b7d1c0a94e52"
down_revision = "9ba090e6dcb8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.create_index("ix_photo_taken_at", ["taken_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.drop_index("ix_photo_taken_at")
