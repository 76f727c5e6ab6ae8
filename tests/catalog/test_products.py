"""Products, their categories and numbers."""

import re

import pytest

from tests.orders.trade import customer as new_customer
from tests.orders.trade import line, place, product
from tests.support.world import Refused, World


def test_a_product_gets_a_number_initials_and_the_day_of_its_price(world: World) -> None:
    clerk = world.person("clerk")
    row = clerk.get(f"/api/products/{product(world, '青岛纯生 500ml')}")
    assert re.fullmatch(r"PD\d{8}00001", row["product_no"])
    assert row["pinyin_code"].startswith("qdcs")
    assert row["priced_at"] is not None
    assert row["on_shelf"] is True


def test_a_typed_number_stays_and_the_generated_one_steps_over_it(world: World) -> None:
    clerk = world.person("clerk")
    first = clerk.get(f"/api/products/{product(world, '甲')}")["product_no"]
    typed = first[:-1] + "2"
    assert clerk.get(f"/api/products/{product(world, '乙', product_no=typed)}")["product_no"] == typed
    assert clerk.get(f"/api/products/{product(world, '丙')}")["product_no"] == first[:-1] + "3"
    with pytest.raises(Refused) as refused:
        product(world, "丁", product_no=typed)
    assert (refused.value.code, refused.value.body["field"]) == ("product_no_taken", "product_no")


def test_a_new_name_has_new_initials_and_a_new_price_a_new_day(world: World) -> None:
    clerk = world.person("clerk")
    product_id = product(world)
    clerk.do(
        "product.edit", id=product_id, set={"name": ["青岛纯生 500ml", "崂山啤酒"], "price": ["12.0000", "13.5"]}
    )
    row = clerk.get(f"/api/products/{product_id}")
    assert (row["pinyin_code"], row["price"]) == ("lspj", "13.5000")


def test_categories_make_a_tree_without_circles(world: World) -> None:
    clerk, boss = world.person("clerk"), world.person("boss")
    drinks = clerk.create("product_category", name="饮料")
    beer = clerk.create("product_category", name="啤酒", parent_id=drinks)
    with pytest.raises(Refused) as refused:
        clerk.do("product_category.edit", id=drinks, set={"parent_id": [None, beer]})
    assert refused.value.code == "category_circle"
    with pytest.raises(Refused) as refused:
        boss.do("product_category.delete", id=drinks)
    assert refused.value.code == "category_in_use"
    boss.do("product_category.delete", id=beer)
    boss.do("product_category.delete", id=drinks)


def test_what_was_ordered_is_taken_off_shelf_not_deleted(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    sold, unsold = product(world, "甲"), product(world, "乙")
    place(rep, new_customer(rep), line(sold))
    with pytest.raises(Refused) as refused:
        boss.do("product.delete", id=sold)
    assert refused.value.code == "product_in_use"
    boss.do("product.delete", id=unsold)


def test_a_negative_price_is_refused(world: World) -> None:
    with pytest.raises(Refused) as refused:
        product(world, "甲", price="-1")
    assert (refused.value.code, refused.value.body["field"]) == ("too_small", "price")


def test_a_rep_does_not_change_products(world: World) -> None:
    with pytest.raises(Refused) as refused:
        world.person("rep").do("product.edit", id=product(world), set={"price": ["12.0000", "1"]})
    assert refused.value.code == "forbidden"
