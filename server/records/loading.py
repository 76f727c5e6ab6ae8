"""Rows by their ids, for commands: read once and then kept until the transaction ends.

The ORM itself forgets a row as soon as nobody holds it, and the next command of the same push would read it again.
"""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Select, bindparam, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_state

from server.records.record import Record
from sync import journal, positions

R = TypeVar("R", bound=Record)
_CHUNK = 500


@cache
def _by_id(record: type[R], lock: bool) -> Select[R]:
    statement = select(record).where(record.id == bindparam("id"))
    return statement.with_for_update() if lock else statement


@cache
def _by_ids(record: type[R], lock: bool) -> Select[R]:
    statement = select(record).where(record.id.in_(bindparam("ids", expanding=True)))
    return statement.order_by(record.id).with_for_update() if lock else statement


@cache
def _keys(record: type[Record]) -> Callable[[Any], Any]:
    """How the session files rows of this record: the key of a primary key."""
    return inspect(record).identity_key_from_primary_key


def keep(session: Session, row: Record) -> None:
    session.info.setdefault("kept_rows", []).append(row)


def in_memory(session: Session, record: type[R], row_id: str) -> R | None:
    """The row as the database has it, if it was read in this transaction and not touched since, or as it will have it, if
    it waits to be written."""
    row: R | None = session.identity_map.get(_keys(record)((row_id,)))
    if row is None:
        return waiting(session, record, row_id)
    state: Any = instance_state(row)
    return row if state.persistent and not state.modified and not state.expired else None


def load(session: Session, record: type[R], row_id: str) -> R | None:
    """The row with this id, or None."""
    held: R | None = session.identity_map.get(_keys(record)((row_id,)))
    if held is not None:
        state: Any = instance_state(held)
        return session.get(record, row_id) if state.expired else held
    if (made := waiting(session, record, row_id)) is not None:
        if not session.info.get("quick"):
            session.flush()
        return made
    if row_id in absent(session, record):
        return None
    row = session.scalars(_by_id(record, False), {"id": row_id}, execution_options=QUIETLY).one_or_none()
    if row is not None:
        keep(session, row)
    return row


#: A query need not write out what waits where that is nothing it looks for.
QUIETLY = {"autoflush": False}


def waiting(session: Session, record: type[R], row_id: str) -> R | None:
    """The row, if it was made in this transaction and has not been written yet. Another command may go on with it as it
    is; the journal tells what each has done."""
    made: R | None = journal.waiting(session, record, row_id)
    return made


def absent(session: Session, record: type[Record]) -> set[str]:
    """Ids that no row had when this transaction looked; those it has made since are in memory."""
    found: dict[type[Record], set[str]] = session.info.setdefault("memory", {}).setdefault("absent", {})
    return found.setdefault(record, set())


def flush_for(session: Session, *records: type[Any]) -> None:
    """Before a query that reads only these, and does not flush: what waits is written where it is one of them."""
    if any(isinstance(row, records) for row in (*session.new, *session.dirty, *session.deleted)):
        session.flush()


def load_many(session: Session, record: type[R], ids: Iterable[str]) -> dict[str, R]:
    """The rows with these ids that there are, by id; those that are not in memory with one query."""
    wanted = set(ids)
    known = {
        row_id: row for row_id in wanted if (row := session.identity_map.get(_keys(record)((row_id,)))) is not None
    }
    known.update((row_id, row) for row_id in wanted if (row := waiting(session, record, row_id)) is not None)
    missing = sorted(wanted - known.keys())
    for start in range(0, len(missing), _CHUNK):
        for row in session.scalars(
            _by_ids(record, False), {"ids": missing[start : start + _CHUNK]}, execution_options=QUIETLY
        ):
            keep(session, row)
            known[row.id] = row
    return known


def read_ahead(session: Session, record: type[Record], ids: Iterable[str]) -> None:
    """Reads and locks what the commands of a transaction are going to `load`, at its begin and with one query."""
    wanted = sorted(set(ids))
    lock = positions.is_postgresql(session)
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        found = session.scalars(_by_ids(record, lock), {"ids": part}, execution_options=QUIETLY).all()
        for row in found:
            keep(session, row)
        there = {row.id for row in found}
        absent(session, record).update(set(part) - there)
        if lock:
            _locked(session).update((record, row_id) for row_id in there)


def _locked(session: Session) -> set[tuple[type[Record], str]]:
    locked: set[tuple[type[Record], str]] = session.info.setdefault("memory", {}).setdefault("locked", set())
    return locked


def load_locked(session: Session, record: type[R], row_id: str) -> R | None:
    """The row with this id, which no other transaction changes until this one ends."""
    if not positions.is_postgresql(session):
        return load(session, record, row_id)  # the only writer there is
    locked = _locked(session)
    if (record, row_id) in locked or row_id in absent(session, record):
        return load(session, record, row_id)
    # A row read before it was locked may have changed since: it is read again, unless this command changed it.
    held = session.identity_map.get(_keys(record)((row_id,)))
    if held is None and waiting(session, record, row_id) is not None:
        return load(session, record, row_id)  # nobody else knows it yet
    again = held is None or not session.is_modified(held)
    options = {"populate_existing": again, **QUIETLY}
    row = session.scalars(_by_id(record, True), {"id": row_id}, execution_options=options).one_or_none()
    if row is not None:
        keep(session, row)
        locked.add((record, row_id))
    return row
