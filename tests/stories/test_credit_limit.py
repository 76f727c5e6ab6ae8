"""The over-limit order: kept, not lost; a person decides it, in one of three ways (CU-8)."""

import pytest

from tests.orders.trade import Placed, customer, customer_file, line, order, pay, place, place_args, product
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories


def limited(world: World, limit: str = "1000.00") -> str:
    """张三's customer 王记, with a credit limit that the desk has set."""
    wang = customer(world.person("rep"))
    world.person("clerk").do("customer.edit", id=wang, set={"credit_limit": [None, limit]})
    return wang


def over_the_limit(rep: Person, wang: str, beer: str) -> Placed:
    """800.00 are owed; another 500.00 taken on a phone without network make 300.00 too much."""
    place(rep, wang, line(beer, "80", "10.00"))
    args = place_args(wang, line(beer, "50", "10.00"))
    [result] = rep.push(rep.op("order.place", args))
    return Placed(args["id"], result)


def test_it_is_held_with_the_numbers_and_has_its_order_number(world: World) -> None:
    rep, wang, beer = world.person("rep"), limited(world), product(world, price="10")
    held = over_the_limit(rep, wang, beer)
    assert (held.answer["status"], held.answer["code"]) == ("held", "credit_exceeded")
    assert held.answer["changes"] == [
        {"code": "credit_exceeded", "limit": "1000.00", "debt": "800.00", "order_debt": "500.00", "excess": "300.00"}
    ]
    rep.pull()
    row = rep.cache["order"][held.id]
    assert (row["state"], row["hold_reason"]) == ("pending", "credit_exceeded")
    assert row["order_no"].endswith("00002")
    assert row["hold_detail"]["reasons"][0]["excess"] == "300.00"
    assert rep.cache["customer"][wang]["debt_total"] == "800.00"  # nobody has agreed to the other 500 yet
    with pytest.raises(Refused) as refused:
        world.person("clerk").do("order.approve", id=held.id)
    assert refused.value.code == "on_hold"


def test_the_manager_lets_it_pass(world: World) -> None:
    rep, manager, wang, beer = (
        world.person("rep"),
        world.person("manager"),
        limited(world),
        product(world, price="10"),
    )
    held = over_the_limit(rep, wang, beer)
    manager.do("order.release", id=held.id, decision="approve", note="老客户，月底结清")
    row = order(rep, held.id)
    assert (row["state"], row["hold_reason"], row["approved_by"]) == ("picking", None, manager.id)
    assert row["hold_detail"]["decision"]["note"] == "老客户，月底结清"
    assert customer_file(rep, wang)["debt_total"] == "1300.00"


def test_the_manager_wants_cash(world: World) -> None:
    rep, manager, clerk = world.person("rep"), world.person("manager"), world.person("clerk")
    wang, beer = limited(world), product(world, price="10")
    held = over_the_limit(rep, wang, beer)
    manager.do("order.release", id=held.id, decision="to_cash")
    row = order(rep, held.id)
    assert (row["state"], row["hold_reason"], row["settlement_mode"]) == ("pending", None, "cash")
    with pytest.raises(Refused) as refused:
        clerk.do("order.approve", id=held.id)
    assert refused.value.code == "not_paid_and_booked"
    payment_id, _ = pay(rep, held.id, "500")
    clerk.do("payment.book", id=payment_id)
    clerk.do("order.approve", id=held.id)
    assert customer_file(rep, wang)["debt_total"] == "800.00"


def test_the_manager_refuses_and_the_number_stays(world: World) -> None:
    rep, manager, wang, beer = (
        world.person("rep"),
        world.person("manager"),
        limited(world),
        product(world, price="10"),
    )
    held = over_the_limit(rep, wang, beer)
    manager.do("order.release", id=held.id, decision="refuse", note="先结清旧账")
    row = order(rep, held.id)
    assert (row["state"], row["cancel_reason"], row["cancelled_by"]) == ("cancelled", "先结清旧账", manager.id)
    assert row["order_no"].endswith("00002")
    assert customer_file(rep, wang)["debt_total"] == "800.00"
    assert place(rep, wang, line(beer, "1", "10.00")).answer["result"]["order_no"].endswith("00003")


def test_who_may_not_approve_may_not_decide_and_nothing_is_decided_twice(world: World) -> None:
    rep, manager, wang, beer = (
        world.person("rep"),
        world.person("manager"),
        limited(world),
        product(world, price="10"),
    )
    held = over_the_limit(rep, wang, beer)
    with pytest.raises(Refused) as refused:
        rep.do("order.release", id=held.id, decision="approve")
    assert refused.value.code == "forbidden"
    manager.do("order.release", id=held.id, decision="to_cash")
    with pytest.raises(Refused) as refused:
        manager.do("order.release", id=held.id, decision="approve")
    assert refused.value.code == "not_on_hold"


def test_a_smaller_order_releases_itself(world: World) -> None:
    rep, wang, beer = world.person("rep"), limited(world), product(world, price="10")
    held = over_the_limit(rep, wang, beer)
    rep.do("order.change_lines", id=held.id, lines=[line(beer, "20", "10.00")])
    assert order(rep, held.id)["hold_reason"] is None
    assert customer_file(rep, wang)["debt_total"] == "1000.00"
    answer = rep.do("order.change_lines", id=held.id, lines=[line(beer, "21", "10.00")])
    assert (answer["status"], answer["changes"][0]["excess"]) == ("held", "10.00")


def test_a_company_that_only_wants_a_warning(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    company = boss.get("/api/companies")["items"][0]["id"]
    boss.do("company.edit", id=company, set={"credit_check": ["hold", "warn"]})
    wang, beer = limited(world), product(world, price="10")
    warned = over_the_limit(rep, wang, beer)
    assert (warned.answer["status"], warned.answer["code"]) == ("adjusted", "credit_warning")
    assert order(rep, warned.id)["hold_reason"] is None
    assert customer_file(rep, wang)["debt_total"] == "1300.00"


def test_money_makes_room_again(world: World) -> None:
    rep, wang, beer = world.person("rep"), limited(world), product(world, price="10")
    first = place(rep, wang, line(beer, "80", "10.00"))
    pay(rep, first.id, "300")
    assert place(rep, wang, line(beer, "50", "10.00")).answer["status"] == "applied"
