"""A customer workbook with every kind of dirt that companies send, one row for each, beside rows that are clean."""

import io
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from openpyxl import Workbook

HEADERS = [
    "客户名称", "联系人", "性别", "手机", "联系电话", "办公电话", "传真", "电子邮箱", "QQ/旺旺", "省份", "城市", "地区",
    "详细地址", "经度", "纬度", "客户类别", "客户来源", "客户分组", "客户等级", "所属行业", "上级客户", "结账方式", "信用额度",
    "月结日期", "合同始日", "合同止日", "部门", "客服专员", "备注信息",
]  # fmt: skip
CONTACT_HEADERS = ["客户名称", "联系人", "性别", "部门", "职位", "联系电话", "QQ/旺旺", "邮件", "生日", "公历/农历"]

#: kind → what differs from a clean row.
DIRT: dict[str, dict[str, Any]] = {
    "no_name": {"客户名称": None},
    "no_phone": {"手机": None},
    "phone_text": {"手机": "问老板娘"},
    "phone_lost": {"手机": "1.38E+10"},
    "bad_category": {"客户类别": "超级大客户"},
    "bad_mode": {"结账方式": "赊账"},
    "neg_credit": {"信用额度": -1},
    "day_32": {"月结日期": 32},
    "lat_out": {"纬度": 136.5},
    "half_place": {"纬度": None},
    "date_reversed": {"合同始日": "2026-03-01", "合同止日": "2025-03-01"},
    "bad_date": {"合同始日": "明年春天"},
    "long_name": {"客户名称": "很长的名字" * 60},
    "cell_error": {"手机": "#N/A"},
    "owner_unknown": {"客服专员": "查无此人"},
    "parent_unknown": {"上级客户": "不存在的集团公司"},
    "parent_bad": {"上级客户": "day_32 有限公司"},
    "parent_ok": {"上级客户": "最后一行有限公司"},
    "lat_lng_swapped": {"经度": 36.11, "纬度": 120.35},
    "full_width_phone": {"手机": "１３８０００２０００１"},
    "phone_float": {"手机": 13800020002.0},
    "phone_scientific": {"手机": "1.3800020003E+10"},
    "leading_space": {"客户名称": "  leading_space 有限公司 "},
    "date_text": {"合同始日": "2025年3月1日"},
    "date_cell": {"合同始日": datetime.combine(date(2025, 3, 1), time.min)},
    "date_serial": {"合同始日": 45717},
    "money_text": {"信用额度": "￥5,000元"},
    "formula": {"备注信息": '=HYPERLINK("http://evil.example","x")'},
    "html": {"备注信息": "<img src=x onerror=alert(1)>"},
    "emoji": {"备注信息": "好客户👍🏻"},
    "newline": {"备注信息": "第一行\n第二行"},
    "owner": {"客服专员": "张三"},
    "traditional": {"结账方式": "記帳", "性别": "先生"},
}
#: What a good import makes of each: the code of the error, or None where the row is imported.
EXPECTED: dict[str, str | None] = {
    "no_name": "required",
    "no_phone": "needs_phone",
    "phone_text": "bad_phone",
    "phone_lost": "digits_lost",
    "bad_category": "unknown_option",
    "bad_mode": "not_a_choice",
    "neg_credit": "too_small",
    "day_32": "too_large",
    "lat_out": "too_large",
    "half_place": "place_incomplete",
    "date_reversed": "dates_reversed",
    "bad_date": "not_a_date",
    "long_name": "too_long",
    "cell_error": "cell_error",
    "owner_unknown": "owner_unknown",
    "parent_unknown": "parent_unknown",
    "parent_bad": "parent_not_imported",
    "dup_phone": "duplicate_row",
    "dup_name": "duplicate_row",
    "dup_name_width": "duplicate_row",
}


def clean(name: str, index: int) -> dict[str, Any]:
    return {
        "客户名称": name, "联系人": "王强", "性别": "先生", "手机": f"139{index:08d}", "省份": "山东省", "城市": "青岛市",
        "地区": "市南区", "详细地址": f"香港中路 {index} 号", "经度": 120.38, "纬度": 36.06, "客户类别": "正式客户",
        "客户来源": "公司推荐", "客户分组": "A组", "客户等级": "银牌", "所属行业": "餐饮", "结账方式": "记账", "信用额度": 5000,
        "月结日期": 15,
    }  # fmt: skip


def dirty_rows() -> list[tuple[str, dict[str, Any]]]:
    """`(kind, row)` in the order of the sheet; the first data row is row 2."""
    rows = [
        (kind, {**clean(f"{kind} 有限公司", index), **dirt}) for index, (kind, dirt) in enumerate(DIRT.items(), 1)
    ]
    rows.append(("original", clean("青岛大海商贸（市南）有限公司", 900)))
    rows.append(("dup_phone", {**clean("另一家公司", 901), "手机": "+86 139 0000 0900"}))
    rows.append(("dup_name", clean("青岛大海商贸（市南）有限公司", 902)))
    rows.append(("dup_name_width", clean("青岛大海商贸(市南) 有限公司", 903)))
    rows.append(("last", clean("最后一行有限公司", 904)))
    return rows


CONTACTS: list[dict[str, Any]] = [
    {
        "客户名称": "最后一行有限公司",
        "联系人": "李会计",
        "联系电话": "0532-88886666",
        "生日": date(1990, 5, 1),
        "公历/农历": "农历",
    },
    {"客户名称": "最后一行有限公司", "联系人": "王强", "联系电话": "13900000904", "部门": "采购部"},
    {"客户名称": "不在客户页的公司", "联系人": "唐辉"},
    {"客户名称": "day_32 有限公司", "联系人": "张三"},
    {"客户名称": "最后一行有限公司", "联系人": None, "联系电话": "13900001111"},
]


def workbook(
    customers: Sequence[dict[str, Any]],
    contacts: Sequence[dict[str, Any]] = (),
    *,
    headers: Sequence[str] = HEADERS,
    contact_headers: Sequence[str] = CONTACT_HEADERS,
    titles: tuple[str, str] = ("客户", "联系人"),
    written: dict[str, str] | None = None,
) -> bytes:
    """The xlsx. `written` replaces headers as they stand in the file, e.g. in the other script."""
    book = Workbook(write_only=True)
    for title, columns, rows in ((titles[0], headers, customers), (titles[1], contact_headers, contacts)):
        sheet = book.create_sheet(title)
        sheet.append([(written or {}).get(name, name) for name in columns])
        for row in rows:
            sheet.append([row.get(name) for name in columns])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def dirty_workbook() -> bytes:
    return workbook([row for _, row in dirty_rows()], CONTACTS)
