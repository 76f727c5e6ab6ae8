"""A customer is given up on a phone, is gone from it after one sync, and is claimed by a colleague at the desk."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE
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
        assert any("放弃客户到公海" in line for line in rep.what_waits())
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
    row.get_by_role("checkbox").click()
    settled(desk.device)
    assert complaints(desk.device) == []
    desk.tap("领用公海客户")
    desk.sees("已领用，客户归您")
    expect(row).to_have_count(0)
    with stage.office("rep2") as office:
        assert office.one("customers", name=shop)["owner_id"] == office.id
