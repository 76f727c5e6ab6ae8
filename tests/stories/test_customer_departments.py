"""Departments of a customer: rows of one file that settles for all, or files of their own below it (CU-19)."""

from __future__ import annotations

import pytest

from server.records.ids import uuid7
from tests.approvals.paper import refused
from tests.orders.trade import line, order, place, place_args, product
from tests.support.world import Person, World

pytestmark = pytest.mark.stories


def builder(person: Person, name: str = "青岛建筑有限公司", mobile: str = "13800000001", **values: object) -> str:
    return person.create("customer", name=name, mobile=mobile, **values)


def names(person: Person, customer: str) -> list[str]:
    items = person.get("/api/customer-departments", customer_id=customer, enabled="1")["items"]
    return sorted(row["name"] for row in items)


def test_a_department_filed_on_the_phone_is_ordered_for_before_the_company_knows_it(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    beer, head = product(world), builder(rep)
    buying, ordered = uuid7(), uuid7()
    values = {"customer_id": head, "name": "采购部", "contact": "孙工", "phone": "13900000009"}
    first = rep.op("customer_department.create", {"id": buying, "values": values})
    args = place_args(head, line(beer), customer_department_id=buying) | {"id": ordered}
    answers = rep.push(first, rep.op("order.place", args, needs=[first["id"]]))
    assert [answer["status"] for answer in answers] == ["applied", "applied"]
    found = order(clerk, ordered)
    assert found["customer_department_id"] == buying
    assert (found["consignee"], found["consignee_mobile"]) == ("孙工", "13900000009")
    assert clerk.get("/api/orders", customer_department_id=buying)["items"][0]["id"] == ordered
    assert clerk.get(f"/api/customers/{head}")["departments"] == "采购部"
    rep.pull()
    assert rep.cache["customer_department"][buying]["name"] == "采购部"

    other = builder(rep, "李氏便利", "13800000002")
    assert refused(place, rep, other, line(beer), customer_department_id=buying) == "department_of_other_customer"
    assert refused(clerk.do, "customer_department.delete", id=buying) == "department_in_use"
    clerk.do("customer_department.edit", id=buying, set={"enabled": [True, False]})
    assert clerk.get(f"/api/customers/{head}")["departments"] is None


def test_the_same_name_twice_is_refused_at_the_desk_and_kept_from_the_road(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    head = builder(rep)
    rep.create("customer_department", customer_id=head, name="采购部")
    again = {"id": uuid7(), "values": {"customer_id": head, "name": "采购部"}}
    assert refused(clerk.do, "customer_department.create", **again) == "department_exists"
    assert rep.push(rep.op("customer_department.create", again))[0]["status"] == "applied"
    assert names(clerk, head) == ["采购部", "采购部"]
    assert clerk.get(f"/api/customers/{head}")["departments"] == "采购部"


def test_who_settles_alone_is_a_customer_below_the_company(world: World) -> None:
    """Variant B: each department has its own file, debt and statements; the group is seen from each of them."""
    rep = world.person("rep")
    beer, head = product(world), builder(rep)
    buying = builder(rep, "青岛建筑有限公司-采购部", "13800000003", parent_id=head)
    place(rep, buying, line(beer, "10", "12.00"))
    assert rep.get(f"/api/customers/{head}")["debt_total"] == "0.00"
    assert rep.get(f"/api/customers/{buying}")["debt_total"] == "120.00"
    assert {one["id"] for one in rep.get(f"/api/customers/{buying}/group")} == {head, buying}


def test_an_older_app_still_writes_departments_as_a_text(world: World) -> None:
    rep = world.person("rep")
    head = uuid7()
    values = {"name": "青岛建筑有限公司", "mobile": "13800000001", "departments": "采购部、工程部"}
    assert rep.push(rep.op("customer.create", {"id": head, "values": values}))[0]["status"] == "applied"
    assert names(rep, head) == ["工程部", "采购部"]
    edit = {"id": head, "set": {"departments": ["采购部、工程部", "采购部，财务部"], "address": [None, "一号"]}}
    assert rep.push(rep.op("customer.edit", edit))[0]["status"] == "applied"
    assert names(rep, head) == ["财务部", "采购部"]
    customer = rep.get(f"/api/customers/{head}")
    assert (customer["departments"], customer["address"]) == ("采购部、财务部", "一号")


def test_a_search_finds_the_customer_by_its_department(world: World) -> None:
    rep = world.person("rep")
    head = builder(rep)
    branch = rep.create("customer_department", customer_id=head, name="机电安装分公司")
    found = rep.get("/api/search", q="机电安装")
    assert [row["id"] for group in found["groups"] for row in group["items"]] == [branch]
