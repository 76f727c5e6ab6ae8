"""Administrators are told of ops that the server keeps: somebody's work waits there."""

from datetime import timedelta

from sqlalchemy import func, select

from server.kept.ops import CODES
from server.notifications.kinds import kind
from server.notifications.service import notify
from server.people.holders import holders
from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Every, Progress, scheduled
from sync.schema import inbox

KEPT = kind(
    "ops.kept",
    L("有操作被保留", "有操作被保留", "Operations are kept"),
    L(
        "有 {count} 条手机上的操作没有执行，请处理",
        "有 {count} 則手機上的操作沒有執行，請處理",
        "{count} operations from phones were not run and wait for you",
    ),
    needs="inbox.manage",
)


@scheduled("ops.remind", L("保留操作提醒", "保留操作提醒", "Reminders about kept ops"), Every(timedelta(minutes=15)))
def remind(context: Context) -> Progress:
    """Once a day while there are some."""
    held = select(func.count()).where(inbox.c.status == "held", inbox.c.code.in_(CODES))
    count = context.session.scalar(held) or 0
    if not count:
        return Progress()
    told = notify(context, holders(context, "inbox.manage"), KEPT, None, {"count": count}, key=f"{context.today}")
    return Progress({"told": len(told)})
