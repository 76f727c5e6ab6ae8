"""Imports that were interrupted are gone on with: at the start of a server, and when another one has fallen silent."""

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta

from server.api.state import Services
from server.customers.importing import jobs
from server.customers.importing.work import go_on, left_off
from server.database import is_sqlite
from server.repeated import Repeated

log = logging.getLogger("xunke.import")
#: Seconds between two looks; each says of the jobs in this process's queue that they are alive.
PAUSE = 20


class Resuming:
    def __init__(self, services: Services) -> None:
        self._services = services
        #: Beside SQLite there is one process: what is at work when it starts was interrupted.
        self._silence = timedelta(0) if is_sqlite(services.settings.database_url) else jobs.SILENCE
        self._looking: asyncio.Future[list[str]] | None = None
        self._task = Repeated(self._look, PAUSE, log, "interrupted imports could not be looked for")

    def start(self) -> None:
        self._task.start()

    async def stop(self) -> None:
        """Returns when nothing of an import asks the writer any more; what is at work has left off at its next step."""
        await self._task.stop()
        if self._looking is not None:
            with suppress(Exception):
                await self._looking
        await asyncio.to_thread(left_off)

    async def _look(self) -> None:
        silence, self._silence = self._silence, jobs.SILENCE
        self._looking = asyncio.ensure_future(asyncio.to_thread(go_on, self._services, silence))
        for job_id in await asyncio.shield(self._looking):
            log.info("import %s goes on", job_id)
