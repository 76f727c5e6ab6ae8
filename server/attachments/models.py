"""Files that belong to a customer: contracts, licences, price lists (BUSINESS.md, contact, terminal, document)."""

from datetime import datetime

from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register

FILE_KINDS = {
    "jpg": L("图片 JPG", "圖片 JPG", "Picture, JPG"),
    "png": L("图片 PNG", "圖片 PNG", "Picture, PNG"),
    "gif": L("图片 GIF", "圖片 GIF", "Picture, GIF"),
    "bmp": L("图片 BMP", "圖片 BMP", "Picture, BMP"),
    "doc": L("Word 97", "Word 97", "Word 97"),
    "docx": L("Word", "Word", "Word"),
    "xls": L("Excel 97", "Excel 97", "Excel 97"),
    "xlsx": L("Excel", "Excel", "Excel"),
    "ppt": L("PowerPoint 97", "PowerPoint 97", "PowerPoint 97"),
    "pptx": L("PowerPoint", "PowerPoint", "PowerPoint"),
    "txt": L("文本", "文字", "Text"),
    "zip": L("压缩包 ZIP", "壓縮檔 ZIP", "Archive, ZIP"),
    "rar": L("压缩包 RAR", "壓縮檔 RAR", "Archive, RAR"),
}
FILE_STATES = {
    "waiting": L("等待上传", "等待上傳", "Not uploaded yet"),
    "ready": L("可下载", "可下載", "Ready"),
    "refused": L("未通过检查", "未通過檢查", "Did not pass the check"),
}


@register
class Attachment(Record):
    """附件: one file of a customer. The bytes come apart from it, under their hash, as those of photos do; until they are
    here it is `waiting`. One whose content is not what its name says is `refused`, with the reason in `problem`, and is
    given to nobody; with the right name it becomes `ready`.

    `record_type` and `field`: the own field that it was added in, whose rights count for it, too.
    `deleted_at`: taken away, and can be brought back for 30 days.
    """

    __tablename__ = "attachment"
    spec = RecordSpec(
        label=L("文档", "文件", "Document"),
        plural=L("客户文档", "客戶文件", "Documents"),
        area="attachments",
        root="customer:customer_id|employee:employee_id",
        title="name",
        owners=("employee_id",),
        through=("customer_id", "customer"),
    )
    customer_id: Mapped[str | None] = f.ref(L("客户", "客戶", "Customer"), "customer", fixed=True, listed=True)
    employee_id: Mapped[str | None] = f.ref(
        L("员工", "員工", "Employee"), "employee", readonly=True, section="system"
    )  #: whose report it belongs to, where it belongs to no customer
    name: Mapped[str] = f.text(
        L("文件名", "檔案名稱", "File name"), 255, required=True, listed=True, quick=True, search=True
    )
    category_id: Mapped[str | None] = f.option(
        L("文档类别", "文件類別", "Category"), "document_category", listed=True, quick=True
    )
    note: Mapped[str | None] = f.text(L("说明", "說明", "Note"), 400, listed=True, quick=True, search=True)
    kind: Mapped[str] = f.choice(L("类型", "類型", "Type"), FILE_KINDS, required=True, readonly=True, listed=True)
    size: Mapped[int] = f.integer(
        L("文件大小（字节）", "檔案大小（位元組）", "Bytes"), required=True, readonly=True, listed=True
    )
    sha256: Mapped[str] = f.text(L("校验值", "校驗值", "Checksum"), 64, required=True, readonly=True, index=True)
    state: Mapped[str] = f.choice(
        L("状态", "狀態", "State"), FILE_STATES, default="waiting", readonly=True, listed=True
    )
    problem: Mapped[str | None] = f.text(L("未通过原因", "未通過原因", "What is wrong"), 40, readonly=True)
    looks: Mapped[str | None] = f.text(L("内容像是", "內容像是", "Seems to be"), 10, readonly=True)
    record_type: Mapped[str | None] = f.text(
        L("所属资料", "所屬資料", "Belongs to"), 30, readonly=True, section="system"
    )
    field: Mapped[str | None] = f.text(L("所属字段", "所屬欄位", "Field"), 60, readonly=True, section="system")
    uploaded_at: Mapped[datetime | None] = f.moment(
        L("上传时间", "上傳時間", "Uploaded"), readonly=True, section="system"
    )
    deleted_at: Mapped[datetime | None] = f.moment(
        L("删除时间", "刪除時間", "Deleted"), readonly=True, section="system"
    )
    deleted_by: Mapped[str | None] = f.ref(
        L("删除人", "刪除人", "Deleted by"), "employee", readonly=True, index=False, section="system"
    )
