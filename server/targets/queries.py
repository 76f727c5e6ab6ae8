"""What people reached of their targets: counted from the work itself by the reports engine, so that each number has the
list behind it and everybody gets those of what he may see."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.people.models import Department, Employee, Role
from server.records.actor import Actor
from server.records.errors import NotFound
from server.records.fields import L
from server.records.rights import may_read
from server.records.values import to_wire
from server.records.visibility import visible
from server.reports.computing import Ask, compute, list_path
from server.reports.declaring import Measure, Report
from server.targets.models import AMOUNTS, GOALS, Target
from server.targets.periods import name_of
from server.visits.queries import Link
from server.worklogs.periods import Period, period_of

_COUNT = Measure("actual", "count", L("完成", "完成", "Reached"))


def _work(record: str, person: str, moment: str, field: str = "", **filters: str) -> tuple[str, Report]:
    measure = Measure("actual", "sum", _COUNT.label, field) if field else _COUNT
    report = Report(
        name=f"attainment.{record}", label=_COUNT.label, record=record, moment=moment, measures=(measure,),
        filters=filters, by=person,
    )  # fmt: skip
    return person, report


#: What counts toward each goal: of whom, and as which report. The same rows as in the numbers of a work report.
WORK: Mapping[str, tuple[str, Report]] = {
    "visits": _work("visit", "visitor_id", "checked_in_at"),
    "new_customers": _work("customer", "created_by", "filed_at"),
    "deal_amount": _work("order", "clerk_id", "ordered_at", "payable", state__ne="cancelled"),
    "received_amount": _work("payment", "operator_id", "paid_at", "amount", kind__ne="used"),
}


class Attained(msgspec.Struct):
    """A goal and what was reached of it. Amounts in CNY as strings; null where there is none or the reader may not read
    it. `rate`: 1.0 is all of it; null without a goal. `link`: the list of the rows that count."""

    name: str
    goal: int | str | None
    actual: int | str | None
    rate: float | None
    link: Link


class TargetState(msgspec.Struct):
    """The target of the period, also while it is a draft; goals count only from `in_force` on."""

    id: str
    state: str
    in_force: bool


class PersonAttainment(msgspec.Struct):
    employee_id: str
    name: str
    department_id: str
    position: str | None
    target: TargetState | None
    measures: list[Attained]


class DepartmentAttainment(msgspec.Struct):
    """A department with all that is below it. `people`: of how many the sums are; `with_target`: of how many of them the
    goals are."""

    department_id: str
    name: str
    parent_id: str | None
    people: int
    with_target: int
    measures: list[Attained]


class Attainment(msgspec.Struct):
    """`start`, `end`: first and last day. `at`: the moment it was counted."""

    kind: str
    period: str
    start: str
    end: str
    at: str
    departments: list[DepartmentAttainment]
    people: list[PersonAttainment]
    total: list[Attained]


Value = int | Decimal | None


def actuals(
    session: Session, actor: Actor, zone: ZoneInfo, period: Period, people: Sequence[str]
) -> dict[str, dict[str, Value]]:
    """What these people reached in a period, as far as the reader may see it: goal → person → number. A goal whose amounts
    or records he may not read at all is absent."""
    found: dict[str, dict[str, Value]] = {}
    for name, (person, report) in WORK.items():
        if not actor.can(f"{report.record}.view"):
            continue
        if not people:
            found[name] = {}
            continue
        ask = Ask(by=person, period=period, filters={f"{person}__in": ",".join(people)}, limit=len(people))
        result = compute(session, actor, zone, report, ask)
        if not result.measures[0].concealed:
            groups = zip(result.rows, result.cells, strict=True)
            found[name] = {row.key: cells[0][0] for row, cells in groups if row.key is not None}
    return found


def links(zone: ZoneInfo, period: Period, people: Iterable[str]) -> dict[str, Link]:
    """For each goal the list request that gives the rows that count, for these people."""
    who = ",".join(people)
    start, end = (str(to_wire(moment)) for moment in period.moments(zone))
    return {
        name: Link(
            list_path(report),
            {**report.filters, f"{person}__in": who, f"{report.moment}__ge": start, f"{report.moment}__lt": end},
        )
        for name, (person, report) in WORK.items()
    }


def _members(session: Session, actor: Actor, period: Period, department_id: str | None) -> Sequence[Any]:
    """Enabled people whose targets the actor may see: who drafts targets by his role, or has one."""
    scope = actor.scope("target.view")
    if scope is None:
        return []
    roles = session.execute(
        select(Role.id, Role.permissions, Role.is_administrator).where(visible(actor, Role))
    ).all()
    selling = [role.id for role in roles if not role.is_administrator and "target.create" in (role.permissions or {})]
    having = select(Target.person_id).where(visible(actor, Target), Target.start_date == period.start)
    statement = (
        select(Employee.id, Employee.real_name, Employee.department_id, Employee.position)
        .where(
            visible(actor, Employee),
            Employee.status == "enabled",
            Employee.role_id.in_(selling) | Employee.id.in_(having),
        )
        .order_by(Employee.real_name, Employee.id)
    )
    members = actor.members(scope)
    if members is not None:
        statement = statement.where(Employee.id.in_(sorted(members)))
    if department_id:
        statement = statement.where(Employee.department_id.in_(_below(_departments(session, actor), department_id)))
    return session.execute(statement).all()


def _departments(session: Session, actor: Actor) -> dict[str, Any]:
    rows = session.execute(
        select(Department.id, Department.name, Department.parent_id)
        .where(visible(actor, Department))
        .order_by(Department.name, Department.id)
    )
    return {row.id: row for row in rows}


def _below(departments: Mapping[str, Any], department_id: str) -> set[str]:
    """A department and everything below it."""
    found, fresh = {department_id}, {department_id}
    while fresh:
        fresh = {row.id for row in departments.values() if row.parent_id in fresh} - found
        found |= fresh
    return found


def attainment(
    session: Session, actor: Actor, zone: ZoneInfo, kind: str, day: date, department_id: str | None = None
) -> Attainment:
    """Everybody whose targets one may see, in the month, quarter or year that contains the day."""
    period = period_of(kind, day)
    people = _members(session, actor, period, department_id)
    ids = [person.id for person in people]
    targets = {
        target.person_id: target
        for target in session.scalars(
            select(Target).where(
                visible(actor, Target),
                Target.kind == kind,
                Target.start_date == period.start,
                Target.person_id.in_(ids),
            )
        )
    }
    reached = actuals(session, actor, zone, period, ids)
    made = _Making(actor, zone, period, targets, reached)
    departments = _departments(session, actor)
    return Attainment(
        kind, name_of(kind, period), period.start.isoformat(), period.end.isoformat(), _now(),
        _by_department(made, departments, people),
        [made.person(person) for person in people],
        made.measures(ids),
    )  # fmt: skip


def attainment_of(session: Session, actor: Actor, zone: ZoneInfo, target_id: str) -> PersonAttainment:
    """One target in its own period. Raises `NotFound` for one that one may not see."""
    target = session.scalar(select(Target).where(visible(actor, Target, [target_id])))
    if target is None:
        raise NotFound("not_found", record="target", id=target_id)
    period = Period(target.start_date, target.end_date)
    reached = actuals(session, actor, zone, period, [target.person_id])
    person = session.execute(
        select(Employee.id, Employee.real_name, Employee.department_id, Employee.position).where(
            visible(actor, Employee, [target.person_id])
        )
    ).one()
    return _Making(actor, zone, period, {target.person_id: target}, reached).person(person)


class _Making(msgspec.Struct):
    """Goals and what was reached, for one person or the sum of several."""

    actor: Actor
    zone: ZoneInfo
    period: Period
    targets: dict[str, Target]
    reached: dict[str, dict[str, Value]]

    def person(self, person: Any) -> PersonAttainment:
        target = self.targets.get(person.id)
        state = TargetState(target.id, target.state, target.approved_at is not None) if target is not None else None
        return PersonAttainment(
            person.id, person.real_name, person.department_id, person.position, state, self.measures([person.id])
        )

    def measures(self, people: Sequence[str]) -> list[Attained]:
        where = links(self.zone, self.period, people)
        return [self._measure(name, people, where[name]) for name in GOALS]

    def _measure(self, name: str, people: Sequence[str], link: Link) -> Attained:
        nothing: int | Decimal = Decimal("0.00") if name in AMOUNTS else 0
        goals = [getattr(self.targets[one], name) for one in people if self.in_force(one)]
        set_goals = [goal for goal in goals if goal is not None]
        goal = sum(set_goals, nothing) if set_goals and may_read(self.actor, Target, name) else None
        counted = self.reached.get(name)
        if counted is None:
            return Attained(name, to_wire(goal), None, None, link)
        actual = sum((value for one in people if (value := counted.get(one)) is not None), nothing)
        rate = float(round(Decimal(actual) / Decimal(goal), 4)) if goal else None
        return Attained(name, to_wire(goal), to_wire(actual), rate, link)

    def in_force(self, person_id: str) -> bool:
        target = self.targets.get(person_id)
        return target is not None and target.approved_at is not None


def _by_department(
    made: _Making, departments: Mapping[str, Any], people: Sequence[Any]
) -> list[DepartmentAttainment]:
    """The branches in which somebody is, from the top down."""
    found = []
    for row in departments.values():
        inside = _below(departments, row.id)
        ids = [person.id for person in people if person.department_id in inside]
        if ids:
            with_target = sum(made.in_force(one) for one in ids)
            parent = row.parent_id if row.parent_id in departments else None
            found.append(DepartmentAttainment(row.id, row.name, parent, len(ids), with_target, made.measures(ids)))
    return found


def _now() -> str:
    return str(to_wire(datetime.now(UTC)))
