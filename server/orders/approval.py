"""A held order as a document to be approved: whoever is asked by the company's flow decides it from his list, beside
those who decide at the order itself (`order.release`). Both lead to the same; what comes second finds it decided."""

from decimal import Decimal
from typing import Any

from server.approvals.kinds import Kind, approvable, fact_of
from server.approvals.models import Approval
from server.approvals.running import run_for
from server.approvals.service import decided_elsewhere, is_needed, open_approval, resubmit, submit
from server.approvals.steps import Step
from server.customers.models import Customer
from server.orders.models import Order
from server.records.commands import Context
from server.records.values import to_wire


def _refused(context: Context, approval: Approval, opinion: str) -> None:
    args = {"id": approval.record_id, "decision": "refuse", "note": opinion}
    run_for(context, context.actor.employee_id, "order.release", args)


HELD = approvable(
    Kind(
        "order.held",
        Order.spec.label._replace(zh_cn="挂起订单", zh_tw="掛起訂單", en="Held order"),
        Order,
        command="order.release",
        facts={name: fact_of(Order, name) for name in ("payable", "debt", "hold_reason", "settlement_mode")},
        steps=[Step(name="上级审批", who="superior")],
        by_approver=True,
        refused=_refused,
    )
)


def follow_hold(context: Context, order: Order) -> None:
    """Hands in an order that is on hold, goes on with one that was sent back, and withdraws what has answered itself."""
    approval = open_approval(context, HELD, order.id)
    if order.hold_reason is None:
        if approval is not None:
            decided_elsewhere(context, HELD, order.id, "withdrawn")
    elif approval is None:
        if is_needed(context, HELD):
            customer = context.get(Customer, order.customer_id)
            submit(
                context, HELD, record_id=order.id, customer_id=order.customer_id, requester_id=order.clerk_id,
                title=f"{order.order_no} {customer.name}", args={"id": order.id, "decision": "approve"},
                **_content(order),
            )  # fmt: skip
    else:
        for name, value in _content(order).items():
            setattr(approval, name, value)
        if approval.state == "returned":
            resubmit(context, approval)


def _content(order: Order) -> dict[str, Any]:
    shown: dict[str, Any] = {
        name: to_wire(getattr(order, name)) for name in ("payable", "debt", "hold_reason", "settlement_mode")
    }
    summary: list[dict[str, Any]] = [
        {"record": "order", "field": name, "after": value} for name, value in shown.items()
    ]
    # Why it is held, in the words and with the numbers that the one who took it was told.
    summary[2]["told"] = (order.hold_detail or {}).get("reasons", [])
    amount: Decimal = order.payable
    return {"summary": summary, "facts": shown, "amount": amount}
