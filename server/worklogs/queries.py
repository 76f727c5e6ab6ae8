"""Who has handed in a report of a period and who has not yet."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.company.models import Company
from server.people.models import Employee, Role
from server.records.actor import Actor
from server.records.visibility import visible
from server.worklogs.models import ReportReader, WorkReport
from server.worklogs.periods import Period, period_of


class HandedIn(msgspec.Struct):
    """A person and his report; `report_id` is null for one who has handed in none yet. `read`: by the one who asks."""

    employee_id: str
    name: str
    department_id: str
    report_id: str | None
    submitted_at: Any
    comment_count: int
    read: bool


class Round(msgspec.Struct):
    """One kind of report in one period. `over`: its last day has passed. `asked_for`: somebody has to write one, which for
    daily reports is so on the company's working days only. `missing` counts the people without one, while it is so."""

    kind: str
    start: str
    end: str
    over: bool
    asked_for: bool
    missing: int
    people: list[HandedIn]


def handed_in(session: Session, actor: Actor, zone: ZoneInfo, kind: str, day: date, today: date) -> Round:
    """The people whose reports the actor may see and who write them, in the period that contains the day; who has not
    handed in comes first."""
    period = period_of(kind, day)
    _, over = period.moments(zone)
    there = _reports(session, actor, kind, period)
    read = set(
        session.scalars(
            select(ReportReader.report_id).where(
                visible(actor, ReportReader),
                ReportReader.reader_id == actor.employee_id,
                ReportReader.read_at.is_not(None),
                ReportReader.report_id.in_([report.id for report in there.values()]),
            )
        )
    )
    people = [_line(person, there.get(person.id), read) for person in _writers(session, actor, there, over)]
    people.sort(key=lambda one: one.report_id is not None)
    asked_for = period.start <= today and (kind != "day" or _works(session, actor, period.start))
    missing = sum(one.report_id is None for one in people) if asked_for else 0
    return Round(
        kind, period.start.isoformat(), period.end.isoformat(), period.end < today, asked_for, missing, people
    )


def _line(person: Any, report: Any, read: set[str]) -> HandedIn:
    who = (person.id, person.real_name, person.department_id)
    if report is None:
        return HandedIn(*who, None, None, 0, False)
    return HandedIn(*who, report.id, report.submitted_at, report.comment_count, report.id in read)


def _reports(session: Session, actor: Actor, kind: str, period: Period) -> dict[str, Any]:
    rows = session.execute(
        select(WorkReport.id, WorkReport.author_id, WorkReport.submitted_at, WorkReport.comment_count).where(
            visible(actor, WorkReport), WorkReport.kind == kind, WorkReport.period_start == period.start
        )
    )
    return {row.author_id: row for row in rows}


def _writers(session: Session, actor: Actor, there: dict[str, Any], over: datetime) -> Sequence[Any]:
    """Those in the actor's scope whose role writes reports and who have somebody that waits for one, as in the reminder;
    and whoever wrote one. Nobody lacks a report of a period that was over before he came. Not the actor."""
    roles = session.execute(select(Role.id, Role.permissions).where(visible(actor, Role)))
    writing = [role.id for role in roles if "worklog.create" in (role.permissions or {})]
    asked = Employee.role_id.in_(writing) & Employee.supervisor_id.is_not(None) & (Employee.status == "enabled")
    asked &= Employee.created_at < over
    members = actor.members(actor.scope("worklog.view") or "own")
    if members is not None:
        asked &= Employee.id.in_(sorted(members))
    return session.execute(
        select(Employee.id, Employee.real_name, Employee.department_id)
        .where(visible(actor, Employee), asked | Employee.id.in_(sorted(there)), Employee.id != actor.employee_id)
        .order_by(Employee.real_name, Employee.id)
    ).all()


def _works(session: Session, actor: Actor, day: date) -> bool:
    days = session.scalar(select(Company.work_days).where(visible(actor, Company)).limit(1))
    return day.isoweekday() in (days or ())
