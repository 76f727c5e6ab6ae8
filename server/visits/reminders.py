"""What people are told about visits: none yet today, and one that cannot be believed."""

from datetime import datetime, time, timedelta

from sqlalchemy import select

from server.customers.models import Customer
from server.notifications.kinds import kind
from server.notifications.service import notify
from server.notifications.timed import is_time, is_work_day
from server.people.holders import holders
from server.people.models import Employee
from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Every, Progress, scheduled
from server.visits.models import Visit

NONE_TODAY = kind(
    "visit.none_today",
    L("今天还没有拜访", "今天還沒有拜訪", "No visit yet today"),
    L(
        "今天还没有拜访记录，记得签到",
        "今天還沒有拜訪記錄，記得簽到",
        "There is no visit of yours yet today; remember to check in",
    ),
    at=time(15),
    needs="visit.create",
)
SUSPECT = kind(
    "visit.suspect",
    L("可疑拜访", "可疑拜訪", "Suspect visit"),
    L(
        "{visitor} 对 {customer} 的拜访有疑点，请查看照片",
        "{visitor} 對 {customer} 的拜訪有疑點，請查看照片",
        "A visit of {visitor} to {customer} looks suspect; see its photos",
    ),
    needs="visit.overrule",
)


@scheduled("visits.remind", L("拜访提醒", "拜訪提醒", "Reminders about visits"), Every(timedelta(minutes=15)))
def remind(context: Context) -> Progress:
    """On working days, whoever has customers and the permission to visit, and has not checked in anywhere."""
    if not is_work_day(context) or not is_time(context, NONE_TODAY):
        return Progress()
    begun = datetime.combine(context.today, time(0), context.zone)
    owners = set(context.session.scalars(select(Customer.owner_id).where(Customer.enabled).distinct()))
    out = set(context.session.scalars(select(Visit.visitor_id).where(Visit.checked_in_at >= begun).distinct()))
    reps = [one for one in holders(context, "visit.create") if one in owners and one not in out]
    told = notify(context, reps, NONE_TODAY, key=f"{context.today}")
    return Progress({"told": len(told)})


def tell_suspect(context: Context, visit: Visit) -> None:
    """Those who may overrule the verdict, never the visitor himself. Once a visit."""
    visitor, customer = context.find(Employee, visit.visitor_id), context.find(Customer, visit.customer_id)
    args = {
        "visitor": visitor.real_name if visitor else "",
        "customer": customer.name if customer else "",
        "visitor_id": visit.visitor_id,
        "begun_at": visit.checked_in_at,
    }
    people = [one for one in holders(context, "visit.overrule", visit.visitor_id) if one != visit.visitor_id]
    notify(context, people, SUSPECT, visit, args, key=visit.id)
