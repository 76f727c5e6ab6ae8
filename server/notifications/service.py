"""Telling people something: `notify`, for every area."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select

from server.notifications.kinds import Kind
from server.notifications.models import Notification, delivery, push_subscription
from server.notifications.settings import effective, groups_for, manners, wanting_push
from server.people.models import Employee
from server.records.commands import Context
from server.records.ids import uuid7
from server.records.record import Record
from server.records.values import to_wire

MAX_ARG = 200


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
    receivers = _reachable(context, wanted)
    if key is not None:
        key = f"{kind.name}:{key}"[:120]
        told = select(Notification.employee_id).where(
            Notification.key == key, Notification.employee_id.in_(sorted(receivers))
        )
        for employee_id in context.session.scalars(told):
            receivers.pop(employee_id, None)
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


def _reachable(context: Context, wanted: set[str]) -> dict[str, str]:
    """The names of those who are still here, by id."""
    statement = select(Employee.id, Employee.real_name).where(
        Employee.id.in_(sorted(wanted)), Employee.status == "enabled"
    )
    return {row.id: row.real_name for row in context.session.execute(statement)}


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
    wanting = wanting_push(context, kind, set(by_person))
    if wanting:
        devices = select(push_subscription.c.device_id, push_subscription.c.employee_id).where(
            push_subscription.c.employee_id.in_(sorted(wanting))
        )
        for device_id, employee_id in context.session.execute(devices):
            to = {"target_id": device_id, "employee_id": employee_id}
            lines.append({**common, **to, "notification_id": by_person[employee_id].id, "content": {}})
    for hook in groups_for(context, kind):
        to = {"target_id": hook.id, "employee_id": None, "notification_id": None}
        lines.append({**common, **to, "content": {"args": args, "names": names}})
    if lines:
        context.session.execute(insert(delivery), [{"id": uuid7(), **line} for line in lines])
