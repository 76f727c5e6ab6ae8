"""Orders and money from a phone's outbox: in one push, delivered twice, for a customer that changed hands."""

import pytest

from server.records.ids import uuid7
from tests.orders.trade import customer, customer_file, line, order, place_args, product, pushed
from tests.support.world import World

pytestmark = pytest.mark.stories


def test_customer_order_and_money_in_one_push(world: World) -> None:
    rep, beer = world.person("rep"), product(world)
    wang = uuid7()
    filed = rep.op("customer.create", {"id": wang, "values": {"name": "王记超市", "mobile": "13800000001"}})
    args = place_args(wang, line(beer))
    ordered = rep.op("order.place", args, needs=[filed["id"]])
    money = {"id": uuid7(), "order_id": args["id"], "amount": "50", "paid_at": "2026-03-01T02:00:00Z"}
    paid = rep.op("payment.record", money, needs=[ordered["id"]])
    assert [result["status"] for result in rep.push(filed, ordered, paid)] == ["applied"] * 3
    rep.pull()
    assert rep.cache["order"][args["id"]]["debt"] == "70.00"
    assert rep.cache["payment"][money["id"]]["customer_id"] == wang
    assert rep.cache["customer"][wang]["debt_total"] == "70.00"


def test_money_that_arrives_before_its_order_waits_for_it(world: World) -> None:
    rep, beer = world.person("rep"), product(world)
    args = place_args(customer(rep), line(beer))
    ordered = rep.op("order.place", args)
    money = {"id": uuid7(), "order_id": args["id"], "amount": "50"}
    paid = rep.op("payment.record", money, needs=[ordered["id"]])
    [waiting] = rep.push(paid)
    assert (waiting["status"], waiting["code"]) == ("held", "needs_missing")
    rep.push(ordered)
    assert order(rep, args["id"])["paid"] == "50.00"


def test_the_same_push_delivered_twice_takes_effect_once(world: World) -> None:
    rep, beer = world.person("rep"), product(world)
    wang = customer(rep)
    args = place_args(wang, line(beer))
    ordered = rep.op("order.place", args)
    paid = rep.op("payment.record", {"id": uuid7(), "order_id": args["id"], "amount": "50"}, needs=[ordered["id"]])
    first = rep.push(ordered, paid)
    assert rep.push(ordered, paid) == first
    assert customer_file(rep, wang)["debt_total"] == "70.00"
    assert len(rep.get("/api/orders")["items"]) == 1


def test_an_order_for_a_customer_that_changed_hands_is_kept_for_a_decision(world: World) -> None:
    rep, rep2, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    wang, beer = customer(rep), product(world)
    rep.pull()
    args = place_args(wang, line(beer))
    op = rep.op("order.place", args)
    paid = rep.op("payment.record", {"id": uuid7(), "order_id": args["id"], "amount": "50"}, needs=[op["id"]])
    manager.do("customer.assign", ids=[wang], owner_id=rep2.id)

    held, money = rep.push(op, paid)

    assert (held["status"], held["code"]) == ("held", "customer_moved")
    assert money["status"] == "applied"
    rep2.pull()
    row = rep2.cache["order"][args["id"]]
    assert (row["state"], row["hold_reason"], row["clerk_id"]) == ("pending", "customer_moved", rep.id)
    assert row["paid"] == "50.00"
    rep.pull()
    assert not rep.holds("customer", wang)
    manager.do("order.release", id=args["id"], decision="approve")
    assert order(rep2, args["id"])["state"] == "picking"


def test_a_product_taken_off_shelf_meanwhile_does_not_cost_the_order(world: World) -> None:
    rep, clerk, manager = world.person("rep"), world.person("clerk"), world.person("manager")
    wang, beer = customer(rep), product(world)
    args = place_args(wang, line(beer))
    clerk.do("product.edit", id=beer, set={"on_shelf": [True, False]})
    held = pushed(rep, "order.place", **args)
    assert (held["status"], held["changes"][0]["name"]) == ("held", "青岛纯生 500ml")
    manager.do("order.release", id=args["id"], decision="approve", note="清库存")
    assert order(rep, args["id"])["state"] == "picking"
