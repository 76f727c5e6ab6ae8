"""What people are told about targets: that theirs is in force, when somebody else has drafted it."""

from server.notifications.kinds import kind
from server.notifications.service import notify
from server.records.commands import Context
from server.records.fields import L
from server.targets.models import Target

IN_FORCE = kind(
    "target.in_force",
    L("指标生效提醒", "指標生效提醒", "Target in force"),
    L("您 {period} 的指标已生效", "您 {period} 的指標已生效", "Your target for {period} is in force"),
    needs="target.view",
)


def tell_person(context: Context, target: Target) -> None:
    """Who asked for it is told by the approval."""
    key = f"{target.id}:{target.approved_at}"
    notify(context, [target.person_id], IN_FORCE, target, {"period": target.period}, key=key)
