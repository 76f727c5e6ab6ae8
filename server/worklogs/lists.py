"""The lists behind the numbers of a report: the same rows as `service.count` counts, of its author and its period."""

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.records.actor import Actor
from server.records.errors import NotFound
from server.records.values import to_wire
from server.records.visibility import visible
from server.visits.queries import Link
from server.worklogs.models import WorkReport
from server.worklogs.periods import Period


def lists_of(session: Session, actor: Actor, zone: ZoneInfo, report_id: str) -> dict[str, Link]:
    """For each number the list request that gives its rows, as far as the reader may see them. `NotFound` where he may not
    see the report."""
    report = session.execute(
        select(WorkReport.author_id, WorkReport.period_start, WorkReport.period_end).where(
            visible(actor, WorkReport, [report_id])
        )
    ).one_or_none()
    if report is None:
        raise NotFound("not_found", record="work_report", id=report_id)
    who = report.author_id
    first, last = report.period_start.isoformat(), report.period_end.isoformat()
    moments = Period(report.period_start, report.period_end).moments(zone)
    start, end = (str(to_wire(moment)) for moment in moments)

    def of(person: str, moment: str, **more: str) -> dict[str, str]:
        return {person: who, f"{moment}__ge": start, f"{moment}__lt": end, **more}

    visits = of("visitor_id", "checked_in_at")
    planned = {"visitor_id": who, "planned_on__ge": first, "planned_on__le": last, "state__ne": "dropped"}
    return {
        "planned": Link("/api/visits", planned),
        "visits": Link("/api/visits", visits),
        "valid_visits": Link("/api/visits", {**visits, "evidence": "verified"}),
        "new_customers": Link("/api/customers", of("created_by", "filed_at")),
        "contacts": Link("/api/contact-records", of("clerk_id", "contacted_at", automatic="0")),
        "orders": Link("/api/orders", of("clerk_id", "ordered_at", state__ne="cancelled")),
        "payments": Link("/api/payments", of("operator_id", "paid_at", kind__ne="used")),
    }
