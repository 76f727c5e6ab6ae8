"""Whether a visit that has ended shows what its type asks for. It counts anyway: what is missing is told, never refused."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from server.photos.models import Photo
from server.records.commands import Context
from server.records.loading import QUIETLY, flush_for
from server.visits.models import Visit, VisitType
from sync.statements import Statement


def note_missing(context: Context, visit: Visit) -> None:
    """Writes how many required photos it lacks, by what its type (without one: the default) asks for today.

    To be called where the visit ends and where its photos or its type change, so that a type that is made stricter later
    does not mark visits of the past.
    """
    if visit.state != "done":
        return
    needs = [need for need in _needs(context, visit.visit_type_id) if need["required"]]
    visit.missing_photos = lacking(needs, _taken(context, visit.id)) if needs else 0


# unrestricted: the company's rules are no secret
def _needs(context: Context, type_id: str | None) -> list[Mapping[str, Any]]:
    """What a type asks for; asked once for a batch of commands, unless one of them changes a type (`types.py`)."""
    known: dict[str | None, list[Mapping[str, Any]]] = context.memory.setdefault("photo_needs", {})
    if type_id not in known:
        flush_for(context.session, VisitType)
        chosen = VisitType.id == type_id if type_id else VisitType.is_default.is_(True)
        known[type_id] = (
            context.session.scalar(select(VisitType.photos).where(chosen).limit(1), execution_options=QUIETLY) or []
        )
    return known[type_id]


#: For the end of every visit.
_PHOTOS = Statement("SELECT kind, kind_id FROM photo WHERE visit_id = :visit AND withdrawn_at IS NULL")


# unrestricted: the photos are those of a visit that the caller holds
def _taken(context: Context, visit_id: str) -> list[str]:
    session = context.session
    flush_for(session, Photo)
    return [kind_id or kind for kind, kind_id in _PHOTOS.rows(session, visit=visit_id)]


def lacking(needs: Iterable[Mapping[str, Any]], kinds: Iterable[str]) -> int:
    """How many photos are missing where these kinds are required (`VisitType.photos`) and those were taken."""
    taken = Counter(kinds)
    return sum(max(0, int(need["required"]) - taken[need["kind"]]) for need in needs)
