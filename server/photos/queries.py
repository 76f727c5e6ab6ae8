"""Reading pictures: which bytes a photo is, for those who may see it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.photos.models import Photo
from server.photos.service import examination_of
from server.records.actor import Actor
from server.records.errors import NotFound
from server.records.visibility import visible

_SHOWN = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


@dataclass(frozen=True, slots=True)
class Picture:
    """`media_type` is None for bytes that no browser should be asked to draw."""

    sha256: str
    size: int
    media_type: str | None


def find_picture(session: Session, actor: Actor, photo_id: str) -> Picture:
    """The bytes of a photo that this actor may see. Raises `NotFound`: not_found, not_uploaded."""
    row = session.execute(select(Photo.sha256).where(Photo.id == photo_id, visible(actor, Photo))).first()
    if row is None:
        raise NotFound("not_found", record="photo", id=photo_id)
    found = examination_of(session, row.sha256) if row.sha256 else None
    if found is None:
        raise NotFound("not_uploaded", id=photo_id)
    examination = found[0]
    media_type = _SHOWN.get(examination.format or "") if examination.readable else None
    return Picture(row.sha256, examination.size, media_type)
