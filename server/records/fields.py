"""How a field of a record is declared: once, with its labels, its rules and what it is used for.

From the declaration follow the column, the validation of commands, the wire format, the REST schema, the form, the
list, the import template and the export.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypedDict, Unpack

from sqlalchemy import Boolean, Date, Float, Integer, String, Text
from sqlalchemy.orm import MappedColumn, mapped_column
from sqlalchemy.types import TypeEngine

from server.records.types import DayText, Json, OwnValues, Scaled, UtcDateTime

Kind = Literal[
    "text", "longtext", "phone", "email", "url", "int", "money", "price", "quantity", "date", "datetime",
    "bool", "choice", "choices", "ref", "refs", "geo", "json", "photo", "files",
    "mixed",
]  # fmt: skip
Policy = Literal["ask", "server", "latest", "append", "union", "add"]


class Label(NamedTuple):
    """One label in the three languages of the product."""

    zh_cn: str
    zh_tw: str
    en: str

    @classmethod
    def plain(cls, text: str) -> "Label":
        """What is called the same everywhere."""
        return cls(text, text, text)

    def of(self, language: str) -> str:
        """In zh-CN, zh-TW, or else in English."""
        return {"zh-CN": self.zh_cn, "zh-TW": self.zh_tw}.get(language, self.en)


L = Label


def listed(labels: Iterable[Label]) -> Label:
    """Several after each other, as each language does it."""
    texts = list(labels)
    return Label(
        "、".join(one.zh_cn for one in texts),
        "、".join(one.zh_tw for one in texts),
        ", ".join(one.en for one in texts),
    )


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What the rest of the system knows of a field."""

    kind: Kind
    label: Label
    required: bool = False
    readonly: bool = False  #: set by the server; commands cannot write it
    fixed: bool = False  #: written at creation, never edited afterwards
    policy: Policy = "ask"  #: what happens when two people changed it
    listed: bool = False  #: a column of the list by default
    quick: bool = False  #: part of the short form on the phone
    importable: bool = False
    search: bool = False
    section: str = "main"
    choices: dict[str, Label] = field(default_factory=dict)
    ref: str | None = None  #: name of the record it points to
    ref_list: str | None = None  #: for refs to `option`: which list
    max_length: int | None = None
    min: float | None = None
    max: float | None = None
    total: bool = False  #: summed at the foot of lists
    secret: bool = False  #: never leaves the server
    looked_up: bool = False  #: screens ask a device for rows by it, and it is no reference
    default: Any = None
    hint: Label | None = None  #: said below the field while it is filled in
    calendar: str | None = None  #: of a date: the field that says by which calendar it is


class Options(TypedDict, total=False):
    required: bool
    readonly: bool
    fixed: bool
    policy: Policy
    listed: bool
    quick: bool
    importable: bool
    search: bool
    section: str
    min: float
    max: float
    total: bool
    secret: bool
    looked_up: bool
    default: Any
    hint: Label
    index: bool
    unique: bool


def _column(kind: Kind, label: Label, sql: TypeEngine[Any], options: Options, **extra: Any) -> MappedColumn[Any]:
    column_options: dict[str, Any] = {key: options[key] for key in ("index", "unique", "default") if key in options}
    spec_options = {key: value for key, value in options.items() if key not in ("index", "unique")}
    spec = FieldSpec(kind=kind, label=label, **spec_options, **extra)  # type: ignore[arg-type]
    nullable = not (spec.required or spec.default is not None)
    return mapped_column(sql, nullable=nullable, info={"field": spec}, **column_options)


def text(label: Label, max_length: int = 200, **options: Unpack[Options]) -> MappedColumn[Any]:
    return _column("text", label, String(max_length), options, max_length=max_length)


def longtext(label: Label, max_length: int = 4000, **options: Unpack[Options]) -> MappedColumn[Any]:
    return _column("longtext", label, Text(), options, max_length=max_length)


def phone(label: Label, **options: Unpack[Options]) -> MappedColumn[Any]:
    return _column("phone", label, String(40), options, max_length=40)


def email(label: Label, **options: Unpack[Options]) -> MappedColumn[Any]:
    return _column("email", label, String(200), options, max_length=200)


def url(label: Label, **options: Unpack[Options]) -> MappedColumn[Any]:
    return _column("url", label, String(400), options, max_length=400)


def integer(label: Label, **options: Unpack[Options]) -> MappedColumn[Any]:
    return _column("int", label, Integer(), options)


def money(label: Label, **options: Unpack[Options]) -> MappedColumn[Any]:
    """An amount in CNY with 2 decimals."""
    return _column("money", label, Scaled(2), options)


def price(label: Label, **options: Unpack[Options]) -> MappedColumn[Any]:
    """A unit price in CNY with up to 4 decimals (BUSINESS.md, Orders)."""
    return _column("price", label, Scaled(4), options)


def quantity(label: Label, **options: Unpack[Options]) -> MappedColumn[Any]:
    """A quantity with up to 4 decimals, in the product's unit."""
    return _column("quantity", label, Scaled(4), options)


def date(label: Label, **options: Unpack[Options]) -> MappedColumn[Any]:
    return _column("date", label, Date(), options)


def day(label: Label, calendar: str, **options: Unpack[Options]) -> MappedColumn[Any]:
    """A date by either calendar, as text; the field `calendar` says by which. Its month and day are those of the calendar,
    so it may be one that no other has: whether there is such a day is for the record's own rule."""
    return _column("date", label, DayText(), options, calendar=calendar)


def moment(label: Label, **options: Unpack[Options]) -> MappedColumn[Any]:
    """A point in time, UTC."""
    return _column("datetime", label, UtcDateTime(), options)


def boolean(label: Label, **options: Unpack[Options]) -> MappedColumn[Any]:
    return _column("bool", label, Boolean(), options)


def choice(label: Label, choices: dict[str, Label], **options: Unpack[Options]) -> MappedColumn[Any]:
    return _column("choice", label, String(30), options, choices=choices)


def ref(label: Label, record: str, **options: Unpack[Options]) -> MappedColumn[Any]:
    """The id of another record. Offline work may arrive before what it points to, so no foreign key holds it back."""
    options.setdefault("index", True)
    return _column("ref", label, String(36), options, ref=record)


def option(label: Label, list_name: str, **options: Unpack[Options]) -> MappedColumn[Any]:
    """The id of an entry of one of the company's own lists (`Option`)."""
    return _column("ref", label, String(36), options, ref="option", ref_list=list_name)


def refs(label: Label, record: str, **options: Unpack[Options]) -> MappedColumn[Any]:
    """Several ids of another record."""
    options.setdefault("policy", "union")
    return _column("refs", label, Json, options, ref=record)


def geo(label: Label, limit: float, **options: Unpack[Options]) -> MappedColumn[Any]:
    """A WGS-84 coordinate in degrees, between -limit and limit; or metres for accuracies."""
    return _column("geo", label, Float(), {"min": -limit, "max": limit, **options})


def metres(label: Label, **options: Unpack[Options]) -> MappedColumn[Any]:
    return _column("geo", label, Float(), {"min": 0, "max": 1e7, **options})


def json(label: Label, **options: Unpack[Options]) -> MappedColumn[Any]:
    return _column("json", label, Json, options)


def photo(label: Label, **options: Unpack[Options]) -> MappedColumn[Any]:
    """The id of a photo (`Photo`)."""
    return _column("photo", label, String(36), options, ref="photo")


def files(label: Label, **options: Unpack[Options]) -> MappedColumn[Any]:
    """Ids of files (`Attachment`)."""
    options.setdefault("policy", "union")
    return _column("files", label, Json, options, ref="attachment")


def own_values() -> MappedColumn[Any]:
    """The values of the company's own fields by their keys (server/records/own.py); a record that has this column may
    have own fields. It never leaves the server as it is: who may have which value is decided for each."""
    return _column(
        "json", Label("自定义字段", "自訂欄位", "Own fields"), OwnValues, {"secret": True, "readonly": True}
    )
