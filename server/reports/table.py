"""A report as a table of cells, as it stands in a workbook and on paper."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from server.records.export import local_moment
from server.records.fields import L
from server.reports.answers import ReportAnswer, ReportNumber

TOTAL = L("合计", "合計", "Total")
BEFORE = L("上期", "上期", "Before")
CONCEALED = "—"
MORE = L(
    "只列出前 {count} 行，请缩小范围",
    "只列出前 {count} 列，請縮小範圍",
    "Only the first {count} rows; narrow it down",
)


@dataclass
class Table:
    """`kinds`: how the cells of each column after the first are written. The last row is the total."""

    title: str
    about: str
    header: list[str]
    kinds: list[str]
    rows: list[list[Any]]
    note: str = ""


def table_of(answer: ReportAnswer, language: str, zone: ZoneInfo, narrowed: str = "") -> Table:
    """One row a group; with a second dimension each of its groups has a column for every number. `narrowed`: to what, in
    words."""

    def told(values: list[Any]) -> list[Any]:
        return [_value(value, number, zone) for value, number in _numbers(answer, values)]

    two = bool(answer.across)
    header, kinds = [_called(answer)], []
    for column in answer.columns:
        for number in answer.measures:
            name = number.label if not two else column.label
            if two and len(answer.measures) > 1:
                name = f"{column.label} {number.label}"
            header.append(name)
            kinds.append(number.kind)
    compared = answer.before is not None
    if compared:
        header += [f"{number.label}（{BEFORE.of(language)}）" for number in answer.measures]
        kinds += [number.kind for number in answer.measures]
    rows: list[list[Any]] = []
    for place, line in enumerate(answer.rows):
        cells = [cell for values in answer.cells[place] for cell in told(values)]
        if answer.before is not None:
            cells += told(answer.before[place])
        rows.append([line.label, *cells])
    total = [cell for values in answer.totals for cell in told(values)]
    if compared and answer.total_before is not None:
        total += told(answer.total_before)
    rows.append([TOTAL.of(language), *total])
    days = f"{answer.start} – {answer.end}" if answer.start else ""
    about = " · ".join(filter(None, (days, narrowed)))
    note = MORE.of(language).format(count=len(answer.rows)) if answer.more else ""
    return Table(answer.report.label, about, header, kinds, rows, note)


def _numbers(answer: ReportAnswer, values: list[Any]) -> list[tuple[Any, ReportNumber]]:
    return list(zip(values, answer.measures, strict=True))


def _called(answer: ReportAnswer) -> str:
    return next((one.label for one in answer.report.dimensions if one.name == answer.by), "")


def _value(value: Any, number: ReportNumber, zone: ZoneInfo) -> Any:
    if number.concealed:
        return CONCEALED
    if number.kind == "datetime" and isinstance(value, str):
        return local_moment(value, zone)
    if value is not None and number.kind in ("money", "price", "quantity", "int") and isinstance(value, str):
        return Decimal(value)
    return value


def written(value: Any, kind: str) -> str:
    """A cell as text."""
    if value is None:
        return ""
    if kind == "part" and isinstance(value, float):
        return f"{value:.1%}"
    if isinstance(value, Decimal):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    return str(value)
