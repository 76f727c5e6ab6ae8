"""Rows of a page are read past SQLAlchemy; what they say must be what it says, on both engines."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import msgspec
from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, create_engine
from sqlalchemy.orm import Session

from server.records.ids import uuid7
from server.records.record import Record, records, table_of
from server.records.types import Scaled, UtcDateTime
from server.records.wire import as_dict, read_rows, select_wire
from sync.pages import TypePage, put_rows, rows_of
from tests.support.world import COMPANY

_ROWS = 40
_BEGINNINGS = ("王", "A", "😀", '"', "\\", "\n", "\t", "\u2028", "1e5", "")


def test_every_field_of_every_record_is_read_as_it_was_written(new_database: Callable[..., str]) -> None:
    engine = create_engine(new_database(COMPANY))
    dice = Random(1)
    with Session(engine) as session, session.begin():
        for record in records():
            table = table_of(record)
            drawn = [{column.name: _draw(dice, column, n) for column in table.columns} for n in range(_ROWS)]
            session.connection().execute(table.insert(), drawn)
            _compare(session, record)
        session.rollback()
    engine.dispose()


def _compare(session: Session, record: type[Record]) -> None:
    expected = {row[0]: as_dict(record, row) for row in session.execute(select_wire(record))}
    ids = list(expected)
    Random(2).shuffle(ids)
    rows = read_rows(session, record, [*ids[:5], "gone", *ids[5:]])
    assert list(rows.ids) == ids
    page = TypePage()
    put_rows(page, rows, [1] * len(ids), [f"customer:{row_id}" for row_id in ids])
    sent = msgspec.json.decode(msgspec.json.encode(page), type=TypePage)
    columns = dict.fromkeys(expected[ids[0]])
    found = [{**columns, **row} for row in rows_of(sent)]
    assert [row.pop("root") for row in found] == [f"customer:{row_id}" for row_id in ids]
    assert [row.pop("rev") for row in found] == [1] * len(ids)
    assert found == [expected[row_id] for row_id in ids], record.__tablename__


def _draw(dice: Random, column: Column[Any], n: int) -> Any:
    kind = column.type
    if column.primary_key:
        return uuid7()
    if column.nullable and dice.random() < 0.3:
        return None
    if isinstance(kind, Scaled):
        return dice.randrange(-(10**9), 10**9) * kind.unit
    if isinstance(kind, UtcDateTime):
        return datetime.fromtimestamp(dice.randrange(-(10**9), 4 * 10**12) / 1000, UTC)
    if isinstance(kind, Date):
        return date.fromordinal(dice.randrange(700_000, 760_000))
    if isinstance(kind, Boolean):
        return dice.random() < 0.5
    if isinstance(kind, JSON):
        return dice.choice(([], ["a", "b"], {"a": [1, True, None, 1.5]}, 0.1 + 0.2, 12, "1", {"a": dice.random()}))
    if isinstance(kind, Integer):
        return dice.randrange(1_000_000)
    if isinstance(kind, Float):
        small = dice.uniform(-1, 1) * 10.0 ** dice.randrange(-300, 300)
        return dice.choice((round(dice.uniform(0, 180), 6), dice.uniform(-180, 180), small, 5.0, -0.1))
    return f"{dice.choice(_BEGINNINGS)}{n}"
