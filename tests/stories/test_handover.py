"""A rep leaves: everything he had is with somebody else after one command, nothing waits for him, and what his phone has
not sent yet is not lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.records.ids import uuid7
from tests.approvals.paper import ask_for_name, flow, refused, state, waiting
from tests.orders.trade import customer, line, place, product
from tests.support.world import Person, World

pytestmark = pytest.mark.stories


def hand_over(boss: Person, leaver: Person, to: Person, **more: Any) -> dict[str, Any]:
    """The preview and the command say the same."""
    args = {"id": leaver.id, "to": to.id, **more}
    preview = boss.post("/api/rights/preview/employee.hand_over", args)
    assert preview["problems"] == []
    counts = dict(boss.do("employee.hand_over", **args)["result"]["counts"])
    assert counts == {part["name"]: part["count"] for part in preview["parts"]}
    return {name: count for name, count in counts.items() if count}


def owner(boss: Person, row_id: str) -> str:
    return str(boss.get(f"/api/customers/{row_id}")["owner_id"])


def test_a_rep_leaves_and_everything_is_with_a_colleague(world: World) -> None:
    rep, rep2, stranger, boss = (world.person(one) for one in ("rep", "rep2", "stranger", "boss"))
    shops = [customer(rep, f"店{n}", f"1380000000{n}") for n in range(3)]
    theirs = customer(stranger, "外人店", "13900000001")
    stranger.do("customer.share", id=theirs, employee_id=rep.id)
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    planned = uuid7()
    rep.do("visit.plan", id=planned, customer_id=shops[0], planned_on=tomorrow, plan_note="带新价目")
    place(rep, shops[1], line(product(world)))
    rep.pull()
    rep2.pull()

    assert hand_over(boss, rep, rep2, disable=True) == {"customers": 3, "shares": 1, "visits": 1, "orders": 1}

    # The colleague's phone has it all with one pull, and he was told.
    rep2.pull()
    assert all(rep2.holds("customer", one) for one in [*shops, theirs])
    mine = [row for row in rep2.cache["visit"].values() if row["visitor_id"] == rep2.id]
    assert [(row["customer_id"], row["planned_on"], row["plan_note"], row["state"]) for row in mine] == [
        (shops[0], tomorrow, "带新价目", "planned")
    ]
    [told] = [row for row in rep2.cache["notification"].values() if row["kind"] == "people.handed_over"]
    assert told["args"] == {"leaver": "张三", "customers": 3, "others": 3}
    # The history of each customer says who gave it to whom.
    history = boss.get(f"/api/customers/{shops[0]}/history")
    [moved] = [entry for entry in history if "owner_id" in entry["changes"] and entry["command"] != "customer.create"]
    assert (moved["command"], moved["changes"]["owner_id"]) == ("employee.hand_over", [rep.id, rep2.id])
    # Nothing is left with the one who has gone.
    again = boss.post("/api/rights/preview/employee.hand_over", {"id": rep.id, "to": rep2.id})
    assert {part["name"]: part["count"] for part in again["parts"] if part["count"]} == {"orders": 1}  # he took it
    assert boss.get(f"/api/employees/{rep.id}")["status"] == "disabled"


def test_groups_go_to_different_people_and_limits_hold(world: World) -> None:
    rep, rep2, manager, boss = (world.person(one) for one in ("rep", "rep2", "manager", "boss"))
    group = boss.create("option", list_name="customer_group", name="餐饮")
    shops = [customer(rep, f"店{n}", f"1380000000{n}") for n in range(3)]
    boss.do("customer.edit", id=shops[0], set={"group_id": [None, group]})
    boss.do("employee.edit", id=rep2.id, set={"max_customers": [None, 1]})
    args = {"id": rep.id, "to": rep2.id, "groups": {group: manager.id}}

    preview = boss.post("/api/rights/preview/employee.hand_over", args)
    assert preview["problems"] == [{"code": "customer_limit", "params": {"name": "李四", "max": 1, "count": 0}}]
    assert refused(boss.do, "employee.hand_over", **args) == "customer_limit"
    assert {owner(boss, one) for one in shops} == {rep.id}  # whole or not at all

    boss.do("employee.edit", id=rep2.id, set={"max_customers": [1, 2]})
    hand_over(boss, rep, rep2, groups={group: manager.id})
    assert [owner(boss, one) for one in shops] == [manager.id, rep2.id, rep2.id]
    assert boss.get(f"/api/employees/{rep.id}")["status"] == "enabled"


def test_a_manager_leaves_and_no_document_waits_for_him(world: World) -> None:
    rep, manager, clerk, boss, rep2 = (world.person(one) for one in ("rep", "manager", "clerk", "boss", "rep2"))
    paper = ask_for_name(world)
    assert waiting(rep, paper) == [manager.id]
    step = {"name": "经理", "who": "person", "employee_ids": [manager.id]}
    flow(world, [step], kind="customer.claim")
    today = datetime.now(UTC).date()
    days = {"starts_on": today.isoformat(), "ends_on": (today + timedelta(days=9)).isoformat()}
    absence = rep2.create("approval_absence", delegate_id=manager.id, **days)
    shop = customer(manager, "经理店", "13800000009")
    transfer = uuid7()
    manager.do("customer.transfer", id=transfer, ids=[shop], to=rep.id, reason="离职")

    counts = hand_over(boss, manager, clerk, disable=True)
    assert {**counts, "orders": 0} == {
        "led": 2, "customers": 1, "approvals": 1, "flows": 1, "stand_ins": 1, "requests": 1, "orders": 0,
    }  # fmt: skip
    assert waiting(rep, paper) == [clerk.id]
    clerk.pull()
    assert clerk.holds("approval", paper)
    clerk.do("approval.agree", id=paper)
    assert state(rep, paper) == "approved"
    assert state(boss, transfer) == "withdrawn"
    [current] = [one for one in boss.get("/api/approval-flows", kind="customer.claim")["items"] if one["current"]]
    assert (current["steps"][0]["employee_ids"], current["version"]) == ([clerk.id], 2)
    assert rep2.get(f"/api/approval-absences/{absence}")["delegate_id"] == clerk.id
    assert boss.get(f"/api/employees/{rep.id}")["supervisor_id"] == clerk.id


def test_what_the_leavers_phone_has_not_sent_is_kept_and_can_be_applied(world: World) -> None:
    rep, rep2, boss = world.person("rep"), world.person("rep2"), world.person("boss")
    shop = customer(rep)
    planned, visit = uuid7(), uuid7()
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    rep.do("visit.plan", id=planned, customer_id=shop, planned_on=tomorrow)
    rep.pull()
    now = datetime.now(UTC).isoformat()
    outbox = [
        rep.op("visit.check_in", {"id": visit, "customer_id": shop, "at": now}),
        rep.op("visit.check_in", {"id": planned, "customer_id": shop, "at": now}),
        rep.op("customer.edit", {"id": shop, "set": {"address": [None, "香港中路 1 号"]}}),
    ]
    hand_over(boss, rep, rep2, disable=True)

    assert {result["code"] for result in rep.push(*outbox)} == {"quarantined"}
    assert refused(rep.get, "/sync/v1/pull", schema=2) == "device_revoked"
    results = [boss.post(f"/api/kept-ops/{rep.device_id}/{op['id']}/replay", None) for op in outbox]
    assert [one["status"] for one in results] == ["applied", "applied", "conflict"]
    rep2.pull()
    assert {rep2.cache["visit"][one]["visitor_id"] for one in (visit, planned)} == {rep.id}
    assert [row["mine"] for row in rep2.cache["conflict"].values()] == ["香港中路 1 号"]


def test_who_does_not_leave_is_heard_as_always(world: World) -> None:
    """A change of territory: the account stays, and the phone's work is applied when it comes."""
    rep, rep2, boss = world.person("rep"), world.person("rep2"), world.person("boss")
    shop = customer(rep)
    rep.pull()
    visit = rep.op("visit.check_in", {"id": uuid7(), "customer_id": shop, "at": datetime.now(UTC).isoformat()})
    hand_over(boss, rep, rep2)
    assert [result["status"] for result in rep.push(visit)] == ["applied"]
    rep.pull()
    assert not rep.holds("customer", shop)


def test_nobody_hands_over_beyond_his_reach(world: World) -> None:
    rep, rep2, manager, stranger = (world.person(one) for one in ("rep", "rep2", "manager", "stranger"))
    customer(rep)
    for who, leaver, to, code in (
        (rep, rep, rep2, "forbidden"),
        (manager, stranger, rep, "outside_scope"),
        (manager, rep, stranger, "outside_scope"),
        (manager, rep, rep, "handover_self"),
    ):
        args = {"id": leaver.id, "to": to.id}
        assert refused(who.do, "employee.hand_over", **args) == code
        assert refused(who.post, "/api/rights/preview/employee.hand_over", args) == code
    # His own line he may hand over, but not end an account.
    assert refused(manager.do, "employee.hand_over", id=rep.id, to=rep2.id, disable=True) in (
        "forbidden",
        "outside_scope",
    )
    manager.do("employee.hand_over", id=rep.id, to=rep2.id)
