"""Ops that the server keeps because it could not run them: unknown commands, its own failures, revoked devices.

An administrator looks at them, runs them again (as the employee and device they came from) or sets them aside. Nothing
is ever deleted: an op set aside stays in the inbox with its content.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec
from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from server.api.running import claimed, run_kept
from server.api.security import require, signed_in
from server.api.state import Services
from server.database import savepoint
from server.people.logins import load_actor
from server.people.models import Device, Employee
from server.records.actor import Actor
from server.records.errors import Conflict, NotFound, error_texts
from server.records.fields import L
from server.records.visibility import visible
from sync import inbox, positions
from sync.inbox import Op, Result
from sync.push import Refused, release_waiting
from sync.schema import inbox as inbox_table

KeptCode = Literal["unknown_command", "server_error", "quarantined", "needs_missing"]
_PAGE = 200

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


class KeptOp(msgspec.Struct):
    """One op that waits for an administrator. `made_at` is the claim of the phone's clock."""

    device_id: str
    device: str | None
    op_id: str
    employee_id: str
    employee: str
    command: str
    version: int
    made_at: datetime | None
    received_at: str
    code: str
    args: dict[str, Any]


class KeptController(Controller):
    path = "/api/kept-ops"
    tags = ("sync",)
    guards = (signed_in,)

    @get("/", operation_id="list_kept_ops")
    async def index(
        self, services: NamedDependency[Services], request: Request[Any, Any, Any], code: FromQuery[str | None] = None
    ) -> list[KeptOp]:
        """Kept ops, oldest first; needs inbox.manage."""
        actor = require(request, "inbox.manage")
        return await services.reader.run(lambda session: _waiting(session, actor, code))

    @post("/{device_id:str}/{op_id:str}/replay", status_code=200, operation_id="replay_kept_op")
    async def replay(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Any, Any],
        device_id: FromPath[str],
        op_id: FromPath[str],
    ) -> dict[str, Any]:
        """Runs a kept op again, in the name of its author. 409 not_kept, 409 author_gone."""
        require(request, "inbox.manage")
        result = await services.writer.run(lambda session: _replay(session, device_id, op_id))
        return {"id": result.id, "status": result.status, "code": result.code, "changes": result.changes}

    @post("/{device_id:str}/{op_id:str}/set-aside", status_code=200, operation_id="set_aside_kept_op")
    async def set_aside(
        self,
        services: NamedDependency[Services],
        request: Request[Any, Any, Any],
        device_id: FromPath[str],
        op_id: FromPath[str],
    ) -> dict[str, Any]:
        """Decides that a kept op will not be run; its content stays. 409 not_kept."""
        actor = require(request, "inbox.manage")

        def write(session: Session) -> Result:
            kept = _kept(session, device_id, op_id)
            result = Result(
                kept.op.id, "rejected", "set_aside", positions.current(session), {"by": actor.employee_id}
            )
            inbox.settle(session, kept.employee_id, [result])
            # What needs it is rejected with it; nothing is run.
            release_waiting(session, device_id, kept.employee_id, _refuse, savepoint, {op_id: result})
            return result

        result = await services.writer.run(write)
        return {"id": result.id, "status": result.status, "code": result.code}


def _refuse(op: Op) -> Result:
    raise Refused(Result(op.id, "rejected", "needs_rejected"))


@dataclass(frozen=True, slots=True)
class _Kept:
    op: Op
    employee_id: str


def _waiting(session: Session, actor: Actor, code: str | None) -> list[KeptOp]:
    c = inbox_table.c
    codes = [code] if code else ["unknown_command", "server_error", "quarantined", "needs_missing"]
    statement = (
        select(inbox_table, Employee.real_name, Device.name.label("device"))
        .join(Employee, Employee.id == c.employee_id)
        .outerjoin(Device, and_(Device.id == c.device_id, visible(actor, Device)))
        .where(c.status == "held", c.code.in_(codes), visible(actor, Employee))
        .order_by(c.received_at, c.seq)
        .limit(_PAGE)
    )
    return [_told(row, msgspec.json.decode(row.raw, type=Op)) for row in session.execute(statement)]


def _told(row: Row[Any], op: Op) -> KeptOp:
    return KeptOp(
        device_id=row.device_id,
        device=row.device,
        op_id=row.op_id,
        employee_id=row.employee_id,
        employee=row.real_name,
        command=row.command,
        version=row.version,
        made_at=claimed(op.at),
        received_at=row.received_at,
        code=row.code or "",
        args=op.args,
    )


def _kept(session: Session, device_id: str, op_id: str) -> _Kept:
    c = inbox_table.c
    row = session.execute(
        select(c.raw, c.employee_id, c.status, c.code).where(c.device_id == device_id, c.op_id == op_id)
    ).first()
    if row is None:
        raise NotFound("not_found", record="inbox", id=op_id)
    if row.status != "held" or row.code not in ("unknown_command", "server_error", "quarantined", "needs_missing"):
        raise Conflict("not_kept")
    return _Kept(msgspec.json.decode(row.raw, type=Op), row.employee_id)


def _replay(session: Session, device_id: str, op_id: str) -> Result:
    kept = _kept(session, device_id, op_id)
    actor = load_actor(session, kept.employee_id)
    if actor is None:
        raise Conflict("author_gone")
    return run_kept(session, actor, device_id, kept.op, datetime.now(UTC))
