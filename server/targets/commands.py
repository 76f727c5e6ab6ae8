"""Writes of targets: drafted by the person or who leads him (TG-2), handed in, in force when approved (TG-3)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import msgspec
from sqlalchemy import select

from server.approvals.kinds import Fact, Kind, approvable, fact_of
from server.approvals.models import Approval
from server.approvals.service import decided_elsewhere, is_needed, open_approval, resubmit, submit
from server.approvals.steps import Step
from server.people.models import Employee
from server.records.commands import Context, command
from server.records.editing import check_id, on_create, on_delete, on_edit, standard_commands
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L
from server.records.record import fields_of
from server.records.rights import limits
from server.records.values import parse_values, to_wire
from server.targets.models import GOALS, TARGET_STATES, Target
from server.targets.periods import checked, name_of
from server.targets.reminders import tell_person
from server.worklogs.periods import day_of

error_texts(
    {
        "target_exists": L(
            "{name} {period} 已有指标（{state}），不能再定一份", "{name} {period} 已有指標（{state}），不能再訂一份",
            "{name} has a target for {period} already ({state})",
        ),
        "target_empty": L("请至少填写一项指标", "請至少填寫一項指標", "Set at least one of the numbers"),
        "target_asked": L(
            "这份指标正在审批，请先撤回审批", "這份指標正在審批，請先撤回審批", "This target is being decided; take it back first"
        ),
        "target_in_force": L(
            "这份指标已生效，改动请提交审批", "這份指標已生效，改動請提交審批",
            "This target is in force; hand new numbers in for approval",
        ),
    }
)  # fmt: skip


class Goals(msgspec.Struct, forbid_unknown_fields=True):
    """New numbers of a target, as on the wire; what is absent stays."""

    visits: int | msgspec.UnsetType | None = msgspec.UNSET
    new_customers: int | msgspec.UnsetType | None = msgspec.UNSET
    deal_amount: str | msgspec.UnsetType | None = msgspec.UNSET
    received_amount: str | msgspec.UnsetType | None = msgspec.UNSET


class SubmitArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`id`: of the approval. `goals`: the numbers that are asked for, where they are not those of the draft."""

    id: str
    target_id: str
    goals: Goals | None = None
    reason: Annotated[str, msgspec.Meta(max_length=1000)] | None = None


class ApproveArgs(msgspec.Struct, forbid_unknown_fields=True):
    """The whole target: where it is missing by then, it is made (TG-3)."""

    id: str
    person_id: str
    kind: str
    start_date: date
    end_date: date
    goals: dict[str, Any]
    note: str | None = None


def _moved(context: Context, approval: Approval) -> None:
    """A draft shows where its approval is; what is in force stays so while new numbers are decided."""
    target = context.find(Target, approval.record_id)
    if target is not None and target.approved_at is None:
        states = {"running": "asked", "failed": "asked", "withdrawn": "draft"}
        target.state = states.get(approval.state, approval.state)


FIX = approvable(
    Kind(
        "target.fix",
        L("人员指标", "人員指標", "Target"),
        Target,
        command="target.approve",
        facts={
            **{name: fact_of(Target, name) for name in ("kind", "person_id", *GOALS)},
            "own": Fact("choice", L("为谁而定", "為誰而訂", "Whose"), {
                "yes": L("本人", "本人", "One's own"), "no": L("下属", "下屬", "Somebody else's"),
            }),
        },
        steps=[Step(name="上级审批", who="superior")],
        moved=_moved,
    )
)  # fmt: skip
standard_commands(Target)


@on_create(Target)
def drafted(context: Context, target: Target) -> None:
    """For oneself, or for whom one leads. 403 outside_scope, 422 target_exists, target_dates, target_over, target_empty."""
    scope = context.actor.scope("target.create")
    members = context.actor.members(scope) if scope else frozenset[str]()
    if members is not None and target.person_id not in members:
        raise Forbidden("outside_scope", record="employee", id=target.person_id)
    _place(context, target)
    if target.end_date < day_of(context.claimed_time(), context.zone):
        raise Rejected("target_over", field="end_date", period=target.period)
    _check_goals({name: getattr(target, name) for name in GOALS})
    target.state, target.approved_at = "draft", None


def _place(context: Context, target: Target) -> None:
    """The period by its name, if the person has no other target for any of its days. Two who draft it at once are served
    one after the other."""
    period = checked(target.kind, target.start_date, target.end_date)
    target.period = name_of(target.kind, period)
    with context.session.no_autoflush:
        person = context.get(Employee, target.person_id)
        other = context.session.scalar(
            select(Target)
            .where(
                Target.person_id == target.person_id,
                Target.kind == target.kind,
                Target.start_date <= target.end_date,
                Target.end_date >= target.start_date,
                Target.id != target.id,
            )
            .limit(1)
        )
    if other is not None:
        raise Rejected(
            "target_exists", field="start_date", name=person.real_name, period=other.period,
            state=TARGET_STATES[other.state], id=other.id,
        )  # fmt: skip


def _check_goals(goals: dict[str, Any]) -> None:
    if not any(goals.values()):
        raise Rejected("target_empty", field=GOALS[0])


@on_edit(Target)
def redrafted(context: Context, target: Target, changed: dict[str, tuple[Any, Any]]) -> None:
    """Only a draft is written over. One that was sent back or refused is a draft again."""
    if not changed:
        return
    _need_draft(target)
    _check_goals({name: getattr(target, name) for name in GOALS})
    if target.state == "refused":
        target.state = "draft"


@on_delete(Target)
def dropped(context: Context, target: Target) -> None:
    """A draft goes; what was sent back is not asked for any more. 422 target_asked, target_in_force."""
    _need_draft(target)
    decided_elsewhere(context, FIX, target.id, "withdrawn")


def _need_draft(target: Target) -> None:
    if target.approved_at is not None:
        raise Rejected("target_in_force", field="state")
    if target.state == "asked":
        raise Rejected("target_asked", field="state")


@command("target.submit", SubmitArgs, permission="target.edit")
def hand_in(context: Context, args: SubmitArgs) -> dict[str, Any]:
    """Hands a draft in, or new numbers of a target that is in force; where the company wants no approval they hold at
    once. What was sent back goes on with its approval. 422 target_asked, nothing_changed, target_empty."""
    target = context.need(Target, args.target_id, "edit")
    now = {name: getattr(target, name) for name in GOALS}
    wanted = {**now, **_wanted(context, args.goals)}
    _check_goals(wanted)
    if target.approved_at is not None and wanted == now:
        raise Rejected("nothing_changed", field="goals")
    earlier = open_approval(context, FIX, target.id)
    if earlier is not None and earlier.state == "running":
        raise Rejected("target_asked", field="state")
    content = _content(context, target, now, wanted)
    if not is_needed(context, FIX):
        if earlier is not None:
            decided_elsewhere(context, FIX, target.id, "withdrawn")
        _put(context, target, wanted)
        return {"id": args.id, "state": "approved"}
    if earlier is not None and earlier.requester_id == context.actor.employee_id:
        for name, value in content.items():
            setattr(earlier, name, value)
        resubmit(context, earlier, (args.reason or "").strip() or None)
        return {"id": earlier.id, "state": earlier.state}
    if earlier is not None:
        decided_elsewhere(context, FIX, target.id, "withdrawn")
    approval = submit(context, FIX, record_id=target.id, reason=args.reason, approval_id=args.id, **content)
    return {"id": approval.id, "state": approval.state}


def _wanted(context: Context, goals: Goals | None) -> dict[str, Any]:
    """The numbers that were sent, as the fields have them. Who may not change amounts does not ask for other ones."""
    sent = {} if goals is None else msgspec.to_builtins(goals)
    for name in sent.keys() & limits(context.actor, Target).keys():
        raise Rejected("readonly_field", field=name, label=fields_of(Target)[name].label)
    return parse_values(Target, sent, creating=False)


def _content(context: Context, target: Target, now: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """What is laid before who decides: in force already, with what holds now beside what should."""
    person = context.get(Employee, target.person_id)
    summary: list[dict[str, Any]] = [{"record": "target", "field": "person_id", "after": target.person_id}]
    for name in ("period", *GOALS):
        line = {"record": "target", "field": name, "after": to_wire(wanted.get(name, getattr(target, name)))}
        if target.approved_at is not None and name in now and now[name] != wanted[name]:
            line["before"] = to_wire(now[name])
        if line["after"] is not None or "before" in line:
            summary.append(line)
    goals = {name: to_wire(value) for name, value in wanted.items()}
    amount: Decimal | None = wanted["deal_amount"]
    return {
        "title": f"{person.real_name} {target.period}",
        "args": {
            "id": target.id, "person_id": target.person_id, "kind": target.kind, "note": target.note, "goals": goals,
            "start_date": target.start_date.isoformat(), "end_date": target.end_date.isoformat(),
        },
        "summary": summary,
        "facts": {
            **goals, "kind": target.kind, "person_id": target.person_id,
            "own": "yes" if target.person_id == context.actor.employee_id else "no",
        },
        "amount": amount,
    }  # fmt: skip


@command("target.approve", ApproveArgs, internal=True)
def approve(context: Context, args: ApproveArgs) -> dict[str, Any]:
    """What was agreed to is in force; a target that was deleted meanwhile is made again. 422 target_exists."""
    goals = parse_values(Target, args.goals, creating=False)
    target = context.find(Target, args.id)
    if target is None:
        target = Target(
            id=check_id(args.id), person_id=args.person_id, kind=args.kind, start_date=args.start_date,
            end_date=args.end_date, note=args.note, state="draft",
        )  # fmt: skip
        _place(context, target)
        context.add(target)
    _put(context, target, goals)
    return {"id": target.id}


def _put(context: Context, target: Target, goals: dict[str, Any]) -> None:
    for name, value in goals.items():
        setattr(target, name, value)
    target.state, target.approved_at = "approved", context.now
    tell_person(context, target)
