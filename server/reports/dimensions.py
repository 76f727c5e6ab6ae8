"""What rows are counted by: a field of the record or of what it refers to, in SQL, and the filter of each group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, Select, Subquery, case, literal_column, select
from sqlalchemy.orm import Session

from server.records.actor import Actor
from server.records.aside import by_id
from server.records.errors import Rejected
from server.records.fields import FieldSpec, L, Label
from server.records.own import Readable, readable
from server.records.record import Record, column_of, fields_of, record_named
from server.records.values import to_wire
from server.records.visibility import visible
from server.reports.declaring import UNITS
from server.worklogs.periods import Period

#: Kinds one can count by as they are.
_PLAIN = {"text", "choice", "bool", "ref", "int"}
_MOMENTS = {"date", "datetime"}


@dataclass(frozen=True)
class Dimension:
    """`path`: what filters call the field; `spec`: the field itself; `within`: the record it is a field of."""

    name: str
    path: str
    unit: str
    spec: FieldSpec
    label: Label

    @property
    def is_calendar(self) -> bool:
        return self.spec.kind in _MOMENTS

    @property
    def is_tree(self) -> bool:
        return self.unit == "tree"

    def only(self, key: Any) -> dict[str, str]:
        """The filter of the rows that have this value."""
        if key is None:
            return {f"{self.path}__empty": "1"}
        return {self.path: str(key).lower() if self.spec.kind == "bool" else str(key)}

    def during(self, part: Period, zone: ZoneInfo) -> dict[str, str]:
        return within(self.path, self.spec, part, zone)


def within(path: str, spec: FieldSpec, period: Period, zone: ZoneInfo) -> dict[str, str]:
    """The filter of a period."""
    if spec.calendar is not None:  # February also has a lunar 30th
        return {f"{path}__ge": period.start.isoformat(), f"{path}__lt": (period.end + timedelta(days=1)).isoformat()}
    if spec.kind == "date":
        return {f"{path}__ge": period.start.isoformat(), f"{path}__le": period.end.isoformat()}
    start, end = period.moments(zone)
    return {f"{path}__ge": str(to_wire(start)), f"{path}__lt": str(to_wire(end))}


def steps_of(path: str) -> list[str]:
    """The fields of a path; an own field's name has a dot of its own."""
    steps: list[str] = []
    parts = iter(path.split("."))
    for part in parts:
        steps.append(f"own.{next(parts, '')}" if part == "own" else part)
    return steps


def dimension(session: Session, actor: Actor, record: type[Record], name: str) -> Dimension:
    """A dimension by its name. Raises `Rejected` for a field that there is not or that the reader may not read."""
    path, _, unit = name.partition(":")
    steps = steps_of(path)
    labels: list[Label] = []
    at: type[Record] | None = record
    spec: FieldSpec | None = None
    for step in steps:
        fields = readable(session, actor, at) if at is not None else None
        spec = fields.fields.get(step) if fields is not None else None
        if fields is None or spec is None or not fields.may_read(step):
            raise Rejected("unknown_field", field="by", name=name[:80])
        labels.append(spec.label)
        at = record_named(spec.ref) if spec.kind == "ref" and spec.ref else None
    assert spec is not None
    fits = (
        unit in UNITS and unit != "tree"
        if spec.kind in _MOMENTS
        else spec.kind in _PLAIN and (not unit or (unit == "tree" and _is_tree(at)))
    )
    if not fits:
        raise Rejected("not_filterable", field="by", label=spec.label)
    label = L(*[" · ".join(label[place] for label in labels) for place in range(3)])
    if unit:
        added = UNITS[unit]
        label = L(f"{label.zh_cn}（{added.zh_cn}）", f"{label.zh_tw}（{added.zh_tw}）", f"{label.en} ({added.en})")
    return Dimension(name, path, unit, spec, label)


def _is_tree(record: type[Record] | None) -> bool:
    parent = fields_of(record).get("parent_id") if record is not None else None
    return record is not None and parent is not None and parent.ref == record.__tablename__


@dataclass(frozen=True)
class Source:
    """Where a dimension's values stand: a column, what has to be joined for it, and which rows have one."""

    value: ColumnElement[Any]
    join: tuple[Subquery, ColumnElement[bool]] | None = None
    only: ColumnElement[bool] | None = None


def source(session: Session, fields: Readable, path: str) -> Source:
    """The values of a path. What the reader may not see of what is referred to has none."""
    head, *rest = steps_of(path)
    if not rest:
        return Source(fields.column(head))
    spec = fields.fields[head]
    assert spec.ref
    beyond = _values(session, fields.actor, record_named(spec.ref), rest).subquery()
    return Source(beyond.c.value, (beyond, fields.column(head) == beyond.c.id))


def _values(session: Session, actor: Actor, record: type[Record], steps: list[str]) -> Select[Any]:
    fields = readable(session, actor, record)
    head, *rest = steps
    row_id = column_of(record, "id").label("id")
    if not rest:
        found = select(row_id, fields.column(head).label("value")).where(visible(actor, record))
        return by_id(found, record, head)
    spec = fields.fields[head]
    assert spec.ref
    beyond = _values(session, actor, record_named(spec.ref), rest).subquery()
    found = select(row_id, beyond.c.value.label("value")).where(visible(actor, record))
    return found.outerjoin(beyond, fields.column(head) == beyond.c.id)


def calendar(of: Source, spec: FieldSpec, parts: Sequence[Period], zone: ZoneInfo) -> Source:
    """The number of the part of the calendar that a moment lies in. The bounds are those of the company's own days, whatever
    its zone does in spring, and each moment is compared with a few of them only: halves of halves."""
    starts: list[Any] = [part.start if spec.kind == "date" else part.moments(zone)[0] for part in parts]

    def part_of(first: int, last: int) -> ColumnElement[int]:
        if first == last:
            return literal_column(str(first), Integer())
        middle = (first + last + 1) // 2
        return case((of.value < starts[middle], part_of(first, middle - 1)), else_=part_of(middle, last))

    return Source(part_of(0, len(parts) - 1), of.join, of.value.is_not(None))


def span(spec: FieldSpec, low: Any, high: Any, zone: ZoneInfo) -> Period | None:
    """The days from the first to the last value."""
    if low is None or high is None:
        return None
    if isinstance(low, datetime):
        return Period(low.astimezone(zone).date(), high.astimezone(zone).date())
    if spec.calendar is not None:  # as text; not each is a day
        return Period(date(int(low[:4]), 1, 1), date(int(high[:4]), 12, 31))
    assert isinstance(low, date)
    assert isinstance(high, date)
    return Period(low, high)


def is_plain(spec: FieldSpec) -> bool:
    """Whether one can count by this field."""
    return spec.kind in _PLAIN or spec.kind in _MOMENTS


def possible(session: Session, actor: Actor, record: type[Record]) -> Mapping[str, FieldSpec]:
    """The fields of a record that can be counted by."""
    fields = readable(session, actor, record)
    return {name: spec for name, spec in fields.fields.items() if is_plain(spec) and fields.may_read(name)}
