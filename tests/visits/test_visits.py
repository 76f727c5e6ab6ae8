"""Visits through the public API: plan, check in, notes, check out, and what they mean for the customer."""

from datetime import UTC, datetime, timedelta

import pytest

from server.records.ids import uuid7
from tests.support.fieldwork import NEAR, check_in, new_shop
from tests.support.world import Person, Refused, World


def now() -> datetime:
    return datetime.now(UTC)


def visit_of(person: Person, visit_id: str) -> dict[str, object]:
    found: dict[str, object] = person.get(f"/api/visits/{visit_id}")
    return found


def test_a_visit_from_plan_to_check_out_updates_the_customer_once(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    stage = world.option("sales_stage", "报价")
    visit_id, day = uuid7(), now().date().isoformat()
    rep.do("visit.plan", id=visit_id, customer_id=shop, planned_on=day, plan_note="带样品")
    assert visit_of(rep, visit_id)["state"] == "planned"

    begun = now() - timedelta(minutes=40)
    rep.do(
        "visit.check_in", id=visit_id, customer_id=shop, at=begun.isoformat(), lat=NEAR[0], lng=NEAR[1], accuracy=9
    )
    visit = visit_of(rep, visit_id)
    assert (visit["state"], visit["visitor_id"], visit["planned_on"]) == ("open", rep.id, day)
    assert visit["distance"] == pytest.approx(22, abs=1)

    tomorrow = (now() + timedelta(days=1)).isoformat(timespec="milliseconds")
    rep.do(
        "visit.edit",
        id=visit_id,
        set={"content": [None, "要两箱"], "sales_stage_id": [None, stage], "next_contact_at": [None, tomorrow]},
    )
    ended = begun + timedelta(minutes=25)
    rep.do("visit.check_out", id=visit_id, at=ended.isoformat())
    again = rep.do("visit.check_out", id=visit_id, at=now().isoformat())
    assert (again["status"], again["code"]) == ("merged", "already_checked_out")

    visit, customer = visit_of(rep, visit_id), rep.get(f"/api/customers/{shop}")
    assert (visit["state"], visit["duration_seconds"]) == ("done", 1500)
    assert (customer["visit_count"], customer["sales_stage_id"]) == (1, stage)
    assert customer["last_visit_at"] == visit["checked_in_at"]
    assert customer["next_contact_at"] == visit["next_contact_at"]

    later = world.option("sales_stage", "成交")
    rep.do(
        "visit.edit", id=visit_id, set={"sales_stage_id": [stage, later], "content": ["要两箱", "要两箱，已付定金"]}
    )
    customer = rep.get(f"/api/customers/{shop}")
    assert (customer["visit_count"], customer["sales_stage_id"]) == (1, later)


def test_a_check_in_without_position_goes_on_and_an_impossible_one_counts_as_none(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    for place in ({}, {"lat": 0, "lng": 0}, {"lat": 300.5, "lng": 5}, {"lat": 36.1}):
        visit_id = uuid7()
        answer = rep.do("visit.check_in", id=visit_id, customer_id=shop, at=now().isoformat(), **place)
        assert answer["status"] == "applied"
        assert visit_of(rep, visit_id)["in_lat"] is None


def test_the_place_of_a_visit_is_the_customers_address_where_the_visitor_was_there(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    area = {"province": "山东省", "city": "青岛市", "district": "市南区"}
    shop = new_shop(rep, **area, address="香港中路12号")
    full = new_shop(rep, "写全的店", **area, address="青岛市市南区香港中路14号")

    def place(customer: str, lat: float, accuracy: float = 10.0) -> object:
        visit_id = uuid7()
        at = now().isoformat()
        rep.do("visit.check_in", id=visit_id, customer_id=customer, at=at, lat=lat, lng=NEAR[1], accuracy=accuracy)
        return visit_of(rep, visit_id)["place"]

    assert place(shop, NEAR[0]) == "山东省青岛市市南区香港中路12号"
    assert place(full, NEAR[0]) == "山东省青岛市市南区香港中路14号"
    far = NEAR[0] + 0.004  # 470 m
    assert place(shop, far) is None
    assert place(shop, far, accuracy=400.0) == "山东省青岛市市南区香港中路12号"  # may have been there
    [company] = boss.get("/api/companies")["items"]
    boss.do("company.edit", id=company["id"], set={"geofence_metres": [company["geofence_metres"], 500]})
    assert place(shop, far) == "山东省青岛市市南区香港中路12号"
    nameless = new_shop(rep, "没有地址的店")
    assert place(nameless, NEAR[0]) is None
    visit_id = uuid7()
    rep.do("visit.check_in", id=visit_id, customer_id=shop, at=now().isoformat())
    assert visit_of(rep, visit_id)["place"] is None


def test_the_phones_time_is_a_claim_bounded_by_now(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    visit_id = uuid7()
    rep.do("visit.check_in", id=visit_id, customer_id=shop, at=(now() + timedelta(days=3)).isoformat())
    checked_in = datetime.fromisoformat(str(visit_of(rep, visit_id)["checked_in_at"]))
    assert checked_in <= now()
    rep.do("visit.check_out", id=visit_id, at=(checked_in - timedelta(hours=2)).isoformat())
    assert visit_of(rep, visit_id)["duration_seconds"] == 0


def test_time_and_place_are_never_edited_and_a_second_check_in_changes_nothing(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    op = check_in(rep, shop, now() - timedelta(hours=1))
    rep.push(op)
    visit_id = op["args"]["id"]
    before = visit_of(rep, visit_id)
    for field, value in (("checked_in_at", now().isoformat()), ("in_lat", 1.0), ("distance", 0)):
        with pytest.raises(Refused) as refused:
            rep.do("visit.edit", id=visit_id, set={field: [before[field], value]})
        assert refused.value.code == "readonly_field"
    [result] = rep.push(rep.op("visit.check_in", {**op["args"], "at": now().isoformat(), "lat": 1.0}))
    assert (result["status"], result["code"]) == ("merged", "already_checked_in")
    assert visit_of(rep, visit_id) == before


def test_a_plan_can_be_moved_and_dropped_until_the_visit_begins(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    visit_id = uuid7()
    rep.do("visit.plan", id=visit_id, customer_id=shop, planned_on="2026-11-21")
    rep.do("visit.plan", id=visit_id, customer_id=shop, planned_on="2026-11-22")
    assert visit_of(rep, visit_id)["planned_on"] == "2026-11-22"
    rep.do("visit.drop", id=visit_id)
    assert visit_of(rep, visit_id)["state"] == "dropped"
    rep.do("visit.check_in", id=visit_id, customer_id=shop, at=now().isoformat())
    with pytest.raises(Refused) as refused:
        rep.do("visit.drop", id=visit_id)
    assert refused.value.code == "visit_not_planned"


def test_nobody_visits_for_a_colleague_or_at_a_strangers_customer(world: World) -> None:
    rep, colleague, stranger = world.person("rep"), world.person("rep2"), world.person("stranger")
    shop = new_shop(rep)
    visit_id = uuid7()
    rep.do("customer.share", id=shop, employee_id=colleague.id)
    rep.do("visit.check_in", id=visit_id, customer_id=shop, at=now().isoformat())
    with pytest.raises(Refused) as refused:
        colleague.do("visit.check_out", id=visit_id, at=now().isoformat())
    assert refused.value.code == "visit_of_another"
    with pytest.raises(Refused) as refused:
        stranger.do("visit.check_in", id=uuid7(), customer_id=shop, at=now().isoformat())
    assert (refused.value.status, refused.value.code) == (403, "outside_scope")
    [result] = rep.push(rep.op("visit.check_out", {"id": visit_id, "at": "yesterday"}))
    assert (result["status"], result["code"]) == ("rejected", "invalid_arguments")


def test_a_visit_of_a_customer_that_was_transferred_meanwhile_is_kept(world: World) -> None:
    rep, colleague, boss = world.person("rep"), world.person("rep2"), world.person("boss")
    shop = new_shop(rep)
    rep.pull()
    boss.do("customer.assign", ids=[shop], owner_id=colleague.id)
    arrive = check_in(rep, shop)
    leave = rep.op("visit.check_out", {"id": arrive["args"]["id"], "at": now().isoformat()})
    assert [result["status"] for result in rep.push(arrive, leave)] == ["applied", "applied"]
    assert colleague.get(f"/api/customers/{shop}")["visit_count"] == 1


def test_a_visit_was_made_at_the_customers_address_where_it_was_measured_there(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep, city="青岛市", address="香港中路 1 号")
    there, elsewhere = check_in(rep, shop), check_in(rep, shop, lat=NEAR[0] + 0.02)
    rep.push(there, elsewhere)
    assert visit_of(rep, there["args"]["id"])["place"] == "青岛市香港中路 1 号"
    told = visit_of(rep, elsewhere["args"]["id"])
    assert told["place"] is None
    assert told["distance"] == pytest.approx(2_220, abs=30)
