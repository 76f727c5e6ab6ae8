"""Rows by their ids, for commands: read once and then kept until the transaction ends.

The ORM itself forgets a row as soon as nobody holds it, and the next command of the same push would read it again.
"""

from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from server.records.record import Record
from sync import positions

R = TypeVar("R", bound=Record)


@cache
def _by_id(record: type[R], lock: bool) -> Select[R]:
    statement = select(record).where(record.id == bindparam("id"))
    return statement.with_for_update() if lock else statement


def keep(session: Session, row: Record) -> None:
    session.info.setdefault("kept_rows", []).append(row)


def in_memory(session: Session, record: type[R], row_id: str) -> R | None:
    """The row as the database has it, if it was read in this transaction and not touched since."""
    row: R | None = session.identity_map.get(identity_key(record, row_id))
    if row is None:
        return None
    state: Any = inspect(row)
    return row if state.persistent and not state.modified and not state.expired else None


def load(session: Session, record: type[R], row_id: str) -> R | None:
    """The row with this id, or None."""
    if session.identity_map.get(identity_key(record, row_id)) is not None:
        return session.get(record, row_id)  # asks the database only where it was expired
    row = session.scalars(_by_id(record, False), {"id": row_id}).one_or_none()
    if row is not None:
        keep(session, row)
    return row


def load_locked(session: Session, record: type[R], row_id: str) -> R | None:
    """The row with this id, which no other transaction changes until this one ends."""
    if not positions.is_postgresql(session):
        return load(session, record, row_id)  # the only writer there is
    locked: set[tuple[type[Record], str]] = session.info.setdefault("memory", {}).setdefault("locked", set())
    if (record, row_id) in locked:
        return load(session, record, row_id)
    # A row read before it was locked may have changed since: it is read again, unless this command changed it.
    held = session.identity_map.get(identity_key(record, row_id))
    again = held is None or not session.is_modified(held)
    row = session.scalars(
        _by_id(record, True), {"id": row_id}, execution_options={"populate_existing": again}
    ).one_or_none()
    if row is not None:
        keep(session, row)
        locked.add((record, row_id))
    return row
