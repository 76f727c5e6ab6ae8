"""The robots of chat groups, as an administrator keeps them."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from sqlalchemy import case, delete, func, select
from sqlalchemy.orm import Session

from server.company.setup import system_context
from server.notifications import queue
from server.notifications.groups import PROVIDERS, Hook, check_hook, hint_of
from server.notifications.kinds import kind_named
from server.notifications.models import PROVIDERS as LABELS
from server.notifications.models import GroupWebhook, delivery, delivery_target
from server.notifications.outgoing import Outgoing
from server.notifications.pacing import plan
from server.notifications.queue import Line, Parcel
from server.records.actor import Actor
from server.records.audit import Cause
from server.records.commands import Context
from server.records.errors import NotFound, Rejected, TooMany
from server.records.fields import L
from server.records.ids import uuid7
from sync import journal


class HookArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`url` and `key`: None keeps what is there; an empty key takes it away."""

    name: Annotated[str, msgspec.Meta(max_length=60)]
    provider: Literal["wecom", "dingtalk", "feishu"]
    kinds: Annotated[list[str], msgspec.Meta(max_length=200)]
    url: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    key: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    language: Literal["zh-CN", "zh-TW", "en"] = "zh-CN"
    enabled: bool = True


class HookState(msgspec.Struct):
    """`given_up`: deliveries of the last week that were not made."""

    waiting: int = 0
    given_up: int = 0
    last_sent_at: datetime | None = None
    failing_since: datetime | None = None
    retry_at: datetime | None = None
    error: str | None = None


class TestAnswer(msgspec.Struct):
    """What became of the test message; `error`: what the other side said."""

    sent: bool
    error: str | None


def check(outgoing: Outgoing, args: HookArgs, language: str) -> None:
    """Raises `Rejected` webhook_refused."""
    check_hook(outgoing, Hook(args.provider, args.url or "", args.key), LABELS[args.provider].of(language))


def save(session: Session, actor: Actor, row_id: str, args: HookArgs, now: datetime) -> None:
    """Adds or changes a robot. Raises `Rejected`."""
    context = _context(session, actor, "group_webhook.save", now)
    name = args.name.replace("\x00", "").strip()
    if not name:
        raise Rejected("required", field="name", label=L("名称", "名稱", "Name"))
    for wanted in args.kinds:
        if kind_named(wanted) is None:
            raise Rejected("unknown_kind", field="kinds", value=wanted[:60])
    hook = context.find(GroupWebhook, row_id)
    if not args.url and (hook is None or hook.provider != args.provider):
        raise Rejected("required", field="url", label=L("地址", "地址", "Address"))
    if hook is None:
        hook = context.add(GroupWebhook(id=row_id, url="", hint="", name=name, provider=args.provider))
    hook.name, hook.provider, hook.language, hook.enabled = name, args.provider, args.language, args.enabled
    hook.kinds = sorted(set(args.kinds))
    if args.url:
        hook.url, hook.hint = args.url, hint_of(args.url)
    if args.key is not None:
        hook.key = args.key or None
    hook.signed = hook.key is not None
    queue.try_again_now(session, row_id, now)


# unrestricted: needs group_webhook.delete, which has no scope
def remove(session: Session, actor: Actor, row_id: str, now: datetime) -> None:
    context = _context(session, actor, "group_webhook.delete", now)
    session.delete(context.get(GroupWebhook, row_id))
    session.execute(delete(delivery).where(delivery.c.target_id == row_id))
    session.execute(delete(delivery_target).where(delivery_target.c.id == row_id))


def _context(session: Session, actor: Actor, command: str, now: datetime) -> Context:
    context = system_context(session, now)
    context.actor = actor
    journal.of(session).cause = Cause(actor.employee_id, command, now, actor.device_id)
    return context


def states(session: Session, since: datetime) -> dict[str, HookState]:
    """How deliveries go; the caller may see the robots."""
    found: dict[str, HookState] = {}
    targets = select(delivery_target).where(delivery_target.c.channel == "group")
    for row in session.execute(targets):
        found[row.id] = HookState(
            last_sent_at=row.last_sent_at,
            failing_since=row.failing_since,
            retry_at=row.retry_at if row.failures else None,
            error=row.last_error,
        )
    c = delivery.c
    counts = (
        select(
            c.target_id,
            func.count(case((c.state.in_(("waiting", "sending")), 1))).label("waiting"),
            func.count(case((c.state == "given_up", 1))).label("given_up"),
        )
        .where(c.notification_id.is_(None), c.created_at > since)
        .group_by(c.target_id)
    )
    for row in session.execute(counts):
        state = found.setdefault(row.target_id, HookState())
        state.waiting, state.given_up = row.waiting, row.given_up
    return found


# unrestricted: needs group_webhook.edit, which has no scope
def begin_test(session: Session, row_id: str, now: datetime) -> Parcel:
    """A test message on its way. It may go out although earlier ones failed, never faster than the other side takes
    them. Raises `NotFound`, `TooMany`."""
    hook = session.get(GroupWebhook, row_id)
    if hook is None:
        raise NotFound("not_found", record="group_webhook", id=row_id)
    queue.try_again_now(session, row_id, now)
    to = Hook(hook.provider, hook.url, hook.key)
    chosen = plan(1, queue.sent_times(session, row_id, now), now, PROVIDERS[hook.provider].limits, (1000, 60.0))
    if chosen.at is not None or not queue.hold(session, row_id, "group", now):
        wait = (chosen.at - now) if chosen.at else timedelta(seconds=10)
        raise TooMany("webhook_busy", seconds=int(wait.total_seconds()) + 1)
    message_id = uuid7()
    queue.note_test(session, row_id, message_id, now)
    return Parcel(message_id, row_id, to, hook.language, (Line(message_id, "test", {}, None),))
