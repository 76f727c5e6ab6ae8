"""The days a report is about, and the calendar they are divided by."""

from datetime import date, timedelta

from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.worklogs.periods import Period, period_of

#: Days of a year, and some more: the finest division that is still a table.
MAX_BUCKETS = 400
_DAY = timedelta(days=1)

PERIODS = {
    "all": L("全部时间", "全部時間", "All time"),
    "today": L("今天", "今天", "Today"),
    "yesterday": L("昨天", "昨天", "Yesterday"),
    "this_week": L("本周", "本週", "This week"),
    "last_week": L("上周", "上週", "Last week"),
    "this_month": L("本月", "本月", "This month"),
    "last_month": L("上月", "上月", "Last month"),
    "this_quarter": L("本季度", "本季度", "This quarter"),
    "last_quarter": L("上季度", "上季度", "Last quarter"),
    "this_year": L("本年", "本年", "This year"),
    "last_year": L("去年", "去年", "Last year"),
}

error_texts(
    {
        "too_many_periods": L(
            "时间跨度太大，请改为按月或按年统计，或缩短期间",
            "時間跨度太大，請改為按月或按年統計，或縮短期間",
            "Too many periods for one table; count by month or year, or choose a shorter time",
        ),
        "period_reversed": L("开始日期晚于结束日期", "開始日期晚於結束日期", "The first day is after the last one"),
    }
)


def named_period(name: str, today: date) -> Period | None:
    """None for all time. Raises `Rejected` for a name that there is not."""
    if name == "all":
        return None
    if name == "today":
        return Period(today, today)
    if name == "yesterday":
        return Period(today - _DAY, today - _DAY)
    which, _, unit = name.partition("_")
    if name not in PERIODS:
        raise Rejected("unknown_field", field="period", name=name[:40])
    current = period_of(unit, today)
    return current if which == "this" else period_of(unit, current.start - _DAY)


def from_to(start: date, end: date) -> Period:
    """Raises `Rejected` where the end comes first."""
    if start > end:
        raise Rejected("period_reversed", field="from")
    return Period(start, end)


def before(period: Period) -> Period:
    """The period of the same kind before this one: the month before a month, else as many days."""
    for unit in ("month", "quarter", "year"):
        if period == period_of(unit, period.start):
            return period_of(unit, period.start - _DAY)
    days = period.end - period.start + _DAY
    return Period(period.start - days, period.start - _DAY)


def divided(period: Period, unit: str) -> list[Period]:
    """The days, weeks, months … of a period, the first and last as far as they lie in it."""
    found: list[Period] = []
    day = period.start
    while day <= period.end:
        part = period_of(unit, day)
        found.append(Period(day, min(part.end, period.end)))
        day = part.end + _DAY
        if len(found) > MAX_BUCKETS:
            raise Rejected("too_many_periods", field="by")
    return found


def called(part: Period, unit: str) -> str:
    """What a part of the calendar is called in every language: 2026-11, 2026-11-28, 2026 Q4, 2026 W48."""
    if unit == "year":
        return str(part.start.year)
    if unit == "quarter":
        return f"{part.start.year} Q{(part.start.month + 2) // 3}"
    if unit == "month":
        return f"{part.start:%Y-%m}"
    if unit == "week":
        year, week, _ = part.start.isocalendar()
        return f"{year} W{week:02d}"
    return part.start.isoformat()
