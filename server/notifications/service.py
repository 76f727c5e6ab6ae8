"""Telling people something: `notify`, for every area."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, exists, insert, select

from server.notifications.kinds import Kind
from server.notifications.models import Notification, NotificationChoice, delivery, push_subscription
from server.notifications.settings import effective, groups_for, manners
from server.people.models import Employee
from server.records.actor import Actor
from server.records.commands import Context
from server.records.ids import uuid7
from server.records.loading import flush_for
from server.records.record import Record
from server.records.rights import conceals_money, told_of, without_amounts
from server.records.values import to_wire

MAX_ARG = 200


@told_of(Notification, "args")
def told_args(actor: Actor, value: Any, of: Callable[[str], Any]) -> Any:
    """What fills a sentence, without the amounts for who may not read amounts."""
    return without_amounts(value) if conceals_money(actor) else value


def notify(
    context: Context,
    employee_ids: Iterable[str | None],
    kind: Kind,
    subject: Record | None = None,
    args: Mapping[str, Any] | None = None,
    *,
    key: str | None = None,
    also_actor: bool = False,
) -> list[Notification]:
    """Tells people something, as part of the command's transaction: one that is undone tells nobody, and what was
    committed is delivered also by a server that was killed right after. Returns what is new.

    `employee_ids`   who is told; None, people who left and those who were told the same before are passed over
    `kind`           what `kinds.kind(…)` declared
    `subject`        the record that opens when the notification is tapped
    `args`           fill the placeholders of the kind's sentence: texts, numbers, moments (`…_at`), days (`…_on`)
    `key`            the same key tells a person once for ever, e.g. f"order.held:{order.id}"; None tells again
    `also_actor`     nobody is told of what he does himself, unless this says so
    """
    wanted = {one for one in employee_ids if one} - (set() if also_actor else {context.actor.employee_id})
    if not wanted or not effective(context, kind).enabled:
        return []
    key = f"{kind.name}:{key}"[:120] if key is not None else None
    receivers = _reachable(context, wanted, key)
    content = {name: _plain(value) for name, value in (args or {}).items()}
    made = [
        context.add(
            Notification(
                id=uuid7(),
                employee_id=employee_id,
                kind=kind.name,
                record_type=subject.__tablename__ if subject is not None else None,
                record_id=subject.id if subject is not None else None,
                args=content or None,
                key=key,
            ),
            fresh=True,
        )
        for employee_id in sorted(receivers)
    ]
    if made:
        _dispatch(context, kind, made, content, [receivers[one.employee_id] for one in made])
    return made


#: Drawn up once, as all that is asked for every order that is told of.
_REACHABLE = select(Employee.id, Employee.real_name).where(
    Employee.id.in_(bindparam("wanted", expanding=True)),
    Employee.status == "enabled",
    ~exists().where(Notification.key == bindparam("key"), Notification.employee_id == Employee.id),
)
_DEVICES = select(push_subscription.c.device_id, push_subscription.c.employee_id).where(
    push_subscription.c.employee_id.in_(bindparam("people", expanding=True)),
    ~exists().where(
        NotificationChoice.employee_id == push_subscription.c.employee_id,
        NotificationChoice.kind == bindparam("kind"),
        NotificationChoice.push.is_(False),
    ),
)


def _reachable(context: Context, wanted: set[str], key: str | None) -> dict[str, str]:
    """The names of those who are still here and have not been told this yet, by id."""
    session = context.session
    told = any(isinstance(row, Notification) and row.key == key for row in session.new)
    rows = session.execute(_REACHABLE, {"wanted": sorted(wanted), "key": key}, execution_options={"autoflush": told})
    return {row.id: row.real_name for row in rows}


def _plain(value: Any) -> Any:
    """As JSON has it; long texts are cut, a notification is no document."""
    if isinstance(value, datetime | date | Decimal):
        return to_wire(value)
    return value[:MAX_ARG] if isinstance(value, str) else value


def _dispatch(context: Context, kind: Kind, made: list[Notification], args: dict[str, Any], names: list[str]) -> None:
    """Writes down which devices and groups are to be told; the postman reads it after the commit."""
    due_at = manners(context).loud_at(context.now)
    common = {"kind": kind.name, "state": "waiting", "created_at": context.now, "due_at": due_at}
    by_person = {one.employee_id: one for one in made}
    lines: list[dict[str, Any]] = []
    if effective(context, kind).push:
        flush_for(context.session, NotificationChoice)
        asked = {"people": sorted(by_person), "kind": kind.name}
        rows = context.session.connection().execute(_DEVICES, asked)
        for device_id, employee_id in rows:
            to = {"target_id": device_id, "employee_id": employee_id}
            lines.append({**common, **to, "notification_id": by_person[employee_id].id, "content": {}})
    for hook in groups_for(context, kind):
        to = {"target_id": hook.id, "employee_id": None, "notification_id": None}
        lines.append({**common, **to, "content": {"args": args, "names": names}})
    if lines:
        context.session.execute(insert(delivery), [{"id": uuid7(), **line} for line in lines])
