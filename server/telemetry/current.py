"""The request in hand: its id, and what its log line will say. Writer threads and read snapshots see the same one."""

import re
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from server.records.ids import uuid7

_WELL_FORMED = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(slots=True)
class Current:
    """One request. `notes` becomes part of its log line: ids, counts and codes, never what a person typed."""

    request_id: str
    notes: dict[str, Any] = field(default_factory=dict)


current: ContextVar[Current | None] = ContextVar("current", default=None)


def request_id_from(header: str | None) -> str:
    """The id the caller gave the request, or a new one where there is none or it is no id."""
    if header and _WELL_FORMED.fullmatch(header):
        return header
    return uuid7()


def request_id() -> str | None:
    found = current.get()
    return found.request_id if found else None


def note(**facts: Any) -> None:
    """Adds to the log line of the request in hand; outside of one there is no line, and nothing happens."""
    found = current.get()
    if found is not None:
        found.notes.update(facts)
