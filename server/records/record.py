"""The base of every record, and the registry that everything derived from the declarations reads."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar

from sqlalchemy import String, Table
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Mapped, mapped_column

from server.records.fields import FieldSpec, L, Label, moment, ref
from sync.schema import metadata


@dataclass(frozen=True, slots=True)
class Number:
    """A running number a record gets from the server: prefix + yyyyMMdd (company day) + serial, restarting every day."""

    field: str
    prefix: str
    digits: int = 5
    on_create: bool = True  #: else the area asks for it at the right moment


@dataclass(frozen=True, slots=True)
class RecordSpec:
    """What a record type is, apart from its fields.

    `root`: "company", "employee:<field>" or "customer:<field>": the sync root a row belongs to. Alternatives are
    separated by "|": the first whose field has a value counts, and without any the row is the company's.
    `owners`: fields with an employee; whoever's scope contains one of them may see the row.
    `through`: a field with the id of another record; whoever sees that may see the row.
    `within`: a field with the id of another record; a row that has one is for those only who may see that.
    `permission`: the permission group, e.g. contacts are governed by "customer".
    """

    label: Label
    plural: Label
    area: str
    root: str
    title: str
    permission: str = ""
    owners: tuple[str, ...] = ()
    through: tuple[str, str] | None = None
    within: tuple[str, str] | None = None
    public_when_unowned: bool = False
    number: Number | None = None
    default_sort: str = "-created_at"
    synced: bool = True
    generic_routes: bool = True
    import_sheet: str | None = None
    sheet_of_parent: bool = False  #: an export of the record in `through` has these rows on a further sheet


class Base(DeclarativeBase):
    metadata = metadata


class Record(Base):
    """A row with an id made by whoever created it (UUIDv7), and who created it when."""

    __abstract__ = True
    spec: ClassVar[RecordSpec]

    id: Mapped[str] = mapped_column(String(36), primary_key=True, sort_order=-10)
    created_at: Mapped[datetime] = moment(
        L("创建时间", "建立時間", "Created"), readonly=True, required=True, section="system"
    )
    created_by: Mapped[str | None] = ref(
        L("创建人", "建立人", "Created by"), "employee", readonly=True, index=False, section="system"
    )

    def root(self) -> str:
        return root_of(type(self), lambda name: getattr(self, name))

    def root_before(self, changes: dict[str, tuple[Any, Any]]) -> str:
        """The root the row had before these changes."""
        return root_of(type(self), lambda name: changes[name][0] if name in changes else getattr(self, name))


_registry: dict[str, type[Record]] = {}


def register(cls: type[Record]) -> type[Record]:
    """Class decorator: makes a record known under its table name."""
    _registry[cls.__tablename__] = cls
    return cls


def records() -> Iterator[type[Record]]:
    """All records, in the order of their names, so that everything generated from them is stable."""
    return iter([_registry[name] for name in sorted(_registry)])


def record_named(name: str) -> type[Record]:
    return _registry[name]


def is_record(name: str) -> bool:
    return name in _registry


@cache
def fields_of(cls: type[Record]) -> dict[str, FieldSpec]:
    """The declared fields in the order of declaration; created_at and created_by last."""
    found: dict[str, FieldSpec] = {}
    for column in table_of(cls).columns:
        spec = column.info.get("field")
        if isinstance(spec, FieldSpec):
            found[column.key] = spec
    for late in ("created_at", "created_by"):
        found[late] = found.pop(late)
    return found


def visible_fields(cls: type[Record]) -> dict[str, FieldSpec]:
    """The fields that may leave the server."""
    return {name: spec for name, spec in fields_of(cls).items() if not spec.secret}


def table_of(cls: type[Record]) -> Table:
    table = cls.__table__
    assert isinstance(table, Table)
    return table


def column_of(cls: type[Record], name: str) -> InstrumentedAttribute[Any]:
    attribute: InstrumentedAttribute[Any] = getattr(cls, name)
    return attribute


def root_of(cls: type[Record], value_of: Callable[[str], str | None]) -> str:
    """The root of a row whose fields have the values that `value_of` tells."""
    for alternative in cls.spec.root.split("|"):
        kind, _, field = alternative.partition(":")
        key = value_of(field) if field else None
        if key is not None:
            return f"{kind}:{key}"
    return "company"


def permission_of(cls: type[Record]) -> str:
    return cls.spec.permission or cls.__tablename__


_PATHS = {
    "opportunity": "opportunities",
    "company": "companies",
    "product_category": "product-categories",
    "schedule_entry": "schedule-entries",
    "mail_batch": "mail-batches",
}


def path_of(cls: type[Record]) -> str:
    """The record's place under /api, e.g. `order_line` → `order-lines`."""
    name = cls.__tablename__
    return str(_PATHS.get(name, name.replace("_", "-") + "s"))
