"""What people do with approvals: agree, refuse, send back, pass on, withdraw, hand in again, and be away."""

from typing import Annotated, Any

import msgspec

from server.approvals import absence, editing, holding  # noqa: F401 - their commands and rules count
from server.approvals.finding import delegate_of, usable
from server.approvals.flows import plan_of
from server.approvals.holding import refresh_holders
from server.approvals.models import APPROVAL_STATES, OPEN_STATES, STEP_STATES, Approval, ApprovalStep
from server.approvals.running import agreed, carry_out, finish, kind_of, said, steps_of, write_line
from server.approvals.service import resubmit
from server.approvals.telling import tell
from server.people.models import Employee
from server.records.commands import Context, command
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L

error_texts(
    {
        "not_asked": L(
            "这份审批没有请您处理", "這份審批沒有請您處理", "You are not asked to decide on this"
        ),
        "not_the_requester": L("只有申请人可以这样做", "只有申請人可以這樣做", "Only who asked for it can do this"),
        "approval_over": L(
            "这份审批现在是“{state}”，不能这样操作", "這份審批現在是「{state}」，不能這樣操作",
            "This is {state} by now; this is not possible any more",
        ),
        "decided_before": L(
            "{name}已先处理（{decision}），您的意见已记入审批记录",
            "{name}已先處理（{decision}），您的意見已記入審批記錄",
            "{name} decided first ({decision}); what you said is kept in the history",
        ),
        "withdrawn_before": L(
            "申请人已撤回，您的意见已记入审批记录", "申請人已撤回，您的意見已記入審批記錄",
            "It was withdrawn before; what you said is kept in the history",
        ),
        "opinion_required": L("请写明意见", "請寫明意見", "Say why"),
        "desk_only": L("这一步只能在电脑上审批", "這一步只能在電腦上審批", "This step is decided at the desk"),
        "cannot_pass_on": L(
            "不能转交给此人：已停用、没有审批权限，或就是申请人", "不能轉交給此人：已停用、沒有審批權限，或就是申請人",
            "This person cannot decide: disabled, without the right to see approvals, or the one who asked",
        ),
    }
)  # fmt: skip

Words = Annotated[str, msgspec.Meta(max_length=1000)]


class AgreeArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`round`: the round that was seen; what was said to an earlier one is only kept."""

    id: str
    opinion: Words | None = None
    round: int | None = None


class DisagreeArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    opinion: Words
    round: int | None = None


class PassOnArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    to: str
    opinion: Words | None = None


class WithdrawArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    opinion: Words | None = None


@command("approval.agree", AgreeArgs)
def agree(context: Context, args: AgreeArgs) -> dict[str, Any]:
    """Agrees as one of those who are asked. The last one lets it be carried out; where that fails it stays open and says
    why. 403 not_asked, 422 desk_only. Who comes too late is told who decided (`adjusted`)."""
    approval, line = _turn(context, args.id, args.opinion, "agreed", args.round)
    if line is not None:
        agreed(context, approval, line)
        tell(context, approval)
    return _answer(approval)


@command("approval.refuse", DisagreeArgs)
def refuse(context: Context, args: DisagreeArgs) -> dict[str, Any]:
    """Refuses with a reason; that ends it."""
    _need_words(args.opinion)
    approval, line = _turn(context, args.id, args.opinion, "refused", args.round)
    if line is not None:
        finish(context, approval, "refused")
        refused = kind_of(approval).refused
        if refused is not None:
            refused(context, approval, args.opinion)
        tell(context, approval)
    return _answer(approval)


@command("approval.send_back", DisagreeArgs)
def send_back(context: Context, args: DisagreeArgs) -> dict[str, Any]:
    """Gives it back to who asked for it, who may change it and hand it in again."""
    _need_words(args.opinion)
    approval, line = _turn(context, args.id, args.opinion, "returned", args.round)
    if line is not None:
        finish(context, approval, "returned")
        tell(context, approval)
    return _answer(approval)


@command("approval.delegate", PassOnArgs)
def pass_on(context: Context, args: PassOnArgs) -> dict[str, Any]:
    """Lets somebody else decide in one's place, this once. 422 cannot_pass_on."""
    approval = context.get(Approval, args.id)
    if args.to == approval.requester_id or not usable(context.session, [args.to]):
        raise Rejected("cannot_pass_on", field="to")
    approval, line = _turn(context, args.id, args.opinion, "passed_on", None)
    if line is not None:
        there = {one.approver_id for one in steps_of(context, approval, "waiting")}
        stand_in = delegate_of(context.session, args.to, context.today, {approval.requester_id})
        if (stand_in or args.to) not in there:
            write_line(
                context, approval, "waiting", step_name=line.step_name, why="passed_on",
                approver_id=stand_in or args.to, for_id=args.to if stand_in else None,
            )  # fmt: skip
        refresh_holders(context, approval)
        tell(context, approval)
    return _answer(approval)


@command("approval.withdraw", WithdrawArgs)
def withdraw(context: Context, args: WithdrawArgs) -> dict[str, Any]:
    """Takes back what one asked for and nobody has carried out yet. Twice is once; what was said the second time is kept.
    422 approval_over."""
    approval = _own(context, args.id)
    words = _words(args.opinion)
    if approval.state == "withdrawn":
        if words:
            said(context, approval, "late", words, detail={"said": "withdrawn"})
        context.report("merged")
        return _answer(approval)
    _need_open(approval)
    said(context, approval, "withdrawn", words)
    finish(context, approval, "withdrawn")
    return _answer(approval)


@command("approval.resubmit", WithdrawArgs)
def hand_in_again(context: Context, args: WithdrawArgs) -> dict[str, Any]:
    """A further round of what was sent back, or could not be carried out, by the flow it started with. `opinion`: what
    is different now."""
    approval = _own(context, args.id)
    if approval.state == "running":
        raise _over(approval)
    _need_open(approval)
    resubmit(context, approval, _words(args.opinion))
    return _answer(approval)


class RetryArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str


@command("approval.retry", RetryArgs)
def retry(context: Context, args: RetryArgs) -> dict[str, Any]:
    """Tries once more to carry out what was agreed to: by who asked, or by one of those who agreed."""
    approval = context.get(Approval, args.id)
    if approval.state != "failed":
        raise _over(approval)
    me = context.actor.employee_id
    agreed_by = {line.decided_by for line in steps_of(context, approval, "agreed") if line.round == approval.round}
    if me != approval.requester_id and me not in agreed_by:
        raise Forbidden("not_asked", record="approval", id=approval.id)
    carry_out(context, approval)
    refresh_holders(context, approval)
    tell(context, approval)
    return _answer(approval)


def _turn(
    context: Context, approval_id: str, opinion: str | None, state: str, seen: int | None
) -> tuple[Approval, ApprovalStep | None]:
    """The line of the history on which the actor is asked, with what he says; None where he comes too late: the first
    decision counts, and he is told."""
    approval = context.get(Approval, approval_id)
    me = context.actor.employee_id
    mine = [line for line in steps_of(context, approval) if me in (line.approver_id, line.for_id)]
    words = _words(opinion)
    waiting = [line for line in mine if line.state == "waiting" and seen in (None, line.round)]
    if waiting and approval.state == "running":
        line = waiting[0]
        if context.pushed and plan_of(approval).steps[approval.step].desk_only:
            raise Rejected("desk_only", field="id")
        line.state, line.opinion, line.decided_by, line.decided_at = state, words, me, context.now
        return approval, line
    asked = [line for line in mine if line.step_name is not None]
    if not asked:
        raise Forbidden("not_asked", record="approval", id=approval.id)
    _too_late(context, approval, asked[-1], state, words)
    return approval, None


def _too_late(context: Context, approval: Approval, line: ApprovalStep, state: str, words: str | None) -> None:
    if (line.decided_by, line.state) == (context.actor.employee_id, state):
        context.report("merged")  # the same once more, or decided at the document itself
        return
    if line.state == "not_needed":
        line.state, line.opinion, line.decided_by, line.decided_at = (
            "late",
            words,
            context.actor.employee_id,
            context.now,
        )
        line.detail = {"said": state}
    else:
        said(context, approval, "late", words, step_name=line.step_name, detail={"said": state})
    if approval.state == "withdrawn":
        context.adjusted("withdrawn_before", approval_id=approval.id)
        return
    decisions = [
        one for one in steps_of(context, approval, "agreed", "refused", "returned", "passed_on") if one.decided_by
    ]
    first = next((one for one in decisions if one.step == line.step and one.round == line.round), None)
    first = first or (decisions[-1] if decisions else None)
    person = context.find(Employee, first.decided_by) if first is not None else None
    context.adjusted(
        "decided_before",
        name=person.real_name if person else "",
        decision=STEP_STATES[first.state] if first is not None else "",
        decided=first.state if first is not None else None,
        approval_id=approval.id,
    )


def _own(context: Context, approval_id: str) -> Approval:
    approval = context.get(Approval, approval_id)
    if approval.requester_id != context.actor.employee_id:
        raise Forbidden("not_the_requester", record="approval", id=approval.id)
    return approval


def _need_open(approval: Approval) -> None:
    if approval.state not in OPEN_STATES:
        raise _over(approval)


def _over(approval: Approval) -> Rejected:
    return Rejected("approval_over", field="state", state=APPROVAL_STATES[approval.state], current=approval.state)


def _words(opinion: str | None) -> str | None:
    return (opinion or "").replace("\x00", "").strip() or None


def _need_words(opinion: str) -> None:
    if _words(opinion) is None:
        raise Rejected("opinion_required", field="opinion")


def _answer(approval: Approval) -> dict[str, Any]:
    return {"id": approval.id, "state": approval.state, "step": approval.step, "outcome": approval.outcome}
