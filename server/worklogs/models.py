"""Work reports and their comments (BUSINESS.md, Work reports & plans)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register

REPORT_KINDS = {
    "day": L("日报", "日報", "Daily report"),
    "week": L("周报", "週報", "Weekly report"),
    "month": L("月报", "月報", "Monthly report"),
    "quarter": L("季报", "季報", "Quarterly report"),
    "year": L("年报", "年報", "Yearly report"),
}


@register
class WorkReport(Record):
    """工作报告. `counts` is recomputed by the server from what it holds for the period. One per author and period."""

    __tablename__ = "work_report"
    __table_args__ = (UniqueConstraint("author_id", "kind", "period_start"),)
    spec = RecordSpec(
        label=L("工作报告", "工作報告", "Work report"),
        plural=L("工作报告", "工作報告", "Work reports"),
        area="worklogs",
        root="employee:author_id",
        title="report_date",
        permission="worklog",
        owners=("author_id",),
        default_sort="-report_date",
    )
    kind: Mapped[str] = f.choice(
        L("日志类别", "日誌類別", "Kind"), REPORT_KINDS, required=True, fixed=True, listed=True, default="day"
    )
    report_date: Mapped[date] = f.date(
        L("报告日期", "報告日期", "Date"), required=True, fixed=True, listed=True, index=True
    )
    period_start: Mapped[date] = f.date(L("期间始", "期間始", "From"), required=True, readonly=True, index=True)
    period_end: Mapped[date] = f.date(L("期间止", "期間止", "Until"), required=True, readonly=True)
    author_id: Mapped[str] = f.ref(
        L("汇报人", "回報人", "Author"), "employee", required=True, readonly=True, listed=True
    )
    summary: Mapped[str] = f.longtext(
        L("本日总结", "本日總結", "Summary"), required=True, listed=True, quick=True, search=True
    )
    next_plan: Mapped[str | None] = f.longtext(
        L("明日计划", "明日計畫", "Plan for tomorrow"), listed=True, quick=True, search=True
    )
    next_customers: Mapped[list[str] | None] = f.refs(
        L("明日客户", "明日客戶", "Customers for tomorrow"), "customer", policy="ask"
    )
    counts: Mapped[dict[str, Any] | None] = f.json(L("自动汇总", "自動彙總", "Numbers"), readonly=True)
    submitted_at: Mapped[datetime | None] = f.moment(
        L("提交时间", "提交時間", "Handed in"), readonly=True, listed=True
    )
    comment_count: Mapped[int] = f.integer(L("点评数", "點評數", "Comments"), default=0, readonly=True, listed=True)
    own: Mapped[dict[str, Any] | None] = f.own_values()


@register
class ReportComment(Record):
    """主管点评."""

    __tablename__ = "report_comment"
    spec = RecordSpec(
        label=L("点评", "點評", "Comment"),
        plural=L("点评", "點評", "Comments"),
        area="worklogs",
        root="employee:author_id",
        title="text",
        permission="worklog",
        owners=("commenter_id",),
        through=("report_id", "work_report"),
    )
    report_id: Mapped[str] = f.ref(L("报告", "報告", "Report"), "work_report", required=True, readonly=True)
    author_id: Mapped[str] = f.ref(L("汇报人", "回報人", "Author"), "employee", required=True, readonly=True)
    commenter_id: Mapped[str] = f.ref(
        L("点评人", "點評人", "Commented by"), "employee", required=True, readonly=True, listed=True
    )
    text: Mapped[str] = f.longtext(L("点评内容", "點評內容", "Comment"), 2000, required=True, listed=True, quick=True)
