"""Loads rows in bulk, the way a restore would: rows, change log and audit trail with `executemany`.

A command for each of tens of thousands of rows would take minutes. What is loaded here must be what the commands would
have left; `tests/demo` compares.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from server.customers.duplicates import keys_of_customer
from server.customers.models import Customer
from server.customers.tables import customer_key
from server.records import audit
from server.records.numbering import running_number
from server.records.record import Record, fields_of, table_of
from server.reports.totals import count_all, declared_totals
from sync import positions
from sync.journal import Line
from sync.schema import change_log

_CHUNK = 5000


def load(session: Session, rows: Sequence[Record], command: str = "demo") -> None:
    """Writes new rows that are complete but for the defaults of their fields. Part of the caller's transaction."""
    groups: dict[type[Record], list[Record]] = {}
    for row in rows:
        groups.setdefault(type(row), []).append(row)
    for record, group in groups.items():
        for start in range(0, len(group), _CHUNK):
            _load_group(session, record, group[start : start + _CHUNK], command)
    for totals in declared_totals():
        if totals.record in groups:
            count_all(session, totals)


def _load_group(session: Session, record: type[Record], rows: list[Record], command: str) -> None:
    names = [column.key for column in table_of(record).columns]
    defaults = {name: spec.default for name, spec in fields_of(record).items() if spec.default is not None}
    tx = positions.current(session)
    values: list[dict[str, Any]] = []
    log: list[dict[str, Any]] = []
    trail: list[Line] = []
    for row in rows:
        for name, default in defaults.items():
            if getattr(row, name) is None:
                setattr(row, name, default() if callable(default) else default)
        known = row.__dict__
        entry = {name: known.get(name) for name in names}
        root = row.root()
        values.append(entry)
        log.append(
            {
                "type": record.__tablename__,
                "row_id": row.id,
                "root": root,
                "op": "w",
                "tx": tx,
                "seq": positions.next_seq(session),
            }
        )
        changes = {
            name: (None, value)
            for name, value in entry.items()
            if value is not None and name not in ("id", "created_at", "created_by")
        }
        cause = audit.Cause(row.created_by or "", command, row.created_at)
        trail.append(Line(record.__tablename__, row.id, root, "w", changes, cause))
    session.execute(insert(table_of(record)), values)
    session.execute(insert(change_log), log)
    audit.write_lines(session, trail)
    if record is Customer:
        _load_keys(session, [row for row in rows if isinstance(row, Customer)])


def _load_keys(session: Session, customers: Iterable[Customer]) -> None:
    """What the duplicate check compares with."""
    lines = [
        {"kind": kind, "value": value, "customer_id": customer.id}
        for customer in customers
        for kind, value in sorted(keys_of_customer(customer))
    ]
    if lines:
        session.execute(insert(customer_key), lines)


class Numbers:
    """Running numbers of loaded rows; `store` lets the next command go on after them."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, date], int] = {}

    def next(self, prefix: str, day: date, digits: int = 5) -> str:
        serial = self._last[prefix, day] = self._last.get((prefix, day), 0) + 1
        return f"{prefix}{day:%Y%m%d}{serial:0{digits}d}"

    def store(self, session: Session) -> None:
        """Only for prefixes and days that no command has numbered yet."""
        taken = {
            (prefix, day) for prefix, day in session.execute(select(running_number.c.prefix, running_number.c.day))
        }
        both = taken & self._last.keys()
        if both:
            raise RuntimeError(f"numbers were given twice: {sorted(both)}")
        session.execute(
            insert(running_number),
            [{"prefix": prefix, "day": day, "last": last} for (prefix, day), last in sorted(self._last.items())],
        )
