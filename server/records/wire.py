"""Rows as they leave the server: which columns, in which order, and how they are read quickly."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.records.actor import Actor
from server.records.record import Record, is_record, permission_of, record_named, table_of, visible_fields
from server.records.values import to_wire
from sync.pages import Hydrate, Rows

_CHUNK = 500


@cache
def wire_columns(record: type[Record]) -> list[str]:
    """The fields of a row on the wire after `id`."""
    return list(visible_fields(record))


def select_wire(record: type[Record]) -> Select[Any]:
    """A Core `SELECT` of `id` and the wire columns. The caller adds `visible(...)`."""
    table = table_of(record)
    return select(table.c.id, *[table.c[name] for name in wire_columns(record)])


def may_hold(actor: Actor, record_type: str) -> bool:
    """Whether the actor's device may have rows of this type at all: it is synced, and the role lets the actor see it."""
    if not is_record(record_type):
        return False
    record = record_named(record_type)
    return record.spec.synced and actor.can(f"{permission_of(record)}.view")


def hydrator(actor: Actor) -> Hydrate:
    """Reads rows for the pull, which has decided by `access` which roots the actor's devices hold. Records that the
    role does not let the actor see at all stay away from the device."""

    def hydrate(session: Session, record_type: str, ids: Sequence[str]) -> Rows:
        record = record_named(record_type)
        if not may_hold(actor, record_type):
            return Rows([], {}, record.spec.root)
        table = table_of(record)
        found: dict[str, Sequence[Any]] = {}
        for start in range(0, len(ids), _CHUNK):
            statement = select_wire(record).where(table.c.id.in_(ids[start : start + _CHUNK]))
            for row in session.execute(statement):
                found[row[0]] = row
        rows = [found[row_id] for row_id in ids if row_id in found]
        if not rows:
            return Rows([], {}, record.spec.root)
        present, *columns = zip(*rows, strict=True)
        return Rows(present, dict(zip(wire_columns(record), columns, strict=True)), record.spec.root)

    return hydrate


def as_dict(record: type[Record], row: Any) -> dict[str, Any]:
    """A row selected by `select_wire` as the REST interface gives it."""
    return {"id": row[0], **{name: to_wire(value) for name, value in zip(wire_columns(record), row[1:], strict=True)}}
