"""Work reports and their comments (BUSINESS.md, Work reports & plans)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from server.approvals.models import REVIEWS
from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register

REPORT_KINDS = {
    "day": L("日报", "日報", "Daily report"),
    "week": L("周报", "週報", "Weekly report"),
    "month": L("月报", "月報", "Monthly report"),
    "quarter": L("季报", "季報", "Quarterly report"),
    "year": L("年报", "年報", "Yearly report"),
    "week_plan": L("周计划", "週計畫", "Plan of a week"),
    "month_plan": L("月计划", "月計畫", "Plan of a month"),
    "year_plan": L("年计划", "年計畫", "Plan of a year"),
}
#: Those that say what is to be done. They may be about the period that follows the present one.
PLAN_KINDS = ("week_plan", "month_plan", "year_plan")


@register
class WorkReport(Record):
    """工作报告 and 工作计划. `counts` is recomputed by the server from what it holds for the period. One per author, kind and
    period. `report_to`: who is to read it besides those who lead the author; they see it for as long as they stand here.
    `asks`: 请示, the author waits for an instruction, which is a comment."""

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
    report_to: Mapped[list[str] | None] = f.refs(L("汇报给", "匯報給", "For"), "employee", policy="ask")
    category_id: Mapped[str | None] = f.option(L("报告分类", "報告分類", "Category"), "report_category", listed=True)
    asks: Mapped[bool] = f.boolean(L("请示", "請示", "Asks for instruction"), default=False, listed=True)
    counts: Mapped[dict[str, Any] | None] = f.json(L("自动汇总", "自動彙總", "Numbers"), readonly=True)
    submitted_at: Mapped[datetime | None] = f.moment(
        L("提交时间", "提交時間", "Handed in"), readonly=True, listed=True
    )
    review: Mapped[str | None] = f.choice(L("审批", "審批", "Review"), REVIEWS, readonly=True)
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


@register
class ReportReader(Record):
    """报告收阅: to whom a report is addressed, and who has read it; one a report and person. `addressed`: stands in
    `report_to`. Somebody who read it stays here when he does not any more."""

    __tablename__ = "report_reader"
    __table_args__ = (UniqueConstraint("report_id", "reader_id"),)
    spec = RecordSpec(
        label=L("收阅", "收閱", "Reader"),
        plural=L("收阅", "收閱", "Readers"),
        area="worklogs",
        root="employee:author_id",
        title="read_at",
        permission="worklog",
        owners=("reader_id", "author_id"),
        through=("report_id", "work_report"),
    )
    report_id: Mapped[str] = f.ref(L("报告", "報告", "Report"), "work_report", required=True, readonly=True)
    author_id: Mapped[str] = f.ref(L("汇报人", "回報人", "Author"), "employee", required=True, readonly=True)
    reader_id: Mapped[str] = f.ref(
        L("收阅人", "收閱人", "Read by"), "employee", required=True, readonly=True, listed=True
    )
    addressed: Mapped[bool] = f.boolean(
        L("汇报给他", "匯報給他", "Addressed"), default=False, readonly=True, listed=True
    )
    read_at: Mapped[datetime | None] = f.moment(
        L("阅读时间", "閱讀時間", "Read"), readonly=True, listed=True, index=True
    )
