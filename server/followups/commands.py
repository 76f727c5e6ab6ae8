"""Writes of contact records (BUSINESS.md, Leads & follow-up, LF-6 – LF-10).

A record is a fact: it is kept whatever became of the customer meanwhile. What the latest one says of stage and next
contact is the customer's; one that arrives late, from a phone without network, turns nothing back.
"""

from typing import Any

from sqlalchemy import select

from server.company.models import Option
from server.customers import service as customers
from server.customers.models import Contact, Customer, CustomerShare
from server.followups import call_reports, complaints, filters, leads, logins, opportunities, trials  # noqa: F401 - their filters and commands count
from server.followups.models import ContactRecord, Opportunity
from server.followups.spoken import recount
from server.records.commands import Context
from server.records.editing import on_create, on_delete, on_edit, standard_commands
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L

error_texts(
    {
        "record_of_another": L(
            "这是同事的联系记录，您不能修改",
            "這是同事的聯絡記錄，您不能修改",
            "This is a colleague's contact record; you cannot change it",
        ),
        "record_of_system": L(
            "系统写的联系记录不能修改或删除",
            "系統寫的聯絡記錄不能修改或刪除",
            "A record that the system wrote cannot be changed or deleted",
        ),
        "next_person_elsewhere": L(
            "此人不负责也未共享该客户，没有记为下次联系人员",
            "此人不負責也未共享該客戶，沒有記為下次聯絡人員",
            "This person neither owns nor shares the customer and was not named for the next contact",
        ),
        "contact_elsewhere": L(
            "联系人属于另一位客户", "聯絡人屬於另一位客戶", "The contact belongs to another customer"
        ),
    }
)

standard_commands(ContactRecord, fact=True)


@on_create(ContactRecord)
def written(context: Context, record: ContactRecord) -> None:
    """Whoever writes it is its author; the time is the phone's, bounded by now; the company's first way of contact where
    none was chosen (LF-9)."""
    record.clerk_id = context.actor.employee_id
    record.contacted_at = context.claimed_time(record.contacted_at)
    record.method_id = record.method_id or _usual_method(context)
    _check_people(context, record)
    customer = context.get(Customer, record.customer_id)
    latest = customer.last_contact_at is None or record.contacted_at >= customer.last_contact_at
    customers.note_contact(
        context,
        customer.id,
        record.contacted_at,
        record.sales_stage_id if latest else None,
        record.next_contact_at if latest else None,
    )


@on_edit(ContactRecord)
def edited(context: Context, record: ContactRecord, changed: dict[str, tuple[Any, Any]]) -> None:
    """By its author, or who may change his (LF-7). What changes in the latest one changes for the customer, too."""
    if not changed:
        return
    _author_or_supervisor(context, record)
    if "contacted_at" in changed:
        record.contacted_at = context.claimed_time(record.contacted_at)
    _check_people(context, record)
    customer = context.get(Customer, record.customer_id)
    if "contacted_at" in changed:
        recount(context, customer)
    if customer.last_contact_at is not None and record.contacted_at < customer.last_contact_at:
        return  # somebody has spoken with the customer since
    if "sales_stage_id" in changed and record.sales_stage_id is not None:
        customers.set_sales_stage(customer, record.sales_stage_id)
    if "next_contact_at" in changed:
        customer.next_contact_at = record.next_contact_at


@on_delete(ContactRecord)
def deleted(context: Context, record: ContactRecord) -> None:
    """The customer is as if it had not been written: last contact, and the appointment of the record before."""
    _author_or_supervisor(context, record)
    customer = context.get(Customer, record.customer_id)
    recount(context, customer, without=record.id)
    if record.next_contact_at is not None and customer.next_contact_at == record.next_contact_at:
        before = _latest(context, customer.id, without=record.id)
        customer.next_contact_at = before.next_contact_at if before is not None else None


# unrestricted: records of a customer whose figures are computed from all of them
def _latest(context: Context, customer_id: str, without: str = "") -> ContactRecord | None:
    context.session.flush()
    return context.session.scalar(
        select(ContactRecord)
        .where(ContactRecord.customer_id == customer_id, ~ContactRecord.automatic, ContactRecord.id != without)
        .order_by(ContactRecord.contacted_at.desc(), ContactRecord.id.desc())
        .limit(1)
    )


# unrestricted: the company's lists are everybody's
def _usual_method(context: Context) -> str | None:
    """The default of the company's ways of contact, else the first."""
    return context.session.scalar(
        select(Option.id)
        .where(Option.list_name == "contact_method", Option.enabled)
        .order_by(Option.is_default.desc(), Option.sort, Option.id)
        .limit(1)
    )


# unrestricted: whether somebody serves the customer that the actor writes about
def _check_people(context: Context, record: ContactRecord) -> None:
    """A contact and an opportunity of this customer, and a person who serves it: nobody is told of a customer that he may not see. What a
    phone says wrongly is left out and named; the words stay."""
    contact = context.find(Contact, record.contact_id)
    if contact is not None and contact.customer_id != record.customer_id:
        if not context.pushed:
            raise Rejected("contact_elsewhere", field="contact_id")
        record.contact_id = None
        context.adjusted("contact_elsewhere", field="contact_id")
    opportunity = context.find(Opportunity, record.opportunity_id)
    if opportunity is not None and opportunity.customer_id != record.customer_id:
        if not context.pushed:
            raise Rejected("opportunity_elsewhere", field="opportunity_id")
        record.opportunity_id = None
        context.adjusted("opportunity_elsewhere", field="opportunity_id")
    person = record.next_person_id
    if person is None or person == context.actor.employee_id:
        return
    customer = context.get(Customer, record.customer_id)
    shared = select(CustomerShare.id).where(
        CustomerShare.customer_id == customer.id, CustomerShare.employee_id == person
    )
    if person != customer.owner_id and context.session.scalar(shared) is None:
        if not context.pushed:
            raise Rejected("next_person_elsewhere", field="next_person_id")
        record.next_person_id = None
        context.adjusted("next_person_elsewhere", field="next_person_id")


def _author_or_supervisor(context: Context, record: ContactRecord) -> None:
    """Serving the same customer lets one read a colleague's record, not rewrite it."""
    if context.actor.is_system:
        return
    if record.automatic:
        raise Forbidden("record_of_system", id=record.id)
    scope = context.actor.scope("contact_record.edit")
    members = context.actor.members(scope) if scope else frozenset[str]()
    if members is not None and record.clerk_id not in members | {context.actor.employee_id}:
        raise Forbidden("record_of_another", id=record.id)
