"""What goes along when somebody hands over: his customers, and what others share with him."""

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.customers.holding import refresh_access
from server.customers.models import Customer, CustomerShare
from server.customers.owners import hand_over, new_owner
from server.people.handover import HandOverArgs, Item, Part, Problem, goes_along
from server.people.models import Employee
from server.records.commands import Context
from sync.access import among
from sync.positions import is_postgresql


# unrestricted: all of it goes, whoever sees it
def _owned(session: Session, args: HandOverArgs) -> list[Item]:
    rows = session.execute(
        select(Customer.id, Customer.name, Customer.group_id, Customer.enabled)
        .where(Customer.owner_id == args.id)
        .order_by(Customer.name, Customer.id)
    )
    return [Item(row.id, row.name, args.receiver(row.group_id), None if row.enabled else "disabled") for row in rows]


def _give(context: Context, args: HandOverArgs, items: list[Item]) -> None:
    """To each receiver at once, within his limit (CU-36, CU-57)."""
    statement = (
        select(Customer)
        .where(Customer.id.in_(among(context.session, [item.id for item in items])), Customer.owner_id == args.id)
        .order_by(Customer.id)
    )
    if is_postgresql(context.session):
        statement = statement.with_for_update().execution_options(populate_existing=True)
    customers = list(context.session.scalars(statement))
    for receiver in sorted(args.receivers):
        his = [customer for customer in customers if args.receiver(customer.group_id) == receiver]
        if his:
            new_owner(context, receiver, sum(customer.enabled for customer in his))
            hand_over(context, his, receiver, "hand_over")


# unrestricted: counts for the one who hands over
def _limits(session: Session, args: HandOverArgs, items: list[Item]) -> list[Problem]:
    more = Counter(item.to for item in items if item.to and item.note != "disabled")
    people = select(Employee.id, Employee.real_name, Employee.max_customers).where(
        Employee.id.in_(sorted(more)), Employee.max_customers.is_not(None)
    )
    found: list[Problem] = []
    for row in session.execute(people):
        held = select(func.count()).select_from(Customer).where(Customer.owner_id == row.id, Customer.enabled)
        count = session.scalar(held) or 0
        if count + more[row.id] > row.max_customers:
            params = {"name": row.real_name, "max": row.max_customers, "count": count}
            found.append(Problem("customer_limit", params))
    return found


# unrestricted: all of it goes, whoever sees it
def _shared(session: Session, args: HandOverArgs) -> list[Item]:
    """What others share with the leaver is shared with the receiver instead, unless he sees it anyway."""
    rows = session.execute(
        select(CustomerShare.id, Customer.id.label("customer_id"), Customer.name, Customer.owner_id)
        .join(Customer, Customer.id == CustomerShare.customer_id)
        .where(CustomerShare.employee_id == args.id)
        .order_by(Customer.name, Customer.id)
    ).all()
    has = set(session.scalars(select(CustomerShare.customer_id).where(CustomerShare.employee_id == args.to)))
    return [
        Item(row.id, row.name, None if row.owner_id == args.to or row.customer_id in has else args.to) for row in rows
    ]


def _share(context: Context, args: HandOverArgs, items: list[Item]) -> None:
    going = {item.id: item.to for item in items}
    shares = (
        select(CustomerShare).where(CustomerShare.id.in_(among(context.session, going))).order_by(CustomerShare.id)
    )
    concerned: list[str] = []
    for share in context.session.scalars(shares):
        concerned.append(share.customer_id)
        if going[share.id] is None:
            context.session.delete(share)
        else:
            share.employee_id = args.to
    customers = select(Customer).where(Customer.id.in_(among(context.session, concerned))).order_by(Customer.id)
    refresh_access(context, context.session.scalars(customers).all())


goes_along(Part("customers", 20, _owned, _give, _limits))
goes_along(Part("shares", 30, _shared, _share))
