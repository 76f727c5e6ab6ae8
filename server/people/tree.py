"""The tree of departments in SQL, for whatever is meant for a department and those below it."""

from functools import cache
from typing import Any

from sqlalchemy import select

from server.people.models import Department


@cache
# unrestricted: the tree of departments is everybody's
def departments_above() -> Any:
    """Each department (`id`) with itself and those above it (`above`); one for all statements, since several of their
    parts use it."""
    first = select(Department.id.label("id"), Department.id.label("above"))
    tree = first.cte("departments_above", recursive=True)
    further = select(tree.c.id, Department.parent_id).join(Department, Department.id == tree.c.above)
    return tree.union(further.where(Department.parent_id.is_not(None)))
