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

#: Records with more than one form: the field that says which, and the other forms by its value.
VARIANTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "call_report": ("kind", {"existing": "call_report_existing"}),
}
#: Fields that a form has only for some kinds of its rows: the field that says which kind, and the kinds by the field's name.
ONLY_IN: Mapping[str, tuple[str, Mapping[str, frozenset[str]]]] = {
    "payment": (
        "kind",
        {"order_id": frozenset({"order", "used"}), "method_id": frozenset({"order", "top_up", "refund"})},
    ),
    "work_report": (
        "kind",
        {"next_plan": frozenset({"day", "week", "month", "quarter", "year"}), "next_customers": frozenset({"day"})},
    ),
}
_READ = Statement("SELECT record_type, CAST(form AS TEXT) FROM layout ORDER BY record_type")
_NOTHING: frozenset[str] = frozenset()
#: The rows as they were last read by this process, and what they say.
_last: tuple[list[tuple[Any, ...]], Mapping[str, frozenset[str]]] = ([], {})


def required_fields(session: Session, form: str) -> frozenset[str]:
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
    return found.get(form, _NOTHING)


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


def _form(row: Record) -> str:
    """Which form the row is written with."""
    name = row.__tablename__
    field, variants = VARIANTS.get(name, ("", {}))
    return variants.get(getattr(row, field), name) if variants else name


def _is_in(row: Record, name: str) -> bool:
    """Whether the form of this row has the field."""
    field, kinds = ONLY_IN.get(row.__tablename__, ("", {}))
    return name not in kinds or getattr(row, field) in kinds[name]


def check_asked(
    context: Context, row: Record, values: Mapping[str, Any] | None = None, *, fact: bool = False
) -> None:
    """`values`: of the fields that are written, as they will be; without any, the row's. Raises `Rejected` required for one
    that is asked for and has none; from an outbox, or where the row is a `fact` that nobody can refuse, its author is told.
    """
    if context.actor.is_system:
        return
    record = type(row)
    asked = required_fields(context.session, _form(row))
    if not asked:
        return
    limited = limits(context.actor, record)
    fields = fields_of(record)
    # In the order of the declaration, so that the same one is named each time.
    for name in [name for name in fields if name in asked and name not in limited]:
        if not _is_in(row, name) or (values is not None and name not in values):
            continue
        if (getattr(row, name) if values is None else values[name]) not in (None, "", []):
            continue
        if not context.pushed and not fact:
            raise Rejected("required", field=name, label=fields[name].label)
        context.adjusted("required_now", field=name, label=fields[name].label)
