"""Daily reports with the server's own numbers, and what the managers wrote below them."""

from datetime import timedelta

from sqlalchemy.orm import Session

from server.demo import words
from server.demo.calendar import Calendar
from server.demo.company import Company
from server.demo.diary import Day
from server.demo.dice import Dice
from server.records.record import Record
from server.worklogs.models import ReportComment, WorkReport
from server.worklogs.periods import Period
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
            report.comment_count = 1
            rows.append(
                ReportComment(
                    id=dice.id_at(commented),
                    report_id=report.id,
                    author_id=page.rep.id,
                    commenter_id=page.rep.manager_id,
                    text=dice.pick(words.COMMENTS).format(district=page.district.name),
                    created_at=commented,
                    created_by=page.rep.manager_id,
                )
            )
    return rows


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
