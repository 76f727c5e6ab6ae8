"""When each device was last heard of, and what it said: app version, how much waits on it, since when.

A device says so with every pull and push (`X-Xunke-Client: app=0.1.0; waiting=3; oldest=2026-11-21T08:01:02.000Z`). It is
a claim: read strictly, bounded, shown to people, never used to decide anything. Kept in memory and written at most every
half minute, because a phone that asks often must not cost a write each time.
"""

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from server.people.models import device_contact
from sync import positions

HEADER = "x-xunke-client"
FLUSH_SECONDS = 30.0

_REPORT = re.compile(r"app=([0-9A-Za-z.+-]{1,20}); waiting=(\d{1,7}); oldest=(-|[0-9TZ:.+-]{10,35})")
#: A phone's clock may be a year off; beyond that a date says nothing.
_PLAUSIBLE = timedelta(days=400)
#: More devices than a company has: then something is wrong, and the memory is not its victim.
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Report:
    """What a device says of itself. `oldest_at`: when the oldest op that waits was made, by the phone's clock."""

    app: str
    waiting: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class LastContact:
    """The last time a device was heard of. The rest is None where it has not said."""

    at: datetime
    app: str | None = None
    wire_schema: int | None = None
    waiting: int | None = None
    oldest_at: datetime | None = None


def read_report(header: str | None, now: datetime) -> Report | None:
    """The report in a header, or None where there is none or it is anything else."""
    found = _REPORT.fullmatch(header) if header and len(header) <= 120 else None
    if found is None:
        return None
    app, waiting, oldest = found.groups()
    try:
        moment = None if oldest == "-" else datetime.fromisoformat(oldest)
    except ValueError:
        return None
    if moment is not None:
        if moment.tzinfo is None:
            return None
        try:
            moment = moment.astimezone(UTC)
        except OverflowError:
            return None
        if abs(now - moment) > _PLAUSIBLE:
            moment = None
    return Report(app, int(waiting), moment)


class Contacts:
    """The devices of one server, as last heard."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard: dict[str, LastContact] = {}
        self._unwritten: set[str] = set()

    def heard(self, device_id: str, header: str | None, wire_schema: int | None, now: datetime) -> None:
        """A device was in contact; what it does not say this time stays as it was."""
        report = read_report(header, now)
        with self._lock:
            if device_id not in self._heard and len(self._heard) >= _MOST:
                return
            contact = self._heard.get(device_id, LastContact(now))
            if report is not None:
                contact = replace(contact, app=report.app, waiting=report.waiting, oldest_at=report.oldest_at)
            if wire_schema is not None:
                contact = replace(contact, wire_schema=wire_schema)
            self._heard[device_id] = replace(contact, at=now)
            self._unwritten.add(device_id)

    def latest(self, stored: dict[str, LastContact]) -> dict[str, LastContact]:
        """What is stored, with what was heard since."""
        with self._lock:
            return {**stored, **{device_id: self._heard[device_id] for device_id in self._unwritten}}

    def take_unwritten(self) -> dict[str, LastContact]:
        """What has not been written; the caller writes it or gives it back."""
        with self._lock:
            taken = {device_id: self._heard[device_id] for device_id in self._unwritten}
            self._unwritten.clear()
            return taken

    def give_back(self, device_ids: Iterable[str]) -> None:
        with self._lock:
            self._unwritten.update(device_ids)


def stored_contacts(session: Session) -> dict[str, LastContact]:
    c = device_contact.c
    rows = session.execute(select(c.device_id, c.at, c.app, c.wire_schema, c.waiting, c.oldest_at))
    return {row[0]: LastContact(*row[1:]) for row in rows}


def write_contacts(session: Session, contacts: dict[str, LastContact]) -> None:
    """Stores contacts, each over what was known of its device."""
    if not contacts:
        return
    insert = postgresql_insert if positions.is_postgresql(session) else sqlite_insert
    statement = insert(device_contact)
    told = {name: statement.excluded[name] for name in ("at", "app", "wire_schema", "waiting", "oldest_at")}
    statement = statement.on_conflict_do_update(index_elements=["device_id"], set_=told)
    session.connection().execute(
        statement,
        [
            {
                "device_id": device_id,
                "at": contact.at,
                "app": contact.app,
                "wire_schema": contact.wire_schema,
                "waiting": contact.waiting,
                "oldest_at": contact.oldest_at,
            }
            for device_id, contact in sorted(contacts.items())
        ],
    )
