"""The inbox of each person, what company and person want to be told of, and what is on its way to devices and groups."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register
from server.records.types import Json, UtcDateTime
from sync.schema import metadata

PROVIDERS = {
    "wecom": L("企业微信", "企業微信", "WeCom"),
    "dingtalk": L("钉钉", "釘釘", "DingTalk"),
    "feishu": L("飞书", "飛書", "Feishu"),
}
LANGUAGES = {
    "zh-CN": L("简体中文", "簡體中文", "Simplified Chinese"),
    "zh-TW": L("繁體中文", "繁體中文", "Traditional Chinese"),
    "en": L("英语", "英語", "English"),
}


@register
class Notification(Record):
    """提醒: one thing one person was told. The inbox is the truth; push, events and group chats only deliver it.
    `args` fill the sentence of the kind; `key`: what makes it the same as an earlier one."""

    __tablename__ = "notification"
    __table_args__ = (UniqueConstraint("employee_id", "key"),)
    spec = RecordSpec(
        label=L("提醒", "提醒", "Notification"),
        plural=L("提醒", "提醒", "Notifications"),
        area="notifications",
        root="employee:employee_id",
        title="kind",
        owners=("employee_id",),
    )
    employee_id: Mapped[str] = f.ref(
        L("接收人", "接收人", "For"), "employee", required=True, readonly=True, index=False
    )
    kind: Mapped[str] = f.text(L("类型", "類型", "Kind"), 60, required=True, readonly=True, listed=True)
    record_type: Mapped[str | None] = f.text(L("资料类型", "資料類型", "Kind of record"), 40, readonly=True)
    record_id: Mapped[str | None] = f.text(L("资料", "資料", "Record"), 36, readonly=True)
    args: Mapped[dict[str, Any] | None] = f.json(L("内容", "內容", "Content"), readonly=True)
    key: Mapped[str | None] = f.text(L("去重键", "去重鍵", "Key"), 120, readonly=True, secret=True)
    read_at: Mapped[datetime | None] = f.moment(L("已读时间", "已讀時間", "Read"), readonly=True, listed=True)


@register
class NotificationRule(Record):
    """提醒设置 of the company: what differs from the defaults of a kind. `at`: HH:MM of the company's clock."""

    __tablename__ = "notification_rule"
    spec = RecordSpec(
        label=L("提醒规则", "提醒規則", "Notification rule"),
        plural=L("提醒规则", "提醒規則", "Notification rules"),
        area="notifications",
        root="company",
        title="kind",
        default_sort="kind",
    )
    kind: Mapped[str] = f.text(L("类型", "類型", "Kind"), 60, required=True, readonly=True, listed=True, unique=True)
    enabled: Mapped[bool] = f.boolean(L("启用", "啟用", "Enabled"), default=True, readonly=True, listed=True)
    push: Mapped[bool] = f.boolean(L("推送到设备", "推送到裝置", "Push"), default=True, readonly=True, listed=True)
    lead_days: Mapped[int | None] = f.integer(
        L("提前天数", "提前天數", "Days before"), readonly=True, listed=True, min=0, max=365
    )
    at: Mapped[str | None] = f.text(L("提醒时刻", "提醒時刻", "Time of day"), 5, readonly=True, listed=True)


@register
class NotificationChoice(Record):
    """个人提醒开关: whether one person wants a kind on the own devices. One per person and kind."""

    __tablename__ = "notification_choice"
    __table_args__ = (UniqueConstraint("employee_id", "kind"),)
    spec = RecordSpec(
        label=L("个人提醒设置", "個人提醒設定", "Own notification setting"),
        plural=L("个人提醒设置", "個人提醒設定", "Own notification settings"),
        area="notifications",
        root="employee:employee_id",
        title="kind",
        permission="notification",
        owners=("employee_id",),
    )
    employee_id: Mapped[str] = f.ref(
        L("员工", "員工", "Employee"), "employee", required=True, readonly=True, index=False
    )
    kind: Mapped[str] = f.text(L("类型", "類型", "Kind"), 60, required=True, readonly=True, listed=True)
    push: Mapped[bool] = f.boolean(L("推送到设备", "推送到裝置", "Push"), default=True, readonly=True, listed=True)


@register
class GroupWebhook(Record):
    """群机器人: a chat group of the company that is told of some kinds. Address and key never leave the server;
    `hint` is what one recognises the address by."""

    __tablename__ = "group_webhook"
    spec = RecordSpec(
        label=L("群机器人", "群機器人", "Group webhook"),
        plural=L("群机器人", "群機器人", "Group webhooks"),
        area="notifications",
        root="company",
        title="name",
        default_sort="name",
        synced=False,
    )
    name: Mapped[str] = f.text(L("名称", "名稱", "Name"), 60, required=True, readonly=True, listed=True)
    provider: Mapped[str] = f.choice(
        L("平台", "平台", "Service"), PROVIDERS, required=True, readonly=True, listed=True
    )
    url: Mapped[str] = f.text(L("地址", "網址", "Address"), 400, required=True, readonly=True, secret=True)
    key: Mapped[str | None] = f.text(L("签名密钥", "簽名密鑰", "Signing key"), 200, readonly=True, secret=True)
    hint: Mapped[str] = f.text(L("地址", "網址", "Address"), 120, required=True, readonly=True, listed=True)
    signed: Mapped[bool] = f.boolean(L("加签", "加簽", "Signed"), default=False, readonly=True, listed=True)
    kinds: Mapped[list[str]] = f.json(L("发送的提醒", "發送的提醒", "Kinds"), default=list, readonly=True)
    language: Mapped[str] = f.choice(
        L("语言", "語言", "Language"), LANGUAGES, default="zh-CN", readonly=True, listed=True
    )
    enabled: Mapped[bool] = f.boolean(L("启用", "啟用", "Enabled"), default=True, readonly=True, listed=True)


#: A browser that wants to be pushed to; one per device. What its push service gave it is nobody else's business.
push_subscription = Table(
    "push_subscription",
    metadata,
    Column("device_id", String(36), primary_key=True),
    Column("employee_id", String(36), nullable=False, index=True),
    Column("endpoint", Text, nullable=False),
    Column("p256dh", String(120), nullable=False),
    Column("auth", String(40), nullable=False),
    Column("language", String(10), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

#: Where deliveries go: a device (`channel` push) or a group (`channel` group). One server at a time is at a target
#: (`busy_until`); one that failed is tried again at `retry_at`.
delivery_target = Table(
    "delivery_target",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("channel", String(10), nullable=False),
    Column("busy_until", UtcDateTime, nullable=False),
    Column("retry_at", UtcDateTime, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("failing_since", UtcDateTime),
    Column("last_sent_at", UtcDateTime),
    Column("last_error", String(200)),
)

#: One notification on its way to one target. `state`: waiting, sending, and then sent; seen (read before it went out),
#: unknown (the server was cut off while it sent, so it is not sent again), given_up, or gone (nobody is there any more).
#: Deliveries that went out as one message have the same `message_id`.
delivery = Table(
    "delivery",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("target_id", String(36), nullable=False),
    Column("notification_id", String(36)),
    Column("employee_id", String(36)),
    Column("kind", String(60), nullable=False),
    Column("content", Json, nullable=False),
    Column("state", String(10), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("message_id", String(36)),
    Column("sent_at", UtcDateTime),
    Column("error", String(200)),
    Index("ix_delivery_due", "state", "due_at"),
    Index("ix_delivery_target", "target_id", "sent_at"),
    Index("ix_delivery_notification", "notification_id"),
)
