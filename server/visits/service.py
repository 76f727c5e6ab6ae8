"""What other areas may ask of visits: planning one, and the roll-up of its photos."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol

from sqlalchemy import select

from server.customers.models import Customer
from server.records.commands import Context
from server.records.ids import uuid7
from server.visits.models import Visit

#: A visit is as believable as its least believable photo.
_WORST_FIRST = ("suspect", "unverified", "pending", "verified")


class Judged(Protocol):
    """A photo with its verdict, as the roll-up needs it."""

    verdict: str
    overruled_to: str | None
    score: int | None
    withdrawn_at: datetime | None


def plan_visit(
    context: Context, customer_id: str, day: date, note: str | None = None, visit_id: str | None = None
) -> Visit:
    """A planned visit of the actor. Raises `NotFound` or `Forbidden` for a customer that is not the actor's to visit."""
    context.need(Customer, customer_id)
    return context.add(
        Visit(
            id=visit_id or uuid7(),
            customer_id=customer_id,
            visitor_id=context.actor.employee_id,
            state="planned",
            planned_on=day,
            plan_note=note,
            evidence="none",
            photo_count=0,
            received_at=context.now,
        )
    )


def is_planned(context: Context, customer_id: str, day: date) -> bool:
    """Whether the actor already has this customer in the plan of that day."""
    found = select(Visit.id).where(
        Visit.visitor_id == context.actor.employee_id,
        Visit.customer_id == customer_id,
        Visit.planned_on == day,
        Visit.state != "dropped",
    )
    return context.session.scalar(found.limit(1)) is not None


def speaks(photo: Judged) -> bool:
    """Whether a photo counts for its visit: one that was withdrawn does not, unless it is suspect. Nobody gets rid of an
    accusation by taking a better photo."""
    return photo.withdrawn_at is None or (photo.overruled_to or photo.verdict) == "suspect"


def roll_up(visit: Visit, photos: Iterable[Judged]) -> None:
    """Writes what the photos say of the visit: the worst verdict, the lowest score, how many there are.

    A manager's verdict counts instead of the server's.
    """
    found = [photo for photo in photos if speaks(photo)]
    verdicts = {photo.overruled_to or photo.verdict for photo in found}
    scores = [photo.score for photo in found if photo.score is not None]
    visit.evidence = next((verdict for verdict in _WORST_FIRST if verdict in verdicts), "none")
    visit.evidence_score = min(scores, default=None)
    visit.photo_count = len(found)
