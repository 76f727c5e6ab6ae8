"""Working days and hours of the demo company. Nothing lies in the future of the moment it is built."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

OPENS, LUNCH, AFTER_LUNCH, CLOSES = 8.5, 12.0, 13.25, 17.75
#: Before this hour the day has not really begun; see `Calendar.begins`.
_DAY_IS_ON = 10.0
#: How many hours of this morning there are when it is built in the night.
_NIGHT_HOURS = 3.0


@dataclass(frozen=True, slots=True)
class Calendar:
    """`now` is when the demo is built; `zone` the company's."""

    now: datetime
    zone: ZoneInfo
    days_back: int

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def hour(self) -> float:
        local = self.now.astimezone(self.zone)
        return local.hour + local.minute / 60

    def working_days(self) -> list[date]:
        """Monday to Saturday; today is one in any case, so that there is something to look at."""
        first = self.today - timedelta(days=self.days_back)
        days = [first + timedelta(days=n) for n in range(self.days_back + 1)]
        return [day for day in days if day.weekday() < 6 or day == self.today]

    def next_working_day(self, day: date) -> date:
        following = day + timedelta(days=1)
        return following + timedelta(days=1) if following.weekday() == 6 else following

    def begins(self, day: date) -> float:
        """The hour reps start. Built in the night, today's visits are squeezed into the hours just before."""
        if day == self.today and self.hour < _DAY_IS_ON:
            return max(0.0, self.hour - _NIGHT_HOURS)
        return OPENS

    def has_lunch(self, day: date) -> bool:
        return self.begins(day) == OPENS

    def has_come(self, moment: datetime) -> bool:
        return moment <= self.now
