"""The journal of a transaction: every row a flush writes becomes a line of the change log and of the audit trail.

A hook on the ORM's flush collects them, so no code can forget it; bulk statements on records, which would go around
the hook, are refused. `write` puts the lines into the database with `executemany`, which is several times faster than
objects. Rows that are only new may wait for the next flush (`wait`), with those of the commands that follow: their lines
are made at once, while it is known what command made them.
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
    ops: list[dict[str, Any]] = field(default_factory=list)  #: lines of the inbox, see `sync.inbox.store`
    cause: Any = None  #: the command that is running; the audit trail says it
    #: New rows that wait for a flush, and which line is theirs.
    waiting: dict[Any, int] = field(default_factory=dict)
    #: Where the lines of the running command begin.
    mark: int = 0
    #: What the connection wrote for earlier commands alone while later ones were running.
    others: int = 0


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
        session.info["flushing"] = writes(session) if _only_others(session, journal) else None
        for item in session.new:
            if is_record(item):
                _note_new(journal, item)
        journal.waiting.clear()
        for item in session.dirty:
            if is_record(item):
                changes = _changes(item)
                if changes:
                    _move_root(journal, item, changes)
                    _add(journal, item, "w", changes)
        for item in session.deleted:
            if is_record(item):
                _add(journal, item, "d", {name: (value, None) for name, value in _values(item).items()})

    @event.listens_for(session_class, "after_flush")
    def tell_apart(session: Session, context: UOWTransaction) -> None:
        before = session.info.pop("flushing", None)
        if before is not None:
            of(session).others += writes(session) - before

    @event.listens_for(session_class, "do_orm_execute")
    def refuse_bulk(state: ORMExecuteState) -> None:
        if (state.is_update or state.is_delete or state.is_insert) and not state.execution_options.get("journaled"):
            mapper = state.bind_mapper
            if mapper is not None and is_record(mapper.class_):
                raise RuntimeError(f"a bulk statement on {mapper.class_.__name__} would go around the change log")


def writes(session: Session) -> int:
    """How many statements that write the connection has seen (`server.savepoints.watch`, `sync.statements`)."""
    connection = session.info.get("connection") or session.connection()
    return int(connection.info.get("writes", 0))


def wait(session: Session) -> None:
    """Makes the lines of rows that are only new and leaves the rows to the next flush, which nobody can miss: every query
    of the ORM begins with it."""
    journal = of(session)
    for item in session.new:
        if journal.waiting.get(item, journal.mark) >= journal.mark:  # those of earlier commands have theirs
            journal.waiting[item] = _note_new(journal, item)


def forget_since(session: Session, mark: int) -> bool:
    """Gives up the rows made since there were `mark` lines, and what was changed and not flushed. False where rows that
    wait for earlier commands are not any more what those made of them."""
    journal = of(session)
    for item in session.new:
        at = journal.waiting.get(item, mark)
        if at < mark and journal.lines[at].changes != _first_values(item):
            return False
        if at >= mark:
            journal.waiting.pop(item, None)
            session.expunge(item)
    for item in session.deleted:
        session.expunge(item)
    for item in list(session.dirty):
        session.expire(item)
    del journal.lines[mark:]
    return True


def _only_others(session: Session, journal: Journal) -> bool:
    """Whether a flush writes nothing but rows that wait for earlier commands."""
    return (
        bool(session.new)
        and not session.dirty
        and not session.deleted
        and all(journal.waiting.get(item, journal.mark) < journal.mark for item in session.new)
    )


def _note_new(journal: Journal, item: Any) -> int:
    """Makes or completes the line of a new row; returns which it is."""
    values = _first_values(item)
    at = journal.waiting.get(item)
    if at is None:
        _add(journal, item, "w", values)
        return len(journal.lines) - 1
    line = journal.lines[at]
    if line.cause is journal.cause:
        line.changes, line.root = values, item.root()
    elif line.changes != values:  # another command went on with it
        empty = (None, None)
        names = [name for name in {**line.changes, **values} if line.changes.get(name) != values.get(name)]
        changes = {name: (line.changes.get(name, empty)[1], values.get(name, empty)[1]) for name in names}
        _add(journal, item, "w", changes)
    return at


def _first_values(item: Any) -> dict[str, tuple[Any, Any]]:
    return {name: (None, value) for name, value in _values(item).items() if value is not None}


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
       ON CONFLICT (type, row_id, root) DO UPDATE SET op = excluded.op, tx = excluded.tx, seq = excluded.seq""",
    row="type text, row_id text, root text, op text, tx bigint, seq bigint",
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
    journal.lines, journal.mark = [], 0
