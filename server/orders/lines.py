"""The lines of an order as they are sent, checked, priced by the company and written."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from server.catalog.models import Product
from server.catalog.pricing import Priced, prices_for
from server.catalog.service import products_by_id
from server.company.models import Option
from server.customers.models import Customer
from server.orders import amounts
from server.orders.models import Order, OrderLine
from server.orders.service import lines_taken
from server.records.commands import Context
from server.records.editing import check_id
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.record import fields_of
from server.records.values import parse, to_wire
from server.savepoints import flush_soon

MAX_LINES = 300

error_texts(
    {
        "no_lines": L("订单至少要有一个产品", "訂單至少要有一個產品", "An order needs at least one line"),
        "too_many_lines": L("订单最多 {max} 行", "訂單最多 {max} 行", "An order has at most {max} lines"),
        "not_positive": L("{label}必须大于 0", "{label}必須大於 0", "{label} must be more than 0"),
        "double_line": L("同一行出现了两次", "同一行出現了兩次", "The same line is there twice"),
        "unknown_product": L("产品不存在", "產品不存在", "There is no such product"),
        "product_off_shelf": L(
            "产品“{name}”已下架", "產品「{name}」已下架", "The product {name} is withdrawn"
        ),
        "amount_too_large": L("金额过大", "金額過大", "The amount is too large"),
    }
)  # fmt: skip


class LineArgs(msgspec.Struct, forbid_unknown_fields=True):
    """One line. `price`: what the phone showed, in CNY with up to 4 decimals; left out, the company's price is taken
    without a word. `price_reason`: "free" for a price set by hand, else where the phone's price came from."""

    id: str
    product_id: str
    quantity: str
    price: str | None = None
    price_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line that passed the checks, with the price it will have."""

    id: str
    product: Product
    quantity: Decimal
    price: Decimal
    reason: str
    claimed: Decimal | None
    since: Any

    @property
    def subtotal(self) -> Decimal:
        return amounts.subtotal(self.price, self.quantity)


def checked_lines(
    context: Context, sent: list[LineArgs], customer: Customer, existing: dict[str, OrderLine]
) -> list[Line]:
    """The lines with the company's prices. `existing`: the order's lines by id, where it has some already.

    Raises `Rejected` with the place, e.g. `lines[0].quantity`.
    """
    if not sent:
        raise Rejected("no_lines", field="lines")
    if len(sent) > MAX_LINES:
        raise Rejected("too_many_lines", field="lines", max=MAX_LINES)
    products = products_by_id(context, [line.product_id for line in sent])
    prices = prices_for(context.session, products.values(), customer)
    taken = _taken(context, sent) - existing.keys()
    found: list[Line] = []
    for index, line in enumerate(sent):
        place = f"lines[{index}]"
        product = products.get(line.product_id)
        if product is None:
            raise Rejected("unknown_product", field=f"{place}.product_id", product_id=line.product_id)
        if any(line.id == other.id for other in found):
            raise Rejected("double_line", field=f"{place}.id")
        if check_id(line.id) in taken:
            raise Rejected("already_exists", field=f"{place}.id")
        quantity, claimed = _numbers(line, place)
        before = existing.get(line.id)
        price, reason, since = _decide_price(context, line, (quantity, claimed), prices[product.id], before)
        checked = Line(line.id, product, quantity, price, reason, claimed, since)
        if checked.subtotal >= amounts.LARGEST:
            raise Rejected("amount_too_large", field=f"{place}.quantity")
        found.append(checked)
    if amounts.total(line.subtotal for line in found) >= amounts.LARGEST:
        raise Rejected("amount_too_large", field="lines")
    return found


def _taken(context: Context, sent: list[LineArgs]) -> set[str]:
    """Which ids are lines already. Without savepoints the database refuses them itself, and all runs again."""
    return set() if context.without_savepoints else lines_taken(context.session, [line.id for line in sent])


def _numbers(line: LineArgs, place: str) -> tuple[Decimal, Decimal | None]:
    """The quantity, and the price the phone showed."""
    specs = fields_of(OrderLine)
    quantity = parse(f"{place}.quantity", specs["quantity"], line.quantity)
    if quantity <= 0:
        raise Rejected("not_positive", field=f"{place}.quantity", label=specs["quantity"].label)
    if line.price is None:
        return quantity, None
    claimed = parse(f"{place}.price", specs["price"], line.price)
    if claimed < 0:
        raise Rejected("too_small", field=f"{place}.price", label=specs["price"].label, min=0)
    return quantity, claimed


def _decide_price(
    context: Context, line: LineArgs, sent: tuple[Decimal, Decimal | None], company: Priced, before: OrderLine | None
) -> Priced:
    """The company's price, unless it was set by hand by somebody who may; then it is marked as free.

    Who says where another price came from, e.g. "grade", did not set it by hand: his list is old. A line that is sent
    again as it was keeps the price it was agreed at.
    """
    quantity, claimed = sent
    if claimed is None or claimed == company.price:
        return company
    if before is not None and (before.product_id, before.quantity, before.price) == (
        line.product_id,
        quantity,
        claimed,
    ):
        return Priced(claimed, before.price_reason, None)
    by_hand = line.price_reason in (None, "free") and context.actor.can("order.free_price")
    return Priced(claimed, "free", None) if by_hand else company


def off_shelf(lines: list[Line], existing: dict[str, OrderLine]) -> list[tuple[int, Product]]:
    """The lines, by their place, whose product is no longer sold; what the order had before stays."""
    had = {line.product_id for line in existing.values()}
    return [
        (index, line.product)
        for index, line in enumerate(lines)
        if not line.product.on_shelf and line.product.id not in had
    ]


def report_prices(context: Context, lines: list[Line]) -> None:
    """Tells the phone which prices the company decided, and by how much the total moved (SCREENS: say what happened)."""
    moved = [line for line in lines if line.claimed is not None and line.claimed != line.price]
    for line in moved:
        assert line.claimed is not None
        context.adjusted(
            "price_changed",
            line_id=line.id,
            product_id=line.product.id,
            product_no=line.product.product_no,
            product_name=line.product.name,
            **{"from": to_wire(line.claimed), "to": to_wire(line.price)},
            reason=line.reason,
            effective_from=to_wire(line.since),
            quantity=to_wire(line.quantity),
            delta=to_wire(line.subtotal - amounts.subtotal(line.claimed, line.quantity)),
        )
    if moved:
        shown = amounts.total(
            amounts.subtotal(line.price if line.claimed is None else line.claimed, line.quantity) for line in lines
        )
        now = amounts.total(line.subtotal for line in lines)
        context.detail.update(
            goods_total_from=to_wire(shown), goods_total_to=to_wire(now), total_delta=to_wire(now - shown)
        )


def write_lines(context: Context, order: Order, lines: list[Line], existing: dict[str, OrderLine]) -> None:
    """Makes the order's lines exactly these; names and units are copied, so that the order reads the same for ever.
    `existing`: the lines it has, by id."""
    for gone in existing.keys() - {line.id for line in lines}:
        context.session.delete(existing[gone])
    for number, line in enumerate(lines, start=1):
        row = existing.get(line.id)
        if row is None:
            row = OrderLine(id=line.id, order_id=order.id, customer_id=order.customer_id)
        unit = context.find(Option, line.product.unit_id)
        row.line_no = number
        row.product_id = line.product.id
        row.product_no = line.product.product_no
        row.product_name = line.product.name
        row.spec_text = line.product.spec_text
        row.unit = unit.name if unit is not None else None
        row.price = line.price
        row.price_reason = line.reason
        row.quantity = line.quantity
        row.subtotal = line.subtotal
        if line.id not in existing:
            context.add(row)
    flush_soon(context.session)


def as_wire(rows: list[OrderLine]) -> list[dict[str, Any]]:
    """Lines as a conflict record keeps them."""
    return [
        {"id": row.id, "product_id": row.product_id, "product_name": row.product_name,
         "quantity": to_wire(row.quantity), "price": to_wire(row.price)}
        for row in rows
    ]  # fmt: skip
