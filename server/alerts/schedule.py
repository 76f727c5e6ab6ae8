"""Timed work on alerts: every morning the company's rules are looked at, and during the day what is no longer true goes."""

from collections import defaultdict
from datetime import time, timedelta
from typing import Any

from sqlalchemy import Row, select

from server.alerts.judging import found_by
from server.alerts.models import Alert, AlertRule
from server.alerts.reminders import tell_begun
from server.records.commands import Context
from server.records.fields import L
from server.records.ids import uuid7
from server.scheduler.jobs import Daily, Every, Progress, scheduled

#: Alerts that begin or end in one transaction.
_STEP = 300


@scheduled("alerts.judge", L("业务警示", "業務警示", "Business alerts"), Daily(time(6)))
def judge(context: Context) -> Progress:
    """What begins, what has changed, and what has ended."""
    ended = _end(context, _STEP)
    begun: dict[str, list[tuple[Alert, str, AlertRule]]] = defaultdict(list)
    room = _STEP - ended
    for rule in _rules(context):
        if room > 0:
            room -= _begin(context, rule, room, begun)
            _bring_up_to_date(context, rule)
    for owner_id, alerts in begun.items():
        tell_begun(context, owner_id, alerts)
    count = sum(len(alerts) for alerts in begun.values())
    return Progress({"begun": count, "ended": ended}, more=room <= 0)


@scheduled("alerts.clear", L("警示解除", "警示解除", "Alerts that are over"), Every(timedelta(minutes=10)))
def clear(context: Context) -> Progress:
    """Whoever has called need not wait until tomorrow for the alert to go."""
    ended = _end(context, _STEP)
    return Progress({"ended": ended}, more=ended == _STEP)


def _rules(context: Context) -> list[AlertRule]:
    return list(context.session.scalars(select(AlertRule).where(AlertRule.enabled).order_by(AlertRule.id)))


def _begin(context: Context, rule: AlertRule, room: int, begun: dict[str, list[tuple[Alert, str, AlertRule]]]) -> int:
    found = found_by(rule, context.today, context.zone).subquery()
    known = select(Alert.customer_id).where(Alert.rule_id == rule.id)
    rows = context.session.execute(
        select(found).where(found.c.customer_id.not_in(known)).order_by(found.c.customer_id).limit(room)
    ).all()
    for row in rows:
        alert = Alert(
            id=uuid7(), customer_id=row.customer_id, rule_id=rule.id, kind=rule.kind, since=context.today,
            last_at=row.last_at, percent=percent_of(row), state="standing",
        )  # fmt: skip
        begun[row.owner_id].append((context.add(alert, fresh=True), row.name, rule))
    return len(rows)


def percent_of(row: Row[Any]) -> int | None:
    return int(row.part) * 100 // int(row.whole) if row.whole else None


def _bring_up_to_date(context: Context, rule: AlertRule) -> None:
    found = found_by(rule, context.today, context.zone).subquery()
    rows = context.session.execute(
        select(Alert, found.c.last_at.label("last"), found.c.part, found.c.whole)
        .join(found, found.c.customer_id == Alert.customer_id)
        .where(Alert.rule_id == rule.id)
    )
    for row in rows:
        percent = percent_of(row)
        if (row.Alert.last_at, row.Alert.percent) != (row.last, percent):
            row.Alert.last_at, row.Alert.percent = row.last, percent


def _end(context: Context, room: int) -> int:
    """Deletes what is no longer true, and lets stand again what was put aside until yesterday."""
    rules = _rules(context)
    ended = _delete(context, Alert.rule_id.not_in([rule.id for rule in rules]), room)
    for rule in rules:
        if ended < room:
            found = found_by(rule, context.today, context.zone).subquery()
            over = Alert.customer_id.not_in(select(found.c.customer_id))
            ended += _delete(context, (Alert.rule_id == rule.id) & over, room - ended)
    again = select(Alert).where(Alert.state == "aside", Alert.aside_until < context.today)
    for alert in context.session.scalars(again):
        alert.state = "standing"
    return ended


def _delete(context: Context, which: Any, room: int) -> int:
    alerts = context.session.scalars(select(Alert).where(which).limit(room)).all()
    for alert in alerts:
        context.session.delete(alert)
    context.session.flush()
    return len(alerts)
