"""Timed work on customers."""

from datetime import time

from server.customers.merges import forget_old
from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Daily, Progress, scheduled

#: Customers that go back to the pool in one transaction.
_STEP = 500


@scheduled("customers.recover", L("公海回收", "公海回收", "Recovery to the pool"), Daily(time(2)))
def recover_customers(context: Context) -> Progress:
    """Takes customers back whose owners have not followed up (CU-53) or not sold in time (CU-54), as the settings say."""
    done = context.run("customer.recover", {"limit": _STEP})
    return Progress({"customers": len(done["ids"])}, more=done["more"])


@scheduled(
    "customers.forget_merges",
    L("清理过期的合并记录", "清理過期的合併記錄", "Forget merges that cannot be undone any more"),
    Daily(time(3, 40)),
)
def forget_merges(context: Context) -> Progress:
    return Progress({"removed": forget_old(context)})
