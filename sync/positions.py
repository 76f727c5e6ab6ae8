"""Where in the history a transaction stands, for both engines.

SQLite has one writer (`BEGIN IMMEDIATE`), so a counter row orders the transactions. On PostgreSQL commits overlap and a
sequence would let a reader step over a transaction that commits late; the transaction id does not, if only what lies
below the oldest running transaction is served.

A position is used once for ever, so that (id, rev) of a row names one content whatever is restored from which backup:
a new epoch begins at a position that no earlier history can have reached (`new_epoch`). On PostgreSQL that is a number
added to the transaction ids, which start low again in a new cluster.
"""

import json
import time
import uuid
from dataclasses import dataclass

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from sync.schema import access, change_log, feed, feed_hour, feed_past, inbox
from sync.statements import Statement

#: A new epoch begins at least so far above everything known ...
_GAP = 2**32
#: ... and above so many positions for every second since 1970: two restores of the same backup, of which the second
#: knows nothing of the first, still begin apart, because no history makes a million commits a second. Below 2**53, which
#: is what a phone can count to, until the year 2240.
_PER_SECOND = 2**20

_OWN = Statement("SELECT pg_current_xact_id()::text::bigint + base FROM feed WHERE id = 1")
_COUNTED = Statement("UPDATE feed SET tx = tx + 1 WHERE id = 1 RETURNING tx")
_ALONE = Statement("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))::text")
_ALONE_EACH = Statement(
    """SELECT pg_advisory_xact_lock(key)::text
         FROM (SELECT DISTINCT hashtextextended(name, 0) AS key FROM jsonb_array_elements_text(:names::jsonb) AS name
                ORDER BY key OFFSET 0) AS keys"""
)
_XMIN = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_STANDING = Statement(
    sqlite="SELECT epoch, tx, floor FROM feed WHERE id = 1",
    postgresql=f"SELECT epoch, base + {_XMIN} - 1, floor FROM feed WHERE id = 1",
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the feed stands: everything up to `horizon` is committed and visible in this snapshot; tombstones up to
    `floor` are gone."""

    epoch: str
    horizon: int
    floor: int


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the feed is behind. `seconds`: age of the oldest transaction that holds it back, 0 when none does;
    `positions`: transactions begun since, which cannot be served before it ends."""

    seconds: float
    positions: int


def is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def current(session: Session) -> int:
    """The position of the running transaction; takes one (and on SQLite the counter) at the first call in it."""
    held: int | None = session.info.get("tx")
    if held is not None:
        return held
    tx = int((_OWN if is_postgresql(session) else _COUNTED).value(session) or 0)
    session.info["tx"] = tx
    session.info["seq"] = 0
    return tx


def serialize(session: Session, name: str) -> None:
    """Lets the transactions of one name run one after the other until they end. SQLite's single writer does anyway."""
    if is_postgresql(session) and name not in session.info.get("alone", ()):
        _ALONE.rows(session, name=name)


def enter(session: Session, names: set[str]) -> None:
    """As `serialize` for all these names, at the beginning of a transaction. Each transaction takes them in the same
    order, so that of two with the same names none holds what the other waits for."""
    if names and is_postgresql(session):
        _ALONE_EACH.rows(session, names=json.dumps(sorted(names)))
        session.info["alone"] = names


def next_seq(session: Session) -> int:
    """A number that orders the rows written inside one transaction."""
    session.info["seq"] = seq = int(session.info.get("seq", 0)) + 1
    return seq


def forget(session: Session) -> None:
    """To be called when a transaction ended: the next one takes a position of its own."""
    session.info.pop("tx", None)
    session.info.pop("seq", None)
    session.info.pop("alone", None)


def standing(session: Session) -> Standing:
    [(epoch, horizon, floor)] = _STANDING.rows(session)
    return Standing(str(epoch), int(horizon), int(floor))


def horizon(session: Session) -> int:
    """The last position that may be served."""
    return standing(session).horizon


def epoch(session: Session) -> str:
    return str(session.scalar(select(feed.c.epoch)) or "")


def past(session: Session) -> dict[str, int]:
    """The epochs this database has come through, each with the last position of it that is contained here."""
    return {name: int(until) for name, until in session.execute(select(feed_past.c.epoch, feed_past.c.until))}


def highest(session: Session) -> int:
    """A position that this database has certainly reached: that of its last change. Not for every request: on
    PostgreSQL it looks through access and inbox. (A line of the log can go back a little: of two overlapping
    transactions the later position may commit first.)"""
    if not is_postgresql(session):
        return int(session.scalar(select(feed.c.tx)) or 0) - ("tx" in session.info)
    parts = (func.max(change_log.c.tx), func.max(access.c.tx), func.max(inbox.c.tx), func.max(feed.c.floor))
    return max(int(session.scalar(select(part)) or 0) for part in parts)


def new_epoch(session: Session, *, seen: int = 0, other: str | None = None) -> str:
    """Begins a new epoch: this database does not continue what phones have seen of it. Waits for running transactions.

    `seen`: the highest position known to have been used outside of this database; `other`: an epoch that phones may
    know and this database does not. To be called in a transaction of its own that writes nothing else.
    """
    postgresql = is_postgresql(session)
    if postgresql:
        session.execute(text("LOCK TABLE feed IN ACCESS EXCLUSIVE MODE"))
    before = epoch(session)
    known = highest(session)
    xid = int(session.scalar(text("SELECT pg_current_xact_id()::text::bigint")) or 0) if postgresql else 0
    if postgresql:
        known = max(known, int(session.scalar(select(feed.c.base)) or 0) + xid)
    begin = max(max(known, seen) + _GAP, int(time.time()) * _PER_SECOND)
    _remember(session, before, _contained(session))
    if other and other not in past(session):
        _remember(session, other, 0)
    after = str(uuid.uuid4())
    place = {"base": begin - xid} if postgresql else {"tx": begin}
    session.execute(update(feed).where(feed.c.id == 1).values(epoch=after, **place))
    return after


def _contained(session: Session) -> int:
    """A position up to which every transaction of the running epoch is in this database. On SQLite commits are in the
    order of positions. On PostgreSQL a dump may have one and lack another that began before it: what was noted as the
    horizon is certain."""
    if is_postgresql(session):
        return int(session.scalar(select(func.max(feed_hour.c.tx))) or 0)
    return highest(session)


def _remember(session: Session, name: str, until: int) -> None:
    session.execute(
        text(
            "INSERT INTO feed_past (epoch, until) VALUES (:epoch, :until)"
            " ON CONFLICT (epoch) DO UPDATE SET until = excluded.until"
        ),
        {"epoch": name, "until": until},
    )


def lag(session: Session) -> Lag:
    """How far the feed is behind, for `/metrics`. Always nothing on SQLite, whose commits are in order."""
    if not is_postgresql(session):
        return Lag(0.0, 0)
    begun = f"pg_snapshot_xmax(pg_current_snapshot())::text::bigint - {_XMIN}"
    oldest = """SELECT extract(epoch FROM clock_timestamp() - min(began)) FROM (
                  SELECT xact_start AS began FROM pg_stat_activity
                   WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
                  UNION ALL SELECT prepared FROM pg_prepared_xacts) AS running"""
    positions = int(session.scalar(text(f"SELECT {begun}")) or 0)
    return Lag(max(0.0, float(session.scalar(text(oldest)) or 0)), positions)
