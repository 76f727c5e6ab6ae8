"""The three commands every record has from its declaration: create, edit (merged field by field) and delete.

Areas add rules with `@on_create`, `@on_edit` and `@on_delete`; they run inside the same transaction, after the values
are in place and before anything is flushed to the phone.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Select, bindparam, literal, select

from server.records import audit
from server.records.asked import check_asked
from server.records.commands import CommandSpec, Context, register_command
from server.records.conflict import Conflict
from server.records.errors import BusinessError, Forbidden, Rejected, error_texts
from server.records.fields import FieldSpec, L
from server.records.ids import UUID, uuid7
from server.records.loading import in_memory
from server.records.mixed import files_in
from server.records.own_values import Slot, apart, new_slots, slots, tell_deleted
from server.records.record import Record, fields_of, is_record, permission_of, record_named, table_of
from server.records.rights import is_masked, limits
from server.records.values import fits, parse, parse_values, to_wire
from server.savepoints import flush_soon
from sync.merge import merge

R = TypeVar("R", bound=Record)
Rule = Callable[[Context, Any], None]
EditRule = Callable[[Context, Any, dict[str, tuple[Any, Any]]], None]
_create_rules: dict[str, list[Rule]] = {}
_looking: set[str] = set()
_edit_rules: dict[str, list[EditRule]] = {}
_delete_rules: dict[str, list[Rule]] = {}


error_texts(
    {
        "field_not_yours": L(
            "您的角色不能修改“{label}”，您填写的值交由他人决定",
            "您的角色不能修改「{label}」，您填寫的值交由他人決定",
            "Your role may not change “{label}”; somebody else decides on your value",
        ),
        "masked_number": L(
            "“{label}”只显示了一部分，不能当作号码保存",
            "「{label}」只顯示了一部分，不能當作號碼儲存",
            "{label} shows a part of the number only and cannot be saved as one",
        ),
    }
)  # fmt: skip


class CreateArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`values`: the fields as on the wire; the server fills what is missing and refuses what is read-only."""

    id: str
    values: dict[str, Any]


class EditArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`set`: for each field the value that was seen and the value that is wanted: `{field: [base, mine]}`."""

    id: str
    set: dict[str, tuple[Any, Any]]


class DeleteArgs(msgspec.Struct, forbid_unknown_fields=True):
    id: str


def on_create(record: type[Record], *, looks: bool = True) -> Callable[[Rule], Rule]:
    """`looks`: the rule asks the database for rows that other commands made. Where it does not, rows of many commands
    can be written together; one that looks in some cases only flushes first in those."""
    if looks:
        _looking.add(record.__tablename__)

    def remember(rule: Rule) -> Rule:
        _create_rules.setdefault(record.__tablename__, []).append(rule)
        return rule

    return remember


def on_edit(record: type[Record]) -> Callable[[EditRule], EditRule]:
    """The rule gets `{field: (before, after)}` of what really changed."""

    def remember(rule: EditRule) -> EditRule:
        _edit_rules.setdefault(record.__tablename__, []).append(rule)
        return rule

    return remember


def on_delete(record: type[Record]) -> Callable[[Rule], Rule]:
    def remember(rule: Rule) -> Rule:
        _delete_rules.setdefault(record.__tablename__, []).append(rule)
        return rule

    return remember


def standard_commands(
    record: type[Record], *, create: bool = True, edit: bool = True, delete: bool = True, fact: bool = False
) -> None:
    """Registers `<record>.create`, `.edit` and `.delete`, each needing the permission of the same name."""
    name, group = record.__tablename__, permission_of(record)
    label = record.spec.label.en.lower()
    if create:
        register_command(
            CommandSpec(
                f"{name}.create",
                1,
                CreateArgs,
                lambda context, args: create_row(context, record, args.id, args.values),
                f"{group}.create",
                fact,
                f"Adds a {label}.",
            )
        )
    if edit:
        register_command(
            CommandSpec(
                f"{name}.edit",
                1,
                EditArgs,
                lambda context, args: edit_row(context, record, args.id, args.set),
                f"{group}.edit",
                False,
                f"Changes fields of a {label}, merged field by field.",
            )
        )
    if delete:
        register_command(
            CommandSpec(
                f"{name}.delete",
                1,
                DeleteArgs,
                lambda context, args: delete_row(context, record, args.id),
                f"{group}.delete",
                False,
                f"Deletes a {label}.",
            )
        )


def check_id(row_id: str) -> str:
    """The id of a new row. Raises `Rejected` wrong_type where it is no UUID in lower case."""
    if not UUID.fullmatch(row_id):
        raise Rejected("wrong_type", field="id", label="id", value=row_id[:40])
    return row_id


def create_row(
    context: Context,
    record: type[Record],
    row_id: str,
    values: dict[str, Any],
    given: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A new row from what was sent; `given` are values the area itself decided, read-only fields included."""
    return {"id": new_row(context, record, row_id, values, given).id}


def new_row(
    context: Context,
    record: type[R],
    row_id: str,
    values: dict[str, Any],
    given: Mapping[str, Any] | None = None,
    *,
    asks_own: bool = True,
) -> R:
    """As `create_row`, for areas that go on with the row. `asks_own`: own fields that must be filled in are; an area
    that fills them in itself looks afterwards."""
    own, plain = apart(values)
    plain, kept = _writable(context, record, plain)
    parsed = parse_values(record, plain, creating=True)
    row = record(id=check_id(row_id), **{**parsed, **(given or {})})
    for name, default in _defaults(record):
        if getattr(row, name) is None:
            setattr(row, name, default() if callable(default) else default)
    check_references(context, record, parsed)
    _check_place(context, row)
    check_asked(context, row)
    rules = _create_rules.get(record.__tablename__, ())
    if record.__tablename__ in _looking:
        context.session.flush()  # what earlier commands made, before this row is one of them
    with context.session.no_autoflush:
        context.add(row)
        number = record.spec.number
        if number is not None and number.on_create and not getattr(row, number.field):
            setattr(row, number.field, context.number(number.prefix, number.digits))
        put_own(context, row, own, asks=asks_own)
        for rule in rules:
            rule(context, row)
        for slot in kept:
            keep_slot(context, row, slot)
    flush_soon(context.session)
    return row


@cache
def _defaults(record: type[Record]) -> tuple[tuple[str, Any], ...]:
    """The few fields of a record that have one."""
    return tuple((name, spec.default) for name, spec in fields_of(record).items() if spec.default is not None)


def _writable(context: Context, record: type[Record], values: dict[str, Any]) -> tuple[dict[str, Any], list[Slot]]:
    """What of a new row's values its author may write, and what is kept for somebody who may. Who sees numbers masked may
    still write down the one he was given; from then on it is masked for him, too."""
    limited = limits(context.actor, record)
    if not limited or limited.keys().isdisjoint(values):
        return values, []
    kept: list[Slot] = []
    for name in limited.keys() & values.keys():
        spec = fields_of(record)[name]
        if limited[name] != "masked" and values[name] not in (None, ""):
            _refuse_at_desk(context, name, spec, limited[name])
            kept.append(Slot(name, spec, None, parse(name, spec, values[name]), kept="field_not_yours", open=True))
        elif is_masked(values[name]):
            raise Rejected("masked_number", field=name, label=spec.label)
    out = {slot.name for slot in kept}
    return {name: value for name, value in values.items() if name not in out}, kept


def _refuse_at_desk(context: Context, name: str, spec: FieldSpec, right: str) -> None:
    """A form that is drawn now does not offer what one may not write; a phone may not have known."""
    if context.pushed:
        return
    if right == "hidden":
        raise Rejected("unknown_field", field=name, name=name)
    raise Rejected("readonly_field", field=name, label=spec.label)


def put_own(context: Context, row: Record, values: Mapping[str, Any], *, asks: bool = True) -> None:
    """Own values of a new row, by name: what was sent, else their defaults. Areas that make rows in their own way call
    it when the row is added."""
    found = new_slots(context, row, values, asks=asks)
    if not found:
        return
    for slot in found:
        if slot.kept:
            keep_slot(context, row, slot)
        else:
            slot.put(row, slot.mine)
            tell_deleted(context, slot)
    written = [slot for slot in found if not slot.kept]
    _check_references(context, {slot.name: slot.spec for slot in written}, {s.name: s.mine for s in written})


def check_references(context: Context, record: type[Record], values: dict[str, Any]) -> None:
    """What a reference points to must exist (in the right list); the phone orders its ops by `needs`, so it has
    arrived before. One query for each kind of record that is referred to."""
    _check_references(context, fields_of(record), values)


def _check_references(context: Context, fields: Mapping[str, FieldSpec], values: Mapping[str, Any]) -> None:
    wanted: dict[str, dict[str, list[str]]] = {}
    for name, value in values.items():
        target = fields[name].ref
        if target is not None and value and is_record(target):
            ids = files_in(value) if fields[name].kind == "mixed" else value if isinstance(value, list) else [value]
            wanted.setdefault(target, {})[name] = ids
    for target, by_field in wanted.items():
        found = _existing(context, target, {row_id for ids in by_field.values() for row_id in ids})
        for name, ids in by_field.items():
            list_name = fields[name].ref_list
            if not all(row_id in found and list_name in (None, found[row_id]) for row_id in ids):
                raise Rejected("unknown_reference", field=name, label=fields[name].label)


def _existing(context: Context, target: str, ids: set[str]) -> dict[str, str | None]:
    """Which of the ids exist; entries of the company's lists with the list they are in. What was found once is
    remembered for the batch of commands: an import asks for the same options each time."""
    record = record_named(target)
    known: dict[str, str | None] = context.memory.setdefault("existing", {}).setdefault(target, {})
    missing = ids - known.keys()
    found: dict[str, str | None] = {}
    if target != "option":
        found = {row_id: None for row_id in missing if in_memory(context.session, record, row_id) is not None}
        missing -= found.keys()
    if missing:
        rows = context.session.execute(_ids_of(target), {"ids": sorted(missing)})
        found.update((str(row_id), list_name) for row_id, list_name in rows)
    if target == "option":
        known.update(found)
    return {**{row_id: known[row_id] for row_id in ids & known.keys()}, **found}


@cache
def _ids_of(target: str) -> Select[Any]:
    """Which ids exist, entries of the company's lists with the list."""
    table = table_of(record_named(target))
    kind = table.c.list_name if target == "option" else literal(None)
    return select(table.c.id, kind).where(table.c.id.in_(bindparam("ids", expanding=True)))


def _check_place(context: Context, row: Record) -> None:
    """A row below another record may be added only by who may see that (facts: or held it until recently)."""
    through = row.spec.through
    if through is None or context.actor.is_system:
        return
    parent_id = getattr(row, through[0])
    if parent_id is not None:
        context.need(record_named(through[1]), parent_id, "view")


def edit_row(
    context: Context, record: type[Record], row_id: str, edits: dict[str, tuple[Any, Any]]
) -> dict[str, Any]:
    """Merges each field (docs/sync-protocol.md, "Edits"). What loses is kept in a conflict record."""
    row = context.get(record, row_id)
    own, plain = apart(edits)
    parse_values(record, {name: pair[1] for name, pair in plain.items()}, creating=False)
    lost_access = not context.may(row, "edit")
    if lost_access and not context.held_before(row):
        raise Forbidden("outside_scope", record=record.__tablename__, id=row_id)
    changed: dict[str, tuple[Any, Any]] = {}
    specs: dict[str, FieldSpec] = {}
    for slot in [*_slots(context, record, plain), *slots(context, record, own, row)]:
        specs[slot.name] = slot.spec
        current = slot.value(row)
        if slot.kept:
            keep_slot(context, row, slot)
        elif lost_access:
            if current != slot.mine:
                keep_slot(context, row, slot, "not_yours_any_more")
        elif (merged := _merge(context, row, slot, current)) != current:
            changed[slot.name] = (current, merged)
            slot.put(row, merged)
            tell_deleted(context, slot)
    _check_references(context, specs, {name: after for name, (_, after) in changed.items()})
    check_asked(context, row, {name: after for name, (_, after) in changed.items()})
    for rule in _edit_rules.get(record.__tablename__, ()):
        rule(context, row, changed)
    flush_soon(context.session)
    return {"id": row.id}


def _slots(context: Context, record: type[Record], edits: dict[str, tuple[Any, Any]]) -> Iterable[Slot]:
    fields, limited = fields_of(record), limits(context.actor, record)
    for name, (base, mine) in edits.items():
        spec = fields[name]
        slot = Slot(name, spec, _parse_base(name, spec, base), parse(name, spec, mine))
        if name in limited:
            _refuse_at_desk(context, name, spec, limited[name])
            slot.kept, slot.open = "field_not_yours", True
        yield slot


def _merge(context: Context, row: Record, slot: Slot, current: Any) -> Any:
    """What the field becomes; what loses is kept."""
    # Nobody sees a deleted field, so nobody could be asked: the latest word counts.
    policy = "latest" if slot.own is not None and slot.own.state != "active" else slot.spec.policy
    merged = merge(policy, slot.base, slot.mine, current)
    if merged.outcome == "merged" and not (merged.has_lost or fits(slot.name, slot.spec, merged.value)):
        policy = "ask"  # together they are more than the field holds: nobody's words are cut
        merged = merge(policy, slot.base, slot.mine, current)
    if merged.has_lost:
        state = "open" if merged.open else "auto"
        keep_conflict(context, row, slot.name, slot.base, current, slot.mine, policy, state, "changed_meanwhile")
    elif merged.outcome == "merged":
        context.report("merged")
    return merged.value


def keep_slot(context: Context, row: Record, slot: Slot, reason: str | None = None) -> None:
    """Keeps a value that cannot be written, and tells its author: for somebody who may (`reason` says why), or only so
    that it is not lost."""
    if is_masked(slot.mine) or (slot.kept and slot.mine == slot.value(row)):
        return
    is_open = reason is not None or slot.open
    keep_conflict(
        context, row, slot.name, slot.base, slot.value(row), slot.mine, "ask" if is_open else "server",
        "open" if is_open else "auto", reason or slot.kept or "",
    )  # fmt: skip
    if slot.kept:
        context.adjusted(slot.kept, field=slot.name, label=slot.spec.label)


def _parse_base(name: str, spec: Any, value: Any) -> Any:
    """A base is only compared; one that today's rules would refuse is simply different from everything."""
    try:
        return None if value is None else parse(name, spec, value)
    except BusinessError:
        return object()


def keep_conflict(
    context: Context,
    row: Record,
    field: str,
    base: Any,
    theirs: Any,
    mine: Any,
    policy: str,
    state: str,
    reason: str,
) -> Conflict:
    """Stores a value that lost (`auto`) or asks people to decide (`open`)."""
    last = audit.last_change(context.session, row.__tablename__, row.id, field)
    root_kind, _, root_id = row.root().partition(":")
    conflict = Conflict(
        id=uuid7(),
        customer_id=root_id if root_kind == "customer" else None,
        employee_id=root_id if root_kind == "employee" else context.actor.employee_id,
        record_type=row.__tablename__,
        record_id=row.id,
        subject=str(getattr(row, row.spec.title, "") or "")[:200],
        field=field,
        base=None if type(base) is object else to_wire(base),
        theirs=to_wire(theirs),
        theirs_by=last[0] if last else None,
        theirs_at=last[1] if last else None,
        mine=to_wire(mine),
        mine_by=context.actor.employee_id,
        mine_at=context.at or context.now,
        mine_device=context.device_id,
        reason=reason,
        policy=policy,
        state=state,
    )
    context.add(conflict)
    context.conflicts.append(conflict.id)
    context.report("conflict" if state == "open" else "merged", reason)
    return conflict


def delete_row(context: Context, record: type[Record], row_id: str) -> dict[str, Any]:
    row = context.need(record, row_id, "delete")
    for rule in _delete_rules.get(record.__tablename__, ()):
        rule(context, row)
    context.session.delete(row)
    context.session.flush()
    return {"id": row_id}
