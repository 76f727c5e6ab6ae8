"""Why somebody sees a record, or what he lacks: the ways of `visibility.ways`, asked about one row."""

from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.records.actor import SCOPES, Actor, Scope
from server.records.record import Record, column_of, permission_of, record_named
from server.records.visibility import narrowed_by, visible, ways


class Reason(msgspec.Struct, omit_defaults=True):
    """One way in which a row is seen (`visibility.Way`). `owner`: an owner within the scope, and as `relation` whether that
    is the person himself, one of his line or of his department. `through`: the record, and why that one is seen."""

    kind: str
    field: str | None = None
    owner: str | None = None
    relation: str | None = None
    record: str | None = None
    id: str | None = None
    reasons: list["Reason"] = []


class Lack(msgspec.Struct, omit_defaults=True):
    """What would let somebody see a row: a permission that he has not got (`has` is null) or that does not reach far enough,
    with the nearest scope that would; null where none does, because another record stands in between (`within`)."""

    permission: str
    has: Scope | None = None
    needs: Scope | None = None
    owners: list[str] = []
    within: str | None = None


class Answer(msgspec.Struct):
    """`permission`: what decides, and how far it reaches for this person."""

    sees: bool
    permission: str
    scope: Scope | None
    reasons: list[Reason]
    lacks: list[Lack]


def explain(session: Session, actor: Actor, record: type[Record], row_id: str) -> Answer:
    """Why the actor sees the row, which exists, or what would let him. The actor was loaded `whole`."""
    permission = f"{permission_of(record)}.view"
    sees = _sees(session, actor, record, row_id)
    return Answer(
        sees,
        permission,
        actor.scope(permission),
        reasons(session, actor, record, row_id) if sees else [],
        [] if sees else lacks(session, actor, record, row_id),
    )


def reasons(session: Session, actor: Actor, record: type[Record], row_id: str) -> list[Reason]:
    """Every way in which the actor reaches a row that he sees."""
    scope = actor.scope(f"{permission_of(record)}.view")
    if scope is None:
        return []
    open_ways = ways(actor, record, "view", scope)
    row = session.execute(select(*[way.rule for way in open_ways]).where(record.id == row_id)).first()
    found: list[Reason] = []
    for way, open_to in zip(open_ways, row or (), strict=False):
        if not open_to:
            continue
        value = _value(session, record, row_id, way.field)
        if way.kind == "owner":
            found.append(Reason("owner", way.field, owner=value, relation=_relation(actor, value)))
        elif way.kind == "through" and record.spec.through is not None:
            target = record_named(record.spec.through[1])
            below = reasons(session, actor, target, value)
            found.append(Reason("through", way.field, record=target.__tablename__, id=value, reasons=below))
        else:
            found.append(Reason(way.kind, way.field))
    return found


def lacks(session: Session, actor: Actor, record: type[Record], row_id: str) -> list[Lack]:
    """What would let the actor see the row: the permission of its own type, or of the record through which it is seen."""
    permission = f"{permission_of(record)}.view"
    owners = [_value(session, record, row_id, owner) for owner in record.spec.owners]
    lack = Lack(permission, actor.scope(permission), owners=[owner for owner in owners if owner])
    for scope in SCOPES:
        further = replace(actor, permissions={**actor.permissions, permission: scope})
        if _sees(session, further, record, row_id):
            lack.needs = scope
            break
    else:
        lack.within = record.spec.within[1] if record.spec.within else narrowed_by(record)
    found = [lack]
    if record.spec.through is not None:
        field, target_name = record.spec.through
        target = record_named(target_name)
        above = _value(session, record, row_id, field)
        if above is not None and not _sees(session, actor, target, above):
            known = {one.permission for one in found}
            found += [one for one in lacks(session, actor, target, above) if one.permission not in known]
    return found


def _sees(session: Session, actor: Actor, record: type[Record], row_id: str) -> bool:
    rule = select(record.id).where(visible(actor, record, [row_id]))
    return session.scalar(rule) is not None


def _value(session: Session, record: type[Record], row_id: str, field: str | None) -> Any:
    return field and session.scalar(select(column_of(record, field)).where(record.id == row_id))


def _relation(actor: Actor, employee_id: str) -> str:
    if employee_id == actor.employee_id:
        return "self"
    return "subordinate" if employee_id in actor.subordinates else "department"
