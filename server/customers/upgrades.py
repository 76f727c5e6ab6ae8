"""What a new version changes in the customers of a company that is there already."""

import msgspec
from sqlalchemy import select

from server.approvals.models import ApprovalFlow
from server.customers.changes import CHANGE
from server.records.commands import Context
from server.upgrading import on_upgrade


# unrestricted: the company's rule
@on_upgrade("customers.shares_watched")
def keep_what_is_watched(context: Context) -> None:
    """A new company has shares and agreed prices approved. One that has not drawn a flow of its own was used to name,
    settlement and limit: it keeps them, as its first flow, and may tick the others."""
    there = select(ApprovalFlow.id).where(ApprovalFlow.kind == CHANGE.name).limit(1)
    if context.session.scalar(there) is None:
        steps = msgspec.to_builtins(list(CHANGE.steps))
        watched = ["name", "settlement_mode", "credit_limit"]
        context.add(
            ApprovalFlow(
                kind=CHANGE.name, version=1, current=True, enabled=CHANGE.enabled, steps=steps, watched=watched,
                fallback="head",
            )
        )  # fmt: skip
