"""Whoever can decide a conflict is told of it: who wrote the value that waits, and whose customer it is."""

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from server.company.setup import system_context
from server.customers.models import Customer
from server.database import at_the_end
from server.notifications.kinds import kind
from server.notifications.service import notify
from server.people.logins import load_actor
from server.records.conflict import Conflict
from server.records.fields import L
from server.records.loading import flush_for
from server.records.record import record_named
from server.records.visibility import narrowed_records, visible
from sync import journal

OPEN = kind(
    "conflict.open",
    L("冲突待处理", "衝突待處理", "Conflict to decide"),
    L(
        "“{subject}”有两种不同的修改，请决定用哪一个",
        "「{subject}」有兩種不同的修改，請決定用哪一個",
        "{subject} was changed in two ways; decide which one counts",
    ),
)
_OPENED = "conflicts_opened"


@journal.on_row
def _remember(session: Session, row: Any) -> None:
    """Conflicts are opened by the ground that every area stands on, which knows nobody to tell."""
    if isinstance(row, Conflict) and row.state == "open" and inspect(row).pending:
        session.info.setdefault(_OPENED, []).append(row.id)


# unrestricted: whether somebody is told of it
def _may_know(session: Session, employee_id: str | None, conflict: Conflict) -> bool:
    """The owner of a customer need not see every row of it (`only_where`)."""
    if employee_id is None or conflict.record_type not in narrowed_records():
        return employee_id is not None
    actor = load_actor(session, employee_id)
    record = record_named(conflict.record_type)
    rule = select(record.id).where(record.id == conflict.record_id, visible(actor, record)) if actor else None
    return rule is not None and session.scalar(rule) is not None


@at_the_end
# unrestricted: who is to decide
def _tell(session: Session) -> None:
    flush_for(session, Conflict)
    opened = session.info.pop(_OPENED, None)
    if not opened:
        return
    context = system_context(session)
    for conflict_id in opened:
        conflict = context.find(Conflict, conflict_id)
        if conflict is None or conflict.state != "open":
            continue
        customer = context.find(Customer, conflict.customer_id)
        people = {conflict.mine_by}
        if customer is not None and _may_know(session, customer.owner_id, conflict):
            people.add(customer.owner_id)
        notify(context, people, OPEN, conflict, {"subject": conflict.subject or ""}, key=conflict.id)
    session.flush()
