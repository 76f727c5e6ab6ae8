"""Business alerts: whom the company's rules point at, who sees it, who is told, and how it goes away. On both engines, through
the public API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.customers.models import Customer
from server.followups.models import Complaint
from server.orders.models import Order
from server.records.values import to_wire
from tests.customers.test_pool import refused
from tests.notifications.test_kinds import run, told
from tests.orders.trade import line, place, product
from tests.support.fieldwork import new_shop
from tests.support.world import Person, World

pytestmark = pytest.mark.stories
NOW = datetime.now(UTC)


def rule(world: World, kind: str, name: str = "", **numbers: Any) -> str:
    return world.person("boss").create("alert_rule", name=name or kind, kind=kind, **numbers)


def existing(person: Person, name: str, **values: Any) -> str:
    return new_shop(person, name, lead_stage="existing", **values)


def made_as_of(world: World, record: type[Any], row_id: str, **values: Any) -> None:
    """As if it had been so for long."""

    def change(session: Any) -> None:
        row = session.get(record, row_id)
        for name, value in values.items():
            setattr(row, name, value)

    world.app.state.services.writer.call(change)


def alerts(person: Person, **filters: Any) -> dict[tuple[str, str], dict[str, Any]]:
    """By customer and kind."""
    rows = person.get("/api/alerts", limit=200, **filters)["items"]
    names = {row["id"]: row["name"] for row in person.get("/api/customers", limit=200)["items"]}
    return {(names[row["customer_id"]], row["kind"]): row for row in rows}


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def complained(world: World, person: Person, shop: str, satisfaction: str) -> str:
    """A complaint that is answered and closed."""
    kind = world.option("complaint_kind", "送货")
    row_id = person.create("complaint", customer_id=shop, kind_id=kind, content="少送一箱")
    person.do("complaint.answer", id=row_id, answer="补送")
    person.do("complaint.close", id=row_id, satisfaction=satisfaction)
    return row_id


def test_each_rule_points_at_its_customers_and_lets_go_of_them(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    goods = product(world)
    names = ("好", "久未", "新", "潜在", "下滑", "欠款", "不满", "投诉")
    shops = {name: existing(rep, name) for name in names if name != "潜在"}
    shops["潜在"] = new_shop(rep, "潜在")
    for name in names:
        if name != "新":
            made_as_of(world, Customer, shops[name], created_at=ago(200))
    for name in ("好", "下滑", "欠款", "不满", "投诉"):
        made_as_of(world, Customer, shops[name], last_contact_at=ago(2), last_visit_at=ago(2))
    made_as_of(world, Customer, shops["久未"], last_contact_at=ago(70), last_visit_at=ago(90))
    # Sales: as much as before, a tenth of it, and nothing for long.
    for name, orders in {
        "好": ((5, "10"), (40, "10")),
        "下滑": ((5, "1"), (40, "10")),
        "久未": ((120, "10"),),
        "欠款": ((1, "5"),),
        "不满": ((1, "5"),),
        "投诉": ((1, "5"),),
    }.items():
        for days, quantity in orders:
            placed = place(rep, shops[name], line(goods, quantity))
            boss.do("order.approve", id=placed.id)
            made_as_of(world, Order, placed.id, ordered_at=ago(days))
    boss.do("customer.edit", id=shops["欠款"], set={"credit_limit": [None, "70.00"]})  # owes 60
    asked = {"好": (3, "good"), "不满": (4, "bad"), "下滑": (150, "bad"), "欠款": (5, "good")}
    for name, (days, said) in asked.items():
        values = {"customer_id": shops[name], "kind": "existing", "content": "回访", "satisfaction": said}
        rep.create("call_report", reported_at=to_wire(ago(days)), **values)
    rep.create(
        "call_report", customer_id=shops["下滑"], kind="existing", content="和解", satisfaction="good",
        reported_at=to_wire(ago(140)),
    )  # fmt: skip
    # Nobody asked in a report, but when a complaint was closed.
    made_as_of(world, Complaint, complained(world, rep, shops["投诉"], "bad"), closed_at=ago(3))
    rules: dict[str, dict[str, Any]] = {
        "no_order": {"days": 60}, "no_contact": {"days": 60}, "no_visit": {"days": 60}, "debt_share": {"percent": 80},
        "sales_fell": {"days": 30, "percent": 50}, "unhappy": {}, "not_asked": {"days": 90},
    }  # fmt: skip
    for kind, numbers in rules.items():
        rule(world, kind, **numbers)
    done = run(world, "alerts.judge", NOW)
    found = alerts(rep, sort="kind")
    assert set(found) == {
        ("久未", "no_order"), ("久未", "no_contact"), ("久未", "no_visit"), ("久未", "not_asked"),
        ("欠款", "debt_share"), ("下滑", "sales_fell"), ("下滑", "not_asked"), ("不满", "unhappy"),
        ("投诉", "unhappy"),
    }  # fmt: skip
    assert done == {"begun": 9, "ended": 0}
    assert found["久未", "no_order"]["last_at"] == to_wire(ago(120))
    assert (found["欠款", "debt_share"]["percent"], found["下滑", "sales_fell"]["percent"]) == (85, 90)
    assert found["不满", "unhappy"]["last_at"] == to_wire(ago(4))
    assert found["投诉", "unhappy"]["last_at"] == to_wire(ago(3))
    # One is called, one pays nothing yet but gets a higher limit, one has a complaint settled and one says so in a report:
    # all of it is over without anybody saying so.
    complained(world, rep, shops["不满"], "good")
    rep.create(
        "call_report", customer_id=shops["投诉"], kind="existing", content="回访", satisfaction="fair",
        reported_at=to_wire(ago(1)),
    )  # fmt: skip
    rep.create("contact_record", customer_id=shops["久未"], contacted_at=to_wire(NOW), content="又联系上了")
    boss.do("customer.edit", id=shops["欠款"], set={"credit_limit": ["70.00", "700.00"]})
    assert run(world, "alerts.clear", NOW + timedelta(minutes=10)) == {"ended": 4}
    rep.pull()
    held = {(row["customer_id"], row["kind"]) for row in rep.cache["alert"].values()}
    assert (shops["久未"], "no_contact") not in held
    assert (shops["久未"], "no_order") in held
    assert (shops["欠款"], "debt_share") not in held
    assert run(world, "alerts.judge", NOW + timedelta(hours=1)) == {"begun": 0, "ended": 0}


def test_owner_and_superior_see_it_the_owner_is_told_once_and_may_put_it_aside(world: World) -> None:
    rep, boss, manager, stranger = (world.person(name) for name in ("rep", "boss", "manager", "stranger"))
    shop, other = existing(rep, "久未"), existing(rep, "潜水")
    for one in (shop, other):
        made_as_of(world, Customer, one, created_at=ago(100))
    made = rule(world, "no_contact", "老客户两月没联系", days=60)
    assert refused(rule, world, "no_contact") == "required"
    assert refused(rep.create, "alert_rule", name="我的", kind="unhappy") == "forbidden"
    run(world, "alerts.judge", NOW)
    run(world, "alerts.judge", NOW + timedelta(days=1))
    assert sorted(one["args"]["customer"] for one in told(rep, "alert.begun")) == ["久未", "潜水"]
    assert told(manager, "alert.begun") == []
    assert set(alerts(manager)) == {("久未", "no_contact"), ("潜水", "no_contact")}
    assert alerts(stranger) == {}
    [mine] = [row for row in rep.cache["alert"].values() if row["customer_id"] == shop]
    # Put aside without network, with a reason; it stands again when the days are over.
    aside = {"id": mine["id"], "days": 5}
    assert rep.push(rep.op("alert.put_aside", {**aside, "note": " "}))[0]["code"] == "required"
    assert rep.push(rep.op("alert.put_aside", {**aside, "note": "老板出国"}))[0]["status"] == "applied"
    held = manager.get(f"/api/alerts/{mine['id']}")
    assert (held["state"], held["aside_note"], held["aside_by"]) == ("aside", "老板出国", rep.id)
    assert refused(stranger.do, "alert.take_up", id=mine["id"]) in ("outside_scope", "forbidden")
    run(world, "alerts.clear", NOW + timedelta(days=4))
    assert set(alerts(manager, state="standing")) == {("潜水", "no_contact")}
    run(world, "alerts.clear", NOW + timedelta(days=7))
    assert set(alerts(manager, state="standing")) == {("久未", "no_contact"), ("潜水", "no_contact")}
    manager.do("alert.put_aside", id=mine["id"], days=9, note="等他回来")
    manager.do("alert.take_up", id=mine["id"])
    assert alerts(manager)["久未", "no_contact"]["state"] == "standing"
    assert len(told(rep, "alert.begun")) == 2
    # A rule that is switched off lets go of everybody; what a phone says of it later does no harm.
    boss.do("alert_rule.edit", id=made, set={"enabled": [True, False]})
    run(world, "alerts.judge", NOW + timedelta(days=8))
    assert alerts(boss) == {}
    [late] = rep.push(rep.op("alert.put_aside", {**aside, "note": "不急"}))
    assert (late["status"], late["code"]) == ("adjusted", "alert_over")


def test_many_at_once_are_told_as_one(world: World) -> None:
    rep = world.person("rep")
    for index in range(5):
        made_as_of(world, Customer, existing(rep, f"店{index}"), created_at=ago(100))
    rule(world, "no_visit", "没人拜访", days=30)
    run(world, "alerts.judge", NOW)
    [one] = told(rep, "alert.several")
    assert (one["args"]["count"], one["args"]["rule"]) == (5, "没人拜访")
    assert told(rep, "alert.begun") == []
