"""Changes of a customer's file that the company wants approved (CU-39, CU-40): the command that changes the file, the
one that asks for a change, and what is done when it is agreed to."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from server.approvals.kinds import Fact, Kind, approvable, fact_of
from server.approvals.service import is_needed, is_untouched, open_approval, resubmit, submit, take_back, watched
from server.approvals.steps import Step
from server.catalog.models import ProductPrice
from server.customers import beside, departments
from server.customers.admitting import is_looked_at
from server.customers.models import Customer
from server.records.commands import Context, command
from server.records.editing import EditArgs, edit_row
from server.records.errors import Rejected, error_texts
from server.records.fields import L, Label, listed
from server.records.own_values import apart
from server.records.record import fields_of
from server.records.rights import limits
from server.records.values import parse, parse_values, to_wire

error_texts(
    {
        "nothing_changed": L("没有改动", "沒有改動", "Nothing is different"),
        "changed_meanwhile": L(
            "{label}在审批期间已被改动，请按现在的内容重新申请",
            "{label}在審批期間已被改動，請依現在的內容重新申請",
            "{label} changed while this was being decided; ask again for what it should be now",
        ),
        "change_needs_approval": L(
            "{labels}需要审批，已提交变更申请", "{labels}需要審批，已提交變更申請",
            "{labels}: handed in for approval, the file is not changed yet",
        ),
    }
)  # fmt: skip


def changeable() -> Mapping[str, Label]:
    """The fields of the file that people write, whom it is shared with, and what it pays."""
    written = {name: spec for name, spec in fields_of(Customer).items() if not (spec.readonly or spec.fixed)}
    fields = {name: spec.label for name, spec in written.items() if spec.kind not in ("geo", "json", "photo")}
    return {**fields, **beside.WATCHED}


CHANGE = approvable(
    Kind(
        "customer.change",
        L("客户信息变更", "客戶資訊變更", "Customer change"),
        Customer,
        command="customer.change",
        facts={
            "changed": Fact("fields", L("变更的字段", "變更的欄位", "Changed fields"), changeable()),
            "credit_limit": fact_of(Customer, "credit_limit"),
            "debt_total": fact_of(Customer, "debt_total"),
            "category_id": fact_of(Customer, "category_id"),
            "grade_id": fact_of(Customer, "grade_id"),
        },
        steps=[Step(name="上级审批", who="superior")],
        watch=changeable,
        watched=("name", "settlement_mode", "credit_limit", beside.SHARED, beside.PRICES),
    )
)


class RequestChangeArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`id`: of the request. `set`: for each field the value that was seen and the value that is wanted; beside the
    fields, `shared_with` and `product_price.price:<product>` (beside.py)."""

    id: str
    customer_id: str
    set: dict[str, tuple[Any, Any]]
    reason: Annotated[str, msgspec.Meta(max_length=1000)] | None = None


@command("customer.edit", EditArgs, permission="customer.edit")
def edit(context: Context, args: EditArgs) -> dict[str, Any]:
    """Changes fields of a customer, merged field by field. What the company wants approved becomes a request (`held`,
    change_needs_approval), unless one may change that without, or has filed the customer oneself on this very day."""
    pair = args.set.pop("departments", None)
    if pair is not None:
        departments.take_text(context, context.need(Customer, args.id, "edit"), *pair)
        if not args.set:
            return {"id": args.id}
    asked = _guarded(context, args)
    direct = {name: pair for name, pair in args.set.items() if name not in asked}
    if asked:
        parse_values(Customer, {name: args.set[name][1] for name in asked}, creating=False)
    if direct or not asked:
        edit_row(context, Customer, args.id, direct)
    if asked:
        ask_at_once(context, context.get(Customer, args.id), {name: args.set[name] for name in asked})
    return {"id": args.id}


def ask_at_once(context: Context, customer: Customer, wanted: dict[str, tuple[Any, Any]]) -> dict[str, Any]:
    """A direct change that needs approval becomes a request; its author is told (`held`)."""
    answer = _ask(context, customer, wanted, None, None)
    if answer["state"] == "running":
        labels = listed(dict.fromkeys(_label(name) for name in wanted))
        fields = list(dict.fromkeys(beside.told_as(name) for name in wanted))
        context.held("change_needs_approval", labels=labels, fields=fields, approval_id=answer["id"])
    return answer


def is_guarded(context: Context, customer: Customer, name: str) -> bool:
    """Whether what somebody is about to change directly has to be asked for. Not by who may change without, nor on the
    day on which one has filed the customer oneself."""
    if beside.watched_as(name) not in watched(context, CHANGE) or context.may(customer, "edit_guarded"):
        return False
    if is_looked_at(context, customer):
        return False
    filed_today = customer.created_at.astimezone(context.zone).date() == context.today
    return not (filed_today and customer.created_by == context.actor.employee_id)


def _guarded(context: Context, args: EditArgs) -> list[str]:
    """The fields of an edit that need approval. Where the customer is not one's own any more, the edit itself says so."""
    names = watched(context, CHANGE) & args.set.keys()
    if not names:
        return []
    customer = context.get(Customer, args.id)
    if not context.may(customer, "edit") or not is_guarded(context, customer, min(names)):
        return []
    limited = limits(context.actor, Customer)
    return [name for name in args.set if name in names and name not in limited]


@command("customer.request_change", RequestChangeArgs, permission="customer.edit")
def request_change(context: Context, args: RequestChangeArgs) -> dict[str, Any]:
    """Asks for a change of the file, with the reason (CU-39), of its shares (CU-50) or its agreed prices. Where the
    company wants no approvals it is made at once. So are values of own fields: who approves may not be somebody who may
    see them. 422 nothing_changed, employee_unavailable."""
    customer = context.need(Customer, args.customer_id, "edit")
    named = args.set.pop("departments", None)
    if named is not None:
        departments.take_text(context, customer, *named)
    others = {name: pair for name, pair in args.set.items() if beside.is_beside(name)}
    own, plain = apart({name: pair for name, pair in args.set.items() if name not in others})
    parse_values(Customer, {name: pair[1] for name, pair in plain.items()}, creating=False)
    needed = is_needed(context, CHANGE)
    _check_rights(context, customer, others, needed)
    limited = limits(context.actor, Customer)
    own |= {name: pair for name, pair in plain.items() if name in limited}  # the edit says what becomes of them
    plain = {name: pair for name, pair in plain.items() if name not in limited}
    at_once = own if needed else {**own, **plain}
    if at_once:
        edit_row(context, Customer, customer.id, at_once)
    if not needed:
        for name, (base, mine) in others.items():
            standing = beside.now(context, customer, name)
            beside.carry_out(
                context, customer, name, (standing, beside.wanted(context, customer, name, (base, mine), standing))
            )
    if (args.set or named) and (not needed or at_once.keys() == args.set.keys()):
        return {"id": args.id, "state": "approved"}
    return _ask(context, customer, {**plain, **others}, args.reason, args.id)


def _check_rights(context: Context, customer: Customer, others: dict[str, Any], needed: bool) -> None:
    """Whom a customer is shared with is asked for by who may share it; prices by who may read them, and where nobody
    decides, by who may set them."""
    if beside.SHARED in others:
        context.actor.require("customer.share")
        context.need(Customer, customer.id, "share")
    if others.keys() - {beside.SHARED}:
        if "price" in limits(context.actor, ProductPrice):
            raise Rejected("readonly_field", field="set", label=_label(beside.PRICES))
        if not needed:
            context.actor.require("product.edit")


def _label(name: str) -> Label:
    watched_as = beside.watched_as(name)
    return beside.WATCHED[watched_as] if watched_as in beside.WATCHED else fields_of(Customer)[name].label


def _ask(
    context: Context,
    customer: Customer,
    wanted: dict[str, tuple[Any, Any]],
    reason: str | None,
    request_id: str | None,
) -> dict[str, Any]:
    """Hands the change in. What the same person asks for while nobody has said anything yet joins the earlier request;
    one that was sent back, or could not be carried out, goes on with it. Where nothing is left of it, it is taken back."""
    earlier = open_approval(context, CHANGE, customer.id, context.actor.employee_id)
    if earlier is not None and not (earlier.state == "returned" or is_untouched(context, earlier)):
        earlier = None
    before = earlier.args["set"] if earlier is not None else {}
    pairs = {name: [_now(context, customer, name), pair[1]] for name, pair in before.items() if name not in wanted}
    for name, pair in wanted.items():
        now = _now(context, customer, name)
        mine = _wanted(context, customer, name, pair, before[name][1] if name in before else now)
        if now != mine:
            pairs[name] = [now, mine]
    if not pairs:
        if earlier is not None and request_id is None:
            take_back(context, earlier)
        elif request_id is not None:
            raise Rejected("nothing_changed", field="set")
        return {"id": customer.id, "state": "approved"}
    content = _content(context, customer, pairs)
    if earlier is not None:
        for name, value in content.items():
            setattr(earlier, name, value)
        earlier.reason = reason or earlier.reason
        resubmit(context, earlier, reason)
        approval = earlier
    else:
        approval = submit(
            context, CHANGE, record_id=customer.id, customer_id=customer.id, reason=reason,
            approval_id=request_id, **content,
        )  # fmt: skip
    return {"id": approval.id, "state": approval.state}


def _now(context: Context, customer: Customer, name: str) -> Any:
    return beside.now(context, customer, name) if beside.is_beside(name) else to_wire(getattr(customer, name))


def _wanted(context: Context, customer: Customer, name: str, pair: tuple[Any, Any], standing: Any) -> Any:
    if beside.is_beside(name):
        return beside.wanted(context, customer, name, pair, standing)
    return to_wire(parse(name, fields_of(Customer)[name], pair[1]))


def _content(context: Context, customer: Customer, pairs: dict[str, list[Any]]) -> dict[str, Any]:
    """What the document says: for people, for the conditions of its steps, and for the command in the end."""
    facts = {
        "changed": list(dict.fromkeys(beside.watched_as(name) for name in pairs)),
        "debt_total": to_wire(customer.debt_total),
        **{
            name: pairs[name][1] if name in pairs else to_wire(getattr(customer, name))
            for name in ("credit_limit", "category_id", "grade_id")
        },
    }
    summary = [
        beside.line_of(context, name, *pair)
        if beside.is_beside(name)
        else {"record": "customer", "field": name, "before": pair[0], "after": pair[1]}
        for name, pair in pairs.items()
    ]
    title = f"{customer.name}：{'、'.join(dict.fromkeys(_label(name).zh_cn for name in pairs))}"
    args = {"id": customer.id, "set": pairs}
    return {"title": title[:200], "args": args, "summary": summary, "facts": facts}


@command("customer.change", EditArgs, internal=True)
def change(context: Context, args: EditArgs) -> dict[str, Any]:
    """What was agreed to, if the file still says what the request started from. 422 changed_meanwhile."""
    customer = context.get(Customer, args.id)
    fields = fields_of(Customer)
    plain = {name: pair for name, pair in args.set.items() if not beside.is_beside(name)}
    departed = plain.pop("departments", None)  # asked for before they were rows
    if departed is not None:
        departments.take_text(context, customer, *departed)
    for name, (base, mine) in plain.items():
        if to_wire(getattr(customer, name)) not in (base, mine):
            raise Rejected("changed_meanwhile", field=name, label=fields[name].label)
    for name, pair in args.set.items():
        if beside.is_beside(name) and not beside.carry_out(context, customer, name, pair):
            raise Rejected("changed_meanwhile", field=name, label=_label(name))
    return edit_row(context, Customer, customer.id, plain)
