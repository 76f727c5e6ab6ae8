"""departments of customers"""

import sqlalchemy as sa
from alembic import op

from server.records import types

revision = "ed1cc4e0c912"
down_revision = "a3d41f0c7e52"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customer_department",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("contact", sa.String(length=60), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_department")),
    )
    with op.batch_alter_table("customer_department", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_department_customer_id"), ["customer_id"], unique=False)

    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.add_column(sa.Column("customer_department_id", sa.String(length=36), nullable=True))
        batch_op.create_index(batch_op.f("ix_order_customer_department_id"), ["customer_department_id"], unique=False)
    op.execute(sa.insert(sa.table("upgrade_step", sa.column("name"))).values(name="customers.departments"))


def downgrade() -> None:
    with op.batch_alter_table("order", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_order_customer_department_id"))
        batch_op.drop_column("customer_department_id")

    with op.batch_alter_table("customer_department", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_department_customer_id"))

    op.drop_table("customer_department")
