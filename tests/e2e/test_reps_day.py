"""A rep's day without a network, and what the manager and the desk make of it in the evening.

One story in chapters that share the devices; when a chapter fails, those after it are skipped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.day import free_the_day, shop_with_credit
from tests.e2e.device import DESK, PHONE, TABLET, Place
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Manager, Rep

NEW_SHOP = "即墨新开张粮油店"


@dataclass
class Day:
    """What the chapters know of each other."""

    stage: Stage
    rep: Rep
    shop: str
    place: Place
    total: Decimal = Decimal()
    order_no: str = ""


@pytest.fixture(scope="module")
def day(stage: Stage) -> Day:
    with stage.office("rep1") as office:
        free_the_day(office)
        shop = shop_with_credit(office)
    with stage.office("clerk") as office:
        office.edit("customer", shop, prepay_allowed=True)
    place = Place(shop["geo_lat"] + 0.0002, shop["geo_lng"], 9)
    phone = stage.open("phone", PHONE, place=place)
    return Day(stage, Rep(phone, "rep1"), shop["name"], place)


@pytest.fixture(autouse=True)
def chapter(stage: Stage) -> None:
    if stage.failures:
        pytest.skip("an earlier chapter of the story failed")


def test_the_phone_is_made_ready_where_there_is_a_network(day: Day) -> None:
    rep = day.rep
    rep.log_in()
    rep.waits_for_everything()

    manifest = rep.page.evaluate(
        "async () => (await fetch(document.querySelector('link[rel=manifest]').href)).json()"
    )
    assert (manifest["name"], manifest["display"]) == ("巡客", "standalone")
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}

    rep.plan_for_today(day.shop)
    rep.waits_for_everything()


def test_a_planned_visit_with_photos_and_an_order(day: Day) -> None:
    rep = day.rep
    rep.device.go_offline()
    rep.tab("今日")
    rep.start_next_stop(day.shop)

    rep.check_in()
    rep.take_photos("门头", "货架")
    rep.sees("必拍的都拍好了")
    rep.tap("下一步：记录")
    rep.write_notes(person="王老板", stage="报价", content="看了新品价目表，明天带样品来。", next_contact="1 周后")

    rep.beside_the_visit("下单")
    rep.choose("金穗花生油", 6)
    rep.choose("崂泉矿泉水", 4)
    day.total = rep.hand_in_order()

    rep.check_out()


def test_a_new_customer_on_the_way(day: Day) -> None:
    rep = day.rep
    rep.device.move_to(Place(day.place.latitude + 0.004, day.place.longitude, 15))
    rep.tab("新拜访")
    rep.tap("新客户")
    rep.fill("name", NEW_SHOP)
    rep.fill("primary_contact", "赵老板")
    rep.fill("mobile", "13900001234")
    rep.tap("把当前位置记为客户位置")
    rep.sees(re.compile("已记下，误差约"))
    rep.tap("保存")

    rep.check_in()
    rep.take_photos("门头")
    rep.tap("先去记录")
    rep.write_notes(person="赵老板", stage="初步接触", content="刚开张，下周送第一批货。", next_contact="3 天后")
    rep.check_out()
    rep.tab("客户")
    rep.find_customer(NEW_SHOP)
    rep.sees("编号待公司给出")


def test_money_received_and_the_daily_report(day: Day) -> None:
    rep = day.rep
    rep.tab("客户")
    rep.find_customer(day.shop)
    rep.link("回款").click()
    rep.record_payment("200.00", order="编号待公司给出")
    # Paid ahead, and an order from it: the balance is the phone's own until there is a network.
    rep.link("存款").click()
    rep.type_amount("30.00")
    rep.tap("记下预存 ¥30.00")
    rep.sees(re.compile(r"^预存余额\s*¥30\.00"))
    rep.page.get_by_role("link", name="回款", exact=True).click()
    rep.tap(re.compile("编号待公司给出"))
    rep.tap("预存余额 ¥30.00")
    rep.type_amount("30.01")
    rep.sees("预存余额只有 ¥30.00")
    rep.type_amount("20.00")
    rep.tap("用预存付 ¥20.00")
    rep.sees(re.compile(r"^预存余额\s*¥10\.00"))

    rep.tab("今日")
    rep.report(f"{day.shop}下单，收了一部分现款。", "回访新客户。")

    waits = " ".join(rep.what_waits().all_inner_texts())
    for what in ("签到", "拜访照片", "下单", "签退", "新客户", "回款", "存款", "预存冲抵", "日报"):
        assert what in waits
    rep.sees("3 张照片待传")


def test_the_browser_is_closed_and_opened_again_without_a_network(day: Day) -> None:
    rep = day.rep
    waiting = rep.what_waits().all_inner_texts()
    rep.tab("客户")
    rep.tap("新客户")
    rep.fill("name", "还没写完的店")
    rep.fill("address", "鞍山路 8 号")
    # The draft is written when the typing pauses.
    rep.device.wait_until_stored("xunke-outbox", "drafts", "还没写完的店", "鞍山路 8 号")

    rep.device.reopen("/today")

    expect(rep.what_waits()).to_have_text(waiting)
    rep.tab("客户")
    rep.tap("新客户")
    expect(rep.page.locator("input[name=name]")).to_have_value("还没写完的店")
    expect(rep.page.locator("input[name=address]")).to_have_value("鞍山路 8 号")
    rep.tap("从头填")
    rep.tap("返回")

    rep.tab("客户")
    rep.find_customer(day.shop)
    rep.sees("看了新品价目表，明天带样品来。")
    rep.page.get_by_text("看了新品价目表，明天带样品来。").first.click()
    expect(rep.page.get_by_role("button", name="门头").locator("img")).to_be_visible()
    expect(rep.page.get_by_role("button", name="货架").locator("img")).to_be_visible()


def test_back_in_the_network_everything_arrives(day: Day) -> None:
    rep = day.rep
    rep.device.go_online()
    rep.waits_for_everything()

    rep.tab("客户")
    rep.find_customer(day.shop)
    rep.page.get_by_text("看了新品价目表，明天带样品来。").first.click()
    rep.sees("已核验", timeout=SYNC_TIMEOUT)
    rep.tab("订单")
    rep.page.get_by_text(day.shop).first.click()
    day.order_no = rep.page.get_by_text(re.compile(r"^XS\d+$")).first.inner_text()
    rep.sees("等待审核")

    with day.stage.office("manager") as office:
        order = office.one("orders", order_no=day.order_no)
        assert (Decimal(order["payable"]), Decimal(order["paid"])) == (day.total, Decimal("220"))
        visits = office.all("visits", visitor_id=order["clerk_id"], state="done", sort="-checked_out_at")[:2]
        assert [visit["photo_count"] for visit in visits] == [1, 2]


def test_the_manager_sees_it_all_on_the_tablet(day: Day) -> None:
    manager = Manager(day.stage.open("tablet", TABLET), "manager")
    manager.log_in()
    manager.open_day_of("张海波")

    visit = manager.page.get_by_role("article").filter(has_text="看了新品价目表，明天带样品来。")
    expect(visit).to_contain_text(day.shop)
    expect(visit).to_contain_text("已核验")
    expect(visit).to_contain_text(day.order_no)
    manager.sees("刚开张，下周送第一批货。")
    payment = manager.button(re.compile("^回款")).filter(has_text="200.00")
    expect(payment).to_be_visible()

    visit.get_by_role("button", name=re.compile("门头")).click()
    manager.sees("时间、位置、签名都相符。")
    expect(manager.page.get_by_role("img", name=re.compile("门头")).first).to_be_visible()
    manager.tap("关闭")

    manager.rail("日报")
    manager.page.get_by_role("navigation", name="日报").get_by_text(re.compile("收了一部分现款")).click()
    manager.page.get_by_label("写点评").fill("新客户跟得好，周三我一起去。")
    manager.tap("发送")
    manager.sees("新客户跟得好，周三我一起去。")
    day.stage.put_away("tablet")


def test_the_comment_reaches_the_phone(day: Day) -> None:
    rep = day.rep
    rep.tab("今日")
    comment = rep.link(re.compile(r"今天的日报已交\s*· 1 条点评"))
    expect(comment).to_be_visible(timeout=SYNC_TIMEOUT)
    comment.click()
    rep.sees("新客户跟得好，周三我一起去。", timeout=SYNC_TIMEOUT)


def test_the_desk_approves_and_the_phone_knows(day: Day) -> None:
    clerk = Clerk(day.stage.open("desk", DESK), "clerk")
    clerk.log_in()
    clerk.open_order(day.order_no)
    clerk.tap("审核通过")
    clerk.sees("已审核，进入配货")

    rep = day.rep
    rep.tab("订单")
    rep.page.get_by_text(day.order_no).first.click()
    rep.sees("正在配货", timeout=SYNC_TIMEOUT)
