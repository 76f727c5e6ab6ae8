"""One box: at the desk by keyboard, on the tablet, and on the phone without network."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Stage
from tests.e2e.day import shop_with_credit
from tests.e2e.device import DESK, PHONE, TABLET
from tests.e2e.people import Clerk, Manager, Person, Rep


def box(person: Person) -> Locator:
    return person.page.get_by_role("combobox", name="搜索全部")


def hits(person: Person) -> Locator:
    return person.page.get_by_role("listbox", name="搜索全部").get_by_role("option")


def test_everything_is_found_from_the_keyboard(stage: Stage) -> None:
    with stage.office("rep1") as office:
        shop = shop_with_credit(office)
    clerk = Clerk(stage.open("desk", DESK), "admin")
    clerk.log_in()
    page = clerk.page
    expect(page.get_by_role("button", name="搜索全部")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(box(clerk)).to_be_focused()
    clerk.device.screenshot("search-start")
    page.keyboard.type(shop["name"][:3])
    expect(hits(clerk).first).to_be_visible()
    expect(hits(clerk).first.locator("mark").first).to_have_text(shop["name"][:3])
    clerk.device.screenshot("search-desk")
    clerk.device.expect_accessible()
    box(clerk).fill(shop["mobile"][-4:])
    expect(hits(clerk).filter(has_text=shop["name"]).first).to_be_visible()
    clerk.device.screenshot("search-phone-number")
    box(clerk).fill("zzqqxx")
    clerk.sees("没有找到“zzqqxx”")
    clerk.device.screenshot("search-nothing")
    box(clerk).fill(shop["customer_no"])
    expect(hits(clerk)).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"/desk/customers/{shop['id']}$"))
    page.keyboard.press("/")
    expect(hits(clerk).first).to_have_text(re.compile(shop["customer_no"]))  # searched lately
    clerk.device.screenshot("search-recent")
    page.keyboard.press("Escape")
    expect(box(clerk)).to_have_count(0)


def test_without_network_the_device_is_searched_and_says_so(stage: Stage) -> None:
    with stage.office("rep1") as office:
        shop = shop_with_credit(office)
    rep = Rep(stage.open("phone", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    rep.tab("客户")
    rep.page.get_by_role("link", name="搜索全部").click()
    box(rep).fill(shop["name"][:4])
    expect(hits(rep).filter(has_text=shop["name"]).first).to_be_visible()
    rep.device.screenshot("search-phone-online")
    with rep.device.offline():
        for typed in (shop["mobile"][-4:], shop["pinyin_code"], shop["customer_no"], shop["name"]):
            box(rep).fill(typed)
            rep.sees("没有网络：只搜索了这台设备上的内容")
            expect(hits(rep).filter(has_text=shop["name"]).first).to_be_visible()
        rep.device.screenshot("search-phone-offline")
        rep.device.expect_accessible()
        hits(rep).filter(has_text=shop["name"]).first.click()
        rep.page.wait_for_url(re.compile(f"/customers/{shop['id']}$"))
        rep.sees(shop["name"])


def test_the_tablet_has_it_too(stage: Stage) -> None:
    manager = Manager(stage.open("tablet", TABLET, path="/login"), "manager")
    manager.log_in()
    manager.page.get_by_role("button", name="搜索全部").click()
    box(manager).fill("超市")
    expect(hits(manager).first).to_be_visible()
    manager.device.screenshot("search-tablet")
