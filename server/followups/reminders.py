"""What people are told of trial accounts, and their end (BUSINESS.md, LF-13)."""

from datetime import time, timedelta

from sqlalchemy import select

from server.customers.models import Customer
from server.followups.models import TrialAccount
from server.notifications.kinds import kind
from server.notifications.service import notify
from server.notifications.timed import is_time, lead, untold
from server.people.holders import holders
from server.records.commands import Context
from server.records.fields import L
from server.scheduler.jobs import Every, Progress, scheduled

ASKED = kind(
    "trial_account.asked",
    L("试用账号申请", "試用帳號申請", "Trial account asked for"),
    L(
        "{asker} 为 {customer} 申请试用 {name}",
        "{asker} 為 {customer} 申請試用 {name}",
        "{asker} asks for a trial of {name} for {customer}",
    ),
    needs="trial_account.manage",
)
OPENED = kind(
    "trial_account.opened",
    L("试用账号开通或延期", "試用帳號開通或延期", "Trial account opened or prolonged"),
    L(
        "{customer} 可以试用 {name}，{end_on} 到期",
        "{customer} 可以試用 {name}，{end_on} 到期",
        "{customer} may try {name} until {end_on}",
    ),
    needs="trial_account.view",
)
ENDED = kind(
    "trial_account.refused",
    L("试用账号拒绝或关闭", "試用帳號拒絕或關閉", "Trial account refused or closed"),
    L(
        "{customer} 的 {name} 试用未批准或已结束：{reason}",
        "{customer} 的 {name} 試用未批准或已結束：{reason}",
        "The trial of {name} by {customer} is refused or over: {reason}",
    ),
    needs="trial_account.view",
)
ENDS = kind(
    "trial_account.ends",
    L("试用到期提醒", "試用到期提醒", "Trial ends"),
    L(
        "{customer} 的 {name} 试用 {end_on} 到期",
        "{customer} 的 {name} 試用 {end_on} 到期",
        "The trial of {name} by {customer} ends on {end_on}",
    ),
    lead_days=3,
    at=time(8, 30),
    needs="trial_account.view",
)

#: Rows and people of one transaction.
_STEP = 200


def tell_asked(context: Context, trial: TrialAccount) -> None:
    """Those who may open it for this employee's customers."""
    customer = context.get(Customer, trial.customer_id, lock=False)
    args = {"asker": context.actor.name, "customer": customer.name, "name": trial.name}
    notify(context, holders(context, "trial_account.manage", trial.owner_id), ASKED, trial, args, key=trial.id)


def tell_decided(context: Context, trial: TrialAccount) -> None:
    """Who asked, and who looks after it."""
    told_of = OPENED if trial.state == "open" else ENDED
    customer = context.get(Customer, trial.customer_id, lock=False)
    args = {"customer": customer.name, "name": trial.name, "end_on": trial.ends_on, "reason": trial.reason}
    people = [trial.owner_id, trial.keeper_id]
    notify(context, people, told_of, trial, {name: args[name] for name in args if args[name] is not None})


@scheduled(
    "followups.trials", L("试用账号到期", "試用帳號到期", "Ends of trial accounts"), Every(timedelta(minutes=15))
)
def look(context: Context) -> Progress:
    """Those whose last day is over expire; the ones that end soon are told once, at the kind's time."""
    over = _over(context)
    for trial in over:
        trial.state = "expired"
    told = _tell(context) if is_time(context, ENDS) else 0
    return Progress({"expired": len(over), "told": told}, more=max(len(over), told) == _STEP)


# unrestricted: every account of the company
def _over(context: Context) -> list[TrialAccount]:
    open_ones = select(TrialAccount).where(TrialAccount.state == "open", TrialAccount.ends_on < context.today)
    return list(context.session.scalars(open_ones.order_by(TrialAccount.id).limit(_STEP)))


# unrestricted: every account of the company
def _tell(context: Context) -> int:
    soon = select(TrialAccount).where(
        TrialAccount.state == "open",
        TrialAccount.ends_on >= context.today,
        TrialAccount.ends_on <= context.today + lead(context, ENDS),
    )
    known = {f"{trial.id}:{trial.ends_on}": trial for trial in context.session.scalars(soon)}
    fresh = sorted(untold(context, ENDS, known))[:_STEP]
    for key in fresh:
        trial = known[key]
        customer = context.get(Customer, trial.customer_id, lock=False)
        args = {"customer": customer.name, "name": trial.name, "end_on": trial.ends_on}
        notify(context, [trial.owner_id, trial.keeper_id], ENDS, trial, args, key=key)
    return len(fresh)
