"""Deciding conflicts: the company's value, the phone's, or a third one."""

from typing import Any, Literal

import msgspec

from server.conflicts.decisions import decider_of, settle
from server.records import own
from server.records.commands import Context, command
from server.records.conflict import Conflict
from server.records.editing import edit_row
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L
from server.records.record import Record, fields_of, record_named
from server.records.values import parse, to_wire

error_texts(
    {
        "already_resolved": L(
            "这个冲突已由他人处理：{resolution}",
            "這個衝突已由他人處理：{resolution}",
            "This was already decided: {resolution}",
        ),
        "not_this_way": L(
            "这类冲突不能这样处理", "這類衝突不能這樣處理", "This kind of conflict is decided in another way"
        ),
        "changed_meanwhile": L("资料已被他人修改", "資料已被他人修改", "Somebody else changed this meanwhile"),
        "not_yours_any_more": L(
            "客户已不归您负责，修改交由新负责人决定",
            "客戶已不歸您負責，修改交由新負責人決定",
            "The customer changed hands; the new owner decides on the change",
        ),
    }
)


class ResolveArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`value` is the third value, on the wire as the field has it; needed for "other" only."""

    id: str
    resolution: Literal["theirs", "mine", "other"]
    value: Any = None


@command("conflict.resolve", ResolveArgs, permission="conflict.resolve")
def resolve(context: Context, args: ResolveArgs) -> dict[str, Any]:
    """Takes theirs, mine or a third value. Whoever may edit the record may decide; 422 already_resolved."""
    conflict = context.need(Conflict, args.id, "resolve")
    if conflict.state == "resolved":
        if conflict.resolution == args.resolution and (
            args.resolution != "other" or conflict.resolved_value == args.value
        ):
            return {"id": conflict.id}
        raise Rejected("already_resolved", resolution=conflict.resolution, by=conflict.resolved_by)
    _need_decision(context, conflict, args.resolution)
    decide = decider_of(conflict)
    if decide is not None:
        decide(context, conflict, args.resolution, args.value)
        return {"id": conflict.id}
    if args.resolution == "theirs":
        settle(context, conflict, "theirs", conflict.theirs)
        return {"id": conflict.id}
    record = record_named(conflict.record_type)
    row = context.get(record, conflict.record_id)
    wanted = conflict.mine if args.resolution == "mine" else args.value
    if own.is_own(conflict.field):
        current = _own_value(context, row, conflict.field)
    else:
        spec = fields_of(record).get(conflict.field)
        if spec is None or spec.readonly:
            raise Rejected("not_this_way", field="resolution")
        parse(conflict.field, spec, wanted)
        current = to_wire(getattr(row, conflict.field))
    edit_row(context, record, row.id, {conflict.field: (current, wanted)})
    settle(context, conflict, args.resolution, wanted)
    return {"id": conflict.id}


def _own_value(context: Context, row: Record, name: str) -> Any:
    """What the row has in an own field. Raises `Rejected` not_this_way where the field is not in use."""
    field = own.catalog(context.session).of(row.__tablename__).get(name)
    if field is None or field.state != "active":
        raise Rejected("not_this_way", field="resolution")
    return field.wire((getattr(row, own.COLUMN) or {}).get(field.key))


def _need_decision(context: Context, conflict: Conflict, resolution: str) -> None:
    """To see a conflict, e.g. of a shared customer, is not enough: it takes the right to change the record. Keeping the
    company's value is also for who decides conflicts of the whole company, and for the author of the other value.
    Where the record is gone, there is nothing left to protect."""
    company_wide = context.actor.scope("conflict.resolve") == "all"
    if resolution == "theirs" and (company_wide or conflict.mine_by == context.actor.employee_id):
        return
    row = context.find(record_named(conflict.record_type), conflict.record_id)
    if row is not None and not context.may(row, "edit"):
        raise Forbidden("outside_scope", record=conflict.record_type, id=conflict.record_id)
