"""How an order goes on: approval, the decision on held ones, shipping, completion, cancelling."""

from typing import Any, Literal

import msgspec

from server.approvals.service import decided_elsewhere
from server.catalog.service import take_stock
from server.orders.approval import HELD
from server.orders.logistics import set_logistics
from server.orders.models import Order
from server.orders.service import is_paid_and_booked, quantities_of, refresh_order, refresh_totals
from server.orders.states import move, order_for
from server.records.commands import Context, command
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.record import fields_of
from server.records.values import to_wire

error_texts(
    {
        "on_hold": L(
            "订单已挂起，请先处理挂起原因",
            "訂單已掛起，請先處理掛起原因",
            "The order is on hold; decide on that first",
        ),
        "not_on_hold": L("订单没有挂起", "訂單沒有掛起", "The order is not on hold"),
        "not_paid_and_booked": L(
            "现结客户的订单须先收款并入账，才能审核",
            "現結客戶的訂單須先收款並入帳，才能審核",
            "A cash customer's order is approved only after the money is received and booked",
        ),
    }
)


class OrderArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str


class ReleaseArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`note`: why, at most 200 characters; a refusal shows it as the reason."""

    id: str
    decision: Literal["approve", "to_cash", "refuse"]
    note: str | None = None


class LogisticsArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    logistics_id: str | None = None
    waybill_no: str | None = None


class CancelArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    reason: str | None = None


class RefuseArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`reason`: what the one who took the order reads; at most 200 characters are kept."""

    id: str
    reason: str


@command("order.approve", OrderArgs, permission="order.approve")
def approve(context: Context, args: OrderArgs) -> dict[str, Any]:
    """等待审核 → 正在配货. 422 on_hold, not_paid_and_booked (cash customers, OR-4), wrong_state."""
    order = order_for(context, args.id, "approve")
    if order.hold_reason is not None:
        raise Rejected("on_hold", field="hold_reason", reason=order.hold_reason)
    if not _may_be_approved(context, order):
        raise Rejected("not_paid_and_booked", field="settlement_mode", debt=to_wire(order.debt))
    _approve(context, order)
    return _answer(order)


def _may_be_approved(context: Context, order: Order) -> bool:
    return order.settlement_mode != "cash" or is_paid_and_booked(context.session, order)


def _approve(context: Context, order: Order) -> None:
    move(order, "approve")
    order.approved_by = context.actor.employee_id
    order.approved_at = context.now
    refresh_totals(context, order.customer_id)


@command("order.refuse", RefuseArgs, permission="order.approve")
def refuse(context: Context, args: RefuseArgs) -> dict[str, Any]:
    """等待审核 → 取消订单, for one that is not held; the number stays, and what was paid for it is the customer's. 422
    on_hold (a held one is refused by `order.release`), required (without a reason), wrong_state."""
    order = order_for(context, args.id, "refuse")
    if order.hold_reason is not None:
        raise Rejected("on_hold", field="hold_reason", reason=order.hold_reason)
    reason = " ".join(args.reason.split())[:200]
    if not reason:
        raise Rejected("required", field="cancel_reason", label=fields_of(Order)["cancel_reason"].label)
    _cancel(context, order, "refuse", reason)
    return _answer(order)


@command("order.release", ReleaseArgs, permission="order.approve")
def release(context: Context, args: ReleaseArgs) -> dict[str, Any]:
    """Decides on a held order: approve it as it is, switch it to cash, or refuse it (CU-8). 422 not_on_hold.

    An approved cash order that is not paid yet goes on waiting for its money. A refused one is cancelled and keeps its
    number.
    """
    order = order_for(context, args.id, "refuse" if args.decision == "refuse" else "approve")
    if order.hold_reason is None:
        raise Rejected("not_on_hold", field="hold_reason")
    note = (args.note or "").strip()[:200] or None
    order.hold_reason = None
    order.hold_detail = {
        **(order.hold_detail or {}),
        "decision": {
            "decision": args.decision,
            "note": note,
            "by": context.actor.employee_id,
            "at": to_wire(context.now),
        },
    }
    decided_elsewhere(context, HELD, order.id, "refused" if args.decision == "refuse" else "approved", note)
    if args.decision == "refuse":
        _cancel(context, order, "refuse", note)
    elif args.decision == "to_cash":
        order.settlement_mode = "cash"
        refresh_totals(context, order.customer_id)
    elif _may_be_approved(context, order):
        _approve(context, order)
    else:
        refresh_totals(context, order.customer_id)
    return _answer(order)


@command("order.set_logistics", LogisticsArgs, permission="order.ship")
def save_logistics(context: Context, args: LogisticsArgs) -> dict[str, Any]:
    """Notes carrier and waybill of an order in 正在配货 without shipping it yet (OR-13)."""
    order = order_for(context, args.id, "ship")
    set_logistics(context, order, args.logistics_id, args.waybill_no)
    return _answer(order)


@command("order.ship", LogisticsArgs, permission="order.ship")
def ship(context: Context, args: LogisticsArgs) -> dict[str, Any]:
    """正在配货 → 已经发货; the goods leave the stock."""
    order = order_for(context, args.id, "ship")
    set_logistics(context, order, args.logistics_id, args.waybill_no)
    move(order, "ship")
    order.shipper_id = context.actor.employee_id
    order.shipped_at = context.now
    take_stock(context, quantities_of(context.session, order.id))
    return _answer(order)


@command("order.complete", OrderArgs, permission="order.complete")
def complete(context: Context, args: OrderArgs) -> dict[str, Any]:
    """已经发货 → 交易完成, after the customer confirmed receipt (OR-6)."""
    order = order_for(context, args.id, "complete")
    move(order, "complete")
    order.completed_at = context.now
    return _answer(order)


@command("order.cancel", CancelArgs, permission="order.cancel")
def cancel(context: Context, args: CancelArgs) -> dict[str, Any]:
    """正在配货 → 取消订单; who and when is kept (OR-9), and so is the number."""
    order = order_for(context, args.id, "cancel")
    _cancel(context, order, "cancel", (args.reason or "").strip()[:200] or None)
    return _answer(order)


def _cancel(context: Context, order: Order, step: str, reason: str | None) -> None:
    move(order, step)
    order.cancelled_by = context.actor.employee_id
    order.cancelled_at = context.now
    order.cancel_reason = reason
    refresh_order(context, order)
    refresh_totals(context, order.customer_id)


def _answer(order: Order) -> dict[str, Any]:
    return {"id": order.id, "state": order.state, "waybill_no": order.waybill_no}
