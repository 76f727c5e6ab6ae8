"""The per-field merge: what happens when a field changed on the server while a phone was away.

Pure: values in, decision out. The app runs the same rules to show what will become of an unsent edit
(`pwa/src/sync/merge.ts`); both are tested on the same cases (`tests/sync/merge_cases.json`, `merge_drawn.json`).
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

Policy = Literal["ask", "server", "latest", "append", "union", "add"]
#: What separates notes. Named, because Python and JavaScript strip different characters by themselves.
_BLANK = " \t\r\n\u3000"


@dataclass(frozen=True, slots=True)
class Merge:
    """`value` is what the field becomes. `lost` is the value nobody shows any more and a conflict record must keep.

    `open` means a person must decide: the server's value stays until then.
    """

    value: Any
    outcome: Literal["same", "applied", "merged", "conflict"]
    lost: Any = None
    has_lost: bool = False
    open: bool = False


def merge(policy: Policy, base: Any, mine: Any, current: Any) -> Merge:
    """Merges one field. `base` is what the phone had seen, `mine` what it wants, `current` what the server has."""
    if current == mine:
        return Merge(current, "same")
    if current == base:
        return Merge(mine, "applied")
    if policy == "append" and _all(str, mine, base, current):
        return Merge(_append(base, mine, current), "merged")
    if policy == "union" and _all(list, mine, base, current):
        return Merge(_union(base, mine, current), "merged")
    if policy == "add" and _all((int, Decimal), mine, base, current):
        return Merge((current or 0) + mine - (base or 0), "merged")
    if policy == "latest":
        return Merge(mine, "merged", lost=current, has_lost=True)
    if policy == "server":
        return Merge(current, "merged", lost=mine, has_lost=True)
    return Merge(current, "conflict", lost=mine, has_lost=True, open=True)


def _all(kind: type | tuple[type, ...], mine: Any, base: Any, current: Any) -> bool:
    """Whether values can be joined: mine must be of the kind, the others may be empty. Otherwise people decide."""
    return isinstance(mine, kind) and all(value is None or isinstance(value, kind) for value in (base, current))


def _append(base: str | None, mine: str, current: str | None) -> str:
    """Keeps the server's text and adds what the phone added; text that was rewritten is added whole."""
    start = base or ""
    added = mine[len(start) :] if mine.startswith(start) else mine
    kept = current or ""
    if not added.strip(_BLANK):
        return kept
    return f"{kept.rstrip(_BLANK)}\n{added.lstrip(_BLANK)}" if kept else added.lstrip(_BLANK)


def _union(base: list[Any] | None, mine: list[Any], current: list[Any] | None) -> list[Any]:
    """Three-way: what either side added is in, what either side removed is out; the server's order first."""
    start = base or []
    removed = [item for item in start if item not in mine]
    added = [item for item in mine if item not in start]
    kept = [item for item in current or [] if item not in removed]
    return kept + [item for item in added if item not in kept]
