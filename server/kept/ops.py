"""Ops that the server keeps because it could not run them: unknown commands, its own failures, revoked devices.

An administrator looks at them, runs them again (as the employee and device they came from) or sets them aside; what an
older server did not know runs by itself when a newer one starts; what waits for an op that never comes is let go after half
a year. Nothing is ever deleted: an op set aside stays in the inbox with its content.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import and_, select, true
from sqlalchemy.orm import Session

from server.api.running import run_kept
from server.database import Writer, savepoint
from server.people.logins import load_actor
from server.people.models import Device, Employee
from server.records.actor import Actor
from server.records.commands import is_understood
from server.records.errors import Conflict, NotFound, error_texts
from server.records.fields import L
from server.records.visibility import visible
from sync import inbox, positions
from sync.inbox import Op, Result
from sync.push import Refused, release_waiting
from sync.schema import feed
from sync.schema import inbox as inbox_table

log = logging.getLogger("xunke.kept")

#: Why an op is kept.
CODES = ("unknown_command", "server_error", "quarantined", "needs_missing")

error_texts(
    {
        "not_kept": L("这条操作已经处理过", "這筆操作已經處理過", "This operation is not waiting any more"),
        "author_gone": L(
            "提交人已停用，无法以其身份执行",
            "提交人已停用，無法以其身分執行",
            "Its author is disabled; it cannot be run in their name",
        ),
        "set_aside": L("管理员已搁置", "管理員已擱置", "Set aside by an administrator"),
    }
)


@dataclass(frozen=True, slots=True)
class Kept:
    """One kept op. `received_at` is ISO 8601, UTC."""

    op: Op
    device_id: str
    device: str | None  #: its name
    employee_id: str
    employee: str
    received_at: str
    code: str


# unrestricted: for the console and the server itself without an actor
def kept_ops(
    session: Session,
    actor: Actor | None = None,
    *,
    code: str | None = None,
    device_id: str | None = None,
    op_id: str | None = None,
    command: str | None = None,
    limit: int | None = None,
) -> list[Kept]:
    """Kept ops, oldest first. `actor`: those of the people this administrator sees; None for the console and the server."""
    c = inbox_table.c
    wanted = [c.status == "held", c.code.in_([code] if code else CODES)]
    wanted += [visible(actor, Employee)] if actor else []
    wanted += [c.device_id == device_id] if device_id else []
    wanted += [c.op_id == op_id] if op_id else []
    wanted += [c.command == command] if command else []
    statement = (
        select(c.raw, c.device_id, c.employee_id, c.received_at, c.code, Device.name, Employee.real_name)
        .select_from(inbox_table)
        .join(Employee, Employee.id == c.employee_id)
        .outerjoin(Device, and_(Device.id == c.device_id, visible(actor, Device) if actor else true()))
        .where(*wanted)
        .order_by(c.received_at, c.seq)
        .limit(limit)
    )
    return [
        Kept(
            op=msgspec.json.decode(row.raw, type=Op),
            device_id=row.device_id,
            device=row.name,
            employee_id=row.employee_id,
            employee=row.real_name,
            received_at=row.received_at,
            code=row.code or "",
        )
        for row in session.execute(statement)
    ]


def kept_op(session: Session, device_id: str, op_id: str) -> Kept:
    """The op, if it is still kept. 404 not_found, 409 not_kept."""
    found = kept_ops(session, device_id=device_id, op_id=op_id)
    if found:
        return found[0]
    c = inbox_table.c
    if session.scalar(select(c.op_id).where(c.device_id == device_id, c.op_id == op_id)) is None:
        raise NotFound("not_found", record="inbox", id=op_id)
    raise Conflict("not_kept")


def replay(session: Session, device_id: str, op_id: str) -> Result:
    """Runs a kept op again, in the name of its author, who may have left meanwhile. 404 not_found, 409 not_kept,
    author_gone."""
    kept = kept_op(session, device_id, op_id)
    actor = load_actor(session, kept.employee_id, also_left=True)
    if actor is None:
        raise Conflict("author_gone")
    result = run_kept(session, actor, device_id, kept.op, datetime.now(UTC))
    log.info("kept op %s (%s) was run again: %s %s", op_id, kept.op.command, result.status, result.code or "")
    return result


def set_aside(session: Session, device_id: str, op_id: str, by: str) -> Result:
    """Decides that a kept op will not be run; its content stays. What needs it is rejected with it."""
    kept = kept_op(session, device_id, op_id)
    result = Result(op_id, "rejected", "set_aside", positions.current(session), {"by": by})
    inbox.settle(session, kept.employee_id, [result])
    release_waiting(session, device_id, kept.employee_id, _refuse, savepoint, {op_id: result})
    log.info("kept op %s (%s) was set aside by %s", op_id, kept.op.command, by)
    return result


def let_go(session: Session) -> int:
    """Rejects what has waited for half a year (`sync/floor.py`) for an op that never came, and what waits for that in
    turn: the phone has long shown it as rejected and sends nothing more of it. How many."""
    c = inbox_table.c
    waited = (c.status == "held", c.code == "needs_missing", c.tx <= select(feed.c.floor).scalar_subquery())
    settled: dict[str, Result] = {}
    for employee_id in session.scalars(select(c.employee_id).where(*waited).distinct().order_by(c.employee_id)).all():
        positions.serialize(session, employee_id)  # no push of his brings meanwhile what was waited for
        theirs = select(c.device_id, c.raw).where(*waited, c.employee_id == employee_id).order_by(c.tx, c.seq)
        for device_id, raw in session.execute(theirs).all():
            op = msgspec.json.decode(raw, type=Op)
            came = inbox.stored_results(session, device_id, employee_id, op.needs)
            missing = next((need for need in op.needs if need not in came), None)
            if op.id in settled or missing is None:
                continue
            result = Result(op.id, "rejected", "needs_rejected", positions.current(session), {"op": missing})
            inbox.settle(session, employee_id, [result])
            news = {op.id: result}
            release_waiting(session, device_id, employee_id, _refuse, savepoint, news)
            settled |= news
    return len(settled)


def _refuse(op: Op) -> Result:
    raise Refused(Result(op.id, "rejected", "needs_rejected"))


def _understood_now(session: Session) -> list[Kept]:
    return [k for k in kept_ops(session, code="unknown_command") if is_understood(k.op.command, k.op.version)]


def run_understood(writer: Writer, stop: Callable[[], bool] = lambda: False) -> int:
    """Runs, one job each, what an older server kept because it did not know the command; answers how many. What fails
    stays kept. `stop` is asked between two."""
    done = 0
    for kept in writer.call(_understood_now):
        if stop():
            break
        try:
            writer.call(partial(replay, device_id=kept.device_id, op_id=kept.op.id))
            done += 1
        except (Conflict, NotFound) as error:
            log.warning("kept op %s (%s) was not run: %s", kept.op.id, kept.op.command, error.code)
        except Exception:
            log.exception("kept op %s (%s) was not run", kept.op.id, kept.op.command)
    return done


def describe(kept: Kept) -> dict[str, Any]:
    """All there is to know of it, for a person."""
    return {
        "op": kept.op.id,
        "device": kept.device_id,
        "device name": kept.device,
        "employee": kept.employee,
        "received": kept.received_at,
        "made at (the phone's clock)": kept.op.at,
        "command": kept.op.command,
        "version": kept.op.version,
        "why it is kept": kept.code,
        "known by this server": is_understood(kept.op.command, kept.op.version),
        "needs": kept.op.needs,
        "args": kept.op.args,
    }
