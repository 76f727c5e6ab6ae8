"""Imports that were interrupted are gone on with: at the start of a server, and when another one has fallen silent."""

import asyncio
import logging
from datetime import timedelta

from server.api.state import Services
from server.customers.importing import jobs
from server.customers.importing.work import go_on
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
        self._task = Repeated(self._look, PAUSE, log, "interrupted imports could not be looked for")

    def start(self) -> None:
        self._task.start()

    async def stop(self) -> None:
        await self._task.stop()

    async def _look(self) -> None:
        silence, self._silence = self._silence, jobs.SILENCE
        for job_id in await asyncio.to_thread(go_on, self._services, silence):
            log.info("import %s goes on", job_id)
