"""Taking in the bytes of a photo: store them, find out what they are, make thumbnails, let them be judged."""

import asyncio
import logging
import math
import re
import time
from collections.abc import AsyncIterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from media.bounded import BoundedIntake, shared
from media.images import DEFAULT_LIMITS, Intake
from media.store import BlobError, BlobStore, read_limited
from server.company.models import Company
from server.database import Reader, Writer
from server.photos.keeping import retain
from server.photos.service import examination_of, store_examination
from server.records.actor import SYSTEM
from server.records.commands import Context, run
from server.records.errors import BusinessError, Rejected

log = logging.getLogger("xunke.photos")
_A_DAY = 24 * 3600.0
MAX_BLOB_BYTES = DEFAULT_LIMITS.max_bytes


class BlobTooLarge(BusinessError):
    status = 413


@dataclass(slots=True)
class PhotoIntake:
    """The way of bytes into the company. One per application."""

    blobs: BlobStore
    writer: Writer
    reader: Reader
    pool: BoundedIntake
    _tidied: float = -math.inf
    _tidying: "asyncio.Task[int] | None" = None

    @classmethod
    def open(cls, blobs: BlobStore, writer: Writer, reader: Reader) -> "PhotoIntake":
        return cls(blobs, writer, reader, shared())

    async def receive(self, sha256: str, body: AsyncIterable[bytes], employee_id: str) -> list[dict[str, Any]]:
        """Stores and judges what a device sends under a hash; returns the photos that were waiting for it.

        Raises `Rejected` (wrong_type, hash_mismatch) and `BlobTooLarge`. Bytes that are no picture are stored, too.
        """
        check_hash(sha256)
        try:
            data = await read_limited(body, MAX_BLOB_BYTES)
            await self.blobs.put("original", sha256, data)
        except BlobError as error:
            if error.code == "too_large":
                raise BlobTooLarge("blob_too_large", mb=MAX_BLOB_BYTES // 2**20) from None
            raise Rejected("hash_mismatch", field="sha256", sha256=sha256) from None
        intake = await self._examine(data)
        await self._keep_thumbnails(sha256, intake)
        self._tidy()
        return await self.writer.run(lambda session: take_note(session, intake, employee_id))

    def _tidy(self) -> None:
        """Once a day, beside the work: originals past the age that the company keeps them are given up."""
        now = time.monotonic()
        if now - self._tidied > _A_DAY and (self._tidying is None or self._tidying.done()):
            self._tidied = now
            self._tidying = asyncio.create_task(self._retain())

    async def _retain(self) -> int:
        try:
            return await retain(self.reader, self.writer, self.blobs)
        except Exception:  # tomorrow it is tried again; a photo that arrives must not fail for it
            log.exception("giving up old originals failed")
            return 0

    async def _examine(self, data: bytes) -> Intake:
        """Decodes in a process with limits, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self.pool.executor, self.pool.take_in, data)

    async def _keep_thumbnails(self, sha256: str, intake: Intake) -> None:
        for kind, data in intake.thumbnails.items():
            await self.blobs.put("large" if kind == "large" else "small", sha256, data)


def take_note(
    session: Session, intake: Intake, employee_id: str, now: datetime | None = None
) -> list[dict[str, Any]]:
    """Writes what the bytes are and judges the photos that wait for them. Part of one transaction of the writer."""
    moment = now or datetime.now(UTC)
    store_examination(session, intake, employee_id, moment)
    judged: list[dict[str, Any]] = run(
        judging_context(session, moment), "photo.judge", 1, {"sha256": intake.examination.sha256}
    )
    return judged


# unrestricted: the company's clock is no secret
def judging_context(session: Session, now: datetime | None = None) -> Context:
    """The system, at the company's clock."""
    zone = session.scalar(select(Company.time_zone).limit(1)) or "Asia/Shanghai"
    return Context(session=session, actor=SYSTEM, now=now or datetime.now(UTC), zone=ZoneInfo(zone))


def is_stored(session: Session, sha256: str) -> bool:
    """Whether these bytes are safe here, examined and judged: only then may a phone forget them."""
    return examination_of(session, sha256) is not None


def check_hash(sha256: str) -> None:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256, re.ASCII):
        raise Rejected("wrong_type", field="sha256", label="SHA-256", value=sha256[:80])
