"""Writing orders: placing, changing and deleting. How they go on stands in `flow.py`, money in
`payments.py` and `deposits.py`."""

from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import select

import server.orders.deposits
import server.orders.flow
import server.orders.payments  # noqa: F401 - their commands
from server.approvals.service import decided_elsewhere
from server.catalog.models import Product
from server.company.models import Company
from server.conflicts.decisions import decides, settle
from server.customers.models import Customer, CustomerDepartment, Terminal
from server.orders import amounts
from server.orders.approval import HELD, follow_hold
from server.orders.holds import hold_for_credit, hold_for_customer, hold_for_products
from server.orders.lines import LineArgs, as_wire, checked_lines, report_prices, write_lines
from server.orders.models import Order, OrderLine, Payment
from server.orders.reminders import tell_approvers
from server.orders.service import lines_of, refresh_order, refresh_totals, set_amounts
from server.records.asked import check_asked
from server.records.commands import Context, command
from server.records.conflict import Conflict
from server.records.editing import (
    DeleteArgs,
    EditArgs,
    check_id,
    check_references,
    edit_row,
    keep_conflict,
    keep_slot,
    on_delete,
    on_edit,
    put_own,
)
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.own_values import apart, prefixed, slots
from server.records.record import fields_of
from server.records.values import parse, parse_values, to_wire

error_texts(
    {
        "terminal_of_other_customer": L(
            "终端不属于该客户", "終端不屬於該客戶", "The terminal belongs to another customer"
        ),
        "department_in_use": L(
            "部门已有订单，请停用而不是删除", "部門已有訂單，請停用而不是刪除",
            "Orders name this department; disable it instead of deleting it",
        ),
        "department_of_other_customer": L(
            "部门不属于该客户", "部門不屬於該客戶", "The department belongs to another customer"
        ),
        "not_editable": L(
            "订单已审核，不能再修改", "訂單已審核，不能再修改", "The order is approved and cannot be changed any more"
        ),
        "approved_meanwhile": L(
            "修改到达前订单已审核，修改已保留", "修改到達前訂單已審核，修改已保留",
            "The order was approved before this change arrived; the change is kept",
        ),
        "order_delete_never": L(
            "公司不允许删除订单", "公司不允許刪除訂單", "The company does not allow orders to be deleted"
        ),
        "only_pending_deleted": L(
            "只能删除等待审核的订单，请取消订单", "只能刪除等待審核的訂單，請取消訂單",
            "Only pending orders can be deleted; cancel it instead",
        ),
        "order_has_payments": L(
            "订单已有回款，不能删除", "訂單已有回款，不能刪除", "Money was received for this order; it cannot be deleted"
        ),
        "product_in_use": L(
            "产品已有订单，请下架而不是删除", "產品已有訂單，請下架而不是刪除",
            "The product was ordered before; withdraw it instead",
        ),
    }
)  # fmt: skip


class PlaceArgs(msgspec.Struct, forbid_unknown_fields=True):
    """An order with its lines; amounts in CNY as strings. What the company decides is not in here. `own`: values of own
    fields by their keys."""

    id: str
    customer_id: str
    lines: list[LineArgs]
    visit_id: str | None = None
    discount: str | None = None
    freight: str | None = None
    terminal_id: str | None = None
    customer_department_id: str | None = None
    consignee: str | None = None
    consignee_gender: str | None = None
    consignee_mobile: str | None = None
    consignee_phone: str | None = None
    address: str | None = None
    postcode: str | None = None
    delivery_time: str | None = None
    accompanying: str | None = None
    remark: str | None = None
    sales_clerk_id: str | None = None
    own: dict[str, Any] | None = None


class ChangeLinesArgs(msgspec.Struct, forbid_unknown_fields=True):
    """All lines the order shall have."""

    id: str
    lines: list[LineArgs]


@command("order.place", PlaceArgs, permission="order.create", fact=True)
def place(context: Context, args: PlaceArgs) -> dict[str, Any]:
    """Places an order: number, prices, settlement and credit are decided now. Held orders are kept and wait for
    `order.release`. 422 no_lines, not_positive, discount_too_large, product_off_shelf (when it is not from an outbox).
    """
    customer = context.need(Customer, args.customer_id)
    order = _new_order(context, args, customer)
    lines = checked_lines(context, args.lines, customer, {})
    report_prices(context, lines)
    set_amounts(order, amounts.total(line.subtotal for line in lines), Decimal("0.00"))
    hold_for_customer(context, order, customer)
    hold_for_products(context, order, lines, {})
    hold_for_credit(context, order, customer)
    check_asked(context, order)
    order.order_no = context.number("XS")
    context.add(order)
    put_own(context, order, prefixed(args.own))
    write_lines(context, order, lines, {})
    refresh_totals(context, customer.id)
    if order.hold_reason is not None:
        follow_hold(context, order)
    else:
        tell_approvers(context, order, customer)
    return _answer(order)


def _new_order(context: Context, args: PlaceArgs, customer: Customer) -> Order:
    """The header. The visit is not looked up: its op may still be on the way, or wait for a decision of its own."""
    values = {
        name: value
        for name in args.__struct_fields__
        if name not in ("id", "lines", "own") and (value := getattr(args, name)) is not None
    }
    parsed = parse_values(Order, values, creating=True)
    check_references(context, Order, {name: value for name, value in parsed.items() if name != "visit_id"})
    order = Order(
        id=check_id(args.id),
        state="pending",
        settlement_mode=customer.settlement_mode,
        ordered_at=context.claimed_time(),
        clerk_id=context.actor.employee_id,
        **{"freight": Decimal("0.00"), "discount": Decimal("0.00"), **parsed},
    )
    _fill_consignee(order, customer, _check_terminal(context, order), _check_department(context, order))
    return order


def _check_terminal(context: Context, order: Order) -> Terminal | None:
    terminal = context.find(Terminal, order.terminal_id)
    if terminal is not None and terminal.customer_id != order.customer_id:
        raise Rejected("terminal_of_other_customer", field="terminal_id")
    return terminal


def _check_department(context: Context, order: Order) -> CustomerDepartment | None:
    department = context.find(CustomerDepartment, order.customer_department_id)
    if department is not None and department.customer_id != order.customer_id:
        raise Rejected("department_of_other_customer", field="customer_department_id")
    return department


def _fill_consignee(
    order: Order, customer: Customer, terminal: Terminal | None, department: CustomerDepartment | None
) -> None:
    """Who takes the goods: as written, else as the terminal says, then the department, else the customer's own."""
    if terminal is not None:
        order.consignee = order.consignee or terminal.contact
        order.consignee_mobile = order.consignee_mobile or terminal.phone
        order.address = order.address or terminal.address
    if department is not None:
        order.consignee = order.consignee or department.contact
        order.consignee_mobile = order.consignee_mobile or department.phone
    order.consignee = order.consignee or customer.primary_contact or customer.name[:60]
    order.consignee_mobile = order.consignee_mobile or customer.mobile
    order.consignee_phone = order.consignee_phone or customer.landline
    order.address = order.address or customer.address


def _answer(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "order_no": order.order_no,
        "state": order.state,
        "hold_reason": order.hold_reason,
        "payable": to_wire(order.payable),
        "debt": to_wire(order.debt),
    }


@command("order.edit", EditArgs, permission="order.edit")
def edit(context: Context, args: EditArgs) -> dict[str, Any]:
    """Changes the header of a pending order, merged field by field. An approved order is not changed (OR-3): 422
    not_editable; a change that was made on a device before it knew is kept as a conflict."""
    order = context.get(Order, args.id)
    if order.state == "pending":
        return edit_row(context, Order, args.id, args.set)
    context.need(Order, args.id, "edit")
    if not context.pushed:
        raise Rejected("not_editable", field="state", current=order.state)
    own, plain = apart(args.set)
    parse_values(Order, {name: pair[1] for name, pair in plain.items()}, creating=False)
    for slot in slots(context, Order, own):
        if slot.mine != slot.value(order):
            keep_slot(context, order, slot, None if slot.kept else "approved_meanwhile")
    for name, (base, mine) in plain.items():
        wanted = parse(name, fields_of(Order)[name], mine)
        current = getattr(order, name)
        if wanted != current:
            keep_conflict(context, order, name, base, current, wanted, "ask", "open", "approved_meanwhile")
    return {"id": order.id}


def _need_changeable(context: Context, order: Order) -> None:
    """Pending orders change by their commands. Until it is shipped, an approved one changes only where somebody who
    approves orders decides so, on a change that came too late."""
    if order.state == "pending" or (order.state == "picking" and context.may(order, "approve")):
        return
    raise Rejected("not_editable", field="state", current=order.state)


@on_edit(Order)
def changed_order(context: Context, order: Order, changed: dict[str, tuple[Any, Any]]) -> None:
    if changed:
        _need_changeable(context, order)
    if "terminal_id" in changed:
        _check_terminal(context, order)
    if "customer_department_id" in changed:
        _check_department(context, order)
    if {"freight", "discount"} & set(changed):
        refresh_order(context, order)
        customer = context.get(Customer, order.customer_id)
        if order.state == "pending":
            hold_for_credit(context, order, customer)
            follow_hold(context, order)
        refresh_totals(context, customer.id)


@command("order.change_lines", ChangeLinesArgs, permission="order.edit")
def change_lines(context: Context, args: ChangeLinesArgs) -> dict[str, Any]:
    """Replaces the lines of a pending order, by the rules of placing one. 422 not_editable as for `order.edit`."""
    order = context.need(Order, args.id, "edit")
    if order.state == "pending":
        return _replace_lines(context, order, args.lines)
    if not context.pushed:
        raise Rejected("not_editable", field="state", current=order.state)
    now, wanted = as_wire(lines_of(context.session, order.id)), msgspec.to_builtins(args.lines)
    keep_conflict(context, order, "lines", None, now, wanted, "ask", "open", "approved_meanwhile")
    return _answer(order)


def _replace_lines(context: Context, order: Order, sent: list[LineArgs]) -> dict[str, Any]:
    customer = context.get(Customer, order.customer_id)
    existing = {row.id: row for row in lines_of(context.session, order.id)}
    lines = checked_lines(context, sent, customer, existing)
    report_prices(context, lines)
    hold_for_products(context, order, lines, existing)
    write_lines(context, order, lines, existing)
    refresh_order(context, order)
    if order.state == "pending":
        hold_for_credit(context, order, customer)
        follow_hold(context, order)
    refresh_totals(context, customer.id)
    return _answer(order)


@decides("order", "lines")
def decide_lines(context: Context, conflict: Conflict, resolution: str, value: Any) -> None:
    """Lines that were changed on a device before it knew of the approval: "mine" takes them, if it is not too late."""
    chosen = {"theirs": conflict.theirs, "mine": conflict.mine}.get(resolution, value)
    if resolution != "theirs":
        order = context.need(Order, conflict.record_id, "edit")
        _need_changeable(context, order)
        _replace_lines(context, order, _lines_from(chosen))
    settle(context, conflict, resolution, chosen)


def _lines_from(value: Any) -> list[LineArgs]:
    try:
        return msgspec.convert(value, list[LineArgs])
    except msgspec.ValidationError as error:
        raise Rejected("invalid_arguments", field="value", message=str(error)) from error


@command("order.delete", DeleteArgs, permission="order.delete")
def delete(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Deletes a pending order for which no money was received, if the company allows it (OR-7); its number is not
    used again. 422 order_delete_never, only_pending_deleted, order_has_payments."""
    order = context.need(Order, args.id, "delete")
    if context.session.scalar(select(Company.order_delete).limit(1)) == "never":
        raise Rejected("order_delete_never", field="id")
    if order.state != "pending":
        raise Rejected("only_pending_deleted", field="state", current=order.state)
    if context.session.scalar(select(Payment.id).where(Payment.order_id == order.id).limit(1)) is not None:
        raise Rejected("order_has_payments", field="id")
    for row in lines_of(context.session, order.id):
        context.session.delete(row)
    decided_elsewhere(context, HELD, order.id, "withdrawn")
    context.session.delete(order)
    context.session.flush()
    refresh_totals(context, order.customer_id)
    return {"id": args.id}


@on_delete(Product)
def keep_ordered_product(context: Context, product: Product) -> None:
    """A product that stands in an order is taken off shelf instead of deleted (PR-2)."""
    if context.session.scalar(select(OrderLine.id).where(OrderLine.product_id == product.id).limit(1)) is not None:
        raise Rejected("product_in_use", field="id")


@on_delete(CustomerDepartment)
def keep_ordered_department(context: Context, department: CustomerDepartment) -> None:
    """A department that was ordered for is disabled instead of deleted."""
    ordered = select(Order.id).where(Order.customer_department_id == department.id).limit(1)
    if context.session.scalar(ordered) is not None:
        raise Rejected("department_in_use", field="id")
