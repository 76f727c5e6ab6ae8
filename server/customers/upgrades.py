"""What a new version changes in the customers of a company that is there already."""

import msgspec
from sqlalchemy import select

from server.approvals.models import Approval, ApprovalFlow
from server.customers.changes import CHANGE
from server.customers.departments import add_named, names_in
from server.customers.models import Customer
from server.customers.moves import line_of
from server.followups.models import ContactRecord
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


# unrestricted: every approval and customer of the company
@on_upgrade("customers.moves")
def write_down_moves(context: Context) -> None:
    """Claims and transfers that were approved before each was written down, and whose customers were claimed."""
    kinds = {"customer.claim": "claim", "customer.transfer": "transfer"}
    done = select(Approval).where(Approval.kind.in_(kinds), Approval.state == "approved")
    for approval in context.session.scalars(done).all():
        for line in approval.summary:
            said = {name: line.get(name) for name in ("category_id", "customer_status")}
            at = approval.finished_at or approval.created_at
            move = line_of(
                line["id"], line["name"], kinds[approval.kind], line.get("before"), line["after"], at, **said
            )
            move.by_approval, move.moved_by = True, approval.requester_id
            context.add(move, fresh=True)
    claims = (
        select(Customer)
        .join(ContactRecord, ContactRecord.customer_id == Customer.id)
        .where(
            Customer.owner_id.is_not(None), ContactRecord.automatic, ContactRecord.content.contains("领用了此客户"),
            ContactRecord.contacted_at == Customer.owned_since,
        )
    )  # fmt: skip
    for customer in context.session.scalars(claims).unique().all():
        customer.claimed_at = customer.owned_since
