"""What other areas ask of customers: who sees them, and the figures that visits and orders keep up to date."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import aliased

from server.attachments.models import Attachment
from server.company.models import COMPANY_ID, Company
from server.customers.beside import price_of
from server.customers.changes import ask_at_once, is_guarded
from server.customers.models import Contact, Customer, CustomerShare
from server.people.models import Employee
from server.records.actor import Actor
from server.records.commands import Context, redirect
from server.records.loading import load_locked
from server.records.search.matching import Matching, also_found
from server.records.visibility import also_visible

# -- figures on the customer file


def note_visit(
    context: Context,
    customer_id: str,
    at: datetime,
    stage_id: str | None = None,
    next_contact_at: datetime | None = None,
) -> Customer:
    """Counts a visit: number, last visit and last contact, and what the visit said of stage and next contact.

    An older visit that arrives late counts but does not turn back the dates, the stage or the appointment.
    """
    customer = context.get(Customer, customer_id)
    customer.visit_count += 1
    latest = customer.last_visit_at is None or at >= customer.last_visit_at
    if latest:
        customer.last_visit_at = at
    note_contact(context, customer_id, at, stage_id if latest else None, next_contact_at if latest else None)
    return customer


def note_contact(
    context: Context,
    customer_id: str,
    at: datetime,
    stage_id: str | None = None,
    next_contact_at: datetime | None = None,
) -> Customer:
    """Somebody spoke with the customer: last contact, stage, next appointment; one that was kept is cleared."""
    customer = context.get(Customer, customer_id)
    if customer.last_contact_at is None or at > customer.last_contact_at:
        customer.last_contact_at = at
    if next_contact_at is None and customer.next_contact_at is not None and customer.next_contact_at <= at:
        customer.next_contact_at = None
    return note_follow_up(context, customer_id, stage_id, next_contact_at)


def is_at(context: Context, metres: float, accuracy: float | None) -> bool:
    """Whether a position so many metres from a customer counts as being there, by the company's range for check-ins."""
    return metres <= context.session.get_one(Company, COMPANY_ID).geofence_metres + (accuracy or 0)


def address_of(customer: Customer) -> str:
    """In one line. Many addresses begin with the district or more of it; nothing is said twice (in the app: `addressOf`)."""
    address = customer.address or ""
    province = None if customer.province == customer.city else customer.province
    area = [part for part in (province, customer.city, customer.district) if part]
    known = next((n for n, part in enumerate(area) if address.startswith(part)), len(area))
    return "".join([*area[:known], address])


def note_follow_up(
    context: Context, customer_id: str, stage_id: str | None = None, next_contact_at: datetime | None = None
) -> Customer:
    """What was said of the follow-up stage and the next appointment; None leaves what is there."""
    customer = context.get(Customer, customer_id)
    if stage_id is not None:
        set_sales_stage(customer, stage_id)
    if next_contact_at is not None:
        customer.next_contact_at = next_contact_at
    return customer


def set_sales_stage(customer: Customer, stage_id: str) -> None:
    """The follow-up stage. A potential customer whose stage moves is followed from then on (LF-1)."""
    moves = customer.sales_stage_id != stage_id
    customer.sales_stage_id = stage_id
    if moves and customer.lead_stage == "potential":
        customer.lead_stage = "following"


def note_storefront(context: Context, customer_id: str, photo_id: str) -> Customer:
    """A believed photo of the shop front becomes the customer's picture, unless there is one (CU-16)."""
    customer = context.get(Customer, customer_id)
    if customer.storefront_photo is None:
        customer.storefront_photo = photo_id
    return customer


def forget_storefront(context: Context, customer_id: str, photo_id: str) -> None:
    """The customer's picture was withdrawn by who took it; the next believed one takes its place."""
    customer = context.get(Customer, customer_id)
    if customer.storefront_photo == photo_id:
        customer.storefront_photo = None


def add_sales(
    context: Context, customer_id: str, sales_delta: Decimal = Decimal(0), debt_delta: Decimal = Decimal(0)
) -> Customer:
    """Changes sales total and debt by what an order or a receipt changed, in CNY. A sale makes it a dealt and existing
    one."""
    customer = context.get(Customer, customer_id)
    customer.sales_total += sales_delta
    customer.debt_total += debt_delta
    if sales_delta > 0:
        customer.customer_status = "dealt"
        customer.lead_stage = "existing"
    return customer


# -- who sees (who holds: holding.py)


@also_visible(Customer, "shared")
def shared_customers(actor: Actor, operation: str) -> ColumnElement[bool] | None:
    """A shared customer is seen and served (visits, orders); its file is still the owner's to change (CU-48)."""
    if operation != "view":
        return None
    return Customer.id.in_(select(CustomerShare.customer_id).where(CustomerShare.employee_id == actor.employee_id))


_marked = aliased(Customer)


# unrestricted: the company's switch; a mark widens what is seen
@also_visible(Customer, "cross_branch")
def customers_of_the_chain(_actor: Actor, operation: str) -> ColumnElement[bool] | None:
    """A chain's branches share the customers with that mark, so that none files one twice (CU-9): everybody who sees
    customers sees and serves them. Devices hold one of them only where its user took it along (`customer.share`)."""
    if operation != "view":
        return None
    chain = select(Company.chain_edition).where(Company.id == COMPANY_ID).scalar_subquery()
    return Customer.id.in_(select(_marked.id).where(_marked.cross_branch, chain))


@also_found(Customer)
def found_by_people(matching: Matching) -> list[Select[Any]]:
    """The search box also knows every contact, the owner (CU-27), and documents."""
    owned = select(Customer.id).where(Customer.owner_id.in_(matching(Employee, "id")))
    documents = matching(Attachment, "customer_id").where(Attachment.deleted_at.is_(None))
    return [matching(Contact, "customer_id"), owned, documents]


# -- customers that were merged into another


_ABOUT_THE_ONE_NAMED = ("customer.create", "customer.merge", "customer.unmerge", "customer.keep")


@redirect
def follow_merges(context: Context, name: str, args: dict[str, Any]) -> dict[str, Any]:
    """A phone may still send work for a customer that the desk merged meanwhile: it goes to what the customer became."""
    led = dict(args)
    values = args.get("values")
    if name.startswith("customer.") and name not in _ABOUT_THE_ONE_NAMED:
        led["id"] = successor(context, args.get("id"))
    if "customer_id" in args:
        led["customer_id"] = successor(context, args["customer_id"])
    if isinstance(values, dict) and "customer_id" in values:
        led["values"] = {**values, "customer_id": successor(context, values["customer_id"])}
    return {key: value for key, value in led.items() if key in args}


def successor(context: Context, customer_id: Any) -> Any:
    """The customer that this one became by merging; itself where it was not merged."""
    seen: set[str] = set()
    while isinstance(customer_id, str) and customer_id not in seen:
        seen.add(customer_id)
        customer = load_locked(context.session, Customer, customer_id)  # as whatever the command is about to do
        if customer is None or customer.merged_into is None:
            return customer_id
        customer_id = customer.merged_into
    return customer_id


# -- what a customer pays


def price_to_ask_for(context: Context, customer_id: str, product_id: str, price: Any) -> bool:
    """Whether an agreed price has to be approved; then it has been asked for, null to end it."""
    customer = context.need(Customer, customer_id)
    name = price_of(product_id)
    if not is_guarded(context, customer, name):
        return False
    ask_at_once(context, customer, {name: (None, price)})
    return True
