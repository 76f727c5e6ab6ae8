"""The numbers of a work report, and how they follow what arrives later.

A report is often handed in before the phone had network for the rest of the day, and orders are cancelled afterwards.
So nobody has to remember to refresh it: whenever a row that counts is written, whatever wrote it, the reports of that
person and day are counted again in the same transaction.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Select, bindparam, case, func, inspect, select, true
from sqlalchemy.orm import InstanceState, Session
from sqlalchemy.orm.base import LoaderCallableStatus

from server.company.zone import company_zone
from server.customers.models import Customer
from server.database import at_the_end
from server.followups.models import ContactRecord
from server.orders.models import Order, Payment
from server.records.actor import SYSTEM, Actor
from server.records.audit import Cause
from server.records.loading import flush_for
from server.records.record import Record
from server.records.rights import may_read, told_of
from server.records.values import to_wire
from server.visits.models import Visit
from server.worklogs.models import WorkReport
from server.worklogs.periods import Period, day_of
from sync import journal

#: What counts for whom and when: record → (field of the person, field of the moment).
COUNTED: Mapping[type[Record], tuple[str, str]] = {
    Visit: ("visitor_id", "checked_in_at"),
    Customer: ("created_by", "filed_at"),
    ContactRecord: ("clerk_id", "contacted_at"),
    Order: ("clerk_id", "ordered_at"),
    Payment: ("operator_id", "paid_at"),
}
_TOUCHED = "days_to_count"
#: How often something was written that counts.
_TIMES = "times_counted"


def _within(moment: Any) -> Any:
    return (moment >= bindparam("start")) & (moment < bindparam("end"))


def _counted() -> Select[Any]:
    """One row with all numbers of a person and a period. Drawn up once: it runs for every day that a push wrote to."""
    who: BindParameter[str] = bindparam("who")
    visits = select(
        func.count().label("visits"),
        func.count(case((Visit.evidence == "verified", 1))).label("valid_visits"),
        func.count(func.distinct(Visit.customer_id)).label("visited_customers"),
        func.sum(Visit.duration_seconds).label("visit_seconds"),
    ).where(Visit.visitor_id == who, _within(Visit.checked_in_at))
    planned = select(func.count().label("planned")).where(
        Visit.visitor_id == who,
        Visit.planned_on >= bindparam("first"),
        Visit.planned_on <= bindparam("last"),
        Visit.state != "dropped",
    )
    customers = select(func.count().label("new_customers")).where(
        Customer.created_by == who, _within(Customer.filed_at)
    )
    # What the system writes itself is no follow-up.
    contacts = select(func.count().label("contacts")).where(
        ContactRecord.clerk_id == who, _within(ContactRecord.contacted_at), ~ContactRecord.automatic
    )
    orders = select(func.count().label("orders"), func.sum(Order.payable).label("order_amount")).where(
        Order.clerk_id == who, _within(Order.ordered_at), Order.state != "cancelled"
    )
    payments = select(func.count().label("payments"), func.sum(Payment.amount).label("payment_amount")).where(
        Payment.operator_id == who, _within(Payment.paid_at), Payment.kind != "used"
    )
    first, *others = (part.subquery() for part in (visits, planned, customers, contacts, orders, payments))
    joined: Any = first
    for other in others:
        joined = joined.join(other, true())
    return select(first, *others).select_from(joined)


_COUNTED = _counted()


def count(session: Session, author_id: str, period: Period, zone: ZoneInfo) -> dict[str, Any]:
    """What somebody did in a period: visits, new customers, contact records, orders without cancelled ones, receipts.
    Money in CNY."""
    start, end = period.moments(zone)
    session.flush()
    found = (
        session.connection()
        .execute(_COUNTED, {"who": author_id, "start": start, "end": end, "first": period.start, "last": period.end})
        .one()
    )
    return {
        "planned": found.planned,
        "visits": found.visits,
        "valid_visits": found.valid_visits,
        "visited_customers": found.visited_customers,
        "visit_seconds": int(found.visit_seconds or 0),
        "new_customers": found.new_customers,
        "contacts": found.contacts,
        "orders": found.orders,
        "order_amount": to_wire(found.order_amount or Decimal("0.00")),
        "payments": found.payments,
        "payment_amount": to_wire(found.payment_amount or Decimal("0.00")),
    }


@told_of(WorkReport, "counts")
def told_counts(actor: Actor, value: Any, of: Callable[[str], Any]) -> Any:
    """The numbers of a report, without sums of amounts that the reader may not read."""
    sums = {"order_amount": (Order, "payable"), "payment_amount": (Payment, "amount")}
    return {name: None if name in sums and not may_read(actor, *sums[name]) else one for name, one in value.items()}


_REPORTS = select(WorkReport).where(
    WorkReport.author_id == bindparam("who"),
    WorkReport.period_start <= bindparam("day"),
    WorkReport.period_end >= bindparam("day"),
)


def count_report(session: Session, report: WorkReport, zone: ZoneInfo) -> None:
    """Brings the numbers of a report up to date, unless nothing was written since that was done."""
    session.flush()
    times = session.info.get(_TIMES, 0)
    done: dict[str, int] = session.info.setdefault("memory", {}).setdefault("reports_counted", {})
    if done.get(report.id) == times:
        return
    counts = count(session, report.author_id, Period(report.period_start, report.period_end), zone)
    if counts != report.counts:
        report.counts = counts
    done[report.id] = times


def refresh_counts(session: Session, author_id: str, day: date, zone: ZoneInfo) -> None:
    """Counts every report of this person again whose period contains the day."""
    for report in session.scalars(_REPORTS, {"who": author_id, "day": day}).all():
        count_report(session, report, zone)


@journal.on_row
def _remember(session: Session, row: Any) -> None:
    """Whose day a written row belongs to, before and after the change."""
    fields = COUNTED.get(type(row))
    if fields is None:
        return
    touched: set[tuple[str, datetime | date]] = session.info.setdefault(_TOUCHED, set())
    session.info[_TIMES] = session.info.get(_TIMES, 0) + 1
    person, moment = (_values(inspect(row), name) for name in fields)
    touched |= {(who, when) for who in person for when in moment}
    if isinstance(row, Visit) and row.planned_on is not None:
        touched.add((row.visitor_id, row.planned_on))


def _values(state: InstanceState[Any], name: str) -> set[Any]:
    """What a field is and, where it was set since the last flush, what it was."""
    return {
        value
        for value in (state.dict.get(name), state.committed_state.get(name))
        if value is not None and not isinstance(value, LoaderCallableStatus)
    }


@at_the_end
def _count_again(session: Session) -> None:
    """The counts of the days that a push, a form or an import wrote to."""
    flush_for(session, *COUNTED)
    touched = session.info.pop(_TOUCHED, None)
    if not touched:
        return
    # No command of the push has done this, least of all its last one, which may have been refused.
    journal.of(session).cause = Cause(SYSTEM.employee_id, "report.count", datetime.now(UTC))
    zone = company_zone(session)
    days = {(who, day_of(when, zone) if isinstance(when, datetime) else when) for who, when in touched}
    for author_id, day in sorted(days):
        refresh_counts(session, author_id, day, zone)
