"""The only rule for reading: `visible(actor, Record)` is the SQL condition of what this actor may see.

Lists, details, exports, reports, media and sync all use it; `python -m server.lint` finds code that goes around it.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm.attributes import instance_state

from server.records.actor import Actor, Scope
from server.records.aside import aside
from server.records.record import Record, column_of, permission_of, record_named

Extra = Callable[[Actor, str], ColumnElement[bool] | None]
_extra: dict[str, list[tuple[str, Extra]]] = {}


class Way(NamedTuple):
    """One way in which an actor reaches rows: `all` (the scope has no end, or the record no owners), `owner` (the `field`
    has somebody within the scope), `unowned`, `through` (the record that the `field` names is reached), or what an area
    calls its own. Each is enough."""

    kind: str
    field: str | None
    rule: ColumnElement[bool]


def also_visible(record: type[Record], kind: str) -> Callable[[Extra], Extra]:
    """Lets an area widen what its record's declaration says, e.g. by sharing; `kind` is what that way is called. A record
    may have several such ways."""

    def remember(extra: Extra) -> Extra:
        _extra.setdefault(record.__tablename__, []).append((kind, extra))
        return extra

    return remember


Only = Callable[[Actor, str], ColumnElement[bool]]
_only: dict[str, tuple[str, Only]] = {}


def only_where(record: type[Record], target: str) -> Callable[[Only], Only]:
    """Lets an area narrow what its record's declaration says by what another record, the `target`, grants the actor, e.g.
    a table of the company's own to roles. Asked for each operation, and for `hold`: what his devices may have."""

    def remember(rule: Only) -> Only:
        _only[record.__tablename__] = (target, rule)
        return rule

    return remember


def narrowing(actor: Actor, record: type[Record], operation: str) -> list[ColumnElement[bool]]:
    """What has to hold beside scope and owner; nothing for most records."""
    found = _only.get(record.__tablename__)
    return [] if found is None or actor.is_system else [found[1](actor, operation)]


def narrowed_by(record: type[Record]) -> str | None:
    """The record that grants more than scope and owner do."""
    found = _only.get(record.__tablename__)
    return None if found is None else found[0]


def narrowed_records() -> list[str]:
    return sorted(_only)


#: Ids, or a query for them.
Among = Sequence[str] | Select[Any]


def visible(actor: Actor, record: type[Record], among: Among | None = None) -> ColumnElement[bool]:
    """What this actor may see of this record. `among`: of these few rows, which saves looking at all he may see."""
    return allowed(actor, record, "view", among)


def allowed(actor: Actor, record: type[Record], operation: str, among: Among | None = None) -> ColumnElement[bool]:
    """The rows of `record` on which the actor may perform `operation` (view, edit, delete, export …)."""
    rule = _allowed(actor, record, operation, among)
    return rule if among is None else and_(column_of(record, "id").in_(among), rule)


def checked(actor: Actor, record: type[Record], operation: str = "view") -> ColumnElement[bool]:
    """As `allowed`, for rows that a period, an order or another filter finds: the rule is looked at on those, one by
    one, instead of looking for all that it allows."""
    return aside(_allowed(actor, record, operation, None, one_by_one=True), record)


def _allowed(
    actor: Actor, record: type[Record], operation: str, among: Among | None, *, one_by_one: bool = False
) -> ColumnElement[bool]:
    scope = actor.scope(f"{permission_of(record)}.{operation}")
    if scope is None:
        return false()
    spec = record.spec
    rules = narrowing(actor, record, operation)
    if spec.within is not None:
        field, target_name = spec.within
        column, target = column_of(record, field), record_named(target_name)
        seen = visible(actor, target, _referred(record, field, among))
        rules.append(or_(column.is_(None), column.in_(select(target.id).where(seen))))
    reached = _reached(actor, record, operation, scope, among, one_by_one=one_by_one)
    return and_(*rules, reached) if rules else reached


def _referred(record: type[Record], field: str, among: Among | None) -> Select[Any] | None:
    """What these rows refer to in a field."""
    return None if among is None else select(column_of(record, field)).where(column_of(record, "id").in_(among))


def _reached(
    actor: Actor, record: type[Record], operation: str, scope: Scope, among: Among | None, *, one_by_one: bool
) -> ColumnElement[bool]:
    """The rows whose owner lies in the scope of the permission, or that are seen through another record."""
    return or_(*[way.rule for way in ways(actor, record, operation, scope, among, one_by_one=one_by_one)])


def ways(
    actor: Actor,
    record: type[Record],
    operation: str,
    scope: Scope,
    among: Among | None = None,
    *,
    one_by_one: bool = False,
) -> list[Way]:
    """The ways in which a permission that reaches so far leads to rows; what `within` asks for comes on top.
    `one_by_one`: as they are asked of a row that is there."""
    members = actor.members(scope)
    spec = record.spec
    if members is None or not (spec.owners or spec.through):
        return [Way("all", None, true())]
    found: list[Way] = []
    for owner in spec.owners:
        column = column_of(record, owner)
        found.append(Way("owner", owner, column.in_(sorted(members))))
        if spec.public_when_unowned and operation == "view":
            found.append(Way("unowned", owner, column.is_(None)))
    if spec.through is not None:
        field, target_name = spec.through
        target = record_named(target_name)
        seen = allowed(actor, target, _through(actor, target, operation), _referred(record, field, among))
        column = column_of(record, field)
        # What is reached through a customer in turn (visits, orders) may be a million rows: a photo looks for its own.
        own = one_by_one and target.spec.through is not None and target is not record
        through = (
            select(target.id).where(target.id == column, seen).exists()
            if own
            else column.in_(select(target.id).where(seen))
        )
        found.append(Way("through", field, through))
    for kind, extra in _extra.get(record.__tablename__, ()):
        widened = extra(actor, operation)
        if widened is not None:
            found.append(Way(kind, None, widened))
    return found


Find = Callable[[type[Record], str], Record | None]


def surely_allowed(actor: Actor, row: Record, operation: str, find: Find) -> bool:
    """The rule of `allowed` for a row that is in memory as the database has it or will have it. `find` gives other such
    rows.

    True only where the declaration alone says yes; False means that the database has to be asked.
    """
    state = instance_state(row)
    spec, record = row.spec, type(row)
    scope = actor.scope(f"{permission_of(record)}.{operation}")
    if scope is None or not (state.pending or (state.persistent and not state.modified)):
        return False
    if record.__tablename__ in _only and not actor.is_system:
        return False
    if spec.within is not None and not _seen_through(actor, row, spec.within, "view", find, empty=True):
        return False
    members = actor.members(scope)
    if members is None or not (spec.owners or spec.through):
        return True
    owners = [getattr(row, owner) for owner in spec.owners]
    if any(owner in members for owner in owners if owner is not None):
        return True
    if spec.public_when_unowned and operation == "view" and None in owners:
        return True
    if spec.through is None:
        return False
    through = _through(actor, record_named(spec.through[1]), operation)
    return _seen_through(actor, row, spec.through, through, find, empty=False)


def _seen_through(
    actor: Actor, row: Record, reference: tuple[str, str], operation: str, find: Find, *, empty: bool
) -> bool:
    field, target_name = reference
    key = getattr(row, field)
    if key is None:
        return empty
    target = find(record_named(target_name), key)
    return target is not None and surely_allowed(actor, target, operation, find)


def _through(actor: Actor, target: type[Record], operation: str) -> str:
    """What one must be allowed on the record in `through` to do this on a row below it."""
    through = "view" if operation in ("view", "export") else operation
    return through if actor.can(f"{permission_of(target)}.{through}") else "view"
