"""What company and person want: the defaults of a kind, the company's rule above them, the person's choice above that."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.company.models import Company
from server.notifications.kinds import Kind
from server.notifications.models import GroupWebhook, NotificationRule
from server.records.commands import Context


@dataclass(frozen=True, slots=True)
class Effective:
    """A kind as the company wants it."""

    enabled: bool
    push: bool
    lead_days: int
    at: time | None


def effective(context: Context, kind: Kind) -> Effective:
    """Asked once for a batch of commands."""
    rules: dict[str, Effective] = context.memory.setdefault("notification_rules", {})
    if kind.name not in rules:
        row = context.session.scalar(select(NotificationRule).where(NotificationRule.kind == kind.name))
        rules[kind.name] = (
            Effective(True, kind.push, kind.lead_days or 0, kind.at)
            if row is None
            else Effective(
                row.enabled,
                row.push,
                kind.lead_days or 0 if row.lead_days is None else row.lead_days,
                parse_time(row.at) if row.at else kind.at,
            )
        )
    return rules[kind.name]


def groups_for(context: Context, kind: Kind) -> list[GroupWebhook]:
    """The chat groups that are told of a kind."""
    if "group_webhooks" not in context.memory:
        found = context.session.scalars(select(GroupWebhook).where(GroupWebhook.enabled)).all()
        context.memory["group_webhooks"] = list(found)
    hooks: list[GroupWebhook] = context.memory["group_webhooks"]
    return [hook for hook in hooks if kind.name in hook.kinds]


def parse_time(text: str) -> time | None:
    """HH:MM, or None where it is no time of day."""
    try:
        return time.fromisoformat(text) if len(text) == 5 else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Manners:
    """When devices and groups are left alone, and how much at once is too much."""

    quiet_from: time | None
    quiet_until: time | None
    digest_over: int
    digest_minutes: int
    give_up_hours: int
    zone: ZoneInfo

    def loud_at(self, moment: datetime) -> datetime:
        """This moment, or the end of the quiet hours it lies in."""
        begin, end = self.quiet_from, self.quiet_until
        if begin is None or end is None or begin == end:
            return moment
        local = moment.astimezone(self.zone)
        clock = local.time().replace(tzinfo=None)
        quiet = begin <= clock < end if begin < end else clock >= begin or clock < end
        if not quiet:
            return moment
        day = local.date() + timedelta(days=1 if clock >= end else 0)
        return datetime.combine(day, end, self.zone).astimezone(moment.tzinfo)


def manners(context: Context) -> Manners:
    """Asked once for a batch of commands."""
    if "notification_manners" not in context.memory:
        context.memory["notification_manners"] = read_manners(context.session)
    found: Manners = context.memory["notification_manners"]
    return found


# unrestricted: the company's rules are no secret
def read_manners(session: Session) -> Manners:
    company = session.execute(
        select(
            Company.quiet_from, Company.quiet_until, Company.digest_over, Company.digest_minutes,
            Company.give_up_hours, Company.time_zone,
        ).limit(1)
    ).one()  # fmt: skip
    return Manners(
        parse_time(company.quiet_from or ""),
        parse_time(company.quiet_until or ""),
        company.digest_over,
        company.digest_minutes,
        company.give_up_hours,
        ZoneInfo(company.time_zone),
    )
