"""What a reader gets of a report: words in his language, numbers as JSON has them, and the way to the rows."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from server.records.actor import Actor
from server.records.errors import Rejected
from server.records.record import permission_of, record_named
from server.records.values import to_wire
from server.reports.computing import Ask, Group, Result, list_path
from server.reports.declaring import Chart, Report
from server.reports.dimensions import Dimension, dimension
from server.reports.models import SavedReport


class ReportDimension(msgspec.Struct):
    """A dimension one may choose. `then`: where one goes on to from it."""

    name: str
    label: str
    then: str = ""


class ReportEntry(msgspec.Struct):
    """A report of the list. `saved`: by whom and for whom, if it was."""

    name: str
    number: str
    label: str
    record: str
    group: str
    moment: str
    period: str
    by: str
    across: str
    chart: Chart
    columns: list[str]
    dimensions: list[ReportDimension]
    mine: bool
    may_export: bool
    saved: str = ""
    owner_id: str = ""


class ReportNumber(msgspec.Struct):
    """A measure. `filter`: of its rows; `concealed`: the reader may not have it. `kind` says how it is written."""

    name: str
    label: str
    kind: str
    filter: dict[str, str]
    concealed: bool


class ReportLine(msgspec.Struct):
    """A group. `filter`: with the report's `params` and a measure's filter, the list of its rows. `within`: a branch that
    has parts, by this filter."""

    key: str | None
    label: str
    filter: dict[str, str]
    within: dict[str, str]


class ReportAnswer(msgspec.Struct):
    """`declaration`: the report as it would be saved. `cells[row][column][measure]`; `totals[column][measure]`; `before[row][measure]` in the period before."""

    report: ReportEntry
    declaration: dict[str, Any]
    at: str
    period: str
    start: str | None
    end: str | None
    by: str
    across: str
    path: str
    params: dict[str, str]
    measures: list[ReportNumber]
    rows: list[ReportLine]
    columns: list[ReportLine]
    cells: list[list[list[Any]]]
    totals: list[list[Any]]
    before: list[list[Any]] | None
    total_before: list[Any] | None
    more: bool


def kept_dimensions(session: Session, actor: Actor, report: Report) -> list[Dimension]:
    """The dimensions of a report that this reader may have."""
    found: list[Dimension] = []
    for name in dict.fromkeys([*report.dimensions, *filter(None, (report.by, report.across))]):
        with suppress(Rejected):  # of a field that is gone, or not for this reader
            found.append(dimension(session, actor, record_named(report.record), name))
    return found


def entry_of(
    report: Report, dimensions: list[Dimension], language: str, saved: SavedReport | None, actor: Actor
) -> ReportEntry:
    record = record_named(report.record)
    return ReportEntry(
        name=report.name,
        number=report.number,
        label=report.label.of(language),
        record=report.record,
        group=record.spec.plural.of(language),
        moment=report.moment,
        period=report.period,
        by=report.by,
        across=report.across,
        chart=report.chart,
        columns=list(report.columns),
        dimensions=[
            ReportDimension(one.name, one.label.of(language), report.path_from(one.name)) for one in dimensions
        ],
        mine=bool(report.mine),
        may_export=actor.can(f"{permission_of(record)}.export"),
        saved=saved.audience if saved is not None else "",
        owner_id=saved.owner_id if saved is not None else "",
    )


def answer_of(
    session: Session, actor: Actor, report: Report, saved: SavedReport | None, ask: Ask, period: str, result: Result
) -> ReportAnswer:
    language = ask.language
    return ReportAnswer(
        report=entry_of(report, kept_dimensions(session, actor, report), language, saved, actor),
        declaration=_without_names(msgspec.to_builtins(report)),
        at=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        period=period,
        start=ask.period.start.isoformat() if ask.period else None,
        end=ask.period.end.isoformat() if ask.period else None,
        by=ask.by,
        across=ask.across if result.across else "",
        path=list_path(report),
        params=result.filters,
        measures=[
            ReportNumber(
                one.measure.name,
                one.measure.label.of(language),
                _kind(one.measure.kind, one.spec.kind if one.spec else ""),
                one.measure.filters,
                one.concealed,
            )
            for one in result.measures
        ],
        rows=[_line(group, result.by) for group in result.rows],
        columns=[_line(group, result.across) for group in result.columns],
        cells=[[_wire(values) for values in row] for row in result.cells],
        totals=[_wire(values) for values in result.totals],
        before=None if result.before is None else [_wire(values) for values in result.before],
        total_before=None if result.total_before is None else _wire(result.total_before),
        more=result.more,
    )


def _without_names(declaration: dict[str, Any]) -> dict[str, Any]:
    """A saved one has a name and a title of its own."""
    return {name: value for name, value in declaration.items() if name not in ("name", "label", "number")}


def _line(group: Group, one: Dimension | None) -> ReportLine:
    inside = {f"{one.path}__under": group.within} if one is not None and group.within else {}
    return ReportLine(group.key, group.label, group.filter, inside)


def _kind(kind: str, field: str) -> str:
    """count, part (0 to 1), money, price, quantity, int, date, datetime."""
    if kind in ("rate", "share"):
        return "part"
    return "count" if kind == "count" else field


def _wire(values: list[Any]) -> list[Any]:
    return [value if isinstance(value, float) else to_wire(value) for value in values]
