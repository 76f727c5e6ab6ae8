"""The manager's day: numbers that agree with the lists behind them, and only of his people."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.records.ids import uuid7
from tests.orders.trade import product
from tests.support.fieldwork import check_in, new_shop, visit_with_photo
from tests.support.world import Person, Refused, World

ZONE = ZoneInfo("Asia/Shanghai")


def behind(person: Person, link: dict[str, Any]) -> int:
    """How many rows the list request of a number gives."""
    return len(person.get(link["path"], **link["params"])["items"])


def a_day(world: World) -> Person:
    """张三 works: two visits, one of them far off, an order, money, a report. 李四 visits once. 赵六 is not the team."""
    rep, colleague, stranger = world.person("rep"), world.person("rep2"), world.person("stranger")
    shop, far = new_shop(rep), new_shop(rep, "远店")
    goods = product(world)
    rep.do("visit.plan", id=uuid7(), customer_id=far, planned_on=datetime.now(ZONE).date().isoformat())
    visit_with_photo(rep, shop)
    visit_with_photo(rep, far, place=(36.3, 120.5), seed=2)
    order_id = uuid7()
    line = {"id": uuid7(), "product_id": goods, "quantity": "2", "price": "100"}
    rep.do("order.place", id=order_id, customer_id=shop, lines=[line])
    rep.do("payment.record", id=uuid7(), order_id=order_id, amount="50")
    visit_with_photo(colleague, new_shop(colleague, "李四的店"), seed=3)
    visit_with_photo(stranger, new_shop(stranger, "赵六的店"), seed=4)
    return rep


def test_every_number_agrees_with_its_list(world: World) -> None:
    rep, manager = a_day(world), world.person("manager")
    business_day = manager.get("/api/team/today")["day"]
    rep.do("report.submit", id=uuid7(), kind="day", report_date=business_day, summary="好")
    team = manager.get("/api/team/today", day=business_day)
    people = {person["name"]: person for person in team["reps"]}
    assert set(people) == {"张三", "李四"}
    numbers = people["张三"]["numbers"]
    assert (numbers["visits"], numbers["valid_visits"], numbers["valid_rate"]) == (2, 1, 0.5)
    assert (numbers["new_customers"], numbers["orders"], numbers["payments"]) == (2, 1, 1)
    assert numbers["payment_amount"] == "50.00"
    assert (numbers["suspect_photos"], numbers["reports"]) == (1, 1)
    assert people["张三"]["position"]["lat"] == pytest.approx(36.0673)
    for group in [*team["reps"], {"numbers": team["totals"], "links": team["links"]}]:
        for name, link in group["links"].items():
            assert behind(manager, link) == group["numbers"][name], name
    totals = team["totals"]
    assert (totals["visits"], totals["new_customers"]) == (3, 3)
    orders = people["张三"]["links"]["orders"]
    assert (
        manager.get(f"{orders['path']}/summary", **orders["params"])["totals"]["payable"] == numbers["order_amount"]
    )


def test_a_manager_is_part_of_the_day_when_he_is_in_the_field(world: World) -> None:
    manager = world.person("manager")
    assert "李经理" not in [person["name"] for person in manager.get("/api/team/today")["reps"]]
    shop = new_shop(manager, "经理的店")
    today = datetime.now(ZONE).date().isoformat()
    manager.do("visit.plan", id=uuid7(), customer_id=shop, planned_on=today)
    people = {person["name"]: person["numbers"] for person in manager.get("/api/team/today")["reps"]}
    assert (people["李经理"]["planned"], people["李经理"]["visits"], people["李经理"]["valid_rate"]) == (1, 0, None)


def test_each_sees_his_own_people_only(world: World) -> None:
    rep, stranger, boss, clerk = a_day(world), world.person("stranger"), world.person("boss"), world.person("clerk")
    assert [person["name"] for person in rep.get("/api/team/today")["reps"]] == ["张三"]
    assert stranger.get("/api/team/today")["totals"]["visits"] == 1
    assert boss.get("/api/team/today")["totals"]["visits"] == 4
    assert clerk.get("/api/team/today")["totals"]["visits"] == 4
    assert boss.get("/api/team/today", department_id=uuid7())["reps"] == []
    department = boss.me["employee"]["department_id"]
    assert len(boss.get("/api/team/today", department_id=department)["reps"]) == 3
    with pytest.raises(Refused) as refused:
        stranger.get(f"/api/team/{rep.id}/day")
    assert (refused.value.status, refused.value.code) == (404, "not_found")
    with pytest.raises(Refused) as refused:
        boss.get("/api/team/today", day="yesterday")
    assert refused.value.status == 400


def test_a_persons_day_in_order_with_its_gaps(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    first, second = new_shop(rep, "第一家"), new_shop(rep, "第二家")
    day = datetime.now(UTC).date() - timedelta(days=2)
    start = datetime(day.year, day.month, day.day, 2, tzinfo=UTC)  # 10:00 in Qingdao
    one = check_in(rep, first, start)
    two = check_in(rep, second, start + timedelta(minutes=50), lat=36.0773)
    planned = {"id": uuid7(), "customer_id": first, "planned_on": day.isoformat()}
    rep.push(
        one,
        rep.op("visit.check_out", {"id": one["args"]["id"], "at": (start + timedelta(minutes=20)).isoformat()}),
        two,
        rep.op("visit.plan", planned),
    )
    found = manager.get(f"/api/team/{rep.id}/day", day=day.isoformat())
    assert [event["kind"] for event in found["events"]] == ["check_in", "check_out", "gap", "check_in", "planned"]
    assert [event.get("customer") for event in found["events"]] == ["第一家", "第一家", None, "第二家", "第一家"]
    gap = found["events"][2]
    assert gap["seconds"] == 1800
    assert gap["distance"] == pytest.approx(1112, abs=2)
    assert [place["lat"] for place in found["track"]] == [36.0673, 36.0773]
    today = manager.get(f"/api/team/{rep.id}/day")
    assert [event["kind"] for event in today["events"]] == ["customer", "customer"]


def test_a_visit_nobody_checked_out_of_leaves_a_gap_of_unknown_length(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    first, second = new_shop(rep, "第一家"), new_shop(rep, "第二家", geo_lat=36.0773)
    start = datetime.now(UTC) - timedelta(days=1)
    start = start.astimezone(ZONE).replace(hour=10, minute=0, second=0, microsecond=0)
    rep.push(check_in(rep, first, start), check_in(rep, second, start + timedelta(minutes=50), lat=36.0773))
    found = manager.get(f"/api/team/{rep.id}/day", day=start.date().isoformat())
    assert [event["kind"] for event in found["events"]] == ["check_in", "gap", "check_in"]
    gap = found["events"][1]
    assert (gap["at"], "seconds" in gap) == (None, False)
    assert gap["distance"] == pytest.approx(1112, abs=2)


def test_the_timeline_shows_photos_with_their_verdicts_orders_and_money(world: World) -> None:
    rep = a_day(world)
    found = world.person("manager").get(f"/api/team/{rep.id}/day")
    photos = [event for event in found["events"] if event["kind"] == "photo"]
    assert [photo["verdict"] for photo in photos] == ["verified", "suspect"]
    assert photos[1]["reasons"][0]["code"] == "far_from_customer"
    [money] = [event for event in found["events"] if event["kind"] == "payment"]
    [order] = [event for event in found["events"] if event["kind"] == "order"]
    assert money["state"] == "order"
    assert (money["amount"], order["number"][:2], order["customer"]) == ("50.00", "XS", "王记超市")
