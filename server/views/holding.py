"""Who uses a saved view, and so has it on his devices: whoever made it, and those it is shared with."""

from sqlalchemy import ColumnElement, CompoundSelect, and_, literal, or_, select, union

from server.people.models import Department, Employee
from server.people.tree import departments_above
from server.records.actor import Actor
from server.records.commands import Context
from server.records.editing import on_create, on_edit
from server.records.visibility import also_visible
from server.views.models import SavedView
from sync.access import end, rewrite
from sync.schema import access

_ROOT = literal("saved_view:").concat(SavedView.id).label("root")
_IS_VIEW = access.c.root.like("saved_view:%")


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


def refresh_holders(context: Context, view: SavedView) -> None:
    """Writes who holds a view; part of every change of who uses it."""
    context.session.flush()
    rewrite(context.session, holders(SavedView.id == view.id), access.c.root == f"saved_view:{view.id}")


def forget_holders(context: Context, view: SavedView) -> None:
    """For a view that is removed for good."""
    end(context.session, access.c.root == f"saved_view:{view.id}")


# unrestricted: decides who may hold what
def _refresh(context: Context, concerned: ColumnElement[bool], employee_id: str | None = None) -> None:
    context.session.flush()
    everybody = holders(SavedView.id.is_not(None)).subquery("everybody")
    found = select(everybody.c.employee_id, everybody.c.root)
    if employee_id is not None:
        found = found.where(everybody.c.employee_id == employee_id)
    rewrite(context.session, found, concerned, wide=True)


@on_create(Employee)
def new_person(context: Context, employee: Employee) -> None:
    _refresh(context, and_(access.c.employee_id == employee.id, _IS_VIEW), employee.id)


@on_edit(Employee)
def changed_person(context: Context, employee: Employee, changed: dict[str, tuple[object, object]]) -> None:
    if {"status", "role_id", "department_id"} & changed.keys():
        _refresh(context, and_(access.c.employee_id == employee.id, _IS_VIEW), employee.id)


@on_edit(Department)
def moved_department(context: Context, department: Department, changed: dict[str, tuple[object, object]]) -> None:
    if "parent_id" in changed:
        _refresh(context, _IS_VIEW)


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
