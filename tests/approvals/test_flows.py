"""Approvals: who is asked, what the first decision does, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from server.approvals.schedule import absent_approvers, old_approvals
from server.company.setup import system_context
from server.records.commands import Context
from server.records.ids import uuid7
from server.scheduler.jobs import Progress
from tests.approvals.paper import ask_for_name, flow, history, old_customer, refused, state, waiting
from tests.support.world import World


def test_a_change_of_the_name_needs_the_superior(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    customer = old_customer(world)
    answer = rep.do(
        "customer.edit", id=customer, set={"name": ["王记超市", "王记生活超市"], "address": [None, "一号"]}
    )
    assert (answer["status"], answer["code"]) == ("held", "change_needs_approval")
    paper = answer["changes"][0]["approval_id"]
    row = rep.get(f"/api/customers/{customer}")
    assert (row["name"], row["address"]) == ("王记超市", "一号")
    manager.pull()
    assert manager.cache["approval"][paper]["summary"] == [
        {"record": "customer", "field": "name", "before": "王记超市", "after": "王记生活超市"}
    ]
    assert waiting(manager, paper) == [manager.id]

    [done] = manager.push(manager.op("approval.agree", {"id": paper, "opinion": "同意改名"}))
    assert done["status"] == "applied"
    assert rep.get(f"/api/customers/{customer}")["name"] == "王记生活超市"
    rep.pull()
    assert rep.cache["approval"][paper]["state"] == "approved"
    assert history(rep, paper) == [("submitted", rep.id), ("agreed", manager.id), ("done", None)]
    [line] = [one for one in rep.get(f"/api/customers/{customer}/history") if one["command"] == "customer.change"]
    assert (line["employee_id"], line["changes"]) == (
        rep.id,
        {"name": ["王记超市", "王记生活超市"], **line["changes"]},
    )


def test_who_may_change_without_and_who_filed_it_today(world: World) -> None:
    clerk, rep = world.person("clerk"), world.person("rep")
    customer = old_customer(world)
    assert clerk.do("customer.edit", id=customer, set={"name": ["王记超市", "王记"]})["status"] == "applied"
    mine = rep.create("customer", name="李氏便利", mobile="13800000009")
    assert rep.do("customer.edit", id=mine, set={"name": ["李氏便利", "李氏便利店"]})["status"] == "applied"


def test_one_of_several_is_enough_and_the_later_one_is_told(world: World) -> None:
    manager, clerk = world.person("manager"), world.person("clerk")
    flow(world, [{"name": "内勤或经理", "who": "person", "employee_ids": [manager.id, clerk.id]}])
    paper = ask_for_name(world)
    manager.pull()
    clerk.pull()
    assert waiting(clerk, paper) == sorted([manager.id, clerk.id])
    late = clerk.op("approval.refuse", {"id": paper, "opinion": "名称不对"})
    manager.do("approval.agree", id=paper)
    [answer] = clerk.push(late)
    assert (answer["status"], answer["code"]) == ("adjusted", "decided_before")
    assert answer["changes"][0]["name"] == "李经理"
    clerk.pull()
    assert clerk.cache["approval"][paper]["state"] == "approved"
    assert ("late", clerk.id) in history(clerk, paper)
    [again] = clerk.push(late)
    assert again["status"] == "adjusted"  # the same op once more: the same answer
    assert len(history(clerk, paper)) == 4


def test_all_of_several_have_to_agree(world: World) -> None:
    rep, manager, clerk = world.person("rep"), world.person("manager"), world.person("clerk")
    people = [manager.id, clerk.id]
    flow(world, [{"name": "会签", "who": "person", "employee_ids": people, "need": "all"}])
    paper = ask_for_name(world)
    clerk.do("approval.agree", id=paper)
    assert state(rep, paper) == "running"
    assert waiting(rep, paper) == [manager.id]
    manager.do("approval.agree", id=paper)
    assert state(rep, paper) == "approved"


def test_steps_follow_each_other_and_conditions_skip_some(world: World) -> None:
    rep, manager, boss = world.person("rep"), world.person("manager"), world.person("boss")
    big = {"fact": "credit_limit", "op": "ge", "value": "50000"}
    steps: list[dict[str, Any]] = [
        {"name": "上级", "who": "superior"},
        {"name": "总经理", "who": "person", "employee_ids": [boss.id], "when": [big]},
    ]
    flow(world, steps)
    customer = old_customer(world)

    def ask(before: str | None, limit: str) -> str:
        answer = rep.do("customer.edit", id=customer, set={"credit_limit": [before, limit]})
        return str(answer["changes"][0]["approval_id"])

    small = ask(None, "49999.99")
    manager.do("approval.agree", id=small)
    assert state(rep, small) == "approved"
    assert ("skipped", None) in history(rep, small)
    large = ask("49999.99", "50000")
    manager.do("approval.agree", id=large)
    assert (state(rep, large), waiting(rep, large)) == ("running", [boss.id])
    boss.do("approval.agree", id=large)
    assert rep.get(f"/api/customers/{customer}")["credit_limit"] == "50000.00"


def test_by_role_and_by_head_of_department(world: World) -> None:
    rep, clerk, boss, stranger = (world.person(name) for name in ("rep", "clerk", "boss", "stranger"))
    department = rep.me["employee"]["department_id"]
    boss.do("department.edit", id=department, set={"head_id": [None, stranger.id]})
    flow(world, [
        {"name": "内勤", "who": "role", "role_id": clerk.me["role"]["id"]},
        {"name": "部门负责人", "who": "department_head"},
    ])  # fmt: skip
    paper = ask_for_name(world)
    assert waiting(rep, paper) == [clerk.id]
    clerk.do("approval.agree", id=paper)
    assert waiting(rep, paper) == [stranger.id]
    stranger.do("approval.agree", id=paper)
    assert state(rep, paper) == "approved"


def test_what_runs_keeps_the_flow_it_started_with(world: World) -> None:
    rep, manager, boss = world.person("rep"), world.person("manager"), world.person("boss")
    flow(world, [{"name": "上级", "who": "superior"}, {"name": "总经理", "who": "person", "employee_ids": [boss.id]}])
    before = ask_for_name(world)
    flow(world, [{"name": "上级", "who": "superior"}], base=1)
    after = ask_for_name(world, "李记粮油", "13800000002")
    for paper in (before, after):
        manager.do("approval.agree", id=paper)
    assert [state(rep, paper) for paper in (before, after)] == ["running", "approved"]
    manager.pull()
    assert [manager.cache["approval"][paper]["flow_version"] for paper in (before, after)] == [1, 2]
    assert waiting(boss, before) == [boss.id]


def test_sent_back_changed_and_handed_in_again(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    paper = ask_for_name(world)
    assert refused(manager.do, "approval.send_back", id=paper, opinion=" ") == "opinion_required"
    manager.do("approval.send_back", id=paper, opinion="请写全称")
    assert state(rep, paper) == "returned"
    customer = str(rep.get(f"/api/approvals/{paper}")["customer_id"])
    answer = rep.do("customer.edit", id=customer, set={"name": ["王记超市", "青岛王记生活超市有限公司"]})
    assert answer["changes"][0]["approval_id"] == paper
    assert (state(rep, paper), waiting(rep, paper)) == ("running", [manager.id])
    manager.do("approval.agree", id=paper)
    assert rep.get(f"/api/customers/{customer}")["name"] == "青岛王记生活超市有限公司"
    opinions = [line["opinion"] for line in _lines(rep, paper)]
    assert "请写全称" in opinions


def test_withdrawn_before_the_answer(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    paper = ask_for_name(world)
    late = manager.op("approval.agree", {"id": paper, "opinion": "可以"})
    assert refused(manager.do, "approval.withdraw", id=paper) == "not_the_requester"
    rep.do("approval.withdraw", id=paper)
    rep.do("approval.withdraw", id=paper)  # twice is once
    rep.do("approval.withdraw", id=paper, opinion="客户自己改了")
    [answer] = manager.push(late)
    assert (answer["status"], answer["code"]) == ("adjusted", "withdrawn_before")
    customer = str(rep.get(f"/api/approvals/{paper}")["customer_id"])
    assert rep.get(f"/api/customers/{customer}")["name"] == "王记超市"
    opinions = [line["opinion"] for line in _lines(rep, paper)]
    assert {"可以", "客户自己改了"} <= set(opinions)
    assert [line["state"] for line in _lines(rep, paper)].count("withdrawn") == 1
    assert refused(rep.do, "approval.resubmit", id=paper) == "approval_over"


def test_passed_on_to_a_colleague(world: World) -> None:
    rep, manager, clerk = world.person("rep"), world.person("manager"), world.person("clerk")
    paper = ask_for_name(world)
    clerk.pull()
    assert not clerk.holds("approval", paper)
    assert refused(clerk.do, "approval.agree", id=paper) == "not_asked"
    assert refused(manager.do, "approval.delegate", id=paper, to=rep.id) == "cannot_pass_on"
    manager.do("approval.delegate", id=paper, to=clerk.id, opinion="请帮忙核对")
    clerk.pull()
    assert clerk.holds("approval", paper)
    clerk.do("approval.agree", id=paper)
    assert state(rep, paper) == "approved"


def test_the_absent_are_stood_in_for_also_for_what_waits_already(world: World) -> None:
    rep, manager, clerk = world.person("rep"), world.person("manager"), world.person("clerk")
    waits = ask_for_name(world)
    today = datetime.now(UTC).astimezone().date()
    days = {"starts_on": (today - timedelta(days=1)).isoformat(), "ends_on": (today + timedelta(days=1)).isoformat()}
    assert refused(manager.create, "approval_absence", delegate_id=manager.id, **days) == "absence_self"
    manager.create("approval_absence", delegate_id=clerk.id, **days)
    fresh = ask_for_name(world, "李记粮油", "13800000002")
    for paper in (waits, fresh):
        assert waiting(rep, paper) == [clerk.id]
    clerk.do("approval.agree", id=waits)
    manager.do("approval.agree", id=fresh)  # who is away may decide all the same
    assert [state(rep, paper) for paper in (waits, fresh)] == ["approved", "approved"]
    [line] = [line for line in _lines(rep, waits) if line["state"] == "agreed"]
    assert (line["approver_id"], line["for_id"], line["decided_by"]) == (clerk.id, manager.id, clerk.id)


def test_what_is_wrong_with_a_flow_is_said(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    cases: list[tuple[dict[str, Any], str]] = [
        ({"steps": []}, "flow_empty"),
        ({"steps": [{"name": "角色", "who": "role"}]}, "flow_step"),
        ({"steps": [{"name": "谁", "who": "person", "employee_ids": [uuid7()]}]}, "flow_people"),
        ({"steps": [{"name": "上级", "who": "superior", "when": [{"fact": "colour", "op": "in", "value": ["red"]}]}]}, "flow_step"),
        ({"steps": [{"name": "上级", "who": "superior"}], "fallback": "person"}, "flow_fallback"),
        ({"steps": [{"name": "上级", "who": "superior"}], "base": 3}, "flow_changed"),
        ({"steps": [{"name": "上级", "who": "superior"}], "watched": ["owner_id"]}, "unknown_field"),
    ]  # fmt: skip
    for wrong, code in cases:
        args = {"id": uuid7(), "kind": "customer.change", "base": 0, "enabled": True, **wrong}
        assert refused(boss.do, "approval_flow.save", **args) == code
    sound = {
        "id": uuid7(),
        "kind": "customer.change",
        "base": 0,
        "enabled": True,
        "steps": [{"name": "上级", "who": "superior"}],
    }
    assert refused(rep.do, "approval_flow.save", **sound) == "forbidden"


def test_the_editor_is_told_who_would_decide(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    steps = [
        {"name": "上级", "who": "superior"},
        {
            "name": "部门负责人",
            "who": "department_head",
            "when": [{"fact": "credit_limit", "op": "gt", "value": "100"}],
        },
    ]
    body = {"kind": "customer.change", "employee_id": rep.id, "steps": steps, "facts": {"credit_limit": "50"}}
    first, second = boss.post("/api/approvals/preview", body)
    assert (first["applies"], [one["name"] for one in first["people"]]) == (True, ["李经理"])
    assert second["applies"] is False
    assert {one["why"] for one in second["people"]} == {"fallback_administrator"}
    kinds = {one["name"]: one for one in boss.get("/api/approvals/kinds")}
    assert {"customer.change", "customer.transfer", "customer.claim", "order.held"} <= set(kinds)
    assert kinds["customer.claim"]["flow"]["enabled"] is False
    with pytest.raises(Exception, match="forbidden"):
        rep.get("/api/approvals/kinds")


def test_a_step_for_the_desk_is_not_decided_from_an_outbox(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    flow(world, [{"name": "上级", "who": "superior", "desk_only": True}])
    paper = ask_for_name(world)
    [answer] = manager.push(manager.op("approval.agree", {"id": paper}))
    assert (answer["status"], answer["code"]) == ("rejected", "desk_only")
    manager.do("approval.agree", id=paper)
    assert state(rep, paper) == "approved"


def test_people_are_told(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    paper = ask_for_name(world)
    manager.pull()
    [told] = [one for one in manager.cache["notification"].values() if one["record_id"] == paper]
    assert (told["kind"], told["record_type"]) == ("approval.asked.customer.change", "approval")
    assert told["args"] == {"requester": "张三", "title": "王记超市：客户名称"}
    manager.do("approval.refuse", id=paper, opinion="不改")
    rep.pull()
    [told] = [one for one in rep.cache["notification"].values() if one["record_id"] == paper]
    assert (told["kind"], told["args"]["opinion"]) == ("approval.refused", "不改")


def _lines(person: Any, paper: str) -> list[dict[str, Any]]:
    return list(person.get("/api/approval-steps", approval_id=paper, limit=100)["items"])


def test_an_absence_that_was_entered_before_takes_effect_on_its_day(world: World) -> None:
    rep, manager, clerk = world.person("rep"), world.person("manager"), world.person("clerk")
    paper = ask_for_name(world)
    days = [(datetime.now(UTC) + timedelta(days=n)).date().isoformat() for n in (3, 5)]
    manager.create("approval_absence", delegate_id=clerk.id, starts_on=days[0], ends_on=days[1])
    assert _on_day(world, 1, absent_approvers) == {"approvals": 0}
    assert waiting(rep, paper) == [manager.id]
    assert _on_day(world, 4, absent_approvers) == {"approvals": 1}
    assert waiting(rep, paper) == [clerk.id]
    clerk.pull()
    assert clerk.holds("approval", paper)
    assert _on_day(world, 4, absent_approvers) == {"approvals": 0}  # once is enough


def test_what_was_decided_long_ago_leaves_the_devices_and_stays_at_the_company(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    done, open_one = ask_for_name(world), ask_for_name(world, "李记粮油", "13800000002")
    manager.do("approval.agree", id=done)
    assert _on_day(world, 59, old_approvals) == {"approvals": 0}
    assert _on_day(world, 61, old_approvals) == {"approvals": 1}
    for person in (rep, manager):
        person.pull()
        assert (person.holds("approval", done), person.holds("approval", open_one)) == (False, True)
        assert state(person, done) == "approved"


def _on_day(world: World, days: int, job: Callable[[Context], Progress]) -> dict[str, int]:
    """What a timed job does when so many days have passed."""

    def work(session: Session) -> dict[str, int]:
        return job(system_context(session, now=datetime.now(UTC) + timedelta(days=days))).counts

    return dict(world.in_loop(world.app.state.services.writer.run, work))
