"""Rules of people's schedules (BUSINESS.md, OF-2): each writes his own; who else reads it is a matter of rights (PP-23)."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from server.customers.models import Customer
from server.office.models import ScheduleEntry
from server.records.commands import Context
from server.records.editing import on_create, on_edit, standard_commands
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L

#: A longer one is rather several.
MOST_DAYS = 366

error_texts(
    {
        "schedule_backwards": L(
            "结束时间要晚于开始时间", "結束時間要晚於開始時間", "It has to end after it begins"
        ),
        "schedule_too_long": L(
            "一项日程最长 {days} 天", "一項日程最長 {days} 天", "An entry lasts {days} days at most"
        ),
        "schedule_of_another": L(
            "这是同事的日程，您不能修改",
            "這是同事的日程，您不能修改",
            "This is a colleague's schedule; you cannot change it",
        ),
        "schedule_customer": L(
            "客户不在您名下，日程里没有记下客户",
            "客戶不在您名下，日程裡沒有記下客戶",
            "The customer is not yours and was left out of the entry",
        ),
    }
)  # fmt: skip

standard_commands(ScheduleEntry)


@on_create(ScheduleEntry)
def entered(context: Context, entry: ScheduleEntry) -> None:
    """Into one's own schedule. 422 schedule_backwards, schedule_too_long, schedule_customer."""
    entry.person_id = context.actor.employee_id
    _place(context, entry)
    _check_customer(context, entry)


@on_edit(ScheduleEntry)
def changed_entry(context: Context, entry: ScheduleEntry, changed: dict[str, tuple[Any, Any]]) -> None:
    """By its person only. 403 schedule_of_another."""
    if not changed:
        return
    if entry.person_id != context.actor.employee_id:
        raise Forbidden("schedule_of_another", id=entry.id)
    _place(context, entry)
    if "customer_id" in changed:
        _check_customer(context, entry)


def _place(context: Context, entry: ScheduleEntry) -> None:
    """From when until when; whole days are the company's."""
    if entry.end_at < entry.start_at or (entry.end_at == entry.start_at and not entry.all_day):
        raise Rejected("schedule_backwards", field="end_at")
    if entry.end_at - entry.start_at > timedelta(days=MOST_DAYS):
        raise Rejected("schedule_too_long", field="end_at", days=MOST_DAYS)
    if entry.all_day:
        begins = _midnight(context, entry.start_at)
        last = max(entry.start_at, entry.end_at - timedelta(microseconds=1))
        ends = _midnight(context, last, days=1)
        if (begins, ends) != (entry.start_at, entry.end_at):
            entry.start_at, entry.end_at = begins, ends


def _midnight(context: Context, moment: datetime, days: int = 0) -> datetime:
    """The beginning of the company's day that the moment lies in, or of a later one."""
    day = moment.astimezone(context.zone).date() + timedelta(days=days)
    return datetime.combine(day, time(), context.zone).astimezone(UTC)


def _check_customer(context: Context, entry: ScheduleEntry) -> None:
    """One that he may see. What a phone says wrongly is left out and named; the entry stays."""
    customer = context.find(Customer, entry.customer_id)
    if entry.customer_id is None or (customer is not None and context.may(customer, "view")):
        return
    if not context.pushed:
        raise Rejected("schedule_customer", field="customer_id")
    entry.customer_id = None
    context.adjusted("schedule_customer", field="customer_id")
