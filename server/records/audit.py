"""The audit trail: who changed what, when, from which device, by which command, field by field."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Column, Index, Integer, Row, String, Table, Text, select
from sqlalchemy.orm import Session

from server.records import own, rights
from server.records.actor import Actor
from server.records.record import record_named, visible_fields
from server.records.types import UtcDateTime
from server.records.values import to_wire
from sync import journal
from sync.journal import Line
from sync.schema import metadata
from sync.statements import Statement

audit_trail = Table(
    "audit_trail",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("at", UtcDateTime, nullable=False),
    Column("employee_id", String(36), nullable=False),
    Column("device_id", String(36)),
    Column("op_id", String(64)),
    Column("command", String(80), nullable=False),
    Column("type", String(40), nullable=False),
    Column("row_id", String(36), nullable=False),
    Column("op", String(1), nullable=False),
    Column("changes", Text, nullable=False),
    Index("ix_audit_trail_row", "type", "row_id", "id"),
    Index("ix_audit_trail_employee", "employee_id", "at"),
)


_INSERT = Statement(
    """INSERT INTO audit_trail (at, employee_id, device_id, op_id, command, type, row_id, op, changes)
       VALUES (:at, :employee_id, :device_id, :op_id, :command, :type, :row_id, :op, :changes)""",
    row="at timestamptz, employee_id text, device_id text, op_id text, command text, type text, row_id text, op text, "
    "changes text",
)
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Cause:
    """What made a row change: the command, and who ran it from where."""

    employee_id: str
    command: str
    at: datetime
    device_id: str | None = None
    op_id: str | None = None


def write_lines(session: Session, lines: list[Line]) -> None:
    """Stores the journal's lines; secrets are named but never written out."""
    now = datetime.now(UTC)
    stored = _moment_for(session)
    rows = []
    for line in lines:
        if not line.changes and line.op == "d":
            continue  # a tombstone left under an old root; the change itself has its own line
        cause: Cause = line.cause or Cause("", "unknown", now)
        shown = visible_fields(record_named(line.type))
        changes = {
            name: [to_wire(before), to_wire(after)] if name in shown else ["…", "…"]
            for name, (before, after) in line.changes.items()
            if name != own.COLUMN
        }
        if own.COLUMN in line.changes:
            changes |= _own_changes(session, line)
        rows.append(
            {
                "at": stored(cause.at),
                "employee_id": cause.employee_id,
                "device_id": cause.device_id,
                "op_id": cause.op_id,
                "command": cause.command,
                "type": line.type,
                "row_id": line.row_id,
                "op": line.op,
                "changes": _encoder.encode(changes).decode(),
            }
        )
    _INSERT.many(session, rows)


def _own_changes(session: Session, line: Line) -> dict[str, list[Any]]:
    """What became of each own field. Values that are removed for good are not written down once more."""
    fields = own.catalog(session).of(line.type)
    found: dict[str, list[Any]] = {}
    for name, (before, after) in _own_pairs(line).items():
        field = fields.get(name)
        known = field is not None and field.state != "purged"
        found[name] = [field.wire(before), field.wire(after)] if field is not None and known else ["…", "…"]
    return found


def _own_pairs(line: Line) -> dict[str, tuple[Any, Any]]:
    """Own fields by name, each as it was and as it is, as they are stored."""
    before, after = ({} if values is None else values for values in line.changes[own.COLUMN])
    keys = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return {own.PREFIX + key: (before.get(key), after.get(key)) for key in keys}


def _names(line: Line) -> Iterable[str]:
    return [*line.changes, *_own_pairs(line)] if own.COLUMN in line.changes else line.changes


def _moment_for(session: Session) -> Callable[[datetime], Any]:
    """How the driver itself takes a moment: the column's own way with it."""
    dialect = session.get_bind().dialect
    process = UtcDateTime().dialect_impl(dialect).bind_processor(dialect)
    assert process is not None
    return process


def last_change(session: Session, record_type: str, row_id: str, field: str) -> tuple[str, datetime] | None:
    """Who last changed a field, and when. Several commands may share a transaction, so its own changes count."""
    for line in reversed(journal.of(session).lines):
        if (line.type, line.row_id) == (record_type, row_id) and field in _names(line) and line.cause is not None:
            return line.cause.employee_id, line.cause.at
    statement = (
        select(audit_trail.c.employee_id, audit_trail.c.at, audit_trail.c.changes)
        .where(audit_trail.c.type == record_type, audit_trail.c.row_id == row_id)
        .order_by(audit_trail.c.id.desc())
        .limit(50)
    )
    for employee_id, at, changes in session.execute(statement):
        if field in json.loads(changes):
            return employee_id, at
    return None


@dataclass(frozen=True, slots=True)
class Deleted:
    """A row that is gone: its values as the wire has them, and when and by whom it was made."""

    row_id: str
    values: dict[str, Any]
    created_at: datetime
    created_by: str


def deleted_with(session: Session, record_type: str, row_id: str, companions: str) -> list[Deleted]:
    """The rows of type `companions` that the command deleted which last deleted a row; none where it never was. Several
    commands may share a transaction, so its own deletions count."""
    lines = journal.of(session).lines
    last = next((line for line in reversed(lines) if _deletes(line, record_type, row_id)), None)
    if last is not None:
        return [
            _deleted(
                session, companions, line.row_id, {name: to_wire(was) for name, (was, _) in line.changes.items()}
            )
            for line in lines
            if line.cause is last.cause and _deletes(line, companions)
        ]
    gone = session.execute(
        select(audit_trail.c.employee_id, audit_trail.c.at)
        .where(audit_trail.c.type == record_type, audit_trail.c.row_id == row_id, audit_trail.c.op == "d")
        .order_by(audit_trail.c.id.desc())
        .limit(1)
    ).one_or_none()
    if gone is None:
        return []
    found = session.execute(
        select(audit_trail.c.row_id, audit_trail.c.changes)
        .where(
            audit_trail.c.employee_id == gone.employee_id,
            audit_trail.c.at == gone.at,
            audit_trail.c.type == companions,
            audit_trail.c.op == "d",
        )
        .order_by(audit_trail.c.id)
    )
    return [
        _deleted(session, companions, row_id, {name: was for name, (was, _) in json.loads(changes).items()})
        for row_id, changes in found
    ]


def _deletes(line: Line, record_type: str, row_id: str | None = None) -> bool:
    return line.op == "d" and bool(line.changes) and line.type == record_type and row_id in (None, line.row_id)


def _deleted(session: Session, record_type: str, row_id: str, values: dict[str, Any]) -> Deleted:
    """When and by whom it was made is not among its values: the line that made it says so."""
    made = session.execute(
        select(audit_trail.c.at, audit_trail.c.employee_id)
        .where(audit_trail.c.type == record_type, audit_trail.c.row_id == row_id)
        .order_by(audit_trail.c.id)
        .limit(1)
    ).one_or_none()
    if made is not None:
        return Deleted(row_id, values, made.at, made.employee_id)
    cause = next(one.cause for one in journal.of(session).lines if (one.type, one.row_id) == (record_type, row_id))
    return Deleted(row_id, values, cause.at, cause.employee_id)


def history(session: Session, actor: Actor, record_type: str, row_id: str, limit: int = 200) -> list[dict[str, Any]]:
    """The trail of one row, newest first, as far as the actor may know its own fields. The caller has checked that the
    row may be seen."""
    statement = (
        select(audit_trail)
        .where(audit_trail.c.type == record_type, audit_trail.c.row_id == row_id)
        .order_by(audit_trail.c.id.desc())
        .limit(limit)
    )
    entries = [_entry(row) for row in session.execute(statement)]
    for entry in entries:
        entry["changes"] = told_changes(session, actor, record_type, entry["changes"])
    return [entry for entry in entries if entry["changes"] or entry["op"] == "d"]


def told_changes(session: Session, actor: Actor, record_type: str, changes: dict[str, Any]) -> dict[str, Any]:
    """The changes without those of fields whose values the actor may not have; of masked numbers the ends."""
    changes = _told_declared(actor, record_type, changes)
    if not any(map(own.is_own, changes)):
        return changes
    readable = own.catalog(session).readable(record_type, actor)
    return {name: pair for name, pair in changes.items() if not own.is_own(name) or name in readable}


def _told_declared(actor: Actor, record_type: str, changes: dict[str, Any]) -> dict[str, Any]:
    if not actor.field_rights:
        return changes
    record = record_named(record_type)
    before, after = (
        rights.told_item(actor, record, {name: pair[at] for name, pair in changes.items()}, changed=True)
        for at in (0, 1)
    )
    return {name: [before[name], after[name]] for name in changes if name in before}


def _entry(row: Row[Any]) -> dict[str, Any]:
    return {
        "at": to_wire(row.at),
        "employee_id": row.employee_id,
        "device_id": row.device_id,
        "command": row.command,
        "op": row.op,
        "changes": json.loads(row.changes),
    }
