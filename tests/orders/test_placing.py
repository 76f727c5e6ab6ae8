"""Placing orders: what is checked, what the company decides."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.orders.trade import customer, line, order, place, place_args, product, pushed
from tests.support.world import Refused, World


def test_an_order_gets_number_amounts_and_consignee(world: World) -> None:
    rep = world.person("rep")
    wang = customer(rep, primary_contact="王建国", address="山东路 1 号")
    beer, juice = product(world, price="1.12"), product(world, "果汁", price="6.5")
    placed = place(
        rep,
        wang,
        line(beer, "260.0000", "1.12"),
        line(juice, "2", "6.50"),
        discount="4.20",
        freight="15",
        remark="急",
    )
    assert placed.answer["status"] == "applied"
    row = order(rep, placed.id)
    assert re.fullmatch(r"XS\d{8}00001", row["order_no"])
    assert (row["state"], row["settlement_mode"], row["clerk_id"]) == ("pending", "credit", rep.id)
    assert (row["goods_total"], row["payable"], row["debt"]) == ("304.20", "319.20", "315.00")
    assert (row["consignee"], row["consignee_mobile"], row["address"]) == ("王建国", "13800000001", "山东路 1 号")
    full = rep.get(f"/api/orders/{placed.id}/full")
    assert [(entry["line_no"], entry["product_name"], entry["subtotal"]) for entry in full["lines"]] == [
        (1, "青岛纯生 500ml", "291.20"),
        (2, "果汁", "13.00"),
    ]
    assert full["lines"][0]["unit"] == "箱"


@pytest.mark.parametrize(
    ("spoil", "code", "field"),
    [
        ({"lines": []}, "no_lines", "lines"),
        ({"quantity": "-1"}, "not_positive", "lines[0].quantity"),
        ({"quantity": "0"}, "not_positive", "lines[0].quantity"),
        ({"quantity": "0.00001"}, "not_positive", "lines[0].quantity"),
        ({"quantity": "viele"}, "wrong_type", "lines[0].quantity"),
        ({"quantity": "NaN"}, "wrong_type", "lines[0].quantity"),
        ({"quantity": "9999999999999"}, "amount_too_large", "lines[0].quantity"),
        ({"price": "-0.01"}, "too_small", "lines[0].price"),
        ({"product_id": "0190f2c4-0000-7000-8000-00000000dead"}, "unknown_product", "lines[0].product_id"),
        ({"discount": "120.01"}, "discount_too_large", "discount"),
        ({"discount": "-1"}, "too_small", "discount"),
        ({"freight": "-1"}, "too_small", "freight"),
        ({"id": "x"}, "wrong_type", "id"),
    ],
)
def test_what_cannot_be_an_order_says_where(world: World, spoil: dict[str, Any], code: str, field: str) -> None:
    rep = world.person("rep")
    args = place_args(customer(rep), line(product(world)))
    for name, value in spoil.items():
        target = args["lines"][0] if name in ("quantity", "price", "product_id") else args
        target[name] = value
    with pytest.raises(Refused) as refused:
        rep.do("order.place", **args)
    assert (refused.value.code, refused.value.body["field"]) == (code, field)
    result = pushed(rep, "order.place", **args)
    assert (result["status"], result["code"], result["detail"]["field"]) == ("rejected", code, field)
    assert rep.get("/api/orders")["items"] == []


def test_a_quantity_that_is_no_text_is_malformed_and_says_where(world: World) -> None:
    rep = world.person("rep")
    args = place_args(customer(rep), {**line(product(world)), "quantity": 3})
    result = pushed(rep, "order.place", **args)
    assert (result["code"], result["detail"]["field"]) == ("invalid_arguments", "lines[0].quantity")
    with pytest.raises(Refused) as refused:
        rep.do("order.place", **args)
    assert (refused.value.status, refused.value.code) == (400, "malformed")


def test_the_same_line_twice_or_a_line_of_another_order(world: World) -> None:
    rep = world.person("rep")
    wang, beer = customer(rep), product(world)
    taken = line(beer)
    place(rep, wang, taken)
    with pytest.raises(Refused) as refused:
        place(rep, wang, taken)
    assert (refused.value.code, refused.value.body["field"]) == ("already_exists", "lines[0].id")
    twice = line(beer)
    with pytest.raises(Refused) as refused:
        place(rep, wang, twice, twice)
    assert (refused.value.code, refused.value.body["field"]) == ("double_line", "lines[1].id")


def test_the_time_is_the_phones_but_never_in_the_future(world: World) -> None:
    rep = world.person("rep")
    wang, beer = customer(rep), product(world)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    early = place_args(wang, line(beer))
    pushed(rep, "order.place", yesterday, **early)
    assert order(rep, early["id"])["ordered_at"][:16] == yesterday.isoformat()[:16]
    ahead = place_args(wang, line(beer))
    pushed(rep, "order.place", datetime.now(UTC) + timedelta(days=400), **ahead)
    assert order(rep, ahead["id"])["ordered_at"] <= datetime.now(UTC).isoformat()


def test_off_shelf_at_the_desk_is_refused_and_from_the_field_is_held(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    wang, beer = customer(rep), product(world)
    clerk.do("product.edit", id=beer, set={"on_shelf": [True, False]})
    with pytest.raises(Refused) as refused:
        place(clerk, wang, line(beer))
    assert (refused.value.code, refused.value.body["field"]) == ("product_off_shelf", "lines[0].product_id")
    args = place_args(wang, line(beer))
    result = pushed(rep, "order.place", **args)
    assert (result["status"], result["code"]) == ("held", "product_off_shelf")
    row = order(rep, args["id"])
    assert (row["state"], row["hold_reason"]) == ("pending", "product_off_shelf")
    assert row["order_no"].endswith("00001")


def test_a_free_price_needs_the_permission_and_is_marked(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    wang, beer = customer(rep), product(world)
    by_rep = place(rep, wang, line(beer, "1", "1.00", price_reason="free"))
    assert by_rep.answer["changes"][0]["code"] == "price_changed"
    assert order(rep, by_rep.id)["goods_total"] == "12.00"
    by_clerk = place(clerk, wang, line(beer, "1", "1.00", price_reason="free"))
    assert by_clerk.answer["status"] == "applied"
    [free] = clerk.get(f"/api/orders/{by_clerk.id}/full")["lines"]
    assert (free["price"], free["price_reason"]) == ("1.0000", "free")
    old_list = place(clerk, wang, line(beer, "1", "11.00", price_reason="list"))
    assert old_list.answer["status"] == "adjusted"


def test_without_a_price_the_companys_is_taken_silently(world: World) -> None:
    rep = world.person("rep")
    placed = place(rep, customer(rep), line(product(world), "2", None))
    assert placed.answer["status"] == "applied"
    assert order(rep, placed.id)["goods_total"] == "24.00"


def test_the_terminal_gives_the_address_and_must_be_the_customers(world: World) -> None:
    rep = world.person("rep")
    wang, li, beer = customer(rep), customer(rep, "李记超市", "13800000002"), product(world)
    shop = rep.create(
        "terminal", customer_id=wang, name="台东店", address="台东三路 9 号", contact="小刘", phone="13900000003"
    )
    placed = place(rep, wang, line(beer), terminal_id=shop)
    row = order(rep, placed.id)
    assert (row["consignee"], row["address"], row["consignee_mobile"]) == ("小刘", "台东三路 9 号", "13900000003")
    with pytest.raises(Refused) as refused:
        place(rep, li, line(beer), terminal_id=shop)
    assert refused.value.code == "terminal_of_other_customer"


def test_an_order_for_somebody_elses_customer_is_refused(world: World) -> None:
    rep, stranger = world.person("rep"), world.person("stranger")
    wang, beer = customer(rep), product(world)
    with pytest.raises(Refused) as refused:
        place(stranger, wang, line(beer))
    assert refused.value.code == "outside_scope"


def test_orders_are_seen_by_owner_manager_and_desk_only(world: World) -> None:
    rep = world.person("rep")
    placed = place(rep, customer(rep), line(product(world)))
    for name in ("rep", "manager", "clerk", "boss"):
        assert order(world.person(name), placed.id)["id"] == placed.id
        assert world.person(name).get("/api/order-lines")["items"]
    for name in ("rep2", "stranger"):
        person = world.person(name)
        with pytest.raises(Refused) as refused:
            order(person, placed.id)
        assert refused.value.status == 404
        with pytest.raises(Refused):
            person.get(f"/api/orders/{placed.id}/full")
        assert person.get("/api/order-lines")["items"] == []
    rep.pull()
    assert rep.holds("order", placed.id)
