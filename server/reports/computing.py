"""A report's numbers: grouped by the database, over what the reader may see, each with the filter that lists its rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, Table, func, literal_column, select
from sqlalchemy.orm import Session

from server.records.actor import Actor
from server.records.aside import aside
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.listing import Query, chosen_rows, titles_of
from server.records.own import Readable, readable
from server.records.record import column_of, path_of, record_named, table_of
from server.records.values import to_wire
from server.records.visibility import visible
from server.reports.declaring import Report
from server.reports.dimensions import Dimension, Source, calendar, dimension, source, span, within
from server.reports.measures import Counted, Raw, counted
from server.reports.periods import before, called, divided
from server.reports.totals import NotCounted, OverTotals, without_years
from server.worklogs.periods import Period

MAX_ROWS = 1000
#: The moment when a row was deleted that can still be brought back. It counts only in what asks for that field.
TAKEN_AWAY = "deleted_at"
#: Groups that one answer is made of before they are put in order.
_MOST_GROUPS = 50_000
#: Where there is nothing, time has no parts.
_NO_TIME = Period(date(2000, 1, 1), date(2000, 1, 1))
NONE_WORDS = L("未填写", "未填寫", "Not filled in")
UNSEEN_WORDS = L("（无权查看）", "（無權檢視）", "(not visible to you)")
DIRECT_WORDS = L("（直属）", "（直屬）", "(directly)")
YES, NO = L("是", "是", "Yes"), L("否", "否", "No")

error_texts(
    {"too_many_groups": L("分组太多，请增加筛选条件", "分組太多，請增加篩選條件", "Too many groups; add a filter")}
)


@dataclass(frozen=True)
class Ask:
    """What a reader wants of a report now. `period`: its days, None for all time. `within`: the branch whose parts are
    shown."""

    by: str = ""
    across: str = ""
    period: Period | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    compare: bool = False
    sort: str = ""
    limit: int = 200
    language: str = "zh-CN"
    operation: str = "view"


@dataclass
class Group:
    """`filter`: together with the filters of the whole, the list of its rows. `within`: of a branch, that it has parts."""

    key: str | None
    label: str
    filter: dict[str, str]
    within: str = ""


@dataclass
class Result:
    """`cells[row][column]` has the values of the measures; without a second dimension there is one column."""

    by: Dimension | None
    across: Dimension | None
    rows: list[Group]
    columns: list[Group]
    cells: list[list[list[Any]]]
    before: list[list[Any]] | None
    totals: list[list[Any]]
    total_before: list[Any] | None
    measures: list[Counted]
    filters: dict[str, str]
    more: bool


Keys = tuple[Any, ...]


class _Computing:
    def __init__(self, session: Session, actor: Actor, zone: ZoneInfo, report: Report, ask: Ask) -> None:
        self.session, self.actor, self.zone, self.report, self.ask = session, actor, zone, report, ask
        self.record = record_named(report.record)
        self.fields: Readable = readable(session, actor, self.record)
        self.by = dimension(session, actor, self.record, ask.by) if ask.by else None
        self.across = dimension(session, actor, self.record, ask.across) if ask.across and ask.by else None
        self.measures = self._measures()
        self.filters = self._filters(ask.period)

    def _measures(self) -> list[Counted]:
        found, at = [], 0
        for measure in self.report.measured:
            clash = [
                name for name in measure.filters if self.ask.filters.get(name, "") not in ("", measure.filters[name])
            ]
            if clash:  # the list of such a number could not be asked for
                raise Rejected("not_filterable", field=clash[0], label=measure.label.of(self.ask.language))
            one = counted(self.session, self.fields, measure)
            found.append(replace(one, at=slice(at, at + len(one.raw))))
            at += len(one.raw)
        return found

    def _filters(self, period: Period | None) -> dict[str, str]:
        """The list that the whole report is of."""
        found = {**self.report.filters, **self.ask.filters}
        if self.report.mine:
            found[self.report.mine] = self.actor.employee_id
        if period is not None and self.report.moment:
            spec = self.fields.fields.get(self.report.moment)
            if spec is None:
                raise Rejected("unknown_field", field=self.report.moment, name=self.report.moment)
            found.update(within(self.report.moment, spec, period, self.zone))
        if TAKEN_AWAY in self.fields.fields and not self._asks_for_taken_away(found):
            found[f"{TAKEN_AWAY}__empty"] = "1"
        return found

    def _asks_for_taken_away(self, filters: Mapping[str, str]) -> bool:
        paths = [one.path for one in (self.by, self.across) if one is not None]
        asked = [*filters, *(name for one in self.report.measured for name in one.filters)]
        return TAKEN_AWAY in paths or any(name.partition("__")[0] == TAKEN_AWAY for name in asked)

    # -- SQL

    def grouped(self, sources: Sequence[Source], filters: Mapping[str, str], first: int) -> Select[Any]:
        """The statement, over yearly totals where those have all it needs."""
        years = without_years(self.record, filters, self.zone)
        if years is not None:
            totals = OverTotals(self.record, years[1])
            with suppress(NotCounted):
                return self._grouped(sources, years[0], first, totals.table, totals).where(totals.only)
        return self._grouped(sources, filters, first, table_of(self.record), lambda part: part)

    def _grouped(
        self, sources: Sequence[Source], filters: Mapping[str, str], first: int, table: Table,
        put: Callable[[ColumnElement[Any]], ColumnElement[Any]],
    ) -> Select[Any]:  # fmt: skip
        raw = [put(column) for one in self.measures for column in one.raw]
        values = [put(aside(one.value, self.record)) for one in sources]
        found = select(*values, *(raw or [func.count()])).select_from(table)
        for one in sources:
            if one.join is not None:
                found = found.join(one.join[0], put(one.join[1]), isouter=True)
            if one.only is not None:
                found = found.where(put(one.only))
        chosen = chosen_rows(self.session, self.actor, self.fields, Query(filters=dict(filters)), self.ask.operation)
        # By their places: a column that is made with parameters is not recognised as the same one twice.
        places: list[ColumnElement[Any]] = [literal_column(str(place + 1)) for place in range(len(sources))]
        found = found.where(*[put(rule) for rule in chosen]).group_by(*places)
        if first:
            return found.order_by(*[put(order) for order in self._ordering()], literal_column("1")).limit(first)
        return found.limit(_MOST_GROUPS + 1)

    def asked(self, sources: Sequence[Source], filters: Mapping[str, str], first: int = 0) -> dict[Keys, list[Any]]:
        """The sums of each group; `first`: of so many only, in the order that was asked for."""
        width = len(sources)
        rows = self.session.execute(self.grouped(sources, filters, first)).all()
        if len(rows) > _MOST_GROUPS:
            raise Rejected("too_many_groups")
        return {tuple(row[:width]): list(row[width:]) for row in rows}

    def _sorted_by(self) -> tuple[Counted | None, bool]:
        """The measure that puts groups in order, and whether the smallest comes first. What is concealed does not."""
        name = self.ask.sort.lstrip("-")
        usable = [one for one in self.measures if one.raw and name in ("", one.measure.name)]
        return (usable[0] if usable else None), bool(name) and not self.ask.sort.startswith("-")

    def _ordering(self) -> list[ColumnElement[Any]]:
        chosen, rising = self._sorted_by()
        if chosen is None:
            return []
        return [chosen.order.is_(None), chosen.order.asc() if rising else chosen.order.desc()]

    def source_of(self, one: Dimension) -> tuple[Source, list[Period]]:
        found = source(self.session, self.fields, one.path)
        if not one.is_calendar:
            return found, []
        if any(f"{one.path}__{bound}" in self.ask.filters for bound in ("ge", "gt", "le", "lt")):
            # The bounds of a day would take the place of these in its list.
            raise Rejected("not_filterable", field=one.path, label=one.label.of(self.ask.language))
        period = self.ask.period if one.path == self.report.moment else None
        parts = divided(period, one.unit) if (period := period or self._span(one, found)) else []
        return calendar(found, one.spec, parts or [_NO_TIME], self.zone), parts

    def _span(self, one: Dimension, of: Source) -> Period | None:
        """The days of all there is."""
        found = select(func.min(of.value), func.max(of.value)).select_from(self.record)
        if of.join is not None:
            found = found.join(of.join[0], of.join[1], isouter=True)
        chosen = chosen_rows(self.session, self.actor, self.fields, Query(filters=self.filters), self.ask.operation)
        low, high = self.session.execute(found.where(*chosen)).one()
        return span(one.spec, low, high, self.zone)

    # -- answers

    def finished(self, raw: Raw, whole: Raw) -> list[Any]:
        return [one.finish(raw[one.at], whole[one.at]) if one.raw else None for one in self.measures]

    def added(self, one: list[Any], other: list[Any]) -> list[Any]:
        found = list(one)
        for measure in self.measures:
            found[measure.at] = measure.added(one[measure.at], other[measure.at])
        return found

    def result(self) -> Result:
        previous = self._filters(before(self.ask.period)) if self.ask.compare and self.ask.period else None
        whole_before = self._whole(previous) if previous is not None else None
        total_before = self.finished(whole_before, whole_before) if whole_before is not None else None
        if self.by is None:
            whole = self._whole(self.filters)
            return self._made([], [_ALL], {}, whole, [self.finished(whole, whole)], None, total_before, more=False)
        by, by_parts = self.source_of(self.by)
        sources, parts = [by], [by_parts]
        if self.across is not None:
            across, across_parts = self.source_of(self.across)
            sources.append(across)
            parts.append(across_parts)
        limit = self.ask.limit
        simple = self.across is None and not self.by.is_calendar and not self.by.is_tree
        raws = self._branches(self.asked(sources, self.filters, limit + 1 if simple else 0))
        rows = self._groups(self.by, [key[0] for key in raws], parts[0])
        if not simple:
            rows = self._ordered(rows, raws)
        every_row = self._has_every_row() and not (simple and len(raws) > limit)
        whole = self._sum(raws.values()) if every_row else self._whole(self.filters)
        columns, totals = [_ALL], [self.finished(whole, whole)]
        if self.across is not None:
            columns = self._groups(self.across, [key[1] for key in raws], parts[1])
            by_column = self._columns(raws) if every_row else self.asked([sources[1]], self.filters)
            totals = [self.finished(by_column.get((key,), self.nothing), whole) for key, _ in columns]
        earlier = None
        if previous is not None and whole_before is not None and not self.by.is_calendar and self.across is None:
            found = self._branches(self.asked(sources, previous))
            earlier = [self.finished(found.get((key,), self.nothing), whole_before) for key, _ in rows[:limit]]
        more = len(rows) > limit
        return self._made(rows[:limit], columns, raws, whole, totals, earlier, total_before, more=more)

    def _whole(self, filters: Mapping[str, str]) -> list[Any]:
        return self.asked([], filters).get((), self.nothing)

    def _has_every_row(self) -> bool:
        """Whether the groups together are all rows: but for a calendar of another moment, in which rows may have no place."""
        calendars = [one for one in (self.by, self.across) if one is not None and one.is_calendar]
        return all(one.path == self.report.moment and self.ask.period is not None for one in calendars)

    def _sum(self, raws: Iterable[list[Any]]) -> list[Any]:
        return reduce(self.added, raws, self.nothing)

    def _columns(self, raws: Mapping[Keys, list[Any]]) -> dict[Keys, list[Any]]:
        found: dict[Keys, list[Any]] = {}
        for (_, column), raw in raws.items():
            found[column,] = self.added(found[column,], raw) if (column,) in found else raw
        return found

    def _made(
        self, rows: list[Any], columns: list[Any], raws: Mapping[Keys, list[Any]], whole: Raw,
        totals: list[list[Any]], earlier: list[list[Any]] | None, total_before: list[Any] | None, *, more: bool,
    ) -> Result:  # fmt: skip
        one_column = self.across is None
        cells = [
            [
                self.finished(raws.get((key,) if one_column else (key, other), self.nothing), whole)
                for other, _ in columns
            ]
            for key, _ in rows
        ]
        return Result(
            self.by, self.across, self._called(self.by, rows), self._called(self.across, columns), cells, earlier,
            totals, total_before, self.measures, self.filters, more,
        )  # fmt: skip

    @property
    def nothing(self) -> list[Any]:
        """Of a group without rows: nothing was counted, and there is nothing to add up."""
        counts = {"count", "share", "rate"}
        return [
            0 if one.measure.kind in counts or place == 1 else None
            for one in self.measures
            for place, _ in enumerate(one.raw)
        ] or [0]

    def _groups(self, one: Dimension, keys: Sequence[Any], parts: list[Period]) -> list[tuple[Any, Group]]:
        """Every part of the calendar, or the values that there are, each with its filter."""
        if one.is_calendar:
            return [
                (n, Group(part.start.isoformat(), called(part, one.unit), one.during(part, self.zone)))
                for n, part in enumerate(parts)
            ]
        if one.is_tree:
            return self._tree_groups(one, keys)
        wire = {key: None if key is None else _key(key) for key in dict.fromkeys(keys)}
        return [(key, Group(wire[key], "", one.only(key))) for key in wire]

    def _ordered(self, rows: list[tuple[Any, Group]], raws: Mapping[Keys, list[Any]]) -> list[tuple[Any, Group]]:
        """By a measure, the largest first; the calendar by itself. What is concealed puts nothing in order."""
        assert self.by is not None
        chosen, rising = self._sorted_by()
        if self.by.is_calendar and not self.ask.sort:
            return rows
        if chosen is None:
            return sorted(rows, key=lambda row: str(row[1].key or ""))
        sums: dict[Any, list[Any]] = {}
        for keys, raw in raws.items():
            sums[keys[0]] = self.added(sums[keys[0]], raw) if keys[0] in sums else raw

        def weight(row: tuple[Any, Group]) -> Any:
            value = chosen.finish(sums.get(row[0], self.nothing)[chosen.at], [1])
            return (value is not None, value if value is not None else 0)

        ordered = sorted(rows, key=lambda row: str(row[1].key or ""))
        with_value = [row for row in ordered if weight(row)[0]]
        without = [row for row in ordered if not weight(row)[0]]
        return sorted(with_value, key=lambda row: weight(row)[1], reverse=not rising) + without

    # -- branches of a tree

    def _parents(self, one: Dimension) -> dict[str, str | None]:
        assert one.spec.ref
        target = record_named(one.spec.ref)
        found = select(column_of(target, "id"), column_of(target, "parent_id")).where(visible(self.actor, target))
        return {row.id: row.parent_id for row in self.session.execute(found)}

    def _branches(self, raws: dict[Keys, list[Any]]) -> dict[Keys, list[Any]]:
        """The sums of branches: those at the top, or the parts of the branch that is looked into."""
        by = self.by
        if by is None or not by.is_tree:
            return raws
        parents = self._parents(by)
        inside = self.ask.filters.get(f"{by.path}__under", "")
        found: dict[Keys, list[Any]] = {}
        for (leaf, *others), raw in raws.items():
            branch = leaf
            seen: set[Any] = set()
            while branch is not None and branch not in seen and branch != inside:
                seen.add(branch)
                above = parents.get(branch)
                if above is None or above == inside:
                    break
                branch = above
            key = (branch, *others)
            found[key] = self.added(found[key], raw) if key in found else raw
        return found

    def _tree_groups(self, one: Dimension, keys: Sequence[Any]) -> list[tuple[Any, Group]]:
        inside = self.ask.filters.get(f"{one.path}__under", "")
        parents = self._parents(one)
        has_parts = set(parents.values())
        found: list[tuple[Any, Group]] = []
        for key in dict.fromkeys(keys):
            if key is None or key == inside or key not in parents:
                found.append((key, Group(key, "", one.only(key))))
            else:
                within = key if key in has_parts else ""
                found.append((key, Group(key, "", {f"{one.path}__under": key}, within)))
        return found

    # -- words

    def _called(self, one: Dimension | None, groups: list[tuple[Any, Group]]) -> list[Group]:
        found = [group for _, group in groups]
        if one is None or one.is_calendar:
            return found
        language = self.ask.language
        titles: dict[str, str] = {}
        if one.spec.kind == "ref" and one.spec.ref:
            keys = {group.key for group in found if group.key is not None}
            titles = titles_of(self.session, self.actor, record_named(one.spec.ref), keys) if keys else {}
        inside = self.ask.filters.get(f"{one.path}__under", "")
        for group in found:
            if group.key is None:
                group.label = NONE_WORDS.of(language)
            elif one.spec.kind == "ref":
                group.label = titles.get(group.key) or UNSEEN_WORDS.of(language)
                if one.is_tree and group.key == inside:
                    group.label += DIRECT_WORDS.of(language)
            elif group.key in one.spec.choices:
                group.label = one.spec.choices[group.key].of(language)
            elif one.spec.kind == "bool":
                group.label = (YES if group.key == "true" else NO).of(language)
            else:
                group.label = group.key
        return found


def _key(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(to_wire(value))


_ALL: tuple[Any, Group] = (None, Group(None, "", {}))


def compute(session: Session, actor: Actor, zone: ZoneInfo, report: Report, ask: Ask) -> Result:
    """The numbers of a report as this reader may have them. Raises `Rejected` for what cannot be counted so."""
    return _Computing(session, actor, zone, report, ask).result()


def list_path(report: Report) -> str:
    """Where the rows of a report are listed."""
    return f"/api/{path_of(record_named(report.record))}"
