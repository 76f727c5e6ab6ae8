"""Who has a permission that reaches somebody: whom to ask, whom to tell."""

from dataclasses import dataclass

from sqlalchemy import select

from server.people.logins import Place, reaches
from server.people.models import Employee, Role
from server.records.actor import Scope
from server.records.commands import Context
from server.records.loading import QUIETLY, flush_for


@dataclass(frozen=True, slots=True)
class _Holder:
    place: Place
    scope: Scope
    is_administrator: bool


def holders(context: Context, permission: str, about: str | None = None) -> list[str]:
    """Enabled employees with this permission whose scope contains the employee `about` (None: whatever the scope), in the
    order of their ids. Administrators have every permission; they count only where nobody else has it."""
    known: dict[tuple[str, str | None], list[str]] = context.memory.setdefault("holders", {})
    if (permission, about) not in known:
        session = context.session
        found = [
            one
            for one in _people(context, permission)
            if about is None or reaches(session, one.place, one.scope, about)
        ]
        others = [one for one in found if not one.is_administrator]
        known[permission, about] = [one.place.employee_id for one in others or found]
    return known[permission, about]


def all_with(context: Context, permission: str) -> set[str]:
    """Enabled employees with this permission, whatever its scope; administrators, too."""
    return {one.place.employee_id for one in _people(context, permission)}


def may_reach(context: Context, permission: str, employee_id: str, about: str | None) -> bool:
    """Whether the scope of somebody's permission contains the employee `about` (None: whatever the scope)."""
    for one in _people(context, permission):
        if one.place.employee_id == employee_id:
            return about is None or reaches(context.session, one.place, one.scope, about)
    return False


def _people(context: Context, permission: str) -> list[_Holder]:
    """Everybody whose role has the permission. Roles are few: only the people of those that have it are read."""
    everybody: dict[str, list[_Holder]] = context.memory.setdefault("permission_holders", {})
    if permission not in everybody:
        everybody[permission] = _look_up(context, permission)
    return everybody[permission]


def _look_up(context: Context, permission: str) -> list[_Holder]:
    flush_for(context.session, Role, Employee)
    reach: dict[str, tuple[Scope, bool]] = {}
    roles = select(Role.id, Role.permissions, Role.is_administrator)
    for role_id, permissions, is_administrator in context.session.execute(roles, execution_options=QUIETLY):
        scope: Scope | None = "all" if is_administrator else (permissions or {}).get(permission)
        if scope is not None:
            reach[role_id] = scope, is_administrator
    people = (
        select(Employee.id, Employee.role_id, Employee.department_id)
        .where(Employee.status == "enabled", Employee.role_id.in_(sorted(reach)))
        .order_by(Employee.id)
    )
    found = context.session.execute(people, execution_options=QUIETLY)
    return [_Holder(Place(*row), *reach[row.role_id]) for row in found]
