"""What a device sent, and what became of it. Both are stored in one transaction; a repeat gets the stored answer."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from sync import journal
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


@dataclass(frozen=True, slots=True)
class Arrival:
    """Ops of one push, before they are run."""

    device_id: str
    employee_id: str
    ops: list[Op]
    #: How the args of a command are kept: some are secret.
    kept_args: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda _command, args: args

    def wanted(self) -> set[str]:
        """The ids of the ops, and of what they need."""
        return {op.id for op in self.ops}.union(*[op.needs for op in self.ops])

    def numbers(self) -> set[tuple[str, int]]:
        return {(self.device_id, op.seq) for op in self.ops if op.seq > 0}


@dataclass(slots=True)
class Seen:
    """What the inbox says about the ops of several pushes, kept true while they are run in one transaction."""

    ids: set[str]
    numbers: set[tuple[str, int]]
    authors: set[str]
    results: dict[str, list[tuple[str, str, Result]]] = field(default_factory=dict)  #: op id: author, device, result
    numbered: dict[tuple[str, int], set[str]] = field(default_factory=dict)
    waiting: dict[str, dict[str, Op]] = field(default_factory=dict)  #: author: op id: op

    def covers(self, arrival: Arrival) -> bool:
        return (
            arrival.employee_id in self.authors and arrival.wanted() <= self.ids and arrival.numbers() <= self.numbers
        )

    def note(self, device_id: str, employee_id: str, op: Op, result: Result) -> None:
        """An op that is about to be stored."""
        self.results.setdefault(op.id, []).append((employee_id, device_id, result))
        if op.seq > 0:
            self.numbered.setdefault((device_id, op.seq), set()).add(op.id)
        if (result.status, result.code) == ("held", "needs_missing"):
            self.waiting.setdefault(employee_id, {})[op.id] = op

    def known(self, arrival: Arrival) -> Known:
        """What concerns one push: results for their author, or for the device that sent them."""
        known = Known({}, waiting=sorted(self.waiting.get(arrival.employee_id, {}).values(), key=lambda op: op.seq))
        for op_id in arrival.wanted():
            for author_id, device_id, result in self.results.get(op_id, ()):
                if author_id == arrival.employee_id or device_id == arrival.device_id:
                    known.results[op_id] = result
        for number in arrival.numbers():
            if found := self.numbered.get(number):
                known.numbered[number[1]] = found
        return known


_FOUND = "SELECT op_id, employee_id, device_id, seq, result, {} FROM inbox"
#: OFFSET 0: numbers are few, the inbox is not; PostgreSQL would rather read all of it than look each of them up.
_LOOK = Statement(
    sqlite=f"""{_FOUND.format("NULL")} WHERE op_id IN (SELECT value FROM json_each(:ids))
         UNION ALL
         {_FOUND.format("NULL")} WHERE (device_id, seq) IN (SELECT value ->> 0, value ->> 1 FROM json_each(:numbers))
         UNION ALL
         {_FOUND.format("raw")} WHERE status = 'held' AND code = 'needs_missing'
                                      AND employee_id IN (SELECT value FROM json_each(:authors))""",
    postgresql=f"""{_FOUND.format("NULL::text")} WHERE op_id = ANY(ARRAY(SELECT jsonb_array_elements_text(:ids::jsonb)))
         UNION ALL
         SELECT found.* FROM jsonb_array_elements(:numbers::jsonb) AS number CROSS JOIN LATERAL (
                {_FOUND.format("NULL")} WHERE device_id = number ->> 0 AND seq = (number ->> 1)::bigint OFFSET 0) AS found
         UNION ALL
         {_FOUND.format("raw")} WHERE status = 'held' AND code = 'needs_missing'
                                      AND employee_id = ANY(ARRAY(SELECT jsonb_array_elements_text(:authors::jsonb)))""",
)


def _look(session: Session, arrivals: Sequence[Arrival]) -> Seen:
    seen = Seen(
        set().union(*[arrival.wanted() for arrival in arrivals]),
        set().union(*[arrival.numbers() for arrival in arrivals]),
        {arrival.employee_id for arrival in arrivals},
    )
    write_out(session)
    rows = _LOOK.rows(session, ids=_text(seen.ids), numbers=_text(seen.numbers), authors=_text(seen.authors))
    for op_id, author_id, device_id, seq, result, raw in rows:
        if raw:
            seen.waiting.setdefault(author_id, {})[op_id] = _ops.decode(raw)
            continue
        if (device_id, seq) in seen.numbers:
            seen.numbered.setdefault((device_id, seq), set()).add(op_id)
        if op_id in seen.ids and result:
            seen.results.setdefault(op_id, []).append((author_id, device_id, _results.decode(result)))
    return seen


def _text(values: Iterable[Any]) -> str:
    return _encoder.encode(sorted(values)).decode()


def look_ahead(session: Session, arrivals: Sequence[Arrival]) -> None:
    """Asks for what is known of the ops of several pushes, which this transaction is going to run, in one query."""
    session.info["seen_ops"] = _look(session, arrivals)


def look_up(session: Session, arrival: Arrival) -> Known:
    """What is known of these ops, of what they need, and of what waits for them."""
    seen: Seen | None = session.info.get("seen_ops")
    if seen is None or not seen.covers(arrival):
        seen = _look(session, [arrival])
    return seen.known(arrival)


def stored_results(session: Session, device_id: str, employee_id: str, op_ids: Iterable[str]) -> dict[str, Result]:
    """The results of ops that arrived before, by op id: the employee's from any device, and what this device sent
    before somebody else signed in on it."""
    write_out(session)
    c = inbox.c
    statement = select(c.op_id, c.result).where(
        c.op_id.in_(sorted(set(op_ids))), or_(c.employee_id == employee_id, c.device_id == device_id)
    )
    return {op_id: _results.decode(text) for op_id, text in session.execute(statement) if text}


_STORE = Statement(
    """INSERT INTO inbox (op_id, employee_id, device_id, seq, command, version, raw, received_at, status, code, result, tx)
       VALUES (:op_id, :employee_id, :device_id, :seq, :command, :version, :raw, :received_at, :status, :code, :result, :tx)""",
    row="op_id text, employee_id text, device_id text, seq bigint, command text, version int, raw text, received_at text, "
    "status text, code text, result text, tx bigint",
)


def store(
    session: Session, arrival: Arrival, ops: Iterable[Op], results: Mapping[str, Result], received_at: str
) -> None:
    """Keeps raw ops with what became of them for the end of the transaction (`write_out`): both are on disk before
    anything is acknowledged."""
    seen: Seen | None = session.info.get("seen_ops")
    stored = journal.of(session).ops
    for op in ops:
        result = results[op.id]
        stored.append(
            {
                "op_id": op.id,
                "employee_id": arrival.employee_id,
                "device_id": arrival.device_id,
                "seq": op.seq,
                "command": op.command[:80],
                "version": op.version,
                "raw": _encoder.encode(_kept(arrival, op)).decode(),
                "received_at": received_at,
                "status": result.status,
                "code": result.code,
                "result": _encoder.encode(result).decode(),
                "tx": result.position,
            }
        )
        if seen is not None:
            seen.note(arrival.device_id, arrival.employee_id, op, result)


def _kept(arrival: Arrival, op: Op) -> Op:
    args = arrival.kept_args(op.command, op.args)
    return op if args is op.args else msgspec.structs.replace(op, args=args)


def write_out(session: Session) -> None:
    """Writes what `store` kept; before the transaction ends, and before anything else is asked of the inbox in it."""
    stored = journal.of(session).ops
    if stored:
        _STORE.many(session, stored)
        stored.clear()


def settle(session: Session, employee_id: str, results: list[Result]) -> None:
    """Stores the results beside the ops of this employee."""
    if not results:
        return
    write_out(session)
    session.info.pop("seen_ops", None)
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
    write_out(session)
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
