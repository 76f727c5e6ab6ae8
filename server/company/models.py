"""The company itself and its own lists: what an administrator sets once and everybody uses."""

from typing import Any

from sqlalchemy.orm import Mapped

from server.records import fields as f
from server.records.fields import L
from server.records.record import Record, RecordSpec, register

COMPANY_ID = "00000000-0000-7000-8000-000000000001"

DUPLICATE_FIELDS = {
    "name": L("客户名称", "客戶名稱", "Name"),
    "mobile": L("手机", "手機", "Mobile"),
    "landline": L("固定电话", "固定電話", "Landline"),
    "office_phone": L("办公电话", "辦公電話", "Office phone"),
    "fax": L("传真", "傳真", "Fax"),
    "im_account": L("QQ/旺旺", "QQ/旺旺", "QQ / Wangwang"),
    "email": L("电子邮箱", "電子郵件", "E-mail"),
}

#: What the coordinates of map tiles are measured in; Chinese providers draw in GCJ-02, Baidu in BD-09.
MAP_DATUMS = {
    "gcj02": L("GCJ-02（高德、腾讯）", "GCJ-02（高德、騰訊）", "GCJ-02 (Amap, Tencent)"),
    "bd09": L("BD-09（百度）", "BD-09（百度）", "BD-09 (Baidu)"),
    "wgs84": L("WGS-84（天地图、OSM）", "WGS-84（天地圖、OSM）", "WGS-84 (Tianditu, OSM)"),
}

#: The company's own lists (BUSINESS.md, "settings lists").
LISTS = {
    "customer_category": L("客户类别", "客戶類別", "Customer category"),
    "customer_source": L("客户来源", "客戶來源", "Customer source"),
    "customer_group": L("客户分组", "客戶分組", "Customer group"),
    "customer_grade": L("客户等级", "客戶等級", "Customer grade"),
    "customer_relation": L("客户关系", "客戶關係", "Customer relation"),
    "sales_region": L("销售区域", "銷售區域", "Sales region"),
    "sales_stage": L("跟进阶段", "跟進階段", "Follow-up stage"),
    "industry": L("所属行业", "所屬行業", "Industry"),
    "contact_method": L("联系方式", "聯絡方式", "Ways of contact"),
    "opportunity_stage": L("商机阶段", "商機階段", "Stages of opportunities"),
    "trial_category": L("试用分类", "試用分類", "Categories of trial accounts"),
    "complaint_kind": L("投诉类型", "投訴類型", "Kinds of complaints"),
    "unit": L("计量单位", "計量單位", "Unit"),
    "payment_method": L("回款方式", "回款方式", "Payment method"),
    "logistics": L("物流公司", "物流公司", "Carrier"),
    "document_category": L("文档类别", "文件類別", "Category of documents"),
    "report_category": L("报告分类", "報告分類", "Category of reports"),
    "notice_category": L("公告类别", "公告類別", "Category of notices"),
    "photo_kind": L("照片类型", "照片類型", "Kind of photo"),
}


@register
class Company(Record):
    """公司: name, time zone and the rules that are configurable. One row. `menu_names`: what entries of the main menu are
    called, and which are left out, `{"<key of the product's name>": {"name"?, "name_tw"?, "name_en"?, "off"?}}`. `setup_guide`: how far the first filling has come
    (BUSINESS.md SY-1), `{"done": [step], "skipped": [step], "away": it is not shown any more}`. `data_sets`: companies that keep
    their books elsewhere (data_sets.py)."""

    __tablename__ = "company"
    spec = RecordSpec(
        label=L("公司设置", "公司設定", "Company settings"),
        plural=L("公司设置", "公司設定", "Company settings"),
        area="company",
        root="company",
        title="name",
        permission="company",
    )
    name: Mapped[str] = f.text(L("公司名称", "公司名稱", "Company name"), required=True, listed=True)
    time_zone: Mapped[str] = f.text(
        L("时区", "時區", "Time zone"), 60, required=True, default="Asia/Shanghai", listed=True
    )
    duplicate_fields: Mapped[list[str]] = f.json(
        L("撞单检查字段", "撞單檢查欄位", "Fields checked for duplicates"),
        default=lambda: ["name", "mobile", "landline"],
    )
    credit_check: Mapped[str] = f.choice(
        L("超信用额度", "超信用額度", "Credit limit exceeded"),
        {
            "hold": L("挂起待审批", "掛起待審批", "Hold for a decision"),
            "warn": L("仅提醒", "僅提醒", "Warn only"),
        },
        default="hold",
    )
    order_delete: Mapped[str] = f.choice(
        L("允许删除订单", "允許刪除訂單", "Orders may be deleted"),
        {
            "pending": L("仅等待审核", "僅等待審核", "While pending"),
            "never": L("不允许", "不允許", "Never"),
        },
        default="pending",
    )
    managers_hold_team: Mapped[bool] = f.boolean(
        L("主管设备保存团队客户", "主管裝置保存團隊客戶", "Managers' devices hold the team's customers"),
        default=False,
    )
    recovery_days: Mapped[int | None] = f.integer(
        L(
            "多少天未跟进回收到公海",
            "多少天未跟進回收到公海",
            "Days without follow-up until the pool takes a customer back",
        ),
        min=1,
        max=3650,
    )
    deal_days: Mapped[int | None] = f.integer(
        L(
            "多少天未成交回收到公海（员工另有规定的除外）",
            "多少天未成交回收到公海（員工另有規定的除外）",
            "Days without a deal until the pool takes a customer back (where the person has none of his own)",
        ),
        min=1,
        max=3650,
    )
    recovery_categories: Mapped[list[str] | None] = f.json(
        L(
            "回收范围（客户类别，不选为全部）",
            "回收範圍（客戶類別，不選為全部）",
            "Categories the pool takes back (none chosen: all)",
        ),
    )
    geofence_metres: Mapped[int] = f.integer(
        L("签到范围（米）", "簽到範圍（公尺）", "Check-in range (m)"), default=300, min=20, max=20000
    )
    stale_position_seconds: Mapped[int] = f.integer(
        L("定位有效时间（秒）", "定位有效時間（秒）", "A position counts for (s)"),
        default=120, min=10, max=3600, section="evidence",
    )  # fmt: skip
    offline_hours: Mapped[int] = f.integer(
        L("允许离线时长（小时）", "允許離線時長（小時）", "Offline window (h)"),
        default=72, min=1, max=720, section="evidence",
    )  # fmt: skip
    clock_tolerance_minutes: Mapped[int] = f.integer(
        L("允许时钟误差（分钟）", "允許時鐘誤差（分鐘）", "Clocks may differ by (min)"),
        default=10, min=1, max=120, section="evidence",
    )  # fmt: skip
    travel_kmh: Mapped[int] = f.integer(
        L("最高行进速度（公里/小时）", "最高行進速度（公里/小時）", "Fastest travel (km/h)"),
        default=150, min=30, max=1000, section="evidence",
    )  # fmt: skip
    picture_distance: Mapped[int] = f.integer(
        L("相似照片判定距离（0 关闭）", "相似照片判定距離（0 關閉）", "Distance of like pictures (0: off)"),
        default=10, min=0, max=16, section="evidence",
    )  # fmt: skip
    place_from_visit: Mapped[bool] = f.boolean(
        L("首次已核验拜访设定客户位置", "首次已核驗拜訪設定客戶位置", "First verified visit sets a customer's place"),
        default=True, section="evidence",
    )  # fmt: skip
    keep_originals_days: Mapped[int] = f.integer(
        L("原图保留天数（0 永久）", "原圖保留天數（0 永久）", "Keep original photos for (days, 0: for ever)"),
        default=0, min=0, max=36500, section="evidence",
    )  # fmt: skip
    map_tile_url: Mapped[str | None] = f.text(
        L("地图瓦片地址", "地圖圖磚網址", "Address of map tiles"), 400, section="map"
    )
    map_tile_attribution: Mapped[str | None] = f.text(
        L("地图版权说明", "地圖版權說明", "Attribution of the map"), 200, section="map"
    )
    map_tile_max_zoom: Mapped[int] = f.integer(
        L("瓦片最大级别", "圖磚最大級別", "Nearest zoom of the tiles"), default=18, min=1, max=22, section="map"
    )
    map_tile_datum: Mapped[str] = f.choice(
        L("瓦片坐标系", "圖磚座標系", "Coordinates of the tiles"), MAP_DATUMS, default="gcj02", section="map"
    )
    quiet_from: Mapped[str | None] = f.text(
        L("免打扰开始（HH:MM）", "勿擾開始（HH:MM）", "Quiet from (HH:MM)"),
        5,
        section="notifications",
    )
    quiet_until: Mapped[str | None] = f.text(
        L("免打扰结束（HH:MM）", "勿擾結束（HH:MM）", "Quiet until (HH:MM)"),
        5,
        section="notifications",
    )
    digest_over: Mapped[int] = f.integer(
        L("超过几条合并推送", "超過幾則合併推送", "More pushes than this are put together"),
        default=5, min=1, max=100, section="notifications",
    )  # fmt: skip
    digest_minutes: Mapped[int] = f.integer(
        L("合并推送的时间段（分钟）", "合併推送的時間段（分鐘）", "… within (min)"),
        default=10, min=1, max=1440, section="notifications",
    )  # fmt: skip
    give_up_hours: Mapped[int] = f.integer(
        L("群机器人重试时长（小时）", "群機器人重試時長（小時）", "Keep trying chat groups for (h)"),
        default=24, min=1, max=168, section="notifications",
    )  # fmt: skip
    work_days: Mapped[list[int]] = f.json(
        L("工作日（1 周一 … 7 周日）", "工作日（1 週一 … 7 週日）", "Working days (1 Monday … 7 Sunday)"),
        default=lambda: [1, 2, 3, 4, 5, 6], section="notifications",
    )  # fmt: skip
    answer_hours: Mapped[int] = f.integer(
        L("投诉答复时限（工作日小时）", "投訴答覆時限（工作日小時）", "Complaints are answered within (h of working days)"),
        default=24, min=1, max=720,
    )  # fmt: skip
    answer_warning_hours: Mapped[int] = f.integer(
        L("投诉到期前提醒（小时）", "投訴到期前提醒（小時）", "The handler is reminded of them before (h)"),
        default=4, min=0, max=240,
    )  # fmt: skip
    chain_edition: Mapped[bool] = f.boolean(
        L("连锁版（门店共享客户）", "連鎖版（門店共享客戶）", "Chain edition (branches share customers)"),
        default=False,
    )
    rep_codes: Mapped[bool] = f.boolean(
        L(
            "登记客户时填写编号（赠送代码）",
            "登記客戶時填寫編號（贈送代碼）",
            "The rep code is asked for when a customer is filed",
        ),
        default=False,
    )
    trial_accounts: Mapped[bool] = f.boolean(
        L("客户试用账号（代理版）", "客戶試用帳號（代理版）", "Trial accounts of customers (resellers)"),
        default=False,
    )
    menu_names: Mapped[dict[str, dict[str, Any]] | None] = f.json(L("菜单名称", "選單名稱", "Menu names"))
    data_sets: Mapped[list[dict[str, Any]] | None] = f.json(L("其他帐套", "其他帳套", "Other data sets"))
    setup_guide: Mapped[dict[str, Any] | None] = f.json(L("开账指引", "開帳指引", "Set-up guide"))
    visit_goal: Mapped[int] = f.integer(L("每日拜访目标", "每日拜訪目標", "Visits a day"), default=8, min=0, max=100)


@register
class Option(Record):
    """选项: an entry of one of the company's lists, in the company's own words."""

    __tablename__ = "option"
    spec = RecordSpec(
        label=L("选项", "選項", "List entry"),
        plural=L("基础资料", "基礎資料", "Lists"),
        area="company",
        root="company",
        title="name",
        permission="option",
        default_sort="sort",
    )
    list_name: Mapped[str] = f.choice(
        L("所属列表", "所屬清單", "List"), LISTS, required=True, fixed=True, listed=True, index=True
    )
    name: Mapped[str] = f.text(L("名称", "名稱", "Name"), 60, required=True, listed=True, quick=True)
    sort: Mapped[int] = f.integer(L("排序值", "排序值", "Sort value"), default=100, listed=True)
    is_default: Mapped[bool] = f.boolean(L("默认", "預設", "Default"), default=False, listed=True)
    enabled: Mapped[bool] = f.boolean(L("启用", "啟用", "Enabled"), default=True, listed=True)
