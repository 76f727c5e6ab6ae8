"""Reads of orders that the generic routes cannot say."""

from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from server.company.models import Option
from server.customers.models import Customer
from server.orders.models import Order, OrderLine, Payment
from server.records.actor import Actor
from server.records.audit import history
from server.records.listing import detail, like_escape, list_filter, names_of_refs
from server.records.own import readable
from server.records.record import Record
from server.records.visibility import checked
from server.records.wire import item_of, select_readable


@list_filter(Order, "product")
def by_product(
    session: Session, actor: Actor, text: str
) -> ColumnElement[bool]:  # unrestricted: only narrows the list of orders, which is restricted
    """Orders with a product whose name or number contains the text (OR-18)."""
    pattern = f"%{like_escape(text)}%"
    lines = select(OrderLine.order_id).where(
        or_(OrderLine.product_name.ilike(pattern, escape="\\"), OrderLine.product_no.ilike(pattern, escape="\\"))
    )
    return Order.id.in_(lines)


@list_filter(Order, "customer")
# unrestricted: only narrows the list of orders
def by_customer(session: Session, actor: Actor, text: str) -> ColumnElement[bool]:
    """Orders of customers whose name or number contains the text."""
    pattern = f"%{like_escape(text)}%"
    names = or_(Customer.name.ilike(pattern, escape="\\"), Customer.customer_no.ilike(pattern, escape="\\"))
    return Order.customer_id.in_(select(Customer.id).where(names))


@list_filter(Order, "region")
# unrestricted: only narrows the list of orders
def by_region(session: Session, actor: Actor, text: str) -> ColumnElement[bool]:
    """Orders of customers whose province, city, district or sales region contains the text."""
    pattern = f"%{like_escape(text)}%"
    regions = select(Option.id).where(Option.list_name == "sales_region", Option.name.ilike(pattern, escape="\\"))
    places = [column.ilike(pattern, escape="\\") for column in (Customer.province, Customer.city, Customer.district)]
    return Order.customer_id.in_(select(Customer.id).where(or_(*places, Customer.sales_region_id.in_(regions))))


def full_order(session: Session, actor: Actor, order_id: str) -> dict[str, Any] | None:
    """An order with its lines, receipts and history, if the actor may see it; lines in their order, receipts by time."""
    order = detail(session, actor, Order, order_id)
    if order is None:
        return None
    lines = _rows(session, actor, OrderLine, OrderLine.order_id == order_id, OrderLine.line_no)
    payments = _rows(session, actor, Payment, Payment.order_id == order_id, Payment.paid_at)
    return {
        "order": order,
        "lines": lines,
        "payments": payments,
        "refs": names_of_refs(session, actor, Payment, payments),
        "history": history(session, actor, Order.__tablename__, order_id),
    }


def _rows(
    session: Session, actor: Actor, record: type[Record], condition: ColumnElement[bool], order: Any
) -> list[dict[str, Any]]:
    fields = readable(session, actor, record)
    statement = select_readable(fields).where(checked(actor, record), condition).order_by(order, record.id)
    return [item_of(fields, row) for row in session.execute(statement)]
