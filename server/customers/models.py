"""Customers: the file, its contacts, terminals and shares (BUSINESS.md, Customers)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from server.approvals.models import REVIEWS
from server.people.models import GENDERS
from server.records import fields as f
from server.records.fields import L
from server.records.record import Number, Record, RecordSpec, register

SETTLEMENT_MODES = {"credit": L("记账", "記帳", "On credit"), "cash": L("现结", "現結", "Cash")}
#: By the moon, month and day of a birthday are those of the lunar calendar; of one in a leap month, those of that month.
CALENDARS = {
    "solar": L("公历", "公曆", "Solar"),
    "lunar": L("农历", "農曆", "Lunar"),
    "lunar_leap": L("农历闰月", "農曆閏月", "Lunar, leap month"),
}
#: How far a lead has come (LF-1). Whether somebody has bought is the customer's status, which follows from orders.
LEAD_STAGES = {
    "cold": L("陌拜客户", "陌拜客戶", "Cold"),
    "potential": L("潜在客户", "潛在客戶", "Potential"),
    "following": L("跟进客户", "跟進客戶", "Following"),
    "existing": L("现有客户", "現有客戶", "Existing"),
}
MOVES = {
    "claim": L("领用", "領用", "Claimed"),
    "assign": L("指派", "指派", "Assigned"),
    "transfer": L("转交", "轉交", "Transferred"),
    "hand_over": L("离职交接", "離職交接", "Handed over by a leaver"),
    "give_up": L("放弃", "放棄", "Given up"),
    "recover": L("回收", "回收", "Taken back"),
}
CUSTOMER_STATUS = {"open": L("未成交", "未成交", "Not bought yet"), "dealt": L("已成交", "已成交", "Has bought")}


@register
class Customer(Record):
    """客户: the company or person that buys."""

    __tablename__ = "customer"
    __table_args__ = (
        # Few, and asked for whenever somebody's customers are.
        Index(
            "ix_customer_cross_branch",
            "id",
            sqlite_where=text("cross_branch = 1"),
            postgresql_where=text("cross_branch"),
        ),
        # Reports look at the region or category of each row's customer and whether it may be seen, and a customer is a
        # wide row (`aside.by_id`).
        Index("ix_customer_by_id", "id", "owner_id", "sales_region_id", "category_id", "province", "city"),
    )
    spec = RecordSpec(
        label=L("客户", "客戶", "Customer"),
        plural=L("客户", "客戶", "Customers"),
        area="customers",
        root="customer:id",
        title="name",
        owners=("owner_id",),
        public_when_unowned=True,
        number=Number("customer_no", "CT"),
        import_sheet="客户",
    )
    customer_no: Mapped[str | None] = f.text(
        L("客户编号", "客戶編號", "Customer no."), 30, readonly=True, unique=True, listed=True, search=True
    )
    name: Mapped[str] = f.text(
        L("客户名称", "客戶名稱", "Customer name"),
        200,
        hint=L(
            "填写全称：简称会让一个客户的账分成几份",
            "填寫全稱：簡稱會讓一個客戶的帳分成幾份",
            "The full name: short ones split one customer's accounts",
        ),
        required=True,
        listed=True,
        quick=True,
        importable=True,
        search=True,
        index=True,
    )
    pinyin_code: Mapped[str | None] = f.text(
        L("拼音简码", "拼音簡碼", "Pinyin initials"), 200, readonly=True, search=True, index=True
    )
    primary_contact: Mapped[str | None] = f.text(
        L("联系人", "聯絡人", "Contact"), 60, listed=True, quick=True, importable=True, search=True, section="contact"
    )
    contact_gender: Mapped[str | None] = f.choice(
        L("性别", "性別", "Title"), GENDERS, importable=True, section="contact"
    )
    job_title: Mapped[str | None] = f.text(L("当前职位", "目前職位", "Job title"), 60, section="contact")
    mobile: Mapped[str | None] = f.phone(
        L("手机", "手機", "Mobile"),
        listed=True,
        quick=True,
        importable=True,
        search=True,
        section="contact",
        index=True,
    )
    landline: Mapped[str | None] = f.phone(
        L("联系电话", "聯絡電話", "Landline"), importable=True, search=True, section="contact"
    )
    office_phone: Mapped[str | None] = f.phone(
        L("办公电话", "辦公電話", "Office phone"), importable=True, search=True, section="contact"
    )
    fax: Mapped[str | None] = f.phone(L("传真", "傳真", "Fax"), importable=True, section="contact")
    email: Mapped[str | None] = f.email(
        L("电子邮箱", "電子郵件", "E-mail"), importable=True, search=True, section="contact"
    )
    im_account: Mapped[str | None] = f.text(
        L("QQ/旺旺", "QQ/旺旺", "QQ / Wangwang"), 60, importable=True, search=True, section="contact"
    )
    birth_date: Mapped[str | None] = f.day(L("出生日期", "出生日期", "Birthday"), "birth_calendar", section="contact")
    birth_calendar: Mapped[str | None] = f.choice(
        L("公历/农历", "公曆/農曆", "Calendar"), CALENDARS, section="contact"
    )
    province: Mapped[str | None] = f.text(
        L("省份", "省份", "Province"), 40, importable=True, search=True, section="place"
    )
    city: Mapped[str | None] = f.text(
        L("城市", "城市", "City"), 40, importable=True, listed=True, search=True, section="place"
    )
    district: Mapped[str | None] = f.text(
        L("地区", "地區", "District"), 40, importable=True, search=True, section="place"
    )
    address: Mapped[str | None] = f.text(
        L("详细地址", "詳細地址", "Address"), 300, importable=True, quick=True, search=True, section="place"
    )
    geo_lng: Mapped[float | None] = f.geo(L("经度", "經度", "Longitude"), 180, importable=True, section="place")
    geo_lat: Mapped[float | None] = f.geo(L("纬度", "緯度", "Latitude"), 90, importable=True, section="place")
    place_photo: Mapped[str | None] = f.photo(
        L("位置来自照片", "位置來自照片", "Place taken from photo"), readonly=True, section="place"
    )
    building_no: Mapped[str | None] = f.text(L("楼栋门牌", "樓棟門牌", "Building"), 60, section="place")
    sales_region_id: Mapped[str | None] = f.option(
        L("销售区域", "銷售區域", "Sales region"), "sales_region", section="place"
    )
    category_id: Mapped[str | None] = f.option(
        L("客户类别", "客戶類別", "Category"),
        "customer_category",
        listed=True,
        quick=True,
        importable=True,
        section="class",
        index=True,
    )
    source_id: Mapped[str | None] = f.option(
        L("客户来源", "客戶來源", "Source"), "customer_source", listed=True, importable=True, section="class"
    )
    group_id: Mapped[str | None] = f.option(
        L("客户分组", "客戶分組", "Group"), "customer_group", importable=True, section="class"
    )
    grade_id: Mapped[str | None] = f.option(
        L("客户等级", "客戶等級", "Grade"), "customer_grade", importable=True, listed=True, section="class"
    )
    relation_id: Mapped[str | None] = f.option(
        L("客户关系", "客戶關係", "Relation"), "customer_relation", section="class"
    )
    industry: Mapped[str | None] = f.text(L("所属行业", "所屬行業", "Industry"), 60, importable=True, section="class")
    website: Mapped[str | None] = f.url(L("网站地址", "網站地址", "Website"), section="class")
    parent_id: Mapped[str | None] = f.ref(
        L("上级客户", "上級客戶", "Parent customer"), "customer", importable=True, section="class"
    )
    lead_stage: Mapped[str] = f.choice(
        L("客户阶段", "客戶階段", "Lead stage"),
        LEAD_STAGES,
        default="potential",
        fixed=True,
        listed=True,
        importable=True,
        section="class",
        index=True,
    )
    sales_stage_id: Mapped[str | None] = f.option(
        L("跟进阶段", "跟進階段", "Follow-up stage"), "sales_stage", listed=True, section="class", policy="latest"
    )
    settlement_mode: Mapped[str] = f.choice(
        L("结账方式", "結帳方式", "Settlement"),
        SETTLEMENT_MODES,
        default="credit",
        importable=True,
        listed=True,
        section="money",
    )
    credit_limit: Mapped[Decimal | None] = f.money(
        L("信用额度", "信用額度", "Credit limit"), min=0, importable=True, section="money"
    )
    month_end_day: Mapped[int | None] = f.integer(
        L("月结日期", "月結日期", "Month-end day"), min=1, max=31, importable=True, section="money"
    )
    prepay_allowed: Mapped[bool] = f.boolean(L("可预存", "可預存", "May prepay"), default=False, section="money")
    cross_branch: Mapped[bool] = f.boolean(
        L("可跨店消费", "可跨店消費", "Cross-branch"), default=False, section="money"
    )
    rep_code: Mapped[str | None] = f.text(
        L("编号（赠送代码）", "編號（贈送代碼）", "Rep code"), 6, quick=True, section="class"
    )
    contract_start: Mapped[date | None] = f.date(
        L("合同始日", "合約始日", "Contract from"), importable=True, section="money"
    )
    contract_end: Mapped[date | None] = f.date(
        L("合同止日", "合約止日", "Contract until"), importable=True, section="money"
    )
    finance_info: Mapped[str | None] = f.longtext(
        L("财务信息", "財務資訊", "Billing information"), 1000, section="money"
    )
    business_area: Mapped[str | None] = f.text(L("商圈", "商圈", "Trading area"), 60, section="place")
    storefront_photo: Mapped[str | None] = f.photo(L("门头照片", "店面照片", "Shop front photo"), section="place")
    departments: Mapped[str | None] = f.text(
        L("部门", "部門", "Departments"), 300, readonly=True, importable=True, section="class"
    )
    owner_id: Mapped[str | None] = f.ref(
        L("客服专员", "客服專員", "Owner"), "employee", readonly=True, listed=True, importable=True, section="class"
    )
    owned_since: Mapped[datetime | None] = f.moment(
        L("负责开始时间", "負責開始時間", "With the owner since"), readonly=True, section="system"
    )
    remark: Mapped[str | None] = f.longtext(
        L("备注信息", "備註資訊", "Remark"), importable=True, search=True, policy="append"
    )
    enabled: Mapped[bool] = f.boolean(L("启用", "啟用", "Enabled"), default=True, readonly=True, section="system")
    review: Mapped[str | None] = f.choice(L("审批", "審批", "Review"), REVIEWS, readonly=True, section="system")
    claimed_at: Mapped[datetime | None] = f.moment(
        L("领用时间", "領用時間", "Claimed"), readonly=True, section="system"
    )
    duplicate_of: Mapped[str | None] = f.ref(
        L("疑似重复", "疑似重複", "May be the same as"), "customer", readonly=True, section="system"
    )
    merged_into: Mapped[str | None] = f.ref(
        L("已合并到", "已合併到", "Merged into"), "customer", readonly=True, section="system"
    )
    filed_at: Mapped[datetime | None] = f.moment(
        L("建档时间", "建檔時間", "Filed"), readonly=True, listed=True, section="system", index=True
    )
    customer_status: Mapped[str] = f.choice(
        L("客户状态", "客戶狀態", "Status"),
        CUSTOMER_STATUS,
        default="open",
        readonly=True,
        listed=True,
        section="system",
    )
    visit_count: Mapped[int] = f.integer(
        L("拜访次数", "拜訪次數", "Visits"), default=0, readonly=True, section="system"
    )
    last_visit_at: Mapped[datetime | None] = f.moment(
        L("最近拜访", "最近拜訪", "Last visit"), readonly=True, listed=True, section="system"
    )
    last_contact_at: Mapped[datetime | None] = f.moment(
        L("最近联系", "最近聯絡", "Last contact"), readonly=True, listed=True, section="system"
    )
    next_contact_at: Mapped[datetime | None] = f.moment(
        L("预约联系时间", "預約聯絡時間", "Next contact"), listed=True, policy="latest", section="system"
    )
    sales_total: Mapped[Decimal] = f.money(
        L("销售总额", "銷售總額", "Sales total"), default=Decimal(0), readonly=True, total=True, section="system"
    )
    debt_total: Mapped[Decimal] = f.money(
        L("欠款总额", "欠款總額", "Debt"),
        default=Decimal(0),
        readonly=True,
        listed=True,
        total=True,
        section="system",
    )
    deposit_total: Mapped[Decimal] = f.money(
        L("预存余额", "預存餘額", "Deposit"), default=Decimal(0), readonly=True, total=True, section="system"
    )
    own: Mapped[dict[str, Any] | None] = f.own_values()
    created_by: Mapped[str | None] = f.ref(
        L("建档人", "建檔人", "Filed by"), "employee", readonly=True, listed=True, index=False, section="system"
    )


@register
class Contact(Record):
    """联系人 of a customer."""

    __tablename__ = "contact"
    spec = RecordSpec(
        label=L("联系人", "聯絡人", "Contact"),
        plural=L("联系人", "聯絡人", "Contacts"),
        area="customers",
        root="customer:customer_id",
        title="name",
        permission="customer",
        through=("customer_id", "customer"),
        import_sheet="联系人",
        sheet_of_parent=True,
    )
    customer_id: Mapped[str] = f.ref(
        L("客户名称", "客戶名稱", "Customer"), "customer", required=True, fixed=True, listed=True, importable=True
    )
    name: Mapped[str] = f.text(
        L("联系人", "聯絡人", "Name"), 60, required=True, listed=True, quick=True, importable=True, search=True
    )
    gender: Mapped[str | None] = f.choice(L("性别", "性別", "Title"), GENDERS, listed=True, importable=True)
    department: Mapped[str | None] = f.text(L("部门", "部門", "Department"), 60, listed=True, importable=True)
    job_title: Mapped[str | None] = f.text(
        L("职位", "職位", "Job title"), 60, listed=True, quick=True, importable=True
    )
    phone: Mapped[str | None] = f.phone(
        L("联系电话", "聯絡電話", "Phone"), listed=True, quick=True, importable=True, search=True
    )
    im_account: Mapped[str | None] = f.text(
        L("QQ/旺旺", "QQ/旺旺", "QQ / Wangwang"), 60, importable=True, search=True
    )
    email: Mapped[str | None] = f.email(L("邮件", "郵件", "E-mail"), importable=True, search=True)
    birthday: Mapped[str | None] = f.day(L("生日", "生日", "Birthday"), "birth_calendar", importable=True)
    birth_calendar: Mapped[str | None] = f.choice(L("公历/农历", "公曆/農曆", "Calendar"), CALENDARS, importable=True)
    is_primary: Mapped[bool] = f.boolean(L("主联系人", "主聯絡人", "Main contact"), default=False)
    remark: Mapped[str | None] = f.longtext(L("备注", "備註", "Remark"), search=True, policy="append")
    own: Mapped[dict[str, Any] | None] = f.own_values()


@register
class Terminal(Record):
    """终端: a ship-to address or shop of the customer."""

    __tablename__ = "terminal"
    spec = RecordSpec(
        label=L("终端", "終端", "Terminal"),
        plural=L("终端", "終端", "Terminals"),
        area="customers",
        root="customer:customer_id",
        title="name",
        permission="customer",
        through=("customer_id", "customer"),
    )
    customer_id: Mapped[str] = f.ref(
        L("客户", "客戶", "Customer"), "customer", required=True, fixed=True, listed=True
    )
    name: Mapped[str] = f.text(L("终端", "終端", "Name"), 120, required=True, listed=True, quick=True, search=True)
    address: Mapped[str | None] = f.text(
        L("收货地址", "收貨地址", "Ship-to address"), 300, listed=True, quick=True, search=True
    )
    contact: Mapped[str | None] = f.text(L("收货人", "收貨人", "Consignee"), 60, listed=True, quick=True, search=True)
    phone: Mapped[str | None] = f.phone(L("联系电话", "聯絡電話", "Phone"), listed=True, quick=True, search=True)
    geo_lat: Mapped[float | None] = f.geo(L("纬度", "緯度", "Latitude"), 90)
    geo_lng: Mapped[float | None] = f.geo(L("经度", "經度", "Longitude"), 180)
    enabled: Mapped[bool] = f.boolean(L("启用", "啟用", "Enabled"), default=True)


@register
class CustomerDepartment(Record):
    """客户部门: a department or branch for which the customer orders and pays (CU-19, A). One that settles by itself is a
    customer of its own with this one as parent (B)."""

    __tablename__ = "customer_department"
    spec = RecordSpec(
        label=L("客户部门", "客戶部門", "Customer department"),
        plural=L("客户部门", "客戶部門", "Customer departments"),
        area="customers",
        root="customer:customer_id",
        title="name",
        permission="customer",
        through=("customer_id", "customer"),
    )
    customer_id: Mapped[str] = f.ref(
        L("客户", "客戶", "Customer"), "customer", required=True, fixed=True, listed=True
    )
    name: Mapped[str] = f.text(
        L("部门", "部門", "Department"), 60, required=True, listed=True, quick=True, search=True
    )
    contact: Mapped[str | None] = f.text(L("联系人", "聯絡人", "Contact"), 60, listed=True, quick=True, search=True)
    phone: Mapped[str | None] = f.phone(L("联系电话", "聯絡電話", "Phone"), listed=True, quick=True, search=True)
    remark: Mapped[str | None] = f.longtext(L("备注", "備註", "Remark"), 1000, policy="append")
    enabled: Mapped[bool] = f.boolean(L("启用", "啟用", "Enabled"), default=True, listed=True)


@register
class CustomerShare(Record):
    """共享: a colleague who may see and serve the customer beside the owner (CU-48)."""

    __tablename__ = "customer_share"
    __table_args__ = (UniqueConstraint("customer_id", "employee_id"),)
    spec = RecordSpec(
        label=L("共享", "共享", "Share"),
        plural=L("客户共享", "客戶共享", "Shares"),
        area="customers",
        root="customer:customer_id",
        title="employee_id",
        permission="customer",
        through=("customer_id", "customer"),
    )
    customer_id: Mapped[str] = f.ref(
        L("客户", "客戶", "Customer"), "customer", required=True, readonly=True, listed=True
    )
    employee_id: Mapped[str] = f.ref(
        L("共享给", "共享給", "Shared with"), "employee", required=True, readonly=True, listed=True
    )
    shared_by: Mapped[str] = f.ref(
        L("共享人", "共享人", "Shared by"), "employee", required=True, readonly=True, index=False, listed=True
    )


@register
class CustomerMove(Record):
    """客户归属记录: a customer got another owner, or none. It says what the customer was called and what it was then (CU-37),
    for the giver too, who may not see the customer any more."""

    __tablename__ = "customer_move"
    spec = RecordSpec(
        label=L("客户归属记录", "客戶歸屬記錄", "Change of owner"),
        plural=L("客户归属记录", "客戶歸屬記錄", "Changes of owners"),
        area="customers",
        root="customer:customer_id",
        title="name",
        permission="customer",
        owners=("from_id", "to_id"),
        through=("customer_id", "customer"),
        default_sort="-moved_at",
        synced=False,
    )
    customer_id: Mapped[str] = f.ref(L("客户", "客戶", "Customer"), "customer", required=True, readonly=True)
    name: Mapped[str] = f.text(
        L("客户名称", "客戶名稱", "Customer name"), 200, required=True, readonly=True, listed=True, search=True
    )
    kind: Mapped[str] = f.choice(L("方式", "方式", "How"), MOVES, required=True, readonly=True, listed=True)
    from_id: Mapped[str | None] = f.ref(L("转出人", "轉出人", "From"), "employee", readonly=True, listed=True)
    to_id: Mapped[str | None] = f.ref(L("接收人", "接收人", "To"), "employee", readonly=True, listed=True)
    moved_at: Mapped[datetime] = f.moment(
        L("转交时间", "轉交時間", "When"), required=True, readonly=True, listed=True, index=True
    )
    by_approval: Mapped[bool] = f.boolean(
        L("经审批", "經審批", "By approval"), default=False, readonly=True, listed=True
    )
    moved_by: Mapped[str | None] = f.ref(
        L("经办人", "經辦人", "By"), "employee", readonly=True, listed=True, index=False
    )
    category_id: Mapped[str | None] = f.option(
        L("客户类别", "客戶類別", "Category"), "customer_category", readonly=True, listed=True
    )
    customer_status: Mapped[str | None] = f.choice(
        L("客户状态", "客戶狀態", "Status"), CUSTOMER_STATUS, readonly=True, listed=True
    )
    sales_region_id: Mapped[str | None] = f.option(
        L("销售区域", "銷售區域", "Sales region"), "sales_region", readonly=True, listed=True
    )
