"""Forms and lists as the company arranges them: with the next sync on every device, required on the server, and nothing that
a phone wrote before it knew is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.records.ids import uuid7
from tests.orders.trade import line, pay, place_args, product
from tests.own.fields import change, customer, name_of, own_field
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories


def place(field: str, group: str = "main", **more: Any) -> dict[str, Any]:
    return {"field": field, "group": group, **more}


def arrange(world: World, *form: dict[str, Any], **more: Any) -> dict[str, Any]:
    return world.person("boss").do("layout.set", **{"record_type": "customer", "form": list(form), **more})


def code(world: World, *form: dict[str, Any], **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        arrange(world, *form, **more)
    return refused.value.code


def layout(person: Person) -> dict[str, Any] | None:
    person.pull()
    found = [row for row in person.cache.get("layout", {}).values() if row["record_type"] == "customer"]
    return found[0] if found else None


def test_a_layout_is_on_every_device_with_the_next_pull_and_goes_when_it_is_put_back(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    assert layout(rep) is None
    groups = [{"key": "shop", "name": "门店", "name_en": "Shop"}, {"key": "contact"}]
    form = [place("city", "shop", width="full"), place("name", "shop"), place("fax", "contact", hidden=True)]
    arrange(world, *form, groups=groups, columns=[{"field": "city", "width": 12}, {"field": "name"}])
    row = layout(rep)
    assert row is not None
    assert row["groups"] == groups
    assert row["form"] == form
    assert row["columns"] == [{"field": "city", "width": 12.0}, {"field": "name"}]
    [entry] = boss.get(f"/api/layouts/{row['id']}/history")
    assert (entry["command"], entry["employee_id"]) == ("layout.set", boss.id)
    # Changed: the same row; put back: gone.
    arrange(world, place("name"))
    assert (layout(rep) or {})["id"] == row["id"]
    boss.do("layout.reset", record_type="customer")
    assert layout(rep) is None
    boss.do("layout.reset", record_type="customer")


def test_only_administrators_arrange(world: World) -> None:
    changes: list[tuple[str, dict[str, Any]]] = [("layout.set", {"form": []}), ("layout.reset", {})]
    for username in ("rep", "manager", "clerk"):
        for command, args in changes:
            with pytest.raises(Refused) as refused:
                world.person(username).do(command, record_type="customer", **args)
            assert refused.value.status == 403


def test_what_nothing_can_be_saved_without_is_not_hidden_and_what_cannot_be_asked_is_not_required(
    world: World,
) -> None:
    assert code(world, place("name", hidden=True)) == "layout_needed"
    assert code(world, place("city", hidden=True, required=True)) == "layout_hidden_required"
    assert code(world, place("customer_no", required=True)) == "layout_not_required"
    assert code(world, place("prepay_allowed", required=True)) == "layout_not_required"
    assert code(world, place("plan_note", required=True), record_type="visit") == "layout_not_required"
    assert code(world, place("colour")) == "layout_malformed"
    assert code(world, place("city"), place("city")) == "layout_malformed"
    assert code(world, place("city", "No Group!")) == "layout_malformed"
    assert code(world, columns=[{"field": "colour"}]) == "layout_malformed"
    assert code(world, record_type="role") == "layout_malformed"
    assert code(world, columns=[{"field": "city", "width": 400}]) == "malformed"
    # What has a default may be hidden: new rows get it.
    arrange(world, place("settlement_mode", hidden=True))
    row = world.person("rep").get(f"/api/customers/{customer(world.person('rep'))}")
    assert row["settlement_mode"] == "credit"


def test_a_required_field_is_asked_for_at_the_desk_from_this_moment_on(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    wang = customer(rep, city="青岛")
    arrange(world, place("city", required=True))
    with pytest.raises(Refused) as refused:
        clerk.create("customer", name="新店", mobile="13900000001")
    assert (refused.value.code, refused.value.body["field"]) == ("required", "city")
    assert "城市" in refused.value.body["detail"]
    clerk.create("customer", name="新店", mobile="13900000001", city="烟台")
    with pytest.raises(Refused) as refused:
        clerk.do("customer.edit", id=wang, set={"city": ["青岛", None]})
    assert refused.value.code == "required"
    # What is not touched is not asked for.
    clerk.do("customer.edit", id=wang, set={"address": [None, "香港中路一号"]})
    world.person("boss").do("layout.reset", record_type="customer")
    clerk.create("customer", name="又一家", mobile="13900000002")


def test_what_a_phone_made_before_it_knew_is_kept_and_its_author_told(world: World) -> None:
    rep = world.person("rep")
    wang = customer(rep, city="青岛")
    rep.pull()
    new = uuid7()
    made = rep.op("customer.create", {"id": new, "values": {"name": "路边店", "mobile": "13900000001"}})
    emptied = change(rep, wang, "city", "青岛", None)
    arrange(world, place("city", required=True))
    results = rep.push(made, emptied)
    for result in results:
        assert (result["status"], result["code"]) == ("adjusted", "required_now")
        assert [(told["field"], told["label"]) for told in result["changes"]] == [("city", "城市")]
    assert rep.get(f"/api/customers/{new}")["name"] == "路边店"
    assert rep.get(f"/api/customers/{wang}")["city"] is None
    # Sent again, because the answer was lost: the same answer, one row.
    assert rep.push(made)[0]["status"] == "adjusted"
    assert [row["id"] for row in rep.get("/api/customers", name="路边店")["items"]] == [new]


def test_own_fields_are_arranged_together_with_the_others_and_say_so_themselves(world: World) -> None:
    rep, boss, clerk = world.person("rep"), world.person("boss"), world.person("clerk")
    first, second = own_field(world, "冰柜"), own_field(world, "陈列", listed=True)
    one, two = name_of(world, first), name_of(world, second)
    arrange(
        world, place(two, required=True), place("name"), place(one, "own", hidden=True),
        columns=[{"field": "name"}, {"field": one, "width": 9}],
    )  # fmt: skip
    rep.pull()
    fields = rep.cache["own_field"]
    assert (fields[second]["required"], fields[second]["listed"], fields[second]["hidden"]) == (True, False, False)
    assert (fields[first]["required"], fields[first]["listed"], fields[first]["hidden"]) == (False, True, True)
    assert fields[second]["sort"] < fields[first]["sort"]
    assert (layout(rep) or {})["form"] == [place(two), place("name"), place(one, "own")]
    with pytest.raises(Refused) as refused:
        clerk.create("customer", name="新店", mobile="13900000001")
    assert (refused.value.code, refused.value.body["field"]) == ("required", two)
    assert code(world, place(one, required=True, hidden=True)) == "layout_hidden_required"
    # Deleted while somebody arranges: left out, and nothing else is lost.
    boss.do("own_field.delete", id=first)
    arrange(world, place(one), place(two), place("name"))
    assert [entry["field"] for entry in (layout(rep) or {})["form"]] == [two, "name"]


def test_forms_of_work_ask_for_what_the_company_wants_and_refuse_no_fact(world: World) -> None:
    rep = world.person("rep")
    wang, beer = customer(rep), product(world)

    # What the product needs of them stays, and is asked for anyway; two forms of one record are two.
    for record_type, field in (
        ("payment", "amount"), ("payment", "order_id"), ("visit", "visit_type_id"), ("contact_record", "contacted_at"),
        ("contact_record", "content"),
    ):  # fmt: skip
        assert code(world, place(field, hidden=True), record_type=record_type) == "layout_needed"
    assert code(world, place("booked_by", required=True), record_type="payment") == "layout_not_required"
    assert code(world, place("order_no", required=True), record_type="order") == "layout_not_required"
    arrange(world, place("remark", required=True), record_type="order")
    arrange(world, place("method_id", required=True), record_type="payment")
    arrange(world, place("content", required=True), record_type="visit")
    arrange(world, place("method_id", required=True), place("kind", hidden=True), record_type="contact_record")
    arrange(world, place("satisfaction", required=True), record_type="call_report_existing")

    # At the desk the form asks; on a phone that did not know it is kept, and its author told.
    talk = {"customer_id": wang, "content": "周三送样品", "contacted_at": datetime.now(UTC).isoformat()}
    for command, args, field in (
        ("order.place", place_args(wang, line(beer)), "remark"),
        ("contact_record.create", {"id": uuid7(), "values": talk}, "method_id"),
    ):
        with pytest.raises(Refused) as refused:
            rep.do(command, **args)
        assert (refused.value.code, refused.value.body["field"]) == ("required", field)
        [told] = rep.push(rep.op(command, args))
        assert (told["status"], told["changes"][-1]["code"], told["changes"][-1]["field"]) == (
            "adjusted", "required_now", field,
        )  # fmt: skip
    assert rep.get("/api/contact-records", customer_id=wang)["items"][0]["kind"] == "follow_up"

    # A report on an existing customer is another form than that on a lead.
    report = {"customer_id": wang, "content": "卖得不错", "reported_at": datetime.now(UTC).isoformat()}
    [there] = rep.push(rep.op("call_report.create", {"id": uuid7(), "values": {**report, "kind": "existing"}}))
    assert [told["field"] for told in there["changes"]] == ["satisfaction"]
    [lead] = rep.push(rep.op("call_report.create", {"id": uuid7(), "values": {**report, "kind": "lead"}}))
    assert "required_now" not in [told["code"] for told in lead.get("changes") or []]

    # A plan has neither the next day's customers nor a second text: what is asked for of reports is not asked of it.
    assert code(world, place("summary", hidden=True), record_type="work_report") == "layout_needed"
    assert code(world, place("asks", required=True), record_type="work_report") == "layout_not_required"
    asked = [place(field, required=True) for field in ("next_plan", "next_customers", "category_id")]
    arrange(world, *asked, record_type="work_report")
    category = world.option("report_category", "市场动态")
    day = {
        "report_date": datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat(),
        "summary": "走了两家",
    }
    for kind, lacks in (
        ("day", ["next_plan", "next_customers", "category_id"]), ("week", ["next_plan", "category_id"]),
        ("week_plan", ["category_id"]),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            rep.do("report.submit", id=uuid7(), kind=kind, **day)
        assert (refused.value.code, refused.value.body["field"]) == ("required", lacks[0])
        [kept] = rep.push(rep.op("report.submit", {"id": uuid7(), "kind": kind, **day}))
        assert [told["field"] for told in kept["changes"] if told["code"] == "required_now"] == lacks
    rep.do("report.submit", id=uuid7(), kind="month_plan", category_id=category, **day)

    # Money that was received and a visit that was made are facts, also at the desk.
    sold = rep.get("/api/orders", customer_id=wang)["items"][0]
    _, received = pay(rep, sold["id"], "50.00")
    assert (received["status"], received["changes"][0]["field"]) == ("adjusted", "method_id")
    visit, now = uuid7(), datetime.now(UTC).isoformat()
    rep.do("visit.check_in", id=visit, customer_id=wang, at=now)
    gone = rep.do("visit.check_out", id=visit, at=now)
    assert (gone["status"], gone["changes"][0]["field"]) == ("adjusted", "content")
    assert rep.get(f"/api/visits/{visit}")["state"] == "done"
