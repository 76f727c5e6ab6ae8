"""What waits shares a commit, is answered when it is on disk, and is run again where the database says so."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from server.company.setup import system_context
from server.database import Writer, is_sqlite, write_engine
from server.records.ids import uuid7
from sync import positions
from tests.support.databases import NewDatabase
from tests.support.world import COMPANY

MANY = 60


@pytest.fixture
def url(new_database: NewDatabase) -> str:
    return new_database(COMPANY)


def _writer(url: str, threads: int) -> Iterator[Writer]:
    writer = Writer(write_engine(url, threads), threads)
    yield writer
    writer.close()


@pytest.fixture
def writer(url: str) -> Iterator[Writer]:
    yield from _writer(url, 1)


@pytest.fixture
def pair(url: str) -> Iterator[Writer]:
    """Two threads, where the engine lets them write beside each other."""
    yield from _writer(url, 2)


def _new_unit(session: Session, row_id: str) -> None:
    values = {"list_name": "unit", "name": row_id[-12:]}
    system_context(session).run("option.create", {"id": row_id, "values": values})


def test_an_sqlite_commit_waits_for_the_disk(url: str) -> None:
    if not is_sqlite(url):
        pytest.skip("PostgreSQL waits by itself (synchronous_commit)")
    engine = write_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA synchronous")) == 2  # FULL: fsync at every commit
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    engine.dispose()


def test_what_waits_shares_a_commit_and_is_answered_after_it(url: str, writer: Writer) -> None:
    outside = create_engine(url, poolclass=NullPool)
    batches: list[int] = []
    early: list[str] = []
    writer.on_batch.append(lambda jobs, _seconds: batches.append(jobs))

    def answered(row_id: str, _future: Future[None]) -> None:
        # Called with the answer, in the writer's thread: somebody else must find the row by now.
        with outside.connect() as connection:
            if connection.scalar(text('SELECT count(*) FROM "option" WHERE id = :id'), {"id": row_id}) != 1:
                early.append(row_id)

    busy, go = threading.Event(), threading.Event()

    def hold(_session: Session) -> None:
        busy.set()
        go.wait(20)

    first = writer.submit(hold)
    assert busy.wait(20)
    futures = []
    for _ in range(MANY):
        row_id = uuid7()
        futures.append(writer.submit(partial(_new_unit, row_id=row_id)))
        futures[-1].add_done_callback(partial(answered, row_id))
    go.set()
    for future in (first, *futures):
        future.result(timeout=60)
    assert batches == [1, MANY]
    assert early == []
    outside.dispose()


def test_of_two_that_wait_for_each_other_both_get_done(url: str, pair: Writer) -> None:
    if is_sqlite(url):
        pytest.skip("SQLite has one writer")
    both, begun = threading.Barrier(2), threading.Event()
    tries: list[str] = []

    def work(session: Session, name: str, locks: tuple[int, int]) -> str:
        tries.append(name)
        session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": locks[0]})
        begun.set()
        if tries.count(name) == 1:
            both.wait(20)
        session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": locks[1]})
        _new_unit(session, uuid7())
        return name

    one = pair.submit(partial(work, name="one", locks=(1, 2)))
    assert begun.wait(20)  # else one thread takes both
    other = pair.submit(partial(work, name="other", locks=(2, 1)))
    assert (one.result(timeout=60), other.result(timeout=60)) == ("one", "other")
    assert len(tries) >= 3, "nobody was in anybody's way"


def test_transactions_with_the_same_people_do_not_wait_for_each_other_crosswise(url: str) -> None:
    """Two servers over one database, each with a batch of two people's jobs, one the other way round."""
    if is_sqlite(url):
        pytest.skip("SQLite has one writer")
    people = [uuid7(), uuid7()]
    tries: list[str] = []

    def work(session: Session, name: str) -> None:
        tries.append(name)
        positions.serialize(session, name)
        time.sleep(0.05)  # long enough that both are in the middle
        _new_unit(session, uuid7())

    async def deliver(writer: Writer, names: list[str]) -> None:
        gate = threading.Event()
        first = writer.submit(lambda _session: gate.wait(20))  # the others wait behind it and share a commit
        jobs = [asyncio.create_task(writer.run(partial(work, name=name), 1, name)) for name in names]
        await asyncio.sleep(0.2)
        gate.set()
        await asyncio.gather(asyncio.wrap_future(first), *jobs)

    async def both() -> None:
        one, other = (Writer(write_engine(url, 1), 1) for _ in range(2))
        try:
            await asyncio.gather(deliver(one, people), deliver(other, people[::-1]))
        finally:
            one.close()
            other.close()

    asyncio.run(both())
    assert sorted(tries) == sorted(people * 2), "nothing had to be run again"


@pytest.mark.parametrize("code", ["40P01", "40001"])
def test_what_postgresql_undoes_is_run_again_until_it_took_effect_once(url: str, code: str) -> None:
    """Somebody else comes in the way twice: he locks two rows crosswise (40P01), or changes a row of an older snapshot
    (40001). Run again once only, the second time would have been told to the phone as an error."""
    if is_sqlite(url):
        pytest.skip("SQLite has one writer")
    crosswise = code == "40P01"
    outside = create_engine(url, poolclass=NullPool)
    level = "READ COMMITTED" if crosswise else "REPEATABLE READ"
    writer = Writer(write_engine(url, 1).execution_options(isolation_level=level), 1)
    undone: list[str] = []
    rivals: list[threading.Thread] = []
    add = text("UPDATE counted SET n = n + :n WHERE id = :row")

    def rival(name: str, took: threading.Event) -> None:
        with outside.begin() as other:
            other.execute(text(f"SET LOCAL application_name = '{name}'"))
            other.execute(text("SET LOCAL deadlock_timeout = '1min'"))  # not he is the one that is undone
            other.execute(add, {"n": 10, "row": 2})
            took.set()
            other.execute(add, {"n": 10, "row": 1})

    def comes_in_the_way() -> None:
        name, took = f"rival {len(rivals)}", threading.Event()
        rivals.append(threading.Thread(target=rival, args=(name, took)))
        rivals[-1].start()
        assert took.wait(20)
        if crosswise:
            with outside.connect().execution_options(isolation_level="AUTOCOMMIT") as watch:
                waits = text("SELECT wait_event_type FROM pg_stat_activity WHERE application_name = :name")
                while watch.scalar(waits, {"name": name}) != "Lock":  # this one; another may still be on its way out
                    time.sleep(0.005)
        else:
            rivals[-1].join(20)

    def change(session: Session) -> None:
        for thread in rivals:
            thread.join(20)  # who waited for what was undone has it now, before this takes it again
        session.execute(text("SELECT n FROM counted"))  # the snapshot
        if crosswise:
            session.execute(text("SET LOCAL deadlock_timeout = '10ms'"))
            session.execute(add, {"n": 1, "row": 1})
        if len(undone) < 2:
            comes_in_the_way()
        try:
            session.execute(add, {"n": 1, "row": 2})
        except OperationalError as error:
            undone.append(str(getattr(error.orig, "sqlstate", None)))
            raise
        _new_unit(session, uuid7())

    def make(session: Session) -> None:
        session.execute(text("CREATE TABLE counted (id int PRIMARY KEY, n int NOT NULL)"))
        session.execute(text("INSERT INTO counted VALUES (1, 0), (2, 0)"))

    def state(session: Session) -> tuple[list[int], int]:
        units = session.scalar(text("SELECT count(*) FROM option WHERE list_name = 'unit'"))
        return list(session.scalars(text("SELECT n FROM counted ORDER BY id"))), int(units or 0)

    try:
        writer.call(make)
        before = writer.call(state)[1]
        writer.call(change)
        for thread in rivals:
            thread.join(20)
        assert undone == [code, code]
        assert writer.call(state) == ([21 if crosswise else 20, 21], before + 1)
    finally:
        writer.close()
        outside.dispose()
