"""Work that a serving process does again and again beside its requests."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from server.database import Writer, Written

#: How often to look whether something that had to wait is due.
LOOK_SECONDS = 5.0
_STOP_SECONDS = 3.0


class Repeated:
    """Does `work`, waits `pause` seconds, and so on until it is stopped. What fails is logged as `trouble` and tried
    again after the pause."""

    def __init__(
        self, work: Callable[[], Awaitable[object]], pause: float, log: logging.Logger, trouble: str
    ) -> None:
        self._work = work
        self._pause = pause
        self._log = log
        self._trouble = trouble
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Ends it in the middle of a step; nothing where it was not started."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self._work()
            except Exception:
                self._log.exception(self._trouble)
            await asyncio.sleep(self._pause)


@dataclass(slots=True)
class Rounds:
    """`work` is run again until it did nothing, after commits that wrote rows of the table `of`, and every few seconds.
    `gather`: seconds to wait after a commit, so that what is written in the same moment is one round."""

    writer: Writer
    of: str
    work: Callable[[], Awaitable[int]]
    log: logging.Logger
    trouble: str
    gather: float = 0.0
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _loop: asyncio.AbstractEventLoop | None = None
    _task: "asyncio.Task[None] | None" = None
    _busy: asyncio.Lock = field(default_factory=asyncio.Lock)

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.writer.on_commit.append(self._written)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Lets a round under way come to its end for a moment. Before the writer closes."""
        if self._task is not None:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._busy.acquire(), _STOP_SECONDS)
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def _written(self, written: Written) -> None:
        # Runs in the writer's threads.
        if self.of in written.types and self._loop is not None:
            with suppress(RuntimeError):  # the loop has closed
                self._loop.call_soon_threadsafe(self._woken.set)

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_SECONDS)
                await asyncio.sleep(self.gather)
            self._woken.clear()
            try:
                async with self._busy:
                    while await self.work():
                        pass
            except Exception:
                self.log.exception(self.trouble)
