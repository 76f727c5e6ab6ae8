"""A customer is transferred while its rep is offline, and two people change one customer at the same time."""

from datetime import UTC, datetime

import pytest

from server.records.ids import uuid7
from tests.support.world import World

pytestmark = pytest.mark.stories


def test_the_customer_transferred_while_offline(world: World) -> None:
    rep, rep2, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    customer_id = rep.create("customer", name="王记超市", mobile="13800000001", primary_contact="王强")
    rep.pull()

    # Without network the rep visits the shop, meets somebody and corrects the address.
    visit_id, contact_id = uuid7(), uuid7()
    day = [
        rep.op("visit.check_in", {"id": visit_id, "customer_id": customer_id, "at": datetime.now(UTC).isoformat()}),
        rep.op("visit.check_out", {"id": visit_id, "at": datetime.now(UTC).isoformat()}),
        rep.op("contact.create", {"id": contact_id, "values": {"customer_id": customer_id, "name": "李会计"}}),
        rep.op("customer.edit", {"id": customer_id, "set": {"address": [None, "香港中路 1 号"]}}),
    ]
    manager.do("customer.assign", ids=[customer_id], owner_id=rep2.id, reason="片区调整")

    # What was done and seen is kept; the correction is for the new owner to decide.
    results = rep.push(*day)
    assert [result["status"] for result in results] == ["applied", "applied", "applied", "conflict"]
    assert results[3]["code"] == "not_yours_any_more"
    rep2.pull()
    assert rep2.cache["customer"][customer_id]["address"] is None
    assert rep2.holds("visit", visit_id)
    assert rep2.holds("contact", contact_id)
    conflict = rep2.cache["conflict"][results[3]["conflicts"][0]]
    assert (conflict["field"], conflict["mine"], conflict["mine_by"]) == ("address", "香港中路 1 号", rep.id)

    # The old owner's phone drops the customer after one pull.
    rep.pull()
    assert not rep.holds("customer", customer_id)
    assert not rep.holds("contact", contact_id)

    # The new owner takes the correction.
    rep2.do("conflict.resolve", id=conflict["id"], resolution="mine")
    assert rep2.get(f"/api/customers/{customer_id}")["address"] == "香港中路 1 号"


def test_two_people_editing_different_fields_and_the_same_field(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    customer_id = rep.create("customer", name="王记超市", mobile="13800000001", address="香港中路 1 号")
    rep.pull()

    # Different fields: both survive.
    clerk.do("customer.edit", id=customer_id, set={"city": [None, "青岛市"]})
    [result] = rep.push(rep.op("customer.edit", {"id": customer_id, "set": {"industry": [None, "零售"]}}))
    assert result["status"] == "applied"
    row = clerk.get(f"/api/customers/{customer_id}")
    assert (row["city"], row["industry"]) == ("青岛市", "零售")

    # The same field: the company's value stays, the rep's is kept beside it.
    clerk.do("customer.edit", id=customer_id, set={"address": ["香港中路 1 号", "香港中路 10 号"]})
    [result] = rep.push(
        rep.op("customer.edit", {"id": customer_id, "set": {"address": ["香港中路 1 号", "香港中路 100 号"]}})
    )
    assert result["status"] == "conflict"
    rep.pull()
    assert rep.cache["customer"][customer_id]["address"] == "香港中路 10 号"
    conflict = rep.cache["conflict"][result["conflicts"][0]]
    assert [conflict[name] for name in ("base", "theirs", "mine")] == [
        "香港中路 1 号", "香港中路 10 号", "香港中路 100 号",
    ]  # fmt: skip
    assert (conflict["theirs_by"], conflict["mine_by"]) == (clerk.id, rep.id)

    # Remarks are added to, never fought over.
    clerk.do("customer.edit", id=customer_id, set={"remark": [None, "月底对账"]})
    [result] = rep.push(rep.op("customer.edit", {"id": customer_id, "set": {"remark": [None, "爱喝茶"]}}))
    assert result["status"] == "merged"
    assert clerk.get(f"/api/customers/{customer_id}")["remark"] == "月底对账\n爱喝茶"

    # The desk decides with a third value.
    clerk.do("conflict.resolve", id=conflict["id"], resolution="other", value="香港中路 101 号")
    rep.pull()
    assert rep.cache["customer"][customer_id]["address"] == "香港中路 101 号"
    assert rep.cache["conflict"][conflict["id"]]["state"] == "resolved"
