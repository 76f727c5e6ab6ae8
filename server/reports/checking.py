"""Whether a declaration can be computed: every field, dimension, filter and measure of it."""

from sqlalchemy.orm import Session

from server.records.actor import Actor
from server.records.errors import Rejected
from server.records.listing import Query, conditions
from server.records.own import readable
from server.records.record import record_named
from server.reports.declaring import Report
from server.reports.dimensions import dimension
from server.reports.measures import counted

_MOST = 40


def check(session: Session, actor: Actor, report: Report) -> None:
    """Raises `Rejected` naming the part that cannot be."""
    fields = readable(session, actor, record_named(report.record))
    sizes = (report.dimensions, report.measures, report.columns, report.paths, report.filters)
    if any(len(part) > _MOST for part in sizes):
        raise Rejected("too_large", field="declaration", label="declaration", max=_MOST)
    for name in (*report.columns, report.moment, report.mine):
        if name and not fields.may_read(name):
            raise Rejected("unknown_field", field="declaration", name=name[:80])
    if report.moment and fields.fields[report.moment].kind not in ("date", "datetime"):
        raise Rejected("not_filterable", field="moment", label=fields.fields[report.moment].label)
    if report.mine and fields.fields[report.mine].ref != "employee":
        raise Rejected("not_filterable", field="mine", label=fields.fields[report.mine].label)
    for name in (*report.dimensions, report.by, report.across, *(name for path in report.paths for name in path)):
        if name:
            dimension(session, actor, fields.record, name)
    conditions(session, actor, fields, Query(filters=report.filters))
    names = [measure.name for measure in report.measures]
    if len(set(names)) != len(names):
        raise Rejected("report_unreadable", field="measures", problem=", ".join(names)[:80])
    for measure in report.measures:
        if counted(session, fields, measure).concealed:
            raise Rejected("unknown_field", field="measures", name=(measure.field or measure.name)[:80])
