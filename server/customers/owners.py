"""Customers changing hands: whether the new owner may have them, and the handing over itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from server.company.models import COMPANY_ID, Company
from server.customers.holding import refresh_access
from server.customers.models import Customer, CustomerShare
from server.customers.moves import note
from server.orders.models import Order
from server.people.models import Employee
from server.records.commands import Context
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L
from sync.access import among

error_texts(
    {
        "employee_unavailable": L(
            "员工不存在或已停用", "員工不存在或已停用", "There is no such employee, or the account is disabled"
        ),
        "customer_limit": L(
            "{name}最多跟进 {max} 个客户，现有 {count} 个",
            "{name}最多跟進 {max} 個客戶，現有 {count} 個",
            "{name} may follow at most {max} customers and has {count}",
        ),
    }
)


def hand_over(
    context: Context, customers: list[Customer], owner_id: str | None, how: str, *, by_approval: bool = False
) -> None:
    """Gives customers to an owner or to the pool, however many, with a fixed number of statements. `how`: `MOVES`."""
    note(context, customers, owner_id, how, by_approval=by_approval)
    for customer in customers:
        customer.owner_id = owner_id
        customer.owned_since = context.now
        customer.claimed_at = context.now if how == "claim" else None
    shares = select(CustomerShare).where(
        CustomerShare.customer_id.in_(among(context.session, [customer.id for customer in customers])),
        CustomerShare.employee_id == owner_id,
    )
    for share in context.session.scalars(shares) if owner_id else ():
        context.session.delete(share)
    refresh_access(context, customers)


#: What follows up a customer: the pool counts its days from the latest of these (CU-53).
FOLLOWED = (Customer.created_at, Customer.owned_since, Customer.last_contact_at, Customer.last_visit_at)
#: Since when the owner has it.
HELD_SINCE = func.coalesce(Customer.owned_since, Customer.created_at)
#: Bought since. An order that waits for approval counts: its customer is not taken away meanwhile.
_DEAL = (
    select(Order.id)
    .where(Order.customer_id == Customer.id, Order.state != "cancelled", Order.ordered_at >= HELD_SINCE)
    .correlate(Customer)
    .exists()
)


@dataclass(frozen=True, slots=True)
class Way:
    """A way back to the pool: so many days after the latest of `since`, where `holds`. `name`: "quiet" or "deal"."""

    name: str
    days: int
    since: Sequence[Any]
    holds: ColumnElement[bool]

    def due(self, at: datetime) -> ColumnElement[bool]:
        """Customers of somebody that will have been taken back by then, unless something happens."""
        before = at - timedelta(days=self.days)
        late = [or_(moment.is_(None), moment < before) for moment in self.since]
        return and_(Customer.owner_id.is_not(None), Customer.enabled, self.holds, *late)


# unrestricted: the company's rules, and the days of its people
def ways_back(session: Session) -> list[Way]:
    """After the company's days without a follow-up (CU-53), and after the owner's own days without a deal (CU-54), else
    the company's. No days: not this way; 0 at a person: not from him. Only customers of the chosen categories, where the company chose some (CU-52)."""
    settings = select(Company.recovery_days, Company.deal_days, Company.recovery_categories)
    row = session.execute(settings.where(Company.id == COMPANY_ID)).one_or_none()
    quiet, deal, categories = (None, None, None) if row is None else row
    within = Customer.category_id.in_(categories) if categories else true()
    found = [Way("quiet", quiet, FOLLOWED, within)] if quiet else []
    people: dict[int, list[str]] = {}
    for one in session.execute(select(Employee.id, Employee.max_follow_days).where(Employee.max_follow_days > 0)):
        people.setdefault(one.max_follow_days, []).append(one.id)
    for days, ids in sorted(people.items()):
        found.append(Way("deal", days, (HELD_SINCE,), and_(Customer.owner_id.in_(ids), ~_DEAL, within)))
    if deal:
        others = select(Employee.id).where(Employee.max_follow_days.is_(None))
        found.append(Way("deal", deal, (HELD_SINCE,), and_(Customer.owner_id.in_(others), ~_DEAL, within)))
    return found


def taken_back_by(session: Session, at: datetime) -> ColumnElement[bool]:
    """Customers that the pool will have taken back by then, whichever way."""
    return or_(false(), *[way.due(at) for way in ways_back(session)])


def receiver(context: Context, employee_id: str, more: int) -> Employee:
    """The employee who gets `more` customers: within the assigner's scope and his own limit (CU-36, CU-57)."""
    new_owner(context, employee_id, 0)
    scope = context.actor.scope("customer.assign")
    members = context.actor.members(scope) if scope else frozenset[str]()
    if members is not None and employee_id not in members:
        raise Forbidden("outside_scope", record="employee", id=employee_id)
    return new_owner(context, employee_id, more)


def new_owner(context: Context, employee_id: str, more: int) -> Employee:
    """The enabled employee who gets `more` customers, if his limit has room for them. 422 customer_limit."""
    employee = context.find(Employee, employee_id)
    if employee is None or employee.status != "enabled":
        raise Rejected("employee_unavailable", field="owner_id")
    if employee.max_customers is not None and more:
        context.get(Employee, employee_id)  # locked: two at once count one after the other
        held = select(func.count()).select_from(Customer).where(Customer.owner_id == employee_id, Customer.enabled)
        count = context.session.scalar(held) or 0
        if count + more > employee.max_customers:
            raise Rejected(
                "customer_limit", field="owner_id", name=employee.real_name, max=employee.max_customers, count=count
            )
    return employee
