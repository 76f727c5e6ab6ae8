"""Time that the company works: hours on its working days."""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def work_hours_later(start: datetime, hours: int, days: Collection[int], zone: ZoneInfo) -> datetime:
    """The moment when so many hours of working days have passed: 24 are a whole one, whatever it begins with. `days`: 1
    Monday … 7 Sunday, by the company's clock; none are all."""
    left = timedelta(hours=hours)
    at = start.astimezone(UTC)
    while True:
        day = at.astimezone(zone).date()
        midnight = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
        if not days or day.isoweekday() in days:
            if left <= midnight - at:
                return at + left
            left -= midnight - at
        at = midnight
