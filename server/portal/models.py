"""Start pages (BUSINESS.md SY-8, PO-1, PO-6): which small parts stand on them and in which order, for a person and for a role."""

from typing import Any

from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register


@register
class StartPage(Record):
    """个人首页: how one person has arranged the start page, one row a person and the same on phone, tablet and desk. `parts`:
    `[{"part": "team.today", "shown"?: bool}]` in their order; without `shown` as the app has it on that size. Null: as the
    role has it."""

    __tablename__ = "start_page"
    spec = RecordSpec(
        label=L("个人首页", "個人首頁", "Own start page"),
        plural=L("个人首页", "個人首頁", "Own start pages"),
        area="portal",
        root="employee:employee_id",
        title="employee_id",
        permission="saved_view",
        owners=("employee_id",),
    )
    employee_id: Mapped[str] = f.ref(
        L("员工", "員工", "Employee"), "employee", required=True, readonly=True, listed=True, unique=True
    )
    parts: Mapped[list[dict[str, Any]] | None] = f.json(L("内容", "內容", "Parts"), readonly=True)


@register
class RoleStartPage(Record):
    """角色首页: what people of a role begin with until they arrange their own; `parts` as in `StartPage`. Without a row the
    product's."""

    __tablename__ = "role_start_page"
    spec = RecordSpec(
        label=L("角色首页", "角色首頁", "Start page of a role"),
        plural=L("角色首页", "角色首頁", "Start pages of roles"),
        area="portal",
        root="company",
        title="role_id",
        permission="role",
    )
    role_id: Mapped[str] = f.ref(
        L("角色", "角色", "Role"), "role", required=True, readonly=True, listed=True, unique=True
    )
    parts: Mapped[list[dict[str, Any]]] = f.json(L("内容", "內容", "Parts"), default=list, readonly=True)
