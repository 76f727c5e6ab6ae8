"""The pool and work on many customers: given up on a phone and gone from it after one sync, claimed by a colleague at the
desk; another category for many, and back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE
from tests.e2e.office import comes_to
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Rep
from tests.e2e.screen import complaints, settled


@pytest.fixture(scope="module")
def shop(stage: Stage) -> str:
    """The name of a shop of 张海波 that nobody else sees."""
    with stage.office("rep1") as office:
        shared = {row["customer_id"] for row in office.all("customer-shares")}
        return str(next(r["name"] for r in office.all("customers", owner_id=office.id) if r["id"] not in shared))


def test_given_up_without_a_network_and_gone_after_one_sync(stage: Stage, shop: str) -> None:
    rep = Rep(stage.open("rep", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    with rep.device.offline():
        rep.tab("客户")
        rep.find_customer(shop)
        rep.tap("更多")
        rep.page.get_by_text("放弃客户到公海").click()
        rep.sees(f"放弃{shop}？")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.expect_accessible()
        rep.tap("放弃")
        rep.sees("已放弃到公海")
        expect(rep.what_waits().filter(has_text="放弃客户到公海")).to_have_count(1)
    rep.waits_for_everything()
    rep.tab("客户")
    rep.page.get_by_role("searchbox").fill(shop)
    expect(rep.link(re.compile(f"^{shop}"))).to_have_count(0, timeout=SYNC_TIMEOUT)


def test_a_colleague_claims_it_at_the_desk(stage: Stage, shop: str) -> None:
    desk = Clerk(stage.open("desk", DESK), "rep2")
    desk.log_in()
    desk.go("/desk/customers?view=pool")
    row = desk.page.get_by_role("row").filter(has_text=shop)
    expect(row).to_be_visible()
    expect(desk.page.get_by_role("button", name="导出 Excel")).to_have_count(0)  # his role may not
    row.get_by_role("checkbox").click()
    settled(desk.device)
    assert complaints(desk.device) == []
    desk.tap("领用公海客户")
    desk.sees("已领用，客户归您")
    expect(row).to_have_count(0)
    with stage.office("rep2") as office:
        assert office.one("customers", name=shop)["owner_id"] == office.id


def test_claimed_on_a_phone_unless_somebody_was_faster(stage: Stage) -> None:
    with stage.office("rep1") as office:
        shared = {row["customer_id"] for row in office.all("customer-shares")}
        mine = [row for row in office.all("customers", owner_id=office.id) if row["id"] not in shared]
        taken, wanted = mine[0], mine[1]
        office.do("customer.give_up", ids=[taken["id"], wanted["id"]])
        other = office.id
    rep = Rep(stage.open("claimer", PHONE), "rep2")
    rep.device.expect_complaint(r"\b422\b.*/api/commands/customer\.claim\b")  # somebody was faster; the limit
    rep.log_in()
    rep.waits_for_everything()
    rep.tab("客户")
    rep.tap("公海")
    expect(rep.page.get_by_role("heading", level=1)).to_have_text("公海")
    rep.sees(taken["name"])
    settled(rep.device)
    assert complaints(rep.device) == []
    rep.device.expect_accessible()
    rep.device.screenshot("pool-phone")

    # A colleague had it assigned a moment ago: the phone says so, and offers it no longer.
    with stage.office("admin") as office:
        office.do("customer.assign", ids=[taken["id"]], owner_id=other)
    rep.tap(f"领用{taken['name']}")
    rep.sees(re.compile(f"{re.escape(taken['name'])}.*已不在公海"))
    expect(rep.button(f"领用{taken['name']}")).to_have_count(0)

    # The company counts, too: nobody gets more than his limit.
    with stage.office("admin") as office:
        person = office.one("employees", username="rep2")
        office.edit("employee", person, max_customers=1)
    rep.tap(f"领用{wanted['name']}")
    rep.sees(re.compile("最多跟进 1 个客户"))
    with stage.office("admin") as office:
        office.edit("employee", office.one("employees", username="rep2"), max_customers=person["max_customers"])

    # One reads the file, claims it, and has it after the next sync.
    rep.page.get_by_role("searchbox").fill(wanted["name"])
    expect(rep.page.get_by_role("button", name=re.compile("^领用"))).to_have_count(1)
    rep.page.get_by_role("button", name=re.compile(f"^{re.escape(wanted['name'])}")).click()
    sheet = rep.page.get_by_role("dialog", name=wanted["name"])
    expect(sheet.get_by_text(wanted["customer_no"]).first).to_be_visible()
    settled(rep.device)
    assert complaints(rep.device) == []
    rep.device.screenshot("pool-file-phone")
    sheet.get_by_role("button", name="领用").click()
    rep.sees(f"{wanted['name']}已领用，归您了")
    rep.waits_for_everything()
    rep.tab("客户")
    rep.find_customer(wanted["name"])

    with rep.device.offline():
        rep.tab("客户")
        rep.tap("公海")
        rep.sees(re.compile("联网后"))


def test_many_customers_get_another_category_at_once_and_back(stage: Stage) -> None:
    with stage.office("clerk") as office:
        rows = office.all("customers", sort="-customer_no")[:2]
        kinds = office.all("options", list_name="customer_category")
        wanted = next(one for one in kinds if one["id"] not in {row["category_id"] for row in rows})
    desk = Clerk(stage.open("clerk's desk", DESK), "clerk")
    desk.log_in()
    desk.go("/desk/customers")
    expect(desk.page.get_by_role("button", name="导出 Excel")).to_be_visible()
    for row in rows:
        desk.page.get_by_role("row").filter(has_text=row["customer_no"]).get_by_role("checkbox").click()
    desk.tap("改类别或来源")
    dialog = desk.page.get_by_role("dialog")
    dialog.get_by_role("combobox", name="客户类别").click()
    desk.page.get_by_role("option", name=wanted["name"], exact=True).click()
    expect(dialog.get_by_role("row")).to_have_count(2)
    settled(desk.device)
    assert complaints(desk.device) == []
    desk.device.expect_accessible()
    desk.device.screenshot("classify-desk")
    with stage.office("clerk") as office:

        def categories() -> list[object]:
            return [office.one("customers", id=row["id"])["category_id"] for row in rows]

        # Signed in before: the way back is offered for some seconds only.
        desk.tap("修改 2 个")
        desk.sees("已修改 2 个客户")
        assert categories() == [wanted["id"]] * 2
        desk.tap("撤销")
        expect(desk.page.get_by_text("已修改 2 个客户")).to_have_count(0)
        comes_to(categories, [row["category_id"] for row in rows])


def test_ones_own_limit_and_days_stand_on_ones_own_page(stage: Stage) -> None:
    with stage.office("rep2") as office:
        mine = len(office.all("customers", owner_id=office.id, enabled="1"))
        me = office.id
    with stage.office("admin") as office:
        before = office.one("employees", username="rep2")
        wish = {
            "max_customers": [before["max_customers"], mine + 5],
            "max_follow_days": [before["max_follow_days"], 90],
        }
        office.do("employee.edit", id=me, set=wish)
    rep = Rep(stage.open("limited", PHONE), "rep2")
    rep.log_in()
    rep.waits_for_everything()
    rep.go("/me/profile")
    rep.sees(f"现有 {mine} 家，最多 {mine + 5} 家")
    rep.sees("90")
    settled(rep.device)
    assert complaints(rep.device) == []
    rep.device.expect_accessible()
