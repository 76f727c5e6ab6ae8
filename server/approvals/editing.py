"""Drawing a flow: each change is a new version, and what runs keeps the one it started with."""

from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import select

from server.approvals.kinds import Kind, kind_named
from server.approvals.models import ApprovalFlow
from server.approvals.steps import MOST_STEPS, Id, Step, check_steps
from server.people.models import Employee, Role
from server.records.commands import Context, command
from server.records.editing import check_id
from server.records.errors import Rejected, error_texts
from server.records.fields import L

error_texts(
    {
        "unknown_kind": L("没有这类单据：{value}", "沒有這類單據：{value}", "There is no kind of document {value}"),
        "flow_changed": L(
            "流程刚被他人改过，请重新打开再改", "流程剛被他人改過，請重新開啟再改",
            "Somebody changed this flow just now; open it again first",
        ),
        "flow_people": L(
            "第 {step} 步里有已停用或不存在的人员、角色", "第 {step} 步裡有已停用或不存在的人員、角色",
            "Step {step} names people or a role that are disabled or do not exist",
        ),
        "flow_fallback": L(
            "请选择无人可审时找谁", "請選擇無人可審時找誰", "Choose who is asked where a step has nobody"
        ),
    }
)  # fmt: skip


class SaveFlowArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`id`: of the new version. `base`: the version that was on the screen; 0 where the company had none of its own.
    `enabled`: false lets the thing be done without approval. `watched`: what of it needs approval."""

    id: str
    kind: str
    base: int
    enabled: bool
    steps: Annotated[list[Step], msgspec.Meta(max_length=MOST_STEPS)]
    fallback: Literal["head", "administrators", "person"] = "head"
    fallback_ids: Annotated[list[Id], msgspec.Meta(max_length=50)] = []
    watched: Annotated[list[str], msgspec.Meta(max_length=200)] = []


@command("approval_flow.save", SaveFlowArgs, permission="approval_flow.edit")
def save(context: Context, args: SaveFlowArgs) -> dict[str, Any]:
    """The flow of a kind of document from now on. 422 flow_changed, flow_empty, flow_step, flow_people, flow_fallback."""
    kind = kind_named(args.kind)
    if kind is None:
        raise Rejected("unknown_kind", field="kind", value=args.kind[:40])
    before = _current(context, args.kind)
    version = before.version if before is not None else 0
    if args.base != version:
        raise Rejected("flow_changed", field="base", version=version)
    _check(context, kind, args)
    if before is not None:
        before.current = False
        context.session.flush()
    flow = ApprovalFlow(
        id=check_id(args.id),
        kind=args.kind,
        version=version + 1,
        current=True,
        enabled=args.enabled,
        steps=msgspec.to_builtins(args.steps),
        watched=list(dict.fromkeys(args.watched)),
        fallback=args.fallback,
        fallback_ids=args.fallback_ids or None,
    )
    context.add(flow)
    context.memory.pop("approval_flows", None)
    return {"id": flow.id, "version": flow.version}


def _current(context: Context, kind: str) -> ApprovalFlow | None:
    statement = select(ApprovalFlow).where(ApprovalFlow.kind == kind, ApprovalFlow.current)
    row = context.session.scalars(statement).first()
    return context.get(ApprovalFlow, row.id) if row is not None else None


def _check(context: Context, kind: Kind, args: SaveFlowArgs) -> None:
    if args.enabled or args.steps:
        check_steps(args.steps, kind.facts)
    for number, step in enumerate(args.steps, 1):
        people = set(step.employee_ids) if step.who == "person" else set()
        if _missing(context, people) or (step.who == "role" and context.find(Role, step.role_id) is None):
            raise Rejected("flow_people", field=f"steps[{number - 1}]", step=number)
    if args.fallback == "person" and (not args.fallback_ids or _missing(context, set(args.fallback_ids))):
        raise Rejected("flow_fallback", field="fallback_ids")
    known = kind.watch() if kind.watch is not None else {}
    for name in args.watched:
        if name not in known:
            raise Rejected("unknown_field", field="watched", name=name[:60])


def _missing(context: Context, ids: set[str]) -> set[str]:
    if not ids:
        return ids
    statement = select(Employee.id).where(Employee.id.in_(ids), Employee.status == "enabled")
    return ids - set(context.session.scalars(statement))
