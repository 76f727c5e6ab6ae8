"""What the import says of a row, and what to do about it."""

from typing import Any

from server.records.errors import error_texts, in_language, sentence
from server.records.fields import L, Label

error_texts(
    {
        "read_as": L("按“{read_as}”读取", "按「{read_as}」讀取", "Read as {read_as}"),
        "formula_as_text": L(
            "公式按文字保存，不会计算", "公式按文字保存，不會計算", "A formula is kept as text and never computed"
        ),
        "lat_lng_swapped": L(
            "经度和纬度写反了，按经度 {lng}、纬度 {lat} 读取",
            "經度和緯度寫反了，按經度 {lng}、緯度 {lat} 讀取",
            "Longitude and latitude are swapped; read as longitude {lng}, latitude {lat}",
        ),
        "unknown_option": L(
            "{label}列表里没有这一项，可选：{choices}",
            "{label}清單裡沒有這一項，可選：{choices}",
            "{label} has no such choice; there are: {choices}",
        ),
        "owner_ignored": L(
            "您没有指派权限，客户归您自己", "您沒有指派權限，客戶歸您自己", "You may not assign customers; it becomes yours"
        ),
        "owner_unknown": L(
            "没有名为“{value}”的在用员工", "沒有名為「{value}」的在用員工", "There is no active employee named {value}"
        ),
        "owner_ambiguous": L(
            "有几位员工叫“{value}”", "有幾位員工叫「{value}」", "Several employees are called {value}"
        ),
        "own_customer_unknown": L(
            "系统里没有客户“{value}”", "系統裡沒有客戶「{value}」", "There is no customer {value} in the system"
        ),
        "duplicate_row": L(
            "{label}与第 {row} 行“{name}”重复", "{label}與第 {row} 列「{name}」重複", "Same {label} as row {row}, {name}"
        ),
        "parent_unknown": L(
            "上级客户“{value}”不存在", "上級客戶「{value}」不存在", "The parent customer {value} does not exist"
        ),
        "parent_not_imported": L(
            "上级客户在第 {row} 行，那一行不能导入",
            "上級客戶在第 {row} 列，那一列不能匯入",
            "The parent customer is in row {row}, which cannot be imported",
        ),
        "contact_customer_unknown": L(
            "客户不在文件里，系统里也没有", "客戶不在檔案裡，系統裡也沒有", "The customer is neither in the file nor in the system"
        ),
        "contact_customer_not_imported": L(
            "客户在第 {row} 行，那一行不能导入",
            "客戶在第 {row} 列，那一列不能匯入",
            "The customer is in row {row}, which cannot be imported",
        ),
    }
)  # fmt: skip

#: What a person can do about it; where nothing stands here, correcting the value is all there is to say.
REMEDIES: dict[str, Label] = {
    "required": L("补上这一格后重新导入这一行", "補上這一格後重新匯入這一列", "Fill the cell and import the row again"),
    "needs_phone": L(
        "补上手机、联系电话、办公电话或传真中的一个", "補上手機、聯絡電話、辦公電話或傳真中的一個", "Fill in one of the phone columns"
    ),
    "bad_phone": L(
        "只填号码，说明写到备注里", "只填號碼，說明寫到備註裡", "Write only the number; remarks belong in the remark column"
    ),
    "digits_lost": L(
        "把这一列设为文本格式，重新输入完整号码",
        "把這一欄設為文字格式，重新輸入完整號碼",
        "Format the column as text and type the whole number again",
    ),
    "too_long": L("缩短内容", "縮短內容", "Shorten it"),
    "too_small": L("改成不小于 {min} 的数", "改成不小於 {min} 的數", "Use a number of at least {min}"),
    "too_large": L("改成不大于 {max} 的数", "改成不大於 {max} 的數", "Use a number of at most {max}"),
    "not_a_date": L("写成 2026-03-01 的样子", "寫成 2026-03-01 的樣子", "Write it like 2026-03-01"),
    "not_a_number": L("只填数字", "只填數字", "Write only a number"),
    "cell_error": L("改正这一格的公式或直接填值", "改正這一格的公式或直接填值", "Mend the formula or type the value"),
    "not_a_choice": L("改成可选的一项", "改成可選的一項", "Use one of the choices"),
    "unknown_option": L(
        "改成列表中的一项，或先在基础资料里添加",
        "改成清單中的一項，或先在基礎資料裡新增",
        "Use an entry of the list, or add it to the list first",
    ),
    "dates_reversed": L("检查合同的两个日期", "檢查合約的兩個日期", "Check the two dates of the contract"),
    "place_incomplete": L("两格都填或都不填", "兩格都填或都不填", "Fill both cells or none"),
    "owner_unknown": L("改成在用员工的姓名或用户名", "改成在用員工的姓名或使用者名稱", "Use the name of an enabled employee"),
    "owner_ambiguous": L("改填用户名", "改填使用者名稱", "Use the user name"),
    "duplicate": L(
        "已有这个客户：联系其客服专员，或删除这一行",
        "已有這個客戶：聯絡其客服專員，或刪除這一列",
        "This customer exists: speak with its owner, or drop the row",
    ),
    "duplicate_row": L("两行是同一客户就删除一行", "兩列是同一客戶就刪除一列", "If both rows are one customer, drop one"),
    "parent_unknown": L(
        "先建立上级客户，再导入这一行", "先建立上級客戶，再匯入這一列", "Create the parent customer first"
    ),
    "parent_not_imported": L("先改正上级客户那一行", "先改正上級客戶那一列", "Correct the parent's row first"),
    "parent_circle": L("检查上级客户这一列", "檢查上級客戶這一欄", "Check the parent column"),
    "contact_customer_unknown": L(
        "改正客户名称，或先导入这个客户", "改正客戶名稱，或先匯入這個客戶", "Correct the name, or import the customer first"
    ),
    "contact_customer_not_imported": L("先改正客户那一行", "先改正客戶那一列", "Correct the customer's row first"),
    "lat_lng_swapped": L("确认后按建议导入", "確認後按建議匯入", "Imported as proposed"),
}  # fmt: skip


def remedy(code: str, language: str, params: dict[str, Any]) -> str:
    """What to do about a problem, in words; empty where there is nothing to do."""
    label = REMEDIES.get(code)
    if label is None:
        return ""
    text = label.of(language)
    for key, value in in_language(params, language).items():
        text = text.replace("{" + key + "}", str(value))
    return text


def in_words(problem: dict[str, Any], headers: dict[str, str], language: str) -> dict[str, Any]:
    """A stored problem as people read it: row, column, value, what is wrong and what to do."""
    params = {"value": problem["value"], **problem["params"]}
    return {
        **problem,
        "column": headers.get(problem["field"] or "", ""),
        "text": sentence(problem["code"], language, params),
        "remedy": remedy(problem["code"], language, params),
    }
