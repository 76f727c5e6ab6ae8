"""Who uses a saved view, and so has it on his devices: whoever made it, and those it is shared with."""

from sqlalchemy import ColumnElement, CompoundSelect, and_, literal, or_, select, union

from server.people.audience import follow_people
from server.people.models import Employee
from server.people.tree import departments_above
from server.records.actor import Actor
from server.records.visibility import also_visible
from server.views.models import SavedView

_ROOT = literal("saved_view:").concat(SavedView.id).label("root")


# unrestricted: decides who may hold what
def holders(views: ColumnElement[bool]) -> CompoundSelect[tuple[str, str]]:
    """(employee_id, root) of everybody who uses these views. Who made one keeps it while it can be brought back."""
    there = and_(views, SavedView.deleted_at.is_(None))
    enabled = Employee.status == "enabled"
    person = Employee.id.label("employee_id")
    tree = departments_above()
    return union(
        select(person, _ROOT).join(SavedView, SavedView.owner_id == Employee.id).where(enabled, views),
        select(person, _ROOT).join(SavedView, SavedView.audience == "everybody").where(enabled, there),
        select(person, _ROOT)
        .join(SavedView, and_(SavedView.audience == "role", SavedView.role_id == Employee.role_id))
        .where(enabled, there),
        select(person, _ROOT)
        .join(tree, tree.c.id == Employee.department_id)
        .join(SavedView, and_(SavedView.audience == "department", SavedView.department_id == tree.c.above))
        .where(enabled, there),
    )


AUDIENCE = follow_people(SavedView, holders)


@also_visible(SavedView, "shared")
# unrestricted: part of the rule of reading itself
def shared_with(actor: Actor, operation: str) -> ColumnElement[bool] | None:
    """Whoever a view is shared with sees it; only who made it changes it."""
    if operation != "view":
        return None
    tree = departments_above()
    mine = select(tree.c.above).where(tree.c.id == actor.department_id)
    return and_(
        SavedView.deleted_at.is_(None),
        or_(
            SavedView.audience == "everybody",
            and_(SavedView.audience == "role", SavedView.role_id == actor.role_id),
            and_(SavedView.audience == "department", SavedView.department_id.in_(mine)),
        ),
    )
