"""Two files were made one, and it turns out that they are two shops after all."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from server.customers.tables import customer_merge
from server.records.ids import uuid7
from tests.stories.test_duplicate_customer_offline import a_day_at
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories

_LISTS = (
    "visits",
    "contacts",
    "orders",
    "payments",
    "customer-shares",
    "conflicts",
    "terminals",
    "customer-departments",
)


def everything_about(person: Person, customer_id: str) -> dict[str, Any]:
    """All that the desk shows of a customer, without what counts changes."""
    told = {"customer": person.get(f"/api/customers/{customer_id}")}
    for name in _LISTS:
        told[name] = sorted(person.get(f"/api/{name}", customer_id=customer_id)["items"], key=lambda row: row["id"])

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items() if name not in ("updated_at", "version", "refs")}
        return [plain(one) for one in value] if isinstance(value, list) else value

    return plain(told)  # type: ignore[no-any-return]


def order(person: Person, world: World, customer_id: str) -> tuple[str, list[dict[str, Any]]]:
    clerk = world.person("clerk")
    product = clerk.create("product", name="矿泉水", unit_id=world.option("unit", "箱"), price="24.0000")
    order_id = uuid7()
    line = {"id": uuid7(), "product_id": product, "quantity": "10", "price": "24.0000"}
    return order_id, [person.op("order.place", {"id": order_id, "customer_id": customer_id, "lines": [line]})]


def pay(person: Person, order_id: str, amount: str) -> str:
    payment = uuid7()
    paid = {"id": payment, "order_id": order_id, "amount": amount, "paid_at": datetime.now(UTC).isoformat()}
    [result] = person.push(person.op("payment.record", paid))
    assert result["status"] == "applied", result
    return payment


def two_shops(world: World) -> tuple[str, str, str]:
    """A shop of one rep, and the copy that another filed with a visit, an order and money; a colleague serves both."""
    rep, rep2 = world.person("rep"), world.person("rep2")
    first, morning = a_day_at(rep, "王记超市", "13800000001", "李会计")
    second, evening = a_day_at(rep2, "王记 超市", "13800000001", "赵采购")
    rep.push(*morning)
    rep2.push(*evening)
    order_id, placed = order(rep2, world, second)
    assert [result["status"] for result in rep2.push(*placed)] == ["applied"]
    pay(rep2, order_id, "100.00")
    clerk = world.person("clerk")
    manager = world.person("manager")
    clerk.do("customer.share", id=first, employee_id=manager.id)
    clerk.do("customer.share", id=second, employee_id=manager.id)
    clerk.do("customer.share", id=second, employee_id=world.person("stranger").id)
    seen = clerk.get(f"/api/customers/{second}")
    clerk.do("customer.edit", id=second, set={"address": [seen["address"], "香港中路 1 号"]})
    return first, second, order_id


def test_undone_at_once_everything_is_as_it_was(world: World) -> None:
    clerk = world.person("clerk")
    first, second, _ = two_shops(world)
    before = everything_about(clerk, first), everything_about(clerk, second)
    clerk.do("customer.merge", id=second, into=first, share=True)
    assert clerk.get(f"/api/customers/{first}")["address"] == "香港中路 1 号"
    [offered] = clerk.get(f"/api/customers/{first}/merges")
    assert (offered["id"], offered["into_id"], offered["merged_by"]) == (second, first, clerk.id)
    assert clerk.get(f"/api/customers/{second}/merges") == [offered]

    answer = clerk.do("customer.unmerge", id=second)
    assert answer["result"]["asked"] == []

    after = everything_about(clerk, first), everything_about(clerk, second)
    for was, now in zip(before, after, strict=True):
        for name in was:
            if name == "customer-shares":  # one that both had was ended and is shared anew
                assert {row["employee_id"] for row in was[name]} == {row["employee_id"] for row in now[name]}
            else:
                assert now[name] == was[name], name
    assert clerk.get(f"/api/customers/{first}/merges") == []

    # Each phone holds its own shop again, and what it sends for it reaches it.
    rep, rep2 = world.person("rep"), world.person("rep2")
    rep.pull()
    rep2.pull()
    assert (rep.holds("customer", first), rep.holds("customer", second)) == (True, False)
    assert (rep2.holds("customer", first), rep2.holds("customer", second)) == (False, True)
    visit = uuid7()
    came = {"id": visit, "customer_id": second, "at": datetime.now(UTC).isoformat()}
    [result] = rep2.push(rep2.op("visit.check_in", came))
    assert result["status"] == "applied"
    assert clerk.get(f"/api/visits/{visit}")["customer_id"] == second


def test_what_happened_in_between_stays_or_is_asked_about(world: World) -> None:
    rep2, clerk = world.person("rep2"), world.person("clerk")
    first, second, order_id = two_shops(world)
    clerk.do("customer.merge", id=second, into=first, share=True)

    # A visit at the shop that the two became, money for an order of the copy, and a new address and grade.
    late = uuid7()
    came = {"id": late, "customer_id": second, "at": datetime.now(UTC).isoformat()}
    begin = rep2.op("visit.check_in", came)
    end = rep2.op("visit.check_out", {"id": late, "at": datetime.now(UTC).isoformat()}, needs=[begin["id"]])
    assert [result["status"] for result in rep2.push(begin, end)] == ["applied"] * 2
    money = pay(world.person("clerk"), order_id, "40.00")
    grade = world.option("customer_grade", "金牌")
    clerk.do(
        "customer.edit", id=first, set={"address": ["香港中路 1 号", "香港中路 99 号"], "grade_id": [None, grade]}
    )

    answer = clerk.do("customer.unmerge", id=second)
    assert answer["result"]["asked"] == ["address"]
    kept, back = clerk.get(f"/api/customers/{first}"), clerk.get(f"/api/customers/{second}")
    assert clerk.get(f"/api/visits/{late}")["customer_id"] == first
    assert (kept["visit_count"], back["visit_count"]) == (2, 1)
    assert clerk.get(f"/api/payments/{money}")["customer_id"] == second
    assert (kept["debt_total"], back["debt_total"]) == ("0.00", "100.00")
    assert (kept["address"], kept["grade_id"]) == ("香港中路 99 号", grade)
    assert (back["address"], back["grade_id"]) == ("香港中路 1 号", None)

    # Which of the two moved house is a question; the desk says: both.
    [asked] = [row for row in clerk.get("/api/conflicts", state="open")["items"] if row["field"] == "address"]
    assert (asked["record_id"], asked["theirs"], asked["mine"]) == (second, "香港中路 1 号", "香港中路 99 号")
    assert asked["reason"] == "merge_undone"
    clerk.do("conflict.resolve", id=asked["id"], resolution="mine")
    assert clerk.get(f"/api/customers/{second}")["address"] == "香港中路 99 号"


def test_an_owner_who_left_meanwhile_does_not_get_it_back(world: World) -> None:
    boss = world.person("boss")
    first, second, _ = two_shops(world)
    boss.do("customer.merge", id=second, into=first)
    boss.do("employee.edit", id=world.person("rep2").id, set={"status": ["enabled", "disabled"]})
    boss.do("customer.unmerge", id=second)
    assert boss.get(f"/api/customers/{second}")["owner_id"] == boss.get(f"/api/customers/{first}")["owner_id"]


def test_the_later_merge_is_undone_first(world: World) -> None:
    clerk = world.person("clerk")
    first, second, _ = two_shops(world)
    third = world.person("rep").create("customer", name="大超市", mobile="13800000077")
    clerk.do("customer.merge", id=second, into=first)
    clerk.do("customer.merge", id=first, into=third)
    with pytest.raises(Refused) as error:
        clerk.do("customer.unmerge", id=second)
    assert error.value.code == "merged_further"
    clerk.do("customer.unmerge", id=first)
    clerk.do("customer.unmerge", id=second)
    for customer in (first, second, third):
        row = clerk.get(f"/api/customers/{customer}")
        assert (row["merged_into"], row["enabled"]) == (None, True)
    assert [clerk.get(f"/api/customers/{one}")["visit_count"] for one in (first, second, third)] == [1, 1, 0]


def test_after_thirty_days_it_is_too_late(world: World) -> None:
    clerk, rep = world.person("clerk"), world.person("rep")
    first, second, _ = two_shops(world)
    with pytest.raises(Refused) as error:
        clerk.do("customer.unmerge", id=second)
    assert error.value.code == "not_merged"
    clerk.do("customer.merge", id=second, into=first)
    with pytest.raises(Refused) as error:
        rep.do("customer.unmerge", id=second)
    assert error.value.status == 403
    with pytest.raises(Refused) as error:  # nothing of the other file goes with the empty one
        world.person("boss").do("customer.delete", id=first)
    assert error.value.code == "customer_in_use"

    def age(session: Any) -> None:
        session.execute(update(customer_merge).values(merged_at=datetime.now(UTC) - timedelta(days=31)))

    world.app.state.services.writer.call(age)
    assert clerk.get(f"/api/customers/{first}/merges") == []
    with pytest.raises(Refused) as error:
        clerk.do("customer.unmerge", id=second)
    assert error.value.code == "merge_not_kept"
    world.person("boss").do("schedule.run", job="customers.forget_merges")
    with pytest.raises(Refused) as error:
        clerk.do("customer.unmerge", id=second)
    assert error.value.code == "merge_not_kept"
