"""Photos of visits: the capture record that came with them and what the server makes of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text
from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register
from server.records.types import BigInt, UtcDateTime
from server.visits.models import EVIDENCE
from sync.schema import metadata

PHOTO_KINDS = {
    "storefront": L("门头", "店面", "Shop front"),
    "shelf": L("货架", "貨架", "Shelf"),
    "order_book": L("订货本", "訂貨簿", "Order book"),
    "other": L("其他", "其他", "Other"),
}
TIME_CERTAINTY = {
    "exact": L("准确", "準確", "Exact"),
    "minutes": L("误差几分钟", "誤差幾分鐘", "Within minutes"),
    "window": L("离线期间内", "離線期間內", "Within the offline window"),
    "unknown": L("无法确定", "無法確定", "Unknown"),
}
PHOTO_SOURCES = {"camera": L("现场拍摄", "現場拍攝", "Camera"), "gallery": L("相册", "相簿", "Gallery")}


@register
class Photo(Record):
    """拜访照片. `verdict` is the server's; `overruled_to` a manager's, with a note.

    `attention` sorts what a manager should look at first: 3 suspect, 2 unverified, 1 not judged yet, 0 verified or
    decided by a manager. `kind_id` is the company's own kind; `kind` is then "other". A photo that its taker withdrew, e.g.
    because he took it again, stays where it is and does not speak for the visit; a suspect one goes on speaking against it.
    """

    __tablename__ = "photo"
    spec = RecordSpec(
        label=L("照片", "照片", "Photo"),
        plural=L("照片", "照片", "Photos"),
        area="photos",
        root="customer:customer_id",
        title="kind",
        permission="visit",
        owners=("taken_by",),
        through=("visit_id", "visit"),
        default_sort="-taken_at",
    )
    __table_args__ = (
        Index("ix_photo_taken_at", "taken_at"),
        Index("ix_photo_taken_by_taken_at", "taken_by", "taken_at"),
        Index("ix_photo_device_id_taken_at", "device_id", "taken_at"),
    )
    customer_id: Mapped[str] = f.ref(
        L("客户", "客戶", "Customer"), "customer", required=True, fixed=True, listed=True
    )
    visit_id: Mapped[str | None] = f.ref(L("拜访", "拜訪", "Visit"), "visit", fixed=True)
    kind: Mapped[str] = f.choice(L("类型", "類型", "Kind"), PHOTO_KINDS, required=True, fixed=True, listed=True)
    kind_id: Mapped[str | None] = f.option(
        L("公司照片类型", "公司照片類型", "Company's kind"), "photo_kind", fixed=True, readonly=True, index=False
    )
    source: Mapped[str] = f.choice(
        L("来源", "來源", "Source"), PHOTO_SOURCES, required=True, readonly=True, listed=True
    )
    note: Mapped[str | None] = f.text(L("备注", "備註", "Note"), 400, listed=True)
    taken_by: Mapped[str] = f.ref(
        L("拍摄人", "拍攝人", "Taken by"), "employee", required=True, readonly=True, listed=True
    )
    taken_at: Mapped[datetime | None] = f.moment(L("拍摄时间", "拍攝時間", "Taken"), readonly=True, listed=True)
    lat: Mapped[float | None] = f.geo(L("纬度", "緯度", "Latitude"), 90, readonly=True, index=True)
    lng: Mapped[float | None] = f.geo(L("经度", "經度", "Longitude"), 180, readonly=True)
    accuracy: Mapped[float | None] = f.metres(L("定位精度（米）", "定位精度（公尺）", "Accuracy (m)"), readonly=True)
    distance: Mapped[float | None] = f.metres(L("距客户（米）", "距客戶（公尺）", "Distance (m)"), readonly=True)
    sha256: Mapped[str | None] = f.text(L("校验值", "校驗值", "Checksum"), 64, readonly=True, index=True)
    capture_id: Mapped[str | None] = f.text(L("拍摄编号", "拍攝編號", "Capture no."), 64, readonly=True, index=True)
    code: Mapped[str | None] = f.text(
        L("核验码", "核驗碼", "Code"), 14, readonly=True, index=True, search=True, listed=True
    )
    width: Mapped[int | None] = f.integer(L("宽", "寬", "Width"), readonly=True)
    height: Mapped[int | None] = f.integer(L("高", "高", "Height"), readonly=True)
    size: Mapped[int | None] = f.integer(L("文件大小（字节）", "檔案大小（位元組）", "Bytes"), readonly=True)
    capture: Mapped[str | None] = f.longtext(
        L("拍摄凭证", "拍攝憑證", "Capture record"), 16_384, readonly=True, secret=True
    )
    signature: Mapped[str | None] = f.text(L("签名", "簽名", "Signature"), 100, readonly=True, secret=True)
    device_id: Mapped[str | None] = f.text(L("设备", "裝置", "Device"), 36, readonly=True)
    uploaded_at: Mapped[datetime | None] = f.moment(L("上传时间", "上傳時間", "Uploaded"), readonly=True)
    verdict: Mapped[str] = f.choice(
        L("核验结果", "核驗結果", "Verdict"), EVIDENCE, default="pending", readonly=True, listed=True, index=True
    )
    score: Mapped[int | None] = f.integer(L("可信度", "可信度", "Score"), readonly=True, listed=True)
    reasons: Mapped[list[dict[str, Any]] | None] = f.json(L("核验依据", "核驗依據", "Reasons"), readonly=True)
    time_certainty: Mapped[str | None] = f.choice(
        L("时间可信程度", "時間可信程度", "How sure of the time"), TIME_CERTAINTY, readonly=True
    )
    not_before: Mapped[datetime | None] = f.moment(
        L("最早可能时间", "最早可能時間", "Taken at the earliest"), readonly=True
    )
    token_at: Mapped[datetime | None] = f.moment(
        L("时间凭证签发", "時間憑證簽發", "Server time issued"), readonly=True, secret=True
    )
    attention: Mapped[int] = f.integer(
        L("待处理程度", "待處理程度", "Wants attention"), default=1, readonly=True, index=True
    )
    withdrawn_at: Mapped[datetime | None] = f.moment(L("已作废", "已作廢", "Withdrawn"), readonly=True, listed=True)
    overruled_to: Mapped[str | None] = f.choice(L("人工判定", "人工判定", "Verdict by hand"), EVIDENCE, readonly=True)
    overruled_by: Mapped[str | None] = f.ref(
        L("判定人", "判定人", "Verdict given by"), "employee", readonly=True, index=False
    )
    overrule_note: Mapped[str | None] = f.text(L("判定说明", "判定說明", "Note on the verdict"), 400, readonly=True)


#: Pictures that arrived, by hash, with or without a photo that speaks of them (either may come first).
#: `examination` is what `media.images.examine` found, as JSON; the bytes themselves are in the blob store.
blob = Table(
    "blob",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", Integer, nullable=False),
    Column("examination", Text, nullable=False),
    Column("uploaded_by", String(36), nullable=False),
    Column("uploaded_at", UtcDateTime, nullable=False, index=True),
    Column("removed_at", UtcDateTime),  # when the original was given up by age; its thumbnails stay
)

#: What pictures are recognised by (`media.likeness`): the two hashes they are found under, and the whole fingerprint.
likeness = Table(
    "likeness",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("whole", BigInt, nullable=False),  # 64 bits, as a signed number
    Column("middle", BigInt, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
)

#: The index that makes finding a picture a handful of look-ups: eight keys a picture, a quarter of a hash each.
likeness_key = Table(
    "likeness_key",
    metadata,
    Column("key", Integer, primary_key=True, autoincrement=False),
    Column("likeness_id", Integer, primary_key=True, autoincrement=False),
)
