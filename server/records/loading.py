"""Rows by their ids, for commands: read once and then kept until the transaction ends.

The ORM itself forgets a row as soon as nobody holds it, and the next command of the same push would read it again.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, inspect, select
from sqlalchemy.orm import Session

from server.records.record import Record
from sync import positions

R = TypeVar("R", bound=Record)
_CHUNK = 500


@cache
def _by_id(record: type[R], lock: bool) -> Select[R]:
    statement = select(record).where(record.id == bindparam("id"))
    return statement.with_for_update() if lock else statement


@cache
def _by_ids(record: type[R]) -> Select[R]:
    return select(record).where(record.id.in_(bindparam("ids", expanding=True)))


@cache
def _keys(record: type[Record]) -> Callable[[Any], Any]:
    """How the session files rows of this record: the key of a primary key."""
    return inspect(record).identity_key_from_primary_key


def keep(session: Session, row: Record) -> None:
    session.info.setdefault("kept_rows", []).append(row)


def in_memory(session: Session, record: type[R], row_id: str) -> R | None:
    """The row as the database has it, if it was read in this transaction and not touched since."""
    row: R | None = session.identity_map.get(_keys(record)((row_id,)))
    if row is None:
        return None
    state: Any = inspect(row)
    return row if state.persistent and not state.modified and not state.expired else None


def load(session: Session, record: type[R], row_id: str) -> R | None:
    """The row with this id, or None."""
    held: R | None = session.identity_map.get(_keys(record)((row_id,)))
    if held is not None:
        state: Any = inspect(held)
        return session.get(record, row_id) if state.expired else held
    row = session.scalars(
        _by_id(record, False), {"id": row_id}, execution_options=_quietly(session, row_id)
    ).one_or_none()
    if row is not None:
        keep(session, row)
    return row


def _quietly(session: Session, row_id: str) -> dict[str, Any]:
    """A query for one row need not write out what waits, unless it is that row."""
    return {"autoflush": any(getattr(item, "id", None) == row_id for item in session.new)}


def load_many(session: Session, record: type[R], ids: Iterable[str]) -> dict[str, R]:
    """The rows with these ids that there are, by id; those that are not in memory with one query."""
    wanted = set(ids)
    known = {
        row_id: row for row_id in wanted if (row := session.identity_map.get(_keys(record)((row_id,)))) is not None
    }
    missing = sorted(wanted - known.keys())
    for start in range(0, len(missing), _CHUNK):
        for row in session.scalars(_by_ids(record), {"ids": missing[start : start + _CHUNK]}):
            keep(session, row)
            known[row.id] = row
    return known


def load_locked(session: Session, record: type[R], row_id: str) -> R | None:
    """The row with this id, which no other transaction changes until this one ends."""
    if not positions.is_postgresql(session):
        return load(session, record, row_id)  # the only writer there is
    locked: set[tuple[type[Record], str]] = session.info.setdefault("memory", {}).setdefault("locked", set())
    if (record, row_id) in locked:
        return load(session, record, row_id)
    # A row read before it was locked may have changed since: it is read again, unless this command changed it.
    held = session.identity_map.get(_keys(record)((row_id,)))
    again = held is None or not session.is_modified(held)
    options = {"populate_existing": again, **_quietly(session, row_id)}
    row = session.scalars(_by_id(record, True), {"id": row_id}, execution_options=options).one_or_none()
    if row is not None:
        keep(session, row)
        locked.add((record, row_id))
    return row
