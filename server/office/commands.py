"""Writes of notices: written, published, withdrawn, read, deleted, brought back (BUSINESS.md, OF-1)."""

from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import select

from server.office import schedules  # noqa: F401 - its rules count
from server.office.holding import AUDIENCE, forget_holders, write_audience
from server.office.models import Notice, NoticeReader
from server.office.reminders import nothing_to_read, tell_people
from server.people.models import Employee
from server.records.commands import Context, command
from server.records.editing import DeleteArgs, check_id, on_create, on_edit, standard_commands
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.loading import QUIETLY, flush_for

#: How long a deleted notice can be brought back.
KEPT = timedelta(days=30)
_STEP = 200

error_texts(
    {
        "notice_audience": L(
            "请选择发给哪些部门或角色", "請選擇發給哪些部門或角色", "Choose the departments or roles it is for"
        ),
        "notice_over": L(
            "“显示到”已经过去，请改日期或清空",
            "「顯示到」已經過去，請改日期或清空",
            "The day it is shown until has passed; choose a later one, or none",
        ),
        "notice_deleted": L(
            "公告已删除，请先恢复", "公告已刪除，請先還原", "The notice was deleted; bring it back first"
        ),
        "notice_too_late": L(
            "公告删除已超过 30 天，不能恢复",
            "公告刪除已超過 30 天，不能還原",
            "The notice was deleted more than 30 days ago and cannot be brought back",
        ),
    }
)

standard_commands(Notice, delete=False)
# NoticeReader has none: reading a notice writes its rows.


class ReadArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`id`: of the line that says so, where there is none yet."""

    id: str
    notice_id: str


class NoArgs(msgspec.Struct, forbid_unknown_fields=True):
    pass


@on_create(Notice)
def written(context: Context, notice: Notice) -> None:
    """A draft, which only its author has."""
    notice.state, notice.publisher_id = "draft", context.actor.employee_id
    notice.published_at = notice.deleted_at = None
    _check_audience(notice)
    write_audience(context, notice)
    AUDIENCE.refresh(context, notice.id)


@on_edit(Notice)
def edited(context: Context, notice: Notice, changed: dict[str, tuple[Any, Any]]) -> None:
    """What is published changes for everybody who has it; whom it is for from now on is told. 422 notice_deleted."""
    if not changed:
        return
    if notice.deleted_at is not None:
        raise Rejected("notice_deleted", field="id")
    if {"audience", "department_ids", "role_ids"} & changed.keys():
        _check_audience(notice)
        write_audience(context, notice)
        AUDIENCE.refresh(context, notice.id)
        if notice.state == "published":
            tell_people(context, notice)


def _check_audience(notice: Notice) -> None:
    if notice.audience == "some" and not (notice.department_ids or notice.role_ids):
        raise Rejected("notice_audience", field="department_ids")


@command("notice.publish", DeleteArgs, permission="notice.publish")
def publish(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Gives a notice to whom it is for, and tells them. 422 notice_deleted, notice_over."""
    notice = context.need(Notice, args.id, "publish")
    if notice.deleted_at is not None:
        raise Rejected("notice_deleted", field="id")
    if notice.state != "published":
        if notice.until is not None and notice.until < context.today:
            raise Rejected("notice_over", field="until")
        notice.state, notice.published_at = "published", context.now
        notice.publisher_id = context.actor.employee_id
        AUDIENCE.refresh(context, notice.id)
        tell_people(context, notice)
    return {"id": notice.id, "state": notice.state}


@command("notice.withdraw", DeleteArgs, permission="notice.publish")
def withdraw(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Takes a notice from everybody but its publisher, who may change it and publish it again."""
    notice = context.need(Notice, args.id, "publish")
    if notice.state == "published":
        notice.state = "withdrawn"
        AUDIENCE.refresh(context, notice.id)
        nothing_to_read(context, notice)
    return {"id": notice.id, "state": notice.state}


@command("notice.read", ReadArgs, permission="notice.view", fact=True)
def read(context: Context, args: ReadArgs) -> dict[str, Any]:
    """Notes that one has read a notice; the first time counts. One that is gone meanwhile is passed over."""
    notice = context.find(Notice, args.notice_id)
    me = context.actor.employee_id
    if notice is None or notice.state != "published" or not context.may(notice, "view"):
        return {"read": False}
    nothing_to_read(context, notice, me)
    if _reader(context, notice.id) is not None:
        return {"read": False}
    at = context.claimed_time()
    context.add(NoticeReader(id=check_id(args.id), notice_id=notice.id, reader_id=me, read_at=at))
    return {"read": True}


# unrestricted: one's own line
def _reader(context: Context, notice_id: str) -> NoticeReader | None:
    """One's own line; oneself is locked, so two of one's devices do not make two."""
    context.get(Employee, context.actor.employee_id)
    flush_for(context.session, NoticeReader)
    mine = select(NoticeReader).where(
        NoticeReader.notice_id == notice_id, NoticeReader.reader_id == context.actor.employee_id
    )
    return context.session.scalar(mine, execution_options=QUIETLY)


@command("notice.delete", DeleteArgs, permission="notice.delete")
def remove(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Takes a notice away; it can be brought back for 30 days."""
    notice = context.need(Notice, args.id, "delete")
    if notice.deleted_at is None:
        notice.deleted_at = context.now
        AUDIENCE.refresh(context, notice.id)
        nothing_to_read(context, notice)
    return {"id": notice.id}


@command("notice.restore", DeleteArgs, permission="notice.delete")
def restore(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Brings a deleted notice back as it was. 422 notice_too_late after 30 days."""
    notice = context.need(Notice, args.id, "delete")
    if notice.deleted_at is not None:
        if context.now - notice.deleted_at > KEPT:
            raise Rejected("notice_too_late", field="id")
        notice.deleted_at = None
        AUDIENCE.refresh(context, notice.id)
    return {"id": notice.id}


@command("notice.purge", NoArgs, internal=True)
# unrestricted: removes what nobody sees any more
def purge(context: Context, args: NoArgs) -> dict[str, Any]:
    """Removes notices that were deleted more than 30 days ago, with who had read them, some a step."""
    old = select(Notice).where(Notice.deleted_at < context.now - KEPT).order_by(Notice.id).limit(_STEP + 1)
    found = list(context.session.scalars(old))
    gone = found[:_STEP]
    for line in context.session.scalars(
        select(NoticeReader).where(NoticeReader.notice_id.in_([one.id for one in gone]))
    ):
        context.session.delete(line)
    forget_holders(context, [one.id for one in gone])
    for notice in gone:
        context.session.delete(notice)
    context.session.flush()
    return {"removed": len(gone), "more": len(found) > _STEP}
