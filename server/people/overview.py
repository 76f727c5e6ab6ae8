"""Who may do what (PP-14), and why somebody sees a record or does not."""

import io
from typing import Any

import msgspec
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.people.logins import load_actor
from server.people.models import Department, Employee, Role
from server.people.permissions import administrator, all_permissions
from server.records.actor import Actor, Scope
from server.records.errors import NotFound
from server.records.explaining import Answer, explain
from server.records.export import plain
from server.records.fields import L, Label
from server.records.record import Record, is_record, record_named, root_of
from server.records.rights import GROUPS, RIGHTS, FieldRight
from server.records.visibility import visible
from sync.schema import access

_SCOPES: dict[str, Label] = {
    "own": L("自己", "自己", "Own"),
    "subordinates": L("自己及下属", "自己及下屬", "Own and subordinates"),
    "department": L("部门", "部門", "Department"),
    "all": L("所有", "所有", "All"),
}
_HEAD = (
    L("姓名", "姓名", "Name"),
    L("用户名", "使用者名稱", "User name"),
    L("部门", "部門", "Department"),
    L("角色", "角色", "Role"),
    L("状态", "狀態", "Status"),
)
_DISABLED = L("停用", "停用", "Disabled")


class PersonRights(msgspec.Struct):
    id: str
    real_name: str
    username: str
    status: str
    department_id: str
    role_id: str


class RoleRights(msgspec.Struct):
    """`permissions`: what the role gives; an administrator's has everything. `field_rights`: what it may do less with amounts
    and numbers."""

    id: str
    name: str
    is_administrator: bool
    permissions: dict[str, Scope]
    field_rights: dict[str, FieldRight]


class Overview(msgspec.Struct):
    people: list[PersonRights]
    roles: dict[str, RoleRights]


class CellReason(msgspec.Struct):
    """Where somebody's permission comes from and whom it contains. `everybody`: it has no end."""

    permission: str
    scope: Scope | None
    role_id: str | None
    administrator: bool
    everybody: bool
    self: bool
    subordinates: list[str]
    department: list[str]


class WhyAnswer(msgspec.Struct):
    """`on_device`: whether the person's devices hold the record. `enabled`: whether he may sign in at all."""

    employee_id: str
    enabled: bool
    on_device: bool
    answer: Answer | None


def overview(session: Session, actor: Actor) -> Overview:
    """The people within the reach of the permission `rights.view`, and what their roles give them."""
    actor.require("rights.view")
    rows = session.execute(
        select(
            Employee.id, Employee.real_name, Employee.username, Employee.status,
            Employee.department_id, Employee.role_id,
        )
        .where(visible(actor, Employee), *_within(actor))
        .order_by(Employee.username)
    )  # fmt: skip
    people = [PersonRights(*row) for row in rows]
    roles = {
        role.id: RoleRights(
            role.id,
            role.name,
            role.is_administrator,
            administrator() if role.is_administrator else dict(role.permissions or {}),
            {} if role.is_administrator else dict(role.field_rights or {}),
        )
        for role in session.scalars(select(Role).where(visible(actor, Role)))
    }
    return Overview(people, {one.role_id: roles[one.role_id] for one in people if one.role_id in roles})


def _within(actor: Actor) -> list[Any]:
    members = actor.members(actor.scope("rights.view") or "own")
    return [] if members is None else [Employee.id.in_(sorted(members))]


def _ask_about(session: Session, actor: Actor, employee_id: str) -> None:
    """Raises `Forbidden`, or `NotFound` for people out of reach."""
    if employee_id == actor.employee_id:
        return
    actor.require("rights.view")
    found = select(Employee.id).where(visible(actor, Employee, [employee_id]), *_within(actor))
    if session.scalar(found) is None:
        raise NotFound("not_found", record="employee", id=employee_id)


def cell(session: Session, actor: Actor, employee_id: str, permission: str) -> CellReason:
    """Why a person has a permission, and how far it reaches for him."""
    _ask_about(session, actor, employee_id)
    person = load_actor(session, employee_id, whole=True)
    scope = person.scope(permission) if person is not None else None
    if person is None or scope is None:
        role_id = person.role_id if person is not None else None
        return CellReason(permission, None, role_id, False, False, False, [], [])
    members = person.members(scope)
    others = (members or frozenset()) - {employee_id}
    is_administrator = session.scalar(
        select(Role.is_administrator).where(Role.id == person.role_id, visible(actor, Role))
    )
    return CellReason(
        permission, scope, person.role_id, bool(is_administrator), members is None, True,
        sorted(others & person.subordinates), sorted(others - person.subordinates),
    )  # fmt: skip


def why(session: Session, actor: Actor, record_type: str, row_id: str, employee_id: str) -> WhyAnswer:
    """Why a person sees a record, or what would let him. Raises `NotFound` where the one who asks does not see it: nobody
    learns by asking that there is something."""
    _ask_about(session, actor, employee_id)
    if not is_record(record_type):
        raise NotFound("not_found", record=record_type[:40], id=row_id)
    record = record_named(record_type)
    seen = session.scalars(select(record).where(visible(actor, record, [row_id]))).first()
    if seen is None:
        raise NotFound("not_found", record=record_type, id=row_id)
    person = load_actor(session, employee_id, whole=True)
    answer = explain(session, person, record, row_id) if person is not None else None
    return WhyAnswer(employee_id, person is not None, _holds(session, employee_id, record, seen), answer)


def _holds(session: Session, employee_id: str, record: type[Record], row: Record) -> bool:
    root = root_of(record, lambda name: getattr(row, name))
    line = select(access.c.root).where(access.c.employee_id == employee_id, access.c.root == root, access.c.live)
    return record.spec.synced and session.scalar(line) is not None


def workbook(session: Session, actor: Actor, chosen: set[str], language: str) -> bytes:
    """The overview as a workbook: a line a person, a column a permission; `chosen` are people, all where it is empty."""
    found = overview(session, actor)
    departments = {row.id: row.name for row in session.scalars(select(Department).where(visible(actor, Department)))}
    labels = all_permissions()
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=L("权限一览表", "權限一覽表", "Who may do what").of(language))
    sheet.freeze_panes = "E2"
    header = []
    for label in (*_HEAD, *GROUPS.values(), *labels.values()):
        header.append(WriteOnlyCell(sheet, value=label.of(language)))
        header[-1].font = Font(bold=True)
    sheet.append(header)
    for one in found.people:
        role = found.roles.get(one.role_id)
        if (chosen and one.id not in chosen) or role is None:
            continue
        scopes = [role.permissions.get(name) for name in labels]
        cells = [
            one.real_name, one.username, departments.get(one.department_id, ""), role.name,
            _DISABLED.of(language) if one.status == "disabled" else "",
            *[RIGHTS[role.field_rights.get(group, "edit")].of(language) for group in GROUPS],
            *[_SCOPES[scope].of(language) if scope else "" for scope in scopes],
        ]  # fmt: skip
        sheet.append([plain(value) for value in cells])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
