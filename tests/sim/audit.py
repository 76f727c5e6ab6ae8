"""What must be true in the database whatever happened to phones, network and server."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, Engine, select

import server.areas  # noqa: F401 - all records are declared
from server.records.audit import audit_trail
from server.records.numbering import running_number
from server.records.record import fields_of, record_named
from sync.schema import access, inbox

_JOINED = ("append", "union", "add")
_DONE = ("applied", "merged", "adjusted", "conflict")
_NUMBER = re.compile(r"^([A-Z]+)(\d{8})(\d+)$")


class Audit:
    """Looks at the database itself, around the server. Remembers which ops it has seen complete."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def access(self) -> dict[str, list[str]]:
        """The roots each employee's devices may hold."""
        held: dict[str, list[str]] = defaultdict(list)
        with self._engine.connect() as connection:
            for employee, root in connection.execute(
                select(access.c.employee_id, access.c.root).where(access.c.live)
            ):
                held[employee].append(root)
        return held

    def check(self, ledger: list[dict[str, Any]]) -> list[str]:
        """Problems of these ops (all were delivered, nothing is under way), and of the numbers."""
        with self._engine.connect() as connection:
            return [*self._numbers(connection), *self._ops(connection, ledger)]

    def _ops(self, connection: Connection, ledger: list[dict[str, Any]]) -> list[str]:
        problems: list[str] = []
        kept = {(row.device_id, row.op_id): row for row in connection.execute(select(inbox))}
        effects: dict[str, list[Any]] = defaultdict(list)
        for line in connection.execute(select(audit_trail).order_by(audit_trail.c.id)):
            if line.op_id:
                effects[line.op_id].append(line)
        conflicts = {row.id: row for row in connection.execute(select(record_named("conflict").__table__))}
        for entry in ledger:
            name = f"{entry['command']} {entry['op']}"
            row = kept.get((entry["device"], entry["op"]))
            if row is None:
                problems.append(f"{name}: the server has never seen it")
                continue
            lines = effects.get(entry["op"], [])
            if row.status == "new":
                problems.append(f"{name}: stored, but never settled")
            if entry["status"] is not None and (entry["status"], entry["code"]) != (row.status, row.code):
                problems.append(
                    f"{name}: the phone was told {entry['status']}/{entry['code']}, the inbox says {row.status}/{row.code}"
                )
            if len({line.at for line in lines}) > 1:
                problems.append(f"{name}: took effect {len({line.at for line in lines})} times")
            if row.status == "rejected" and lines:
                problems.append(f"{name}: rejected ({row.code}), yet it changed {lines[0].type} {lines[0].row_id}")
            if row.status == "held" and row.code == "server_error":
                problems.append(f"{name}: the server failed at it")
            if entry["command"].endswith(".create") and row.status in _DONE:
                made = [line for line in lines if line.row_id == entry["args"]["id"] and line.op == "w"]
                if not made:
                    problems.append(f"{name}: {row.status}, but there is no trace of it")
            if entry["command"].endswith(".edit") and row.status in _DONE:
                problems += self._edit(name, entry, lines, conflicts, json.loads(row.result)["conflicts"])
        return problems

    def _edit(
        self, name: str, entry: dict[str, Any], lines: list[Any], conflicts: dict[str, Any], opened: list[str]
    ) -> list[str]:
        """Every value that an edit replaced unseen, or that lost against another, is in a conflict record. The record
        may be another's by now: customers are merged, and what is sent for one of them goes to what it became."""
        record_type = entry["command"].rsplit(".", 1)[0]
        fields = fields_of(record_named(record_type))
        problems = []
        same_type = [line for line in lines if line.type == record_type]
        own = [line for line in same_type if line.row_id == entry["args"]["id"]] or same_type
        written: dict[str, tuple[Any, Any]] = {}
        for line in own:
            for field, (before, after) in json.loads(line.changes).items():
                written[field] = (written[field][0] if field in written else before, after)
        about = [c for c in conflicts.values() if c.record_id == entry["args"]["id"] or c.id in opened]
        for field, (base, mine) in entry["args"]["set"].items():
            policy = fields[field].policy
            losers = [c for c in about if c.field == field]
            if field in written:
                before = written[field][0]
                if policy not in _JOINED and before != base and not any(c.theirs == before for c in losers):
                    problems.append(
                        f"{name}: {field} was {before!r}, unseen by the phone ({base!r}), and is nowhere kept"
                    )
            elif not (
                mine == base
                or policy in _JOINED
                or any(c.mine == mine for c in losers)
                or self._was(entry["args"]["id"], record_type, field, mine)
            ):
                problems.append(f"{name}: {field} = {mine!r} is neither written nor in a conflict")
        return problems

    def _was(self, row_id: str, record_type: str, field: str, value: Any) -> bool:
        """Whether the field has ever had this value: then the edit found its wish fulfilled."""
        with self._engine.connect() as connection:
            statement = select(audit_trail.c.changes).where(
                audit_trail.c.type == record_type, audit_trail.c.row_id == row_id
            )
            return any(
                field in changes and value in changes[field]
                for changes in map(json.loads, connection.scalars(statement))
            )

    def _numbers(self, connection: Connection) -> list[str]:
        """Order numbers: as many as the counter says, none twice, none missing."""
        given: dict[tuple[str, str], list[int]] = defaultdict(list)
        statement = select(audit_trail.c.type, audit_trail.c.changes).where(
            audit_trail.c.type.in_(["order", "customer"])
        )
        for record_type, changes in connection.execute(statement):
            before, number = json.loads(changes).get(f"{record_type}_no", (None, None))
            match = _NUMBER.match(number or "") if before is None else None
            if match:
                given[match[1], match[2]].append(int(match[3]))
        problems = []
        for prefix, day, last in connection.execute(select(running_number)):
            numbers = sorted(given.get((prefix, f"{day:%Y%m%d}"), []))
            if numbers and numbers != list(range(1, last + 1)):
                odd = sorted(set(range(1, last + 1)) ^ set(numbers)) or [n for n in numbers if numbers.count(n) > 1]
                problems.append(f"numbers {prefix} of {day}: {odd[:10]} missing or given twice")
        return problems
