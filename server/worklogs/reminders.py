"""What people are told about work reports: handed in, commented, and none yet today."""

from collections.abc import Collection
from datetime import time, timedelta

from sqlalchemy import select

from server.notifications.kinds import kind
from server.notifications.service import notify
from server.notifications.timed import is_time, is_work_day
from server.people.holders import holders
from server.people.models import Employee
from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Every, Progress, scheduled
from server.worklogs.models import ReportComment, WorkReport

COMMENTED = kind(
    "worklog.commented",
    L("工作日志点评提醒", "工作日誌點評提醒", "Report commented"),
    L(
        "{commenter} 点评了您 {report_on} 的报告：{text}",
        "{commenter} 點評了您 {report_on} 的報告：{text}",
        "{commenter} commented your report of {report_on}: {text}",
    ),
    needs="worklog.create",
)
SUBMITTED = kind(
    "worklog.submitted",
    L("工作计划汇报", "工作計畫匯報", "Report handed in"),
    L(
        "{author} 提交了 {report_on} 的报告和计划",
        "{author} 提交了 {report_on} 的報告和計畫",
        "{author} handed in the report and plan of {report_on}",
    ),
    push=False,
    needs="worklog.comment",
)
ADDRESSED = kind(
    "worklog.addressed",
    L("向您汇报", "向您匯報", "Report for you"),
    L(
        "{author} 向您汇报了 {report_on} 的工作",
        "{author} 向您匯報了 {report_on} 的工作",
        "{author} sent you the report of {report_on}",
    ),
    needs="worklog.view",
)
NONE_TODAY = kind(
    "worklog.none_today",
    L("今天还没有日报", "今天還沒有日報", "No report yet today"),
    L("今天的日报还没有提交", "今天的日報還沒有提交", "Your report of today has not been handed in yet"),
    at=time(18),
    needs="worklog.create",
)


def tell_author(context: Context, report: WorkReport, comment: ReportComment) -> None:
    """The author learns of a comment at once (WR-4)."""
    args = {"commenter": context.actor.name, "report_on": report.report_date, "text": comment.text}
    notify(context, [report.author_id], COMMENTED, report, args, key=comment.id)


def tell_supervisor(context: Context, report: WorkReport) -> None:
    """Once a report; what is added to it later is no news."""
    author = context.find(Employee, report.author_id)
    if author is not None:
        args = {"author": author.real_name, "report_on": report.report_date}
        notify(context, [author.supervisor_id], SUBMITTED, report, args, key=report.id)


def tell_readers(context: Context, report: WorkReport, readers: Collection[str]) -> None:
    """Whom it is addressed to, once a report; who leads the author has heard of it already."""
    author = context.find(Employee, report.author_id)
    if author is not None:
        args = {"author": author.real_name, "report_on": report.report_date}
        people = [one for one in readers if one != author.supervisor_id]
        notify(context, people, ADDRESSED, report, args, key=report.id)


@scheduled("worklogs.remind", L("日报提醒", "日報提醒", "Reminders about reports"), Every(timedelta(minutes=15)))
def remind(context: Context) -> Progress:
    """On working days, whoever writes reports and has a supervisor who waits for one."""
    if not is_work_day(context) or not is_time(context, NONE_TODAY):
        return Progress()
    there = select(WorkReport.author_id).where(WorkReport.kind == "day", WorkReport.period_start == context.today)
    done = set(context.session.scalars(there))
    led = set(context.session.scalars(select(Employee.id).where(Employee.supervisor_id.is_not(None))))
    late = [one for one in holders(context, "worklog.create") if one in led and one not in done]
    told = notify(context, late, NONE_TODAY, key=f"{context.today}")
    return Progress({"told": len(told)})
