"""Pages read ahead. Who is told that more follows asks for it next: it is read while what came before is packed, sent and
stored, so that on a cold start neither waits for the other."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from server.records.actor import Actor

T = TypeVar("T")

#: Pages at once; each is some megabytes.
MOST = 4
#: Seconds a page waits for who wanted it. What he is given is never older than that.
KEPT = 5.0


@dataclass(slots=True)
class _Begun(Generic[T]):
    task: "asyncio.Future[T]"
    actor: Actor
    expiry: asyncio.TimerHandle


class Ahead(Generic[T]):
    """`begin` after an answer that said where it goes on, `take` when somebody does."""

    def __init__(self) -> None:
        self._begun: dict[tuple[str, str, int], _Begun[T]] = {}
        #: How many were read ahead, and how many of these were given to somebody.
        self.begun = self.taken = 0

    def begin(self, login: str, after: str, rows: int, actor: Actor, read: Callable[[], Awaitable[T]]) -> None:
        """Reads for one login (the hash of its token) the page that `after` names. Where there are many, nothing."""
        key = login, after, rows
        if key in self._begun or len(self._begun) >= MOST:
            return
        task = asyncio.ensure_future(read())
        task.add_done_callback(_hear)
        expiry = asyncio.get_running_loop().call_later(KEPT, self._begun.pop, key, None)
        self._begun[key] = _Begun(task, actor, expiry)
        self.begun += 1

    async def take(self, login: str, after: str, rows: int, actor: Actor) -> T | None:
        """The page, once; None where it was not read ahead, could not be, or for other rights than `actor` has now."""
        found = self._begun.pop((login, after, rows), None)
        if found is None:
            return None
        found.expiry.cancel()
        if found.actor != actor:
            return None
        try:
            page = await asyncio.shield(found.task)
        except Exception:  # whoever reads it himself is told what is wrong
            return None
        self.taken += 1
        return page


def _hear(task: "asyncio.Future[T]") -> None:
    """A failure that nobody waits for is no news."""
    if not task.cancelled():
        task.exception()
