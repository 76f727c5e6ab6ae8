"""A number that a rep may dial but not read: masked on the phone, dialled through the company, not without network."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.day import shop_with_credit
from tests.e2e.device import PHONE
from tests.e2e.people import SYNC_TIMEOUT, Rep


def test_a_masked_number_is_dialled_and_not_read(stage: Stage) -> None:
    with stage.office("rep1") as office:
        shop: dict[str, Any] = shop_with_credit(office)
        role = office.me["role"]["id"]
    rep = Rep(stage.open("phone", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    rep.tab("客户")
    rep.find_customer(shop["name"])
    expect(rep.page.get_by_text(shop["mobile"])).to_be_visible()

    with stage.office("admin") as admin:
        admin.do("role.grant", ids=[role], fields={"phone": "masked", "customer.credit_limit": "hidden"})
    masked = f"{shop['mobile'][:3]}****{shop['mobile'][-4:]}"
    expect(rep.page.get_by_text(masked)).to_be_visible(timeout=SYNC_TIMEOUT)
    rep.sees_nowhere(shop["mobile"])
    rep.sees_nowhere("信用额度")

    call = rep.page.get_by_role("button", name="电话", exact=True)
    with rep.page.expect_response("**/api/phones/reveal") as answer:
        call.click()
    assert answer.value.json() == {"number": shop["mobile"]}
    rep.tap("没有打")  # what came of the call
    with stage.office("admin") as admin:
        [used] = admin.all("phone-reveals")
        assert (used["employee_id"], used["customer_id"]) == (
            admin.all("employees", username="rep1")[0]["id"],
            shop["id"],
        )
    with rep.device.offline():
        call.click()
        rep.sees("网络")
    # The file is changed without its number, which no form shows him.
    rep.page.goto(f"{rep.page.url.split('/customers/')[0]}/customers/{shop['id']}/edit")
    rep.page.get_by_label("详细地址").fill("登州路 56 号")
    rep.tap("保存")
    with stage.office("admin") as admin:
        changed = admin.one("customers", id=shop["id"], address="登州路 56 号")
        assert changed["mobile"] == shop["mobile"]
