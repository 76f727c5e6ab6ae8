"""Reads that search: what was written before them is in the index, or they go without it."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from sqlalchemy.orm import Session

from server.database import Reader, Writer
from server.records.search.index import MOST_BEHIND, STEP, behind, follow
from server.records.search.matching import rely_on_index
from server.repeated import Repeated

T = TypeVar("T")
log = logging.getLogger("xunke.search")

#: How often the index is looked after when nobody searches, seconds.
_PAUSE = 2.0
#: Rows that are waiting are counted up to here, and while many more come it is put off so often, at most: an import needs
#: the processor itself.
_COUNTED = 20_000
_PUT_OFF = 10


class Following:
    """Keeps the index of one server up to date; several servers over one PostgreSQL database may do it at once."""

    #: How long a search waits for the index, seconds; the writer may be busy with something large.
    patience = 0.5

    def __init__(self, reader: Reader, writer: Writer) -> None:
        self._reader, self._writer = reader, writer
        self._waited, self._put_off = 0, 0
        self._looking = Repeated(
            self._look, _PAUSE, log, "the search index could not follow; searches go on without it"
        )

    async def read(self, work: Callable[[Session], T]) -> T:
        """As `Reader.run`, for what searches: everything committed before is found."""
        ready, found = await self._reader.run(lambda session: self._if_ready(session, work))
        if ready:
            return found  # type: ignore[return-value]
        usable = False
        with suppress(TimeoutError):
            usable = await asyncio.wait_for(asyncio.shield(self._catch_up()), self.patience)

        def read(session: Session) -> T:
            rely_on_index(session, usable)
            return work(session)

        return await self._reader.run(read)

    @staticmethod
    def _if_ready(session: Session, work: Callable[[Session], T]) -> tuple[bool, T | None]:
        if behind(session, 1):
            return False, None
        rely_on_index(session, True)
        return True, work(session)

    async def _catch_up(self) -> bool:
        """Whether the index has everything that was committed when this was called."""
        if await self._reader.run(behind) > MOST_BEHIND:
            return False
        for _ in range(MOST_BEHIND // STEP + 1):
            if await self._writer.run(follow) < STEP:
                return True
        return False

    def start(self) -> None:
        self._looking.start()

    async def stop(self) -> None:
        """Before the writer closes."""
        await self._looking.stop()

    async def _look(self) -> None:
        """Indexes what was written, when nobody writes or when it has become much; others write in between."""
        waiting = await self._reader.run(lambda session: behind(session, _COUNTED))
        if self.is_put_off(waiting) or not waiting or (waiting < MOST_BEHIND // 2 and self._writer.waiting()):
            return
        if waiting > MOST_BEHIND:
            log.info("the search index is made or follows much at once; until then searches look at every row")
        looked = STEP
        while looked == STEP:
            started = asyncio.get_running_loop().time()
            looked = await self._writer.run(follow)
            await asyncio.sleep((asyncio.get_running_loop().time() - started) / 4)
        if waiting > MOST_BEHIND:
            log.info("the search index is complete")

    def is_put_off(self, waiting: int) -> bool:
        """`waiting` rows at this look: whether much was written since the last one, and more may be coming."""
        grown, self._waited = waiting - self._waited, waiting
        self._put_off = self._put_off + 1 if grown > STEP else 0
        return 0 < self._put_off <= _PUT_OFF
