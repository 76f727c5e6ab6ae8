"""Figures about the whole server that stand in the database: how far the feed is, what is kept, who was heard of when.

They count, and name nobody; the panel and `/metrics` show the same ones.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from server.people.contacts import LastContact
from server.people.models import Device
from server.photos.models import Photo
from server.photos.unnamed import count_unnamed
from sync import positions
from sync.schema import inbox

#: Why an op waits for an administrator (see `sync.push.NOT_RUN`).
KEPT_CODES = ("unknown_command", "server_error", "quarantined", "needs_missing")
#: How long ago a device was heard of, as the upper end of each class.
AGES = (
    ("1h", timedelta(hours=1)),
    ("1d", timedelta(days=1)),
    ("7d", timedelta(days=7)),
    ("30d", timedelta(days=30)),
    ("older", timedelta.max),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts as of one moment. `lag`: transactions that began and may not be served yet; `lag_seconds`: for how long the
    oldest of them has been open."""

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


# unrestricted: counts only, of the whole server
def read_figures(session: Session, contacts: dict[str, LastContact], now: datetime) -> Figures:
    """`contacts`: what is known of the devices (`Contacts.latest`)."""
    lag = positions.lag(session)
    live = set(session.scalars(select(Device.id).where(Device.revoked_at.is_(None))))
    heard = {device_id: contact for device_id, contact in contacts.items() if device_id in live}
    ages = {name: 0 for name, _ in AGES} | {"never": len(live) - len(heard)}
    for contact in heard.values():
        ages[_age(now - contact.at)] += 1
    waiting = [contact.waiting for contact in heard.values() if contact.waiting]
    return Figures(
        epoch=positions.epoch(session),
        position=positions.horizon(session),
        lag=lag.positions,
        lag_seconds=round(lag.seconds, 3),
        engine="postgresql" if positions.is_postgresql(session) else "sqlite",
        database_bytes=_size(session),
        kept=_kept(session),
        photos_waiting=session.scalar(
            select(func.count())
            .select_from(Photo)
            .where(Photo.uploaded_at.is_(None), Photo.sha256.is_not(None), Photo.withdrawn_at.is_(None))
        )
        or 0,
        photos_unnamed=count_unnamed(session, now),
        device_ages=ages,
        devices_waiting=len(waiting),
        ops_waiting=sum(waiting),
    )


def _age(since: timedelta) -> str:
    return next(name for name, limit in AGES if since <= limit)


def _kept(session: Session) -> dict[str, int]:
    c = inbox.c
    statement = select(c.code, func.count()).where(c.status == "held", c.code.in_(KEPT_CODES)).group_by(c.code)
    return dict.fromkeys(KEPT_CODES, 0) | {str(code): count for code, count in session.execute(statement)}


def _size(session: Session) -> int:
    if positions.is_postgresql(session):
        return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    pages = session.scalar(text("PRAGMA page_count")) or 0
    return int(pages) * int(session.scalar(text("PRAGMA page_size")) or 0)


def registry_of(
    figures: Figures, uploads: tuple[int, int], undelivered: dict[tuple[str, str], int]
) -> CollectorRegistry:
    """The figures as Prometheus reads them. `uploads`: how many were begun and are not finished, and their bytes;
    `undelivered`: notifications by channel and state."""
    registry = CollectorRegistry()
    spool = [
        ("xunke_uploads_open", "Uploads of photos that were begun and are not finished", float(uploads[0])),
        ("xunke_uploads_open_bytes", "Bytes that have arrived of them", float(uploads[1])),
    ]
    for name, meaning, value in [*_gauges(figures), *spool]:
        Gauge(name, meaning, registry=registry).set(value)
    kept = Gauge("xunke_kept_ops", "Ops that wait for an administrator", ["code"], registry=registry)
    for code, count in figures.kept.items():
        kept.labels(code).set(count)
    devices = Gauge(
        "xunke_devices",
        "Devices in use, by the age of their last contact (upper end)",
        ["contact"],
        registry=registry,
    )
    for age, count in figures.device_ages.items():
        devices.labels(age).set(count)
    deliveries = Gauge(
        "xunke_deliveries",
        "Notifications that wait to be delivered, or were lately given up",
        ["channel", "state"],
        registry=registry,
    )
    for labels, count in undelivered.items():
        deliveries.labels(*labels).set(count)
    return registry


def _gauges(figures: Figures) -> Iterator[tuple[str, str, float]]:
    yield "xunke_feed_position", "The last position that is served to devices", figures.position
    yield "xunke_feed_lag_transactions", "Transactions that began and cannot be served yet", figures.lag
    yield "xunke_feed_lag_seconds", "Age of the oldest transaction that holds the feed back", figures.lag_seconds
    yield "xunke_database_bytes", "Size of the database", figures.database_bytes
    yield "xunke_photos_waiting", "Photos whose bytes have not arrived", figures.photos_waiting
    yield "xunke_photos_unnamed", "Uploads that no photo names (yet)", figures.photos_unnamed
    yield "xunke_devices_with_waiting_ops", "Devices that reported ops waiting on them", figures.devices_waiting
    yield "xunke_device_waiting_ops", "Ops waiting on devices, as last reported", figures.ops_waiting
