"""What follows from an order's lines, receipts and state: its amounts, its holds, and the customer's totals."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from server.company.models import Company
from server.customers.models import Customer
from server.customers.service import add_sales
from server.orders import amounts
from server.orders.models import Order, OrderLine, Payment
from server.records import audit
from server.records.actor import SYSTEM, Actor
from server.records.commands import Context
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.loading import flush_for
from server.records.rights import conceals_money, told_of, without_amounts
from server.records.values import to_wire

ZERO = Decimal("0.00")

error_texts(
    {
        "discount_too_large": L(
            "优惠不能超过产品总额 {max}", "優惠不能超過產品總額 {max}", "The discount is more than the goods: {max}"
        ),
    }
)


_LINES = select(OrderLine).where(OrderLine.order_id == bindparam("order")).order_by(OrderLine.line_no)


def lines_of(session: Session, order_id: str) -> list[OrderLine]:
    """The lines in their order. The caller has checked the order."""
    return list(session.scalars(_LINES, {"order": order_id}))


def lines_taken(session: Session, ids: list[str]) -> set[str]:
    """Which of these ids are lines already, of whatever order."""
    return set(session.scalars(select(OrderLine.id).where(OrderLine.id.in_(ids))))


def received(session: Session, order_id: str, *, booked_only: bool = False) -> Decimal:
    """The money received for an order in CNY; all of it, or what is booked."""
    statement = select(func.sum(Payment.amount)).where(Payment.order_id == order_id)
    if booked_only:
        statement = statement.where(Payment.booked_at.is_not(None))
    return session.scalar(statement) or ZERO


def is_paid_and_booked(session: Session, order: Order) -> bool:
    """Whether a cash customer's order may be approved (OR-4)."""
    return received(session, order.id, booked_only=True) >= order.payable - order.discount


def set_amounts(order: Order, goods_total: Decimal, paid: Decimal) -> None:
    """Everything that follows from the lines, the receipts, the header and the state. Raises `discount_too_large`."""
    order.goods_total = goods_total
    order.payable = goods_total + order.freight
    order.paid = paid
    order.debt = amounts.debt(order.payable, order.discount, paid, cancelled=order.state == "cancelled")
    if order.discount > goods_total:
        raise Rejected("discount_too_large", field="discount", max=to_wire(goods_total))


def refresh_order(context: Context, order: Order) -> None:
    """Computes the order's amounts from what is stored."""
    context.session.flush()
    goods_total = amounts.total(line.subtotal for line in lines_of(context.session, order.id))
    set_amounts(order, goods_total, received(context.session, order.id))


_SOLD = Order.state.in_(("picking", "shipped", "completed"))
_ON_CREDIT = and_(Order.state == "pending", Order.hold_reason.is_(None), Order.settlement_mode == "credit")


_BINDING = or_(_SOLD, _ON_CREDIT, Order.state == "cancelled")
# One statement, drawn up once: it runs for every order that is placed.
_TOTALS = select(func.sum(case((_SOLD, Order.payable))), func.sum(case((_BINDING, Order.debt)))).where(
    Order.customer_id == bindparam("customer"), Order.id != bindparam("without")
)


def _totals(session: Session, customer_id: str, without: str = "") -> tuple[Decimal, Decimal]:
    flush_for(session, Order)
    sales, owed = session.connection().execute(_TOTALS, {"customer": customer_id, "without": without}).one()
    return sales or ZERO, owed or ZERO


def sales_of(session: Session, customer_id: str) -> Decimal:
    """What is payable for a customer's orders that are approved and not cancelled, in CNY ("Defaults of Xunke";
    payable before the discount, as report C5 adds up)."""
    return _totals(session, customer_id)[0]


def debt_of(session: Session, customer_id: str, *, without: str | None = None) -> Decimal:
    """What a customer owes for every order that binds, in CNY; `without` leaves one order out.

    Approved orders bind, and pending ones on credit as soon as they are placed (CU-68), so that many small orders
    cannot slip under the credit limit. Orders on hold do not, nobody has agreed to them; nor do pending cash orders,
    which are paid before they are approved. What was paid for a cancelled order counts for the customer.
    """
    return _totals(session, customer_id, without or "")[1]


def refresh_totals(context: Context, customer_id: str) -> None:
    """Brings the customer's sales and debt in line with the orders. Locks the customer first, so that two orders at
    once are both counted."""
    customer = context.get(Customer, customer_id)
    sales, owed = _totals(context.session, customer_id)
    if (sales, owed) != (customer.sales_total, customer.debt_total):
        add_sales(context, customer_id, sales - customer.sales_total, owed - customer.debt_total)


def deposit_of(session: Session, customer_id: str, *, booked_only: bool = False) -> Decimal:
    """What a customer has paid in advance and not used, in CNY (CO-10); all of it, or of what is booked."""
    statement = select(func.sum(Payment.deposit)).where(Payment.customer_id == customer_id)
    if booked_only:
        statement = statement.where(Payment.booked_at.is_not(None))
    return session.scalar(statement) or ZERO


def refresh_deposit(context: Context, customer_id: str) -> Decimal:
    """Brings the customer's deposit in line with its receipts; what it is now. Locks the customer first."""
    customer = context.get(Customer, customer_id)
    context.session.flush()
    customer.deposit_total = deposit_of(context.session, customer_id)
    return customer.deposit_total


def over_credit(context: Context, order: Order, customer: Customer) -> dict[str, Any] | None:
    """The numbers by which an order goes over the customer's credit limit (CNY, on the wire), or None.

    The caller holds the lock on the customer's row, so of two orders at once the second sees the first.
    """
    if order.settlement_mode != "credit" or customer.credit_limit is None or order.debt <= 0:
        return None
    before = debt_of(context.session, customer.id, without=order.id)
    excess = before + order.debt - customer.credit_limit
    if excess <= 0:
        return None
    numbers = {"limit": customer.credit_limit, "debt": before, "order_debt": order.debt, "excess": excess}
    return {name: to_wire(value) for name, value in numbers.items()}


@told_of(Order, "hold_detail")
def told_hold(actor: Actor, value: Any, of: Callable[[str], Any]) -> Any:
    """Why an order is held, without the amounts for who may not read amounts."""
    return without_amounts(value) if conceals_money(actor) else value


def credit_rule(context: Context) -> str:
    """`hold` or `warn` (company settings)."""
    return context.session.scalar(select(Company.credit_check).limit(1)) or "hold"


def quantities_of(session: Session, order_id: str) -> dict[str, Decimal]:
    """How much of each product an order has, by product id."""
    found: dict[str, Decimal] = {}
    for line in lines_of(session, order_id):
        found[line.product_id] = found.get(line.product_id, Decimal(0)) + line.quantity
    return found


def waybill_taken(session: Session, waybill_no: str) -> bool:
    return session.scalar(select(Order.id).where(Order.waybill_no == waybill_no).limit(1)) is not None


def customer_of_deleted(session: Session, order_id: str) -> str | None:
    """The customer of an order that was deleted, as the audit trail remembers it."""
    for entry in audit.history(session, SYSTEM, Order.__tablename__, order_id, limit=1):
        if entry["op"] == "d":
            return str(entry["changes"]["customer_id"][0])
    return None
