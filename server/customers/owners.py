"""Customers changing hands: whether the new owner may have them, and the handing over itself."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from server.customers.holding import refresh_access
from server.customers.models import Customer, CustomerShare
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


def hand_over(context: Context, customers: list[Customer], owner_id: str | None) -> None:
    """Gives customers to an owner or to the pool, however many, with a fixed number of statements."""
    for customer in customers:
        customer.owner_id = owner_id
        customer.owned_since = context.now
    shares = select(CustomerShare).where(
        CustomerShare.customer_id.in_(among(context.session, [customer.id for customer in customers])),
        CustomerShare.employee_id == owner_id,
    )
    for share in context.session.scalars(shares) if owner_id else ():
        context.session.delete(share)
    refresh_access(context, customers)


def unattended(since: datetime) -> list[ColumnElement[bool]]:
    """Customers of somebody whom nobody has spoken with since (CU-53): what counts for the pool, and for its warnings."""
    moments = (Customer.created_at, Customer.owned_since, Customer.last_contact_at, Customer.last_visit_at)
    return [
        Customer.owner_id.is_not(None),
        Customer.enabled,
        *[or_(moment.is_(None), moment < since) for moment in moments],
    ]


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
