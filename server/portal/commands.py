"""Writes of start pages: arrange one's own, and what people of a role begin with."""

import re
from typing import Annotated, Any

import msgspec
from sqlalchemy import select

from server.people.models import Role
from server.portal.models import RoleStartPage, StartPage
from server.records.commands import Context, command
from server.records.editing import check_id, on_delete
from server.records.errors import Rejected, error_texts
from server.records.fields import L
from server.records.ids import uuid7

#: `area.part`. Which parts there are, the app says: one that is older or newer than the server keeps what it knows.
_PART = re.compile(r"[a-z][a-z0-9_]{0,29}\.[a-z][a-z0-9_]{0,29}", re.ASCII)

error_texts(
    {
        "start_page_malformed": L(
            "首页的安排有误，请刷新后重新调整",
            "首頁的安排有誤，請重新整理後再調整",
            "The arrangement of the start page is not understood; reload and arrange it again",
        ),
    }
)  # fmt: skip


class Part(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """`shown`: only what somebody has said; without it the part is there where the app has it by itself."""

    part: Annotated[str, msgspec.Meta(max_length=61)]
    shown: bool | None = None


Parts = Annotated[list[Part], msgspec.Meta(max_length=80)] | None


class SetArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`id` of the arrangement where there is none yet. `parts` null: as the role has it."""

    id: str
    parts: Parts = None


class RoleArgs(msgspec.Struct, forbid_unknown_fields=True):
    """`parts` null: as the product has it."""

    role_id: str
    parts: Parts = None


@command("start_page.set", SetArgs, permission="saved_view.view")
# unrestricted: one's own page
def arrange(context: Context, args: SetArgs) -> dict[str, Any]:
    """Arranges one's own start page, the whole of it and on every device; the last one counts. 422 start_page_malformed."""
    parts = _stored(args.parts)
    me = context.actor.employee_id
    page = context.session.scalar(select(StartPage).where(StartPage.employee_id == me))
    if page is None:
        page = context.add(StartPage(id=check_id(args.id), employee_id=me))
    page.parts = parts
    return {"id": page.id}


@command("role_start_page.set", RoleArgs, permission="role.edit")
# unrestricted: what a role begins with is everybody's to read
def arrange_role(context: Context, args: RoleArgs) -> dict[str, Any]:
    """Arranges what people of a role begin with; who has arranged the own page keeps it. 422 start_page_malformed."""
    parts = _stored(args.parts)
    context.need(Role, args.role_id, "edit")
    page = context.session.scalar(select(RoleStartPage).where(RoleStartPage.role_id == args.role_id))
    if parts is None:
        if page is not None:
            context.session.delete(page)
        return {"role_id": args.role_id}
    if page is None:
        page = context.add(RoleStartPage(id=uuid7(), role_id=args.role_id), fresh=True)
    page.parts = parts
    return {"role_id": args.role_id}


@on_delete(Role)
# unrestricted: goes with its role
def delete_role_page(context: Context, role: Role) -> None:
    page = context.session.scalar(select(RoleStartPage).where(RoleStartPage.role_id == role.id))
    if page is not None:
        context.session.delete(page)


def _stored(parts: list[Part] | None) -> list[dict[str, Any]] | None:
    if parts is None:
        return None
    names = [one.part for one in parts]
    if len(set(names)) < len(names) or not all(_PART.fullmatch(name) for name in names):
        raise Rejected("start_page_malformed", field="parts")
    return [msgspec.to_builtins(one) for one in parts]
