"""How a document runs: handed in, from step to step, and carried out when the last one agrees."""

from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import func, select

from server.approvals.finding import Asked, who_decides
from server.approvals.flows import Plan, plan_of
from server.approvals.holding import refresh_holders
from server.approvals.kinds import Kind, kind_named
from server.approvals.models import Approval, ApprovalStep
from server.people.models import Employee
from server.records.actor import SYSTEM, Actor
from server.records.commands import Context, UnknownCommand, find_command, run
from server.records.errors import BusinessError, Rejected, error_texts, sentence
from server.records.fields import L
from server.savepoints import savepoint
from sync import journal

error_texts(
    {
        "changed_meanwhile_approval": L(
            "{label}在审批期间已被改动，请按现在的内容重新申请",
            "{label}在審批期間已被改動，請依現在的內容重新申請",
            "{label} changed while this was being decided; ask again on what it is now",
        ),
        "approval_failed": L(
            "已同意，但未能执行：{problem}。审批单保留，可再次执行",
            "已同意，但未能執行：{problem}。審批單保留，可再次執行",
            "Agreed, but it could not be carried out: {problem}. It is kept and can be tried again",
        ),
        "kind_gone": L("这类单据已不再需要审批", "這類單據已不再需要審批", "There is no such kind of document any more"),
    }
)  # fmt: skip


def kind_of(approval: Approval) -> Kind:
    kind = kind_named(approval.kind)
    if kind is None:
        raise Rejected("kind_gone", field="kind")
    return kind


def steps_of(context: Context, approval: Approval, *states: str) -> list[ApprovalStep]:
    """The lines of a document's history in their order; with `states` only those."""
    context.session.flush()
    statement = select(ApprovalStep).where(ApprovalStep.approval_id == approval.id).order_by(ApprovalStep.seq)
    if states:
        statement = statement.where(ApprovalStep.state.in_(states))
    return list(context.session.scalars(statement))


def write_line(context: Context, approval: Approval, state: str, **values: Any) -> ApprovalStep:
    """A further line of the history."""
    context.session.flush()
    last = context.session.scalar(select(func.max(ApprovalStep.seq)).where(ApprovalStep.approval_id == approval.id))
    line = ApprovalStep(
        approval_id=approval.id, seq=(last or 0) + 1, round=approval.round, step=approval.step, state=state, **values
    )
    return context.add(line)


def said(context: Context, approval: Approval, state: str, opinion: str | None = None, **values: Any) -> ApprovalStep:
    """A line about what somebody did just now."""
    who = context.actor.employee_id
    return write_line(
        context, approval, state, approver_id=None if context.actor == SYSTEM else who, opinion=opinion,
        decided_by=who, decided_at=context.now, **values,
    )  # fmt: skip


def begin(context: Context, approval: Approval, plan: Plan) -> None:
    """The first step of a round; a document to which no step applies is carried out at once."""
    approval.state = "running"
    approval.step = 0
    approval.finished_at = approval.outcome = approval.outcome_detail = None
    for name in plan.skipped:
        write_line(context, approval, "skipped", step_name=name)
    _moved(context, approval)
    go_on(context, approval, plan)


def go_on(context: Context, approval: Approval, plan: Plan) -> None:
    """Asks the people of the current step, or carries out what was agreed to."""
    if approval.step >= len(plan.steps):
        carry_out(context, approval)
    else:
        step = plan.steps[approval.step]
        found = who_decides(context.session, step, plan.instead, approval.requester_id, context.today)
        ask(context, approval, found)
    refresh_holders(context, approval)


def ask(context: Context, approval: Approval, found: list[Asked]) -> None:
    """Lays the current step before these people."""
    step = plan_of(approval).steps[approval.step]
    for one in found:
        write_line(
            context, approval, "waiting", step_name=step.name, approver_id=one.employee_id, for_id=one.for_id, why=one.why
        )  # fmt: skip


def agreed(context: Context, approval: Approval, line: ApprovalStep) -> None:
    """Somebody agreed: one is enough, or the others are still waited for. Of the administrators one is always enough."""
    plan = plan_of(approval)
    waiting = steps_of(context, approval, "waiting")
    if line.why == "fallback_administrator":
        for other in [one for one in waiting if one.why == line.why]:
            other.state = "not_needed"
            waiting.remove(other)
    if waiting and plan.steps[approval.step].need == "all":
        return
    let_go(context, approval)
    approval.step += 1
    go_on(context, approval, plan)


def let_go(context: Context, approval: Approval) -> None:
    """Nobody is waited for any more."""
    for line in steps_of(context, approval, "waiting"):
        line.state = "not_needed"


def finish(context: Context, approval: Approval, state: str) -> None:
    """It came to an end, or back to who asked for it."""
    let_go(context, approval)
    approval.state = state
    approval.finished_at = None if state == "returned" else context.now
    _moved(context, approval)
    refresh_holders(context, approval)


def carry_out(context: Context, approval: Approval) -> None:
    """Does what was agreed to, by all rules that hold now. Where they say no, the document stays open and says why."""
    kind = kind_of(approval)
    approval.state, approval.finished_at = "approved", context.now
    approval.outcome = approval.outcome_detail = None
    who = context.actor.employee_id if kind.by_approver else approval.requester_id
    try:
        with savepoint(context.session):
            run_for(context, who, approval.command, approval.args)
    except UnknownCommand:
        _failed(context, approval, Rejected("unknown_command"))
    except BusinessError as error:
        _failed(context, approval, error)
    else:
        write_line(context, approval, "done", decided_at=context.now)
    _moved(context, approval)


def _moved(context: Context, approval: Approval) -> None:
    """Lets the document itself show where it is now."""
    kind = kind_named(approval.kind)
    if kind is not None and kind.moved is not None:
        kind.moved(context, approval)


def run_for(context: Context, employee_id: str, command: str, args: dict[str, Any]) -> None:
    """Runs a command as the system in somebody's name, with its own rules and its own line in the audit trail."""
    log = journal.of(context.session)
    context.session.flush()
    cause = log.cause
    employee = context.find(Employee, employee_id)
    actor: Actor = replace(SYSTEM, employee_id=employee_id, name=employee.real_name if employee else "")
    inner = Context(session=context.session, actor=actor, now=context.now, zone=context.zone, op_id=context.op_id)
    try:
        run(inner, command, find_command(command).version, dict(args))
    finally:
        log.cause = cause
    context.changes.extend(inner.changes)


def _failed(context: Context, approval: Approval, error: BusinessError) -> None:
    detail = msgspec.to_builtins(error.detail(), str_keys=True)
    approval.state, approval.finished_at = "failed", None
    approval.outcome, approval.outcome_detail = error.code, detail
    write_line(context, approval, "failed", decided_at=context.now, detail={"code": error.code, **detail})
    problem = sentence(error.code, "zh-CN", detail)
    context.adjusted(
        "approval_failed", **{**detail, "problem": problem, "why": error.code, "approval_id": approval.id}
    )
