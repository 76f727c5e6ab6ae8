"""The workbook to fill in, and the workbook of what was not imported. Both are understood by the import again."""

import io
from collections.abc import Iterable
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.company.models import Option
from server.customers.importing.columns import REST_COLUMNS, SHEETS, Sheet, sheets_for
from server.customers.importing.parsing import MAX_LINES
from server.records.actor import Actor
from server.records.export import in_language, plain
from server.records.fields import FieldSpec, L, Label
from server.records.visibility import visible

_REQUIRED = L("必填", "必填", "Required")
_ONE_PHONE = L(
    "手机、联系电话、办公电话、传真至少填一个",
    "手機、聯絡電話、辦公電話、傳真至少填一個",
    "At least one of mobile, landline, office phone and fax",
)
_NOTES: dict[str, Label] = {
    "phone": L("只填号码，单元格设为文本", "只填號碼，儲存格設為文字", "Only the number, as text"),
    "date": L("写成 2026-03-01 的样子", "寫成 2026-03-01 的樣子", "Like 2026-03-01"),
    "birthday": L(
        "写成 2026-03-01 的样子；农历照写月日，如 1990-02-30",
        "寫成 2026-03-01 的樣子；農曆照寫月日，如 1990-02-30",
        "Like 2026-03-01; month and day of the lunar calendar as they are, like 1990-02-30",
    ),
    "money": L("数字，单位元，不能为负", "數字，單位元，不能為負", "A number in yuan, not negative"),
    "geo": L("WGS-84 坐标，小数度", "WGS-84 座標，小數度", "WGS-84, decimal degrees"),
    "parent_id": L(
        "上级客户的全名，可以在本表中",
        "上級客戶的全名，可以在本表中",
        "Full name of the parent; may be in this sheet",
    ),
    "owner_id": L("员工姓名或用户名", "員工姓名或使用者名稱", "Name or user name of an employee"),
    "departments": L("多个部门用顿号隔开", "多個部門用頓號隔開", "Several with commas between them"),
    "customer_id": L(
        "客户全名，在客户表或系统中",
        "客戶全名，在客戶表或系統中",
        "Full name of a customer of the first sheet or the system",
    ),
    "name": L("填写全称", "填寫全稱", "The full name"),
    "choices": L("可填几项，用顿号分开", "可填幾項，用頓號分開", "Several, divided by commas"),
    "employee": L("员工姓名或用户名", "員工姓名或使用者名稱", "Name or user name of an employee"),
    "customer": L("系统中客户的全名", "系統中客戶的全名", "Full name of a customer of the system"),
}


def template(session: Session, actor: Actor, language: str) -> bytes:
    """Two sheets with all columns, the company's lists as choices, and a note on what each column takes."""
    options: dict[str, list[str]] = {}
    statement = (
        select(Option.list_name, Option.name).where(Option.enabled, visible(actor, Option)).order_by(Option.sort)
    )
    for list_name, name in session.execute(statement):
        options.setdefault(list_name, []).append(name)
    book = Workbook()
    book.remove(book.active)
    for sheet in sheets_for(session, actor):
        _template_sheet(book, sheet, options, language)
    return _bytes(book)


def _template_sheet(book: Any, sheet: Sheet, options: dict[str, list[str]], language: str) -> None:
    lines = book.create_sheet(in_language(sheet.name, language))
    lines.freeze_panes = "A2"
    needed = {name for group in sheet.required if len(group) == 1 for name in group}
    needed |= {name for name, spec in sheet.own.items() if spec.required}
    for column, (name, spec) in enumerate(sheet.fields.items(), 1):
        cell = lines.cell(1, column, in_language(spec.label, language))
        cell.font = Font(bold=True)
        if name in needed:
            cell.fill = PatternFill("solid", fgColor="FFF2CC")
        note = _note(sheet, name, spec, needed, options, language)
        if note:
            cell.comment = Comment(note, "Xunke", width=260, height=90)
        letter = get_column_letter(column)
        lines.column_dimensions[letter].width = 28 if name in needed else 14
        if spec.kind in ("phone", "text", "date"):
            lines.column_dimensions[letter].number_format = "@"
        choices = _choices(spec, options, language)
        listed = '"' + ",".join(choices) + '"'
        if (
            choices and spec.kind != "choices" and len(listed) <= 255
        ):  # what a spreadsheet takes as a list written out
            validation = DataValidation(type="list", formula1=listed, allow_blank=True)
            validation.add(f"{letter}2:{letter}{MAX_LINES}")
            lines.add_data_validation(validation)


def _choices(spec: FieldSpec, options: dict[str, list[str]], language: str) -> list[str]:
    if spec.choices:
        return [in_language(label, language) for label in spec.choices.values()]
    return [name for name in options.get(spec.ref_list or "", []) if "," not in name and '"' not in name]


def _note(
    sheet: Sheet, name: str, spec: FieldSpec, needed: set[str], options: dict[str, list[str]], language: str
) -> str:
    parts: list[str] = []
    if name in needed:
        parts.append(in_language(_REQUIRED, language))
    elif any(name in group for group in sheet.required):
        parts.append(in_language(_ONE_PHONE, language))
    hint = _NOTES.get(name) or _NOTES.get(spec.kind) or (_NOTES.get(spec.ref or "") if name in sheet.own else None)
    if hint is not None:
        parts.append(in_language(hint, language))
    choices = _choices(spec, options, language)
    if choices:
        parts.append("、".join(choices[:20]))
    if spec.min is not None and spec.max is not None and spec.kind == "int":
        parts.append(f"{spec.min:g}–{spec.max:g}")
    return "\n".join(parts)


def rest_workbook(headers: dict[str, dict[str, str]], rows: Iterable[Any], language: str) -> bytes:
    """What was not imported, in the columns of the file, with the reason and the old row number in front."""
    book = Workbook(write_only=True)
    sheets: dict[str, Any] = {}
    for sheet in SHEETS:
        names = headers.get(sheet.key)
        if names is not None:
            lines = sheets[sheet.key] = book.create_sheet(in_language(sheet.name, language))
            lines.append([*(in_language(label, language) for label in REST_COLUMNS), *names.values()])
    for key, row_no, cells, why in rows:
        if key in sheets:
            sheets[key].append([plain(why), row_no, *(plain(cells.get(name, "")) for name in headers[key])])
    return _bytes(book)


def _bytes(book: Any) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
