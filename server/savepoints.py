"""How a command is undone: by a savepoint, or by forgetting what it had not written yet.

Two savepoints an op, with what the ORM remembers for each, cost as much as the command itself, and on PostgreSQL two
round trips and a subtransaction each. Nearly all ops need none: they succeed, or are refused before they write. So the
writer first runs a transaction without savepoints. Where something that wrote has to be undone after all, `RunAgain`
ends the attempt; the transaction is rolled back and run once more with them (decision 0015).
"""

from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_state

from sync import journal
from sync.rows import write_changed


class RunAgain(BaseException):
    """This transaction needs savepoints. Not an `Exception`: no command may take it for a failure of its own."""


def watch(engine: Engine) -> None:
    """Counts what connections of this engine write, and statements that fail: PostgreSQL goes on after neither."""

    @event.listens_for(engine, "before_cursor_execute")
    def count(
        connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
    ) -> None:
        if not statement.startswith("SELECT"):
            connection.info["writes"] = connection.info.get("writes", 0) + 1

    @event.listens_for(engine, "handle_error")
    def failed(context: ExceptionContext) -> None:
        if context.connection is not None:
            context.connection.info["writes"] = context.connection.info.get("writes", 0) + 1


def use_savepoints(session: Session, really: bool) -> None:
    """Whether the transaction that begins marks each command in the database."""
    session.info["quick"] = not really


def flush_soon(session: Session) -> None:
    """Writes what a command changed. Where no savepoint has to be exact, rows that are new may wait for those of the
    commands that follow, to be written in one statement."""
    write_changed(session)
    if not session.info.get("quick") or session.dirty or session.deleted:
        session.flush()


def _read_again(session: Session) -> None:
    """Reads what the ORM forgot with a savepoint: whoever holds such a row and changed it without looking would leave
    the journal not knowing what it was."""
    for row in list(session.identity_map.values()):
        if instance_state(row).expired:
            with suppress(InvalidRequestError):  # another transaction has deleted it
                session.refresh(row)


class savepoint:  # noqa: N801 - used like a keyword
    """What happens inside takes effect whole or not at all, the journal included."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def __enter__(self) -> None:
        session = self._session
        flush_soon(session)
        journal.wait(session)
        kept = journal.of(session)
        self._outer, self._mark, self._ops = kept.mark, len(kept.lines), len(kept.ops)
        kept.mark = self._mark
        if session.info.get("quick"):
            self._nested, self._before = None, journal.writes(session)
        else:
            self._nested, self._before = session.begin_nested(), 0
            session.connection()  # only now the database is told; a statement that goes past the ORM does not tell it
        self._others = len(kept.others)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        kept = journal.of(self._session)
        if kind is None:
            try:
                flush_soon(self._session)
                journal.wait(self._session)
                if self._nested is not None:
                    self._nested.commit()
                kept.mark = self._outer
                return
            except Exception as failure:
                self._undo(failure)
                raise
        if isinstance(error, Exception):
            self._undo(error)
            kept.mark = self._outer

    def _has_written(self) -> bool:
        """Whether anything was written since it began that was not already waiting then."""
        others = journal.of(self._session).others[self._others :]
        written = journal.writes(self._session) - self._before
        return written != sum(count for at, count in others if at < self._mark)

    def _undo(self, error: Exception) -> None:
        session = self._session
        kept = journal.of(session)
        if self._nested is None:
            if not session.is_active or self._has_written():
                raise RunAgain from error
            if not journal.forget_since(session, self._mark):
                raise RunAgain from error
        else:
            if session.get_nested_transaction() is self._nested:
                # Not `is_active`: after a flush that failed, a savepoint is not active, and blocks the session until
                # rolled back.
                self._nested.rollback()
                _read_again(session)
            session.info.pop("seen_ops", None)
            kept.waiting.clear()
            del kept.lines[self._mark :]
        session.info.pop("memory", None)
        del kept.ops[self._ops :]
