"""Changing and deleting orders while they are pending, and what happens afterwards."""

from typing import Any

import pytest

from tests.orders.trade import customer, customer_file, line, order, pay, place, product, pushed
from tests.support.world import Refused, World


def test_header_and_lines_of_a_pending_order(world: World) -> None:
    rep = world.person("rep")
    wang, beer, juice = customer(rep), product(world), product(world, "果汁", "6.50")
    kept, gone = line(beer, "10"), line(juice, "1", "6.50")
    placed = place(rep, wang, kept, gone)
    rep.do("order.edit", id=placed.id, set={"remark": [None, "下午送"], "discount": ["0.00", "6.00"]})
    row = order(rep, placed.id)
    assert (row["remark"], row["payable"], row["debt"]) == ("下午送", "126.50", "120.50")
    new = line(juice, "4", "6.50")
    rep.do("order.change_lines", id=placed.id, lines=[new, {**kept, "quantity": "5"}])
    full = rep.get(f"/api/orders/{placed.id}/full")
    assert [(entry["id"], entry["line_no"]) for entry in full["lines"]] == [(new["id"], 1), (kept["id"], 2)]
    assert full["order"]["debt"] == "80.00"
    assert customer_file(rep, wang)["debt_total"] == "80.00"
    rep.pull()
    assert set(rep.cache["order_line"]) == {new["id"], kept["id"]}


def test_a_discount_above_the_goods_is_refused_and_nothing_changes(world: World) -> None:
    rep = world.person("rep")
    placed = place(rep, customer(rep), line(product(world), "1"))
    with pytest.raises(Refused) as refused:
        rep.do("order.edit", id=placed.id, set={"discount": ["0.00", "12.01"]})
    assert refused.value.code == "discount_too_large"
    assert order(rep, placed.id)["discount"] == "0.00"


def test_an_untouched_line_keeps_its_price_and_a_touched_one_gets_todays(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    beer, juice = product(world), product(world, "果汁", "6.00")
    kept, touched = line(beer), line(juice, "1", "6.00")
    placed = place(rep, customer(rep), kept, touched)
    clerk.do("product.edit", id=beer, set={"price": ["12.0000", "13"]})
    clerk.do("product.edit", id=juice, set={"price": ["6.0000", "7"]})
    answer = rep.do("order.change_lines", id=placed.id, lines=[kept, {**touched, "quantity": "2"}])
    [change] = answer["changes"]
    assert (change["code"], change["product_id"], change["from"], change["to"]) == (
        "price_changed", juice, "6.0000", "7.0000",
    )  # fmt: skip
    assert order(rep, placed.id)["goods_total"] == "134.00"


def test_an_approved_order_is_not_editable(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    beer = product(world)
    placed = place(rep, customer(rep), line(beer))
    clerk.do("order.approve", id=placed.id)
    for command, args in (
        ("order.edit", {"set": {"remark": [None, "急"]}}),
        ("order.change_lines", {"lines": [line(beer)]}),
    ):
        with pytest.raises(Refused) as refused:
            rep.do(command, id=placed.id, **args)
        assert refused.value.code == "not_editable"


def test_a_change_made_before_the_approval_was_known_is_kept_as_a_conflict(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    wang, beer = customer(rep), product(world)
    first = line(beer)
    placed = place(rep, wang, first)
    clerk.do("order.approve", id=placed.id)
    header = pushed(rep, "order.edit", id=placed.id, set={"address": [None, "台东三路 9 号"]})
    lines = pushed(rep, "order.change_lines", id=placed.id, lines=[{**first, "quantity": "20"}])
    assert (header["status"], header["code"]) == ("conflict", "approved_meanwhile")
    assert (lines["status"], lines["code"]) == ("conflict", "approved_meanwhile")
    assert (order(rep, placed.id)["address"], order(rep, placed.id)["goods_total"]) == (None, "120.00")
    rep.pull()
    kept: dict[str, dict[str, Any]] = rep.cache["conflict"]
    assert kept[header["conflicts"][0]]["mine"] == "台东三路 9 号"
    assert kept[lines["conflicts"][0]]["mine"][0]["quantity"] == "20"
    with pytest.raises(Refused) as refused:
        rep.do("conflict.resolve", id=header["conflicts"][0], resolution="mine")
    assert refused.value.code == "not_editable"
    clerk.do("conflict.resolve", id=header["conflicts"][0], resolution="mine")
    clerk.do("conflict.resolve", id=lines["conflicts"][0], resolution="mine")
    row = order(rep, placed.id)
    assert (row["address"], row["goods_total"], row["state"]) == ("台东三路 9 号", "240.00", "picking")
    assert customer_file(rep, wang)["debt_total"] == "240.00"


def test_after_shipping_a_late_change_can_only_be_let_go(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    first = line(product(world))
    placed = place(rep, customer(rep), first)
    clerk.do("order.approve", id=placed.id)
    clerk.do("order.ship", id=placed.id)
    kept = pushed(rep, "order.change_lines", id=placed.id, lines=[{**first, "quantity": "20"}])
    with pytest.raises(Refused) as refused:
        clerk.do("conflict.resolve", id=kept["conflicts"][0], resolution="mine")
    assert refused.value.code == "not_editable"
    clerk.do("conflict.resolve", id=kept["conflicts"][0], resolution="theirs")
    assert order(rep, placed.id)["goods_total"] == "120.00"


def test_only_pending_orders_without_money_are_deleted(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    wang, beer = customer(rep), product(world)
    unwanted, paid, approved = (place(rep, wang, line(beer)) for _ in range(3))
    rep.pull()
    rep.do("order.delete", id=unwanted.id)
    assert customer_file(rep, wang)["debt_total"] == "240.00"
    rep.pull()
    assert not rep.holds("order", unwanted.id)
    assert len(rep.cache["order_line"]) == 2
    pay(rep, paid.id, "1")
    clerk.do("order.approve", id=approved.id)
    for order_id, code in ((paid.id, "order_has_payments"), (approved.id, "only_pending_deleted")):
        with pytest.raises(Refused) as refused:
            rep.do("order.delete", id=order_id)
        assert refused.value.code == code
    fresh = place(rep, wang, line(beer))
    assert fresh.answer["result"]["order_no"].endswith("00004")


def test_where_the_company_forbids_it_no_order_is_deleted(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    placed = place(rep, customer(rep), line(product(world)))
    company = boss.get("/api/companies")["items"][0]["id"]
    boss.do("company.edit", id=company, set={"order_delete": ["pending", "never"]})
    with pytest.raises(Refused) as refused:
        rep.do("order.delete", id=placed.id)
    assert refused.value.code == "order_delete_never"
