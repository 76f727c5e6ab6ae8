"""What goes along when somebody hands over: his orders that are not finished. Who took them stays who took them; they are
seen and served with their customer."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.customers.models import Customer
from server.orders.models import Order
from server.people.handover import HandOverArgs, Item, Part, goes_along
from server.records.commands import Context
from server.records.loading import load_many

_UNFINISHED = ("pending", "picking", "shipped")


# unrestricted: all of it goes, whoever sees it
def _unfinished(session: Session, args: HandOverArgs) -> list[Item]:
    rows = session.execute(
        select(Order.id, Order.order_no, Order.state, Customer.name, Customer.owner_id, Customer.group_id)
        .join(Customer, Customer.id == Order.customer_id)
        .where(Order.state.in_(_UNFINISHED), or_(Order.clerk_id == args.id, Order.sales_clerk_id == args.id))
        .order_by(Order.ordered_at, Order.id)
    )
    return [
        Item(
            row.id,
            f"{row.order_no or ''} {row.name}".strip(),
            args.receiver(row.group_id) if row.owner_id == args.id else row.owner_id or args.to,
            row.state,
        )
        for row in rows
    ]


def _serve(context: Context, args: HandOverArgs, items: list[Item]) -> None:
    orders = load_many(context.session, Order, [item.id for item in items])
    for item in items:
        if orders[item.id].sales_clerk_id == args.id:
            orders[item.id].sales_clerk_id = item.to


goes_along(Part("orders", 50, _unfinished, _serve))
