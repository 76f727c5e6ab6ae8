"""How many messages a target gets: never faster than it may, and one digest instead of a flood."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

Limit = tuple[int, float]  #: at most so many messages in so many seconds


@dataclass(frozen=True, slots=True)
class Plan:
    """`singles`: how many of those that wait go out now, one message each. `digest`: all go out as one. Both none: they
    wait until `at`."""

    singles: int = 0
    digest: bool = False
    at: datetime | None = None


def plan(
    waiting: int,
    sent: Sequence[datetime],
    now: datetime,
    limits: Sequence[Limit],
    flood: Limit,
    *,
    late: bool = False,
) -> Plan:
    """`sent`: when messages went to this target, in any order. `flood`: what company and person want to be spared.
    `late`: some had to wait (a quiet night, a host that was down), so that they come together."""
    most, seconds = flood
    free_at = max((_free_at(sent, now, limit) for limit in (*limits, flood)), default=now)
    if free_at > now:
        return Plan(at=free_at)
    recent = len(_within(sent, now, seconds))
    if waiting > 1 and (late or recent + waiting > most):
        return Plan(digest=True)
    room = min((count - len(_within(sent, now, window)) for count, window in limits), default=waiting)
    return Plan(singles=min(waiting, room))


def _within(sent: Sequence[datetime], now: datetime, seconds: float) -> list[datetime]:
    begin = now - timedelta(seconds=seconds)
    return sorted(moment for moment in sent if moment > begin)


def _free_at(sent: Sequence[datetime], now: datetime, limit: Limit) -> datetime:
    """When there is room for one more."""
    count, seconds = limit
    recent = _within(sent, now, seconds)
    return now if len(recent) < count else recent[-count] + timedelta(seconds=seconds)
