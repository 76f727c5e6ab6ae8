"""Writes of complaints: recorded, handled, answered within the company's time, closed with what the customer said of it
(BUSINESS.md, Leads & follow-up, LF-15)."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import select

from server.company.models import COMPANY_ID, Company
from server.company.workdays import work_hours_later
from server.customers.models import Contact, Customer, CustomerShare
from server.followups.complaint_reminders import WAITING, tell_answered, tell_assigned
from server.followups.models import Complaint
from server.people.holders import all_with, may_reach
from server.people.models import Employee
from server.records.commands import Context, command
from server.records.editing import DeleteArgs, keep_conflict, on_create, on_delete, on_edit, standard_commands
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L
from server.records.record import fields_of
from server.records.values import fits
from sync.merge import merge

error_texts(
    {
        "complaint_closed": L(
            "投诉已经关闭，重新打开后才能修改",
            "投訴已經關閉，重新打開後才能修改",
            "The complaint is closed; it has to be opened again before it is changed",
        ),
        "complaint_not_answered": L(
            "投诉还没有答复，答复后才能关闭",
            "投訴還沒有答覆，答覆後才能關閉",
            "The complaint has no answer yet; it is closed after it was answered",
        ),
        "complaint_answered": L(
            "投诉已经答复，不能删除",
            "投訴已經答覆，不能刪除",
            "The complaint is answered; it cannot be deleted any more",
        ),
        "complaint_of_another": L(
            "投诉由 {name} 处理，您不能答复；可以先转给自己",
            "投訴由 {name} 處理，您不能答覆；可以先轉給自己",
            "{name} handles this complaint; pass it to yourself before you answer it",
        ),
        "answer_too_late": L(
            "投诉已经关闭或转给了同事，您的答复保留在记录里",
            "投訴已經關閉或轉給了同事，您的答覆保留在記錄裡",
            "The complaint is closed or a colleague's by now; your answer is kept with its history",
        ),
        "handler_elsewhere": L(
            "此人看不到该客户或不能处理投诉，没有指派给他",
            "此人看不到該客戶或不能處理投訴，沒有指派給他",
            "This person cannot see the customer or handle complaints and was not named",
        ),
    }
)

standard_commands(Complaint, fact=True)


class AssignArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    handler_id: Annotated[str, msgspec.Meta(max_length=36)]


class AnswerArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    answer: Annotated[str, msgspec.Meta(max_length=4000)]


class CloseArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`satisfaction`: what the customer said of the answer; None where nobody asked."""

    id: str
    satisfaction: Literal["good", "fair", "bad"] | None = None
    note: Annotated[str, msgspec.Meta(max_length=400)] | None = None


class ReopenArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`reason`: what is still not as the customer wants it."""

    id: str
    reason: Annotated[str, msgspec.Meta(max_length=400)]


@on_create(Complaint)
def recorded(context: Context, complaint: Complaint) -> None:
    """Whoever records it is its author; the time runs from when the customer said it. It is handled by who is named, else
    by the customer's owner."""
    complaint.author_id = context.actor.employee_id
    complaint.reported_at = context.claimed_time(complaint.reported_at)
    customer = context.get(Customer, complaint.customer_id)
    _check_contact(context, complaint)
    named = complaint.handler_id
    if named is not None and not _can_handle(context, customer, named):
        if not context.pushed:
            raise Rejected("handler_elsewhere", field="handler_id")
        named = None
        context.adjusted("handler_elsewhere", field="handler_id")
    complaint.handler_id = named or customer.owner_id or context.actor.employee_id
    _set_due(context, complaint, complaint.reported_at)
    tell_assigned(context, complaint)


@on_edit(Complaint)
def edited(context: Context, complaint: Complaint, changed: dict[str, tuple[Any, Any]]) -> None:
    """Until it is closed; what is told of it may be added for ever. Said at another time, it is due at another time."""
    if complaint.state == "closed" and set(changed) - {"content", "files"}:
        raise Rejected("complaint_closed", field="id")
    if "contact_id" in changed:
        _check_contact(context, complaint)
    if "reported_at" in changed:
        complaint.reported_at = context.claimed_time(complaint.reported_at)
        if complaint.state in WAITING and not complaint.reopened:
            _set_due(context, complaint, complaint.reported_at)


@on_delete(Complaint)
def deleted(context: Context, complaint: Complaint) -> None:
    """Only what was recorded by mistake."""
    if complaint.answer is not None:
        raise Rejected("complaint_answered", field="id")


@command("complaint.assign", AssignArgs, permission="complaint.edit")
def assign(context: Context, args: AssignArgs) -> dict[str, Any]:
    """Passes it to somebody who sees the customer. 422 handler_elsewhere, complaint_closed."""
    complaint = context.need(Complaint, args.id, "edit")
    if complaint.handler_id == args.handler_id:
        return {"id": complaint.id}
    if complaint.state == "closed":
        raise Rejected("complaint_closed", field="id")
    if not _can_handle(context, context.get(Customer, complaint.customer_id), args.handler_id):
        raise Rejected("handler_elsewhere", field="handler_id")
    complaint.handler_id = args.handler_id
    if complaint.state == "working":
        complaint.state = "open"
    if complaint.state in WAITING:
        tell_assigned(context, complaint)
    return {"id": complaint.id}


@command("complaint.take_up", DeleteArgs, permission="complaint.edit")
def take_up(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Its handler is at it. One that is further already stays there. 403 complaint_of_another."""
    complaint = context.need(Complaint, args.id, "edit")
    _need_handler(context, complaint)
    if complaint.state == "open":
        complaint.state = "working"
    return {"id": complaint.id}


@command("complaint.answer", AnswerArgs, permission="complaint.edit", fact=True)
def answer(context: Context, args: AnswerArgs) -> dict[str, Any]:
    """The handler's answer stops the clock; a further one is added below it. What a phone says late, when the complaint is
    somebody else's, is kept with its history. 403 complaint_of_another; 422 complaint_closed, required."""
    complaint = context.need(Complaint, args.id, "edit")
    text = args.answer.replace("\x00", "").strip()
    if not text:
        raise Rejected("required", field="answer", label=fields_of(Complaint)["answer"].label)
    if text == complaint.answer:
        return {"id": complaint.id}
    if context.pushed and (complaint.state == "closed" or not _handles(context, complaint)):
        kept = (complaint, "answer", None, complaint.answer, text)
        keep_conflict(context, *kept, "server", "auto", "answer_too_late")
        context.adjusted("answer_too_late", field="answer")
        return {"id": complaint.id}
    _need_handler(context, complaint)
    if complaint.state == "closed":
        raise Rejected("complaint_closed", field="id")
    whole = merge("append", None, text, complaint.answer).value
    if not fits("answer", fields_of(Complaint)["answer"], whole):
        raise Rejected("too_long", field="answer", label=fields_of(Complaint)["answer"].label, max=4000)
    complaint.answer = whole
    if complaint.state in WAITING:
        complaint.answered_at, complaint.answered_by = context.claimed_time(), context.actor.employee_id
        complaint.late = complaint.due_at is not None and complaint.answered_at > complaint.due_at
        complaint.state = "answered"
        tell_answered(context, complaint)
    return {"id": complaint.id}


@command("complaint.close", CloseArgs, permission="complaint.edit")
def close(context: Context, args: CloseArgs) -> dict[str, Any]:
    """What the customer said of the answer. The same once more changes nothing. 422 complaint_not_answered,
    complaint_closed."""
    complaint = context.need(Complaint, args.id, "edit")
    note = _one_line(args.note)
    if complaint.state == "closed":
        if (complaint.satisfaction, complaint.close_note) == (args.satisfaction, note):
            return {"id": complaint.id}
        raise Rejected("complaint_closed", field="id")
    if complaint.state != "answered":
        raise Rejected("complaint_not_answered", field="id")
    complaint.state, complaint.closed_at = "closed", context.claimed_time()
    complaint.satisfaction, complaint.close_note = args.satisfaction, note
    return {"id": complaint.id}


@command("complaint.reopen", ReopenArgs, permission="complaint.edit")
def reopen(context: Context, args: ReopenArgs) -> dict[str, Any]:
    """It is not settled: its handler has it again, with a new time. What was said of the answer stays in the history."""
    complaint = context.need(Complaint, args.id, "edit")
    reason = _one_line(args.reason)
    if reason is None:
        raise Rejected("required", field="reason", label=fields_of(Complaint)["reopen_reason"].label)
    if complaint.state in WAITING:
        return {"id": complaint.id}
    complaint.state, complaint.reopened, complaint.reopen_reason = "open", complaint.reopened + 1, reason
    complaint.satisfaction, complaint.close_note, complaint.closed_at = None, None, None
    _set_due(context, complaint, context.claimed_time())
    tell_assigned(context, complaint)
    return {"id": complaint.id}


def _one_line(text: str | None) -> str | None:
    return " ".join((text or "").replace("\x00", "").split()) or None


def _set_due(context: Context, complaint: Complaint, since: datetime) -> None:
    """The company's hours on its working days. One that comes from a phone a week later is late already."""
    company = context.find(Company, COMPANY_ID)
    hours, days = (company.answer_hours, company.work_days) if company is not None else (24, [])
    complaint.due_at = work_hours_later(since, hours, days, context.zone)
    complaint.late = complaint.due_at <= context.now


def _handles(context: Context, complaint: Complaint) -> bool:
    """Its handler, and who may answer for him."""
    scope = context.actor.scope("complaint.edit")
    members = context.actor.members(scope) if scope else frozenset[str]()
    return members is None or complaint.handler_id in members | {context.actor.employee_id}


def _need_handler(context: Context, complaint: Complaint) -> None:
    if not _handles(context, complaint):
        handler = context.find(Employee, complaint.handler_id)
        raise Forbidden("complaint_of_another", name=handler.real_name if handler is not None else "")


# unrestricted: whether somebody serves the customer that the actor writes about
def _can_handle(context: Context, customer: Customer, person: str) -> bool:
    """Nobody is named who may not see the customer, or may not write what he did."""
    if person not in all_with(context, "complaint.edit"):
        return False
    if person == context.actor.employee_id or may_reach(context, "customer.view", person, customer.owner_id):
        return True
    shared = select(CustomerShare.id).where(
        CustomerShare.customer_id == customer.id, CustomerShare.employee_id == person
    )
    return context.session.scalar(shared) is not None


def _check_contact(context: Context, complaint: Complaint) -> None:
    contact = context.find(Contact, complaint.contact_id)
    if contact is not None and contact.customer_id != complaint.customer_id:
        if not context.pushed:
            raise Rejected("contact_elsewhere", field="contact_id")
        complaint.contact_id = None
        context.adjusted("contact_elsewhere", field="contact_id")
