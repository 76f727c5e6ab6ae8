"""Who may read and write which declared field (decision 0027): amounts and telephone numbers, by role.

A role says what it may do less than everything: `{"phone": "masked", "customer.credit_limit": "read"}`. A field's own entry
comes before that of its group; what is not named may be edited, as far as the permissions of the record go. Own fields
have their own rights (server/records/own.py). `own.readable(…).may_read(name)` answers for both.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, Literal

from server.records.actor import Actor
from server.records.fields import L
from server.records.record import Record, is_record, record_named, records, visible_fields

#: `masked`: a number of which one sees the ends only; it is dialled, and shown when there is a reason (people/reveals.py).
FieldRight = Literal["edit", "read", "masked", "hidden"]
RIGHTS = {
    "edit": L("可修改", "可修改", "May change"),
    "read": L("只能查看", "只能檢視", "May see"),
    "masked": L("隐藏中间几位", "隱藏中間幾位", "Masked"),
    "hidden": L("不可见", "不可見", "Cannot see"),
}
GROUPS = {
    "phone": L("电话号码", "電話號碼", "Telephone numbers"),
    "money": L("金额与价格", "金額與價格", "Amounts and prices"),
}
_GROUP_OF = {"phone": "phone", "money": "money", "price": "money"}
_NONE: Mapping[str, FieldRight] = {}


@cache
def governed(record: type[Record]) -> dict[str, str]:
    """The fields that roles have rights to, each with its group."""
    found = {name: _GROUP_OF.get(spec.kind) for name, spec in visible_fields(record).items()}
    return {name: group for name, group in found.items() if group}


def is_right(name: str, right: object) -> bool:
    """Whether a role may say this: of a group or a field, and only numbers are masked."""
    group = name if name in GROUPS else None
    record_type, _, field = name.partition(".")
    if field and is_record(record_type):
        group = governed(record_named(record_type)).get(field)
    return group is not None and right in RIGHTS and (right != "masked" or group == "phone")


def limits(actor: Actor, record: type[Record]) -> Mapping[str, FieldRight]:
    """The fields of which the actor may do less than edit them."""
    return _limits(actor.field_rights, record) if actor.field_rights else _NONE


@lru_cache(maxsize=2048)
def _limits(rights: tuple[tuple[str, FieldRight], ...], record: type[Record]) -> Mapping[str, FieldRight]:
    said = dict(rights)
    found: dict[str, FieldRight] = {}
    for name, group in governed(record).items():
        right = said.get(f"{record.__tablename__}.{name}") or said.get(group)
        if right is not None and right != "edit":
            found[name] = right
    return found


def right_to(actor: Actor, record: type[Record], name: str) -> FieldRight:
    return limits(actor, record).get(name, "edit")


def may_read(actor: Actor, record: type[Record], name: str) -> bool:
    """Whether the actor may have the values of a declared field, whole. Whatever gives them out in another form than as the
    record's own (a sum, a sentence, a copy) asks this."""
    return right_to(actor, record, name) in ("edit", "read")


def concealed(actor: Actor) -> list[tuple[str, str]]:
    """`(record type, field)` of everything the actor may not read whole."""
    if not actor.field_rights:
        return []
    return [
        (record.__tablename__, name)
        for record in records()
        for name in governed(record)
        if not may_read(actor, record, name)
    ]


# -- numbers of which one sees the ends


def mask(number: str | None) -> str | None:
    """138****1234: of a long number the first three and the last four, of a short one the last two."""
    if not number:
        return number
    if len(number) >= 11:
        return f"{number[:3]}****{number[-4:]}"
    return f"****{number[-2:]}" if len(number) > 4 else "****"


def is_masked(value: object) -> bool:
    """Whether this is what somebody was shown instead of a number."""
    return isinstance(value, str) and "****" in value


# -- what leaves the server

_AMOUNT = re.compile(r"-?\d+\.\d{2,4}", re.ASCII)


def conceals_money(actor: Actor) -> bool:
    """Whether there is any amount that the actor may not read."""
    return bool(actor.field_rights) and _conceals_money(actor.field_rights)


@lru_cache(maxsize=256)
def _conceals_money(rights: tuple[tuple[str, FieldRight], ...]) -> bool:
    return any(
        group == "money" and _limits(rights, record).get(name) == "hidden"
        for record in records()
        for name, group in governed(record).items()
    )


def without_amounts(value: Any) -> Any:
    """Texts that are amounts are left out of answers and sentences, where nobody can say of which field they are."""
    if isinstance(value, str):
        return None if _AMOUNT.fullmatch(value) else value
    if isinstance(value, dict):
        return {name: without_amounts(one) for name, one in value.items()}
    return [without_amounts(one) for one in value] if isinstance(value, list | tuple) else value


Content = Callable[[Actor, Any, Callable[[str], Any]], Any]
_contents: dict[str, dict[str, Content]] = {}


def told_of(record: type[Record], column: str) -> Callable[[Content], Content]:
    """For columns that repeat values of other fields (a summary, the numbers of a sentence): what remains of one for an
    actor who may not read them all. Gets the value and a way to the row's other fields."""

    def remember(content: Content) -> Content:
        _contents.setdefault(record.__tablename__, {})[column] = content
        return content

    return remember


def told_columns(
    actor: Actor, record: type[Record], columns: Mapping[str, Sequence[Any]]
) -> Mapping[str, Sequence[Any]]:
    """Columns of rows as this actor may have them."""
    if not actor.field_rights:
        return columns
    limited = limits(actor, record)
    told = {
        name: [mask(value) for value in values] if limited.get(name) == "masked" else values
        for name, values in columns.items()
        if limited.get(name) != "hidden"
    }
    for name, content in _contents.get(record.__tablename__, {}).items():
        if name in told:
            told[name] = [
                value if value is None else content(actor, value, lambda other, at=at: columns[other][at])  # type: ignore[misc]
                for at, value in enumerate(told[name])
            ]
    return told


def told_item(actor: Actor, record: type[Record], item: dict[str, Any], *, changed: bool = False) -> dict[str, Any]:
    """One row, by its fields, as this actor may have it. `changed`: only what a change was about; columns that repeat
    values of other fields are left out, as one cannot know which."""
    if not actor.field_rights:
        return item
    if changed:
        repeats = _contents.get(record.__tablename__, {})
        item = {name: value for name, value in item.items() if name not in repeats}
    columns = told_columns(actor, record, {name: [value] for name, value in item.items()})
    return {name: values[0] for name, values in columns.items()}


def without(
    actor: Actor, record: type[Record], values: Mapping[str, Any], named: Mapping[str, str]
) -> dict[str, Any]:
    """Values by name, null where they are those of a field that the actor may not read; `named` says of which each is."""
    return {
        name: None if name in named and not may_read(actor, record, named[name]) else value
        for name, value in values.items()
    }
