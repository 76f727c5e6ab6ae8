"""An administrator adds a field while everything runs; a rep fills it in without network; it is deleted under his hands
and comes back with what he wrote."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Stage
from tests.e2e.day import shop_with_credit
from tests.e2e.device import DESK, PHONE
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Person, Rep

WORDS = "Sunny Corner 冷柜靠门"


def field(person: Person, label: str) -> Locator:
    """A field of the form that is open, by what people read at it."""
    return person.page.get_by_label(label, exact=False).first


def add_field(admin: Clerk, name: str, kind: str, *flags: str) -> None:
    page = admin.page
    admin.tap("新增字段")
    dialog = page.get_by_role("dialog")
    dialog.locator("input[name=name]").fill(name)
    if kind != "文本":
        dialog.get_by_label("类型").click()
        page.get_by_role("option", name=kind, exact=True).click()
    if kind in ("单选", "多选"):
        for choice in ("直营", "加盟"):
            dialog.get_by_label("新选项").fill(choice)
            admin.button("添加", within=dialog).click()
    for flag in flags:
        dialog.get_by_text(flag, exact=True).click()
    admin.button("保存", within=dialog).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    admin.sees(name)


def test_an_own_field_from_the_desk_to_the_phone_and_back(stage: Stage) -> None:
    with stage.office("rep1") as office:
        shop = shop_with_credit(office)
    rep = Rep(stage.open("phone", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    admin = Clerk(stage.open("desk", DESK), "admin")
    admin.log_in()
    admin.rail("自定义字段")
    add_field(admin, "陈列说明", "文本", "可搜索", "列表中显示", "手机快速表单中显示")
    add_field(admin, "门店性质", "单选")
    admin.device.screenshot("own-fields-desk")

    # The phone has heard of the last of them before its network goes.
    rep.tab("客户")
    rep.find_customer(shop["name"])
    rep.page.get_by_role("link", name="编辑", exact=True).click()
    expect(rep.page.get_by_role("group", name="门店性质")).to_be_visible(timeout=SYNC_TIMEOUT)
    with rep.device.offline():
        rep.go("/customers")
        rep.find_customer(shop["name"])
        rep.page.get_by_role("link", name="编辑", exact=True).click()
        field(rep, "陈列说明").fill(WORDS)
        rep.page.get_by_role("group", name="门店性质").get_by_role("button", name="加盟").click()
        rep.tap("保存")
        rep.sees("已改好")
        rep.tap("资料")
        rep.sees(WORDS)
        rep.sees("加盟")
        rep.device.screenshot("own-fields-phone")
        # Found by what it says, without network.
        rep.tab("客户")
        rep.page.get_by_role("searchbox", name="名称 / 拼音首字母 / 电话").fill("sunny")
        expect(rep.page.get_by_role("link", name=re.compile(f"^{shop['name']}"))).to_be_visible()
    rep.waits_for_everything()

    admin.go(f"/desk/customers?q={shop['name']}")
    expect(admin.page.get_by_role("columnheader", name="陈列说明")).to_be_visible()
    admin.sees(WORDS)
    admin.page.get_by_role("searchbox", name=re.compile("^搜索")).first.fill("sunny corner")
    expect(admin.page.get_by_role("row").filter(has_text=WORDS)).to_have_count(1)

    # Deleted while the phone holds a change of it that nobody has seen yet.
    with rep.device.offline():
        rep.tab("客户")
        rep.find_customer(shop["name"])
        rep.page.get_by_role("link", name="编辑", exact=True).click()
        field(rep, "陈列说明").fill("改到收银台旁")
        rep.tap("保存")
        rep.sees("已改好")
        admin.rail("自定义字段")
        listed = admin.page.get_by_role("listitem").filter(has_text="陈列说明")
        admin.button("删除", within=listed).click()
        dialog = admin.page.get_by_role("dialog")
        expect(dialog).to_contain_text("1 个值")
        admin.button("删除", within=dialog).click()
        expect(admin.page.get_by_role("heading", name="已删除")).to_be_visible()
    rep.go("/sync")
    expect(rep.card(shop["name"])).to_contain_text(re.compile("“陈列说明”已被删除"), timeout=SYNC_TIMEOUT)
    rep.device.screenshot("own-fields-told")
    rep.tab("客户")
    rep.find_customer(shop["name"])
    rep.tap("资料")
    rep.sees("加盟")
    rep.sees_nowhere("陈列说明")

    # A choice that is not offered any more stays readable where it was chosen.
    admin.button("编辑", within=admin.page.get_by_role("listitem").filter(has_text="门店性质")).click()
    dialog = admin.page.get_by_role("dialog")
    dialog.locator("input[name=name_en]").fill("Kind of shop")
    dialog.get_by_role("switch", name="加盟可选").click()
    admin.button("保存", within=dialog).click()
    expect(admin.page.get_by_role("dialog")).to_have_count(0)

    admin.tap("恢复")
    expect(
        admin.button("编辑", within=admin.page.get_by_role("listitem").filter(has_text="陈列说明"))
    ).to_be_visible()
    rep.go("/sync")
    rep.tap(re.compile("同步"))
    rep.go(f"/customers/{shop['id']}")
    rep.tap("资料")
    expect(rep.page.get_by_text("改到收银台旁").first).to_be_visible(timeout=SYNC_TIMEOUT)
    rep.sees("加盟")
