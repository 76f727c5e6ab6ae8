"""Timed work is declared beside the rules it follows, in an area's `schedule.py`:

    @scheduled("customer.recover", L("公海回收", …), Daily(time(2)))
    def recover(context: Context) -> Progress: …

A job is done in one or more steps, each in a transaction of its own together with the note that it was done. So a step
takes effect once, whatever happens to the server; a job that was cut short goes on where it was.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from server.records.commands import Context
from server.records.fields import Label


class Rhythm(Protocol):
    """When a job is due. Moments are UTC; `zone` is the company's."""

    def latest(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The last moment up to now at which the job was due."""
        ...

    def next(self, after: datetime, zone: ZoneInfo) -> datetime:
        """The first moment after this one."""
        ...


@dataclass(frozen=True, slots=True)
class Daily:
    """Once a day at this time of the company's clock. A time that a change of clocks leaves out comes an hour later."""

    at: time

    def latest(self, now: datetime, zone: ZoneInfo) -> datetime:
        moment = self._on(now, zone, 0)
        return moment if moment <= now else self._on(now, zone, -1)

    def next(self, after: datetime, zone: ZoneInfo) -> datetime:
        moment = self._on(after, zone, 0)
        return moment if moment > after else self._on(after, zone, 1)

    def _on(self, moment: datetime, zone: ZoneInfo, days: int) -> datetime:
        day = moment.astimezone(zone).date() + timedelta(days=days)
        return datetime.combine(day, self.at, zone).astimezone(UTC)


_START = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again after this time, at moments that all servers agree on."""

    gap: timedelta

    def latest(self, now: datetime, zone: ZoneInfo) -> datetime:
        return _START + (now - _START) // self.gap * self.gap

    def next(self, after: datetime, zone: ZoneInfo) -> datetime:
        return self.latest(after, zone) + self.gap


@dataclass(slots=True)
class Progress:
    """What a step did, added up over the steps of a run, and whether there is more to do. Counts only: it is shown."""

    counts: dict[str, int] = field(default_factory=dict)
    more: bool = False


Work = Callable[[Context], Progress]


@dataclass(frozen=True, slots=True)
class Job:
    """`work` runs as the system. A step should take less than a second: commands of people wait behind it."""

    name: str
    label: Label
    rhythm: Rhythm
    work: Work


_jobs: dict[str, Job] = {}


def scheduled(name: str, label: Label, rhythm: Rhythm) -> Callable[[Work], Work]:
    """Declares a job."""

    def remember(work: Work) -> Work:
        if name in _jobs:
            raise RuntimeError(f"the job {name} is declared twice")
        _jobs[name] = Job(name, label, rhythm, work)
        return work

    return remember


def jobs() -> list[Job]:
    return [_jobs[name] for name in sorted(_jobs)]


def job_named(name: str) -> Job | None:
    return _jobs.get(name)
