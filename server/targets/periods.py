"""Which days a target is about, and what they are called."""

from datetime import date, timedelta

from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.reports.periods import called, from_to
from server.targets.models import TARGET_KINDS
from server.worklogs.periods import Period, period_of

_MOST = timedelta(days=731)
_FIRST_YEAR, _LAST_YEAR = 2000, 2100

error_texts(
    {
        "target_dates": L(
            "{kind}应从 {start} 到 {end}", "{kind}應從 {start} 到 {end}", "{kind}: should be from {start} until {end}"
        ),
        "target_too_long": L(
            "指标期间不能超过两年", "指標期間不能超過兩年", "The period of a target is two years at most"
        ),
        "target_over": L(
            "{period} 已经结束，不能再定指标", "{period} 已經結束，不能再訂指標", "{period} is over; no target can be set for it"
        ),
    }
)  # fmt: skip


def checked(kind: str, start: date, end: date) -> Period:
    """The period of a target. 422 period_reversed, target_dates (a month that is no month), target_too_long, wrong_type."""
    for name, day in (("start_date", start), ("end_date", end)):
        if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            raise Rejected("wrong_type", field=name, label=name, value=day.isoformat())
    period = from_to(start, end)
    if kind == "other":
        if end - start > _MOST:
            raise Rejected("target_too_long", field="end_date")
        return period
    whole = period_of(kind, start)
    if period != whole:
        raise Rejected(
            "target_dates",
            field="start_date" if start != whole.start else "end_date",
            kind=TARGET_KINDS[kind],
            start=whole.start.isoformat(),
            end=whole.end.isoformat(),
        )
    return period


def name_of(kind: str, period: Period) -> str:
    """2026-11, 2026 Q4, 2026, or its first and last day."""
    return f"{period.start} – {period.end}" if kind == "other" else called(period, kind)
