"""An administrator arranges form and list of customers; the rep's phone asks for what is required without network, and the
desk's list has the chosen columns."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, expect

from server.records.ids import uuid7
from tests.e2e.conftest import Stage
from tests.e2e.day import shop_with_credit
from tests.e2e.device import DESK, PHONE
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Rep
from tests.e2e.screen import complaints, settled


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
    with page.expect_response("**/api/commands/layout.set"):  # the words about the first saving may still be there
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


def test_a_contact_record_with_pictures_is_written_without_network(stage: Stage, tmp_path: Path) -> None:
    """On the phone of before, with a form that the company has arranged meanwhile."""
    with stage.office("rep1") as office, stage.office("admin") as boss:
        shop = shop_with_credit(office, nth=1)
        boss.do(
            "own_field.create",
            id=uuid7(),
            values={"record_type": "contact_record", "name": "陈列说明", "kind": "mixed", "key": "shelf"},
        )
        form = [{"field": field, "group": "main"} for field in ("content", "own.shelf")]
        stage_asked = {"field": "sales_stage_id", "group": "main", "required": True}
        kind_hidden = {"field": "kind", "group": "main", "hidden": True}
        boss.do("layout.set", record_type="contact_record", groups=[], form=[*form, stage_asked, kind_hidden])
    picture = tmp_path / "堆头.png"
    Image.new("RGB", (60, 40), (200, 160, 40)).save(picture)
    rep = Rep(stage.devices["phone"], "rep1")
    rep.waits_for_everything()
    rep.go(f"/customers/{shop['id']}/contact-records/new")
    expect(rep.page.get_by_role("group", name="陈列说明")).to_be_visible(timeout=SYNC_TIMEOUT)
    with rep.device.offline():
        rep.go(f"/customers/{shop['id']}/contact-records/new")
        rep.fill("content", "老板同意换堆头")
        expect(rep.page.get_by_role("group", name="联系类型")).to_have_count(0)
        words = rep.page.get_by_role("group", name="陈列说明").get_by_role("textbox")
        words.first.fill("门口的要换")
        rep.page.locator("input[type=file][multiple]").set_input_files(picture)
        expect(rep.page.get_by_role("group", name="陈列说明").locator("img")).to_be_visible()
        words.last.fill("价签缺两种")
        rep.tap("保存")
        rep.sees("请填写跟进阶段")
        rep.device.screenshot("record-with-pictures")
        rep.page.get_by_role("group", name="跟进阶段").get_by_role("button").first.click()
        rep.tap("保存")
        rep.sees("联系记录已保存")
    rep.waits_for_everything()
    with stage.office("admin") as boss:
        [row] = boss.all("contact-records", customer_id=shop["id"], content__like="换堆头")
        assert [list(block) for block in row["own.shelf"]] == [["text"], ["file"], ["text"]]
    admin = Clerk(stage.devices["desk"], "admin")
    admin.go(f"/desk/contact-records/{row['id']}")
    admin.sees("门口的要换")
    expect(admin.page.get_by_role("button", name="堆头.png").locator("img")).to_be_visible(timeout=SYNC_TIMEOUT)
    admin.device.screenshot("record-with-pictures-desk")


def test_looks_are_made_at_the_desk_and_used_on_the_phone(stage: Stage, tmp_path: Path) -> None:
    logo = tmp_path / "标志.png"
    Image.new("RGB", (240, 60), (20, 110, 60)).save(logo)
    """On the devices of before: the printed order and the edit form of customers."""
    rep, admin = Rep(stage.devices["phone"], "rep1"), Clerk(stage.devices["desk"], "admin")
    admin.go("/desk/looks")
    page = admin.page

    # A page of paper, seen before anybody has it.
    admin.tap("新建模板")
    page.get_by_label("名称 *", exact=True).fill("送货单")
    admin.tap("A5")
    admin.tap("绿")
    page.locator("input[type=file]").set_input_files(logo)
    page.get_by_label("标题", exact=True).fill("送货单（存根）")
    page.get_by_label("签字栏").fill("收货人、送货人")
    sheet = page.locator(".sheet")
    expect(sheet.get_by_role("heading", name="送货单（存根）")).to_be_visible()
    expect(sheet.locator("img")).to_be_visible()
    expect(sheet.locator(".signatures p")).to_have_count(2)
    settled(admin.device)
    assert complaints(admin.device) == []
    admin.device.expect_accessible()
    admin.device.screenshot("template-print-desk")
    admin.button("保存", within=page.locator(".editor")).click()
    admin.sees("模板“送货单”已保存")
    row = page.get_by_role("listitem").filter(has_text="送货单")
    expect(row.get_by_text("使用中")).to_be_visible(timeout=SYNC_TIMEOUT)

    # Another one for the edit form of customers; the default look and the way back are a click away.
    page.get_by_role("group", name="所属资料").get_by_role("button", name="客户", exact=True).click()
    page.get_by_role("group", name="用途").get_by_role("button", name="修改", exact=True).click()
    admin.tap("新建模板")
    page.get_by_label("名称 *", exact=True).fill("门店")
    admin.tap("在左侧")
    admin.tap("橙")
    page.get_by_label("标题下的一行字").fill("先核对电话")
    admin.device.screenshot("template-form-desk")
    admin.button("保存", within=page.locator(".editor")).click()
    admin.sees("模板“门店”已保存")
    admin.tap("改用默认")
    admin.sees("已改用默认样式")
    admin.tap("撤销")
    expect(page.get_by_role("listitem").filter(has_text="门店").get_by_text("使用中")).to_be_visible(
        timeout=SYNC_TIMEOUT
    )

    # The phone has them with its next sync, and both without network.
    rep.waits_for_everything()
    with stage.office("rep1") as office:
        order = next(one for one in office.all("orders") if one["state"] != "cancelled")
    rep.device.wait_until_stored("xunke-cache", "_answers", "look:")
    with rep.device.offline():
        rep.go(f"/orders/{order['id']}")
        rep.page.get_by_role("link", name="打印", exact=True).click()
        sheet = rep.page.locator(".sheet")
        expect(sheet.get_by_role("heading", name="送货单（存根）")).to_be_visible()
        expect(sheet.locator("img")).to_be_visible()
        expect(sheet.locator("tbody tr").first).to_be_visible()
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("print-order-phone")
        rep.go(f"/customers/{order['customer_id']}/edit")
        rep.sees("先核对电话")
        expect(rep.page.locator("form.look-labels-beside.look-accent-orange")).to_be_visible()
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.expect_accessible()
        rep.device.screenshot("template-form-phone")
