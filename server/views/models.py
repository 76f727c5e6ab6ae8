"""Views of lists that people save (BUSINESS.md, CU-29, CU-32): what is filtered, sorted and shown, for oneself or for
others, and which one somebody starts with."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register

AUDIENCES = {
    "private": L("仅自己", "僅自己", "Only me"),
    "everybody": L("所有人", "所有人", "Everybody"),
    "role": L("一个角色", "一個角色", "A role"),
    "department": L("一个部门及其下级", "一個部門及其下級", "A department and those below"),
}


@register
class SavedView(Record):
    """列表视图 of one kind of record. It holds what is asked, never rows: whoever uses it sees what he may see.
    `base`: the quick view it stands on. `filters`: as in the address of a list; a value may be @me, @today, @today-7.
    `columns`: none are the usual ones."""

    __tablename__ = "saved_view"
    spec = RecordSpec(
        label=L("列表视图", "清單檢視", "View of a list"),
        plural=L("列表视图", "清單檢視", "Views of lists"),
        area="views",
        root="saved_view:id",
        title="name",
        owners=("owner_id",),
        default_sort="name",
    )
    owner_id: Mapped[str] = f.ref(
        L("创建者", "建立者", "Made by"), "employee", required=True, readonly=True, listed=True
    )
    record_type: Mapped[str] = f.text(
        L("资料类型", "資料類型", "Kind of record"), 40, required=True, readonly=True, listed=True, index=True
    )
    name: Mapped[str] = f.text(L("名称", "名稱", "Name"), 40, required=True, readonly=True, listed=True)
    audience: Mapped[str] = f.choice(
        L("谁可使用", "誰可使用", "Used by"), AUDIENCES, default="private", readonly=True, listed=True
    )
    role_id: Mapped[str | None] = f.ref(L("角色", "角色", "Role"), "role", readonly=True, listed=True)
    department_id: Mapped[str | None] = f.ref(
        L("部门", "部門", "Department"), "department", readonly=True, listed=True
    )
    base: Mapped[str | None] = f.text(L("快捷视图", "快捷檢視", "Quick view"), 30, readonly=True)
    q: Mapped[str | None] = f.text(L("搜索词", "搜尋詞", "Searched words"), 100, readonly=True)
    filters: Mapped[dict[str, Any]] = f.json(L("筛选条件", "篩選條件", "Filters"), default=dict, readonly=True)
    sort: Mapped[str | None] = f.text(L("排序", "排序", "Order"), 80, readonly=True)
    columns: Mapped[list[str] | None] = f.json(L("显示列", "顯示欄", "Columns"), readonly=True)
    deleted_at: Mapped[datetime | None] = f.moment(L("删除时间", "刪除時間", "Deleted"), readonly=True)


@register
class ViewChoice(Record):
    """默认视图: what somebody's list of one kind of record starts with, the id of a saved view or the name of a quick
    view. One per person and kind of record."""

    __tablename__ = "view_choice"
    __table_args__ = (UniqueConstraint("employee_id", "record_type"),)
    spec = RecordSpec(
        label=L("默认视图", "預設檢視", "View to start with"),
        plural=L("默认视图", "預設檢視", "Views to start with"),
        area="views",
        root="employee:employee_id",
        title="record_type",
        permission="saved_view",
        owners=("employee_id",),
    )
    employee_id: Mapped[str] = f.ref(
        L("员工", "員工", "Employee"), "employee", required=True, readonly=True, index=False
    )
    record_type: Mapped[str] = f.text(
        L("资料类型", "資料類型", "Kind of record"), 40, required=True, readonly=True, listed=True
    )
    view: Mapped[str | None] = f.text(L("视图", "檢視", "View"), 36, readonly=True, listed=True)
