"""What people are told about orders. An order that is held asks through its approval (`orders/approval.py`)."""

from server.customers.models import Customer
from server.notifications.kinds import kind
from server.notifications.service import notify
from server.orders.models import Order
from server.people.holders import holders
from server.records.commands import Context
from server.records.fields import L

TO_APPROVE = kind(
    "order.to_approve",
    L("订单审核提醒", "訂單審核提醒", "Order to approve"),
    L(
        "{clerk} 提交了 {customer} 的订单 {order_no}，等待审核",
        "{clerk} 提交了 {customer} 的訂單 {order_no}，等待審核",
        "{clerk} placed order {order_no} for {customer}; it waits for approval",
    ),
    needs="order.approve",
)
NOT_PREPAID = kind(
    "payment.not_prepaid",
    L("预存待处理", "預存待處理", "Deposit to be decided on"),
    L(
        "{name} 收了 {customer} 的预存款，但客户已不能预存：请重新勾选“可预存”，或用于订单，或退款",
        "{name} 收了 {customer} 的預存款，但客戶已不能預存：請重新勾選「可預存」，或用於訂單，或退款",
        "{name} took a deposit from {customer}, who may not prepay any more: allow it again, use it for an order, "
        "or pay it back",
    ),
    needs="payment.refund",
)


def tell_approvers(context: Context, order: Order, customer: Customer) -> None:
    """Holders of the approval right learn of a new order (OR-1)."""
    args = {"clerk": context.actor.name, "customer": customer.name, "order_no": order.order_no}
    people = holders(context, "order.approve", order.clerk_id)
    notify(context, people, TO_APPROVE, order, args, key=order.id)
