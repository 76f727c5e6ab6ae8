"""What the forms that a company arranges hold, and what a rule of the product needs in them."""

from collections.abc import Mapping

from server.layouts.models import PURPOSES
from server.records.asked import VARIANTS
from server.records.fields import FieldSpec, L, Label
from server.records.record import Record, record_named

#: What people enter where a form is not drawn from all fields that can be written: the app's own screens have these, whatever
#: the declaration says of later changes (a receipt is never changed).
ENTERED: Mapping[str, tuple[str, ...]] = {
    "visit": ("visited_person", "sales_stage_id", "content", "next_contact_at"),
    "order": (
        "customer_department_id", "terminal_id", "consignee", "consignee_mobile", "address", "delivery_time", "remark",
        "freight", "discount",
    ),
    "payment": ("amount", "order_id", "method_id", "paid_at", "remark"),
    "work_report": ("summary", "next_plan", "next_customers", "report_to", "category_id", "asks"),
    "call_report_existing": (
        "content", "satisfaction", "demand", "competition", "contact_id", "sales_stage_id", "next_contact_at", "reported_at",
    ),
}  # fmt: skip
#: What cannot be hidden although something could be saved without it, and why.
NEEDED: Mapping[str, Mapping[str, Label]] = {
    "visit": {
        "visit_type_id": L(
            "拜访类型决定要拍哪些照片", "拜訪類型決定要拍哪些照片", "The type decides which photos a visit needs"
        )
    },
    "payment": {
        "amount": L("按它减少订单欠款", "按它減少訂單欠款", "The order owes less by this amount"),
        "order_id": L("回款要记在一张订单上", "回款要記在一張訂單上", "Money is received for an order"),
        "paid_at": L("报表和日报按它统计", "報表和日報按它統計", "Reports count receipts by it"),
    },
    "contact_record": {
        "contacted_at": L(
            "上次联系和公海回收按它计算", "上次聯絡和公海回收按它計算", "The last contact and the pool count from it"
        ),
        "content": L(
            "没有内容的联系记录不算跟进", "沒有內容的聯絡記錄不算跟進", "Without what was said it is no follow-up"
        ),
    },
}
#: What a form is not looked at or written for: money that was received is never changed, a visit is written while it goes on.
_WITHOUT: Mapping[str, frozenset[str]] = {"payment": frozenset({"edit"}), "visit": frozenset({"edit"})}
_NEVER_ASKED = {"bool", "json", "photo", "files", "geo"}
_BASE = {variant: record for record, (_, variants) in VARIANTS.items() for variant in variants.values()}


def record_of(form: str) -> type[Record]:
    """Whose fields a form has: some records have two forms."""
    return record_named(_BASE.get(form, form))


def has_own_fields(form: str) -> bool:
    return form not in _BASE


def may_be_asked(form: str, name: str, spec: FieldSpec) -> bool:
    """Whether the company may demand that it is filled in."""
    entered = ENTERED.get(form)
    if spec.kind in _NEVER_ASKED:
        return False
    return name in entered if entered is not None else not spec.readonly


def must_show(form: str, name: str, spec: FieldSpec) -> bool:
    """Whether it cannot be hidden: nothing is saved without it, or a rule needs it."""
    return name in NEEDED.get(form, ()) or (spec.required and spec.default is None and not spec.readonly)


def purposes_of(form: str) -> list[str]:
    """What it can be given a look for; a record's second form is written, and read as the record's."""
    without = _WITHOUT.get(form, frozenset() if has_own_fields(form) else frozenset({"detail", "print"}))
    return [purpose for purpose in PURPOSES if purpose not in without]
