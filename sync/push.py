"""Push: runs a device's ops one by one, each in a savepoint, each exactly once.

Knows no business: `run` executes a command and says what became of it.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from sync import inbox, positions
from sync.inbox import Arrival, Op, Result

log = logging.getLogger("xunke.sync")

MAX_OPS = 200
MAX_BYTES = 512 * 1024
MAX_OP_BYTES = 64 * 1024

#: Why an op is held although nothing has been decided about it: it has not been run. What needs it waits with it.
NOT_RUN = frozenset({"needs_missing", "unknown_command", "server_error", "quarantined"})

#: Runs one op and returns its result; raises `Refused` where it must not take effect.
Run = Callable[[Op], Result]


class Refused(Exception):
    """An op that takes no effect: rejected by a rule, or kept for later (`held`)."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.code)
        self.result = result


def push(
    session: Session,
    *,
    device_id: str,
    employee_id: str,
    ops: list[Op],
    received_at: str,
    run: Run,
    savepoint: Callable[[Session], AbstractContextManager[None]],
    quarantined: bool = False,
    cloned: Callable[[], None] | None = None,
    kept_args: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda _command, args: args,
) -> list[Result]:
    """The results of the ops, in their order. To be called inside one transaction; answered only after its commit.

    `cloned` is told when the device gave one number to two ops: two phones have its identity. All ops are taken.
    `kept_args`: how the args of a command are stored.
    """
    tx = positions.current(session)
    # The same push may arrive twice at once; the second must find what the first has stored.
    positions.serialize(session, employee_id)
    arrival = Arrival(device_id, employee_id, ops, kept_args)
    found = inbox.look_up(session, arrival)
    known = found.results
    fresh: dict[str, Op] = {}
    for op in ops:
        if op.id not in known and op.id not in fresh:
            fresh[op.id] = op
    if cloned is not None and found.is_clone(fresh.values()):
        cloned()
    settled: dict[str, Result] = {}
    done = dict(known)
    queue = sorted(fresh.values(), key=lambda op: op.seq)
    while queue:
        later: list[Op] = []
        for op in queue:
            result = _one(session, op, done, run, savepoint, quarantined)
            if result is None:
                later.append(op)
                continue
            result.position = tx
            settled[op.id] = done[op.id] = result
        if len(later) == len(queue):  # ops that need each other in a circle, or what never arrived
            for op in later:
                settled[op.id] = Result(op.id, "held", "needs_missing", tx)
            break
        queue = later
    inbox.store(session, arrival, fresh.values(), settled, received_at)
    # An op of this push may need one of an earlier push that waits, in turn, for another op of this push.
    waiting = found.waiting + [op for op in fresh.values() if _waits(settled[op.id])]
    release_waiting(session, device_id, employee_id, run, savepoint, settled, waiting)
    return [settled.get(op.id) or known[op.id] for op in ops]


def _needs(ops: list[Op]) -> list[str]:
    return [need for op in ops for need in op.needs]


def _waits(result: Result) -> bool:
    return (result.status, result.code) == ("held", "needs_missing")


def _one(
    session: Session,
    op: Op,
    done: dict[str, Result],
    run: Run,
    savepoint: Callable[[Session], AbstractContextManager[None]],
    quarantined: bool,
) -> Result | None:
    """The result of an op, or None while something it needs is still to come."""
    if quarantined:
        return Result(op.id, "held", "quarantined")
    for need in op.needs:
        earlier = done.get(need)
        if earlier is None or (earlier.status == "held" and earlier.code in NOT_RUN):
            return None
        if earlier.status == "rejected":
            return Result(op.id, "rejected", "needs_rejected", detail={"op": need})
    try:
        with savepoint(session):
            return run(op)
    except Refused as refused:
        return refused.result
    except OperationalError:
        raise  # the database itself (deadlock, disk): nothing is acknowledged, the phone sends it again
    except Exception:
        # A defect of the server must not cost the rep his work: the op stays in the inbox and can be replayed.
        log.exception("op %s (%s) failed", op.id, op.command)
        return Result(op.id, "held", "server_error")


def run_again(
    session: Session,
    *,
    device_id: str,
    employee_id: str,
    op: Op,
    run: Run,
    savepoint: Callable[[Session], AbstractContextManager[None]],
) -> Result:
    """Runs an op that was kept, if what it needs is there now, stores what became of it, and lets go what waited."""
    positions.serialize(session, employee_id)
    done = inbox.stored_results(session, device_id, employee_id, op.needs)
    result = _one(session, op, done, run, savepoint, False) or Result(op.id, "held", "needs_missing")
    result.position = positions.current(session)
    inbox.settle(session, employee_id, [result])
    release_waiting(session, device_id, employee_id, run, savepoint, {op.id: result})
    return result


def release_waiting(
    session: Session,
    device_id: str,
    employee_id: str,
    run: Run,
    savepoint: Callable[[Session], AbstractContextManager[None]],
    settled: dict[str, Result],
    waiting: list[Op] | None = None,
) -> None:
    """Runs ops that waited for those just settled, and what in turn waited for them; adds to `settled` what became of
    them. `waiting`: the employee's waiting ops, where they are known."""
    news = {op_id for op_id, result in settled.items() if not _waits(result)}
    if not news:
        return
    if waiting is None:
        waiting = inbox.waiting_for_needs(session, employee_id)
    waiting = sorted((op for op in waiting if op.id not in news), key=lambda op: op.seq)
    if not waiting:
        return
    tx = positions.current(session)
    released: list[Result] = []
    done = {**inbox.stored_results(session, device_id, employee_id, _needs(waiting)), **settled}
    while ready := [op for op in waiting if not news.isdisjoint(op.needs)]:
        results = {op.id: _one(session, op, done, run, savepoint, False) for op in ready}
        fresh = {op_id: result for op_id, result in results.items() if result is not None}
        if not fresh:
            break
        for result in fresh.values():
            result.position = tx
        done.update(fresh)
        settled.update(fresh)
        news |= fresh.keys()
        released += fresh.values()
        waiting = [op for op in waiting if op.id not in fresh]
    inbox.settle(session, employee_id, released)
