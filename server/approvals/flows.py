"""The flow of a kind of document that is in use: the company's own, or what the area suggests."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.approvals.finding import Fallback
from server.approvals.kinds import Kind
from server.approvals.models import Approval, ApprovalFlow
from server.approvals.steps import Step, applies
from server.records.commands import Context
from server.records.loading import QUIETLY, flush_for


@dataclass(frozen=True, slots=True)
class Flow:
    """Version 0 is what the area suggests."""

    steps: list[Step]
    enabled: bool
    watched: list[str]
    fallback: Fallback = field(default_factory=Fallback)
    version: int = 0
    id: str | None = None


class Plan(msgspec.Struct, omit_defaults=True):
    """What a running document keeps of its flow: the steps that apply to it, and who is asked where one has nobody."""

    steps: list[Step]
    skipped: list[str] = []
    fallback: str = "head"
    fallback_ids: list[str] = []

    @property
    def instead(self) -> Fallback:
        return Fallback(self.fallback, tuple(self.fallback_ids))


def plan_for(flow: Flow, facts: dict[str, Any]) -> Plan:
    return Plan(
        steps=[step for step in flow.steps if applies(step, facts)],
        skipped=[step.name for step in flow.steps if not applies(step, facts)],
        fallback=flow.fallback.rule,
        fallback_ids=list(flow.fallback.employee_ids),
    )


def plan_of(approval: Approval) -> Plan:
    return msgspec.convert(approval.plan, Plan)


def flow_in_use(context: Context, kind: Kind) -> Flow:
    """Asked once for a batch of commands; a new version forgets what was remembered."""
    known: dict[str, Flow] = context.memory.setdefault("approval_flows", {})
    if kind.name not in known:
        known[kind.name] = read_flow(context.session, kind)
    return known[kind.name]


# unrestricted: the company's rule
def read_flow(session: Session, kind: Kind) -> Flow:
    flush_for(session, ApprovalFlow)  # and nothing else: what waits to be written together waits on
    statement = select(ApprovalFlow).where(ApprovalFlow.kind == kind.name, ApprovalFlow.current).limit(1)
    row = session.scalars(statement, execution_options=QUIETLY).first()
    if row is None:
        return Flow(list(kind.steps), kind.enabled, list(kind.watched))
    return Flow(
        msgspec.convert(row.steps, list[Step]),
        row.enabled,
        list(row.watched),
        Fallback(row.fallback, tuple(row.fallback_ids or ())),
        row.version,
        row.id,
    )
