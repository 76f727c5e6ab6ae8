"""What other areas may do with the catalog."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from sqlalchemy import select

from server.catalog.models import Product
from server.records.commands import Context
from server.records.loading import load_many
from sync import positions


def products_by_id(context: Context, ids: Iterable[str]) -> dict[str, Product]:
    """The products among `ids` that exist, off shelf or not."""
    return load_many(context.session, Product, ids)


def take_stock(context: Context, quantities: Mapping[str, Decimal]) -> None:
    """Takes quantities (in each product's unit) off the last known stock. Below zero is allowed and shown."""
    statement = select(Product).where(Product.id.in_(sorted(quantities))).order_by(Product.id)
    if positions.is_postgresql(context.session):
        # Rows that were read before the lock are read again: another shipment may have come between.
        statement = statement.with_for_update().execution_options(populate_existing=True)
    for product in context.session.scalars(statement).all():
        product.stock -= quantities[product.id]
    context.session.flush()
