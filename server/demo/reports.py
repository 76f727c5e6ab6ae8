"""Reports and plans with the server's own numbers, what the managers wrote below them, and who has read them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from server.demo import words
from server.demo.calendar import Calendar
from server.demo.company import Company, Rep
from server.demo.diary import Day
from server.demo.dice import Dice
from server.records.record import Record
from server.worklogs.models import PLAN_KINDS, ReportComment, ReportReader, WorkReport
from server.worklogs.periods import Period, period_of
from server.worklogs.service import count


def write_reports(
    session: Session, dice: Dice, company: Company, days: list[Day], calendar: Calendar
) -> list[Record]:
    """Reports of the days that are over. Visits, orders and receipts must be loaded already: they are counted."""
    rows: list[Record] = []
    for page in days:
        at = dice.at(page.day, 17.8, 60)
        if not page.visits or not calendar.has_come(at) or dice.chance(0.04):  # now and then somebody forgets
            continue
        if page.day == calendar.today and page.rep is company.staff.reps[0]:
            continue  # whom one signs in as has it still to write, also in the evening
        report = _report(session, dice, company, page, calendar)
        report.submitted_at = report.created_at = at
        report.id = dice.id_at(at)
        rows.append(report)
        commented = dice.at(calendar.next_working_day(page.day), 8.4, 70)
        if dice.chance(0.35) and calendar.has_come(commented):
            rows += _commented(dice, report, page.rep, commented, dice.pick(words.COMMENTS), page)
    return rows


def write_sum_ups(
    session: Session, dice: Dice, company: Company, days: list[Day], calendar: Calendar
) -> list[Record]:
    """Reports of weeks and months that are over, plans of those and of the present ones. Whom one signs in as has the last
    week's report still to write, and so has one in six; what came last is not commented yet, and some ask for an instruction."""
    rows: list[Record] = []
    pages: dict[str, list[Day]] = defaultdict(list)
    for page in days:
        pages[page.rep.id].append(page)
    for index, rep in enumerate(company.staff.reps):
        mine = pages[rep.id]
        for kind in ("week", "month", "week_plan", "month_plan"):
            periods = sorted({period_of(kind, page.day) for page in mine}, key=lambda one: one.start)
            for period in periods:
                at = _handed_in(dice, kind, period, mine[0].day)
                last = period.end >= calendar.today - timedelta(days=8)
                lacks = kind == "week" and last and (index == 0 or index % 6 == 4)
                if not calendar.has_come(at) or lacks or (not last and dice.chance(0.08)):
                    continue
                report = _sum_up(session, dice, company, mine, kind, period, calendar)
                report.submitted_at, report.created_at, report.id = at, at, dice.id_at(at)
                rows.append(report)
                if kind == "week" and index % 4 == 1 and last:
                    report.asks = True
                    report.summary += words.ASKS.format(district=dice.pick(rep.districts).name)
                commented = dice.at(calendar.next_working_day(dice.day_of(at)), 9.0, 90)
                if not last and dice.chance(0.7) and calendar.has_come(commented):
                    rows += _commented(dice, report, rep, commented, dice.pick(words.SUM_UP_COMMENTS), mine[-1])
                elif kind == "month" and index % 3 == 0:
                    rows += _addressed(dice, report, company)
    return rows


def _handed_in(dice: Dice, kind: str, period: Period, first: date) -> datetime:
    """A report on the evening of its last working day, a plan on the morning of the first; not before there was work."""
    if kind in PLAN_KINDS:
        return dice.at(max(period.start, first), 8.1, 40)
    last: date = period.end if period.end.weekday() < 6 else period.end - timedelta(days=1)
    return dice.at(last, 18.3, 90)


def _sum_up(
    session: Session,
    dice: Dice,
    company: Company,
    pages: Sequence[Day],
    kind: str,
    period: Period,
    calendar: Calendar,
) -> WorkReport:
    rep = pages[0].rep
    counts = count(session, rep.id, period, calendar.zone)
    told = {
        "what": "周" if kind.startswith("week") else "月",
        "visits": counts["visits"], "new": counts["new_customers"], "orders": counts["orders"],
        "contacts": counts["contacts"], "product": dice.pick(company.catalog.products).name,
        "district": dice.pick(rep.districts).name,
    }  # fmt: skip
    plans = {"week_plan": words.WEEK_PLANS, "month_plan": words.MONTH_PLANS}
    plan = kind in PLAN_KINDS
    category = "市场动态" if dice.chance(0.25) else "常规"
    return WorkReport(
        kind=kind,
        report_date=period.start if plan else min(period.end, calendar.today),
        period_start=period.start,
        period_end=period.end,
        author_id=rep.id,
        summary=dice.pick(plans[kind] if plan else words.SUM_UPS).format(**told),
        next_plan=None if plan else dice.pick(words.NEXT_UP).format(**told),
        category_id=company.option("report_category", category),
        counts=counts,
        comment_count=0,
        created_by=rep.id,
    )


def _commented(dice: Dice, report: WorkReport, rep: Rep, at: datetime, text: str, page: Day) -> list[Record]:
    """The manager's word, and that he has read it."""
    report.comment_count = 1
    comment = ReportComment(
        id=dice.id_at(at),
        report_id=report.id,
        author_id=rep.id,
        commenter_id=rep.manager_id,
        text=text.format(district=page.district.name),
        created_at=at,
        created_by=rep.manager_id,
    )
    return [comment, _reader(dice, report, rep.manager_id, at, read_at=at)]


def _addressed(dice: Dice, report: WorkReport, company: Company) -> list[Record]:
    """For the office as well, which has not read it yet."""
    report.report_to = [company.staff.clerk_id]
    return [_reader(dice, report, company.staff.clerk_id, report.created_at, addressed=True)]


def _reader(
    dice: Dice,
    report: WorkReport,
    reader: str,
    at: datetime,
    *,
    read_at: datetime | None = None,
    addressed: bool = False,
) -> ReportReader:
    return ReportReader(
        id=dice.id_at(at), report_id=report.id, author_id=report.author_id, reader_id=reader, addressed=addressed,
        read_at=read_at, created_at=at, created_by=reader if read_at is not None else report.author_id,
    )  # fmt: skip


def _report(session: Session, dice: Dice, company: Company, page: Day, calendar: Calendar) -> WorkReport:
    following = page.rep.districts[(page.rep.districts.index(page.district) + 1) % len(page.rep.districts)]
    product = dice.pick(company.catalog.products).name
    is_next_day_worked = calendar.next_working_day(page.day) - page.day == timedelta(days=1)
    return WorkReport(
        kind="day",
        report_date=page.day,
        period_start=page.day,
        period_end=page.day,
        author_id=page.rep.id,
        summary=dice.pick(words.SUMMARIES).format(
            district=page.district.name, visits=len(page.visits), orders=page.orders, product=product
        ),
        next_plan=dice.pick(words.TOMORROWS).format(district=following.name),
        next_customers=page.planned_next if is_next_day_worked and page.planned_next else None,
        counts=count(session, page.rep.id, Period(page.day, page.day), calendar.zone),
        comment_count=0,
        created_by=page.rep.id,
    )
