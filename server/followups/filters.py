"""Whose contacts are due: the list of customers by who is to speak with them (LF-8)."""

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session

from server.customers.models import Customer
from server.followups.models import ContactRecord
from server.followups.service import appointed
from server.records.actor import Actor
from server.records.listing import list_filter


@list_filter(Customer, "contact_by")
# unrestricted: only narrows the list of customers
def to_contact(session: Session, actor: Actor, text: str) -> ColumnElement[bool]:
    """Customers whose next contact is somebody's: his own, and where a record names him. An employee's id."""
    named = appointed().where(ContactRecord.next_person_id == text).with_only_columns(ContactRecord.customer_id)
    return or_(Customer.owner_id == text, Customer.id.in_(named))
