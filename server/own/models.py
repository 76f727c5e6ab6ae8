"""The company's own fields (BUSINESS.md, System settings): what an administrator adds to the records of the product."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register

#: Records that may have own fields.
RECORD_TYPES = {
    "customer": L("客户", "客戶", "Customer"),
    "contact": L("联系人", "聯絡人", "Contact"),
    "visit": L("拜访", "拜訪", "Visit"),
    "call_report": L("拜访日报", "拜訪日報", "Call report"),
    "order": L("订单", "訂單", "Order"),
    "work_report": L("工作报告", "工作報告", "Work report"),
    "contact_record": L("联系记录", "聯絡記錄", "Contact record"),
    "opportunity": L("商机", "商機", "Opportunity"),
    "complaint": L("客户投诉", "客戶投訴", "Complaint"),
    "own_row": L("自定义数据表", "自訂資料表", "Own table"),
}
KINDS = {
    "text": L("文本", "文字", "Text"),
    "longtext": L("多行文本", "多行文字", "Long text"),
    "number": L("整数", "整數", "Whole number"),
    "decimal": L("小数", "小數", "Decimal number"),
    "money": L("金额", "金額", "Amount"),
    "date": L("日期", "日期", "Date"),
    "choice": L("单选", "單選", "One choice"),
    "choices": L("多选", "多選", "Several choices"),
    "employee": L("员工", "員工", "Employee"),
    "customer": L("客户", "客戶", "Customer"),
    "photo": L("照片", "照片", "Photo"),
    "file": L("文件", "檔案", "Files"),
    "mixed": L("图文", "圖文", "Text with pictures"),
}
RIGHTS = {
    "edit": L("可修改", "可修改", "May change"),
    "read": L("只能查看", "只能檢視", "May see"),
    "hidden": L("不可见", "不可見", "Cannot see"),
}
PLACES = {
    "customer": L("客户", "客戶", "A customer"),
    "person": L("填写人", "填寫人", "Whoever wrote it"),
    "company": L("全公司", "全公司", "The whole company"),
}
STATES = {
    "active": L("使用中", "使用中", "In use"),
    "deleted": L("已删除", "已刪除", "Deleted"),
    "purged": L("已清除", "已清除", "Removed for good"),
}


@register
class OwnFieldRow(Record):
    """自定义字段. `choices` is `[{"key", "name", "name_tw"?, "name_en"?, "retired"?}]`; keys stay for ever, so that values
    can be read after an entry was renamed or retired. `rights` says what a role may do ("edit", "read", "hidden") where
    it is not what `others` says. A key is never used twice, also when the field is gone."""

    __tablename__ = "own_field"
    __table_args__ = (UniqueConstraint("record_type", "key"),)
    spec = RecordSpec(
        label=L("自定义字段", "自訂欄位", "Own field"),
        plural=L("自定义字段", "自訂欄位", "Own fields"),
        area="own",
        root="company",
        title="name",
        permission="company",
        default_sort="sort",
    )
    record_type: Mapped[str] = f.choice(
        L("所属资料", "所屬資料", "Belongs to"), RECORD_TYPES, required=True, fixed=True, listed=True
    )
    table_id: Mapped[str | None] = f.ref(L("数据表", "資料表", "Table"), "own_table", fixed=True, listed=True)
    key: Mapped[str] = f.text(L("键", "鍵", "Key"), 30, fixed=True, default="")
    name: Mapped[str] = f.text(L("名称", "名稱", "Name"), 40, required=True, listed=True, quick=True)
    name_tw: Mapped[str | None] = f.text(L("繁体名称", "繁體名稱", "Name in traditional Chinese"), 40)
    name_en: Mapped[str | None] = f.text(L("英文名称", "英文名稱", "Name in English"), 60)
    kind: Mapped[str] = f.choice(L("类型", "類型", "Type"), KINDS, required=True, fixed=True, listed=True, quick=True)
    choices: Mapped[list[dict[str, Any]] | None] = f.json(L("选项", "選項", "Choices"))
    required: Mapped[bool] = f.boolean(L("必填", "必填", "Required"), default=False, listed=True)
    hidden: Mapped[bool] = f.boolean(L("隐藏", "隱藏", "Hidden"), default=False, listed=True)
    listed: Mapped[bool] = f.boolean(L("列表中显示", "清單中顯示", "Shown in lists"), default=False)
    quick: Mapped[bool] = f.boolean(
        L("手机快速表单中显示", "手機快速表單中顯示", "In the short form on the phone"), default=False
    )
    search: Mapped[bool] = f.boolean(L("可搜索", "可搜尋", "Found by search"), default=False)
    sort: Mapped[int] = f.integer(L("排序值", "排序值", "Sort value"), default=100, listed=True)
    default_value: Mapped[Any] = f.json(L("默认值", "預設值", "Default"))
    others: Mapped[str] = f.choice(L("其他角色", "其他角色", "Other roles"), RIGHTS, default="edit")
    rights: Mapped[dict[str, str] | None] = f.json(L("角色权限", "角色權限", "Rights of roles"))
    state: Mapped[str] = f.choice(L("状态", "狀態", "State"), STATES, default="active", readonly=True, listed=True)
    deleted_at: Mapped[datetime | None] = f.moment(L("删除时间", "刪除時間", "Deleted"), readonly=True)
    deleted_by: Mapped[str | None] = f.ref(
        L("删除人", "刪除人", "Deleted by"), "employee", readonly=True, index=False
    )


@register
class OwnTable(Record):
    """自定义数据表: a table of the company's own. Its columns are own fields with its `table_id`; `title_name` is what the
    first one, the title of its rows, is called. `place`: whose the rows are. `rights`: what roles may do in it, `view`,
    `create`, `edit`, `delete`, `export`, by role, and under "others" for those that are not named; how far that reaches
    says the role itself (`own_row.view` …). Deleted, it can be brought back with its rows for 30 days."""

    __tablename__ = "own_table"
    spec = RecordSpec(
        label=L("自定义数据表", "自訂資料表", "Own table"),
        plural=L("自定义数据表", "自訂資料表", "Own tables"),
        area="own",
        root="company",
        title="name",
        permission="company",
        default_sort="sort",
    )
    name: Mapped[str] = f.text(L("名称", "名稱", "Name"), 40, required=True, listed=True, quick=True)
    name_tw: Mapped[str | None] = f.text(L("繁体名称", "繁體名稱", "Name in traditional Chinese"), 40)
    name_en: Mapped[str | None] = f.text(L("英文名称", "英文名稱", "Name in English"), 60)
    title_name: Mapped[str | None] = f.text(L("首列名称", "首欄名稱", "Name of the first column"), 40)
    title_name_tw: Mapped[str | None] = f.text(
        L("首列繁体名称", "首欄繁體名稱", "Name of the first column in traditional Chinese"), 40
    )
    title_name_en: Mapped[str | None] = f.text(
        L("首列英文名称", "首欄英文名稱", "Name of the first column in English"), 60
    )
    place: Mapped[str] = f.choice(
        L("每行属于", "每列屬於", "A row belongs to"), PLACES, required=True, fixed=True, listed=True
    )
    rights: Mapped[dict[str, list[str]] | None] = f.json(L("角色权限", "角色權限", "Rights of roles"))
    sort: Mapped[int] = f.integer(L("排序值", "排序值", "Sort value"), default=100, listed=True)
    state: Mapped[str] = f.choice(L("状态", "狀態", "State"), STATES, default="active", readonly=True, listed=True)
    deleted_at: Mapped[datetime | None] = f.moment(L("删除时间", "刪除時間", "Deleted"), readonly=True)
    deleted_by: Mapped[str | None] = f.ref(
        L("删除人", "刪除人", "Deleted by"), "employee", readonly=True, index=False
    )


@register
class OwnRow(Record):
    """自定义数据: a row of a table of the company's own. It goes with its customer (visibility, merge, handover), or belongs
    to its owner, or to nobody, where the table is the company's. `deleted_at`: it can be brought back for 30 days."""

    __tablename__ = "own_row"
    spec = RecordSpec(
        label=L("自定义数据", "自訂資料", "Row of an own table"),
        plural=L("自定义数据", "自訂資料", "Rows of own tables"),
        area="own",
        root="customer:customer_id|employee:owner_id",
        title="title",
        owners=("owner_id",),
        through=("customer_id", "customer"),
    )
    table_id: Mapped[str] = f.ref(L("数据表", "資料表", "Table"), "own_table", required=True, fixed=True, listed=True)
    customer_id: Mapped[str | None] = f.ref(L("客户", "客戶", "Customer"), "customer", fixed=True, listed=True)
    title: Mapped[str] = f.text(L("名称", "名稱", "Name"), required=True, listed=True, quick=True, search=True)
    owner_id: Mapped[str | None] = f.ref(L("所有人", "所有人", "Owner"), "employee", readonly=True, listed=True)
    own: Mapped[dict[str, Any] | None] = f.own_values()
    deleted_at: Mapped[datetime | None] = f.moment(
        L("删除时间", "刪除時間", "Deleted"), readonly=True, section="system"
    )
    deleted_by: Mapped[str | None] = f.ref(
        L("删除人", "刪除人", "Deleted by"), "employee", readonly=True, index=False, section="system"
    )
