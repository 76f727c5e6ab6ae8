"""Records that are for people by role, by department or for everybody: who has them on his devices follows the people."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, CompoundSelect, and_, select

from server.people.models import Department, Employee
from server.records.commands import Context
from server.records.editing import on_create, on_edit
from server.records.record import Record
from sync.access import end, rewrite
from sync.schema import access

#: (employee_id, root) of everybody who has the records of a condition.
Holders = Callable[[ColumnElement[bool]], CompoundSelect[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Audience:
    """Of one type of record, whose rows are roots of their own."""

    record: type[Record]
    holders: Holders

    def _root(self, row_id: str) -> str:
        return f"{self.record.__tablename__}:{row_id}"

    def refresh(self, context: Context, row_id: str) -> None:
        """Writes who holds a row; part of every change of whom it is for."""
        context.session.flush()
        found = self.holders(self.record.id == row_id)
        rewrite(context.session, found, access.c.root == self._root(row_id), wide=True)

    def forget(self, context: Context, row_ids: Iterable[str]) -> None:
        """For rows that are removed for good."""
        end(context.session, access.c.root.in_([self._root(row_id) for row_id in sorted(row_ids)]))

    # unrestricted: decides who may hold what
    def _follow(self, context: Context, employee_id: str | None = None) -> None:
        context.session.flush()
        everybody = self.holders(self.record.id.is_not(None)).subquery("everybody")
        found = select(everybody.c.employee_id, everybody.c.root)
        concerned: ColumnElement[bool] = access.c.root.like(f"{self.record.__tablename__}:%")
        if employee_id is not None:
            found = found.where(everybody.c.employee_id == employee_id)
            concerned = and_(access.c.employee_id == employee_id, concerned)
        rewrite(context.session, found, concerned, wide=True)


def follow_people(record: type[Record], holders: Holders) -> Audience:
    """Keeps who holds the rows of a record as `holders` says, whoever comes, changes or is moved."""
    audience = Audience(record, holders)

    @on_create(Employee)
    def new_person(context: Context, employee: Employee) -> None:
        audience._follow(context, employee.id)

    @on_edit(Employee)
    def changed_person(context: Context, employee: Employee, changed: dict[str, tuple[object, object]]) -> None:
        if {"status", "role_id", "department_id"} & changed.keys():
            audience._follow(context, employee.id)

    @on_edit(Department)
    def moved_department(context: Context, department: Department, changed: dict[str, tuple[object, object]]) -> None:
        if "parent_id" in changed:
            audience._follow(context)

    return audience
