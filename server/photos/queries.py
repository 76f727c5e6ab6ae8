"""Reading pictures and verdicts: which bytes a photo is, and how far people's photos can be believed."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from server.people.models import Employee
from server.photos.models import Photo, blob
from server.photos.service import examination_of
from server.records.actor import Actor
from server.records.errors import NotFound
from server.records.visibility import checked, visible

_REASONS_SHOWN = 8
_SHOWN = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Picture:
    """`media_type` is None for bytes that no browser should be asked to draw."""

    sha256: str
    size: int
    media_type: str | None
    removed: bool = False  #: the original is past the age that the company keeps


def find_picture(session: Session, actor: Actor, photo_id: str) -> Picture:
    """The bytes of a photo that this actor may see. Raises `NotFound`: not_found, not_uploaded."""
    row = session.execute(select(Photo.sha256).where(visible(actor, Photo, [photo_id]))).first()
    if row is None:
        raise NotFound("not_found", record="photo", id=photo_id)
    found = examination_of(session, row.sha256) if row.sha256 else None
    if found is None:
        raise NotFound("not_uploaded", id=photo_id)
    examination = found[0]
    media_type = _SHOWN.get(examination.format or "") if examination.readable else None
    removed_at = session.scalar(select(blob.c.removed_at).where(blob.c.sha256 == row.sha256))
    return Picture(row.sha256, examination.size, media_type, removed_at is not None)


class RepTrust(msgspec.Struct):
    """How far one person's photos can be believed. `reasons`: the most frequent ones with how often; `overruled`: how
    many verdicts a manager replaced, `open_suspects` those nobody decided on yet."""

    employee_id: str
    name: str
    photos: int
    verified: int
    unverified: int
    suspect: int
    pending: int
    overruled: int
    open_suspects: int
    gallery: int
    average_score: float | None
    reasons: dict[str, int]


def trust_by_person(session: Session, actor: Actor, since: datetime, until: datetime) -> list[RepTrust]:
    """Photos taken in [since, until) of everybody whose photos one may see; the most suspects first."""
    final = func.coalesce(Photo.overruled_to, Photo.verdict)
    where = (checked(actor, Photo), Photo.taken_at >= since, Photo.taken_at < until)

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(case((condition, 1)))

    rows = session.execute(
        select(
            Photo.taken_by,
            func.count().label("photos"),
            *[number(final == name).label(name) for name in ("verified", "unverified", "suspect", "pending")],
            number(Photo.overruled_to.is_not(None)).label("overruled"),
            number((Photo.verdict == "suspect") & Photo.overruled_to.is_(None)).label("open_suspects"),
            number(Photo.source == "gallery").label("gallery"),
            func.avg(Photo.score).label("average"),
        )
        .where(*where)
        .group_by(Photo.taken_by)
    ).all()
    names = _names(session, actor, [row.taken_by for row in rows])
    why: dict[str, Counter[str]] = {}
    for taken_by, reasons in session.execute(
        select(Photo.taken_by, Photo.reasons).where(*where, Photo.verdict.in_(("unverified", "suspect")))
    ):
        why.setdefault(taken_by, Counter()).update({str(found["code"]) for found in reasons or ()})
    found = [
        RepTrust(
            row.taken_by,
            names.get(row.taken_by, ""),
            row.photos,
            row.verified,
            row.unverified,
            row.suspect,
            row.pending,
            row.overruled,
            row.open_suspects,
            row.gallery,
            None if row.average is None else round(float(row.average), 1),
            dict(why.get(row.taken_by, Counter()).most_common(_REASONS_SHOWN)),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.open_suspects, -one.suspect, -one.unverified, one.name))


def _names(session: Session, actor: Actor, ids: list[str]) -> dict[str, str]:
    rows = session.execute(
        select(Employee.id, Employee.real_name).where(Employee.id.in_(ids), visible(actor, Employee))
    )
    return {row.id: row.real_name for row in rows}
