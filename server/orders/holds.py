"""Why an order waits for a person's decision: credit limit, product off shelf, customer moved or disabled."""

from typing import Any

from server.customers.models import Customer
from server.orders.lines import Line, off_shelf
from server.orders.models import HOLDS, Order, OrderLine
from server.orders.service import credit_rule, over_credit
from server.records.commands import Context
from server.records.errors import Rejected, error_texts
from server.records.fields import L

error_texts(
    {
        "credit_exceeded": L(
            "超出信用额度 {excess} 元（额度 {limit}，已欠 {debt}，本单 {order_debt}），订单已挂起，等待审批",
            "超出信用額度 {excess} 元（額度 {limit}，已欠 {debt}，本單 {order_debt}），訂單已掛起，等待審批",
            "Over the credit limit by {excess} (limit {limit}, debt {debt}, this order {order_debt}); held for a decision",
        ),
        "credit_warning": L(
            "超出信用额度 {excess} 元（额度 {limit}，已欠 {debt}，本单 {order_debt}）",
            "超出信用額度 {excess} 元（額度 {limit}，已欠 {debt}，本單 {order_debt}）",
            "Over the credit limit by {excess} (limit {limit}, debt {debt}, this order {order_debt})",
        ),
        "customer_moved": L(
            "客户已转给他人，订单已保留，等待处理",
            "客戶已轉給他人，訂單已保留，等待處理",
            "The customer changed hands; the order is kept and waits for a decision",
        ),
        "customer_disabled": L(
            "客户已停用，订单已保留，等待处理",
            "客戶已停用，訂單已保留，等待處理",
            "The customer was disabled; the order is kept and waits for a decision",
        ),
        "price_changed": L(
            "“{product_name}”价格已变：{from} → {to}（{effective_from} 起），订单已按新价提交",
            "「{product_name}」價格已變：{from} → {to}（{effective_from} 起），訂單已按新價提交",
            "The price of {product_name} changed: {from} → {to} (since {effective_from}); the new one was taken",
        ),
    }
)


def put_on_hold(context: Context, order: Order, code: str, **numbers: Any) -> None:
    """Adds an open question; the first one is the reason that lists show."""
    detail = order.hold_detail or {}
    order.hold_detail = {**detail, "reasons": [*detail.get("reasons", []), {"code": code, **numbers}]}
    codes = [reason["code"] for reason in order.hold_detail["reasons"]]
    order.hold_reason = next(hold for hold in HOLDS if hold in codes)
    context.held(code, **numbers)


def take_off_hold(order: Order, *codes: str) -> None:
    """Removes questions that have answered themselves, e.g. by a smaller order."""
    if not order.hold_detail:
        return
    reasons = [reason for reason in order.hold_detail.get("reasons", []) if reason["code"] not in codes]
    order.hold_detail = {**order.hold_detail, "reasons": reasons} if reasons else None
    order.hold_reason = next((hold for hold in HOLDS if hold in {reason["code"] for reason in reasons}), None)


def hold_for_customer(context: Context, order: Order, customer: Customer) -> None:
    """An order taken for a customer that is not the actor's any more, or not served any more, is not lost."""
    if not context.may(customer, "view"):
        put_on_hold(context, order, "customer_moved", owner_id=customer.owner_id)
    elif not customer.enabled:
        put_on_hold(context, order, "customer_disabled")


def hold_for_products(context: Context, order: Order, lines: list[Line], existing: dict[str, OrderLine]) -> None:
    """Products off shelf cannot be ordered (PR-3); an order that was taken offline waits for a decision instead."""
    take_off_hold(order, "product_off_shelf")
    for index, product in off_shelf(lines, existing):
        if not context.pushed:
            raise Rejected(
                "product_off_shelf", field=f"lines[{index}].product_id", name=product.name, product_id=product.id
            )
        put_on_hold(
            context,
            order,
            "product_off_shelf",
            name=product.name,
            product_id=product.id,
            product_no=product.product_no,
        )


def hold_for_credit(context: Context, order: Order, customer: Customer) -> None:
    """Over the limit the company decides case by case (CU-8); by its setting the order waits, or only a warning is given."""
    take_off_hold(order, "credit_exceeded")
    numbers = over_credit(context, order, customer)
    if numbers is None:
        return
    if credit_rule(context) == "warn":
        context.adjusted("credit_warning", **numbers)
    else:
        put_on_hold(context, order, "credit_exceeded", **numbers)
