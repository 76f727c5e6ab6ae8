"""A report that was deleted and is handed in again under its own id: the undo of the author."""

import json
from typing import Any

from sqlalchemy import select

from server.records.audit import audit_trail
from server.records.commands import Context
from server.worklogs.models import ReportComment, WorkReport


def bring_back_comments(context: Context, report: WorkReport) -> None:
    """What others had said of it is there again, in their words and with their time: the audit trail has it. Lines of the
    same op as the report's own deletion are meant; a report whose id was never deleted has none."""
    gone = _last_deletion(context, report)
    if gone is None:
        return
    lines = context.session.execute(
        select(audit_trail.c.row_id, audit_trail.c.changes).where(
            audit_trail.c.employee_id == gone.employee_id,
            audit_trail.c.at == gone.at,
            audit_trail.c.type == ReportComment.__tablename__,
            audit_trail.c.op == "d",
        )
    )
    back = 0
    for row_id, text in lines:
        was = {name: pair[0] for name, pair in json.loads(text).items()}
        if was["report_id"] == report.id:
            _put_back(context, row_id, was)
            back += 1
    report.comment_count = back


def _last_deletion(context: Context, report: WorkReport) -> Any:
    return context.session.execute(
        select(audit_trail.c.employee_id, audit_trail.c.at)
        .where(
            audit_trail.c.type == WorkReport.__tablename__, audit_trail.c.row_id == report.id, audit_trail.c.op == "d"
        )
        .order_by(audit_trail.c.id.desc())
        .limit(1)
    ).one_or_none()


def _put_back(context: Context, row_id: str, was: dict[str, Any]) -> None:
    comment = context.add(
        ReportComment(
            id=row_id,
            report_id=was["report_id"],
            author_id=was["author_id"],
            commenter_id=was["commenter_id"],
            text=was["text"],
        )
    )
    # When and by whom it was made is not among the changes of its line: the line itself says so.
    comment.created_at, comment.created_by = context.session.execute(
        select(audit_trail.c.at, audit_trail.c.employee_id)
        .where(audit_trail.c.type == ReportComment.__tablename__, audit_trail.c.row_id == row_id)
        .order_by(audit_trail.c.id)
        .limit(1)
    ).one()
