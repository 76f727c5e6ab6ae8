"""Some customers pay ahead, at the desk, and orders are paid from it, as the commands of deposits would have left them."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from server.demo.company import Company
from server.demo.dice import Dice
from server.demo.shops import Shop
from server.orders.models import Order, Payment

ZERO = Decimal("0.00")
#: One in so many customers that order on credit.
_EVERY = 9


def pay_ahead(dice: Dice, company: Company, shops: list[Shop]) -> Iterator[Payment]:
    """The entries; marks, balances and what orders owe are brought up to date. To be called while transfers still come."""
    buying = [
        (shop, sent)
        for shop in shops
        if shop.rep is not None and shop.customer.settlement_mode == "credit"
        if (sent := [order for order in shop.orders if order.approved_at and order.state != "cancelled"])
    ]
    for shop, orders in buying[::_EVERY]:
        customer, at = shop.customer, min(order.approved_at for order in orders if order.approved_at)
        customer.prepay_allowed = True
        paid = Decimal(dice.pick((500, 1000, 2000, 5000))).quantize(ZERO)
        customer.deposit_total = paid
        yield _entry(dice, company, shop, "top_up", at, paid, paid)
        owing = next((order for order in orders if order.debt > 0), None)
        if owing is None or owing.approved_at is None:
            continue
        used = min(owing.debt, paid)
        owing.paid += used
        owing.debt -= used
        customer.deposit_total -= used
        yield _entry(dice, company, shop, "used", owing.approved_at, used, -used, owing)


def _entry(
    dice: Dice, company: Company, shop: Shop, kind: str, at: datetime, amount: Decimal, deposit: Decimal,
    order: Order | None = None,
) -> Payment:  # fmt: skip
    """At the moment when the office approved an order of the customer; it was there then."""
    clerk = company.staff.clerk_id
    return Payment(
        id=dice.id_at(at), kind=kind, order_id=order.id if order is not None else None, customer_id=shop.customer.id,
        amount=amount, deposit=deposit, overpaid=ZERO, paid_at=at, paid_on=dice.day_of(at), operator_id=clerk,
        method_id=company.option("payment_method", "银行转账") if kind == "top_up" else None,
        booked_at=at, booked_by=clerk, created_at=at, created_by=clerk,
    )  # fmt: skip
