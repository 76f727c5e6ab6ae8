"""What administrators are told of the deliveries themselves."""

from datetime import datetime

from sqlalchemy.orm import Session

from server.company.setup import system_context
from server.notifications.kinds import kind
from server.notifications.models import GroupWebhook
from server.notifications.service import notify
from server.notifications.settings import Manners
from server.people.holders import holders
from server.records.fields import L

GIVEN_UP = kind(
    "webhook.given_up",
    L("群机器人无法送达", "群機器人無法送達", "Chat group not reached"),
    L(
        "“{group}”一直无法送达，{count} 条提醒已放弃",
        "「{group}」一直無法送達，{count} 則提醒已放棄",
        "{group} could not be reached; {count} notifications were given up",
    ),
    needs="group_webhook.edit",
)


def tell_given_up(session: Session, webhook_id: str, count: int, now: datetime, manners: Manners) -> None:
    """Once a day while it lasts."""
    context = system_context(session, now)
    hook = context.find(GroupWebhook, webhook_id)
    if hook is not None:
        args = {"group": hook.name, "count": count}
        people = holders(context, "group_webhook.edit")
        notify(context, people, GIVEN_UP, hook, args, key=f"{hook.id}:{context.today}")
