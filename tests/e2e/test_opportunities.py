"""Opportunities: caught on the phone without network, spoken about, won with the reason; the desk sees which way it went."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Rep
from tests.e2e.screen import complaints, settled


@pytest.fixture(scope="module")
def shop(stage: Stage) -> str:
    with stage.office("rep1") as office:
        return str(office.all("customers", owner_id=office.id, enabled="1")[0]["name"])


def test_an_opportunity_is_caught_spoken_about_and_won_on_the_phone(stage: Stage, shop: str) -> None:
    rep = Rep(stage.open("rep", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    page = rep.page
    with rep.device.offline():
        rep.tab("客户")
        rep.find_customer(shop)
        page.get_by_role("button", name="联系记录", exact=True).click()
        rep.add_beside("商机")
        page.get_by_role("textbox", name="机会名称").fill("冰柜陈列")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("opportunity-new")
        rep.tap("保存")
        page.get_by_role("link", name="写联系记录").click()
        page.get_by_role("button", name="冰柜陈列", exact=True).click()
        page.get_by_role("textbox", name="联系内容").fill("老板同意放冰柜")
        rep.tap("保存")
        page.locator("a.record").filter(has_text="老板同意放冰柜").click()
        said = page.get_by_role("textbox", name="联系内容")
        expect(said).to_have_value("老板同意放冰柜")
        said.fill("老板同意放冰柜，下月")
        rep.tap("保存")
        expect(page.locator(".record").filter(has_text="老板同意放冰柜，下月")).to_have_count(1)
        page.get_by_role("link", name="冰柜陈列").click()
        rep.tap("成交")
        page.get_by_role("textbox", name="关闭原因").fill("价格合适")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("opportunity-won")
        page.get_by_role("dialog").get_by_role("button", name="成交").click()
        rep.sees("成交 · 价格合适")
    rep.waits_for_everything()
    with stage.office("rep1") as office:
        made = office.one("opportunities", name="冰柜陈列")
        assert (made["state"], made["close_reason"]) == ("won", "价格合适")
        assert office.one("contact-records", opportunity_id=made["id"])["content"] == "老板同意放冰柜，下月"


def test_the_desk_opens_it_again(stage: Stage) -> None:
    with stage.office("rep1") as office:
        row = office.one("opportunities", name="冰柜陈列")
    desk = Clerk(stage.open("desk", DESK), "rep1")
    desk.log_in()
    desk.go(f"/desk/opportunities/{row['id']}")
    expect(desk.page.get_by_text("价格合适").first).to_be_visible(timeout=SYNC_TIMEOUT)
    settled(desk.device)
    assert complaints(desk.device) == []
    desk.device.screenshot("opportunity-desk")
    desk.tap("重新打开")
    desk.sees("商机已重新打开")
    with stage.office("rep1") as office:
        assert office.one("opportunities", name="冰柜陈列")["state"] == "open"
