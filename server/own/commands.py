"""Writes of own fields: declare, change, put in order, delete, restore."""

import re
from typing import Annotated, Any

import msgspec
from sqlalchemy import select

import server.own.tables  # noqa: F401 - the commands of tables
from server.own.models import RIGHTS, OwnFieldRow, OwnTable
from server.own.values import clear_step
from server.people.models import Employee, Role
from server.records import own
from server.records.commands import Context, command
from server.records.editing import DeleteArgs, on_create, on_edit, standard_commands
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.record import column_of, fields_of, record_named
from server.records.values import parse
from sync import access

standard_commands(OwnFieldRow, delete=False)

MOST_FIELDS, MOST_CHOICES = 60, 200
#: Two underscores divide a field from an operator in filters.
_KEY = re.compile(r"(?=.{1,30}$)[a-z][a-z0-9]*(_[a-z0-9]+)*", re.ASCII)

error_texts(
    {
        "own_name_taken": L("已有字段“{name}”", "已有欄位「{name}」", "There is already a field “{name}”"),
        "own_key_taken": L(
            "键“{key}”已用过，不能再用", "鍵「{key}」已用過，不能再用", "The key {key} was used before and is not used again"
        ),
        "own_key_malformed": L(
            "键只能用小写字母、数字和单个下划线，以字母开头",
            "鍵只能用小寫字母、數字和單個底線，以字母開頭",
            "A key has small letters, digits and single _, and begins with a letter",
        ),
        "own_too_many": L(
            "每种资料最多 {max} 个自定义字段", "每種資料最多 {max} 個自訂欄位", "At most {max} own fields for each kind of record"
        ),
        "own_choices_malformed": L(
            "选项有误：1 到 {most} 个，名称不能为空或重复",
            "選項有誤：1 到 {most} 個，名稱不能為空或重複",
            "The choices are not understood: 1 to {most}, each with a name of its own",
        ),
        "own_choice_removed": L(
            "选项“{name}”不能删除，可以停用；已有的值仍可查看",
            "選項「{name}」不能刪除，可以停用；已有的值仍可檢視",
            "The choice {name} cannot be removed; retire it, and existing values stay readable",
        ),
        "own_rights_malformed": L("角色权限有误", "角色權限有誤", "The rights of roles are not understood"),
        "own_hidden_required": L(
            "隐藏的字段没有默认值时不能设为必填",
            "隱藏的欄位沒有預設值時不能設為必填",
            "A hidden field without a default cannot be required",
        ),
        "own_files_of_customers": L(
            "只有属于客户的数据表才能有照片和文件",
            "只有屬於客戶的資料表才能有照片和檔案",
            "Only tables whose rows belong to customers have photos and files",
        ),
        "own_not_active": L("字段已被删除，请先恢复", "欄位已被刪除，請先還原", "The field was deleted; restore it first"),
        "own_purged": L(
            "字段的值已超过 30 天被清除，不能恢复",
            "欄位的值已超過 30 天被清除，不能還原",
            "The values are gone after 30 days; the field cannot be restored",
        ),
    }
)  # fmt: skip


class Choice(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One entry. Without a key it is new and gets one."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    key: Annotated[str, msgspec.Meta(max_length=30)] = ""
    name_tw: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    name_en: Annotated[str, msgspec.Meta(max_length=60)] | None = None
    retired: bool = False


class OrderArgs(msgspec.Struct, forbid_unknown_fields=True):
    """The fields of one kind of record in the order they shall have."""

    ids: Annotated[list[str], msgspec.Meta(min_length=1, max_length=200)]


class NoArgs(msgspec.Struct, forbid_unknown_fields=True):
    pass


@on_create(OwnFieldRow)
def new_field(context: Context, row: OwnFieldRow) -> None:
    _check_table(context, row)
    row.key = row.key or f"f_{row.id[-8:]}"
    if not _KEY.fullmatch(row.key):
        raise Rejected("own_key_malformed", field="key")
    others = _others(context, row)
    if any(other.key == row.key for other in others):
        raise Rejected("own_key_taken", field="key", key=row.key)
    if sum(other.state == "active" and other.table_id == row.table_id for other in others) >= MOST_FIELDS:
        raise Rejected("own_too_many", field="record_type", max=MOST_FIELDS)
    _check(context, row, [])


def _check_table(context: Context, row: OwnFieldRow) -> None:
    """A field of an own table names it, others have none. Files are kept with customers."""
    if row.record_type != "own_row":
        row.table_id = None
        return
    table = context.find(OwnTable, row.table_id)
    if table is None:
        raise Rejected("required", field="table_id", label=fields_of(OwnFieldRow)["table_id"].label)
    if table.place != "customer" and row.kind in ("photo", "file", "mixed"):
        raise Rejected("own_files_of_customers", field="kind")


@on_edit(OwnFieldRow)
def changed_field(context: Context, row: OwnFieldRow, changed: dict[str, tuple[Any, Any]]) -> None:
    if changed and row.state != "active":
        raise Rejected("own_not_active", field="id")
    before = changed["choices"][0] if "choices" in changed else row.choices
    _check(context, row, before or [])
    if {"rights", "others"} & changed.keys():
        _send_again(context, row, changed)


def _send_again(context: Context, row: OwnFieldRow, changed: dict[str, tuple[Any, Any]]) -> None:
    """Devices fill in and drop the column by themselves. What is about the field, e.g. a conflict, comes to people whose
    right was given, and goes from those whose right was taken, with all they hold: it is rare."""
    now = {"rights": row.rights, "others": row.others}
    was = {name: changed[name][0] if name in changed else value for name, value in now.items()}
    name = own.PREFIX + row.key
    abouts = [record_named(about) for about in own.ABOUT_FIELDS]
    if not any(
        context.session.scalar(
            select(about.id)
            .where(column_of(about, "record_type") == row.record_type, column_of(about, "field") == name)
            .limit(1)
        )
        for about in abouts
    ):
        return
    roles = [role for role in context.session.scalars(select(Role.id)) if _hides(was, role) != _hides(now, role)]
    access.resend(context.session, context.session.scalars(select(Employee.id).where(Employee.role_id.in_(roles))))


def _hides(field: dict[str, Any], role_id: str) -> bool:
    return bool((field["rights"] or {}).get(role_id, field["others"]) == "hidden")


def _others(context: Context, row: OwnFieldRow) -> list[OwnFieldRow]:
    """The other fields of the same records, deleted ones too."""
    statement = select(OwnFieldRow).where(OwnFieldRow.record_type == row.record_type, OwnFieldRow.id != row.id)
    return list(context.session.scalars(statement))


def _check(context: Context, row: OwnFieldRow, before: list[dict[str, Any]]) -> None:
    labels = {label for spec in fields_of(record_named(row.record_type)).values() for label in spec.label}
    others = [other for other in _others(context, row) if other.table_id == row.table_id]
    if row.name in labels or any(other.name == row.name and other.state == "active" for other in others):
        raise Rejected("own_name_taken", field="name", name=row.name)
    row.choices = _choices(row, before) if row.kind in ("choice", "choices") else None
    row.rights = _rights(context, row.rights)
    row.search = bool(row.search) and row.kind in ("text", "longtext")
    if row.kind in ("photo", "file"):
        row.required = False  # a photo or a file comes when the record is there
    if row.kind in ("file", "mixed"):
        row.default_value = None
    own.forget(context.session)
    context.session.flush()
    field = own.catalog(context.session).of(row.record_type)[own.PREFIX + row.key]
    if row.default_value in ("", []):
        row.default_value = None
    if row.default_value is not None:
        value = parse("default_value", field.spec, row.default_value)
        if field.retired & set(value if isinstance(value, list) else [value]):
            row.default_value = None
    if row.required and row.hidden and row.default_value is None:
        raise Rejected("own_hidden_required", field="required")


def _choices(row: OwnFieldRow, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries with their keys. One that was there stays: its key stands in values."""
    try:
        found = msgspec.convert(row.choices, list[Choice])
    except msgspec.ValidationError as error:
        raise Rejected("own_choices_malformed", field="choices", most=MOST_CHOICES) from error
    names = [choice.name.strip() for choice in found]
    if not 0 < len(found) <= MOST_CHOICES or not all(names) or len(set(names)) < len(names):
        raise Rejected("own_choices_malformed", field="choices", most=MOST_CHOICES)
    known = {choice["key"]: choice for choice in before}
    taken = {choice.key for choice in found} | known.keys()
    for choice, name in zip(found, names, strict=True):
        choice.name = name
        if choice.key and choice.key not in known and not _KEY.fullmatch(choice.key):
            raise Rejected("own_key_malformed", field="choices")
        if not choice.key:
            choice.key = next(key for n in range(1, 2 * MOST_CHOICES + 2) if (key := f"c{n}") not in taken)
            taken.add(choice.key)
    keys = [choice.key for choice in found]
    if len(set(keys)) < len(keys):
        raise Rejected("own_choices_malformed", field="choices", most=MOST_CHOICES)
    for key, entry in known.items():
        if key not in keys:
            raise Rejected("own_choice_removed", field="choices", name=entry["name"])
    return [msgspec.to_builtins(choice) for choice in found]


def _rights(context: Context, rights: Any) -> dict[str, str] | None:
    if not rights:
        return None
    if not isinstance(rights, dict) or not all(right in RIGHTS for right in rights.values()):
        raise Rejected("own_rights_malformed", field="rights")
    roles = set(context.session.scalars(select(Role.id).where(Role.id.in_([str(role) for role in rights]))))
    if roles != set(rights):
        raise Rejected("own_rights_malformed", field="rights")
    return rights


@command("own_field.order", OrderArgs, permission="company.edit")
def order(context: Context, args: OrderArgs) -> dict[str, Any]:
    """Puts the fields of one kind of record into this order."""
    for place, row_id in enumerate(dict.fromkeys(args.ids), 1):
        row = context.need(OwnFieldRow, row_id, "edit")
        if row.sort != place * 10:
            row.sort = place * 10
    own.forget(context.session)
    return {"ids": args.ids}


@command("own_field.delete", DeleteArgs, permission="company.delete")
def delete(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Takes a field out of use. Its values are seen nowhere any more and are kept for 30 days."""
    row = context.need(OwnFieldRow, args.id, "delete")
    if row.state == "active":
        row.state, row.deleted_at, row.deleted_by = "deleted", context.now, context.actor.employee_id
        own.forget(context.session)
    return {"id": row.id}


@command("own_field.restore", DeleteArgs, permission="company.delete")
def restore(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Brings a deleted field back with its values. 422 own_purged after 30 days."""
    row = context.need(OwnFieldRow, args.id, "delete")
    if row.state == "purged":
        raise Rejected("own_purged", field="id")
    if row.state == "deleted":
        row.state, row.deleted_at, row.deleted_by = "active", None, None
        _check(context, row, row.choices or [])
    return {"id": row.id}


@command("own_field.purge", NoArgs, internal=True)
def purge(context: Context, args: NoArgs) -> dict[str, Any]:
    """A step of removing values of fields that were deleted more than 30 days ago."""
    old = select(OwnFieldRow).where(OwnFieldRow.state == "deleted", OwnFieldRow.deleted_at < context.now - own.KEPT)
    for row in context.session.scalars(old):
        row.state = "purged"
    context.session.flush()
    own.forget(context.session)
    for row in context.session.scalars(select(OwnFieldRow).where(OwnFieldRow.state == "purged")):
        if cleared := clear_step(context, row):
            return {"cleared": cleared, "more": True}
    return {"cleared": 0, "more": False}
