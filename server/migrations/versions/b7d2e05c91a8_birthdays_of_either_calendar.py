"""birthdays as text, which the lunar calendar's days fit into"""

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "b7d2e05c91a8"
down_revision = "a41c9d27e5f0"
branch_labels = None
depends_on = None

_BIRTHDAYS = (("customer", "birth_date"), ("contact", "birthday"))


def upgrade() -> None:
    _rewrite(sa.String(length=10), "CAST({} AS TEXT)", "to_char({}, 'YYYY-MM-DD')")


def downgrade() -> None:
    """A day that only the lunar calendar has is not kept."""
    connection = op.get_bind()
    for table, column in _BIRTHDAYS:
        late = connection.execute(sa.text(f"SELECT id, {column} FROM {table} WHERE substr({column}, 9) > '28'"))
        for row_id, day in late.all():
            if not _is_day(day):
                connection.execute(sa.text(f"UPDATE {table} SET {column} = NULL WHERE id = :id"), {"id": row_id})
    _rewrite(sa.Date(), "{}", "CAST({} AS DATE)")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text) is not None
    except ValueError:
        return False


def _rewrite(kind: sa.String | sa.Date, on_sqlite: str, on_postgresql: str) -> None:
    """A column beside the old one takes its place: SQLite knows no other way that leaves the table as it is."""
    old = on_sqlite if op.get_bind().dialect.name == "sqlite" else on_postgresql
    for table, column in _BIRTHDAYS:
        op.add_column(table, sa.Column("rewritten", kind, nullable=True))
        op.execute(f"UPDATE {table} SET rewritten = {old.format(column)} WHERE {column} IS NOT NULL")
        op.drop_column(table, column)
        op.execute(f"ALTER TABLE {table} RENAME COLUMN rewritten TO {column}")
