"""Colleagues who serve a customer as well: chosen with the first form, listed with whom and since when, ended from there."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from server.records.ids import uuid7
from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE
from tests.e2e.people import Clerk, Rep
from tests.e2e.screen import complaints, settled


def test_shared_from_the_first_day_and_seen_in_the_list(stage: Stage) -> None:
    with stage.office("rep1") as office:
        colleague = office.one("employees", username="rep2")["real_name"]
    rep = Rep(stage.open("rep", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    rep.go("/customers/new?name=红星杂货铺&mobile=13611112222")
    field = rep.page.get_by_role("combobox", name="一建档就共享给")
    field.click()
    field.fill(colleague)
    rep.page.get_by_role("option", name=re.compile(colleague)).click()
    rep.page.keyboard.press("Escape")
    settled(rep.device)
    assert complaints(rep.device) == []
    rep.device.screenshot("share-first-phone")
    rep.tap("保存")
    rep.sees("客户已记下")
    rep.waits_for_everything()
    with stage.office("rep2") as office:
        assert office.one("customers", name="红星杂货铺")["mobile"] == "13611112222"
    rep.tab("客户")
    rep.tap("我共享的")
    rep.sees(re.compile(f"共享给{colleague}，.*起"))
    rep.device.screenshot("shares-phone")


def test_the_desk_lists_shares_and_ends_one(stage: Stage) -> None:
    with stage.office("rep1") as office:
        # What one has filed oneself today is shared without asking.
        shop = {"id": uuid7(), "name": "今天建档的商店"}
        office.do("customer.create", id=shop["id"], values={"name": shop["name"], "mobile": "13911110000"})
        other = office.one("employees", username="rep2")
        office.do("customer.share", id=shop["id"], employee_id=other["id"])
    desk = Clerk(stage.open("desk", DESK), "rep1")
    desk.log_in()
    desk.go("/desk/customers?view=shared_by_me")
    desk.link("与谁共享、从何时起").click()
    row = desk.page.get_by_role("row").filter(has_text=shop["name"])
    expect(row).to_contain_text(other["real_name"])
    expect(desk.page.get_by_role("columnheader")).to_have_count(5)
    settled(desk.device)
    assert complaints(desk.device) == []
    desk.device.expect_accessible()
    row.get_by_role("checkbox").click()
    desk.device.screenshot("shares-desk")
    desk.tap("取消共享")
    desk.sees("已取消 1 个共享")
    expect(row).to_have_count(0)
    with stage.office("rep1") as office:
        assert office.all("customer-shares", customer_id=shop["id"]) == []


def test_a_customer_of_all_branches_is_taken_along(stage: Stage) -> None:
    with stage.office("admin") as admin:
        admin.edit("company", admin.one("companies"), chain_edition=True)
    with stage.office("rep1") as other:
        other.create("customer", name="连锁总店", mobile="13611113333", cross_branch=True)
    rep = Rep(stage.open("second rep", PHONE), "rep2")
    rep.log_in()
    rep.waits_for_everything()
    rep.tab("客户")
    rep.tap("连锁共享")
    rep.sees("连锁总店")
    settled(rep.device)
    assert complaints(rep.device) == []
    rep.device.screenshot("chain-phone")
    rep.tap("把连锁总店带到本机")
    rep.page.get_by_role("link", name="打开连锁总店").click()
    expect(rep.page.get_by_role("heading", level=1)).to_have_text("连锁总店")
    rep.waits_for_everything()
    with rep.device.offline():
        rep.device.reopen("/customers")
        rep.find_customer("连锁总店")
        rep.sees("13611113333")
        rep.device.screenshot("chain-phone-offline")
