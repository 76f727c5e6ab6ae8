"""Two files become one at the desk, and two again: what was moved is back, and the desk says how long that is possible."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, TABLET
from tests.e2e.people import Clerk
from tests.e2e.screen import complaints, settled


def test_a_merge_is_taken_back_from_the_customer_that_stayed(stage: Stage) -> None:
    with stage.office("admin") as office:
        visited = {row["customer_id"] for row in office.all("visits", state="done")}
        rows = [row for row in office.all("customers", enabled="true") if row["id"] in visited]
        kept, gone = rows[0], rows[1]
        office.do("customer.merge", id=gone["id"], into=kept["id"])

    desk = Clerk(stage.open("desk", DESK), "admin")
    desk.log_in()
    desk.go(f"/desk/customers/{kept['id']}")
    desk.sees("已合并到这里")
    desk.sees(re.compile(r"可撤销到"))
    settled(desk.device)
    assert complaints(desk.device) == []
    desk.device.expect_accessible()
    desk.tap("撤销合并")
    desk.sees(f"撤销“{gone['name']}”的合并？")
    desk.page.get_by_role("dialog").get_by_role("button", name="撤销合并").click()
    desk.sees("已拆分为两个客户")
    expect(desk.page.get_by_text("已合并到这里")).to_have_count(0)
    with stage.office("admin") as office:
        for row in (kept, gone):
            now = office.one("customers", id=row["id"])
            assert (now["visit_count"], now["owner_id"], now["merged_into"]) == (
                row["visit_count"],
                row["owner_id"],
                None,
            )


def test_the_file_that_went_says_so_and_offers_the_same(stage: Stage) -> None:
    with stage.office("admin") as office:
        rows = office.all("customers", enabled="true")
        kept, gone = rows[2], rows[3]
        office.do("customer.merge", id=gone["id"], into=kept["id"])
    desk = Clerk(stage.open("tablet", TABLET), "admin")
    desk.log_in()
    desk.go(f"/desk/customers/{gone['id']}")
    desk.sees("已合并到另一个客户")
    desk.sees(re.compile(r"可撤销到"))
    settled(desk.device)
    assert complaints(desk.device) == []
