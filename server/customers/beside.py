"""What can be asked for beside the fields of a customer's file: whom it is shared with (CU-39, CU-50) and what it pays.

In a request each stands beside the fields: `shared_with` with ids of colleagues, `product_price.price:<product>` with the
agreed price. Shares of two who ask are put together; a price is what the request saw, or the request is over.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from server.catalog.models import Product, ProductPrice
from server.customers.holding import refresh_access
from server.customers.models import Customer, CustomerShare
from server.people.models import Employee
from server.records.commands import Context
from server.records.errors import Rejected
from server.records.fields import L, Label
from server.records.ids import uuid7
from server.records.record import fields_of
from server.records.values import parse, to_wire

SHARED = "shared_with"
PRICES = "agreed_prices"
_PRICE = "product_price.price:"
#: What of it can be watched, so that a direct change becomes a request.
WATCHED: Mapping[str, Label] = {
    SHARED: L("共享人员范围", "共享人員範圍", "Whom it is shared with"),
    PRICES: L("协议价格", "協議價格", "Agreed prices"),
}
_FIELDS: Mapping[str, str] = {SHARED: "customer_share.employee_id", PRICES: "product_price.price"}


def price_of(product_id: str) -> str:
    """The name under which a request asks for the agreed price of a product."""
    return f"{_PRICE}{product_id}"


def is_beside(name: str) -> bool:
    return name == SHARED or name.startswith(_PRICE)


def watched_as(name: str) -> str:
    """The name that a company watches it by; of a field its own."""
    return PRICES if name.startswith(_PRICE) else name


def told_as(name: str) -> str:
    """The declared field whose label says what it is; of a field of the file its own name."""
    return _FIELDS.get(watched_as(name), name)


def now(context: Context, customer: Customer, name: str) -> Any:
    """What it is today, as on the wire."""
    if name == SHARED:
        return sorted(row.employee_id for row in shares_of(context, customer))
    row = _price(context, customer, name)
    return to_wire(row.price) if row is not None else None


def wanted(context: Context, customer: Customer, name: str, pair: tuple[Any, Any], standing: Any) -> Any:
    """What it shall be, as on the wire; `standing`: what it is, or what was asked for before. 422 wrong_type,
    employee_unavailable, unknown_reference."""
    base, mine = pair
    if name != SHARED:
        if context.find(Product, name.removeprefix(_PRICE)) is None:
            raise Rejected("unknown_reference", field="set", label=L("产品", "產品", "Product"))
        return to_wire(parse("price", fields_of(ProductPrice)["price"], mine)) if mine not in (None, "") else None
    before, after = _ids(base), _ids(mine)
    for employee_id in after - before - set(standing):
        employee = context.find(Employee, employee_id)
        if employee is None or employee.status != "enabled":
            raise Rejected("employee_unavailable", field="set")
    return sorted((set(standing) | (after - before)) - (before - after) - {customer.owner_id})


def _ids(value: Any) -> set[str]:
    if value is None:
        return set()
    if not isinstance(value, list) or not all(isinstance(one, str) and len(one) <= 36 for one in value):
        raise Rejected(
            "wrong_type", field="set", label=L("共享人员范围", "共用人員範圍", "Shared with"), value=str(value)[:40]
        )
    return set(value)


def line_of(context: Context, name: str, before: Any, after: Any) -> dict[str, Any]:
    """How a request tells it to those who decide."""
    record, _, field = told_as(name).partition(".")
    line: dict[str, Any] = {"record": record, "field": field, "before": before, "after": after}
    if name != SHARED:
        product = context.find(Product, name.removeprefix(_PRICE))
        line |= {"id": name.removeprefix(_PRICE), "name": product.name if product is not None else "?"}
    return line


def carry_out(context: Context, customer: Customer, name: str, pair: tuple[Any, Any]) -> bool:
    """Does what was agreed to; whether the request still fits. 422 employee_unavailable."""
    if name == SHARED:
        _share(context, customer, _ids(pair[0]), _ids(pair[1]))
        return True
    row = _price(context, customer, name)
    current = to_wire(row.price) if row is not None else None
    if current not in pair:
        return False
    _put_price(context, customer, name.removeprefix(_PRICE), row, pair[1])
    return True


def _share(context: Context, customer: Customer, before: set[str], after: set[str]) -> None:
    there = {row.employee_id: row for row in shares_of(context, customer)}
    for employee_id in sorted(after - before - there.keys() - {customer.owner_id}):
        add_share(context, customer, employee_id)
    for employee_id in before - after:
        if employee_id in there:
            context.session.delete(there[employee_id])
    refresh_access(context, [customer])


def shares_of(context: Context, customer: Customer) -> list[CustomerShare]:
    context.session.flush()
    return list(context.session.scalars(select(CustomerShare).where(CustomerShare.customer_id == customer.id)))


def add_share(context: Context, customer: Customer, employee_id: str) -> CustomerShare:
    """A colleague who sees and serves the customer from now on. 422 employee_unavailable."""
    employee = context.find(Employee, employee_id)
    if employee is None or employee.status != "enabled":
        raise Rejected("employee_unavailable", field="employee_id")
    share = CustomerShare(customer_id=customer.id, employee_id=employee_id, shared_by=context.actor.employee_id)
    return context.add(share)


def _price(context: Context, customer: Customer, name: str) -> ProductPrice | None:
    statement = select(ProductPrice).where(
        ProductPrice.customer_id == customer.id, ProductPrice.product_id == name.removeprefix(_PRICE)
    )
    return context.session.scalars(statement).first()


def _put_price(context: Context, customer: Customer, product_id: str, row: ProductPrice | None, price: Any) -> None:
    if row is None and price is not None:
        values = {"product_id": product_id, "level": "customer", "customer_id": customer.id, "price": price}
        context.run("product_price.create", {"id": uuid7(), "values": values})
    elif row is not None and price is None:
        context.run("product_price.delete", {"id": row.id})
    elif row is not None:
        context.run("product_price.edit", {"id": row.id, "set": {"price": [to_wire(row.price), price]}})
