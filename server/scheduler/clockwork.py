"""The task of a serving process that looks whether timed work is due."""

import logging
import uuid
from datetime import UTC, datetime

from server.database import Reader, Writer
from server.repeated import Repeated
from server.scheduler.runs import ZoneOf, run_due

log = logging.getLogger("xunke.scheduler")

#: How often to look, in seconds: how late work starts at most.
LOOK_SECONDS = 10.0


def _now() -> datetime:
    return datetime.now(UTC)


class Clockwork:
    """Several servers may run one each over the same database: every run is done by one of them."""

    def __init__(self, reader: Reader, writer: Writer, zone_of: ZoneOf) -> None:
        self._reader = reader
        self._writer = writer
        self._zone_of = zone_of
        self._name = uuid.uuid4().hex[:12]
        self._looking = Repeated(
            self._look, LOOK_SECONDS, log, "looking for timed work failed; it is tried again soon"
        )

    def start(self) -> None:
        self._looking.start()

    async def stop(self) -> None:
        """Lets the step under way finish or be undone; the run goes on at the next start."""
        await self._looking.stop()

    async def _look(self) -> None:
        await run_due(self._reader, self._writer, self._name, _now, self._zone_of)
