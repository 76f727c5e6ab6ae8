"""Timed work on approvals."""

from datetime import time

from server.approvals.absence import stand_in_for_all
from server.approvals.holding import drop_old
from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Daily, Progress, scheduled


@scheduled("approvals.stand_in", L("审批代理生效", "審批代理生效", "Approvals of the absent"), Daily(time(0, 5)))
def absent_approvers(context: Context) -> Progress:
    """What waits for people whose absence begins today goes to those who stand in."""
    return Progress({"approvals": stand_in_for_all(context)})


@scheduled(
    "approvals.off_devices",
    L("旧审批移出设备", "舊審批移出裝置", "Old approvals leave the devices"),
    Daily(time(3, 40)),
)
def old_approvals(context: Context) -> Progress:
    return Progress({"approvals": drop_old(context)})
