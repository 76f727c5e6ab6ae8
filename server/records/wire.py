"""Rows as they leave the server: which columns, in which order, and how they are read quickly."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from typing import Any, cast

import msgspec
from sqlalchemy import JSON, Boolean, Date, Float, Select, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from server.records import own, rights
from server.records.actor import Actor
from server.records.record import Record, is_record, permission_of, record_named, table_of, visible_fields
from server.records.types import Scaled, UtcDateTime
from server.records.values import to_wire
from server.records.visibility import narrowing
from sync.access import among
from sync.pages import Hydrate, Moments, Repeated, Rows, moments
from sync.statements import Statement

#: As SQLite keeps moments: without a zone.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_MS = timedelta(milliseconds=1)
_decode = msgspec.json.Decoder().decode
#: Makes the driver's values of a column those of a page.
Reader = Callable[[Sequence[Any]], Sequence[Any]]


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


def holdable(actor: Actor) -> Callable[[Session, str, Sequence[str]], Collection[str]]:
    """Which of these rows of a type, all under roots that the actor's devices hold, they may have."""

    def within(session: Session, record_type: str, ids: Sequence[str]) -> Collection[str]:
        record = record_named(record_type)
        narrower = narrowing(actor, record, "hold")
        if not narrower:
            return ids
        return set(session.scalars(select(record.id).where(record.id.in_(among(session, ids)), *narrower)))

    return within


def hydrator(actor: Actor) -> Hydrate:
    """Reads rows for the pull, which has decided by `access` which roots the actor's devices hold. Records that the
    role does not let the actor see at all stay away from the device."""

    within = holdable(actor)

    def hydrate(session: Session, record_type: str, ids: Sequence[str]) -> Rows:
        if not may_hold(actor, record_type):
            return Rows([], {}, record_named(record_type).spec.root if is_record(record_type) else "company")
        record = record_named(record_type)
        if actor.field_rights:
            rows = _read(session, record, ids)
            return Rows(rows.ids, rights.told_columns(actor, record, rows.columns), rows.root)
        return _read(session, record, ids)

    def _read(session: Session, record: type[Record], ids: Sequence[str]) -> Rows:
        record_type = record.__tablename__
        if record_type in own.ABOUT_FIELDS:
            rows = _without_concealed(read_rows(session, record, ids), own.catalog(session).concealed(actor))
            return _within(session, actor, record, rows)
        theirs = within(session, record_type, ids)
        if len(theirs) < len(ids):
            # In the order that was asked for: a page is filled in it.
            ids = [row_id for row_id in ids if row_id in theirs]
            if not ids:
                return Rows([], {}, record.spec.root)
        return read_rows(session, record, ids, own.readable(session, actor, record).own)

    return hydrate


def _within(session: Session, actor: Actor, record: type[Record], rows: Rows) -> Rows:
    """Conflicts, but for those about rows that are not for this role."""
    for name, theirs in own.narrowed_rows(actor, record):
        if not rows.ids or name not in rows.columns["record_type"]:
            continue
        about = [
            one
            for one, kind in zip(rows.columns["record_id"], rows.columns["record_type"], strict=True)
            if kind == name
        ]
        target = record_named(name)
        seen = set(session.scalars(theirs.where(target.id.in_(about))))
        hidden = {(name, one) for one in about if one not in seen}
        rows = _without(rows, "record_id", hidden)
    return rows


def _without_concealed(rows: Rows, concealed: Sequence[tuple[str, str]]) -> Rows:
    """Conflicts and files, but for those of own fields whose values are not for this role."""
    return _without(rows, "field", set(concealed))


def _without(rows: Rows, field: str, hidden: set[tuple[str, str]]) -> Rows:
    """The rows of which `record_type` and this field are not among the hidden."""
    if not hidden or not rows.ids:
        return rows
    about = zip(rows.columns["record_type"], rows.columns[field], strict=True)
    places = [place for place, subject in enumerate(about) if subject not in hidden]
    columns = {
        name: (Moments if isinstance(column, Moments) else list)([column[place] for place in places])
        for name, column in rows.columns.items()
    }
    return Rows([rows.ids[place] for place in places], columns, rows.root)


def read_rows(
    session: Session, record: type[Record], ids: Sequence[str], fields: Mapping[str, own.OwnField] | None = None
) -> Rows:
    """These rows as a page wants them, in the order of the ids; some may be missing. `fields`: own fields whose values
    are wanted, too."""
    on_sqlite = session.connection().dialect.name == "sqlite"
    statement = _statement(record, on_sqlite, bool(fields))
    found = statement.rows(session, ids=ids)
    present: Sequence[str]
    columns: list[Sequence[Any]]
    if on_sqlite:
        texts = found[0]
        present = _decode(texts[0])
        columns = [_listed_values(text, len(present)) for text in texts[1:]]
    else:
        present, *columns = zip(*found, strict=True) if found else ([],)
    if not present:
        return Rows([], {}, record.spec.root)
    if len(present) < len(ids) or list(present) != list(ids):
        at = {row_id: place for place, row_id in enumerate(present)}
        places = [at[row_id] for row_id in ids if row_id in at]
        present = [present[place] for place in places]
        columns = [
            Repeated(column[: len(places)]) if isinstance(column, Repeated) else [column[place] for place in places]
            for column in columns
        ]
    own_values = columns.pop() if fields else None
    readers = _readers(record, on_sqlite)
    values = {
        name: column if read is None else _as_read(column, read)
        for name, column, read in zip(wire_columns(record), columns, readers, strict=True)
    }
    if own_values is not None and fields:
        values.update(own.columns_of(own_values, fields))
    return Rows(present, values, record.spec.root)


def _listed_values(text: str, count: int) -> Sequence[Any]:
    """The values of a list as SQLite wrote it. Most lists repeat one value, which is told by the text itself."""
    end = text.find(",")
    if end > 0:
        first = text[1:end]
        if len(text) == count * end + 1 and text == f"[{f'{first},' * (count - 1)}{first}]":
            return Repeated([_decode(first)] * count)
    return cast(list[Any], _decode(text))


def _as_read(column: Sequence[Any], read: Reader) -> Sequence[Any]:
    if not isinstance(column, Repeated):
        return column if column.count(None) == len(column) else read(column)
    if column[0] is None:
        return column
    one = read(column[:1])
    return Moments(one * len(column)) if isinstance(one, Moments) else Repeated([*one] * len(column))


@cache
def _statement(record: type[Record], on_sqlite: bool, with_own: bool) -> Statement:
    """Rows on PostgreSQL. On SQLite one row with a JSON list for each column: building those there and reading them
    again takes half the time of as many values one by one."""
    names = ["id", *wire_columns(record), *([own.COLUMN] if with_own else [])]
    table = record.__tablename__
    if not on_sqlite:
        quoted = ", ".join(f'"{name}"' for name in names)
        return Statement(f'SELECT {quoted} FROM "{table}" WHERE id IN :ids*')
    columns = table_of(record).c
    lists = ", ".join(f"json_group_array({_listed(name, columns[name].type)})" for name in names)
    return Statement(f'SELECT {lists} FROM "{table}" WHERE id IN :ids*')


def _listed(name: str, kind: TypeEngine[Any]) -> str:
    """How a column goes into a list. SQLite's JSON has 15 digits of a number with decimals, which need not be the same
    number; `quote` has as many as it takes."""
    if isinstance(kind, Float | JSON):
        return f'CASE typeof("{name}") WHEN \'real\' THEN quote("{name}") ELSE "{name}" END'
    return f'"{name}"'


@cache
def _readers(record: type[Record], on_sqlite: bool) -> list[Reader | None]:
    """How the driver's values of each wire column become those of a page; None where they are the same."""
    table = table_of(record)
    return [_reader(table.c[name].type, on_sqlite) for name in wire_columns(record)]


def _reader(kind: TypeEngine[Any], on_sqlite: bool) -> Reader | None:
    if isinstance(kind, Scaled):
        return partial(_fixed, places=kind.places)
    if isinstance(kind, UtcDateTime):
        return _moments_of_text if on_sqlite else moments
    if isinstance(kind, Boolean):
        return _booleans if on_sqlite else None
    if isinstance(kind, JSON):
        return _parsed if on_sqlite else None
    if isinstance(kind, Float):
        return _numbers if on_sqlite else None
    if isinstance(kind, Date):
        return None if on_sqlite else _dates
    return None


def _fixed(column: Sequence[Any], places: int) -> Sequence[str | None]:
    """Whole numbers of the smallest unit as decimals: 1250 is 12.50."""
    unit = 10**places
    texts: dict[int | None, str | None] = {
        number: f"{'-' if number < 0 else ''}{abs(number) // unit}.{abs(number) % unit:0{places}d}"
        for number in set(column)
        if number is not None
    }
    texts[None] = None
    return [texts[number] for number in column]


def _moments_of_text(column: Sequence[str | None]) -> Moments:
    """SQLite keeps moments as text, in UTC."""
    read = datetime.fromisoformat
    return Moments([None if text is None else (read(text) - _EPOCH) // _MS for text in column])


def _booleans(column: Sequence[int | None]) -> Sequence[bool | None]:
    return [None if value is None else value != 0 for value in column]


def _parsed(column: Sequence[Any]) -> Sequence[Any]:
    """JSON as text; a number SQLite keeps as the number it is."""
    return [json.loads(value) if isinstance(value, str) else value for value in column]


def _numbers(column: Sequence[str | None]) -> Sequence[float | None]:
    return [None if text is None else float(text) for text in column]


def _dates(column: Sequence[date | None]) -> Sequence[str | None]:
    return [None if day is None else day.isoformat() for day in column]


def as_dict(record: type[Record], row: Any) -> dict[str, Any]:
    """A row selected by `select_wire` as the REST interface gives it."""
    return {"id": row[0], **{name: to_wire(value) for name, value in zip(wire_columns(record), row[1:], strict=True)}}


def select_readable(fields: own.Readable) -> Select[Any]:
    """As `select_wire`, with what `item_of` needs to give the own fields that may be read."""
    statement = select_wire(fields.record)
    return statement.add_columns(table_of(fields.record).c[own.COLUMN]) if fields.own else statement


def item_of(fields: own.Readable, row: Any) -> dict[str, Any]:
    """A row selected by `select_readable` as the REST interface gives it."""
    if not fields.own:
        return rights.told_item(fields.actor, fields.record, as_dict(fields.record, row))
    item = {**as_dict(fields.record, row[:-1]), **own.wire_values(row[-1], fields.own)}
    return rights.told_item(fields.actor, fields.record, item)
