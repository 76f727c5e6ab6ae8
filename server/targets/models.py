"""Targets of people (BUSINESS.md, Targets)."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register

TARGET_KINDS = {
    "month": L("月指标", "月指標", "Month"),
    "quarter": L("季指标", "季指標", "Quarter"),
    "year": L("年指标", "年指標", "Year"),
    "other": L("自定期间", "自訂期間", "Days of one's own"),
}
TARGET_STATES = {
    "draft": L("草稿", "草稿", "Draft"),
    "asked": L("审批中", "審批中", "Being decided"),
    "returned": L("已退回", "已退回", "Sent back"),
    "refused": L("未通过", "未通過", "Refused"),
    "approved": L("已生效", "已生效", "In force"),
}
#: What is aimed at, and counted again from the work itself.
GOALS = ("visits", "new_customers", "deal_amount", "received_amount")
#: The two of them that are amounts.
AMOUNTS = ("deal_amount", "received_amount")


@register
class Target(Record):
    """人员指标: what somebody is to reach in a period; one a person and period.

    `period`: what the period is called. `state`: where it is until it is in force; from `approved_at` on new numbers come
    by a further approval, and the old ones hold until then. What was reached is nowhere stored (queries.py).
    """

    __tablename__ = "target"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "start_date"),
        Index("ix_target_period", "kind", "start_date"),
    )
    spec = RecordSpec(
        label=L("人员指标", "人員指標", "Target"),
        plural=L("人员指标", "人員指標", "Targets"),
        area="targets",
        root="employee:person_id",
        title="period",
        owners=("person_id",),
        default_sort="-start_date",
    )
    person_id: Mapped[str] = f.ref(
        L("人员", "人員", "Person"), "employee", required=True, fixed=True, listed=True, importable=True
    )
    kind: Mapped[str] = f.choice(
        L("期间类型", "期間類型", "Kind of period"),
        TARGET_KINDS,
        required=True,
        fixed=True,
        listed=True,
        importable=True,
        default="month",
    )
    period: Mapped[str] = f.text(
        L("指标期间", "指標期間", "Period"), 40, required=True, readonly=True, listed=True, search=True
    )
    start_date: Mapped[date] = f.date(
        L("开始日期", "開始日期", "From"), required=True, fixed=True, listed=True, importable=True
    )
    end_date: Mapped[date] = f.date(
        L("结束日期", "結束日期", "Until"), required=True, fixed=True, listed=True, importable=True
    )
    visits: Mapped[int | None] = f.integer(
        L("拜访客户次数", "拜訪客戶次數", "Visits"),
        min=0, max=100_000, listed=True, quick=True, importable=True, total=True,
    )  # fmt: skip
    new_customers: Mapped[int | None] = f.integer(
        L("新增客户数量", "新增客戶數量", "New customers"),
        min=0, max=100_000, listed=True, quick=True, importable=True, total=True,
    )  # fmt: skip
    deal_amount: Mapped[Decimal | None] = f.money(
        L("客户成交金额", "客戶成交金額", "Orders amount"),
        min=0, listed=True, quick=True, importable=True, total=True,
    )  # fmt: skip
    received_amount: Mapped[Decimal | None] = f.money(
        L("客户回款金额", "客戶回款金額", "Money received"),
        min=0, listed=True, quick=True, importable=True, total=True,
    )  # fmt: skip
    note: Mapped[str | None] = f.longtext(L("说明", "說明", "Remark"), 1000, quick=True, importable=True)
    state: Mapped[str] = f.choice(
        L("状态", "狀態", "State"), TARGET_STATES, default="draft", readonly=True, listed=True, index=True
    )
    approved_at: Mapped[datetime | None] = f.moment(L("生效时间", "生效時間", "In force since"), readonly=True)
