"""What a running server does for the feed beside serving it: it notices that its database is an older one than it has
served, notes how far the feed is, and removes old tombstones.

The marker file `feed.json` in the data folder says which epoch and position this server has served: to the last commit
that anybody was told of. A database that does not know them has been restored from a backup; a new epoch then tells every
device to compare what it holds and to send again what the backup lacks.
"""

import asyncio
import json
import logging
import os
import threading
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from media.spool import Spool
from server.database import Writer, Written
from server.repeated import Repeated
from sync import positions
from sync.floor import mark_hour, prune

log = logging.getLogger("xunke.upkeep")

#: How often to look around. On PostgreSQL also how often it is noted how far the feed is: what a backup certainly
#: contains (`sync.positions.new_epoch`).
_LOOK_SECONDS = 60.0
#: The marker is always so long, so that it can be written in place.
_MARKER_BYTES = 256


@dataclass(slots=True)
class Marker:
    """The newest a server has served. `system`: where in PostgreSQL that was, see `_system`; "" on SQLite."""

    epoch: str
    position: int
    system: str = ""

    @classmethod
    def read(cls, file: Path) -> "Marker | None":
        """None where there is none, or none that can be read: nothing is known then."""
        try:
            found = json.loads(file.read_text())
            return cls(str(found["epoch"]), int(found["position"]), str(found["system"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            log.warning("%s cannot be read and is written anew", file)
            return None

    def text(self) -> str:
        return json.dumps(asdict(self)).ljust(_MARKER_BYTES)

    def write(self, file: Path) -> None:
        half = file.with_suffix(".writing")
        half.write_text(self.text())
        os.replace(half, file)


def marker_file(data: Path) -> Path:
    return data / "feed.json"


def current_marker(session: Session) -> Marker:
    """Where this database is now."""
    return Marker(positions.epoch(session), positions.highest(session), _system(session))


def _system(session: Session) -> str:
    """A PostgreSQL cluster has its own identifier, and a new timeline after every recovery to a point in time. Within a
    cluster transaction ids go on whatever is restored; a database or a table made anew has another number."""
    if not positions.is_postgresql(session):
        return ""
    statement = "SELECT system_identifier, timeline_id FROM pg_control_system(), pg_control_checkpoint()"
    try:
        with session.begin_nested():
            identifier, timeline = session.execute(text(statement)).one()
    except DBAPIError:
        identifier = timeline = ""  # a server that does not let us look
    made = "SELECT oid, 'feed'::regclass::oid FROM pg_database WHERE datname = current_database()"
    database, feed = session.execute(text(made)).one()
    return f"{identifier}/{timeline}/{database}/{feed}"


def _is_elsewhere(before: str, now: str) -> bool:
    """What one of them does not say is not compared: earlier versions knew cluster and timeline only."""
    parts = zip(before.split("/"), now.split("/"), strict=False)
    return any(was and is_now and was != is_now for was, is_now in parts)


def why_older(session: Session, marker: Marker) -> str | None:
    """Why this database cannot be the one that the marker speaks of; None where it can."""
    now = current_marker(session)
    if marker.epoch != now.epoch:
        known = marker.epoch in positions.past(session)
        return None if known else f"it does not know the epoch {marker.epoch}"
    if marker.position > now.position:
        return f"it ends at position {now.position}, {marker.position} was served"
    if _is_elsewhere(marker.system, now.system):
        return f"it lies in another cluster or timeline, or was made anew ({now.system}, was {marker.system})"
    return None


def recover(engine: Engine, data: Path) -> str | None:
    """Begins a new epoch where the database is older than what this server has served, and writes the marker. To be
    called before anything is served. Returns the new epoch, None where the old one goes on."""
    file = marker_file(data)
    marker = Marker.read(file)
    epoch: str | None = None
    with Session(engine) as session, session.begin():
        reason = why_older(session, marker) if marker else None
        if marker and reason and positions.is_postgresql(session):
            # Another server of the same database may have noticed first.
            session.execute(text("LOCK TABLE feed IN ACCESS EXCLUSIVE MODE"))
            reason = why_older(session, marker)
        if marker and reason:
            log.warning("the database has been restored (%s): devices compare and send again what it lacks", reason)
            epoch = positions.new_epoch(session, seen=marker.position, other=marker.epoch)
    remember(engine, data)
    return epoch


def begin_epoch(engine: Engine, data: Path, seen: int = 0) -> str:
    """A new epoch because an operator says so; `seen` as in `positions.new_epoch`. Writes the marker."""
    marker = Marker.read(marker_file(data))
    with Session(engine) as session, session.begin():
        known = max(seen, marker.position if marker else 0)
        other = marker.epoch if marker and marker.epoch != positions.epoch(session) else None
        epoch = positions.new_epoch(session, seen=known, other=other)
    remember(engine, data)
    return epoch


def remember(engine: Engine, data: Path) -> None:
    """Writes the marker from what the database is."""
    with Session(engine) as session, session.begin():
        current_marker(session).write(marker_file(data))


@dataclass(slots=True)
class Upkeep:
    """The task of one server; several may run over one PostgreSQL database, each with a marker of its own."""

    writer: Writer
    data: Path
    spool: Spool
    _newest: int = 0
    _hour: str = ""
    _day: str = ""
    _marked: int = 0
    _marker: Marker | None = None
    _file: int | None = None
    _noting: threading.Lock = field(default_factory=threading.Lock)
    _cleaning: Repeated = field(init=False)

    def __post_init__(self) -> None:
        self._cleaning = Repeated(
            lambda: self._clean(datetime.now(UTC)), _LOOK_SECONDS, log, "upkeep failed; it is tried again in an hour"
        )

    def start(self) -> None:
        """Looks whether the database is the one that was served, and begins the task. Before the first request."""
        recover(self.writer.engine, self.data)
        self._marker = Marker.read(marker_file(self.data))
        self._file = os.open(marker_file(self.data), os.O_WRONLY)
        self.writer.on_commit.append(self._written)
        self._cleaning.start()

    async def stop(self) -> None:
        """Ends the task. After the writer has closed."""
        await self._cleaning.stop()
        with self._noting:
            if self._file is not None:
                os.close(self._file)
            self._file = None

    def _written(self, written: Written) -> None:
        # Runs in the writer's threads, before whoever waits for this commit is answered: what was acknowledged and is
        # not in a database that was put back is missed, even if the server was killed right after the answer.
        # Only what a restored database would lack counts.
        if not (written.roots or written.employees):
            return
        with self._noting:
            self._newest = max(self._newest, written.position)
            if self._marker is None or self._file is None or self._newest <= self._marker.position:
                return
            self._marker.position = self._newest
            try:
                # In place and not synced: microseconds. A server that is killed leaves to the system what it has written.
                os.pwrite(self._file, self._marker.text().encode(), 0)
            except OSError as error:
                log.warning("the marker could not be written: %s", error)

    async def _clean(self, now: datetime) -> None:
        hour, day, newest = f"{now:%Y-%m-%dT%H}", f"{now:%Y-%m-%d}", self._newest
        if day != self._day:
            self._day, self._hour = day, hour
            await self.writer.run(lambda session: prune(session, now))
        elif hour != self._hour or self._is_behind():
            self._hour = hour
            await self.writer.run(lambda session: mark_hour(session, now))
        else:
            return
        await asyncio.to_thread(self.spool.sweep, now.timestamp())
        self._marked = newest

    def _is_behind(self) -> bool:
        # On SQLite commits are in the order of positions, so that nothing has to be noted to be certain.
        return self._newest > self._marked and self.writer.engine.dialect.name == "postgresql"
