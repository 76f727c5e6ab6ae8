"""Rows that were changed, written without the ORM's unit of work.

That one sorts, groups and compares for every flush what may hang together; records have no relationships, and a command
changes a row or two. An UPDATE by id of the columns that differ takes a fifth of the time.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.orm import InstanceState, Mapper, Session
from sqlalchemy.orm.attributes import instance_state
from sqlalchemy.orm.exc import StaleDataError

from sync import journal
from sync.statements import Statement

Processor = Callable[[Any], Any]


def write_changed(session: Session) -> None:
    """Writes the changed rows and notes them in the journal; new rows go on waiting. Leaves to the ORM's flush what are
    no records.

    Does nothing in sessions with savepoints: when one is rolled back, the ORM makes good only what it wrote itself. Nor
    where rows are deleted, which has its order.
    """
    dirty = list(session.dirty)
    if not session.info.get("quick") or session.deleted or not all(map(journal.is_record, dirty)):
        return
    with session.no_autoflush:  # a value that has to be read first would begin all this once more
        for item in dirty:
            state: InstanceState[Any] = instance_state(item)
            if changes := journal.changes_of(item):
                journal.note_changed(session, item, changes)
                _write(session, state, changes)
            state._commit_all(state.dict, session.identity_map)


def _write(session: Session, state: InstanceState[Any], changes: dict[str, tuple[Any, Any]]) -> None:
    connection = session.info.get("connection") or session.connection()
    processors = _processors(state.mapper, connection.dialect)
    values: dict[str, Any] = {"id": state.dict["id"]}
    for name, (_, after) in changes.items():
        process = processors[name]
        values[name] = after if process is None else process(after)
    if _update(state.mapper, tuple(changes)).changed(session, **values) != 1:
        raise StaleDataError(f"the {state.mapper.class_.__tablename__} {values['id']} is no more")


@cache
def _update(mapper: Mapper[Any], names: tuple[str, ...]) -> Statement:
    columns = ", ".join(f'"{mapper.columns[name].name}" = :{name}' for name in names)
    return Statement(f'UPDATE "{mapper.class_.__tablename__}" SET {columns} WHERE id = :id')


@cache
def _processors(mapper: Mapper[Any], dialect: Dialect) -> dict[str, Processor | None]:
    """How values of each column become those of the driver."""
    return {
        attribute.key: attribute.columns[0].type.dialect_impl(dialect).bind_processor(dialect)
        for attribute in mapper.column_attrs
    }
