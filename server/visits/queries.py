"""What a manager reads of a day: the team in numbers, each with the list behind it.

Every number is one grouped query over what the reader may see; nothing here walks over rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from server.customers.models import Customer
from server.orders.models import Order, Payment
from server.people.models import Department, Employee, Role
from server.photos.models import Photo
from server.records.actor import Actor
from server.records.aside import aside
from server.records.errors import NotFound
from server.records.rights import may_read
from server.records.values import to_wire
from server.records.visibility import checked, visible
from server.visits.models import Visit
from server.worklogs.models import WorkReport
from server.worklogs.periods import period_of


class Link(msgspec.Struct):
    """The list request that reproduces a number."""

    path: str
    params: dict[str, str]


class Position(msgspec.Struct):
    """The last place a rep was seen at, WGS-84; only check-ins and check-outs tell."""

    lat: float
    lng: float
    at: str


class Numbers(msgspec.Struct):
    """Counts of a day. Amounts in CNY as strings, null for who may not read them; `valid_rate` from 0 to 1, null without visits."""

    planned: int = 0
    planned_done: int = 0
    visits: int = 0
    valid_visits: int = 0
    valid_rate: float | None = None
    incomplete_visits: int = 0
    new_customers: int = 0
    orders: int = 0
    order_amount: str | None = "0.00"
    payments: int = 0
    payment_amount: str | None = "0.00"
    reports: int = 0
    suspect_photos: int = 0

    def is_out(self) -> bool:
        """Whether the person was, or means to be, in the field."""
        return any((self.planned, self.visits, self.new_customers, self.orders, self.payments))


class RepDay(msgspec.Struct):
    """One rep's day. `links` has a list request for each number, by its name."""

    employee_id: str
    name: str
    department_id: str
    numbers: Numbers
    links: dict[str, Link]
    report_id: str | None = None
    report_comments: int = 0
    position: Position | None = None
    last_seen_at: str | None = None


class TeamDay(msgspec.Struct):
    """The team's business day."""

    day: str
    reps: list[RepDay]
    totals: Numbers
    links: dict[str, Link]


@dataclass(frozen=True, slots=True)
class Day:
    """A business day as moments."""

    on: date
    start: datetime
    end: datetime

    @classmethod
    def of(cls, day: date, zone: ZoneInfo) -> "Day":
        return cls(day, *period_of("day", day).moments(zone))

    def has(self, column: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        return (column >= self.start) & (column < self.end)

    def params(self, field: str) -> dict[str, str]:
        return {f"{field}__ge": str(to_wire(self.start)), f"{field}__lt": str(to_wire(self.end))}


def team_members(session: Session, actor: Actor, department_id: str | None = None) -> Sequence[Any]:
    """Enabled people whose visits this actor may see and who make visits: id, real_name, department_id."""
    scope = actor.scope("visit.view")
    if scope is None:
        return []
    roles = session.execute(select(Role.id, Role.permissions).where(visible(actor, Role))).all()
    visiting = [role.id for role in roles if "visit.create" in (role.permissions or {})]
    statement = (
        select(Employee.id, Employee.real_name, Employee.department_id, Employee.role_id)
        .where(visible(actor, Employee), Employee.status == "enabled", Employee.role_id.in_(visiting))
        .order_by(Employee.real_name, Employee.id)
    )
    members = actor.members(scope)
    if members is not None:
        statement = statement.where(Employee.id.in_(sorted(members)))
    if department_id:
        statement = statement.where(Employee.department_id.in_(_with_below(session, actor, department_id)))
    return session.execute(statement).all()


def _leaders(session: Session, actor: Actor) -> set[str]:
    """Roles that see other people's visits: who has one is part of the team's day only on days in the field."""
    roles = session.execute(select(Role.id, Role.permissions).where(visible(actor, Role)))
    return {role.id for role in roles if (role.permissions or {}).get("visit.view", "own") != "own"}


def _with_below(session: Session, actor: Actor, department_id: str) -> set[str]:
    """A department and everything below it."""
    parents = {
        row.id: row.parent_id
        for row in session.execute(select(Department.id, Department.parent_id).where(visible(actor, Department)))
    }
    found, fresh = {department_id}, {department_id}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


def team_today(
    session: Session, actor: Actor, zone: ZoneInfo, day: date, department_id: str | None = None
) -> TeamDay:
    """The team's day: per rep and in total, with the list behind each number."""
    moments = Day.of(day, zone)
    people = team_members(session, actor, department_id)
    ids = [person.id for person in people]
    numbers = {person_id: Numbers() for person_id in ids}
    for statement, names in _counted(actor, moments, ids):
        for person_id, *values in session.execute(statement):
            for name, value in zip(names, values, strict=True):
                setattr(numbers[person_id], name, _amount(value) if name.endswith("_amount") else int(value or 0))
    leaders = _leaders(session, actor)
    people = [person for person in people if person.role_id not in leaders or numbers[person.id].is_out()]
    ids = [person.id for person in people]
    numbers = {person_id: numbers[person_id] for person_id in ids}
    reports = _reports(session, actor, day, ids)
    seen = _last_seen(session, actor, moments, ids)
    reps = []
    for person in people:
        found = numbers[person.id]
        found.valid_rate = _rate(found)
        report = reports.get(person.id)
        found.reports = int(report is not None)
        position, last_seen_at = seen.get(person.id, (None, None))
        reps.append(
            RepDay(
                employee_id=person.id,
                name=person.real_name,
                department_id=person.department_id,
                numbers=found,
                links=links(moments, [person.id]),
                report_id=report.id if report else None,
                report_comments=report.comment_count if report else 0,
                position=position,
                last_seen_at=last_seen_at,
            )
        )
    totals = _total(list(numbers.values()))
    _conceal(actor, [*numbers.values(), totals])
    return TeamDay(day.isoformat(), reps, totals, links(moments, ids))


def _counted(actor: Actor, day: Day, ids: list[str]) -> list[tuple[Any, tuple[str, ...]]]:
    """The grouped queries: person first, then the numbers of these names. The day finds the rows: of a
    person there are years."""
    visits = (
        select(
            Visit.visitor_id,
            func.count(),
            func.count(case((Visit.evidence == "verified", 1))),
            func.count(case((Visit.missing_photos > 0, 1))),
        )
        .where(checked(actor, Visit), Visit.visitor_id.in_(ids), day.has(Visit.checked_in_at))
        .group_by(Visit.visitor_id)
    )
    planned = (
        select(Visit.visitor_id, func.count(), func.count(Visit.checked_in_at))
        .where(
            checked(actor, Visit),
            aside(Visit.visitor_id.in_(ids), Visit),
            Visit.planned_on == day.on,
            Visit.state != "dropped",
        )
        .group_by(Visit.visitor_id)
    )
    customers = (
        select(Customer.created_by, func.count())
        .where(checked(actor, Customer), aside(Customer.created_by.in_(ids), Customer), day.has(Customer.filed_at))
        .group_by(Customer.created_by)
    )
    orders = (
        select(Order.clerk_id, func.count(), func.sum(Order.payable))
        .where(
            checked(actor, Order),
            aside(Order.clerk_id.in_(ids), Order),
            day.has(Order.ordered_at),
            Order.state != "cancelled",
        )
        .group_by(Order.clerk_id)
    )
    payments = (
        select(Payment.operator_id, func.count(), func.sum(Payment.amount))
        .where(
            checked(actor, Payment),
            aside(Payment.operator_id.in_(ids), Payment),
            day.has(Payment.paid_at),
            Payment.kind != "used",
        )
        .group_by(Payment.operator_id)
    )
    photos = (
        select(Photo.taken_by, func.count())
        .where(
            checked(actor, Photo),
            aside(Photo.taken_by.in_(ids), Photo),
            day.has(Photo.taken_at),
            aside(Photo.verdict == "suspect", Photo),
            Photo.overruled_to.is_(None),
        )
        .group_by(Photo.taken_by)
    )
    return [
        (visits, ("visits", "valid_visits", "incomplete_visits")),
        (planned, ("planned", "planned_done")),
        (customers, ("new_customers",)),
        (orders, ("orders", "order_amount")),
        (payments, ("payments", "payment_amount")),
        (photos, ("suspect_photos",)),
    ]


def links(day: Day, ids: Sequence[str]) -> dict[str, Link]:
    """For each number the list request that gives the rows behind it, for these people."""
    who = ",".join(ids)
    visits = {"visitor_id__in": who, **day.params("checked_in_at")}
    planned = {"visitor_id__in": who, "planned_on": day.on.isoformat(), "state__ne": "dropped"}
    orders = {"clerk_id__in": who, **day.params("ordered_at"), "state__ne": "cancelled"}
    payments = {"operator_id__in": who, **day.params("paid_at"), "kind__ne": "used"}
    photos = {"taken_by__in": who, **day.params("taken_at"), "verdict": "suspect", "overruled_to__empty": "1"}
    return {
        "planned": Link("/api/visits", planned),
        "planned_done": Link("/api/visits", {**planned, "checked_in_at__empty": "0"}),
        "visits": Link("/api/visits", visits),
        "valid_visits": Link("/api/visits", {**visits, "evidence": "verified"}),
        "incomplete_visits": Link("/api/visits", {**visits, "missing_photos__gt": "0"}),
        "new_customers": Link("/api/customers", {"created_by__in": who, **day.params("filed_at")}),
        "orders": Link("/api/orders", orders),
        "payments": Link("/api/payments", payments),
        "reports": Link("/api/work-reports", {"author_id__in": who, "kind": "day", "period_start": str(day.on)}),
        "suspect_photos": Link("/api/photos", photos),
    }


def _reports(session: Session, actor: Actor, day: date, ids: list[str]) -> dict[str, Any]:
    """The daily reports of these people by author; there is one a day at most."""
    rows = session.execute(
        select(WorkReport.author_id, WorkReport.id, WorkReport.comment_count).where(
            visible(actor, WorkReport),
            WorkReport.author_id.in_(ids),
            WorkReport.kind == "day",
            WorkReport.period_start == day,
        )
    )
    return {row.author_id: row for row in rows}


def _last_seen(
    session: Session, actor: Actor, day: Day, ids: list[str]
) -> dict[str, tuple[Position | None, str | None]]:
    """Where and when each person last began or ended a visit on this day."""
    newest = func.row_number().over(partition_by=Visit.visitor_id, order_by=(Visit.checked_in_at.desc(), Visit.id))
    ranked = (
        select(
            Visit.visitor_id,
            Visit.checked_in_at,
            Visit.checked_out_at,
            Visit.in_lat,
            Visit.in_lng,
            Visit.out_lat,
            Visit.out_lng,
            newest.label("rank"),
        )
        .where(checked(actor, Visit), Visit.visitor_id.in_(ids), day.has(Visit.checked_in_at))
        .subquery()
    )
    found: dict[str, tuple[Position | None, str | None]] = {}
    for row in session.execute(select(ranked).where(ranked.c.rank == 1)):
        at = str(to_wire(row.checked_out_at or row.checked_in_at))
        if row.out_lat is not None:
            found[row.visitor_id] = Position(row.out_lat, row.out_lng, at), at
        elif row.in_lat is not None:
            found[row.visitor_id] = Position(row.in_lat, row.in_lng, str(to_wire(row.checked_in_at))), at
        else:
            found[row.visitor_id] = None, at
    return found


def _conceal(actor: Actor, numbers: list[Numbers]) -> None:
    """Takes out the sums of amounts that the reader may not read."""
    for name, record, field in (("order_amount", Order, "payable"), ("payment_amount", Payment, "amount")):
        if not may_read(actor, record, field):
            for one in numbers:
                setattr(one, name, None)


def _amount(value: Decimal | None) -> str:
    return str(to_wire(value if value is not None else Decimal("0.00")))


def _rate(numbers: Numbers) -> float | None:
    return round(numbers.valid_visits / numbers.visits, 4) if numbers.visits else None


def _total(parts: list[Numbers]) -> Numbers:
    total = Numbers()
    for name in Numbers.__struct_fields__:
        if name.endswith("_amount"):
            setattr(total, name, str(sum((Decimal(getattr(part, name)) for part in parts), Decimal("0.00"))))
        elif name != "valid_rate":
            setattr(total, name, sum(getattr(part, name) for part in parts))
    total.valid_rate = _rate(total)
    return total


def team_member(session: Session, actor: Actor, employee_id: str) -> Any:
    """One person whose days this actor may look at. Raises `NotFound`."""
    scope = actor.scope("visit.view")
    members = actor.members(scope) if scope else frozenset[str]()
    row = session.execute(
        select(Employee.id, Employee.real_name, Employee.department_id).where(visible(actor, Employee, [employee_id]))
    ).first()
    if row is None or (members is not None and employee_id not in members):
        raise NotFound("not_found", record="employee", id=employee_id)
    return row
