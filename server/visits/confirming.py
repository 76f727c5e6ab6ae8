"""Visits that are confirmed (SY-10). A visit is a fact: nobody refuses or changes it; who is asked says what he finds of it,
and what was sent back goes on its way again with better notes."""

from typing import Any

from server.approvals.kinds import Fact, fact_of
from server.approvals.reviews import Content, ReviewedArgs, hand_in, reviewable
from server.customers.models import Customer
from server.records.commands import Context, command
from server.records.fields import L
from server.visits.models import Visit

_SHOWN = (
    "visitor_id", "visit_type_id", "checked_in_at", "duration_seconds", "distance", "place", "visited_person",
    "sales_stage_id", "content", "missing_photos",
)  # fmt: skip


def _content(context: Context, visit: Visit) -> Content:
    customer = context.find(Customer, visit.customer_id)
    day = visit.checked_in_at.astimezone(context.zone).date().isoformat() if visit.checked_in_at else ""
    facts = {
        "visit_type_id": visit.visit_type_id,
        "sales_stage_id": visit.sales_stage_id,
        "minutes": None if visit.duration_seconds is None else visit.duration_seconds // 60,
        "distance": visit.distance,
        "missing_photos": visit.missing_photos,
    }
    title = f"{customer.name if customer else ''} {day}".strip()
    return Content(title, facts, _SHOWN, visit.customer_id)


VISIT = reviewable(
    "visit.review",
    L("客户拜访", "客戶拜訪", "Visit"),
    Visit,
    "visit.confirm",
    {
        "visit_type_id": fact_of(Visit, "visit_type_id"),
        "sales_stage_id": fact_of(Visit, "sales_stage_id"),
        "minutes": Fact("number", L("停留时长（分钟）", "停留時長（分鐘）", "Duration (min)")),
        "distance": Fact("number", L("距客户（米）", "距客戶（公尺）", "Distance to customer (m)")),
        "missing_photos": fact_of(Visit, "missing_photos"),
    },
    _content,
)


def lay_before(context: Context, visit: Visit) -> None:
    """Hands a visit that has ended in to who confirms it, where the company wants that."""
    hand_in(context, VISIT, visit)


@command("visit.confirm", ReviewedArgs, internal=True)
def confirm(context: Context, args: ReviewedArgs) -> dict[str, Any]:
    """A visit was confirmed. 404 not_found."""
    return {"id": context.get(Visit, args.id).id}
