"""Which columns rows have on the wire, as a short id, and the values of columns that older caches have not got.

A new version of the server brings new columns, an administrator adds own fields, a role is given the right to see one.
Rows that nobody writes do not come again for that; a device that learns of another shape asks for the new columns alone
and forgets those that are no more.
"""

import hashlib
import json
import time
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.records import own, rights
from server.records.actor import Actor
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.record import is_record, record_named, records, table_of
from server.records.visibility import narrowing
from server.records.wire import may_hold, wire_columns
from sync.pages import Rows, TypePage, put_rows
from sync.schema import access, change_log

FILL_ROWS = 2000
#: Seconds.
_FRESH = 60

error_texts(
    {
        "unknown_column": L(
            "{type} 没有这一列：{column}", "{type} 沒有這一欄：{column}", "{type} has no column {column}"
        )
    }
)


class Shape(msgspec.Struct, frozen=True):
    """`types`: the columns of each type that devices hold, beside id, rev and root."""

    id: str
    types: dict[str, list[str]]


@cache
def shape() -> Shape:
    """The shape of this version's rows, without own fields."""
    return _shape({record.__tablename__: wire_columns(record) for record in records() if record.spec.synced})


def _shape(types: dict[str, list[str]]) -> Shape:
    text = json.dumps(types, sort_keys=True)
    return Shape(hashlib.sha256(text.encode()).hexdigest()[:8], types)


def shape_for(session: Session, actor: Actor) -> Shape:
    """The shape of the rows that this actor's devices hold."""
    fields = own.catalog(session)
    place = ("shape", actor.role_id, actor.field_rights)
    found: Shape | None = fields.memory.get(place)
    if found is None:
        more = {name: list(fields.readable(name, actor)) for name in fields.fields}
        types = {name: [*_told(actor, name, columns), *more.get(name, ())] for name, columns in shape().types.items()}
        found = fields.memory[place] = _shape(types)
    return found


def _told(actor: Actor, name: str, columns: list[str]) -> list[str]:
    """The declared columns of a type, but for those of fields that are not for this role."""
    limited = rights.limits(actor, record_named(name))
    return [column for column in columns if limited.get(column) != "hidden"] if limited else columns


class Shapes:
    """The shapes that this process has found lately, by role: a pull that has nothing to bring asks no database. A
    device that fell behind the others of its role is told a minute later at most."""

    def __init__(self) -> None:
        self._seen: dict[str | None, tuple[float, Shape]] = {}

    def of(self, role_id: str | None) -> Shape | None:
        moment, found = self._seen.get(role_id, (0.0, None))
        return found if found is not None and time.monotonic() - moment < _FRESH else None

    def saw(self, role_id: str | None, found: Shape | None) -> None:
        if found is not None:
            self._seen[role_id] = (time.monotonic(), found)


class Fill(TypePage, kw_only=True, omit_defaults=True):
    """Some columns of some rows, written as in a page. `after`: more are to come after this id."""

    type: str
    after: str | None = None


def fill(session: Session, actor: Actor, record_type: str, names: list[str], after: str) -> Fill:
    """These columns of the rows the actor's devices hold, where one of them has a value. In the order of the ids, after
    the given one. Raises `Rejected` unknown_column; what the actor may not hold has no rows."""
    answer = Fill(type=record_type)
    if not is_record(record_type) or not may_hold(actor, record_type):
        return answer
    record = record_named(record_type)
    fields = own.readable(session, actor, record)
    for name in names:
        if name not in fields.fields:
            raise Rejected("unknown_column", field="columns", type=record_type, column=name[:60])
    table = table_of(record)
    columns = [fields.column(name) for name in names if name not in fields.own]
    wanted = {name: fields.own[name] for name in names if name in fields.own}
    present = [fields.column(name) for name in names]
    if wanted:
        columns.append(table.c[own.COLUMN])
    statement = (
        select(table.c.id, change_log.c.tx, change_log.c.root, *columns)
        .join(change_log, change_log.c.row_id == table.c.id)
        .join(access, access.c.root == change_log.c.root)
        .where(
            change_log.c.type == record_type,
            change_log.c.op == "w",
            access.c.employee_id == actor.employee_id,
            access.c.live,
            table.c.id > after,
            or_(*[column.is_not(None) for column in present]),
            *own.concealed_rows(session, actor, record),
            *narrowing(actor, record, "hold"),
        )
        .order_by(table.c.id)
        .limit(FILL_ROWS + 1)
    )
    found = list(session.execute(statement))
    more, found = len(found) > FILL_ROWS, found[:FILL_ROWS]
    if found:
        ids, revs, roots, *values = zip(*found, strict=True)
        own_values = own.columns_of(values.pop(), wanted) if wanted else {}
        plain = [name for name in names if name not in wanted]
        told = _told_columns(session, actor, fields, ids, dict(zip(plain, values, strict=True)))
        put_rows(answer, Rows(ids, {**told, **own_values}, record.spec.root), revs, roots)
        answer.after = ids[-1] if more else None
    return answer


def _told_columns(
    session: Session, actor: Actor, fields: own.Readable, ids: Sequence[str], columns: Mapping[str, Sequence[Any]]
) -> Mapping[str, Sequence[Any]]:
    """The columns as the actor may have them. What remains of some follows from the row's other fields."""
    if not actor.field_rights:
        return columns
    table = table_of(fields.record)
    others = [name for name in wire_columns(fields.record) if name not in columns]
    rows = {
        row[0]: row[1:]
        for row in session.execute(select(table.c.id, *[table.c[n] for n in others]).where(table.c.id.in_(ids)))
    }
    more = {name: [rows[row_id][at] for row_id in ids] for at, name in enumerate(others)}
    told = rights.told_columns(actor, fields.record, {**columns, **more})
    return {name: told[name] for name in columns}
