"""Timed work on attachments."""

from datetime import time

from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Daily, Progress, scheduled


@scheduled(
    "attachments.purge",
    L("清除已删除的文档", "清除已刪除的文件", "Remove deleted documents"),
    Daily(time(3, 40)),
)
def purge_attachments(context: Context) -> Progress:
    """Removes what was kept for 30 days, some rows a step."""
    done = context.run("attachment.purge", {})
    return Progress({"documents": done["removed"]}, more=done["more"])
