"""The application: every route, made from the settings. `create_app` is what granian and the tests start."""

import asyncio
import gc
import logging
import secrets
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path

from litestar import Litestar, get
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.openapi import OpenAPIConfig
from sqlalchemy.exc import OperationalError

import server.areas  # noqa: F401 - makes every record and command known
from media.spool import Spool
from media.store import BlobStore
from media.tokens import TimeTokens
from server.api.account import AccountController
from server.api.errors import (
    on_any_error,
    on_business_error,
    on_database_error,
    on_deep_nesting,
    on_http_error,
)
from server.api.fleet import FleetController
from server.api.hints import Hints
from server.api.kept import KeptController
from server.api.metrics import metrics as metrics_route
from server.api.pwa import COMPRESSED, pwa_routes
from server.api.records import records_router
from server.api.routes import area_routes
from server.api.security import Authentication, Door
from server.api.state import Services
from server.api.sync import SyncController, entrance
from server.company.zone import company_zone
from server.customers.importing.resuming import Resuming
from server.database import Reader, Writer, is_sqlite, read_engine, write_engine
from server.exports.work import left_off
from server.kept.ops import run_understood
from server.mails.mailer import Mailer
from server.mails.smtp import Smtp
from server.mails.vault import Vault
from server.notifications.postman import Postman
from server.notifications.push import push_service
from server.people.commands import MAX_USERS
from server.people.contacts import FLUSH_SECONDS, Contacts, write_contacts
from server.people.logins import Logins
from server.photos.service import TIME_TOKENS
from server.records.errors import BusinessError
from server.records.search.following import Following
from server.scheduler.clockwork import Clockwork
from server.search.routes import SearchController
from server.settings import Settings, load
from server.telemetry import logs
from server.telemetry.metrics import Metrics
from server.telemetry.middleware import Watch
from server.upkeep import Upkeep
from server.version import VERSION
from sync.head import Head

#: Blobs are the largest body; every other route has its own, smaller limit.
MAX_BODY = 26 * 1024 * 1024


def secret_of(folder: Path) -> bytes:
    """The secret of this installation, made at the first start and kept readable for its owner only."""
    file = folder / "secret"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_bytes(secrets.token_bytes(32))
    return file.read_bytes()


def make_services(settings: Settings) -> Services:
    """Opens database and blobs. The schema must be up to date (`xunke migrate`)."""
    settings.data.mkdir(parents=True, exist_ok=True)
    secret = secret_of(settings.data)
    tokens = TimeTokens(secret)
    writer = Writer(
        write_engine(settings.database_url, settings.writers),
        settings.writers,
        {TIME_TOKENS: tokens, MAX_USERS: settings.max_users},
    )
    reader = Reader(read_engine(settings.database_url))
    hints = Hints(reader)
    writer.on_commit.append(hints.written)
    metrics = Metrics(VERSION)
    blobs = BlobStore.open(settings.blob_location)
    metrics.watch_queue(writer.waiting)
    writer.on_batch.append(metrics.committed)
    return Services(
        settings=settings,
        reader=reader,
        writer=writer,
        logins=Logins(reader, writer, settings.session_days),
        blobs=blobs,
        spool=Spool(settings.data / "uploads"),
        tokens=tokens,
        hints=hints,
        head=Head(reader.run, reader.engine.url.database if is_sqlite(settings.database_url) else None),
        metrics=metrics,
        contacts=Contacts(),
        postman=Postman(
            reader,
            writer,
            push_service(secret, settings.push_hosts, settings.push_contact),
            on_message=metrics.message,
        ),
        mailer=Mailer(reader, writer, blobs, Vault(secret), Smtp(settings.inside_mail_hosts)),
        search=Following(reader, writer),
    )


@get("/api/health", tags=["account"], operation_id="health")
async def health() -> dict[str, str]:
    return {"status": "ok", "version": VERSION}


async def keep_contacts(services: Services) -> None:
    """Writes down when devices were heard of, now and then."""
    while True:
        await asyncio.sleep(FLUSH_SECONDS)
        await flush_contacts(services)


async def flush_contacts(services: Services) -> None:
    """Writes what was heard since the last time; what cannot be written waits for the next time."""
    taken = services.contacts.take_unwritten()
    if not taken:
        return
    try:
        await services.writer.run(lambda session: write_contacts(session, taken))
    except Exception:
        services.contacts.give_back(taken)
        log.warning("device contacts were not written", exc_info=True)


@cache
def _spare_the_collector() -> None:
    """Once a process. What was loaded at start stays for good: the collector need not look through it again and again.
    Commands make many small objects that end with their transaction."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    gc.enable()


def serve() -> Litestar:
    """The application of a process that serves: what it has to say goes to stderr."""
    settings = load()
    logs.configure(settings.log, settings.log_level)
    return create_app(settings)


def create_app(settings: Settings | None = None) -> Litestar:
    """The ASGI application."""
    chosen = settings or load()
    return equip(make_routes(chosen.pwa), chosen)


def equip(app: Litestar, settings: Settings) -> Litestar:
    """Gives an application that is not running what it works with; whatever it knew before is forgotten."""
    app.state = State({"services": make_services(settings)})
    return app


async def _services(state: State) -> Services:
    services: Services = state.services
    return services


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    services: Services = app.state.services
    _spare_the_collector()
    upkeep = Upkeep(services.writer, services.settings.data, services.spool)
    upkeep.start()
    clockwork = Clockwork(services.reader, services.writer, company_zone)
    clockwork.start()
    services.postman.start()
    services.mailer.start()
    services.search.start()
    resuming = Resuming(services)
    resuming.start()
    keeping = asyncio.create_task(keep_contacts(services))
    stopping = threading.Event()
    upgraded = asyncio.create_task(asyncio.to_thread(run_understood, services.writer, stopping.is_set))
    try:
        yield
    finally:
        stopping.set()
        services.stopping.set()
        with suppress(Exception):
            await upgraded
        await resuming.stop()
        await left_off(services)
        await clockwork.stop()
        await services.postman.stop()
        await services.mailer.stop()
        await services.search.stop()
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        await flush_contacts(services)
        services.writer.close()
        await upkeep.stop()
        services.head.close()
        await services.reader.close()


def make_routes(pwa: Path) -> Litestar:
    """Every route, and the built app's files from a folder; nothing of an installation yet, see `equip`."""
    return Litestar(
        route_handlers=[
            health,
            AccountController,
            SyncController,
            KeptController,
            SearchController,
            FleetController,
            metrics_route,
            records_router(),
            *area_routes(),
            *pwa_routes(pwa),
        ],
        dependencies={"services": Provide(_services)},
        middleware=[
            Watch(),
            Door(),
            entrance,
            DefineMiddleware(Authentication, exclude=["^/assets/", "^/icons/"]),
        ],
        exception_handlers={
            BusinessError: on_business_error,
            HTTPException: on_http_error,
            OperationalError: on_database_error,
            RecursionError: on_deep_nesting,
            Exception: on_any_error,
        },
        compression_config=CompressionConfig(
            backend="brotli",
            brotli_quality=5,
            brotli_gzip_fallback=True,
            minimum_size=600,
            exclude=["^/sync/v1/events", "^/media/", "^/api/exports/[^/]+/file$", *COMPRESSED],
        ),
        openapi_config=OpenAPIConfig(title="Xunke", version=VERSION, path="/schema"),
        request_max_body_size=MAX_BODY,
        lifespan=[_lifespan],
        logging_config=None,
        signature_types=[Services],
    )


log = logging.getLogger("xunke")
log.addHandler(logging.NullHandler())
