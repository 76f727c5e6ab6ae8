"""What must be true in the database whatever happened to phones, network and server."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Engine, select

import server.areas  # noqa: F401 - all records are declared
from server.records.record import fields_of, record_named
from sync.schema import access, inbox
from tests.sim.trail import Line, Trail
from tests.support.totals import drifted_totals

_JOINED = ("append", "union", "add")
_DONE = ("applied", "merged", "adjusted", "conflict")
_CHUNK = 500
#: What these make is the row that their id names, once and no more.
_MAKING = (
    "order.place", "payment.record", "payment.top_up", "payment.use", "payment.refund", "payment.reverse", "photo.attach", "attachment.add", "report.submit", "report.comment", "visit.plan",
)  # fmt: skip
#: These may find that things are already as they want them, without the same command having made them so.
_MAY_CHANGE_NOTHING = (
    "payment.book", "customer.share", "customer.unshare", "customer.enable", "customer.assign", "customer.keep", "customer.forget_place",
    "conflict.resolve", "employee.set_password", "order.change_lines", "schedule.run", "notification.read",
    "notification.choose", "notification_rule.set", "attachment.delete", "attachment.restore", "own_field.order", "own_row.delete", "own_row.restore",
    "role.grant", "employee.set_rights", "employee.hand_over", "saved_report.publish", "saved_view.save", "saved_view.delete",
    "saved_view.restore", "view_choice.set", "layout.set", "layout.reset", "form_template.save", "form_template.use",
    "start_page.set", "role_start_page.set",
    "approval.withdraw", "customer.give_up", "report.read",
    "opportunity.reopen", "opportunity.close", "complaint.take_up", "complaint.answer", "complaint.close",
    "complaint.reopen", "complaint.assign",
    "lead.accept", "lead.follow", "lead.convert", "lead.return",
    "visit.arrange", "notice.publish", "notice.withdraw", "notice.read", "notice.delete", "notice.restore",
    "alert.take_up", "trial_account.open", "trial_account.refuse", "trial_account.assign", "trial_account.extend",
    "trial_account.close", "trial_account.restore", "trial_account.seen",
)  # fmt: skip

#: What `sabotage` hides or invents here, so that a test can see the checks notice it (tests/sim/test_sabotage.py).
SABOTAGES = (
    "an effect twice", "an effect of a rejected op", "a number missing", "a conflict missing", "a write unseen",
    "an op unknown",
)  # fmt: skip


class Audit:
    """Looks at the database itself, around the server. Remembers the audit trail it has read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._trail = Trail()
        self.sabotage: str | None = None

    @contextmanager
    def _moment(self) -> Iterator[Connection]:
        """One moment of the database: the server's timed work goes on while it is looked at."""
        if self._engine.dialect.name == "postgresql":
            with self._engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
                yield connection
        else:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("BEGIN")
                yield connection

    def forget(self) -> None:
        """The database was put back to an earlier moment."""
        self._trail = Trail()

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
        """Problems of these ops (all were delivered, nothing is under way), of the numbers and of all rows."""
        with self._moment() as connection:
            self._trail.read(connection)
            kept = self._kept(connection, ledger)
            conflicts = {row.id: row for row in connection.execute(select(record_named("conflict").__table__))}
            conflicts |= self._trail.deleted_conflicts()
            self._sabotage(kept, conflicts)
            return [
                *self._trail.gaps(connection),
                *self._trail.differences(connection),
                *drifted_totals(self._engine),
                *(problem for entry in ledger for problem in self._op(entry, kept, conflicts)),
            ]

    def _kept(self, connection: Connection, ledger: list[dict[str, Any]]) -> dict[tuple[str, str], Any]:
        """The ops as the inbox has them, by author and id."""
        ids = [entry["op"] for entry in ledger]
        found: dict[tuple[str, str], Any] = {}
        for start in range(0, len(ids), _CHUNK):
            statement = select(inbox).where(inbox.c.op_id.in_(ids[start : start + _CHUNK]))
            found |= {(row.employee_id, row.op_id): row for row in connection.execute(statement)}
        return found

    def _op(
        self, entry: dict[str, Any], kept: dict[tuple[str, str], Any], conflicts: dict[str, Any]
    ) -> Iterator[str]:
        name = f"{entry['command']} {entry['op']}"
        row = kept.get((entry["employee"], entry["op"]))
        if row is None:
            # What was rejected has done nothing that a restored database could lack.
            if not (entry["restored"] and entry["status"] == "rejected"):
                yield f"{name}: the server has never seen it"
            return
        lines = self._trail.by_op.get(entry["op"], [])
        if row.status == "new":
            yield f"{name}: stored, but never settled"
        told = (entry["status"], entry["code"])
        if entry["status"] is not None and not entry["restored"] and told != (row.status, row.code):
            yield f"{name}: the phone was told {told[0]}/{told[1]}, the inbox says {row.status}/{row.code}"
        if len({line.at for line in lines}) > 1:
            yield f"{name}: took effect {len({line.at for line in lines})} times"
        if row.status == "rejected" and lines:
            yield f"{name}: rejected ({row.code}), yet it changed {lines[0].type} {lines[0].row_id}"
        if row.status == "held" and row.code == "server_error":
            yield f"{name}: the server failed at it"
        if row.status in _DONE:
            yield from self._effect(name, entry, row, lines, conflicts)

    def _effect(
        self, name: str, entry: dict[str, Any], row: Any, lines: list[Line], conflicts: dict[str, Any]
    ) -> Iterator[str]:
        command, args = entry["command"], entry["args"]
        if command.endswith(".edit"):
            opened = json.loads(row.result)["conflicts"]
            yield from self._edit(name, entry, lines, conflicts, opened)
            return
        if row.status == "merged":
            return  # it was there already, or went into what was: a report of the day, an open visit
        if command.endswith(".create") or command in _MAKING:
            of = {"report.submit": "work_report", "report.comment": "report_comment"}.get(
                command, command.split(".")[0]
            )
            # A second report of a period goes into the first one.
            made = [
                line
                for line in lines
                if (line.type, line.op) == (of, "w") and (line.row_id == args["id"] or command == "report.submit")
            ]
            if not made:
                yield f"{name}: {row.status}, but there is no trace of it"
        # Another op of the same command may have done it already: then this one found its wish fulfilled.
        elif not (lines or command in _MAY_CHANGE_NOTHING or (command, args.get("id")) in self._trail.commands):
            yield f"{name}: {row.status}, but it changed nothing"

    def _edit(
        self, name: str, entry: dict[str, Any], lines: list[Line], conflicts: dict[str, Any], opened: list[str]
    ) -> Iterator[str]:
        """Every value that an edit replaced unseen, or that lost against another, is in a conflict record. The record
        may be another's by now: customers are merged, and what is sent for one of them goes to what it became."""
        record_type, row_id = entry["command"].rsplit(".", 1)[0], entry["args"]["id"]
        fields = fields_of(record_named(record_type))
        same_type = [line for line in lines if line.type == record_type]
        own = [line for line in same_type if line.row_id == row_id] or same_type
        written: dict[str, tuple[Any, Any]] = {}
        times: dict[str, int] = defaultdict(int)
        for line in own:
            for field, (before, after) in line.changes.items():
                written[field] = (written[field][0] if field in written else before, after)
                times[field] += 1
        about = [c for c in conflicts.values() if c.record_id == row_id or c.id in opened]
        for field, (base, mine) in entry["args"]["set"].items():
            policy = fields[field].policy if field in fields else self._trail.own_policy(record_type, field)
            losers = [c for c in about if c.field == field]
            if times[field] > 1 and policy in _JOINED:
                yield f"{name}: {field} was joined {times[field]} times"
            if field in written:
                before = written[field][0]
                if policy not in _JOINED and before != base and not any(c.theirs == before for c in losers):
                    yield f"{name}: {field} was {before!r}, unseen by the phone ({base!r}), and is nowhere kept"
            elif not (
                mine == base
                or policy in _JOINED
                or any(c.mine == mine for c in losers)
                # It has had this value once: then the edit found its wish fulfilled. Empty is what it was at first.
                or mine in self._had(record_type, row_id, field)
            ):
                yield f"{name}: {field} = {mine!r} is neither written nor in a conflict"

    def _had(self, record_type: str, row_id: str | None, field: str) -> list[Any]:
        """Every value the field of a row has had, and that of the customers it was merged into, even for a while."""
        had: list[Any] = []
        asked, seen = [row_id], set[str]()
        while asked:
            one = asked.pop()
            if one is None or one in seen:
                continue
            seen.add(one)
            had += self._trail.values[record_type, one, field] or [None]
            asked += self._trail.values[record_type, one, "merged_into"]
        return had

    def _sabotage(self, kept: dict[tuple[str, str], Any], conflicts: dict[str, Any]) -> None:
        trail = self._trail
        match self.sabotage:
            case "an effect twice":
                lines = next(trail.by_op[op] for _, op in kept if trail.by_op.get(op))
                lines.append(replace(lines[0], at=lines[0].at.replace(year=2000)))
            case "an effect of a rejected op":
                lost = next(row for row in kept.values() if row.status == "rejected")
                trail.by_op[lost.op_id] = next(lines for lines in trail.by_op.values() if lines)
            case "a number missing":
                max(trail.numbers.values(), key=len).pop(0)
            case "a conflict missing":
                conflicts.clear()
            case "a write unseen":
                next(row for (name, _), row in trail.rows.items() if row and name == "customer")["name"] = "another"
            case "an op unknown":
                kept.pop(next(iter(kept)))
