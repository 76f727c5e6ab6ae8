"""Reports: from the chart to the list to the record on the tablet, one's own on a phone without network, and one that is made
in the browser, given to everybody and read by a rep."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE, TABLET
from tests.e2e.people import Clerk, Manager, Rep


def test_from_a_number_to_its_list_on_the_tablet(stage: Stage) -> None:
    manager = Manager(stage.open("tablet of figures", TABLET), "manager")
    manager.log_in()
    manager.rail("报表")
    manager.page.get_by_role("link", name="本年拜访统计", exact=True).click()
    table = manager.page.get_by_role("region", name="本年拜访统计")
    expect(table.locator("tfoot")).to_contain_text("合计")
    manager.page.get_by_role("button", name="按: 客户").click()
    manager.page.get_by_role("option", name="拜访人员", exact=True).click()
    expect(table.locator("thead .first")).to_have_text("拜访人员")
    first = table.locator("tbody tr").first
    name = first.locator(".name").inner_text().strip()
    count = int(first.locator(".number").first.inner_text())
    first.locator(".name").click()
    manager.page.get_by_role("button", name="按“客户”细分").click()
    expect(manager.page.locator(".trail")).to_contain_text(name)
    expect(table.locator("thead .first")).to_have_text("客户")
    expect(table.locator("tfoot .number").first).to_have_text(str(count))
    table.locator("tfoot .number").first.click()
    manager.sees(f"共 {count} 条")
    expect(manager.page.locator("li .row")).to_have_count(min(count, 50))
    expect(manager.page.locator("li .row").first).to_contain_text(name)
    manager.page.go_back()
    expect(manager.page.locator(".trail")).to_contain_text(name)


def test_ones_own_numbers_are_there_without_network_with_their_time(stage: Stage) -> None:
    rep = Rep(stage.open("phone of figures", PHONE), "rep1")
    rep.log_in()
    rep.go("/reports")
    rep.sees("我本年拜访统计")
    rep.device.wait_until_stored("xunke-cache", "_answers", "/api/reports/visits.mine")
    with rep.device.offline():
        rep.page.get_by_role("link", name="我本年拜访统计").click()
        expect(rep.page.locator("tfoot")).to_contain_text("合计")
        rep.sees("数据时间")
        rep.sees("离线")


def test_a_report_made_in_the_browser_is_read_by_everybody(stage: Stage) -> None:
    admin = Clerk(stage.open("desk of figures", DESK), "admin")
    admin.log_in()
    admin.go("/reports/new/edit")
    page = admin.page
    page.get_by_label("报表名称").fill("各类客户")
    page.get_by_label("可以按这些统计").click()
    page.get_by_role("option", name="客户类别", exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("heading", name="各类客户")).to_be_visible()
    whole = page.locator("tfoot .number").first.inner_text()
    assert int(whole) > 0
    page.get_by_role("button", name="保存", exact=True).click()
    page.get_by_role("button", name="发给所有人").click()
    admin.sees("所有人都能打开了")

    rep = Rep(stage.open("phone of a reader", PHONE), "rep1")
    rep.log_in()
    rep.go("/reports")
    rep.page.get_by_role("link", name="各类客户").click()
    expect(rep.page.get_by_role("heading", name="各类客户")).to_be_visible()
    mine = int(rep.page.locator("tfoot .number").first.inner_text())
    assert 0 < mine < int(whole)
