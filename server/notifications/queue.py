"""Deliveries on their way: what is due, who sends it, and what became of it. The postman runs `claim`, sends, and runs
`settle`; each is one transaction.

A device is told at most once: a message that a server was cut off at is not sent again. A group rather sees one twice
than never, so there it is. What cannot be delivered is tried again ever more rarely and given up after a day (groups:
after the company's time), which the administrator's page shows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, case, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from server.notifications.groups import PROVIDERS, Hook
from server.notifications.models import (
    GroupWebhook,
    Notification,
    delivery,
    delivery_target,
    push_subscription,
)
from server.notifications.pacing import Limit, plan
from server.notifications.push import TTL_SECONDS, Subscription
from server.notifications.reminders import tell_given_up
from server.notifications.sending import Outcome
from server.notifications.settings import Manners, read_manners
from server.notifications.subscriptions import forget_device, is_live
from server.records.ids import uuid7
from sync import positions

#: How long a server may be at a target; a message takes ten seconds at most.
LEASE = timedelta(minutes=2)
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
#: A browser that could not be reached for so long is forgotten; it subscribes again when it is opened.
_GONE_AFTER = timedelta(days=3)
_TARGETS = 50
_LINES = 500

_d, _t = delivery.c, delivery_target.c


@dataclass(frozen=True, slots=True)
class Line:
    id: str
    kind: str
    content: dict[str, Any]
    notification_id: str | None
    late: bool = False


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message to one target: a notification, or several as a digest."""

    message_id: str
    target_id: str
    to: Subscription | Hook
    language: str
    lines: tuple[Line, ...]


def channel_of(to: Subscription | Hook) -> str:
    return "group" if isinstance(to, Hook) else "push"


# unrestricted: counts only, of the whole server
def count_undelivered(session: Session) -> dict[tuple[str, str], int]:
    """How many notifications wait to be delivered, and were given up in the days for which that is kept, by channel and
    state."""
    channel = case((_d.target_id.in_(select(GroupWebhook.id)), "group"), else_="push")
    states = ("waiting", "given_up")
    rows = session.execute(
        select(channel, _d.state, func.count()).where(_d.state.in_(states)).group_by(channel, _d.state)
    )
    nothing = {(name, state): 0 for name in ("push", "group") for state in states}
    return nothing | {(str(name), str(state)): count for name, state, count in rows}


# unrestricted: only whether there is something to deliver
def is_due(session: Session, now: datetime) -> bool:
    """Reads only: looking is no commit."""
    found = (
        select(_d.id)
        .outerjoin(delivery_target, _t.id == _d.target_id)
        .where(
            or_(
                and_(_d.state == "waiting", _d.due_at <= now, or_(_t.id.is_(None), _t.retry_at <= now)),
                and_(_d.state == "sending", or_(_t.id.is_(None), _t.busy_until <= now)),
            ),
        )
        .limit(1)
    )
    return session.scalar(found) is not None


# unrestricted: the postman delivers to everybody what was written for them
def claim(session: Session, now: datetime) -> list[Parcel]:
    """The messages that this server is to send now. Nobody else sends them meanwhile."""
    manners = read_manners(session)
    parcels: list[Parcel] = []
    due = (
        select(_d.target_id)
        .where(or_(and_(_d.state == "waiting", _d.due_at <= now), _d.state == "sending"))
        .group_by(_d.target_id)
        .order_by(func.min(_d.due_at))
        .limit(_TARGETS)
    )
    for target_id in session.scalars(due).all():
        parcels += _claim_one(session, target_id, now, manners)
    return parcels


def _claim_one(session: Session, target_id: str, now: datetime, manners: Manners) -> list[Parcel]:
    to = _address(session, target_id, now)
    if not hold(session, target_id, channel_of(to[0]) if to else "push", now):
        return []
    if to is None:
        _end(session, target_id, "gone")
        forget_device(session, target_id)
        return []
    where, language = to
    is_group = isinstance(where, Hook)
    _free_abandoned(session, target_id, "waiting" if is_group else "unknown")
    patience = timedelta(hours=manners.give_up_hours) if is_group else timedelta(seconds=TTL_SECONDS)
    given_up = _end(session, target_id, "given_up", _d.created_at <= now - patience)
    if given_up and is_group:
        tell_given_up(session, target_id, given_up, now, manners)
    loud_at = manners.loud_at(now)
    if loud_at > now:
        _postpone(session, target_id, loud_at)
        return release(session, target_id, now)
    lines = _lines(session, target_id, now)
    late = any(line.late for line in lines)
    sent = sent_times(session, target_id, now)
    chosen = plan(len(lines), sent, now, limits_of(where), flood_of(manners), late=late)
    if chosen.at is not None:
        _postpone(session, target_id, chosen.at)
    groups = [tuple(lines)] if chosen.digest else [(line,) for line in lines[: chosen.singles]]
    if not lines or not groups:
        return release(session, target_id, now)
    return [_parcel(session, target_id, where, language, group, now) for group in groups]


# unrestricted: see `claim`
def _address(session: Session, target_id: str, now: datetime) -> tuple[Subscription | Hook, str] | None:
    """Where this target is, if anybody is there: a browser of somebody who is signed in on it, a robot that is on."""
    row = session.execute(select(push_subscription).where(push_subscription.c.device_id == target_id)).first()
    if row is not None:
        live = is_live(session, row.device_id, row.employee_id, now)
        return (Subscription(row.endpoint, row.p256dh, row.auth), row.language) if live else None
    hook = session.get(GroupWebhook, target_id)
    if hook is None or not hook.enabled:
        return None
    return Hook(hook.provider, hook.url, hook.key), hook.language


def hold(session: Session, target_id: str, channel: str, now: datetime) -> bool:
    """Makes this server the one that is at a target; False where another one is, or it is too early to try again."""
    insert_one = postgresql_insert if positions.is_postgresql(session) else sqlite_insert
    fresh = {"id": target_id, "channel": channel, "busy_until": now, "retry_at": now, "failures": 0}
    session.execute(insert_one(delivery_target).values(fresh).on_conflict_do_nothing())
    taken = (
        update(delivery_target)
        .where(_t.id == target_id, _t.busy_until <= now, _t.retry_at <= now)
        .values(busy_until=now + LEASE)
        .returning(_t.id)
    )
    return session.scalar(taken) is not None


def release(session: Session, target_id: str, now: datetime) -> list[Parcel]:
    session.execute(update(delivery_target).where(_t.id == target_id).values(busy_until=now))
    return []


def _free_abandoned(session: Session, target_id: str, state: str) -> None:
    """What a server that is no more was sending when it ended."""
    values: dict[str, Any] = {"state": state}
    if state == "waiting":
        values |= {"message_id": None, "sent_at": None}
    session.execute(update(delivery).where(_d.target_id == target_id, _d.state == "sending").values(values))


def _end(session: Session, target_id: str, state: str, *which: Any) -> int:
    """Nothing more is done about these; returns how many they were."""
    ended = update(delivery).where(_d.target_id == target_id, _d.state.in_(("waiting", "sending")), *which)
    return len(session.execute(ended.values(state=state).returning(_d.id)).all())


def _postpone(session: Session, target_id: str, until: datetime) -> None:
    waiting = update(delivery).where(_d.target_id == target_id, _d.state == "waiting", _d.due_at < until)
    session.execute(waiting.values(due_at=until))


# unrestricted: see `claim`
def _lines(session: Session, target_id: str, now: datetime) -> list[Line]:
    """What waits for a target, oldest first. What was seen meanwhile, on whatever device, is not told any more."""
    statement = (
        select(
            _d.id,
            _d.kind,
            _d.content,
            _d.notification_id,
            _d.created_at,
            _d.due_at,
            _d.error,
            Notification.id.label("there"),
            Notification.read_at,
        )
        .outerjoin(Notification, Notification.id == _d.notification_id)
        .where(_d.target_id == target_id, _d.state == "waiting", _d.due_at <= now)
        .order_by(_d.created_at, _d.id)
        .limit(_LINES)
    )
    rows = session.execute(statement).all()
    seen = [row.id for row in rows if row.notification_id and (row.there is None or row.read_at is not None)]
    if seen:
        session.execute(update(delivery).where(_d.id.in_(seen)).values(state="seen"))
    gone = set(seen)
    return [
        Line(row.id, row.kind, row.content, row.notification_id, row.due_at > row.created_at or row.error is not None)
        for row in rows
        if row.id not in gone
    ]


def sent_times(session: Session, target_id: str, now: datetime) -> list[datetime]:
    """When messages went to a target in the last day."""
    statement = (
        select(func.min(_d.sent_at))
        .where(_d.target_id == target_id, _d.sent_at > now - timedelta(days=1), _d.message_id.is_not(None))
        .group_by(_d.message_id)
    )
    return [moment for moment in session.scalars(statement) if moment is not None]


def limits_of(where: Subscription | Hook) -> Sequence[Limit]:
    return PROVIDERS[where.provider].limits if isinstance(where, Hook) else ()


def flood_of(manners: Manners) -> Limit:
    return manners.digest_over, manners.digest_minutes * 60.0


def _parcel(
    session: Session,
    target_id: str,
    where: Subscription | Hook,
    language: str,
    lines: tuple[Line, ...],
    now: datetime,
) -> Parcel:
    message_id = uuid7()
    taken = update(delivery).where(_d.id.in_([line.id for line in lines]))
    session.execute(taken.values(state="sending", message_id=message_id, sent_at=now))
    return Parcel(message_id, target_id, where, language, lines)


def settle(session: Session, results: Iterable[tuple[Parcel, Outcome | None]], now: datetime) -> None:
    """Writes what became of messages; None: it was not tried, because one before it to the same target failed."""
    targets: dict[str, list[Outcome | None]] = {}
    for parcel, outcome in results:
        targets.setdefault(parcel.target_id, []).append(outcome)
        _settle_message(session, parcel, outcome)
    for target_id, outcomes in targets.items():
        _settle_target(session, target_id, [outcome for outcome in outcomes if outcome is not None], now)


def _settle_message(session: Session, parcel: Parcel, outcome: Outcome | None) -> None:
    of_it = update(delivery).where(_d.message_id == parcel.message_id, _d.state == "sending")
    if outcome is None or outcome.state in ("failed", "limited"):
        error = outcome.error if outcome else None
        values: dict[str, Any] = {"state": "waiting", "message_id": None, "sent_at": None, "error": error}
    else:
        state = {"refused": "given_up"}.get(outcome.state, outcome.state)
        values = {"state": state, "error": outcome.error}
    session.execute(of_it.values(values))


def _settle_target(session: Session, target_id: str, outcomes: list[Outcome], now: datetime) -> None:
    row = session.execute(select(delivery_target).where(_t.id == target_id)).one()
    values: dict[str, Any] = {"busy_until": now}
    last = outcomes[-1] if outcomes else None
    if any(outcome.state in ("sent", "unknown", "refused") for outcome in outcomes):
        values |= {"failures": 0, "failing_since": None, "last_error": None, "last_sent_at": now}
    if last is not None and last.state in ("failed", "limited"):
        values |= _failed(row, values, last, now)
    lost = row.channel == "push" and values.get("failures") and (row.failing_since or now) < now - _GONE_AFTER
    if lost or (last is not None and last.state == "gone"):
        _end(session, target_id, "gone")
        forget_device(session, target_id)
    session.execute(update(delivery_target).where(_t.id == target_id).values(values))


def _failed(row: Row[Any], values: dict[str, Any], outcome: Outcome, now: datetime) -> dict[str, Any]:
    """Later: as long as the other side says, else twice as long each time."""
    failures = values.get("failures", row.failures) + 1
    wait = min(_FIRST_WAIT * 2 ** min(failures - 1, 12), _LONGEST_WAIT)
    if outcome.retry_after is not None:
        wait = min(timedelta(seconds=outcome.retry_after), _LONGEST_WAIT)
    since = values.get("failing_since", row.failing_since) or now
    return {
        "failures": failures,
        "failing_since": since,
        "retry_at": now + wait,
        "last_error": (outcome.error or "")[:200],
    }


def try_again_now(session: Session, target_id: str, now: datetime) -> None:
    """Somebody has mended it: what waits need not wait any longer."""
    session.execute(update(delivery_target).where(_t.id == target_id, _t.retry_at > now).values(retry_at=now))


def note_test(session: Session, target_id: str, message_id: str, now: datetime) -> None:
    """A message that somebody sends by hand counts like any other."""
    line = {
        "id": uuid7(), "target_id": target_id, "kind": "test", "content": {}, "state": "sending",
        "created_at": now, "due_at": now, "message_id": message_id, "sent_at": now,
    }  # fmt: skip
    session.execute(insert(delivery).values(line))


def settle_test(session: Session, parcel: Parcel, told: Outcome, outcome: Outcome, now: datetime) -> None:
    """A test is over whatever became of it; what it says of the target counts."""
    _settle_message(session, parcel, told)
    _settle_target(session, parcel.target_id, [outcome], now)
