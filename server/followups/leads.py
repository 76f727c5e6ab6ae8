"""The life cycle of a lead: cold → potential → following → existing, and back (BUSINESS.md, Leads & follow-up, LF-1, LF-5).

A lead is a customer from its first day, so its contacts, visits and reports stay where they are when it becomes an
existing one. Each step is a command of its own and leaves a line among the customer's contact records beside the audit
trail. The stage moves by itself, too: a potential customer is followed once its follow-up stage moves, and one that buys
is an existing one (customers/service.py).
"""

from typing import Annotated, Any

import msgspec
from sqlalchemy import select

from server.company.models import Option
from server.customers.models import LEAD_STAGES, Contact, Customer
from server.customers.rules import check_owner
from server.followups.service import write_down
from server.records.commands import Context, command
from server.records.errors import Rejected, error_texts
from server.records.fields import L

error_texts(
    {
        "lead_not_there": L(
            "客户现在的阶段不能这样推进，请看客户资料",
            "客戶現在的階段不能這樣推進，請看客戶資料",
            "This step does not lead on from the stage that the customer has now; see its file",
        ),
        "lead_moved_on": L(
            "客户此前已推进到更后的阶段，保持不变",
            "客戶此前已推進到更後的階段，保持不變",
            "The customer had come further already, and stays there",
        ),
        "lead_needs_stage": L("请选择跟进阶段", "請選擇跟進階段", "The follow-up stage has to be chosen"),
        "lead_needs_contact": L(
            "转为现有客户前，请至少填写一位有电话的联系人",
            "轉為現有客戶前，請至少填寫一位有電話的聯絡人",
            "Before it becomes an existing customer it needs a contact with a phone number",
        ),
    }
)

_ORDER = list(LEAD_STAGES)


class StepArgs(msgspec.Struct, forbid_unknown_fields=True):
    customer_id: str


class FollowArgs(StepArgs, forbid_unknown_fields=True):
    """`sales_stage_id`: the follow-up stage it begins with, where the customer has none yet."""

    sales_stage_id: str | None = None


class ReturnArgs(StepArgs, forbid_unknown_fields=True):
    reason: Annotated[str, msgspec.Meta(max_length=400)]


@command("lead.accept", StepArgs, permission="customer.edit")
def accept(context: Context, args: StepArgs) -> dict[str, Any]:
    """A customer of a cold visit becomes a potential one. 422 lead_not_there."""
    return _step(context, args.customer_id, "cold", "potential")


@command("lead.follow", FollowArgs, permission="customer.edit")
def follow(context: Context, args: FollowArgs) -> dict[str, Any]:
    """A potential customer is followed from now on, at a follow-up stage. 422 lead_not_there, lead_needs_stage."""
    customer = _customer(context, args.customer_id)
    if customer.lead_stage == "potential":
        if args.sales_stage_id is not None:
            chosen = context.find(Option, args.sales_stage_id)
            if chosen is None or chosen.list_name != "sales_stage":
                raise Rejected("unknown_reference", field="sales_stage_id", label=L("跟进阶段", "跟進階段", "Stage"))
            customer.sales_stage_id = chosen.id
        if customer.sales_stage_id is None:
            raise Rejected("lead_needs_stage", field="sales_stage_id")
    return _step(context, args.customer_id, "potential", "following")


@command("lead.convert", StepArgs, permission="customer.edit")
def convert(context: Context, args: StepArgs) -> dict[str, Any]:
    """A customer that is followed becomes an existing one; its contacts and all that was written stay with it (LF-5). 422
    lead_not_there, lead_needs_contact."""
    customer = _customer(context, args.customer_id)
    if customer.lead_stage == "following" and not _may_be_called(context, customer):
        raise Rejected("lead_needs_contact", field="customer_id")
    return _step(context, args.customer_id, "following", "existing")


@command("lead.return", ReturnArgs, permission="customer.edit")
def give_back(context: Context, args: ReturnArgs) -> dict[str, Any]:
    """An existing customer becomes a potential one again; why stands among its contact records. 422 lead_not_there."""
    reason = " ".join(args.reason.replace("\x00", "").split())
    if not reason:
        raise Rejected("required", field="reason", label=L("原因", "原因", "Reason"))
    return _step(context, args.customer_id, "existing", "potential", reason)


def _customer(context: Context, customer_id: str) -> Customer:
    """The customer, if the actor may change its file; who merely serves it tells its owner."""
    customer = context.need(Customer, customer_id, "edit")
    check_owner(context, customer)
    return customer


def _step(context: Context, customer_id: str, before: str, after: str, reason: str = "") -> dict[str, Any]:
    """The step, once. A phone may not have known that the customer has come further: then it stays there, and its author
    is told."""
    customer = _customer(context, customer_id)
    now = customer.lead_stage
    if now == after:
        return {"id": customer.id, "lead_stage": now}
    if now != before:
        if context.pushed and before != "existing" and _ORDER.index(now) > _ORDER.index(after):
            context.adjusted("lead_moved_on", field="lead_stage")
            return {"id": customer.id, "lead_stage": now}
        raise Rejected("lead_not_there", field="customer_id")
    customer.lead_stage = after
    text = f"{LEAD_STAGES[before].zh_cn} → {LEAD_STAGES[after].zh_cn}"
    write_down(context, [customer], f"{text}：{reason}" if reason else text)
    return {"id": customer.id, "lead_stage": after}


# unrestricted: contacts of a customer that the actor may change
def _may_be_called(context: Context, customer: Customer) -> bool:
    context.session.flush()
    statement = select(Contact.id).where(Contact.customer_id == customer.id, Contact.phone.is_not(None)).limit(1)
    return context.session.scalar(statement) is not None
