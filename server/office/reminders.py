"""What people are told of notices, and of their own schedules (BUSINESS.md, Reminder centre)."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from server.notifications.kinds import Kind, kind
from server.notifications.models import Notification
from server.notifications.service import notify
from server.notifications.settings import effective
from server.notifications.timed import untold
from server.office.holding import people_of
from server.office.models import MOST_MINUTES_BEFORE, Notice, ScheduleEntry
from server.people.holders import all_with
from server.people.models import Employee
from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Every, Progress, scheduled

PUBLISHED = kind(
    "notice.published",
    L("公告通知", "公告通知", "Notice"),
    L("{publisher} 发布了公告：{title}", "{publisher} 發布了公告：{title}", "{publisher} published: {title}"),
    needs="notice.view",
)
BEGINS = kind(
    "schedule.begins",
    L("日程提醒", "日程提醒", "Schedule"),
    L("{start_at}：{title}", "{start_at}：{title}", "{start_at}: {title}"),
    needs="schedule_entry.view",
)
ALL_DAY = kind(
    "schedule.all_day",
    L("全天日程提醒", "全天日程提醒", "Schedule of a day"),
    L("{start_on}：{title}", "{start_on}：{title}", "{start_on}: {title}"),
    at=time(8),
    needs="schedule_entry.view",
)

#: People told in one transaction.
_STEP = 200
#: How often one looks: what begins before the next look is told now.
_RHYTHM = timedelta(minutes=5)
#: One that began before this is no news any more.
_STALE = timedelta(hours=1)


def tell_people(context: Context, notice: Notice) -> None:
    """Whom it is for, each once, whatever becomes of it (OF-1)."""
    publisher = context.find(Employee, notice.publisher_id)
    args = {"publisher": publisher.real_name if publisher is not None else "", "title": notice.title}
    readers = all_with(context, "notice.view")
    people = [one for one in people_of(context, notice) if one in readers]
    notify(context, people, PUBLISHED, notice, args, key=notice.id)


# unrestricted: what people were told of this notice
def nothing_to_read(context: Context, notice: Notice, employee_id: str | None = None) -> None:
    """What was told of a notice is seen: by somebody who read it, or by everybody because it is gone."""
    told = select(Notification).where(
        Notification.key == f"{PUBLISHED.name}:{notice.id}",
        Notification.employee_id.in_([employee_id] if employee_id else people_of(context, notice)),
        Notification.read_at.is_(None),
    )
    for one in context.session.scalars(told):
        one.read_at = context.now


@dataclass(frozen=True, slots=True)
class _Due:
    key: str
    person_id: str
    entry_id: str
    args: dict[str, Any]


@scheduled("office.remind", L("日程提醒", "日程提醒", "Reminders of schedules"), Every(_RHYTHM))
def remind(context: Context) -> Progress:
    """Everybody of his own schedule, as long before as he wants, once; again where it was moved."""
    room = _STEP
    for told_of, found in ((BEGINS, _begin(context)), (ALL_DAY, _days(context))):
        room -= _tell(context, told_of, found, room)
    return Progress({"told": _STEP - room}, more=room <= 0)


def _tell(context: Context, told_of: Kind, dues: list[_Due], room: int) -> int:
    known = {due.key: due for due in dues}
    fresh = sorted(untold(context, told_of, known))[:room]
    for key in fresh:
        due = known[key]
        entry = context.find(ScheduleEntry, due.entry_id)
        notify(context, [due.person_id], told_of, entry, due.args, key=key)
    return len(fresh)


def _begin(context: Context) -> list[_Due]:
    if not effective(context, BEGINS).enabled:
        return []
    next_look = context.now + _RHYTHM
    return [
        _Due(
            f"{entry.id}:{entry.start_at:%Y%m%d%H%M}:{entry.remind_before}",
            entry.person_id,
            entry.id,
            {"title": entry.title, "start_at": entry.start_at},
        )
        for entry in _entries(context, all_day=False, since=context.now - _STALE)
        if entry.start_at - timedelta(minutes=entry.remind_before or 0) < next_look
    ]


def _days(context: Context) -> list[_Due]:
    """From the kind's time of the day on, on the day itself or as many days before."""
    wanted = effective(context, ALL_DAY)
    if not wanted.enabled:
        return []
    found = []
    for entry in _entries(context, all_day=True, since=context.now - timedelta(days=1)):
        day = entry.start_at.astimezone(context.zone).date()
        before = timedelta(days=(entry.remind_before or 0) // (24 * 60))
        due = datetime.combine(day - before, wanted.at or time(8), context.zone)
        if due <= context.now and day >= context.today:
            key = f"{entry.id}:{day:%Y%m%d}:{before.days}"
            found.append(_Due(key, entry.person_id, entry.id, {"title": entry.title, "start_on": day}))
    return found


# unrestricted: everybody's own, for himself
def _entries(context: Context, *, all_day: bool, since: datetime) -> list[ScheduleEntry]:
    """Those that may be due, of people who are here."""
    until = context.now + timedelta(minutes=MOST_MINUTES_BEFORE) + _RHYTHM
    return list(
        context.session.scalars(
            select(ScheduleEntry)
            .join(Employee, Employee.id == ScheduleEntry.person_id)
            .where(
                Employee.status == "enabled",
                ScheduleEntry.remind_before.is_not(None),
                ScheduleEntry.all_day.is_(all_day),
                ScheduleEntry.start_at > since,
                ScheduleEntry.start_at <= until,
            )
            .order_by(ScheduleEntry.start_at, ScheduleEntry.id)
        )
    )
