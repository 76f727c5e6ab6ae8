"""Whether a visit that has ended shows what its type asks for. It counts anyway: what is missing is told, never refused."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from server.photos.models import Photo
from server.records.commands import Context
from server.visits.models import Visit, VisitType


# unrestricted: the company's rules are no secret, and the photos are those of a visit that the caller holds
def note_missing(context: Context, visit: Visit) -> None:
    """Writes how many required photos it lacks, by what its type (without one: the default) asks for today.

    To be called where the visit ends and where its photos or its type change, so that a type that is made stricter later
    does not mark visits of the past.
    """
    if visit.state != "done":
        return
    context.session.flush()
    chosen = VisitType.id == visit.visit_type_id if visit.visit_type_id else VisitType.is_default.is_(True)
    needs = context.session.scalar(select(VisitType.photos).where(chosen).limit(1)) or []
    rows = context.session.execute(
        select(Photo.kind, Photo.kind_id).where(Photo.visit_id == visit.id, Photo.withdrawn_at.is_(None))
    )
    visit.missing_photos = lacking(needs, [row.kind_id or row.kind for row in rows])


def lacking(needs: Iterable[Mapping[str, Any]], kinds: Iterable[str]) -> int:
    """How many photos are missing where these kinds are required (`VisitType.photos`) and those were taken."""
    taken = Counter(kinds)
    return sum(max(0, int(need["required"]) - taken[need["kind"]]) for need in needs)
