"""Writes of visits: plan, check in, notes, check out (BUSINESS.md, Visits).

A visit is a fact: it is kept whatever became of the customer meanwhile, with the phone's time and place. Nobody can
invent one unnoticed (VI-1) not because the desk is locked out, which a modified program would go around, but because
only signed photos from the place make a visit "verified"; time and place can be claimed once and never edited.
"""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec

from media.geo import distance_m, is_position
from server.customers import service as customers
from server.customers.models import Customer
from server.records.asked import check_asked
from server.records.commands import Context, command
from server.records.editing import check_id, on_edit, put_own, standard_commands
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L
from server.visits.completeness import note_missing
from server.visits.confirming import lay_before
from server.visits.models import Visit, VisitType
from server.visits.service import plan_visit

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_MAX_ACCURACY = 1e7

error_texts(
    {
        "visit_not_planned": L(
            "只能取消还没有签到的拜访", "只能取消還沒有簽到的拜訪", "Only a visit that has not begun can be dropped"
        ),
        "visit_begun": L("这次拜访已经签到", "這次拜訪已經簽到", "This visit has already begun"),
        "visit_not_begun": L("这次拜访还没有签到", "這次拜訪還沒有簽到", "This visit has not begun yet"),
        "visit_of_another": L(
            "这是同事的拜访，您不能修改",
            "這是同事的拜訪，您不能修改",
            "This is a colleague's visit; you cannot change it",
        ),
        "visit_of_other_customer": L(
            "这次拜访属于另一位客户", "這次拜訪屬於另一位客戶", "This visit belongs to another customer"
        ),
        "already_checked_in": L(
            "已经签到过，保留第一次的时间和位置",
            "已經簽到過，保留第一次的時間和位置",
            "Checked in before; the first time and place are kept",
        ),
        "already_checked_out": L(
            "已经签退过，保留第一次的时间",
            "已經簽退過，保留第一次的時間",
            "Checked out before; the first time is kept",
        ),
    }
)

standard_commands(Visit, create=False, delete=False)


class PlanArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    customer_id: str
    planned_on: date
    plan_note: Annotated[str, msgspec.Meta(max_length=400)] | None = None


class DropArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str


class ArrangeArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`ids`: planned visits of that day in the order in which they are to be made."""

    day: date
    ids: Annotated[list[str], msgspec.Meta(max_length=200)]


class CheckInArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`id` is a planned visit or a new one. Position in WGS-84 degrees, accuracy in metres; absent without a fix.
    `visit_type_id`: one that does not exist is none, which is the default type."""

    id: str
    customer_id: str
    at: Moment
    lat: float | None = None
    lng: float | None = None
    accuracy: float | None = None
    visit_type_id: str | None = None


class CheckOutArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    at: Moment
    lat: float | None = None
    lng: float | None = None
    accuracy: float | None = None


@command("visit.plan", PlanArgs, permission="visit.create")
def plan(context: Context, args: PlanArgs) -> dict[str, Any]:
    """Plans a visit of one's own, or moves one that is planned to another day."""
    visit = context.find(Visit, check_id(args.id))
    if visit is None:
        visit = plan_visit(context, args.customer_id, args.planned_on, args.plan_note, args.id)
        return {"id": visit.id}
    _own(context, visit, args.customer_id)
    if visit.state not in ("planned", "dropped"):
        raise Rejected("visit_begun", field="id")
    if visit.planned_on != args.planned_on or visit.state == "dropped":
        visit.plan_order = None
    visit.state, visit.planned_on, visit.plan_note = "planned", args.planned_on, args.plan_note
    return {"id": visit.id}


@command("visit.drop", DropArgs, permission="visit.edit")
def drop(context: Context, args: DropArgs) -> dict[str, Any]:
    """Takes a planned visit off the plan; the visitor, or who may change his visits."""
    visit = context.need(Visit, args.id, "edit")
    _visitor_or_supervisor(context, visit)
    if visit.state not in ("planned", "dropped"):
        raise Rejected("visit_not_planned", field="id")
    visit.state = "dropped"
    return {"id": visit.id}


@command("visit.arrange", ArrangeArgs, permission="visit.create")
def arrange(context: Context, args: ArrangeArgs) -> dict[str, Any]:
    """Puts one's planned visits of a day in order. What has begun, was dropped or moved to another day meanwhile keeps what
    it has, and so does whatever is not named."""
    visits: dict[str, Visit] = {}
    for row_id in sorted(set(args.ids)):  # locked in one order, whoever arranges what
        there = context.find(Visit, row_id)
        if there is not None and there.visitor_id == context.actor.employee_id:
            visits[row_id] = context.get(Visit, row_id)
    mine = [visits[row_id] for row_id in dict.fromkeys(args.ids) if row_id in visits]
    arranged = [visit for visit in mine if visit.state == "planned" and visit.planned_on == args.day]
    for place, visit in enumerate(arranged, 1):
        visit.plan_order = place
    return {"arranged": len(arranged)}


@command("visit.check_in", CheckInArgs, permission="visit.create", fact=True)
def check_in(context: Context, args: CheckInArgs) -> dict[str, Any]:
    """Begins a visit, planned or not. Never refused for want of a position or because the customer changed hands."""
    visit = context.find(Visit, check_id(args.id))
    if visit is None:
        customer = context.need(Customer, args.customer_id)
        visit = context.add(
            Visit(
                id=args.id,
                customer_id=customer.id,
                visitor_id=context.actor.employee_id,
                evidence="none",
                photo_count=0,
            )
        )
        put_own(context, visit, {})
    else:
        _own(context, visit, args.customer_id)
        customer = context.get(Customer, visit.customer_id, lock=False)
    claimed = context.claimed_time(args.at)
    if visit.checked_in_at is not None:
        if visit.checked_in_at != claimed:
            context.report("merged", "already_checked_in")
        return {"id": visit.id}
    visit.state = "open"  # also one that was dropped: he went after all
    chosen = context.find(VisitType, args.visit_type_id)
    visit.visit_type_id = chosen.id if chosen else visit.visit_type_id
    visit.checked_in_at, visit.received_at = claimed, context.now
    place = _position(args)
    if place is not None:
        visit.in_lat, visit.in_lng = place
        visit.in_accuracy = args.accuracy if args.accuracy and 0 < args.accuracy <= _MAX_ACCURACY else None
        if customer.geo_lat is not None and customer.geo_lng is not None:
            visit.distance = round(distance_m(*place, customer.geo_lat, customer.geo_lng), 1)
            if customers.is_at(context, visit.distance, visit.in_accuracy):
                visit.place = customers.address_of(customer) or None
    return {"id": visit.id, "distance": visit.distance}


@command("visit.check_out", CheckOutArgs, permission="visit.create", fact=True)
def check_out(context: Context, args: CheckOutArgs) -> dict[str, Any]:
    """Ends a visit: its duration, and what it means for the customer (VI-3), once."""
    visit = context.get(Visit, args.id)
    _own(context, visit)
    if visit.checked_in_at is None:
        raise Rejected("visit_not_begun", field="id")
    # A clock that was set back during the visit must not make it end before it began.
    ended = max(context.claimed_time(args.at), visit.checked_in_at)
    if visit.checked_out_at is not None:
        if visit.checked_out_at != ended:
            context.report("merged", "already_checked_out")
        return {"id": visit.id, "duration_seconds": visit.duration_seconds}
    visit.state, visit.checked_out_at = "done", ended
    visit.duration_seconds = int((ended - visit.checked_in_at).total_seconds())
    place = _position(args)
    if place is not None:
        visit.out_lat, visit.out_lng = place
    note_missing(context, visit)
    check_asked(context, visit, fact=True)
    customers.note_visit(context, visit.customer_id, visit.checked_in_at, visit.sales_stage_id, visit.next_contact_at)
    lay_before(context, visit)
    return {"id": visit.id, "duration_seconds": visit.duration_seconds}


@on_edit(Visit)
def edited(context: Context, visit: Visit, changed: dict[str, tuple[Any, Any]]) -> None:
    """Notes may be completed after the visit. What the latest one says of stage and next contact reaches the customer."""
    if changed:
        _visitor_or_supervisor(context, visit)
    if "visit_type_id" in changed:
        note_missing(context, visit)
    news = {"sales_stage_id", "next_contact_at"} & set(changed)
    if visit.state != "done" or visit.checked_in_at is None or not news:
        return
    customer = context.get(Customer, visit.customer_id)
    if customer.last_visit_at is None or visit.checked_in_at >= customer.last_visit_at:
        customers.note_contact(
            context,
            customer.id,
            visit.checked_in_at,
            visit.sales_stage_id if "sales_stage_id" in news else None,
            visit.next_contact_at if "next_contact_at" in news else None,
        )


def _own(context: Context, visit: Visit, customer_id: str | None = None) -> None:
    """Only the visitor himself says when he came and left."""
    if visit.visitor_id != context.actor.employee_id and not context.actor.is_system:
        raise Forbidden("visit_of_another", id=visit.id)
    if customer_id is not None and visit.customer_id != customer_id:
        raise Rejected("visit_of_other_customer", field="customer_id")


def _visitor_or_supervisor(context: Context, visit: Visit) -> None:
    """Serving the same customer lets one read a colleague's visit, not rewrite it."""
    scope = context.actor.scope("visit.edit")
    members = context.actor.members(scope) if scope else frozenset[str]()
    if members is not None and visit.visitor_id not in members | {context.actor.employee_id}:
        raise Forbidden("visit_of_another", id=visit.id)


def _position(args: CheckInArgs | CheckOutArgs) -> tuple[float, float] | None:
    """The position as a phone can mean it; 0/0 and what is off the globe is none."""
    if args.lat is None or args.lng is None or not is_position(args.lat, args.lng):
        return None
    return args.lat, args.lng
