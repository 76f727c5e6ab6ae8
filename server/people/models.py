"""People: departments, roles, employees, their devices and logins."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Index, Integer, String, Table, Text
from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L, Label
from server.records.record import Record, RecordSpec, register
from server.records.types import UtcDateTime
from sync.schema import metadata

GENDERS = {"male": L("先生", "先生", "Mr"), "female": L("女士", "女士", "Ms")}
REVEAL_REASONS = {"dial": L("拨打电话", "撥打電話", "A call"), "message": L("发短信", "傳簡訊", "A text message")}
#: Every telephone number that there is: `customer.mobile`; filled when all records are known (reveals.py).
NUMBERS: dict[str, Label] = {}
ENABLED = {"enabled": L("启用", "啟用", "Enabled"), "disabled": L("停用", "停用", "Disabled")}


@register
class Department(Record):
    """部门, a tree."""

    __tablename__ = "department"
    spec = RecordSpec(
        label=L("部门", "部門", "Department"),
        plural=L("部门", "部門", "Departments"),
        area="people",
        root="company",
        title="name",
        default_sort="name",
    )
    name: Mapped[str] = f.text(L("部门名称", "部門名稱", "Name"), 60, required=True, listed=True, quick=True)
    code: Mapped[str | None] = f.text(L("编号", "編號", "Code"), 20, listed=True)
    parent_id: Mapped[str | None] = f.ref(L("上级部门", "上級部門", "Parent"), "department", listed=True)
    head_id: Mapped[str | None] = f.ref(L("部门负责人", "部門負責人", "Head"), "employee", listed=True, index=False)
    phone: Mapped[str | None] = f.phone(L("电话", "電話", "Phone"))
    fax: Mapped[str | None] = f.phone(L("传真", "傳真", "Fax"))


@register
class Role(Record):
    """角色: permissions, each with a data scope. Rights come only from the role (PP-1). `field_rights`: what it may do less
    than everything with amounts and telephone numbers (server/records/rights.py)."""

    __tablename__ = "role"
    spec = RecordSpec(
        label=L("角色", "角色", "Role"),
        plural=L("角色", "角色", "Roles"),
        area="people",
        root="company",
        title="name",
        default_sort="name",
    )
    name: Mapped[str] = f.text(L("角色名称", "角色名稱", "Name"), 60, required=True, listed=True, quick=True)
    description: Mapped[str | None] = f.text(L("角色描述", "角色描述", "Description"), 400, listed=True)
    department_id: Mapped[str | None] = f.ref(L("对应部门", "對應部門", "Department"), "department", listed=True)
    parent_id: Mapped[str | None] = f.ref(L("父角色", "父角色", "Parent role"), "role", listed=True)
    is_administrator: Mapped[bool] = f.boolean(
        L("超级管理员", "超級管理員", "Super administrator"), default=False, readonly=True
    )
    permissions: Mapped[dict[str, Any]] = f.json(L("权限", "權限", "Permissions"), default=dict, policy="ask")
    field_rights: Mapped[dict[str, Any] | None] = f.json(L("字段权限", "欄位權限", "Rights to fields"), policy="ask")


@register
class Employee(Record):
    """员工 / 账号. The user name never changes; leaving people are disabled, not deleted (PP-6)."""

    __tablename__ = "employee"
    spec = RecordSpec(
        label=L("员工", "員工", "Employee"),
        plural=L("员工", "員工", "Employees"),
        area="people",
        root="company",
        title="real_name",
        owners=("id",),
        default_sort="username",
    )
    username: Mapped[str] = f.text(
        L("用户名", "使用者名稱", "User name"), 40, required=True, fixed=True, unique=True, listed=True, search=True
    )
    real_name: Mapped[str] = f.text(
        L("姓名", "姓名", "Name"), 40, required=True, listed=True, search=True, quick=True
    )
    pinyin_code: Mapped[str | None] = f.text(
        L("拼音简码", "拼音簡碼", "Pinyin initials"), 40, readonly=True, search=True
    )
    gender: Mapped[str | None] = f.choice(L("性别", "性別", "Gender"), GENDERS)
    department_id: Mapped[str] = f.ref(
        L("所属部门", "所屬部門", "Department"), "department", required=True, listed=True
    )
    role_id: Mapped[str] = f.ref(L("所属角色", "所屬角色", "Role"), "role", required=True, listed=True)
    supervisor_id: Mapped[str | None] = f.ref(L("上级主管", "上級主管", "Supervisor"), "employee", listed=True)
    position: Mapped[str | None] = f.text(L("岗位", "職位", "Position"), 60)
    office_phone: Mapped[str | None] = f.phone(L("办公电话", "辦公電話", "Office phone"))
    mobile: Mapped[str | None] = f.phone(L("手机号码", "手機號碼", "Mobile"), listed=True, search=True)
    email: Mapped[str | None] = f.email(L("电子邮箱", "電子郵件", "E-mail"))
    photo: Mapped[str | None] = f.photo(L("照片", "照片", "Photo"))
    max_customers: Mapped[int | None] = f.integer(
        L("跟进客户数量上限", "跟進客戶數量上限", "Customer limit"), min=0, max=100_000
    )
    max_follow_days: Mapped[int | None] = f.integer(
        L("跟进客户最长时间（天）", "跟進客戶最長時間（天）", "Longest follow-up (days)"), min=0, max=3650
    )
    rep_code: Mapped[str | None] = f.text(L("编号（赠送代码）", "編號（贈送代碼）", "Rep code"), 6)
    remark: Mapped[str | None] = f.longtext(L("备注", "備註", "Remark"))
    status: Mapped[str] = f.choice(
        L("可用状态", "可用狀態", "Status"), ENABLED, required=True, default="enabled", listed=True
    )


@register
class Device(Record):
    """设备: a phone, tablet or browser an employee signed in with, and its public key."""

    __tablename__ = "device"
    spec = RecordSpec(
        label=L("设备", "裝置", "Device"),
        plural=L("设备", "裝置", "Devices"),
        area="people",
        root="employee:employee_id",
        title="name",
        owners=("employee_id",),
        default_sort="-last_seen_at",
    )
    employee_id: Mapped[str] = f.ref(
        L("员工", "員工", "Employee"), "employee", required=True, readonly=True, listed=True
    )
    name: Mapped[str] = f.text(L("设备名称", "裝置名稱", "Name"), 80, required=True, listed=True)
    user_agent: Mapped[str | None] = f.text(L("浏览器", "瀏覽器", "Browser"), 300, readonly=True)
    public_key: Mapped[str | None] = f.text(L("公钥", "公開金鑰", "Public key"), 400, readonly=True)
    last_seen_at: Mapped[datetime | None] = f.moment(
        L("最近使用", "最近使用", "Last seen"), readonly=True, listed=True
    )
    revoked_at: Mapped[datetime | None] = f.moment(L("停用时间", "停用時間", "Revoked"), readonly=True, listed=True)
    revoked_by: Mapped[str | None] = f.ref(
        L("停用人", "停用人", "Revoked by"), "employee", readonly=True, index=False, listed=True
    )
    cloned_at: Mapped[datetime | None] = f.moment(
        L("发现重复设备", "發現重複裝置", "Second phone with this identity seen"), readonly=True, listed=True
    )


@register
class LoginLog(Record):
    """登录日志: every login with time and address (PP-12), and the failures."""

    __tablename__ = "login_log"
    spec = RecordSpec(
        label=L("登录日志", "登入日誌", "Login log entry"),
        plural=L("登录日志", "登入日誌", "Login log"),
        area="people",
        root="company",
        title="username",
        owners=("employee_id",),
        synced=False,
    )
    created_at: Mapped[datetime] = f.moment(L("时间", "時間", "Time"), required=True, readonly=True, listed=True)
    username: Mapped[str] = f.text(
        L("用户名", "使用者名稱", "User name"), 40, required=True, readonly=True, listed=True
    )
    employee_id: Mapped[str | None] = f.ref(L("员工", "員工", "Employee"), "employee", readonly=True, listed=True)
    ip: Mapped[str | None] = f.text(L("IP 地址", "IP 位址", "IP address"), 60, readonly=True, listed=True)
    device_id: Mapped[str | None] = f.text(L("设备", "裝置", "Device"), 36, readonly=True)
    outcome: Mapped[str] = f.choice(
        L("结果", "結果", "Outcome"),
        {
            "ok": L("成功", "成功", "Logged in"),
            "wrong_password": L("用户名或密码错误", "使用者名稱或密碼錯誤", "Wrong user name or password"),
            "disabled": L("账号已停用", "帳號已停用", "Account disabled"),
            "no_role": L("没有可用角色", "沒有可用角色", "No usable role"),
            "throttled": L("尝试过多", "嘗試過多", "Too many attempts"),
        },
        required=True,
        readonly=True,
        listed=True,
    )


@register
class PhoneReveal(Record):
    """号码使用记录: somebody used a number that his role sees masked. The number itself is not written down again."""

    __tablename__ = "phone_reveal"
    spec = RecordSpec(
        label=L("号码使用记录", "號碼使用記錄", "Use of a masked number"),
        plural=L("号码使用记录", "號碼使用記錄", "Uses of masked numbers"),
        area="people",
        root="company",
        title="subject",
        owners=("employee_id",),
        synced=False,
    )
    created_at: Mapped[datetime] = f.moment(L("时间", "時間", "Time"), required=True, readonly=True, listed=True)
    employee_id: Mapped[str] = f.ref(
        L("员工", "員工", "Employee"), "employee", required=True, readonly=True, listed=True
    )
    customer_id: Mapped[str | None] = f.ref(L("客户", "客戶", "Customer"), "customer", readonly=True, listed=True)
    record_type: Mapped[str] = f.text(L("资料类型", "資料類型", "Kind"), 40, required=True, readonly=True)
    record_id: Mapped[str] = f.text(L("资料", "資料", "Record"), 36, required=True, readonly=True)
    subject: Mapped[str | None] = f.text(L("名称", "名稱", "Name"), readonly=True, listed=True)
    field: Mapped[str] = f.choice(L("号码", "號碼", "Number"), NUMBERS, required=True, readonly=True, listed=True)
    why: Mapped[str] = f.choice(L("用途", "用途", "For"), REVEAL_REASONS, required=True, readonly=True, listed=True)
    device_id: Mapped[str | None] = f.text(L("设备", "裝置", "Device"), 36, readonly=True)


#: argon2 hashes, apart from the employee so that no read of the record can ever carry them.
credential = Table(
    "credential",
    metadata,
    Column("employee_id", String(36), primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

#: Logged-in sessions. Only a hash of the cookie is stored.
login_session = Table(
    "login_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("employee_id", String(36), nullable=False, index=True),
    Column("device_id", String(36), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

#: When a device was last heard of and what it said of itself then. Told by the device, so nothing is decided by it;
#: neither a record nor part of the history: it is written over every half minute.
device_contact = Table(
    "device_contact",
    metadata,
    Column("device_id", String(36), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("app", String(20)),
    Column("wire_schema", Integer),
    Column("waiting", Integer),
    Column("oldest_at", UtcDateTime),
)

#: Failed logins within the throttling window, by user name and by address.
login_failure = Table(
    "login_failure",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_login_failure_key", "key", "at"),
)
