"""Work that a serving process does again and again beside its requests."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress


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
