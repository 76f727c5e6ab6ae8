"""What areas ask of approvals: whether a kind needs one, handing a document in, and what became of it elsewhere."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import select

from server.approvals.flows import flow_in_use, plan_for, plan_of
from server.approvals.holding import refresh_holders
from server.approvals.kinds import Kind
from server.approvals.models import OPEN_STATES, Approval, ApprovalStep
from server.approvals.running import begin, finish, said, steps_of
from server.approvals.telling import tell
from server.records.actor import Actor
from server.records.commands import Context
from server.records.editing import check_id
from server.records.errors import error_texts
from server.records.fields import L
from server.records.ids import uuid7
from server.records.rights import concealed, conceals_money, told_of, without_amounts

error_texts(
    {
        "needs_approval": L(
            "已提交审批，通过后生效",
            "已提交審批，通過後生效",
            "Handed in for approval; it takes effect when approved",
        ),
    }
)


@told_of(Approval, "summary")
@told_of(Approval, "facts")
@told_of(Approval, "args")
def told_content(actor: Actor, value: Any, of: Callable[[str], Any]) -> Any:
    """What is asked for, without values of fields that the reader may not read."""
    hidden = set(concealed(actor))
    told: Any
    if isinstance(value, list):
        told = [
            {**line, **{side: None for side in ("before", "after") if side in line}, "concealed": True}
            if (line.get("record"), line.get("field")) in hidden
            else line
            for line in value
        ]
    else:
        names = {name for record_type, name in hidden if record_type == of("record_type")}
        told = {name: one for name, one in value.items() if name not in names}
        if isinstance(told.get("set"), dict):
            told["set"] = {
                name: pair
                for name, pair in told["set"].items()
                if name not in names and tuple(name.partition(":")[0].split(".", 1)) not in hidden
            }
    return without_amounts(told) if conceals_money(actor) else told


def is_needed(context: Context, kind: Kind) -> bool:
    """Whether the company wants documents of this kind approved."""
    return flow_in_use(context, kind).enabled


def watched(context: Context, kind: Kind) -> set[str]:
    """The things of which the company wants changes approved; none where it wants no approval at all."""
    flow = flow_in_use(context, kind)
    return set(flow.watched) if flow.enabled else set()


def submit(
    context: Context,
    kind: Kind,
    *,
    record_id: str,
    title: str,
    args: dict[str, Any],
    summary: list[dict[str, Any]],
    facts: dict[str, Any],
    customer_id: str | None = None,
    amount: Decimal | None = None,
    reason: str | None = None,
    requester_id: str | None = None,
    approval_id: str | None = None,
) -> Approval:
    """Hands a document in; the outcome says held with the approval's id, or what became of it at once."""
    flow = flow_in_use(context, kind)
    plan = plan_for(flow, facts)
    approval = Approval(
        id=check_id(approval_id) if approval_id else uuid7(),
        kind=kind.name,
        title=title[:200],
        state="running",
        requester_id=requester_id or context.actor.employee_id,
        customer_id=customer_id,
        record_type=kind.subject.__tablename__,
        record_id=record_id,
        reason=(reason or "").strip()[:1000] or None,
        amount=amount,
        summary=summary,
        facts=facts,
        flow_id=flow.id,
        flow_version=flow.version,
        plan=msgspec.to_builtins(plan),
        step=0,
        round=1,
        command=kind.command,
        args=args,
    )
    context.add(approval, fresh=approval_id is None)
    said(context, approval, "submitted", approval.reason)
    begin(context, approval, plan)
    tell(context, approval)
    return approval


def resubmit(context: Context, approval: Approval, reason: str | None = None) -> None:
    """A further round by the flow it started with; the conditions look at what it says now."""
    plan = plan_of(approval)
    approval.round += 1
    said(context, approval, "submitted", reason)
    begin(context, approval, plan)
    tell(context, approval)


def open_approval(context: Context, kind: Kind, record_id: str, requester_id: str | None = None) -> Approval | None:
    """The document of this kind about a record that is still on its way."""
    context.session.flush()
    statement = select(Approval).where(
        Approval.kind == kind.name, Approval.record_id == record_id, Approval.state.in_(OPEN_STATES)
    )
    if requester_id is not None:
        statement = statement.where(Approval.requester_id == requester_id)
    return context.session.scalars(statement.order_by(Approval.created_at.desc()).limit(1)).first()


def is_untouched(context: Context, approval: Approval) -> bool:
    """Whether nobody has said anything to it yet."""
    decided = select(ApprovalStep.id).where(
        ApprovalStep.approval_id == approval.id, ApprovalStep.state.not_in(("submitted", "waiting", "skipped"))
    )
    return approval.state == "running" and context.session.scalar(decided.limit(1)) is None


def take_back(context: Context, approval: Approval) -> None:
    """Nothing is left of what its author asked for."""
    said(context, approval, "withdrawn")
    finish(context, approval, "withdrawn")


def decided_elsewhere(context: Context, kind: Kind, record_id: str, state: str, opinion: str | None = None) -> None:
    """What was asked for was decided at the document itself, or is not asked for any more (`withdrawn`)."""
    approval = open_approval(context, kind, record_id)
    if approval is None:
        return
    me = context.actor.employee_id
    outcome = {"approved": "agreed"}.get(state, state)
    mine = [line for line in steps_of(context, approval, "waiting") if me in (line.approver_id, line.for_id)]
    for line in mine[:1]:
        line.state, line.opinion, line.decided_by, line.decided_at = outcome, opinion, me, context.now
    if not mine:
        said(context, approval, outcome, opinion, why=None if state == "withdrawn" else "elsewhere")
    finish(context, approval, state)
    tell(context, approval)


__all__ = [
    "decided_elsewhere",
    "is_needed",
    "is_untouched",
    "open_approval",
    "refresh_holders",
    "resubmit",
    "submit",
    "take_back",
    "watched",
]
