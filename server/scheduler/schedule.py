"""Timed work on timed work."""

from datetime import time

from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Daily, Progress, scheduled
from server.scheduler.runs import forget_old


@scheduled("runs.forget", L("清理任务记录", "清理工作記錄", "Forget old runs of timed work"), Daily(time(3, 20)))
def forget_runs(context: Context) -> Progress:
    return Progress({"removed": forget_old(context.session)})
