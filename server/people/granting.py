"""Rights of many at once (PP-13, PP-22): permissions for several roles, and for several people a role or the place of a
colleague. Rights come from roles alone (PP-1), so what is copied from a person is the role, department and superior.

What would change is worked out once, for the preview and for the command; each change then is an edit as any other, with
all of its rules.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, NamedTuple

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.people.models import Employee, Role
from server.people.permissions import administrator
from server.records.actor import Actor, Scope
from server.records.commands import Context, command
from server.records.editing import edit_row
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.record import Record
from server.records.rights import FieldRight
from server.records.visibility import visible
from sync.access import among

error_texts(
    {
        "nothing_to_grant": L(
            "没有选择要改的权限", "沒有選擇要改的權限", "Choose what is to be changed"
        ),
        "unknown_person": L("没有这个人或角色", "沒有這個人或角色", "There is no such person or role"),
    }
)  # fmt: skip

Ids = Annotated[list[Annotated[str, msgspec.Meta(min_length=1, max_length=36)]], msgspec.Meta(min_length=1, max_length=200)]  # fmt: skip
#: Scope before and after; None: not granted.
Pair = tuple[Scope | None, Scope | None]


class GrantArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`ids`: roles. `like`: a role whose permissions they get, whole. `set`: permissions on top of that, each with how far
    it reaches, or null to take it away. `fields`: rights to amounts and numbers, null for all there are."""

    ids: Ids
    set: dict[str, Scope | None] = {}
    fields: dict[str, FieldRight | None] = {}
    like: str | None = None


class PlaceArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`ids`: employees. `like`: the colleague from whom the role is copied, and department and superior where asked for;
    or `role_id` alone."""

    ids: Ids
    like: str | None = None
    role_id: str | None = None
    department: bool = False
    supervisor: bool = False


class Change(msgspec.Struct):
    """What becomes of one role or person: `fields` before and after, and what differs then of the `permissions` and of the
    `field_rights`. `people`: how many have the role."""

    id: str
    name: str
    fields: dict[str, tuple[str | None, str | None]]
    permissions: dict[str, Pair]
    field_rights: dict[str, tuple[str | None, str | None]]
    people: int | None = None


@command("role.grant", GrantArgs, permission="role.edit")
def grant(context: Context, args: GrantArgs) -> dict[str, Any]:
    """Gives or takes permissions of several roles at once. All or none: 422 administrator_role, unknown_permission."""
    wanted = _granted(context.session, args)
    for role, then in wanted:
        before = {"permissions": role.permissions, "field_rights": role.field_rights}
        after = {"permissions": then.permissions, "field_rights": then.field_rights or None}
        differs = {name: (before[name], after[name]) for name in after if (before[name] or {}) != (after[name] or {})}
        edit_row(context, Role, role.id, differs)
    return {"ids": [role.id for role, _ in wanted]}


@command("employee.set_rights", PlaceArgs, permission="employee.edit")
def set_rights(context: Context, args: PlaceArgs) -> dict[str, Any]:
    """Gives several people a role, or the role and place of a colleague. All or none: 422 own_account, circle, …"""
    wanted = _placed(context.session, args)
    for employee, place in wanted:
        edit_row(context, Employee, employee.id, {name: (getattr(employee, name), to) for name, to in place.items()})
    return {"ids": [employee.id for employee, _ in wanted]}


def preview_grant(session: Session, actor: Actor, args: GrantArgs) -> list[Change]:
    """What the command would change. Raises `Rejected` where it would change nothing at all."""
    actor.require("role.edit")
    counted = select(Employee.role_id, func.count()).where(visible(actor, Employee), Employee.status == "enabled")
    rows = session.execute(counted.group_by(Employee.role_id)).all()
    people = {row[0]: row[1] for row in rows}
    return [
        Change(
            role.id,
            role.name,
            {},
            _differing(role.permissions, then.permissions),
            _differing(role.field_rights, then.field_rights),
            people.get(role.id, 0),
        )
        for role, then in _granted(session, args)
    ]


def preview_rights(session: Session, actor: Actor, args: PlaceArgs) -> list[Change]:
    """What the command would change."""
    actor.require("employee.edit")
    wanted = _placed(session, args)
    roles = {employee.role_id for employee, _ in wanted} | {place.get("role_id") for _, place in wanted}
    rights = {role.id: _rights(role) for role in _rows(session, Role, [one for one in roles if one])}
    found: list[Change] = []
    for employee, place in wanted:
        before = rights.get(employee.role_id, _NOTHING)
        after = rights.get(place.get("role_id") or employee.role_id, _NOTHING)
        found.append(
            Change(
                employee.id,
                employee.real_name,
                {name: (getattr(employee, name), to) for name, to in place.items()},
                _differing(before.permissions, after.permissions),
                _differing(before.field_rights, after.field_rights),
            )
        )
    return found


# -- what is wanted


class Rights(NamedTuple):
    """What a role gives."""

    permissions: dict[str, Any]
    field_rights: dict[str, Any]


_NOTHING = Rights({}, {})


def _granted(session: Session, args: GrantArgs) -> list[tuple[Role, Rights]]:
    """The roles that would change, with their rights then."""
    if not args.set and not args.fields and args.like is None:
        raise Rejected("nothing_to_grant", field="set")
    base = _rights(_one(session, Role, args.like, "like")) if args.like is not None else None
    found: list[tuple[Role, Rights]] = []
    for role in _all(session, Role, args.ids):
        if role.is_administrator:
            raise Rejected("administrator_role", field="ids")
        now = _rights(role)
        then = Rights(_with((base or now).permissions, args.set), _with((base or now).field_rights, args.fields))
        if then != now:
            found.append((role, then))
    return found


def _placed(session: Session, args: PlaceArgs) -> list[tuple[Employee, dict[str, str | None]]]:
    """The people who would change, with the fields that do."""
    place: dict[str, str | None] = {}
    if args.like is not None:
        like = _one(session, Employee, args.like, "like")
        place["role_id"] = like.role_id
        place |= {"department_id": like.department_id} if args.department else {}
        place |= {"supervisor_id": like.supervisor_id} if args.supervisor else {}
    if args.role_id is not None:
        place["role_id"] = _one(session, Role, args.role_id, "role_id").id
    if not place:
        raise Rejected("nothing_to_grant", field="like")
    found: list[tuple[Employee, dict[str, str | None]]] = []
    for employee in _all(session, Employee, args.ids):
        differs = {name: to for name, to in place.items() if getattr(employee, name) != to}
        if differs.get("supervisor_id") == employee.id:
            del differs["supervisor_id"]  # whoever is put beside a subordinate of his stays where he is
        if differs:
            found.append((employee, differs))
    return found


def _all(session: Session, record: type[Any], ids: Iterable[str]) -> list[Any]:
    """The rows in a stable order. Raises `Rejected` unknown_person."""
    wanted = set(ids)
    found = _rows(session, record, wanted)
    if len(found) != len(wanted):
        raise Rejected("unknown_person", field="ids")
    return found


def _one(session: Session, record: type[Any], row_id: str, field: str) -> Any:
    found = _rows(session, record, [row_id])
    if not found:
        raise Rejected("unknown_person", field=field)
    return found[0]


# unrestricted: what is done with them needs the right to change them, and changes go through the edit of each
def _rows(session: Session, record: type[Record], ids: Iterable[str]) -> list[Any]:
    return list(session.scalars(select(record).where(record.id.in_(among(session, ids))).order_by(record.id)))


def _rights(role: Role) -> Rights:
    permissions = administrator() if role.is_administrator else role.permissions or {}
    return Rights(dict(permissions), dict(role.field_rights or {}))


def _with(before: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**before, **changes}.items() if value is not None}


def _differing(before: dict[str, Any] | None, after: dict[str, Any] | None) -> dict[str, Any]:
    old, new = before or {}, after or {}
    return {
        name: (old.get(name), new.get(name))
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    }  # fmt: skip
