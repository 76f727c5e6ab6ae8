"""The only rule for reading: `visible(actor, Record)` is the SQL condition of what this actor may see.

Lists, details, exports, reports, media and sync all use it; `python -m server.lint` finds code that goes around it.
"""

from collections.abc import Callable

from sqlalchemy import ColumnElement, and_, false, or_, select, true

from server.records.actor import Actor, Scope
from server.records.record import Record, column_of, permission_of, record_named

Extra = Callable[[Actor, str], ColumnElement[bool] | None]
_extra: dict[str, Extra] = {}


def also_visible(record: type[Record]) -> Callable[[Extra], Extra]:
    """Lets an area widen what its record's declaration says, e.g. by sharing."""

    def remember(extra: Extra) -> Extra:
        _extra[record.__tablename__] = extra
        return extra

    return remember


def visible(actor: Actor, record: type[Record]) -> ColumnElement[bool]:
    """What this actor may see of this record."""
    return allowed(actor, record, "view")


def allowed(actor: Actor, record: type[Record], operation: str) -> ColumnElement[bool]:
    """The rows of `record` on which the actor may perform `operation` (view, edit, delete, export …)."""
    scope = actor.scope(f"{permission_of(record)}.{operation}")
    if scope is None:
        return false()
    spec = record.spec
    if spec.within is not None:
        field, target_name = spec.within
        column, target = column_of(record, field), record_named(target_name)
        inside = or_(column.is_(None), column.in_(select(target.id).where(visible(actor, target))))
        return and_(inside, _reached(actor, record, operation, scope))
    return _reached(actor, record, operation, scope)


def _reached(actor: Actor, record: type[Record], operation: str, scope: Scope) -> ColumnElement[bool]:
    """The rows whose owner lies in the scope of the permission, or that are seen through another record."""
    members = actor.members(scope)
    spec = record.spec
    if members is None or not (spec.owners or spec.through):
        return true()
    found: list[ColumnElement[bool]] = []
    for owner in spec.owners:
        column = column_of(record, owner)
        found.append(column.in_(sorted(members)))
        if spec.public_when_unowned and operation == "view":
            found.append(column.is_(None))
    if spec.through is not None:
        field, target_name = spec.through
        target = record_named(target_name)
        through = "view" if operation in ("view", "export") else operation
        seen = allowed(actor, target, through if actor.can(f"{permission_of(target)}.{through}") else "view")
        found.append(column_of(record, field).in_(select(target.id).where(seen)))
    extra = _extra.get(record.__tablename__)
    if extra is not None:
        widened = extra(actor, operation)
        if widened is not None:
            found.append(widened)
    return or_(*found)
