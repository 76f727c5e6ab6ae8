"""Leads: a cold visit becomes a customer with its first report in one sitting without network; the second report carries the
call card over; followed, converted, reported on as an existing customer, and given back at the desk."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Rep
from tests.e2e.screen import complaints, settled

SHOP = "石老人便民超市"


@pytest.fixture(scope="module")
def rep(stage: Stage) -> Rep:
    found = Rep(stage.open("rep", PHONE), "rep1")
    found.log_in()
    found.waits_for_everything()
    return found


def chip(rep: Rep, group: str | re.Pattern[str], name: str) -> None:
    rep.page.get_by_role("group", name=group, exact=True).get_by_role("button", name=name, exact=True).click()


def test_a_cold_visit_is_written_down_in_one_sitting_without_network(stage: Stage, rep: Rep) -> None:
    page = rep.page
    with rep.device.offline():
        rep.tab("客户")
        rep.tap("线索")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("leads-list")
        rep.link("陌生拜访").click()
        rep.fill("primary_contact", "石老板")
        rep.fill("mobile", "13905320001")
        rep.fill("address", "香港东路 12 号")
        rep.fill("content", "新开的店，货从批发市场拿")
        chip(rep, "经营规模", "小型")
        chip(rep, "合作意向", "一般")
        rep.tap("保存")
        rep.sees("请填写现有供应商")  # red fields are required
        page.locator("input[name='own.supplier']").fill("批发市场")
        rep.tap("保存")
        rep.sees("请填写客户名称")
        rep.fill("name", SHOP)
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("cold-visit")
        rep.tap("保存")
        expect(page.get_by_role("heading", level=1)).to_have_text(SHOP)
        rep.sees("陌生拜访")
        rep.tap("列为潜在客户")
        rep.sees("客户阶段：潜在客户")
        rep.tap("开始跟进")
        chip(rep, "跟进阶段", "了解需求")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("lead-follow")
        page.get_by_role("dialog").get_by_role("button", name="开始跟进").click()
        rep.sees("客户阶段：跟进客户")
    rep.waits_for_everything()
    with stage.office("rep1") as office:
        shop = office.one("customers", name=SHOP)
        assert shop["lead_stage"] == "following"
        assert office.one("contacts", customer_id=shop["id"])["name"] == "石老板"
        told = office.one("call-reports", customer_id=shop["id"])
        assert (told["kind"], told["own.supplier"], told["own.size"]) == ("cold", "批发市场", "small")


def test_the_second_report_begins_with_the_last_card_and_shows_what_differs(stage: Stage, rep: Rep) -> None:
    page = rep.page
    rep.tab("客户")
    rep.find_customer(SHOP)
    with rep.device.offline():
        rep.link("写日报").first.click()
        rep.sees(re.compile("^已复制 .* 的日报信息"))
        supplier = page.locator("input[name='own.supplier']")
        expect(supplier).to_have_value("批发市场")
        supplier.fill("本公司")
        rep.fill("content", "开始从我们这里拿货")
        rep.sees("与上次相比有 1 项变化")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("call-report-copied")
        rep.tap("保存")
        rep.tap("联系记录")
        card = page.locator("a.report").filter(has_text="开始从我们这里拿货")
        expect(card.locator("s")).to_have_text("批发市场")
        expect(card.locator(".differs strong")).to_have_text("本公司")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("call-reports")
    rep.waits_for_everything()
    with stage.office("rep1") as office:
        shop = office.one("customers", name=SHOP)
        told = office.all("call-reports", customer_id=shop["id"], sort="-reported_at")[0]
        assert (told["kind"], told["differing"], told["own.size"]) == ("lead", ["own.supplier"], "small")
    # The next one begins with this one, and without what was typed for it.
    rep.tab("客户")
    rep.find_customer(SHOP)
    rep.link("写日报").first.click()
    rep.sees(re.compile("^已复制 .* 的日报信息"))
    expect(page.locator("input[name='own.supplier']")).to_have_value("本公司")
    expect(page.locator("textarea[name=content]")).to_have_value("")
    rep.link("重新填写").click()
    expect(page.locator("input[name='own.supplier']")).to_have_value("")


def test_an_existing_customer_gets_its_own_report(stage: Stage, rep: Rep) -> None:
    page = rep.page
    rep.tab("客户")
    rep.find_customer(SHOP)
    rep.tap("转为现有客户")
    page.get_by_role("dialog").get_by_role("button", name="转为现有客户").click()
    rep.sees("客户阶段：现有客户")
    rep.link("写日报").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("现有客户日报")
    rep.fill("content", "回访，要加一个冰柜")
    chip(rep, "客户满意度", "满意")
    rep.fill("demand", "下周二十箱")
    rep.sees_nowhere("现有供应商")
    settled(rep.device)
    assert complaints(rep.device) == []
    rep.device.screenshot("call-report-existing")
    rep.tap("保存")
    rep.sees("回访，要加一个冰柜")
    rep.waits_for_everything()
    with stage.office("rep1") as office:
        shop = office.one("customers", name=SHOP)
        told = office.all("call-reports", customer_id=shop["id"], sort="-reported_at")[0]
        assert (shop["lead_stage"], told["kind"], told["demand"]) == ("existing", "existing", "下周二十箱")


def test_the_desk_reads_the_reports_and_gives_the_customer_back(stage: Stage) -> None:
    with stage.office("rep1") as office:
        shop = office.one("customers", name=SHOP)
        copied = next(row for row in office.all("call-reports", customer_id=shop["id"]) if row["copied_from_id"])
    desk = Clerk(stage.open("desk", DESK), "clerk")
    desk.log_in()
    desk.go(f"/desk/call-reports/{copied['id']}")
    expect(desk.page.locator(".differs strong")).to_have_text("本公司", timeout=SYNC_TIMEOUT)
    settled(desk.device)
    assert complaints(desk.device) == []
    desk.device.screenshot("call-report-desk")
    desk.go(f"/desk/customers/{shop['id']}")
    desk.tap("退回潜在客户")
    desk.fill("reason", "合同没有谈成")
    desk.page.get_by_role("dialog").get_by_role("button", name="退回潜在客户").click()
    desk.sees("客户阶段：潜在客户")
    settled(desk.device)
    assert complaints(desk.device) == []
    desk.device.screenshot("lead-desk")
    desk.go(f"/desk/call-reports/new?customer_id={shop['id']}")
    desk.sees(re.compile("^已复制 .* 的日报信息"))
    desk.fill("content", "电话里又谈了一次")
    desk.page.locator("input[name='own.supplier']").fill("本地经销商")
    settled(desk.device)
    assert complaints(desk.device) == []
    desk.device.screenshot("call-report-new-desk")
    desk.tap("保存")
    expect(desk.page.locator(".differs strong")).to_have_text("本地经销商")
    with stage.office("rep1") as office:
        assert office.one("customers", name=SHOP)["lead_stage"] == "potential"
        written = [row["content"] for row in office.all("contact-records", customer_id=shop["id"], automatic="true")]
        assert "现有客户 → 潜在客户：合同没有谈成" in written
        told = office.all("call-reports", customer_id=shop["id"], sort="-reported_at")[0]
        assert (told["differing"], told["own.size"]) == (["own.supplier"], "small")
