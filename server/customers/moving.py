"""Customers that change hands by those who serve them: transfer (CU-36, CU-37), into the pool (CU-59) and out of it (CU-56,
CU-57)."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from sqlalchemy import select

from server.approvals.kinds import Fact, Kind, approvable, fact_of
from server.approvals.service import is_needed, submit
from server.approvals.steps import Step
from server.customers.models import Customer
from server.customers.owners import hand_over, new_owner
from server.followups.service import write_down
from server.records.commands import Context, command
from server.records.errors import Forbidden, NotFound, Rejected, error_texts
from server.records.fields import L
from server.records.values import to_wire
from server.records.visibility import allowed
from sync.access import among
from sync.positions import is_postgresql

error_texts(
    {
        "transfer_to_owner": L(
            "“{name}”已经由此人负责", "「{name}」已經由此人負責", "{name} belongs to this person already"
        ),
        "not_with_owner": L(
            "“{name}”已不由原负责人负责", "「{name}」已不由原負責人負責", "{name} is not with its former owner any more"
        ),
        "not_in_pool": L(
            "“{name}”已不在公海，可能已被他人领用", "「{name}」已不在公海，可能已被他人領用",
            "{name} is not in the pool any more; somebody may have claimed it",
        ),
        "claim_needs_approval": L(
            "已提交领用申请，通过后客户归您", "已提交領用申請，通過後客戶歸您", "Handed in; the customers are yours when it is approved"
        ),
    }
)  # fmt: skip

_FACTS = {
    "count": Fact("number", L("客户数", "客戶數", "Customers")),
    "debt_total": fact_of(Customer, "debt_total"),
    "sales_total": fact_of(Customer, "sales_total"),
}
TRANSFER = approvable(
    Kind(
        "customer.transfer",
        L("客户转交", "客戶轉交", "Customer transfer"),
        Customer,
        command="customer.hand_over",
        facts=_FACTS,
        steps=[Step(name="上级审批", who="superior")],
    )
)
CLAIM = approvable(
    Kind(
        "customer.claim",
        L("公海领用", "公海領用", "Claim from the pool"),
        Customer,
        command="customer.hand_over",
        facts=_FACTS,
        steps=[Step(name="上级审批", who="superior")],
        enabled=False,
    )
)
Ids = Annotated[list[Annotated[str, msgspec.Meta(min_length=1, max_length=36)]], msgspec.Meta(min_length=1, max_length=1000)]  # fmt: skip
Words = Annotated[str, msgspec.Meta(max_length=1000)]


class TransferArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`id`: of the application."""

    id: str
    ids: Ids
    to: str
    reason: Words


class ClaimArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`id`: of the application, where the company wants one."""

    id: str
    ids: Ids
    reason: Words | None = None


class GiveUpArgs(msgspec.Struct, forbid_unknown_fields=True):
    ids: Ids
    reason: Words | None = None


class HandOverArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`owners`: each customer with the owner it had when it was asked for; null: the pool."""

    owners: dict[str, str | None]
    owner_id: str


@command("customer.transfer", TransferArgs, permission="customer.transfer")
def transfer(context: Context, args: TransferArgs) -> dict[str, Any]:
    """Applies to give customers to somebody else, with the reason; where the company wants no approval it is done at
    once. 422 customer_limit, transfer_to_owner, employee_unavailable."""
    if not args.reason.strip():
        raise Rejected("required", field="reason", label=L("申请说明", "申請說明", "Reason"))
    customers = _chosen(context, args.ids)
    _reached(context, customers, "transfer")
    for customer in customers:
        if customer.owner_id == args.to:
            raise Rejected("transfer_to_owner", field="to", name=customer.name)
    return _apply(context, TRANSFER, args.id, customers, args.to, args.reason)


@command("customer.give_up", GiveUpArgs, permission="customer.give_up")
def give_up(context: Context, args: GiveUpArgs) -> dict[str, Any]:
    """Puts customers of one's own into the pool, where everybody may claim them (CU-51, CU-59); what is there already
    stays. The reason stays with the operation. All or none: 403 outside_scope."""
    customers = [customer for customer in _chosen(context, args.ids) if customer.owner_id is not None]
    _reached(context, customers, "give_up")
    hand_over(context, customers, None, "give_up")
    said = (args.reason or "").replace("\x00", "").strip()
    write_down(context, customers, f"{context.actor.name}放弃了此客户" + (f"：{said}" if said else "。"))
    return {"ids": [customer.id for customer in customers]}


@command("customer.claim", ClaimArgs, permission="customer.claim")
def claim(context: Context, args: ClaimArgs) -> dict[str, Any]:
    """Takes customers out of the pool, within one's limit; where the company says so it is an application. Of two who
    claim the same, the first has it. 422 not_in_pool, customer_limit."""
    customers = _chosen(context, args.ids)
    for customer in customers:
        if customer.owner_id is not None or not customer.enabled:
            raise Rejected("not_in_pool", field="ids", name=customer.name)
    return _apply(context, CLAIM, args.id, customers, context.actor.employee_id, args.reason)


def _chosen(context: Context, ids: list[str]) -> list[Customer]:
    """The customers, locked, in the order of their ids. Raises `NotFound`."""
    statement = select(Customer).where(Customer.id.in_(among(context.session, ids))).order_by(Customer.id)
    if is_postgresql(context.session):
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = list(context.session.scalars(statement))
    missing = set(ids) - {customer.id for customer in found}
    if missing:
        raise NotFound("not_found", record="customer", id=min(missing))
    return found


def _reached(context: Context, customers: list[Customer], operation: str) -> None:
    """Raises `Forbidden` for one that is beyond the scope of the operation."""
    ids = among(context.session, [customer.id for customer in customers])
    reachable = select(Customer.id).where(Customer.id.in_(ids), allowed(context.actor, Customer, operation))
    reached = set(context.session.scalars(reachable))
    for customer in customers:
        if customer.id not in reached:
            raise Forbidden("outside_scope", record="customer", id=customer.id)


def _apply(
    context: Context, kind: Kind, request_id: str, customers: list[Customer], to: str, reason: str | None
) -> dict[str, Any]:
    employee = new_owner(context, to, sum(customer.enabled for customer in customers))
    owners: dict[str, str | None] = {customer.id: customer.owner_id for customer in customers}
    if not is_needed(context, kind):
        hand_over(context, customers, to, "claim" if kind is CLAIM else "transfer")
        if kind is CLAIM:
            _tell_claimed(context, customers, employee.real_name)
        return {"id": request_id, "ids": list(owners), "state": "approved"}
    first = customers[0]
    title = first.name if len(customers) == 1 else f"{first.name}等 {len(customers)} 家"
    totals = {
        name: to_wire(sum((getattr(customer, name) for customer in customers), Decimal("0.00")))
        for name in ("debt_total", "sales_total")
    }
    approval = submit(
        context,
        kind,
        record_id=first.id,
        customer_id=first.id if len(customers) == 1 else None,
        title=f"{title} → {employee.real_name}",
        args={"owners": owners, "owner_id": to},
        summary=[
            {
                "record": "customer", "field": "owner_id", "id": customer.id, "name": customer.name,
                "before": customer.owner_id, "after": to,
                "category_id": customer.category_id, "customer_status": customer.customer_status,
            }
            for customer in customers
        ],
        facts={"count": len(customers), **totals},
        reason=reason,
        approval_id=request_id,
    )  # fmt: skip
    if approval.state == "running" and kind is CLAIM:
        context.held("claim_needs_approval", approval_id=approval.id)
    return {"id": approval.id, "ids": list(owners), "state": approval.state}


@command("customer.hand_over", HandOverArgs, internal=True)
def hand_over_agreed(context: Context, args: HandOverArgs) -> dict[str, Any]:
    """What was agreed to, all or none: the customers are still where they were, and the receiver has room for them. 422
    not_with_owner, not_in_pool, customer_limit."""
    customers = _chosen(context, list(args.owners))
    for customer in customers:
        if customer.owner_id != args.owners[customer.id]:
            code = "not_in_pool" if args.owners[customer.id] is None else "not_with_owner"
            raise Rejected(code, field="owners", name=customer.name)
    employee = new_owner(context, args.owner_id, sum(customer.enabled for customer in customers))
    claimed = [customer for customer in customers if args.owners[customer.id] is None]
    given = [customer for customer in customers if args.owners[customer.id] is not None]
    for some, how in ((claimed, "claim"), (given, "transfer")):
        if some:
            hand_over(context, some, args.owner_id, how, by_approval=True)
    _tell_claimed(context, claimed, employee.real_name)
    return {"ids": [customer.id for customer in customers]}


def _tell_claimed(context: Context, customers: list[Customer], name: str) -> None:
    """Whoever looks at the customer later sees how it came to its owner (CU-58)."""
    write_down(context, customers, f"{name}从公共客户池领用了此客户！")
