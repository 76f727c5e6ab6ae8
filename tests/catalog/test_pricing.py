"""What a customer pays: agreed price, then group, then grade, then list."""

from typing import Any

import pytest

from tests.orders.trade import customer, product
from tests.support.world import Person, Refused, World


def prices(person: Person, customer_id: str, *products: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/api/customers/{customer_id}/prices", products=",".join(products))
    return found


def test_the_nearest_price_counts(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    group, grade = world.option("customer_group", "A组"), world.option("customer_grade", "金牌")
    wang = customer(rep, group_id=group, grade_id=grade)
    li = customer(rep, "李记超市", "13800000002", grade_id=grade)
    goods = product(world, price="12")

    def now(customer_id: str) -> tuple[str, str]:
        found = prices(rep, customer_id, goods)[goods]
        return found["price"], found["reason"]

    assert (now(wang), now(li)) == (("12.0000", "list"), ("12.0000", "list"))
    clerk.create("product_price", product_id=goods, level="grade", grade_id=grade, price="11")
    assert (now(wang), now(li)) == (("11.0000", "grade"), ("11.0000", "grade"))
    clerk.create("product_price", product_id=goods, level="group", group_id=group, price="11.50")
    assert (now(wang), now(li)) == (("11.5000", "group"), ("11.0000", "grade"))
    clerk.create("product_price", product_id=goods, level="customer", customer_id=wang, price="10.8888")
    assert (now(wang), now(li)) == (("10.8888", "customer"), ("11.0000", "grade"))


def test_many_products_at_once(world: World) -> None:
    rep = world.person("rep")
    goods = [product(world, f"产品{n}", price=str(n + 1)) for n in range(5)]
    found = prices(rep, customer(rep), *goods)
    assert [found[product_id]["price"] for product_id in goods] == [f"{n + 1}.0000" for n in range(5)]


@pytest.mark.parametrize(
    ("level", "targets", "code", "field"),
    [
        ("grade", {}, "price_target", "grade_id"),
        ("grade", {"group_id": ("customer_group", "A组")}, "price_target", "group_id"),
        (
            "group",
            {"group_id": ("customer_group", "A组"), "grade_id": ("customer_grade", "金牌")},
            "price_target",
            "grade_id",
        ),
        ("grade", {"grade_id": ("customer_group", "A组")}, "unknown_reference", "grade_id"),
    ],
)
def test_exactly_the_target_of_the_level_is_filled(
    world: World, level: str, targets: dict[str, tuple[str, str]], code: str, field: str
) -> None:
    values = {name: world.option(*entry) for name, entry in targets.items()}
    with pytest.raises(Refused) as refused:
        world.person("clerk").create("product_price", product_id=product(world), level=level, price="1", **values)
    assert (refused.value.code, refused.value.body["field"]) == (code, field)


def test_one_price_for_each_product_and_target(world: World) -> None:
    clerk, goods = world.person("clerk"), product(world)
    values = {"product_id": goods, "level": "grade", "grade_id": world.option("customer_grade", "金牌")}
    clerk.create("product_price", **values, price="11")
    with pytest.raises(Refused) as refused:
        clerk.create("product_price", **values, price="10")
    assert refused.value.code == "price_exists"


def test_an_agreed_price_is_told_only_where_the_customer_is(world: World) -> None:
    rep, other, clerk = world.person("rep"), world.person("stranger"), world.person("clerk")
    wang, goods = customer(rep), product(world)
    grade = world.option("customer_grade", "金牌")
    agreed = clerk.create("product_price", product_id=goods, level="customer", customer_id=wang, price="9")
    common = clerk.create("product_price", product_id=goods, level="grade", grade_id=grade, price="11")
    for person in (rep, other):
        person.pull()
        assert person.holds("product_price", common)
    assert rep.holds("product_price", agreed)
    assert not other.holds("product_price", agreed)
    assert [row["id"] for row in other.get("/api/product-prices")["items"]] == [common]
    assert {row["id"] for row in rep.get("/api/product-prices")["items"]} == {common, agreed}
    with pytest.raises(Refused) as refused:
        prices(other, wang, goods)
    assert refused.value.status == 404
