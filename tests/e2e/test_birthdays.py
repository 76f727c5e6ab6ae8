"""A birthday by the lunar calendar, on a day that no date input can show: chosen on the phone without network, seen and
changed at the desk."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Stage
from tests.e2e.day import shop_with_credit
from tests.e2e.device import DESK, PHONE
from tests.e2e.office import comes_to
from tests.e2e.people import Clerk, Person, Rep


def choose(person: Person, parts: Locator, part: str, name: str) -> None:
    parts.get_by_role("combobox", name=part).click()
    person.page.get_by_role("option", name=name, exact=True).click()


def calendar(person: Person, name: str) -> None:
    person.page.get_by_role("group", name="公历/农历").get_by_role("button", name=name, exact=True).click()


def test_the_thirtieth_of_the_second_month_from_the_road_to_the_desk(stage: Stage) -> None:
    with stage.office("rep1") as office:
        shop = shop_with_credit(office)
    rep = Rep(stage.open("phone", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    with rep.device.offline():
        rep.go(f"/customers/{shop['id']}/contacts/new")
        rep.fill("name", "月末生")
        rep.tap("填写更多")
        calendar(rep, "农历")
        parts = rep.page.get_by_role("group", name="生日")
        parts.get_by_label("年", exact=True).fill("1990")
        choose(rep, parts, "月", "二月")
        rep.tap("保存")
        expect(rep.page.get_by_role("alert")).to_have_text("请把年、月、日选全")
        choose(rep, parts, "日", "三十")
        rep.device.screenshot("birthday-phone")
        rep.tap("保存")
        rep.sees("月末生")

    with stage.office("rep1") as office:
        comes_to(lambda: [
            (one["birthday"], one["birth_calendar"])
            for one in office.all("contacts", customer_id=shop["id"]) if one["name"] == "月末生"
        ], [("1990-02-30", "lunar")])  # fmt: skip

    clerk = Clerk(stage.open("desk", DESK), "admin")
    clerk.log_in()
    clerk.device.expect_complaint("422")
    clerk.go(f"/desk/customers/{shop['id']}")
    clerk.tap("编辑")
    calendar(clerk, "农历闰月")
    parts = clerk.page.get_by_role("group", name="出生日期")
    parts.get_by_label("年", exact=True).fill("1988")
    choose(clerk, parts, "月", "闰六月")
    choose(clerk, parts, "日", "十五")
    clerk.tap("保存")
    clerk.sees("农历 1988 年没有闰 6 月 15 日")
    clerk.device.screenshot("birthday-desk")
    parts.get_by_label("年", exact=True).fill("1987")
    clerk.tap("保存")
    clerk.sees("已保存")
    clerk.sees("1987-06-15")
    clerk.sees("农历闰月")
