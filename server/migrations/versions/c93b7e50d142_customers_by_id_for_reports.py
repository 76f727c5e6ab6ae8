"""what reports ask of a customer is found by its id, without the customer"""

from alembic import op

revision = "c93b7e50d142"
down_revision = "1f4f073e5139"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_customer_by_id", "customer", ["id", "owner_id", "sales_region_id", "category_id", "province", "city"]
    )


def downgrade() -> None:
    op.drop_index("ix_customer_by_id", "customer")
