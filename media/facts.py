"""What the judgement of a photo may look at: thresholds, what the company knows, and what follows from the record.

The caller looks everything up; the checks believe none of it and read no clock, file or database.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from media import geo
from media.capture import CaptureError, CaptureRecord, Sample, parse_capture
from media.images import Examination
from media.likeness import How
from media.reasons import Reason
from media.timing import TimeFinding, TimeLimits, find_time
from media.tokens import TimeTokens


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a company may tune. Metres, pixels, km/h and time spans."""

    geofence_m: float = 300.0
    weak_accuracy_m: float = 200.0
    stale_position: timedelta = timedelta(minutes=2)
    exif_time: timedelta = timedelta(seconds=2)  # EXIF keeps whole seconds
    exif_position_m: float = 30.0  # rounding to EXIF fractions stays far below
    smallest_edge: int = 480  # long edge; every phone's camera gives more, thumbnails less
    travel_kmh: float = 150.0
    time: TimeLimits = field(default_factory=TimeLimits)


DEFAULT_THRESHOLDS = Thresholds()
#: Metres a second by which a fix says less about where somebody is: a walk. The app has the same (`bestSample`).
FIX_AGES = 1.5


@dataclass(frozen=True, slots=True)
class Place:
    """Where a customer is: WGS-84 degrees; `accuracy_m` when it comes from an address and not from standing there.

    `known_since`: since when anybody could have copied these digits; None where this very visit brought them.
    """

    lat: float
    lng: float
    accuracy_m: float = 0.0
    known_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """An *earlier* photo with the same bytes or the same capture id, by anyone, at any customer."""

    photo_id: str
    visit_id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Lookalike:
    """An *earlier* photo that shows nearly the same picture, by anyone, at any customer."""

    photo_id: str
    visit_id: str
    customer_id: str
    how: How
    distance: int  # bits of 64
    agreement: float  # of grey values, 0 to 1


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the same employee was, by an *earlier received* photo whose time and place were not doubted."""

    photo_id: str
    taken_at: datetime
    lat: float
    lng: float
    accuracy_m: float
    exact: bool  # its time was certain


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
    visit_from: datetime | None = None  # check-in and check-out, by the phone's clock
    visit_to: datetime | None = None
    newest_token: datetime | None = None  # issue of the newest token the device is known to have had before the shot
    sightings: tuple[Sighting, ...] = ()
    lookalikes: tuple[Lookalike, ...] = ()
    same_spot: int = 0  # how many other customers have a photo with exactly these coordinates
    stops: tuple[Stop, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
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


def gather(given: Evidence, limits: Thresholds) -> Facts:
    """Reads the record and works out time and position. Never raises."""
    record, record_error, time, time_reasons, position = None, None, None, list[Reason](), None
    if given.capture is not None:
        try:
            record = parse_capture(given.capture)
        except CaptureError as error:
            record_error = error
    if record is not None and record.source == "camera":
        time, time_reasons = find_time(record, given.tokens, given.received_at, limits.time)
        position = best_fix(record, limits)
    return Facts(given, limits, record, record_error, time, tuple(time_reasons), position)


def best_fix(record: CaptureRecord, limits: Thresholds) -> Sample | None:
    """The fix that says most about where the phone was at the shot, of equals the latest, as the app chooses it for the
    picture. The first fixes of a cold start are cell towers, kilometres wide; an excellent one of a minute ago may be from
    the car, so each grows worse with its age."""

    def unsure(sample: Sample) -> float:
        return sample.accuracy + FIX_AGES * abs(sample.at - record.taken_at).total_seconds()

    return min(reversed(fresh_fixes(record, limits)), key=unsure, default=None)


def fresh_fixes(record: CaptureRecord, limits: Thresholds) -> list[Sample]:
    """The fixes of the moment of the shot, in the order of their times."""
    fresh = [s for s in fixes(record) if abs(s.at - record.taken_at) <= limits.stale_position]
    return sorted(fresh, key=lambda s: s.at)


def fixes(record: CaptureRecord) -> list[Sample]:
    return [s for s in record.samples if geo.is_position(s.lat, s.lng)]
