"""How the company arranges forms and lists (BUSINESS.md SY-14, SY-16): one row for each form that differs from what the
product declares; and how forms look, by templates (SY-15)."""

from typing import Any

from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register

RECORD_TYPES = {
    "customer": L("客户", "客戶", "Customer"),
    "contact": L("联系人", "聯絡人", "Contact"),
    "terminal": L("终端", "終端", "Terminal"),
    "product": L("产品", "產品", "Product"),
    "employee": L("员工", "員工", "Employee"),
    "contact_record": L("联系记录", "聯絡記錄", "Contact record"),
    "visit": L("拜访", "拜訪", "Visit"),
    "order": L("订单", "訂單", "Order"),
    "payment": L("回款", "回款", "Receipt"),
    "work_report": L("工作报告", "工作報告", "Work report"),
    "opportunity": L("商机", "商機", "Opportunity"),
    "complaint": L("客户投诉", "客戶投訴", "Complaint"),
    "call_report": L("拜访日报（潜在客户）", "拜訪日報（潛在客戶）", "Call report on a lead"),
    "call_report_existing": L("拜访日报（现有客户）", "拜訪日報（現有客戶）", "Call report on an existing customer"),
}


@register
class Layout(Record):
    """表单与列表 of one kind of record. `groups`: `[{"key", "name"?, "name_tw"?, "name_en"?}]` in their order, without a name
    they are called as the product calls them. `form`: `[{"field", "group", "required"?, "hidden"?, "width"?}]`, `columns`:
    `[{"field", "width"?}]` (rem), without any the usual ones. Whether one of the company's own fields is required, hidden or
    listed stands in the field itself (`own_field`); a layout has its place and width."""

    __tablename__ = "layout"
    spec = RecordSpec(
        label=L("表单与列表", "表單與清單", "Forms and lists"),
        plural=L("表单与列表", "表單與清單", "Forms and lists"),
        area="layouts",
        root="company",
        title="record_type",
        permission="company",
        default_sort="record_type",
    )
    record_type: Mapped[str] = f.choice(
        L("所属资料", "所屬資料", "Belongs to"), RECORD_TYPES, required=True, readonly=True, listed=True, unique=True
    )
    groups: Mapped[list[dict[str, Any]]] = f.json(L("分组", "分組", "Groups"), default=list, readonly=True)
    form: Mapped[list[dict[str, Any]]] = f.json(L("表单", "表單", "Form"), default=list, readonly=True)
    columns: Mapped[list[dict[str, Any]] | None] = f.json(L("列表列", "清單欄", "Columns"), readonly=True)


PURPOSES = {
    "create": L("新建", "新增", "Create"),
    "edit": L("修改", "修改", "Edit"),
    "detail": L("查看", "檢視", "Detail"),
    "print": L("打印", "列印", "Print"),
}


@register
class FormTemplate(Record):
    """表单模板: how one form looks for one purpose (BUSINESS.md SY-15). At most one of a form and a purpose is `in_force`; where
    there is none it looks as the product has it. `look` (server/layouts/templates.py: Look): a device that is older than the
    server leaves out what it does not know. `picture`: the hash of a PNG or JPEG in the photo store, which everybody may see
    (`/media/v1/form-templates/<id>`)."""

    __tablename__ = "form_template"
    spec = RecordSpec(
        label=L("表单模板", "表單範本", "Form template"),
        plural=L("表单模板", "表單範本", "Form templates"),
        area="layouts",
        root="company",
        title="name",
        permission="company",
        default_sort="record_type",
    )
    name: Mapped[str] = f.text(L("名称", "名稱", "Name"), 40, required=True, readonly=True, listed=True)
    record_type: Mapped[str] = f.choice(
        L("所属资料", "所屬資料", "Belongs to"), RECORD_TYPES, required=True, readonly=True, listed=True
    )
    purpose: Mapped[str] = f.choice(
        L("用于", "用於", "Used for"), PURPOSES, required=True, readonly=True, listed=True
    )
    in_force: Mapped[bool] = f.boolean(L("使用中", "使用中", "In force"), default=False, readonly=True, listed=True)
    look: Mapped[dict[str, Any]] = f.json(L("样式", "樣式", "Look"), default=dict, readonly=True)
    picture: Mapped[str | None] = f.text(L("图片", "圖片", "Picture"), 64, readonly=True, index=True)
    picture_kind: Mapped[str | None] = f.text(L("图片类型", "圖片類型", "Type of the picture"), 10, readonly=True)
    picture_size: Mapped[int | None] = f.integer(
        L("图片大小（字节）", "圖片大小（位元組）", "Bytes of the picture"), readonly=True
    )
