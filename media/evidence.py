"""The judgement of one photo: can it be believed?

Two principles decide every threshold here. A *contradiction* that an honest phone does not produce accuses and makes
a photo `suspect`. *Missing proof* (no fix, weak GPS, days offline, no signature, a broken file) only makes it
`unverified`, because it happens to honest people every day. Field work is never refused: the outcome is a mark.

The checks run in the order of `CHECKS`. Each is a pure function of what is known; nothing here reads a clock, a file
or a database. Words and weights of all reasons: `media.reasons`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from media import geo
from media.capture import CaptureError, CaptureRecord, Sample, load_device_key, parse_capture, verify_signature
from media.exif import Exif
from media.images import Examination
from media.reasons import Reason, reason
from media.timing import TimeFinding, TimeLimits, find_time
from media.tokens import TimeTokens

Outcome: TypeAlias = Literal["verified", "unverified", "suspect"]

# The outcome can be read off the score, so that a list sorted by score has the suspects on one side.
_BANDS: dict[Outcome, tuple[int, int]] = {"verified": (80, 100), "unverified": (40, 79), "suspect": (0, 39)}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a company may tune. Metres and time spans."""

    geofence_m: float = 300.0
    weak_accuracy_m: float = 200.0
    stale_position: timedelta = timedelta(minutes=2)
    exif_time: timedelta = timedelta(seconds=2)  # EXIF keeps whole seconds
    exif_position_m: float = 30.0  # rounding to EXIF fractions stays far below
    time: TimeLimits = field(default_factory=TimeLimits)


DEFAULT_THRESHOLDS = Thresholds()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a customer is: WGS-84 degrees; `accuracy_m` when it comes from an address and not from standing there."""

    lat: float
    lng: float
    accuracy_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Sighting:
    """An *earlier* photo with the same bytes or the same capture id, by anyone, at any customer."""

    photo_id: str
    visit_id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the judgement may look at. The caller looks it up, the judgement believes none of it."""

    photo_id: str
    examination: Examination
    capture: str | None  # the record's text exactly as it came
    signature: str | None
    device_id: str  # the device that sent the photo
    visit_id: str
    customer_id: str
    received_at: datetime  # when the record arrived; the server's clock, with zone
    tokens: TimeTokens
    device_key: str | None = None  # SPKI in base64url, from enrolment
    revoked_at: datetime | None = None
    former_customer_ids: frozenset[str] = frozenset()  # of duplicates that were merged into this customer
    customer_place: Place | None = None
    sightings: tuple[Sighting, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The mark a photo gets. `reasons` is in the order of the checks; empty for a perfect photo."""

    outcome: Outcome
    score: int  # 0 to 100: verified from 80, unverified from 40
    reasons: tuple[Reason, ...]
    time: TimeFinding | None = None
    position: Sample | None = None  # the best fix of the moment
    distance_m: float | None = None  # to the customer's place
    capture_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Facts:
    """Evidence with what several checks need, worked out once."""

    given: Evidence
    limits: Thresholds
    record: CaptureRecord | None
    record_error: CaptureError | None
    time: TimeFinding | None
    time_reasons: tuple[Reason, ...]
    position: Sample | None

    @property
    def live(self) -> CaptureRecord | None:
        """The record of a photo the app's own camera took; a gallery file has no moment and place to check."""
        return self.record if self.record is not None and self.record.source == "camera" else None


def judge(evidence: Evidence, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> Verdict:
    """Runs all checks. Never raises, whatever the photo and the record contain."""
    facts = _gather(evidence, thresholds)
    reasons = tuple(found for check in CHECKS for found in check(facts))
    effects = {found.effect for found in reasons}
    outcome: Outcome = "suspect" if "accuse" in effects else "unverified" if "doubt" in effects else "verified"
    lowest, highest = _BANDS[outcome]
    place, at = evidence.customer_place, facts.position
    return Verdict(
        outcome,
        score=min(highest, max(lowest, 100 - sum(found.weight for found in reasons))),
        reasons=reasons,
        time=facts.time,
        position=at,
        distance_m=geo.distance_m(at.lat, at.lng, place.lat, place.lng) if at and place else None,
        capture_id=facts.record.capture_id if facts.record else None,
    )


def _gather(given: Evidence, limits: Thresholds) -> _Facts:
    record, record_error, time, time_reasons, position = None, None, None, list[Reason](), None
    if given.capture is not None:
        try:
            record = parse_capture(given.capture)
        except CaptureError as error:
            record_error = error
    if record is not None and record.source == "camera":
        time, time_reasons = find_time(record, given.tokens, given.received_at, limits.time)
        position = _best_fix(record, limits)
    return _Facts(given, limits, record, record_error, time, tuple(time_reasons), position)


def _best_fix(record: CaptureRecord, limits: Thresholds) -> Sample | None:
    """The most accurate fix of the moment; the first fixes of a cold start are cell towers, kilometres wide."""
    fresh = [s for s in _fixes(record) if abs(s.at - record.taken_at) <= limits.stale_position]
    return min(fresh, key=lambda s: s.accuracy, default=None)


def _fixes(record: CaptureRecord) -> list[Sample]:
    return [s for s in record.samples if geo.is_position(s.lat, s.lng)]


# --- the checks, in order ------------------------------------------------------------------------------------------


def check_picture(facts: _Facts) -> list[Reason]:
    """Size, magic bytes, dimensions and decoding, as `media.images` found them."""
    seen = facts.given.examination
    if seen.problems:
        return [reason(code) for code in seen.problems]
    if facts.live and seen.format != "jpeg":
        return [reason("not_jpeg", format=seen.format)]
    return []


def check_exif(facts: _Facts) -> list[Reason]:
    """EXIF is there and sane. The app writes it into every photo it takes."""
    exif = facts.given.examination.exif
    if facts.live is None or facts.given.examination.problems == ("too_large",):
        return []
    if exif.empty:
        return [reason("exif_damaged" if exif.damaged else "exif_missing")]
    reasons = [reason("exif_damaged")] if exif.damaged else []
    if exif.taken_at is None:
        reasons.append(reason("exif_no_time"))
    if exif.lat is None and _fixes(facts.live):
        reasons.append(reason("exif_no_position"))
    return reasons


def check_agreement(facts: _Facts) -> list[Reason]:
    """What EXIF says equals what the record says; EXIF alone can be edited, the record is what binds."""
    record, exif = facts.live, facts.given.examination.exif
    if record is None:
        return []
    reasons = []
    ids = {_bare(value) for value in (exif.image_unique_id, exif.user_comment) if value}
    if ids - {_bare(record.capture_id)}:
        reasons.append(reason("exif_other_capture"))
    apart = _time_apart(exif, record)
    if apart is not None and apart > facts.limits.exif_time:
        reasons.append(reason("exif_other_time", minutes=round(apart / timedelta(minutes=1), 1)))
    if exif.lat is not None and exif.lng is not None:
        metres = min((geo.distance_m(exif.lat, exif.lng, s.lat, s.lng) for s in _fixes(record)), default=None)
        if metres is None:
            reasons.append(reason("exif_extra_position"))
        elif metres > facts.limits.exif_position_m:
            reasons.append(reason("exif_other_position", distance_m=round(metres)))
    return reasons


def _bare(capture_id: str) -> str:
    return capture_id.replace("-", "").lower()


def _time_apart(exif: Exif, record: CaptureRecord) -> timedelta | None:
    if exif.taken_at is None:
        return None
    offset = record.offset_minutes if exif.offset_minutes is None else exif.offset_minutes
    # Compared as numbers: year 1 in a far zone would leave the calendar.
    local = record.taken_at.astimezone(UTC).replace(tzinfo=None)
    return abs(exif.taken_at - local - timedelta(minutes=offset))


def check_record(facts: _Facts) -> list[Reason]:
    """There is a record, it can be read, and it is about these very bytes."""
    if facts.given.capture is None:
        return [reason("record_missing")]
    if facts.record_error is not None:
        return [reason(facts.record_error.code, **facts.record_error.detail)]
    assert facts.record is not None
    reasons = [reason("from_gallery")] if facts.record.source == "gallery" else []
    if facts.record.sha256 != facts.given.examination.sha256:
        reasons.append(reason("bytes_changed"))
    return reasons


def check_signature(facts: _Facts) -> list[Reason]:
    """The record is signed by the key of the device that sent it."""
    given = facts.given
    if given.capture is None:
        return []
    if not given.signature:
        return [reason("unsigned")]
    if given.device_key is None:
        return [reason("key_unknown")]
    try:
        load_device_key(given.device_key)
    except CaptureError:
        return [reason("key_unknown")]
    try:
        verify_signature(given.capture, given.signature, given.device_key)
    except CaptureError as error:
        return [reason(error.code)]
    return []


def check_belonging(facts: _Facts) -> list[Reason]:
    """Device not revoked; record of this device, this visit, this customer."""
    given, record = facts.given, facts.record
    if record is None:
        return []
    reasons = []
    if given.revoked_at is not None:
        since = record.taken_at < given.revoked_at
        reasons.append(reason("device_revoked_since" if since else "device_revoked"))
    if record.device_id != given.device_id:
        reasons.append(reason("other_device"))
    if record.visit_id != given.visit_id:
        reasons.append(reason("other_visit"))
    if record.customer_id not in {given.customer_id, *given.former_customer_ids}:
        reasons.append(reason("other_customer"))
    return reasons


def check_time(facts: _Facts) -> list[Reason]:
    """Taken between the issue of the token and arrival."""
    return list(facts.time_reasons)


def check_place(facts: _Facts) -> list[Reason]:
    """Near the customer, as far as the fix can tell: the geofence is widened by the accuracy of both positions."""
    if facts.live is None:
        return []
    at, place = facts.position, facts.given.customer_place
    reasons = [] if place is not None else [reason("place_unknown")]
    if at is None:
        return [*reasons, reason("position_stale" if _fixes(facts.live) else "no_position")]
    if at.accuracy == 0:
        reasons.append(reason("accuracy_impossible"))
    if at.accuracy > facts.limits.weak_accuracy_m:
        reasons.append(reason("position_weak", accuracy_m=round(at.accuracy)))
    if place is not None:
        metres = geo.distance_m(at.lat, at.lng, place.lat, place.lng)
        allowed = facts.limits.geofence_m + at.accuracy + place.accuracy_m
        if metres > allowed:
            reasons.append(reason("far_from_customer", distance_m=round(metres), allowed_m=round(allowed)))
    return reasons


def check_reuse(facts: _Facts) -> list[Reason]:
    """The same bytes, or the same capture id, were not handed in before."""
    given, codes = facts.given, list[str]()
    for seen in given.sightings:
        if seen.photo_id == given.photo_id:
            continue
        if seen.sha256 != given.examination.sha256:
            codes.append("capture_id_reused")
        else:
            codes.append("seen_in_visit" if seen.visit_id == given.visit_id else "seen_before")
    return [reason(code, times=codes.count(code)) for code in dict.fromkeys(codes)]


# Nearly the same picture (perceptual hash) belongs after check_reuse, plausible travel speed comes last.
CHECKS: tuple[Callable[[_Facts], list[Reason]], ...] = (
    check_picture,
    check_exif,
    check_agreement,
    check_record,
    check_signature,
    check_belonging,
    check_time,
    check_place,
    check_reuse,
)
