"""What a new version changes in the customers of a company that is there already."""

import msgspec
from sqlalchemy import select

from server.approvals.models import ApprovalFlow
from server.customers.changes import CHANGE
from server.customers.departments import add_named, names_in
from server.customers.models import Customer
from server.layouts.models import Layout
from server.records.commands import Context
from server.upgrading import on_upgrade


# unrestricted: the company's rule
@on_upgrade("customers.shares_watched")
def keep_what_is_watched(context: Context) -> None:
    """A new company has shares and agreed prices approved. One that has not drawn a flow of its own was used to name,
    settlement and limit: it keeps them, as its first flow, and may tick the others."""
    there = select(ApprovalFlow.id).where(ApprovalFlow.kind == CHANGE.name).limit(1)
    if context.session.scalar(there) is None:
        steps = msgspec.to_builtins(list(CHANGE.steps))
        watched = ["name", "settlement_mode", "credit_limit"]
        context.add(
            ApprovalFlow(
                kind=CHANGE.name, version=1, current=True, enabled=CHANGE.enabled, steps=steps, watched=watched,
                fallback="head",
            )
        )  # fmt: skip


# unrestricted: every customer of the company
@on_upgrade("customers.departments")
def make_rows_of_departments(context: Context) -> None:
    """Departments were one text of the file; now each is a row. What people no longer write themselves is neither asked
    for in forms nor watched."""
    for customer in context.session.scalars(select(Customer).where(Customer.departments.is_not(None))).all():
        add_named(context, customer, names_in(customer.departments))
    for layout in context.session.scalars(select(Layout).where(Layout.record_type == "customer")).all():
        layout.form = [entry for entry in layout.form if entry.get("field") != "departments"]
    for flow in context.session.scalars(select(ApprovalFlow).where(ApprovalFlow.kind == CHANGE.name)).all():
        flow.watched = [name for name in flow.watched if name != "departments"]
