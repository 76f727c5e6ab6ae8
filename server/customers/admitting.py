"""New customers that are looked at (SY-10): they are served at once, from the phone that filed them; who is asked says
afterwards whether they stay. One that is refused is disabled, so that orders that still come for it wait for a decision."""

from typing import Any

from server.approvals.kinds import fact_of
from server.approvals.models import Approval
from server.approvals.reviews import Content, ReviewedArgs, hand_in, reviewable
from server.customers.holding import refresh_access
from server.customers.models import Customer
from server.records.commands import Context, command
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
    if customer is not None and customer.enabled and customer.debt_total == customer.deposit_total == 0:
        customer.enabled = False
        refresh_access(context, [customer])


def _content(context: Context, customer: Customer) -> Content:
    facts = {name: to_wire(getattr(customer, name)) for name in _FACTS}
    return Content(customer.name, facts, _SHOWN, customer.id)


NEW = reviewable(
    "customer.new",
    L("客户新增", "客戶新增", "New customer"),
    Customer,
    "customer.admit",
    {name: fact_of(Customer, name) for name in _FACTS},
    _content,
    _refused,
)


def look_at_new(context: Context, customer: Customer) -> None:
    """Hands a customer in that was filed just now, unless by an import or by who changes files without asking."""
    imported = (context.op_id or "").startswith("import:")
    if not (imported or context.actor.is_system or context.actor.can("customer.edit_guarded")):
        hand_in(context, NEW, customer)


def is_looked_at(context: Context, customer: Customer) -> bool:
    """Whether the actor has filed it and it is not decided yet; until then its file is written as if filed today."""
    return customer.review in ("asked", "returned") and customer.created_by == context.actor.employee_id


@command("customer.admit", ReviewedArgs, internal=True)
def admit(context: Context, args: ReviewedArgs) -> dict[str, Any]:
    """A new customer was agreed to. 404 not_found."""
    return {"id": context.get(Customer, args.id).id}
