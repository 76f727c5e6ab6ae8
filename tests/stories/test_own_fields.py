"""An own field from its first day to the last: added without a restart, used on phones, deleted, restored, removed."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import openpyxl
import pytest
from sqlalchemy import select

from server.company.zone import company_zone
from server.customers.models import Customer
from server.records.actor import SYSTEM
from server.records.audit import Cause
from server.records.commands import Context
from server.records.ids import uuid7
from server.records.shape import Fill
from server.scheduler.jobs import job_named
from sync import journal
from sync.pages import rows_of
from tests.customers.dirty_workbook import HEADERS, clean, workbook
from tests.customers.test_import import commit, upload
from tests.customers.test_import import rows_of as import_rows
from tests.own.fields import change, customer, name_of, own_field, role_of
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories


def shape_of(person: Person, known: str = "") -> dict[str, Any] | None:
    """What the next pull says of the columns that the phone's rows have now."""
    params = {"schema": 2, "shape": known, **({"cursor": person.cursor} if person.cursor else {})}
    page: dict[str, Any] = person.get("/sync/v1/pull", **params)
    return page.get("shape")


def filled(person: Person, record: str, *columns: str) -> dict[str, dict[str, Any]]:
    """Rows with these columns, as a phone asks for them when its shape is another one."""
    answer = person.get("/sync/v1/fill", type=record, columns=",".join(columns))
    return {row["id"]: row for row in rows_of(msgspec.convert(answer, Fill))}


def purge(world: World, now: datetime) -> dict[str, int]:
    """The nightly job, at this moment."""
    services = world.app.state.services
    counts: dict[str, int] = {}

    def step(session: Any) -> bool:
        journal.of(session).cause = Cause(SYSTEM.employee_id, "own_fields.purge", now)
        context = Context(session=session, actor=SYSTEM, now=now, zone=company_zone(session))
        job = job_named("own_fields.purge")
        assert job is not None
        progress = job.work(context)
        for name, count in progress.counts.items():
            counts[name] = counts.get(name, 0) + count
        return progress.more

    while services.writer.call(step):
        pass
    return counts


def stored(world: World, customer_id: str) -> str:
    """What the database has of a customer's own values, whoever may see it."""
    statement = select(Customer.own).where(Customer.id == customer_id)
    services = world.app.state.services
    return str(services.writer.call(lambda session: session.scalar(statement)) or "")


def test_a_field_is_added_while_everything_runs_and_is_on_the_phone_with_the_next_pull(world: World) -> None:
    rep = world.person("rep")
    wang = customer(rep)
    rep.pull()
    before = shape_of(rep)
    assert before is not None
    assert shape_of(rep, before["id"]) is None

    field = own_field(world, "冰柜数", "number", default_value=2)
    name = name_of(world, field)

    after = shape_of(rep, before["id"])
    rep.pull()
    assert after is not None
    assert name in after["types"]["customer"]
    assert rep.cache["own_field"][field]["name"] == "冰柜数"
    # What a new row gets is the default; what was there before has no value.
    [edited, created] = rep.push(
        change(rep, wang, name, None, 5),
        rep.op("customer.create", {"id": (new := uuid7()), "values": {"name": "新店", "mobile": "13900000001"}}),
    )
    assert (edited["status"], created["status"]) == ("applied", "applied")
    rep.pull()
    assert (rep.cache["customer"][wang][name], rep.cache["customer"][new][name]) == (5, 2)


def test_a_field_is_deleted_while_a_phone_holds_unsent_values_for_it(world: World) -> None:
    """Given a rep without network who has filled a field in; when it is deleted meanwhile, then his work is taken, he is
    told what became of the value, and it is there again when the field is restored."""
    rep, boss, manager = world.person("rep"), world.person("boss"), world.person("manager")
    field = own_field(world, "陈列费", "money")
    name = name_of(world, field)
    wang = customer(rep, **{name: "10.00"})
    rep.pull()
    unsent = rep.op(
        "customer.edit", {"id": wang, "set": {name: ["10.00", "12.50"], "address": [None, "香港中路一号"]}}
    )
    new = uuid7()
    values = {"name": "新店", "mobile": "13900000001", name: "3.00"}
    unsent_new = rep.op("customer.create", {"id": new, "values": values})

    assert boss.get(f"/api/own-fields/{field}/values") == {"count": 1}
    boss.do("own_field.delete", id=field)
    [edited, created] = rep.push(unsent, unsent_new)

    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    for result in (edited, created):
        assert (result["status"], result["code"]) == ("adjusted", "own_field_deleted")
        [told] = result["changes"]
        assert (told["field"], told["label"], told["until"]) == (name, "陈列费", until)
    row = rep.get(f"/api/customers/{wang}")
    assert row["address"] == "香港中路一号"
    assert name not in row
    assert name not in str(manager.get(f"/api/customers/{wang}/history"))
    rep.pull()
    assert rep.cache["own_field"][field]["state"] == "deleted"
    assert boss.get(f"/api/own-fields/{field}/values") == {"count": 2}

    # Sent again, because the answer was lost: the same answer, and nothing is told twice.
    assert rep.push(unsent)[0]["status"] == "adjusted"

    boss.do("own_field.restore", id=field)
    assert rep.get(f"/api/customers/{wang}")[name] == "12.50"
    rep.pull()
    back = filled(rep, "customer", name)
    assert (back[wang][name], back[new][name]) == ("12.50", "3.00")
    assert ["10.00", "12.50"] in [entry["changes"].get(name) for entry in rep.get(f"/api/customers/{wang}/history")]


def test_two_phones_send_a_value_for_the_deleted_field_and_neither_is_lost(world: World) -> None:
    rep, manager, boss = world.person("rep"), world.person("manager"), world.person("boss")
    field = own_field(world, "备忘")
    name = name_of(world, field)
    wang = customer(rep)
    boss.do("own_field.delete", id=field)
    rep.push(change(rep, wang, name, None, "甲"))
    [second] = manager.push(change(manager, wang, name, None, "乙"))
    assert second["status"] == "adjusted"
    boss.do("own_field.restore", id=field)
    assert rep.get(f"/api/customers/{wang}")[name] == "乙"
    [conflict] = boss.get("/api/conflicts")["items"]
    assert (conflict["mine"], conflict["theirs"], conflict["state"]) == ("乙", "甲", "auto")


def test_after_thirty_days_the_values_are_gone_and_a_late_one_is_kept_in_a_conflict(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    gone, stays = own_field(world, "旧"), own_field(world, "新")
    name, other = name_of(world, gone), name_of(world, stays)
    wang, li = (
        customer(rep, **{name: "值一", other: "留"}),
        rep.create("customer", name="李", mobile="13900000002", **{name: "值二"}),
    )
    now = datetime.now(UTC)
    boss.do("own_field.delete", id=gone)

    assert purge(world, now + timedelta(days=29)) == {"values": 0}
    assert "值一" in stored(world, wang)
    rep.pull()
    assert purge(world, now + timedelta(days=31)) == {"values": 2}
    assert "值一" not in stored(world, wang)
    assert stored(world, li) == ""
    with pytest.raises(Refused) as refused:
        boss.do("own_field.restore", id=gone)
    assert refused.value.code == "own_purged"
    rep.pull()
    assert rep.cache["customer"][wang][other] == "留"
    assert purge(world, now + timedelta(days=32)) == {"values": 0}
    assert "值一" not in str(boss.get(f"/api/customers/{wang}/history"))

    [late] = rep.push(change(rep, wang, name, "值一", "值三"))
    assert (late["status"], late["code"]) == ("adjusted", "own_field_gone")
    [conflict] = rep.get("/api/conflicts")["items"]
    assert (conflict["field"], conflict["mine"], conflict["state"]) == (name, "值三", "auto")
    # Its key is not used again: what an old phone still holds would come back as something else.
    with pytest.raises(Refused) as refused:
        own_field(world, "旧", key=name.removeprefix("own."))
    assert refused.value.code == "own_key_taken"


def test_a_right_that_is_given_brings_the_values_and_one_that_is_taken_takes_them(world: World) -> None:
    rep, boss, manager = world.person("rep"), world.person("boss"), world.person("manager")
    field = own_field(world, "返点", "decimal", others="hidden", rights={role_of(manager): "edit"})
    name = name_of(world, field)
    wang = customer(rep)
    manager.do("customer.edit", id=wang, set={name: [None, "1.5"]})
    rep.pull()
    hidden = shape_of(rep)
    assert hidden is not None
    assert name not in hidden["types"]["customer"]
    assert rep.cache["customer"][wang].get(name) is None

    rights = {role_of(manager): "edit"}
    boss.do("own_field.edit", id=field, set={"rights": [rights, {**rights, role_of(rep): "read"}]})
    shown = shape_of(rep, hidden["id"])
    rep.pull()
    assert shown is not None
    assert name in shown["types"]["customer"]
    assert filled(rep, "customer", name)[wang][name] == "1.5000"

    boss.do("own_field.edit", id=field, set={"rights": [{**rights, role_of(rep): "read"}, rights]})
    taken = shape_of(rep, shown["id"])
    assert taken is not None
    assert taken["id"] == hidden["id"]
    with pytest.raises(Refused):
        filled(rep, "customer", name)


def test_an_edit_from_before_the_right_was_taken_waits_for_somebody_who_has_it(world: World) -> None:
    rep, boss, manager = world.person("rep"), world.person("boss"), world.person("manager")
    field = own_field(world, "等级说明")
    name = name_of(world, field)
    wang = customer(rep, **{name: "旧"})
    rep.pull()
    boss.do("own_field.edit", id=field, set={"rights": [None, {role_of(rep): "read"}]})
    [result] = rep.push(change(rep, wang, name, "旧", "新"))
    assert (result["status"], result["code"]) == ("conflict", "own_field_not_yours")
    assert rep.get(f"/api/customers/{wang}")[name] == "旧"
    [conflict] = manager.get("/api/conflicts")["items"]
    with pytest.raises(Refused):
        rep.do("conflict.resolve", id=conflict["id"], resolution="mine")
    manager.do("conflict.resolve", id=conflict["id"], resolution="mine")
    assert rep.get(f"/api/customers/{wang}")[name] == "新"


def test_values_are_imported_and_a_wrong_one_is_named(world: World) -> None:
    boss = world.person("boss")
    kind = name_of(world, own_field(world, "门店类型", "choices", choices=[{"name": "直营"}, {"name": "加盟"}]))
    area = name_of(world, own_field(world, "营业面积", "decimal", required=True))
    guide = name_of(world, own_field(world, "带教人", "employee"))
    own_field(world, "机密", others="hidden")
    added = ["门店类型", "营业面积", "带教人"]
    rows = [
        {**clean("甲店", 1), "门店类型": "直营、加盟", "营业面积": 35.5, "带教人": "张三"},
        {**clean("乙店", 2), "门店类型": "独立", "营业面积": 1},
        {**clean("丙店", 3), "带教人": "没有此人"},
    ]
    job = upload(boss, workbook(rows, [], headers=[*HEADERS, *added]))
    found = {row["title"]: row for row in import_rows(boss, job, sheet="customer")}
    assert found["甲店"]["errors"] == []
    assert [(p["field"], p["code"]) for p in found["乙店"]["errors"]] == [(kind, "not_a_choice")]
    assert [(p["field"], p["code"]) for p in found["丙店"]["errors"]] == [
        (area, "required"), (guide, "owner_unknown"),
    ]  # fmt: skip
    commit(boss, job)
    [row] = boss.get("/api/customers", name="甲店")["items"]
    assert (row[kind], row[area], row[guide]) == (["c1", "c2"], "35.5000", world.person("rep").id)
    template = openpyxl.load_workbook(io.BytesIO(boss.client.get("/api/imports/template.xlsx").content))
    headers = [cell.value for cell in next(template.worksheets[0].iter_rows(max_row=1))]
    assert set(added) <= set(headers)
    assert "机密" not in headers


def test_contact_records_and_opportunities_have_them_from_the_outbox_to_the_search(world: World) -> None:
    """Given fields of both, what a phone writes into them is on the desk's lists, corrected field by field, and found."""
    rep, manager = world.person("rep"), world.person("manager")
    mood = name_of(world, own_field(world, "老板态度", record_type="contact_record", search=True))
    rival = name_of(world, own_field(world, "竞争对手", record_type="opportunity", search=True))
    shop = customer(rep)
    said, chance = uuid7(), uuid7()
    at = datetime.now(UTC).isoformat()
    record = {"customer_id": shop, "contacted_at": at, "content": "要两箱", mood: "很满意"}
    results = rep.push(
        rep.op("contact_record.create", {"id": said, "values": record}),
        rep.op(
            "opportunity.create", {"id": chance, "values": {"customer_id": shop, "name": "冰柜", rival: "好丽友"}}
        ),
    )
    assert [result["status"] for result in results] == ["applied", "applied"]
    assert manager.get("/api/contact-records", **{mood: "很满意"})["items"][0]["id"] == said
    assert manager.get("/api/opportunities", q="好丽友")["items"][0]["id"] == chance
    manager.do("opportunity.edit", id=chance, set={rival: ["好丽友", "达利"]})
    rep.pull()
    assert (rep.cache["contact_record"][said][mood], rep.cache["opportunity"][chance][rival]) == ("很满意", "达利")
