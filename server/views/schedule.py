"""Timed work on saved views."""

from datetime import time

from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Daily, Progress, scheduled


@scheduled("saved_views.purge", L("清除已删除的视图", "清除已刪除的檢視", "Remove deleted views"), Daily(time(3, 45)))
def purge_views(context: Context) -> Progress:
    """Removes what was kept for 30 days, some rows a step."""
    done = context.run("saved_view.purge", {})
    return Progress({"views": done["removed"]}, more=done["more"])
