"""Targets from phone to phone: one's own seen and drafted without a network, agreed to in two taps, and the organisation
with a card a person from which one goes down to the document."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE, TABLET
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Manager, Rep
from tests.e2e.screen import complaints, settled


@pytest.fixture(scope="module")
def rep(stage: Stage) -> Rep:
    rep = Rep(stage.open("rep", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    return rep


def test_one_sees_how_far_one_is_and_drafts_the_year_without_a_network(stage: Stage, rep: Rep) -> None:
    with stage.office("rep1") as office:
        target = office.one("targets", kind="month", person_id=office.id)
        visits = json.loads(office.file(f"/api/attainment/{target['id']}"))["measures"][0]["actual"]
    rep.go("/targets")
    rep.sees("已生效")
    bar = rep.page.get_by_role("link", name=re.compile("^拜访客户次数"))
    expect(bar).to_contain_text(f"{visits}", timeout=SYNC_TIMEOUT)
    expect(bar).to_contain_text(f"/ {target['visits']}")
    settled(rep.device)
    assert complaints(rep.device) == []
    rep.device.expect_accessible()
    rep.device.screenshot("targets-phone")
    with rep.device.offline():
        rep.go("/targets")
        rep.sees("按本机资料计算")
        expect(bar).to_contain_text(f"{visits}")
        bar.click()
        expect(rep.page.get_by_role("heading", level=1)).to_have_text("拜访")
        rep.tap("返回")
        rep.tap("年指标")
        rep.sees("这一期还没有指标")
        settled(rep.device)
        rep.device.screenshot("targets-none-phone")
        rep.page.get_by_role("link", name="拟定指标").click()
        for field, number in (("visits", "600"), ("new_customers", "80"), ("deal_amount", "一百万")):
            rep.fill(field, number)
        rep.sees("请输入 0 或更大的金额")
        rep.fill("deal_amount", "1000000")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.expect_accessible()
        rep.device.screenshot("target-draft-phone")
        rep.tap("提交审批")
        rep.sees("正在审批，通过后生效。")
    rep.waits_for_everything()


def test_the_superior_agrees_in_two_taps_and_it_is_in_force(stage: Stage, rep: Rep) -> None:
    manager = Rep(stage.open("manager's phone", PHONE), "manager")
    manager.log_in()
    manager.waits_for_everything()
    with stage.office("rep1") as office:
        year = office.one("targets", kind="year", person_id=office.id)
    manager.go("/inbox")
    manager.button(re.compile(f"张海波请您审批：张海波 {year['period']}")).click()
    manager.sees("1,000,000.00")
    settled(manager.device)
    assert complaints(manager.device) == []
    manager.device.screenshot("target-approval-phone")
    manager.tap("同意")
    manager.sees("已同意")
    manager.waits_for_everything()
    rep.waits_for_everything()
    rep.go(f"/targets/{year['id']}")
    rep.sees("已生效", timeout=SYNC_TIMEOUT)
    expect(rep.page.get_by_role("link", name=re.compile("^客户成交金额"))).to_contain_text("1,000,000")
    # The customers behind the numbers are on none of his devices: he reads them at the company.
    manager.go("/customers")
    manager.tap("团队客户")
    row = manager.page.locator(".row .name").first
    name = row.inner_text()
    row.click()
    expect(manager.page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    expect(manager.page.get_by_role("region", name="往来记录")).to_be_visible()
    settled(manager.device)
    assert complaints(manager.device) == []
    manager.device.expect_accessible()
    manager.device.screenshot("customer-elsewhere-phone")


@pytest.mark.parametrize("form", [TABLET, DESK], ids=["tablet", "desk"])
def test_from_the_department_to_the_person_to_the_document(stage: Stage, form: object) -> None:
    wide = form is DESK
    device = stage.open(f"manager's {'desk' if wide else 'tablet'}", DESK if wide else TABLET)
    manager = Clerk(device, "manager") if wide else Manager(device, "manager")
    manager.log_in()
    manager.go("/targets/team")
    card = manager.page.get_by_role("listitem").filter(has_text="张海波").filter(has=manager.page.get_by_role("link"))
    expect(card.first).to_be_visible(timeout=SYNC_TIMEOUT)
    settled(device)
    assert complaints(device) == []
    device.expect_accessible()
    device.screenshot(f"targets-team-{'desk' if wide else 'tablet'}")
    departments = manager.page.get_by_role("navigation", name="部门")
    people = manager.page.locator(".person")
    expect(people.nth(1)).to_be_visible()
    before = people.count()
    departments.get_by_role("button").last.click()
    expect(people).not_to_have_count(before)
    departments.get_by_role("button").last.click()
    expect(people).to_have_count(before)
    link = card.first.get_by_role("link", name=re.compile("^拜访客户次数"))
    link.click()
    expect(manager.page.get_by_role("heading", level=1)).to_have_text("张海波 · 拜访客户次数")
    rows = manager.page.get_by_role("row" if wide else "listitem")
    expect(rows.nth(1)).to_be_visible(timeout=SYNC_TIMEOUT)
    settled(device)
    assert complaints(device) == []
    device.screenshot(f"targets-rows-{'desk' if wide else 'tablet'}")
