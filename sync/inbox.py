"""What a device sent, and what became of it. Both are stored in one transaction; a repeat gets the stored answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from sync.schema import inbox
from sync.statements import Statement


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


_encoder = msgspec.json.Encoder()
_ops = msgspec.json.Decoder(Op)
_results = msgspec.json.Decoder(Result)


@dataclass(slots=True)
class Known:
    """What the inbox says before ops are stored: results by op id, which op of this device took which number, and the
    employee's ops that wait for others."""

    results: dict[str, Result]
    numbered: dict[int, set[str]] = field(default_factory=dict)
    waiting: list[Op] = field(default_factory=list)

    def is_clone(self, fresh: Iterable[Op]) -> bool:
        """Whether a fresh op has a number that another op of the device has had. A phone never gives one twice: two
        phones have one identity. What comes over REST is not numbered (0)."""
        return any(op.seq > 0 and self.numbered.get(op.seq, set()) - {op.id} for op in fresh)


_KNOWN = Statement(
    """SELECT op_id, employee_id, device_id, seq, result,
              CASE WHEN status = 'held' AND code = 'needs_missing' THEN raw END
         FROM inbox
        WHERE op_id IN :ids* OR (device_id = :device_id AND seq IN :seqs*)
              OR (employee_id = :employee_id AND status = 'held' AND code = 'needs_missing')
        ORDER BY seq"""
)


def look_up(session: Session, device_id: str, employee_id: str, ops: list[Op]) -> Known:
    """What is known of these ops, of what they need, and of what waits for them, in one query."""
    wanted = {op.id for op in ops}.union(*[op.needs for op in ops])
    seqs = {op.seq for op in ops if op.seq > 0}
    known = Known({})
    found = _KNOWN.rows(session, ids=wanted, device_id=device_id, seqs=seqs, employee_id=employee_id)
    for op_id, author_id, from_device, seq, result, waiting in found:
        if from_device == device_id and seq > 0:
            known.numbered.setdefault(seq, set()).add(op_id)
        if op_id in wanted and result and (author_id == employee_id or from_device == device_id):
            known.results[op_id] = _results.decode(result)
        if waiting and author_id == employee_id:
            known.waiting.append(_ops.decode(waiting))
    return known


def stored_results(session: Session, device_id: str, employee_id: str, op_ids: Iterable[str]) -> dict[str, Result]:
    """The results of ops that arrived before, by op id: the employee's from any device, and what this device sent
    before somebody else signed in on it."""
    c = inbox.c
    statement = select(c.op_id, c.result).where(
        c.op_id.in_(sorted(set(op_ids))), or_(c.employee_id == employee_id, c.device_id == device_id)
    )
    return {op_id: _results.decode(text) for op_id, text in session.execute(statement) if text}


_STORE = Statement(
    """INSERT INTO inbox (op_id, employee_id, device_id, seq, command, version, raw, received_at, status, code, result, tx)
       VALUES (:op_id, :employee_id, :device_id, :seq, :command, :version, :raw, :received_at, :status, :code, :result, :tx)"""
)


def store(
    session: Session,
    device_id: str,
    employee_id: str,
    ops: Iterable[Op],
    results: Mapping[str, Result],
    received_at: str,
) -> None:
    """Stores raw ops with what became of them: both are on disk before anything is acknowledged."""
    rows = []
    for op in ops:
        result = results[op.id]
        rows.append(
            {
                "op_id": op.id,
                "employee_id": employee_id,
                "device_id": device_id,
                "seq": op.seq,
                "command": op.command[:80],
                "version": op.version,
                "raw": _encoder.encode(op).decode(),
                "received_at": received_at,
                "status": result.status,
                "code": result.code,
                "result": _encoder.encode(result).decode(),
                "tx": result.position,
            }
        )
    _STORE.many(session, rows)


def settle(session: Session, employee_id: str, results: list[Result]) -> None:
    """Stores the results beside the ops of this employee."""
    if not results:
        return
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
                "new_result": _encoder.encode(result).decode(),
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
    return [_ops.decode(raw) for raw in session.scalars(statement)]
