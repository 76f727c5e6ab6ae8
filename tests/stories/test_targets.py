"""Targets: drafted by the person or who leads him, approved by the company's flow, and reached by the work itself. On both
engines, through the public API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.records.ids import uuid7
from server.worklogs.periods import period_of
from tests.approvals.paper import flow, refused, state, waiting
from tests.orders.trade import line, pay, place, product
from tests.support.fieldwork import check_in, new_shop
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
GOALS = {"visits": 4, "new_customers": 2, "deal_amount": "1000.00", "received_amount": "500.00"}


def draft(who: Person, person: Person | None = None, kind: str = "month", day: date = TODAY, **values: Any) -> str:
    """Drafts a target; its id."""
    period = period_of("month" if kind == "other" else kind, day)
    dates = {"start_date": period.start.isoformat(), "end_date": period.end.isoformat()}
    values = {"person_id": (person or who).id, "kind": kind, **dates, **GOALS, **values}
    return who.create("target", **values)


def hand_in(who: Person, target: str, **more: Any) -> str:
    paper = uuid7()
    answer = who.do("target.submit", id=paper, target_id=target, **more)
    assert answer["result"]["state"] in ("running", "approved"), answer
    return str(answer["result"]["id"])


def in_force(world: World, who: str = "rep", **values: Any) -> str:
    """A target of this person that his superior agreed to."""
    target = draft(world.person(who), **values)
    world.person("manager").do("approval.agree", id=hand_in(world.person(who), target))
    return target


def target_of(person: Person, target: str) -> dict[str, Any]:
    return dict(person.get(f"/api/targets/{target}"))


def numbers(measures: list[dict[str, Any]]) -> dict[str, tuple[Any, Any, Any]]:
    return {one["name"]: (one["goal"], one["actual"], one["rate"]) for one in measures}


# -- drafting and approving


def test_a_rep_drafts_his_target_and_his_superior_agrees_in_two_taps(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    target = draft(rep)
    assert target_of(rep, target)["state"] == "draft"
    paper = hand_in(rep, target, reason="旺季")
    assert target_of(rep, target)["state"] == "asked"
    assert waiting(rep, paper) == [manager.id]
    manager.pull()
    row = manager.cache["approval"][paper]
    asked = {one["field"]: one["after"] for one in row["summary"]}
    assert asked == {"person_id": rep.id, "period": f"{TODAY:%Y-%m}", **GOALS}
    assert (row["title"], row["amount"]) == (f"{rep.me['employee']['real_name']} {TODAY:%Y-%m}", "1000.00")
    manager.do("approval.agree", id=paper)
    rep.pull()
    mine = rep.cache["target"][target]
    assert (mine["state"], mine["visits"], mine["deal_amount"]) == ("approved", 4, "1000.00")
    assert mine["approved_at"]


def test_a_manager_drafts_for_whom_he_leads_and_the_rep_finds_it_on_his_phone(world: World) -> None:
    rep, manager, boss = world.person("rep"), world.person("manager"), world.person("boss")
    target = draft(manager, rep)
    paper = hand_in(manager, target)
    rep.pull()
    assert rep.cache["target"][target]["state"] == "asked"
    asked = waiting(boss, paper)
    assert manager.id not in asked
    assert rep.id not in asked
    boss.do("approval.agree", id=paper)
    rep.pull()
    assert rep.cache["target"][target]["state"] == "approved"
    [told] = [one for one in rep.cache["notification"].values() if one["kind"] == "target.in_force"]
    assert (told["record_id"], told["args"]) == (target, {"period": f"{TODAY:%Y-%m}"})


def test_nobody_drafts_for_whom_he_does_not_lead_and_sees_no_target_of_his(world: World) -> None:
    rep, stranger, manager = world.person("rep"), world.person("stranger"), world.person("manager")
    assert refused(draft, rep, world.person("rep2")) == "outside_scope"
    assert refused(draft, manager, stranger) == "outside_scope"
    target = draft(rep)
    assert refused(target_of, stranger, target) == "not_found"
    assert refused(stranger.do, "target.submit", id=uuid7(), target_id=target) == "outside_scope"
    assert target_of(manager, target)["person_id"] == rep.id
    stranger.pull()
    assert not stranger.holds("target", target)


def test_sent_back_is_changed_and_goes_on_with_the_same_approval(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    target = draft(rep)
    paper = hand_in(rep, target)
    assert refused(rep.do, "target.edit", id=target, set={"visits": [4, 9]}) == "target_asked"
    assert refused(rep.do, "target.delete", id=target) == "target_asked"
    assert refused(hand_in, rep, target) == "target_asked"
    manager.do("approval.send_back", id=paper, opinion="拜访太少")
    assert target_of(rep, target)["state"] == "returned"
    rep.do("target.edit", id=target, set={"visits": [4, 20]})
    assert hand_in(rep, target) == paper
    manager.do("approval.agree", id=paper)
    assert (target_of(rep, target)["visits"], target_of(rep, target)["state"]) == (20, "approved")


def test_refused_or_withdrawn_it_can_be_changed_or_deleted(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    target = draft(rep)
    manager.do("approval.refuse", id=hand_in(rep, target), opinion="不行")
    assert target_of(rep, target)["state"] == "refused"
    rep.do("target.edit", id=target, set={"new_customers": [2, 3]})
    assert target_of(rep, target)["state"] == "draft"
    rep.do("approval.withdraw", id=hand_in(rep, target))
    assert target_of(rep, target)["state"] == "draft"
    rep.do("target.delete", id=target)
    draft(rep)  # the period is free again


def test_new_numbers_of_a_target_in_force_hold_when_they_are_agreed_to(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    target = in_force(world)
    assert refused(rep.do, "target.edit", id=target, set={"visits": [4, 1]}) == "target_in_force"
    assert refused(rep.do, "target.delete", id=target) == "target_in_force"
    assert refused(rep.do, "target.submit", id=uuid7(), target_id=target) == "nothing_changed"
    paper = hand_in(rep, target, goals={"visits": 6})
    line_of = {one["field"]: one for one in rep.get(f"/api/approvals/{paper}")["summary"]}
    assert (line_of["visits"]["before"], line_of["visits"]["after"]) == (4, 6)
    assert "before" not in line_of["deal_amount"]
    assert (target_of(rep, target)["state"], target_of(rep, target)["visits"]) == ("approved", 4)
    manager.do("approval.agree", id=paper)
    assert (target_of(rep, target)["state"], target_of(rep, target)["visits"]) == ("approved", 6)


def test_a_company_that_wants_no_approval_has_it_in_force_at_once(world: World) -> None:
    rep = world.person("rep")
    flow(world, [{"name": "上级审批", "who": "superior"}], "target.fix", enabled=False)
    target = draft(rep)
    hand_in(rep, target)
    assert target_of(rep, target)["state"] == "approved"


def test_conditions_of_a_flow_look_at_the_numbers_and_at_whose_it_is(world: World) -> None:
    rep = world.person("rep")
    big = [{"fact": "deal_amount", "op": "ge", "value": "100000"}]
    flow(world, [{"name": "上级审批", "who": "superior", "when": big}], "target.fix")
    target = draft(rep)
    hand_in(rep, target)
    assert target_of(rep, target)["state"] == "approved"
    other = draft(rep, kind="year", deal_amount="100000.00")
    hand_in(rep, other)
    assert target_of(rep, other)["state"] == "asked"


# -- bad input


def test_a_second_target_for_the_same_period_is_refused(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    draft(rep)
    with pytest.raises(Refused) as caught:
        draft(manager, rep)
    assert caught.value.code == "target_exists"
    draft(rep, kind="quarter")
    draft(rep, day=TODAY + timedelta(days=40))
    days: dict[str, Any] = {"start_date": TODAY.isoformat(), "end_date": (TODAY + timedelta(days=20)).isoformat()}
    draft(rep, kind="other", **days)
    later = {
        "start_date": (TODAY + timedelta(days=20)).isoformat(),
        "end_date": (TODAY + timedelta(days=50)).isoformat(),
    }
    assert refused(rep.create, "target", person_id=rep.id, kind="other", **later, **GOALS) == "target_exists"


def test_rep_and_manager_draft_the_same_target_at_the_same_second(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")

    def attempt(who: Person) -> str:
        try:
            return draft(who, rep) and "made"
        except Refused as error:
            return error.code

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(attempt, (rep, manager)))
    assert outcomes == ["made", "target_exists"]
    assert len(rep.get("/api/targets")["items"]) == 1


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"start_date": "2099-11-02", "end_date": "2099-11-30"}, "target_dates"),
        ({"start_date": "2099-11-01", "end_date": "2099-12-31"}, "target_dates"),
        ({"start_date": "2099-11-30", "end_date": "2099-11-01"}, "period_reversed"),
        ({"kind": "other", "start_date": "2050-01-01", "end_date": "2053-01-01"}, "target_too_long"),
        ({"start_date": "2020-11-01", "end_date": "2020-11-30"}, "target_over"),
        ({"start_date": "1871-11-01", "end_date": "1871-11-30"}, "wrong_type"),
        ({"visits": None, "new_customers": 0, "deal_amount": None, "received_amount": "0.00"}, "target_empty"),
        ({"visits": -1}, "too_small"),
        ({"visits": 4.5}, "malformed"),
        ({"deal_amount": "-5.00"}, "too_small"),
        ({"person_id": "01900000-0000-7000-8000-000000000000"}, "unknown_reference"),
        ({"state": "approved"}, "readonly_field"),
    ],
)  # fmt: skip
def test_wrong_dates_and_numbers_are_refused(world: World, values: dict[str, Any], code: str) -> None:
    assert refused(draft, world.person("boss"), world.person("rep"), **values) == code


def test_a_step_with_nobody_and_an_approver_who_is_disabled(world: World) -> None:
    """赵六 has no superior: administrators are asked. 李四's is disabled while it waits: the same."""
    stranger, rep, boss = world.person("stranger"), world.person("rep"), world.person("boss")
    lonely = draft(stranger)
    assert boss.id in waiting(boss, hand_in(stranger, lonely))
    target = draft(rep)
    paper = hand_in(rep, target)
    boss.do("employee.edit", id=world.person("manager").id, set={"status": ["enabled", "disabled"]})
    assert boss.id in waiting(boss, paper)
    boss.do("approval.agree", id=paper)
    assert (state(rep, paper), target_of(rep, target)["state"]) == ("approved", "approved")


def test_drafted_without_network_it_arrives_with_its_period_and_is_handed_in(world: World) -> None:
    rep = world.person("rep")
    target, paper = uuid7(), uuid7()
    period = period_of("month", TODAY)
    values = {
        "person_id": rep.id, "kind": "month", "start_date": period.start.isoformat(), "end_date": period.end.isoformat(),
        **GOALS,
    }  # fmt: skip
    made = rep.op("target.create", {"id": target, "values": values})
    asked = rep.op("target.submit", {"id": paper, "target_id": target}, needs=[made["id"]])
    assert [one["status"] for one in rep.push(made, asked)] == ["applied", "applied"]
    assert [one["status"] for one in rep.push(made, asked)] == ["applied", "applied"]  # sent again: done once
    again = rep.op("target.create", {"id": uuid7(), "values": values})
    [second] = rep.push(again)
    assert (second["status"], second["code"]) == ("rejected", "target_exists")
    assert target_of(rep, target)["state"] == "asked"


# -- attainment


def some_work(world: World, who: str = "rep") -> dict[str, str]:
    """Two new customers, three visits, two orders of 120 and 240, one of them cancelled, and 50 received."""
    person = world.person(who)
    shops = [new_shop(person, f"{who} {number}") for number in (1, 2)]
    for shop in (*shops, shops[0]):
        person.push(check_in(person, shop))
    goods = product(world, f"青岛纯生 {who}")
    kept = place(person, shops[0], line(goods, "10"))
    gone = place(person, shops[1], line(goods, "20"))
    world.person("manager").do("order.approve", id=gone.id)
    world.person("manager").do("order.cancel", id=gone.id, reason="不要了")
    pay(person, kept.id, "50.00")
    return {"first": shops[0], "second": shops[1]}


def test_what_was_reached_is_counted_from_the_work_and_each_number_is_its_list(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    in_force(world)
    some_work(world)
    some_work(world, "rep2")
    found = manager.get("/api/attainment")
    people = {one["name"]: one for one in found["people"]}
    mine = people[rep.me["employee"]["real_name"]]
    assert numbers(mine["measures"]) == {
        "visits": (4, 3, 0.75),
        "new_customers": (2, 2, 1.0),
        "deal_amount": ("1000.00", "120.00", 0.12),
        "received_amount": ("500.00", "50.00", 0.1),
    }
    assert mine["target"]["in_force"]
    sums = {"deal_amount": "payable", "received_amount": "amount"}
    places = [one["measures"] for one in (*found["people"], *found["departments"])] + [found["total"]]
    for measures in places:
        for one in measures:
            rows = manager.get(one["link"]["path"], limit=200, **one["link"]["params"])["items"]
            field = sums.get(one["name"])
            behind = str(sum((Decimal(row[field]) for row in rows), Decimal("0.00"))) if field else len(rows)
            assert one["actual"] == behind, one


def test_it_agrees_with_the_numbers_of_the_work_report_of_the_same_days(world: World) -> None:
    rep = world.person("rep")
    in_force(world)
    some_work(world)
    counts = rep.do("report.submit", id=uuid7(), kind="month", report_date=TODAY.isoformat(), summary="本月")[
        "result"
    ]["counts"]
    [mine] = rep.get("/api/attainment")["people"]
    assert {one["name"]: one["actual"] for one in mine["measures"]} == {
        "visits": counts["visits"],
        "new_customers": counts["new_customers"],
        "deal_amount": counts["order_amount"],
        "received_amount": counts["payment_amount"],
    }


def test_one_goes_from_the_department_to_the_person(world: World) -> None:
    boss, rep, stranger = world.person("boss"), world.person("rep"), world.person("stranger")
    top = boss.me["employee"]["department_id"]
    south = boss.create("department", name="华南部", parent_id=top)
    boss.do("employee.edit", id=stranger.id, set={"department_id": [top, south]})
    in_force(world)
    some_work(world)
    stranger.push(check_in(stranger, new_shop(stranger, "南风商店")))
    found = boss.get("/api/attainment")
    branches = {one["department_id"]: one for one in found["departments"]}
    assert numbers(branches[south]["measures"])["visits"] == (None, 1, None)
    assert numbers(branches[top]["measures"])["visits"] == (4, 4, 1.0)
    assert (branches[top]["with_target"], branches[south]["with_target"], branches[south]["parent_id"]) == (1, 0, top)
    below = boss.get("/api/attainment", department_id=south)
    assert [one["employee_id"] for one in below["people"]] == [stranger.id]
    assert rep.id not in {one["employee_id"] for one in below["people"]}


def test_a_draft_is_no_goal_yet_and_another_period_has_its_own(world: World) -> None:
    rep = world.person("rep")
    target = draft(rep)
    [mine] = rep.get("/api/attainment")["people"]
    assert (mine["target"]["id"], mine["target"]["in_force"]) == (target, False)
    assert {one["goal"] for one in mine["measures"]} == {None}
    some_work(world)
    last = rep.get("/api/attainment", day=(TODAY.replace(day=1) - timedelta(days=1)).isoformat())
    assert {one["actual"] for one in last["total"]} == {0, "0.00"}
    year = rep.get("/api/attainment", kind="year")
    assert numbers(year["total"])["visits"] == (None, 3, None)
    with pytest.raises(Refused) as caught:
        rep.get("/api/attainment", kind="century")
    assert caught.value.status == 400


def test_a_target_of_days_of_its_own_is_counted_in_them(world: World) -> None:
    rep, stranger = world.person("rep"), world.person("stranger")
    days: dict[str, Any] = {"start_date": TODAY.isoformat(), "end_date": (TODAY + timedelta(days=3)).isoformat()}
    target = in_force(world, kind="other", **days)
    some_work(world)
    found = rep.get(f"/api/attainment/{target}")
    assert numbers(found["measures"])["visits"] == (4, 3, 0.75)
    with pytest.raises(Refused) as caught:
        stranger.get(f"/api/attainment/{target}")
    assert caught.value.status == 404


def test_amounts_that_one_may_not_read_are_told_neither_as_goal_nor_as_reached(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    target = in_force(world)
    some_work(world)
    boss.do("role.grant", ids=[rep.me["role"]["id"]], fields={"money": "hidden"})
    [mine] = rep.get("/api/attainment")["people"]
    found = numbers(mine["measures"])
    assert found["visits"] == (4, 3, 0.75)
    assert found["deal_amount"] == found["received_amount"] == (None, None, None)
    assert target_of(rep, target).get("deal_amount") is None


def test_everybody_counts_only_what_he_may_see(world: World) -> None:
    some_work(world)
    some_work(world, "rep2")
    seen = {
        name: {one["name"] for one in world.person(name).get("/api/attainment")["people"]}
        for name in ("rep", "manager", "stranger")
    }
    assert (len(seen["rep"]), len(seen["stranger"])) == (1, 1)
    assert len(seen["manager"]) == 3
    assert refused(world.person("clerk").get, "/api/attainment") == "forbidden"
    total = numbers(world.person("manager").get("/api/attainment")["total"])
    assert total["visits"][1] == 6


def test_the_report_of_targets_is_the_list_of_those_in_force(world: World) -> None:
    in_force(world)
    in_force(world, "rep2", visits=10)
    draft(world.person("rep"), day=TODAY + timedelta(days=40))
    found = world.person("manager").get("/api/reports/targets.all", period="this_month")
    assert found["totals"][0] == [2, 14, 4, "2000.00", "1000.00"]
    assert datetime.fromisoformat(found["at"]) <= datetime.now(UTC) + timedelta(minutes=1)
