"""The head of the feed, in memory: answers the pull that has nothing to bring, which is most of them.

For every employee it knows the last position that concerns him: a row written under a root he holds, or a root that
came or went. It learns that from the database alone, as soon as the database says that something was committed since
it looked last; so another process may have written it, and nothing depends on anybody telling. A device whose cursor is
not older than that has everything. Whatever is not certain is left to the pull itself.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from sync.pull import Cursor, Page, decode_cursor, encode_cursor, owner_of
from sync.statements import Statement

log = logging.getLogger("xunke.sync")


@dataclass(frozen=True, slots=True)
class Mark:
    """What the database says of itself now; where it says the same again, nothing was committed in between.
    `snapshot`: on PostgreSQL more may be committed than what lies below the horizon."""

    epoch: str
    horizon: int
    snapshot: str
    floor: int


T = TypeVar("T")
#: Employees, each with a position that concerns him.
Concerned = list[tuple[str, int]]


class Run(Protocol):
    """Runs a read in one snapshot, without holding up the event loop."""

    def __call__(self, read: Callable[[Session], T], /) -> Awaitable[T]: ...


_SQLITE = "SELECT epoch, tx, '', floor FROM feed WHERE id = 1"
_POSTGRESQL = """SELECT epoch, base + pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1,
                        pg_current_snapshot()::text, floor FROM feed WHERE id = 1"""

_MARK = Statement(sqlite=_SQLITE, postgresql=_POSTGRESQL)
#: Not bounded from above, as the pull is not: a row that is written twice has only its newer line.
_CONCERNED = Statement(
    """SELECT access.employee_id, max(change_log.tx) FROM change_log
         JOIN access ON access.root = change_log.root AND access.live
        WHERE change_log.tx > :seen GROUP BY access.employee_id
       UNION ALL
       SELECT employee_id, max(tx) FROM access WHERE tx > :seen GROUP BY employee_id"""
)


class Head:
    """`await head.idle(employee, cursor)` in the event loop of one process."""

    def __init__(self, run: Run, sqlite_file: str | None = None) -> None:
        """`sqlite_file`: asked directly, which takes microseconds. On PostgreSQL a question is shared by all who wait."""
        self._run = run
        self._file = sqlite_file
        self._connection: sqlite3.Connection | None = None
        self._seen: Mark | None = None  #: everything committed before is in `_concerned`
        self._since = 0  #: what was committed up to here is not
        self._concerned: dict[str, int] = {}
        self._waiting: asyncio.Task[Mark] | None = None
        self._asking = asyncio.Lock()

    async def idle(self, employee_id: str, cursor: str | None) -> Page | None:
        """The answer to a pull that has nothing to bring, None where that is not certain."""
        at = decode_cursor(cursor)
        if at is None or at.phase or not at.at:
            return None
        try:
            mark = await self._current()
        except Exception:
            # The pull itself can answer, or say better what is wrong.
            log.warning("the head of the feed could not be read", exc_info=True)
            return None
        if at.owner != owner_of(mark.epoch, employee_id):
            return None
        if at.at < self._since or at.at < mark.floor or at.at > mark.horizon:
            return None
        if self._concerned.get(employee_id, 0) > at.at:
            return None
        fresh = encode_cursor(Cursor(at.owner, at=mark.horizon))
        return Page(epoch=mark.epoch, cursor=fresh, position=mark.horizon)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _current(self) -> Mark:
        """The database's word of a moment after this call, with everything before it in `_concerned`."""
        if self._file is not None and self._seen is not None and self._ask_file() == self._seen:
            return self._seen
        if self._waiting is None:
            self._waiting = asyncio.create_task(self._look())
        return await asyncio.shield(self._waiting)

    def _ask_file(self) -> Mark:
        if self._connection is None:
            # Never written through; not opened read-only, because WAL needs its shared memory.
            self._connection = sqlite3.connect(str(self._file), isolation_level=None, check_same_thread=False)
        return Mark(*self._connection.execute(_SQLITE).fetchone())

    async def _look(self) -> Mark:
        async with self._asking:
            self._waiting = None  # who comes from now on may know of a later commit than this look will see
            seen = self._seen

            def read(session: Session) -> tuple[Mark, Concerned]:
                [asked] = _MARK.rows(session)
                mark = Mark(*asked)
                if mark == seen:
                    return mark, []
                after = seen if seen is not None and seen.epoch == mark.epoch else mark
                rows = _CONCERNED.rows(session, seen=after.horizon)
                return mark, [(str(employee_id), int(tx)) for employee_id, tx in rows]

            mark, lines = await self._run(read)
            if seen is None or mark.epoch != seen.epoch:
                self._since = mark.horizon
                self._concerned = {}
            for employee_id, tx in lines:
                self._concerned[employee_id] = max(tx, self._concerned.get(employee_id, 0))
            self._seen = mark
            return mark
