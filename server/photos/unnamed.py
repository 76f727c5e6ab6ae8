"""Bytes that no photo, no attachment and no form template names: whoever may sign in can send some, and somebody has to give them up again (decision 0021).

A phone sends a photo's bytes only when its record was answered, so bytes without a photo are those of a program that never
told of them. They are kept for as long as a record may come late, and never given up where one stands in a stored op that
could not be run (yet). A rejected one counts for half a year after its answer, as long as anything that was deleted is
told of: who has not corrected and sent it again by then does not mean to.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from media.store import BlobStore
from server.attachments.models import Attachment
from server.company.models import Company
from server.database import Reader, Writer
from server.layouts.models import FormTemplate
from server.photos.models import Photo, blob, likeness, likeness_key
from server.photos.service import lock_hash
from sync.schema import feed, inbox

#: Beyond the hours that a phone may be offline. Longer than a phone keeps ops for a server that was put back to a backup
#: (14 days), so that a restored database does not make bytes look unnamed whose records are on their way again.
MARGIN = timedelta(days=30)
_PAGE = 500
_HASH = re.compile(r"[0-9a-f]{64}")


def _unnamed() -> ColumnElement[bool]:
    named = (Photo.sha256, Attachment.sha256, FormTemplate.picture)
    return and_(*(~exists().where(column == blob.c.sha256) for column in named))


def _may_name() -> ColumnElement[bool]:
    """Stored ops that may still take effect: `feed.floor` is the position of half a year ago (`sync/floor.py`)."""
    lately = inbox.c.tx > select(feed.c.floor).scalar_subquery()
    return or_(inbox.c.status == "held", and_(inbox.c.status == "rejected", lately))


# unrestricted: a count, of the whole server
def count_unnamed(session: Session, now: datetime) -> int:
    """How many bytes wait for a record. Those that are older than the sweep allows are few: only what it kept on purpose."""
    since = now - _kept_for(session)
    statement = select(func.count()).select_from(blob).where(blob.c.uploaded_at >= since, _unnamed())
    return session.scalar(statement) or 0


async def sweep(reader: Reader, writer: Writer, blobs: BlobStore, now: datetime | None = None) -> int:
    """Gives up what nothing names and nothing can name any more; returns how many. May be stopped at any moment, and run
    by several servers at once."""
    moment, removed, after = now or datetime.now(UTC), 0, ""
    while due := await reader.run(lambda session, after=after: _due(session, moment, after)):  # type: ignore[misc]
        after = due[-1]
        told = await reader.run(_told)
        for sha256 in due:
            if sha256 in told:
                continue
            # The line first, in a transaction of its own: bytes without a line are taken in again by whoever brings them,
            # a line without bytes would tell a phone that it may forget its own.
            if await writer.run(lambda session, sha256=sha256: _forget(session, sha256, moment)):  # type: ignore[misc]
                removed += await writer.run(lambda session, sha256=sha256: _delete(session, blobs, sha256))  # type: ignore[misc]
    return removed


# unrestricted: the company's rules are no secret
def _kept_for(session: Session) -> timedelta:
    return MARGIN + timedelta(hours=session.scalar(select(Company.offline_hours).limit(1)) or 0)


# unrestricted: the whole server is looked at, and nobody is told
def _due(session: Session, now: datetime, after: str) -> Sequence[str]:
    before = now - _kept_for(session)
    statement = (
        select(blob.c.sha256)
        .where(blob.c.uploaded_at < before, blob.c.sha256 > after, _unnamed())
        .order_by(blob.c.sha256)
        .limit(_PAGE)
    )
    return session.scalars(statement).all()


def _told(session: Session) -> frozenset[str]:
    """The hashes in ops that are stored and have not taken effect: run later, or sent again by their author, they name
    these bytes."""
    raws = session.execute(select(inbox.c.raw).where(_may_name())).yield_per(1000)
    return frozenset(found for (raw,) in raws for found in _HASH.findall(raw))


# unrestricted: the whole server is looked at, and nobody is told
def _forget(session: Session, sha256: str, now: datetime) -> bool:
    """Takes the line away unless it was named, or brought again, since it was read."""
    lock_hash(session, sha256)
    before = now - _kept_for(session)
    line = delete(blob).where(blob.c.sha256 == sha256, blob.c.uploaded_at < before, _unnamed())
    told = exists().where(_may_name(), inbox.c.raw.contains(sha256))
    if session.scalar(select(told)) or session.execute(line).rowcount == 0:  # type: ignore[attr-defined]
        return False
    like = select(likeness.c.id).where(likeness.c.sha256 == sha256)
    session.execute(delete(likeness_key).where(likeness_key.c.likeness_id.in_(like)))
    session.execute(delete(likeness).where(likeness.c.sha256 == sha256))
    return True


def _delete(session: Session, blobs: BlobStore, sha256: str) -> bool:
    """Whoever brings these bytes again writes their line under the same lock; the intake then looks whether they are there."""
    lock_hash(session, sha256)
    if session.scalar(select(exists().where(blob.c.sha256 == sha256))):
        return False
    blobs.delete_now(sha256)
    return True
