"""Approvals: the flows of the company, the documents that run through them, and every word that was said."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L, Label
from server.records.record import Record, RecordSpec, register

#: The kinds of document; each area adds its own by `approvable` (kinds.py).
KINDS: dict[str, Label] = {}
FALLBACKS = {
    "head": L("上级部门负责人，再到管理员", "上級部門負責人，再到管理員", "Head of department above, then administrators"),
    "administrators": L("管理员", "管理員", "Administrators"),
    "person": L("指定人员", "指定人員", "Named people"),
}  # fmt: skip
APPROVAL_STATES = {
    "running": L("审批中", "審批中", "Being decided"),
    "approved": L("已通过", "已通過", "Approved"),
    "refused": L("已拒绝", "已拒絕", "Refused"),
    "returned": L("已退回", "已退回", "Sent back"),
    "withdrawn": L("已撤回", "已撤回", "Withdrawn"),
    "failed": L("通过但未能执行", "通過但未能執行", "Approved, not carried out"),
}
#: Where the review of a record is that holds at once and is looked at afterwards (reviews.py).
REVIEWS = {
    "asked": L("待审批", "待審批", "To be approved"),
    "agreed": L("审批通过", "審批通過", "Approved"),
    "returned": L("已退回", "已退回", "Sent back"),
    "refused": L("未通过", "未通過", "Refused"),
    "withdrawn": L("已撤回审批", "已撤回審批", "Withdrawn"),
}
#: States in which something can still become of it.
OPEN_STATES = ("running", "returned", "failed")
STEP_STATES = {
    "submitted": L("提交", "提交", "Handed in"),
    "waiting": L("待审批", "待審批", "Waiting"),
    "agreed": L("同意", "同意", "Agreed"),
    "refused": L("拒绝", "拒絕", "Refused"),
    "returned": L("退回", "退回", "Sent back"),
    "passed_on": L("转交他人", "轉交他人", "Passed on"),
    "not_needed": L("他人已处理", "他人已處理", "Decided by others"),
    "late": L("迟到的意见", "遲到的意見", "Said too late"),
    "unavailable": L("审批人已停用", "審批人已停用", "No longer available"),
    "skipped": L("条件不符，跳过", "條件不符，跳過", "Not needed here"),
    "withdrawn": L("撤回", "撤回", "Withdrawn"),
    "done": L("已执行", "已執行", "Carried out"),
    "failed": L("执行失败", "執行失敗", "Could not be carried out"),
}
WHY = {
    "role": L("按角色", "依角色", "By role"),
    "superior": L("上级主管", "上級主管", "Superior"),
    "department_head": L("部门负责人", "部門負責人", "Head of department"),
    "person": L("指定人员", "指定人員", "Named"),
    "fallback_head": L(
        "此步无人可审，转上级部门负责人", "此步無人可審，轉上級部門負責人", "Nobody for this step: head of department above"
    ),
    "fallback_administrator": L(
        "此步无人可审，转管理员", "此步無人可審，轉管理員", "Nobody for this step: administrators"
    ),
    "fallback_person": L(
        "此步无人可审，转指定人员", "此步無人可審，轉指定人員", "Nobody for this step: the named people"
    ),
    "passed_on": L("由他人转交", "由他人轉交", "Passed on by a colleague"),
    "elsewhere": L("在单据上直接处理", "在單據上直接處理", "Decided at the document itself"),
}  # fmt: skip


@register
class ApprovalFlow(Record):
    """审批流程: one version of the flow of a kind of document. A change is a new version; what runs keeps its own."""

    __tablename__ = "approval_flow"
    __table_args__ = (UniqueConstraint("kind", "version"),)
    spec = RecordSpec(
        label=L("审批流程", "審批流程", "Approval flow"),
        plural=L("审批流程", "審批流程", "Approval flows"),
        area="approvals",
        root="company",
        title="kind",
        default_sort="-created_at",
        synced=False,
    )
    kind: Mapped[str] = f.choice(L("单据类型", "單據類型", "Kind"), KINDS, required=True, readonly=True, listed=True)
    version: Mapped[int] = f.integer(L("版本", "版本", "Version"), required=True, readonly=True, listed=True)
    current: Mapped[bool] = f.boolean(L("使用中", "使用中", "In use"), default=True, readonly=True, listed=True)
    enabled: Mapped[bool] = f.boolean(
        L("需要审批", "需要審批", "Needs approval"), default=True, readonly=True, listed=True
    )
    steps: Mapped[list[dict[str, Any]]] = f.json(L("步骤", "步驟", "Steps"), required=True, readonly=True)
    watched: Mapped[list[str]] = f.json(
        L("哪些内容需要审批", "哪些內容需要審批", "What needs approval"), default=list, readonly=True
    )
    fallback: Mapped[str] = f.choice(
        L("无人可审时", "無人可審時", "Where a step has nobody"),
        FALLBACKS,
        default="head",
        readonly=True,
        listed=True,
    )
    fallback_ids: Mapped[list[str] | None] = f.refs(
        L("无人可审时的指定人员", "無人可審時的指定人員", "Named for steps without anybody"),
        "employee",
        readonly=True,
    )


@register
class Approval(Record):
    """审批单: a document on its way. `command` with `args` is what is done when the last step agrees.

    `plan`: the steps of its flow version that apply to it. `summary`: what is asked for, as lines of {record, field,
    before?, after, name?, id?}; without `before` it is no change but how something is. `facts`: what the conditions of steps look at.
    """

    __tablename__ = "approval"
    __table_args__ = (Index("ix_approval_subject", "kind", "record_id", "state"),)
    spec = RecordSpec(
        label=L("审批单", "審批單", "Approval"),
        plural=L("审批", "審批", "Approvals"),
        area="approvals",
        root="approval:id",
        title="title",
        owners=("requester_id",),
    )
    kind: Mapped[str] = f.choice(
        L("单据类型", "單據類型", "Kind"), KINDS, required=True, readonly=True, listed=True, index=True
    )
    title: Mapped[str] = f.text(L("内容", "內容", "Subject"), required=True, readonly=True, listed=True, search=True)
    state: Mapped[str] = f.choice(
        L("状态", "狀態", "State"), APPROVAL_STATES, required=True, readonly=True, listed=True, index=True
    )
    requester_id: Mapped[str] = f.ref(
        L("申请人", "申請人", "Requested by"), "employee", required=True, readonly=True, listed=True
    )
    customer_id: Mapped[str | None] = f.ref(L("客户", "客戶", "Customer"), "customer", readonly=True, listed=True)
    record_type: Mapped[str] = f.text(L("资料类型", "資料類型", "Record type"), 40, required=True, readonly=True)
    record_id: Mapped[str] = f.text(L("资料", "資料", "Record"), 36, required=True, readonly=True, looked_up=True)
    reason: Mapped[str | None] = f.longtext(L("申请说明", "申請說明", "Reason"), 1000, readonly=True)
    amount: Mapped[Decimal | None] = f.money(L("金额", "金額", "Amount"), readonly=True, listed=True)
    summary: Mapped[list[dict[str, Any]]] = f.json(
        L("申请内容", "申請內容", "What is asked for"), required=True, readonly=True
    )
    facts: Mapped[dict[str, Any]] = f.json(L("条件数据", "條件資料", "Facts"), required=True, readonly=True)
    flow_id: Mapped[str | None] = f.ref(
        L("审批流程", "審批流程", "Flow"), "approval_flow", readonly=True, index=False
    )
    flow_version: Mapped[int] = f.integer(
        L("流程版本", "流程版本", "Version of the flow"), required=True, readonly=True
    )
    plan: Mapped[dict[str, Any]] = f.json(L("审批步骤", "審批步驟", "Steps"), required=True, readonly=True)
    step: Mapped[int] = f.integer(L("当前步骤", "目前步驟", "Step"), required=True, readonly=True)
    round: Mapped[int] = f.integer(L("第几次提交", "第幾次提交", "Round"), required=True, readonly=True)
    command: Mapped[str] = f.text(L("通过后执行", "通過後執行", "Carries out"), 80, required=True, readonly=True)
    args: Mapped[dict[str, Any]] = f.json(L("执行内容", "執行內容", "With"), required=True, readonly=True)
    outcome: Mapped[str | None] = f.text(L("执行结果", "執行結果", "Outcome"), 60, readonly=True)
    outcome_detail: Mapped[Any] = f.json(L("执行结果说明", "執行結果說明", "Details of the outcome"), readonly=True)
    finished_at: Mapped[datetime | None] = f.moment(
        L("办结时间", "辦結時間", "Finished"), readonly=True, listed=True, index=True
    )


@register
class ApprovalStep(Record):
    """审批记录: one line of a document's history: who was asked and why, and what was said, done, or went wrong.

    `for_id`: the absent colleague in whose place `approver_id` was asked; both may decide.
    """

    __tablename__ = "approval_step"
    __table_args__ = (Index("ix_approval_step_waiting", "approver_id", "state"),)
    spec = RecordSpec(
        label=L("审批记录", "審批記錄", "Approval step"),
        plural=L("审批记录", "審批記錄", "Approval steps"),
        area="approvals",
        root="approval:approval_id",
        title="step_name",
        permission="approval",
        through=("approval_id", "approval"),
        default_sort="seq",
    )
    approval_id: Mapped[str] = f.ref(
        L("审批单", "審批單", "Approval"), "approval", required=True, readonly=True, listed=True
    )
    seq: Mapped[int] = f.integer(L("序号", "序號", "No."), required=True, readonly=True, listed=True)
    round: Mapped[int] = f.integer(L("第几次提交", "第幾次提交", "Round"), required=True, readonly=True)
    step: Mapped[int] = f.integer(L("步骤", "步驟", "Step"), required=True, readonly=True)
    step_name: Mapped[str | None] = f.text(L("步骤名称", "步驟名稱", "Step"), 40, readonly=True, listed=True)
    approver_id: Mapped[str | None] = f.ref(
        L("人员", "人員", "Person"), "employee", readonly=True, index=False, listed=True
    )
    for_id: Mapped[str | None] = f.ref(L("代替", "代替", "In place of"), "employee", readonly=True, listed=True)
    why: Mapped[str | None] = f.choice(L("依据", "依據", "Asked as"), WHY, readonly=True, listed=True)
    state: Mapped[str] = f.choice(L("结果", "結果", "Result"), STEP_STATES, required=True, readonly=True, listed=True)
    opinion: Mapped[str | None] = f.longtext(L("意见", "意見", "Opinion"), 1000, readonly=True, listed=True)
    decided_by: Mapped[str | None] = f.ref(
        L("处理人", "處理人", "Decided by"), "employee", readonly=True, index=False
    )
    decided_at: Mapped[datetime | None] = f.moment(L("处理时间", "處理時間", "Decided"), readonly=True, listed=True)
    detail: Mapped[Any] = f.json(L("说明", "說明", "Details"), readonly=True)


@register
class ApprovalAbsence(Record):
    """审批代理: from one day to another somebody else is asked in one's place. Both days count."""

    __tablename__ = "approval_absence"
    spec = RecordSpec(
        label=L("审批代理", "審批代理", "Absence"),
        plural=L("审批代理", "審批代理", "Absences"),
        area="approvals",
        root="employee:employee_id",
        title="starts_on",
        permission="approval_absence",
        owners=("employee_id",),
        default_sort="-starts_on",
    )
    employee_id: Mapped[str] = f.ref(
        L("外出人", "外出人", "Who is away"), "employee", required=True, readonly=True, listed=True
    )
    starts_on: Mapped[date] = f.date(
        L("从哪天起", "從哪天起", "From"), required=True, listed=True, quick=True, index=True
    )
    ends_on: Mapped[date] = f.date(L("到哪天止", "到哪天止", "Until"), required=True, listed=True, quick=True)
    delegate_id: Mapped[str] = f.ref(
        L("由谁代理", "由誰代理", "Who decides instead"), "employee", required=True, listed=True, quick=True
    )
    note: Mapped[str | None] = f.text(L("备注", "備註", "Remark"), listed=True, quick=True)
