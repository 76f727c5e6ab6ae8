"""Timed work on notices."""

from datetime import time

from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Daily, Progress, scheduled


@scheduled("notices.purge", L("清除已删除的公告", "清除已刪除的公告", "Remove deleted notices"), Daily(time(3, 50)))
def purge_notices(context: Context) -> Progress:
    """Removes what was kept for 30 days, some rows a step."""
    done = context.run("notice.purge", {})
    return Progress({"notices": done["removed"]}, more=done["more"])
