"""Money received for orders (回款): recorded by whoever took it, booked by the desk."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from server.company.models import Option
from server.customers.models import Customer
from server.orders.models import Order, Payment
from server.orders.service import customer_of_deleted, refresh_order, refresh_totals
from server.records.asked import check_asked
from server.records.commands import Context, command
from server.records.editing import check_id
from server.records.errors import NotFound, Rejected, error_texts
from server.records.fields import L
from server.records.record import fields_of
from server.records.values import parse, to_wire

error_texts(
    {
        "overpaid": L(
            "收款超出欠款 {overpaid} 元，已如实记录", "收款超出欠款 {overpaid} 元，已如實記錄",
            "{overpaid} more than was owed was received; it is recorded as such",
        ),
        "order_cancelled": L(
            "订单已取消，收款已如实记录", "訂單已取消，收款已如實記錄",
            "The order is cancelled; the money is recorded all the same",
        ),
        "order_deleted": L(
            "订单已被删除，收款已如实记录", "訂單已被刪除，收款已如實記錄",
            "The order was deleted; the money is recorded all the same",
        ),
        "unknown_method": L(
            "回款方式不存在，请内勤补充", "回款方式不存在，請內勤補充", "There is no such method; the office will see to it"
        ),
    }
)  # fmt: skip


class RecordArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`amount` in CNY, more than 0; `paid_at`: when the money changed hands, by the phone's clock."""

    id: str
    order_id: str
    amount: str
    paid_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    method_id: str | None = None
    remark: str | None = None


class BookArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str


@command("payment.record", RecordArgs, permission="payment.create", fact=True)
def record(context: Context, args: RecordArgs) -> dict[str, Any]:
    """Records money received. A fact: whatever became of the order or the debt, it is stored, and what is odd about it
    is said (overpaid, order_cancelled, order_deleted)."""
    amount = amount_of(args.amount)
    order = context.find(Order, args.order_id)
    if order is not None:
        order = context.need(Order, args.order_id)
        customer_id = order.customer_id
    else:
        customer_id = _customer_of_gone_order(context, args.order_id)
    owed = max(order.debt, Decimal(0)) if order is not None else Decimal(0)
    paid_at = context.claimed_time(args.paid_at)
    payment = Payment(
        id=check_id(args.id),
        kind="order",
        order_id=args.order_id,
        customer_id=customer_id,
        amount=amount,
        method_id=method_of(context, args.method_id),
        paid_at=paid_at,
        paid_on=paid_at.astimezone(context.zone).date(),
        operator_id=context.actor.employee_id,
        overpaid=max(amount - owed, Decimal("0.00")),
        deposit=Decimal("0.00"),
        remark=remark_of(args.remark),
    )
    context.add(payment)
    check_asked(context, payment, fact=True)
    if order is not None:
        refresh_order(context, order)
        refresh_totals(context, customer_id)
    _tell(context, order, payment)
    debt = to_wire(order.debt) if order is not None else None
    return {"id": payment.id, "order_id": args.order_id, "debt": debt, "overpaid": to_wire(payment.overpaid)}


def _customer_of_gone_order(context: Context, order_id: str) -> str:
    """A pending order may have been deleted at the desk while the rep took the money for it."""
    customer_id = customer_of_deleted(context.session, order_id)
    if customer_id is None:
        raise NotFound("not_found", record="order", id=order_id)
    return context.need(Customer, customer_id).id


def amount_of(text: str) -> Decimal:
    """CNY, more than 0. Raises `Rejected`."""
    spec = fields_of(Payment)["amount"]
    amount: Decimal = parse("amount", spec, text)
    if amount <= 0:
        raise Rejected("not_positive", field="amount", label=spec.label)
    return amount


def remark_of(text: str | None) -> str | None:
    remark: str | None = parse("remark", fields_of(Payment)["remark"], text)
    return remark


def method_of(context: Context, method_id: str | None) -> str | None:
    """How the money came; one that is not known is left to the office, the money is not lost for it."""
    if method_id is None:
        return None
    method = context.find(Option, method_id)
    if method is None or method.list_name != "payment_method":
        context.adjusted("unknown_method", method_id=method_id)
        return None
    return method.id


def _tell(context: Context, order: Order | None, payment: Payment) -> None:
    numbers = {"amount": to_wire(payment.amount), "overpaid": to_wire(payment.overpaid)}
    if order is None:
        context.adjusted("order_deleted", **numbers)
    elif order.state == "cancelled":
        context.adjusted("order_cancelled", order_no=order.order_no, **numbers)
    elif payment.overpaid:
        context.adjusted("overpaid", order_no=order.order_no, **numbers)


@command("payment.book", BookArgs, permission="payment.book")
def book(context: Context, args: BookArgs) -> dict[str, Any]:
    """The desk confirms that the money is in the books; a cash customer's order can then be approved (CU-5). Booking
    twice changes nothing."""
    payment = context.need(Payment, args.id, "book")
    if payment.booked_at is None:
        payment.booked_at = context.now
        payment.booked_by = context.actor.employee_id
    return {"id": payment.id, "booked_at": to_wire(payment.booked_at)}
