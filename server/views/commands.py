"""Writes of saved views: save, delete, bring back, and choose which one to start with."""

import re
from datetime import timedelta
from typing import Annotated, Any

import msgspec
from sqlalchemy import select

from server.people.models import Department, Role
from server.records import own
from server.records.commands import Context, command
from server.records.editing import DeleteArgs, check_id
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.listing import is_named_filter
from server.records.record import Record, is_record, record_named, visible_fields
from server.views.holding import AUDIENCE
from server.views.models import AUDIENCES, SavedView, ViewChoice

#: How long a deleted view can be brought back.
KEPT = timedelta(days=30)
_STEP = 200
MOST_VIEWS = 100
_OPERATORS = {"", "ge", "gt", "le", "lt", "in", "ne", "like", "empty", "idle_days"}
_BASE = re.compile(r"[a-z][a-z0-9_]{0,29}", re.ASCII)

error_texts(
    {
        "view_malformed": L("视图内容有误", "檢視內容有誤", "The view is not understood"),
        "too_many_views": L(
            "每个人最多保存 {max} 个视图，请先删除不用的",
            "每個人最多儲存 {max} 個檢視，請先刪除不用的",
            "At most {max} views can be saved; delete one that is not used",
        ),
        "view_audience": L(
            "请选择和谁共享", "請選擇和誰共享", "Choose whom the view is shared with"
        ),
        "view_too_late": L(
            "视图删除已超过 30 天，不能恢复",
            "檢視刪除已超過 30 天，不能還原",
            "The view was deleted more than 30 days ago and cannot be brought back",
        ),
    }
)  # fmt: skip

Short = Annotated[str, msgspec.Meta(max_length=40)]


class SaveArgs(msgspec.Struct, forbid_unknown_fields=True):
    """A view as it is from now on. `filters`: `field` or `field__operator` → text, as in the address of the list."""

    id: str
    record_type: Short
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    audience: str = "private"
    role_id: str | None = None
    department_id: str | None = None
    base: str | None = None
    q: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    filters: Annotated[dict[str, Annotated[str, msgspec.Meta(max_length=2000)]], msgspec.Meta(max_length=40)] = {}
    sort: Annotated[str, msgspec.Meta(max_length=80)] | None = None
    columns: Annotated[list[Annotated[str, msgspec.Meta(max_length=60)]], msgspec.Meta(max_length=100)] | None = None


class ChooseArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`id` of the choice where there is none yet. `view`: a saved view's id, a quick view's name, or none."""

    id: str
    record_type: Short
    view: Annotated[str, msgspec.Meta(max_length=36)] | None = None


class NoArgs(msgspec.Struct, forbid_unknown_fields=True):
    pass


@command("saved_view.save", SaveArgs, permission="saved_view.create")
def save(context: Context, args: SaveArgs) -> dict[str, Any]:
    """Saves a view, or changes one that is there: the whole of it, by whoever made it. Sharing needs `saved_view.share`.
    422 view_malformed, unknown_field, view_audience, too_many_views."""
    record = _record(args.record_type)
    name = " ".join(args.name.split())
    if not name or (args.base is not None and not _BASE.fullmatch(args.base)):
        raise Rejected("view_malformed", field="name" if not name else "base")
    _check_fields(context, record, args)
    view = context.find(SavedView, check_id(args.id))
    if view is None:
        _refuse_too_many(context)
        me = context.actor.employee_id
        view = SavedView(id=args.id, owner_id=me, record_type=args.record_type, name=name)
        was: tuple[str, str | None, str | None] = ("private", None, None)
    else:
        view = context.need(SavedView, args.id, "edit")
        if view.record_type != args.record_type:
            raise Rejected("view_malformed", field="record_type")
        was = (view.audience, view.role_id, view.department_id)
    now = _audience(context, args)
    if now != was and now[0] != "private":
        context.actor.require("saved_view.share")
    view.name, (view.audience, view.role_id, view.department_id) = name, now
    view.base, view.q, view.sort = args.base, args.q or None, args.sort or None
    view.filters, view.columns, view.deleted_at = args.filters, args.columns or None, None
    if view not in context.session:
        context.add(view)
    AUDIENCE.refresh(context, view.id)
    return {"id": view.id}


def _record(name: str) -> type[Record]:
    if not is_record(name) or not record_named(name).spec.generic_routes:
        raise Rejected("view_malformed", field="record_type")
    return record_named(name)


def _check_fields(context: Context, record: type[Record], args: SaveArgs) -> None:
    """Every field must have been one some day: a phone may not know yet that one of the company's own is gone."""
    names = visible_fields(record).keys() | own.catalog(context.session).of(record.__tablename__).keys()
    for key in args.filters:
        field, _, operator = key.partition("__")
        if is_named_filter(record, key):
            continue
        if field not in names or operator not in _OPERATORS:
            raise Rejected("unknown_field", field="filters", name=key[:60])
    for field in [*(args.columns or ()), *([args.sort.removeprefix("-")] if args.sort else ())]:
        if field not in names and field != "id":
            raise Rejected("unknown_field", field="columns", name=field)


def _audience(context: Context, args: SaveArgs) -> tuple[str, str | None, str | None]:
    if args.audience not in AUDIENCES:
        raise Rejected("view_audience", field="audience")
    if args.audience == "role" and not (args.role_id and context.find(Role, args.role_id)):
        raise Rejected("view_audience", field="role_id")
    if args.audience == "department" and not (args.department_id and context.find(Department, args.department_id)):
        raise Rejected("view_audience", field="department_id")
    return (
        args.audience,
        args.role_id if args.audience == "role" else None,
        args.department_id if args.audience == "department" else None,
    )


# unrestricted: one's own views are counted
def _refuse_too_many(context: Context) -> None:
    mine = select(SavedView.id).where(SavedView.owner_id == context.actor.employee_id, SavedView.deleted_at.is_(None))
    if len(context.session.scalars(mine.limit(MOST_VIEWS)).all()) >= MOST_VIEWS:
        raise Rejected("too_many_views", field="name", max=MOST_VIEWS)


@command("saved_view.delete", DeleteArgs, permission="saved_view.delete")
def delete(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Takes a view from everybody who uses it; whoever made it can bring it back for 30 days."""
    view = context.need(SavedView, args.id, "delete")
    if view.deleted_at is None:
        view.deleted_at = context.now
        AUDIENCE.refresh(context, view.id)
    return {"id": view.id}


@command("saved_view.restore", DeleteArgs, permission="saved_view.delete")
def restore(context: Context, args: DeleteArgs) -> dict[str, Any]:
    """Brings a deleted view back, for those it was shared with, too. 422 view_too_late after 30 days."""
    view = context.need(SavedView, args.id, "delete")
    if view.deleted_at is not None:
        if context.now - view.deleted_at > KEPT:
            raise Rejected("view_too_late", field="id")
        view.deleted_at = None
        AUDIENCE.refresh(context, view.id)
    return {"id": view.id}


@command("view_choice.set", ChooseArgs, permission="saved_view.view")
# unrestricted: one's own choice
def choose(context: Context, args: ChooseArgs) -> dict[str, Any]:
    """Says which view one's own list of these records starts with, on every device."""
    _record(args.record_type)
    me = context.actor.employee_id
    choice = context.session.scalar(
        select(ViewChoice).where(ViewChoice.employee_id == me, ViewChoice.record_type == args.record_type)
    )
    if choice is None:
        choice = context.add(ViewChoice(id=check_id(args.id), employee_id=me, record_type=args.record_type))
    choice.view = args.view
    return {"id": choice.id}


@command("saved_view.purge", NoArgs, internal=True)
# unrestricted: removes what nobody sees any more
def purge(context: Context, args: NoArgs) -> dict[str, Any]:
    """Removes views that were deleted more than 30 days ago, some a step."""
    old = select(SavedView).where(SavedView.deleted_at < context.now - KEPT).order_by(SavedView.id).limit(_STEP + 1)
    found = list(context.session.scalars(old))
    for view in found[:_STEP]:
        AUDIENCE.forget(context, [view.id])
        context.session.delete(view)
    context.session.flush()
    return {"removed": len(found[:_STEP]), "more": len(found) > _STEP}
