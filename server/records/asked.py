"""What the company asks for beyond the declaration: fields that its forms require (server/layouts). At the desk, where the
form is drawn anew each time, a row without them is refused. A phone may have made its op before it knew: what it saw is kept,
and its author told what is to be added."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from server.records.commands import Context
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.record import Record, fields_of
from server.records.rights import limits
from server.records.values import label_of
from sync.statements import Statement

error_texts(
    {
        "required_now": L(
            "“{label}”现在必填，已按您填写的保存，请补上",
            "「{label}」現在必填，已按您填寫的儲存，請補上",
            "{label} must be filled in now; what you entered is saved, please add it",
        ),
    }
)

_READ = Statement("SELECT record_type, CAST(form AS TEXT) FROM layout ORDER BY record_type")
_NOTHING: frozenset[str] = frozenset()
#: The rows as they were last read by this process, and what they say.
_last: tuple[list[tuple[Any, ...]], Mapping[str, frozenset[str]]] = ([], {})


def required_fields(session: Session, record: type[Record]) -> frozenset[str]:
    """The declared fields that the company requires on top; asked once for each snapshot or batch of commands."""
    global _last
    memory: dict[str, Any] = session.info.setdefault("memory", {})
    found: Mapping[str, frozenset[str]] | None = memory.get("asked_fields")
    if found is None:
        rows = _READ.rows(session)
        known = _last
        if rows != known[0]:
            _last = known = (rows, _asked(rows))
        found = memory["asked_fields"] = known[1]
    return found.get(record.__tablename__, _NOTHING)


def _asked(rows: Iterable[Sequence[Any]]) -> dict[str, frozenset[str]]:
    return {
        record_type: frozenset(
            entry["field"] for entry in json.loads(form) if entry.get("required") and not entry.get("hidden")
        )
        for record_type, form in rows
    }


def forget(session: Session) -> None:
    """To be called where layouts were changed."""
    session.info.setdefault("memory", {}).pop("asked_fields", None)


def check_asked(context: Context, record: type[Record], values: Mapping[str, Any]) -> None:
    """`values`: of the fields that are written, as they will be. Raises `Rejected` required for one that is asked for and
    has none; from an outbox its author is told."""
    if context.actor.is_system:
        return
    asked = required_fields(context.session, record)
    if not asked:
        return
    limited = limits(context.actor, record)
    fields = fields_of(record)
    # In the order of the declaration, so that the same one is named each time.
    for name in [name for name in fields if name in asked and name in values and name not in limited]:
        if values[name] not in (None, "", []):
            continue
        if not context.pushed:
            raise Rejected("required", field=name, label=label_of(fields[name]))
        context.adjusted("required_now", field=name, label=label_of(fields[name]))
