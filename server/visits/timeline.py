"""One person's day in the order it happened: visits, photos, orders, money, new customers, and the gaps between."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from media.geo import distance_m
from server.customers.models import Customer
from server.orders.models import Order, Payment
from server.photos.models import Photo
from server.records.actor import Actor
from server.records.rights import may_read
from server.records.values import to_wire
from server.records.visibility import checked, visible
from server.visits.models import Visit
from server.visits.queries import Day, Link, Position, links, team_member

#: More than anybody does in a day; a runaway integration must not make an endless page.
_MOST = 500


class Event(msgspec.Struct, omit_defaults=True):
    """Something that happened. `kind`: check_in, check_out, gap, photo, order, payment, customer, planned.

    Metres for distances, seconds for times, CNY as strings. `distance` of a visit or photo is to the customer's place;
    of a gap the straight line from where the last visit ended to where the next began. A gap without `seconds` follows a
    visit that nobody checked out of: how long it lasted is not known. The `state` of a payment is its kind.
    """

    kind: str
    at: str | None
    id: str | None = None
    customer_id: str | None = None
    customer: str | None = None
    visit_id: str | None = None
    lat: float | None = None
    lng: float | None = None
    accuracy: float | None = None
    distance: float | None = None
    seconds: int | None = None
    state: str | None = None
    evidence: str | None = None
    score: int | None = None
    missing: int | None = None  #: how many required photos the visit lacked when it ended
    photo_kind: str | None = None  #: a built-in kind, or the id of the company's own
    withdrawn: bool = False
    verdict: str | None = None
    overruled_to: str | None = None
    reasons: list[dict[str, Any]] | None = None
    number: str | None = None
    amount: str | None = None
    text: str | None = None


class PersonDay(msgspec.Struct):
    """`track`: the positions of the day in order. Between those of two visits nothing is known."""

    day: str
    employee_id: str
    name: str
    events: list[Event]
    track: list[Position]
    links: dict[str, Link]


def day_of_person(session: Session, actor: Actor, zone: ZoneInfo, employee_id: str, day: date) -> PersonDay:
    """The day as far as this actor may see it. Raises `NotFound` for people outside his scope."""
    person = team_member(session, actor, employee_id)
    moments = Day.of(day, zone)
    visits = session.scalars(
        select(Visit)
        .where(visible(actor, Visit), Visit.visitor_id == employee_id, moments.has(Visit.checked_in_at))
        .order_by(Visit.checked_in_at, Visit.id)
        .limit(_MOST)
    ).all()
    dated: list[tuple[datetime, int, Event]] = []
    for visit in visits:
        dated += _visit_events(visit)
    dated += _gaps(visits)
    dated += _photos(session, actor, employee_id, moments)
    dated += _business(session, actor, employee_id, moments)
    events = [event for _, _, event in sorted(dated, key=lambda entry: entry[:2])]
    events += _still_planned(session, actor, employee_id, day)
    _name_customers(session, actor, events)
    track = [
        Position(event.lat, event.lng, event.at or "")
        for event in events
        if event.kind in ("check_in", "check_out") and event.lat is not None and event.lng is not None
    ]
    return PersonDay(day.isoformat(), employee_id, person.real_name, events, track, links(moments, [employee_id]))


def _visit_events(visit: Visit) -> list[tuple[datetime, int, Event]]:
    """Where things happen at the same moment: in first, out last."""
    assert visit.checked_in_at is not None
    arrived = Event(
        kind="check_in",
        at=to_wire(visit.checked_in_at),
        id=visit.id,
        visit_id=visit.id,
        customer_id=visit.customer_id,
        lat=visit.in_lat,
        lng=visit.in_lng,
        accuracy=visit.in_accuracy,
        distance=visit.distance,
        state=visit.state,
        evidence=visit.evidence,
        score=visit.evidence_score,
        missing=visit.missing_photos or None,
        text=visit.content,
    )
    found = [(visit.checked_in_at, 1, arrived)]
    if visit.checked_out_at is not None:
        left = Event(
            kind="check_out",
            at=to_wire(visit.checked_out_at),
            id=visit.id,
            visit_id=visit.id,
            customer_id=visit.customer_id,
            lat=visit.out_lat,
            lng=visit.out_lng,
            seconds=visit.duration_seconds,
        )
        found.append((visit.checked_out_at, 3, left))
    return found


def _gaps(visits: Iterable[Visit]) -> list[tuple[datetime, int, Event]]:
    """The time between one visit's end and the next one's beginning, and how far apart they are."""
    found: list[tuple[datetime, int, Event]] = []
    last: Visit | None = None
    for visit in visits:
        assert visit.checked_in_at is not None
        if last is not None and last.checked_out_at is None:
            # Known only at its end: it stands right before the next visit.
            found.append((visit.checked_in_at, 0, Event(kind="gap", at=None, distance=_apart(last, visit))))
        elif last is not None and last.checked_out_at is not None and last.checked_out_at < visit.checked_in_at:
            seconds = int((visit.checked_in_at - last.checked_out_at).total_seconds())
            gap = Event(kind="gap", at=to_wire(last.checked_out_at), seconds=seconds, distance=_apart(last, visit))
            found.append((last.checked_out_at, 4, gap))
        last = visit
    return found


def _apart(last: Visit, following: Visit) -> float | None:
    lat, lng = (last.out_lat, last.out_lng) if last.out_lat is not None else (last.in_lat, last.in_lng)
    if lat is None or lng is None or following.in_lat is None or following.in_lng is None:
        return None
    return round(distance_m(lat, lng, following.in_lat, following.in_lng), 1)


def _photos(session: Session, actor: Actor, employee_id: str, day: Day) -> list[tuple[datetime, int, Event]]:
    rows = session.scalars(
        select(Photo)
        .where(checked(actor, Photo), Photo.taken_by == employee_id, day.has(Photo.taken_at))
        .order_by(Photo.taken_at, Photo.id)
        .limit(_MOST)
    )
    found = []
    for photo in rows:
        assert photo.taken_at is not None
        event = Event(
            kind="photo",
            at=to_wire(photo.taken_at),
            id=photo.id,
            visit_id=photo.visit_id,
            customer_id=photo.customer_id,
            lat=photo.lat,
            lng=photo.lng,
            accuracy=photo.accuracy,
            distance=photo.distance,
            photo_kind=photo.kind_id or photo.kind,
            withdrawn=photo.withdrawn_at is not None,
            verdict=photo.verdict,
            overruled_to=photo.overruled_to,
            score=photo.score,
            reasons=photo.reasons,
            text=photo.note,
        )
        found.append((photo.taken_at, 2, event))
    return found


def _business(session: Session, actor: Actor, employee_id: str, day: Day) -> list[tuple[datetime, int, Event]]:
    """Orders, receipts and new customers."""
    found: list[tuple[datetime, int, Event]] = []
    orders = select(
        Order.id, Order.customer_id, Order.visit_id, Order.ordered_at, Order.order_no, Order.payable, Order.state
    ).where(visible(actor, Order), Order.clerk_id == employee_id, day.has(Order.ordered_at))
    for row in session.execute(orders.limit(_MOST)):
        event = Event(
            kind="order",
            at=to_wire(row.ordered_at),
            id=row.id,
            customer_id=row.customer_id,
            visit_id=row.visit_id,
            number=row.order_no,
            amount=to_wire(row.payable) if may_read(actor, Order, "payable") else None,
            state=row.state,
        )
        found.append((row.ordered_at, 2, event))
    payments = select(Payment.id, Payment.customer_id, Payment.paid_at, Payment.amount, Payment.kind).where(
        visible(actor, Payment), Payment.operator_id == employee_id, day.has(Payment.paid_at)
    )
    for receipt in session.execute(payments.limit(_MOST)):
        event = Event(
            kind="payment",
            at=to_wire(receipt.paid_at),
            id=receipt.id,
            customer_id=receipt.customer_id,
            amount=to_wire(receipt.amount) if may_read(actor, Payment, "amount") else None,
            state=receipt.kind,
        )
        found.append((receipt.paid_at, 2, event))
    customers = select(Customer.id, Customer.filed_at).where(
        visible(actor, Customer), Customer.created_by == employee_id, day.has(Customer.filed_at)
    )
    for new in session.execute(customers.limit(_MOST)):
        event = Event(kind="customer", at=to_wire(new.filed_at), id=new.id, customer_id=new.id)
        found.append((new.filed_at, 0, event))
    return found


def _still_planned(session: Session, actor: Actor, employee_id: str, day: date) -> list[Event]:
    """What was planned for the day and has not happened."""
    rows = session.execute(
        select(Visit.id, Visit.customer_id, Visit.plan_note)
        .where(
            visible(actor, Visit),
            Visit.visitor_id == employee_id,
            Visit.planned_on == day,
            Visit.state == "planned",
        )
        .order_by(Visit.id)
        .limit(_MOST)
    )
    return [
        Event(kind="planned", at=None, id=row.id, visit_id=row.id, customer_id=row.customer_id, text=row.plan_note)
        for row in rows
    ]


def _name_customers(session: Session, actor: Actor, events: list[Event]) -> None:
    wanted = {event.customer_id for event in events if event.customer_id}
    rows = session.execute(
        select(Customer.id, Customer.name).where(visible(actor, Customer), Customer.id.in_(wanted))
    )
    names = {row.id: row.name for row in rows}
    for event in events:
        if event.customer_id:
            event.customer = names.get(event.customer_id)
