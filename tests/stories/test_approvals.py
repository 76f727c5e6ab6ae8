"""Approvals where something goes wrong: nobody there, somebody gone, no room left, two at once. Nothing waits for ever,
nothing is lost, and everybody is told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.records.ids import uuid7
from tests.approvals.paper import ask_for_name, flow, history, old_customer, refused, state, waiting
from tests.orders.trade import line, order, place, place_args, product
from tests.support.world import Person, World

pytestmark = pytest.mark.stories


def limit(world: World, username: str, most: int | None) -> None:
    boss, person = world.person("boss"), world.person(username)
    now = boss.get(f"/api/employees/{person.id}")["max_customers"]
    boss.do("employee.edit", id=person.id, set={"max_customers": [now, most]})


def set_status(world: World, username: str, before: str, after: str) -> None:
    boss = world.person("boss")
    boss.do("employee.edit", id=world.person(username).id, set={"status": [before, after]})


def why(person: Person, paper: str) -> list[tuple[str, str]]:
    items = person.get("/api/approval-steps", approval_id=paper, limit=100, sort="seq")["items"]
    return [(item["why"], item["approver_id"]) for item in items if item["why"]]


def transfer(rep: Person, customer: str, to: Person) -> str:
    paper = uuid7()
    answer = rep.do("customer.transfer", id=paper, ids=[customer], to=to.id, reason="片区调整")
    assert (answer["status"], answer["result"]["state"]) == ("applied", "running")
    return paper


# -- a step has nobody


def test_a_step_with_nobody_goes_to_the_head_of_the_department_above_and_then_to_administrators(world: World) -> None:
    """赵六 has no superior. First nobody is head of anything; later 陈内勤 heads the department."""
    stranger, clerk, boss = world.person("stranger"), world.person("clerk"), world.person("boss")
    customer = old_customer(world)
    clerk.do("customer.assign", ids=[customer], owner_id=stranger.id)
    first = transfer(stranger, customer, world.person("rep2"))
    people = {who for _, who in why(boss, first)}
    assert {rule for rule, _ in why(boss, first)} == {"fallback_administrator"}
    assert boss.id in people
    stranger.do("approval.withdraw", id=first)
    boss.do("department.edit", id=stranger.me["employee"]["department_id"], set={"head_id": [None, clerk.id]})
    second = transfer(stranger, customer, world.person("rep2"))
    assert why(boss, second) == [("fallback_head", clerk.id)]
    clerk.pull()
    assert clerk.holds("approval", second)
    clerk.do("approval.agree", id=second)
    assert state(stranger, second) == "approved"


def test_a_role_that_nobody_has_goes_to_the_people_the_flow_names(world: World) -> None:
    boss, rep, clerk = world.person("boss"), world.person("rep"), world.person("clerk")
    role = boss.create("role", name="法务", permissions={"approval.view": "own"})
    flow(
        world, [{"name": "法务", "who": "role", "role_id": role}], fallback="person", fallback_ids=[clerk.id]
    )  # fmt: skip
    paper = ask_for_name(world)
    assert why(rep, paper) == [("fallback_person", clerk.id)]


def test_nobody_decides_on_his_own_request(world: World) -> None:
    rep, manager, boss = world.person("rep"), world.person("manager"), world.person("boss")
    flow(world, [{"name": "经理", "who": "person", "employee_ids": [rep.id, manager.id]}])
    paper = ask_for_name(world)
    assert waiting(rep, paper) == [manager.id]
    flow(world, [{"name": "自己", "who": "person", "employee_ids": [rep.id]}], base=1)
    other = ask_for_name(world, "李记粮油", "13800000002")
    assert boss.id in waiting(rep, other)
    assert rep.id not in waiting(rep, other)


# -- an approver is disabled


def test_the_approver_is_disabled_while_it_waits(world: World) -> None:
    rep, manager, boss = world.person("rep"), world.person("manager"), world.person("boss")
    paper = ask_for_name(world)
    assert waiting(rep, paper) == [manager.id]
    set_status(world, "manager", "enabled", "disabled")
    assert ("unavailable", manager.id) in history(rep, paper)
    assert boss.id in waiting(rep, paper)
    boss.pull()
    assert boss.holds("approval", paper)
    boss.do("approval.agree", id=paper)
    assert state(rep, paper) == "approved"
    # One who comes back finds it on the devices again, decided.
    set_status(world, "manager", "disabled", "enabled")
    back = world.sign_in("manager", manager.device_id, manager.key)
    back.pull()
    assert back.cache["approval"][paper]["state"] == "approved"


def test_one_of_all_is_disabled_and_the_others_are_not_asked_twice(world: World) -> None:
    rep, manager, clerk = world.person("rep"), world.person("manager"), world.person("clerk")
    flow(world, [{"name": "会签", "who": "person", "employee_ids": [manager.id, clerk.id], "need": "all"}])
    paper = ask_for_name(world)
    clerk.do("approval.agree", id=paper)
    set_status(world, "manager", "enabled", "disabled")
    assert clerk.id not in waiting(rep, paper)
    assert waiting(rep, paper)
    world.person("boss").do("approval.agree", id=paper)
    assert state(rep, paper) == "approved"  # of the administrators one is enough
    assert ("agreed", clerk.id) in history(rep, paper)


def test_who_stood_in_is_disabled_and_the_absent_one_is_asked_again(world: World) -> None:
    rep, manager, clerk = world.person("rep"), world.person("manager"), world.person("clerk")
    start = datetime.now(UTC).date() - timedelta(days=1)
    manager.create(
        "approval_absence", delegate_id=clerk.id, starts_on=start.isoformat(),
        ends_on=(start + timedelta(days=9)).isoformat(),
    )  # fmt: skip
    paper = ask_for_name(world)
    assert waiting(rep, paper) == [clerk.id]
    set_status(world, "clerk", "enabled", "disabled")
    assert waiting(rep, paper) == [manager.id]
    manager.do("approval.agree", id=paper)
    assert state(rep, paper) == "approved"


# -- a transfer is approved while the receiver is at the limit


def test_a_transfer_is_approved_while_the_receiver_is_at_the_limit(world: World) -> None:
    rep, rep2, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    customer = old_customer(world)
    limit(world, "rep2", 1)
    paper = transfer(rep, customer, rep2)
    rep2.create("customer", name="城阳五金", mobile="13800000003")  # the last place is taken meanwhile
    answer = manager.do("approval.agree", id=paper, opinion="同意")
    assert (answer["status"], answer["code"]) == ("adjusted", "approval_failed")
    assert "最多跟进 1 个客户" in answer["changes"][0]["problem"]
    rep.pull()
    row = rep.cache["approval"][paper]
    assert (row["state"], row["outcome"], row["outcome_detail"]["max"]) == ("failed", "customer_limit", 1)
    assert rep.holds("customer", customer)
    assert rep.get(f"/api/customers/{customer}")["owner_id"] == rep.id
    told = [one["kind"] for one in rep.cache["notification"].values() if one["record_id"] == paper]
    assert told == ["approval.failed"]
    assert refused(rep2.do, "approval.retry", id=paper) == "not_asked"
    assert rep.do("approval.retry", id=paper)["code"] == "approval_failed"  # still no room
    limit(world, "rep2", 2)
    manager.do("approval.retry", id=paper)
    assert state(rep, paper) == "approved"
    rep.pull()
    rep2.pull()
    assert (rep.holds("customer", customer), rep2.holds("customer", customer)) == (False, True)
    record = manager.get(f"/api/approvals/{paper}")["summary"][0]
    assert (record["name"], record["before"], record["after"]) == ("王记超市", rep.id, rep2.id)  # CU-37


def test_a_transfer_that_cannot_be_is_refused_at_once(world: World) -> None:
    rep, rep2, stranger = world.person("rep"), world.person("rep2"), world.person("stranger")
    customer = old_customer(world)
    limit(world, "rep2", 0)
    args: dict[str, Any] = {"id": uuid7(), "ids": [customer], "reason": "离职"}
    assert refused(rep.do, "customer.transfer", to=rep2.id, **args) == "customer_limit"
    assert refused(rep.do, "customer.transfer", to=rep.id, **args) == "transfer_to_owner"
    assert refused(stranger.do, "customer.transfer", to=stranger.id, **args) == "outside_scope"
    assert refused(rep.do, "customer.transfer", to=stranger.id, **{**args, "reason": " "}) == "required"
    set_status(world, "rep2", "enabled", "disabled")
    assert refused(rep.do, "customer.transfer", to=rep2.id, **args) == "employee_unavailable"


def test_the_customer_has_moved_before_the_transfer_is_agreed_to(world: World) -> None:
    rep, rep2, stranger, manager = (world.person(name) for name in ("rep", "rep2", "stranger", "manager"))
    customer = old_customer(world)
    paper = transfer(rep, customer, rep2)
    world.person("clerk").do("customer.assign", ids=[customer], owner_id=stranger.id)
    assert manager.do("approval.agree", id=paper)["code"] == "approval_failed"
    assert rep.get(f"/api/approvals/{paper}")["outcome"] == "not_with_owner"
    assert world.person("clerk").get(f"/api/customers/{customer}")["owner_id"] == stranger.id


# -- claims


def in_the_pool(world: World) -> str:
    customer = old_customer(world)
    world.person("clerk").do("customer.assign", ids=[customer], owner_id=None)
    return customer


def test_two_reps_claim_the_same_customer_at_the_same_second(world: World) -> None:
    rep, rep2 = world.person("rep"), world.person("rep2")
    customer = in_the_pool(world)
    assert rep.do("customer.claim", id=uuid7(), ids=[customer])["result"]["state"] == "approved"
    [answer] = rep2.push(rep2.op("customer.claim", {"id": uuid7(), "ids": [customer]}))
    assert (answer["status"], answer["code"], answer["detail"]["name"]) == ("rejected", "not_in_pool", "王记超市")
    rep.pull()
    rep2.pull()
    assert (rep.holds("customer", customer), rep2.holds("customer", customer)) == (True, False)


def test_where_claims_need_approval_the_first_that_is_agreed_to_has_it(world: World) -> None:
    rep, rep2, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    flow(world, [{"name": "上级", "who": "superior"}], "customer.claim")
    customer = in_the_pool(world)
    papers = [uuid7(), uuid7()]
    for person, paper in zip((rep, rep2), papers, strict=True):
        assert person.do("customer.claim", id=paper, ids=[customer])["code"] == "claim_needs_approval"
    manager.do("approval.agree", id=papers[1])
    assert manager.do("approval.agree", id=papers[0])["code"] == "approval_failed"
    assert [state(manager, paper) for paper in papers] == ["failed", "approved"]
    assert rep2.get(f"/api/customers/{customer}")["owner_id"] == rep2.id


def test_the_limit_holds_for_claims(world: World) -> None:
    rep = world.person("rep")
    customer = in_the_pool(world)
    limit(world, "rep", 0)
    assert refused(rep.do, "customer.claim", id=uuid7(), ids=[customer]) == "customer_limit"


# -- what changed meanwhile


def test_the_file_says_something_else_by_now(world: World) -> None:
    rep, manager, clerk = world.person("rep"), world.person("manager"), world.person("clerk")
    paper = ask_for_name(world)
    customer = str(rep.get(f"/api/approvals/{paper}")["customer_id"])
    clerk.do("customer.edit", id=customer, set={"name": ["王记超市", "王记百货"]})
    assert manager.do("approval.agree", id=paper)["code"] == "approval_failed"
    assert rep.get(f"/api/customers/{customer}")["name"] == "王记百货"
    rep.do("approval.withdraw", id=paper)
    again = rep.do("customer.request_change", id=uuid7(), customer_id=customer, reason="门头已换",
                   set={"name": ["王记百货", "王记超市新店"]})  # fmt: skip
    manager.do("approval.agree", id=again["result"]["id"])
    assert rep.get(f"/api/customers/{customer}")["name"] == "王记超市新店"


def test_what_one_asks_for_in_two_goes_is_one_request(world: World) -> None:
    """On a phone without network: first the name, then the credit limit, then a better name."""
    rep, manager = world.person("rep"), world.person("manager")
    customer = old_customer(world)
    answers = rep.push(
        rep.op("customer.edit", {"id": customer, "set": {"name": ["王记超市", "王记"]}}),
        rep.op("customer.edit", {"id": customer, "set": {"credit_limit": [None, "500"]}}),
        rep.op("customer.edit", {"id": customer, "set": {"name": ["王记", "王记生活"]}}),
    )
    assert [answer["status"] for answer in answers] == ["held", "held", "held"]
    assert len({answer["changes"][0]["approval_id"] for answer in answers}) == 1
    manager.do("approval.agree", id=answers[0]["changes"][0]["approval_id"])
    row = rep.get(f"/api/customers/{customer}")
    assert (row["name"], row["credit_limit"]) == ("王记生活", "500.00")


# -- held orders


def held_order(world: World) -> str:
    rep = world.person("rep")
    customer, beer = old_customer(world), product(world, price="10")
    world.person("clerk").do("customer.edit", id=customer, set={"credit_limit": [None, "100"]})
    args = place_args(customer, line(beer, "50", "10.00"))
    [result] = rep.push(rep.op("order.place", args))
    assert result["code"] == "credit_exceeded"
    return str(args["id"])


def paper_of(person: Person, order_id: str) -> dict[str, Any]:
    [row] = person.get("/api/approvals", record_id=order_id)["items"]
    return dict(row)


def test_a_held_order_is_let_pass_from_the_managers_list(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    held = held_order(world)
    manager.pull()
    [paper] = [row for row in manager.cache["approval"].values() if row["record_id"] == held]
    assert (paper["kind"], paper["amount"], paper["requester_id"]) == ("order.held", "500.00", rep.id)
    [done] = manager.push(manager.op("approval.agree", {"id": paper["id"]}))
    assert done["status"] == "applied"
    row = order(rep, held)
    assert (row["state"], row["hold_reason"], row["approved_by"]) == ("picking", None, manager.id)


def test_a_held_order_is_refused_from_the_list(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    held = held_order(world)
    manager.do("approval.refuse", id=paper_of(manager, held)["id"], opinion="先结清旧款")
    row = order(rep, held)
    assert (row["state"], row["cancel_reason"], row["cancelled_by"]) == ("cancelled", "先结清旧款", manager.id)


def test_a_held_order_decided_at_the_order_leaves_the_list(world: World) -> None:
    rep, manager, clerk = world.person("rep"), world.person("manager"), world.person("clerk")
    held = held_order(world)
    clerk.do("order.release", id=held, decision="approve", note="老客户")
    paper = paper_of(manager, held)
    assert paper["state"] == "approved"
    assert ("agreed", clerk.id) in history(manager, paper["id"])
    assert ("not_needed", manager.id) in history(manager, paper["id"])
    assert manager.do("approval.agree", id=paper["id"])["code"] == "decided_before"
    assert order(rep, held)["approved_by"] == clerk.id


def test_an_order_that_became_smaller_needs_no_decision_any_more(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    held = held_order(world)
    beer = rep.get("/api/order-lines", order_id=held)["items"][0]
    rep.do("order.change_lines", id=held, lines=[line(beer["product_id"], "5", "10.00")])
    assert order(rep, held)["hold_reason"] is None
    assert paper_of(manager, held)["state"] == "withdrawn"
    again = place(rep, order(rep, held)["customer_id"], line(beer["product_id"], "50", "10.00"))
    assert paper_of(manager, again.id)["state"] == "running"
    rep.do("order.delete", id=again.id)
    assert paper_of(manager, again.id)["state"] == "withdrawn"


# -- at the same moment


def test_three_decide_at_the_same_moment_and_one_decision_counts(world: World) -> None:
    rep, deciders = world.person("rep"), [world.person(name) for name in ("manager", "clerk", "boss")]
    flow(world, [{"name": "任一", "who": "person", "employee_ids": [one.id for one in deciders]}])
    paper = ask_for_name(world)
    ops = [one.op("approval.agree", {"id": paper, "opinion": one.username}) for one in deciders]
    with ThreadPoolExecutor(3) as threads:
        answers = list(threads.map(lambda pair: pair[0].push(pair[1])[0], zip(deciders, ops, strict=True)))
    assert sorted(answer["status"] for answer in answers) == ["adjusted", "adjusted", "applied"]
    lines = [result for result, _ in history(rep, paper)]
    assert (lines.count("agreed"), lines.count("late"), lines.count("done")) == (1, 2, 1)
    changed = [one for one in rep.get(f"/api/customers/{_customer(rep, paper)}/history") if one["op"] != "d"]
    assert sum(one["command"] == "customer.change" for one in changed) == 1


def test_the_same_decision_sent_twice_and_a_stranger_with_the_id_change_nothing(world: World) -> None:
    rep, manager, stranger = world.person("rep"), world.person("manager"), world.person("stranger")
    paper = ask_for_name(world)
    for command, args in (
        ("approval.agree", {}),
        ("approval.refuse", {"opinion": "不行"}),
        ("approval.delegate", {"to": stranger.id}),
        ("approval.withdraw", {}),
        ("approval.retry", {}),
    ):
        assert refused(stranger.do, command, id=paper, **args) in ("not_asked", "not_the_requester", "approval_over")
    assert refused(stranger.get, f"/api/approvals/{paper}") == "not_found"
    op = manager.op("approval.agree", {"id": paper})
    assert [manager.push(op)[0]["status"] for _ in range(3)] == ["applied"] * 3
    assert [result for result, _ in history(rep, paper)].count("agreed") == 1
    for command in ("customer.change", "customer.hand_over"):  # what is done in the end is nobody's to run
        answer = rep.push(rep.op(command, {"id": _customer(rep, paper), "set": {"name": [None, "偷改"]}}))[0]
        assert (answer["status"], answer["code"]) == ("held", "unknown_command")


def _customer(person: Person, paper: str) -> str:
    return str(person.get(f"/api/approvals/{paper}")["customer_id"])


# -- what holds at once and is looked at afterwards (SY-10)


def told(person: Person, paper: str) -> list[str]:
    """What somebody was told about a document, oldest first."""
    person.pull()
    rows = [one for one in person.cache["notification"].values() if one["record_id"] == paper]
    return [str(one["kind"]) for one in sorted(rows, key=lambda one: str(one["created_at"]))]


def paper_about(person: Person, record_id: str, kind: str) -> dict[str, Any]:
    """The latest document of this kind about a record."""
    [first, *_] = person.get("/api/approvals", record_id=record_id, kind=kind, sort="-created_at")["items"]
    return dict(first)


def test_a_new_customer_works_at_once_and_is_corrected_or_disabled_by_who_is_asked(world: World) -> None:
    rep, manager, clerk, boss = (world.person(name) for name in ("rep", "manager", "clerk", "boss"))
    before = rep.create("customer", name="老店", mobile="13800000010")
    assert rep.get(f"/api/customers/{before}")["review"] is None  # no flow: there at once, nobody is asked
    normal, big = world.option("customer_category", "潜在客户"), world.option("customer_category", "正式客户")
    is_big = {"fact": "category_id", "op": "in", "value": [big]}
    flow(world, [
        {"name": "上级", "who": "superior", "when": [{"fact": "category_id", "op": "not_in", "value": [normal]}]},
        {"name": "总经理", "who": "person", "employee_ids": [boss.id], "when": [is_big]},
    ], "customer.new")  # fmt: skip
    small = rep.create("customer", name="小店", mobile="13800000011", category_id=normal)
    filed_by_clerk = clerk.create("customer", name="内勤建档", mobile="13800000012")
    for nobody_asked in (small, filed_by_clerk):
        assert clerk.get(f"/api/customers/{nobody_asked}")["review"] is None

    # Filed and visited without network; the mark comes with the answer, and nothing is refused.
    shop, visit, at = uuid7(), uuid7(), datetime.now(UTC).isoformat()
    answers = rep.push(
        rep.op(
            "customer.create", {"id": shop, "values": {"name": "新店", "mobile": "13800000013", "category_id": big}}
        ),
        rep.op("visit.check_in", {"id": visit, "customer_id": shop, "at": at}),
    )
    assert [one["status"] for one in answers] == ["applied", "applied"]
    rep.pull()
    assert (rep.cache["customer"][shop]["review"], rep.cache["customer"][shop]["enabled"]) == ("asked", True)
    paper = paper_about(rep, shop, "customer.new")["id"]
    assert (waiting(manager, paper), told(manager, paper)) == ([manager.id], ["approval.asked.customer.new"])

    # Sent back: the rep corrects the name, which is not his alone to change later, and that hands it in again.
    manager.do("approval.send_back", id=paper, opinion="请写全称")
    assert (rep.get(f"/api/customers/{shop}")["review"], told(rep, paper)) == ("returned", ["approval.returned"])
    assert rep.do("customer.edit", id=shop, set={"name": ["新店", "青岛新店便利有限公司"]})["status"] == "applied"
    again = rep.get(f"/api/approvals/{paper}")
    assert (again["state"], again["round"], again["title"]) == ("running", 2, "青岛新店便利有限公司")
    manager.do("approval.agree", id=paper, opinion="同意")
    assert waiting(boss, paper) == [boss.id]
    boss.do("approval.agree", id=paper)
    rep.pull()
    assert rep.cache["customer"][shop]["review"] == "agreed"
    assert told(rep, paper)[-1] == "approval.approved"

    # Refused: it is disabled and leaves the phone; an order that comes late waits for a decision.
    other = rep.create("customer", name="假店", mobile="13800000014", category_id=big)
    paper = paper_about(rep, other, "customer.new")["id"]
    manager.do("approval.refuse", id=paper, opinion="查无此店")
    rep.pull()
    assert not rep.holds("customer", other)
    row = clerk.get(f"/api/customers/{other}")
    assert (row["review"], row["enabled"]) == ("refused", False)
    assert told(rep, paper) == ["approval.refused"]
    goods = product(world)
    [held] = rep.push(rep.op("order.place", place_args(other, line(goods, "1"))))
    assert (held["status"], held["code"]) == ("held", "customer_disabled")
    clerk.do("customer.enable", id=other)
    assert clerk.get(f"/api/customers/{other}")["review"] == "agreed"

    # What is not there any more is not asked about.
    gone = rep.create("customer", name="错店", mobile="13800000015", category_id=big)
    paper = paper_about(rep, gone, "customer.new")["id"]
    clerk.do("customer.delete", id=gone)
    assert (state(rep, paper), waiting(rep, paper)) == ("withdrawn", [])


def test_a_report_is_read_by_agreeing_and_handed_in_again_when_sent_back(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    today = datetime.now(UTC).date()

    def submit(text: str, day: int) -> str:
        row_id = uuid7()
        args = {
            "id": row_id,
            "kind": "day",
            "report_date": (today - timedelta(days=day)).isoformat(),
            "summary": text,
        }
        [answer] = rep.push(rep.op("report.submit", args))
        assert answer["status"] in ("applied", "merged"), answer
        return row_id

    report = submit("拜访三家", 2)
    assert rep.get(f"/api/work-reports/{report}")["review"] is None
    daily = {"fact": "kind", "op": "in", "value": ["day"]}
    flow(world, [{"name": "上级", "who": "superior", "when": [daily]}], "work_report.review")
    report = submit("拜访两家", 1)
    paper = paper_about(rep, report, "work_report.review")["id"]
    assert (waiting(manager, paper), told(manager, paper)) == ([manager.id], ["approval.asked.work_report.review"])
    manager.do("approval.send_back", id=paper, opinion="请写清楚结果")
    rep.pull()
    assert (rep.cache["work_report"][report]["review"], told(rep, paper)) == ("returned", ["approval.returned"])
    submit("拜访两家，成交一家", 1)  # from the other phone: the same report
    assert (state(rep, paper), rep.get(f"/api/work-reports/{report}")["review"]) == ("running", "asked")
    words = [one["after"] for one in rep.get(f"/api/approvals/{paper}")["summary"] if one["field"] == "summary"]
    assert words == ["拜访两家，成交一家"]
    manager.do("approval.agree", id=paper, opinion="很好")
    rep.pull()
    assert rep.cache["work_report"][report]["review"] == "agreed"
    read = [one["reader_id"] for one in rep.cache["report_reader"].values() if one["report_id"] == report]
    assert read == [manager.id]
    # Handed in again after that it is looked at again.
    submit("拜访两家，成交两家", 1)
    assert paper_about(rep, report, "work_report.review")["id"] != paper


def test_a_visit_is_confirmed_or_sent_back_and_stays_what_it_is(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    customer = old_customer(world)
    flow(
        world,
        [{"name": "上级", "who": "superior", "when": [{"fact": "minutes", "op": "lt", "value": "10"}]}],
        "visit.review",
    )
    start = datetime.now(UTC) - timedelta(hours=1)

    def visit(minutes: int) -> str:
        row_id, end = uuid7(), start + timedelta(minutes=minutes)
        answers = rep.push(
            rep.op("visit.check_in", {"id": row_id, "customer_id": customer, "at": start.isoformat()}),
            rep.op("visit.check_out", {"id": row_id, "at": end.isoformat()}),
        )
        assert [one["status"] for one in answers] == ["applied", "applied"]
        return row_id

    assert rep.get(f"/api/visits/{visit(20)}")["review"] is None
    short = visit(3)
    was = rep.get(f"/api/visits/{short}")
    paper = paper_about(rep, short, "visit.review")["id"]
    assert (was["review"], waiting(manager, paper)) == ("asked", [manager.id])
    manager.do("approval.send_back", id=paper, opinion="为什么这么短？")
    rep.pull()
    assert rep.cache["visit"][short]["review"] == "returned"
    rep.do("visit.edit", id=short, set={"content": [None, "老板不在"]})
    assert state(manager, paper) == "running"
    manager.do("approval.refuse", id=paper, opinion="下次先打电话")
    now = rep.get(f"/api/visits/{short}")
    assert now == {**was, "content": "老板不在", "review": "refused"}
    assert told(rep, paper) == ["approval.returned", "approval.refused"]
