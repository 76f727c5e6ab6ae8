"""map tiles of the company"""

import sqlalchemy as sa
from alembic import op

revision = "06db209fe6f9"
down_revision = "5f6fa07e076c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("company", schema=None) as batch_op:
        batch_op.add_column(sa.Column("map_tile_url", sa.String(length=400), nullable=True))
        batch_op.add_column(sa.Column("map_tile_attribution", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("map_tile_max_zoom", sa.Integer(), nullable=False, server_default="18"))
        batch_op.add_column(sa.Column("map_tile_datum", sa.String(length=30), nullable=False, server_default="gcj02"))


def downgrade() -> None:
    with op.batch_alter_table("company", schema=None) as batch_op:
        batch_op.drop_column("map_tile_datum")
        batch_op.drop_column("map_tile_max_zoom")
        batch_op.drop_column("map_tile_attribution")
        batch_op.drop_column("map_tile_url")
