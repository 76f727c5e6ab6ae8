"""The journal of a transaction: every row a flush writes becomes a line of the change log and of the audit trail.

What writes rows collects them (a hook on the ORM's flush, and `sync.rows`), so no code can forget it; bulk statements on
records, which would go around both, are refused. `write` puts the lines into the database with `executemany`, which is several times faster than
objects. Rows that are only new may wait for the next flush (`wait`), with those of the commands that follow: their lines
are made at once, while it is known what command made them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from sqlalchemy import event
from sqlalchemy.orm import Mapper, Session, UOWTransaction
from sqlalchemy.orm.attributes import instance_state
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
class Waiting:
    """What was noted of a row that is not written yet: the line that made it, the last one, and its values before and
    after that."""

    made_at: int
    at: int
    before: dict[str, Any]
    values: dict[str, Any]


@dataclass(slots=True)
class Journal:
    lines: list[Line] = field(default_factory=list)
    ops: list[dict[str, Any]] = field(default_factory=list)  #: lines of the inbox, see `sync.inbox.store`
    cause: Any = None  #: the command that is running; the audit trail says it
    #: New rows that wait for a flush, with what was noted of them.
    waiting: dict[Any, "Waiting"] = field(default_factory=dict)
    #: Rows that the running command made or went on with before they were written.
    touched: list[Any] = field(default_factory=list)
    #: Every row that was made, by type and id.
    made: dict[tuple[type[Any], str], Any] = field(default_factory=dict)
    #: Where the lines of the running command begin.
    mark: int = 0
    #: What the connection wrote in flushes of rows as they had been noted before: up to which line, and how much.
    #: A savepoint that began after that line has written nothing of its own with them.
    others: list[tuple[int, int]] = field(default_factory=list)


_IGNORED = {"created_at", "created_by", "id"}


def of(session: Session) -> Journal:
    journal: Journal | None = session.info.get("journal")
    if journal is None:
        session.info["journal"] = journal = Journal()
    return journal


_kinds: list[type[Any]] = []


def is_record(item: Any) -> bool:
    """Whether the journal has to know of a mapped object, or of those of a class."""
    return issubclass(item if isinstance(item, type) else type(item), tuple(_kinds))


def attach(session_class: type[Session], record: type[Any]) -> None:
    """Installs the hooks on a session class. `record`: the class whose objects are journaled."""
    _kinds.append(record)

    @event.listens_for(session_class, "before_flush")
    def collect(session: Session, context: UOWTransaction, instances: Any) -> None:
        journal = of(session)
        only_noted, latest = not session.dirty and not session.deleted, -1
        for item in session.new:
            at = _note_new(journal, item) if is_record(item) else None
            if at is None:
                only_noted = False
            else:
                latest = max(latest, at)
            if is_record(item):
                _tell(session, item)
        journal.waiting.clear()
        session.info["flushing"] = (latest, writes(session)) if only_noted and latest >= 0 else None
        for item in session.dirty:
            if is_record(item) and (changes := changes_of(item)):
                note_changed(session, item, changes)
        for item in session.deleted:
            if is_record(item):
                _add(journal, item, "d", {name: (value, None) for name, value in _values(item).items()})
                _tell(session, item)

    @event.listens_for(session_class, "transient_to_pending")
    def file(session: Session, item: Any) -> None:
        journal = of(session)
        journal.made[type(item), item.id] = item
        journal.touched.append(item)

    @event.listens_for(session_class, "after_flush")
    def tell_apart(session: Session, context: UOWTransaction) -> None:
        before = session.info.pop("flushing", None)
        if before is not None:
            latest, written = before
            of(session).others.append((latest, writes(session) - written))


def refuse_bulk(statement: Any) -> None:
    """Raises `RuntimeError` for a statement that writes records without the journal."""
    if getattr(statement, "is_dml", False):
        written = statement.entity_description.get("entity")
        if written is not None and is_record(written):
            raise RuntimeError(f"a bulk statement on {written.__name__} would go around the change log")


_heard: list[Callable[[Session, Any], None]] = []


def on_row(hear: Callable[[Session, Any], None]) -> Callable[[Session, Any], None]:
    """Declares who is told of every row right before it is written: a record that is new, changed or to be deleted. What
    it was is still in its state."""
    _heard.append(hear)
    return hear


def _tell(session: Session, item: Any) -> None:
    for hear in _heard:
        hear(session, item)


def note_changed(session: Session, item: Any, changes: dict[str, tuple[Any, Any]]) -> None:
    """A row of the database that is about to be written."""
    journal = of(session)
    _move_root(journal, item, changes)
    _add(journal, item, "w", changes)
    _tell(session, item)


def writes(session: Session) -> int:
    """How many statements that write the connection has seen (`server.savepoints.watch`, `sync.statements`)."""
    connection = session.info.get("connection") or session.connection()
    return int(connection.info.get("writes", 0))


def waiting(session: Session, record: type[Any], row_id: str) -> Any:
    """The row that was made in this transaction and is not written yet, or None. Another command may go on with it."""
    journal = of(session)
    made = journal.made.get((record, row_id))
    if made is None or not instance_state(made).pending:
        return None
    journal.touched.append(made)
    return made


def wait(session: Session) -> None:
    """Makes the lines of rows that are only new and leaves the rows to the next flush, which nobody can miss: every query
    of the ORM begins with it."""
    journal = of(session)
    for item in journal.touched:
        if is_record(item) and instance_state(item).pending:
            _note_new(journal, item)
    journal.touched.clear()


def forget_since(session: Session, mark: int) -> bool:
    """Gives up the rows made since there were `mark` lines, and what was changed and not flushed. False where a row that
    waits for earlier commands was noted again since."""
    journal = of(session)
    noted = [journal.waiting.get(item) for item in session.new]
    if any(known is not None and known.made_at < mark <= known.at for known in noted):
        return False
    for item, known in zip(session.new, noted, strict=True):
        if known is None or known.made_at >= mark:
            journal.waiting.pop(item, None)
            session.expunge(item)
        elif known.values != _values_of(item):
            for name, value in _values(item).items():
                if value != known.values.get(name):
                    setattr(item, name, known.values.get(name))
    for item in session.deleted:
        session.expunge(item)
    for item in list(session.dirty):
        _take_back(session, item)
    journal.touched.clear()
    del journal.lines[mark:]
    return True


def _take_back(session: Session, item: Any) -> None:
    """Gives a row of the database the values it had at the last flush. It is not expired: whoever holds it would change
    it without anybody knowing what it was."""
    state = instance_state(item)
    for name, before in state.committed_state.items():
        if isinstance(before, LoaderCallableStatus):  # it had no value, or nobody had looked
            state.dict.pop(name, None)
        else:
            state.dict[name] = before
    state._commit_all(state.dict, session.identity_map)


def _note_new(journal: Journal, item: Any) -> int | None:
    """Makes the line of a row that waits, completes that of the running command, or adds what it did to the row of an
    earlier one. Which line says already all there is, or None."""
    values = _values_of(item)
    known = journal.waiting.get(item)
    if known is None:
        _add(journal, item, "w", _differences({}, values))
        at = len(journal.lines) - 1
        journal.waiting[item] = Waiting(at, at, {}, values)
        return None
    if known.values == values:
        return known.at
    line = journal.lines[known.at]
    if line.cause is journal.cause and known.at >= journal.mark:
        line.changes, line.root = _differences(known.before, values), item.root()
    else:  # another command went on with it
        if line.root != item.root():
            journal.lines.append(Line(line.type, line.row_id, line.root, "d", {}, journal.cause))
        _add(journal, item, "w", _differences(known.values, values))
        known.at, known.before = len(journal.lines) - 1, known.values
    known.values = values
    return None


def _values_of(item: Any) -> dict[str, Any]:
    """What has a value."""
    state = instance_state(item)
    values = state.dict
    return {name: value for name in _names(state.mapper) if (value := values.get(name)) is not None}


def _differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    if not before:
        return {name: (None, value) for name, value in after.items() if value is not None}
    return {
        name: (before.get(name), after.get(name))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    }


def _add(journal: Journal, item: Journaled, op: str, changes: dict[str, tuple[Any, Any]]) -> None:
    journal.lines.append(Line(item.__tablename__, item.id, item.root(), op, changes, journal.cause))


def _values(item: Any) -> dict[str, Any]:
    state = instance_state(item)
    values = state.dict
    return {name: values.get(name) for name in _names(state.mapper)}


@cache
def _names(mapper: Mapper[Any]) -> tuple[str, ...]:
    return tuple(a.key for a in mapper.column_attrs if a.key not in _IGNORED)


def changes_of(item: Any) -> dict[str, tuple[Any, Any]]:
    """What differs from the database, in the order of the columns."""
    state = instance_state(item)
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
