"""When a photo was taken, as far as it can be known without believing the device's clock.

The server's token gives "not before", arrival gives "not after". Monotonic time since the token only ever moves "not
before" forward: it stands still while some phones sleep, so it is a lower bound of what has passed, never an upper
one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from media.capture import CaptureRecord
from media.reasons import Reason, reason
from media.tokens import TimeTokens, TokenError

Certainty: TypeAlias = Literal["exact", "minutes", "window", "unknown"]


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """How far clocks may disagree."""

    clock_tolerance: timedelta = timedelta(minutes=10)  # phones set by hand are minutes off, and are honest
    exact: timedelta = timedelta(minutes=2)  # device clock and monotonic clock tell the same time
    minutes: timedelta = timedelta(minutes=15)  # a window this narrow is good enough without that
    offline: timedelta = timedelta(hours=72)
    reset: timedelta = timedelta(days=30)  # a clock this far back was reset, not turned back to gain a visit


@dataclass(frozen=True, slots=True)
class TimeFinding:
    """`taken_at` is the device's claim; the photo was really taken between `not_before` and `not_after` (UTC)."""

    taken_at: datetime
    not_before: datetime | None
    not_after: datetime
    certainty: Certainty
    token_at: datetime | None = None  # when the token was issued; None where there is none to believe


def find_time(
    record: CaptureRecord, tokens: TimeTokens, received_at: datetime, limits: TimeLimits
) -> tuple[TimeFinding, list[Reason]]:
    """Bounds of the time of a record and the reasons to doubt its claim."""
    unknown = TimeFinding(record.taken_at, None, received_at, "unknown")
    ahead = record.taken_at - received_at
    late = [reason("after_receipt", minutes=_minutes(ahead))] if ahead > limits.clock_tolerance else []
    if record.time_token is None:
        return unknown, [reason("no_token"), *late]
    try:
        issued = tokens.verify(record.time_token, record.device_id)
    except TokenError as error:
        return unknown, [reason(error.code), *late]
    if issued > received_at:
        return unknown, [reason("token_after_receipt"), *late]

    reasons = late
    not_before = issued
    if record.since_token_ms is not None:
        not_before = issued + timedelta(milliseconds=record.since_token_ms)
        surplus = not_before - received_at
        if surplus > limits.clock_tolerance:
            reasons.append(reason("uptime_impossible", minutes=_minutes(surplus)))
        not_before = min(not_before, received_at)
    behind = not_before - record.taken_at
    if behind > limits.reset and record.since_token_ms is None:
        reasons.append(reason("clock_reset"))
    elif behind > limits.clock_tolerance:
        reasons.append(reason("before_token", minutes=_minutes(behind)))
    elif not reasons and max(behind, ahead) > limits.exact:
        reasons.append(reason("clock_off", minutes=_minutes(max(behind, ahead))))

    certainty = _certainty(record, not_before, received_at, issued, limits)
    if certainty == "unknown":
        reasons.append(reason("long_offline", hours=round((received_at - issued) / timedelta(hours=1))))
    if any(found.effect != "note" for found in reasons):
        certainty = "unknown"
    return TimeFinding(record.taken_at, not_before, received_at, certainty, issued), reasons


def _certainty(
    record: CaptureRecord, not_before: datetime, received_at: datetime, issued: datetime, limits: TimeLimits
) -> Certainty:
    if received_at - issued > limits.offline:
        return "unknown"
    if record.since_token_ms is not None and abs(record.taken_at - not_before) <= limits.exact:
        return "exact"
    return "minutes" if received_at - not_before <= limits.minutes else "window"


def _minutes(span: timedelta) -> int:
    return round(span / timedelta(minutes=1))
