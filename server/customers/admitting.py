"""New customers that are looked at (SY-10): they are served at once, from the phone that filed them; who is asked says
afterwards whether they stay. One that is refused is disabled, so that orders that still come for it wait for a decision."""

from typing import Any

from server.approvals.kinds import fact_of
from server.approvals.models import Approval
from server.approvals.reviews import Content, ReviewedArgs, end_review, hand_in, is_reviewed, reviewable
from server.customers.holding import refresh_access
from server.customers.models import Customer
from server.records.commands import Context, command
from server.records.editing import on_delete, on_edit
from server.records.fields import L
from server.records.values import to_wire

_FACTS = ("category_id", "grade_id", "source_id", "settlement_mode", "credit_limit")
_SHOWN = (
    "name",
    "primary_contact",
    "address",
    "category_id",
    "grade_id",
    "source_id",
    "settlement_mode",
    "credit_limit",
)


def _refused(context: Context, approval: Approval, opinion: str) -> None:
    """Disabled, unless it owes something by now: then the money comes first (CU-62), and the mark stays."""
    customer = context.find(Customer, approval.record_id)
    if customer is not None and customer.enabled and customer.debt_total == 0:
        customer.enabled = False
        refresh_access(context, [customer])


NEW = reviewable(
    "customer.new",
    L("客户新增", "客戶新增", "New customer"),
    Customer,
    "customer.admit",
    {name: fact_of(Customer, name) for name in _FACTS},
    _refused,
)


def look_at_new(context: Context, customer: Customer) -> None:
    """Hands a customer in that was filed just now, unless by an import or by who changes files without asking."""
    imported = (context.op_id or "").startswith("import:")
    if not (imported or context.actor.is_system or context.actor.can("customer.edit_guarded")):
        _hand_in(context, customer)


def is_looked_at(context: Context, customer: Customer) -> bool:
    """Whether the actor has filed it and it is not decided yet; until then its file is written as if filed today."""
    return customer.review in ("asked", "returned") and customer.created_by == context.actor.employee_id


def _hand_in(context: Context, customer: Customer) -> None:
    if not is_reviewed(context, NEW, customer):
        return
    facts = {name: to_wire(getattr(customer, name)) for name in _FACTS}
    hand_in(context, NEW, customer, Content(customer.name, facts, _SHOWN, customer.id))


@on_edit(Customer)
def corrected(context: Context, customer: Customer, changed: dict[str, tuple[Any, Any]]) -> None:
    """What was sent back is handed in again by being corrected; so is what its author had withdrawn."""
    mine = customer.created_by == context.actor.employee_id
    if changed and (customer.review in ("asked", "returned") or (customer.review == "withdrawn" and mine)):
        _hand_in(context, customer)


@on_delete(Customer)
def deleted(context: Context, customer: Customer) -> None:
    end_review(context, NEW, customer)


@command("customer.admit", ReviewedArgs, internal=True)
def admit(context: Context, args: ReviewedArgs) -> dict[str, Any]:
    """A new customer was agreed to. 404 not_found."""
    return {"id": context.get(Customer, args.id).id}
