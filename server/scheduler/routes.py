"""Timed work, for the people who look after the system: what there is, when it is due, and what became of it."""

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Controller, Request, get
from litestar.di import NamedDependency
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.api.errors import language_of
from server.api.security import require, signed_in
from server.api.state import Services
from server.company.zone import company_zone
from server.people.models import Employee
from server.scheduler.jobs import Daily, Job, jobs
from server.scheduler.models import scheduled_run
from server.scheduler.runs import KEPT


class JobRun(msgspec.Struct):
    """`missed`: how often it was due before while no server ran. `asked_by`: the name of who wanted it at once.
    `retry_at`: when a run that failed is tried again."""

    due_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    attempts: int
    missed: int
    asked_by: str | None
    result: dict[str, int]
    error: str | None
    retry_at: datetime | None


class JobState(msgspec.Struct):
    """`daily_at`: HH:MM of the company's clock, or None where it runs every `every_seconds`. The latest runs first."""

    job: str
    label: str
    daily_at: str | None
    every_seconds: int | None
    next_at: datetime
    runs: list[JobRun]


class ScheduleController(Controller):
    path = "/api"
    tags = ("company",)
    guards = (signed_in,)

    @get("/scheduled-jobs", operation_id="list_scheduled_jobs")
    async def listed(self, services: NamedDependency[Services], request: Request[Any, Any, Any]) -> list[JobState]:
        """Every job with its latest runs; needs schedule.manage."""
        require(request, "schedule.manage")
        now, language = datetime.now(UTC), language_of(request)
        return await services.reader.run(lambda session: job_states(session, now, language))


# unrestricted: names of colleagues, as everybody sees them
def job_states(session: Session, now: datetime, language: str) -> list[JobState]:
    zone = company_zone(session)
    names = {row.id: row.real_name for row in session.execute(select(Employee.id, Employee.real_name))}
    runs: dict[str, list[JobRun]] = {}
    for row in session.execute(select(scheduled_run).order_by(scheduled_run.c.due_at.desc())):
        found = runs.setdefault(row.job, [])
        if len(found) < KEPT and row.outcome != "first":
            found.append(
                JobRun(
                    due_at=row.due_at,
                    started_at=row.started_at,
                    ended_at=row.ended_at,
                    outcome=row.outcome,
                    attempts=row.attempts,
                    missed=row.missed,
                    asked_by=names.get(row.asked_by) if row.asked_by else None,
                    result=json.loads(row.result),
                    error=row.error,
                    retry_at=row.free_at if row.ended_at is None and row.attempts else None,
                )
            )
    return [
        JobState(
            job=job.name,
            label=job.label.of(language),
            daily_at=job.rhythm.at.strftime("%H:%M") if isinstance(job.rhythm, Daily) else None,
            every_seconds=_seconds(job),
            next_at=job.rhythm.next(now, zone),
            runs=runs.get(job.name, []),
        )
        for job in jobs()
    ]


def _seconds(job: Job) -> int | None:
    gap = getattr(job.rhythm, "gap", None)
    return int(gap.total_seconds()) if gap is not None else None


routes = [ScheduleController]
