"""One mail to ticked customers: the account set up in the browser, the text seen before, at a real mail server, on the
customer's timeline."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.device import DESK
from tests.e2e.people import SYNC_TIMEOUT, Clerk
from tests.e2e.screen import complaints, settled
from tests.support.smtp import PASSWORD, MailServer, mail_server


@pytest.fixture(scope="module")
def mails(stage: Stage) -> Iterator[MailServer]:
    """A mail server in the company's own network, which its server is allowed to use."""
    found, controller = mail_server()
    stage.server._settings["XUNKE_MAIL_HOSTS"] = f"{found.host}:{found.port}"
    stage.server.restart()
    yield found
    controller.stop()


def test_ticked_customers_get_a_mail_each(stage: Stage, mails: MailServer) -> None:
    with stage.office("clerk") as office:
        customers = office.all("customers", enabled="1")
    reached = [row for row in customers if row["email"]][:2]
    without = next(row for row in customers if not row["email"])
    clerk = Clerk(stage.open("clerk", DESK), "clerk")
    clerk.log_in()
    page = clerk.page
    clerk.go("/mails/accounts")
    clerk.tap("添加账号")
    dialog = page.get_by_role("dialog")
    for label, text in {
        "账户名称": "内勤信箱", "发件 Email": "chen@xunke.example", "SMTP 服务器": mails.host, "端口": str(mails.port),
        "密码": PASSWORD,
    }.items():  # fmt: skip
        dialog.get_by_label(label).fill(text)
    clerk.button("不加密（仅内网）", within=dialog).click()
    settled(clerk.device)
    assert complaints(clerk.device) == []
    clerk.device.screenshot("mail-account")
    clerk.button("保存", within=dialog).click()
    mine = page.get_by_role("listitem").filter(has_text="chen@xunke.example")
    clerk.button("发测试邮件", within=mine).click()
    clerk.sees("测试邮件已发到 chen@xunke.example", timeout=SYNC_TIMEOUT)
    clerk.go("/desk/customers")
    for row in [*reached, without]:
        page.get_by_role("row").filter(has_text=row["customer_no"]).get_by_role("checkbox").click()
    clerk.tap("群发邮件")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("邮件主题").fill("{customer}：中秋快乐")
    dialog.get_by_label("邮件内容").fill("{contact}您好，祝您中秋快乐！")
    expect(dialog.get_by_text("2 封会发出")).to_be_visible(timeout=SYNC_TIMEOUT)
    expect(dialog.get_by_text(str(without["name"]))).to_be_visible()
    settled(clerk.device)
    assert complaints(clerk.device) == []
    clerk.device.screenshot("mailing")
    clerk.button("发送 2 封", within=dialog).click()
    clerk.sees("2 封已排队，按账号的速度发出")
    clerk.go("/desk/mail-batches")
    page.get_by_role("row").filter(has_text="中秋快乐").first.click()
    clerk.sees("已发 2 / 2", timeout=SYNC_TIMEOUT)
    settled(clerk.device)
    assert complaints(clerk.device) == []
    clerk.device.screenshot("mailing-done")
    wanted = {(str(row["email"]), f"{row['name']}：中秋快乐") for row in reached}
    assert {(to, subject) for to, subject, _ in mails.texts()} >= wanted
    clerk.go(f"/desk/customers/{reached[0]['id']}")
    expect(page.get_by_text(f"{reached[0]['name']}：中秋快乐").first).to_be_visible(timeout=SYNC_TIMEOUT)


def test_everyone_in_a_list_gets_a_mail_of_his_own(stage: Stage, mails: MailServer) -> None:
    """Given a list narrowed to one category, the mailing is for that group of customers, and for nobody else."""
    clerk = Clerk(stage.devices["clerk"], "clerk")
    page = clerk.page
    with stage.office("clerk") as office:
        customers = office.all("customers", enabled="1")
        category = next(row["category_id"] for row in customers if row["email"] and row["category_id"])
        group = [row for row in customers if row["category_id"] == category and row["email"]]
    assert 0 < len(group) < len(customers)
    clerk.go(f"/desk/customers?category_id={category}")
    clerk.tap("给列表中全部客户群发")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("邮件主题").fill("{customer}：会员日")
    dialog.get_by_label("邮件内容").fill("{contact}您好，本周会员日。")
    expect(dialog.get_by_text(f"{len(group)} 封会发出")).to_be_visible(timeout=SYNC_TIMEOUT)
    settled(clerk.device)
    assert complaints(clerk.device) == []
    clerk.device.screenshot("mailing-list")
    clerk.button(f"发送 {len(group)} 封", within=dialog).click()
    clerk.sees(f"{len(group)} 封已排队")
    with stage.office("clerk") as office:
        [batch] = [row for row in office.all("mail-batches") if row["subject"] == "{customer}：会员日"]
        sent = {row["customer_id"] for row in office.all("mails", batch_id=batch["id"])}
    assert sent == {row["id"] for row in group}
