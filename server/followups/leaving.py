"""What goes along when somebody hands over: the complaints he has still to answer."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.customers.models import Customer
from server.followups.complaint_reminders import WAITING, tell_assigned
from server.followups.models import Complaint
from server.people.handover import HandOverArgs, Item, Part, goes_along
from server.records.commands import Context
from server.records.loading import load_many


# unrestricted: all of it goes, whoever sees it
def _waiting(session: Session, args: HandOverArgs) -> list[Item]:
    """To who gets the customer; where that is somebody else's, to who gets the rest."""
    rows = session.execute(
        select(Complaint.id, Complaint.state, Customer.name, Customer.owner_id, Customer.group_id)
        .join(Customer, Customer.id == Complaint.customer_id)
        .where(Complaint.handler_id == args.id, Complaint.state.in_(WAITING))
        .order_by(Complaint.due_at, Complaint.id)
    )
    return [
        Item(row.id, row.name, args.receiver(row.group_id) if row.owner_id == args.id else args.to, row.state)
        for row in rows
    ]


def _handle(context: Context, args: HandOverArgs, items: list[Item]) -> None:
    complaints = load_many(context.session, Complaint, [item.id for item in items])
    for item in items:
        complaints[item.id].handler_id = item.to
        tell_assigned(context, complaints[item.id])


goes_along(Part("complaints", 60, _waiting, _handle))
