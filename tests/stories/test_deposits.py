"""Customers who pay ahead: money for a deposit, orders paid from it, what is left paid back, and what was wrong taken back."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from server.records.ids import uuid7
from tests.orders.trade import customer, customer_file, line, order, pay, place, product, pushed
from tests.reports.asking import ask
from tests.stories.test_field_rights import set_rights
from tests.support.world import Person, Refused, World
from tests.worklogs.test_reports import hand_in

pytestmark = pytest.mark.stories


def top_up(person: Person, customer_id: str, amount: str, **more: Any) -> str:
    entry = uuid7()
    person.do("payment.top_up", id=entry, customer_id=customer_id, amount=amount, **more)
    return entry


def use(person: Person, order_id: str, amount: str) -> dict[str, Any]:
    return person.do("payment.use", id=uuid7(), order_id=order_id, amount=amount)


def refused(run: Any, *args: Any, **more: Any) -> dict[str, Any]:
    with pytest.raises(Refused) as error:
        run(*args, **more)
    return error.value.body


def balance(person: Person, customer_id: str) -> str:
    """What the file says, which is what its entries say."""
    entries = person.get("/api/payments", customer_id=customer_id)["items"]
    cents = sum(round(float(one["deposit"]) * 100) for one in entries)
    told = str(customer_file(person, customer_id)["deposit_total"])
    assert round(float(told) * 100) == cents
    return told


def test_a_customer_pays_ahead_orders_from_it_and_gets_the_rest_back(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    beer, cash = product(world), world.option("payment_method", "现金")
    wang = customer(rep, settlement_mode="cash")
    # Without the mark nobody takes money for it at the desk; the answer says where to tick it.
    answer = refused(top_up, rep, wang, "500")
    assert (answer["code"], answer["field"]) == ("prepay_not_allowed", "customer_id")
    assert answer["params"]["name"] == "王记超市"
    clerk.do("customer.edit", id=wang, set={"prepay_allowed": [False, True]})
    entry = top_up(rep, wang, "500", method_id=cash, remark="年前预存")
    row = rep.get(f"/api/payments/{entry}")
    assert (row["kind"], row["order_id"], row["deposit"], row["booked_at"]) == ("top_up", None, "500.00", None)
    assert (row["method_id"], row["remark"], balance(rep, wang)) == (cash, "年前预存", "500.00")

    # Never more than the order owes, nor than there is.
    placed = place(rep, wang, line(beer))  # 120.00
    big = place(rep, wang, line(beer, "100"))
    assert refused(use, rep, placed.id, "120.01")["code"] == "deposit_above_debt"
    answer = refused(use, rep, big.id, "500.01")
    assert (answer["code"], answer["params"]["balance"]) == ("deposit_too_small", "500.00")
    done = use(rep, placed.id, "120")
    assert (done["status"], done["result"]["debt"], done["result"]["deposit"]) == ("applied", "0.00", "380.00")
    assert (order(rep, placed.id)["paid"], balance(rep, wang)) == ("120.00", "380.00")
    # A cash customer's goods wait until the money is in the books, also money that came by way of the deposit.
    assert refused(clerk.do, "order.approve", id=placed.id)["code"] == "not_paid_and_booked"
    for one in clerk.get("/api/payments", booked_at__empty="1")["items"]:
        clerk.do("payment.book", id=one["id"])
    assert clerk.do("order.approve", id=placed.id)["result"]["state"] == "picking"
    part = use(rep, big.id, "80")["result"]["id"]
    assert rep.get(f"/api/payments/{part}")["booked_at"] is not None  # it had been booked when it came

    # Money is counted once: when it came.
    counts = hand_in(rep)["result"]["counts"]
    assert (counts["payments"], counts["payment_amount"]) == (1, "500.00")

    # What is left goes back by who may; a rep may not.
    assert refused(rep.do, "payment.refund", id=uuid7(), customer_id=wang, amount="1")["code"] == "forbidden"
    answer = refused(clerk.do, "payment.refund", id=uuid7(), customer_id=wang, amount="300.01")
    assert answer["code"] == "deposit_too_small"
    assert refused(clerk.do, "customer.disable", id=wang)["code"] == "customer_has_deposit"
    back = uuid7()
    clerk.do("payment.refund", id=back, customer_id=wang, amount="300", method_id=cash)
    assert (clerk.get(f"/api/payments/{back}")["amount"], balance(rep, wang)) == ("-300.00", "0.00")

    # What was wrong stays with what took it back; the order owes again, and only once.
    args = {"of": part, "reason": "记错订单"}
    assert refused(rep.do, "payment.reverse", id=uuid7(), **args)["code"] == "forbidden"
    assert refused(clerk.do, "payment.reverse", id=uuid7(), of=part, reason=" ")["code"] == "required"
    undone = uuid7()
    clerk.do("payment.reverse", id=undone, **args)
    row = clerk.get(f"/api/payments/{undone}")
    assert (row["kind"], row["amount"], row["deposit"], row["reverses_id"]) == ("used", "-80.00", "80.00", part)
    assert clerk.get(f"/api/payments/{part}")["reversed_at"] is not None
    assert (order(rep, big.id)["paid"], order(rep, big.id)["debt"], balance(rep, wang)) == (
        "0.00",
        "1200.00",
        "80.00",
    )
    assert refused(clerk.do, "payment.reverse", id=uuid7(), **args)["code"] == "taken_back_before"
    assert refused(clerk.do, "payment.reverse", id=uuid7(), of=undone, reason="x")["code"] == "is_taking_back"
    assert refused(clerk.do, "payment.reverse", id=uuid7(), of=entry, reason="x")["code"] == "deposit_too_small"
    clerk.do("customer.edit", id=wang, set={"prepay_allowed": [True, False]})
    clerk.do("order.refuse", id=big.id, reason="不要了")
    # The list, its filter, the report and the timeline tell of it.
    assert [one["id"] for one in clerk.get("/api/customers", deposit_total__gt="0")["items"]] == [wang]
    assert "80.00" in str(ask(clerk, "customers.deposits", by="owner_id"))
    kinds = [one["kind"] for one in clerk.get(f"/api/customers/{wang}/timeline")["items"]]
    assert kinds.count("payment") == 5


def test_money_taken_without_a_network_is_kept_and_the_same_money_is_used_once(world: World) -> None:
    rep, clerk, manager = world.person("rep"), world.person("clerk"), world.person("manager")
    wang, beer = customer(rep, prepay_allowed=True), product(world)
    # The office took the mark away while the rep had no network: the customer's money is not lost, and who decides is told.
    clerk.do("customer.edit", id=wang, set={"prepay_allowed": [True, False]})
    entry = uuid7()
    result = pushed(rep, "payment.top_up", id=entry, customer_id=wang, amount="100")
    assert (result["status"], result["code"]) == ("adjusted", "prepay_kept")
    assert balance(clerk, wang) == "100.00"
    for person in (clerk, manager):
        [told] = person.get("/api/notifications", kind="payment.not_prepaid")["items"]
        assert (told["record_id"], told["args"]["customer"]) == (wang, "王记超市")

    assert refused(clerk.do, "customer.delete", id=wang)["code"] == "customer_in_use"

    # Two orders, two people, one balance, at the same moment: one has it, the other is told.
    orders = [place(rep, wang, line(beer)).id for _ in range(2)]
    ops = [
        one.op("payment.use", {"id": uuid7(), "order_id": to, "amount": "100"})
        for one, to in zip((rep, clerk), orders, strict=True)
    ]
    with ThreadPoolExecutor(2) as threads:
        results = list(threads.map(lambda pair: pair[0].push(pair[1])[0], zip((rep, clerk), ops, strict=True)))
    assert sorted((one["status"], one.get("code")) for one in results) == [
        ("applied", None), ("rejected", "deposit_too_small"),
    ]  # fmt: skip
    assert balance(clerk, wang) == "0.00"
    assert sorted(order(clerk, one)["paid"] for one in orders) == ["0.00", "100.00"]
    assert sorted(order(clerk, one)["debt"] for one in orders) == ["120.00", "20.00"]


def test_two_files_made_one_have_one_deposit_and_two_again(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    wang = customer(rep, prepay_allowed=True)
    copy = customer(rep, "王记超市二店", "13800000002", prepay_allowed=True)
    placed = place(rep, copy, line(product(world)))
    pay(rep, placed.id, "20")
    top_up(rep, wang, "300")
    top_up(rep, copy, "200")
    clerk.do("customer.merge", id=copy, into=wang)
    assert (balance(clerk, wang), balance(clerk, copy)) == ("500.00", "0.00")
    use(rep, placed.id, "50")
    clerk.do("customer.unmerge", id=copy)
    assert (balance(clerk, wang), balance(clerk, copy)) == ("300.00", "150.00")

    # Whoever may not read the deposit learns it neither from the file nor from an answer.
    set_rights(world, "rep", customer__deposit_total="hidden", payment__amount="hidden", payment__deposit="hidden")
    big = place(rep, copy, line(product(world, "果汁"), "100"))
    answer = refused(use, rep, big.id, "160")
    assert (answer["code"], answer["params"]["balance"]) == ("deposit_too_small", "***")
    told = [rep.get(f"/api/customers/{copy}"), rep.get("/api/payments"), use(rep, placed.id, "50")]
    assert not [amount for amount in ("150.00", "200.00", "100.00") if f"'{amount}'" in str(told)]
