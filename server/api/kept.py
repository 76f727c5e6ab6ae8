"""The routes of kept ops and imported outboxes, for administrators: `server/kept` does the work."""

from datetime import datetime
from typing import Any, Literal

import msgspec
from litestar import Controller, Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from server.api.running import claimed
from server.api.security import require, signed_in
from server.api.state import Services
from server.kept import ops as kept
from server.kept.outbox_file import Imported, import_outbox, read_outbox

KeptCode = Literal["unknown_command", "server_error", "quarantined", "needs_missing"]
_PAGE = 200
#: A file holds up to 48 MB of pictures (pwa/src/sync/export.ts), as base64.
_MAX_FILE = 80 * 1024 * 1024


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


class ImportedOp(msgspec.Struct):
    """What became of one op of a file; `known`: the server had it before."""

    id: str
    employee: str
    command: str
    at: str | None
    status: str
    code: str | None
    known: bool


class ImportAnswer(msgspec.Struct):
    """`photos`: pictures taken from the file; `beside`: hashes of those that lie beside it and are still to come."""

    device_id: str
    employee: str
    exported_at: str
    app: str
    ops: list[ImportedOp]
    photos: int
    beside: list[str]


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
        found = await services.reader.run(lambda session: kept.kept_ops(session, actor, code=code, limit=_PAGE))
        return [
            KeptOp(
                device_id=one.device_id,
                device=one.device,
                op_id=one.op.id,
                employee_id=one.employee_id,
                employee=one.employee,
                command=one.op.command,
                version=one.op.version,
                made_at=claimed(one.op.at),
                received_at=one.received_at,
                code=one.code,
                args=one.op.args,
            )
            for one in found
        ]

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
        result = await services.writer.run(lambda session: kept.replay(session, device_id, op_id))
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
        result = await services.writer.run(
            lambda session: kept.set_aside(session, device_id, op_id, actor.employee_id)
        )
        return {"id": result.id, "status": result.status, "code": result.code}

    @post("/import", status_code=200, request_max_body_size=_MAX_FILE, operation_id="import_outbox")
    async def import_file(self, services: NamedDependency[Services], request: Request[Any, Any, Any]) -> ImportAnswer:
        """Delivers an outbox that was exported from a phone's sync page; the body is the file. What the server has
        already is not done again. 422 not_an_outbox, outbox_damaged, outbox_too_new."""
        require(request, "inbox.manage")
        outbox = read_outbox(await request.body())
        done = await import_outbox(services, outbox)
        return ImportAnswer(
            device_id=outbox.device_id,
            employee=outbox.employee,
            exported_at=outbox.exported_at,
            app=outbox.app,
            ops=[_imported(one) for one in done],
            photos=len(outbox.photos),
            beside=outbox.beside,
        )


def _imported(one: Imported) -> ImportedOp:
    return ImportedOp(
        id=one.op.id,
        employee=one.employee,
        command=one.op.command,
        at=one.op.at,
        status=one.result.status,
        code=one.result.code,
        known=one.known,
    )
