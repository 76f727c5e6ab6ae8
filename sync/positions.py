"""Where in the history a transaction stands, for both engines.

SQLite has one writer (`BEGIN IMMEDIATE`), so a counter row orders the transactions. On PostgreSQL commits overlap and a
sequence would let a reader step over a transaction that commits late; the transaction id does not, if only what lies
below the oldest running transaction is served.
"""

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from sync.schema import feed


def is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def current(session: Session) -> int:
    """The position of the running transaction; takes one (and on SQLite the counter) at the first call in it."""
    held: int | None = session.info.get("tx")
    if held is not None:
        return held
    if is_postgresql(session):
        tx = int(session.scalar(text("SELECT pg_current_xact_id()::text::bigint")) or 0)
    else:
        statement = update(feed).where(feed.c.id == 1).values(tx=feed.c.tx + 1).returning(feed.c.tx)
        tx = int(session.scalar(statement) or 0)
    session.info["tx"] = tx
    session.info["seq"] = 0
    return tx


def serialize(session: Session, name: str) -> None:
    """Lets the transactions of one name run one after the other until they end. SQLite's single writer does anyway."""
    if is_postgresql(session):
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def next_seq(session: Session) -> int:
    """A number that orders the rows written inside one transaction."""
    session.info["seq"] = seq = int(session.info.get("seq", 0)) + 1
    return seq


def forget(session: Session) -> None:
    """To be called when a transaction ended: the next one takes a position of its own."""
    session.info.pop("tx", None)
    session.info.pop("seq", None)


def horizon(session: Session) -> int:
    """The last position that may be served: everything up to it is committed and visible in this snapshot."""
    if is_postgresql(session):
        xmin = text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1")
        return int(session.scalar(xmin) or 0)
    return int(session.scalar(select(feed.c.tx)) or 0)


def epoch(session: Session) -> str:
    return str(session.scalar(select(feed.c.epoch)) or "")
