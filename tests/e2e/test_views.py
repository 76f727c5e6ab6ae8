"""The desk saves a view and shares it; a rep uses it without network, starts with it, and it goes when it is deleted."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.day import shop_with_credit
from tests.e2e.device import DESK, PHONE
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Rep


def test_a_view_from_the_desk_to_the_phone(stage: Stage) -> None:
    with stage.office("rep1") as office:
        shop = shop_with_credit(office)
    admin = Clerk(stage.open("desk", DESK), "admin")
    admin.log_in()
    admin.rail("客户")
    page = admin.page
    views = page.get_by_role("group", name="视图")
    expect(views.get_by_role("button", name=re.compile("^欠款 "))).to_be_visible()
    admin.device.screenshot("views-desk-quick")

    # A list as one wants it becomes a view with a name, shared with everybody.
    admin.go(f"/desk/customers?name__like={shop['name'][:2]}&sort=-name&columns=name,mobile")
    admin.tap("存为视图")
    dialog = page.get_by_role("dialog")
    dialog.locator("input[name=name]").fill("我的重点店")
    dialog.get_by_role("button", name="所有人").click()
    admin.device.screenshot("views-desk-save")
    admin.button("保存", within=dialog).click()
    expect(views.get_by_role("button", name="我的重点店")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("columnheader")).to_have_count(3)
    admin.device.screenshot("views-desk-saved")

    # It leaves with all it asked for, and comes back with it.
    views.get_by_role("button", name=re.compile("^全部 ")).click()
    expect(page).not_to_have_url(re.compile("name__like"))
    views.get_by_role("button", name="我的重点店").click()
    expect(page).to_have_url(re.compile("name__like"))

    # On the phone: without network, and from the next start on at once.
    rep = Rep(stage.open("phone", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    rep.tab("客户")
    chips = rep.page.get_by_role("group", name="快捷视图")
    expect(chips.get_by_role("button", name="我的重点店")).to_be_visible(timeout=SYNC_TIMEOUT)
    with rep.device.offline():
        chips.get_by_role("button", name="近期生日").click()
        rep.device.screenshot("views-phone-birthday")
        chips.get_by_role("button", name="我的重点店").click()
        expect(rep.page.get_by_role("link", name=re.compile(f"^{shop['name']}"))).to_be_visible()
        rep.device.screenshot("views-phone")
        rep.button("打开列表时用这个视图").click()
        rep.sees("以后打开列表就是这个视图")
    rep.waits_for_everything()
    rep.go("/me")
    rep.go("/customers")
    expect(chips.get_by_role("button", name="我的重点店")).to_have_attribute("aria-pressed", "true")

    # Deleted at the desk, brought back, deleted again: the phone shows everything then.
    admin.button("视图的更多操作").click()
    page.get_by_text("删除视图").click()
    expect(views.get_by_role("button", name="我的重点店")).to_have_count(0)
    admin.tap("撤销")
    expect(views.get_by_role("button", name="我的重点店")).to_have_attribute("aria-pressed", "true")
    admin.button("视图的更多操作").click()
    page.get_by_text("删除视图").click()
    expect(chips.get_by_role("button", name="我的重点店")).to_have_count(0, timeout=SYNC_TIMEOUT)
    expect(chips.get_by_role("button", name="全部")).to_have_attribute("aria-pressed", "true")
