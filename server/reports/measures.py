"""The numbers of a report in SQL, and what is made of the sums of a group."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func
from sqlalchemy.orm import Session

from server.records.errors import Rejected
from server.records.fields import FieldSpec
from server.records.listing import Query, conditions
from server.records.own import Readable
from server.reports.declaring import Measure

_ADDABLE = {"money", "price", "quantity", "int"}
_PLACES = {"money": 2, "price": 4, "quantity": 4, "int": 2}
Raw = Sequence[Any]


@dataclass(frozen=True)
class Counted:
    """`raw`: what SQL gives of a group, one or two columns; `latest` ones are compared, all others add up."""

    measure: Measure
    raw: list[ColumnElement[Any]]
    finish: Callable[[Raw, Raw], Any]
    spec: FieldSpec | None = None
    latest: bool = False
    concealed: bool = False
    ratio: ColumnElement[Any] | None = None
    at: slice = field(default_factory=lambda: slice(0, 0))

    @property
    def order(self) -> ColumnElement[Any]:
        """What groups are sorted by in SQL."""
        return self.raw[0] if self.ratio is None else self.ratio

    def added(self, one: Raw, other: Raw) -> Raw:
        pairs = zip(one, other, strict=True)
        if self.latest:
            return [max((v for v in pair if v is not None), default=None) for pair in pairs]
        return [None if pair == (None, None) else sum(v for v in pair if v is not None) for pair in pairs]


def counted(session: Session, fields: Readable, measure: Measure) -> Counted:
    """A measure as this reader may have it: a sum of amounts that he may not read is concealed, and so is a number of rows
    that were chosen by something he may not read. Raises `Rejected` for what cannot be added up."""
    try:
        where = conditions(session, fields.actor, fields, Query(filters=measure.filters))
    except Rejected as error:
        if error.code != "unknown_field":
            raise
        return _concealed(measure, None)
    rule = and_(*where) if where else None
    if measure.kind in ("count", "share", "rate"):
        count = func.count() if rule is None else func.count(case((rule, 1)))
        if measure.kind == "count":
            return Counted(measure, [count], lambda raw, whole: raw[0])
        if measure.kind == "rate":
            ratio = func.avg(case((rule, 1.0), else_=0.0)) if rule is not None else None
            return Counted(measure, [count, func.count()], lambda raw, whole: _part(raw[0], raw[1]), ratio=ratio)
        return Counted(measure, [count], lambda raw, whole: _part(raw[0], whole[0]))
    spec = fields.fields.get(measure.field)
    if spec is None or not fields.may_read(measure.field):
        return _concealed(measure, spec)
    column = fields.column(measure.field)
    chosen = column if rule is None else case((rule, column))
    if measure.kind == "latest":
        if spec.kind not in ("date", "datetime"):
            raise Rejected("not_filterable", field=measure.field, label=spec.label)
        return Counted(measure, [func.max(chosen)], lambda raw, whole: raw[0], spec, latest=True)
    if spec.kind not in _ADDABLE:
        raise Rejected("not_filterable", field=measure.field, label=spec.label)
    if measure.kind == "sum":
        # PostgreSQL adds up large whole numbers, as own fields are kept, to one with a point.
        made: Callable[[Any], Any] = int if spec.kind == "int" else lambda value: value
        return Counted(measure, [func.sum(chosen)], lambda raw, whole: None if raw[0] is None else made(raw[0]), spec)
    unit = Decimal(1).scaleb(-_PLACES[spec.kind])
    return Counted(
        measure,
        [func.sum(chosen), func.count(chosen)],
        lambda raw, whole: (Decimal(raw[0]) / raw[1]).quantize(unit, ROUND_HALF_UP) if raw[1] else None,
        spec,
        ratio=func.avg(chosen),
    )


def _concealed(measure: Measure, spec: FieldSpec | None) -> Counted:
    return Counted(measure, [], lambda raw, whole: None, spec, concealed=True)


def _part(some: int, whole: int) -> float | None:
    return round(some / whole, 4) if whole else None
