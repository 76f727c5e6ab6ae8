"""Whom a customer is shared with, and what it pays, are asked for and approved like the fields of its file."""

from __future__ import annotations

import pytest

from server.records.ids import uuid7
from tests.approvals.paper import flow, history, old_customer, refused, state
from tests.orders.trade import product
from tests.support.world import Person, World

pytestmark = pytest.mark.stories


def shared_with(person: Person, customer: str) -> set[str]:
    return {row["employee_id"] for row in person.get("/api/customer-shares", customer_id=customer)["items"]}


def test_a_rep_asks_for_a_share_and_the_colleague_has_it_when_it_is_agreed_to(world: World) -> None:
    rep, rep2, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    customer, paper = old_customer(world), uuid7()
    asked = {"shared_with": [[], [rep2.id]], "address": [None, "香港中路 1 号"]}
    rep.do("customer.request_change", id=paper, customer_id=customer, set=asked, reason="两人一起跟进")
    rep2.pull()
    assert not rep2.holds("customer", customer)
    manager.pull()
    assert manager.cache["approval"][paper]["summary"] == [
        {"record": "customer", "field": "address", "before": None, "after": "香港中路 1 号"},
        {"record": "customer_share", "field": "employee_id", "before": [], "after": [rep2.id]},
    ]
    assert manager.cache["approval"][paper]["facts"]["changed"] == ["address", "shared_with"]

    manager.do("approval.agree", id=paper)
    assert shared_with(rep, customer) == {rep2.id}
    [share] = rep.get("/api/customer-shares", customer_id=customer)["items"]
    assert share["shared_by"] == rep.id
    rep2.pull()
    assert rep2.holds("customer", customer)
    assert rep2.cache["customer"][customer]["address"] == "香港中路 1 号"


def test_a_direct_share_becomes_a_request_and_ends_with_its_undo(world: World) -> None:
    rep, rep2, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    stranger = world.person("stranger")
    customer = old_customer(world)
    [answer] = rep.push(rep.op("customer.share", {"id": customer, "employee_id": rep2.id}))
    assert (answer["status"], answer["code"]) == ("held", "change_needs_approval")
    assert answer["changes"][0]["labels"] == "共享人员范围"
    paper = answer["changes"][0]["approval_id"]
    assert shared_with(rep, customer) == set()
    more = rep.do("customer.share", id=customer, employee_id=stranger.id)
    assert more["changes"][0]["approval_id"] == paper  # both stand in one request
    rep.do("customer.unshare", id=customer, employee_id=stranger.id)
    assert rep.get(f"/api/approvals/{paper}")["summary"][0]["after"] == [rep2.id]
    rep.do("customer.unshare", id=customer, employee_id=rep2.id)
    assert state(rep, paper) == "withdrawn"
    assert history(rep, paper)[-1] == ("withdrawn", rep.id)

    assert manager.do("customer.share", id=customer, employee_id=rep2.id)["status"] == "applied"
    assert shared_with(rep, customer) == {rep2.id}
    ending = rep.do("customer.unshare", id=customer, employee_id=rep2.id)["changes"][0]["approval_id"]
    assert shared_with(rep, customer) == {rep2.id}
    manager.do("approval.agree", id=ending)
    assert shared_with(rep, customer) == set()


def test_what_others_shared_meanwhile_stays_and_who_left_fails_the_request(world: World) -> None:
    rep, rep2, manager, boss = (world.person(name) for name in ("rep", "rep2", "manager", "boss"))
    stranger = world.person("stranger")
    customer, paper = old_customer(world), uuid7()
    rep.do("customer.request_change", id=paper, customer_id=customer, set={"shared_with": [[], [rep2.id]]})
    manager.do("customer.share", id=customer, employee_id=world.person("clerk").id)
    manager.do("approval.agree", id=paper)
    assert shared_with(rep, customer) == {rep2.id, world.person("clerk").id}

    late = uuid7()
    rep.do("customer.request_change", id=late, customer_id=customer, set={"shared_with": [[], [stranger.id]]})
    boss.do("employee.edit", id=stranger.id, set={"status": ["enabled", "disabled"]})
    answer = manager.do("approval.agree", id=late)
    assert (answer["status"], answer["code"], state(rep, late)) == ("adjusted", "approval_failed", "failed")
    ask = {"shared_with": [[], [stranger.id]]}
    code = refused(rep.do, "customer.request_change", id=uuid7(), customer_id=customer, set=ask)
    assert code == "employee_unavailable"


def test_where_shares_are_not_watched_or_nothing_is_approved_they_are_shared_at_once(world: World) -> None:
    rep, rep2, stranger = world.person("rep"), world.person("rep2"), world.person("stranger")
    customer = old_customer(world)
    flow(world, [{"name": "上级审批", "who": "superior"}])  # watches name, settlement and limit only
    assert rep.do("customer.share", id=customer, employee_id=rep2.id)["status"] == "applied"
    flow(world, [], base=1, enabled=False)
    ask = {"shared_with": [[], [stranger.id]]}
    answer = rep.do("customer.request_change", id=uuid7(), customer_id=customer, set=ask)
    assert answer["result"]["state"] == "approved"
    assert shared_with(rep, customer) == {rep2.id, stranger.id}


def test_an_agreed_price_is_asked_for_by_the_rep_and_by_who_keeps_products(world: World) -> None:
    rep, manager, boss = world.person("rep"), world.person("manager"), world.person("boss")
    customer, sold = old_customer(world), product(world, "矿泉水", "2.00")
    name, paper = f"product_price.price:{sold}", uuid7()
    rep.do("customer.request_change", id=paper, customer_id=customer, set={name: [None, "1.80"]}, reason="量大")
    [line] = rep.get(f"/api/approvals/{paper}")["summary"]
    assert (line["record"], line["field"], line["name"]) == ("product_price", "price", "矿泉水")
    assert (line["before"], float(line["after"])) == (None, 1.8)
    assert boss.get("/api/product-prices", customer_id=customer)["items"] == []
    manager.do("approval.agree", id=paper)
    [price] = boss.get("/api/product-prices", customer_id=customer)["items"]
    assert (price["level"], float(price["price"])) == ("customer", 1.8)

    # Who keeps products, sees customers and may not change them unasked.
    boss.do("role.grant", ids=[rep.me["role"]["id"]], set={"product.edit": "all", "product.delete": "all"})
    answer = rep.do("product_price.edit", id=price["id"], set={"price": [price["price"], "1.50"]})
    assert (answer["status"], answer["code"]) == ("held", "change_needs_approval")
    boss.do("product_price.edit", id=price["id"], set={"price": [price["price"], "1.70"]})
    late = answer["changes"][0]["approval_id"]
    assert (
        manager.do("approval.agree", id=late)["code"] == "approval_failed"
    )  # it is not what was asked about any more
    ending = rep.do("product_price.delete", id=price["id"])["changes"][0]["approval_id"]
    manager.do("approval.agree", id=ending)
    assert boss.get("/api/product-prices", customer_id=customer)["items"] == []
