"""A workbook as companies send it: what is wrong comes back as a workbook with its reasons, is corrected and sent again."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from playwright.sync_api import FilePayload, expect

from tests.customers.dirty_workbook import clean, workbook
from tests.e2e.conftest import Stage
from tests.e2e.device import DESK
from tests.e2e.people import Clerk

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def choose(clerk: Clerk, name: str, content: bytes) -> None:
    chosen = FilePayload(name=name, mimeType=XLSX, buffer=content)
    clerk.page.get_by_label("选择文件").first.set_input_files([chosen])


def test_wrong_rows_come_back_are_corrected_and_sent_again(stage: Stage, tmp_path: Path) -> None:
    clerk = Clerk(stage.open("desk", DESK), "admin")
    clerk.log_in()
    clerk.go("/desk/imports")
    good = [clean(f"齐鲁便利{n}店", n) for n in range(3)]
    wrong = {**clean("没有电话的店", 7), "手机": None}
    text = {**clean("电话写成话的店", 8), "手机": "问老板娘"}
    choose(clerk, "客户资料.xlsx", workbook([*good, wrong, text]))
    clerk.sees("可导入 3 行，有错 2 行。", timeout=30_000)
    clerk.tap("导入 3 行")
    clerk.page.get_by_role("dialog").get_by_role("button", name="导入 3 行").click()
    clerk.sees("已导入 3 行。", timeout=30_000)
    clerk.sees("2 行没有导入。")

    with clerk.page.expect_download() as waiting:
        clerk.tap("下载没导入的行")
    file = tmp_path / "rest.xlsx"
    waiting.value.save_as(file)
    book = openpyxl.load_workbook(file)
    sheet = book["客户"]
    header = [cell.value for cell in sheet[1]]
    names, phones = header.index("客户名称"), header.index("手机")
    rows = {row[names].value: row for row in sheet.iter_rows(min_row=2)}
    assert rows.keys() == {"没有电话的店", "电话写成话的店"}
    assert any("手机" in str(cell.value) for cell in rows["电话写成话的店"])  # it says what is wrong with the row
    for number, row in enumerate(rows.values()):
        row[phones].value = f"1380009000{number}"
    book.save(file)

    clerk.tap("换一个文件")
    choose(clerk, "改好的.xlsx", file.read_bytes())
    clerk.sees("可导入 2 行，有错 0 行。", timeout=30_000)
    clerk.tap("导入 2 行")
    clerk.page.get_by_role("dialog").get_by_role("button", name="导入 2 行").click()
    clerk.sees("已导入 2 行。", timeout=30_000)
    clerk.page.get_by_role("link", name="看客户").click()
    for name in ("没有电话的店", "电话写成话的店", "齐鲁便利0店"):
        expect(clerk.page.get_by_role("table").get_by_text(name).first).to_be_visible()
