"""A report is a declaration: of which rows, about which moment, counted by what, added up how. Nothing else is coded for
one. What an administrator makes in the browser is the same declaration, stored.

Filters are those of the list of the record (records/listing.py), so whatever a number counts is also a list. A dimension
is a field, or a field of what a field refers to (`customer_id.province`), or one of them by calendar (`filed_at:month`)
or along its tree (`visitor_id.department_id:tree`).
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from server.records.fields import L, Label

Kind = Literal["count", "sum", "average", "latest", "rate", "share"]
Chart = Literal["none", "column", "bar", "line", "pie"]
PeriodName = Literal[
    "all", "today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_quarter", "last_quarter",
    "this_year", "last_year",
]  # fmt: skip
UNITS: dict[str, Label] = {
    "day": L("按日", "按日", "by day"),
    "week": L("按周", "按週", "by week"),
    "month": L("按月", "按月", "by month"),
    "quarter": L("按季", "按季", "by quarter"),
    "year": L("按年", "按年", "by year"),
    "tree": L("按组织", "按組織", "by branch"),
}


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One number. `filters`: of these rows only. `rate` is the part of the rows that `filters` leaves, `share` the part
    that a group has of the whole; `sum`, `average` and `latest` are of a field."""

    name: str
    kind: Kind
    label: Label
    field: str = ""
    filters: dict[str, str] = {}


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """`number`: what the company's papers call it. `mine`: the field that has to be the reader himself. `moment`: the field
    that the period is about. `by` and `across` are dimensions; without `by` the report is its list, with `columns`.
    `paths`: from which dimension one goes on to which."""

    name: str
    label: Label
    record: str
    number: str = ""
    filters: dict[str, str] = {}
    mine: str = ""
    moment: str = ""
    period: PeriodName = "all"
    measures: tuple[Measure, ...] = ()
    dimensions: tuple[str, ...] = ()
    by: str = ""
    across: str = ""
    paths: tuple[tuple[str, ...], ...] = ()
    columns: tuple[str, ...] = ()
    chart: Chart = "none"

    @property
    def measured(self) -> tuple[Measure, ...]:
        return self.measures or (COUNT,)

    def path_from(self, dimension: str) -> str:
        """The dimension that one goes on to, or ""."""
        for path in self.paths:
            if dimension in path[:-1]:
                return path[path.index(dimension) + 1]
        return ""


COUNT = Measure("count", "count", L("数量", "數量", "Number"))
SHARE = Measure("share", "share", L("占比", "占比", "Share"))

_reports: dict[str, Report] = {}


def report(declaration: Report) -> Report:
    """Makes a report known."""
    assert declaration.name not in _reports, declaration.name
    _reports[declaration.name] = declaration
    return declaration


def declared() -> Iterator[Report]:
    """All reports that come with the product, by area and in the order of their declaration."""
    return iter(_reports.values())


def declared_named(name: str) -> Report | None:
    return _reports.get(name)
