"""Timed work on notifications."""

from datetime import time, timedelta

from sqlalchemy import delete, select

from server.notifications.models import Notification, delivery
from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Daily, Progress, scheduled

#: How long the inbox keeps what was told, and how long it is known what became of its deliveries.
KEPT = timedelta(days=180)
DELIVERIES_KEPT = timedelta(days=30)
_STEP = 500


@scheduled("notifications.forget", L("清理提醒", "清理提醒", "Forget old notifications"), Daily(time(3, 30)))
def forget_notifications(context: Context) -> Progress:
    old = select(Notification).where(Notification.created_at < context.now - KEPT).limit(_STEP)
    rows = context.session.scalars(old).all()
    for row in rows:
        context.session.delete(row)
    ended = delete(delivery).where(
        delivery.c.created_at < context.now - DELIVERIES_KEPT, delivery.c.state.not_in(("waiting", "sending"))
    )
    context.session.execute(ended)
    return Progress({"removed": len(rows)}, more=len(rows) == _STEP)
