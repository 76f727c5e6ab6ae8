"""The judgement of photos: gathers what the company knows, lets `media.evidence` judge, writes what it found.

A photo is judged when both its row and its bytes are there; either may come first. A manager's verdict is never
touched.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import and_, or_, select, text
from sqlalchemy.orm import Session

from media.evidence import Evidence, Place, Sighting, Thresholds, Verdict, judge
from media.images import Examination
from media.tokens import TimeTokens
from server.company.models import Company
from server.customers import service as customers
from server.customers.models import Customer
from server.people.models import Device
from server.photos.models import Photo, blob
from server.records.actor import SYSTEM
from server.records.audit import Cause
from server.records.commands import Context
from server.visits.models import Visit
from server.visits.service import roll_up
from sync import journal, positions

#: Under this name the writer's sessions carry the `TimeTokens` of the installation.
TIME_TOKENS = "time_tokens"

_encode = msgspec.json.Encoder().encode
_decode_examination = msgspec.json.Decoder(Examination).decode


@contextmanager
def as_system(context: Context, command: str) -> Iterator[Context]:
    """The same transaction with the system as the one who acts: the audit trail says that no person judged."""
    log = journal.of(context.session)
    context.session.flush()
    before = log.cause
    log.cause = Cause(SYSTEM.employee_id, command, context.now, context.device_id, context.op_id)
    try:
        yield replace(context, actor=replace(SYSTEM, device_id=context.device_id), command=command)
        context.session.flush()
    finally:
        log.cause = before


def lock_hash(session: Session, sha256: str) -> None:
    """On PostgreSQL a photo and its bytes may arrive in two transactions at once; one of them must see the other.

    SQLite has one writer and needs no lock.
    """
    if positions.is_postgresql(session):
        key = int.from_bytes(hashlib.sha256(sha256.encode()).digest()[:8], "big", signed=True)
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def store_examination(session: Session, examination: Examination, employee_id: str, now: datetime) -> bool:
    """Remembers that these bytes are in the store and what they are; False when they were known."""
    lock_hash(session, examination.sha256)
    if examination_of(session, examination.sha256) is not None:
        return False
    session.execute(
        blob.insert().values(
            sha256=examination.sha256,
            size=examination.size,
            examination=_encode(examination).decode(),
            uploaded_by=employee_id,
            uploaded_at=now,
        )
    )
    return True


def examination_of(session: Session, sha256: str) -> tuple[Examination, datetime] | None:
    """What was found about these bytes, and when they arrived; None while they have not."""
    row = session.execute(select(blob.c.examination, blob.c.uploaded_at).where(blob.c.sha256 == sha256)).first()
    return None if row is None else (_decode_examination(row.examination), row.uploaded_at)


def judge_photo(context: Context, photo: Photo) -> Verdict | None:
    """Judges one photo and writes verdict, measures and what follows for visit and customer.

    None when the bytes have not arrived; the photo then stays pending.
    """
    tokens: TimeTokens | None = context.session.info.get(TIME_TOKENS)
    found = examination_of(context.session, photo.sha256) if photo.sha256 else None
    if found is None or tokens is None:
        return None
    examination, uploaded_at = found
    verdict = judge(_evidence(context, photo, examination, tokens), _thresholds(context))
    write_verdict(photo, verdict, examination, uploaded_at)
    settle_visit(context, photo)
    return verdict


def write_verdict(photo: Photo, verdict: Verdict, examination: Examination, uploaded_at: datetime) -> None:
    """What the judgement found, on the photo: verdict, reasons, measures."""
    photo.verdict, photo.score = verdict.outcome, verdict.score
    photo.reasons = [_plain(found.code, found.weight, found.effect, found.detail) for found in verdict.reasons]
    photo.time_certainty = verdict.time.certainty if verdict.time else None
    photo.width, photo.height, photo.size = _upright(examination), _upright(examination, 1), examination.size
    photo.uploaded_at = uploaded_at
    if verdict.position is not None:
        photo.lat, photo.lng = verdict.position.lat, verdict.position.lng
        photo.accuracy = verdict.position.accuracy
    photo.distance = None if verdict.distance_m is None else round(verdict.distance_m, 1)


def without_bytes(photo: Photo, code: str, **detail: object) -> None:
    """A photo whose record does not even name its bytes can never be judged: unverified, with the reason."""
    photo.verdict, photo.score = "unverified", 40
    photo.reasons = [_plain(code, 50, "doubt", detail)]


def settle_visit(context: Context, photo: Photo) -> None:
    """Rolls the photos of the visit up, and takes a believable shop front as the customer's picture if he has none."""
    if photo.visit_id is None:
        return
    context.session.flush()
    visit = context.get(Visit, photo.visit_id)
    photos = context.session.scalars(select(Photo).where(Photo.visit_id == visit.id)).all()
    roll_up(visit, photos)
    if visit.evidence == "verified":
        fronts = [one for one in photos if one.kind == "storefront" and one.uploaded_at is not None]
        if fronts:
            customers.note_storefront(context, visit.customer_id, min(fronts, key=lambda one: one.id).id)


def _evidence(context: Context, photo: Photo, examination: Examination, tokens: TimeTokens) -> Evidence:
    device = context.find(Device, photo.device_id)
    customer = context.find(Customer, photo.customer_id)
    revoked_at = device.revoked_at if device else None
    if revoked_at is not None and revoked_at > photo.created_at:
        revoked_at = None  # it was still trusted when this arrived
    place = None
    if customer is not None and customer.geo_lat is not None and customer.geo_lng is not None:
        place = Place(customer.geo_lat, customer.geo_lng)
    return Evidence(
        photo_id=photo.id,
        examination=examination,
        capture=photo.capture,
        signature=photo.signature,
        device_id=photo.device_id or "",
        visit_id=photo.visit_id or "",
        customer_id=photo.customer_id,
        received_at=photo.created_at,
        tokens=tokens,
        device_key=device.public_key if device else None,
        revoked_at=revoked_at,
        former_customer_ids=frozenset(
            context.session.scalars(select(Customer.id).where(Customer.merged_into == photo.customer_id))
        ),
        customer_place=place,
        sightings=_sightings(context.session, photo),
    )


def _sightings(session: Session, photo: Photo) -> tuple[Sighting, ...]:
    """Earlier photos with the same bytes or capture number, of anybody in the company."""
    same = [Photo.sha256 == photo.sha256]
    if photo.capture_id:
        same.append(Photo.capture_id == photo.capture_id)
    earlier = or_(
        Photo.created_at < photo.created_at, and_(Photo.created_at == photo.created_at, Photo.id < photo.id)
    )
    rows = session.execute(
        select(Photo.id, Photo.visit_id, Photo.sha256)
        .where(or_(*same), earlier, Photo.id != photo.id)
        .order_by(Photo.created_at, Photo.id)
        .limit(20)
    )
    return tuple(Sighting(row.id, row.visit_id or "", row.sha256 or "") for row in rows)


def _thresholds(context: Context) -> Thresholds:
    metres = context.session.scalar(select(Company.geofence_metres).limit(1))
    return Thresholds() if metres is None else Thresholds(geofence_m=float(metres))


def _upright(examination: Examination, axis: int = 0) -> int | None:
    """Width (axis 0) or height (1) as the picture is shown, after the rotation that EXIF asks for."""
    sides = (examination.width, examination.height)
    return sides[1 - axis if (examination.exif.orientation or 1) >= 5 else axis]


def _plain(code: str, weight: int, effect: str, detail: dict[str, object]) -> dict[str, Any]:
    """A reason as JSON; PostgreSQL's JSONB has no NUL."""
    clean = {key: value.replace("\x00", "") if isinstance(value, str) else value for key, value in detail.items()}
    return {"code": code, "weight": weight, "effect": effect, "detail": clean}


def photos_of(session: Session, sha256: str) -> list[Photo]:
    """The photos that speak of these bytes, earliest first."""
    statement = select(Photo).where(Photo.sha256 == sha256).order_by(Photo.created_at, Photo.id)
    return list(session.scalars(statement))
