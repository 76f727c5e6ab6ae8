"""A change request with its approval, from phone to phone: asked for and agreed to without a network, decided by whose
word was first, told to everybody."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from server.records.ids import uuid7
from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Rep
from tests.e2e.screen import complaints, settled


@dataclass
class Papers:
    stage: Stage
    rep: Rep
    manager: Rep
    shop: dict[str, Any]


@pytest.fixture(scope="module")
def papers(stage: Stage) -> Papers:
    """A rep and his superior, each with a phone; a shop of the rep that has been there for long."""
    with stage.office("rep1") as office:
        shop = next(row for row in office.all("customers", owner_id=office.id) if row["enabled"])
    rep = Rep(stage.open("rep", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    manager = Rep(stage.open("manager", PHONE), "manager")
    manager.log_in()
    manager.waits_for_everything()
    return Papers(stage, rep, manager, shop)


def test_a_change_is_asked_for_on_one_phone_and_agreed_to_on_another_in_two_taps(papers: Papers) -> None:
    rep, manager, shop = papers.rep, papers.manager, papers.shop
    new = f"{shop['name']}旗舰店"
    with rep.device.offline():
        rep.tab("客户")
        rep.find_customer(shop["name"])
        rep.tap("更多")
        rep.page.get_by_text("申请客户信息变更").click()
        rep.fill("name", new)
        rep.fill("reason", "门头已换，招牌照片见拜访")
        rep.tap("提交审批")
        rep.sees("已提交审批")
        rep.sees("审批中")
        assert complaints(rep.device) == []
    rep.waits_for_everything()
    with papers.stage.office("rep1") as office:
        assert office.one("customers", id=shop["id"])["name"] == shop["name"]
        paper = office.one("approvals", customer_id=shop["id"], state="running")["id"]

    # One tap on the notification, one on the answer; without a network, and what is said counts all the same.
    manager.waits_for_everything()
    with manager.device.offline():
        manager.go("/inbox")
        manager.button(re.compile(f"张海波请您审批：{shop['name']}")).click()
        manager.sees(new)
        manager.sees("门头已换，招牌照片见拜访")
        settled(manager.device)
        assert complaints(manager.device) == []
        manager.device.expect_accessible()
        manager.tap("同意")
        manager.sees("已记在手机上，联网后送达公司")
    manager.waits_for_everything()

    rep.go(f"/approvals/{paper}")
    rep.sees("已通过", timeout=SYNC_TIMEOUT)
    rep.sees("李经理")
    rep.go(f"/customers/{shop['id']}")
    expect(rep.page.get_by_role("heading", level=1)).to_have_text(new, timeout=SYNC_TIMEOUT)


def test_refused_with_a_reason_that_reaches_the_rep(papers: Papers) -> None:
    rep, manager = papers.rep, papers.manager
    with papers.stage.office("rep1") as office:
        shop, paper = office.one("customers", id=papers.shop["id"]), uuid7()
        wanted = {"credit_limit": [shop["credit_limit"], "800000.00"]}
        office.do("customer.request_change", id=paper, customer_id=shop["id"], set=wanted, reason="年底备货")
    manager.go("/approvals")
    row = manager.page.get_by_role("button", name=re.compile("信用额度 客户信息变更 ·"))
    expect(row).to_be_visible(timeout=SYNC_TIMEOUT)
    row.click()
    manager.tap("拒绝")
    settled(manager.device)
    assert complaints(manager.device) == []
    manager.tap("不符合规定")
    manager.sees("已拒绝")
    expect(row).to_have_count(0)
    rep.go(f"/approvals/{paper}")
    rep.sees("不符合规定", timeout=SYNC_TIMEOUT)
    rep.sees("已拒绝")


def test_the_administrator_draws_a_flow_and_sees_who_would_decide(papers: Papers) -> None:
    desk = Clerk(papers.stage.open("desk", DESK), "admin")
    desk.log_in()
    desk.go("/desk/flows")
    desk.sees("系统建议的流程")
    flow = desk.page.get_by_role("article", name="第 1 步")
    expect(flow).to_be_visible()
    desk.tap("添加步骤")
    added = desk.page.get_by_role("article", name="第 2 步")
    added.get_by_label("步骤名称").fill("内勤复核")
    added.get_by_role("button", name="按角色").click()
    desk.tap("保存")
    expect(added.get_by_text("请选择角色")).to_be_visible()
    added.get_by_label("角色", exact=True).fill("内勤")
    desk.page.get_by_role("option", name="内勤").click()
    desk.page.get_by_label("如果由谁提交").fill("张海波")
    desk.page.get_by_role("option", name=re.compile("张海波")).click()
    preview = desk.page.get_by_role("complementary")
    expect(preview.get_by_text("李经理")).to_be_visible()
    expect(preview.get_by_text("陈内勤")).to_be_visible()
    settled(desk.device)
    assert complaints(desk.device) == []
    desk.device.expect_accessible()
    desk.tap("保存")
    desk.sees("已保存，之后提交的单据按新流程审批")
    desk.sees("第 1 版")


def test_at_the_desk_the_same_list_is_decided_with_one_click(papers: Papers) -> None:
    paper = uuid7()
    with papers.stage.office("rep1") as office:
        shop = office.one("customers", id=papers.shop["id"])
        wanted = {"credit_limit": [shop["credit_limit"], "60000.00"]}
        office.do("customer.request_change", id=paper, customer_id=shop["id"], set=wanted, reason="旺季")
    desk = Clerk(papers.stage.open("manager's desk", DESK), "manager")
    desk.log_in()
    desk.go("/approvals")
    desk.button(re.compile("信用额度 客户信息变更 ·")).click()
    desk.sees("60,000.00")
    settled(desk.device)
    assert complaints(desk.device) == []
    desk.tap("同意")
    desk.sees("已同意")
    with papers.stage.office("rep1") as office:
        assert office.one("approval-steps", approval_id=paper, state="agreed")["opinion"] is None


def test_a_report_is_sent_back_and_agreed_to_when_it_was_corrected(papers: Papers) -> None:
    """What holds all the same and is looked at: its author sees where that is, and one tap opens the paper."""
    rep, manager = papers.rep, papers.manager
    with papers.stage.office("admin") as office:
        flow = {"kind": "work_report.review", "base": 0, "enabled": True, "watched": []}
        office.do("approval_flow.save", id=uuid7(), steps=[{"name": "上级", "who": "superior"}], **flow)
    with rep.device.offline():
        rep.go("/worklogs/write/month_plan")
        rep.link("下一期").click()
        rep.page.locator("textarea[name=summary]").fill("开三家新店")
        rep.tap("提交月计划")
        rep.sees("月计划已记下")
    rep.waits_for_everything()
    rep.go("/worklogs")
    rep.page.get_by_text("开三家新店").click()
    mark = rep.link("待审批")
    expect(mark).to_be_visible(timeout=SYNC_TIMEOUT)
    settled(rep.device)
    assert complaints(rep.device) == []
    rep.device.screenshot("review-asked-phone")

    manager.go("/approvals")
    paper = manager.page.get_by_role("button", name=re.compile("^张海波 月计划"))
    expect(paper).to_be_visible(timeout=SYNC_TIMEOUT)
    paper.click()
    manager.tap("退回")
    manager.fill("opinion", "开在哪里")
    manager.tap("退回")
    manager.sees("已退回")

    expect(rep.link("已退回")).to_be_visible(timeout=SYNC_TIMEOUT)
    rep.link("编辑").click()
    rep.page.locator("textarea[name=summary]").fill("城阳开三家新店")
    rep.tap("保存修改")
    manager.go("/approvals")
    expect(paper).to_be_visible(timeout=SYNC_TIMEOUT)
    paper.click()
    manager.sees("城阳开三家新店")
    manager.device.screenshot("review-paper-phone")
    manager.tap("同意")
    manager.sees("已同意")
    rep.page.get_by_text("城阳开三家新店").click()
    agreed = rep.link("审批通过")
    expect(agreed).to_be_visible(timeout=SYNC_TIMEOUT)
    agreed.click()
    rep.sees("开在哪里")
