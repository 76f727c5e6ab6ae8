"""The two doors to the data: `Reader` (asynchronous, read-only snapshots) and `Writer` (threads that run commands).

Reads and commands are plain functions over a `Session`; they do not know which engine or door they run on.
"""

import asyncio
import contextvars
import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker

from server.records import audit
from server.records.record import Record
from sync import journal, positions

T = TypeVar("T")
log = logging.getLogger("xunke.database")

#: PostgreSQL: a command that holds its transaction open would stall the feed of every device.
_POSTGRES_LIMITS = "-c idle_in_transaction_session_timeout=30s -c statement_timeout=60s -c lock_timeout=20s"
_BATCH = 64


class CommandSession(Session):
    """A session that keeps the journal; only the writer makes them."""


journal.attach(CommandSession, lambda item: isinstance(item, Record) or _is_record_class(item))


def _is_record_class(item: Any) -> bool:
    return isinstance(item, type) and issubclass(item, Record)


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def write_engine(url: str, threads: int = 1) -> Engine:
    """The engine for commands. SQLite: one connection, BEGIN IMMEDIATE, durable at commit.

    Values stay out of error messages, on both engines: they are customers' data and hashes, and errors are logged.
    """
    if is_sqlite(url):
        engine = create_engine(
            url, pool_size=1, max_overflow=0, connect_args={"check_same_thread": False}, hide_parameters=True
        )
        _sqlite_pragmas(engine, "BEGIN IMMEDIATE")
        return engine
    return create_engine(
        url, pool_size=threads, max_overflow=1, connect_args={"options": _POSTGRES_LIMITS}, hide_parameters=True
    )


def read_engine(url: str) -> AsyncEngine:
    """The engine for reads: a snapshot per request on both databases."""
    if is_sqlite(url):
        engine = create_async_engine(
            url.replace("sqlite://", "sqlite+aiosqlite://", 1), pool_size=8, hide_parameters=True
        )
        _sqlite_pragmas(engine.sync_engine, "BEGIN")
        return engine
    return create_async_engine(
        url,
        pool_size=10,
        isolation_level="REPEATABLE READ",
        connect_args={"options": _POSTGRES_LIMITS},
        hide_parameters=True,
    )


def _sqlite_pragmas(engine: Engine, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy emits BEGIN itself, see below
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=20000",
            "cache_size=-65536",
            "mmap_size=268435456",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Any) -> None:
        connection.exec_driver_sql(begin)


class Reader:
    """Asynchronous reads: `await reader.run(lambda session: …)`, each in one read snapshot."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._sessions = async_sessionmaker(engine, expire_on_commit=False, autoflush=False)

    async def run(self, read: Callable[[Session], T]) -> T:
        session: AsyncSession
        async with self._sessions() as session, session.begin():
            return await session.run_sync(read)

    async def close(self) -> None:
        await self.engine.dispose()


@dataclass(slots=True)
class Written:
    """What a commit touched; listeners tell devices that there is something to pull."""

    roots: set[str] = field(default_factory=set)
    employees: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Job(Generic[T]):
    work: Callable[[Session], T]
    future: "Future[T]"
    #: What the caller knew, so that log lines of the writer's threads carry the caller's request.
    context: contextvars.Context = field(default_factory=contextvars.copy_context)


class Writer:
    """Threads that run commands. On SQLite the one thread commits everything that waits at once (group commit):
    a job is answered only after the commit that contains it."""

    def __init__(self, engine: Engine, threads: int = 1, tools: Mapping[str, Any] | None = None) -> None:
        """`tools`: what commands may need beside the database; they find it in `session.info`."""
        self.engine = engine
        self.on_commit: list[Callable[[Written], None]] = []
        #: Told (jobs, seconds) of every transaction, and of one that failed whole (0, seconds).
        self.on_batch: list[Callable[[int, float], None]] = []
        self._grouped = engine.dialect.name == "sqlite"
        self._sessions = sessionmaker(engine, class_=CommandSession, expire_on_commit=False, info=dict(tools or {}))
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, name=f"writer-{n}", daemon=True)
            for n in range(1 if self._grouped else threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Callable[[Session], T]) -> "Future[T]":
        """Queues a job; its future is done when the job's transaction is committed, or carries its exception."""
        job = _Job(work, Future())
        self._jobs.put(job)
        return job.future

    async def run(self, work: Callable[[Session], T]) -> T:
        return await asyncio.wrap_future(self.submit(work))

    def call(self, work: Callable[[Session], T]) -> T:
        """For the CLI and set-up: waits for the result."""
        return self.submit(work).result()

    def waiting(self) -> int:
        """How many jobs no thread has taken up yet."""
        return self._jobs.qsize()

    def close(self) -> None:
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(timeout=30)
        self.engine.dispose()

    def _work(self) -> None:
        while True:
            first = self._jobs.get()
            if first is None:
                return
            batch, stop = [first], False
            while self._grouped and len(batch) < _BATCH:
                try:
                    following = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    stop = True
                    break
                batch.append(following)
            self._run_batch(batch)
            if stop:
                return

    def _run_batch(self, batch: list[_Job[Any]]) -> None:
        started = time.perf_counter()
        for attempt in range(4):
            outcomes: list[tuple[_Job[Any], Any, BaseException | None]] = []
            try:
                with self._sessions() as session:
                    written = self._transaction(session, batch, outcomes)
                break
            except OperationalError as error:
                # Deadlocks and lost races are the engine's business: nothing was committed, so it runs again.
                if attempt < 3 and getattr(error.orig, "sqlstate", None) in ("40001", "40P01"):
                    continue
                self._fail(batch, error, started)
                return
            except BaseException as error:
                self._fail(batch, error, started)
                return
        for heard in self.on_batch:
            heard(len(batch), time.perf_counter() - started)
        for listener in self.on_commit:
            listener(written)
        for job, value, failure in outcomes:
            if failure is not None:
                job.future.set_exception(failure)
            else:
                job.future.set_result(value)

    def _transaction(
        self, session: Session, batch: list[_Job[Any]], outcomes: list[tuple[_Job[Any], Any, BaseException | None]]
    ) -> Written:
        with session.begin():
            positions.current(session)  # outside of the savepoints, so that no rollback gives it back
            for job in batch:
                try:
                    with savepoint(session):
                        outcomes.append((job, job.context.run(job.work, session), None))
                        journal.write(session, audit.write_lines)
                except OperationalError as error:
                    if getattr(error.orig, "sqlstate", None) in ("40001", "40P01"):
                        raise
                    outcomes.append((job, None, error))
                except Exception as error:
                    outcomes[:] = [entry for entry in outcomes if entry[0] is not job]
                    outcomes.append((job, None, error))
        positions.forget(session)
        return Written(session.info.pop("touched_roots", set()), session.info.pop("touched_employees", set()))

    def _fail(self, batch: list[_Job[Any]], error: BaseException, started: float) -> None:
        log.error("a transaction of %d jobs failed", len(batch), exc_info=error)
        for heard in self.on_batch:
            heard(0, time.perf_counter() - started)
        for job in batch:
            job.future.set_exception(error)


class savepoint:  # noqa: N801 - used like a keyword
    """A savepoint that also takes back what the journal had collected inside it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> None:
        self._session.flush()
        self._mark = len(journal.of(self._session).lines)
        self._nested = self._session.begin_nested()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if kind is None:
            try:
                self._session.flush()
                self._nested.commit()
                return
            except BaseException:
                self._undo()
                raise
        self._undo()

    def _undo(self) -> None:
        # Not `is_active`: after a flush that failed, a savepoint is not active, and blocks the session until rolled back.
        if self._session.get_nested_transaction() is self._nested:
            self._nested.rollback()
        self._session.info.pop("memory", None)
        del journal.of(self._session).lines[self._mark :]
