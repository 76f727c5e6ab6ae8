"""What a new version changes in the people and roles of a company that is there already."""

import json

from sqlalchemy import select

from server.people.models import Role
from server.people.permissions import ROLES
from server.records.audit import audit_trail
from server.records.commands import Context
from server.upgrading import on_upgrade


# unrestricted: every role of the company
@on_upgrade("people.standing_roles")
def give_standing_roles_what_is_new(context: Context) -> None:
    """The roles a company was founded with get the permissions that their kind has today. One that people have changed in
    any way is theirs: it stays as it is, and the new permissions are granted there by hand."""
    for role in context.session.scalars(select(Role).where(Role.name.in_(ROLES))).all():
        wanted = ROLES[role.name]
        if role.permissions != wanted and not _was_changed(context, role) and not role.field_rights:
            role.permissions = {**role.permissions, **wanted}


def _was_changed(context: Context, role: Role) -> bool:
    """Whether anybody ever changed name or permissions, as the history has it. The system itself is nobody."""
    lines = select(audit_trail.c.changes).where(
        audit_trail.c.type == Role.__tablename__,
        audit_trail.c.row_id == role.id,
        audit_trail.c.employee_id != context.actor.employee_id,
    )
    return any({"permissions", "name"} & json.loads(changes).keys() for changes in context.session.scalars(lines))
