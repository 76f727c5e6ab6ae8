"""Which reports somebody may read: those of records that he may see at all, and those that were saved for him."""

from collections.abc import Iterator

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.records.actor import Actor
from server.records.record import is_record, permission_of, record_named
from server.records.visibility import visible
from server.reports.declaring import Report, declared, declared_named
from server.reports.models import SavedReport


def _may(actor: Actor, report: Report) -> bool:
    return is_record(report.record) and actor.can(f"{permission_of(record_named(report.record))}.view")


def declaration_of(saved: SavedReport) -> Report | None:
    """The stored declaration, under the name and title that the saved report has. None for one that this version does not
    understand: the others are still listed."""
    try:
        return msgspec.convert({**saved.declaration, "name": saved.id, "label": [saved.name] * 3}, Report)
    except (msgspec.ValidationError, TypeError):
        return None


def readable_reports(session: Session, actor: Actor) -> Iterator[tuple[Report, SavedReport | None]]:
    """The declared ones in their order, then the saved ones by name."""
    yield from ((report, None) for report in declared() if _may(actor, report))
    rows = session.scalars(
        select(SavedReport).where(visible(actor, SavedReport)).order_by(SavedReport.name, SavedReport.id)
    )
    for row in rows:
        report = declaration_of(row)
        if report is not None and _may(actor, report):
            yield report, row


def find(session: Session, actor: Actor, name: str) -> tuple[Report, SavedReport | None] | None:
    """A report by its name or, if it was saved, its id."""
    found, row = declared_named(name), None
    if found is None:
        row = session.scalar(select(SavedReport).where(visible(actor, SavedReport, [name])))
        found = None if row is None else declaration_of(row)
    return (found, row) if found is not None and _may(actor, found) else None
