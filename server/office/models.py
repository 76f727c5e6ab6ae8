"""Notices, and people's schedules (BUSINESS.md, Office)."""

from datetime import date, datetime

from sqlalchemy import Column, Index, String, Table, UniqueConstraint
from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register
from sync.schema import metadata

NOTICE_STATES = {
    "draft": L("草稿", "草稿", "Draft"),
    "published": L("已发布", "已發布", "Published"),
    "withdrawn": L("已撤回", "已撤回", "Withdrawn"),
}
NOTICE_AUDIENCES = {
    "everybody": L("全体员工", "全體員工", "Everybody"),
    "some": L("指定部门或角色", "指定部門或角色", "Departments or roles"),
}
#: Two weeks.
MOST_MINUTES_BEFORE = 14 * 24 * 60


@register
class Notice(Record):
    """公告. Whom it is for reads it from `published_at` until it is withdrawn; `until` is the last day on which it is put
    before people by itself. `audience` some: people of these departments, with those below them, and of these roles.
    `publisher_id`: who published it, and until then who wrote it. `deleted_at`: can be brought back for 30 days."""

    __tablename__ = "notice"
    spec = RecordSpec(
        label=L("公告", "公告", "Notice"),
        plural=L("公告", "公告", "Notices"),
        area="office",
        root="notice:id",
        title="title",
        owners=("publisher_id",),
    )
    title: Mapped[str] = f.text(
        L("公告标题", "公告標題", "Title"), 120, required=True, listed=True, quick=True, search=True
    )
    category_id: Mapped[str | None] = f.option(
        L("公告类别", "公告類別", "Category"), "notice_category", listed=True, quick=True
    )
    content: Mapped[str] = f.longtext(
        L("公告内容", "公告內容", "Text"), 10_000, required=True, quick=True, search=True
    )
    audience: Mapped[str] = f.choice(
        L("发给", "發給", "For"), NOTICE_AUDIENCES, default="everybody", listed=True, quick=True
    )
    department_ids: Mapped[list[str] | None] = f.refs(
        L("部门", "部門", "Departments"), "department", policy="ask", quick=True
    )
    role_ids: Mapped[list[str] | None] = f.refs(L("角色", "角色", "Roles"), "role", policy="ask", quick=True)
    pinned: Mapped[bool] = f.boolean(L("置顶", "置頂", "Pinned"), default=False, listed=True, quick=True)
    until: Mapped[date | None] = f.date(L("显示到", "顯示到", "Shown until"), listed=True, quick=True)
    state: Mapped[str] = f.choice(
        L("状态", "狀態", "State"), NOTICE_STATES, default="draft", readonly=True, listed=True, index=True
    )
    publisher_id: Mapped[str] = f.ref(
        L("发布人", "發布人", "Publisher"), "employee", required=True, readonly=True, listed=True
    )
    published_at: Mapped[datetime | None] = f.moment(
        L("发布时间", "發布時間", "Published"), readonly=True, listed=True, index=True
    )
    deleted_at: Mapped[datetime | None] = f.moment(L("删除时间", "刪除時間", "Deleted"), readonly=True)


#: Whom a notice for some is for, as `department_ids` and `role_ids` say, so that SQL can ask. `kind`: department, role.
notice_audience = Table(
    "notice_audience",
    metadata,
    Column("notice_id", String(36), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("target_id", String(36), primary_key=True),
)


@register
class NoticeReader(Record):
    """公告阅读: who has read a notice, one a notice and person."""

    __tablename__ = "notice_reader"
    __table_args__ = (UniqueConstraint("notice_id", "reader_id"),)
    spec = RecordSpec(
        label=L("公告阅读", "公告閱讀", "Reader of a notice"),
        plural=L("公告阅读", "公告閱讀", "Readers of notices"),
        area="office",
        root="employee:reader_id",
        title="read_at",
        permission="notice",
        owners=("reader_id",),
    )
    notice_id: Mapped[str] = f.ref(
        L("公告", "公告", "Notice"), "notice", required=True, readonly=True, listed=True, index=False
    )
    reader_id: Mapped[str] = f.ref(
        L("阅读人", "閱讀人", "Read by"), "employee", required=True, readonly=True, listed=True
    )
    read_at: Mapped[datetime] = f.moment(L("阅读时间", "閱讀時間", "Read"), required=True, readonly=True, listed=True)


@register
class ScheduleEntry(Record):
    """日程 of one person. `end_at` is the moment at which it is over; one that is `all_day` begins and ends with days of the
    company. `remind_before`: minutes before it begins, and none without it; of one that is all day whole days count, and
    its person is told in the morning."""

    __tablename__ = "schedule_entry"
    __table_args__ = (Index("ix_schedule_entry_person_id_start_at", "person_id", "start_at"),)
    spec = RecordSpec(
        label=L("日程", "日程", "Schedule entry"),
        plural=L("日程", "日程", "Schedules"),
        area="office",
        root="employee:person_id",
        title="title",
        owners=("person_id",),
        default_sort="start_at",
    )
    person_id: Mapped[str] = f.ref(
        L("人员", "人員", "Person"), "employee", required=True, readonly=True, listed=True, index=False
    )
    title: Mapped[str] = f.text(
        L("日程内容", "日程內容", "What"), 200, required=True, listed=True, quick=True, search=True
    )
    all_day: Mapped[bool] = f.boolean(L("全天", "全天", "All day"), default=False, listed=True, quick=True)
    start_at: Mapped[datetime] = f.moment(
        L("开始时间", "開始時間", "From"), required=True, listed=True, quick=True, index=True
    )
    end_at: Mapped[datetime] = f.moment(L("结束时间", "結束時間", "Until"), required=True, listed=True, quick=True)
    place: Mapped[str | None] = f.text(L("地点", "地點", "Place"), 200, listed=True, quick=True, search=True)
    customer_id: Mapped[str | None] = f.ref(L("客户", "客戶", "Customer"), "customer", listed=True, quick=True)
    note: Mapped[str | None] = f.longtext(L("备注", "備註", "Remark"), quick=True, search=True, policy="append")
    remind_before: Mapped[int | None] = f.integer(
        L("提前提醒（分钟）", "提前提醒（分鐘）", "Reminder (minutes before)"),
        min=0,
        max=MOST_MINUTES_BEFORE,
        quick=True,
    )
