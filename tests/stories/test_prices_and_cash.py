"""A price that changed while the phone was offline; a cash customer whose goods wait for the money."""

import pytest

from tests.orders.trade import customer, line, order, pay, place, place_args, product
from tests.support.world import Refused, World

pytestmark = pytest.mark.stories


def test_the_price_that_changed_while_the_phone_was_offline(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    wang, beer, juice = customer(rep), product(world), product(world, "果汁", "6.00")
    rep.pull()
    shown = rep.cache["product"][beer]["price"]
    args = place_args(wang, line(beer, "12", shown), line(juice, "1", "6.0000"))
    clerk.do("product.edit", id=beer, set={"price": ["12.0000", "12.5"]})

    [result] = rep.push(rep.op("order.place", args))

    assert (result["status"], result["code"]) == ("adjusted", "price_changed")
    [change] = result["changes"]
    assert (change["product_id"], change["product_name"]) == (beer, "青岛纯生 500ml")
    assert (change["from"], change["to"], change["delta"]) == ("12.0000", "12.5000", "6.00")
    assert change["product_no"] == rep.cache["product"][beer]["product_no"]
    assert change["effective_from"] == clerk.get(f"/api/products/{beer}")["priced_at"]
    assert (result["detail"]["goods_total_to"], result["detail"]["total_delta"]) == ("156.00", "6.00")
    rep.pull()
    assert rep.cache["order"][args["id"]]["payable"] == "156.00"
    assert {row["price"] for row in rep.cache["order_line"].values()} == {"12.5000", "6.0000"}


def test_the_customers_grade_brings_its_price_without_a_word_when_the_phone_knew_it(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    gold = world.option("customer_grade", "金牌")
    wang, beer = customer(rep, grade_id=gold), product(world)
    clerk.create("product_price", product_id=beer, level="grade", grade_id=gold, price="11.11")
    placed = place(rep, wang, line(beer, "1", "11.11", price_reason="grade"))
    assert placed.answer["status"] == "applied"
    [row] = rep.get(f"/api/orders/{placed.id}/full")["lines"]
    assert (row["price"], row["price_reason"]) == ("11.1100", "grade")


def test_a_cash_customers_order_waits_until_the_money_is_booked(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    wang = customer(rep)
    clerk.do("customer.edit", id=wang, set={"settlement_mode": ["credit", "cash"]})
    placed = place(rep, wang, line(product(world)), discount="20")

    def approval() -> str:
        try:
            return str(clerk.do("order.approve", id=placed.id)["result"]["state"])
        except Refused as refused:
            return refused.code

    assert approval() == "not_paid_and_booked"
    part, _ = pay(rep, placed.id, "60")
    clerk.do("payment.book", id=part)
    assert approval() == "not_paid_and_booked"
    rest, _ = pay(rep, placed.id, "40")
    assert approval() == "not_paid_and_booked"
    clerk.do("payment.book", id=rest)
    assert approval() == "picking"
    assert order(rep, placed.id)["debt"] == "0.00"
