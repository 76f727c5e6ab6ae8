"""What goes along when somebody hands over: the visits he has planned."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.customers.models import Customer
from server.people.handover import HandOverArgs, Item, Part, goes_along
from server.records.commands import Context
from server.records.ids import uuid7
from server.records.loading import load_many
from server.visits.models import Visit


# unrestricted: all of it goes, whoever sees it
def _planned(session: Session, args: HandOverArgs) -> list[Item]:
    """To who gets the customer; where that is somebody else's, to who gets the rest."""
    rows = session.execute(
        select(Visit.id, Visit.planned_on, Customer.name, Customer.owner_id, Customer.group_id)
        .join(Customer, Customer.id == Visit.customer_id)
        .where(Visit.visitor_id == args.id, Visit.state == "planned")
        .order_by(Visit.planned_on, Visit.id)
    )
    return [
        Item(
            row.id,
            row.name,
            args.receiver(row.group_id) if row.owner_id == args.id else args.to,
            row.planned_on and row.planned_on.isoformat(),
        )
        for row in rows
    ]


def _plan(context: Context, args: HandOverArgs, items: list[Item]) -> None:
    """The receiver plans the same. The leaver's own plan is dropped and stays his: if it turns out that his phone was
    there after all, that is what it becomes."""
    visits = load_many(context.session, Visit, [item.id for item in items])
    taken = {
        (row.visitor_id, row.customer_id, row.planned_on)
        for row in context.session.execute(
            select(Visit.visitor_id, Visit.customer_id, Visit.planned_on).where(
                Visit.visitor_id.in_(sorted(args.receivers)), Visit.state == "planned"
            )
        )
    }
    for item in items:
        visit = visits[item.id]
        visit.state = "dropped"
        if item.to is None or (item.to, visit.customer_id, visit.planned_on) in taken:
            continue
        context.add(
            Visit(
                id=uuid7(),
                customer_id=visit.customer_id,
                visitor_id=item.to,
                visit_type_id=visit.visit_type_id,
                state="planned",
                planned_on=visit.planned_on,
                plan_note=visit.plan_note,
                evidence="none",
                photo_count=0,
                received_at=context.now,
            ),
            fresh=True,
        )


goes_along(Part("visits", 40, _planned, _plan))
