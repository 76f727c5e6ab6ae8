"""The judgement of photos: gathers what the company knows, lets `media.evidence` judge, writes what it found.

A photo is judged when both its row and its bytes are there; either may come first. A manager's verdict is never
touched.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from media.evidence import Verdict, judge
from media.images import Examination, Intake
from media.tokens import TimeTokens
from server.company.models import Company
from server.customers import service as customers
from server.customers.places import note_place
from server.photos.alike import file_fingerprint
from server.photos.known import evidence, thresholds
from server.photos.models import Photo, blob
from server.records.actor import SYSTEM
from server.records.audit import Cause
from server.records.commands import Context
from server.visits.models import Visit
from server.visits.reminders import tell_suspect
from server.visits.service import roll_up, speaks
from sync import journal, positions

#: Under this name the writer's sessions carry the `TimeTokens` of the installation.
TIME_TOKENS = "time_tokens"

#: Judgements run one after the other under this name: of two photos that arrive at once, one must see the other.
JUDGING = "photos"

_ATTENTION = {"suspect": 3, "unverified": 2, "pending": 1}
#: A position must be this good to become a customer's place.
_PLACE_ACCURACY_M = 50.0

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


def store_examination(session: Session, intake: Intake, employee_id: str, now: datetime) -> bool:
    """Remembers that these bytes are in the store, what they are and look like; False when they were known."""
    examination = intake.examination
    lock_hash(session, examination.sha256)
    if examination_of(session, examination.sha256) is not None:
        session.execute(update(blob).where(blob.c.sha256 == examination.sha256).values(removed_at=None))
        return False
    file_fingerprint(session, examination.sha256, intake.likeness)
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
    positions.serialize(context.session, JUDGING)
    examination, uploaded_at = found
    verdict = _judge(context, photo, examination, tokens)
    write_verdict(photo, verdict, examination, uploaded_at)
    settle_visit(context, photo)
    return verdict


def verdict_today(context: Context, photo: Photo) -> Verdict | None:
    """What `judge_photo` would say now, without writing anything."""
    tokens: TimeTokens | None = context.session.info.get(TIME_TOKENS)
    found = examination_of(context.session, photo.sha256) if photo.sha256 else None
    return None if found is None or tokens is None else _judge(context, photo, found[0], tokens)


def _judge(context: Context, photo: Photo, examination: Examination, tokens: TimeTokens) -> Verdict:
    limits, most = thresholds(context.session)
    return judge(evidence(context, photo, examination, tokens, limits, most), limits)


def write_verdict(photo: Photo, verdict: Verdict, examination: Examination, uploaded_at: datetime) -> None:
    """What the judgement found, on the photo: verdict, reasons, measures."""
    photo.verdict, photo.score = verdict.outcome, verdict.score
    photo.reasons = [_plain(found.code, found.weight, found.effect, found.detail) for found in verdict.reasons]
    time = verdict.time
    photo.time_certainty = time.certainty if time else None
    photo.not_before, photo.token_at = (time.not_before, time.token_at) if time else (None, None)
    note_attention(photo)
    photo.width, photo.height, photo.size = _upright(examination), _upright(examination, 1), examination.size
    photo.uploaded_at = uploaded_at
    if verdict.position is not None:
        photo.lat, photo.lng = verdict.position.lat, verdict.position.lng
        photo.accuracy = verdict.position.accuracy
    photo.distance = None if verdict.distance_m is None else round(verdict.distance_m, 1)


def note_attention(photo: Photo) -> None:
    """What a manager should look at first."""
    decided = photo.overruled_to is not None or not speaks(photo)
    photo.attention = 0 if decided else _ATTENTION.get(photo.verdict, 0)


def without_bytes(photo: Photo, code: str, **detail: object) -> None:
    """A photo whose record does not even name its bytes can never be judged: unverified, with the reason."""
    photo.verdict, photo.score = "unverified", 40
    photo.reasons = [_plain(code, 50, "doubt", detail)]
    note_attention(photo)


def settle_visit(context: Context, photo: Photo) -> None:
    """Rolls the photos of the visit up; a believed visit gives a customer without them a picture and a place."""
    if photo.visit_id is None:
        return
    context.session.flush()
    visit = context.get(Visit, photo.visit_id)
    photos = context.session.scalars(select(Photo).where(Photo.visit_id == visit.id)).all()
    roll_up(visit, photos)
    if visit.evidence == "suspect":
        tell_suspect(context, visit)
    if visit.evidence == "verified":
        fronts = [one for one in photos if one.kind == "storefront" and one.uploaded_at and one.withdrawn_at is None]
        if fronts:
            customers.note_storefront(context, visit.customer_id, min(fronts, key=lambda one: one.id).id)
        _note_place(context, visit.customer_id, photos)


# unrestricted: the company's rules are no secret
def _note_place(context: Context, customer_id: str, photos: Iterable[Photo]) -> None:
    """The best of the positions of a believed visit, if the company wants that."""
    good = [
        one
        for one in photos
        if one.lat is not None and one.verdict == "verified" and (one.accuracy or 1e9) <= _PLACE_ACCURACY_M
    ]
    if not good or not context.session.scalar(select(Company.place_from_visit).limit(1)):
        return
    best = min(good, key=lambda one: (one.accuracy or 0.0, one.id))
    assert best.lat is not None
    assert best.lng is not None
    note_place(context, customer_id, best.lat, best.lng, best.id)


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
