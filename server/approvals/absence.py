"""People who cannot decide: away for some days, or gone for good."""

from datetime import date

from sqlalchemy import select

from server.approvals.finding import delegate_of, instead, usable, who_decides
from server.approvals.flows import plan_of
from server.approvals.holding import refresh_holders
from server.approvals.models import Approval, ApprovalAbsence, ApprovalStep
from server.approvals.running import ask, steps_of, write_line
from server.approvals.telling import tell
from server.people.models import Employee
from server.records.commands import Context
from server.records.editing import on_create, on_edit, standard_commands
from server.records.errors import Rejected, error_texts
from server.records.fields import L

standard_commands(ApprovalAbsence)

error_texts(
    {
        "absence_reversed": L(
            "结束日期早于开始日期", "結束日期早於開始日期", "The last day lies before the first"
        ),
        "absence_self": L("不能由本人代理自己", "不能由本人代理自己", "Nobody can stand in for himself"),
        "absence_delegate": L(
            "代理人已停用或没有审批权限", "代理人已停用或沒有審批權限", "The one who stands in is disabled or cannot see approvals"
        ),
    }
)  # fmt: skip


@on_create(ApprovalAbsence)
def new_absence(context: Context, absence: ApprovalAbsence) -> None:
    """One's own absence; what waits already goes along."""
    absence.employee_id = context.actor.employee_id
    _check(context, absence)
    context.session.flush()
    stand_in(context, absence.employee_id)


@on_edit(ApprovalAbsence)
def changed_absence(context: Context, absence: ApprovalAbsence, changed: dict[str, tuple[object, object]]) -> None:
    if changed:
        _check(context, absence)
        context.session.flush()
        stand_in(context, absence.employee_id)


def _check(context: Context, absence: ApprovalAbsence) -> None:
    if absence.ends_on < absence.starts_on:
        raise Rejected("absence_reversed", field="ends_on")
    if absence.delegate_id == absence.employee_id:
        raise Rejected("absence_self", field="delegate_id")
    if not usable(context.session, [absence.delegate_id]):
        raise Rejected("absence_delegate", field="delegate_id")


def stand_in(context: Context, employee_id: str) -> int:
    """Lets who stands in today decide what waits for somebody; says how many documents."""
    count = 0
    for line in _waiting_for(context, employee_id):
        approval = context.get(Approval, line.approval_id)
        context.session.refresh(line)
        if line.state != "waiting" or line.for_id is not None:
            continue  # decided while the lock was waited for
        delegate = delegate_of(context.session, employee_id, context.today, {approval.requester_id})
        there = {one.approver_id for one in steps_of(context, approval, "waiting")}
        if delegate is None or delegate in there:
            continue
        line.approver_id, line.for_id = delegate, employee_id
        refresh_holders(context, approval)
        tell(context, approval)
        count += 1
    return count


def stand_in_for_all(context: Context) -> int:
    """The same for everybody who is away today: once a day, for absences that were entered before."""
    today: date = context.today
    away = select(ApprovalAbsence.employee_id).where(
        ApprovalAbsence.starts_on <= today, ApprovalAbsence.ends_on >= today
    )
    return sum(stand_in(context, employee_id) for employee_id in sorted(set(context.session.scalars(away))))


def _waiting_for(context: Context, employee_id: str) -> list[ApprovalStep]:
    statement = (
        select(ApprovalStep)
        .where(ApprovalStep.approver_id == employee_id, ApprovalStep.state == "waiting")
        .order_by(ApprovalStep.approval_id, ApprovalStep.seq)
    )
    return list(context.session.scalars(statement))


@on_edit(Employee)
def disabled_approver(context: Context, employee: Employee, changed: dict[str, tuple[object, object]]) -> None:
    """What waits for somebody who is disabled goes to others: back to the absent one for whom he stood in, else to the
    people of the step who are left, else to the fallback. The history says so."""
    if "status" not in changed or employee.status != "disabled":
        return
    context.session.flush()
    for line in _waiting_for(context, employee.id):
        approval = context.get(Approval, line.approval_id)
        context.session.refresh(line)
        if line.state == "waiting":
            replace_approver(context, approval, line)
            tell(context, approval)


def replace_approver(context: Context, approval: Approval, line: ApprovalStep) -> None:
    """Takes somebody who can decide no more out of a step, so that it never waits for nobody."""
    line.state, line.decided_at = "unavailable", context.now
    if line.for_id is not None and usable(context.session, [line.for_id]):
        write_line(
            context, approval, "waiting", step_name=line.step_name, approver_id=line.for_id, why=line.why
        )  # fmt: skip
        refresh_holders(context, approval)
        return
    plan = plan_of(approval)
    step = plan.steps[approval.step]
    left = steps_of(context, approval, "waiting")
    if left and step.need == "any":
        return
    gone = str(line.approver_id)
    known = {one.approver_id for one in steps_of(context, approval) if one.round == approval.round}
    if step.need == "all":
        out = {approval.requester_id, gone}
        found = instead(context.session, plan.instead, approval.requester_id, out)
    else:
        found = who_decides(context.session, step, plan.instead, approval.requester_id, context.today, without=[gone])
    # Whoever has his say in this step already is not asked twice; but somebody must be.
    fresh = [one for one in found if one.employee_id not in known]
    if not left or fresh:
        ask(context, approval, fresh or found)
    refresh_holders(context, approval)
