"""Handing over what somebody has, all of it in one command: when he leaves, or changes his job (PP-6, PP-20).

Each area says in its `leaving.py` what goes along (`goes_along`): what there is, which the preview shows, and how it is
moved. All of it is found before anything is moved, and all of it is moved in one transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.notifications.service import notify
from server.people.models import Department, Employee
from server.people.reminders import HANDED_OVER
from server.records.actor import Actor
from server.records.commands import Context, command
from server.records.editing import edit_row
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L
from server.records.visibility import visible

error_texts(
    {
        "handover_self": L("不能交接给本人", "不能交接給本人", "Nobody hands over to himself"),
        "receiver_unavailable": L(
            "接收人不存在或已停用", "接收人不存在或已停用", "A receiver does not exist or is disabled"
        ),
    }
)  # fmt: skip

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=36)]
#: Lines of a part that the preview lists; it counts all.
LISTED = 200


class HandOverArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`to`: who gets what `groups` does not name. `groups`: customers by their group (an option; "" for those without
    one), with what hangs on them. `disable`: the account ends with it."""

    id: Id
    to: Id
    groups: Annotated[dict[str, Id], msgspec.Meta(max_length=100)] = {}
    disable: bool = False

    def receiver(self, group_id: str | None) -> str:
        """Who gets the customers of a group."""
        return self.groups.get(group_id or "", self.to)

    @property
    def receivers(self) -> set[str]:
        return {self.to, *self.groups.values()}


class Item(msgspec.Struct):
    """One thing that goes to somebody; `to` is null for what ends here, because nobody needs it any more."""

    id: str
    title: str
    to: str | None
    note: str | None = None


class Problem(msgspec.Struct):
    """Why it cannot be done like this: the code and params that the command would answer with."""

    code: str
    params: dict[str, Any]


Find = Callable[[Session, HandOverArgs], list[Item]]
Move = Callable[[Context, HandOverArgs, list[Item]], None]
Check = Callable[[Session, HandOverArgs, list[Item]], list[Problem]]


@dataclass(frozen=True, slots=True)
class Part:
    """`place`: parts are moved in this order, so that what decides about others comes first."""

    name: str
    place: int
    find: Find
    move: Move
    check: Check = field(default=lambda session, args, items: [])


_parts: dict[str, Part] = {}


def goes_along(part: Part) -> Part:
    """Declares something that is handed over."""
    if part.name in _parts:
        raise RuntimeError(f"{part.name} goes along twice")
    _parts[part.name] = part
    return part


def parts() -> list[Part]:
    return sorted(_parts.values(), key=lambda part: part.place)


class PartPreview(msgspec.Struct):
    """`items`: the first of them."""

    name: str
    count: int
    items: list[Item]


class Preview(msgspec.Struct):
    parts: list[PartPreview]
    problems: list[Problem]


def preview(session: Session, actor: Actor, args: HandOverArgs) -> Preview:
    """What the command would move, and what it would refuse for."""
    _check_people(session, actor, args)
    found = [(part, part.find(session, args)) for part in parts()]
    return Preview(
        [PartPreview(part.name, len(items), items[:LISTED]) for part, items in found],
        [problem for part, items in found for problem in part.check(session, args, items)],
    )


@command("employee.hand_over", HandOverArgs, permission="employee.hand_over")
def hand_over(context: Context, args: HandOverArgs) -> dict[str, Any]:
    """Gives all that somebody has to others, whole or not at all. 403 outside_scope, 422 customer_limit, handover_self,
    receiver_unavailable, own_account."""
    context.get(Employee, args.id)  # locked: two handovers of one person come one after the other
    _check_people(context.session, context.actor, args)
    found = [(part, part.find(context.session, args)) for part in parts()]
    for part, items in found:
        if items:
            part.move(context, args, items)
    context.session.flush()
    leaver = context.get(Employee, args.id)
    if args.disable and leaver.status == "enabled":
        edit_row(context, Employee, leaver.id, {"status": ("enabled", "disabled")})
    counts = {part.name: len(items) for part, items in found}
    _tell(context, leaver, found)
    return {"id": args.id, "counts": counts}


def _check_people(session: Session, actor: Actor, args: HandOverArgs) -> None:
    actor.require("employee.hand_over")
    if args.id in args.receivers:
        raise Rejected("handover_self", field="to")
    members = actor.members(actor.scope("employee.hand_over") or "own")
    for one in sorted({args.id, *args.receivers}):
        if members is not None and one not in members:
            raise Forbidden("outside_scope", record="employee", id=one)
    there = select(Employee.id).where(Employee.id.in_(sorted(args.receivers)), Employee.status == "enabled")
    if set(session.scalars(there.where(visible(actor, Employee)))) != args.receivers:
        raise Rejected("receiver_unavailable", field="to")


def _tell(context: Context, leaver: Employee, found: list[tuple[Part, list[Item]]]) -> None:
    """Each receiver learns how much is his now."""
    counts: dict[str, dict[str, int]] = {}
    for part, items in found:
        for item in items:
            if item.to is not None:
                mine = counts.setdefault(item.to, {})
                mine[part.name] = mine.get(part.name, 0) + 1
    for receiver, mine in counts.items():
        customers = mine.get("customers", 0)
        args = {"leaver": leaver.real_name, "customers": customers, "others": sum(mine.values()) - customers}
        notify(context, [receiver], HANDED_OVER, leaver, args, also_actor=True)


# -- what belongs to people themselves


# unrestricted: all of it goes, whoever sees it
def _led(session: Session, args: HandOverArgs) -> list[Item]:
    """People and departments that report to the leaver. A receiver who did is led by who led the leaver."""
    people = select(Employee.id, Employee.real_name).where(Employee.supervisor_id == args.id)
    heads = select(Department.id, Department.name).where(Department.head_id == args.id)
    above = session.scalar(select(Employee.supervisor_id).where(Employee.id == args.id))
    found = [
        Item(row.id, row.real_name, above if row.id == args.to else args.to, "subordinate")
        for row in session.execute(people.order_by(Employee.username))
    ]
    return found + [Item(row.id, row.name, args.to, "department") for row in session.execute(heads)]


def _lead(context: Context, args: HandOverArgs, items: list[Item]) -> None:
    # Whoever takes over is taken out from below the leaver first, so that no circle comes about.
    for item in sorted(items, key=lambda item: item.id != args.to):
        record, name = (Employee, "supervisor_id") if item.note == "subordinate" else (Department, "head_id")
        edit_row(context, record, item.id, {name: (args.id, item.to)})


goes_along(Part("led", 10, _led, _lead))
