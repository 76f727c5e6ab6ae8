"""What lists of customers can be filtered by that no field says: birthdays, recovery to the pool, whom somebody visits."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from server.company.zone import company_zone
from server.customers.lunar import LUNAR, celebrated_on
from server.customers.models import Contact, Customer, CustomerShare
from server.customers.owners import taken_back_by
from server.records.actor import Actor
from server.records.listing import list_filter
from server.records.own import readable
from server.records.visibility import visible
from server.visits.models import Visit

_MOST_DAYS = 60


@list_filter(Customer, "birthday_within")
# unrestricted: only narrows the list of customers; contacts are asked for by their own rule
def with_birthday(session: Session, actor: Actor, text: str) -> ColumnElement[bool]:
    """Customers that have a birthday, or whose contacts have one, today or within so many days, by either calendar."""
    days = _days(text)
    if days is None:
        return false()
    today = datetime.now(company_zone(session)).date()
    span = [today + timedelta(days=count) for count in range(min(days, _MOST_DAYS) + 1)]
    solar = sorted({text for day in span for text in celebrated_on(day, lunar=False)})
    lunar = sorted({text for day in span for text in celebrated_on(day, lunar=True)})

    def near(birthday: Any, calendar: Any) -> ColumnElement[bool]:
        return or_(
            and_(or_(calendar.is_(None), calendar.not_in(LUNAR)), func.substr(birthday, 6).in_(solar)),
            and_(calendar.in_(LUNAR), func.substr(birthday, 6).in_(lunar)),
        )

    people = select(Contact.customer_id).where(
        near(Contact.birthday, Contact.birth_calendar), visible(actor, Contact)
    )
    found: ColumnElement[bool] = Customer.id.in_(people)
    if "birth_date" in readable(session, actor, Customer).fields:
        found = or_(found, near(Customer.birth_date, Customer.birth_calendar))
    return found


@list_filter(Customer, "quiet_days")
# unrestricted: only narrows the list of customers
def nobody_spoke_with(session: Session, actor: Actor, text: str) -> ColumnElement[bool]:
    """Customers whose last contact, else visit, else filing is so many days ago or more, counted in days (CU-29)."""
    days = _days(text)
    if days is None:
        return false()
    zone = company_zone(session)
    first = datetime.now(zone).date() - timedelta(days=days - 1)
    last = func.coalesce(Customer.last_contact_at, Customer.last_visit_at, Customer.created_at)
    return last < datetime.combine(first, time(), zone)


@list_filter(Customer, "recovered_within")
# unrestricted: only narrows the list of customers
def about_to_be_recovered(session: Session, actor: Actor, text: str) -> ColumnElement[bool]:
    """Customers that the pool takes back within so many days unless something happens (CU-30, CU-53, CU-54)."""
    days = _days(text)
    return false() if days is None else taken_back_by(session, datetime.now(UTC) + timedelta(days=days))


@list_filter(Customer, "shared_with")
# unrestricted: only narrows the list of customers; shares are asked for by their own rule
def shared_with(session: Session, actor: Actor, text: str) -> ColumnElement[bool]:
    """Customers of others that are shared with an employee, by the id (CU-32, CU-49)."""
    return _shared(actor, CustomerShare.employee_id == text)


@list_filter(Customer, "shared_by")
# unrestricted: only narrows the list of customers; shares are asked for by their own rule
def shared_by(session: Session, actor: Actor, text: str) -> ColumnElement[bool]:
    """Customers of an employee, by the id, that others are served by as well (CU-32, CU-49)."""
    return and_(Customer.owner_id == text, _shared(actor, true()))


def _shared(actor: Actor, which: ColumnElement[bool]) -> ColumnElement[bool]:
    return Customer.id.in_(select(CustomerShare.customer_id).where(which, visible(actor, CustomerShare)))


@list_filter(Customer, "planned_for")
# unrestricted: only narrows the list of customers; visits are asked for by their own rule
def to_visit(session: Session, actor: Actor, text: str) -> ColumnElement[bool]:
    """Customers that somebody has planned to visit today, or is to contact by the end of the day: an employee's id."""
    zone = company_zone(session)
    today = datetime.now(zone).date()
    tomorrow = datetime.combine(today + timedelta(days=1), time(), zone)
    planned = select(Visit.customer_id).where(
        Visit.visitor_id == text, Visit.planned_on == today, Visit.state != "dropped", visible(actor, Visit)
    )
    due = and_(or_(Customer.owner_id.is_(None), Customer.owner_id == text), Customer.next_contact_at < tomorrow)
    return or_(Customer.id.in_(planned), due)


def _days(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None
