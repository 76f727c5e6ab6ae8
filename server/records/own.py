"""The company's own fields: which ones its records have, and who may see and write them.

An own field is a row of `own_field` (server/own/models.py); its values stand in the record's one column `own`, under the
key of the field. Everywhere else a field is called `own.<key>`: in commands, on the wire, in filters and in the audit
trail. What is said here of a field follows from the database of the session at hand, so nothing has to be told anybody.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    Select,
    String,
    TypeDecorator,
    cast,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from server.records import rights
from server.records.actor import Actor
from server.records.fields import FieldSpec, Kind, Label
from server.records.record import Record, column_of, record_named, table_of, visible_fields
from server.records.types import Scaled
from server.records.visibility import narrowed_records, narrowing
from sync.statements import Statement

PREFIX = "own."
#: The column of values.
COLUMN = "own"
#: How long the values of a deleted field are kept.
KEPT = timedelta(days=30)

Right = Literal["edit", "read", "hidden"]
OwnKind = Literal[
    "text", "longtext", "number", "decimal", "money", "date", "choice", "choices", "employee", "customer", "photo",
    "file", "mixed",
]  # fmt: skip
#: The kind of field each is, and what it refers to.
_KINDS: dict[str, tuple[Kind, str | None]] = {
    "text": ("text", None),
    "longtext": ("longtext", None),
    "number": ("int", None),
    "decimal": ("quantity", None),
    "money": ("money", None),
    "date": ("date", None),
    "choice": ("choice", None),
    "choices": ("choices", None),
    "employee": ("ref", "employee"),
    "customer": ("ref", "customer"),
    "photo": ("photo", "photo"),
    "file": ("files", "attachment"),
    "mixed": ("mixed", "attachment"),
}
#: Records whose rows have different own fields, and the field that says which.
DIVIDED = {"own_row": "table_id"}
#: Records that are about one field of another; whose field says who may have them.
ABOUT_FIELDS = ("conflict", "attachment")
_MAX_LENGTH = {"text": 200, "longtext": 4000}
_PLACES = {"money": 2, "quantity": 4}


class IsoDate(TypeDecorator[date]):
    """A date in a text, as JSON has it."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: date | None, dialect: Dialect) -> str | None:
        return None if value is None else value.isoformat()


def granted(rights: Mapping[str, Sequence[str]], role_id: str | None) -> Sequence[str]:
    """What a role may do in a table of the company's own; "others" are the roles that it does not name."""
    return rights.get(role_id or "", rights.get("others", ()))


@dataclass(frozen=True)
class OwnField:
    """One own field. `spec` is never `required`: what must be filled in depends on who writes, see `must_fill`."""

    id: str
    record_type: str
    key: str
    kind: str
    spec: FieldSpec
    required: bool
    hidden: bool
    state: str
    deleted_at: datetime | None
    others: str
    rights: Mapping[str, str]
    retired: frozenset[str]
    #: The table of the company's own whose rows have it.
    table_id: str | None = None
    #: What roles may do in that table: those whose devices have no rows of it have no values either.
    table_rights: Mapping[str, Sequence[str]] | None = None

    @cached_property
    def name(self) -> str:
        return PREFIX + self.key

    def right(self, actor: Actor) -> str:
        """What the actor's role may do with the values."""
        if actor.is_system:
            return "edit"
        if self.table_rights is not None and "view" not in granted(self.table_rights, actor.role_id):
            return "hidden"
        return self.rights.get(actor.role_id or "", self.others)

    @property
    def kept_until(self) -> date | None:
        """The last day on which it can be restored, UTC."""
        return None if self.deleted_at is None else (self.deleted_at + KEPT).date()

    def must_fill(self, actor: Actor) -> bool:
        return self.required and not self.hidden and self.right(actor) == "edit"

    def stored(self, value: Any) -> Any:
        """A parsed value as the column has it: amounts as whole numbers of their smallest unit, dates as text."""
        if isinstance(value, Decimal):
            return int(value.scaleb(_PLACES[self.spec.kind]))
        return value.isoformat() if isinstance(value, date) else value

    def value(self, stored: Any) -> Any:
        """What the column has as commands know it."""
        if stored is None:
            return None
        places = _PLACES.get(self.spec.kind)
        if places is not None:
            return Decimal(stored).scaleb(-places).quantize(Decimal(1).scaleb(-places))
        return date.fromisoformat(stored) if self.spec.kind == "date" else stored

    def wire(self, stored: Any) -> Any:
        """What the column has as JSON has it."""
        places = _PLACES.get(self.spec.kind)
        return stored if stored is None or places is None else str(self.value(stored))

    def column(self, record: type[Record]) -> ColumnElement[Any]:
        """The values in SQL, to filter and sort by. Several choices are the text of their list."""
        text = column_of(record, COLUMN)[self.key].as_string()
        places = _PLACES.get(self.spec.kind)
        if places is not None:
            return type_coerce(cast(text, BigInteger), Scaled(places))
        if self.spec.kind == "int":
            return cast(text, BigInteger)
        return type_coerce(text, IsoDate) if self.spec.kind == "date" else text


@dataclass(frozen=True)
class Catalog:
    """All own fields of the company, by record type and name, in their order; deleted ones included."""

    fields: Mapping[str, Mapping[str, OwnField]]
    #: What follows from the fields for a role, made when it is first asked for.
    memory: dict[Any, Any] = field(default_factory=dict)

    def of(self, record_type: str, row: Any = None) -> Mapping[str, OwnField]:
        """The own fields of a record; of a `row`, where rows of the record have different ones."""
        found = self.fields.get(record_type, _NOTHING)
        divider = DIVIDED.get(record_type)
        if row is None or divider is None:
            return found
        mine = getattr(row, divider)
        return {name: own for name, own in found.items() if own.table_id == mine}

    def readable(self, record_type: str, actor: Actor) -> dict[str, OwnField]:
        """The fields whose values the actor may have."""
        if record_type not in self.fields:
            return {}
        place = (record_type, None if actor.is_system else actor.role_id or "")
        found: dict[str, OwnField] | None = self.memory.get(place)
        if found is None:
            found = self.memory[place] = {
                name: own
                for name, own in self.of(record_type).items()
                if own.state == "active" and own.right(actor) != "hidden"
            }
        return found

    def concealed(self, actor: Actor) -> list[tuple[str, str]]:
        """`(record type, name)` of the fields, deleted own ones too, whose values the actor must not have."""
        own = [
            (record_type, name)
            for record_type, fields in self.fields.items()
            for name, own in fields.items()
            if own.right(actor) == "hidden"
        ]
        return own + rights.concealed(actor)


_NOTHING: Mapping[str, OwnField] = {}
_EMPTY = Catalog({})
_READ = Statement(
    """SELECT f.id, f.record_type, f.key, f.name, f.name_tw, f.name_en, f.kind, f.choices, f.required, f.hidden, f.listed,
              f.quick, f.search, CAST(f.default_value AS TEXT), f.others, f.rights, f.state, f.deleted_at, f.table_id,
              t.rights
         FROM own_field f LEFT JOIN own_table t ON t.id = f.table_id ORDER BY f.sort, f.id"""
)
#: The rows as they were last read by this process, and what they say.
_last: tuple[list[tuple[Any, ...]], Catalog] = ([], _EMPTY)


@cache
def has_own(record: type[Record]) -> bool:
    """Whether records of this type may have own fields."""
    return COLUMN in table_of(record).c


def catalog(session: Session) -> Catalog:
    """The company's own fields as this session sees them; asked once for each snapshot or batch of commands."""
    global _last
    memory: dict[str, Any] = session.info.setdefault("memory", {})
    found: Catalog | None = memory.get("own_catalog")
    if found is None:
        rows = _READ.rows(session)
        known = _last
        if rows != known[0]:
            _last = known = (rows, _catalog(rows))
        found = memory["own_catalog"] = known[1]
    return found


def forget(session: Session) -> None:
    """To be called where the fields themselves were changed."""
    session.info.setdefault("memory", {}).pop("own_catalog", None)


def _catalog(rows: Iterable[Sequence[Any]]) -> Catalog:
    fields: dict[str, dict[str, OwnField]] = {}
    for row in rows:
        own = _field(row)
        fields.setdefault(own.record_type, {})[own.name] = own
    return Catalog(fields)


def _field(row: Sequence[Any]) -> OwnField:
    (row_id, record_type, key, name, name_tw, name_en, kind, choices, required, hidden, listed, quick, search,
     default, others, rights, state, deleted_at, table_id, table_rights) = row  # fmt: skip
    entries = _json(choices) or []
    form, ref = _KINDS[kind]
    spec = FieldSpec(
        kind=form,
        label=Label(name, name_tw or name, name_en or name),
        policy="union" if kind in ("choices", "file") else "ask",
        listed=bool(listed),
        quick=bool(quick),
        search=bool(search) and form in _MAX_LENGTH,
        importable=kind not in ("photo", "file", "mixed"),
        section="own",
        choices={one["key"]: Label(one["name"], one.get("name_tw") or one["name"], one.get("name_en") or one["name"])
                 for one in entries},
        ref=ref,
        max_length=_MAX_LENGTH.get(form),
        default=_json(default),
    )  # fmt: skip
    return OwnField(
        id=row_id, record_type=record_type, key=key, kind=kind, spec=spec, required=bool(required),
        hidden=bool(hidden), state=state, deleted_at=_moment(deleted_at), others=others, rights=_json(rights) or {},
        retired=frozenset(one["key"] for one in entries if one.get("retired")), table_id=table_id,
        table_rights=None if table_id is None else _json(table_rights) or {},
    )  # fmt: skip


def _json(value: Any) -> Any:
    """JSON as either driver gives it."""
    return json.loads(value) if isinstance(value, str) else value


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    assert isinstance(moment, datetime)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Readable:
    """The fields of a record whose values an actor may have, the company's own among them; of masked numbers he has the
    ends."""

    record: type[Record]
    own: Mapping[str, OwnField]
    actor: Actor

    @cached_property
    def fields(self) -> dict[str, FieldSpec]:
        declared = visible_fields(self.record)
        if limited := rights.limits(self.actor, self.record):
            declared = {name: spec for name, spec in declared.items() if limited.get(name) != "hidden"}
        return {**declared, **{name: own.spec for name, own in self.own.items()}} if self.own else declared

    def may_read(self, name: str) -> bool:
        """Whether the actor may have a field's values whole: to search, filter and sort by them, to add them up, to make
        anything of them."""
        return name in self.fields and (name in self.own or rights.may_read(self.actor, self.record, name))

    def column(self, name: str) -> Any:
        """The values in SQL."""
        own = self.own.get(name)
        return column_of(self.record, name) if own is None else own.column(self.record)


def readable(session: Session, actor: Actor, record: type[Record]) -> Readable:
    """What of this record the actor may read. Forms, lists, filters, exports and pages have these and no others."""
    own = catalog(session).readable(record.__tablename__, actor) if has_own(record) else _NOTHING
    return Readable(record, own, actor)


def concealed_rows(session: Session, actor: Actor, record: type[Record]) -> list[ColumnElement[bool]]:
    """What keeps back conflicts and files of fields whose values are not for the actor's role."""
    if record.__tablename__ not in ABOUT_FIELDS:
        return []
    concealed = catalog(session).concealed(actor)
    kind = func.coalesce(column_of(record, "record_type"), "")
    about = func.coalesce(column_of(record, "field"), "")
    return [or_(kind != record_type, about != name) for record_type, name in concealed] + [
        or_(kind != other, column_of(record, "record_id").in_(rows)) for other, rows in narrowed_rows(actor, record)
    ]


def narrowed_rows(actor: Actor, record: type[Record]) -> list[tuple[str, Select[Any]]]:
    """Of records that are about rows of another one (conflicts): the records whose rows are not for everybody who reaches
    them, and the rows that are for this actor."""
    if record.__tablename__ not in ABOUT_FIELDS or "record_id" not in table_of(record).c:
        return []
    return [
        (name, select(record_named(name).id).where(*narrowing(actor, record_named(name), "hold")))
        for name in narrowed_records()
    ]


def columns_of(texts: Sequence[Any], fields: Mapping[str, OwnField]) -> dict[str, list[Any]]:
    """Values of the column `own`, as the driver gave them, as columns on the wire; those without any value are left
    out."""
    rows = [None if text is None else _json(text) for text in texts]
    present = {key for row in rows if row for key in row}
    found: dict[str, list[Any]] = {}
    for name, own in fields.items():
        if own.key in present:
            wire: Callable[[Any], Any] = own.wire
            found[name] = [wire(row.get(own.key)) if row else None for row in rows]
    return found


def wire_values(stored: Mapping[str, Any] | None, fields: Mapping[str, OwnField]) -> dict[str, Any]:
    """One row's own values as the REST interface gives them."""
    values = stored or {}
    return {name: own.wire(values.get(own.key)) for name, own in fields.items()}


def is_own(name: str) -> bool:
    return name.startswith(PREFIX)
