"""A report that was deleted and is handed in again under its own id: the undo of the author."""

from datetime import datetime

from server.records.audit import deleted_with
from server.records.commands import Context
from server.worklogs.models import ReportComment, ReportReader, WorkReport


def bring_back(context: Context, report: WorkReport) -> None:
    """What others had said of it is there again, in their words and with their time, and who has read it. A report whose
    id was never deleted has neither."""
    for gone in deleted_with(context.session, WorkReport.__tablename__, report.id, ReportComment.__tablename__):
        was = gone.values
        if was["report_id"] == report.id:
            comment = context.add(
                ReportComment(
                    id=gone.row_id,
                    report_id=report.id,
                    author_id=was["author_id"],
                    commenter_id=was["commenter_id"],
                    text=was["text"],
                )
            )
            comment.created_at, comment.created_by = gone.created_at, gone.created_by
            report.comment_count += 1
    for gone in deleted_with(context.session, WorkReport.__tablename__, report.id, ReportReader.__tablename__):
        was = gone.values
        if was["report_id"] == report.id and was["read_at"]:  # to whom it is addressed, the report says anew
            reader = context.add(
                ReportReader(
                    id=gone.row_id,
                    report_id=report.id,
                    author_id=was["author_id"],
                    reader_id=was["reader_id"],
                    addressed=False,
                    read_at=datetime.fromisoformat(was["read_at"]),
                )
            )
            reader.created_at, reader.created_by = gone.created_at, gone.created_by
