"""To whom reports are addressed, and who has read them."""

from sqlalchemy import ColumnElement, select

from server.people.models import Employee
from server.records.actor import Actor
from server.records.commands import Context
from server.records.loading import QUIETLY, flush_for
from server.records.visibility import also_visible
from server.worklogs.models import ReportReader, WorkReport
from server.worklogs.reminders import tell_readers


@also_visible(WorkReport, "addressed")
# unrestricted: one's own line in it is why one may see the report
def addressed(actor: Actor, operation: str) -> ColumnElement[bool] | None:
    """Whom a report is addressed to may read it, and comment it where his role comments at all."""
    if operation not in ("view", "comment"):
        return None
    mine = select(ReportReader.report_id).where(
        ReportReader.reader_id == actor.employee_id, ReportReader.addressed.is_(True)
    )
    return WorkReport.id.in_(mine)


def address(context: Context, report: WorkReport) -> None:
    """Makes the readers those that the report names, and tells the new ones. Nobody is told of a report of his own, and
    people who are gone are named to the author."""
    wanted: dict[str, None] = {}
    for employee_id in report.report_to or ():
        person = context.find(Employee, employee_id)
        if person is None or person.status != "enabled":
            context.adjusted("reader_skipped", employee_id=employee_id)
        elif person.id != report.author_id:
            wanted[person.id] = None
    report.report_to = list(wanted)
    there = {one.reader_id: one for one in _readers(context, report)}
    for reader_id, one in there.items():
        one.addressed = reader_id in wanted
    fresh = [reader_id for reader_id in wanted if reader_id not in there]
    for reader_id in fresh:
        _add(context, report, reader_id).addressed = True
    tell_readers(context, report, list(wanted))


def mark_read(context: Context, report: WorkReport) -> bool:
    """Whether this was the first time that the actor read it."""
    me = context.actor.employee_id
    one = next((one for one in _readers(context, report) if one.reader_id == me), None)
    if one is None:
        one = _add(context, report, me)
    if one.read_at is not None:
        return False
    one.read_at = context.claimed_time()
    return True


def _add(context: Context, report: WorkReport, reader_id: str) -> ReportReader:
    return context.add(
        ReportReader(report_id=report.id, author_id=report.author_id, reader_id=reader_id, addressed=False)
    )


def _readers(context: Context, report: WorkReport) -> list[ReportReader]:
    """All lines of a report; its author is locked, so two devices of a reader do not make two."""
    context.get(Employee, report.author_id)
    flush_for(context.session, ReportReader)
    return list(
        context.session.scalars(
            select(ReportReader).where(ReportReader.report_id == report.id), execution_options=QUIETLY
        )
    )
