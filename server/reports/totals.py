"""Yearly totals: what a report of a whole year would have to count a million rows for is kept counted.

A table `<record>_year` holds, for each combination of some references and each year of the company's calendar, how many
rows there are and when the last one was. Whatever writes a row, its cells are counted again from the rows themselves in the
same transaction, so nothing can drift: not a row that moves to another customer, nor one that is written twice.

A report's statement is made as always, over the rows; where the totals have all it speaks of, it is put to them instead.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Column, ColumnElement, Table, func, inspect, select
from sqlalchemy.orm import InstanceState, Session
from sqlalchemy.orm.base import LoaderCallableStatus
from sqlalchemy.sql import functions
from sqlalchemy.sql.visitors import ExternallyTraversible, replacement_traverse

from server.company.models import Company
from server.company.zone import company_zone
from server.database import at_the_end
from server.records.aside import Aside
from server.records.loading import flush_for
from server.records.record import Record, column_of, record_named, table_of
from server.records.types import UtcDateTime
from server.records.values import to_wire
from server.worklogs.periods import Period, day_of, start_of
from sync import journal
from sync.schema import metadata

_TOUCHED = "totals_to_count"
_ZONE_CHANGED = "totals_zone_changed"


@dataclass(frozen=True)
class Totals:
    """`keys`: the references that rows are counted by, the one that most reports group by first."""

    record: type[Record]
    moment: str
    keys: tuple[str, ...]
    table: Table

    @property
    def moment_column(self) -> ColumnElement[Any]:
        return table_of(self.record).c[self.moment]


_declared: dict[type[Record], Totals] = {}


def yearly_totals(name: str, moment: str, keys: tuple[str, ...]) -> None:
    """Keeps the rows of a record counted by year."""
    table = Table(
        f"{name}_year",
        metadata,
        Column("year", sa.Integer, primary_key=True, autoincrement=False),
        *[Column(key, sa.String(36), primary_key=True) for key in keys],
        Column("number", sa.Integer, nullable=False),
        Column("latest", UtcDateTime, nullable=True),
        sqlite_with_rowid=False,
    )
    record = record_named(name)
    _declared[record] = Totals(record, moment, keys, table)


def declared_totals() -> list[Totals]:
    return list(_declared.values())


# -- kept counted


@journal.on_row
def _remember(session: Session, row: Any) -> None:
    """The cells that a written row belongs to, before and after."""
    if type(row) is Company and "time_zone" in inspect(row).committed_state:
        session.info[_ZONE_CHANGED] = True
    totals = _declared.get(type(row))
    if totals is None:
        return
    state: InstanceState[Any] = inspect(row)
    names = (totals.moment, *totals.keys)
    if state.persistent and row not in session.deleted and not any(name in state.committed_state for name in names):
        return
    touched: set[tuple[Any, ...]] = session.info.setdefault(_TOUCHED, set())
    now = [state.dict.get(name) for name in names]
    before = [_before(state, name) for name in names]
    touched |= {(totals.record, *values) for values in (now, before) if values[0] is not None}


def _before(state: InstanceState[Any], name: str) -> Any:
    value = state.committed_state.get(name, state.dict.get(name))
    return None if isinstance(value, LoaderCallableStatus) else value


@at_the_end
def _count_again(session: Session) -> None:
    flush_for(session, Company, *_declared)
    if session.info.pop(_ZONE_CHANGED, False):
        session.info.pop(_TOUCHED, None)
        session.info.get("memory", {}).pop("zone", None)
        for totals in _declared.values():
            count_all(session, totals)
        return
    touched = session.info.pop(_TOUCHED, None)
    if not touched:
        return
    zone = company_zone(session)
    cells: dict[tuple[type[Record], int], set[tuple[str, ...]]] = {}
    for record, moment, *keys in touched:
        if None not in keys:
            cells.setdefault((record, day_of(moment, zone).year), set()).add(tuple(keys))
    for (record, year), some in sorted(cells.items(), key=lambda one: (one[0][0].__tablename__, one[0][1])):
        count_cells(session, _declared[record], zone, year, some)


def _year(year: int, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return start_of(date(year, 1, 1), zone), start_of(date(year + 1, 1, 1), zone)


# unrestricted: counts for everybody
def count_cells(
    session: Session, totals: Totals, zone: ZoneInfo, year: int, cells: Iterable[tuple[str, ...]]
) -> None:
    """Counts some combinations of keys in a year."""
    table, (start, end) = totals.table, _year(year, zone)
    names, moment = ("year", *totals.keys), totals.moment_column
    # In one order: transactions that count the same cells wait for each other instead of locking each other out.
    wanted = [dict(zip(names, (year, *cell), strict=True)) for cell in sorted(cells)]
    if session.get_bind().dialect.name == "postgresql":
        # Locked first: whoever counts the same cell at the same time waits, and sees these rows afterwards.
        session.execute(_written(table, names, f"{table.name}.number, latest = {table.name}.latest"),
                        [{**cell, "number": 0, "latest": None} for cell in wanted])  # fmt: skip
    keys = [column_of(totals.record, name) for name in totals.keys]
    counted = (
        select(*keys, func.count(), func.max(moment))
        .where(keys[0].in_([cell[names[1]] for cell in wanted]), moment >= start, moment < end)
        .group_by(*keys)
    )
    found = {tuple(row[: len(keys)]): row[len(keys) :] for row in session.execute(counted)}
    numbers = [(cell, found.get(tuple(cell[name] for name in totals.keys))) for cell in wanted]
    filled = [{**cell, "number": some[0], "latest": some[1]} for cell, some in numbers if some is not None]
    if filled:
        session.execute(_written(table, names, "excluded.number, latest = excluded.latest"), filled)
    for cell in [cell for cell, some in numbers if some is None]:
        session.execute(sa.delete(table).where(*[table.c[name] == value for name, value in cell.items()]))


def _written(table: Table, names: Sequence[str], else_: str) -> sa.TextClause:
    """Puts cells in, or in the place of those that are there."""
    columns = [*names, "number", "latest"]
    statement = (
        f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)}) "
        f"ON CONFLICT ({', '.join(names)}) DO UPDATE SET number = {else_}"
    )
    return sa.text(statement).bindparams(sa.bindparam("latest", type_=UtcDateTime()))


# unrestricted: counts for everybody
def count_all(session: Session, totals: Totals) -> None:
    """Counts all rows: after a change of the company's time zone, or where rows were loaded around the commands."""
    zone, moment = company_zone(session), totals.moment_column
    session.execute(sa.delete(totals.table))
    first, last = session.execute(select(func.min(moment), func.max(moment))).one()
    if first is None:
        return
    columns = [column_of(totals.record, name) for name in totals.keys]
    for year in range(day_of(first, zone).year, day_of(last, zone).year + 1):
        start, end = _year(year, zone)
        counted = (
            select(sa.text(str(year)), *columns, func.count(), func.max(moment))
            .where(moment >= start, moment < end, *[column.is_not(None) for column in columns])
            .group_by(*columns)
        )
        session.execute(sa.insert(totals.table).from_select(["year", *totals.keys, "number", "latest"], counted))


# -- asked


class NotCounted(Exception):
    """A statement speaks of something that the totals do not have."""


def without_years(
    record: type[Record], filters: Mapping[str, str], zone: ZoneInfo
) -> tuple[dict[str, str], tuple[int, int]] | None:
    """The filters but for a period of whole years, and its first and last year; None where there is no such period, or
    nothing is kept counted."""
    totals = _declared.get(record)
    if totals is None:
        return None
    start, end = (filters.get(f"{totals.moment}__{bound}") for bound in ("ge", "lt"))
    rest = {name: value for name, value in filters.items() if name.partition("__")[0] != totals.moment}
    if start is None or end is None or len(filters) - len(rest) > 2 + (f"{totals.moment}__empty" in filters):
        return None
    if filters.get(f"{totals.moment}__empty", "0") != "0":
        return None
    first, last = day_of(_moment(start), zone), day_of(_moment(end), zone)
    whole = (
        Period(date(first.year, 1, 1), date(last.year - 1, 12, 31)).moments(zone) if last.year > first.year else None
    )
    if whole is None or tuple(map(to_wire, whole)) != (start, end):
        return None
    return rest, (first.year, last.year - 1)


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)


class OverTotals:
    """Puts the parts of a statement over rows to their totals of some years."""

    def __init__(self, record: type[Record], years: tuple[int, int]) -> None:
        self._totals, self._rows = _declared[record], table_of(record)
        self.table = self._totals.table
        self.only = self.table.c.year.between(*years)

    def __call__(self, part: ColumnElement[Any]) -> ColumnElement[Any]:
        """Raises `NotCounted`."""
        found = replacement_traverse(part, {}, self._replaced)
        assert isinstance(found, ColumnElement)
        return found

    def _replaced(self, element: ExternallyTraversible, **_: Any) -> ColumnElement[Any] | None:
        if isinstance(element, Aside):  # the totals have no index that could lead astray
            element = element.column
        if isinstance(element, functions.count) and str(element) == "count(*)":
            return sa.cast(func.coalesce(func.sum(self.table.c.number), 0), sa.BigInteger)
        if isinstance(element, functions.max) and self._is_moment(*element.clauses):
            return func.max(self.table.c.latest)
        if isinstance(element, ColumnElement) and getattr(element, "table", None) is self._rows:
            name = element.key or ""
            if name not in self._totals.keys:
                raise NotCounted(name)
            return self.table.c[name]
        return None

    def _is_moment(self, column: ColumnElement[Any]) -> bool:
        return getattr(column, "table", None) is self._rows and column.key == self._totals.moment
