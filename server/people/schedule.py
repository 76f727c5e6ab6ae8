"""Timed work on logins."""

from datetime import time, timedelta

from sqlalchemy import delete

from server.people.models import login_session
from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Daily, Progress, scheduled

#: How long a login that has ended stays known, for a device that is revoked after it.
ENDED_KNOWN = timedelta(days=180)


@scheduled("logins.forget", L("清理过期登录", "清理過期登入", "Forget old logins"), Daily(time(3, 10)))
def forget_logins(context: Context) -> Progress:
    old = delete(login_session).where(login_session.c.expires_at < context.now - ENDED_KNOWN)
    gone = context.session.execute(old.returning(login_session.c.token_hash)).all()
    return Progress({"removed": len(gone)})
