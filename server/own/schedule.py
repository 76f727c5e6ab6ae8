"""Timed work on own fields."""

from datetime import time

from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Daily, Progress, scheduled


@scheduled(
    "own_fields.purge",
    L("清除已删除字段的值", "清除已刪除欄位的值", "Remove values of deleted fields"),
    Daily(time(3, 30)),
)
def purge_fields(context: Context) -> Progress:
    """Removes what was kept for 30 days, some rows a step."""
    done = context.run("own_field.purge", {})
    return Progress({"values": done["cleared"]}, more=done["more"])


@scheduled(
    "own_rows.purge",
    L("清除已删除的自定义数据", "清除已刪除的自訂資料", "Remove deleted rows of own tables"),
    Daily(time(3, 40)),
)
def purge_rows(context: Context) -> Progress:
    """Removes what was kept for 30 days, some rows a step."""
    done = context.run("own_row.purge", {})
    return Progress({"rows": done["removed"]}, more=done["more"])
