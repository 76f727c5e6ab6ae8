"""JSON from outside, no deeper and with no other characters than everything behind it can carry."""

from typing import Any, TypeVar

import msgspec

from server.records.errors import Rejected

T = TypeVar("T")
#: What a person enters is a handful of levels deep; far more is an attack on whoever walks through it.
MAX_DEPTH = 32


def decode(raw: bytes | msgspec.Raw, wanted: type[T], field: str | None = None) -> T:
    """The JSON text as `wanted`. Raises `Rejected` invalid_arguments, with `field` as the place."""
    place = {"field": field} if field else {}
    try:
        return msgspec.json.decode(raw, type=wanted)
    except RecursionError:
        raise Rejected("invalid_arguments", **place, message="nested too deeply") from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Rejected("invalid_arguments", **place, message=str(error)) from error


def clean(value: Any, field: str | None = None, depth: int = 0) -> Any:
    """The value without NUL characters, which PostgreSQL stores nowhere and which show as nothing. Raises `Rejected`
    where it is nested too deeply."""
    if isinstance(value, str):
        return value.replace("\x00", "") if "\x00" in value else value
    if depth > MAX_DEPTH:
        raise Rejected("invalid_arguments", **({"field": field} if field else {}), message="nested too deeply")
    if isinstance(value, dict):
        return {clean(name): clean(entry, field, depth + 1) for name, entry in value.items()}
    if isinstance(value, list):
        return [clean(entry, field, depth + 1) for entry in value]
    return value
