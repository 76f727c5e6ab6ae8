"""Writes of layouts: arrange the form and the list of one kind of record, or put them back as the product has them."""

import re
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import select

from server.layouts import templates  # noqa: F401 - its commands count
from server.layouts.forms import has_own_fields, may_be_asked, must_show, record_of
from server.layouts.models import RECORD_TYPES, Layout
from server.own.models import OwnFieldRow
from server.records import asked, own
from server.records.commands import Context, command
from server.records.errors import Rejected, error_texts
from server.records.fields import FieldSpec, L
from server.records.ids import uuid7
from server.records.record import visible_fields

_KEY = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)

error_texts(
    {
        "layout_malformed": L("表单或列表的安排有误", "表單或清單的安排有誤", "The arrangement is not understood"),
        "layout_needed": L(
            "“{label}”不能隐藏：没有它无法保存，或有规则要用它",
            "「{label}」不能隱藏：沒有它無法儲存，或有規則要用它",
            "{label} cannot be hidden: nothing can be saved without it, or a rule needs it",
        ),
        "layout_hidden_required": L(
            "“{label}”不能既隐藏又必填",
            "「{label}」不能既隱藏又必填",
            "{label} cannot be hidden and required at once",
        ),
        "layout_not_required": L(
            "“{label}”不能设为必填", "「{label}」不能設為必填", "{label} cannot be made required"
        ),
    }
)  # fmt: skip

Name = Annotated[str, msgspec.Meta(max_length=40)]


class Group(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Without a name: one of the product's, called as it is there."""

    key: Annotated[str, msgspec.Meta(max_length=30)]
    name: Name | None = None
    name_tw: Name | None = None
    name_en: Name | None = None


class Place(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A field of the form. `quick`: in the short form on the phone."""

    field: Annotated[str, msgspec.Meta(max_length=60)]
    group: Annotated[str, msgspec.Meta(max_length=30)]
    required: bool = False
    hidden: bool = False
    quick: bool = False
    width: Literal["half", "full"] | None = None


class Column(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A column of the list; `width` in rem."""

    field: Annotated[str, msgspec.Meta(max_length=60)]
    width: Annotated[float, msgspec.Meta(ge=3, le=40)] | None = None


class SetArgs(msgspec.Struct, forbid_unknown_fields=True):
    """The whole arrangement. Fields that are not named stand at the end of their group, as new ones do."""

    record_type: str
    groups: Annotated[list[Group], msgspec.Meta(max_length=30)] = []
    form: Annotated[list[Place], msgspec.Meta(max_length=300)] = []
    columns: Annotated[list[Column], msgspec.Meta(min_length=1, max_length=100)] | None = None


class ResetArgs(msgspec.Struct, forbid_unknown_fields=True):
    record_type: str


@command("layout.set", SetArgs, permission="company.edit")
def arrange(context: Context, args: SetArgs) -> dict[str, Any]:
    """Arranges form and list of one kind of record, for everybody and with the next sync. What nothing can be saved without
    is neither hidden nor optional. 422 layout_needed, layout_hidden_required, layout_not_required, layout_malformed."""
    row = _row(context, args.record_type)
    declared = visible_fields(record_of(args.record_type))
    mine = {
        name: field
        for name, field in own.catalog(context.session).of(args.record_type).items()
        if field.state == "active" and has_own_fields(args.record_type)
    }
    _check_groups(args)
    # One that was deleted while the page was open is left out.
    form = [place for place in args.form if place.field in declared or place.field in mine]
    unknown = [place.field for place in args.form if place not in form and not own.is_own(place.field)]
    names = [place.field for place in form]
    if unknown or len(set(names)) < len(names):
        raise Rejected("layout_malformed", field="form")
    for place in form:
        if place.field in declared:
            _check(args.record_type, place, declared[place.field])
    columns = args.columns
    if columns is not None:
        columns = [column for column in columns if column.field in declared or column.field in mine]
        shown = [column.field for column in columns]
        if len(set(shown)) < len(shown) or len(shown) == 0:
            raise Rejected("layout_malformed", field="columns")
    _write_own(context, args.record_type, form, columns)
    if row is None:
        row = Layout(id=uuid7(), record_type=args.record_type)
        context.add(row, fresh=True)
    row.groups = [msgspec.to_builtins(group) for group in args.groups]
    row.form = [_stored(place) for place in form]
    row.columns = None if columns is None else [msgspec.to_builtins(column) for column in columns]
    asked.forget(context.session)
    return {"id": row.id}


@command("layout.reset", ResetArgs, permission="company.edit")
def reset(context: Context, args: ResetArgs) -> dict[str, Any]:
    """Puts form and list back as the product has them; the company's own fields stay required, hidden and listed as they
    are."""
    row = _row(context, args.record_type)
    if row is not None:
        context.session.delete(row)
        context.session.flush()
        asked.forget(context.session)
    return {"record_type": args.record_type}


# unrestricted: forms are everybody's
def _row(context: Context, record_type: str) -> Layout | None:
    if record_type not in RECORD_TYPES:
        raise Rejected("layout_malformed", field="record_type")
    return context.session.scalar(select(Layout).where(Layout.record_type == record_type))


def _check_groups(args: SetArgs) -> None:
    keys = [group.key for group in args.groups]
    if len(set(keys)) < len(keys) or not all(_KEY.fullmatch(key) for key in keys):
        raise Rejected("layout_malformed", field="groups")
    for group in args.groups:
        for label in ("name", "name_tw", "name_en"):
            text = (getattr(group, label) or "").strip()
            setattr(group, label, text or None)
    if not all(_KEY.fullmatch(place.group) for place in args.form):
        raise Rejected("layout_malformed", field="form")


def _check(record_type: str, place: Place, spec: FieldSpec) -> None:
    label = spec.label
    if place.hidden and must_show(record_type, place.field, spec):
        raise Rejected("layout_needed", field="form", label=label)
    if place.hidden and place.required:
        raise Rejected("layout_hidden_required", field="form", label=label)
    if place.required and not spec.required and not may_be_asked(record_type, place.field, spec):
        raise Rejected("layout_not_required", field="form", label=label)


def _stored(place: Place) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(place)
    if own.is_own(place.field):
        for flag in ("required", "hidden", "quick"):
            found.pop(flag, None)
    return found


# unrestricted: the administrator's own page
def _write_own(context: Context, record_type: str, form: list[Place], columns: list[Column] | None) -> None:
    """What is said of own fields stands in them."""
    places = {place.field: (at, place) for at, place in enumerate(form, 1) if own.is_own(place.field)}
    listed = None if columns is None else {column.field for column in columns}
    statement = select(OwnFieldRow).where(OwnFieldRow.record_type == record_type, OwnFieldRow.state == "active")
    for row in context.session.scalars(statement):
        name = own.PREFIX + row.key
        wanted: dict[str, Any] = {}
        if name in places:
            at, place = places[name]
            if place.required and place.hidden and row.default_value is None:
                raise Rejected("layout_hidden_required", field="form", label=row.name)
            if place.required and row.kind in ("photo", "file"):
                raise Rejected("layout_not_required", field="form", label=row.name)
            wanted = {"sort": at * 10, "required": place.required, "hidden": place.hidden, "quick": place.quick}
        if listed is not None:
            wanted["listed"] = name in listed
        for flag, value in wanted.items():
            if getattr(row, flag) != value:
                setattr(row, flag, value)
    own.forget(context.session)
