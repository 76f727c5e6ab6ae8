"""Who looks after the devices sees what waits where, and decides about what the server could not run."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import FilePayload, Locator, expect

from server.records.ids import uuid7
from server.records.values import to_wire
from tests.e2e.conftest import Stage
from tests.e2e.device import DESK, PHONE
from tests.e2e.people import Clerk, Person, Rep

LONG_AGO = to_wire(datetime.now(UTC) - timedelta(days=6))


def row(person: Person, text: str) -> Locator:
    return person.page.get_by_role("listitem").filter(has_text=text)


def test_an_administrator_looks_after_devices_and_kept_operations(stage: Stage) -> None:
    admin = Clerk(stage.open("desk", DESK), "admin")
    admin.log_in()
    admin.rail("设备与同步")
    admin.sees("没有保留的操作")
    expect(admin.page.get_by_text("没有延迟")).to_be_visible()

    shop = {"id": uuid7(), "values": {"name": "城阳五金批发", "mobile": "13700009999"}}
    with stage.office("rep2") as phone:
        report = f"app=0.0.9; waiting=41; oldest={LONG_AGO}"
        phone.push({"command": "drone.fly", "args": {"to": "城阳"}}, report=report)
        with stage.office("admin") as office:
            office.do("device.revoke", id=phone.me["device_id"])
        phone.push({"command": "customer.create", "args": shop}, report=report)
    admin.tap("刷新")

    device = row(admin, "41 条")
    expect(device).to_contain_text("旧版本")
    expect(device).to_contain_text("已停用")
    admin.tap(re.compile("^有待传"))
    expect(admin.page.get_by_role("listitem").filter(has_text="最近联系")).to_have_count(1)

    # What came from a revoked device is read, and run because it can be trusted.
    kept = row(admin, "来自已停用的设备")
    expect(kept).to_contain_text("王晓燕")
    expect(kept).to_contain_text("新客户")
    admin.button("内容", within=kept).click()
    expect(kept).to_contain_text("城阳五金批发")
    admin.button("再执行", within=kept).click()
    expect(kept).to_have_count(0)
    with stage.office("admin") as office:
        assert office.one("customers", q="城阳五金批发")["id"] == shop["id"]

    # What nobody will ever know is set aside, after a question.
    unknown = row(admin, "服务器还不认识这个操作")
    admin.button("再执行", within=unknown).click()
    admin.sees("仍然执行不了")
    admin.button("搁置", within=unknown).click()
    admin.page.get_by_role("dialog").get_by_role("button", name="搁置", exact=True).click()
    admin.sees("没有保留的操作")


def test_a_device_is_revoked_from_the_list_on_the_phone_too(stage: Stage) -> None:
    with stage.office("clerk") as lost:
        lost.push(report="app=0.1.0; waiting=2; oldest=-")
        admin = Rep(stage.open("phone", PHONE), "admin")
        admin.log_in()
        admin.tab("我的")
        admin.page.get_by_role("link", name="设备与同步").click()
        device = row(admin, "2 条")
        expect(device).to_contain_text("陈内勤")
        device.get_by_role("button", name="停用陈内勤").click()
        dialog = admin.page.get_by_role("dialog")
        expect(dialog).to_contain_text("上面还有 2 条没有送出")
        dialog.get_by_role("button", name="停用", exact=True).click()
        expect(device).to_contain_text("已停用")


def test_a_rep_has_no_such_page(stage: Stage) -> None:
    rep = Rep(stage.open("rep's phone", PHONE), "rep1")
    rep.log_in()
    rep.tab("我的")
    expect(rep.link("登录的设备")).to_be_visible()
    expect(rep.link("设备与同步")).to_have_count(0)


def test_what_a_phone_exported_is_delivered_for_it(stage: Stage) -> None:
    with stage.office("rep2") as phone:
        me = phone.me
    op = {"id": uuid7(), "seq": 900, "command": "customer.create", "version": 1, "at": LONG_AGO, "base": None,
          "args": {"id": uuid7(), "values": {"name": "即墨水产行", "mobile": "13700008888"}}, "needs": [],
          "employee": me["id"], "result": None}  # fmt: skip
    file = {"format": "xunke-outbox", "version": 2, "app": "0.1.0", "exported_at": LONG_AGO, "photos": [],
            "device": {"id": me["device_id"]}, "employee": {"id": me["id"], "name": "王晓燕"}, "ops": [op]}  # fmt: skip
    admin = Clerk(stage.open("import desk", DESK), "admin")
    admin.log_in()
    admin.rail("设备与同步")

    def deliver(content: str) -> None:
        upload = FilePayload(name="xunke.json", mimeType="application/json", buffer=content.encode())
        admin.page.locator("input[type=file]").set_input_files(upload)

    admin.device.expect_complaint(r"\b422\b")
    deliver("not an export")
    admin.sees("这不是从同步页导出的文件")
    deliver(json.dumps(file))
    dialog = admin.page.get_by_role("dialog", name="文件已送达")
    expect(dialog).to_contain_text("新送达 1 条，以前已有 0 条")
    admin.button("关闭", within=dialog).click()
    deliver(json.dumps(file))
    expect(dialog).to_contain_text("新送达 0 条，以前已有 1 条")
    with stage.office("admin") as office:
        assert office.one("customers", q="即墨水产行")["id"] == op["args"]["id"]
