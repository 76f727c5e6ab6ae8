"""Writes of alerts: the company's rules, and putting an alert aside for some days."""

from datetime import timedelta
from typing import Annotated, Any

import msgspec

from server.alerts.models import NEEDS, Alert, AlertRule
from server.records.commands import Context, command
from server.records.editing import on_create, on_delete, on_edit, standard_commands
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.record import fields_of
from server.scheduler.jobs import job_named
from server.scheduler.runs import ask_for

standard_commands(AlertRule)

error_texts(
    {
        "alert_over": L(
            "这条警示已解除，不用再处理", "這則警示已解除，不用再處理", "This alert is over; nothing is left to do"
        ),
    }
)


@on_create(AlertRule, looks=False)
def new_rule(context: Context, rule: AlertRule) -> None:
    _check(context, rule)


@on_edit(AlertRule)
def changed_rule(context: Context, rule: AlertRule, changed: dict[str, tuple[Any, Any]]) -> None:
    if changed:
        _check(context, rule)


@on_delete(AlertRule)
def deleted_rule(context: Context, rule: AlertRule) -> None:
    _judge_soon(context)


def _check(context: Context, rule: AlertRule) -> None:
    """The numbers the kind needs, and no others. Raises `Rejected` required."""
    for name in ("days", "percent"):
        if name not in NEEDS[rule.kind]:
            setattr(rule, name, None)
        elif getattr(rule, name) is None:
            raise Rejected("required", field=name, label=fields_of(AlertRule)[name].label)
    _judge_soon(context)


def _judge_soon(context: Context) -> None:
    """Who has set a rule wants to see whom it points at."""
    job = job_named("alerts.judge")
    if job is not None:
        ask_for(context.session, job, context.actor.employee_id, context.now)


class AsideArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`days`: from today on; then it stands again if it is still true."""

    id: str
    days: Annotated[int, msgspec.Meta(ge=1, le=365)]
    note: Annotated[str, msgspec.Meta(max_length=400)]


class TakeUpArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str


@command("alert.put_aside", AsideArgs, permission="alert.edit")
def put_aside(context: Context, args: AsideArgs) -> dict[str, Any]:
    """Puts an alert aside for some days, and says why. One that is over meanwhile needs nothing. 422 required."""
    note = " ".join(args.note.replace("\x00", "").split())
    if not note:
        raise Rejected("required", field="note", label=fields_of(Alert)["aside_note"].label)
    alert = _standing(context, args.id)
    if alert is None:
        return {"id": args.id}
    alert.state, alert.aside_until = "aside", context.today + timedelta(days=args.days)
    alert.aside_note, alert.aside_by = note, context.actor.employee_id
    return {"id": alert.id}


@command("alert.take_up", TakeUpArgs, permission="alert.edit")
def take_up(context: Context, args: TakeUpArgs) -> dict[str, Any]:
    """Lets an alert that was put aside stand again at once."""
    alert = _standing(context, args.id)
    if alert is not None:
        alert.state, alert.aside_until, alert.aside_note, alert.aside_by = "standing", None, None, None
    return {"id": args.id}


def _standing(context: Context, row_id: str) -> Alert | None:
    """The alert; None, and the phone is told, where it is over."""
    if context.find(Alert, row_id) is None:
        context.adjusted("alert_over", field="id")
        return None
    return context.need(Alert, row_id, "edit")
