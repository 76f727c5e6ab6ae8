"""What people are told about customers: due contacts, birthdays, contracts that end, customers the pool will take."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from server.customers.lunar import next_birthday
from server.customers.models import Contact, Customer
from server.customers.owners import ways_back
from server.customers.tables import import_job, import_row
from server.followups.models import ContactRecord
from server.followups.service import appointed
from server.notifications.kinds import Kind, kind
from server.notifications.service import notify
from server.notifications.timed import is_time, lead, untold
from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Every, Progress, scheduled

FOLLOW_UP = kind(
    "customer.follow_up",
    L("客户回访提醒", "客戶回訪提醒", "Customer due for contact"),
    L("{customer} 约好 {next_at} 联系", "{customer} 約好 {next_at} 聯絡", "{customer} is due at {next_at}"),
    lead_days=0,
)
BIRTHDAY = kind(
    "customer.birthday",
    L("生日提醒", "生日提醒", "Birthday"),
    L(
        "{customer} 的 {contact} {birthday_on} 过生日",
        "{customer} 的 {contact} {birthday_on} 過生日",
        "{contact} of {customer} has a birthday on {birthday_on}",
    ),
    lead_days=3,
    at=time(8, 30),
)
CONTRACT_END = kind(
    "customer.contract_end",
    L("合同到期提醒", "合約到期提醒", "Contract ends"),
    L(
        "{customer} 的合同 {end_on} 到期",
        "{customer} 的合約 {end_on} 到期",
        "The contract of {customer} ends on {end_on}",
    ),
    lead_days=3,
    at=time(8, 30),
)
POOL_WARNING = kind(
    "customer.pool_warning",
    L("客户即将归入公海", "客戶即將歸入公海", "Customer about to be recovered"),
    L(
        "{customer} 如无跟进或成交，{recover_on} 将归入公海",
        "{customer} 如無跟進或成交，{recover_on} 將歸入公海",
        "{customer} goes back to the pool on {recover_on} unless it is followed up or buys",
    ),
    lead_days=3,
    at=time(8, 30),
)
IMPORTED = kind(
    "customer.imported",
    L("导入完成", "匯入完成", "Import finished"),
    L(
        "{file} 已导入 {imported} 行，{rest} 行没有导入",
        "{file} 已匯入 {imported} 列，{rest} 列沒有匯入",
        "{file}: {imported} rows imported, {rest} left out",
    ),
    needs="customer.import",
)

#: People told in one transaction.
_STEP = 200
#: An appointment that is older than this is no news any more.
_STALE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Due:
    """Something an owner is to be told of a customer."""

    key: str
    owner_id: str
    customer_id: str
    args: dict[str, Any]


@scheduled("customers.remind", L("客户提醒", "客戶提醒", "Reminders about customers"), Every(timedelta(minutes=5)))
def remind(context: Context) -> Progress:
    """Return contacts at their time; birthdays, contract ends and the pool's warning at theirs, each once."""
    room = _STEP
    for told_of, found in (
        (FOLLOW_UP, _follow_ups),
        (BIRTHDAY, _birthdays),
        (CONTRACT_END, _contract_ends),
        (POOL_WARNING, _pool_warnings),
    ):
        if is_time(context, told_of):
            room -= _tell(context, told_of, found(context), room)
    return Progress({"told": _STEP - room}, more=room <= 0)


def _tell(context: Context, told_of: Kind, dues: Iterable[Due], room: int) -> int:
    known = {due.key: due for due in dues}
    fresh = sorted(untold(context, told_of, known))[:room]
    for key in fresh:
        due = known[key]
        customer = context.find(Customer, due.customer_id)
        notify(context, [due.owner_id], told_of, customer, due.args, key=key)
    return len(fresh)


_OWNED = (Customer.owner_id.is_not(None), Customer.enabled)


def _follow_ups(context: Context) -> list[Due]:
    """Its owner, and whom a contact record names beside him."""
    until = context.now + lead(context, FOLLOW_UP)
    statement = select(Customer.id, Customer.owner_id, Customer.name, Customer.next_contact_at).where(
        *_OWNED, Customer.next_contact_at > context.now - _STALE, Customer.next_contact_at <= until
    )
    owned = [
        Due(
            f"{row.id}:{row.next_contact_at:%Y%m%d%H%M}",
            row.owner_id,
            row.id,
            {"customer": row.name, "next_at": row.next_contact_at},
        )
        for row in context.session.execute(statement)
    ]
    others = (
        appointed()
        .add_columns(Customer.name, Customer.next_contact_at)
        .where(
            *_OWNED, ContactRecord.next_person_id != Customer.owner_id,
            Customer.next_contact_at > context.now - _STALE, Customer.next_contact_at <= until,
        )
        .distinct()
    )  # fmt: skip
    return owned + [
        Due(
            f"{row.customer_id}:{row.next_contact_at:%Y%m%d%H%M}:{row.person_id}",
            row.person_id,
            row.customer_id,
            {"customer": row.name, "next_at": row.next_contact_at},
        )
        for row in context.session.execute(others)
    ]


def _birthdays(context: Context) -> list[Due]:
    """Told when the day comes near, and once more on the day itself."""
    statement = (
        select(
            Contact.id, Contact.name, Contact.birthday, Contact.birth_calendar,
            Customer.id.label("customer_id"), Customer.owner_id, Customer.name.label("customer"),
        )
        .join(Customer, Customer.id == Contact.customer_id)
        .where(*_OWNED, Contact.birthday.is_not(None))
    )  # fmt: skip
    today, days = context.today, lead(context, BIRTHDAY)
    found: list[Due] = []
    for row in context.session.execute(statement):
        on = next_birthday(row.birthday, row.birth_calendar, today)
        if on is not None and on <= today + days:
            near = "day" if on == today else "near"
            args = {"customer": row.customer, "contact": row.name, "birthday_on": on}
            found.append(Due(f"{row.id}:{on}:{near}", row.owner_id, row.customer_id, args))
    return found


def _contract_ends(context: Context) -> list[Due]:
    today = context.today
    statement = select(Customer.id, Customer.owner_id, Customer.name, Customer.contract_end).where(
        *_OWNED, Customer.contract_end >= today, Customer.contract_end <= today + lead(context, CONTRACT_END)
    )
    return [
        Due(f"{row.id}:{row.contract_end}", row.owner_id, row.id, {"customer": row.name, "end_on": row.contract_end})
        for row in context.session.execute(statement)
    ]


def _pool_warnings(context: Context) -> list[Due]:
    """Customers the pool takes within the lead time unless something happens: the rule of `customer.recover`. Each way
    warns for itself."""
    until = context.now + lead(context, POOL_WARNING)
    found: list[Due] = []
    for way in ways_back(context.session):
        columns = (Customer.id, Customer.owner_id, Customer.name, *way.since)
        for row in context.session.execute(select(*columns).where(way.due(until))):
            last: datetime = max(moment for moment in row[3:] if moment is not None)
            on: date = (last + timedelta(days=way.days)).astimezone(context.zone).date()
            args = {"customer": row.name, "recover_on": max(on, context.today)}
            key = f"{row.id}:{last:%Y%m%d}" if way.name == "quiet" else f"{row.id}:{way.name}:{last:%Y%m%d}"
            found.append(Due(key, row.owner_id, row.id, args))
    return found


def tell_imported(context: Context, job_id: str) -> None:
    """Who started an import learns of its end; it may have taken minutes."""
    job = context.session.execute(select(import_job).where(import_job.c.id == job_id)).one()
    counted = (
        select(import_row.c.state, func.count().label("rows"))
        .where(import_row.c.job_id == job_id)
        .group_by(import_row.c.state)
    )
    counts = {row.state: row.rows for row in context.session.execute(counted)}
    imported = counts.pop("imported", 0)
    args = {"file": job.file_name, "imported": imported, "rest": sum(counts.values())}
    notify(context, [job.employee_id], IMPORTED, None, args, key=job_id, also_actor=True)
