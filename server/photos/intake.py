"""Taking in the bytes of a photo or an attachment: store them, find out what they are, make thumbnails, let them be judged."""

import asyncio
import logging
import math
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from media.bounded import BoundedIntake, FilePart, shared
from media.images import DEFAULT_LIMITS, Intake
from media.spool import Writing
from media.store import BlobError, BlobStore
from server.company.zone import company_zone
from server.database import Reader, Writer
from server.photos.keeping import retain
from server.photos.models import blob
from server.photos.service import JUDGING, store_examination
from server.photos.unnamed import sweep
from server.records.actor import SYSTEM
from server.records.commands import Context, run
from server.records.errors import Rejected

log = logging.getLogger("xunke.photos")
_A_DAY = 24 * 3600.0
MAX_BLOB_BYTES = DEFAULT_LIMITS.max_bytes


@dataclass(slots=True)
class PhotoIntake:
    """The way of bytes into the company. One per application."""

    blobs: BlobStore
    writer: Writer
    reader: Reader
    pool: BoundedIntake
    #: Photos that are being stored and examined.
    at_work: int = 0
    _tidied: float = -math.inf
    _tidying: "asyncio.Task[int] | None" = None

    @classmethod
    def open(cls, blobs: BlobStore, writer: Writer, reader: Reader) -> "PhotoIntake":
        return cls(blobs, writer, reader, shared())

    async def accept(self, sha256: str, source: bytes | Writing, employee_id: str) -> list[dict[str, Any]]:
        """Stores and judges what came under a hash, whole in memory or in the spool; returns the photos that were
        waiting for it. When this returns, the bytes are on the disk and a phone may forget them.

        Raises `Rejected` (wrong_type, hash_mismatch). Bytes that are no picture are stored, too.
        """
        check_hash(sha256)
        self.at_work += 1
        try:
            await self._keep_original(sha256, source)
            intake = await self._examine(sha256, source)
            await self._keep_thumbnails(sha256, intake)
            self._tidy()
            judged = await self.writer.run(lambda session: take_note(session, intake, employee_id), alone=JUDGING)
            if await self.blobs.head("original", sha256) is None:
                # These bytes were here before, unnamed, and given up (`unnamed.sweep`) just before their line was written.
                await self._keep_original(sha256, source)
                await self._keep_thumbnails(sha256, intake)
            return judged
        finally:
            self.at_work -= 1

    async def stored(self, sha256: str) -> int | None:
        """The size of bytes that need not be sent again: they are here, examined and judged. None where they must."""
        check_hash(sha256)
        found = await self.reader.run(lambda session: stored_blob(session, sha256))
        if found is None:
            return None
        size, removed = found
        if not removed:
            # What is missing in the store, or cut short, is welcome once more.
            info = await self.blobs.head("original", sha256)
            if info is None or info.size != size:
                return None
        return size

    async def _keep_original(self, sha256: str, source: bytes | Writing) -> None:
        try:
            if isinstance(source, bytes):
                await self.blobs.put("original", sha256, source)
            else:
                await asyncio.to_thread(self._copy_original, sha256, source)
        except BlobError:
            raise Rejected("hash_mismatch", field="sha256", sha256=sha256) from None

    def _copy_original(self, sha256: str, writing: Writing) -> None:
        with writing.content() as content:
            self.blobs.put_now("original", sha256, content)

    def _tidy(self) -> None:
        """Once a day, beside the work: originals past the age that the company keeps them are given up, and what nothing
        names."""
        now = time.monotonic()
        if now - self._tidied > _A_DAY and (self._tidying is None or self._tidying.done()):
            self._tidied = now
            self._tidying = asyncio.create_task(self._retain())

    async def _retain(self) -> int:
        try:
            unnamed = await sweep(self.reader, self.writer, self.blobs)
            if unnamed:
                log.info("%d uploads that no photo names were given up", unnamed)
            return await retain(self.reader, self.writer, self.blobs)
        except Exception:  # tomorrow it is tried again; a photo that arrives must not fail for it
            log.exception("giving up old originals failed")
            return 0

    async def _examine(self, sha256: str, source: bytes | Writing) -> Intake:
        """Decodes in a process with limits, off the event loop. The process reads an upload by itself."""
        part = source if isinstance(source, bytes) else FilePart(source.path, source.START, source.end, sha256)
        return await asyncio.get_running_loop().run_in_executor(self.pool.executor, self.pool.take_in, part)

    async def _keep_thumbnails(self, sha256: str, intake: Intake) -> None:
        for kind, data in intake.thumbnails.items():
            await self.blobs.put("large" if kind == "large" else "small", sha256, data)


def take_note(
    session: Session, intake: Intake, employee_id: str, now: datetime | None = None
) -> list[dict[str, Any]]:
    """Writes what the bytes are, judges the photos and checks the attachments that wait for them. Part of one transaction of the writer."""
    moment = now or datetime.now(UTC)
    store_examination(session, intake, employee_id, moment)
    judged: list[dict[str, Any]] = run(
        judging_context(session, moment), "photo.judge", 1, {"sha256": intake.examination.sha256}
    )
    run(judging_context(session, moment), "attachment.check", 1, {"sha256": intake.examination.sha256})
    return judged


def judging_context(session: Session, now: datetime | None = None) -> Context:
    """The system, at the company's clock."""
    return Context(session=session, actor=SYSTEM, now=now or datetime.now(UTC), zone=company_zone(session))


def stored_blob(session: Session, sha256: str) -> tuple[int, bool] | None:
    """The size of these bytes and whether the original was given up by age; None while they have not arrived."""
    row = session.execute(select(blob.c.size, blob.c.removed_at).where(blob.c.sha256 == sha256)).first()
    return None if row is None else (row.size, row.removed_at is not None)


def check_hash(sha256: str) -> None:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256, re.ASCII):
        raise Rejected("wrong_type", field="sha256", label="SHA-256", value=sha256[:80])
