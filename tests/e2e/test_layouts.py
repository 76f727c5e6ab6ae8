"""An administrator arranges form and list of customers; the rep's phone asks for what is required without network, and the
desk's list has the chosen columns."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Stage
from tests.e2e.day import shop_with_credit
from tests.e2e.device import DESK, PHONE
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Rep


def row(admin: Clerk, name: str) -> Locator:
    handle = admin.page.get_by_role("button", name=f"移动 {name}", exact=True)
    return admin.page.get_by_role("listitem").filter(has=handle)


def names(admin: Clerk) -> list[str]:
    found = admin.page.get_by_role("button", name="移动 ").evaluate_all("all => all.map(one => one.ariaLabel)")
    return [str(name).removeprefix("移动 ") for name in found]


def test_a_form_from_the_desk_to_the_phone_and_back(stage: Stage) -> None:
    with stage.office("rep1") as office:
        shop = shop_with_credit(office)
    rep = Rep(stage.open("phone", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    admin = Clerk(stage.open("desk", DESK), "admin")
    admin.log_in()
    admin.rail("表单与列表")
    page = admin.page

    # A group of the company's own; a field moved into it by keys, another by dragging.
    admin.tap("新增分组")
    page.get_by_role("dialog").get_by_label("名称", exact=True).fill("门店情况")
    admin.button("确定", within=page.get_by_role("dialog")).click()
    row(admin, "商圈").drag_to(row(admin, "门店情况"))
    handle = page.get_by_role("button", name="移动 商圈", exact=True)
    while names(admin).index("商圈") < names(admin).index("门店情况"):
        handle.press("ArrowDown")
    expect(handle).to_be_focused()
    row(admin, "商圈").get_by_label("必填").click()
    row(admin, "商圈").get_by_label("快速表单").click()
    row(admin, "传真").get_by_label("隐藏").click()
    # Nothing can be saved without a name, so it is not hidden.
    expect(row(admin, "客户名称").get_by_label("隐藏")).to_have_attribute("aria-disabled", "true")
    admin.device.screenshot("layout-form-desk")
    admin.button("保存").click()
    admin.sees("客户的表单与列表已保存")

    page.get_by_role("button", name="列表", exact=True).click()
    row(admin, "商圈").get_by_role("checkbox").click()
    while names(admin).index("商圈") > 1:
        page.get_by_role("button", name="移动 商圈", exact=True).press("ArrowUp")
    admin.button("商圈变宽").click()
    admin.device.screenshot("layout-list-desk")
    admin.button("保存").click()
    admin.sees("客户的表单与列表已保存")

    # The phone has it with its next sync and asks for it without network.
    rep.waits_for_everything()
    rep.go("/customers")
    rep.waits_for_everything()
    with rep.device.offline():
        rep.go("/customers")
        rep.tab("客户")
        rep.find_customer(shop["name"])
        rep.page.get_by_role("link", name="编辑", exact=True).click()
        expect(rep.page.get_by_text("门店情况")).to_be_visible(timeout=SYNC_TIMEOUT)
        expect(rep.page.get_by_label("传真")).to_have_count(0)
        rep.tap("保存")
        expect(rep.page.get_by_text("商圈").first).to_be_visible()
        rep.device.screenshot("layout-phone-required")
        rep.page.get_by_label("商圈").first.fill("香港中路")
        rep.tap("保存")
        rep.sees("已改好")
    rep.waits_for_everything()

    admin.go(f"/desk/customers?q={shop['name']}")
    expect(page.get_by_role("columnheader", name="商圈")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="香港中路")).to_have_count(1)
    admin.device.screenshot("layout-list-in-use")

    # Put back, and the undo of that.
    admin.rail("表单与列表")
    admin.tap("恢复默认")
    admin.button("恢复默认", within=page.get_by_role("dialog")).click()
    admin.sees("表单与列表已恢复默认")
    expect(page.get_by_role("button", name="移动 门店情况")).to_have_count(0)
    admin.tap("撤销")
    expect(page.get_by_role("button", name="移动 门店情况")).to_be_visible(timeout=SYNC_TIMEOUT)
