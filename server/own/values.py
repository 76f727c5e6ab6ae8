"""The values of one own field across all rows: how many there are, and their removal."""

from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from server.own.models import OwnFieldRow, OwnRow, OwnTable
from server.records import own
from server.records.commands import Context
from server.records.record import Record, column_of, record_named

#: Rows whose values are removed in one transaction.
_STEP = 500


def _present(record: type[Record], key: str) -> ColumnElement[bool]:
    text: ColumnElement[Any] = column_of(record, own.COLUMN)[key].as_string()
    return text.is_not(None)


# unrestricted: only the number is told, to whoever may delete the field
def count_values(session: Session, row: OwnFieldRow) -> int:
    """How many rows have a value."""
    record = record_named(row.record_type)
    statement = select(func.count()).select_from(record).where(_present(record, row.key))
    return int(session.scalar(statement) or 0)


# unrestricted: only the number is told, to whoever may delete the table
def count_rows(session: Session, table: OwnTable) -> int:
    """How many rows are in it that nobody has deleted."""
    statement = (
        select(func.count()).select_from(OwnRow).where(OwnRow.table_id == table.id, OwnRow.deleted_at.is_(None))
    )
    return int(session.scalar(statement) or 0)


def clear_step(context: Context, row: OwnFieldRow) -> int:
    """Removes the values of some rows; how many, 0 when none is left."""
    record = record_named(row.record_type)
    found: Any = context.session.scalars(select(record).where(_present(record, row.key)).limit(_STEP)).all()
    for one in found:
        one.own = {key: value for key, value in one.own.items() if key != row.key} or None
    context.session.flush()
    return len(found)


def move_references(context: Context, target: str, old: str, new: str) -> dict[str, list[str]]:
    """Own fields that refer to one record refer to another one from now on, e.g. where two customers become one. The
    rows, by `record.key`."""
    moved: dict[str, list[str]] = {}
    catalog = own.catalog(context.session)
    for record_type, fields in catalog.fields.items():
        record = record_named(record_type)
        for field in fields.values():
            if field.spec.ref != target or field.state == "purged":
                continue
            found: Any = context.session.scalars(select(record).where(field.column(record) == old))
            for one in found:
                one.own = {**one.own, field.key: new}
                moved.setdefault(f"{record_type}.{field.key}", []).append(one.id)
    return moved
