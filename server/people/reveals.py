"""Numbers that are dialled but not read (decision 0027). A device never holds them: who wants to call asks for the one
number, and that he did is written down before he has it."""

from typing import Any, Literal

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.people.models import NUMBERS, PhoneReveal
from server.records.actor import Actor
from server.records.commands import Context, command
from server.records.errors import NotFound, Rejected, TooMany, error_texts
from server.records.fields import L
from server.records.ids import uuid7
from server.records.record import Record, column_of, is_record, record_named, records, visible_fields
from server.records.rights import governed, limits
from server.records.visibility import visible

#: Numbers a person may ask for in a business day. Nobody calls more; who does is copying them.
MOST_A_DAY = 200

error_texts(
    {
        "too_many_reveals": L(
            "今天使用的号码已达 {max} 个，请明天再试或联系管理员",
            "今天使用的號碼已達 {max} 個，請明天再試或聯絡管理員",
            "You have used {max} numbers today; try tomorrow, or ask an administrator",
        ),
        "no_number": L("没有号码", "沒有號碼", "There is no number"),
    }
)


NUMBERS.update(
    {
        f"{record.__tablename__}.{name}": L(
            *(f"{of} · {field}" for of, field in zip(record.spec.label, spec.label, strict=True))
        )
        for record in records()
        for name, spec in visible_fields(record).items()
        if spec.kind == "phone"
    }
)


class RevealArgs(msgspec.Struct, forbid_unknown_fields=True):
    """The number in this field of this row, and what it is used for."""

    record: str
    id: str
    field: str
    why: Literal["dial", "message"] = "dial"


def number_of(session: Session, actor: Actor, args: RevealArgs) -> str:
    """The number, for somebody who sees the row and at least the ends of the number."""
    record = _record(actor, args)
    found = select(column_of(record, args.field)).where(visible(actor, record, [args.id]))
    row = session.execute(found).first()
    if row is None:
        raise NotFound("not_found", record=args.record, id=args.id)
    if not row[0]:
        raise Rejected("no_number", field=args.field)
    return str(row[0])


def _record(actor: Actor, args: RevealArgs) -> type[Record]:
    record = record_named(args.record) if is_record(args.record) else None
    if (
        record is None
        or governed(record).get(args.field) != "phone"
        or limits(actor, record).get(args.field) == "hidden"
    ):
        raise NotFound("not_found", record=args.record[:40], id=args.id[:36])
    return record


@command("phone.reveal", RevealArgs)
def reveal(context: Context, args: RevealArgs) -> dict[str, Any]:
    """Notes that somebody uses a number; the answer does not have it (POST /api/phones/reveal has). 404, 429
    too_many_reveals."""
    row: Any = context.need(_record(context.actor, args), args.id, "view")
    begun = context.now.astimezone(context.zone).replace(hour=0, minute=0, second=0, microsecond=0)
    used = select(func.count()).where(
        PhoneReveal.employee_id == context.actor.employee_id, PhoneReveal.created_at >= begun
    )
    if (context.session.scalar(used) or 0) >= MOST_A_DAY:
        raise TooMany("too_many_reveals", max=MOST_A_DAY)
    root, _, root_id = row.root().partition(":")
    line = PhoneReveal(
        id=uuid7(),
        employee_id=context.actor.employee_id,
        customer_id=root_id if root == "customer" else None,
        record_type=args.record,
        record_id=args.id,
        subject=str(getattr(row, row.spec.title, "") or "")[:200],
        field=f"{args.record}.{args.field}",
        why=args.why,
        device_id=context.device_id,
    )
    context.add(line, fresh=True)
    return {"id": line.id}
