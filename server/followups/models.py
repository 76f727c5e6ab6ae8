"""Contact records: what was said with a customer, and what comes next; call reports: how a visit or call found it, with its
call card; opportunities: what may be sold to it; trial accounts; complaints: what it was not content with (BUSINESS.md,
Leads & follow-up)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index
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

CALL_REPORT_KINDS = {
    "cold": L("陌生拜访", "陌生拜訪", "Cold visit"),
    "lead": L("潜在客户&跟进客户日报", "潛在客戶&跟進客戶日報", "Report on a lead"),
    "existing": L("现有客户日报", "現有客戶日報", "Report on an existing customer"),
}
SATISFACTION = {
    "good": L("满意", "滿意", "Satisfied"),
    "fair": L("一般", "一般", "So-so"),
    "bad": L("不满意", "不滿意", "Not satisfied"),
}

TRIAL_STATES = {
    "pending": L("待审批", "待審批", "Pending"),
    "open": L("试用中", "試用中", "Open"),
    "expired": L("已到期", "已到期", "Expired"),
    "refused": L("已拒绝", "已拒絕", "Refused"),
    "closed": L("已关闭（回收站）", "已關閉（回收站）", "Closed (recycle bin)"),
}

OPPORTUNITY_STATES = {
    "open": L("跟进中", "跟進中", "Open"),
    "won": L("成交", "成交", "Won"),
    "lost": L("失效", "失效", "Lost"),
}
URGENCIES = {
    "low": L("不急", "不急", "Not urgent"),
    "normal": L("一般", "一般", "Normal"),
    "high": L("紧急", "緊急", "Urgent"),
}
COMPLAINT_STATES = {
    "open": L("待处理", "待處理", "Open"),
    "working": L("处理中", "處理中", "In work"),
    "answered": L("已答复", "已答覆", "Answered"),
    "closed": L("已关闭", "已關閉", "Closed"),
}


@register
class Opportunity(Record):
    """商机: something that may be sold to a customer, followed by stage until it is won or lost. `chance`: how likely its
    owner thinks it, in percent. `close_reason`: why, said when it was closed."""

    __tablename__ = "opportunity"
    spec = RecordSpec(
        label=L("商机", "商機", "Opportunity"),
        plural=L("商机", "商機", "Opportunities"),
        area="followups",
        root="customer:customer_id",
        title="name",
        owners=("owner_id",),
        through=("customer_id", "customer"),
    )
    customer_id: Mapped[str] = f.ref(
        L("客户", "客戶", "Customer"), "customer", required=True, fixed=True, listed=True
    )
    name: Mapped[str] = f.text(
        L("机会名称", "機會名稱", "Name"), 120, required=True, listed=True, quick=True, search=True
    )
    stage_id: Mapped[str | None] = f.option(L("阶段", "階段", "Stage"), "opportunity_stage", listed=True, quick=True)
    chance: Mapped[int | None] = f.integer(
        L("成交可能（%）", "成交可能（%）", "Chance (%)"), min=0, max=100, listed=True, quick=True
    )
    expected_amount: Mapped[Decimal | None] = f.money(
        L("预计销售金额", "預計銷售金額", "Expected amount"), min=0, listed=True, quick=True, total=True
    )
    expected_on: Mapped[date | None] = f.date(
        L("预计成交日期", "預計成交日期", "Expected on"), listed=True, quick=True
    )
    state: Mapped[str] = f.choice(
        L("状态", "狀態", "State"), OPPORTUNITY_STATES, default="open", readonly=True, listed=True
    )
    owner_id: Mapped[str] = f.ref(
        L("负责人", "負責人", "Owner"), "employee", required=True, readonly=True, listed=True
    )
    remark: Mapped[str | None] = f.longtext(L("备注", "備註", "Remark"), search=True, policy="append")
    close_reason: Mapped[str | None] = f.text(L("关闭原因", "關閉原因", "Why it was closed"), 400, readonly=True)
    closed_at: Mapped[datetime | None] = f.moment(L("关闭时间", "關閉時間", "Closed"), readonly=True)
    own: Mapped[dict[str, Any] | None] = f.own_values()


@register
class TrialAccount(Record):
    """试用账号: a customer's account for trying what the company sells (LF-13). Asked for by `owner_id`, opened, prolonged and
    closed by an administrator; `keeper_id` looks after the customer meanwhile. The login itself is the product's that is tried; its
    password is kept encrypted for those who tell it to the customer, and never leaves with lists or to devices. The closed
    ones are the recycle bin. `ends_on`: the last day; the history has the ones before. `reason`: why it was refused,
    prolonged or closed last. `seen_at`: when the product said last that the customer is using it."""

    __tablename__ = "trial_account"
    spec = RecordSpec(
        label=L("试用账号", "試用帳號", "Trial account"),
        plural=L("试用账号", "試用帳號", "Trial accounts"),
        area="followups",
        root="customer:customer_id",
        title="name",
        owners=("owner_id",),
        through=("customer_id", "customer"),
    )
    customer_id: Mapped[str] = f.ref(
        L("客户", "客戶", "Customer"), "customer", required=True, fixed=True, listed=True
    )
    name: Mapped[str] = f.text(
        L("试用产品", "試用產品", "Product"), 120, required=True, listed=True, quick=True, search=True
    )
    login_name: Mapped[str | None] = f.text(
        L("登录名", "登入名稱", "Login name"), 60, listed=True, quick=True, search=True
    )
    category_id: Mapped[str | None] = f.option(
        L("试用分类", "試用分類", "Category"), "trial_category", listed=True, quick=True
    )
    remark: Mapped[str | None] = f.longtext(L("备注", "備註", "Remark"), policy="append", quick=True, search=True)
    state: Mapped[str] = f.choice(
        L("状态", "狀態", "State"), TRIAL_STATES, default="pending", readonly=True, listed=True, index=True
    )
    owner_id: Mapped[str] = f.ref(
        L("申请人", "申請人", "Asked for by"), "employee", required=True, readonly=True, listed=True
    )
    keeper_id: Mapped[str | None] = f.ref(
        L("负责员工", "負責員工", "Looked after by"), "employee", readonly=True, listed=True, index=False
    )
    opened_at: Mapped[datetime | None] = f.moment(L("开通时间", "開通時間", "Opened"), readonly=True)
    ends_on: Mapped[date | None] = f.date(
        L("到期日期", "到期日期", "Ends on"), readonly=True, listed=True, index=True
    )
    reason: Mapped[str | None] = f.text(L("原因", "原因", "Reason"), 400, readonly=True)
    seen_at: Mapped[datetime | None] = f.moment(
        L("最近在线", "最近在線", "Last online"), readonly=True, listed=True, policy="latest"
    )
    login_password: Mapped[str | None] = f.longtext(
        L("登录密码", "登入密碼", "Login password"), readonly=True, secret=True
    )
    password_at: Mapped[datetime | None] = f.moment(
        L("密码更改时间", "密碼變更時間", "Password changed"), readonly=True
    )


@register
class ContactRecord(Record):
    """联系记录: one communication with a customer. `automatic`: written by the system, e.g. when the customer was claimed;
    it is no follow-up. `next_person_id`: who is to make the next contact beside the customer's owner."""

    __tablename__ = "contact_record"
    __table_args__ = (Index("ix_contact_record_clerk_id_contacted_at", "clerk_id", "contacted_at"),)
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
    opportunity_id: Mapped[str | None] = f.ref(L("商机", "商機", "Opportunity"), "opportunity")
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
        L("联系客服", "聯絡客服", "Author"), "employee", required=True, readonly=True, listed=True, index=False
    )
    automatic: Mapped[bool] = f.boolean(
        L("系统记录", "系統記錄", "Written by the system"), default=False, readonly=True, section="system"
    )
    own: Mapped[dict[str, Any] | None] = f.own_values()


@register
class CallReport(Record):
    """拜访日报: how a customer was found on a visit or call. The CALL CARD are the company's own fields of this record: chosen
    anew in the first report on a lead, carried over from the last one later (`copied_from_id`); `differing` are the names
    of those that are not as they were there. On an existing customer `satisfaction`, `demand` and `competition` are
    reported instead."""

    __tablename__ = "call_report"
    spec = RecordSpec(
        label=L("拜访日报", "拜訪日報", "Call report"),
        plural=L("拜访日报", "拜訪日報", "Call reports"),
        area="followups",
        root="customer:customer_id",
        title="content",
        owners=("author_id",),
        through=("customer_id", "customer"),
        default_sort="-reported_at",
    )
    customer_id: Mapped[str] = f.ref(
        L("客户", "客戶", "Customer"), "customer", required=True, fixed=True, listed=True
    )
    kind: Mapped[str] = f.choice(
        L("日报类型", "日報類型", "Kind of report"),
        CALL_REPORT_KINDS,
        required=True,
        fixed=True,
        listed=True,
        quick=True,
    )
    visit_id: Mapped[str | None] = f.ref(L("拜访", "拜訪", "Visit"), "visit", fixed=True)
    copied_from_id: Mapped[str | None] = f.ref(
        L("复制自", "複製自", "Copied from"), "call_report", fixed=True, index=True
    )
    contact_id: Mapped[str | None] = f.ref(
        L("联系人", "聯絡人", "Contact"), "contact", listed=True, quick=True, index=False
    )
    reported_at: Mapped[datetime] = f.moment(
        L("日报时间", "日報時間", "Time"), required=True, listed=True, index=True, quick=True
    )
    content: Mapped[str] = f.longtext(
        L("日报信息", "日報資訊", "Report"), required=True, listed=True, quick=True, search=True, policy="append"
    )
    sales_stage_id: Mapped[str | None] = f.option(
        L("跟进阶段", "跟進階段", "Stage"), "sales_stage", listed=True, quick=True
    )
    next_contact_at: Mapped[datetime | None] = f.moment(
        L("下次联系", "下次聯絡", "Next contact"), listed=True, quick=True
    )
    satisfaction: Mapped[str | None] = f.choice(
        L("客户满意度", "客戶滿意度", "Satisfaction"), SATISFACTION, listed=True
    )
    demand: Mapped[str | None] = f.longtext(
        L("近期需求", "近期需求", "What it will need"), 1000, search=True, policy="append"
    )
    competition: Mapped[str | None] = f.longtext(
        L("竞品情况", "競品情況", "What competitors do"), 1000, search=True, policy="append"
    )
    author_id: Mapped[str] = f.ref(
        L("报告人", "報告人", "Author"), "employee", required=True, readonly=True, listed=True
    )
    differing: Mapped[list[str] | None] = f.json(L("有变化的信息", "有變化的資訊", "What differs"), readonly=True)
    own: Mapped[dict[str, Any] | None] = f.own_values()


@register
class Complaint(Record):
    """客户投诉: what a customer complained about or suggested. `handler_id` answers it until `due_at`; `late`: the answer
    came after that, or has not come yet. With the answer the clock stands; `satisfaction` is what the customer
    said of it when the complaint was closed. Opened again (`reopened` times) it has a new time and keeps its answers."""

    __tablename__ = "complaint"
    spec = RecordSpec(
        label=L("客户投诉", "客戶投訴", "Complaint"),
        plural=L("投诉与反馈", "投訴與回饋", "Complaints"),
        area="followups",
        root="customer:customer_id",
        title="content",
        owners=("handler_id", "author_id"),
        through=("customer_id", "customer"),
        default_sort="-reported_at",
    )
    customer_id: Mapped[str] = f.ref(
        L("客户", "客戶", "Customer"), "customer", required=True, fixed=True, listed=True
    )
    kind_id: Mapped[str] = f.option(
        L("投诉类型", "投訴類型", "Kind"), "complaint_kind", required=True, listed=True, quick=True
    )
    content: Mapped[str] = f.longtext(
        L("投诉内容", "投訴內容", "What is wrong"),
        required=True, listed=True, quick=True, search=True, policy="append",
    )  # fmt: skip
    urgency: Mapped[str] = f.choice(
        L("紧急程度", "緊急程度", "Urgency"), URGENCIES, default="normal", listed=True, quick=True
    )
    contact_id: Mapped[str | None] = f.ref(L("联系人", "聯絡人", "Contact"), "contact", quick=True, index=False)
    way_id: Mapped[str | None] = f.option(L("投诉方式", "投訴方式", "Way"), "contact_method")
    reported_at: Mapped[datetime | None] = f.moment(L("投诉时间", "投訴時間", "Time"), listed=True, index=True)
    files: Mapped[list[str] | None] = f.files(L("图片与附件", "圖片與附件", "Pictures and files"), quick=True)
    handler_id: Mapped[str | None] = f.ref(
        L("处理人", "處理人", "Handler"), "employee", fixed=True, listed=True, quick=True
    )
    state: Mapped[str] = f.choice(
        L("状态", "狀態", "State"), COMPLAINT_STATES, default="open", readonly=True, listed=True
    )
    due_at: Mapped[datetime | None] = f.moment(
        L("答复期限", "答覆期限", "To be answered by"), readonly=True, listed=True, index=True
    )
    late: Mapped[bool] = f.boolean(L("逾期", "逾期", "Late"), default=False, readonly=True, listed=True)
    answer: Mapped[str | None] = f.longtext(L("答复", "答覆", "Answer"), readonly=True, search=True)
    answered_at: Mapped[datetime | None] = f.moment(L("答复时间", "答覆時間", "Answered"), readonly=True)
    answered_by: Mapped[str | None] = f.ref(
        L("答复人", "答覆人", "Answered by"), "employee", readonly=True, index=False
    )
    satisfaction: Mapped[str | None] = f.choice(
        L("客户满意度", "客戶滿意度", "Satisfaction"), SATISFACTION, readonly=True, listed=True
    )
    close_note: Mapped[str | None] = f.text(
        L("回访情况", "回訪情況", "What the customer said of it"), 400, readonly=True
    )
    closed_at: Mapped[datetime | None] = f.moment(L("关闭时间", "關閉時間", "Closed"), readonly=True)
    reopened: Mapped[int] = f.integer(
        L("重新打开次数", "重新打開次數", "Times opened again"), default=0, readonly=True
    )
    reopen_reason: Mapped[str | None] = f.text(
        L("重新打开原因", "重新打開原因", "Why it was opened again"), 400, readonly=True
    )
    author_id: Mapped[str] = f.ref(
        L("登记人", "登記人", "Recorded by"), "employee", required=True, readonly=True, listed=True
    )
    own: Mapped[dict[str, Any] | None] = f.own_values()
