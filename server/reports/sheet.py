"""A report as a workbook: numbers that a spreadsheet can go on with."""

import io
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from server.records.export import plain
from server.reports.answers import ReportAnswer
from server.reports.table import table_of

_FORMATS = {"money": "#,##0.00", "price": "#,##0.00##", "quantity": "#,##0.####", "part": "0.0%", "count": "#,##0"}


def write_book(answer: ReportAnswer, language: str, zone: ZoneInfo, narrowed: str = "") -> bytes:
    table = table_of(answer, language, zone, narrowed)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for bad in "[]:*?/\\":
        table.title = table.title.replace(bad, " ")
    sheet.title = table.title[:31]
    sheet.append([plain(table.title)])
    sheet.append([plain(table.about)])
    sheet.append([plain(name) for name in table.header])
    for row in table.rows:
        sheet.append([plain(value) if not hasattr(value, "quantize") else float(value) for value in row])
    if table.note:
        sheet.append([table.note])
    sheet["A1"].font = Font(bold=True, size=14)
    first, last = 3, 3 + len(table.rows)
    for place in range(1, len(table.header) + 1):
        head = sheet.cell(row=first, column=place)
        head.font = Font(bold=True)
        sheet.cell(row=last, column=place).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = (
            24 if place == 1 else 18 if table.kinds[place - 2] == "datetime" else 14
        )
        if place > 1:
            head.alignment = Alignment(horizontal="right")
            shape = _FORMATS.get(table.kinds[place - 2])
            for line in range(first + 1, last + 1) if shape else ():
                sheet.cell(row=line, column=place).number_format = shape or "General"
    sheet.freeze_panes = "B4"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
