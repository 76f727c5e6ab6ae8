"""What a customer pays for a product: agreed price → group price → grade price → list price (PR-7 and its default)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from server.catalog.models import Product, ProductPrice
from server.customers.models import Customer
from server.records.loading import flush_for

_PRECEDENCE = {"customer": 0, "group": 1, "grade": 2}
_CHUNK = 500


class Priced(NamedTuple):
    """A unit price in CNY (4 decimals), which rule gave it (`PRICE_REASONS`), and the day it holds from."""

    price: Decimal
    reason: str
    since: date | None


def price_for(session: Session, product: Product, customer: Customer) -> Priced:
    """The price of one product for one customer."""
    return prices_for(session, [product], customer)[product.id]


# Drawn up once: it runs for every order. A customer without group or grade has none of their prices: nothing equals NULL.
_LEVELS = select(
    ProductPrice.id, ProductPrice.product_id, ProductPrice.level, ProductPrice.price, ProductPrice.priced_at
).where(
    ProductPrice.product_id.in_(bindparam("products", expanding=True)),
    or_(
        ProductPrice.customer_id == bindparam("customer"),
        ProductPrice.group_id == bindparam("group"),
        ProductPrice.grade_id == bindparam("grade"),
    ),
)


# unrestricted: the company sets the price of an order, whoever writes it; callers have checked product and customer
def prices_for(session: Session, products: Iterable[Product], customer: Customer) -> dict[str, Priced]:
    """The prices of many products for one customer, by product id, with one query for each 500 products."""
    found = {product.id: Priced(product.price, "list", product.priced_at) for product in products}
    who = {"customer": customer.id, "group": customer.group_id, "grade": customer.grade_id}
    ids = sorted(found)
    rows: list[Any] = []
    flush_for(session, ProductPrice)
    for start in range(0, len(ids), _CHUNK):
        rows += session.connection().execute(_LEVELS, {"products": ids[start : start + _CHUNK], **who})
    # The nearest level is written last; of two agreed prices, which a merge of customers can leave, the newer one.
    for row in sorted(rows, key=lambda row: (-_PRECEDENCE[row.level], row.priced_at or date.min, row.id)):
        found[row.product_id] = Priced(row.price, row.level, row.priced_at)
    return found
