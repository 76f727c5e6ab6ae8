"""Leads: found on a cold visit, reported on with a call card that is carried over, followed, converted and given back. On
both engines, through the public API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server.records.ids import uuid7
from server.records.values import to_wire
from tests.customers.test_pool import refused
from tests.reports.asking import ask, labels
from tests.stories.test_contact_records import ago, file_of
from tests.support.fieldwork import check_in, new_shop, shop_values
from tests.support.world import Person, World

pytestmark = pytest.mark.stories


def card(world: World) -> dict[str, str]:
    """The company's call card: names of its fields by what they are called."""
    boss = world.person("boss")
    found = {}
    for name, more in (
        (
            "经营规模",
            {"kind": "choice", "required": True, "choices": [{"name": "小"}, {"name": "中"}, {"name": "大"}]},
        ),
        ("现有供应商", {"kind": "text", "required": True}),
        ("冰柜数量", {"kind": "number"}),
    ):
        row_id = boss.create("own_field", record_type="call_report", name=name, **more)
        found[name] = "own." + boss.get(f"/api/own-fields/{row_id}")["key"]
    return found


def sent(customer: str, kind: str, content: Any = "老板愿意再谈", **more: Any) -> dict[str, Any]:
    return {"customer_id": customer, "kind": kind, "content": content, "reported_at": to_wire(ago(hours=1)), **more}


def reported(person: Person, customer: str, kind: str, content: Any = "老板愿意再谈", **more: Any) -> str:
    """A report handed in by an outbox. Its id."""
    row_id = uuid7()
    values = sent(customer, kind, content, **more)
    [result] = person.push(person.op("call_report.create", {"id": row_id, "values": values}))
    assert result["status"] == "applied", result
    return row_id


def report(person: Person, row_id: str) -> dict[str, Any]:
    return dict(person.get(f"/api/call-reports/{row_id}"))


def stage_of(person: Person, customer: str) -> str:
    return str(file_of(person, customer)["lead_stage"])


def step(person: Person, name: str, customer: str, **more: Any) -> dict[str, Any]:
    """A step told by an outbox."""
    [result] = person.push(person.op(f"lead.{name}", {"customer_id": customer, **more}))
    return dict(result)


def what_was_written(person: Person, customer: str) -> list[str]:
    rows = person.get("/api/contact-records", customer_id=customer, automatic="true", sort="created_at")["items"]
    return [row["content"] for row in rows]


def test_a_lead_goes_from_the_cold_visit_to_an_existing_customer_and_back(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    shop = new_shop(rep, lead_stage="cold", primary_contact="王五")
    rep.pull()
    contacts = {row["id"] for row in rep.cache["contact"].values() if row["customer_id"] == shop}
    said = reported(rep, shop, "cold")
    assert step(rep, "accept", shop)["status"] == "applied"
    assert stage_of(manager, shop) == "potential"
    assert refused(rep.do, "lead.follow", customer_id=shop) == "lead_needs_stage"
    assert refused(rep.do, "lead.convert", customer_id=shop) == "lead_not_there"
    talks = world.option("sales_stage", "了解需求")
    assert step(rep, "follow", shop, sales_stage_id=talks)["status"] == "applied"
    assert (stage_of(rep, shop), file_of(rep, shop)["sales_stage_id"]) == ("following", talks)
    assert step(rep, "convert", shop)["status"] == "applied"
    assert stage_of(manager, shop) == "existing"
    # Its contacts and what was written stay; later ones come to the existing customer.
    later = rep.create("contact", customer_id=shop, name="赵六", phone="13800000002")
    rep.pull()
    assert {r["id"] for r in rep.cache["contact"].values() if r["customer_id"] == shop} == contacts | {later}
    assert report(rep, said)["customer_id"] == shop
    assert rep.cache["customer"][shop]["lead_stage"] == "existing"
    assert refused(rep.do, "lead.return", customer_id=shop, reason="  ") == "required"
    assert step(rep, "return", shop, reason="两年没有进货")["status"] == "applied"
    assert stage_of(rep, shop) == "potential"
    assert what_was_written(rep, shop) == [
        "陌拜客户 → 潜在客户", "潜在客户 → 跟进客户", "跟进客户 → 现有客户", "现有客户 → 潜在客户：两年没有进货",
    ]  # fmt: skip
    events = manager.get(f"/api/customers/{shop}/timeline")["items"]
    moved = [event["row"] for event in events if "lead_stage" in event["row"].get("changes", {})]
    assert [row["command"] for row in moved][:4] == ["lead.return", "lead.convert", "lead.follow", "lead.accept"]
    assert {row["employee_id"] for row in moved} == {rep.id}
    assert next(event["row"]["id"] for event in events if event["kind"] == "call_report") == said


def test_a_step_is_done_once_and_does_not_turn_back_what_went_on_meanwhile(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    shop = new_shop(rep, lead_stage="cold")
    accept = rep.op("lead.accept", {"customer_id": shop})  # tapped in a cellar
    manager.do("lead.accept", customer_id=shop)
    manager.do("lead.follow", customer_id=shop, sales_stage_id=world.option("sales_stage", "报价"))
    [late] = rep.push(accept)
    assert (late["status"], late["code"]) == ("adjusted", "lead_moved_on")
    assert step(rep, "follow", shop)["status"] == "applied"  # as it is already
    assert stage_of(rep, shop) == "following"
    assert len(what_was_written(rep, shop)) == 2
    rejected = step(rep, "return", shop, reason="想重来")
    assert (rejected["status"], rejected["code"]) == ("rejected", "lead_not_there")
    assert refused(rep.do, "lead.accept", customer_id=shop) == "lead_not_there"


def test_who_may_not_change_the_file_moves_no_stage_and_nobody_writes_it_by_hand(world: World) -> None:
    rep, colleague, stranger = world.person("rep"), world.person("rep2"), world.person("stranger")
    shop = new_shop(rep)
    assert stage_of(rep, shop) == "potential"
    rep.do("customer.share", id=shop, employee_id=colleague.id)
    talks = world.option("sales_stage", "了解需求")
    for person in (colleague, stranger):
        assert refused(person.do, "lead.follow", customer_id=shop, sales_stage_id=talks) == "outside_scope"
    assert (
        refused(rep.do, "customer.edit", id=shop, set={"lead_stage": ["potential", "existing"]}) == "readonly_field"
    )
    assert refused(rep.do, "lead.follow", customer_id=shop, sales_stage_id=uuid7()) == "unknown_reference"
    # Who serves it writes reports all the same, and the follow-up stage that one tells makes it followed.
    reported(colleague, shop, "lead", sales_stage_id=talks)
    assert (stage_of(rep, shop), file_of(rep, shop)["sales_stage_id"]) == ("following", talks)
    [contact] = rep.get("/api/contacts", customer_id=shop)["items"]
    rep.do("contact.edit", id=contact["id"], set={"phone": [contact["phone"], None]})
    assert refused(rep.do, "lead.convert", customer_id=shop) == "lead_needs_contact"


def test_a_sale_makes_an_existing_customer(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    shop = new_shop(rep)
    unit = world.option("unit", "箱")
    water = boss.create("product", name="矿泉水", unit_id=unit, price="12.0000")
    order = uuid7()
    lines = [{"id": uuid7(), "product_id": water, "quantity": "2", "price": "12"}]
    rep.do("order.place", id=order, customer_id=shop, lines=lines)
    assert stage_of(rep, shop) == "potential"  # an order that waits is no sale yet
    boss.do("order.approve", id=order)
    assert stage_of(rep, shop) == "existing"


def test_a_cold_visit_makes_the_lead_in_one_sitting_without_network(world: World) -> None:
    """Customer, contact and report are handed in together, hours later."""
    rep, manager = world.person("rep"), world.person("manager")
    fields = card(world)
    shop, row_id, at = uuid7(), uuid7(), ago(hours=5)
    made = rep.op("customer.create", {
        "id": shop, "values": shop_values("李记便利店", lead_stage="cold", primary_contact="李四", address="香港中路 8 号"),
    }, at=at)  # fmt: skip
    values = {
        "customer_id": shop, "kind": "cold", "content": "新店，没有供应商", "reported_at": to_wire(at),
        fields["经营规模"]: "c1", fields["现有供应商"]: "无", "next_contact_at": to_wire(ago(days=-3)),
    }  # fmt: skip
    told = rep.op("call_report.create", {"id": row_id, "values": values}, at=at, needs=[made["id"]])
    assert [result["status"] for result in rep.push(made, told)] == ["applied", "applied"]
    seen = report(manager, row_id)
    assert (seen["author_id"], seen["kind"], seen["copied_from_id"], seen["differing"]) == (
        rep.id,
        "cold",
        None,
        None,
    )
    assert (seen[fields["经营规模"]], seen[fields["现有供应商"]]) == ("c1", "无")
    customer = file_of(manager, shop)
    assert (customer["lead_stage"], customer["last_contact_at"]) == ("cold", to_wire(at))
    assert customer["next_contact_at"] == values["next_contact_at"]
    [contact] = manager.get("/api/contacts", customer_id=shop)["items"]
    assert (contact["name"], contact["is_primary"]) == ("李四", True)
    assert world.person("stranger").client.get(f"/api/call-reports/{row_id}").status_code == 404


def test_a_cold_visit_at_the_desk_lacks_nothing_that_is_required(world: World) -> None:
    rep = world.person("rep")
    fields = card(world)
    shop = new_shop(rep, lead_stage="cold")
    whole = sent(shop, "cold", **{fields["经营规模"]: "c2", fields["现有供应商"]: "批发市场"})
    assert refused(rep.create, "call_report", **{**whole, "content": " "}) == "required"
    less = {name: value for name, value in whole.items() if name != fields["现有供应商"]}
    assert refused(rep.create, "call_report", **less) == "required"
    assert refused(rep.create, "call_report", **{**whole, "kind": "existing"}) == "report_kind_elsewhere"
    visit = check_in(rep, shop, ago(minutes=30))
    rep.push(visit)
    row_id = rep.create("call_report", **{**whole, "visit_id": visit["args"]["id"]})
    assert report(rep, row_id)["visit_id"] == visit["args"]["id"]
    other = new_shop(rep, "别家", lead_stage="cold")
    assert refused(rep.create, "call_report", **{**whole, "customer_id": other, "visit_id": visit["args"]["id"]}) == (
        "visit_elsewhere"
    )


def test_the_second_report_copies_the_call_card_and_says_what_differs(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    fields = card(world)
    size, supplier, fridges = fields["经营规模"], fields["现有供应商"], fields["冰柜数量"]
    shop = new_shop(rep)
    first = reported(rep, shop, "lead", **{size: "c1", supplier: "批发市场", fridges: 1})
    # The phone sends the card as it was shown; only what was changed differs.
    copy = {"copied_from_id": first, size: "c1", supplier: "批发市场", fridges: 3}
    second = reported(rep, shop, "lead", "添了两台冰柜", **copy)
    seen = report(manager, second)
    assert (seen["copied_from_id"], seen["differing"]) == (first, [fridges])
    assert (seen[size], seen[supplier], seen[fridges]) == ("c1", "批发市场", 3)
    # At the desk only what differs is sent; the rest is carried over, an emptied value counts as changed.
    third = manager.create(
        "call_report",
        **sent(shop, "lead", "换了供应商", copied_from_id=second, **{supplier: "本公司", fridges: None}),
    )
    seen = report(rep, third)
    assert (seen[size], seen[supplier], seen[fridges]) == ("c1", "本公司", None)
    assert seen["differing"] == sorted([supplier, fridges])
    # Nothing changed is a report, too.
    same = reported(rep, shop, "lead", "没有变化", copied_from_id=third, **{size: "c1", supplier: "本公司"})
    assert report(rep, same)["differing"] == []
    assert (
        refused(rep.create, "call_report", **sent(shop, "lead", copied_from_id=third, **{supplier: None}))
        == "required"
    )
    # What was copied is corrected: what differs is looked at again. It is deleted: its copy stands on its own.
    rep.do("call_report.edit", id=second, set={fridges: [3, 1]})
    assert report(rep, second)["differing"] == []
    assert report(rep, third)["differing"] == sorted([supplier, fridges])
    manager.do("call_report.delete", id=third)
    kept = report(rep, same)
    assert (kept["copied_from_id"], kept["differing"], kept[supplier]) == (None, None, "本公司")
    rep.pull()
    assert set(rep.cache["call_report"]) == {first, second, same}


def test_a_card_is_copied_from_the_same_customer_only_and_without_fields_taken_out(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    fields = card(world)
    mine, other = new_shop(rep), new_shop(rep, "李记超市")
    filled = {fields["经营规模"]: "c1", fields["现有供应商"]: "批发市场", fields["冰柜数量"]: 2}
    first = reported(rep, mine, "lead", **filled)
    assert refused(rep.create, "call_report", **sent(other, "lead", copied_from_id=first)) == "copied_elsewhere"
    row_id = uuid7()
    values = sent(other, "lead", copied_from_id=first, **filled)
    [result] = rep.push(rep.op("call_report.create", {"id": row_id, "values": values}))
    assert (result["status"], result["code"]) == ("adjusted", "copied_elsewhere")
    assert (report(rep, row_id)["copied_from_id"], report(rep, row_id)[fields["冰柜数量"]]) == (None, 2)
    gone = next(row for row in boss.get("/api/own-fields")["items"] if row["name"] == "冰柜数量")
    boss.do("own_field.delete", id=gone["id"])
    again = rep.create("call_report", **sent(mine, "lead", copied_from_id=first))
    seen = report(rep, again)
    assert (seen[fields["现有供应商"]], seen["differing"]) == ("批发市场", [])
    assert fields["冰柜数量"] not in seen
    boss.do("own_field.restore", id=gone["id"])
    assert report(rep, again)[fields["冰柜数量"]] is None


def test_an_existing_customer_has_its_own_report(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    fields = card(world)
    shop = new_shop(rep, lead_stage="existing")
    row_id = rep.create(
        "call_report", **sent(shop, "existing", satisfaction="bad", demand="下周要三十箱", competition="对面有促销")
    )
    seen = report(manager, row_id)  # no call card was asked for
    assert (seen["kind"], seen["satisfaction"], seen["demand"]) == ("existing", "bad", "下周要三十箱")
    assert seen[fields["现有供应商"]] is None
    assert refused(rep.create, "call_report", **sent(shop, "lead")) == "report_kind_elsewhere"
    found = manager.get("/api/call-reports", satisfaction="bad")["items"]
    assert [row["id"] for row in found] == [row_id]
    # Written in a village before the office converted the customer: kept as it was written.
    lead = new_shop(rep, "李记超市")
    late = rep.op("call_report.create", {"id": uuid7(), "values": sent(lead, "lead", **{fields["现有供应商"]: "无"})})
    talks = world.option("sales_stage", "报价")
    manager.do("lead.follow", customer_id=lead, sales_stage_id=talks)
    manager.do("lead.convert", customer_id=lead)
    [result] = rep.push(late)
    assert result["status"] == "applied"
    assert report(rep, late["args"]["id"])["kind"] == "lead"


def test_a_report_counts_as_a_contact_and_is_corrected_by_its_author(world: World) -> None:
    rep, colleague, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    shop = new_shop(rep)
    rep.do("customer.share", id=shop, employee_id=colleague.id)
    due = to_wire(ago(days=-2))
    row_id = reported(rep, shop, "lead", next_contact_at=due)
    customer = file_of(rep, shop)
    assert (customer["last_contact_at"], customer["next_contact_at"]) == (report(rep, row_id)["reported_at"], due)
    edit = {"content": ["老板愿意再谈", "老板愿意再谈，要样品"]}
    theirs = reported(colleague, shop, "lead", "同事说的", reported_at=to_wire(ago(days=5)))
    other = {"satisfaction": [None, "good"]}
    assert refused(rep.do, "call_report.edit", id=theirs, set=other) == "report_of_another"
    assert refused(rep.do, "call_report.delete", id=theirs) == "report_of_another"
    assert refused(colleague.do, "call_report.delete", id=row_id) == "report_of_another"
    manager.do("call_report.edit", id=row_id, set=edit)
    moved = to_wire(ago(hours=3))
    rep.do("call_report.edit", id=row_id, set={"reported_at": [report(rep, row_id)["reported_at"], moved]})
    assert file_of(rep, shop)["last_contact_at"] == moved
    rep.do("call_report.delete", id=row_id)
    customer = file_of(rep, shop)
    assert (customer["last_contact_at"], customer["next_contact_at"]) == (report(rep, theirs)["reported_at"], None)


def test_a_phone_that_lost_the_customer_still_delivers_its_report(world: World) -> None:
    rep, boss, colleague = world.person("rep"), world.person("boss"), world.person("rep2")
    shop = new_shop(rep)
    late = rep.op("call_report.create", {"id": uuid7(), "values": sent(shop, "lead", "谈好了陈列")})
    boss.do("customer.assign", ids=[shop], owner_id=colleague.id)
    [result] = rep.push(late)
    assert result["status"] == "applied"
    assert report(colleague, late["args"]["id"])["author_id"] == rep.id
    stranger = world.person("stranger")
    [result] = stranger.push(stranger.op("call_report.create", {"id": uuid7(), "values": sent(shop, "lead")}))
    assert (result["status"], result["code"]) == ("rejected", "outside_scope")


def test_leads_are_listed_and_counted_by_stage(world: World) -> None:
    rep, manager, stranger = world.person("rep"), world.person("manager"), world.person("stranger")
    for name, stage in (("甲", "cold"), ("乙", "potential"), ("丙", "potential"), ("丁", "existing")):
        new_shop(rep, name, lead_stage=stage)
    found = rep.get("/api/customers", lead_stage="potential")["items"]
    assert {row["name"] for row in found} == {"乙", "丙"}
    counts = {label: cells[0] for label, cells in labels(ask(manager, "customers.leads")).items()}
    assert {name: counts[name] for name in ("陌拜客户", "潜在客户", "现有客户")} == {
        "陌拜客户": 1, "潜在客户": 2, "现有客户": 1,
    }  # fmt: skip
    assert labels(ask(stranger, "customers.leads")) == {}


def test_of_two_files_merged_the_further_stage_stays(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    kept, twice = new_shop(rep), new_shop(rep, "王记商店", lead_stage="existing")
    row_id = reported(rep, twice, "existing")
    boss.do("customer.merge", id=twice, into=kept)
    assert stage_of(rep, kept) == "existing"
    assert report(rep, row_id)["customer_id"] == kept
    boss.do("customer.unmerge", id=twice)
    assert (stage_of(rep, kept), stage_of(rep, twice)) == ("potential", "existing")
    assert report(rep, row_id)["customer_id"] == twice


def test_a_visit_that_tells_a_stage_makes_a_followed_customer(world: World) -> None:
    rep = world.person("rep")
    shop, cold = new_shop(rep), new_shop(rep, "李记超市", lead_stage="cold")
    for customer in (shop, cold):
        at = ago(hours=2)
        visit = check_in(rep, customer, at)
        rep.push(visit)
        row_id = visit["args"]["id"]
        rep.do("visit.edit", id=row_id, set={"sales_stage_id": [None, world.option("sales_stage", "意向")]})
        rep.do("visit.check_out", id=row_id, at=to_wire(at + timedelta(minutes=15)))
    assert (stage_of(rep, shop), stage_of(rep, cold)) == ("following", "cold")
