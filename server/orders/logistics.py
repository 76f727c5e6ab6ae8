"""Carriers and waybills (OR-13, OR-14)."""

import secrets
from typing import Any

from server.company.models import Option
from server.orders.models import Order
from server.orders.service import waybill_taken
from server.records.commands import Context
from server.records.editing import on_edit
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.record import fields_of
from server.records.values import parse

#: The predefined carrier that means "no carrier"; it must keep its name (OR-14).
NO_LOGISTICS = "无需物流"

error_texts(
    {
        "fixed_option": L(
            "“{name}”是系统预置，不能改名或停用",
            "「{name}」是系統預置，不能改名或停用",
            "“{name}” is predefined and cannot be renamed or disabled",
        ),
        "not_a_carrier": L("请选择物流公司", "請選擇物流公司", "This is not a carrier"),
    }
)


def set_logistics(context: Context, order: Order, logistics_id: str | None, waybill_no: str | None) -> None:
    """Sets carrier and waybill; what is not given stays. "No carrier" gets a waybill number of its own."""
    if logistics_id is not None:
        carrier = context.find(Option, logistics_id)
        if carrier is None or carrier.list_name != "logistics":
            raise Rejected("not_a_carrier", field="logistics_id")
        order.logistics_id = carrier.id
        if carrier.name == NO_LOGISTICS and not waybill_no:
            order.waybill_no = _own_waybill(context)
    if waybill_no:
        order.waybill_no = parse("waybill_no", fields_of(Order)["waybill_no"], waybill_no)


def _own_waybill(context: Context) -> str:
    """`LP` and 10 digits, e.g. LP3411951017."""
    while True:
        number = f"LP{secrets.randbelow(10**10):010d}"
        if not waybill_taken(context.session, number):
            return number


@on_edit(Option)
def keep_no_logistics(context: Context, option: Option, changed: dict[str, tuple[Any, Any]]) -> None:
    before = changed["name"][0] if "name" in changed else option.name
    if option.list_name == "logistics" and before == NO_LOGISTICS and {"name", "enabled"} & set(changed):
        raise Rejected("fixed_option", field="name", name=NO_LOGISTICS)
