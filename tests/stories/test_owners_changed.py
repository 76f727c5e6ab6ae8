"""Every change of an owner is written down, with or without approval: what the reports Q2 and Q9 count (CU-30, CU-37)."""

from __future__ import annotations

from typing import Any

import pytest

from server.records.ids import uuid7
from tests.approvals.paper import flow, old_customer
from tests.support.world import Person, World

pytestmark = pytest.mark.stories


def moves(person: Person, **filters: Any) -> list[tuple[str, str | None, str | None, bool]]:
    items = person.get("/api/customer-moves", sort="moved_at", limit=50, **filters)["items"]
    return [(row["kind"], row["from_id"], row["to_id"], row["by_approval"]) for row in items]


def test_claims_at_once_and_by_approval_are_in_one_report(world: World) -> None:
    rep, rep2, clerk, manager = (world.person(name) for name in ("rep", "rep2", "clerk", "manager"))
    first, second = old_customer(world), old_customer(world, "李记粮油", "13800000002")
    clerk.do("customer.assign", ids=[first, second], owner_id=None)
    rep2.do("customer.claim", id=uuid7(), ids=[first])
    flow(world, [{"name": "上级审批", "who": "superior"}], "customer.claim")
    paper = uuid7()
    rep2.do("customer.claim", id=paper, ids=[second])
    assert [line[:1] for line in moves(rep2, to_id=rep2.id)] == [("claim",)]
    manager.do("approval.agree", id=paper)
    assert moves(rep2, to_id=rep2.id) == [("claim", None, rep2.id, False), ("claim", None, rep2.id, True)]
    assert moves(rep2, kind="assign", customer_id=first) == [("assign", rep.id, None, False)]

    mine = rep2.get("/api/customers", owner_id=rep2.id, claimed_at__empty="0")["items"]
    assert {row["id"] for row in mine} == {first, second}
    rep2.do("customer.give_up", ids=[first])
    clerk.do("customer.assign", ids=[first], owner_id=rep2.id)
    mine = rep2.get("/api/customers", owner_id=rep2.id, claimed_at__empty="0")["items"]
    assert [row["id"] for row in mine] == [second]  # what was assigned later was not claimed


def test_direct_assignments_and_transfers_stand_beside_each_other_with_giver_and_receiver(world: World) -> None:
    rep, rep2, clerk, manager = (world.person(name) for name in ("rep", "rep2", "clerk", "manager"))
    first, second = old_customer(world), old_customer(world, "李记粮油", "13800000002")
    paper = uuid7()
    rep.do("customer.transfer", id=paper, ids=[first], to=rep2.id, reason="片区调整")
    manager.do("approval.agree", id=paper)
    clerk.do("customer.assign", ids=[second], owner_id=rep2.id)
    assert moves(clerk, kind__in="transfer,assign") == [
        ("transfer", rep.id, rep2.id, True), ("assign", rep.id, rep2.id, False),
    ]  # fmt: skip
    # The giver does not see the customers any more, but what he gave, with name, type and state of that day.
    assert rep.get("/api/customers")["items"] == []
    items = rep.get("/api/customer-moves", from_id=rep.id, limit=10)["items"]
    assert {row["name"] for row in items} == {"王记超市", "李记粮油"}
    assert {(row["customer_status"], row["category_id"] is not None) for row in items} == {("open", True)}
    assert moves(world.person("stranger")) == []
