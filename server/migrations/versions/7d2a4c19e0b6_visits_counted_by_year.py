"""visits counted by year, and found by person and time"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

from server.records import types

revision = "7d2a4c19e0b6"
down_revision = "66d4cd677fbe"
branch_labels = None
depends_on = None


def upgrade() -> None:
    year = op.create_table(
        "visit_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.String(length=36), nullable=False),
        sa.Column("visitor_id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("latest", types.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("year", "customer_id", "visitor_id", name=op.f("pk_visit_year")),
        sqlite_with_rowid=False,
    )
    _count(op.get_bind(), year)
    for table, person, moment in (
        ("visit", "visitor_id", "checked_in_at"),
        ("contact_record", "clerk_id", "contacted_at"),
    ):
        op.create_index(f"ix_{table}_{person}_{moment}", table, [person, moment])
        op.drop_index(f"ix_{table}_{person}", table)


def _count(connection: sa.Connection, year: sa.Table) -> None:
    """The visits that there are, by the company's calendar."""
    company = sa.table("company", sa.column("time_zone"))
    visit = sa.table(
        "visit",
        sa.column("customer_id"),
        sa.column("visitor_id"),
        sa.column("checked_in_at", types.UtcDateTime()),
    )
    zone = ZoneInfo(connection.scalar(sa.select(company.c.time_zone).limit(1)) or "Asia/Shanghai")
    moment = visit.c.checked_in_at
    first, last = connection.execute(sa.select(sa.func.min(moment), sa.func.max(moment))).one()
    if first is None:
        return
    keys = [visit.c.customer_id, visit.c.visitor_id]
    for number in range(first.astimezone(zone).year, last.astimezone(zone).year + 1):
        start, end = (datetime(n, 1, 1, tzinfo=zone).astimezone(UTC) for n in (number, number + 1))
        counted = (
            sa.select(sa.text(str(number)), *keys, sa.func.count(), sa.func.max(moment))
            .where(moment >= start, moment < end)
            .group_by(*keys)
        )
        names = ["year", "customer_id", "visitor_id", "number", "latest"]
        connection.execute(sa.insert(year).from_select(names, counted))


def downgrade() -> None:
    for table, person, moment in (
        ("visit", "visitor_id", "checked_in_at"),
        ("contact_record", "clerk_id", "contacted_at"),
    ):
        op.create_index(f"ix_{table}_{person}", table, [person])
        op.drop_index(f"ix_{table}_{person}_{moment}", table)
    op.drop_table("visit_year")
