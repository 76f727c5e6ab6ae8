"""Who holds a customer on a device: the rule as one SQL expression, and its being written when anything it speaks of
changes. A device never holds more than its user may see."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    bindparam,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session

from server.company.models import COMPANY_ID, Company
from server.customers.models import Customer, CustomerShare
from server.database import at_the_end
from server.people.models import Department, Employee, Role
from server.records.commands import Context
from server.records.editing import on_edit
from server.records.loading import flush_for
from sync.access import among, end, give, rewrite
from sync.schema import access

_ROOT = literal("customer:").concat(Customer.id).label("root")
_IS_CUSTOMER = access.c.root.like("customer:%")


# unrestricted: decides who may hold what
def holders(customers: ColumnElement[bool], *, team: bool = True) -> CompoundSelect[tuple[str, str]]:
    """(employee_id, root) of everybody whose devices hold the customers of this condition.

    The owner; those it is shared with (CU-48); where the company says that managers' devices hold the team's customers,
    the owner's supervisors up the line who may see their subordinates' customers, and whoever may see those of the
    owner's department. Disabled customers are on no device (CU-63), and disabled people hold nothing. `team=False`
    leaves the managers out where it is known that the company does not say so.
    """
    there = and_(Customer.enabled, customers)
    owner = select(Customer.owner_id.label("employee_id"), _ROOT).join(Employee, Employee.id == Customer.owner_id)
    shared = (
        select(CustomerShare.employee_id, _ROOT)
        .join(Customer, Customer.id == CustomerShare.customer_id)
        .join(Employee, Employee.id == CustomerShare.employee_id)
    )
    enabled = Employee.status == "enabled"
    parts: list[Any] = [owner.where(enabled, there), shared.where(enabled, there)]
    if team:
        parts += [part.where(_managers_hold_team(), there) for part in (_up_the_line(), _same_department())]
    return union(*parts)


# unrestricted: the company's rule
def _managers_hold_team() -> ColumnElement[bool]:
    return select(Company.managers_hold_team).where(Company.id == COMPANY_ID).scalar_subquery()


# unrestricted: decides who may hold what
def _up_the_line() -> Select[Any]:
    """Supervisors at any height, with their team's customers. A line that goes in a circle ends all the same."""
    line = (
        select(Employee.id.label("member"), Employee.supervisor_id.label("above"))
        .where(Employee.supervisor_id.is_not(None))
        .cte("line", recursive=True)
    )
    line = line.union(
        select(line.c.member, Employee.supervisor_id)
        .join(Employee, Employee.id == line.c.above)
        .where(Employee.supervisor_id.is_not(None))
    )
    return (
        select(line.c.above.label("employee_id"), _ROOT)
        .join(Customer, Customer.owner_id == line.c.member)
        .join(Employee, Employee.id == line.c.above)
        .join(Role, Role.id == Employee.role_id)
        .where(Employee.status == "enabled", _sees("subordinates", "department", "all"))
    )


# unrestricted: decides who may hold what
def _same_department() -> Select[Any]:
    """Those whose scope is their department and those below it, with its people's customers."""
    tree = select(Department.id.label("top"), Department.id.label("below")).cte("departments", recursive=True)
    tree = tree.union(select(tree.c.top, Department.id).join(Department, Department.parent_id == tree.c.below))
    manager = select(Employee.id, Employee.department_id, Employee.role_id).where(Employee.status == "enabled")
    head = manager.subquery("head")
    return (
        select(head.c.id.label("employee_id"), _ROOT)
        .join(Role, Role.id == head.c.role_id)
        .join(tree, tree.c.top == head.c.department_id)
        .join(Employee, Employee.department_id == tree.c.below)
        .join(Customer, Customer.owner_id == Employee.id)
        .where(_sees("department"), Role.is_administrator.is_(False))
    )


def _sees(*scopes: str) -> ColumnElement[bool]:
    """Whose role sees customers that far; administrators see all."""
    granted = Role.permissions["customer.view"].as_string().in_(scopes)
    return or_(granted, Role.is_administrator) if "all" in scopes else granted


_OF_ONE = holders(Customer.id == bindparam("customer"))
_FILED = "customers_filed"


# -- written when something changes


def first_access(context: Context, customer: Customer) -> None:
    """Has it written at the end who holds a customer that was filed just now; nobody can have held it before."""
    context.session.info.setdefault(_FILED, []).append(customer.id)


@at_the_end
def _give_filed(session: Session) -> None:
    """Of all that a transaction files, at once: an import files a hundred."""
    filed = session.info.pop(_FILED, None)
    if not filed:
        return
    flush_for(session, Customer, CustomerShare)
    if len(filed) == 1:
        give(session, _OF_ONE, customer=filed[0])
    else:
        give(session, holders(Customer.id.in_(among(session, filed))))


def refresh_access(context: Context, customers: Iterable[Customer]) -> None:
    """Writes who holds these customers; part of every change of owner, share or state."""
    context.session.flush()
    ids = [customer.id for customer in customers]
    if ids:
        roots = among(context.session, (f"customer:{row_id}" for row_id in ids))
        chosen = Customer.id.in_(among(context.session, ids))
        rewrite(context.session, holders(chosen, team=_team(context)), access.c.root.in_(roots))


def end_access(context: Context, customer: Customer) -> None:
    """Takes a customer that is deleted from all devices."""
    end(context.session, access.c.root == customer.root())


def _team(context: Context) -> bool:
    """Whether managers count; asked once for a batch of commands."""
    memory = context.memory
    if "managers_hold_team" not in memory:
        memory["managers_hold_team"] = bool(context.session.scalar(select(_managers_hold_team())))
    return bool(memory["managers_hold_team"])


def refresh_team_access(context: Context, customers: ColumnElement[bool] | None = None) -> None:
    """Writes who holds the customers of a condition (None: all), after people, roles or settings changed."""
    context.session.flush()
    context.memory.pop("managers_hold_team", None)
    if customers is None:
        rewrite(context.session, holders(Customer.id.is_not(None)), _IS_CUSTOMER, wide=True)
    else:
        roots = select(_ROOT).where(customers)
        rewrite(context.session, holders(customers), access.c.root.in_(roots), wide=True)


def _refresh_holder(context: Context, employee_id: str) -> None:
    """Writes which customers one employee holds."""
    context.session.flush()
    everybody = holders(Customer.id.is_not(None)).subquery("everybody")
    own = select(everybody.c.employee_id, everybody.c.root).where(everybody.c.employee_id == employee_id)
    rewrite(context.session, own, and_(access.c.employee_id == employee_id, _IS_CUSTOMER), wide=True)


@on_edit(Employee)
def changed_person(context: Context, employee: Employee, changed: dict[str, tuple[Any, Any]]) -> None:
    """What the person holds, and who above holds what the person's line owns."""
    if {"status", "role_id", "department_id"} & changed.keys():
        _refresh_holder(context, employee.id)
    if {"supervisor_id", "department_id"} & changed.keys():
        refresh_team_access(context, Customer.owner_id.in_(_line_below(employee.id)))


# unrestricted: decides who may hold what
def _line_below(employee_id: str) -> Select[Any]:
    """A person and everybody who reports to that person at any depth."""
    below = select(literal(employee_id).label("id")).cte("below", recursive=True)
    below = below.union(select(Employee.id).join(below, Employee.supervisor_id == below.c.id))
    return select(below.c.id)


@on_edit(Role)
def changed_rights(context: Context, role: Role, changed: dict[str, tuple[Any, Any]]) -> None:
    before, after = ((rights or {}).get("customer.view") for rights in changed.get("permissions", ({}, {})))
    if before != after:
        refresh_team_access(context)


@on_edit(Department)
def moved_department(context: Context, department: Department, changed: dict[str, tuple[Any, Any]]) -> None:
    if "parent_id" in changed:
        refresh_team_access(context)


@on_edit(Company)
def changed_setting(context: Context, company: Company, changed: dict[str, tuple[Any, Any]]) -> None:
    if "managers_hold_team" in changed:
        refresh_team_access(context)


__all__ = ["end_access", "first_access", "holders", "refresh_access", "refresh_team_access"]
