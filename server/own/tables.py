"""Writes of the company's own tables and of their rows: declare, change, delete and bring back."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, String, and_, cast, func, or_, select

from server.own.models import OwnRow, OwnTable
from server.people.models import Employee, Role
from server.records import own
from server.records.actor import Actor
from server.records.commands import Context, command
from server.records.editing import DeleteArgs, on_create, on_edit, standard_commands
from server.records.errors import Forbidden, Rejected, error_texts
from server.records.fields import L
from server.records.record import column_of, fields_of
from server.records.visibility import also_visible, only_where
from sync import access

standard_commands(OwnTable, delete=False)
standard_commands(OwnRow, delete=False, fact=True)

OPERATIONS = ("view", "create", "edit", "delete", "export")
MOST_TABLES = 60
#: Rows that are removed for good in one transaction.
_STEP = 500

error_texts(
    {
        "own_table_name_taken": L("已有数据表“{name}”", "已有資料表「{name}」", "There is already a table “{name}”"),
        "own_table_too_many": L("最多 {max} 个自定义数据表", "最多 {max} 個自訂資料表", "At most {max} own tables"),
        "own_table_deleted": L(
            "数据表“{name}”已被删除，您填写的内容保留到 {until}，恢复数据表后即可看到",
            "資料表「{name}」已被刪除，您填寫的內容保留到 {until}，還原資料表後即可看到",
            "The table “{name}” was deleted; what you wrote is kept until {until} and shows when the table is restored",
        ),
        "own_table_gone": L(
            "数据表“{name}”已被删除，请先恢复",
            "資料表「{name}」已被刪除，請先還原",
            "The table “{name}” was deleted; restore it first",
        ),
        "own_table_purged": L(
            "数据表的内容已超过 30 天被清除，不能恢复",
            "資料表的內容已超過 30 天被清除，不能還原",
            "The rows are gone after 30 days; the table cannot be restored",
        ),
        "own_table_not_yours": L(
            "您的角色不能在“{name}”里新增",
            "您的角色不能在「{name}」裡新增",
            "Your role may not add rows to “{name}”",
        ),
        "own_row_deleted": L(
            "“{title}”已被删除，您的修改保留到 {until}，恢复后即可看到",
            "「{title}」已被刪除，您的修改保留到 {until}，還原後即可看到",
            "“{title}” was deleted; your change is kept until {until} and shows when it is brought back",
        ),
        "own_row_gone": L(
            "“{title}”已被删除，请先恢复",
            "「{title}」已被刪除，請先還原",
            "“{title}” was deleted; bring it back first",
        ),
        "own_row_too_late": L(
            "删除已超过 {days} 天，不能恢复",
            "刪除已超過 {days} 天，不能還原",
            "It was deleted more than {days} days ago and cannot be brought back",
        ),
    }
)


class NoArgs(msgspec.Struct, forbid_unknown_fields=True):
    pass


@only_where(OwnRow, OwnTable.__tablename__)
# unrestricted: what a table grants is asked for rows, not read
def within_table(actor: Actor, operation: str) -> ColumnElement[bool]:
    """The rows of tables in which the actor's role may do this. Those of a deleted table are seen by nobody and stay on
    devices, as long as they can be brought back."""
    # A list of words, as text: no word is part of another.
    rights = column_of(OwnTable, "rights")
    said = func.coalesce(rights[actor.role_id or ""].as_string(), rights["others"].as_string())
    rules: list[ColumnElement[bool]] = [
        cast(said, String).like(f'%"{"view" if operation == "hold" else operation}"%')
    ]
    if operation in ("view", "export"):
        rules.append(OwnTable.state == "active")
    return OwnRow.table_id.in_(select(OwnTable.id).where(*rules))


@also_visible(OwnRow, "company")
def of_the_company(actor: Actor, operation: str) -> ColumnElement[bool] | None:
    """What belongs to nobody everybody reads who may see the table."""
    if operation not in ("view", "export"):
        return None
    return and_(OwnRow.customer_id.is_(None), OwnRow.owner_id.is_(None))


# -- tables


@on_create(OwnTable)
def new_table(context: Context, table: OwnTable) -> None:
    """Without a word of rights, everybody may do in it what his role lets him do with rows at all."""
    if table.rights is None:
        table.rights = {"others": list(OPERATIONS)}
    if sum(other.state == "active" for other in _others(context, table)) >= MOST_TABLES:
        raise Rejected("own_table_too_many", field="name", max=MOST_TABLES)
    _check(context, table)


@on_edit(OwnTable)
def changed_table(context: Context, table: OwnTable, changed: dict[str, tuple[Any, Any]]) -> None:
    if changed and table.state != "active":
        raise Rejected("own_table_gone", field="id", name=table.name)
    _check(context, table)
    if "rights" in changed:
        _send_again(context, changed["rights"][0] or {}, table.rights or {})


def _others(context: Context, table: OwnTable) -> list[OwnTable]:
    return list(context.session.scalars(select(OwnTable).where(OwnTable.id != table.id)))


def _check(context: Context, table: OwnTable) -> None:
    if any(other.name == table.name and other.state == "active" for other in _others(context, table)):
        raise Rejected("own_table_name_taken", field="name", name=table.name)
    table.rights = _rights(context, table.rights)
    own.forget(context.session)


def _rights(context: Context, rights: Any) -> dict[str, list[str]]:
    """The rights as they are kept: whoever may do anything may see; what nobody else may is said as well."""
    if not isinstance(rights, dict) or not all(
        isinstance(given, list) and all(one in OPERATIONS for one in given) for given in rights.values()
    ):
        raise Rejected("own_rights_malformed", field="rights")
    # A role that is no more has nobody to do anything.
    known = set(context.session.scalars(select(Role.id)))
    whole = {"others": [], **{role: given for role, given in rights.items() if role in known or role == "others"}}
    return {
        role: [one for one in OPERATIONS if one in given or (one == "view" and given)]
        for role, given in whole.items()
    }


def _send_again(context: Context, before: dict[str, list[str]], now: dict[str, list[str]]) -> None:
    """The rows come to people whose role was let in, and go from those whose role was shut out, with all they hold."""

    def sees(rights: dict[str, list[str]], role: str) -> bool:
        return "view" in own.granted(rights, role)

    roles = [role for role in context.session.scalars(select(Role.id)) if sees(before, role) != sees(now, role)]
    access.resend(context.session, context.session.scalars(select(Employee.id).where(Employee.role_id.in_(roles))))


@command("own_table.delete", DeleteArgs, permission="company.delete")
def delete_table(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Takes a table out of use. Its rows are seen nowhere any more and are kept for 30 days."""
    table = context.need(OwnTable, args.id, "delete")
    if table.state == "active":
        _take_away(context, table)
    return {"id": table.id}


def _take_away(context: Context, table: OwnTable) -> None:
    table.state, table.deleted_at, table.deleted_by = "deleted", context.now, context.actor.employee_id


@command("own_table.restore", DeleteArgs, permission="company.delete")
def restore_table(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Brings a deleted table back with its rows. 422 own_table_purged after 30 days, own_table_name_taken."""
    table = context.need(OwnTable, args.id, "delete")
    if table.state == "purged":
        raise Rejected("own_table_purged", field="id")
    if table.state == "deleted":
        table.state, table.deleted_at, table.deleted_by = "active", None, None
        _check(context, table)
    return {"id": table.id}


# -- rows


@on_create(OwnRow)
def new_row(context: Context, row: OwnRow) -> None:
    """Its place is that of its table. What a phone wrote for a table that was deleted meanwhile is kept with the rest."""
    table = context.get(OwnTable, row.table_id, lock=False)
    if not context.actor.is_system and "create" not in own.granted(table.rights or {}, context.actor.role_id):
        raise Forbidden("own_table_not_yours", name=table.name)
    row.owner_id = None
    if table.place == "customer":
        if row.customer_id is None:
            raise Rejected("required", field="customer_id", label=fields_of(OwnRow)["customer_id"].label)
    else:
        row.customer_id = None
    if table.place == "person":
        row.owner_id = context.actor.employee_id
    elif table.place == "company" and context.actor.scope("own_row.create") != "all":
        raise Forbidden("own_table_not_yours", name=table.name)
    _keep_for_later(context, table)


@on_edit(OwnRow)
def changed_row(context: Context, row: OwnRow, changed: dict[str, tuple[Any, Any]]) -> None:
    if not changed:
        return
    _keep_for_later(context, context.get(OwnTable, row.table_id, lock=False))
    if row.deleted_at is not None:
        if not context.pushed:
            raise Rejected("own_row_gone", field="id", title=row.title)
        context.adjusted("own_row_deleted", title=row.title, until=str((row.deleted_at + own.KEPT).date()))


def _keep_for_later(context: Context, table: OwnTable) -> None:
    """At the desk nobody writes into a table that is not there. What a phone sends is kept as long as if the table had
    been deleted now, where its time is over already."""
    if table.state == "active":
        return
    if not context.pushed:
        raise Rejected("own_table_gone", field="table_id", name=table.name)
    if table.state == "purged":
        table = context.get(OwnTable, table.id)
        _take_away(context, table)
    assert table.deleted_at is not None
    context.adjusted("own_table_deleted", name=table.name, until=str((table.deleted_at + own.KEPT).date()))


@command("own_row.delete", DeleteArgs, permission="own_row.delete")
def delete_row(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Takes a row away; for 30 days it can be brought back."""
    row = context.need(OwnRow, args.id, "delete")
    if row.deleted_at is None:
        row.deleted_at, row.deleted_by = context.now, context.actor.employee_id
    return {"id": row.id}


@command("own_row.restore", DeleteArgs, permission="own_row.delete")
def restore_row(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Brings a deleted row back. 422 own_row_too_late."""
    row = context.need(OwnRow, args.id, "delete")
    if _is_late(context, row):
        raise Rejected("own_row_too_late", field="id", days=own.KEPT.days)
    row.deleted_at = row.deleted_by = None
    return {"id": row.id}


def _is_late(context: Context, row: OwnRow) -> bool:
    return row.deleted_at is not None and row.deleted_at < context.now - own.KEPT


@command("own_row.purge", NoArgs, internal=True)
def purge(context: Context, args: NoArgs) -> dict[str, Any]:
    """A step of removing rows that were deleted, or whose table was, more than 30 days ago."""
    since = context.now - own.KEPT
    for table in context.session.scalars(
        select(OwnTable).where(OwnTable.state == "deleted", OwnTable.deleted_at < since)
    ):
        table.state = "purged"
    context.session.flush()
    gone = select(OwnTable.id).where(OwnTable.state == "purged")
    old: Sequence[OwnRow] = context.session.scalars(
        select(OwnRow)
        .where(or_(OwnRow.deleted_at < since, OwnRow.table_id.in_(gone)))
        .order_by(OwnRow.id)
        .limit(_STEP)
    ).all()
    for row in old:
        context.session.delete(row)
    return {"removed": len(old), "more": len(old) == _STEP}
