"""Writes of opportunities: caught, followed by stage, closed with the reason (BUSINESS.md, Leads & follow-up, LF-11, LF-12)."""

from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import select

from server.followups.models import ContactRecord, Opportunity
from server.records.commands import Context, command
from server.records.editing import DeleteArgs, on_create, on_delete, on_edit, standard_commands
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L

error_texts(
    {
        "opportunity_closed": L(
            "商机已经关闭，重新打开后才能修改",
            "商機已經關閉，重新打開後才能修改",
            "The opportunity is closed; it has to be opened again before it is changed",
        ),
        "opportunity_of_another": L(
            "这是同事的商机，您不能修改",
            "這是同事的商機，您不能修改",
            "This is a colleague's opportunity; you cannot change it",
        ),
        "opportunity_elsewhere": L(
            "商机属于另一位客户", "商機屬於另一位客戶", "The opportunity belongs to another customer"
        ),
    }
)

standard_commands(Opportunity)


class CloseArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`reason`: why it was won or lost; nobody learns from one that says nothing."""

    id: str
    outcome: Literal["won", "lost"]
    reason: Annotated[str, msgspec.Meta(max_length=400)]


@on_create(Opportunity, looks=False)
def caught(context: Context, opportunity: Opportunity) -> None:
    """Whoever catches it has it."""
    opportunity.owner_id = context.actor.employee_id


@on_edit(Opportunity)
def changed(context: Context, opportunity: Opportunity, changed: dict[str, tuple[Any, Any]]) -> None:
    """Notes may be added for ever; how it stands is over with its end."""
    if not changed:
        return
    _owner_or_supervisor(context, opportunity)
    if opportunity.state != "open" and set(changed) - {"remark"}:
        raise Rejected("opportunity_closed", field="id")


@on_delete(Opportunity)
def deleted(context: Context, opportunity: Opportunity) -> None:
    """What was said about it stays."""
    _owner_or_supervisor(context, opportunity)
    for record in context.session.scalars(
        select(ContactRecord).where(ContactRecord.opportunity_id == opportunity.id)
    ):
        record.opportunity_id = None


@command("opportunity.close", CloseArgs, permission="opportunity.edit")
def close(context: Context, args: CloseArgs) -> dict[str, Any]:
    """Won or lost, with the reason (LF-12). The same once more changes nothing; for another reason it is closed already.
    422 opportunity_closed."""
    opportunity = context.need(Opportunity, args.id, "edit")
    _owner_or_supervisor(context, opportunity)
    reason = " ".join(args.reason.replace("\x00", "").split())
    if not reason:
        raise Rejected("required", field="reason", label=L("关闭原因", "關閉原因", "Reason for closing"))
    if (opportunity.state, opportunity.close_reason) == (args.outcome, reason):
        return {"id": opportunity.id}
    if opportunity.state != "open":
        raise Rejected("opportunity_closed", field="id")
    opportunity.state, opportunity.close_reason = args.outcome, reason
    opportunity.closed_at = context.claimed_time()
    return {"id": opportunity.id}


@command("opportunity.reopen", DeleteArgs, permission="opportunity.edit")
def reopen(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """It goes on after all; why it had been closed stays in the history."""
    opportunity = context.need(Opportunity, args.id, "edit")
    _owner_or_supervisor(context, opportunity)
    opportunity.state, opportunity.close_reason, opportunity.closed_at = "open", None, None
    return {"id": opportunity.id}


def _owner_or_supervisor(context: Context, opportunity: Opportunity) -> None:
    """Serving the same customer lets one see a colleague's opportunity, not decide on it."""
    scope = context.actor.scope("opportunity.edit")
    members = context.actor.members(scope) if scope else frozenset[str]()
    if context.actor.is_system or members is None:
        return
    if opportunity.owner_id not in members | {context.actor.employee_id}:
        raise Forbidden("opportunity_of_another", id=opportunity.id)
