"""The states of an order as data: which command leads from where to where, and who may run it.

等待审核 → 正在配货 → 已经发货 → 交易完成; 取消订单 from 正在配货, or from 等待审核 where an order is refused.
"""

from dataclasses import dataclass
from typing import Literal

from server.orders.models import ORDER_STATES, Order
from server.records.commands import Context
from server.records.errors import Rejected, error_texts
from server.records.fields import L

State = Literal["pending", "picking", "shipped", "completed", "cancelled"]


@dataclass(frozen=True, slots=True)
class Transition:
    source: State
    target: State
    operation: str  #: the permission is `order.<operation>`, its scope decides on which orders


TRANSITIONS: dict[str, Transition] = {
    "approve": Transition("pending", "picking", "approve"),
    "refuse": Transition("pending", "cancelled", "approve"),
    "ship": Transition("picking", "shipped", "ship"),
    "complete": Transition("shipped", "completed", "complete"),
    "cancel": Transition("picking", "cancelled", "cancel"),
}

error_texts(
    {
        "wrong_state": L(
            "订单现在是“{state}”，不能这样操作",
            "訂單現在是「{state}」，不能這樣操作",
            "The order is in the state {state}; this is not possible now",
        ),
    }
)


def order_for(context: Context, order_id: str, step: str) -> Order:
    """The locked order, if the actor may take this step with it and its state allows it. Raises `wrong_state`."""
    transition = TRANSITIONS[step]
    order = context.need(Order, order_id, transition.operation)
    if order.state != transition.source:
        raise Rejected("wrong_state", field="state", state=ORDER_STATES[order.state], current=order.state, step=step)
    return order


def move(order: Order, step: str) -> None:
    """Puts an order that `order_for` let through into its next state."""
    order.state = TRANSITIONS[step].target
