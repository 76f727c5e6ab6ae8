"""Business alerts (BUSINESS.md, LF-14, LF-15): rules of the company, and the customers that a rule points at."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register

ALERT_KINDS = {
    "no_order": L("长期没有下单", "長期沒有下單", "No order for long"),
    "no_contact": L("长期没有联系", "長期沒有聯絡", "No contact for long"),
    "no_visit": L("长期没有拜访", "長期沒有拜訪", "No visit for long"),
    "debt_share": L("欠款接近或超过额度", "欠款接近或超過額度", "Debt near or above the limit"),
    "sales_fell": L("销售下滑", "銷售下滑", "Sales have fallen"),
    "unhappy": L("客户不满意", "客戶不滿意", "Not satisfied"),
    "not_asked": L("长期没有回访满意度", "長期沒有回訪滿意度", "Satisfaction not asked for long"),
}
#: What a rule of a kind has to say; `sales_fell` compares so many days with as many before.
NEEDS = {
    "no_order": ("days",),
    "no_contact": ("days",),
    "no_visit": ("days",),
    "debt_share": ("percent",),
    "sales_fell": ("days", "percent"),
    "unhappy": (),
    "not_asked": ("days",),
}
ALERT_STATES = {"standing": L("待处理", "待處理", "Standing"), "aside": L("已搁置", "已擱置", "Put aside")}


@register
class AlertRule(Record):
    """警示规则: which existing customers somebody has to look at. Kinds and the numbers each needs: `NEEDS`."""

    __tablename__ = "alert_rule"
    spec = RecordSpec(
        label=L("警示规则", "警示規則", "Alert rule"),
        plural=L("警示规则", "警示規則", "Alert rules"),
        area="alerts",
        root="company",
        title="name",
        default_sort="name",
    )
    name: Mapped[str] = f.text(L("名称", "名稱", "Name"), 60, required=True, listed=True, quick=True)
    kind: Mapped[str] = f.choice(
        L("类型", "類型", "Kind"), ALERT_KINDS, required=True, fixed=True, listed=True, quick=True
    )
    days: Mapped[int | None] = f.integer(
        L("天数", "天數", "Days"),
        min=1,
        max=1000,
        listed=True,
        quick=True,
        hint=L(
            "下单、联系、拜访、回访：早于几天；销售下滑：比较几天",
            "下單、聯絡、拜訪、回訪：早於幾天；銷售下滑：比較幾天",
            "Orders, contacts, visits, satisfaction: how long ago; sales: days that are compared",
        ),
    )
    percent: Mapped[int | None] = f.integer(
        L("百分比", "百分比", "Percent"),
        min=1,
        max=1000,
        listed=True,
        quick=True,
        hint=L(
            "欠款：占额度的百分比；销售下滑：减少的百分比",
            "欠款：占額度的百分比；銷售下滑：減少的百分比",
            "Debt: share of the limit; sales: how much less",
        ),
    )
    enabled: Mapped[bool] = f.boolean(L("启用", "啟用", "Enabled"), default=True, listed=True, quick=True)


@register
class Alert(Record):
    """业务警示: a customer that a rule points at, for as long as it does; then the row is gone, its history stays.

    `since`: the day it was found. `last_at`: the order, contact, visit or answer that the kind goes by; none: never.
    `percent`: how much of the limit is owed, or by how much sales fell. An `aside` one stands again after `aside_until`.
    """

    __tablename__ = "alert"
    __table_args__ = (Index("ix_alert_rule_id_customer_id", "rule_id", "customer_id"),)
    spec = RecordSpec(
        label=L("业务警示", "業務警示", "Business alert"),
        plural=L("业务警示", "業務警示", "Business alerts"),
        area="alerts",
        root="customer:customer_id",
        title="kind",
        through=("customer_id", "customer"),
        default_sort="-since",
    )
    customer_id: Mapped[str] = f.ref(
        L("客户", "客戶", "Customer"), "customer", required=True, readonly=True, listed=True
    )
    rule_id: Mapped[str] = f.ref(
        L("规则", "規則", "Rule"), "alert_rule", required=True, readonly=True, listed=True, index=False
    )
    kind: Mapped[str] = f.choice(L("类型", "類型", "Kind"), ALERT_KINDS, required=True, readonly=True, listed=True)
    last_at: Mapped[datetime | None] = f.moment(L("最近一次", "最近一次", "Last time"), readonly=True)
    percent: Mapped[int | None] = f.integer(L("百分比", "百分比", "Percent"), readonly=True)
    since: Mapped[date] = f.date(L("警示开始", "警示開始", "Since"), required=True, readonly=True, listed=True)
    state: Mapped[str] = f.choice(
        L("状态", "狀態", "State"), ALERT_STATES, default="standing", readonly=True, listed=True, index=True
    )
    aside_until: Mapped[date | None] = f.date(L("搁置到", "擱置到", "Put aside until"), readonly=True, listed=True)
    aside_note: Mapped[str | None] = f.text(L("搁置说明", "擱置說明", "Why it is put aside"), 400, readonly=True)
    aside_by: Mapped[str | None] = f.ref(
        L("搁置人", "擱置人", "Put aside by"), "employee", readonly=True, index=False
    )
