"""Money received: a fact, never refused; debt follows."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.records.ids import uuid7
from tests.orders.trade import customer, customer_file, line, order, pay, place, product, pushed
from tests.support.world import Refused, World


def test_debt_follows_the_money(world: World) -> None:
    rep = world.person("rep")
    wang = customer(rep)
    placed = place(rep, wang, line(product(world)), discount="20")
    payment_id, answer = pay(rep, placed.id, "30.50", method_id=world.option("payment_method", "微信"), remark="定金")
    assert (answer["status"], answer["result"]["debt"]) == ("applied", "69.50")
    row = order(rep, placed.id)
    assert (row["paid"], row["debt"]) == ("30.50", "69.50")
    assert customer_file(rep, wang)["debt_total"] == "69.50"
    receipt = rep.get(f"/api/payments/{payment_id}")
    assert (receipt["customer_id"], receipt["operator_id"], receipt["overpaid"]) == (wang, rep.id, "0.00")


def test_more_than_the_debt_is_stored_and_said(world: World) -> None:
    rep = world.person("rep")
    wang = customer(rep)
    placed = place(rep, wang, line(product(world)))
    payment_id, answer = pay(rep, placed.id, "150")
    assert (answer["status"], answer["code"]) == ("adjusted", "overpaid")
    assert answer["changes"][0]["overpaid"] == "30.00"
    assert rep.get(f"/api/payments/{payment_id}")["overpaid"] == "30.00"
    assert customer_file(rep, wang)["debt_total"] == "-30.00"


def test_money_for_a_cancelled_order_is_the_customers(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    wang = customer(rep)
    placed = place(rep, wang, line(product(world)))
    clerk.do("order.approve", id=placed.id)
    clerk.do("order.cancel", id=placed.id)
    _, answer = pay(rep, placed.id, "50")
    assert (answer["status"], answer["code"]) == ("adjusted", "order_cancelled")
    assert order(rep, placed.id)["paid"] == "50.00"
    assert customer_file(rep, wang)["debt_total"] == "-50.00"


def test_money_for_an_order_that_the_desk_deleted_meanwhile_is_not_lost(world: World) -> None:
    rep, clerk, stranger = world.person("rep"), world.person("clerk"), world.person("stranger")
    wang = customer(rep)
    placed = place(rep, wang, line(product(world)))
    clerk.do("order.delete", id=placed.id)
    args: dict[str, Any] = {"id": uuid7(), "order_id": placed.id, "amount": "50"}
    result = pushed(rep, "payment.record", **args)
    assert (result["status"], result["code"]) == ("adjusted", "order_deleted")
    assert rep.get(f"/api/payments/{args['id']}")["customer_id"] == wang
    assert pushed(stranger, "payment.record", **{**args, "id": uuid7()})["code"] == "outside_scope"
    assert pushed(rep, "payment.record", **{**args, "id": uuid7(), "order_id": uuid7()})["code"] == "not_found"


def test_the_day_of_the_money_is_the_companys_day(world: World) -> None:
    rep = world.person("rep")
    placed = place(rep, customer(rep), line(product(world)))
    payment_id, _ = pay(rep, placed.id, "1", paid_at="2026-03-01T17:30:00Z")
    assert rep.get(f"/api/payments/{payment_id}")["paid_on"] == "2026-03-02"
    ahead = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    payment_id, _ = pay(rep, placed.id, "1", paid_at=ahead)
    assert rep.get(f"/api/payments/{payment_id}")["paid_at"] <= datetime.now(UTC).isoformat()


@pytest.mark.parametrize("amount", ["0", "-5", "0.004", "viel", "1e400"])
def test_what_is_no_amount_is_refused(world: World, amount: str) -> None:
    rep = world.person("rep")
    placed = place(rep, customer(rep), line(product(world)))
    with pytest.raises(Refused) as refused:
        pay(rep, placed.id, amount)
    assert refused.value.body["field"] == "amount"


def test_an_unknown_method_does_not_cost_the_receipt(world: World) -> None:
    rep = world.person("rep")
    placed = place(rep, customer(rep), line(product(world)))
    payment_id, answer = pay(rep, placed.id, "1", method_id=uuid7())
    assert (answer["status"], answer["code"]) == ("adjusted", "unknown_method")
    assert rep.get(f"/api/payments/{payment_id}")["method_id"] is None


def test_booking_is_the_desks_and_twice_changes_nothing(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    placed = place(rep, customer(rep), line(product(world)))
    payment_id, _ = pay(rep, placed.id, "1")
    with pytest.raises(Refused) as refused:
        rep.do("payment.book", id=payment_id)
    assert refused.value.code == "forbidden"
    first = clerk.do("payment.book", id=payment_id)["result"]["booked_at"]
    assert clerk.do("payment.book", id=payment_id)["result"]["booked_at"] == first
    assert clerk.get(f"/api/payments/{payment_id}")["booked_by"] == clerk.id
