"""What other areas ask of customers: who may hold them, and the figures that visits and orders keep up to date."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from server.company.models import Company
from server.customers.duplicates import company_of
from server.customers.models import Contact, Customer, CustomerShare
from server.people.models import Employee, Role
from server.people.permissions import administrator
from server.records.actor import Actor
from server.records.commands import Context, redirect
from server.records.editing import on_edit
from server.records.listing import also_found
from server.records.visibility import also_visible
from sync.access import open_root, set_holders

_CHUNK = 500


# -- figures on the customer file


def note_visit(
    context: Context,
    customer_id: str,
    at: datetime,
    stage_id: str | None = None,
    next_contact_at: datetime | None = None,
) -> Customer:
    """Counts a visit: number, last visit and last contact, and what the visit said of stage and next contact.

    An older visit that arrives late counts but does not turn back the dates, the stage or the appointment.
    """
    customer = context.get(Customer, customer_id)
    customer.visit_count += 1
    latest = customer.last_visit_at is None or at >= customer.last_visit_at
    if latest:
        customer.last_visit_at = at
    note_contact(context, customer_id, at, stage_id if latest else None, next_contact_at if latest else None)
    return customer


def note_contact(
    context: Context,
    customer_id: str,
    at: datetime,
    stage_id: str | None = None,
    next_contact_at: datetime | None = None,
) -> Customer:
    """Somebody spoke with the customer: last contact, stage, next appointment; one that was kept is cleared."""
    customer = context.get(Customer, customer_id)
    if customer.last_contact_at is None or at > customer.last_contact_at:
        customer.last_contact_at = at
    if next_contact_at is None and customer.next_contact_at is not None and customer.next_contact_at <= at:
        customer.next_contact_at = None
    return note_follow_up(context, customer_id, stage_id, next_contact_at)


def note_follow_up(
    context: Context, customer_id: str, stage_id: str | None = None, next_contact_at: datetime | None = None
) -> Customer:
    """What was said of the follow-up stage and the next appointment; None leaves what is there."""
    customer = context.get(Customer, customer_id)
    if stage_id is not None:
        customer.sales_stage_id = stage_id
    if next_contact_at is not None:
        customer.next_contact_at = next_contact_at
    return customer


def note_storefront(context: Context, customer_id: str, photo_id: str) -> Customer:
    """A believed photo of the shop front becomes the customer's picture, unless there is one (CU-16)."""
    customer = context.get(Customer, customer_id)
    if customer.storefront_photo is None:
        customer.storefront_photo = photo_id
    return customer


def add_sales(
    context: Context, customer_id: str, sales_delta: Decimal = Decimal(0), debt_delta: Decimal = Decimal(0)
) -> Customer:
    """Changes sales total and debt by what an order or a receipt changed, in CNY. A first sale makes it a dealt one."""
    customer = context.get(Customer, customer_id)
    customer.sales_total += sales_delta
    customer.debt_total += debt_delta
    if sales_delta > 0:
        customer.customer_status = "dealt"
    return customer


# -- who sees and who holds


@also_visible(Customer)
def shared_customers(actor: Actor, operation: str) -> ColumnElement[bool] | None:
    """A shared customer is seen and served (visits, orders); its file is still the owner's to change (CU-48)."""
    if operation != "view":
        return None
    return Customer.id.in_(select(CustomerShare.customer_id).where(CustomerShare.employee_id == actor.employee_id))


@also_found(Customer)
def found_by_people(pattern: str) -> list[ColumnElement[bool]]:
    """The search box also knows every contact's name and phone, and the owner (CU-27)."""
    contacts = select(Contact.customer_id).where(
        Contact.name.ilike(pattern, escape="\\") | Contact.phone.like(pattern, escape="\\")
    )
    owners = select(Employee.id).where(Employee.real_name.ilike(pattern, escape="\\"))
    return [Customer.id.in_(contacts), Customer.owner_id.in_(owners)]


def holders(context: Context, customer: Customer) -> set[str]:
    """The employees whose devices hold this customer."""
    shared = context.session.scalars(
        select(CustomerShare.employee_id).where(CustomerShare.customer_id == customer.id)
    )
    managers = _managers(context.session) if company_of(context.session).managers_hold_team else {}
    return _holders(customer.owner_id, customer.enabled, set(shared), managers)


def first_access(context: Context, customer: Customer) -> None:
    """Writes who holds a customer that was filed just now and shared with nobody; nobody can have held it before."""
    managers = _managers(context.session) if company_of(context.session).managers_hold_team else {}
    open_root(context.session, customer.root(), _holders(customer.owner_id, customer.enabled, set(), managers))


def refresh_access(context: Context, customers: Iterable[Customer]) -> None:
    """Writes who holds these customers; part of every change of owner, share or state."""
    context.session.flush()
    _refresh(context.session, [(c.id, c.owner_id, c.enabled) for c in customers])


def refresh_team_access(context: Context, owners: Iterable[str] | None = None) -> None:
    """Writes again who holds the customers of these owners (None: all), after people or settings changed."""
    context.session.flush()
    statement = select(Customer.id, Customer.owner_id, Customer.enabled)
    if owners is not None:
        statement = statement.where(Customer.owner_id.in_(sorted(owners)))
    _refresh(
        context.session, [(row_id, owner, enabled) for row_id, owner, enabled in context.session.execute(statement)]
    )


def _refresh(session: Session, customers: list[tuple[str, str | None, bool]]) -> None:
    managers = _managers(session) if company_of(session).managers_hold_team else {}
    for start in range(0, len(customers), _CHUNK):
        part = customers[start : start + _CHUNK]
        shares: dict[str, set[str]] = {}
        statement = select(CustomerShare.customer_id, CustomerShare.employee_id).where(
            CustomerShare.customer_id.in_([row_id for row_id, _, _ in part])
        )
        for customer_id, employee_id in session.execute(statement):
            shares.setdefault(customer_id, set()).add(employee_id)
        set_holders(
            session,
            {
                f"customer:{row_id}": _holders(owner, enabled, shares.get(row_id, set()), managers)
                for row_id, owner, enabled in part
            },
        )


def _holders(owner: str | None, enabled: bool, shared: set[str], managers: Mapping[str, set[str]]) -> set[str]:
    """Disabled customers leave all devices (CU-63); they are read online."""
    if not enabled:
        return set()
    if owner is None:
        return shared
    return shared | {owner} | managers.get(owner, set())


def _managers(session: Session) -> dict[str, set[str]]:
    """Everybody's supervisors up the line who may see subordinates' customers."""
    supervisors: dict[str, str | None] = {}
    may_see: set[str] = set()
    statement = select(
        Employee.id, Employee.supervisor_id, Employee.status, Role.permissions, Role.is_administrator
    ).outerjoin(Role, Role.id == Employee.role_id)
    for row_id, supervisor_id, status, permissions, is_administrator in session.execute(statement):
        supervisors[row_id] = supervisor_id
        granted = administrator() if is_administrator else permissions or {}
        if status == "enabled" and granted.get("customer.view") in ("subordinates", "department", "all"):
            may_see.add(row_id)
    found: dict[str, set[str]] = {}
    for employee_id in supervisors:
        line: set[str] = set()
        above = supervisors[employee_id]
        while above is not None and above not in line and above in supervisors:
            line.add(above)
            above = supervisors[above]
        found[employee_id] = line & may_see - {employee_id}
    return found


@on_edit(Employee)
def changed_team(context: Context, employee: Employee, changed: dict[str, tuple[Any, Any]]) -> None:
    if {"supervisor_id", "role_id", "status"} & changed.keys() and company_of(context.session).managers_hold_team:
        refresh_team_access(context)


@on_edit(Role)
def changed_rights(context: Context, role: Role, changed: dict[str, tuple[Any, Any]]) -> None:
    if "permissions" in changed and company_of(context.session).managers_hold_team:
        refresh_team_access(context)


@on_edit(Company)
def changed_setting(context: Context, company: Company, changed: dict[str, tuple[Any, Any]]) -> None:
    if "managers_hold_team" in changed:
        refresh_team_access(context)


# -- customers that were merged into another


@redirect
def follow_merges(context: Context, name: str, args: dict[str, Any]) -> dict[str, Any]:
    """A phone may still send work for a customer that the desk merged meanwhile: it goes to what the customer became."""
    led = dict(args)
    values = args.get("values")
    if name.startswith("customer.") and name not in ("customer.create", "customer.merge", "customer.keep"):
        led["id"] = successor(context, args.get("id"))
    if "customer_id" in args:
        led["customer_id"] = successor(context, args["customer_id"])
    if isinstance(values, dict) and "customer_id" in values:
        led["values"] = {**values, "customer_id": successor(context, values["customer_id"])}
    return {key: value for key, value in led.items() if key in args}


def successor(context: Context, customer_id: Any) -> Any:
    """The customer that this one became by merging; itself where it was not merged."""
    seen: set[str] = set()
    while isinstance(customer_id, str) and customer_id not in seen:
        seen.add(customer_id)
        customer = context.session.get(Customer, customer_id)
        if customer is None or customer.merged_into is None:
            return customer_id
        customer_id = customer.merged_into
    return customer_id
