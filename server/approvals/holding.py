"""Who holds an approval on a device: who asked for it, everybody who was asked, and those in whose place others were.
What is done stays for 60 days; older ones are read online."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, and_, literal, or_, select, union

from server.approvals.models import Approval, ApprovalStep
from server.people.models import Employee
from server.records.actor import Actor
from server.records.commands import Context
from server.records.editing import on_edit
from server.records.visibility import also_visible
from sync.access import end, rewrite
from sync.schema import access

KEPT = timedelta(days=60)
_ROOT = literal("approval:").concat(Approval.id).label("root")
_IS_APPROVAL = access.c.root.like("approval:%")


# unrestricted: decides who may hold what
def holders(approvals: ColumnElement[bool], now: datetime) -> CompoundSelect[tuple[str, str]]:
    """(employee_id, root) of everybody whose devices hold these approvals."""
    fresh = and_(approvals, or_(Approval.finished_at.is_(None), Approval.finished_at > now - KEPT))
    parts: list[Any] = [
        select(Approval.requester_id.label("employee_id"), _ROOT)
        .join(Employee, Employee.id == Approval.requester_id)
        .where(Employee.status == "enabled", fresh)
    ]
    for person in (ApprovalStep.approver_id, ApprovalStep.for_id):
        parts.append(
            select(person.label("employee_id"), _ROOT)
            .join(Approval, Approval.id == ApprovalStep.approval_id)
            .join(Employee, Employee.id == person)
            .where(Employee.status == "enabled", fresh)
        )
    return union(*parts)


def refresh_holders(context: Context, approval: Approval) -> None:
    """Writes who holds an approval; part of every change of who is asked."""
    context.session.flush()
    rewrite(
        context.session, holders(Approval.id == approval.id, context.now), access.c.root == f"approval:{approval.id}"
    )


# unrestricted: takes old ones from devices
def drop_old(context: Context) -> int:
    """Takes what has been done for long from the devices; says how many approvals."""
    old = select(_ROOT).where(Approval.finished_at <= context.now - KEPT)
    gone = select(access.c.root).where(access.c.live, access.c.root.in_(old)).distinct()
    count = len(context.session.execute(gone).all())
    if count:
        end(context.session, access.c.root.in_(old))
    return count


@on_edit(Employee)
def changed_person(context: Context, employee: Employee, changed: dict[str, tuple[object, object]]) -> None:
    if "status" not in changed:
        return
    context.session.flush()
    everybody = holders(Approval.id.is_not(None), context.now).subquery("everybody")
    own = select(everybody.c.employee_id, everybody.c.root).where(everybody.c.employee_id == employee.id)
    rewrite(context.session, own, and_(access.c.employee_id == employee.id, _IS_APPROVAL), wide=True)


@also_visible(Approval, "asked")
# unrestricted: part of the rule of reading itself
def asked_people(actor: Actor, operation: str) -> ColumnElement[bool] | None:
    """Whoever is or was asked sees the document, whatever his scope."""
    if operation != "view":
        return None
    me = actor.employee_id
    asked = or_(ApprovalStep.approver_id == me, ApprovalStep.for_id == me)
    return Approval.id.in_(select(ApprovalStep.approval_id).where(asked))
