"""What the company knows that bears on one photo: everything `media.evidence` may look at."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from media.capture import CaptureError, CaptureRecord, Sample, parse_capture
from media.evidence import Evidence, Place, Sighting, Stop, Thresholds
from media.facts import best_fix
from media.images import Examination
from media.timing import TimeLimits
from media.tokens import TimeTokens
from server.company.models import Company
from server.customers.models import Customer
from server.customers.service import successor
from server.people.models import Device
from server.photos.alike import earlier_than, lookalikes
from server.photos.models import Photo
from server.records.commands import Context
from server.visits.models import Visit

STOPS_EACH_WAY = 3
#: How long a device keeps old server times at most, for all that is looked at.
TOKEN_DAYS = 30
#: Reasons that say a photo's own time or place is not to be built upon.
_SHAKY = {
    "far_from_customer", "position_false", "position_jump", "position_copied", "accuracy_impossible", "position_weak",
    "before_token", "after_receipt", "uptime_impossible", "clock_reset", "outside_visit",
}  # fmt: skip


# unrestricted: the company's rules are no secret
def thresholds(session: Session) -> tuple[Thresholds, int]:
    """The company's settings, and how many bits of 64 two pictures may differ to be compared (0: not at all)."""
    row = session.execute(
        select(
            Company.geofence_metres,
            Company.stale_position_seconds,
            Company.offline_hours,
            Company.clock_tolerance_minutes,
            Company.travel_kmh,
            Company.picture_distance,
        ).limit(1)
    ).first()
    if row is None:
        return Thresholds(), 0
    return Thresholds(
        geofence_m=float(row.geofence_metres),
        stale_position=timedelta(seconds=row.stale_position_seconds),
        travel_kmh=float(row.travel_kmh),
        time=TimeLimits(
            clock_tolerance=timedelta(minutes=row.clock_tolerance_minutes),
            offline=timedelta(hours=row.offline_hours),
        ),
    ), row.picture_distance


def evidence(
    context: Context, photo: Photo, examination: Examination, tokens: TimeTokens, limits: Thresholds, most: int
) -> Evidence:
    """Everything that is known for the judgement of one photo, as of when its record arrived."""
    session = context.session
    device = context.find(Device, photo.device_id)
    visit = context.find(Visit, photo.visit_id)
    customer = context.find(Customer, successor(context, photo.customer_id))
    record = _record(photo)
    revoked_at = device.revoked_at if device else None
    if revoked_at is not None and revoked_at > photo.created_at:
        revoked_at = None  # it was still trusted when this arrived
    fix = best_fix(record, limits) if record is not None and record.source == "camera" else None
    return Evidence(
        photo_id=photo.id,
        examination=examination,
        capture=photo.capture,
        signature=photo.signature,
        device_id=photo.device_id or "",
        visit_id=photo.visit_id or "",
        customer_id=customer.id if customer else photo.customer_id,
        received_at=photo.created_at,
        tokens=tokens,
        device_key=device.public_key if device else None,
        revoked_at=revoked_at,
        former_customer_ids=_former(context, photo, record, customer),
        customer_place=_place(customer, photo),
        visit_from=visit.checked_in_at if visit else None,
        visit_to=visit.checked_out_at if visit else None,
        newest_token=_newest_token(session, photo),
        sightings=_sightings(session, photo),
        lookalikes=lookalikes(session, photo, most),
        same_spot=_same_spot(session, photo, fix),
        stops=_stops(session, photo) if fix is not None else (),
    )


def _record(photo: Photo) -> CaptureRecord | None:
    try:
        return parse_capture(photo.capture) if photo.capture is not None else None
    except CaptureError:
        return None


def _former(
    context: Context, photo: Photo, record: CaptureRecord | None, customer: Customer | None
) -> frozenset[str]:
    """Other names under which this customer was known to a phone: duplicates that were merged into it meanwhile."""
    asked = {photo.customer_id, *([record.customer_id] if record else [])}
    now = customer.id if customer else photo.customer_id
    return frozenset(one for one in asked if one != now and successor(context, one) == now)


def _place(customer: Customer | None, photo: Photo) -> Place | None:
    if customer is None or customer.geo_lat is None or customer.geo_lng is None:
        return None
    own = customer.place_photo == photo.id
    return Place(customer.geo_lat, customer.geo_lng, known_since=None if own else customer.created_at)


# unrestricted: from here on, the system looks at everybody's photos
def _sightings(session: Session, photo: Photo) -> tuple[Sighting, ...]:
    """Earlier photos with the same bytes or capture number, of anybody in the company."""
    same: list[ColumnElement[bool]] = [Photo.sha256 == photo.sha256]
    if photo.capture_id:
        same.append(Photo.capture_id == photo.capture_id)
    rows = session.execute(
        select(Photo.id, Photo.visit_id, Photo.sha256)
        .where(or_(*same), earlier_than(photo), Photo.id != photo.id)
        .order_by(Photo.created_at, Photo.id)
        .limit(20)
    )
    return tuple(Sighting(row.id, row.visit_id or "", row.sha256 or "") for row in rows)


# unrestricted: see above
def _newest_token(session: Session, photo: Photo) -> datetime | None:
    """The newest server time the device is known to have had when it claims to have taken this photo."""
    if photo.device_id is None or photo.taken_at is None:
        return None
    return session.scalar(
        select(func.max(Photo.token_at)).where(
            Photo.device_id == photo.device_id,
            Photo.taken_at < photo.taken_at,
            Photo.taken_at > photo.taken_at - timedelta(days=TOKEN_DAYS),
            earlier_than(photo),
            Photo.verdict != "suspect",
        )
    )


# unrestricted: see above
def _same_spot(session: Session, photo: Photo, fix: Sample | None) -> int:
    if fix is None:
        return 0
    return int(
        session.scalar(
            select(func.count(func.distinct(Photo.customer_id))).where(
                Photo.lat == fix.lat,
                Photo.lng == fix.lng,
                Photo.customer_id != photo.customer_id,
                earlier_than(photo),
            )
        )
        or 0
    )


# unrestricted: see above
def _stops(session: Session, photo: Photo) -> tuple[Stop, ...]:
    """Where the same employee was shortly before and after, by photos whose own time and place are not doubted."""
    if photo.taken_at is None:
        return ()
    known = select(Photo).where(
        Photo.taken_by == photo.taken_by,
        Photo.visit_id != photo.visit_id,
        Photo.lat.is_not(None),
        Photo.verdict.in_(("verified", "unverified")),
        Photo.source == "camera",
        earlier_than(photo),
    )
    day = timedelta(days=1)
    before = known.where(Photo.taken_at <= photo.taken_at, Photo.taken_at > photo.taken_at - day)
    after = known.where(Photo.taken_at > photo.taken_at, Photo.taken_at < photo.taken_at + day)
    rows = [
        *session.scalars(before.order_by(Photo.taken_at.desc()).limit(STOPS_EACH_WAY)),
        *session.scalars(after.order_by(Photo.taken_at).limit(STOPS_EACH_WAY)),
    ]
    return tuple(_as_stops(rows))


def _as_stops(photos: Iterable[Photo]) -> Iterable[Stop]:
    for one in photos:
        if any(found.get("code") in _SHAKY for found in one.reasons or ()):
            continue
        if one.taken_at is not None and one.lat is not None and one.lng is not None:
            exact = one.time_certainty == "exact"
            yield Stop(one.id, one.taken_at, one.lat, one.lng, one.accuracy or 0.0, exact)
