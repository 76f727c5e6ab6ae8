"""Money that a customer has with the company (预存): received ahead of orders, used for one, paid back; and receipts that are
taken back. Its entries are receipts as well, so that they are booked, printed, listed and counted as all money is (CO-7,
CO-10, CO-11)."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from server.customers.models import Customer
from server.notifications.service import notify
from server.orders.models import Order, Payment
from server.orders.payments import amount_of, method_of, remark_of
from server.orders.reminders import NOT_PREPAID
from server.orders.service import deposit_of, refresh_deposit, refresh_order, refresh_totals
from server.people.holders import holders
from server.records.asked import check_asked
from server.records.commands import Context, command
from server.records.editing import check_id
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.record import fields_of
from server.records.rights import may_read
from server.records.values import to_wire

error_texts(
    {
        "prepay_not_allowed": L(
            "{name}没有勾选“可预存”，不能存款：请在客户资料中勾选后再存，或请内勤勾选",
            "{name}沒有勾選「可預存」，不能存款：請在客戶資料中勾選後再存，或請內勤勾選",
            "{name} may not prepay: tick “May prepay” in the customer's file first, or ask the office to",
        ),
        "prepay_kept": L(
            "客户的“可预存”已取消，收到的钱已如实记录，请等待处理",
            "客戶的「可預存」已取消，收到的錢已如實記錄，請等待處理",
            "The customer may not prepay any more; the money is recorded all the same, the office decides on it",
        ),
        "deposit_too_small": L(
            "预存余额只有 {balance} 元，不够 {amount} 元",
            "預存餘額只有 {balance} 元，不夠 {amount} 元",
            "The deposit is {balance}, less than {amount}",
        ),
        "deposit_above_debt": L(
            "订单只欠 {debt} 元，冲抵不能超过欠款",
            "訂單只欠 {debt} 元，沖抵不能超過欠款",
            "The order owes {debt}; no more than that is paid from the deposit",
        ),
        "taken_back_before": L("这笔记录已经冲销过", "這筆記錄已經沖銷過", "This entry was taken back before"),
        "is_taking_back": L(
            "冲销记录不能再冲销，请重新登记",
            "沖銷記錄不能再沖銷，請重新登記",
            "What takes an entry back is not taken back itself; record the money anew",
        ),
    }
)  # fmt: skip

ZERO = Decimal("0.00")
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class TopUpArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`amount` in CNY, more than 0; `paid_at`: when the money changed hands, by the phone's clock."""

    id: str
    customer_id: str
    amount: str
    paid_at: Moment | None = None
    method_id: str | None = None
    remark: str | None = None


class UseArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`amount` in CNY, at most what the order owes and the customer has."""

    id: str
    order_id: str
    amount: str
    paid_at: Moment | None = None
    remark: str | None = None


class RefundArgs(TopUpArgs, forbid_unknown_fields=True):
    """`amount` in CNY that the customer gets back, more than 0."""


class ReverseArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`of`: the entry that was wrong; `id`: the new one that takes it back. `reason` is its remark."""

    id: str
    of: str
    reason: str


@command("payment.top_up", TopUpArgs, permission="payment.create", fact=True)
def top_up(context: Context, args: TopUpArgs) -> dict[str, Any]:
    """Records money that a customer pays ahead of orders. 422 prepay_not_allowed without the customer's mark (CU-6); money
    that a phone took while there was one is kept (prepay_kept), and who may pay it back is told."""
    customer = context.need(Customer, args.customer_id)
    if not customer.prepay_allowed:
        if not context.pushed:
            raise Rejected("prepay_not_allowed", field="customer_id", name=customer.name)
        context.adjusted("prepay_kept", name=customer.name)
    amount = amount_of(args.amount)
    payment = _entry(context, args, customer.id, "top_up", amount, amount)
    payment.method_id = method_of(context, args.method_id)
    check_asked(context, payment, fact=True)
    if not customer.prepay_allowed:
        told = {"name": context.actor.name, "customer": customer.name}  # no amount: not everybody may read it
        people = holders(context, "payment.refund", context.actor.employee_id)
        notify(context, people, NOT_PREPAID, customer, told, key=payment.id)
    return _answer(context, payment)


@command("payment.use", UseArgs, permission="payment.create")
def use(context: Context, args: UseArgs) -> dict[str, Any]:
    """Pays an order from its customer's deposit (CO-10). 422 deposit_above_debt, deposit_too_small: of two that use the same
    money at once, one is refused and its author sees it. It counts as booked as far as the money in the deposit is."""
    order = context.need(Order, args.order_id)
    customer = context.get(Customer, order.customer_id)
    amount = amount_of(args.amount)
    debt = max(order.debt, ZERO)
    if amount > debt:
        raise Rejected("deposit_above_debt", field="amount", debt=_told(context, Order, "debt", debt))
    _need_deposit(context, customer.id, amount)
    booked = deposit_of(context.session, customer.id, booked_only=True) >= amount
    payment = _entry(context, args, customer.id, "used", amount, -amount, order_id=order.id, booked=booked)
    refresh_order(context, order)
    refresh_totals(context, customer.id)
    return {**_answer(context, payment), "order_id": order.id, "debt": _told(context, Order, "debt", order.debt)}


@command("payment.refund", RefundArgs, permission="payment.refund")
def refund(context: Context, args: RefundArgs) -> dict[str, Any]:
    """Pays back what a customer has in the deposit, or a part; also where the customer may not prepay any more. 422
    deposit_too_small."""
    customer = context.need(Customer, args.customer_id)
    amount = amount_of(args.amount)
    _need_deposit(context, customer.id, amount)
    booked = context.actor.can("payment.book")
    payment = _entry(context, args, customer.id, "refund", -amount, -amount, booked=booked)
    payment.method_id = method_of(context, args.method_id)
    check_asked(context, payment)
    return _answer(context, payment)


@command("payment.reverse", ReverseArgs, permission="payment.refund")
def reverse(context: Context, args: ReverseArgs) -> dict[str, Any]:
    """Takes a receipt or an entry of the deposit back by a further one of the opposite amount; both stay, and neither waits
    to be booked. 422 taken_back_before, is_taking_back, required (without a reason), deposit_too_small (the money of a
    deposit was used since)."""
    wrong = context.need(Payment, args.of, "refund")
    remark = remark_of(" ".join(args.reason.split())[:400])
    if remark is None:
        raise Rejected("required", field="reason", label=fields_of(Payment)["remark"].label)
    if wrong.reverses_id is not None:
        raise Rejected("is_taking_back", field="of")
    if wrong.reversed_at is not None:
        raise Rejected("taken_back_before", field="of")
    paid = context.find(Order, wrong.order_id)
    order = context.get(Order, paid.id) if paid is not None else None
    context.get(Customer, wrong.customer_id)
    if wrong.deposit > 0:
        _need_deposit(context, wrong.customer_id, wrong.deposit)
    payment = Payment(
        id=check_id(args.id), kind=wrong.kind, order_id=wrong.order_id, customer_id=wrong.customer_id,
        amount=-wrong.amount, deposit=-wrong.deposit, overpaid=ZERO, method_id=wrong.method_id, paid_at=context.now,
        paid_on=context.today, operator_id=context.actor.employee_id, remark=remark, reverses_id=wrong.id,
    )  # fmt: skip
    context.add(payment)
    wrong.reversed_at = context.now
    for one in (wrong, payment):
        one.booked_at, one.booked_by = one.booked_at or context.now, one.booked_by or context.actor.employee_id
    if order is not None:
        refresh_order(context, order)
        refresh_totals(context, order.customer_id)
    return _answer(context, payment)


def _entry(
    context: Context,
    args: TopUpArgs | UseArgs,
    customer_id: str,
    kind: str,
    amount: Decimal,
    deposit: Decimal,
    *,
    order_id: str | None = None,
    booked: bool = False,
) -> Payment:
    paid_at = context.claimed_time(args.paid_at)
    payment = Payment(
        id=check_id(args.id), kind=kind, order_id=order_id, customer_id=customer_id, amount=amount, deposit=deposit,
        overpaid=ZERO, paid_at=paid_at, paid_on=paid_at.astimezone(context.zone).date(),
        operator_id=context.actor.employee_id, remark=remark_of(args.remark),
    )  # fmt: skip
    if booked:
        payment.booked_at, payment.booked_by = context.now, context.actor.employee_id
    return context.add(payment)


def _need_deposit(context: Context, customer_id: str, amount: Decimal) -> None:
    """The caller holds the lock on the customer's row, so that the same money is not used twice."""
    context.session.flush()
    balance = deposit_of(context.session, customer_id)
    if amount > balance:
        told = _told(context, Customer, "deposit_total", max(balance, ZERO))
        raise Rejected("deposit_too_small", field="amount", balance=told, amount=to_wire(amount))


def _told(context: Context, record: type[Customer] | type[Order], name: str, value: Decimal) -> Any:
    return to_wire(value) if may_read(context.actor, record, name) else "***"


def _answer(context: Context, payment: Payment) -> dict[str, Any]:
    left = refresh_deposit(context, payment.customer_id)
    return {"id": payment.id, "deposit": _told(context, Customer, "deposit_total", left)}
