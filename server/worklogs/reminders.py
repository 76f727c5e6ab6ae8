"""What people are told about work reports."""

from server.notifications.kinds import kind
from server.notifications.service import notify
from server.records.commands import Context
from server.records.fields import L
from server.worklogs.models import ReportComment, WorkReport

COMMENTED = kind(
    "worklog.commented",
    L("工作日志点评提醒", "工作日誌點評提醒", "Report commented"),
    L(
        "{commenter} 点评了您 {report_on} 的报告：{text}",
        "{commenter} 點評了您 {report_on} 的報告：{text}",
        "{commenter} commented your report of {report_on}: {text}",
    ),
)


def tell_author(context: Context, report: WorkReport, comment: ReportComment) -> None:
    """The author learns of a comment at once (WR-4)."""
    args = {"commenter": context.actor.name, "report_on": report.report_date, "text": comment.text}
    notify(context, [report.author_id], COMMENTED, report, args, key=comment.id)
