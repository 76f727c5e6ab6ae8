"""What becomes of a customer that was filed twice: merged into the existing one, or kept as one of its own."""

from typing import Any

import msgspec
from sqlalchemy import select

from server.approvals.reviews import end_review
from server.conflicts.decisions import decides, settle
from server.customers import merges
from server.customers.admitting import NEW
from server.customers.departments import tell_names
from server.customers.holding import refresh_access
from server.customers.models import LEAD_STAGES, Contact, Customer, CustomerShare
from server.own.values import move_references
from server.records.commands import Context, command
from server.records.conflict import Conflict
from server.records.editing import DeleteArgs
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L
from server.records.record import Record, column_of, fields_of, records
from server.records.values import to_wire

error_texts(
    {
        "merge_with_itself": L("不能与自己合并", "不能與自己合併", "A customer cannot be merged with itself"),
        "already_merged": L("这个客户已经合并过", "這個客戶已經合併過", "This customer has been merged before"),
        "not_a_duplicate": L(
            "这个客户没有被标为重复", "這個客戶沒有被標為重複", "This customer is not marked as a duplicate"
        ),
    }
)


class MergeArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`share`: the owner of the merged customer goes on serving the one that stays."""

    id: str
    into: str
    share: bool = False


@command("customer.merge", MergeArgs, permission="conflict.resolve")
def merge(context: Context, args: MergeArgs) -> dict[str, Any]:
    """Moves everything that hangs on a customer to another one. Needs the right to change both. `customer.unmerge`
    takes it back for 30 days."""
    duplicate, kept = _both(context, args.id, args.into)
    owner = duplicate.owner_id
    done = merges.Done(
        owner_id=owner,
        owned_since=to_wire(duplicate.owned_since),
        enabled=duplicate.enabled,
    )
    before, own_before = merges.fields_now(kept), kept.own
    _move(context, duplicate, kept, done)
    _add_up(duplicate, kept)
    for customer in (duplicate, kept):
        tell_names(context, customer.id)
    merges.note_changes(done, kept, before, own_before)
    duplicate.merged_into, duplicate.enabled = kept.id, False
    duplicate.owner_id = None if owner is None else kept.owner_id
    done.settled = _settle(context, kept, duplicate, "theirs")
    if args.share and owner is not None and owner != kept.owner_id:
        done.shared = _share(context, kept, owner)
    merges.remember(context, duplicate, kept, done)
    end_review(context, NEW, duplicate)
    refresh_access(context, [duplicate, kept])
    return {"id": kept.id}


# unrestricted: checks itself that both may be changed
def _both(context: Context, duplicate_id: str, kept_id: str) -> tuple[Customer, Customer]:
    """Both customers, locked in the order of their ids so that two merges cannot wait for each other."""
    if duplicate_id == kept_id:
        raise Rejected("merge_with_itself", field="into")
    found = {row_id: context.get(Customer, row_id) for row_id in sorted((duplicate_id, kept_id))}
    for customer in found.values():
        if not context.may(customer, "edit"):
            raise Forbidden("outside_scope", record="customer", id=customer.id)
        if customer.merged_into is not None:
            raise Rejected("already_merged", field="id")
    return found[duplicate_id], found[kept_id]


# unrestricted: whoever may change both customers moves everything that hangs on them
def _move(context: Context, duplicate: Customer, kept: Customer, done: merges.Done) -> None:
    """Every reference to the one becomes a reference to the other; rows below the root change their root with it."""
    done.dropped = _drop_double_shares(context, duplicate, kept)
    done.own = move_references(context, "customer", duplicate.id, kept.id)
    for record in records():
        for name, spec in fields_of(record).items():
            if spec.kind != "ref" or spec.ref != "customer" or (record is Customer and name == "merged_into"):
                continue
            for row in context.session.scalars(select(record).where(column_of(record, name) == duplicate.id)):
                if row is not duplicate:
                    _point(row, name, duplicate, kept, done)


def _point(row: Record, name: str, duplicate: Customer, kept: Customer, done: merges.Done) -> None:
    """A customer does not become its own parent or duplicate; a further main contact becomes a contact."""
    if row is kept:
        setattr(row, name, None)
        return
    setattr(row, name, kept.id)
    done.move(row, name)
    if isinstance(row, Contact):
        if row.is_primary:
            done.primary.append(row.id)
        row.is_primary = False
    if isinstance(row, Conflict) and row.record_type == "customer" and row.record_id == duplicate.id:
        row.record_id = kept.id
        done.about.append(row.id)


# unrestricted: shares of both customers
def _drop_double_shares(context: Context, duplicate: Customer, kept: Customer) -> list[tuple[str, str]]:
    """Ends what both had; whom with and by whom."""
    shares = context.session.scalars(
        select(CustomerShare).where(CustomerShare.customer_id.in_((duplicate.id, kept.id)))
    ).all()
    there = {share.employee_id for share in shares if share.customer_id == kept.id} | {kept.owner_id}
    double = [share for share in shares if share.customer_id == duplicate.id and share.employee_id in there]
    dropped = [(share.employee_id, share.shared_by) for share in double]
    for share in double:
        context.session.delete(share)
    context.session.flush()
    return dropped


def _add_up(duplicate: Customer, kept: Customer) -> None:
    """Counters and totals of both; blank fields of the one that stays are filled, what it says itself stands."""
    kept.visit_count += duplicate.visit_count
    kept.sales_total += duplicate.sales_total
    kept.debt_total += duplicate.debt_total
    kept.deposit_total += duplicate.deposit_total
    duplicate.visit_count = 0
    duplicate.sales_total -= duplicate.sales_total
    duplicate.debt_total -= duplicate.debt_total
    duplicate.deposit_total -= duplicate.deposit_total
    for name in ("last_visit_at", "last_contact_at"):
        moments = [moment for moment in (getattr(kept, name), getattr(duplicate, name)) if moment is not None]
        setattr(kept, name, max(moments, default=None))
    if duplicate.customer_status == "dealt":
        kept.customer_status = "dealt"
    kept.lead_stage = max(kept.lead_stage, duplicate.lead_stage, key=list(LEAD_STAGES).index)
    kept.enabled = True
    kept.own = {**(duplicate.own or {}), **(kept.own or {})} or None
    for name, spec in fields_of(Customer).items():
        if (
            not spec.readonly
            and not spec.secret
            and spec.kind != "bool"
            and name != "parent_id"
            and getattr(kept, name) is None
        ):
            setattr(kept, name, getattr(duplicate, name))


# unrestricted: shares of the customer that stays
def _share(context: Context, kept: Customer, employee_id: str) -> str | None:
    """The new share; None where there is one."""
    statement = select(CustomerShare.id).where(
        CustomerShare.customer_id == kept.id, CustomerShare.employee_id == employee_id
    )
    if context.session.scalar(statement) is not None:
        return None
    share = CustomerShare(customer_id=kept.id, employee_id=employee_id, shared_by=context.actor.employee_id)
    context.add(share)
    return share.id


@command("customer.keep", DeleteArgs, permission="conflict.resolve")
def keep(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Two customers after all: the mark goes, both stay. Needs the right to change both."""
    customer = context.need(Customer, args.id, "edit")
    if customer.duplicate_of is None:
        raise Rejected("not_a_duplicate", field="id")
    existing = context.find(Customer, customer.duplicate_of)
    if existing is not None and not context.may(existing, "edit"):
        raise Forbidden("outside_scope", record="customer", id=existing.id)
    customer.duplicate_of = None
    _settle(context, customer, customer, "mine")
    return {"id": customer.id}


# unrestricted: closes the question about a customer that the actor may change
def _settle(context: Context, kept: Customer, duplicate: Customer, resolution: str) -> list[str]:
    """The questions that this answers."""
    settled: list[str] = []
    context.session.flush()
    statement = select(Conflict).where(
        Conflict.record_type == "customer",
        Conflict.field == "duplicate",
        Conflict.state == "open",
        Conflict.customer_id == kept.id,
    )
    for conflict in context.session.scalars(statement):
        if (conflict.mine or {}).get("customer_id") == duplicate.id:
            settle(context, conflict, resolution, conflict.theirs if resolution == "theirs" else conflict.mine)
            settled.append(conflict.id)
    return settled


@decides("customer", "duplicate")
def decide(context: Context, conflict: Conflict, resolution: str, value: Any) -> None:
    """The queue's "theirs" is the existing customer, "mine" keeps both."""
    duplicate_id = (conflict.mine or {}).get("customer_id", conflict.record_id)
    if resolution == "mine":
        keep(context, DeleteArgs(id=duplicate_id))
    elif resolution == "theirs":
        merge(context, MergeArgs(id=duplicate_id, into=conflict.theirs["customer_id"]))
    else:
        raise Rejected("not_this_way", field="resolution")
