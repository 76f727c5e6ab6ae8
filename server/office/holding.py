"""Who has a notice on his devices, and may read it: whom it is for while it is published, and its publisher."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, delete, insert, literal, or_, select, union

from server.office.models import Notice, NoticeReader, notice_audience
from server.people.audience import follow_people
from server.people.models import Employee
from server.people.tree import departments_above
from server.records.actor import Actor
from server.records.commands import Context
from server.records.visibility import also_visible

_ROOT = literal("notice:").concat(Notice.id).label("root")
_PERSON = Employee.id.label("employee_id")
#: Published, and not taken away again.
OUT = and_(Notice.state == "published", Notice.deleted_at.is_(None))
_FOR_ALL = Notice.audience == "everybody"
_FOR_SOME = Notice.audience == "some"


# unrestricted: decides who may hold what
def _whom(notices: ColumnElement[bool]) -> list[Select[str, str]]:
    tree = departments_above()
    to = notice_audience.c
    enabled = Employee.status == "enabled"
    some = (
        select(_PERSON, _ROOT)
        .select_from(notice_audience)
        .join(Notice, and_(Notice.id == to.notice_id, _FOR_SOME))
        .where(enabled, notices)
    )
    return [
        select(_PERSON, _ROOT).join(Notice, _FOR_ALL).where(enabled, notices),
        some.join(Employee, and_(to.kind == "role", Employee.role_id == to.target_id)),
        some.join(tree, and_(to.kind == "department", tree.c.above == to.target_id)).join(
            Employee, Employee.department_id == tree.c.id
        ),
    ]


def addressed(notices: ColumnElement[bool]) -> CompoundSelect[tuple[str, str]]:
    """(employee_id, root) of whom these notices are for."""
    return union(*_whom(notices))


# unrestricted: decides who may hold what
def holders(notices: ColumnElement[bool]) -> CompoundSelect[tuple[str, str]]:
    """(employee_id, root) of everybody who has these notices. Whose it is keeps it while it can be brought back."""
    own = select(_PERSON, _ROOT).join(Notice, Notice.publisher_id == Employee.id)
    return union(own.where(Employee.status == "enabled", notices), *_whom(and_(notices, OUT)))


def people_of(context: Context, notice: Notice) -> list[str]:
    """The ids of whom it is for, whatever its state."""
    context.session.flush()
    found = addressed(Notice.id == notice.id).subquery("people")
    return list(context.session.scalars(select(found.c.employee_id).distinct()))


def write_audience(context: Context, notice: Notice) -> None:
    """What its lists of departments and roles say, as rows."""
    context.session.flush()
    context.session.execute(delete(notice_audience).where(notice_audience.c.notice_id == notice.id))
    wanted = [("department", one) for one in notice.department_ids or ()]
    wanted += [("role", one) for one in notice.role_ids or ()]
    lines = [{"notice_id": notice.id, "kind": kind, "target_id": one} for kind, one in dict.fromkeys(wanted)]
    if lines and notice.audience == "some":
        context.session.execute(insert(notice_audience), lines)


AUDIENCE = follow_people(Notice, holders)


def forget_holders(context: Context, notice_ids: Iterable[str]) -> None:
    """For notices that are removed for good."""
    ids = sorted(notice_ids)
    AUDIENCE.forget(context, ids)
    context.session.execute(delete(notice_audience).where(notice_audience.c.notice_id.in_(ids)))


@also_visible(Notice, "addressed")
# unrestricted: part of the rule of reading itself
def for_oneself(actor: Actor, operation: str) -> ColumnElement[bool] | None:
    """Whom a published notice is for may read it."""
    if operation != "view":
        return None
    to, tree = notice_audience.c, departments_above()
    above = select(tree.c.above).where(tree.c.id == actor.department_id)
    mine = select(to.notice_id).where(
        or_(
            and_(to.kind == "role", to.target_id == actor.role_id),
            and_(to.kind == "department", to.target_id.in_(above)),
        )
    )
    return and_(OUT, or_(_FOR_ALL, and_(_FOR_SOME, Notice.id.in_(mine))))


@also_visible(NoticeReader, "publisher")
# unrestricted: part of the rule of reading itself
def of_ones_own(actor: Actor, operation: str) -> ColumnElement[bool] | None:
    """Who published a notice sees who has read it."""
    if operation != "view":
        return None
    return NoticeReader.notice_id.in_(select(Notice.id).where(Notice.publisher_id == actor.employee_id))
