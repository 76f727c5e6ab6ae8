"""What each merge of two customers did, kept for 30 days, and taking it back."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from server.customers.departments import tell_names
from server.customers.duplicates import keys_of_customer, store_keys
from server.customers.holding import refresh_access
from server.customers.models import Customer, CustomerShare
from server.customers.tables import customer_merge
from server.orders.service import refresh_deposit, refresh_totals
from server.people.models import Employee
from server.records import own
from server.records.actor import Actor
from server.records.commands import Context, command
from server.records.conflict import Conflict
from server.records.editing import DeleteArgs, keep_conflict
from server.records.errors import Forbidden, NotFound, Rejected, error_texts
from server.records.fields import L
from server.records.record import Record, column_of, fields_of, record_named, records
from server.records.values import parse, to_wire
from server.records.visibility import visible
from server.visits.models import Visit
from sync.access import among

#: How long a merge can be taken back.
KEPT = timedelta(days=30)
#: Figures that are counted anew; own values are compared key by key.
_COUNTED = ("visit_count", "last_visit_at", "sales_total", "debt_total", "deposit_total", "departments", own.COLUMN)
#: What was made since for a row of these goes where the row goes.
_CARRYING = ("visit", "order")

error_texts(
    {
        "not_merged": L("这个客户没有被合并", "這個客戶沒有被合併", "This customer has not been merged"),
        "merge_not_kept": L(
            "合并已超过 30 天，不能再撤销",
            "合併已超過 30 天，不能再復原",
            "The merge is more than 30 days old and cannot be undone any more",
        ),
        "merged_further": L(
            "“{name}”后来也被合并，请先撤销那一次合并",
            "「{name}」後來也被合併，請先復原那一次合併",
            "“{name}” was merged itself since; undo that merge first",
        ),
        "merge_undone": L(
            "合并期间改动了{label}，现已拆分：这个客户也用新值吗？",
            "合併期間改動了{label}，現已拆分：這個客戶也用新值嗎？",
            "{label} was changed while the two were one: does it hold for this customer as well?",
        ),
    }
)


class Done(msgspec.Struct):
    """What one merge did. Rows are named by `record.field`; values are as on the wire."""

    #: Rows that pointed to the merged customer.
    moved: dict[str, list[str]] = {}
    #: Rows of whose own fields one did.
    own: dict[str, list[str]] = {}
    #: Its main contacts.
    primary: list[str] = []
    #: Conflicts about it, and those that the merge settled.
    about: list[str] = []
    settled: list[str] = []
    #: Shares that went because the other customer had them, as `(employee, shared by)`, and the one that came.
    dropped: list[tuple[str, str]] = []
    shared: str | None = None
    #: Fields of the customer that stayed, as they were and as they became.
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    #: The same of its own fields.
    own_before: dict[str, Any] = {}
    own_after: dict[str, Any] = {}
    #: What the merged customer lost.
    owner_id: str | None = None
    owned_since: str | None = None
    enabled: bool = True

    def move(self, row: Record, name: str) -> None:
        self.moved.setdefault(f"{row.__tablename__}.{name}", []).append(row.id)


def fields_now(customer: Customer) -> dict[str, Any]:
    """The fields by which a merge is compared, before and after it."""
    return {name: to_wire(getattr(customer, name)) for name in fields_of(Customer) if name not in _COUNTED}


def note_changes(done: Done, kept: Customer, before: dict[str, Any], own_before: dict[str, Any] | None) -> None:
    """Notes what the merge changed in the customer that stays."""
    for name, value in fields_now(kept).items():
        if value != before[name]:
            done.before[name], done.after[name] = before[name], value
    for key, value in (kept.own or {}).items():
        if (own_before or {}).get(key) != value:
            done.own_before[key], done.own_after[key] = (own_before or {}).get(key), value


def remember(context: Context, duplicate: Customer, kept: Customer, done: Done) -> None:
    """Keeps what the merge did, to be taken back."""
    context.session.execute(delete(customer_merge).where(customer_merge.c.customer_id == duplicate.id))
    context.session.execute(
        insert(customer_merge).values(
            customer_id=duplicate.id,
            into_id=kept.id,
            merged_at=context.now,
            merged_by=context.actor.employee_id,
            done=msgspec.to_builtins(done),
        )
    )


def forget_old(context: Context) -> int:
    """Removes what was kept long enough; how many merges."""
    old = delete(customer_merge).where(customer_merge.c.merged_at < context.now - KEPT)
    return len(context.session.execute(old.returning(customer_merge.c.customer_id)).all())


# -- taking it back


@command("customer.unmerge", DeleteArgs, permission="conflict.resolve")
def unmerge(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Makes two customers of one that was merged in the last 30 days; `id` is the one that was merged away.

    What it brought goes back to it, with what was made since for its visits and orders. Everything else made or changed
    since stays; a value that the merge had filled in and somebody changed since is asked about in a conflict (`asked`
    names the fields). 422 not_merged, merge_not_kept, merged_further. Needs the right to change both.
    """
    duplicate, kept, done = _merged(context, args.id)
    _owner_back(context, done, duplicate)
    _need_both(context, duplicate, kept)
    back = _rows_back(context, done, duplicate, kept)
    _own_back(context, done, duplicate, kept)
    _conflicts_back(context, done, duplicate, kept)
    _shares_back(context, done, duplicate, kept)
    duplicate.merged_into = None
    duplicate.enabled = done.enabled
    context.session.flush()
    for customer in (duplicate, kept):
        _count_visits(context, customer)
        refresh_totals(context, customer.id)
        refresh_deposit(context, customer.id)
        tell_names(context, customer.id)
    asked = _fields_back(context, done, duplicate, kept)
    context.session.flush()
    store_keys(context.session, kept.id, keys_of_customer(kept))
    refresh_access(context, [duplicate, kept])
    context.session.execute(delete(customer_merge).where(customer_merge.c.customer_id == duplicate.id))
    return {"id": duplicate.id, "from": kept.id, "rows": back, "asked": asked}


# unrestricted: checks itself that both may be changed
def _merged(context: Context, duplicate_id: str) -> tuple[Customer, Customer, Done]:
    """Both customers, locked in the order of their ids as a merge locks them, and what was done."""
    line = context.session.execute(
        select(customer_merge).where(customer_merge.c.customer_id == duplicate_id)
    ).one_or_none()
    if line is None:
        customer = context.need(Customer, duplicate_id, "edit")
        raise Rejected("not_merged" if customer.merged_into is None else "merge_not_kept", field="id")
    found = {row_id: context.get(Customer, row_id) for row_id in sorted((duplicate_id, line.into_id))}
    _need_both(context, *found.values())
    duplicate, kept = found[duplicate_id], found[line.into_id]
    if duplicate.merged_into != kept.id:
        raise Rejected("not_merged", field="id")
    if line.merged_at < context.now - KEPT:
        raise Rejected("merge_not_kept", field="id")
    if kept.merged_into is not None:
        raise Rejected("merged_further", field="id", name=kept.name)
    return duplicate, kept, msgspec.convert(line.done, Done)


def _need_both(context: Context, *customers: Customer) -> None:
    """Before and after: the merged one has been its keeper's, and is somebody else's again."""
    context.session.flush()
    for customer in customers:
        if not context.may(customer, "edit"):
            raise Forbidden("outside_scope", record="customer", id=customer.id)


# unrestricted: rows of two customers that the actor may change
def _pointing(
    context: Context, record: type[Record], at: InstrumentedAttribute[Any], to: str, ids: Iterable[str]
) -> list[Any]:
    """Those of these rows that still point there: what was moved on or deleted since is left alone."""
    chosen = record.id.in_(among(context.session, ids))
    return list(context.session.scalars(select(record).where(chosen, at == to)))


def _rows_back(context: Context, done: Done, duplicate: Customer, kept: Customer) -> int:
    """Every row that was moved, and what was made since for a visit or an order among them; how many rows."""
    carried: dict[str, set[str]] = {}
    count = 0
    for where, ids in done.moved.items():
        type_name, _, name = where.partition(".")
        record = record_named(type_name)
        for row in _pointing(context, record, column_of(record, name), kept.id, ids):
            setattr(row, name, duplicate.id)
            if type_name == "contact" and row.id in done.primary:
                row.is_primary = True
            count += 1
            if type_name in _CARRYING:
                carried.setdefault(type_name, set()).add(row.id)
    context.session.flush()
    while carried:
        carried = _carry(context, carried, duplicate, kept)
        count += sum(map(len, carried.values()))
    return count


# unrestricted: rows of two customers that the actor may change
def _carry(
    context: Context, carried: dict[str, set[str]], duplicate: Customer, kept: Customer
) -> dict[str, set[str]]:
    """Rows of the other customer that belong to these rows go along with them."""
    gone: dict[str, set[str]] = {}
    for record in records():
        specs = fields_of(record)
        if record is Customer or specs.get("customer_id") is None:
            continue
        for name, spec in specs.items():
            if spec.kind != "ref" or spec.ref not in carried:
                continue
            belongs = column_of(record, name).in_(among(context.session, carried[spec.ref]))
            there = column_of(record, "customer_id") == kept.id
            for row in context.session.scalars(select(record).where(belongs, there)):
                setattr(row, "customer_id", duplicate.id)  # noqa: B010 - every such record has it
                gone.setdefault(record.__tablename__, set()).add(row.id)
    context.session.flush()
    return gone


# unrestricted: rows that pointed to a customer that the actor may change
def _own_back(context: Context, done: Done, duplicate: Customer, kept: Customer) -> None:
    for where, ids in done.own.items():
        type_name, _, key = where.partition(".")
        record = record_named(type_name)
        rows: Any = context.session.scalars(select(record).where(record.id.in_(among(context.session, ids))))
        for row in rows:
            if (row.own or {}).get(key) == kept.id:
                row.own = {**row.own, key: duplicate.id}


# unrestricted: questions about two customers that the actor may change
def _conflicts_back(context: Context, done: Done, duplicate: Customer, kept: Customer) -> None:
    """Questions about the merged customer are about it again; the one that the merge answered is open again."""
    for conflict in _pointing(context, Conflict, column_of(Conflict, "record_id"), kept.id, done.about):
        conflict.record_id = duplicate.id
    settled = select(Conflict).where(Conflict.id.in_(among(context.session, done.settled)))
    for conflict in context.session.scalars(settled):
        if conflict.state == "resolved" and conflict.resolution == "theirs":
            conflict.state, conflict.resolution, conflict.resolved_value = "open", None, None
            conflict.resolved_by = conflict.resolved_at = None


# unrestricted: shares of two customers that the actor may change
def _shares_back(context: Context, done: Done, duplicate: Customer, kept: Customer) -> None:
    """Whom the merged customer was shared with has it again; what the merge itself shared ends."""
    context.session.flush()
    if done.shared is not None:
        given = context.session.scalar(
            select(CustomerShare).where(CustomerShare.id == done.shared, CustomerShare.customer_id == kept.id)
        )
        if given is not None:
            context.session.delete(given)
    there = set(
        context.session.scalars(select(CustomerShare.employee_id).where(CustomerShare.customer_id == duplicate.id))
    )
    for employee_id, shared_by in done.dropped:
        employee = context.find(Employee, employee_id)
        if employee is not None and employee.status == "enabled" and employee_id not in there:
            context.add(CustomerShare(customer_id=duplicate.id, employee_id=employee_id, shared_by=shared_by))


# unrestricted: visits of a customer that the actor may change
def _count_visits(context: Context, customer: Customer) -> None:
    ended = select(func.count(), func.max(Visit.checked_in_at)).where(
        Visit.customer_id == customer.id, Visit.state == "done"
    )
    customer.visit_count, customer.last_visit_at = context.session.execute(ended).one()


def _owner_back(context: Context, done: Done, duplicate: Customer) -> None:
    """Its owner has it again; who has left meanwhile has not, then it stays with the other customer's owner."""
    owner = context.find(Employee, done.owner_id)
    if done.owner_id is not None and (owner is None or owner.status != "enabled"):
        return
    duplicate.owner_id = done.owner_id
    spec = fields_of(Customer)["owned_since"]
    duplicate.owned_since = None if done.owned_since is None else parse("owned_since", spec, done.owned_since)


def _fields_back(context: Context, done: Done, duplicate: Customer, kept: Customer) -> list[str]:
    """What the merge changed and nobody since becomes what it was; what somebody changed since stays and is asked
    about. The fields that are asked about."""
    asked: list[str] = []
    specs = fields_of(Customer)
    for name, after in done.after.items():
        spec, before, now = specs[name], done.before[name], to_wire(getattr(kept, name))
        if now == after:
            if not _must_stay(name, before, kept):
                setattr(kept, name, None if before is None else parse(name, spec, before))
        elif not spec.readonly and now != to_wire(getattr(duplicate, name)):
            asked.append(name)
            _ask(context, duplicate, name, after, getattr(duplicate, name), now)
    for key, after in done.own_after.items():
        now = (kept.own or {}).get(key)
        if now == after:
            rest = {name: value for name, value in (kept.own or {}).items() if name != key}
            before = done.own_before[key]
            kept.own = (rest if before is None else {**rest, key: before}) or None
        elif own.PREFIX + key in own.catalog(context.session).of("customer"):
            asked.append(own.PREFIX + key)
            _ask(context, duplicate, own.PREFIX + key, after, (duplicate.own or {}).get(key), now)
    return asked


def _must_stay(name: str, before: Any, kept: Customer) -> bool:
    """What became true by itself meanwhile: who has bought has, and who owes or has an owner's work is not disabled."""
    if name in ("customer_status", "lead_stage"):
        return kept.sales_total > 0
    return name == "enabled" and not before and (kept.debt_total != 0 or kept.deposit_total != 0)


def _ask(context: Context, duplicate: Customer, name: str, base: Any, theirs: Any, mine: Any) -> None:
    keep_conflict(context, duplicate, name, base, theirs, mine, "ask", "open", "merge_undone")


# -- which can be taken back


def merges_of(session: Session, actor: Actor, customer_id: str, now: Any) -> list[dict[str, Any]]:
    """Merges of this customer, and into it, that can still be undone, newest first. Raises `NotFound`."""
    if session.scalar(select(Customer.id).where(visible(actor, Customer, [customer_id]))) is None:
        raise NotFound("not_found", record="customer", id=customer_id)
    gone, into = Customer, aliased(Customer)
    table = customer_merge.c
    rows = session.execute(
        select(gone.id, gone.customer_no, gone.name, table.into_id, into.name.label("into"), table.merged_at,
               table.merged_by)
        .join(customer_merge, table.customer_id == gone.id)
        .join(into, into.id == table.into_id)
        .where(
            or_(table.customer_id == customer_id, table.into_id == customer_id),
            table.merged_at >= now - KEPT,
            visible(actor, Customer),
        )
        .order_by(table.merged_at.desc(), gone.id)
    )  # fmt: skip
    return [
        {
            "id": row.id,
            "customer_no": row.customer_no,
            "name": row.name,
            "into_id": row.into_id,
            "into": row.into,
            "merged_at": to_wire(row.merged_at),
            "merged_by": row.merged_by,
            "until": to_wire(row.merged_at + KEPT),
        }
        for row in rows
    ]
