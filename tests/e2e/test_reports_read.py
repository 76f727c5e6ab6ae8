"""A week's report is written without network, read and commented on the tablet, found missing with others, and brought
back with its comment after it was deleted."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE, TABLET
from tests.e2e.people import SYNC_TIMEOUT, Manager, Rep

WORDS = "本周跑了即墨，新开两家。"
COMMENT = "即墨的两家下周一起去。"


def test_daily_report_commented_and_read(stage: Stage) -> None:
    with stage.office("rep1") as office:
        name = office.one("employees", id=office.id)["real_name"]
        week = [row for row in office.all("work-reports", author_id=office.id) if row["kind"] == "week"]
        for row in week:
            office.do("work_report.delete", id=row["id"])
    rep = Rep(stage.open("phone", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()

    # Without network: the sums of the week are there, and what was written every day.
    with rep.device.offline():
        rep.go("/worklogs")
        rep.device.screenshot("reports-phone-list")
        rep.tap("写报告")
        rep.device.screenshot("reports-phone-kinds")
        rep.page.get_by_role("dialog").get_by_role("link", name=re.compile("周报")).click()
        expect(rep.page.get_by_role("heading", level=1)).to_have_text("周报")
        rep.device.screenshot("reports-phone-week")
        rep.page.locator("textarea[name=summary]").fill(WORDS)
        rep.fill("next_plan", "继续跑即墨。")
        rep.page.get_by_text("汇报给谁、分类、请示").click()
        rep.page.get_by_role("switch", name="请示").click()
        rep.device.screenshot("reports-phone-more")
        rep.tap("提交周报")
        rep.sees("周报已记下")
        expect(rep.page.get_by_text(WORDS)).to_be_visible()
    rep.waits_for_everything()

    manager = Manager(stage.open("tablet", TABLET), "manager")
    manager.log_in()
    manager.rail("日报")
    page = manager.page
    listed = page.get_by_role("navigation", name="日报")
    first = listed.get_by_role("button", name=re.compile(WORDS))
    expect(first).to_contain_text("请示")
    first.click()
    manager.device.screenshot("reports-tablet-read")
    expect(page.get_by_role("heading", name="本周总结")).to_be_visible()
    page.get_by_label("写点评").fill(COMMENT)
    manager.tap("发送")
    manager.sees(COMMENT)
    manager.tap("下一个")
    expect(page.get_by_text(WORDS)).to_have_count(1)

    listed.get_by_role("button", name="谁还没交").click()
    page.get_by_role("group", name="日志类别").last.get_by_role("button", name="周报", exact=True).click()
    there = page.get_by_role("button", name=re.compile(rf"^{name}.*已阅"))
    expect(there).to_be_visible(timeout=SYNC_TIMEOUT)
    expect(page.get_by_text(re.compile(r"^\d+ 人未交$"))).to_be_visible()
    manager.device.screenshot("reports-tablet-round")
    stage.put_away("tablet")

    # What was read on the tablet is read at the desk.
    desk = Manager(stage.open("desk", DESK, path="/login"), "manager")
    desk.log_in()
    desk.go("/review/reports")
    fresh = desk.page.locator(".item.fresh").filter(has_text=WORDS)
    expect(desk.page.locator(".item").filter(has_text=WORDS)).to_be_visible()
    expect(fresh).to_have_count(0)
    desk.device.screenshot("reports-desk")
    stage.put_away("desk")

    # The author reads the comment and who has read it; deleted by mistake, all of it comes back.
    rep.go("/worklogs")
    rep.page.get_by_text(WORDS).click()
    rep.sees(COMMENT, timeout=SYNC_TIMEOUT)
    expect(rep.page.get_by_text(re.compile("^已阅："))).to_be_visible(timeout=SYNC_TIMEOUT)
    rep.device.screenshot("reports-phone-page")
    rep.tap("删除")
    rep.sees(re.compile("^已删除"))
    expect(rep.page.get_by_text(WORDS)).to_have_count(0)
    rep.tap("撤销")
    rep.page.get_by_text(WORDS).click()
    rep.sees(COMMENT, timeout=SYNC_TIMEOUT)
