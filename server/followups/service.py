"""What other areas may ask of follow-up: records that the system writes itself, and who is to make the next contact."""

from collections.abc import Iterable

from sqlalchemy import Select, or_, select

from server.customers.models import Customer, CustomerShare
from server.followups.models import ContactRecord
from server.records.commands import Context
from server.records.ids import uuid7


def write_down(context: Context, customers: Iterable[Customer], content: str) -> None:
    """A record of each customer that the system writes in the actor's name (CU-58). It is no follow-up: last contact and
    appointment stay."""
    for customer in customers:
        context.add(
            ContactRecord(
                id=uuid7(),
                customer_id=customer.id,
                clerk_id=context.actor.employee_id,
                kind="follow_up",
                contacted_at=context.now,
                content=content,
                automatic=True,
            ),
            fresh=True,
        )


def appointed() -> Select[str, str | None]:
    """(`customer_id`, `person_id`) of the appointments that stand and name somebody who may still serve the customer."""
    return (
        select(ContactRecord.customer_id, ContactRecord.next_person_id.label("person_id"))
        .join(Customer, Customer.id == ContactRecord.customer_id)
        .outerjoin(
            CustomerShare,
            (CustomerShare.customer_id == Customer.id) & (CustomerShare.employee_id == ContactRecord.next_person_id),
        )
        .where(
            ContactRecord.next_person_id.is_not(None),
            ContactRecord.next_contact_at == Customer.next_contact_at,
            or_(CustomerShare.id.is_not(None), Customer.owner_id == ContactRecord.next_person_id),
        )
    )
