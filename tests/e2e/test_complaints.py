"""A complaint: written down on the phone without network, with a picture; answered at the desk; closed on the phone with what
the customer says."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from media.drawing import draw_shop
from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Rep
from tests.e2e.screen import complaints, settled


def test_from_the_phone_to_the_desk_and_back_until_the_customer_is_satisfied(stage: Stage, tmp_path: Path) -> None:
    with stage.office("rep1") as office:
        shop = str(office.all("customers", owner_id=office.id, enabled="1")[0]["name"])
    picture = tmp_path / "破损.jpg"
    draw_shop(7, "破损").resize((640, 480)).save(picture)
    rep = Rep(stage.open("rep", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    page = rep.page
    with rep.device.offline():
        rep.tab("客户")
        rep.find_customer(shop)
        page.get_by_role("button", name="联系记录", exact=True).click()
        rep.add_beside("投诉与反馈")
        page.get_by_role("button", name="产品质量", exact=True).click()
        page.get_by_role("textbox", name="投诉内容").fill("两箱外包装破损")
        page.get_by_role("button", name="紧急", exact=True).click()
        page.locator("input[type=file]").set_input_files(picture)
        rep.sees("破损.jpg")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("complaint-new")
        rep.tap("保存")
        page.get_by_role("link", name="两箱外包装破损").click()
        rep.sees("同步后由公司定期限")
        rep.tap("转交")
        page.get_by_role("combobox", name="处理人").fill("陈")
        page.get_by_role("option").filter(has_text="陈").first.click()
        page.get_by_role("dialog").get_by_role("button", name="转交").click()
        rep.sees("已转交")
    rep.waits_for_everything()

    clerk = Clerk(stage.open("clerk", DESK), "clerk")
    clerk.log_in()
    with stage.office("clerk") as office:
        made = office.one("complaints", content="两箱外包装破损")
        assert (made["state"], made["handler_id"]) == ("open", office.id)
        assert office.one("attachments", id=made["files"][0])["state"] == "ready"
    clerk.go(f"/desk/complaints/{made['id']}")
    clerk.sees("破损.jpg", timeout=SYNC_TIMEOUT)
    settled(clerk.device)
    assert complaints(clerk.device) == []
    clerk.device.screenshot("complaint-desk")
    clerk.tap("答复")
    clerk.page.get_by_role("textbox", name="答复").fill("明天换两箱新的")
    clerk.button("答复", within=clerk.page.get_by_role("dialog")).click()
    clerk.sees("已答复，时限停止")

    rep.go("/complaints")
    page.get_by_role("link", name=shop).click()
    expect(page.get_by_text("明天换两箱新的").first).to_be_visible(timeout=SYNC_TIMEOUT)
    with rep.device.offline():
        rep.tap("回访并关闭")
        page.get_by_role("button", name="满意", exact=True).click()
        page.get_by_role("textbox", name="回访情况").fill("收到新货了")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("complaint-close")
        page.get_by_role("dialog").get_by_role("button", name="回访并关闭").click()
        rep.sees("已关闭")
    rep.waits_for_everything()
    with stage.office("rep1") as office:
        over = office.one("complaints", content="两箱外包装破损")
        assert (over["state"], over["satisfaction"], over["late"]) == ("closed", "good", False)
