"""A long export over a bad network: it goes on where it was cut, is found again by a page that was loaded anew, and is
thrown away once it is there."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from playwright.sync_api import Route, expect

from tests.e2e.conftest import Stage
from tests.e2e.device import DESK
from tests.e2e.office import comes_to
from tests.e2e.people import Clerk


class BadNetwork:
    """The first answer of a file breaks off in its middle, what is asked for then does not arrive until it is `mended`."""

    def __init__(self) -> None:
        self.ranges: list[str | None] = []
        self.broken = False
        self.mended = False

    def __call__(self, route: Route) -> None:
        self.ranges.append(route.request.headers.get("range"))
        if self.mended:
            route.continue_()
        elif self.broken:
            route.abort("internetdisconnected")
        else:
            self.broken = True
            answer = route.fetch()
            headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
            route.fulfill(status=answer.status, headers=headers, body=answer.body()[: len(answer.body()) // 2])


def names_in(file: Path) -> list[str]:
    sheet = openpyxl.load_workbook(file).worksheets[0]
    column = [cell.value for cell in sheet[1]].index("客户名称")
    return [str(row[column]) for row in sheet.iter_rows(min_row=2, values_only=True)]


def test_an_export_goes_on_after_a_cut_and_after_a_reload(stage: Stage, tmp_path: Path) -> None:
    clerk = Clerk(stage.open("desk", DESK), "admin")
    clerk.log_in()
    clerk.device.expect_complaint("ERR_INTERNET_DISCONNECTED")
    page, network = clerk.page, BadNetwork()
    page.route("**/api/exports/*/file", network)
    clerk.go("/desk/customers")
    expect(page.get_by_role("table").get_by_role("row").nth(2)).to_be_visible()

    clerk.tap("导出 Excel")
    shelf = page.get_by_role("region", name="导出")
    expect(shelf).to_contain_text("网络断了，连上后接着来", timeout=60_000)
    clerk.device.screenshot("exports-cut")
    with page.expect_download(timeout=60_000) as waiting:
        network.mended = True
    whole = tmp_path / "whole.xlsx"
    waiting.value.save_as(whole)
    expect(shelf).to_contain_text("已下载")
    assert network.ranges[0] is None
    [half] = {one for one in network.ranges[1:] if one}
    assert half.startswith("bytes=")
    with stage.office("admin") as office:
        comes_to(lambda: len(office.all("exports")), 0)
        shown = {row["name"] for row in office.all("customers")}
    names = names_in(whole)
    assert shown <= set(names)

    # Cut again, and the page is loaded anew meanwhile: the file is still there, with its person.
    network.broken = network.mended = False
    clerk.tap("导出 Excel")
    expect(shelf).to_contain_text("网络断了，连上后接着来", timeout=60_000)
    page.reload()
    expect(shelf).to_contain_text("已做好，可以下载", timeout=60_000)
    clerk.device.screenshot("exports-found")
    network.mended = True
    with page.expect_download(timeout=60_000) as waiting:
        clerk.button("下载", within=shelf).click()
    again = tmp_path / "again.xlsx"
    waiting.value.save_as(again)
    assert names_in(again) == names
    expect(page.get_by_role("region", name="导出")).to_have_count(0, timeout=30_000)
