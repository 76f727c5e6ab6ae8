"""The journal of a transaction: every row a flush writes becomes a line of the change log and of the audit trail.

A hook on the ORM's flush collects them, so no code can forget it; bulk statements on records, which would go around
the hook, are refused. `write` puts the lines into the database with `executemany`, which is several times faster than
objects.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, UOWTransaction
from sqlalchemy.orm.base import LoaderCallableStatus

from sync import positions
from sync.statements import Statement


class Journaled(Protocol):
    """What the journal must know of a mapped object."""

    __tablename__: str
    id: str

    def root(self) -> str: ...

    def root_before(self, changes: dict[str, tuple[Any, Any]]) -> str: ...


@dataclass(slots=True)
class Line:
    """One written row: what it was, what it is, and under which root."""

    type: str
    row_id: str
    root: str
    op: str
    changes: dict[str, tuple[Any, Any]]
    cause: Any = None


@dataclass(slots=True)
class Journal:
    lines: list[Line] = field(default_factory=list)
    cause: Any = None  #: the command that is running; the audit trail says it


_IGNORED = {"created_at", "created_by", "id"}


def of(session: Session) -> Journal:
    journal: Journal | None = session.info.get("journal")
    if journal is None:
        session.info["journal"] = journal = Journal()
    return journal


def attach(session_class: type[Session], is_record: Callable[[Any], bool]) -> None:
    """Installs the hooks on a session class. `is_record` tells records from other mapped objects."""

    @event.listens_for(session_class, "before_flush")
    def collect(session: Session, context: UOWTransaction, instances: Any) -> None:
        journal = of(session)
        for item in session.new:
            if is_record(item):
                values = {name: (None, value) for name, value in _values(item).items() if value is not None}
                _add(journal, item, "w", values)
        for item in session.dirty:
            if is_record(item):
                changes = _changes(item)
                if changes:
                    _move_root(journal, item, changes)
                    _add(journal, item, "w", changes)
        for item in session.deleted:
            if is_record(item):
                _add(journal, item, "d", {name: (value, None) for name, value in _values(item).items()})

    @event.listens_for(session_class, "do_orm_execute")
    def refuse_bulk(state: ORMExecuteState) -> None:
        if (state.is_update or state.is_delete or state.is_insert) and not state.execution_options.get("journaled"):
            mapper = state.bind_mapper
            if mapper is not None and is_record(mapper.class_):
                raise RuntimeError(f"a bulk statement on {mapper.class_.__name__} would go around the change log")


def _add(journal: Journal, item: Journaled, op: str, changes: dict[str, tuple[Any, Any]]) -> None:
    journal.lines.append(Line(item.__tablename__, item.id, item.root(), op, changes, journal.cause))


def _values(item: Any) -> dict[str, Any]:
    state = inspect(item)
    return {name: state.dict.get(name) for name in _names(state.mapper)}


@cache
def _names(mapper: Mapper[Any]) -> tuple[str, ...]:
    return tuple(a.key for a in mapper.column_attrs if a.key not in _IGNORED)


def _changes(item: Any) -> dict[str, tuple[Any, Any]]:
    """What differs from the database, in the order of the columns."""
    state = inspect(item)
    found: dict[str, tuple[Any, Any]] = {}
    were = state.committed_state  # what was set since it was loaded: little of a wide row
    for name in _columns(state.mapper):
        if name in were:
            before, after = were[name], state.dict.get(name)
            if isinstance(before, LoaderCallableStatus):  # it had no value, or nobody had looked
                before = None
            if before != after:
                found[name] = (before, after)
    return found


@cache
def _columns(mapper: Mapper[Any]) -> tuple[str, ...]:
    return tuple(attribute.key for attribute in mapper.column_attrs)


def _move_root(journal: Journal, item: Journaled, changes: dict[str, tuple[Any, Any]]) -> None:
    """A row that changes its root leaves a tombstone under the old one, for those who hold only that."""
    before = item.root_before(changes)
    if before != item.root():
        journal.lines.append(Line(item.__tablename__, item.id, before, "d", {}, journal.cause))


_UPSERT = Statement(
    """INSERT INTO change_log (type, row_id, root, op, tx, seq) VALUES (:type, :row_id, :root, :op, :tx, :seq)
       ON CONFLICT (type, row_id, root) DO UPDATE SET op = excluded.op, tx = excluded.tx, seq = excluded.seq"""
)

AuditWriter = Callable[[Session, list[Line]], None]


def write(session: Session, audit: AuditWriter) -> None:
    """Puts what was collected into the change log and hands it to the audit trail. Part of the same transaction."""
    session.flush()
    journal = of(session)
    if not journal.lines:
        return
    tx = positions.current(session)
    latest: dict[tuple[str, str, str], dict[str, Any]] = {}
    for line in journal.lines:
        latest[line.type, line.row_id, line.root] = {
            "type": line.type,
            "row_id": line.row_id,
            "root": line.root,
            "op": line.op,
            "tx": tx,
            "seq": positions.next_seq(session),
        }
    _UPSERT.many(session, list(latest.values()))
    audit(session, journal.lines)
    session.info.setdefault("touched_roots", set()).update(key[2] for key in latest)
    session.info.setdefault("touched_types", set()).update(key[0] for key in latest)
    journal.lines = []
