"""The overview of rights, where each cell comes from, and why somebody sees a record or does not."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from tests.support.world import Person, Refused, World


def why(asker: Person, record: str, row_id: str, about: Person | None = None) -> dict[str, Any]:
    params = {"record": record, "id": row_id, **({"employee": about.id} if about else {})}
    return dict(asker.get("/api/rights/why", **params))


def shop(person: Person, name: str = "王记超市", mobile: str = "13800000001") -> str:
    return person.create("customer", name=name, primary_contact="王五", mobile=mobile)


def test_the_overview_shows_everybody_in_reach_and_what_the_role_gives(world: World) -> None:
    boss, manager, rep = world.person("boss"), world.person("manager"), world.person("rep")
    found = boss.get("/api/rights/overview")
    people = {one["username"]: one for one in found["people"]}
    assert {"boss", "manager", "rep", "rep2", "stranger", "clerk"} <= people.keys()
    role = found["roles"][people["rep"]["role_id"]]
    assert (role["name"], role["permissions"]["customer.view"]) == ("销售员", "own")
    assert "order.approve" not in role["permissions"]
    assert found["roles"][people["boss"]["role_id"]]["permissions"]["order.approve"] == "all"
    # A manager sees it of his own line; a rep not at all.
    assert {one["username"] for one in manager.get("/api/rights/overview")["people"]} == {"manager", "rep", "rep2"}
    for address in ("/api/rights/overview", "/api/rights/overview.xlsx"):
        assert rep.client.get(address).status_code == 403


def test_the_overview_is_a_workbook_too(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    boss.do("role.grant", ids=[rep.me["role"]["id"]], fields={"phone": "masked"})
    answer = boss.client.get("/api/rights/overview.xlsx", params={"people": rep.id, "language": "zh-CN"})
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True))
    assert len(rows) == 2
    line = dict(zip(rows[0], rows[1], strict=True))
    assert (line["姓名"], line["角色"], line["客户 · 查看"], line["审核订单"]) == ("张三", "销售员", "自己", None)
    assert (line["电话号码"], line["金额与价格"]) == ("隐藏中间几位", "可修改")


def test_a_cell_says_from_which_role_it_comes_and_whom_it_contains(world: World) -> None:
    boss, manager, rep = world.person("boss"), world.person("manager"), world.person("rep")
    cell = boss.get(f"/api/rights/people/{manager.id}", permission="customer.view")
    assert (cell["scope"], cell["role_id"], cell["everybody"]) == ("subordinates", manager.me["role"]["id"], False)
    assert sorted(cell["subordinates"]) == sorted([rep.id, world.person("rep2").id])
    assert boss.get(f"/api/rights/people/{boss.id}", permission="customer.view")["administrator"] is True
    assert boss.get(f"/api/rights/people/{rep.id}", permission="order.approve")["scope"] is None
    with pytest.raises(Refused) as refused:
        manager.get(f"/api/rights/people/{world.person('stranger').id}", permission="customer.view")
    assert refused.value.status == 404


def test_reasons_are_those_of_the_rule_itself(world: World) -> None:
    boss, manager, rep = world.person("boss"), world.person("manager"), world.person("rep")
    customer = shop(rep)
    mine = why(rep, "customer", customer)
    assert mine["answer"]["reasons"] == [{"kind": "owner", "field": "owner_id", "owner": rep.id, "relation": "self"}]
    assert mine["on_device"] is True
    above = why(boss, "customer", customer, manager)
    assert above["answer"]["reasons"][0]["relation"] == "subordinate"
    assert above["on_device"] is False  # read online; his devices hold his own
    assert why(boss, "customer", customer, boss)["answer"]["reasons"][0]["kind"] == "all"
    rep.do("customer.share", id=customer, employee_id=world.person("stranger").id)
    shared = why(boss, "customer", customer, world.person("stranger"))
    assert (shared["answer"]["reasons"][0]["kind"], shared["on_device"]) == ("shared", True)
    contact = rep.create("contact", customer_id=customer, name="赵六")
    [through] = why(boss, "contact", contact, world.person("stranger"))["answer"]["reasons"]
    assert (through["kind"], through["record"], through["reasons"][0]["kind"]) == ("through", "customer", "shared")
    boss.do("customer.assign", ids=[customer], owner_id=None)
    pool = why(boss, "customer", customer, world.person("rep2"))
    assert {one["kind"] for one in pool["answer"]["reasons"]} == {"unowned"}


def test_what_is_lacking_is_the_nearest_scope_that_would_do(world: World) -> None:
    boss, rep, stranger = world.person("boss"), world.person("rep"), world.person("stranger")
    customer = shop(rep)
    lack = why(boss, "customer", customer, stranger)["answer"]
    assert (lack["sees"], lack["reasons"]) == (False, [])
    # One department: its scope would be enough.
    assert lack["lacks"] == [{"permission": "customer.view", "has": "own", "needs": "department", "owners": [rep.id]}]
    report_less = world.person("clerk")
    role = report_less.me["role"]["id"]
    boss.do("role.grant", ids=[role], set={"customer.view": None})
    [first] = why(boss, "customer", customer, report_less)["answer"]["lacks"]
    assert first.get("has") is None
    assert first["needs"] == "department"
    boss.do("employee.edit", id=stranger.id, set={"status": ["enabled", "disabled"]})
    assert why(boss, "customer", customer, stranger) == {
        "employee_id": stranger.id, "enabled": False, "on_device": False, "answer": None,
    }  # fmt: skip


def test_nobody_learns_by_asking_that_there_is_something(world: World) -> None:
    rep, stranger, manager = world.person("rep"), world.person("stranger"), world.person("manager")
    hidden, nothing = shop(rep), "00000000-0000-7000-8000-000000000001"
    answers = [
        stranger.client.get("/api/rights/why", params={"record": "customer", "id": row_id}).json()
        for row_id in (hidden, nothing)
    ]
    for answer, row_id in zip(answers, (hidden, nothing), strict=True):
        assert answer["status"] == 404
        assert answer.pop("params") == {"record": "customer", "id": row_id}
    assert answers[0] == answers[1]
    # Nor does a manager about what is out of his sight, nor anybody about other people.
    outside = shop(stranger, "外人店", "13800000002")
    for asker, row_id, about in (
        (manager, outside, rep),
        (manager, hidden, stranger),
        (rep, hidden, world.person("rep2")),
    ):
        with pytest.raises(Refused) as refused:
            why(asker, "customer", row_id, about)
        assert refused.value.status in (403, 404)
    assert stranger.client.get("/api/rights/why", params={"record": "credential", "id": hidden}).status_code == 404
