"""Contact records: a call without network leaves one with a tap, another is written with the next contact, which stands in
the list of whom to speak with; the desk has both."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE, TABLET
from tests.e2e.office import comes_to
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Rep
from tests.e2e.screen import complaints, settled


@pytest.fixture(scope="module")
def shop(stage: Stage) -> str:
    """A shop of 张海波 with a number, without an appointment, with which nobody has spoken yet."""
    with stage.office("rep1") as office:
        rows = office.all("customers", owner_id=office.id, next_contact_at__empty="1", enabled="1")
        known = {record["customer_id"] for record in office.all("contact-records")}
        return str(next(row["name"] for row in rows if row["mobile"] and row["id"] not in known))


def test_a_call_and_what_was_said_are_written_down_without_a_network(stage: Stage, shop: str) -> None:
    rep = Rep(stage.open("rep", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    page = rep.page
    with rep.device.offline():
        rep.tab("客户")
        rep.find_customer(shop)
        page.locator(".actions a").filter(has_text="电话").click()
        rep.sees("电话打得怎么样？")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.expect_accessible()
        rep.device.screenshot("call-sheet")
        rep.tap("无人接听")
        rep.sees("联系记录已保存")

        page.get_by_role("button", name="联系记录", exact=True).click()
        expect(page.locator(".record").filter(has_text="无人接听")).to_have_count(1)
        page.get_by_role("link", name="写联系记录").click()
        rep.tap("保存")
        rep.sees("请写下说了什么")
        page.get_by_role("textbox", name="联系内容").fill("要两箱，谈陈列费")
        page.get_by_role("button", name="微信", exact=True).click()
        page.get_by_role("button", name="明天", exact=True).click()
        page.get_by_role("textbox", name="下次目标").fill("带合同")
        page.get_by_role("heading", name="以前的联系").scroll_into_view_if_needed()
        page.mouse.wheel(0, 4000)  # to the end: nothing lies below the button that stays in reach
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.expect_accessible()
        rep.device.screenshot("contact-record-write", full_page=True)
        rep.tap("保存")
        expect(page.locator(".record").filter(has_text="要两箱，谈陈列费")).to_have_count(1)
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("contact-records-tab")
        page.goto(page.url.split("/customers")[0] + "/followups")
        expect(page.locator("section").filter(has_text="7 天内").get_by_text(shop)).to_be_visible()
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.expect_accessible()
        rep.device.screenshot("due-contacts")
    rep.waits_for_everything()
    with stage.office("rep1") as office:
        customer = office.one("customers", name=shop)
        found = office.all("contact-records", customer_id=customer["id"])
        assert [one["content"] for one in found] == ["要两箱，谈陈列费", "无人接听"]
        assert found[1]["phone"] == customer["mobile"]
        assert customer["next_contact_at"] == found[0]["next_contact_at"]


def test_a_text_message_is_begun_from_the_head_and_from_a_contact_and_leaves_a_record(
    stage: Stage, shop: str
) -> None:
    if "rep" in stage.devices:
        rep = Rep(stage.devices["rep"], "rep1")
    else:
        rep = Rep(stage.open("rep", PHONE), "rep1")
        rep.log_in()
        rep.waits_for_everything()
    page = rep.page
    with stage.office("rep1") as office:
        row = office.one("customers", name=shop)
        office.do("customer.edit", id=row["id"], set={"im_account": [row["im_account"], "微信 wang_2024"]})
    rep.waits_for_everything()
    with rep.device.offline():
        rep.go("/customers")
        rep.find_customer(shop)
        # A chat of which the account does not say how it opens: copied, and asked about as a call is.
        page.locator(".chat").get_by_role("button", name="微信 wang_2024").click(timeout=SYNC_TIMEOUT)
        rep.sees("已复制 wang_2024")
        rep.sees("聊得怎么样？")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("chat-sheet")
        rep.tap("对方已回复")
        rep.sees("联系记录已保存")
        head = page.locator(".head").get_by_role("link", name="发短信")
        expect(head).to_have_attribute("href", re.compile(r"^sms:1\d{10}$"))
        head.click()
        rep.sees("短信发出了吗？")
        rep.tap("已发短信")
        rep.sees("联系记录已保存")
        page.get_by_role("button", name="联系人·终端", exact=True).click()
        page.get_by_role("link", name=re.compile("^给.*发短信$")).first.click()
        rep.sees("短信发出了吗？")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("message-sheet")
        rep.tap("没有发")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("customer-people-numbers")
        page.get_by_role("button", name="联系记录", exact=True).click()
        expect(page.locator(".record").filter(has_text="已发短信")).to_have_count(1)
        expect(page.locator(".record").filter(has_text="对方已回复")).to_contain_text("微信")
    rep.waits_for_everything()


def test_a_new_customer_goes_on_to_its_first_contact_record(stage: Stage) -> None:
    rep = Rep(stage.open("another rep", PHONE), "rep2")
    rep.log_in()
    rep.waits_for_everything()
    page = rep.page
    page.goto(re.sub(r"(https?://[^/]+).*", r"\1/customers/new", page.url))
    page.get_by_role("textbox", name="客户名称").fill("新开的小店")
    page.get_by_role("textbox", name="手机").fill("13712340099")
    settled(rep.device)
    assert complaints(rep.device) == []
    rep.device.screenshot("customer-new")
    rep.tap("保存并写联系记录")
    page.get_by_role("textbox", name="联系内容").fill("头一次进店")
    rep.tap("保存")
    expect(page.locator(".record").filter(has_text="头一次进店")).to_have_count(1)
    rep.waits_for_everything()
    with stage.office("rep2") as office:
        made = office.one("customers", name="新开的小店")
        assert office.one("contact-records", customer_id=made["id"])["content"] == "头一次进店"


def test_the_desk_lists_them_and_counts_them_as_contacts_to_come(stage: Stage, shop: str) -> None:
    desk = Clerk(stage.open("desk", DESK), "rep1")
    desk.log_in()
    desk.go("/desk/contact-records")
    row = desk.page.get_by_role("row").filter(has_text="要两箱，谈陈列费")
    expect(row).to_be_visible(timeout=SYNC_TIMEOUT)
    settled(desk.device)
    assert complaints(desk.device) == []
    desk.device.screenshot("contact-records-desk")
    desk.go("/desk/customers?view=soon")
    expect(desk.page.get_by_role("row").filter(has_text=shop)).to_be_visible()
    desk.device.screenshot("soon-desk")
    # A call from there leaves a record with one tap.
    with stage.office("rep1") as office:
        called = office.one("customers", name=shop)
        wanted = {"customer_id": called["id"], "phone": called["mobile"], "content": "已接通"}
        before = len(office.all("contact-records", **wanted))
        desk.go(f"/desk/customers/{called['id']}")
        desk.page.get_by_role("link", name=called["mobile"], exact=True).first.click()
        desk.sees("电话打得怎么样？")
        settled(desk.device)
        assert complaints(desk.device) == []
        desk.device.screenshot("call-desk")
        desk.tap("已接通")
        desk.sees("联系记录已保存")
        comes_to(lambda: len(office.all("contact-records", **wanted)), before + 1)
        # And so does a chat from the head.
        desk.page.get_by_role("button", name="微信 wang_2024").click()
        desk.sees("聊得怎么样？")
        desk.tap("消息已发出")
        left = {"customer_id": called["id"], "content": "消息已发出"}
        comes_to(lambda: [one["phone"] for one in office.all("contact-records", **left)], [None])
    tablet = Rep(stage.open("tablet", TABLET), "rep1")
    tablet.log_in()
    tablet.waits_for_everything()
    tablet.page.goto(re.sub(r"(https?://[^/]+).*", r"\1/followups", tablet.page.url))
    expect(tablet.page.get_by_text(shop)).to_be_visible()
    settled(tablet.device)
    assert complaints(tablet.device) == []
    tablet.device.screenshot("due-contacts-tablet")
