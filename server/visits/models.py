"""Visits: planned or not, from check-in to check-out (BUSINESS.md, Visits)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from server.approvals.models import REVIEWS
from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register

VISIT_STATES = {
    "planned": L("已计划", "已排定", "Planned"),
    "open": L("进行中", "進行中", "In progress"),
    "done": L("已完成", "已完成", "Done"),
    "dropped": L("已取消", "已取消", "Dropped"),
}
EVIDENCE = {
    "none": L("无照片", "無照片", "No photo"),
    "pending": L("待核验", "待核驗", "To be checked"),
    "verified": L("已核验", "已核驗", "Verified"),
    "unverified": L("未核验", "未核驗", "Unverified"),
    "suspect": L("可疑", "可疑", "Suspect"),
}


@register
class VisitType(Record):
    """拜访类型: what a visit of this type has to show. `photos` is `[{"kind": …, "required": n}]` in the order in which the
    camera asks for them; a kind is a code of `PHOTO_KINDS` or the id of an entry of the company's list `photo_kind`."""

    __tablename__ = "visit_type"
    spec = RecordSpec(
        label=L("拜访类型", "拜訪類型", "Visit type"),
        plural=L("拜访类型与照片", "拜訪類型與照片", "Visit types"),
        area="visits",
        root="company",
        title="name",
        permission="company",
        default_sort="sort",
    )
    name: Mapped[str] = f.text(L("名称", "名稱", "Name"), 60, required=True, listed=True, quick=True)
    photos: Mapped[list[dict[str, Any]]] = f.json(
        L("需要的照片", "需要的照片", "Photos it needs"), default=list, policy="ask"
    )
    sort: Mapped[int] = f.integer(L("排序值", "排序值", "Sort value"), default=100, listed=True)
    is_default: Mapped[bool] = f.boolean(L("默认", "預設", "Default"), default=False, listed=True)
    enabled: Mapped[bool] = f.boolean(L("启用", "啟用", "Enabled"), default=True, listed=True)


@register
class Visit(Record):
    """客户拜访. `missing_photos`: how many of the photos that its type required a visit lacked when it ended or when a photo
    was last added or withdrawn; none while it is going on. `plan_order`: where it stands in the day's route, from 1; without one
    it comes after those that have. `place`: the customer's address, where the check-in was measured within the company's
    range of it; elsewhere nobody knows an address, and `distance` says how far."""

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_visitor_id_checked_in_at", "visitor_id", "checked_in_at"),
        # Reports of a period count ten thousands of visits; what they look at, and whether one may, stands beside the time.
        Index("ix_visit_period", "checked_in_at", "customer_id", "visitor_id", "evidence"),
    )
    spec = RecordSpec(
        label=L("拜访", "拜訪", "Visit"),
        plural=L("拜访", "拜訪", "Visits"),
        area="visits",
        root="customer:customer_id",
        title="customer_id",
        owners=("visitor_id",),
        through=("customer_id", "customer"),
        default_sort="-checked_in_at",
    )
    customer_id: Mapped[str] = f.ref(
        L("客户", "客戶", "Customer"), "customer", required=True, fixed=True, listed=True
    )
    visitor_id: Mapped[str] = f.ref(
        L("拜访人员", "拜訪人員", "Visitor"), "employee", required=True, readonly=True, listed=True, index=False
    )
    visit_type_id: Mapped[str | None] = f.ref(
        L("拜访类型", "拜訪類型", "Type"), "visit_type", listed=True, index=False
    )
    state: Mapped[str] = f.choice(
        L("状态", "狀態", "State"), VISIT_STATES, required=True, readonly=True, listed=True, default="open"
    )
    planned_on: Mapped[date | None] = f.date(L("计划日期", "計畫日期", "Planned for"), index=True, readonly=True)
    plan_order: Mapped[int | None] = f.integer(L("路线顺序", "路線順序", "Place in the route"), min=1, readonly=True)
    plan_note: Mapped[str | None] = f.text(L("计划说明", "計畫說明", "Plan"), 400)
    checked_in_at: Mapped[datetime | None] = f.moment(
        L("签到时间", "簽到時間", "Checked in"), readonly=True, listed=True
    )
    in_lat: Mapped[float | None] = f.geo(L("签到纬度", "簽到緯度", "Check-in latitude"), 90, readonly=True)
    in_lng: Mapped[float | None] = f.geo(L("签到经度", "簽到經度", "Check-in longitude"), 180, readonly=True)
    in_accuracy: Mapped[float | None] = f.metres(
        L("定位精度（米）", "定位精度（公尺）", "Accuracy (m)"), readonly=True
    )
    distance: Mapped[float | None] = f.metres(
        L("距客户（米）", "距客戶（公尺）", "Distance to customer (m)"), readonly=True, listed=True
    )
    place: Mapped[str | None] = f.text(L("拜访地点", "拜訪地點", "Place"), 420, readonly=True)
    checked_out_at: Mapped[datetime | None] = f.moment(
        L("签退时间", "簽退時間", "Checked out"), readonly=True, listed=True
    )
    out_lat: Mapped[float | None] = f.geo(L("签退纬度", "簽退緯度", "Check-out latitude"), 90, readonly=True)
    out_lng: Mapped[float | None] = f.geo(L("签退经度", "簽退經度", "Check-out longitude"), 180, readonly=True)
    duration_seconds: Mapped[int | None] = f.integer(
        L("停留时长（秒）", "停留時長（秒）", "Duration (s)"), readonly=True, listed=True
    )
    visited_person: Mapped[str | None] = f.text(
        L("拜访对象", "拜訪對象", "Person met"), 60, listed=True, quick=True, search=True
    )
    contact_id: Mapped[str | None] = f.ref(L("联系人", "聯絡人", "Contact"), "contact")
    sales_stage_id: Mapped[str | None] = f.option(
        L("当前销售阶段", "目前銷售階段", "Stage"), "sales_stage", listed=True, quick=True
    )
    content: Mapped[str | None] = f.longtext(
        L("拜访记录", "拜訪記錄", "Notes"), quick=True, search=True, listed=True, policy="append"
    )
    next_contact_at: Mapped[datetime | None] = f.moment(L("下次联系", "下次聯絡", "Next contact"), quick=True)
    missing_photos: Mapped[int | None] = f.integer(
        L("缺少照片", "缺少照片", "Photos missing"), readonly=True, listed=True
    )
    evidence: Mapped[str] = f.choice(
        L("核验结果", "核驗結果", "Evidence"), EVIDENCE, default="none", readonly=True, listed=True
    )
    evidence_score: Mapped[int | None] = f.integer(L("可信度", "可信度", "Score"), readonly=True)
    photo_count: Mapped[int] = f.integer(L("照片数", "照片數", "Photos"), default=0, readonly=True, listed=True)
    review: Mapped[str | None] = f.choice(L("审批", "審批", "Review"), REVIEWS, readonly=True)
    received_at: Mapped[datetime | None] = f.moment(L("服务器收到", "伺服器收到", "Received"), readonly=True)
    own: Mapped[dict[str, Any] | None] = f.own_values()
