"""Departments of a customer (CU-19). Where the head company settles for all, they are rows of its file, chosen at an order;
where each settles alone, each is a customer of its own below it (`parent_id`, rules.py).

The file keeps their names as a text too: lists and exports show it, imports and older apps write it.
"""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from server.customers.models import Customer, CustomerDepartment
from server.records.commands import Context
from server.records.editing import new_row, on_create, on_delete, on_edit
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.ids import uuid7
from server.records.record import fields_of

error_texts(
    {
        "department_exists": L(
            "该客户已有部门“{name}”", "該客戶已有部門「{name}」", "The customer has a department {name} already"
        ),
    }
)

_BETWEEN = re.compile(r"[、，,；;/|\n\r\t]+")
_LONGEST = fields_of(CustomerDepartment)["name"].max_length or 60
_TEXT = fields_of(Customer)["departments"].max_length or 300


def names_in(text: Any) -> list[str]:
    """The departments that a text names, each once. What is longer than a name may be is cut."""
    found = [part.strip()[:_LONGEST] for part in _BETWEEN.split(str(text or ""))]
    return list(dict.fromkeys(name for name in found if name))


def add_named(context: Context, customer: Customer, names: Iterable[str]) -> None:
    """Departments by their names; those that are there stay."""
    known = {row.name.casefold(): row for row in rows_of(context, customer.id)}
    for name in names:
        row = known.get(name.casefold())
        if row is None:
            new_row(context, CustomerDepartment, uuid7(), {"customer_id": customer.id, "name": name})
        elif not row.enabled:
            row.enabled = True
    tell_names(context, customer.id)


def take_text(context: Context, customer: Customer, before: Any, after: Any) -> None:
    """An older app edits the text: what it added comes, what it took away is not offered any more."""
    was, wanted = names_in(before), names_in(after)
    gone = {name.casefold() for name in was} - {name.casefold() for name in wanted}
    for row in rows_of(context, customer.id):
        if row.name.casefold() in gone:
            row.enabled = False
    add_named(context, customer, [name for name in wanted if name not in was])


# unrestricted: of a customer that the caller has reached
def rows_of(context: Context, customer_id: str) -> list[CustomerDepartment]:
    context.session.flush()
    statement = select(CustomerDepartment).where(CustomerDepartment.customer_id == customer_id)
    return list(context.session.scalars(statement.order_by(CustomerDepartment.created_at, CustomerDepartment.id)))


def tell_names(context: Context, customer_id: str) -> None:
    """Writes the names into the file, as many as have room."""
    customer = context.get(Customer, customer_id)
    told = ""
    for name in dict.fromkeys(row.name for row in rows_of(context, customer_id) if row.enabled):
        longer = f"{told}、{name}" if told else name
        if len(longer) > _TEXT:
            break
        told = longer
    if customer.departments != (told or None):
        customer.departments = told or None


@on_create(CustomerDepartment)
def new_department(context: Context, row: CustomerDepartment) -> None:
    _check_name(context, row)
    tell_names(context, row.customer_id)


@on_edit(CustomerDepartment)
def changed_department(context: Context, row: CustomerDepartment, changed: dict[str, tuple[Any, Any]]) -> None:
    if "name" in changed:
        _check_name(context, row)
    if {"name", "enabled"} & changed.keys():
        tell_names(context, row.customer_id)


@on_delete(CustomerDepartment)
def delete_department(context: Context, row: CustomerDepartment) -> None:
    """What was ever ordered for stays, disabled: `server.orders` adds that rule."""
    row.enabled = False
    tell_names(context, row.customer_id)


def _check_name(context: Context, row: CustomerDepartment) -> None:
    """The same twice is a slip of the hand; two who wrote it down on the road are both kept."""
    row.name = row.name.strip()
    same = [one for one in rows_of(context, row.customer_id) if one.name.casefold() == row.name.casefold()]
    if not context.pushed and any(one.id != row.id for one in same):
        raise Rejected("department_exists", field="name", name=row.name)
