"""What kinds that come by the clock have in common: when they are due, and telling each only once."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select

from server.company.models import COMPANY_ID, Company
from server.notifications.kinds import Kind
from server.notifications.models import Notification
from server.notifications.settings import effective
from server.records.commands import Context

_CHUNK = 500


def is_time(context: Context, kind: Kind) -> bool:
    """Whether the company's clock has reached the kind's time of the day."""
    wanted = effective(context, kind)
    local = context.now.astimezone(context.zone).time().replace(tzinfo=None)
    return wanted.enabled and (wanted.at is None or local >= wanted.at)


def lead(context: Context, kind: Kind) -> timedelta:
    """How long before, as the company wants it."""
    return timedelta(days=effective(context, kind).lead_days)


# unrestricted: the company's rule
def is_work_day(context: Context) -> bool:
    days = context.session.scalar(select(Company.work_days).where(Company.id == COMPANY_ID))
    return context.today.isoweekday() in (days or ())


def untold(context: Context, kind: Kind, keys: Iterable[str]) -> set[str]:
    """Those of the keys (as `notify` takes them) that nobody was told yet."""
    wanted = {f"{kind.name}:{key}"[:120]: key for key in keys}
    names = list(wanted)
    for start in range(0, len(names), _CHUNK):
        part = names[start : start + _CHUNK]
        for told in context.session.scalars(select(Notification.key).where(Notification.key.in_(part))):
            wanted.pop(str(told), None)
    return set(wanted.values())
