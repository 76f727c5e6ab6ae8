"""How conflicts of a special kind are decided, e.g. whether two customers are one: each area says it for its own."""

from collections.abc import Callable
from typing import Any

from server.records.commands import Context
from server.records.conflict import Conflict

#: `(context, conflict, resolution, value)`: does what was decided, or raises a `BusinessError`.
Decide = Callable[[Context, Conflict, str, Any], None]
_deciders: dict[tuple[str, str], Decide] = {}


def decides(record_type: str, field: str) -> Callable[[Decide], Decide]:
    """Declares who decides conflicts about this field, instead of writing a value into it."""

    def remember(decide: Decide) -> Decide:
        _deciders[record_type, field] = decide
        return decide

    return remember


def decider_of(conflict: Conflict) -> Decide | None:
    return _deciders.get((conflict.record_type, conflict.field))


def settle(context: Context, conflict: Conflict, resolution: str, value: Any) -> None:
    """Closes a conflict record with what was decided."""
    conflict.state = "resolved"
    conflict.resolution = resolution
    conflict.resolved_value = value
    conflict.resolved_by = context.actor.employee_id
    conflict.resolved_at = context.now
