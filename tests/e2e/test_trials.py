"""A trial account: asked for on the phone without network, opened at the desk with its login, and told to the customer."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Rep
from tests.e2e.screen import complaints, settled


def test_a_trial_is_asked_for_on_the_road_opened_at_the_desk_and_its_login_told(stage: Stage) -> None:
    with stage.office("rep1") as office:
        shop = str(office.all("customers", owner_id=office.id, enabled="1")[0]["name"])
    rep = Rep(stage.open("rep", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    page = rep.page
    with rep.device.offline():
        rep.tab("客户")
        rep.find_customer(shop)
        page.get_by_role("button", name="联系记录", exact=True).click()
        page.get_by_role("link", name="申请试用").click()
        page.get_by_role("textbox", name="试用产品").fill("云仓储")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("trial-new")
        rep.tap("保存")
        rep.sees("云仓储")
    rep.waits_for_everything()

    desk = Clerk(stage.open("desk", DESK), "admin")
    desk.log_in()
    desk.link(re.compile("^待开通的试用账号")).click()
    desk.page.get_by_role("row", name="云仓储").click()
    desk.tap("开通")
    dialog = desk.page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="登录名").fill("cangku01")
    dialog.get_by_role("button", name="开通").click()
    desk.sees("试用账号已开通")
    desk.tap("更改密码")
    dialog.get_by_role("textbox", name="登录密码").fill("ck-2026")
    settled(desk.device)
    assert complaints(desk.device) == []
    desk.device.screenshot("trial-desk")
    dialog.get_by_role("button", name="更改密码").click()
    desk.sees("登录密码已登记")

    rep.go("/inbox")
    page.get_by_text("可以试用 云仓储").first.click()
    shown = rep.button("查看登录信息")
    expect(shown).to_be_visible(timeout=SYNC_TIMEOUT)
    shown.click()
    rep.sees("cangku01")
    rep.sees("ck-2026")
    settled(rep.device)
    assert complaints(rep.device) == []
    rep.device.screenshot("trial-login")
