"""Who gave which customer to whom, and how (CU-37): a line for each change of the owner, written with the change itself."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from server.customers.models import Customer, CustomerMove
from server.records.commands import Context
from server.records.ids import uuid7


def note(
    context: Context, customers: Iterable[Customer], owner_id: str | None, how: str, *, by_approval: bool = False
) -> None:
    """To be called before the customers get their new owner."""
    for customer in customers:
        if customer.owner_id != owner_id:
            said = {name: getattr(customer, name) for name in ("category_id", "customer_status", "sales_region_id")}
            line = line_of(customer.id, customer.name, how, customer.owner_id, owner_id, context.now, **said)
            line.moved_by = None if context.actor.is_system and not by_approval else context.actor.employee_id
            line.by_approval = by_approval
            context.add(line, fresh=True)


def line_of(
    customer_id: str, name: str, how: str, before: str | None, after: str | None, at: datetime, **said: Any
) -> CustomerMove:
    return CustomerMove(
        id=uuid7(), customer_id=customer_id, name=name, kind=how, from_id=before, to_id=after, moved_at=at,
        by_approval=False, **said,
    )  # fmt: skip
