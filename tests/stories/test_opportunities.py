"""Opportunities: caught without network, followed by stage with what was said about them, closed with the reason. On both
engines, through the public API."""

from __future__ import annotations

from typing import Any

import pytest

from server.records.ids import uuid7
from tests.customers.test_pool import refused
from tests.stories.test_contact_records import ago, row, values, written
from tests.support.fieldwork import new_shop
from tests.support.world import Person, World

pytestmark = pytest.mark.stories


def opportunity(person: Person, row_id: str) -> dict[str, object]:
    return dict(person.get(f"/api/opportunities/{row_id}"))


def story(person: Person, shop: str) -> list[dict[str, Any]]:
    items = person.get(f"/api/customers/{shop}/timeline")["items"]
    return [one for one in items if one["kind"].startswith("opportunity")]


def test_an_opportunity_is_caught_followed_and_won_with_the_reason(world: World) -> None:
    rep, manager, stranger = world.person("rep"), world.person("manager"), world.person("stranger")
    shop, row_id = new_shop(rep), uuid7()
    first, last = world.option("opportunity_stage", "发现机会"), world.option("opportunity_stage", "商务谈判")
    sent = {
        "customer_id": shop, "name": "冰柜陈列", "stage_id": first, "chance": 30, "expected_amount": "5000.00",
        "expected_on": "2026-12-20",
    }  # fmt: skip
    [made] = rep.push(rep.op("opportunity.create", {"id": row_id, "values": sent}))
    assert made["status"] == "applied"
    said = written(rep, shop, ago(hours=1), "老板同意放冰柜", opportunity_id=row_id)
    assert [one["id"] for one in manager.get("/api/contact-records", opportunity_id=row_id)["items"]] == [said]
    rep.do("opportunity.edit", id=row_id, set={"stage_id": [first, last], "chance": [30, 80]})
    seen = opportunity(manager, row_id)
    assert (seen["owner_id"], seen["state"], seen["chance"], seen["expected_amount"]) == (
        rep.id,
        "open",
        80,
        "5000.00",
    )
    assert stranger.client.get(f"/api/opportunities/{row_id}").status_code == 404
    assert refused(rep.do, "opportunity.close", id=row_id, outcome="won", reason="  ") == "required"
    [closed] = rep.push(rep.op("opportunity.close", {"id": row_id, "outcome": "won", "reason": " 价格合适 "}))
    assert closed["status"] == "applied"
    rep.do("opportunity.close", id=row_id, outcome="won", reason="价格合适")  # tapped twice
    again = {"id": row_id, "outcome": "won", "reason": "又点了一次"}
    assert refused(rep.do, "opportunity.close", **again) == "opportunity_closed"
    seen = opportunity(rep, row_id)
    assert (seen["state"], seen["close_reason"]) == ("won", "价格合适")
    assert seen["closed_at"] is not None
    rep.pull()
    assert rep.cache["opportunity"][row_id]["state"] == "won"


def test_what_is_closed_is_opened_again_before_it_is_changed(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    row_id = rep.create("opportunity", customer_id=shop, name="年节礼盒")
    rep.do("opportunity.close", id=row_id, outcome="lost", reason="选了别家")
    assert refused(rep.do, "opportunity.edit", id=row_id, set={"chance": [None, 10]}) == "opportunity_closed"
    assert refused(rep.do, "opportunity.close", id=row_id, outcome="won", reason="不对") == "opportunity_closed"
    rep.do("opportunity.edit", id=row_id, set={"remark": [None, "明年再问"]})
    rep.do("opportunity.reopen", id=row_id)
    rep.do("opportunity.edit", id=row_id, set={"chance": [None, 10]})
    seen = opportunity(rep, row_id)
    assert (seen["state"], seen["close_reason"], seen["closed_at"], seen["chance"]) == ("open", None, None, 10)


def test_a_colleague_who_serves_the_customer_sees_it_and_leaves_it(world: World) -> None:
    rep, colleague, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    shop, other = new_shop(rep), new_shop(rep, "李记超市")
    rep.do("customer.share", id=shop, employee_id=colleague.id)
    row_id = colleague.create("opportunity", customer_id=shop, name="夏季饮料")
    assert opportunity(rep, row_id)["owner_id"] == colleague.id
    for command, more in (("close", {"outcome": "lost", "reason": "不是我的"}), ("delete", {}), ("reopen", {})):
        assert refused(rep.do, f"opportunity.{command}", id=row_id, **more) == "opportunity_of_another"
    sent = values(other, ago(hours=1), opportunity_id=row_id)
    assert refused(rep.create, "contact_record", **sent) == "opportunity_elsewhere"
    said = written(colleague, shop, ago(hours=1), opportunity_id=row_id)
    manager.do("opportunity.delete", id=row_id)
    assert row(colleague, said)["opportunity_id"] is None


def test_the_customers_story_tells_when_one_was_caught_and_how_it_ended(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    row_id = rep.create("opportunity", customer_id=shop, name="年节礼盒")
    told = [(one["kind"], one["row"]["name"]) for one in story(rep, shop)]
    assert told == [("opportunity", "年节礼盒")]
    rep.do("opportunity.close", id=row_id, outcome="lost", reason="选了别家")
    assert [one["kind"] for one in story(rep, shop)] == ["opportunity_closed", "opportunity"]
    assert story(rep, shop)[0]["row"]["close_reason"] == "选了别家"
    rep.do("opportunity.reopen", id=row_id)
    assert [one["kind"] for one in story(rep, shop)] == ["opportunity"]
