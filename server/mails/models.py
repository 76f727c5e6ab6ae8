"""E-mail (BUSINESS.md, Email; LF-12, LF-14): accounts that send, mails to customers, and one text to many of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, String, Table
from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register
from server.records.types import UtcDateTime
from sync.schema import metadata

SECURITY = {
    "ssl": L("SSL/TLS（常用 465）", "SSL/TLS（常用 465）", "SSL/TLS (usually 465)"),
    "starttls": L("STARTTLS（常用 587）", "STARTTLS（常用 587）", "STARTTLS (usually 587)"),
    "none": L("不加密（仅内网）", "不加密（僅內網）", "None (own network only)"),
}
MAIL_STATES = {
    "waiting": L("等待发送", "等待傳送", "Waiting"),
    "sent": L("已发送", "已傳送", "Sent"),
    "failed": L("发送失败", "傳送失敗", "Failed"),
    "stopped": L("已停止", "已停止", "Stopped"),
}
BATCH_STATES = {
    "running": L("发送中", "傳送中", "Being sent"),
    "stopped": L("已停止", "已停止", "Stopped"),
    "done": L("已完成", "已完成", "Done"),
}
#: Longest text of a mail, in characters.
MOST_TEXT = 10_000


@register
class MailAccount(Record):
    """发件账号: an address that mails are sent from (EM-1). One without an owner is the company's and everybody's. The
    password never leaves the server and is kept encrypted with the installation's secret."""

    __tablename__ = "mail_account"
    spec = RecordSpec(
        label=L("发件账号", "寄件帳號", "Sending account"),
        plural=L("发件账号", "寄件帳號", "Sending accounts"),
        area="mails",
        root="employee:employee_id",
        title="name",
        owners=("employee_id",),
        public_when_unowned=True,
        default_sort="name",
        synced=False,
    )
    name: Mapped[str] = f.text(L("账户名称", "帳戶名稱", "Name"), 60, required=True, readonly=True, listed=True)
    address: Mapped[str] = f.email(
        L("发件 Email", "寄件 Email", "Address"), required=True, readonly=True, listed=True
    )
    sender_name: Mapped[str | None] = f.text(L("发件人名称", "寄件人名稱", "Sender's name"), 60, readonly=True)
    host: Mapped[str] = f.text(
        L("SMTP 服务器", "SMTP 伺服器", "SMTP server"), 200, required=True, readonly=True, listed=True
    )
    port: Mapped[int] = f.integer(
        L("端口", "連接埠", "Port"), required=True, readonly=True, listed=True, min=1, max=65535
    )
    security: Mapped[str] = f.choice(L("加密方式", "加密方式", "Security"), SECURITY, required=True, readonly=True)
    username: Mapped[str | None] = f.text(L("登录名", "登入名", "Login"), 200, readonly=True)
    password: Mapped[str | None] = f.longtext(L("Email 密码", "Email 密碼", "Password"), readonly=True, secret=True)
    per_minute: Mapped[int] = f.integer(
        L("每分钟最多发送", "每分鐘最多傳送", "At most a minute"),
        default=20, min=1, max=600, readonly=True, listed=True,
    )  # fmt: skip
    is_default: Mapped[bool] = f.boolean(
        L("默认账户", "預設帳戶", "Default"), default=False, readonly=True, listed=True
    )
    enabled: Mapped[bool] = f.boolean(L("启用", "啟用", "Enabled"), default=True, readonly=True, listed=True)
    employee_id: Mapped[str | None] = f.ref(
        L("所属员工（空为公共）", "所屬員工（空為公共）", "Whose (none: the company's)"),
        "employee",
        readonly=True,
        listed=True,
    )


@register
class Mail(Record):
    """邮件: one mail to one customer, kept with what became of it (EM-2, LF-12). `recipients` and `cc`: addresses with
    semicolons between. `attachments`: `[{"id", "name"}]` of the customer's documents. `error`: a code, and in `said` what
    the mail server answered."""

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_account_id_sent_at", "account_id", "sent_at"),)
    spec = RecordSpec(
        label=L("邮件", "郵件", "E-mail"),
        plural=L("发件箱", "寄件匣", "E-mails"),
        area="mails",
        root="customer:customer_id",
        title="subject",
        owners=("sender_id",),
        through=("customer_id", "customer"),
        default_sort="-created_at",
    )
    customer_id: Mapped[str] = f.ref(
        L("客户", "客戶", "Customer"), "customer", required=True, readonly=True, listed=True
    )
    contact_id: Mapped[str | None] = f.ref(L("联系人", "聯絡人", "Contact"), "contact", readonly=True, index=False)
    account_id: Mapped[str] = f.ref(
        L("发件账号", "寄件帳號", "Sent from"), "mail_account", required=True, readonly=True, index=False
    )
    batch_id: Mapped[str | None] = f.ref(L("群发", "群發", "Mailing"), "mail_batch", readonly=True)
    recipients: Mapped[str] = f.text(
        L("收件人", "收件人", "To"), 1000, required=True, readonly=True, listed=True, search=True
    )
    cc: Mapped[str | None] = f.text(L("抄送", "副本", "Cc"), 1000, readonly=True)
    subject: Mapped[str] = f.text(
        L("邮件主题", "郵件主旨", "Subject"), 200, required=True, readonly=True, listed=True, search=True
    )
    body: Mapped[str] = f.longtext(L("邮件内容", "郵件內容", "Text"), MOST_TEXT, required=True, readonly=True)
    attachments: Mapped[list[dict[str, Any]] | None] = f.json(L("附件", "附件", "Attachments"), readonly=True)
    sender_id: Mapped[str] = f.ref(
        L("发件人", "寄件人", "Sender"), "employee", required=True, readonly=True, listed=True
    )
    state: Mapped[str] = f.choice(
        L("状态", "狀態", "State"), MAIL_STATES, default="waiting", readonly=True, listed=True, index=True
    )
    sent_at: Mapped[datetime | None] = f.moment(L("发送时间", "傳送時間", "Sent"), readonly=True, listed=True)
    error: Mapped[str | None] = f.text(L("失败原因", "失敗原因", "Why it failed"), 40, readonly=True)
    said: Mapped[str | None] = f.text(
        L("邮件服务器的回答", "郵件伺服器的回答", "What the server said"), 300, readonly=True
    )


@register
class MailBatch(Record):
    """群发邮件: one text to many customers (EM-4). `subject` and `body` with their placeholders, as they were written."""

    __tablename__ = "mail_batch"
    spec = RecordSpec(
        label=L("群发邮件", "群發郵件", "Mailing"),
        plural=L("群发邮件", "群發郵件", "Mailings"),
        area="mails",
        root="employee:sender_id",
        title="subject",
        permission="mail",
        owners=("sender_id",),
        synced=False,
    )
    subject: Mapped[str] = f.text(
        L("邮件主题", "郵件主旨", "Subject"), 200, required=True, readonly=True, listed=True
    )
    body: Mapped[str] = f.longtext(L("邮件内容", "郵件內容", "Text"), MOST_TEXT, required=True, readonly=True)
    account_id: Mapped[str] = f.ref(
        L("发件账号", "寄件帳號", "Sent from"), "mail_account", required=True, readonly=True, listed=True, index=False
    )
    sender_id: Mapped[str] = f.ref(
        L("发件人", "寄件人", "Sender"), "employee", required=True, readonly=True, listed=True
    )
    total: Mapped[int] = f.integer(L("邮件数", "郵件數", "Mails"), default=0, readonly=True, listed=True)
    skipped: Mapped[int] = f.integer(
        L("没有地址", "沒有地址", "Without address"), default=0, readonly=True, listed=True
    )
    state: Mapped[str] = f.choice(
        L("状态", "狀態", "State"), BATCH_STATES, default="running", readonly=True, listed=True
    )


#: A mail on its way. `busy_until`: a server is sending it; one that was cut off meanwhile may have sent it, so it is not
#: sent again by itself.
mail_queue = Table(
    "mail_queue",
    metadata,
    Column("mail_id", String(36), primary_key=True),
    Column("account_id", String(36), nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("busy_until", UtcDateTime),
    Column("tries", Integer, nullable=False),
    Index("ix_mail_queue_account_id_due_at", "account_id", "due_at"),
)
