"""What a device sent, and what became of it. The raw op is stored before it is run; a repeat gets the stored answer."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import msgspec
from sqlalchemy import and_, bindparam, insert, or_, select, update
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


@dataclass(slots=True)
class Known:
    """What the inbox says before ops are stored: results by op id, and which op of this device took which number."""

    results: dict[str, Result]
    numbered: dict[int, set[str]] = field(default_factory=dict)

    def is_clone(self, fresh: Iterable[Op]) -> bool:
        """Whether a fresh op has a number that another op of the device has had. A phone never gives one twice: two
        phones have one identity. What comes over REST is not numbered (0)."""
        return any(op.seq > 0 and self.numbered.get(op.seq, set()) - {op.id} for op in fresh)


def look_up(session: Session, device_id: str, employee_id: str, ops: list[Op]) -> Known:
    """What is known of these ops and of what they need, in one query."""
    c = inbox.c
    wanted = {op.id for op in ops}.union(*[op.needs for op in ops])
    seqs = {op.seq for op in ops if op.seq > 0}
    statement = select(c.op_id, c.employee_id, c.device_id, c.seq, c.result).where(
        or_(c.op_id.in_(wanted), and_(c.device_id == device_id, c.seq.in_(seqs)))
    )
    known = Known({})
    for row in session.execute(statement):
        if row.device_id == device_id and row.seq > 0:
            known.numbered.setdefault(row.seq, set()).add(row.op_id)
        if row.op_id in wanted and row.result and (row.employee_id == employee_id or row.device_id == device_id):
            known.results[row.op_id] = Result(**json.loads(row.result))
    return known


def stored_results(session: Session, device_id: str, employee_id: str, op_ids: Iterable[str]) -> dict[str, Result]:
    """The results of ops that arrived before, by op id: the employee's from any device, and what this device sent
    before somebody else signed in on it."""
    c = inbox.c
    statement = select(c.op_id, c.result).where(
        c.op_id.in_(sorted(set(op_ids))), or_(c.employee_id == employee_id, c.device_id == device_id)
    )
    return {op_id: Result(**json.loads(text)) for op_id, text in session.execute(statement) if text}


def store(session: Session, device_id: str, employee_id: str, ops: list[Op], received_at: str, tx: int) -> None:
    if not ops:
        return
    encoder = msgspec.json.Encoder()
    session.execute(
        insert(inbox),
        [
            {
                "op_id": op.id,
                "employee_id": employee_id,
                "device_id": device_id,
                "seq": op.seq,
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


def settle(session: Session, employee_id: str, results: list[Result]) -> None:
    """Stores the results beside the ops of this employee."""
    if not results:
        return
    encoder = msgspec.json.Encoder()
    statement = (
        update(inbox)
        .where(inbox.c.op_id == bindparam("of_op"), inbox.c.employee_id == employee_id)
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


def waiting_for_needs(session: Session, employee_id: str) -> list[Op]:
    """Ops of this employee that were kept because something they need had not arrived or not been run, whichever device
    brought them. A shared phone's others have work of their own, which is not run in anybody else's name."""
    statement = (
        select(inbox.c.raw)
        .where(
            inbox.c.employee_id == employee_id,
            inbox.c.status == "held",
            inbox.c.code == "needs_missing",
        )
        .order_by(inbox.c.seq)
    )
    return [msgspec.json.decode(raw, type=Op) for raw in session.scalars(statement)]
