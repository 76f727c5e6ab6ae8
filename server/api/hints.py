"""The hint "pull now" to devices that listen, without any data in it."""

import asyncio
import threading
from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.database import Reader, Written
from sync.access import among
from sync.schema import access

_KEEP_ALIVE_SECONDS = 25.0
_GATHER_SECONDS = 0.25


class Hints:
    """Remembers which employees listen, and wakes those who hold what a commit touched."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._listeners: dict[str, set[asyncio.Event]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()
        self._roots: set[str] = set()
        self._employees: set[str] = set()
        self._scheduled = False

    def written(self, written: Written) -> None:
        """Called by the writer's threads after each commit; commits of a moment are answered together."""
        if not self._listeners or self._loop is None or not (written.roots or written.employees):
            return
        with self._lock:
            self._roots |= written.roots
            self._employees |= written.employees
            if self._scheduled:
                return
            self._scheduled = True
        self._loop.call_soon_threadsafe(lambda: asyncio.ensure_future(self._wake()))

    async def _wake(self) -> None:
        await asyncio.sleep(_GATHER_SECONDS)
        with self._lock:
            roots, employees = self._roots, self._employees
            self._roots, self._employees, self._scheduled = set(), set(), False
        listening = set(self._listeners)
        if "company" not in roots:
            holders = await self._reader.run(lambda session: _holders(session, roots, listening))
            listening &= employees | holders
        for employee_id in listening:
            for event in self._listeners.get(employee_id, ()):
                event.set()

    async def listen(self, employee_id: str) -> AsyncIterator[str]:
        """Yields "hint" when there is something to pull and "alive" so that dead connections are noticed."""
        self._loop = asyncio.get_running_loop()
        event = asyncio.Event()
        self._listeners.setdefault(employee_id, set()).add(event)
        try:
            yield "alive"
            while True:
                try:
                    await asyncio.wait_for(event.wait(), _KEEP_ALIVE_SECONDS)
                except TimeoutError:
                    yield "alive"
                else:
                    event.clear()
                    yield "hint"
        finally:
            self._listeners[employee_id].discard(event)
            if not self._listeners[employee_id]:
                del self._listeners[employee_id]


def _holders(session: Session, roots: set[str], listening: set[str]) -> set[str]:
    if not roots:
        return set()
    statement = select(access.c.employee_id).where(
        access.c.root.in_(among(session, roots)), access.c.live, access.c.employee_id.in_(among(session, listening))
    )
    return set(session.scalars(statement))
