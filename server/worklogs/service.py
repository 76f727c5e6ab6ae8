"""The numbers of a work report, and how they follow what arrives later.

A report is often handed in before the phone had network for the rest of the day, and orders are cancelled afterwards.
So nobody has to remember to refresh it: whenever a row that counts is written, whatever wrote it, the reports of that
person and day are counted again in the same transaction.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, event, func, inspect, select
from sqlalchemy.orm import Session, UOWTransaction

from server.company.models import Company
from server.customers.models import Customer
from server.database import CommandSession, at_the_end
from server.orders.models import Order, Payment
from server.records.actor import SYSTEM
from server.records.audit import Cause
from server.records.record import Record
from server.records.values import to_wire
from server.visits.models import Visit
from server.worklogs.models import WorkReport
from server.worklogs.periods import Period, day_of
from sync import journal

#: What counts for whom and when: record → (field of the person, field of the moment).
COUNTED: Mapping[type[Record], tuple[str, str]] = {
    Visit: ("visitor_id", "checked_in_at"),
    Customer: ("created_by", "filed_at"),
    Order: ("clerk_id", "ordered_at"),
    Payment: ("operator_id", "paid_at"),
}
_TOUCHED = "days_to_count"


def count(session: Session, author_id: str, period: Period, zone: ZoneInfo) -> dict[str, Any]:
    """What somebody did in a period: visits, new customers, orders without cancelled ones, receipts. Money in CNY."""
    start, end = period.moments(zone)
    visits = session.execute(
        select(
            func.count(),
            func.count(case((Visit.evidence == "verified", 1))),
            func.count(func.distinct(Visit.customer_id)),
            func.sum(Visit.duration_seconds),
        ).where(Visit.visitor_id == author_id, Visit.checked_in_at >= start, Visit.checked_in_at < end)
    ).one()
    planned = session.scalar(
        select(func.count()).where(
            Visit.visitor_id == author_id,
            Visit.planned_on >= period.start,
            Visit.planned_on <= period.end,
            Visit.state != "dropped",
        )
    )
    customers = session.scalar(
        select(func.count()).where(
            Customer.created_by == author_id, Customer.filed_at >= start, Customer.filed_at < end
        )
    )
    orders = session.execute(
        select(func.count(), func.sum(Order.payable)).where(
            Order.clerk_id == author_id,
            Order.ordered_at >= start,
            Order.ordered_at < end,
            Order.state != "cancelled",
        )
    ).one()
    payments = session.execute(
        select(func.count(), func.sum(Payment.amount)).where(
            Payment.operator_id == author_id, Payment.paid_at >= start, Payment.paid_at < end
        )
    ).one()
    return {
        "planned": planned or 0,
        "visits": visits[0],
        "valid_visits": visits[1],
        "visited_customers": visits[2],
        "visit_seconds": int(visits[3] or 0),
        "new_customers": customers or 0,
        "orders": orders[0],
        "order_amount": to_wire(orders[1] or Decimal("0.00")),
        "payments": payments[0],
        "payment_amount": to_wire(payments[1] or Decimal("0.00")),
    }


def refresh_counts(session: Session, author_id: str, day: date, zone: ZoneInfo) -> None:
    """Counts every report of this person again whose period contains the day."""
    reports = session.scalars(
        select(WorkReport).where(
            WorkReport.author_id == author_id, WorkReport.period_start <= day, WorkReport.period_end >= day
        )
    ).all()
    for report in reports:
        counts = count(session, author_id, Period(report.period_start, report.period_end), zone)
        if counts != report.counts:
            report.counts = counts


@event.listens_for(CommandSession, "after_flush")
def _remember(session: Session, context: UOWTransaction) -> None:
    """Whose day a written row belongs to, before and after the change."""
    touched: set[tuple[str, datetime | date]] = session.info.setdefault(_TOUCHED, set())
    for row in [*session.new, *session.dirty, *session.deleted]:
        fields = COUNTED.get(type(row))
        if fields is None:
            continue
        person, moment = (_values(row, name) for name in fields)
        touched |= {(who, when) for who in person for when in moment if who and when}
        if isinstance(row, Visit) and row.planned_on is not None:
            touched.add((row.visitor_id, row.planned_on))


def _values(row: Record, name: str) -> set[Any]:
    history = inspect(row).attrs[name].history
    return {*(history.added or ()), *(history.unchanged or ()), *(history.deleted or ())}


@at_the_end
def _count_again(session: Session) -> None:
    """The counts of the days that a push, a form or an import wrote to."""
    session.flush()
    touched = session.info.pop(_TOUCHED, None)
    if not touched:
        return
    # No command of the push has done this, least of all its last one, which may have been refused.
    journal.of(session).cause = Cause(SYSTEM.employee_id, "report.count", datetime.now(UTC))
    zone = ZoneInfo(session.scalar(select(Company.time_zone).limit(1)) or "Asia/Shanghai")
    days = {(who, day_of(when, zone) if isinstance(when, datetime) else when) for who, when in touched}
    for author_id, day in sorted(days):
        refresh_counts(session, author_id, day, zone)
