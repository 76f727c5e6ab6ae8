"""The two doors to the data: `Reader` (threads with read-only snapshots) and `Writer` (threads that run commands).

Reads and commands are plain functions over a `Session`; they do not know which engine or door they run on.
"""

import asyncio
import contextlib
import contextvars
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.attributes import instance_state

from server import savepoints
from server.records import audit
from server.records.aside import heed_hints
from server.records.record import Record
from server.savepoints import RunAgain, savepoint
from server.turns import Turns
from sync import inbox, journal, positions
from sync.rows import write_changed, write_new

T = TypeVar("T")
#: What jobs want to know before they run, and how it is asked for all jobs of a transaction at once.
Ahead = tuple[Callable[[Session, list[Any]], None], Any]
log = logging.getLogger("xunke.database")

#: PostgreSQL: a command that holds its transaction open would stall the feed of every device.
#: `random_page_cost`: nobody runs this on disks that turn, and a small table read whole is not small for long.
_POSTGRES_OPTIONS = (
    "-c idle_in_transaction_session_timeout=30s -c statement_timeout=60s -c lock_timeout=20s -c random_page_cost=1.1"
)
#: Ops that share a commit: what waits for the disk once, and what is run again when something has to be undone.
_BATCH = 100
#: Seconds after which a further thread takes what waits for the first: one that is busy with something large, or waits
#: for the database. What comes meanwhile is cheaper together.
_PATIENCE = 0.025
#: Reads at once; more wait. They share one processor with everything else that is Python.
READERS = 8
_AGAIN = ("40001", "40P01")

__all__ = ["CommandSession", "Reader", "Writer", "Written", "at_the_end", "read_engine", "savepoint", "write_engine"]


class CommandSession(Session):
    """A session that keeps the journal; only the writer makes them."""

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        write_changed(self)
        write_new(self)
        super().flush(objects)

    def delete(self, instance: object) -> None:
        if instance_state(instance).pending:
            self.flush()  # so that the journal tells of both
        super().delete(instance)

    def execute(self, statement: Any, *args: Any, **options: Any) -> Any:
        journal.refuse_bulk(statement)
        return super().execute(statement, *args, **options)

    def scalar(self, statement: Any, *args: Any, **options: Any) -> Any:
        journal.refuse_bulk(statement)
        return super().scalar(statement, *args, **options)

    def scalars(self, statement: Any, *args: Any, **options: Any) -> Any:
        journal.refuse_bulk(statement)
        return super().scalars(statement, *args, **options)


_endings: list[Callable[[Session], None]] = []


def at_the_end(step: Callable[[Session], None]) -> Callable[[Session], None]:
    """Declares what follows from all that a job wrote; it runs once, before the job is journaled."""
    _endings.append(step)
    return step


journal.attach(CommandSession, Record)


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
        heed_hints(engine)
    else:
        engine = create_engine(
            url, pool_size=threads, max_overflow=1, connect_args={"options": _POSTGRES_OPTIONS}, hide_parameters=True
        )
    savepoints.watch(engine)
    return engine


def read_engine(url: str) -> Engine:
    """The engine for reads: a snapshot per request on both databases. The connection used last comes first: it has its
    statements and pages at hand."""
    if is_sqlite(url):
        engine = create_engine(
            url,
            pool_size=READERS,
            pool_use_lifo=True,
            connect_args={"check_same_thread": False},
            hide_parameters=True,
        )
        _sqlite_pragmas(engine, "BEGIN")
        heed_hints(engine)
        return engine
    return create_engine(
        url,
        pool_size=READERS,
        pool_use_lifo=True,
        isolation_level="REPEATABLE READ",
        connect_args={"options": _POSTGRES_OPTIONS},
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
    """Reads beside the event loop: `await reader.run(lambda session: …)`, each in one read snapshot and in one thread
    from its first statement to its last."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sessions = sessionmaker(engine, expire_on_commit=False, autoflush=False)
        self._threads = ThreadPoolExecutor(READERS, "reader")
        self._running = 0

    @property
    def idle(self) -> bool:
        """Whether nobody reads now."""
        return self._running == 0

    async def run(self, read: Callable[[Session], T]) -> T:
        context = contextvars.copy_context()
        self._running += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, context.run, self._read, read)
        finally:
            self._running -= 1

    def _read(self, read: Callable[[Session], T]) -> T:
        with self._sessions() as session, session.begin():
            return read(session)

    async def close(self) -> None:
        """Waits for the reads that have begun."""
        await asyncio.to_thread(self._threads.shutdown)
        self.engine.dispose()


@dataclass(slots=True)
class Written:
    """What a commit touched; listeners tell devices that there is something to pull."""

    roots: set[str] = field(default_factory=set)
    employees: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    position: int = 0


@dataclass(slots=True, eq=False)
class _Job(Generic[T]):
    work: Callable[[Session], T]
    future: "Future[T] | asyncio.Future[T]"
    weight: int = 1
    alone: str = ""
    loop: asyncio.AbstractEventLoop | None = None
    ahead: Ahead | None = None
    #: What the caller knew, so that log lines of the writer's threads carry the caller's request.
    context: contextvars.Context = field(default_factory=contextvars.copy_context)


_Outcome = tuple[_Job[Any], Any, BaseException | None]


class Writer:
    """Threads that run commands. What waits shares a transaction and its commit (group commit): a job is answered only
    after the commit that contains it. Jobs may be run more than once until they are committed."""

    def __init__(self, engine: Engine, threads: int = 1, tools: Mapping[str, Any] | None = None) -> None:
        """`tools`: what commands may need beside the database; they find it in `session.info`."""
        self.engine = engine
        self.on_commit: list[Callable[[Written], None]] = []
        #: Told (jobs, seconds) of every transaction, and of one that failed whole (0, seconds).
        self.on_batch: list[Callable[[int, float], None]] = []
        self._sessions = sessionmaker(engine, class_=CommandSession, expire_on_commit=False, info=dict(tools or {}))
        self._jobs: Turns[_Job[Any]] = Turns()
        self._threads = [
            threading.Thread(target=self._work, args=(_PATIENCE if n else 0.0,), name=f"writer-{n}", daemon=True)
            for n in range(1 if engine.dialect.name == "sqlite" else threads)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, work: Callable[[Session], T]) -> "Future[T]":
        """Queues a job; its future is done when the job's transaction is committed, or carries its exception."""
        future: Future[T] = Future()
        self._jobs.put(_Job(work, future))
        return future

    async def run(
        self, work: Callable[[Session], T], weight: int = 1, alone: str = "", ahead: Ahead | None = None
    ) -> T:
        """`weight`: how many ops the job has; a commit is shared by about 100 of them. `alone`: jobs of one name run one
        after the other; what uses `positions.serialize` says so here, or two transactions wait for each other. `ahead`:
        a function and what it is to look up for this job; it is called once, with that of all jobs of a transaction."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(work, future, weight, alone, loop, ahead))
        return await future

    def call(self, work: Callable[[Session], T]) -> T:
        """For the CLI and set-up: waits for the result."""
        return self.submit(work).result()

    def waiting(self) -> int:
        """How many jobs no thread has taken up yet."""
        return len(self._jobs)

    def close(self) -> None:
        self._jobs.close()
        for thread in self._threads:
            thread.join(timeout=30)
        self.engine.dispose()

    def _work(self, patience: float) -> None:
        while batch := self._jobs.take(_BATCH, patience):
            try:
                self._run_batch(batch)
            finally:
                self._jobs.done(batch)

    def _run_batch(self, batch: list[_Job[Any]]) -> None:
        """Runs the jobs in one transaction: first without savepoints, and once more with them where that fails."""
        started = time.perf_counter()
        careful, races = False, 0
        while True:
            try:
                with self._sessions() as session:
                    written, outcomes = self._transaction(session, batch, careful)
                break
            except OperationalError as error:
                if not _lost_race(error) or (len(batch) == 1 and races == 3):
                    self._fail(batch, error, started)
                    return
                # Deadlocks are the engine's business: nothing was committed, so it runs again, each job by itself.
                if len(batch) > 1:
                    for job in batch:
                        self._run_batch([job])
                    return
                races += 1
            except BaseException as error:
                if careful or not isinstance(error, RunAgain | Exception):
                    self._fail(batch, error, started)
                    return
                careful = True
        for heard in self.on_batch:
            heard(len(batch), time.perf_counter() - started)
        for listener in self.on_commit:
            listener(written)
        _answer(outcomes)

    def _transaction(self, session: Session, batch: list[_Job[Any]], careful: bool) -> tuple[Written, list[_Outcome]]:
        outcomes: list[_Outcome] = []
        savepoints.use_savepoints(session, careful)
        with session.begin():
            session.info["connection"] = (
                session.connection()
            )  # the same until the end; asking costs more than it looks
            positions.enter(session, {job.alone for job in batch if job.alone})
            positions.current(session)  # outside of the savepoints, so that no rollback gives it back
            _look_ahead(session, batch)
            for job in batch:
                try:
                    with savepoint(session):
                        value = job.context.run(job.work, session)
                        for step in _endings:
                            step(session)
                        if careful:
                            journal.write(session, audit.write_lines)
                            inbox.write_out(session)
                    outcomes.append((job, value, None))
                except OperationalError as error:
                    if _lost_race(error):
                        raise
                    outcomes.append((job, None, error))
                except Exception as error:
                    outcomes.append((job, None, error))
            journal.write(session, audit.write_lines)
            inbox.write_out(session)
        info = session.info
        roots, people, types = (info.get(f"touched_{kind}", set()) for kind in ("roots", "employees", "types"))
        return Written(roots, people, types, int(info.get("tx", 0))), outcomes

    def _fail(self, batch: list[_Job[Any]], error: BaseException, started: float) -> None:
        log.error("a transaction of %d jobs failed", len(batch), exc_info=error)
        for heard in self.on_batch:
            heard(0, time.perf_counter() - started)
        _answer([(job, None, error) for job in batch])


def _look_ahead(session: Session, batch: list[_Job[Any]]) -> None:
    wanted: dict[Callable[[Session, list[Any]], None], list[Any]] = {}
    for job in batch:
        if job.ahead is not None:
            wanted.setdefault(job.ahead[0], []).append(job.ahead[1])
    for ask, what in wanted.items():
        ask(session, what)


def _lost_race(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _AGAIN


def _answer(outcomes: list[_Outcome]) -> None:
    """Tells the callers; those of one event loop together, it is woken once."""
    loops: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for job, value, failure in outcomes:
        if job.loop is not None:
            loops.setdefault(job.loop, []).append((job, value, failure))
        else:
            _resolve(job.future, value, failure)
    for loop, part in loops.items():
        with contextlib.suppress(RuntimeError):  # the loop was closed: nobody waits any more
            loop.call_soon_threadsafe(_resolve_all, part)


def _resolve_all(outcomes: list[_Outcome]) -> None:
    for job, value, failure in outcomes:
        if not job.future.done():  # a caller that has gone
            _resolve(job.future, value, failure)


def _resolve(future: "Future[Any] | asyncio.Future[Any]", value: Any, failure: BaseException | None) -> None:
    if failure is not None:
        future.set_exception(failure)
    else:
        future.set_result(value)
