"""Rows as they leave the server: which columns, in which order, and how they are read quickly."""

from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.records.actor import Actor
from server.records.record import Record, permission_of, record_named, table_of, visible_fields
from server.records.values import to_wire

_CHUNK = 500


@cache
def wire_columns(record: type[Record]) -> list[str]:
    """The fields of a row on the wire after `id`."""
    return list(visible_fields(record))


def select_wire(record: type[Record]) -> Select[Any]:
    """A Core `SELECT` of `id` and the wire columns. The caller adds `visible(...)`."""
    table = table_of(record)
    return select(table.c.id, *[table.c[name] for name in wire_columns(record)])


def hydrator(actor: Actor) -> Callable[[Session, str, list[str]], tuple[list[str], dict[str, list[Any]]]]:
    """Reads rows for the pull, which has decided by `access` which roots the actor's devices hold. Records that the
    role does not let the actor see at all stay away from the device."""

    def hydrate(session: Session, record_type: str, ids: list[str]) -> tuple[list[str], dict[str, list[Any]]]:
        record = record_named(record_type)
        rows: dict[str, list[Any]] = {}
        if not record.spec.synced or not actor.can(f"{permission_of(record)}.view"):
            return wire_columns(record), rows
        table = table_of(record)
        for start in range(0, len(ids), _CHUNK):
            statement = select_wire(record).where(table.c.id.in_(ids[start : start + _CHUNK]))
            for row_id, *values in session.execute(statement):
                rows[row_id] = [to_wire(value) for value in values]
        return wire_columns(record), rows

    return hydrate


def as_dict(record: type[Record], row: Any) -> dict[str, Any]:
    """A row selected by `select_wire` as the REST interface gives it."""
    return {"id": row[0], **{name: to_wire(value) for name, value in zip(wire_columns(record), row[1:], strict=True)}}
