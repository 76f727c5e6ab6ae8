"""What people are told of complaints: who answers one, that its time ends soon, and his superior that it is over."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from server.approvals.finding import Fallback, who_decides
from server.approvals.steps import Step
from server.company.models import COMPANY_ID, Company, Option
from server.customers.models import Customer
from server.followups.models import Complaint
from server.notifications.kinds import Kind, kind
from server.notifications.service import notify
from server.notifications.timed import untold
from server.people.models import Employee
from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Every, Progress, scheduled

ASSIGNED = kind(
    "complaint.assigned",
    L("投诉待处理", "投訴待處理", "Complaint to answer"),
    L(
        "{customer} 投诉（{kind}），请在 {due_at} 前答复：{content}",
        "{customer} 投訴（{kind}），請在 {due_at} 前答覆：{content}",
        "{customer} complains ({kind}), to be answered by {due_at}: {content}",
    ),
    needs="complaint.edit",
)
DUE = kind(
    "complaint.due",
    L("投诉即将到期", "投訴即將到期", "Complaint due soon"),
    L(
        "{customer} 的投诉 {due_at} 前要答复",
        "{customer} 的投訴 {due_at} 前要答覆",
        "The complaint of {customer} has to be answered by {due_at}",
    ),
    needs="complaint.edit",
)
OVERDUE = kind(
    "complaint.overdue",
    L("投诉逾期未答复", "投訴逾期未答覆", "Complaint not answered in time"),
    L(
        "{customer} 的投诉应在 {due_at} 前答复，{handler} 还没有答复",
        "{customer} 的投訴應在 {due_at} 前答覆，{handler} 還沒有答覆",
        "The complaint of {customer} was to be answered by {due_at}; {handler} has not yet",
    ),
    needs="complaint.view",
)
ANSWERED = kind(
    "complaint.answered",
    L("投诉已答复", "投訴已答覆", "Complaint answered"),
    L(
        "{customer} 的投诉已答复，请回访客户是否满意：{answer}",
        "{customer} 的投訴已答覆，請回訪客戶是否滿意：{answer}",
        "The complaint of {customer} is answered; ask whether it is satisfied: {answer}",
    ),
    needs="complaint.view",
)
WAITING = ("open", "working")
#: People told, or complaints that became late, in one transaction.
_STEP = 200
_SUPERIOR = Step(name="上级", who="superior")


def tell_assigned(context: Context, complaint: Complaint) -> None:
    """Its handler, each time that it becomes his."""
    kind_of = context.find(Option, complaint.kind_id)
    notify(
        context, [complaint.handler_id], ASSIGNED, complaint,
        {
            "customer": _name(context, complaint), "kind": kind_of.name if kind_of is not None else "",
            "due_at": complaint.due_at, "content": complaint.content,
        },
    )  # fmt: skip


def tell_answered(context: Context, complaint: Complaint) -> None:
    """Who recorded it, and the customer's owner: one of them asks the customer."""
    customer = context.find(Customer, complaint.customer_id)
    people = [complaint.author_id, customer.owner_id if customer is not None else None]
    args = {"customer": _name(context, complaint), "answer": complaint.answer or ""}
    notify(context, people, ANSWERED, complaint, args)


def _name(context: Context, complaint: Complaint) -> str:
    customer = context.find(Customer, complaint.customer_id)
    return customer.name if customer is not None else ""


@scheduled("followups.complaints", L("投诉提醒", "投訴提醒", "Reminders of complaints"), Every(timedelta(minutes=5)))
def remind(context: Context) -> Progress:
    """Handlers before the time ends; they and their superiors when it is over, each once for each time that is set."""
    company = context.find(Company, COMPANY_ID)
    soon = context.now + timedelta(hours=company.answer_warning_hours if company is not None else 0)
    waiting = _waiting(context, soon)
    over = [one for one in waiting if one.due_at is not None and one.due_at <= context.now]
    for one in over:
        one.late = True
    room = _STEP - _tell(context, DUE, [one for one in waiting if one not in over], _STEP)
    room -= _tell(context, OVERDUE, over, room)
    return Progress({"told": _STEP - room}, more=room <= 0)


# unrestricted: everybody's own, and those of his people
def _waiting(context: Context, until: datetime) -> list[Complaint]:
    statement = select(Complaint).where(Complaint.state.in_(WAITING), Complaint.due_at <= until)
    return list(context.session.scalars(statement.order_by(Complaint.due_at, Complaint.id)))


def _tell(context: Context, told_of: Kind, complaints: Iterable[Complaint], room: int) -> int:
    known = {f"{one.id}:{one.due_at:%Y%m%d%H%M}": one for one in complaints}
    fresh = sorted(untold(context, told_of, known))[:room]
    for key in fresh:
        complaint = known[key]
        people, handler = _people(context, complaint, over=told_of is OVERDUE)
        args = {"customer": _name(context, complaint), "due_at": complaint.due_at, "handler": handler}
        notify(context, people, told_of, complaint, args, key=key)
    return len(fresh)


def _people(context: Context, complaint: Complaint, *, over: bool) -> tuple[list[str], str]:
    """The handler, once it is over also his superior or who stands in for him; and the handler's name."""
    if complaint.handler_id is None:
        return [], ""
    handler = context.find(Employee, complaint.handler_id)
    above = who_decides(context.session, _SUPERIOR, Fallback(), complaint.handler_id, context.today) if over else []
    name = handler.real_name if handler is not None else ""
    return [complaint.handler_id, *(one.employee_id for one in above)], name
