"""Judging photos again by the rules and the knowledge of today: first only to look, then to apply."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.customers.models import Customer
from server.database import Writer
from server.people.models import Employee
from server.photos.intake import judging_context
from server.photos.models import Photo
from server.photos.service import verdict_today
from server.records.commands import Context, run


@dataclass(frozen=True, slots=True)
class Judged:
    verdict: str
    score: int | None
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One photo whose verdict, score or reasons are others today. `taken` is UTC, ISO 8601."""

    photo_id: str
    taken: str
    employee: str
    customer: str
    before: Judged
    after: Judged

    @property
    def gone(self) -> list[str]:
        return [code for code in self.before.codes if code not in self.after.codes]

    @property
    def new(self) -> list[str]:
        return [code for code in self.after.codes if code not in self.before.codes]


def recheck(writer: Writer, *, apply: bool = False, batch: int = 50) -> Iterator[Difference]:
    """The photos that would be judged differently, oldest first; `apply` writes the new verdicts.

    A manager's verdict stays, and an accusation never comes from a photo that arrived later. Small transactions, so that nobody waits.
    """
    after = ""
    while True:
        job = partial(_batch, after=after, size=batch, apply=apply)
        last, found = writer.call(job)
        yield from found
        if last is None:
            return
        after = last


# unrestricted: the system judges everybody's photos
def _batch(session: Session, after: str, size: int, apply: bool) -> tuple[str | None, list[Difference]]:
    photos = session.scalars(select(Photo).where(Photo.id > after).order_by(Photo.id).limit(size)).all()
    found = []
    for photo in photos:
        context = judging_context(session)
        difference = _difference(context, photo)
        if difference is None:
            continue
        if apply:
            run(context, "photo.judge", 1, {"id": photo.id})
        found.append(difference)
    return (photos[-1].id if photos else None), found


# unrestricted: see above
def _difference(context: Context, photo: Photo) -> Difference | None:
    verdict = verdict_today(context, photo)
    if verdict is None:
        return None
    before = Judged(photo.verdict, photo.score, tuple(str(found["code"]) for found in photo.reasons or ()))
    after = Judged(verdict.outcome, verdict.score, tuple(found.code for found in verdict.reasons))
    if before == after:
        return None
    employee, customer = context.find(Employee, photo.taken_by), context.find(Customer, photo.customer_id)
    return Difference(
        photo.id,
        photo.taken_at.isoformat(timespec="minutes") if photo.taken_at else "-",
        employee.real_name if employee else photo.taken_by,
        customer.name if customer else photo.customer_id,
        before,
        after,
    )
