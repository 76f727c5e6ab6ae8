"""Which customers a rule points at, as one query for each kind. Only existing customers that somebody owns count: leads
have due contacts, and the pool's are nobody's."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from server.alerts.models import AlertRule
from server.customers.models import Customer
from server.followups.models import CallReport, Complaint
from server.orders.models import Order

EXISTING = (
    Customer.enabled,
    Customer.owner_id.is_not(None),
    or_(Customer.lead_stage == "existing", Customer.customer_status == "dealt"),
)
#: What is sold, as reports and the customer's totals have it.
_SOLD = Order.state.in_(("picking", "shipped", "completed"))


def whole_cents(column: Any) -> ColumnElement[int]:
    """An amount as it is stored, so that two can be compared by percent."""
    return type_coerce(column, BigInteger)


def found_by(rule: AlertRule, today: date, zone: ZoneInfo) -> Select[Any]:
    """(`customer_id`, `owner_id`, `name`, `last_at`, `part`, `whole`) of the customers a rule points at; `part` and `whole`
    are what the percentage is made of."""
    return _KINDS[rule.kind](rule, lambda days: datetime.combine(today - timedelta(days=days), time(), zone))


Back = Callable[[int], datetime]


# unrestricted: the company's rules are judged for everybody
def _customers(last_at: Any, part: Any = None, whole: Any = None) -> Select[Any]:
    number: Any = literal(0)
    return select(
        Customer.id.label("customer_id"),
        Customer.owner_id,
        Customer.name,
        last_at.label("last_at"),
        (number if part is None else part).label("part"),
        (number if whole is None else whole).label("whole"),
    ).where(*EXISTING)


# unrestricted: the company's rules are judged for everybody
def _no_order(rule: AlertRule, back: Back) -> Select[Any]:
    first = back(_days(rule) - 1)
    mine = (Order.customer_id == Customer.id, Order.state != "cancelled")
    last = select(func.max(Order.ordered_at)).where(*mine).correlate(Customer).scalar_subquery()
    return _customers(last).where(
        Customer.created_at < first, ~exists().where(*mine, Order.ordered_at >= first).correlate(Customer)
    )


# unrestricted: the company's rules are judged for everybody
def _no_contact(rule: AlertRule, back: Back) -> Select[Any]:
    """As the quick view of customers nobody has spoken with (CU-29)."""
    last = func.coalesce(Customer.last_contact_at, Customer.last_visit_at)
    return _customers(type_coerce(last, Customer.last_contact_at.type)).where(
        func.coalesce(last, Customer.created_at) < back(_days(rule) - 1)
    )


# unrestricted: the company's rules are judged for everybody
def _no_visit(rule: AlertRule, back: Back) -> Select[Any]:
    return _customers(Customer.last_visit_at).where(
        func.coalesce(Customer.last_visit_at, Customer.created_at) < back(_days(rule) - 1)
    )


# unrestricted: the company's rules are judged for everybody
def _debt_share(rule: AlertRule, back: Back) -> Select[Any]:
    debt, limit = whole_cents(Customer.debt_total), whole_cents(Customer.credit_limit)
    never = null().label("last_at")
    return _customers(never, debt, limit).where(limit > 0, debt * 100 >= limit * (rule.percent or 0))


# unrestricted: the company's rules are judged for everybody
def _sales_fell(rule: AlertRule, back: Back) -> Select[Any]:
    """Whole days up to yesterday against as many before."""
    end, middle, begin = back(0), back(_days(rule)), back(2 * _days(rule))
    payable = whole_cents(Order.payable)
    sold = (
        select(
            Order.customer_id,
            func.sum(case((Order.ordered_at >= middle, payable), else_=0)).label("recent"),
            func.sum(case((Order.ordered_at < middle, payable), else_=0)).label("before"),
            func.max(Order.ordered_at).label("last_at"),
        )
        .where(_SOLD, Order.ordered_at >= begin, Order.ordered_at < end)
        .group_by(Order.customer_id)
        .subquery()
    )
    less = sold.c.before - sold.c.recent
    return (
        _customers(sold.c.last_at, less, sold.c.before)
        .join(sold, sold.c.customer_id == Customer.id)
        .where(sold.c.before > 0, less * 100 >= sold.c.before * (rule.percent or 0))
    )


# What was said when a report asked how satisfied the customer is, and when a complaint was closed.
_REPORTED = (CallReport.customer_id == Customer.id, CallReport.satisfaction.is_not(None))
_CLOSED = (Complaint.customer_id == Customer.id, Complaint.satisfaction.is_not(None))
_SAID = union_all(
    select(
        CallReport.satisfaction.label("satisfaction"), CallReport.reported_at.label("at"), CallReport.id.label("id")
    )
    .where(*_REPORTED)
    .correlate(Customer),
    select(Complaint.satisfaction, Complaint.closed_at, Complaint.id).where(*_CLOSED).correlate(Customer),
).subquery()
_LAST_ASKED = select(func.max(_SAID.c.at)).scalar_subquery()


# unrestricted: the company's rules are judged for everybody
def _unhappy(rule: AlertRule, back: Back) -> Select[Any]:
    """The last time that the customer was asked it was not satisfied."""
    last = select(_SAID.c.satisfaction).order_by(_SAID.c.at.desc(), _SAID.c.id.desc()).limit(1).scalar_subquery()
    once = or_(
        exists().where(*_REPORTED, CallReport.satisfaction == "bad").correlate(Customer),
        exists().where(*_CLOSED, Complaint.satisfaction == "bad").correlate(Customer),
    )
    return _customers(_LAST_ASKED).where(once, last == "bad")


# unrestricted: the company's rules are judged for everybody
def _not_asked(rule: AlertRule, back: Back) -> Select[Any]:
    first = back(_days(rule) - 1)
    return _customers(_LAST_ASKED).where(
        Customer.created_at < first,
        ~exists().where(*_REPORTED, CallReport.reported_at >= first).correlate(Customer),
        ~exists().where(*_CLOSED, Complaint.closed_at >= first).correlate(Customer),
    )


def _days(rule: AlertRule) -> int:
    return rule.days or 1


_KINDS: dict[str, Callable[[AlertRule, Back], Select[Any]]] = {
    "no_order": _no_order,
    "no_contact": _no_contact,
    "no_visit": _no_visit,
    "debt_share": _debt_share,
    "sales_fell": _sales_fell,
    "unhappy": _unhappy,
    "not_asked": _not_asked,
}
