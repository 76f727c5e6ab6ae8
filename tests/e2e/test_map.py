"""Where the customers are: the map on the phone without a network and at the desk, who is near, and the way of a day."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Stage
from tests.e2e.day import free_the_day, today
from tests.e2e.device import DESK, PHONE, QINGDAO, TABLET, Form
from tests.e2e.people import SYNC_TIMEOUT, Clerk, Rep
from tests.e2e.screen import complaints, settled

#: A street to the north of where the phone is: 1.1 km from one to the next.
_STREET = {f"北街{n}号店": QINGDAO.latitude + 0.01 * n for n in range(1, 5)}
_BETWEEN = "顺路小卖部"
_ISLAND = "灵山岛小店"


def shop(office: Any, name: str, lat: float, lng: float = QINGDAO.longitude, **values: Any) -> str:
    mobile = f"137{abs(hash((name, lat))) % 10**8:08}"
    return str(office.create("customer", name=name, mobile=mobile, geo_lat=lat, geo_lng=lng, **values))


@pytest.fixture(scope="module")
def rep(stage: Stage) -> Rep:
    """张海波 with five shops of which nobody else knows, and three of them planned for today, in no good order."""
    with stage.office("rep1") as office:
        free_the_day(office)
        street = {name: shop(office, name, lat) for name, lat in _STREET.items()}
        shop(office, _BETWEEN, QINGDAO.latitude + 0.025, QINGDAO.longitude + 0.001)
        stage_id = office.all("options", list_name="sales_stage", enabled="1")[0]["id"]
        shop(office, _ISLAND, 35.7700, 120.1700, sales_stage_id=stage_id)
        for n, name in enumerate(["北街3号店", "北街1号店", "北街4号店", "北街2号店"]):
            visit = f"0190f2c4-aaaa-7000-8000-00000000000{n}"
            office.do("visit.plan", id=visit, customer_id=street[name], planned_on=today())
    someone = Rep(stage.open("rep", PHONE), "rep1")
    someone.log_in()
    someone.waits_for_everything()
    return someone


def stops_are(rep: Rep, names: list[str]) -> None:
    expect(rep.page.locator("ol.stops strong")).to_have_text(names)


def test_from_the_map_over_a_filter_to_a_customer_without_network(stage: Stage, rep: Rep) -> None:
    with stage.office("rep1") as office:
        mine = [row for row in office.all("customers", enabled="1") if row["owner_id"]]
        placed = [row for row in mine if row["geo_lat"] is not None]
        never = [row for row in placed if row["last_visit_at"] is None]
        island = next(row for row in mine if row["name"] == _ISLAND)
        word = office.one("options", id=island["sales_stage_id"])["name"]
    page = rep.page
    with rep.device.offline():
        rep.tab("客户")
        rep.link("客户地图").click()
        rep.sees(re.compile(rf"共 {len(placed)} 家"))
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.expect_accessible()
        rep.device.screenshot("map-phone")
        rep.tap("我的位置")
        rep.sees(re.compile(r"定位误差 ±12 m"))

        page.get_by_role("combobox", name="最近拜访").click()
        page.get_by_role("option", name="从未拜访").click()
        rep.sees(re.compile(rf"共 {len(never)} 家"))
        page.get_by_role("combobox", name="跟进阶段").click()
        page.get_by_role("option", name=word, exact=True).click()
        expected = [row for row in never if row["sales_stage_id"] == island["sales_stage_id"]]
        rep.sees(re.compile(rf"共 {len(expected)} 家"))
        page.get_by_role("button", name=_ISLAND, exact=True).click()
        card = page.get_by_role("region", name=_ISLAND)
        expect(card).to_contain_text("从未拜访")
        expect(card).to_contain_text("km")
        settled(rep.device)
        rep.device.screenshot("map-card-phone")
        card.get_by_role("link", name=re.compile(_ISLAND)).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(_ISLAND)
        rep.tap("返回")
        rep.tap("收起")
        rep.sees(re.compile(rf"共 {len(expected)} 家"))  # what it was narrowed by is still there


def test_who_is_near_without_network_and_one_tap_to_check_in(stage: Stage, rep: Rep) -> None:
    page = rep.page
    with rep.device.offline():
        rep.tab("客户")
        page.get_by_role("group", name="快捷视图").get_by_role("button", name="附近").click()
        rep.sees(re.compile(r"离您最近的在前 · 误差 ±12 m"))
        expect(page.locator(".entry .away").nth(3)).to_be_visible()
        away = page.locator(".entry .away").all_inner_texts()
        metres = [float(text.split()[0]) * (1000 if "km" in text else 1) for text in away]
        assert len(metres) > 3
        assert metres == sorted(metres)
        nearest = page.locator(".entry .name").first.inner_text()
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.expect_accessible()
        rep.device.screenshot("near-phone")
        rep.link(f"到{nearest}签到").click()
        expect(rep.button("到店签到")).to_be_visible()
        expect(page.get_by_role("heading", level=1)).to_have_text(nearest)


def test_a_days_route_is_ordered_added_to_moved_and_handed_over(stage: Stage, rep: Rep) -> None:
    page = rep.page
    street = list(_STREET)
    with rep.device.offline():
        rep.tab("今日")
        rep.link("路线").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("拜访路线")
        stops_are(rep, ["北街3号店", "北街1号店", "北街4号店", "北街2号店"])
        settled(rep.device)
        assert complaints(rep.device) == []
        rep.device.expect_accessible()
        rep.device.screenshot("route-before-phone")
        rep.tap("按距离排好")
        rep.sees(re.compile("已按距离排好，省"))
        stops_are(rep, street)
        rep.sees(re.compile(r"4 家 · 直线共 4\.4 km"))

        rep.sees("顺路可加")
        rep.tap(f"加入路线：{_BETWEEN}")
        rep.sees(f"{_BETWEEN}已加入路线，排第 3")
        stops_are(rep, [*street[:2], _BETWEEN, *street[2:]])

        # What is moved by hand stays, also when the screen is left.
        rep.tap("调整顺序")
        rep.tap("北街4号店往前")
        by_hand = [*street[:2], _BETWEEN, "北街4号店", "北街3号店"]
        stops_are(rep, by_hand)
        rep.tap("调好了")
        settled(rep.device)
        rep.device.screenshot("route-phone")
        rep.tap("返回")
        expect(page.get_by_role("link", name=street[0])).to_be_visible()  # the next stop
        rep.link("路线").click()
        stops_are(rep, by_hand)

        rep.tap(f"导航去{street[0]}")
        sheet = page.get_by_role("dialog")
        href = sheet.get_by_role("link", name="高德地图").get_attribute("href") or ""
        found = re.search(r"to=([\d.]+),([\d.]+),", href)
        assert found, href
        # Amap counts in GCJ-02: some hundred metres beside the world's degrees.
        assert 0.001 < abs(float(found[1]) - QINGDAO.longitude) < 0.01
        page.keyboard.press("Escape")

    rep.waits_for_everything()
    with stage.office("rep1") as office:
        rows = office.all("visits", visitor_id=office.id, planned_on=today(), state="planned")
        names = {row["id"]: row["name"] for row in office.all("customers")}
        rows.sort(key=lambda row: row["plan_order"] or 99)
        assert [names[row["customer_id"]] for row in rows] == by_hand


@pytest.mark.parametrize("form", [PHONE, TABLET], ids=["phone", "tablet"])
def test_a_managers_map_shows_the_team_and_without_network_what_he_holds(stage: Stage, rep: Rep, form: Form) -> None:
    with stage.office("manager") as office:
        placed = [row for row in office.all("customers", enabled="1") if row["geo_lat"] is not None]
        never = [row for row in placed if row["last_visit_at"] is None]
    manager = Rep(stage.open(f"manager's {form.name}", form), "manager")
    manager.log_in()
    manager.waits_for_everything()
    page = manager.page
    only_here = page.get_by_role("status").filter(has_text="只显示本机上的客户")
    manager.go("/customers/map")
    manager.sees(re.compile(rf"共 {len(placed):,} 家"))
    expect(only_here).to_have_count(0)
    settled(manager.device)
    assert complaints(manager.device) == []
    manager.device.expect_accessible()
    manager.device.screenshot(f"map-team-{form.name}")

    page.get_by_role("combobox", name="最近拜访").click()
    page.get_by_role("option", name="从未拜访").click()
    manager.sees(re.compile(rf"共 {len(never):,} 家"))
    manager.tap("放大")
    settled(manager.device)
    ground = page.locator(".leaflet-marker-pane .degree").all_inner_texts()
    assert ground
    with manager.device.offline():
        expect(only_here).to_have_text(re.compile("离线。只显示本机上的客户，是(刚刚|.*前)的数据"))
        manager.sees("您自己还没有客户")
        settled(manager.device)
        assert complaints(manager.device) == []
        manager.device.screenshot(f"map-team-offline-{form.name}")
    manager.sees(re.compile(rf"共 {len(never):,} 家"), timeout=SYNC_TIMEOUT)
    expect(only_here).to_have_count(0)
    expect(page.get_by_role("combobox", name="最近拜访")).to_have_value("从未拜访")
    expect(page.locator(".leaflet-marker-pane .degree")).to_have_text(ground)

    # Which he does not hold: its file is read at the company.
    manager.go(f"/customers/map?name={_ISLAND}")
    manager.sees(re.compile("共 1 家"))
    page.get_by_role("button", name=_ISLAND, exact=True).click()
    card = page.get_by_role("region", name=_ISLAND)
    expect(card).to_contain_text("从未拜访 · 张海波")
    settled(manager.device)
    assert complaints(manager.device) == []
    manager.device.screenshot(f"map-team-card-{form.name}")
    card.get_by_role("button", name="打开资料").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(_ISLAND)
    expect(page.get_by_role("region", name="往来记录")).to_be_visible()


def test_at_the_desk_the_list_is_a_map_with_the_same_filters(stage: Stage, rep: Rep) -> None:
    desk = Clerk(stage.open("desk", DESK), "admin")
    desk.log_in()
    page = desk.page
    with stage.office("admin") as office:
        owner = office.one("employees", username="rep1")
    desk.go(f"/desk/customers?owner_id={owner['id']}")
    desk.link("地图").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("客户地图")
    status = page.get_by_text(re.compile(r"图中 [\d,]+ 家，共 [\d,]+ 家"))
    expect(status).to_be_visible()
    settled(desk.device)
    desk.device.screenshot("map-desk")
    assert complaints(desk.device) == []
    desk.device.expect_accessible()
    page.get_by_role("searchbox").fill(_ISLAND)
    expect(status).to_have_text(re.compile("共 1 家"))
    page.get_by_role("button", name=_ISLAND, exact=True).click()
    side = page.get_by_role("complementary", name="这里有 1 家")
    expect(side).to_contain_text("从未拜访")
    side.get_by_role("link", name=re.compile(_ISLAND)).click()
    expect(page).to_have_url(re.compile("/desk/customers/[0-9a-f-]+"), timeout=SYNC_TIMEOUT)
