"""Timed work on exports."""

from datetime import timedelta

from server.exports.jobs import forget_old
from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Every, Progress, scheduled


@scheduled(
    "exports.forget", L("清理导出的文件", "清理匯出的檔案", "Forget exported files"), Every(timedelta(hours=1))
)
def forget_exports(context: Context) -> Progress:
    """Files that were exported some hours ago, and what is known of them."""
    removed, more = forget_old(context.session, context.now)
    return Progress({"removed": removed}, more=more)
