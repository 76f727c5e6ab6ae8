"""Writes of saved reports."""

from typing import Any

import msgspec

from server.records.commands import Context, command
from server.records.editing import on_create, on_edit, standard_commands
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.record import is_record, permission_of, record_named
from server.reports.checking import check
from server.reports.declaring import Report
from server.reports.models import SavedReport

standard_commands(SavedReport)

error_texts(
    {
        "report_unreadable": L(
            "报表内容不完整：{problem}", "報表內容不完整：{problem}", "This is not a report: {problem}"
        ),
    }
)


class PublishArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    everyone: bool


@command("saved_report.publish", PublishArgs, permission="saved_report.publish")
def publish(context: Context, args: PublishArgs) -> dict[str, Any]:
    """Gives a saved report to everybody, or takes it back; each reader gets the numbers of what he may see."""
    saved = context.need(SavedReport, args.id, "edit")
    saved.audience = "everyone" if args.everyone else "own"
    return {"id": saved.id, "audience": saved.audience}


@on_create(SavedReport)
def created(context: Context, saved: SavedReport) -> None:
    saved.owner_id = context.actor.employee_id
    saved.audience = "own"
    _check(context, saved)


@on_edit(SavedReport)
def edited(context: Context, saved: SavedReport, changed: dict[str, tuple[Any, Any]]) -> None:
    if "declaration" in changed:
        _check(context, saved)


def _check(context: Context, saved: SavedReport) -> None:
    try:
        report = msgspec.convert({**saved.declaration, "name": "saved", "label": [saved.name] * 3}, Report)
    except (msgspec.ValidationError, TypeError) as error:
        raise Rejected("report_unreadable", field="declaration", problem=str(error)[:200]) from error
    if not is_record(report.record) or not record_named(report.record).spec.generic_routes:
        raise Rejected("report_unreadable", field="declaration", problem=report.record[:40])
    context.actor.require(f"{permission_of(record_named(report.record))}.view")
    check(context.session, context.actor, report)
