"""The order of a day's planned visits: one's own, kept at the company, and nothing is moved that is planned no longer."""

from __future__ import annotations

from datetime import UTC, datetime

from server.records.ids import uuid7
from tests.support.fieldwork import new_shop
from tests.support.world import Person, World

DAY, OTHER = "2026-11-21", "2026-11-22"


def planned(person: Person, name: str, day: str = DAY) -> str:
    visit = uuid7()
    person.do("visit.plan", id=visit, customer_id=new_shop(person, name), planned_on=day)
    return visit


def order_of(person: Person, *visits: str) -> list[int | None]:
    return [person.get(f"/api/visits/{visit}")["plan_order"] for visit in visits]


def test_the_route_of_a_day_is_kept_and_reaches_the_other_device(world: World) -> None:
    rep, tablet = world.person("rep"), world.person("rep", "tablet")
    one, two, three = (planned(rep, name) for name in ("甲店", "乙店", "丙店"))
    assert order_of(rep, one, two, three) == [None, None, None]
    answer = rep.do("visit.arrange", day=DAY, ids=[three, one, two])
    assert answer["result"]["arranged"] == 3
    assert order_of(rep, one, two, three) == [2, 3, 1]
    tablet.pull()
    assert tablet.holds("visit", three)
    rep.do("visit.arrange", day=DAY, ids=[one, two, three])
    assert order_of(rep, one, two, three) == [1, 2, 3]


def test_what_is_planned_no_longer_is_left_alone_and_leaves_no_gap(world: World) -> None:
    rep = world.person("rep")
    begun, dropped, moved, left, named = (planned(rep, name) for name in ("一店", "二店", "三店", "四店", "五店"))
    rep.do("visit.arrange", day=DAY, ids=[left, begun, dropped, moved])
    shop = rep.get(f"/api/visits/{begun}")["customer_id"]
    rep.do("visit.check_in", id=begun, customer_id=shop, at=datetime.now(UTC).isoformat())
    rep.do("visit.drop", id=dropped)
    rep.do("visit.plan", id=moved, customer_id=rep.get(f"/api/visits/{moved}")["customer_id"], planned_on=OTHER)
    assert order_of(rep, moved) == [None]  # another day, another route
    stale = rep.do("visit.arrange", day=DAY, ids=[moved, dropped, begun, named, named, uuid7(), left])
    assert stale["result"]["arranged"] == 2
    assert order_of(rep, named, left, begun, moved) == [1, 2, 2, None]


def test_nobody_arranges_the_day_of_another(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    visit = planned(rep, "甲店")
    answer = manager.do("visit.arrange", day=DAY, ids=[visit])
    assert answer["result"]["arranged"] == 0
    assert order_of(rep, visit) == [None]
