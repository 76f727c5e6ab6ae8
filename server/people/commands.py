"""Writes about people: accounts, roles, departments, devices, passwords."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import and_, func, literal, select, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server.people import granting, handover, passwords, reveals  # noqa: F401 - their commands count
from server.people.models import Department, Device, Employee, Role, credential, login_session
from server.people.permissions import is_permission
from server.records.actor import SCOPES
from server.records.commands import Context, command
from server.records.editing import DeleteArgs, on_create, on_delete, on_edit, standard_commands
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L
from server.records.pinyin import initials
from server.records.rights import RIGHTS, is_right
from sync import access, positions
from sync.schema import access as access_table

standard_commands(Department)
standard_commands(Role)
standard_commands(Employee, delete=False)
standard_commands(Device, create=False, delete=False)

error_texts(
    {
        "username_taken": L(
            "用户名“{value}”已被使用", "使用者名稱「{value}」已被使用", "The user name {value} is taken"
        ),
        "bad_username": L(
            "用户名只能用字母、数字、点、横线和下划线，2–40 位",
            "使用者名稱只能用字母、數字、點、橫線和底線，2–40 位",
            "User names use letters, digits, dot, dash and underscore, 2 to 40 characters",
        ),
        "bad_rep_code": L(
            "业务员编号是两个字母加四位数字，末两位 01–99，如 QD0101",
            "業務員編號是兩個字母加四位數字，末兩位 01–99，如 QD0101",
            "A rep code has two letters and four digits, the last two from 01 to 99, e.g. QD0101",
        ),
        "rep_code_taken": L(
            "编号“{value}”已是{name}的", "編號「{value}」已是{name}的", "The code {value} is that of {name}"
        ),
        "weak_password": L("密码至少 {min} 位", "密碼至少 {min} 位", "The password needs at least {min} characters"),
        "wrong_password": L(
            "原密码不对，请重新输入", "原密碼不對，請重新輸入", "The current password is wrong; enter it again"
        ),
        "unknown_permission": L("没有这项权限：{value}", "沒有這項權限：{value}", "There is no permission {value}"),
        "administrator_role": L(
            "超级管理员角色不能删除或改动权限",
            "超級管理員角色不能刪除或改動權限",
            "The administrator role cannot be deleted or have its permissions changed",
        ),
        "role_in_use": L(
            "还有 {count} 个员工使用此角色", "還有 {count} 個員工使用此角色", "{count} employees have this role"
        ),
        "department_in_use": L(
            "部门下还有员工或下级部门", "部門下還有員工或下級部門", "The department still has people or departments"
        ),
        "circle": L(
            "不能把上级设成自己或自己的下级",
            "不能把上級設成自己或自己的下級",
            "The superior cannot be itself or one of its own subordinates",
        ),
        "user_limit": L(
            "最多 {max} 个账号，已经用完", "最多 {max} 個帳號，已經用完", "All {max} accounts are in use"
        ),
        "own_account": L(
            "不能停用自己的账号或改动自己的角色、部门",
            "不能停用自己的帳號或改動自己的角色、部門",
            "You cannot disable your own account or change your own role or department",
        ),
        "last_administrator": L(
            "至少保留一个启用的超级管理员",
            "至少保留一個啟用的超級管理員",
            "One super administrator must stay enabled",
        ),
    }
)

#: Where the writer's sessions keep how many accounts the installation may have.
MAX_USERS = "max_users"
_OWN_FIELDS = {"office_phone", "mobile", "email", "photo", "gender", "pinyin_code"}


@on_create(Employee)
def new_employee(context: Context, employee: Employee) -> None:
    _refuse_too_many(context)
    if not re.fullmatch(r"[A-Za-z0-9._-]{2,40}", employee.username):
        raise Rejected("bad_username", field="username")
    taken = select(Employee.id).where(func.lower(Employee.username) == employee.username.lower())
    if context.session.scalar(taken.where(Employee.id != employee.id)):
        raise Rejected("username_taken", field="username", value=employee.username)
    _check_rep_code(context, employee)
    employee.pinyin_code = initials(employee.real_name)
    context.session.flush()
    _own_access(context, employee)


def _check_rep_code(context: Context, employee: Employee) -> None:
    """Region, reseller, and the number of the rep (PP-18); nobody has that of somebody else."""
    if not employee.rep_code:
        return
    employee.rep_code = employee.rep_code.upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}(?!00)[0-9]{2}", employee.rep_code):
        raise Rejected("bad_rep_code", field="rep_code")
    same = select(Employee.real_name).where(Employee.rep_code == employee.rep_code, Employee.id != employee.id)
    if (name := context.session.scalar(same.limit(1))) is not None:
        raise Rejected("rep_code_taken", field="rep_code", value=employee.rep_code, name=name)


def _own_access(context: Context, employee: Employee) -> None:
    """Everybody who may sign in holds what belongs to the company and what is their own."""
    roots = ["company", f"employee:{employee.id}"]
    own = [
        select(Employee.id.label("employee_id"), literal(root).label("root")).where(
            Employee.id == employee.id, Employee.status == "enabled"
        )
        for root in roots
    ]
    concerned = and_(access_table.c.employee_id == employee.id, access_table.c.root.in_(roots))
    access.rewrite(context.session, union_all(*own), concerned)


def _refuse_too_many(context: Context) -> None:
    """As many accounts as the installation may have, disabled ones included (PP-9)."""
    limit = context.session.info.get(MAX_USERS)
    if limit is None:
        return
    positions.serialize(context.session, MAX_USERS)
    if (context.session.scalar(select(func.count()).select_from(Employee)) or 0) >= limit:
        raise Rejected("user_limit", field="username", max=limit)


@on_edit(Employee)
def changed_employee(context: Context, employee: Employee, changed: Mapping[str, tuple[Any, Any]]) -> None:
    """With scope "own" one keeps one's contact data, never role, department or status (PP-7)."""
    if not context.actor.is_system and context.actor.scope("employee.edit") == "own":
        for name in changed:
            if name not in _OWN_FIELDS:
                raise Forbidden("outside_scope", field=name)
    if employee.id == context.actor.employee_id and {"status", "role_id", "department_id"} & set(changed):
        raise Rejected("own_account", field="status")
    if "real_name" in changed:
        employee.pinyin_code = initials(employee.real_name)
    if "rep_code" in changed:
        _check_rep_code(context, employee)
    if "supervisor_id" in changed:
        _refuse_circle(context, employee, Employee, "supervisor_id")
    if "status" in changed and employee.status == "disabled":
        end_sessions(context.session, employee.id)
    if {"status", "role_id"} & set(changed):
        _keep_an_administrator(context)
    if "status" in changed:
        context.session.flush()
        _own_access(context, employee)
    if "role_id" in changed:
        access.resend(context.session, [employee.id])


def _keep_an_administrator(context: Context) -> None:
    context.session.flush()
    left = context.session.scalar(
        select(func.count())
        .select_from(Employee)
        .join(Role, Role.id == Employee.role_id)
        .where(Role.is_administrator, Employee.status == "enabled")
    )
    if not left:
        raise Rejected("last_administrator", field="status")


def _refuse_circle(context: Context, row: Any, record: type[Any], field: str) -> None:
    seen, current = {row.id}, getattr(row, field)
    while current is not None:
        if current in seen:
            raise Rejected("circle", field=field)
        seen.add(current)
        parent = context.find(record, current)
        current = getattr(parent, field) if parent is not None else None


@on_edit(Department)
def changed_department(context: Context, department: Department, changed: Mapping[str, tuple[Any, Any]]) -> None:
    if "parent_id" in changed:
        _refuse_circle(context, department, Department, "parent_id")


@on_delete(Department)
def delete_department(context: Context, department: Department) -> None:
    people = select(Employee.id).where(Employee.department_id == department.id).limit(1)
    below = select(Department.id).where(Department.parent_id == department.id).limit(1)
    if context.session.scalar(people) or context.session.scalar(below):
        raise Rejected("department_in_use", field="id")


@on_create(Role)
def new_role(context: Context, role: Role) -> None:
    _check_permissions(role)


@on_edit(Role)
def changed_role(context: Context, role: Role, changed: Mapping[str, tuple[Any, Any]]) -> None:
    if role.is_administrator and "permissions" in changed:
        raise Rejected("administrator_role", field="permissions")
    if role.is_administrator and changed.get("field_rights", (None, None))[1]:
        raise Rejected("administrator_role", field="field_rights")
    _check_permissions(role)
    if "parent_id" in changed:
        _refuse_circle(context, role, Role, "parent_id")
    if {"permissions", "field_rights"} & set(changed):
        people = context.session.scalars(select(Employee.id).where(Employee.role_id == role.id))
        access.resend(context.session, people)


@on_delete(Role)
def delete_role(context: Context, role: Role) -> None:
    if role.is_administrator:
        raise Rejected("administrator_role", field="id")
    count = context.session.scalar(select(func.count()).select_from(Employee).where(Employee.role_id == role.id))
    if count:
        raise Rejected("role_in_use", field="id", count=count)


def _check_permissions(role: Role) -> None:
    if not isinstance(role.permissions, dict):
        raise Rejected("wrong_type", field="permissions", label=L("权限", "權限", "Permissions"))
    for name, scope in role.permissions.items():
        if not is_permission(name, scope):
            raise Rejected("unknown_permission", field="permissions", value=f"{name}: {scope} ({'/'.join(SCOPES)})")
    rights = role.field_rights
    if rights is not None and not isinstance(rights, dict):
        raise Rejected("wrong_type", field="field_rights", label=L("字段权限", "欄位權限", "Rights to fields"))
    for name, right in (rights or {}).items():
        if not is_right(name, right):
            raise Rejected("unknown_permission", field="field_rights", value=f"{name}: {right} ({'/'.join(RIGHTS)})")


class SetPasswordArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    password: str


@command("employee.set_password", SetPasswordArgs, permission="employee.set_password", secrets=("password",))
def set_password(context: Context, args: SetPasswordArgs) -> dict[str, Any]:
    """Gives an employee a new password and ends all of their logins."""
    employee = context.need(Employee, args.id, "edit")
    passwords.check_strength(args.password)
    store_password(context.session, employee.id, passwords.hash_password(args.password), context.now)
    end_sessions(context.session, employee.id)
    return {"id": employee.id}


def store_password(session: Session, employee_id: str, password_hash: str, now: datetime) -> None:
    values = {"employee_id": employee_id, "password_hash": password_hash, "changed_at": now}
    insert = postgresql.insert if positions.is_postgresql(session) else sqlite.insert
    session.execute(
        insert(credential)
        .values(values)
        .on_conflict_do_update(
            index_elements=["employee_id"], set_={"password_hash": password_hash, "changed_at": now}
        )
    )


def end_sessions(session: Session, employee_id: str, *, keep: str | None = None, only: str | None = None) -> None:
    """Ends logins of an employee: all, all but the one with the hash `keep`, or the one with `only`. What has ended
    stays known for a while, so that a device that is revoked after it can still be told to wipe."""
    now = datetime.now(UTC)
    statement = (
        update(login_session)
        .where(login_session.c.employee_id == employee_id, login_session.c.expires_at > now)
        .values(expires_at=now)
    )
    if keep is not None:
        statement = statement.where(login_session.c.token_hash != keep)
    if only is not None:
        statement = statement.where(login_session.c.token_hash == only)
    session.execute(statement)
    # Logins are remembered for some seconds where nothing is heard of a change (logins.py).
    session.info.setdefault("touched_types", set()).add(Device.__tablename__)


@command("device.revoke", DeleteArgs, permission="device.revoke")
def revoke_device(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Ends a device's logins; at its next contact it is told to wipe, and what it still sends is quarantined."""
    device = context.need(Device, args.id, "revoke")
    if device.revoked_at is None:
        device.revoked_at = context.now
        device.revoked_by = context.actor.employee_id
        context.memory.pop("live_devices", None)
    return {"id": device.id}
