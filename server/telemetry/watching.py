"""What pulls and commands leave behind in the counters and in the log line of their request."""

import logging
from collections import Counter
from collections.abc import Sequence

from server.records.commands import is_command
from server.telemetry.current import note
from server.telemetry.metrics import Metrics
from sync.inbox import Op, Result
from sync.pages import TypePage

log = logging.getLogger("xunke.op")

#: Trouble that is told op by op; more of it is a number.
_TOLD = 20


def saw_page(metrics: Metrics, types: dict[str, TypePage], *, empty: bool) -> None:
    """A page of a pull is about to be sent; `empty`: it has nothing new."""
    rows = sum(entry.count() + len(entry.gone) for entry in types.values())
    metrics.page(rows, empty)
    note(rows=rows)


def saw_results(ops: Sequence[Op], results: Sequence[Result], metrics: Metrics | None = None) -> None:
    """Commands were committed: their ids, made at the tap, what became of them, and in which transaction. `metrics`
    counts ops of pushes only."""
    if metrics is not None:
        metrics.ops((result.status, result.code) for result in results)
    trouble = [
        {"op": op.id, "command": command_label(op), "status": result.status, "code": result.code}
        for op, result in zip(ops, results, strict=True)
        if result.status in ("held", "rejected", "conflict")
    ]
    note(
        ops=[op.id for op in ops],
        results=dict(Counter(result.status for result in results)),
        tx=max((result.position for result in results), default=0),
    )
    if trouble:
        note(trouble=trouble[:_TOLD])
    if log.isEnabledFor(logging.DEBUG):
        for op, result in zip(ops, results, strict=True):
            facts = {
                "op": op.id,
                "command": command_label(op),
                "status": result.status,
                "code": result.code,
                "tx": result.position,
            }
            log.debug("op", extra={"facts": facts})


def command_label(op: Op) -> str:
    """The command's name, if it is one: anything else was made up by the sender, and may be anything."""
    return op.command if is_command(op.command) else "(unknown)"
