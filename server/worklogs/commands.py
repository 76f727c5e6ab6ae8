"""Writes of work reports and their comments (BUSINESS.md, Work reports & plans)."""

from datetime import date, timedelta
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import func, select

from server.people.models import Employee
from server.records.asked import check_asked
from server.records.commands import Context, command
from server.records.editing import (
    check_id,
    check_references,
    keep_conflict,
    keep_slot,
    on_delete,
    on_edit,
    put_own,
    standard_commands,
)
from server.records.errors import BusinessError, Forbidden, Rejected, error_texts
from server.records.fields import L, Label
from server.records.loading import QUIETLY, flush_for
from server.records.own_values import prefixed, slots, tell_deleted
from server.visits.service import is_planned, plan_visit
from server.worklogs.models import PLAN_KINDS, ReportComment, ReportReader, WorkReport
from server.worklogs.periods import Period, period_of
from server.worklogs.readers import address, mark_read
from server.worklogs.reminders import tell_author, tell_supervisor
from server.worklogs.returning import bring_back
from server.worklogs.reviewing import lay_before
from server.worklogs.service import count_report

standard_commands(WorkReport, create=False)
standard_commands(ReportComment, create=False)
# ReportReader has none: `report_to` and reading it write its rows.

_MAX_TEXT = 4000
_MAX_PLANNED = 100
_MAX_READERS = 50
_FIRST_YEAR, _LAST_YEAR = 2000, 2100

error_texts(
    {
        "report_in_future": L(
            "不能提交还没到的日期的报告", "不能提交還沒到的日期的報告", "A report cannot be about a day to come"
        ),
        "plan_too_early": L(
            "计划最早只能写下一期的",
            "計畫最早只能寫下一期的",
            "A plan can be about the present period or the next one",
        ),
        "reader_skipped": L(
            "汇报对象不存在或已停用，没有列入",
            "匯報對象不存在或已停用，沒有列入",
            "One of those it is for does not exist or is disabled, and was left out",
        ),
        "report_exists": L(
            "这一期的报告已经提交过，已合并为一份",
            "這一期的報告已經提交過，已合併為一份",
            "This period already had a report; the two are now one",
        ),
        "report_of_another": L(
            "这是同事的报告，您不能修改",
            "這是同事的報告，您不能修改",
            "This is a colleague's report; you cannot change it",
        ),
        "comment_of_another": L(
            "这是同事的点评，您不能修改",
            "這是同事的點評，您不能修改",
            "This is a colleague's comment; you cannot change it",
        ),
        "plan_skipped": L(
            "客户不在您名下，没有列入计划",
            "客戶不在您名下，沒有列入計畫",
            "The customer is not yours, so no visit was planned",
        ),
    }
)


class SubmitArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`report_date`: any day of the period. `next_customers` become planned visits of the day after. `report_to`: employees.
    `own`: values of own fields by their keys."""

    id: str
    kind: Literal["day", "week", "month", "quarter", "year", "week_plan", "month_plan", "year_plan"]
    report_date: date
    summary: Annotated[str, msgspec.Meta(max_length=_MAX_TEXT)]
    next_plan: Annotated[str, msgspec.Meta(max_length=_MAX_TEXT)] | None = None
    next_customers: Annotated[list[str], msgspec.Meta(max_length=_MAX_PLANNED)] | None = None
    report_to: Annotated[list[str], msgspec.Meta(max_length=_MAX_READERS)] | None = None
    category_id: str | None = None
    asks: bool | None = None
    own: dict[str, Any] | None = None


class ReadArgs(msgspec.Struct, forbid_unknown_fields=True):
    ids: Annotated[list[str], msgspec.Meta(max_length=200)]


class CommentArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    report_id: str
    text: Annotated[str, msgspec.Meta(max_length=2000)]


@command("report.submit", SubmitArgs, permission="worklog.create", fact=True)
def submit(context: Context, args: SubmitArgs) -> dict[str, Any]:
    """Hands a report in. The numbers are the server's own; a second report of the same period changes the first."""
    summary = _text("summary", L("本日总结", "本日總結", "Summary"), args.summary)
    next_plan = (args.next_plan or "").replace("\x00", "").strip() or None
    if not _FIRST_YEAR <= args.report_date.year <= _LAST_YEAR:
        raise Rejected(
            "wrong_type",
            field="report_date",
            label=L("报告日期", "報告日期", "Report date"),
            value=args.report_date.isoformat(),
        )
    period = period_of(args.kind, args.report_date)
    _check_begun(context, args.kind, period)
    check_references(context, WorkReport, {"category_id": args.category_id})
    report = _earlier(context, args.kind, period)
    if report is None:
        report = context.add(
            WorkReport(
                id=check_id(args.id),
                kind=args.kind,
                report_date=args.report_date,
                period_start=period.start,
                period_end=period.end,
                author_id=context.actor.employee_id,
                summary=summary,
                comment_count=0,
            )
        )
        put_own(context, report, prefixed(args.own))
        bring_back(context, report)
    else:
        if report.id != args.id:
            context.report("merged", "report_exists", id=report.id)
        _replace(context, report, "summary", summary, keep=report.id != args.id)
        _replace_own(context, report, prefixed(args.own), keep=report.id != args.id)
    if next_plan is not None and next_plan != report.next_plan:
        _replace(context, report, "next_plan", next_plan, keep=report.id != args.id)
    if args.next_customers is not None:
        kept = list(report.next_customers or []) if report.id != args.id else []
        report.next_customers = list(dict.fromkeys([*kept, *args.next_customers]))
    if args.category_id is not None:
        report.category_id = args.category_id
    if args.asks is not None:
        report.asks = args.asks
    if args.report_to is not None:
        kept = list(report.report_to or []) if report.id != args.id else []
        report.report_to = [*kept, *args.report_to]
    check_asked(context, report)
    report.submitted_at = context.claimed_time()
    tell_supervisor(context, report)
    count_report(context.session, report, context.zone)
    _plan_next(context, report)
    if args.report_to is not None:
        address(context, report)
    lay_before(context, report)
    return {"id": report.id, "counts": report.counts}


@command("report.read", ReadArgs, permission="worklog.view", fact=True)
def read(context: Context, args: ReadArgs) -> dict[str, Any]:
    """Notes that one has read reports of others; the first time counts. Those that are gone meanwhile, or that one may not
    see, are passed over."""
    done = 0
    for report_id in dict.fromkeys(args.ids):
        report = context.find(WorkReport, report_id)
        if report is None or report.author_id == context.actor.employee_id or not context.may(report, "view"):
            continue
        done += mark_read(context, report)
    return {"read": done}


@command("report.comment", CommentArgs, permission="worklog.comment")
def comment(context: Context, args: CommentArgs) -> dict[str, Any]:
    """A supervisor's comment (WR-4); it reaches the author's devices with the next pull."""
    text = _text("text", L("点评内容", "點評內容", "Comment"), args.text)
    report = context.need(WorkReport, args.report_id, "comment")
    made = context.add(
        ReportComment(
            id=check_id(args.id),
            report_id=report.id,
            author_id=report.author_id,
            commenter_id=context.actor.employee_id,
            text=text,
        )
    )
    tell_author(context, report, made)
    mark_read(context, report)
    _count_comments(context, report)
    return {"id": args.id}


@on_edit(WorkReport)
def edited_report(context: Context, report: WorkReport, changed: dict[str, tuple[Any, Any]]) -> None:
    """The author's own words (WR-3); customers added to tomorrow's list are planned."""
    if changed and report.author_id != context.actor.employee_id:
        raise Forbidden("report_of_another", id=report.id)
    if "next_customers" in changed:
        _plan_next(context, report)
    if "report_to" in changed:
        address(context, report)


@on_delete(WorkReport)
def deleted_report(context: Context, report: WorkReport) -> None:
    if report.author_id != context.actor.employee_id:
        raise Forbidden("report_of_another", id=report.id)
    for record in (ReportComment, ReportReader):
        for one in context.session.scalars(select(record).where(record.report_id == report.id)):
            context.session.delete(one)


@on_edit(ReportComment)
def edited_comment(context: Context, one: ReportComment, changed: dict[str, tuple[Any, Any]]) -> None:
    if changed and one.commenter_id != context.actor.employee_id:
        raise Forbidden("comment_of_another", id=one.id)


@on_delete(ReportComment)
def deleted_comment(context: Context, one: ReportComment) -> None:
    if one.commenter_id != context.actor.employee_id:
        raise Forbidden("comment_of_another", id=one.id)
    report = context.find(WorkReport, one.report_id)
    if report is not None:
        _count_comments(context, report, without=one.id)


def _check_begun(context: Context, kind: str, period: Period) -> None:
    """A report is about what was, a phone may be a day ahead; a plan is about the present period or the next one."""
    last = context.today + timedelta(days=1)
    if kind in PLAN_KINDS:
        if period.start > period_of(kind, last).end + timedelta(days=1):
            raise Rejected("plan_too_early", field="report_date")
    elif period.start > last:
        raise Rejected("report_in_future", field="report_date")


def _earlier(context: Context, kind: str, period: Period) -> WorkReport | None:
    """The author's report of this period, e.g. from his other device; the two devices are served one after the other."""
    context.get(Employee, context.actor.employee_id)
    flush_for(context.session, WorkReport)
    return context.session.scalar(
        select(WorkReport).where(
            WorkReport.author_id == context.actor.employee_id,
            WorkReport.kind == kind,
            WorkReport.period_start == period.start,
        ),
        execution_options=QUIETLY,
    )


def _replace(context: Context, report: WorkReport, field: str, value: str, *, keep: bool) -> None:
    """The latest words count; those from another device are kept in a conflict record, unless they are contained."""
    current: str | None = getattr(report, field)
    setattr(report, field, value)
    if keep and current and current not in value:
        keep_conflict(context, report, field, None, current, value, "latest", "auto", "report_exists")


def _replace_own(context: Context, report: WorkReport, values: dict[str, Any], *, keep: bool) -> None:
    """The same for own fields."""
    for slot in slots(context, WorkReport, {name: (None, value) for name, value in values.items()}):
        current = slot.value(report)
        if slot.kept:
            keep_slot(context, report, slot)
        elif slot.mine is not None and slot.mine != current:
            slot.put(report, slot.mine)
            tell_deleted(context, slot)
            if keep and current is not None:
                keep_conflict(context, report, slot.name, None, current, slot.mine, "latest", "auto", "report_exists")


def _plan_next(context: Context, report: WorkReport) -> None:
    """Customers for the next day become planned visits, once. One that is not the author's to visit is named."""
    day = report.period_end + timedelta(days=1)
    for customer_id in report.next_customers or ():
        if is_planned(context, customer_id, day):
            continue
        try:
            plan_visit(context, customer_id, day)
        except BusinessError:
            context.adjusted("plan_skipped", customer_id=customer_id)


def _count_comments(context: Context, report: WorkReport, without: str = "") -> None:
    context.session.flush()
    report.comment_count = (
        context.session.scalar(
            select(func.count()).where(ReportComment.report_id == report.id, ReportComment.id != without)
        )
        or 0
    )


def _text(field: str, label: Label, value: str) -> str:
    """Words that are there. Raises `Rejected` required."""
    cleaned = value.replace("\x00", "").strip()
    if not cleaned:
        raise Rejected("required", field=field, label=label)
    return cleaned
