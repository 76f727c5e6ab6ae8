"""imports without a limit of rows"""

import sqlalchemy as sa
from alembic import op

revision = "7d83d820e4eb"
down_revision = "ed1cc4e0c912"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_part",
        sa.Column("job_id", sa.String(length=36), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "part", name=op.f("pk_import_part")),
    )
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.add_column(sa.Column("turn", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index("ix_import_row_turn", ["job_id", "turn", "seq"], unique=False)
    op.execute("UPDATE import_row SET turn = 1000000 WHERE sheet = 'contact'")


def downgrade() -> None:
    with op.batch_alter_table("import_row", schema=None) as batch_op:
        batch_op.drop_index("ix_import_row_turn")
        batch_op.drop_column("turn")

    op.drop_table("import_part")
