"""Two reps file the same shop without network. Nothing either of them did there is lost, and the desk makes it one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.records.ids import uuid7
from tests.support.world import Person, World

pytestmark = pytest.mark.stories


def a_day_at(person: Person, name: str, mobile: str, contact: str) -> tuple[str, list[dict[str, Any]]]:
    """What a phone holds after meeting a new shop: the customer, another contact and a visit, and then a note."""
    customer_id, visit_id = uuid7(), uuid7()
    came = datetime.now(UTC) - timedelta(hours=3)
    new = person.op("customer.create", {"id": customer_id, "values": {"name": name, "mobile": mobile}}, at=came)
    needs = [new["id"]]
    known = person.op(
        "contact.create",
        {"id": uuid7(), "values": {"customer_id": customer_id, "name": contact, "phone": "0532-88886666"}},
        needs=needs,
    )
    begin = person.op(
        "visit.check_in",
        {"id": visit_id, "customer_id": customer_id, "at": came.isoformat(), "lat": 36.06, "lng": 120.38},
        needs=needs,
    )
    end = person.op(
        "visit.check_out", {"id": visit_id, "at": (came + timedelta(minutes=20)).isoformat()}, needs=[begin["id"]]
    )
    return customer_id, [new, known, begin, end]


def test_the_duplicate_customer_created_offline_by_two_reps(world: World) -> None:
    rep, rep2, clerk = world.person("rep"), world.person("rep2"), world.person("clerk")
    first, morning = a_day_at(rep, "王记超市", "13800000001", "李会计")
    second, evening = a_day_at(rep2, "王记 超市", "138-0000-0001", "赵采购")

    # The first to come back files the shop.
    assert [result["status"] for result in rep.push(*morning)] == ["applied"] * 4

    # The second is told, and everything of the visit is kept.
    results = rep2.push(*evening)
    assert [result["status"] for result in results] == ["conflict", "applied", "applied", "applied"]
    told = results[0]
    assert told["code"] == "duplicate"
    assert (told["detail"]["name"], told["detail"]["owner"], told["detail"]["field"]) == ("王记超市", "张三", "name")
    rep2.pull()
    assert rep2.cache["customer"][second]["duplicate_of"] == first
    assert len(rep2.cache["visit"]) == 1
    conflict = rep2.cache["conflict"][told["conflicts"][0]]
    assert (conflict["state"], conflict["theirs"]["name"], conflict["mine"]["name"]) == (
        "open",
        "王记超市",
        "王记 超市",
    )
    assert not rep2.holds("customer", first)

    # The desk sees the question and decides: it is one shop, and both go on serving it.
    [open_conflict] = clerk.get("/api/conflicts", state="open")["items"]
    assert open_conflict["id"] == conflict["id"]
    clerk.do("customer.merge", id=second, into=first, share=True)

    kept = clerk.get(f"/api/customers/{first}")
    assert kept["visit_count"] == 2
    assert len(clerk.get("/api/visits", customer_id=first)["items"]) == 2
    names = {row["name"] for row in clerk.get("/api/contacts", customer_id=first)["items"]}
    assert {"李会计", "赵采购"} <= names
    assert clerk.get("/api/conflicts", state="open")["items"] == []

    # Phones follow: the copy is gone, the shop with all visits is on both.
    rep.pull()
    rep2.pull()
    for person in (rep, rep2):
        assert person.holds("customer", first)
        assert not person.holds("customer", second)
        assert len(person.cache["visit"]) == 2
        assert {row["root"] for row in person.cache["contact"].values()} == {f"customer:{first}"}

    # What still comes for the copy reaches the shop.
    late = uuid7()
    [result] = rep2.push(
        rep2.op("visit.check_in", {"id": late, "customer_id": second, "at": datetime.now(UTC).isoformat()})
    )
    assert result["status"] == "applied"
    assert clerk.get(f"/api/visits/{late}")["customer_id"] == first


def test_a_third_rep_with_the_merged_ones_number_is_told_of_the_one_that_stayed(world: World) -> None:
    rep, rep2, clerk = world.person("rep"), world.person("rep2"), world.person("clerk")
    first = rep.create("customer", name="王记超市", mobile="13800000001")
    second, ops = a_day_at(rep2, "王记超市", "13900000002", "赵采购")
    rep2.push(*ops)
    clerk.do("customer.merge", id=second, into=first)
    [hit] = clerk.get("/api/customers/duplicates", mobile="13900000002")
    assert hit["id"] == first


def test_orders_and_money_move_with_the_merge(world: World) -> None:
    rep, rep2, clerk = world.person("rep"), world.person("rep2"), world.person("clerk")
    unit = world.option("unit", "箱")
    product = clerk.create("product", name="矿泉水", unit_id=unit, price="24.0000")
    first = rep.create("customer", name="王记超市", mobile="13800000001")
    second, order_id, payment_id = uuid7(), uuid7(), uuid7()
    new = rep2.op("customer.create", {"id": second, "values": {"name": "王记超市", "mobile": "13800000001"}})
    line = {"id": uuid7(), "product_id": product, "quantity": "10", "price": "24.0000"}
    order = rep2.op("order.place", {"id": order_id, "customer_id": second, "lines": [line]}, needs=[new["id"]])
    money = rep2.op(
        "payment.record",
        {"id": payment_id, "order_id": order_id, "amount": "100.00", "paid_at": datetime.now(UTC).isoformat()},
        needs=[order["id"]],
    )
    assert [result["status"] for result in rep2.push(new, order, money)] == ["conflict", "applied", "applied"]
    clerk.do("customer.merge", id=second, into=first)
    assert clerk.get(f"/api/orders/{order_id}")["customer_id"] == first
    assert clerk.get(f"/api/payments/{payment_id}")["customer_id"] == first
    kept, gone = clerk.get(f"/api/customers/{first}"), clerk.get(f"/api/customers/{second}")
    assert kept["debt_total"] == "140.00"
    assert (gone["debt_total"], gone["enabled"], gone["merged_into"]) == ("0.00", False, first)
    rep.pull()
    assert rep.holds("order", order_id)
    assert rep.cache["order_line"][line["id"]]["root"] == f"customer:{first}"
    kinds = [event["kind"] for event in clerk.get(f"/api/customers/{first}/timeline")["items"]]
    assert {"order", "payment", "conflict", "customer_changed"} <= set(kinds)
