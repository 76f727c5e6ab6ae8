"""One is told at once, reads it without a network, and it is seen everywhere; a locked phone says what kind of thing."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from server.records.ids import uuid7
from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE
from tests.e2e.office import comes_to
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Rep

WORDS = "路线安排得很好，明天先去城阳"
#: In the service worker: what it shows, and how many messages it is done with.
_WRITE_DOWN = """() => {
  Object.assign(self, { shown: [], handled: 0 })
  self.registration.showNotification = async (title, more) =>
    void self.shown.push({ title, body: more.body, tag: more.tag })
  const wait = ExtendableEvent.prototype.waitUntil
  ExtendableEvent.prototype.waitUntil = function (work) {
    wait.call(this, work)
    if (this.type === 'push') work.finally(() => self.handled++)
  }
}"""


def comment(stage: Stage, text: str) -> str:
    """The rep's manager comments the report of today; returns the report."""
    report = uuid7()
    day = datetime.now(ZoneInfo("Asia/Shanghai")).date().isoformat()
    with stage.office("rep1") as rep:
        submitted = rep.do("report.submit", id=report, kind="day", report_date=day, summary="跑了三家")
        report = str(submitted["result"]["id"])
    with stage.office("manager") as manager:
        manager.do("report.comment", id=uuid7(), report_id=report, text=text)
    return report


def test_told_at_once_read_without_a_network_and_seen_everywhere(stage: Stage) -> None:
    rep = Rep(stage.open("phone", PHONE), "rep1")
    rep.log_in()
    rep.tab("今日")
    other = Clerk(stage.open("tablet at home", DESK), "rep1")
    other.log_in()

    with stage.office("rep1") as office:
        office.do("notification.read", ids=[one["id"] for one in office.all("notifications")])
    comment(stage, WORDS)
    shown = rep.page.get_by_role("status").filter(has_text=WORDS)
    expect(shown).to_be_visible(timeout=SYNC_TIMEOUT)  # nobody touched the phone
    with stage.office("rep1") as office:  # of what the hour of the day has brought beside it, nothing is asked here
        others = [one["id"] for one in office.all("notifications") if one["kind"] != "worklog.commented"]
        office.do("notification.read", ids=others)
    bell = rep.page.get_by_role("link", name=re.compile("^提醒，1 条未读"))
    expect(bell).to_be_visible()
    expect(other.page.get_by_role("link", name=re.compile("提醒 *1"))).to_be_visible(timeout=SYNC_TIMEOUT)

    with rep.device.offline():
        bell.click()
        rep.sees(WORDS)
        rep.device.expect_accessible()
        rep.page.get_by_role("button", name=re.compile(WORDS)).click()
        rep.sees("跑了三家")  # the report it is about
        rep.page.go_back()
        rep.tap(re.compile("^未读"))
        rep.sees("都看过了")
    expect(other.page.get_by_role("link", name=re.compile("提醒 *1"))).to_have_count(0, timeout=SYNC_TIMEOUT)


def test_a_locked_phone_says_what_kind_of_thing_it_is(stage: Stage) -> None:
    """What the server pushes, handed to the service worker as Chromium's own push service would."""
    rep = Rep(stage.devices["phone"], "rep1")
    rep.go("/me/notifications")
    rep.sees("推送哪些提醒")
    rep.device.expect_accessible()
    told, page = uuid7(), rep.page
    session = rep.device.context.new_cdp_session(page)
    found: dict[str, str] = {}
    session.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.update(
        {one["scopeURL"]: one["registrationId"] for one in event["registrations"]}
    ))  # fmt: skip
    session.send("ServiceWorker.enable")
    rep.device.until(lambda: f"{stage.url}/" in found)
    push = {
        "origin": stage.url,
        "registrationId": found[f"{stage.url}/"],
        "data": f'{{"title":"工作日志点评提醒","body":"点开查看","id":"{told}"}}',
    }
    [worker] = rep.device.context.service_workers
    # A browser without a screen has no place for notifications and refuses them; what would stand there is written down.
    worker.evaluate(_WRITE_DOWN)
    session.send("ServiceWorker.deliverPushMessage", push)
    rep.device.until(lambda: worker.evaluate("self.handled") == 1)
    assert worker.evaluate("self.shown") == []  # somebody is looking: the page says it itself

    # Nobody is: the app is closed. The same message again would take the place of the first.
    elsewhere = rep.device.context.new_page()
    page.close()
    session = rep.device.context.new_cdp_session(elsewhere)
    session.send("ServiceWorker.enable")
    session.send("ServiceWorker.deliverPushMessage", push)
    rep.device.until(lambda: worker.evaluate("self.handled") == 2)
    assert worker.evaluate("self.shown") == [{"title": "工作日志点评提醒", "body": "点开查看", "tag": told}]


def test_an_administrator_decides_what_is_told(stage: Stage) -> None:
    admin = Clerk(stage.open("desk", DESK), "admin")
    admin.log_in()
    admin.rail("提醒设置")
    admin.sees("生日提醒")
    admin.sees("还没有接入群")
    admin.device.expect_accessible()
    admin.page.get_by_role("switch", name="今天还没有日报 · 启用").click()
    admin.sees("已保存")
    admin.page.get_by_label("生日提醒 · 提前（天）").fill("7")
    with stage.office("admin") as office:

        def lead_days() -> object:
            rules = office.all("notification-rules", kind="customer.birthday")
            return [rule["lead_days"] for rule in rules]

        assert office.one("notification-rules", kind="worklog.none_today")["enabled"] is False
        comes_to(lead_days, [7])

    admin.tap("接入一个群")
    dialog = admin.page.get_by_role("dialog")
    dialog.get_by_label("名称").fill("销售一群")
    dialog.get_by_label("机器人地址（Webhook）").fill("https://127.0.0.1/cgi-bin/webhook/send?key=x")
    dialog.get_by_role("button", name="保存", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("这不是企业微信机器人的地址")
    admin.device.expect_complaint(r"422.*group-robots")
