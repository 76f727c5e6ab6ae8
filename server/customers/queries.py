"""Reads that no list can say: is this customer filed already, and what happened with it."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session, aliased

from server.attachments.models import Attachment
from server.company.models import DUPLICATE_FIELDS
from server.customers import duplicates
from server.customers.models import Contact, Customer
from server.followups.models import CallReport, Complaint, ContactRecord, Opportunity, TrialAccount
from server.orders.models import Order, Payment
from server.records.actor import Actor
from server.records.audit import audit_trail, told_changes
from server.records.conflict import Conflict
from server.records.errors import NotFound, Rejected
from server.records.listing import names_of_refs
from server.records.own import concealed_rows, readable
from server.records.record import Record, column_of
from server.records.values import to_wire
from server.records.visibility import checked, visible
from server.records.wire import item_of, select_readable
from server.visits.models import Visit

#: What the timeline shows of each record, by the moment that orders it. An opportunity is there when it is caught and,
#: as `opportunity_closed`, when it is won or lost; a trial account when it is asked for and, as `trial_account_opened`,
#: when it is opened; a complaint when it came and, as `complaint_answered`, when it was answered.
_EVENTS: tuple[tuple[type[Record], str], ...] = (
    (Visit, "checked_in_at"),
    (ContactRecord, "contacted_at"),
    (CallReport, "reported_at"),
    (Opportunity, "created_at"),
    (Opportunity, "closed_at"),
    (TrialAccount, "created_at"),
    (TrialAccount, "opened_at"),
    (Complaint, "reported_at"),
    (Complaint, "answered_at"),
    (Order, "ordered_at"),
    (Payment, "paid_at"),
    (Attachment, "created_at"),
    (Conflict, "created_at"),
)
#: What a second moment of a row adds to its kind.
_AGAIN = {"closed_at": "_closed", "opened_at": "_opened", "answered_at": "_answered"}
_HIDDEN_CHANGES = {
    "visit_count",
    "last_visit_at",
    "last_contact_at",
    "pinyin_code",
    "sales_total",
    "debt_total",
    "deposit_total",
}
MAX_EVENTS = 200

#: Events of one source, and the moment down to which they are complete (None: all of them).
Part = tuple[list[dict[str, Any]], str | None]


def duplicates_of(
    session: Session, actor: Actor, values: Mapping[str, str], exclude: str | None
) -> list[dict[str, Any]]:
    """Existing customers with one of these values, as the message names them (CU-23); `id` only of those one may see."""
    keys = duplicates.keys_of({name: values.get(name, "")[:200] for name in DUPLICATE_FIELDS})
    hits = duplicates.find(session, keys, exclude=exclude)[:20]
    seen = set(
        session.scalars(
            select(Customer.id).where(visible(actor, Customer), Customer.id.in_([hit.customer_id for hit in hits]))
        )
    )
    return [
        {
            "field": hit.field,
            "id": hit.customer_id if hit.customer_id in seen else None,
            "own": hit.owner_id == actor.employee_id,
            **hit.params(),
        }
        for hit in hits
    ]


def timeline(session: Session, actor: Actor, customer_id: str, before: str = "", limit: int = 50) -> dict[str, Any]:
    """Visits, contact records, call reports, opportunities, complaints, orders, receipts, documents, conflicts and changes
    of file and contacts, newest first; `next` continues it.

    Raises `NotFound` where the customer may not be seen.
    """
    if session.scalar(select(Customer.id).where(visible(actor, Customer, [customer_id]))) is None:
        raise NotFound("not_found", record="customer", id=customer_id)
    moment, after_key = _parse_before(before)
    parts = [_changes(session, actor, customer_id, moment, limit)]
    refs: dict[str, dict[str, str]] = {}
    for record, at_field in _EVENTS:
        if actor.can(f"{record.spec.permission or record.__tablename__}.view"):
            parts.append(_rows(session, actor, record, at_field, customer_id, moment, limit, refs))
    # Where one source has more, only what is newer than its last line is known to be complete.
    horizon = max((until for _, until in parts if until is not None), default="")
    events = [event for found, _ in parts for event in found if event["at"] >= horizon]
    events.sort(key=lambda event: (event["at"], event["key"]), reverse=True)
    if moment is not None:
        events = [event for event in events if (event["at"], event["key"]) < (to_wire(moment), after_key)]
    page = events[:limit]
    following = None
    if len(events) > limit:
        following = f"{page[-1]['at']}|{page[-1]['key']}"
    elif horizon:
        following = f"{horizon}|"
    return {"items": page, "next": following, "refs": refs}


#: Beyond this a group is shown in part.
MAX_MEMBERS = 500
_OF_MEMBER = ("id", "customer_no", "name", "parent_id", "owner_id", "enabled", "debt_total", "sales_total")


def group_of(session: Session, actor: Actor, customer_id: str) -> list[dict[str, Any]]:
    """The customers that hang under one parent with this one (CU-18), itself among them, as far as one may see them and
    their amounts. Raises `NotFound` where the customer may not be seen."""
    if session.scalar(select(Customer.id).where(visible(actor, Customer, [customer_id]))) is None:
        raise NotFound("not_found", record="customer", id=customer_id)
    fields = readable(session, actor, Customer)
    mine = or_(Customer.enabled, Customer.id == customer_id)
    rows = session.execute(
        select_readable(fields)
        .where(Customer.id.in_(_group(customer_id)), mine, visible(actor, Customer))
        .order_by(Customer.name, Customer.id)
        .limit(MAX_MEMBERS)
    )
    items = [item_of(fields, row) for row in rows]
    return [{name: item[name] for name in _OF_MEMBER if name in item} for item in items]


# unrestricted: only which customers are one group; what is told of them goes through `visible`
def _group(customer_id: str) -> Select[Any]:
    """From a customer up to the top of its group, and from there all that hangs below."""
    up = select(Customer.id, Customer.parent_id).where(Customer.id == customer_id).cte("up", recursive=True)
    above = aliased(Customer)
    up = up.union(select(above.id, above.parent_id).join(up, above.id == up.c.parent_id))
    group = select(up.c.id).where(up.c.parent_id.is_(None)).cte("customer_group", recursive=True)
    below = aliased(Customer)
    group = group.union(select(below.id).join(group, below.parent_id == group.c.id))
    return select(group.c.id)


def _parse_before(text: str) -> tuple[datetime | None, str]:
    moment_text, _, key = text.partition("|")
    if not moment_text:
        return None, ""
    try:
        moment = datetime.fromisoformat(moment_text)
    except ValueError as error:
        raise Rejected("wrong_type", field="before", label="before", value=text[:40]) from error
    if moment.tzinfo is None:
        raise Rejected("wrong_type", field="before", label="before", value=text[:40])
    return moment, key


def _rows(
    session: Session,
    actor: Actor,
    record: type[Record],
    at_field: str,
    customer_id: str,
    before: datetime | None,
    limit: int,
    refs: dict[str, dict[str, str]],
) -> Part:
    at = column_of(record, at_field)
    where: list[ColumnElement[bool]] = [
        column_of(record, "customer_id") == customer_id, at.is_not(None), checked(actor, record),
        *concealed_rows(session, actor, record),
    ]  # fmt: skip
    if record is Attachment:
        where.append(Attachment.deleted_at.is_(None))
    if before is not None:
        where.append(at <= before)
    fields = readable(session, actor, record)
    rows = session.execute(
        select_readable(fields).where(*where).order_by(at.desc(), record.id.desc()).limit(limit + 1)
    )
    items = [item_of(fields, row) for row in rows]
    for name, titles in names_of_refs(session, actor, record, items).items():
        refs.setdefault(name, {}).update(titles)
    kind = record.__tablename__ + _AGAIN.get(at_field, "")
    events = [{"at": item[at_field], "kind": kind, "key": item["id"], "row": item} for item in items]
    return events, events[-1]["at"] if len(events) > limit else None


def _changes(session: Session, actor: Actor, customer_id: str, before: datetime | None, limit: int) -> Part:
    """Who filed the customer and its contacts and who changed what, from the audit trail."""
    contacts = select(Contact.id).where(Contact.customer_id == customer_id, visible(actor, Contact))
    of_file = and_(audit_trail.c.type == "customer", audit_trail.c.row_id == customer_id)
    of_contacts = and_(audit_trail.c.type == "contact", audit_trail.c.row_id.in_(contacts))
    statement = select(audit_trail).where(or_(of_file, of_contacts))
    if before is not None:
        statement = statement.where(audit_trail.c.at <= before)
    found: list[dict[str, Any]] = []
    statement = statement.order_by(audit_trail.c.at.desc(), audit_trail.c.id.desc()).limit(limit + 1)
    lines = session.execute(statement).all()
    for line in lines:
        told = told_changes(session, actor, line.type, json.loads(line.changes))
        changes = {name: pair for name, pair in told.items() if name not in _HIDDEN_CHANGES}
        if changes:
            found.append(
                {
                    "at": to_wire(line.at),
                    "kind": f"{line.type}_changed",
                    "key": f"{line.id:020d}",
                    "row": {
                        "id": line.row_id,
                        "employee_id": line.employee_id,
                        "command": line.command,
                        "created": all(pair[0] is None for pair in changes.values())
                        and line.command.endswith(".create"),
                        "changes": changes,
                    },
                }
            )
    return found, to_wire(lines[-1].at) if len(lines) > limit else None
