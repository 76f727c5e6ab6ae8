"""An administrator makes a table while everything runs; a rep fills it in without network, from his customer's file."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e import screen
from tests.e2e.conftest import Stage
from tests.e2e.day import shop_with_credit
from tests.e2e.device import DESK, PHONE
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Rep
from tests.e2e.test_own_fields import add_field


def test_a_table_from_the_desk_to_the_phone_and_back(stage: Stage) -> None:
    with stage.office("rep1") as office:
        shop = shop_with_credit(office)
    with stage.office("admin") as office:
        # Its permissions were put together by hand, before there were tables.
        guest = office.create("role", name="外聘顾问", permissions={"customer.view": "own"})
    rep = Rep(stage.open("phone", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    admin = Clerk(stage.open("desk", DESK), "admin")
    admin.log_in()
    admin.rail("自定义数据表")
    admin.tap("新增数据表")
    dialog = admin.page.get_by_role("dialog")
    dialog.locator("input[name=name]").fill("冰柜")
    dialog.locator("input[name=title_name]").fill("编号")
    expect(dialog.get_by_text(re.compile("能看到：.*销售员"))).to_be_visible()
    expect(dialog.get_by_text(re.compile("勾选了也看不到，.*查看.*外聘顾问"))).to_be_visible()
    expect(dialog.get_by_role("checkbox", name="外聘顾问: 查看（角色自己还没有这个权限）")).to_be_checked()
    screen.settled(admin.device)
    admin.device.expect_accessible()
    admin.device.screenshot("table-editor-desk")
    admin.button("保存", within=dialog).click()
    # A new table has one column; it gets another one.
    admin.sees("还没有自定义字段")
    add_field(admin, "容量", "整数", "必填")

    admin.go(f"/desk/roles/{guest}")
    admin.page.get_by_role("radio", name=re.compile("^自定义数据 · 查看: 自己")).check()
    screen.settled(admin.device)
    admin.device.screenshot("role-own-rows-desk")
    admin.tap("保存")
    admin.sees("已保存")
    admin.rail("自定义数据表")
    admin.sees(re.compile("能看到：.*外聘顾问"))
    screen.settled(admin.device)
    admin.device.expect_accessible()
    admin.device.screenshot("tables-setup-desk")

    rep.tab("客户")
    rep.find_customer(shop["name"])
    rep.tap("联系记录")
    add = rep.page.get_by_role("link", name="添加冰柜")
    expect(add).to_be_visible(timeout=SYNC_TIMEOUT)
    with rep.device.offline():
        add.click()
        rep.page.get_by_label("编号").fill("A-17")
        rep.tap("保存")
        rep.sees("请填写容量")
        rep.page.get_by_label("容量").fill("200")
        rep.tap("保存")
        rep.page.get_by_role("link", name="A-17").click()
        rep.sees("200")
        for _ in ("the row", "the table"):
            screen.settled(rep.device)
            assert screen.complaints(rep.device) == []
            rep.device.expect_accessible()
            rep.go(rep.page.url.removeprefix(rep.device.url).rpartition("/")[0])
        rep.sees("1 行")
    rep.waits_for_everything()

    admin.rail("数据表")
    admin.page.get_by_role("link", name="冰柜").click()
    screen.settled(admin.device)
    admin.device.expect_accessible()
    row = admin.page.get_by_role("row").filter(has_text="A-17")
    expect(row).to_contain_text(shop["name"])
    expect(row).to_contain_text("200")
    row.click()
    admin.button("删除").click()
    admin.sees("已删除")
    expect(row).to_have_count(0)
    admin.tap("撤销")
    expect(row).to_have_count(1)
