"""Devices and the state of the sync, for the people who look after them: who was heard of when, with what still waiting.

What a device says of itself is its claim (`server/people/contacts.py`); the figures of the server are its own.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Controller, Request, get
from litestar.di import NamedDependency
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.api.security import require, signed_in
from server.api.state import Services
from server.people.contacts import LastContact, stored_contacts
from server.people.models import Device, Employee
from server.records.actor import Actor
from server.records.visibility import allowed, visible
from server.telemetry.figures import read_figures
from server.version import VERSION

#: As many as anybody reads through; who has more filters by person.
_MOST = 1000


class DeviceState(msgspec.Struct):
    """One device. `contact_at` is its last pull or push; `app` to `oldest_at` are what it said then, None where it said
    nothing. `outdated`: its app is older than this server's."""

    id: str
    name: str
    employee_id: str
    employee: str
    signed_in_at: datetime | None
    contact_at: datetime | None
    app: str | None
    outdated: bool
    waiting: int | None
    oldest_at: datetime | None
    cloned_at: datetime | None
    revoked_at: datetime | None
    may_revoke: bool


class SyncState(msgspec.Struct):
    """The server's side. `lag`: transactions that are not served to devices yet, `lag_seconds`: since when;
    `writer_waiting`: jobs in the queue; `kept`: ops that wait for an administrator, by code."""

    version: str
    at: datetime
    epoch: str
    position: int
    lag: int
    lag_seconds: float
    engine: str
    database_bytes: int
    kept: dict[str, int]
    photos_waiting: int
    photos_unnamed: int
    device_ages: dict[str, int]
    devices_waiting: int
    ops_waiting: int
    writer_waiting: int


class FleetController(Controller):
    path = "/api"
    tags = ("sync",)
    guards = (signed_in,)

    @get("/sync-devices", operation_id="list_sync_devices")
    async def devices(
        self, services: NamedDependency[Services], request: Request[Any, Any, Any]
    ) -> list[DeviceState]:
        """The devices one may see, those that need somebody first, then the latest contact; needs device.view."""
        actor = require(request, "device.view")

        def read(session: Session) -> list[DeviceState]:
            return device_states(session, actor, services.contacts.latest(stored_contacts(session)))

        return await services.reader.run(read)

    @get("/sync-state", operation_id="sync_state")
    async def state(self, services: NamedDependency[Services], request: Request[Any, Any, Any]) -> SyncState:
        """Figures of the server; needs inbox.manage."""
        require(request, "inbox.manage")
        now = datetime.now(UTC)
        figures = await services.reader.run(
            lambda session: read_figures(session, services.contacts.latest(stored_contacts(session)), now)
        )
        return SyncState(version=VERSION, at=now, writer_waiting=services.writer.waiting(), **asdict(figures))


def device_states(session: Session, actor: Actor, contacts: dict[str, LastContact]) -> list[DeviceState]:
    """The devices in use that this actor may see, and those that were revoked while something still waited on them."""
    waiting = [device_id for device_id, contact in contacts.items() if contact.waiting]
    statement = (
        select(Device, Employee.real_name, allowed(actor, Device, "revoke"))
        .join(Employee, Employee.id == Device.employee_id)
        .where(visible(actor, Device), or_(Device.revoked_at.is_(None), Device.id.in_(waiting)))
        .order_by(Device.last_seen_at.desc())
        .limit(_MOST)
    )
    found = [
        _state(device, name, bool(may_revoke), contacts.get(device.id))
        for device, name, may_revoke in session.execute(statement)
    ]
    long_ago = datetime.min.replace(tzinfo=UTC)
    found.sort(key=lambda one: one.contact_at or one.signed_in_at or long_ago, reverse=True)
    found.sort(key=lambda one: (one.revoked_at is not None, one.cloned_at is None, not one.waiting))
    return found


def _state(device: Device, employee: str, may_revoke: bool, contact: LastContact | None) -> DeviceState:
    return DeviceState(
        id=device.id,
        name=device.name,
        employee_id=device.employee_id,
        employee=employee,
        signed_in_at=device.last_seen_at,
        contact_at=contact.at if contact else None,
        app=contact.app if contact else None,
        outdated=_older(contact.app if contact else None, VERSION),
        waiting=contact.waiting if contact else None,
        oldest_at=contact.oldest_at if contact else None,
        cloned_at=device.cloned_at,
        revoked_at=device.revoked_at,
        may_revoke=may_revoke and device.revoked_at is None,
    )


def _older(version: str | None, than: str) -> bool:
    """Whether a version comes before another; one that is no version counts as older, an unknown one does not."""
    if version is None:
        return False
    return _parts(version) < _parts(than)


def _parts(version: str) -> tuple[int, ...]:
    numbers = version.split("+")[0].split("-")[0].split(".")
    return tuple(int(part) for part in numbers) if all(part.isdigit() for part in numbers) else ()
