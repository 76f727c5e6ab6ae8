"""Writing values of own fields: which are taken, which wait for somebody else, and which have no place any more.

What a phone sends was typed in days ago: the field may have been deleted, or taken from the role since. Such a value is
kept and its author is told; at the desk, where the form is drawn anew each time, it is refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from server.records.commands import Context
from server.records.errors import BusinessError, Rejected, error_texts
from server.records.fields import FieldSpec, L
from server.records.own import PREFIX, OwnField, catalog, has_own, is_own
from server.records.record import Record
from server.records.values import parse

error_texts(
    {
        "own_field_deleted": L(
            "字段“{label}”已被删除，您填写的值保留到 {until}，恢复字段后即可看到",
            "欄位「{label}」已被刪除，您填寫的值保留到 {until}，還原欄位後即可看到",
            "The field “{label}” was deleted; your value is kept until {until} and shows when the field is restored",
        ),
        "own_field_gone": L(
            "字段“{label}”已不存在，您填写的值保留在冲突记录里",
            "欄位「{label}」已不存在，您填寫的值保留在衝突記錄裡",
            "The field “{label}” is no more; your value is kept in a conflict record",
        ),
        "own_field_not_yours": L(
            "您的角色不能再修改“{label}”，您填写的值交由他人决定",
            "您的角色不能再修改「{label}」，您填寫的值交由他人決定",
            "Your role may not change “{label}” any more; somebody else decides on your value",
        ),
        "choice_retired": L(
            "“{label}”的选项“{choice}”已停用",
            "「{label}」的選項「{choice}」已停用",
            "The choice “{choice}” of {label} is not used any more",
        ),
    }
)


@dataclass(slots=True)
class Slot:
    """One field of a row to be written: `mine` is wanted, `base` was seen. `own`: it is one of the company's own.
    `kept`: it is not written, but goes into a conflict record, `open` or settled, for this reason."""

    name: str
    spec: FieldSpec
    base: Any
    mine: Any
    own: OwnField | None = None
    kept: str | None = None
    open: bool = False

    def value(self, row: Any) -> Any:
        """What the row has."""
        if self.own is not None:
            return self.own.value((row.own or {}).get(self.own.key))
        return None if self.kept == "own_field_gone" else getattr(row, self.name)

    def put(self, row: Any, value: Any) -> None:
        if self.own is None:
            setattr(row, self.name, value)
            return
        values = {key: kept for key, kept in (row.own or {}).items() if key != self.own.key}
        if value is not None:
            values[self.own.key] = self.own.stored(value)
        row.own = values or None


def apart(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Values of own fields, and the others."""
    own = {name: value for name, value in values.items() if is_own(name)}
    return own, {name: value for name, value in values.items() if name not in own} if own else dict(values)


def prefixed(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Values by key, as the arguments of some commands have them, by the names of their fields."""
    return {PREFIX + key: value for key, value in (values or {}).items()}


def new_slots(context: Context, row: Record, own: Mapping[str, Any], *, asks: bool = True) -> list[Slot]:
    """What a new row gets: what was sent, else the defaults. Where it `asks`, raises `Rejected` required where somebody
    at a desk has left out what must be filled in; a phone may not have known."""
    record = type(row)
    found = list(slots(context, record, {name: (None, mine) for name, mine in own.items()}, row))
    fields = catalog(context.session).of(record.__tablename__, row) if has_own(record) else {}
    sent = {slot.name for slot in found if slot.mine is not None}
    for name, field in fields.items():
        if name in sent or field.state != "active":
            continue
        if field.spec.default is not None and name not in own:
            found.append(Slot(name, field.spec, None, parse(name, field.spec, field.spec.default), field))
        elif asks and field.must_fill(context.actor) and not context.pushed and not context.actor.is_system:
            raise Rejected("required", field=name, label=field.spec.label)
    return [slot for slot in found if slot.mine is not None]


def slots(
    context: Context, record: type[Record], edits: Mapping[str, tuple[Any, Any]], row: Record | None = None
) -> Iterator[Slot]:
    """Own fields of an edit, parsed; of this `row`, where rows of the record have different ones. Raises `Rejected` for what cannot be a value at all, and at the desk for what the
    role may not write."""
    if not edits:
        return
    fields = catalog(context.session).of(record.__tablename__, row) if has_own(record) else {}
    for name, (base, mine) in edits.items():
        field = fields.get(name)
        if field is None or field.state == "purged":
            yield _homeless(context, record, name, field, base, mine)
            continue
        right = field.right(context.actor)
        if right != "edit" and not context.pushed:
            if right == "hidden" or field.state != "active":
                raise Rejected("unknown_field", field=name, name=name)
            raise Rejected("readonly_field", field=name, label=field.spec.label)
        slot = Slot(name, field.spec, _base(name, field, base), _parsed(name, field, mine), field)
        if right != "edit":
            slot.kept, slot.open = "own_field_not_yours", True
        elif field.state == "active" and not context.pushed:
            _check_at_desk(context, slot)
        yield slot


def tell_deleted(context: Context, slot: Slot) -> None:
    """Tells the author of a value that was written where nobody sees it what became of it."""
    if slot.own is not None and slot.own.state == "deleted":
        until = str(slot.own.kept_until)
        context.adjusted("own_field_deleted", field=slot.name, label=slot.spec.label, until=until)


def _homeless(
    context: Context, record: type[Record], name: str, field: OwnField | None, base: Any, mine: Any
) -> Slot:
    """A value of a field whose values are gone for good, or that a restored database has never seen."""
    if not context.pushed or not has_own(record) or len(name) > 60:
        raise Rejected("unknown_field", field=name, name=name[:60])
    label = L(name, name, name) if field is None else field.spec.label
    return Slot(name, FieldSpec(kind="json", label=label, policy="server"), base, mine, kept="own_field_gone")


def _check_at_desk(context: Context, slot: Slot) -> None:
    """What a form that is drawn now would not have let through."""
    assert slot.own is not None
    if slot.mine is None:
        if slot.own.must_fill(context.actor):
            raise Rejected("required", field=slot.name, label=slot.spec.label)
        return
    if slot.own.kind not in ("choice", "choices"):
        return
    before = slot.base if isinstance(slot.base, list) else [slot.base]
    for choice in slot.mine if isinstance(slot.mine, list) else [slot.mine]:
        if choice in slot.own.retired and choice not in before:
            shown = slot.spec.choices[choice]
            raise Rejected("choice_retired", field=slot.name, label=slot.spec.label, choice=shown)


def _parsed(name: str, field: OwnField, value: Any) -> Any:
    """None for what is empty: it is not the moment to put the default there."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return parse(name, field.spec, value) or None if isinstance(value, list) else parse(name, field.spec, value)


def _base(name: str, field: OwnField, value: Any) -> Any:
    """A base is only compared; one that today's rules would refuse is simply different from everything."""
    try:
        return _parsed(name, field, value)
    except BusinessError:
        return object()
