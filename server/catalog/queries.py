"""Reads of the catalog that the generic routes cannot say."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.catalog.models import Product, ProductPrice
from server.catalog.pricing import prices_for
from server.customers.models import Customer
from server.records.actor import Actor
from server.records.rights import may_read
from server.records.values import to_wire
from server.records.visibility import visible


def prices_of_customer(
    session: Session, actor: Actor, customer_id: str, product_ids: list[str]
) -> dict[str, dict[str, Any]] | None:
    """What the customer pays for these products, by product id; None where the actor may not see the customer."""
    customer = session.scalar(select(Customer).where(visible(actor, Customer, [customer_id])))
    if customer is None:
        return None
    products = session.scalars(select(Product).where(Product.id.in_(product_ids), visible(actor, Product)))
    if not may_read(actor, Product, "price") or not may_read(actor, ProductPrice, "price"):
        return {}
    found = prices_for(session, products.all(), customer)
    return {
        product_id: {"price": to_wire(priced.price), "reason": priced.reason, "since": to_wire(priced.since)}
        for product_id, priced in found.items()
    }
