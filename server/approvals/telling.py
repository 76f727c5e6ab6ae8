"""What people are told about approvals: who is asked now, and what became of what one asked for."""

from server.approvals.kinds import asking
from server.approvals.models import Approval
from server.approvals.running import steps_of
from server.notifications.kinds import kind
from server.notifications.service import notify
from server.people.models import Employee
from server.records.commands import Context
from server.records.fields import L

_OUTCOMES = {
    "approved": kind(
        "approval.approved",
        L("审批通过", "審批通過", "Approved"),
        L("您的申请已通过：{title}", "您的申請已通過：{title}", "What you asked for was approved: {title}"),
    ),
    "refused": kind(
        "approval.refused",
        L("审批被拒绝", "審批被拒絕", "Refused"),
        L(
            "{by}拒绝了您的申请：{title}。{opinion}",
            "{by}拒絕了您的申請：{title}。{opinion}",
            "{by} refused what you asked for: {title}. {opinion}",
        ),
    ),
    "returned": kind(
        "approval.returned",
        L("审批被退回", "審批被退回", "Sent back"),
        L(
            "{by}退回了您的申请：{title}。{opinion}",
            "{by}退回了您的申請：{title}。{opinion}",
            "{by} sent back what you asked for: {title}. {opinion}",
        ),
    ),
    "failed": kind(
        "approval.failed",
        L("审批通过但未能执行", "審批通過但未能執行", "Approved, not carried out"),
        L(
            "您的申请已通过，但未能执行：{title}。请打开查看原因",
            "您的申請已通過，但未能執行：{title}。請開啟查看原因",
            "What you asked for was approved but could not be carried out: {title}. Open it to see why",
        ),
    ),
}


def tell(context: Context, approval: Approval) -> None:
    """Tells those who are asked now, or who asked for it what became of it. Each is told once of each step."""
    if approval.state == "running":
        requester = context.find(Employee, approval.requester_id)
        args = {"requester": requester.real_name if requester else "", "title": approval.title}
        asked = {one.approver_id for one in steps_of(context, approval, "waiting")}
        key = f"{approval.id}:{approval.round}:{approval.step}"
        notify(context, asked, asking(approval.kind), approval, args, key=key)
    elif approval.state in _OUTCOMES:
        said = [one for one in steps_of(context, approval) if one.decided_by and one.state == approval.state]
        last = said[-1] if said else None
        by = context.find(Employee, last.decided_by) if last else None
        args = {
            "title": approval.title,
            "by": by.real_name if by else "",
            "opinion": (last.opinion if last else None) or "",
        }
        key = f"{approval.id}:{approval.round}"
        notify(context, [approval.requester_id], _OUTCOMES[approval.state], approval, args, key=key)
