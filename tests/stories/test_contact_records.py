"""Contact records: written without network, they move the customer's dates, remind whom they name, and are listed, counted
and exported. On both engines, through the public API."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from server.customers.models import Customer
from server.records.ids import uuid7
from server.records.values import to_wire
from tests.customers.test_pool import at_night, held_for, refused
from tests.notifications.test_kinds import next_monday, run, told
from tests.reports.asking import ask, labels
from tests.support.fieldwork import check_in, new_shop
from tests.support.world import Person, World

pytestmark = pytest.mark.stories


def ago(**span: float) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - timedelta(**span)


def values(customer: str, at: datetime, content: str = "要两箱", **more: Any) -> dict[str, Any]:
    return {"customer_id": customer, "contacted_at": to_wire(at), "content": content, **more}


def written(person: Person, customer: str, at: datetime, content: str = "要两箱", **more: Any) -> str:
    """A record handed in by an outbox. Its id."""
    row_id = uuid7()
    op = person.op("contact_record.create", {"id": row_id, "values": values(customer, at, content, **more)})
    [result] = person.push(op)
    assert result["status"] == "applied", result
    return row_id


def row(person: Person, row_id: str) -> dict[str, Any]:
    return dict(person.get(f"/api/contact-records/{row_id}"))


def file_of(person: Person, customer: str) -> dict[str, Any]:
    return dict(person.get(f"/api/customers/{customer}"))


def records_of(person: Person, **filters: Any) -> list[str]:
    return [one["content"] for one in person.get("/api/contact-records", **filters)["items"]]


def counted(report: dict[str, Any]) -> dict[str, int]:
    return {label: cells[0] for label, cells in labels(report).items()}


def test_a_call_is_a_record_that_moves_the_customers_dates(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    shop = new_shop(rep, primary_contact="王五")
    rep.pull()
    [contact] = [one for one in rep.cache["contact"].values() if one["customer_id"] == shop]
    stage, phone = world.option("sales_stage", "报价"), world.option("contact_method", "电话")
    at, later = ago(hours=2), ago(hours=-30)
    made = written(
        rep, shop, at, contact_id=contact["id"], phone="13800000001", method_id=phone, kind="return",
        sales_stage_id=stage, next_contact_at=to_wire(later), next_goal="谈陈列费",
    )  # fmt: skip
    held = row(manager, made)
    assert (held["clerk_id"], held["method_id"], held["kind"]) == (rep.id, phone, "return")
    assert (held["automatic"], held["next_goal"]) == (False, "谈陈列费")
    customer = file_of(manager, shop)
    assert customer["last_contact_at"] == to_wire(at)
    assert (customer["next_contact_at"], customer["sales_stage_id"]) == (to_wire(later), stage)
    [event] = [one for one in rep.get(f"/api/customers/{shop}/timeline")["items"] if one["kind"] == "contact_record"]
    assert event["row"]["content"] == "要两箱"
    assert world.person("stranger").client.get(f"/api/contact-records/{made}").status_code == 404


def test_what_arrives_late_turns_nothing_back_and_no_record_is_from_tomorrow(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    soon = ago(hours=-5)
    written(rep, shop, ago(hours=1), next_contact_at=to_wire(soon))
    written(rep, shop, ago(days=2), "早先说的", next_contact_at=to_wire(ago(days=-9)))
    assert file_of(rep, shop)["next_contact_at"] == to_wire(soon)
    ahead = written(rep, shop, ago(days=-3), "手机时间快了")
    assert row(rep, ahead)["contacted_at"] <= to_wire(datetime.now(UTC))
    assert row(rep, ahead)["method_id"] == world.option("contact_method", "电话")  # the company's first
    written(rep, shop, ago(days=60), "很久以前")
    assert records_of(rep, customer_id=shop) == ["手机时间快了", "要两箱", "早先说的", "很久以前"]


def test_an_appointment_that_was_kept_is_none_any_more(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    written(rep, shop, ago(days=3), next_contact_at=to_wire(ago(days=1)))
    written(rep, shop, ago(minutes=5), "如约联系")
    assert file_of(rep, shop)["next_contact_at"] is None


def test_a_record_is_corrected_and_deleted_by_its_author_and_the_customer_follows(world: World) -> None:
    rep, colleague, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    shop = new_shop(rep)
    rep.do("customer.share", id=shop, employee_id=colleague.id)
    first = written(rep, shop, ago(days=4), "第一次", next_contact_at=to_wire(ago(days=2)))
    second = written(rep, shop, ago(days=1), "第二次", next_contact_at=to_wire(ago(days=-1)))
    edit = {"content": ["第二次", "第二次，改过"]}
    theirs = written(colleague, shop, ago(days=5), "同事说的")
    assert (
        refused(rep.do, "contact_record.edit", id=theirs, set={"kind": ["follow_up", "service"]})
        == "record_of_another"
    )
    assert refused(rep.do, "contact_record.delete", id=theirs) == "record_of_another"
    assert refused(colleague.do, "contact_record.delete", id=second) == "record_of_another"
    manager.do("contact_record.edit", id=second, set=edit)
    later = to_wire(ago(days=-8))
    rep.do("contact_record.edit", id=second, set={"next_contact_at": [row(rep, second)["next_contact_at"], later]})
    assert file_of(rep, shop)["next_contact_at"] == later
    moved = to_wire(ago(hours=7))
    rep.do("contact_record.edit", id=second, set={"contacted_at": [row(rep, second)["contacted_at"], moved]})
    assert file_of(rep, shop)["last_contact_at"] == moved
    rep.do("contact_record.edit", id=first, set={"next_contact_at": [row(rep, first)["next_contact_at"], None]})
    assert file_of(rep, shop)["next_contact_at"] == later  # an older record says nothing of what comes next
    rep.do("contact_record.delete", id=second)
    customer = file_of(rep, shop)
    assert customer["last_contact_at"] == row(rep, first)["contacted_at"]
    assert customer["next_contact_at"] is None
    rep.pull()
    assert set(rep.cache["contact_record"]) == {first, theirs}


def test_a_deleted_record_leaves_the_appointment_of_the_one_before_and_the_visits(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    due = to_wire(ago(days=-3))
    written(rep, shop, ago(days=4), next_contact_at=due)
    wrong = written(rep, shop, ago(hours=1), "记错了客户", next_contact_at=to_wire(ago(days=-1)))
    begun = ago(days=1)
    visit = check_in(rep, shop, begun)
    rep.push(visit)
    rep.do("visit.check_out", id=visit["args"]["id"], at=to_wire(begun + timedelta(minutes=20)))
    rep.do("contact_record.delete", id=wrong)
    customer = file_of(rep, shop)
    assert (customer["last_contact_at"], customer["next_contact_at"]) == (to_wire(begun), due)


def test_a_phone_that_lost_the_customer_still_delivers_what_was_said(world: World) -> None:
    rep, boss, colleague = world.person("rep"), world.person("boss"), world.person("rep2")
    shop = new_shop(rep)
    rep.pull()
    boss.do("customer.assign", ids=[shop], owner_id=colleague.id)
    made = written(rep, shop, ago(minutes=30), "路上打的电话")
    assert row(colleague, made)["clerk_id"] == rep.id
    stranger = world.person("stranger")
    [result] = stranger.push(
        stranger.op("contact_record.create", {"id": uuid7(), "values": values(shop, ago(minutes=9))})
    )
    assert (result["status"], result["code"]) == ("rejected", "outside_scope")


def test_whom_a_record_names_is_reminded_beside_the_owner_if_he_may_see_the_customer(world: World) -> None:
    rep, colleague, stranger = world.person("rep"), world.person("rep2"), world.person("stranger")
    shop, at = new_shop(rep), next_monday(14)
    rep.do("customer.share", id=shop, employee_id=colleague.id)
    written(rep, shop, ago(hours=1), next_contact_at=to_wire(at), next_person_id=colleague.id)
    row_id = uuid7()
    sent = values(shop, ago(hours=2), "旧的", next_person_id=stranger.id)
    [result] = rep.push(rep.op("contact_record.create", {"id": row_id, "values": sent}))
    assert (result["status"], result["code"]) == ("adjusted", "next_person_elsewhere")
    assert row(rep, row_id)["next_person_id"] is None
    assert refused(rep.create, "contact_record", **sent) == "next_person_elsewhere"
    for person in (rep, colleague):
        assert [one["id"] for one in person.get("/api/customers", contact_by=person.id)["items"]] == [shop]
    run(world, "customers.remind", at - timedelta(minutes=5))
    assert (told(rep, "customer.follow_up"), told(colleague, "customer.follow_up")) == ([], [])
    for minutes in (1, 6):
        run(world, "customers.remind", at + timedelta(minutes=minutes))
    assert (len(told(rep, "customer.follow_up")), len(told(colleague, "customer.follow_up"))) == (1, 1)
    assert told(stranger, "customer.follow_up") == []
    rep.do("customer.unshare", id=shop, employee_id=colleague.id)
    assert colleague.get("/api/customers", contact_by=colleague.id)["items"] == []


def test_a_record_keeps_the_customer_from_the_pool(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    quiet, spoken = new_shop(rep), new_shop(rep, "李记超市")
    company = boss.get("/api/companies")["items"][0]
    boss.do("company.edit", id=company["id"], set={"recovery_days": [company["recovery_days"], 20]})
    for shop in (quiet, spoken):
        held_for(world, shop, 60)

    def silent(session: Any) -> None:
        for shop in (quiet, spoken):
            session.get(Customer, shop).last_contact_at = ago(days=40)

    world.app.state.services.writer.call(silent)
    written(rep, spoken, ago(days=3))
    assert at_night(world) == [quiet]


def test_claiming_and_giving_up_are_told_in_the_records_but_are_no_follow_up(world: World) -> None:
    rep, colleague = world.person("rep"), world.person("rep2")
    shop = new_shop(rep)
    rep.do("customer.give_up", ids=[shop], reason="太远")
    colleague.do("customer.claim", id=uuid7(), ids=[shop])
    assert records_of(colleague, customer_id=shop, sort="contacted_at") == [
        "张三放弃了此客户：太远",
        "李四从公共客户池领用了此客户！",
    ]
    assert file_of(colleague, shop)["last_contact_at"] is None
    automatic = colleague.get("/api/contact-records", customer_id=shop)["items"][0]
    assert automatic["automatic"] is True
    assert refused(colleague.do, "contact_record.delete", id=automatic["id"]) == "record_of_system"
    written(colleague, shop, ago(minutes=1))
    assert counted(ask(colleague, "followups.count")) == {"李四": 1}


def test_the_days_records_are_listed_searched_exported_and_counted(world: World) -> None:
    rep, colleague, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    shop, other = new_shop(rep), new_shop(colleague, "李记超市")
    for hours in (1, 2, 3):
        written(rep, shop, ago(hours=hours), f"第{hours}通电话")
    written(colleague, other, ago(hours=1), "冰柜坏了")
    assert records_of(manager, q="冰柜") == ["冰柜坏了"]
    assert len(records_of(manager, contacted_at__ge=to_wire(ago(hours=5)))) == 4
    response = manager.client.get("/api/contact-records/export.xlsx")
    assert response.status_code == 200
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    assert sheet.max_row == 5
    rows = [
        dict(zip([cell.value for cell in sheet[1]], line, strict=True))
        for line in sheet.iter_rows(2, values_only=True)
    ]
    told = {row["联系内容"]: row["联系时间"] for row in rows}
    expected = ago(hours=1).astimezone(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)
    assert abs(told["冰柜坏了"] - expected) < timedelta(
        minutes=2
    )  # a date of the spreadsheet, by the company's clock
    assert rep.client.get("/api/contact-records/export.xlsx").status_code == 403
    assert counted(ask(manager, "followups.count")) == {"张三": 3, "李四": 1}
    assert sum(counted(ask(manager, "followups.count", by="contacted_at:month")).values()) == 4


def test_records_move_with_a_merge_and_go_with_a_deleted_customer(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    kept, double, unused = new_shop(rep), new_shop(rep, "王记超市（重复）"), new_shop(rep, "没用的")
    made, gone = written(rep, double, ago(hours=1)), written(rep, unused, ago(hours=1))
    boss.do("customer.merge", id=double, into=kept)
    assert row(rep, made)["customer_id"] == kept
    late = written(rep, double, ago(minutes=3), "合并前记的")
    assert row(rep, late)["customer_id"] == kept
    boss.do("customer.delete", id=unused)
    assert boss.client.get(f"/api/contact-records/{gone}").status_code == 404


def test_a_contact_of_another_customer_is_not_named(world: World) -> None:
    rep = world.person("rep")
    shop, other = new_shop(rep), new_shop(rep, "李记超市")
    stray = rep.create("contact", customer_id=other, name="外人")
    sent = values(shop, ago(hours=1), contact_id=stray)
    assert refused(rep.create, "contact_record", **sent) == "contact_elsewhere"
    row_id = uuid7()
    [result] = rep.push(rep.op("contact_record.create", {"id": row_id, "values": sent}))
    assert (result["status"], result["code"]) == ("adjusted", "contact_elsewhere")
    assert (row(rep, row_id)["contact_id"], row(rep, row_id)["content"]) == (None, "要两箱")
    for missing in ("content", "contacted_at"):
        less = {name: value for name, value in sent.items() if name != missing}
        [result] = rep.push(rep.op("contact_record.create", {"id": uuid7(), "values": less}))
        assert (result["status"], result["code"]) == ("rejected", "required")
