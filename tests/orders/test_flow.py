"""等待审核 → 正在配货 → 已经发货 → 交易完成, and 取消订单."""

import re
from typing import Any

import pytest

from tests.orders.trade import customer, customer_file, line, order, pay, place, product
from tests.support.world import Person, Refused, World


def refused_with(person: Person, command: str, **args: Any) -> str:
    with pytest.raises(Refused) as refused:
        person.do(command, **args)
    return refused.value.code


def test_the_whole_way_of_an_order(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    wang, beer = customer(rep), product(world, stock="100")
    placed = place(rep, wang, line(beer, "10.5"))
    assert customer_file(rep, wang)["sales_total"] == "0.00"
    assert clerk.do("order.approve", id=placed.id)["result"]["state"] == "picking"
    file = customer_file(rep, wang)
    assert (file["sales_total"], file["debt_total"], file["customer_status"]) == ("126.00", "126.00", "dealt")
    clerk.do(
        "order.ship", id=placed.id, logistics_id=world.option("logistics", "韵达快递"), waybill_no="22424254657567"
    )
    assert clerk.get(f"/api/products/{beer}")["stock"] == "89.5000"
    clerk.do("order.complete", id=placed.id)
    row = order(rep, placed.id)
    assert row["state"] == "completed"
    assert (row["approved_by"], row["shipper_id"], row["waybill_no"]) == (clerk.id, clerk.id, "22424254657567")
    assert row["approved_at"] <= row["shipped_at"] <= row["completed_at"]
    commands = [entry["command"] for entry in rep.get(f"/api/orders/{placed.id}/full")["history"]]
    assert commands == ["order.complete", "order.ship", "order.approve", "order.place"]


def test_every_step_only_from_its_state(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    placed = place(rep, customer(rep), line(product(world)))
    steps = ["order.approve", "order.ship", "order.complete"]
    for done, command in enumerate(steps):
        for other in {"order.ship", "order.complete", "order.cancel", "order.approve"} - {command}:
            if (done, other) != (1, "order.cancel"):
                assert refused_with(clerk, other, id=placed.id) == "wrong_state"
        clerk.do(command, id=placed.id)
    for command in (*steps, "order.cancel"):
        assert refused_with(clerk, command, id=placed.id) == "wrong_state"


def test_a_cancelled_order_keeps_its_number_and_owes_nothing(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    wang, beer = customer(rep), product(world)
    placed = place(rep, wang, line(beer))
    assert refused_with(clerk, "order.cancel", id=placed.id) == "wrong_state"
    clerk.do("order.approve", id=placed.id)
    clerk.do("order.cancel", id=placed.id, reason="客户不要了")
    row = order(rep, placed.id)
    assert (row["state"], row["cancelled_by"], row["cancel_reason"]) == ("cancelled", clerk.id, "客户不要了")
    assert row["order_no"].endswith("00001")
    assert (row["debt"], customer_file(rep, wang)["debt_total"]) == ("0.00", "0.00")
    assert customer_file(rep, wang)["sales_total"] == "0.00"
    assert place(rep, wang, line(beer)).answer["result"]["order_no"].endswith("00002")


def test_a_waiting_order_is_refused_with_a_reason(world: World) -> None:
    rep, manager, clerk = world.person("rep"), world.person("manager"), world.person("clerk")
    wang, beer = customer(rep), product(world)
    placed = place(rep, wang, line(beer))
    assert customer_file(rep, wang)["debt_total"] == "120.00"
    pay(rep, placed.id, "20")
    assert refused_with(rep, "order.refuse", id=placed.id, reason="不要") == "forbidden"
    with pytest.raises(Refused) as refused:
        manager.do("order.refuse", id=placed.id, reason=" \n ")
    assert (refused.value.code, refused.value.body["field"]) == ("required", "cancel_reason")
    assert manager.do("order.refuse", id=placed.id, reason="价格太低")["result"]["state"] == "cancelled"
    row = order(rep, placed.id)
    assert (row["state"], row["cancelled_by"], row["cancel_reason"]) == ("cancelled", manager.id, "价格太低")
    assert row["cancelled_at"] is not None
    assert row["order_no"].endswith("00001")
    assert (row["debt"], customer_file(rep, wang)["debt_total"]) == ("-20.00", "-20.00")
    assert place(rep, wang, line(beer)).answer["result"]["order_no"].endswith("00002")
    for command in ("order.refuse", "order.approve"):
        args = {"reason": "再一次"} if command == "order.refuse" else {}
        assert refused_with(manager, command, id=placed.id, **args) == "wrong_state"
    approved = place(rep, wang, line(beer))
    clerk.do("order.approve", id=approved.id)
    assert refused_with(clerk, "order.refuse", id=approved.id, reason="太晚") == "wrong_state"


def test_a_held_order_is_refused_by_deciding_on_its_hold(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    placed = place(rep, customer(rep, credit_limit="100"), line(product(world)))
    assert order(rep, placed.id)["hold_reason"] == "credit_exceeded"
    assert refused_with(clerk, "order.refuse", id=placed.id, reason="先收回欠款") == "on_hold"


def test_no_carrier_makes_its_own_waybill_and_keeps_its_name(world: World) -> None:
    rep, clerk, boss = world.person("rep"), world.person("clerk"), world.person("boss")
    placed = place(rep, customer(rep), line(product(world)))
    clerk.do("order.approve", id=placed.id)
    none = world.option("logistics", "无需物流")
    assert refused_with(clerk, "order.ship", id=placed.id, logistics_id=world.option("unit", "箱")) == "not_a_carrier"
    clerk.do("order.set_logistics", id=placed.id, logistics_id=none)
    waybill = order(clerk, placed.id)["waybill_no"]
    assert re.fullmatch(r"LP\d{10}", waybill)
    clerk.do("order.ship", id=placed.id)
    row = order(clerk, placed.id)
    assert (row["state"], row["logistics_id"], row["waybill_no"]) == ("shipped", none, waybill)
    assert refused_with(boss, "option.edit", id=none, set={"name": ["无需物流", "自提"]}) == "fixed_option"
    assert refused_with(boss, "option.edit", id=none, set={"enabled": [True, False]}) == "fixed_option"


def test_who_may_do_what(world: World) -> None:
    rep, manager, clerk = world.person("rep"), world.person("manager"), world.person("clerk")
    stranger = world.person("stranger")
    beer = product(world)
    placed = place(rep, customer(rep), line(beer))
    theirs = place(stranger, customer(stranger, "赵记", "13900000009"), line(beer))
    assert refused_with(rep, "order.approve", id=placed.id) == "forbidden"
    assert refused_with(manager, "order.approve", id=theirs.id) == "outside_scope"
    manager.do("order.approve", id=placed.id)
    assert refused_with(manager, "order.ship", id=placed.id) == "forbidden"
    assert refused_with(rep, "order.cancel", id=placed.id) == "forbidden"
    clerk.do("order.ship", id=placed.id)


def test_stock_may_go_below_zero_and_shows_it(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    beer = product(world, stock="3")
    placed = place(rep, customer(rep), line(beer, "4"), line(beer, "1"))
    clerk.do("order.approve", id=placed.id)
    clerk.do("order.ship", id=placed.id)
    assert clerk.get(f"/api/products/{beer}")["stock"] == "-2.0000"


def test_lists_by_product_customer_and_region_with_their_sums(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    beer, juice = product(world), product(world, "果汁 100%", "6.50")
    wang, li = customer(rep, city="青岛市"), customer(rep, "李记超市", "13800000002", city="济南市")
    first = place(rep, wang, line(beer, "1"))
    second = place(rep, li, line(beer, "2"), line(juice, "2", "6.50"), discount="1")
    pay(rep, second.id, "10")

    def found(**filters: str) -> set[str]:
        return {row["id"] for row in clerk.get("/api/orders", **filters)["items"]}

    assert found(product="青岛纯生") == {first.id, second.id}
    assert found(product="100%") == {second.id}
    assert found(product="%_%") == set()
    assert found(customer="李记") == {second.id}
    assert found(region="青岛") == {first.id}
    assert found(payable__ge="13", state="pending") == {second.id}
    assert found(q=order(clerk, first.id)["order_no"]) == {first.id}
    answer = clerk.get("/api/orders/summary", product="青岛")
    assert answer["count"]["value"] == 2
    assert answer["totals"]["payable"] == "49.00"
    assert (answer["totals"]["paid"], answer["totals"]["debt"]) == ("10.00", "38.00")
