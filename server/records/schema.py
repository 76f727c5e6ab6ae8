"""Typed structs of rows and command arguments, made from the declarations, for OpenAPI and the TypeScript types."""

from functools import cache
from typing import Any, Optional

import msgspec

from server.records.commands import CommandSpec
from server.records.editing import CreateArgs, EditArgs
from server.records.fields import FieldSpec
from server.records.record import Record, fields_of, is_record, record_named, visible_fields

_TYPES: dict[str, Any] = {
    "int": int,
    "bool": bool,
    "geo": float,
    "refs": list[str],
    "files": list[str],
    "choices": list[str],
    "mixed": list[dict[str, str]],
    "json": Any,
}


def _type(spec: FieldSpec) -> Any:
    """The JSON type of a field (docs/sync-protocol.md, "Values on the wire"); anything may be null but what is required."""
    found = _TYPES.get(spec.kind, str)
    return found if spec.required or found is Any else Optional[found]  # noqa: UP045 - a runtime value


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


@cache
def row_struct(record: type[Record]) -> type[msgspec.Struct]:
    """A row as REST gives it."""
    fields: list[Any] = [("id", str)]
    fields += [(name, _type(spec)) for name, spec in visible_fields(record).items()]
    return msgspec.defstruct(f"{_camel(record.__tablename__)}Row", fields)


@cache
def page_struct(record: type[Record]) -> type[msgspec.Struct]:
    """A page of rows: `next` continues it, `refs` names what the rows refer to."""
    fields: list[Any] = [
        ("items", list[row_struct(record)]),  # type: ignore[misc]
        ("next", Optional[str]),  # noqa: UP045
        ("refs", dict[str, dict[str, str]]),
    ]
    return msgspec.defstruct(f"{_camel(record.__tablename__)}Page", fields)


@cache
def values_struct(record: type[Record]) -> type[msgspec.Struct]:
    """The values of a create command: what the server fills may be left out."""
    fields: list[Any] = []
    for name, spec in fields_of(record).items():
        if spec.readonly or spec.secret:
            continue
        if spec.required and spec.default is None:
            fields.append((name, _type(spec)))
    for name, spec in fields_of(record).items():
        if spec.readonly or spec.secret or (spec.required and spec.default is None):
            continue
        fields.append((name, _type(spec), None))
    return msgspec.defstruct(f"{_camel(record.__tablename__)}Values", fields, kw_only=True)


def args_struct(spec: CommandSpec) -> type[Any]:
    """The arguments of a command; those of `<record>.create` typed by the record's declaration."""
    name = spec.name.partition(".")[0]
    if issubclass(spec.args, CreateArgs) and is_record(name):
        values = values_struct(record_named(name))
        more = [
            (entry.name, entry.type, entry.default)
            for entry in msgspec.structs.fields(spec.args)
            if entry.name not in ("id", "values")
        ]
        return msgspec.defstruct(f"{_camel(name)}CreateArgs", [("id", str), ("values", values), *more])
    if spec.args is EditArgs:
        return EditArgs
    return spec.args
