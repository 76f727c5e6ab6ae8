"""What is in the store: everything that should be, unchanged; and giving up originals past the age a company keeps them.

Thumbnails and verdicts stay for ever. The original of a suspect photo that nobody decided on stays, too, and so does
one that has no thumbnails. What is a customer's document, or the picture of a form template, is kept as long as that.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from media.images import Examination
from media.store import BlobStore
from server.attachments.models import Attachment
from server.company.models import Company
from server.database import Reader, Writer
from server.layouts.models import FormTemplate
from server.photos.models import Photo, blob

_PAGE = 500
_decode_examination = msgspec.json.Decoder(Examination).decode


@dataclass(frozen=True, slots=True)
class Damage:
    """`stray`: bytes in the store that the database does not know, e.g. of an upload cut off before it was judged."""

    sha256: str
    what: Literal["missing", "changed", "stray", "thumbnail_missing"]


@dataclass(slots=True)
class Count:
    """How many were looked at, and how many bytes were read."""

    photos: int = 0
    removed: int = 0
    bytes: int = 0


async def verify(reader: Reader, blobs: BlobStore, count: Count) -> AsyncIterator[Damage]:
    """Reads every original again and compares it with its name; counts as it goes."""
    known = set[str]()
    after = ""
    while page := await reader.run(lambda session, after=after: _page(session, after)):  # type: ignore[misc]
        for sha256, size, removed, readable in page:
            known.add(sha256)
            count.photos += 1
            if removed:
                count.removed += 1
            else:
                health = await blobs.verify(sha256)
                count.bytes += size if health == "ok" else 0
                if health != "ok":
                    yield Damage(sha256, health)
            if readable and (await blobs.head("large", sha256) is None or await blobs.head("small", sha256) is None):
                yield Damage(sha256, "thumbnail_missing")
        after = page[-1][0]
    async for sha256 in blobs.hashes():
        if sha256 not in known:
            yield Damage(sha256, "stray")


def _page(session: Session, after: str) -> list[tuple[str, int, bool, bool]]:
    rows = session.execute(
        select(blob.c.sha256, blob.c.size, blob.c.removed_at, blob.c.examination)
        .where(blob.c.sha256 > after)
        .order_by(blob.c.sha256)
        .limit(_PAGE)
    )
    return [(r.sha256, r.size, r.removed_at is not None, _decode_examination(r.examination).readable) for r in rows]


async def retain(reader: Reader, writer: Writer, blobs: BlobStore, now: datetime | None = None) -> int:
    """Removes originals older than the company keeps them; returns how many. Nothing where it keeps them for ever."""
    moment, removed, after = now or datetime.now(UTC), 0, ""
    while due := await reader.run(lambda session, after=after: _due(session, moment, after)):  # type: ignore[misc]
        after = due[-1]
        gone = [sha256 for sha256 in due if await blobs.head("large", sha256) is not None]
        # Noted first: a phone that asks in between must not be told that it has to send the photo again.
        await writer.run(lambda session, gone=gone: _note_removed(session, gone, moment))  # type: ignore[misc]
        for sha256 in gone:
            await blobs.delete("original", sha256)
        removed += len(gone)
    return removed


# unrestricted: the company's rules are no secret
def _due(session: Session, now: datetime, after: str) -> Sequence[str]:
    days = session.scalar(select(Company.keep_originals_days).limit(1))
    if not days:
        return []
    wanted = select(Photo.sha256).where(
        Photo.sha256.is_not(None), Photo.overruled_to.is_(None), Photo.verdict.in_(("suspect", "pending"))
    )
    statement = (
        select(blob.c.sha256)
        .where(
            blob.c.uploaded_at < now - timedelta(days=days),
            blob.c.removed_at.is_(None),
            blob.c.sha256.not_in(wanted),
            blob.c.sha256.not_in(select(Attachment.sha256)),
            blob.c.sha256.not_in(select(FormTemplate.picture).where(FormTemplate.picture.is_not(None))),
            blob.c.sha256 > after,
        )
        .order_by(blob.c.sha256)
        .limit(_PAGE)
    )
    return session.scalars(statement).all()


def _note_removed(session: Session, hashes: Sequence[str], now: datetime) -> None:
    session.execute(update(blob).where(blob.c.sha256.in_(hashes)).values(removed_at=now))
