"""Who has a permission that reaches somebody: whom to ask, whom to tell."""

from sqlalchemy import select

from server.people.logins import load_actor
from server.people.models import Employee, Role
from server.records.actor import Actor, Scope
from server.records.commands import Context


def holders(context: Context, permission: str, about: str | None = None) -> list[str]:
    """Enabled employees with this permission whose scope contains the employee `about` (None: whatever the scope), in the
    order of their ids. Administrators have every permission; they count only where nobody else has it."""
    known: dict[tuple[str, str | None], list[str]] = context.memory.setdefault("holders", {})
    if (permission, about) not in known:
        people = _people(context, permission)
        found = [one for one, scope, _ in people if about is None or _reaches(context, one, scope, about)]
        others = [one for one, _, is_administrator in people if one in found and not is_administrator]
        known[permission, about] = others or found
    return known[permission, about]


def _people(context: Context, permission: str) -> list[tuple[str, Scope, bool]]:
    """(employee, scope, is an administrator) of everybody whose role has the permission. Roles are few: only the people
    of those that have it are read."""
    reach: dict[str, tuple[Scope, bool]] = {}
    for role_id, permissions, is_administrator in context.session.execute(
        select(Role.id, Role.permissions, Role.is_administrator)
    ):
        scope: Scope | None = "all" if is_administrator else (permissions or {}).get(permission)
        if scope is not None:
            reach[role_id] = scope, is_administrator
    people = (
        select(Employee.id, Employee.role_id)
        .where(Employee.status == "enabled", Employee.role_id.in_(sorted(reach)))
        .order_by(Employee.id)
    )
    return [(employee_id, *reach[role_id]) for employee_id, role_id in context.session.execute(people)]


def _reaches(context: Context, employee_id: str, scope: Scope, about: str) -> bool:
    if scope == "all" or employee_id == about:
        return True
    actors: dict[str, Actor | None] = context.memory.setdefault("actors", {})
    if employee_id not in actors:
        actors[employee_id] = load_actor(context.session, employee_id)
    actor = actors[employee_id]
    members = actor.members(scope) if actor is not None else frozenset[str]()
    return members is None or about in members
