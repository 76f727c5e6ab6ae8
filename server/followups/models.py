"""Contact records: what was said with a customer, and what comes next (BUSINESS.md, Leads & follow-up)."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register

CONTACT_KINDS = {
    "follow_up": L("销售跟进", "銷售跟進", "Sales follow-up"),
    "return": L("客户回访", "客戶回訪", "Return contact"),
    "service": L("售后服务", "售後服務", "Service"),
    "collection": L("催收货款", "催收貨款", "Asking for payment"),
}


@register
class ContactRecord(Record):
    """联系记录: one communication with a customer. `automatic`: written by the system, e.g. when the customer was claimed;
    it is no follow-up. `next_person_id`: who is to make the next contact beside the customer's owner."""

    __tablename__ = "contact_record"
    spec = RecordSpec(
        label=L("联系记录", "聯絡記錄", "Contact record"),
        plural=L("联系记录", "聯絡記錄", "Contact records"),
        area="followups",
        root="customer:customer_id",
        title="content",
        owners=("clerk_id",),
        through=("customer_id", "customer"),
        default_sort="-contacted_at",
    )
    customer_id: Mapped[str] = f.ref(
        L("客户", "客戶", "Customer"), "customer", required=True, fixed=True, listed=True
    )
    contact_id: Mapped[str | None] = f.ref(
        L("联系人", "聯絡人", "Contact"), "contact", listed=True, quick=True, index=False
    )
    phone: Mapped[str | None] = f.phone(L("联系电话", "聯絡電話", "Phone"))
    method_id: Mapped[str | None] = f.option(
        L("联系方式", "聯絡方式", "Way of contact"), "contact_method", listed=True, quick=True
    )
    kind: Mapped[str] = f.choice(
        L("联系类型", "聯絡類型", "Kind"), CONTACT_KINDS, default="follow_up", listed=True, quick=True
    )
    contacted_at: Mapped[datetime] = f.moment(
        L("联系时间", "聯絡時間", "Time"), required=True, listed=True, index=True, quick=True
    )
    content: Mapped[str] = f.longtext(
        L("联系内容", "聯絡內容", "What was said"),
        required=True,
        listed=True,
        quick=True,
        search=True,
        policy="append",
    )
    sales_stage_id: Mapped[str | None] = f.option(
        L("跟进阶段", "跟進階段", "Stage"), "sales_stage", listed=True, quick=True
    )
    next_contact_at: Mapped[datetime | None] = f.moment(
        L("下次联系", "下次聯絡", "Next contact"), listed=True, quick=True
    )
    next_person_id: Mapped[str | None] = f.ref(
        L("下次联系人员", "下次聯絡人員", "Next contact by"), "employee", quick=True, index=False
    )
    next_goal: Mapped[str | None] = f.text(
        L("下次目标", "下次目標", "Goal of the next contact"), 400, quick=True, search=True
    )
    clerk_id: Mapped[str] = f.ref(
        L("联系客服", "聯絡客服", "Author"), "employee", required=True, readonly=True, listed=True
    )
    automatic: Mapped[bool] = f.boolean(
        L("系统记录", "系統記錄", "Written by the system"), default=False, readonly=True, section="system"
    )
