"""Taking in the bytes of a photo: store them, find out what they are, make thumbnails, let them be judged."""

import asyncio
import re
from collections.abc import AsyncIterable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from media.images import DEFAULT_LIMITS, Intake, take_in
from media.store import BlobError, BlobStore, read_limited
from server.company.models import Company
from server.database import Writer
from server.photos.models import Photo, blob
from server.photos.service import examination_of, store_examination
from server.records.actor import SYSTEM
from server.records.commands import Context, run
from server.records.errors import BusinessError, Rejected

MAX_BLOB_BYTES = DEFAULT_LIMITS.max_bytes
#: Decoding holds a whole picture: two at a time keep memory small, and there are not more cores than that.
_AT_ONCE = 2


class BlobTooLarge(BusinessError):
    status = 413


@dataclass(slots=True)
class PhotoIntake:
    """The way of bytes into the company. One per application."""

    blobs: BlobStore
    writer: Writer
    pool: Executor

    @classmethod
    def open(cls, blobs: BlobStore, writer: Writer) -> "PhotoIntake":
        return cls(blobs, writer, ThreadPoolExecutor(_AT_ONCE, "photo"))

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
        return await self.writer.run(lambda session: take_note(session, intake, employee_id))

    async def _examine(self, data: bytes) -> Intake:
        """Decodes off the event loop. A pool of processes with memory and time limits can take the pool's place."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, take_in, data)

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


def recheck(writer: Writer, *, only_pending: bool = False, batch: int = 100) -> dict[str, int]:
    """Judges photos again with what is known today, e.g. after a changed geofence; returns how many per verdict.

    `only_pending` looks at those that still wait. Manual verdicts stay. Small transactions, so that nobody waits.
    """
    counts: dict[str, int] = {}
    after = ""
    while True:
        job = partial(_recheck_batch, after=after, only_pending=only_pending, batch=batch)
        ids, verdicts = writer.call(job)
        for verdict in verdicts:
            counts[verdict] = counts.get(verdict, 0) + 1
        if not ids:
            return counts
        after = ids[-1]


def _recheck_batch(  # unrestricted: the system judges everybody's photos
    session: Session, after: str, only_pending: bool, batch: int
) -> tuple[list[str], list[str]]:
    statement = select(Photo.id).where(Photo.id > after).order_by(Photo.id).limit(batch)
    if only_pending:
        statement = statement.where(Photo.verdict == "pending", Photo.sha256.in_(select(blob.c.sha256)))
    ids = list(session.scalars(statement))
    verdicts = []
    for photo_id in ids:
        [found] = run(judging_context(session), "photo.judge", 1, {"id": photo_id})
        verdicts.append(found["verdict"])
    return ids, verdicts


def is_stored(session: Session, sha256: str) -> bool:
    """Whether these bytes are safe here, examined and judged: only then may a phone forget them."""
    return examination_of(session, sha256) is not None


def check_hash(sha256: str) -> None:
    if not re.fullmatch(r"[0-9a-f]{64}", sha256, re.ASCII):
        raise Rejected("wrong_type", field="sha256", label="SHA-256", value=sha256[:80])
