"""The tombstone floor: what was deleted, and what somebody no longer holds, is told to devices for half a year.

A device that comes back later goes on pulling as ever and then compares what it holds (`sync/digest.py`); its cache is
not thrown away.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from sync import positions
from sync.schema import access, change_log, feed, feed_hour

KEPT = timedelta(days=180)


def mark_hour(session: Session, now: datetime) -> None:
    """Notes how far the feed is in this hour (UTC). Several servers may do so at once, and as often as they like."""
    session.execute(
        text(
            "INSERT INTO feed_hour (hour, tx) VALUES (:hour, :tx)"
            " ON CONFLICT (hour) DO UPDATE SET tx = excluded.tx WHERE feed_hour.tx < excluded.tx"
        ),
        {"hour": _hour(now), "tx": positions.horizon(session)},
    )


def prune(session: Session, now: datetime) -> int:
    """Removes tombstones older than `KEPT`; returns the floor. Doing it twice, or from several servers, is harmless."""
    positions.serialize(session, "prune")
    mark_hour(session, now)
    old = feed_hour.c.hour <= _hour(now - KEPT)
    floor = int(session.scalar(select(func.max(feed_hour.c.tx)).where(old)) or 0)
    before = int(session.scalar(select(feed.c.floor)) or 0)
    if floor <= before:
        return before
    session.execute(delete(change_log).where(change_log.c.op == "d", change_log.c.tx <= floor))
    session.execute(delete(access).where(~access.c.live, access.c.tx <= floor))
    session.execute(update(feed).where(feed.c.id == 1).values(floor=floor))
    # The newest of the old hours stays: it says what the floor is.
    session.execute(delete(feed_hour).where(old, feed_hour.c.tx < floor))
    return floor


def _hour(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H}"
