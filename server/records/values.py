"""Values of fields as they come over the wire: checked against the declaration, turned into Python, and back."""

import math
import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from server.records import mixed
from server.records.errors import Rejected
from server.records.fields import FieldSpec, Label, listed
from server.records.record import Record, fields_of

_PLACES = {"money": 2, "price": 4, "quantity": 4}
_MAX_DECIMAL = Decimal(10) ** 13
#: A day of some calendar: every one of ours, and those up to the 31st that ours does not have.
_ANY_DAY = re.compile(r"(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])")


def parse(name: str, spec: FieldSpec, value: Any) -> Any:
    """A value from JSON as the column wants it. Raises `Rejected` with the field's name and what would be right."""
    if value is None or (isinstance(value, str) and spec.kind not in ("json", "bool") and not value.strip()):
        if spec.required:
            raise Rejected("required", field=name, label=spec.label)
        return spec.default if spec.default is not None and not callable(spec.default) else None
    try:
        parsed = _parsers[spec.kind](value, spec)
    except (TypeError, ValueError, InvalidOperation, OverflowError) as error:
        raise Rejected("wrong_type", field=name, label=spec.label, value=str(value)[:80]) from error
    _check_bounds(name, spec, parsed)
    return parsed


def parse_values(record: type[Record], values: dict[str, Any], *, creating: bool) -> dict[str, Any]:
    """All values of a create or an edit; unknown and read-only fields are named, not ignored."""
    fields = fields_of(record)
    parsed: dict[str, Any] = {}
    for name, value in values.items():
        spec = fields.get(name)
        if spec is None or spec.secret:
            raise Rejected("unknown_field", field=name, name=name)
        if spec.readonly or (spec.fixed and not creating):
            raise Rejected("readonly_field", field=name, label=spec.label)
        parsed[name] = parse(name, spec, value)
    if creating:
        for name, spec in fields.items():
            if spec.required and spec.default is None and not spec.readonly and name not in parsed:
                raise Rejected("required", field=name, label=spec.label)
    return parsed


def to_wire(value: Any) -> Any:
    """A column's value as JSON has it (docs/sync-protocol.md, "Values on the wire")."""
    if value is None or type(value) is str:  # nearly all are
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value


def _text(value: Any, spec: FieldSpec) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    # NUL is refused by PostgreSQL and shows as nothing; other characters, emoji included, are the user's own.
    text = value.replace("\x00", "")
    return text if spec.kind == "longtext" else " ".join(text.split())


def _int(value: Any, spec: FieldSpec) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(value)
    number = int(value)
    if abs(number) > 2**31 - 1:
        raise OverflowError(value)
    return number


def _decimal(value: Any, spec: FieldSpec) -> Decimal:
    if isinstance(value, bool | float) or not isinstance(value, str | int | Decimal):
        raise TypeError(value)
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= _MAX_DECIMAL:
        raise OverflowError(value)
    return number.quantize(Decimal(1).scaleb(-_PLACES[spec.kind]))


def _date(value: Any, spec: FieldSpec) -> date | str:
    if isinstance(value, datetime):
        raise TypeError(value)
    if spec.calendar is not None and isinstance(value, str) and _ANY_DAY.fullmatch(value):
        return value
    day = value if isinstance(value, date) else date.fromisoformat(value)
    return day if spec.calendar is None else day.isoformat()


def _moment(value: Any, spec: FieldSpec) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment.astimezone(UTC)


def _bool(value: Any, spec: FieldSpec) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _refs(value: Any, spec: FieldSpec) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) and len(item) <= 36 for item in value):
        raise TypeError(value)
    return list(dict.fromkeys(value))


def _ref(value: Any, spec: FieldSpec) -> str:
    if not isinstance(value, str) or len(value) > 36:
        raise TypeError(value)
    return value


def _float(value: Any, spec: FieldSpec) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _mixed(value: Any, spec: FieldSpec) -> list[dict[str, str]]:
    return mixed.parsed(value)


def _json(value: Any, spec: FieldSpec) -> Any:
    return value


_parsers = {
    "text": _text, "longtext": _text, "phone": _text, "email": _text, "url": _text, "choice": _text,
    "int": _int, "money": _decimal, "price": _decimal, "quantity": _decimal, "date": _date, "datetime": _moment,
    "bool": _bool, "ref": _ref, "photo": _ref, "refs": _refs, "choices": _refs, "files": _refs, "mixed": _mixed, "geo": _float, "json": _json,
}  # fmt: skip


def fits(name: str, spec: FieldSpec, value: Any) -> bool:
    """Whether a field may have this value, one that no person has sent."""
    try:
        _check_bounds(name, spec, value)
    except Rejected:
        return False
    return True


def _check_bounds(name: str, spec: FieldSpec, value: Any) -> None:
    if isinstance(value, str):
        if spec.max_length is not None and len(value) > spec.max_length:
            raise Rejected("too_long", field=name, label=spec.label, max=spec.max_length)
        if spec.choices and value not in spec.choices:
            raise Rejected(
                "not_a_choice", field=name, label=spec.label, choices=listed(map(Label.plain, spec.choices))
            )
    if spec.kind == "choices" and not spec.choices.keys() >= set(value):
        raise Rejected("not_a_choice", field=name, label=spec.label, choices=listed(map(Label.plain, spec.choices)))
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        if spec.min is not None and value < spec.min:
            raise Rejected("too_small", field=name, label=spec.label, min=spec.min)
        if spec.max is not None and value > spec.max:
            raise Rejected("too_large", field=name, label=spec.label, max=spec.max)
