"""Which jobs are due, and running them once however many servers there are."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from server.company.setup import system_context
from server.database import Reader, Writer
from server.scheduler.jobs import Job, Progress, job_named, jobs
from server.scheduler.models import scheduled_run
from sync import positions

log = logging.getLogger("xunke.scheduler")

#: How long a server has for one step before others may take over.
LEASE = timedelta(minutes=5)
#: Waits after each failure of a run; after the last one it is given up until the job is due again.
RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
#: Runs of a job that are kept.
KEPT = 50

_run = scheduled_run.c
_open = _run.ended_at.is_(None)


@dataclass(frozen=True, slots=True)
class Turn:
    """A run that this server may do a step of."""

    job: Job
    due_at: datetime


def is_due(session: Session, zone: ZoneInfo, now: datetime) -> bool:
    """Whether there is anything to note or to do. Reads only: looking is no commit."""
    return bool(_fresh(session, zone, now)) or find_turn(session, now) is not None


def note_due(session: Session, zone: ZoneInfo, server: str, now: datetime) -> None:
    """Writes down what has become due. A job that was due several times while no server ran is done once; a job that
    was never seen before begins with its next moment."""
    for job, due_at, before in _fresh(session, zone, now):
        if before is None:
            ended: dict[str, Any] = {"ended_at": now, "outcome": "first"}
            _insert(session, job.name, due_at, server, now, ended)
        else:
            _insert(session, job.name, due_at, server, now, {"missed": _missed(job, before, due_at, zone)})


def _fresh(session: Session, zone: ZoneInfo, now: datetime) -> list[tuple[Job, datetime, datetime | None]]:
    """Jobs with a moment that is not noted yet, and the one noted last."""
    planned = (
        select(_run.job, func.max(_run.due_at).label("due_at")).where(_run.asked_by.is_(None)).group_by(_run.job)
    )
    last = {row.job: row.due_at for row in session.execute(planned)}
    found = [(job, job.rhythm.latest(now, zone), last.get(job.name)) for job in jobs()]
    return [(job, due_at, before) for job, due_at, before in found if before is None or before < due_at]


def _missed(job: Job, before: datetime, due_at: datetime, zone: ZoneInfo) -> int:
    """How many times it was due in between."""
    count = 0
    while (before := job.rhythm.next(before, zone)) < due_at and count < 1000:
        count += 1
    return count


def ask_for(session: Session, job: Job, employee_id: str, now: datetime) -> None:
    """Lets a job run as soon as a server looks, because somebody wants it to."""
    _insert(session, job.name, now, "", now, {"asked_by": employee_id})


def _insert(
    session: Session, job: str, due_at: datetime, server: str, now: datetime, values: Mapping[str, Any]
) -> None:
    insert = postgresql_insert if positions.is_postgresql(session) else sqlite_insert
    fresh = {
        "job": job,
        "due_at": due_at,
        "server": server,
        "free_at": now,
        "attempts": 0,
        "missed": 0,
        "result": "{}",
    }
    session.execute(insert(scheduled_run).values(**{**fresh, **values}).on_conflict_do_nothing())


def find_turn(session: Session, now: datetime) -> Turn | None:
    """The oldest run that nobody is at."""
    statement = (
        select(_run.job, _run.due_at)
        .where(_open, _run.free_at <= now, _run.job.in_([job.name for job in jobs()]))
        .order_by(_run.due_at)
        .limit(1)
    )
    row = session.execute(statement).first()
    job = job_named(row.job) if row else None
    return Turn(job, row.due_at) if row and job else None


def take_step(session: Session, turn: Turn, server: str, now: datetime) -> bool:
    """One step of a run together with the note of it; whether there is more to do at once. Does nothing where another
    server was faster."""
    row = _claim(session, turn, server, now)
    if row is None:
        return False
    context = system_context(session, now)
    context.command = turn.job.name
    progress = turn.job.work(context)
    session.flush()
    counts = _added(json.loads(row.result), progress)
    ended = {} if progress.more else {"ended_at": now, "outcome": "done"}
    session.execute(update(scheduled_run).where(*_is(turn)).values(result=json.dumps(counts), error=None, **ended))
    if not progress.more:
        log.info("timed work is done", extra={"facts": {"job": turn.job.name, **counts}})
    return progress.more


def _claim(session: Session, turn: Turn, server: str, now: datetime) -> Row[Any] | None:
    statement = (
        update(scheduled_run)
        .where(*_is(turn), _open, or_(_run.free_at <= now, _run.server == server))
        .values(server=server, free_at=now + LEASE, started_at=func.coalesce(_run.started_at, now))
        .returning(_run.result)
    )
    return session.execute(statement).first()


def note_failure(session: Session, turn: Turn, server: str, now: datetime, error: str) -> None:
    """The step was undone; the run is tried again later, or given up."""
    attempts = session.scalar(select(_run.attempts).where(*_is(turn), _open))
    if attempts is None:
        return
    values: dict[str, Any] = {"attempts": attempts + 1, "error": error[:500], "server": server}
    if attempts < len(RETRIES):
        values["free_at"] = now + RETRIES[attempts]
    else:
        values |= {"ended_at": now, "outcome": "failed"}
    values["started_at"] = func.coalesce(_run.started_at, now)
    session.execute(update(scheduled_run).where(*_is(turn)).values(**values))


def _is(turn: Turn) -> tuple[Any, Any]:
    return _run.job == turn.job.name, _run.due_at == turn.due_at


def _added(before: dict[str, int], progress: Progress) -> dict[str, int]:
    names = [*before, *(name for name in progress.counts if name not in before)]
    return {name: before.get(name, 0) + progress.counts.get(name, 0) for name in names}


def forget_old(session: Session) -> int:
    """Keeps the latest runs of each job."""
    count = 0
    for name in session.scalars(select(_run.job).distinct()).all():
        ended = select(_run.due_at).where(_run.job == name, ~_open).order_by(_run.due_at.desc())
        oldest = session.scalar(ended.offset(KEPT - 1).limit(1))
        if oldest is not None:
            old = delete(scheduled_run).where(_run.job == name, ~_open, _run.due_at < oldest)
            count += len(session.execute(old.returning(_run.due_at)).all())
    return count


Clock = Callable[[], datetime]
ZoneOf = Callable[[Session], ZoneInfo]


async def run_due(reader: Reader, writer: Writer, server: str, clock: Clock, zone_of: ZoneOf) -> int:
    """Runs everything that is due; returns how many steps were done. `zone_of`: the company's time zone."""
    steps = 0
    while await reader.run(lambda session: is_due(session, zone_of(session), clock())):
        turn = await writer.run(lambda session: _look(session, server, clock(), zone_of))
        if turn is None:
            break
        more = True
        while more:
            more = await _step(writer, turn, server, clock)
            steps += 1
    return steps


def _look(session: Session, server: str, now: datetime, zone_of: ZoneOf) -> Turn | None:
    note_due(session, zone_of(session), server, now)
    return find_turn(session, now)


async def _step(writer: Writer, turn: Turn, server: str, clock: Clock) -> bool:
    try:
        return await writer.run(lambda session: take_step(session, turn, server, clock()))
    except Exception as error:
        log.exception("timed work failed", extra={"facts": {"job": turn.job.name}})
        text = f"{type(error).__name__}: {error}"
        await writer.run(lambda session: note_failure(session, turn, server, clock(), text))
        return False
