"""The start page: arranged on the phone without a network and so at the desk; each number opens as many rows as it says; a
role begins with what the company has arranged for it; and from an account one is at its rights, customers and reports."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Stage
from tests.e2e.day import free_the_day
from tests.e2e.device import DESK, PHONE, TABLET, Form
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Manager, Person, Rep
from tests.e2e.screen import complaints, settled


def parts(page: Page) -> Locator:
    """What stands on the page, in its order; what has nothing to say is not there."""
    return page.locator("[data-part]:visible")


def number_of(part: Locator) -> int:
    """The number in the head of a part."""
    expect(part.locator(".head .n")).to_have_text(re.compile(r"^\d+$"), timeout=SYNC_TIMEOUT)
    return int(part.locator(".head .n").inner_text())


def look(person: Person, name: str) -> None:
    settled(person.device)
    assert complaints(person.device) == []
    person.device.expect_accessible()
    person.device.screenshot(name)


@pytest.fixture(scope="module")
def rep(stage: Stage) -> Rep:
    """With three customers to be contacted, two of them today or before."""
    now = datetime.now(UTC)
    with stage.office("rep1") as office:
        free_the_day(office)
        shops = office.all("customers", owner_id=office.id, enabled="1", next_contact_at__empty="1")
        for shop, days in zip(shops, (-2, 0, 3), strict=False):
            office.edit("customer", shop, next_contact_at=(now + timedelta(days=days)).isoformat())
    rep = Rep(stage.open("rep", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    return rep


def test_arranged_on_the_phone_without_a_network_it_is_so_at_the_desk(stage: Stage, rep: Rep) -> None:
    page = rep.page
    rep.tab("今日")
    expect(parts(page).first).to_have_attribute("data-part", "today.figures", timeout=SYNC_TIMEOUT)
    look(rep, "start-phone")
    with rep.device.offline():
        rep.link("调整首页").click()
        look(rep, "arrange-phone")
        for _step in range(3):
            rep.tap("上移：到期跟进")
        page.get_by_role("switch", name="显示：今日数字").click()
        rep.tap("保存")
        rep.sees("首页已调整")
        expect(parts(page).first).to_have_attribute("data-part", "followups.due")
        expect(page.locator("[data-part='today.figures']:visible")).to_have_count(0)
        # Back with one tap, and once more as it was to be.
        rep.tap("撤销")
        expect(parts(page).first).to_have_attribute("data-part", "today.figures")
        rep.link("调整首页").click()
        for _step in range(3):
            rep.tap("上移：到期跟进")
        page.get_by_role("switch", name="显示：今日数字").click()
        rep.tap("保存")
        rep.sees("首页已调整")  # the rows of the arranging look alike
        expect(parts(page).first).to_have_attribute("data-part", "followups.due")
    rep.waits_for_everything()

    desk = Person(stage.open("rep's desk", DESK), "rep1")
    desk.log_in()
    expect(parts(desk.page).first).to_have_attribute("data-part", "followups.due", timeout=SYNC_TIMEOUT)
    expect(desk.page.locator("[data-part='today.figures']:visible")).to_have_count(0)
    look(desk, "start-desk-rep")
    # As the product has it again, from the desk, with keys for the way there.
    desk.link("调整首页").click()
    desk.page.get_by_role("button", name="移动：到期跟进").focus()
    desk.page.keyboard.press("ArrowDown")
    expect(desk.page.locator("li").first).not_to_have_attribute("data-part", "followups.due")
    expect(desk.page.get_by_role("button", name="移动：到期跟进")).to_be_focused()
    desk.tap("恢复默认")
    desk.sees("首页已恢复默认")
    expect(parts(desk.page).first).to_have_attribute("data-part", "today.figures")
    rep.tab("今日")
    expect(parts(rep.page).first).to_have_attribute("data-part", "today.figures", timeout=SYNC_TIMEOUT)
    stage.put_away("rep's desk")


def test_a_number_on_the_phone_opens_as_many_rows_as_it_says(rep: Rep) -> None:
    page = rep.page
    rep.tab("今日")
    with rep.device.offline():
        due = page.locator("[data-part='followups.due']")
        n = number_of(due)
        assert n >= 2
        due.locator(".head").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("待联系")
        expect(page.locator("div.line")).to_have_count(n)
        rep.tap("连同 7 天内")
        expect(page.locator("div.line")).not_to_have_count(n)
        rep.tap("返回")
        # A row is the record.
        first = due.locator("a.row").first
        name = first.locator(".name").inner_text()
        first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        rep.tap("返回")
        visits = page.locator("[data-part='today.figures'] a").first
        made = int(re.match(r"\d+", visits.locator("strong").inner_text()).group())  # type: ignore[union-attr]
        visits.click()
        expect(page.locator("a.row")).to_have_count(made)
        rep.tap("返回")


@pytest.mark.parametrize("form", [TABLET, DESK], ids=["tablet", "desk"])
def test_whoever_leads_begins_with_what_waits_and_the_team(stage: Stage, form: Form) -> None:
    manager = Manager(stage.open(f"manager's {form.name}", form), "manager")
    manager.log_in()
    page = manager.page
    expect(page.locator("[data-part='team.today'] .tile").first).to_be_visible(timeout=SYNC_TIMEOUT)
    for nth, name in enumerate(["portal.todo", "team.today"]):
        expect(parts(page).nth(nth)).to_have_attribute("data-part", name)
    look(manager, f"start-{form.name}-manager")
    if form is TABLET:  # the map shows where they are, and not the ground beside
        expect(page.locator("[data-part='team.today'] .person").first).to_be_in_viewport()
    page.locator("[data-part='customers.funnel']").scroll_into_view_if_needed()
    manager.device.screenshot(f"start-{form.name}-manager-below")

    funnel = page.locator("[data-part='customers.funnel']")
    stage_line = funnel.locator("a.stage").first
    n = int(stage_line.locator("b").inner_text())
    assert n > 0
    stage_line.click()
    manager.sees(f"共 {n} 条")
    if form is TABLET:
        expect(page.locator("li .row")).to_have_count(min(n, 50), timeout=SYNC_TIMEOUT)
    page.go_back()

    suspects = page.locator("[data-part='team.suspects']")
    count = number_of(suspects)
    suspects.locator(".head").click()
    manager.sees(f"共 {count} 条")
    page.go_back()
    if count:
        suspects.locator(".row").first.click()
        expect(page).to_have_url(re.compile(r"/(review/photos|desk/photos)/"))
        page.go_back()
    stage.put_away(f"manager's {form.name}")


def test_at_the_desk_what_waits_opens_its_work_list(stage: Stage) -> None:
    clerk = Clerk(stage.open("clerk's desk", DESK), "clerk")
    clerk.log_in()
    with stage.office("clerk") as office:
        waiting = len(office.all("orders", state="pending", hold_reason__empty="1"))
    assert waiting > 0
    line = clerk.page.locator("[data-part='portal.todo']").get_by_role("link", name=re.compile("^等待审核"))
    expect(line.locator(".figures b")).to_have_text(str(waiting), timeout=SYNC_TIMEOUT)
    look(clerk, "start-desk-clerk")
    line.click()
    expect(clerk.page).to_have_url(re.compile(r"/desk/orders\?tab=pending"))
    clerk.sees(re.compile(rf"共 {waiting} 条"))
    stage.put_away("clerk's desk")


def test_a_role_begins_with_what_the_company_has_arranged(stage: Stage, rep: Rep) -> None:
    admin = Clerk(stage.open("admin's desk", DESK), "admin")
    admin.log_in()
    with stage.office("rep1") as office:
        role = office.me["role"]["name"]
    admin.go("/today/arrange")
    expect(admin.page.locator("[data-part='team.today']")).to_be_visible()
    admin.page.get_by_role("group", name="谁的首页").get_by_role("button", name=role, exact=True).click()
    # Their page, not one's own: nothing of a team.
    expect(admin.page.locator("[data-part='team.today']")).to_have_count(0)
    for _step in range(6):
        admin.page.get_by_role("button", name="上移：我的指标").click()
    look(admin, "arrange-desk-role")
    admin.tap("保存")
    admin.sees(f"“{role}”的首页已调整")
    rep.tab("今日")
    expect(parts(rep.page).first).to_have_attribute("data-part", "targets.mine", timeout=SYNC_TIMEOUT)
    admin.tap("恢复默认")
    admin.sees("首页已恢复默认")
    expect(parts(rep.page).first).to_have_attribute("data-part", "today.figures", timeout=SYNC_TIMEOUT)


def test_from_an_account_to_its_rights_customers_and_reports_in_one_tap(stage: Stage) -> None:
    admin = Clerk(stage.open("admin's other desk", DESK), "admin")
    admin.log_in()
    with stage.office("admin") as office:
        person = office.one("employees", username="rep1")
        reports = len(office.all("work-reports", author_id=person["id"]))
        customers = len(office.all("customers", owner_id=person["id"], enabled="1"))
    page = admin.page

    def open_account() -> None:
        admin.go(f"/desk/employees/{person['id']}")
        expect(page.locator("aside").get_by_role("heading", level=1)).to_have_text(person["real_name"])

    open_account()
    page.locator("aside").get_by_role("link", name="权限", exact=True).click()
    expect(page).to_have_url(re.compile("/desk/rights"))
    expect(page.locator("aside")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text("权限一览")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text(person["real_name"])
    page.get_by_role("button", name="所有人", exact=True).click()
    expect(page.locator("tbody tr")).not_to_have_count(1)

    open_account()
    page.locator("aside").get_by_role("link", name="客户", exact=True).click()
    expect(page).to_have_url(re.compile(rf"/desk/customers\?owner_id={person['id']}"))
    admin.sees(f"共 {customers} 条")

    open_account()
    page.locator("aside").get_by_role("link", name="报告", exact=True).click()
    admin.sees(f"共 {reports} 条")
    expect(page.get_by_role("table").get_by_text(person["real_name"]).first).to_be_visible()
