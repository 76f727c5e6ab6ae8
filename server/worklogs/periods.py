"""The period a report is about, and the moments of a business day in the company's time zone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both included."""

    start: date
    end: date

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """When it begins and when it is over (UTC; the end is not part of it)."""
        return start_of(self.start, zone), start_of(self.end + _DAY, zone)


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Midnight in the zone, as UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The business day of a moment."""
    return moment.astimezone(zone).date()


def _day(day: date) -> Period:
    return Period(day, day)


def _week(day: date) -> Period:
    monday = day - _DAY * day.weekday()
    return Period(monday, monday + 6 * _DAY)


def _month(day: date, months: int = 1) -> Period:
    """The calendar period of so many months (1, 3, 12) that contains the day."""
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return Period(first, date(year, month + 1, 1) - _DAY)


_PERIODS: dict[str, Callable[[date], Period]] = {
    "day": _day,
    "week": _week,
    "month": _month,
    "quarter": lambda day: _month(day, 3),
    "year": lambda day: _month(day, 12),
    "week_plan": _week,
    "month_plan": _month,
    "year_plan": lambda day: _month(day, 12),
}


def period_of(kind: str, day: date) -> Period:
    """The period of a report of this kind that contains the day: the day, its week from Monday, its month …"""
    return _PERIODS[kind](day)
