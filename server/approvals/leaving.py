"""What goes along when somebody hands over: what waits for his decision, flows that name him, colleagues for whom he stands
in, and what he asked for himself."""

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.approvals.absence import replace_approver
from server.approvals.editing import SaveFlowArgs, save
from server.approvals.finding import usable
from server.approvals.holding import refresh_holders
from server.approvals.models import OPEN_STATES, Approval, ApprovalAbsence, ApprovalFlow, ApprovalStep
from server.approvals.running import finish, said, steps_of, write_line
from server.approvals.steps import Step
from server.approvals.telling import tell
from server.people.handover import HandOverArgs, Item, Part, goes_along
from server.people.models import Employee
from server.records.commands import Context
from server.records.ids import uuid7


# unrestricted: all of it goes, whoever sees it
def _waiting(session: Session, args: HandOverArgs) -> list[Item]:
    rows = session.execute(
        select(ApprovalStep.id, Approval.title, Approval.requester_id)
        .join(Approval, Approval.id == ApprovalStep.approval_id)
        .where(ApprovalStep.approver_id == args.id, ApprovalStep.state == "waiting")
        .order_by(Approval.created_at, ApprovalStep.id)
    ).all()
    able = bool(usable(session, [args.to]))
    # Nobody decides on what he asked for himself: the flow finds somebody else for that.
    return [Item(row.id, row.title, args.to if able and row.requester_id != args.to else None) for row in rows]


def _pass_on(context: Context, args: HandOverArgs, items: list[Item]) -> None:
    for item in items:
        line = context.get(ApprovalStep, item.id, lock=False)
        approval = context.get(Approval, line.approval_id)
        context.session.refresh(line)
        if line.state != "waiting":
            continue
        if item.to is None:
            replace_approver(context, approval, line)
        else:
            line.state, line.decided_by, line.decided_at = "passed_on", context.actor.employee_id, context.now
            there = {one.approver_id for one in steps_of(context, approval, "waiting")}
            if item.to not in there:
                write_line(
                    context, approval, "waiting", step_name=line.step_name, why="passed_on", approver_id=item.to
                )  # fmt: skip
            refresh_holders(context, approval)
        tell(context, approval)


# unrestricted: all of it goes, whoever sees it
def _named(session: Session, args: HandOverArgs) -> list[Item]:
    """Flows in use that name the leaver in a step, or as the one to be asked where a step has nobody."""
    flows = session.scalars(select(ApprovalFlow).where(ApprovalFlow.current).order_by(ApprovalFlow.kind))
    return [Item(flow.id, flow.kind, args.to) for flow in flows if _names(flow, args.id)]


def _names(flow: ApprovalFlow, employee_id: str) -> bool:
    steps = msgspec.convert(flow.steps, list[Step])
    return any(employee_id in step.employee_ids for step in steps) or employee_id in (flow.fallback_ids or ())


def _draw_again(context: Context, args: HandOverArgs, items: list[Item]) -> None:
    """A new version each, with the receiver in the place of the leaver."""
    for item in items:
        flow = context.get(ApprovalFlow, item.id)
        steps = msgspec.convert(flow.steps, list[Step])
        wanted = SaveFlowArgs(
            id=uuid7(),
            kind=flow.kind,
            base=flow.version,
            enabled=flow.enabled,
            steps=[msgspec.structs.replace(step, employee_ids=_instead(step.employee_ids, args)) for step in steps],
            fallback=flow.fallback,  # type: ignore[arg-type]  # a choice of the same words
            fallback_ids=_instead(flow.fallback_ids or [], args),
            watched=list(flow.watched),
        )
        save(context, wanted)


def _instead(ids: list[str], args: HandOverArgs) -> list[str]:
    return list(dict.fromkeys(args.to if one == args.id else one for one in ids))


# unrestricted: all of it goes, whoever sees it
def _stood_in(session: Session, args: HandOverArgs) -> list[Item]:
    """Absences, present and to come, in which the leaver decides for a colleague."""
    rows = session.execute(
        select(ApprovalAbsence.id, ApprovalAbsence.employee_id, ApprovalAbsence.ends_on, Employee.real_name)
        .join(Employee, Employee.id == ApprovalAbsence.employee_id)
        .where(ApprovalAbsence.delegate_id == args.id)
        .order_by(ApprovalAbsence.starts_on, ApprovalAbsence.id)
    )
    return [
        Item(row.id, row.real_name, args.to if row.employee_id != args.to else None, row.ends_on.isoformat())
        for row in rows
    ]


def _stand_in(context: Context, args: HandOverArgs, items: list[Item]) -> None:
    for item in items:
        absence = context.get(ApprovalAbsence, item.id)
        if absence.ends_on < context.today:
            continue  # history
        if item.to is None:
            context.session.delete(absence)  # whoever is back for the leaver's work is back for his own
        else:
            absence.delegate_id = item.to


#: What is asked for here ends with who asked: the customers are not his to give or to take any more.
_END = ("customer.transfer", "customer.claim")


# unrestricted: all of it goes, whoever sees it
def _asked_for(session: Session, args: HandOverArgs) -> list[Item]:
    """What the leaver asked for and nobody has decided: the receiver is told of it now. Not where he is the one to decide."""
    rows = session.execute(
        select(Approval.id, Approval.title, Approval.kind)
        .where(Approval.requester_id == args.id, Approval.state.in_(OPEN_STATES))
        .order_by(Approval.created_at, Approval.id)
    ).all()
    decides = set(
        session.scalars(
            select(ApprovalStep.approval_id).where(
                ApprovalStep.approval_id.in_([row.id for row in rows]), ApprovalStep.approver_id == args.to
            )
        )
    )
    return [
        Item(row.id, row.title, None if row.kind in _END else args.to, row.kind)
        for row in rows
        if row.kind in _END or row.id not in decides
    ]


def _ask_on(context: Context, args: HandOverArgs, items: list[Item]) -> None:
    for item in items:
        approval = context.get(Approval, item.id)
        if approval.state not in OPEN_STATES:
            continue
        if item.to is None:
            said(context, approval, "withdrawn")
            finish(context, approval, "withdrawn")
        else:
            approval.requester_id = item.to
            refresh_holders(context, approval)


goes_along(Part("approvals", 60, _waiting, _pass_on))
goes_along(Part("flows", 70, _named, _draw_again))
goes_along(Part("stand_ins", 80, _stood_in, _stand_in))
goes_along(Part("requests", 90, _asked_for, _ask_on))
