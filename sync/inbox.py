"""What a device sent, and what became of it. The raw op is stored before it is run; a repeat gets the stored answer."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from sync.schema import inbox


class Op(msgspec.Struct):
    """One command a device recorded (docs/sync-protocol.md, "Push"). `at` is the phone's clock: a claim."""

    id: str
    seq: int
    command: str
    args: dict[str, Any]
    version: int = 1
    at: str | None = None
    base: int | None = None
    needs: list[str] = []


@dataclass(slots=True)
class Result:
    """What became of an op. `position` is the transaction that settled it."""

    id: str
    status: str
    code: str | None = None
    position: int = 0
    detail: dict[str, Any] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    result: Any = None


def stored_results(session: Session, device_id: str, op_ids: list[str]) -> dict[str, Result]:
    """The results of ops that arrived before, by op id."""
    statement = select(inbox.c.op_id, inbox.c.result).where(inbox.c.device_id == device_id, inbox.c.op_id.in_(op_ids))
    return {op_id: Result(**json.loads(text)) for op_id, text in session.execute(statement) if text}


def store(session: Session, device_id: str, employee_id: str, ops: list[Op], received_at: str, tx: int) -> None:
    if not ops:
        return
    encoder = msgspec.json.Encoder()
    session.execute(
        insert(inbox),
        [
            {
                "device_id": device_id,
                "op_id": op.id,
                "seq": op.seq,
                "employee_id": employee_id,
                "command": op.command[:80],
                "version": op.version,
                "raw": encoder.encode(op).decode(),
                "received_at": received_at,
                "status": "new",
                "tx": tx,
            }
            for op in ops
        ],
    )


def settle(session: Session, device_id: str, results: list[Result]) -> None:
    """Stores the results beside their ops."""
    if not results:
        return
    encoder = msgspec.json.Encoder()
    statement = (
        update(inbox)
        .where(inbox.c.device_id == device_id, inbox.c.op_id == bindparam("of_op"))
        .values(
            status=bindparam("new_status"),
            code=bindparam("new_code"),
            result=bindparam("new_result"),
            tx=bindparam("new_tx"),
        )
    )
    session.connection().execute(
        statement,
        [
            {
                "of_op": result.id,
                "new_status": result.status,
                "new_code": result.code,
                "new_result": encoder.encode(asdict(result)).decode(),
                "new_tx": result.position,
            }
            for result in results
        ],
    )


def waiting_for_needs(session: Session, device_id: str, employee_id: str) -> list[Op]:
    """Ops of this employee on this device that were kept because something they need had not arrived or not been run.
    A shared phone's others have work of their own, which is not run in anybody else's name."""
    statement = (
        select(inbox.c.raw)
        .where(
            inbox.c.device_id == device_id,
            inbox.c.employee_id == employee_id,
            inbox.c.status == "held",
            inbox.c.code == "needs_missing",
        )
        .order_by(inbox.c.seq)
    )
    return [msgspec.json.decode(raw, type=Op) for raw in session.scalars(statement)]
