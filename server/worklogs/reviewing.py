"""Reports that are looked at (SY-10): agreed to is read and accepted, sent back is to be corrected and handed in again."""

from typing import Any

from server.approvals.kinds import Fact, fact_of
from server.approvals.reviews import Content, ReviewedArgs, hand_in, reviewable
from server.people.models import Employee
from server.records.commands import Context, command
from server.records.fields import L
from server.worklogs.models import REPORT_KINDS, WorkReport
from server.worklogs.readers import mark_read

_ASKS = {"yes": L("是", "是", "Yes"), "no": L("否", "否", "No")}
_SHOWN = ("kind", "report_date", "summary", "next_plan", "next_customers", "category_id")


def _content(context: Context, report: WorkReport) -> Content:
    author = context.find(Employee, report.author_id)
    title = (
        f"{author.real_name if author else ''} {REPORT_KINDS[report.kind].zh_cn} {report.period_start.isoformat()}"
    )
    facts = {"kind": report.kind, "category_id": report.category_id, "asks": "yes" if report.asks else "no"}
    return Content(title.strip(), facts, _SHOWN)


REPORT = reviewable(
    "work_report.review",
    L("工作报告", "工作報告", "Work report"),
    WorkReport,
    "report.accept",
    {
        "kind": fact_of(WorkReport, "kind"),
        "category_id": fact_of(WorkReport, "category_id"),
        "asks": Fact("choice", L("请示", "請示", "Asks for instruction"), _ASKS),
    },
    _content,
)


def lay_before(context: Context, report: WorkReport) -> None:
    """Hands a report in to who decides by the company's flow; one that was sent back goes on its way again."""
    hand_in(context, REPORT, report)


@command("report.accept", ReviewedArgs, internal=True)
def accept(context: Context, args: ReviewedArgs) -> dict[str, Any]:
    """Who agrees to a report has read it. 404 not_found."""
    report = context.get(WorkReport, args.id)
    if report.author_id != context.actor.employee_id:
        mark_read(context, report)
    return {"id": report.id}
