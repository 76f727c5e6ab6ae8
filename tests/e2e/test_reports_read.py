"""A week's report is written without network, read and commented on the tablet, found missing with others, and brought
back with its comment after it was deleted. Then the week before and the plan of the next one: its numbers open their lists,
managers read one after the other, and who came later lacks nothing."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from server.records.ids import uuid7
from server.worklogs.periods import period_of
from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE, TABLET
from tests.e2e.people import SYNC_TIMEOUT, Manager, Rep
from tests.e2e.screen import complaints, settled

ZONE = ZoneInfo("Asia/Shanghai")
LAST_WEEK = "上周走完了城阳的老客户。"
PLAN = "下周开两家新店，先收欠款。"

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


def test_a_week_and_its_plan_written_read_one_after_the_other_and_counted(stage: Stage) -> None:
    """The rep writes last week's report and the plan of the next week; the manager reads on, number by number."""
    last = period_of("week", datetime.now(ZONE).date() - timedelta(days=7))
    with stage.office("rep1") as office:
        name = office.one("employees", id=office.id)["real_name"]
        for row in office.all("work-reports", author_id=office.id):
            if row["kind"] in ("week", "week_plan") and row["period_start"] >= last.start.isoformat():
                office.do("work_report.delete", id=row["id"])
        shop = office.all("customers", owner_id=office.id, enabled="1")[0]["id"]
        noon = datetime.combine(last.end, time(12), ZONE).isoformat()
        talk = {"customer_id": shop, "contacted_at": noon, "content": "问了节前备货"}
        office.do("contact_record.create", id=uuid7(), values=talk)
        said = [
            one
            for one in office.all("contact-records", clerk_id=office.id)
            if last.start <= datetime.fromisoformat(one["contacted_at"]).astimezone(ZONE).date() <= last.end
        ]
    with stage.office("admin") as office:
        rep1 = office.one("employees", username="rep1")
        place = {field: rep1[field] for field in ("department_id", "role_id", "supervisor_id")}
        values = {"username": "newcomer", "real_name": "新来的", **place}
        office.do("employee.create", id=uuid7(), values=values)
        flags = {"asks": None, "summary": None, "next_plan": "required", "report_to": "hidden"}
        form = [{"field": field, "group": "main", **({flag: True} if flag else {})} for field, flag in flags.items()]
        office.do("layout.set", record_type="work_report", form=form)

    if "phone" in stage.devices:
        rep = Rep(stage.devices["phone"], "rep1")
    else:
        rep = Rep(stage.open("phone", PHONE), "rep1")
        rep.log_in()
    page = rep.page
    rep.go("/worklogs")
    rep.waits_for_everything()
    with rep.device.offline():
        rep.go("/worklogs")
        rep.tap("写报告")
        page.get_by_role("dialog").get_by_role("link", name=re.compile("周报")).click()
        rep.link("上一期").click()
        sums = page.locator(".figures").last
        expect(sums.get_by_role("link", name=re.compile("联系"))).to_contain_text(str(len(said)))
        sums.get_by_role("link", name=re.compile("联系")).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("联系")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("reports-phone-contacts")
        page.go_back()
        page.locator("textarea[name=summary]").fill(LAST_WEEK)
        # The form is the company's: without network, too, and of a plan it asks nothing that plans do not have.
        expect(page.get_by_role("switch", name="请示")).to_be_visible()
        expect(page.get_by_text("汇报给")).to_have_count(0)
        rep.tap("提交周报")
        expect(page.get_by_role("alert").filter(has_text="下周计划")).to_be_visible()
        rep.device.screenshot("reports-phone-asked")
        rep.fill("next_plan", "先收欠款")
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.expect_accessible()
        rep.device.screenshot("reports-phone-last-week")
        rep.tap("提交周报")
        rep.sees("周报已记下")

        rep.tap("写报告")
        page.get_by_role("dialog").get_by_role("link", name=re.compile("周计划")).click()
        rep.link("下一期").click()
        page.locator("textarea[name=summary]").fill(PLAN)
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.screenshot("reports-phone-plan")
        rep.tap("提交周计划")
        rep.sees("周计划已记下")
        expect(page.get_by_text(PLAN)).to_be_visible()
    rep.waits_for_everything()

    # The manager: who lacks the last week (nobody who came today), then one report after the other.
    manager = Manager(stage.open("reading", TABLET), "manager")
    manager.log_in()
    manager.go("/review/reports")
    page = manager.page
    listed = page.get_by_role("navigation", name="日报")
    listed.get_by_role("button", name="谁还没交").click()
    page.get_by_role("group", name="日志类别").last.get_by_role("button", name="周报", exact=True).click()
    expect(page.get_by_text("新来的")).to_be_visible(timeout=SYNC_TIMEOUT)
    manager.tap("上一期")
    handed_in = page.locator("button.person").filter(has_text=name)
    expect(handed_in).to_be_visible(timeout=SYNC_TIMEOUT)
    expect(page.get_by_text("新来的")).to_have_count(0)
    settled(manager.device)
    assert complaints(manager.device) == []
    manager.device.screenshot("reports-tablet-last-round")
    handed_in.click()
    expect(page.get_by_text(LAST_WEEK).last).to_be_visible()
    numbers = page.locator("ul.figures")
    expect(numbers.get_by_role("link", name=re.compile("^联系"))).to_contain_text(str(len(said)))
    settled(manager.device)
    assert complaints(manager.device) == []
    manager.device.screenshot("reports-tablet-week")
    numbers.get_by_role("link", name=re.compile("^联系")).click()
    expect(page.get_by_role("heading", name="联系记录", level=1)).to_be_visible()
    expect(page.locator("ul.list > li")).to_have_count(len(said))
    settled(manager.device)
    assert complaints(manager.device) == []
    manager.device.screenshot("reports-tablet-behind")
    manager.tap("返回")
    expect(page.get_by_text(LAST_WEEK).last).to_be_visible()

    # Next, next, comment; the word is changed and taken back where it was written.
    listed.get_by_role("button", name=re.compile(PLAN)).click()
    expect(page.get_by_role("heading", name="本周要做的事")).to_be_visible()
    page.get_by_label("写点评").fill(COMMENT)
    manager.tap("发送")
    manager.sees(COMMENT)
    article = page.locator("article")
    article.get_by_role("button", name="编辑").click()
    page.get_by_label("修改点评").fill("周三一起去。")
    manager.tap("保存")
    manager.sees("周三一起去。")
    expect(article.get_by_text(COMMENT)).to_have_count(0)
    settled(manager.device)
    assert complaints(manager.device) == []
    manager.device.expect_accessible()
    manager.device.screenshot("reports-tablet-comment")
    article.get_by_role("button", name="删除").click()
    manager.sees("点评已删除")
    expect(article.get_by_text("周三一起去。")).to_have_count(0)
    manager.tap("撤销")
    expect(article.get_by_text("周三一起去。")).to_be_visible()
    before = article.inner_text()
    manager.tap("下一个")
    expect(article).not_to_have_text(before)
    stage.put_away("reading")

    # At the desk the list has both, by kind, and a report has its numbers.
    desk = Manager(stage.open("desk of plans", DESK, path="/login"), "manager")
    desk.log_in()
    desk.go("/desk/work-reports?kind=week_plan")
    line = desk.page.get_by_role("row").filter(has_text=name).first
    expect(line).to_be_visible()
    line.click()
    expect(desk.page.get_by_text("周三一起去。")).to_be_visible()
    settled(desk.device)
    assert complaints(desk.device) == []
    desk.device.screenshot("reports-desk-plan")
    stage.put_away("desk of plans")
    rep.go("/worklogs")
    rep.page.get_by_text(PLAN).click()
    rep.sees("周三一起去。", timeout=SYNC_TIMEOUT)
