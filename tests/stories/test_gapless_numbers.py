"""Order numbers have no gaps and no doubles: not when many place at once, not after what was refused."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.orders.trade import customer, customer_file, line, place, place_args, product
from tests.support.world import Refused, World

pytestmark = pytest.mark.stories


def serials(world: World) -> list[int]:
    rows = world.person("clerk").get("/api/orders", sort="order_no", limit=200)["items"]
    return [int(row["order_no"][-5:]) for row in rows]


def test_many_reps_at_once(world: World) -> None:
    reps = [world.person("rep"), world.person("rep2"), world.person("stranger")]
    beer = product(world)
    customers = [customer(rep, f"客户{n}", f"1390000000{n}") for n, rep in enumerate(reps)]

    def work(n: int) -> None:
        person, customer_id = reps[n % 3], customers[n % 3]
        if n % 5 == 0:
            with pytest.raises(Refused):
                place(person, customer_id, line(beer, "-1"))
        if n % 2:
            place(person, customer_id, line(beer))
        else:
            good = person.op("order.place", place_args(customer_id, line(beer)))
            bad = person.op("order.place", place_args(customer_id, line(beer), discount="9999"))
            again = person.op("order.place", place_args(customer_id, line(beer)))
            results = person.push(good, bad, again)
            assert [result["status"] for result in results] == ["applied", "rejected", "applied"]

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, range(24)))

    assert serials(world) == list(range(1, 37))
    for n, rep in enumerate(reps):
        assert customer_file(rep, customers[n])["debt_total"] == "1440.00"


def test_two_orders_at_once_do_not_slip_under_the_credit_limit(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    wang, beer = customer(rep), product(world)
    clerk.do("customer.edit", id=wang, set={"credit_limit": [None, "500"]})

    with ThreadPoolExecutor(6) as threads:
        placed = list(threads.map(lambda _: place(rep, wang, line(beer)), range(8)))

    statuses = sorted(order.answer["status"] for order in placed)
    assert statuses == ["applied"] * 4 + ["held"] * 4
    assert customer_file(rep, wang)["debt_total"] == "480.00"
    assert serials(world) == list(range(1, 9))


def test_payments_at_once_are_all_counted(world: World) -> None:
    rep = world.person("rep")
    wang = customer(rep)
    placed = place(rep, wang, line(product(world)))

    def pay(n: int) -> None:
        op = rep.op(
            "payment.record",
            {"id": f"0190f2c4-0000-7000-8000-0000000000{n:02}", "order_id": placed.id, "amount": "7"},
        )
        rep.push(op)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(pay, range(10)))

    assert rep.get(f"/api/orders/{placed.id}")["debt"] == "50.00"
    assert customer_file(rep, wang)["debt_total"] == "50.00"
