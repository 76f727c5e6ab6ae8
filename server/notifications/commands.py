"""Writes of the inbox and of what people want to be told."""

from datetime import time
from typing import Annotated, Any

import msgspec
from sqlalchemy import select

from server.company.models import Company
from server.notifications.kinds import Kind, kind_named
from server.notifications.models import Notification, NotificationChoice, NotificationRule
from server.notifications.settings import parse_time
from server.records.commands import Context, command
from server.records.editing import check_id, on_edit
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.ids import uuid7
from server.records.loading import load_many

error_texts(
    {
        "unknown_kind": L("没有这种提醒：{value}", "沒有這種提醒：{value}", "There is no notification {value}"),
        "bad_time": L("时刻要写成 08:30 这样", "時刻要寫成 08:30 這樣", "A time of day looks like 08:30"),
        "no_lead": L("这种提醒没有提前天数", "這種提醒沒有提前天數", "This notification has no days before"),
        "bad_work_days": L(
            "工作日用 1（周一）到 7（周日）", "工作日用 1（週一）到 7（週日）", "Working days are 1 (Monday) to 7"
        ),
    }
)


class ReadArgs(msgspec.Struct, forbid_unknown_fields=True):
    ids: Annotated[list[str], msgspec.Meta(max_length=500)]


class RuleArgs(msgspec.Struct, forbid_unknown_fields=True):
    """How the company wants a kind. `lead_days` and `at` (HH:MM): None is the default of the kind."""

    kind: str
    enabled: bool
    push: bool
    lead_days: Annotated[int, msgspec.Meta(ge=0, le=365)] | None = None
    at: str | None = None


class ChooseArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`id` of the choice where there is none for this kind yet."""

    id: str
    kind: str
    push: bool


@command("notification.read", ReadArgs, permission="notification.view", fact=True)
def read(context: Context, args: ReadArgs) -> dict[str, Any]:
    """Marks one's own notifications as seen, on every device. The first time counts; what is gone is passed over."""
    at = context.claimed_time()
    count = 0
    for one in load_many(context.session, Notification, args.ids).values():
        if one.employee_id == context.actor.employee_id and one.read_at is None:
            one.read_at = max(at, one.created_at)
            count += 1
    return {"count": count}


@command("notification_rule.set", RuleArgs, permission="notification_rule.edit")
def set_rule(context: Context, args: RuleArgs) -> dict[str, Any]:
    """Says how the company wants a kind of notification. 422 unknown_kind, no_lead, bad_time."""
    kind = _kind(args.kind)
    if args.lead_days is not None and kind.lead_days is None:
        raise Rejected("no_lead", field="lead_days")
    if args.at is not None and (kind.at is None or parse_time(args.at) is None):
        raise Rejected("bad_time", field="at")
    rule = context.session.scalar(select(NotificationRule).where(NotificationRule.kind == kind.name))
    if rule is None:
        rule = context.add(NotificationRule(id=uuid7(), kind=kind.name), fresh=True)
    rule.enabled, rule.push, rule.lead_days, rule.at = args.enabled, args.push, args.lead_days, args.at
    context.memory.pop("notification_rules", None)
    return {"id": rule.id}


@command("notification.choose", ChooseArgs, permission="notification.view")
def choose(context: Context, args: ChooseArgs) -> dict[str, Any]:
    """Says whether one's own devices show a kind. 422 unknown_kind."""
    kind = _kind(args.kind)
    choice = context.session.scalar(
        select(NotificationChoice).where(
            NotificationChoice.employee_id == context.actor.employee_id, NotificationChoice.kind == kind.name
        )
    )
    if choice is None:
        me = context.actor.employee_id
        choice = context.add(NotificationChoice(id=check_id(args.id), employee_id=me, kind=kind.name))
    choice.push = args.push
    return {"id": choice.id}


def _kind(name: str) -> Kind:
    found = kind_named(name)
    if found is None:
        raise Rejected("unknown_kind", field="kind", value=name[:60])
    return found


@on_edit(Company)
def check_manners(context: Context, company: Company, changed: dict[str, tuple[Any, Any]]) -> None:
    for name in ("quiet_from", "quiet_until"):
        value: str | None = getattr(company, name)
        if name in changed and value and not isinstance(parse_time(value), time):
            raise Rejected("bad_time", field=name)
    days = company.work_days
    if "work_days" in changed and not (isinstance(days, list) and all(day in range(1, 8) for day in days)):
        raise Rejected("bad_work_days", field="work_days")
