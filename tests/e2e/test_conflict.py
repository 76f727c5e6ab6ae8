"""What a phone did without a network meets what the company did meanwhile; people see it and decide."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.day import shop_with_credit
from tests.e2e.device import DESK, PHONE
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Rep

PRODUCT = "崂山白花蛇草水"


@dataclass
class Meeting:
    stage: Stage
    rep: Rep
    clerk: Clerk
    shops: list[dict[str, Any]]
    product: str


@pytest.fixture(scope="module")
def meeting(stage: Stage) -> Meeting:
    """A rep on the phone and a clerk at the desk, both signed in; three shops; a product with one price for all."""
    with stage.office("rep1") as office:
        open_cases = {row["customer_id"] for row in office.all("conflicts", state="open")}
        shops = [shop for nth in range(6) if (shop := shop_with_credit(office, nth=nth))["id"] not in open_cases][:3]
    with stage.office("admin") as office:
        limit = Decimal(shops[2]["debt_total"]) + 100
        office.edit("customer", shops[2], credit_limit=f"{limit:.2f}")
        unit = office.one("options", list_name="unit", name="箱")
        product = office.create("product", name=PRODUCT, price="60.0000", unit_id=unit["id"], on_shelf=True)
    rep = Rep(stage.open("phone", PHONE), "rep1")
    rep.log_in()
    rep.waits_for_everything()
    clerk = Clerk(stage.open("desk", DESK), "clerk")
    clerk.log_in()
    return Meeting(stage, rep, clerk, shops, product)


def test_the_same_field_changed_at_the_desk_and_on_the_phone(meeting: Meeting) -> None:
    rep, clerk, shop = meeting.rep, meeting.clerk, meeting.shops[0]
    with rep.device.offline():
        rep.tab("客户")
        rep.find_customer(shop["name"])
        rep.edit_customer(address="台东一路 8 号后门", primary_contact="新来的周店长")
        clerk.edit_customer(shop["id"], address="台东一路 8 号正门")
    rep.waits_for_everything()

    conflict = rep.card(shop["name"])
    for value in (shop["address"], "台东一路 8 号正门", "台东一路 8 号后门"):
        expect(conflict).to_contain_text(value)
    expect(conflict).to_contain_text("陈内勤")

    clerk.rail("冲突")
    clerk.page.get_by_role("button", name=re.compile(f"^{shop['name']}.*详细地址")).click()
    case = clerk.page.get_by_role("article").filter(has_text=shop["name"])
    for value in (shop["address"], "台东一路 8 号正门", "台东一路 8 号后门"):
        expect(case).to_contain_text(value)
    clerk.tap(re.compile("另填新值"))
    clerk.fill("address", "台东一路 8 号，货走后门")
    clerk.tap("用这个值")
    clerk.sees(re.compile("详细地址已决定"))

    decided = re.compile(r"详细地址已由陈内勤决定：\s*台东一路 8 号，货走后门")
    expect(conflict).to_contain_text(decided, timeout=SYNC_TIMEOUT)
    conflict.get_by_role("button", name="知道了").click()
    expect(conflict).to_have_count(0)
    rep.tab("客户")
    rep.find_customer(shop["name"])
    rep.sees(re.compile("台东一路 8 号，货走后门"))
    rep.sees("新来的周店长")


def test_a_price_changed_while_the_phone_was_offline(meeting: Meeting) -> None:
    rep, shop = meeting.rep, meeting.shops[1]
    with rep.device.offline():
        rep.order_at(shop["name"])
        rep.choose(PRODUCT, 10)
        assert rep.hand_in_order() == Decimal("600.00")
        with meeting.stage.office("admin") as office:
            row = office.one("products", id=meeting.product)
            office.edit("product", row, price="62.5000")
    rep.waits_for_everything()

    card = rep.card(shop["name"])
    expect(card).to_contain_text(f"{PRODUCT} 价格已变：¥60.00 → ¥62.50，小计 +¥25.00")
    expect(card).to_contain_text("合计 +¥25.00，已按新价提交。")
    card.get_by_role("button", name="看一下").or_(card.get_by_role("link", name="看一下")).click()
    rep.sees("625.00")
    rep.go("/sync")
    rep.card(shop["name"]).get_by_role("button", name="知道了").click()
    expect(rep.card(shop["name"])).to_have_count(0)


def test_an_order_over_the_limit_waits_for_the_desk(meeting: Meeting) -> None:
    rep, clerk, shop = meeting.rep, meeting.clerk, meeting.shops[2]
    with rep.device.offline():
        rep.order_at(shop["name"])
        rep.choose(PRODUCT, 20)
        rep.tap("下一步")
        rep.sees("超出信用额度")
        rep.tap("提交待审批")
        rep.sees("订单已记下，有网络就送出")
    rep.waits_for_everything()
    card = rep.card(shop["name"])
    expect(card).to_contain_text("已收到，等公司决定")
    expect(card).to_contain_text(re.compile(r"超.*信用额度"))
    card.get_by_role("button", name="知道了").click()
    rep.tab("订单")
    rep.page.get_by_role("link", name=re.compile(f"^{shop['name']}.*超信用额度")).click()

    clerk.rail("待批订单")
    held = clerk.page.get_by_role("listitem").filter(has_text=shop["name"])
    expect(held).to_contain_text("信用额度")
    held.get_by_role("button", name=re.compile("批准$")).click()
    clerk.sees(re.compile("已批准"))

    rep.sees("正在配货", timeout=SYNC_TIMEOUT)
