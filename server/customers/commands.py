"""Writes of customers: file them, share them, assign them, disable them, and decide on duplicates."""

from typing import Annotated, Any

import msgspec
from sqlalchemy import select

from server.company.models import Option
from server.customers import changes, departments, filters, merging, moving, rules, tables  # noqa: F401 - their rules, commands, filters and tables count
from server.customers.admitting import look_at_new
from server.customers.beside import SHARED, add_share
from server.customers.holding import first_access, refresh_access
from server.customers.models import Contact, Customer, CustomerDepartment, CustomerShare, Terminal
from server.customers.owners import hand_over, receiver, taken_back_by
from server.people.models import Employee
from server.records.commands import Context, command
from server.records.editing import CreateArgs, DeleteArgs, new_row, standard_commands
from server.records.errors import Forbidden, NotFound, Rejected, error_texts
from server.records.fields import L
from server.records.visibility import allowed
from sync.access import among
from sync.positions import is_postgresql

standard_commands(Customer, create=False, edit=False)
#: A person met or a place seen is a fact: it is kept even if the customer changed hands meanwhile.
standard_commands(Contact, fact=True)
standard_commands(Terminal, fact=True)
standard_commands(CustomerDepartment, fact=True)

error_texts(
    {
        "share_left_out": L(
            "没有共享给{name}：账号已停用",
            "沒有共享給{name}：帳號已停用",
            "Not shared with {name}: the account is disabled",
        ),
        "customer_in_debt": L(
            "客户还有欠款 {debt} 元，结清后才能停用",
            "客戶還有欠款 {debt} 元，結清後才能停用",
            "The customer still owes {debt}; it can be disabled when settled",
        ),
        "customer_has_deposit": L(
            "客户还有预存余额 {deposit} 元，用完或退款后才能停用",
            "客戶還有預存餘額 {deposit} 元，用完或退款後才能停用",
            "The customer has a deposit of {deposit}; it can be disabled when that is used or paid back",
        ),
    }
)

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=36)]


class CreateCustomerArgs(CreateArgs, forbid_unknown_fields=True):
    """`owner_id` needs the permission to assign; null files it in the pool; absent, it is the creator's own.
    `share_with`: who serves it beside the owner from the first day (CU-50); needs the permission to share."""

    owner_id: str | msgspec.UnsetType | None = msgspec.UNSET
    share_with: list[Id] | None = None


class ShareArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    employee_id: str


class AssignArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`owner_id` null puts the customers into the pool. The reason stays with the operation."""

    ids: Annotated[list[Id], msgspec.Meta(min_length=1, max_length=1000)]
    owner_id: str | None
    reason: Annotated[str, msgspec.Meta(max_length=400)] | None = None


@command("customer.create", CreateCustomerArgs, permission="customer.create")
def create(context: Context, args: CreateCustomerArgs) -> dict[str, Any]:
    """Files a customer with its main contact. 422 needs_phone, bad_phone, duplicate (from an outbox: a conflict)."""
    values = dict(args.values)
    named = departments.names_in(values.pop("departments", None))
    if not str(values.get("name") or "").strip() and values.get("primary_contact"):
        values["name"] = values["primary_contact"]  # private persons: name = main contact (CU-2)
    for field, list_name in (("category_id", "customer_category"), ("source_id", "customer_source")):
        if field not in values:
            values[field] = _default_option(context, list_name)
    customer = new_row(
        context, Customer, args.id, values, {"owner_id": _first_owner(context, args), "owned_since": context.now}
    )
    if named:
        departments.add_named(context, customer, named)
    if args.share_with:
        context.actor.require("customer.share")
        for employee_id in dict.fromkeys(args.share_with):
            _share_from_the_start(context, customer, employee_id)
        refresh_access(context, [customer])
    else:
        first_access(context, customer)
    look_at_new(context, customer)
    return {"id": customer.id, "customer_no": customer.customer_no}


def _share_from_the_start(context: Context, customer: Customer, employee_id: str) -> None:
    """A colleague who left while the phone was away is left out and named: the customer is filed all the same."""
    employee = context.find(Employee, employee_id)
    if employee is not None and employee.status == "enabled":
        _share(context, customer, employee_id)
    else:
        context.adjusted("share_left_out", employee_id=employee_id, name=employee.real_name if employee else "?")


def _first_owner(context: Context, args: CreateCustomerArgs) -> str | None:
    if args.owner_id is msgspec.UNSET:
        return None if context.actor.is_system else context.actor.employee_id
    if args.owner_id != context.actor.employee_id:
        context.actor.require("customer.assign")
        if args.owner_id is not None:
            receiver(context, args.owner_id, 1)
    return args.owner_id


def _default_option(context: Context, list_name: str) -> str | None:
    """The preselected entry of a list; remembered for the batch of commands."""
    known: dict[str, str | None] = context.memory.setdefault("default_options", {})
    if list_name not in known:
        known[list_name] = context.session.scalar(
            select(Option.id).where(Option.list_name == list_name, Option.is_default, Option.enabled).limit(1)
        )
    return known[list_name]


@command("customer.share", ShareArgs, permission="customer.share")
def share(context: Context, args: ShareArgs) -> dict[str, Any]:
    """Lets a colleague see and serve the customer; sharing twice changes nothing. Where the company wants the share range
    approved it becomes a request (`held`, change_needs_approval). One that all branches of a chain share, each who sees it
    takes along by sharing it with himself: nobody is asked, and his devices hold it."""
    taken = _taken_along(context, args)
    customer = taken or context.need(Customer, args.id, "share")
    if taken is None and changes.is_guarded(context, customer, SHARED):
        changes.ask_at_once(context, customer, {SHARED: ([], [args.employee_id])})
        return {"id": customer.id, "share_id": None}
    found = _share(context, customer, args.employee_id)
    refresh_access(context, [customer])
    return {"id": customer.id, "share_id": found.id if found else None}


def _taken_along(context: Context, args: ShareArgs) -> Customer | None:
    """The customer, where it is one of a chain's that somebody takes along or leaves again (CU-9)."""
    if args.employee_id != context.actor.employee_id or not rules.is_chain(context):
        return None
    customer = context.need(Customer, args.id, "view")
    return customer if customer.cross_branch else None


def _share(context: Context, customer: Customer, employee_id: str) -> CustomerShare | None:
    if employee_id == customer.owner_id:
        return None
    return _share_of(context, customer, employee_id) or add_share(context, customer, employee_id)


def _share_of(context: Context, customer: Customer, employee_id: str) -> CustomerShare | None:
    return context.session.scalar(
        select(CustomerShare).where(
            CustomerShare.customer_id == customer.id, CustomerShare.employee_id == employee_id
        )
    )


@command("customer.unshare", ShareArgs, permission="customer.share")
def unshare(context: Context, args: ShareArgs) -> dict[str, Any]:
    """Ends a share; the customer leaves the colleague's device at its next pull. It is asked for as sharing is."""
    taken = _taken_along(context, args)
    customer = taken or context.need(Customer, args.id, "share")
    if taken is None and changes.is_guarded(context, customer, SHARED):
        changes.ask_at_once(context, customer, {SHARED: ([args.employee_id], [])})
        return {"id": customer.id}
    found = _share_of(context, customer, args.employee_id)
    if found is not None:
        context.session.delete(found)
        refresh_access(context, [customer])
    return {"id": customer.id}


@command("customer.assign", AssignArgs, permission="customer.assign")
def assign(context: Context, args: AssignArgs) -> dict[str, Any]:
    """Gives customers an owner, or to the pool (CU-35). All or none: 403 outside_scope, 422 customer_limit."""
    customers = _assignable(context, sorted(set(args.ids)))
    moved = [customer for customer in customers if customer.owner_id != args.owner_id]
    if args.owner_id is not None:
        receiver(context, args.owner_id, sum(customer.enabled for customer in moved))
    hand_over(context, moved, args.owner_id, "assign")
    return {"ids": [customer.id for customer in moved]}


# unrestricted: takes only what `allowed` reaches, and the pool
def _assignable(context: Context, ids: list[str]) -> list[Customer]:
    """Customers of one's scope, or of the pool, which belongs to nobody's; locked. Raises `NotFound`, `Forbidden`."""
    chosen = Customer.id.in_(among(context.session, ids))
    statement = select(Customer).where(chosen).order_by(Customer.id)
    if is_postgresql(context.session):
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = {customer.id: customer for customer in context.session.scalars(statement)}
    reached = set(
        context.session.scalars(select(Customer.id).where(chosen, allowed(context.actor, Customer, "assign")))
    )
    for row_id in ids:
        if row_id not in found:
            raise NotFound("not_found", record="customer", id=row_id)
        if found[row_id].owner_id is not None and row_id not in reached:
            raise Forbidden("outside_scope", record="customer", id=row_id)
    return list(found.values())


class RecoverArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`limit`: at most so many at once, so that no transaction takes long."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=5000)] = 1000


@command("customer.recover", RecoverArgs, internal=True)
def recover(context: Context, args: RecoverArgs) -> dict[str, Any]:
    """Takes customers back to the pool whose owner has not followed up for the company's number of days (CU-53), or not
    sold anything for his own (CU-54). `more`: there are others; to be called again."""
    due = taken_back_by(context.session, context.now)
    statement = select(Customer).where(due).order_by(Customer.id).limit(args.limit + 1)
    if is_postgresql(context.session):
        statement = statement.with_for_update().execution_options(populate_existing=True)
    overdue = list(context.session.scalars(statement))
    hand_over(context, overdue[: args.limit], None, "recover")
    return {"ids": [customer.id for customer in overdue[: args.limit]], "more": len(overdue) > args.limit}


@command("customer.disable", DeleteArgs, permission="customer.disable")
def disable(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Takes a customer out of all pickers and devices, once everything is settled (CU-62). 422 customer_in_debt,
    customer_has_deposit."""
    customer = context.need(Customer, args.id, "disable")
    if customer.debt_total != 0:
        raise Rejected("customer_in_debt", field="id", debt=str(customer.debt_total))
    if customer.deposit_total != 0:
        raise Rejected("customer_has_deposit", field="id", deposit=str(customer.deposit_total))
    return _enable(context, customer, False)


@command("customer.enable", DeleteArgs, permission="customer.disable")
def enable(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Brings a disabled customer back (CU-63); not one that was merged into another."""
    customer = context.need(Customer, args.id, "disable")
    if customer.merged_into is not None:
        raise Rejected("already_merged", field="id")
    if customer.review == "refused":
        customer.review = "agreed"  # who brings it back has decided otherwise
    return _enable(context, customer, True)


def _enable(context: Context, customer: Customer, enabled: bool) -> dict[str, Any]:
    customer.enabled = enabled
    refresh_access(context, [customer])
    return {"id": customer.id}
