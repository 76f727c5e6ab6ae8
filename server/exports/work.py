"""The work of an export, beside the request that asked for it. A server that ends leaves it off: its person starts it
again, for it was made of what there was at one moment."""

import asyncio
import hashlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from sqlalchemy.orm import Session

from server.api.state import Services
from server.database import is_sqlite
from server.exports import jobs
from server.exports.making import Asked, maker_of
from server.records.actor import Actor
from server.records.errors import BusinessError

log = logging.getLogger("xunke.exports")
#: Seconds between two words about how far it is.
_PULSE = 1.0


class _Stopping(Exception):
    """The server ends."""


def gone(services: Services) -> jobs.Gone:
    """Whether nobody works at a job any more. Beside SQLite there is one server: this one."""
    alone = is_sqlite(services.settings.database_url)

    def is_gone(job_id: str, touched_at: datetime) -> bool:
        if job_id in services.exports:
            return False
        return alone or touched_at < datetime.now(UTC) - jobs.SILENCE

    return is_gone


def start(services: Services, actor: Actor, job_id: str, asked: Asked) -> None:
    """Makes the file behind the request."""
    task = asyncio.create_task(_guarded(services, actor, job_id, asked))
    services.exports[job_id] = task
    task.add_done_callback(lambda _: services.exports.pop(job_id, None))


async def left_off(services: Services) -> None:
    """Returns when no export is at work here; each leaves off at its next rows once the server ends."""
    await asyncio.gather(*services.exports.values(), return_exceptions=True)


async def _guarded(services: Services, actor: Actor, job_id: str, asked: Asked) -> None:
    try:
        await _make(services, actor, job_id, asked)
    except _Stopping:
        await services.writer.run(lambda session: jobs.fail(session, job_id, "export_interrupted", {}))
    except BusinessError as error:
        code, params = error.code, error.detail()
        await services.writer.run(lambda session: jobs.fail(session, job_id, code, params))
    except Exception:
        log.exception("export %s failed", job_id)
        await services.writer.run(lambda session: jobs.fail(session, job_id, "export_failed", {}))


async def _make(services: Services, actor: Actor, job_id: str, asked: Asked) -> None:
    rows = 0

    def tell(count: int) -> None:
        nonlocal rows
        rows = count
        if services.stopping.is_set():
            raise _Stopping

    def make(session: Session) -> bytes:
        return maker_of(asked).make(session, actor, asked, tell)

    read = services.reading(asked.query.get("q", ""))
    making = asyncio.ensure_future(read(make))
    while not (await asyncio.wait({making}, timeout=_PULSE))[0]:
        await services.writer.run(_touched(job_id, rows))
    content = making.result()
    for part, first in enumerate(range(0, len(content), jobs.PIECE)):
        piece = content[first : first + jobs.PIECE]
        await services.writer.run(partial(jobs.keep_piece, job_id=job_id, part=part, piece=piece))
    done = {"state": "done", "rows": rows, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    await services.writer.run(lambda session: jobs.touch(session, job_id, **done))


def _touched(job_id: str, rows: int) -> Callable[[Session], None]:
    return lambda session: jobs.touch(session, job_id, rows=rows)
