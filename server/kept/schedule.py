"""Timed work on kept ops."""

from datetime import time

from server.kept.ops import let_go
from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Daily, Progress, scheduled


@scheduled(
    "ops.let_go",
    L("清理无法等到前提的操作", "清理無法等到前提的操作", "Let go of operations that wait in vain"),
    Daily(time(3, 20)),
)
def let_go_of_ops(context: Context) -> Progress:
    return Progress({"rejected": let_go(context.session)})
