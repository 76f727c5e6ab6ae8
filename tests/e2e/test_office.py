"""A notice is published at the desk, pops up on the phone and is read there without a network, and the desk sees by whom; an
entry that the phone wrote into the schedule without a network is read by the manager on the tablet."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE, TABLET
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Manager, Person, Rep
from tests.e2e.screen import complaints, settled

TITLE, FIRST, SECOND = "台风停业通知", "明天全市停业一天。", "请各位通知客户改期送货。"
MEETING = "和王总谈专柜"


def look(person: Person, name: str) -> None:
    settled(person.device)
    assert complaints(person.device) == []
    person.device.expect_accessible()
    person.device.screenshot(name)


def publish(clerk: Clerk) -> None:
    clerk.rail("公告")
    clerk.link("写公告").click()
    clerk.fill("title", TITLE)
    clerk.fill("content", f"{FIRST}\n\n{SECOND}")
    clerk.page.get_by_role("switch", name="置顶").click()
    look(clerk, "notice-written-desk")
    clerk.tap("发布")
    clerk.sees("发布给全体员工？")
    clerk.page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    clerk.sees("公告已发布")


def test_a_notice_reaches_the_phone_and_a_schedule_the_manager(stage: Stage) -> None:
    rep, clerk = Rep(stage.open("phone", PHONE), "rep1"), Clerk(stage.open("desk", DESK), "clerk")
    rep.log_in()
    rep.waits_for_everything()
    rep.tab("今日")
    clerk.log_in()
    publish(clerk)

    told = rep.page.get_by_role("status").filter(has_text=TITLE)
    expect(told).to_be_visible(timeout=SYNC_TIMEOUT)  # nobody touched the phone
    with rep.device.offline():
        banner = rep.page.get_by_role("navigation", name="未读置顶公告")
        expect(banner).to_contain_text(FIRST)
        look(rep, "notice-banner-phone")
        banner.get_by_role("link").click()
        rep.sees(SECOND)
        look(rep, "notice-phone")
        rep.page.go_back()
        expect(banner).to_have_count(0)  # read is read

        rep.go("/schedule")
        rep.tap("新日程")
        rep.fill("title", MEETING)
        rep.fill("place", "一号店")
        look(rep, "schedule-entry-phone")
        rep.tap("保存")
        rep.sees("日程已添加")
        day = datetime.now(ZoneInfo("Asia/Shanghai"))
        entry = rep.page.get_by_role("region", name=re.compile(f"^{day.month}月{day.day}日")).get_by_role("button")
        expect(entry.filter(has_text=MEETING)).to_be_visible()
        look(rep, "schedule-phone")
    rep.waits_for_everything()

    clerk.page.reload()
    clerk.sees(re.compile(r"^1 . \d+ 人已读$"), timeout=SYNC_TIMEOUT)
    look(clerk, "notice-read-desk")

    manager = Manager(stage.open("tablet", TABLET), "manager")
    manager.log_in()
    with stage.office("rep1") as office:
        found = office.one("schedule-entries", person_id=office.id, title=MEETING)["id"]
    manager.go(f"/schedule?entry={found}")  # as the search does
    manager.sees("一号店")
    manager.page.keyboard.press("Escape")
    manager.page.get_by_role("combobox", name="谁的日程").click()
    manager.page.get_by_role("option", name="我的团队").click()
    seen = manager.page.get_by_role("button", name=re.compile(MEETING)).first
    expect(seen).to_be_visible(timeout=SYNC_TIMEOUT)
    look(manager, "schedule-team-tablet")
    seen.click()
    manager.sees("一号店")
    expect(manager.button("保存")).to_have_count(0)  # whose it is changes it
