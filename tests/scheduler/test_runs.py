"""Timed work takes effect once, however many servers there are and whatever happens to them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.company.models import Option
from server.company.zone import company_zone
from server.database import Reader, Writer, read_engine, write_engine
from server.records.commands import Context
from server.records.fields import L
from server.records.ids import uuid7
from server.scheduler import jobs as declared
from server.scheduler.jobs import Every, Job, Progress
from server.scheduler.models import scheduled_run
from server.scheduler.runs import LEASE, RETRIES, run_due
from tests.support.databases import NewDatabase
from tests.support.world import COMPANY

NOON = datetime(2026, 11, 28, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Company:
    """A database with one job that leaves an entry in a list each time, and servers over it."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reader = Reader(read_engine(url))
        self.writer = Writer(write_engine(url, 2), 2)
        self.now = NOON
        self.work: Callable[[Context], Progress] = self._note
        monkeypatch.setattr(declared, "_jobs", {})
        declared.scheduled("note", L("记", "記", "Note"), Every(HOUR))(lambda context: self.work(context))

    def _note(self, context: Context) -> Progress:
        values = {"list_name": "unit", "name": uuid7()}
        context.run("option.create", {"id": uuid7(), "values": values})
        return Progress({"notes": 1})

    def look(self, server: str = "one") -> int:
        return asyncio.run(self._look(server))

    async def _look(self, *servers: str) -> int:
        steps = await asyncio.gather(
            *[run_due(self.reader, self.writer, server, lambda: self.now, company_zone) for server in servers]
        )
        return sum(steps)

    def look_together(self, *servers: str) -> int:
        return asyncio.run(self._look(*servers))

    def notes(self) -> int:
        def count(session: Session) -> int:
            return sum(len(name) == 36 for name in session.scalars(select(Option.name)))

        return self.writer.call(count)

    def runs(self) -> list[Any]:
        return self.writer.call(
            lambda session: list(session.execute(select(scheduled_run).order_by(scheduled_run.c.due_at)))
        )


class Killed(BaseException):
    """What ends a server without a word."""


@pytest.fixture
def company(new_database: NewDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    found = Company(new_database(COMPANY), monkeypatch)
    found.look()
    yield found
    found.writer.close()


def test_a_new_job_begins_with_its_next_moment(company: Company) -> None:
    assert company.notes() == 0
    company.now += HOUR
    company.look()
    company.look()
    assert company.notes() == 1


def test_of_several_servers_one_does_it(company: Company) -> None:
    company.now += HOUR
    company.look_together("one", "two", "three")
    assert company.notes() == 1
    assert [run.outcome for run in company.runs()] == ["first", "done"]


def test_what_was_due_while_no_server_ran_is_done_once(company: Company) -> None:
    company.now += 5 * HOUR
    company.look()
    assert company.notes() == 1
    assert company.runs()[-1].missed == 4


def test_looking_writes_nothing_while_nothing_is_due(company: Company) -> None:
    commits: list[int] = []
    company.writer.on_batch.append(lambda jobs, seconds: commits.append(jobs))
    company.now += timedelta(minutes=59)
    assert company.look() == 0
    assert commits == []


def test_long_work_is_done_in_steps_that_add_up(company: Company) -> None:
    left = [3]

    def work(context: Context) -> Progress:
        left[0] -= 1
        company._note(context)
        return Progress({"notes": 1}, more=left[0] > 0)

    company.work = work
    company.now += HOUR
    assert company.look() == 3
    assert company.notes() == 3
    assert company.runs()[-1].result == '{"notes": 3}'


def test_a_failure_undoes_its_step_and_is_tried_again(company: Company) -> None:
    def work(context: Context) -> Progress:
        company._note(context)
        raise RuntimeError("the disk is full")

    company.work = work
    company.now += HOUR
    company.look()
    assert company.notes() == 0
    run = company.runs()[-1]
    assert (run.attempts, run.ended_at, run.error) == (1, None, "RuntimeError: the disk is full")
    company.look()
    assert company.runs()[-1].attempts == 1  # not before its time
    company.work = company._note
    company.now += RETRIES[0]
    company.look("two")
    assert company.notes() == 1
    assert company.runs()[-1].outcome == "done"


def test_what_fails_again_and_again_is_given_up_until_it_is_due_again(company: Company) -> None:
    def fail(context: Context) -> Progress:
        raise RuntimeError("no")

    company.work = fail
    company.now += HOUR
    company.look()
    for wait in RETRIES:
        company.now += wait
        company.look()
    failed = [run for run in company.runs() if run.due_at == NOON + HOUR]
    assert [(run.outcome, run.attempts) for run in failed] == [("failed", len(RETRIES) + 1)]


def test_a_server_that_died_leaves_its_run_to_others(company: Company) -> None:
    """Killed between two steps: the first is done and noted, the claim is still there."""

    def first_step(context: Context) -> Progress:
        company._note(context)
        raise_after.append(True)
        return Progress({"notes": 1}, more=True)

    raise_after: list[bool] = []
    company.work = first_step
    company.now += HOUR

    def clock() -> datetime:
        if raise_after:
            raise Killed
        return company.now

    with pytest.raises(Killed):
        asyncio.run(run_due(company.reader, company.writer, "one", clock, company_zone))
    assert company.notes() == 1
    company.work = company._note
    company.now += timedelta(seconds=30)
    company.look("two")
    assert company.notes() == 1  # still the other's
    company.now += LEASE
    company.look("two")
    assert company.notes() == 2
    assert company.runs()[-1].result == '{"notes": 2}'


def test_a_job_that_is_no_more_is_left_alone(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    company.now += HOUR
    company.work = lambda context: Progress(more=False)
    company.look()
    monkeypatch.setattr(
        declared, "_jobs", {"other": Job("other", L("别", "別", "Other"), Every(HOUR), company._note)}
    )
    company.now += HOUR
    company.look()
    assert {run.job for run in company.runs()} == {"note", "other"}
