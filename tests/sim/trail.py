"""What the audit trail says has happened: read as it grows, once each line."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from server.records import own
from server.records.audit import audit_trail
from server.records.numbering import running_number
from server.records.record import fields_of, record_named, records
from server.records.values import to_wire

_NUMBER = re.compile(r"^([A-Z]+)(\d{8})(\d+)$")
_CHUNK = 500
_SECRET = "…"
#: Every line of the trail says who and when; the columns are not told again.
_UNTOLD = ("created_at", "created_by")


@dataclass(slots=True)
class Line:
    """One written row."""

    at: datetime
    type: str
    row_id: str
    op: str
    changes: dict[str, tuple[Any, Any]]


@dataclass
class Trail:
    """`by_op`: what each op of a device wrote. `rows`: what every row should look like by now; None when deleted."""

    seen: int = 0
    by_op: dict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))
    rows: dict[tuple[str, str], dict[str, Any] | None] = field(default_factory=dict)
    values: dict[tuple[str, str, str], list[Any]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    touched: set[tuple[str, str]] = field(default_factory=set)
    #: Which command has ever written which row.
    commands: set[tuple[str, str]] = field(default_factory=set)

    def read(self, connection: Connection) -> None:
        """Takes in what has been written since the last time. Nothing may be under way."""
        statement = select(audit_trail).where(audit_trail.c.id > self.seen).order_by(audit_trail.c.id)
        for row in connection.execute(statement):
            self.seen = row.id
            line = Line(row.at, row.type, row.row_id, row.op, json.loads(row.changes))
            self.commands.add((row.command, row.row_id))
            if row.op_id:
                self.by_op[row.op_id].append(line)
            self._take(line)

    def _take(self, line: Line) -> None:
        key = line.type, line.row_id
        self.touched.add(key)
        if line.op == "d":
            self.rows[key] = None
            return
        row = self.rows.get(key) or {}
        self.rows[key] = row
        for name, (before, after) in line.changes.items():
            row[name] = after
            self.values[*key, name] += [before, after]
        before, number = line.changes.get(f"{line.type}_no", (None, None))
        match = _NUMBER.match(number or "") if before is None else None
        if match:
            self.numbers[match[1], match[2]].append(int(match[3]))

    def own_policy(self, record_type: str, field: str) -> str:
        """How values of one of the company's own fields are merged, as its declaration says."""
        of = {f"own.{row['key']}": row["kind"] for (kind, _), row in self.rows.items()
              if kind == "own_field" and row is not None and row["record_type"] == record_type}  # fmt: skip
        return "union" if of.get(field) == "choices" else "ask"

    def deleted_conflicts(self) -> dict[str, Any]:
        """Conflict records that went with the customer they were about, as they were at first."""
        names = ("record_id", "field", "theirs", "mine")
        gone = [row_id for (kind, row_id), row in self.rows.items() if kind == "conflict" and row is None]
        return {
            row_id: SimpleNamespace(
                id=row_id, **{name: next(iter(self.values["conflict", row_id, name][1:]), None) for name in names}
            )
            for row_id in gone
        }

    def gaps(self, connection: Connection) -> Iterator[str]:
        """Running numbers: as many as the counter says, none twice, none missing."""
        for prefix, day, last in connection.execute(select(running_number)):
            numbers = sorted(self.numbers.get((prefix, f"{day:%Y%m%d}"), []))
            if numbers and numbers != list(range(1, last + 1)):
                odd = sorted(set(range(1, last + 1)) ^ set(numbers)) or [n for n in numbers if numbers.count(n) > 1]
                yield f"numbers {prefix} of {day}: {odd[:10]} missing or given twice"

    def differences(self, connection: Connection) -> Iterator[str]:
        """Rows that are not what the trail says, of those written since the last time; and rows it knows nothing of."""
        touched: dict[str, list[str]] = defaultdict(list)
        for type_name, row_id in self.touched:
            touched[type_name].append(row_id)
        self.touched.clear()
        for type_name, ids in touched.items():
            yield from self._compare(connection, type_name, ids)
        for record in records():
            name = record.__tablename__
            there = connection.scalar(select(func.count()).select_from(record.__table__)) or 0
            known = sum(1 for (kind, _), row in self.rows.items() if kind == name and row is not None)
            if there != known:
                yield f"there are {there} rows of {name}, the audit trail knows {known}"

    def _compare(self, connection: Connection, type_name: str, ids: list[str]) -> Iterator[str]:
        record = record_named(type_name)
        table = record.__table__
        fields = fields_of(record)
        names = [name for name in fields if name in table.c and name not in (*_UNTOLD, own.COLUMN)]
        found: dict[str, Any] = {}
        for start in range(0, len(ids), _CHUNK):
            statement = select(table).where(table.c.id.in_(ids[start : start + _CHUNK]))
            found |= {row.id: row for row in connection.execute(statement)}
        own_fields = own.catalog(Session(connection)).of(type_name)
        for row_id in ids:
            told, row = self.rows[type_name, row_id], found.get(row_id)
            if (told is None) != (row is None):
                yield f"{type_name} {row_id} is {'there' if row else 'gone'}, the audit trail says otherwise"
            elif told is not None:
                if own_fields and row is not None:
                    for name, there in own.wire_values(row.own, own_fields).items():
                        if not _alike(there, told.get(name)):
                            yield f"{type_name} {row_id}: {name} is {there!r}, the trail says {told.get(name)!r}"
                for name in names:
                    value, there = told.get(name), to_wire(getattr(row, name))
                    usual = value is None and there == fields[name].default  # what nobody has chosen
                    if value != _SECRET and not usual and not _alike(there, value):
                        yield f"{type_name} {row_id}: {name} is {there!r}, the audit trail says {value!r}"


def _alike(value: Any, told: Any) -> bool:
    """Whether two values say the same: a column gives a number its decimals, an empty list may be none."""
    if value == told:
        return True
    if isinstance(value, str) and isinstance(told, str):
        try:
            return float(value) == float(told)
        except ValueError:
            return False
    return not value and not told and {type(value), type(told)} <= {type(None), list, dict, str}
