"""Who is asking: an employee with the permissions of the role, and the people each data scope contains."""

from dataclasses import dataclass, field
from typing import Any, Literal

from server.records.errors import Forbidden

Scope = Literal["own", "subordinates", "department", "all"]
SCOPES: tuple[Scope, ...] = ("own", "subordinates", "department", "all")


@dataclass(frozen=True, slots=True)
class Actor:
    """`members` answers which employees a scope contains; "all" is never asked there. `field_rights`: what the role may do
    less than everything with amounts and numbers (rights.py), sorted."""

    employee_id: str
    name: str = ""
    role_id: str | None = None
    department_id: str | None = None
    permissions: dict[str, Scope] = field(default_factory=dict)
    subordinates: frozenset[str] = frozenset()
    department: frozenset[str] = frozenset()
    field_rights: tuple[tuple[str, Any], ...] = ()
    device_id: str | None = None
    is_system: bool = False

    def scope(self, permission: str) -> Scope | None:
        """How far a permission reaches, or None where the actor does not have it."""
        return "all" if self.is_system else self.permissions.get(permission)

    def can(self, permission: str) -> bool:
        return self.scope(permission) is not None

    def require(self, permission: str) -> None:
        if not self.can(permission):
            raise Forbidden("forbidden", permission=permission)

    def members(self, scope: Scope) -> frozenset[str] | None:
        """The employees a scope contains; None means everybody."""
        if scope == "all":
            return None
        own = frozenset((self.employee_id,))
        if scope == "subordinates":
            return own | self.subordinates
        if scope == "department":
            return own | self.department | self.subordinates
        return own


#: Scheduled jobs, imports at set-up and the judgement of photos act as the system.
SYSTEM = Actor(employee_id="00000000-0000-7000-8000-000000000000", name="system", is_system=True)
