"""Records that hold at once and are looked at afterwards: a new customer, a report, a visit. Nobody in the field waits for
it; the record shows in its `review` where its paper is. Off until the company draws a flow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from server.approvals.flows import flow_in_use, plan_for
from server.approvals.kinds import Fact, Kind, approvable
from server.approvals.models import Approval
from server.approvals.running import kind_of
from server.approvals.service import decided_elsewhere, is_needed, open_approval, resubmit, submit
from server.approvals.steps import Step
from server.records.commands import Context
from server.records.editing import on_delete, on_edit
from server.records.fields import Label
from server.records.record import Record
from server.records.values import to_wire

_REVIEW_OF = {"running": "asked", "failed": "asked", "approved": "agreed"}
Refused = Callable[[Context, Approval, str], None]
#: By kind.
_CONTENT: dict[str, Callable[[Context, Any], "Content"]] = {}


class ReviewedArgs(msgspec.Struct, forbid_unknown_fields=True):
    """The record that was agreed to."""

    id: str


@dataclass(frozen=True, slots=True)
class Content:
    """What is laid before who decides. `fields`: those of the record that are shown."""

    title: str
    facts: dict[str, Any]
    fields: tuple[str, ...]
    customer_id: str | None = None


def reviewable(
    name: str,
    label: Label,
    record: type[Record],
    command: str,
    facts: Mapping[str, Fact],
    content: Callable[[Context, Any], Content],
    refused: Refused | None = None,
) -> Kind:
    """Declares a kind of review; the record has a field `review` with the choices `REVIEWS`. What was sent back, or
    withdrawn by its author, is handed in again by being corrected; what is deleted is not decided on any more."""
    steps = [Step(name="上级审批", who="superior")]
    kind = approvable(
        Kind(
            name, label, record, command=command, facts=facts, steps=steps, enabled=False, by_approver=True,
            refused=refused, moved=_moved,
        )
    )  # fmt: skip
    _CONTENT[name] = content

    @on_edit(record)
    def corrected(context: Context, row: Any, changed: dict[str, tuple[Any, Any]]) -> None:
        mine = row.created_by == context.actor.employee_id
        if changed and (row.review in ("asked", "returned") or (row.review == "withdrawn" and mine)):
            hand_in(context, kind, row)

    @on_delete(record)
    def deleted(context: Context, row: Any) -> None:
        end_review(context, kind, row)

    return kind


def _moved(context: Context, approval: Approval) -> None:
    row: Any = context.find(kind_of(approval).subject, approval.record_id)
    if row is not None:
        row.review = _REVIEW_OF.get(approval.state, approval.state)


def hand_in(context: Context, kind: Kind, row: Any) -> None:
    """Lays a record before who decides, or what it says by now; what was sent back to the actor goes on its way again.
    Nothing happens where the company wants no review, or no step of the flow applies."""
    if row.review is None and not is_needed(context, kind):
        return
    content = _CONTENT[kind.name](context, row)
    told: dict[str, Any] = {
        "title": content.title,
        "facts": content.facts,
        "summary": [
            {"record": row.__tablename__, "field": name, "after": to_wire(value)}
            for name in content.fields
            if (value := getattr(row, name)) not in (None, "", [])
        ],
    }
    earlier = open_approval(context, kind, row.id) if row.review is not None else None
    if earlier is None:
        flow = flow_in_use(context, kind)
        if flow.enabled and plan_for(flow, content.facts).steps:
            submit(
                context, kind, record_id=row.id, customer_id=content.customer_id, args={"id": row.id}, **told
            )  # fmt: skip
        return
    for name, value in told.items():
        setattr(earlier, name, value)
    if earlier.state == "returned" and earlier.requester_id == context.actor.employee_id:
        resubmit(context, earlier)


def end_review(context: Context, kind: Kind, row: Any) -> None:
    """The record is gone, or became another: nobody has to decide on it any more."""
    if row.review is not None:
        decided_elsewhere(context, kind, row.id, "withdrawn")
