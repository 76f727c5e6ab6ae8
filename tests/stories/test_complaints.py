"""Complaints: recorded without network, answered in time or the superior hears of it, closed with what the customer says.
On both engines, through the public API."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.company.models import COMPANY_ID
from server.company.workdays import work_hours_later
from server.records.ids import uuid7
from server.records.values import to_wire
from tests.customers.test_pool import refused
from tests.notifications.test_kinds import run, told
from tests.reports.asking import ask, labels
from tests.search.test_everything import hits
from tests.stories.test_contact_records import ago
from tests.support.fieldwork import new_shop
from tests.support.world import Person, World

pytestmark = pytest.mark.stories
SHANGHAI = ZoneInfo("Asia/Shanghai")


def complaint(person: Person, row_id: str) -> dict[str, Any]:
    return dict(person.get(f"/api/complaints/{row_id}"))


def recorded(person: Person, world: World, shop: str, **more: Any) -> dict[str, Any]:
    values = {
        "customer_id": shop, "kind_id": world.option("complaint_kind", "送货"), "content": "少送一箱", **more,
    }  # fmt: skip
    return person.op("complaint.create", {"id": uuid7(), "values": values})


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def every_day(world: World) -> None:
    """The company works on all days, so that 24 hours are 24 hours whenever the test runs."""
    boss = world.person("boss")
    boss.do("company.edit", id=COMPANY_ID, set={"work_days": [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 7]]})


def test_one_is_recorded_answered_in_time_and_closed_with_what_the_customer_says(world: World) -> None:
    """Given a rep without network who writes a complaint down for the clerk, the clerk answers, the rep asks the customer,
    and what became of it stands in list, story, search, reports and on the rep's phone."""
    every_day(world)
    rep, clerk, manager, stranger = (world.person(name) for name in ("rep", "clerk", "manager", "stranger"))
    shop = new_shop(rep)
    rep.pull()
    said_at = ago(hours=2)
    op = recorded(rep, world, shop, handler_id=clerk.id, urgency="high", reported_at=to_wire(said_at))
    [made] = rep.push(op)
    assert made["status"] == "applied", made
    row_id = op["args"]["id"]
    seen = complaint(manager, row_id)
    assert (seen["author_id"], seen["handler_id"], seen["state"], seen["late"]) == (rep.id, clerk.id, "open", False)
    assert moment(seen["due_at"]) == said_at + timedelta(hours=24)
    assert stranger.client.get(f"/api/complaints/{row_id}").status_code == 404
    [heard] = told(clerk, "complaint.assigned")
    assert (heard["record_id"], heard["args"]["kind"], heard["args"]["content"]) == (row_id, "送货", "少送一箱")

    assert refused(rep.do, "complaint.answer", id=row_id, answer="明天补") == "complaint_of_another"
    assert refused(rep.do, "complaint.close", id=row_id, satisfaction="good") == "complaint_not_answered"
    assert refused(clerk.do, "complaint.answer", id=row_id, answer="  ") == "required"
    clerk.do("complaint.take_up", id=row_id)
    clerk.do("complaint.answer", id=row_id, answer="明天补送一箱")
    clerk.do("complaint.answer", id=row_id, answer="明天补送一箱")  # tapped twice
    clerk.do("complaint.answer", id=row_id, answer="司机姓刘")
    seen = complaint(rep, row_id)
    assert (seen["state"], seen["answer"], seen["answered_by"]) == ("answered", "明天补送一箱\n司机姓刘", clerk.id)
    [heard] = told(rep, "complaint.answered")
    assert heard["args"]["customer"] == "王记超市"
    assert refused(rep.do, "complaint.delete", id=row_id) == "complaint_answered"

    closing = {"id": row_id, "satisfaction": "good", "note": " 收到了 "}
    [closed] = rep.push(rep.op("complaint.close", closing))
    [again] = rep.push(rep.op("complaint.close", closing))
    assert (closed["status"], again["status"]) == ("applied", "applied")
    rep.pull()
    held = rep.cache["complaint"][row_id]
    assert (held["state"], held["satisfaction"], held["close_note"]) == ("closed", "good", "收到了")
    change = {"urgency": ["high", "low"]}
    assert refused(rep.do, "complaint.edit", id=row_id, set=change) == "complaint_closed"

    events = manager.get(f"/api/customers/{shop}/timeline")["items"]
    assert [one["kind"] for one in events if "complaint" in one["kind"]] == ["complaint_answered", "complaint"]
    assert hits(manager, "司机姓刘") == {"complaint": [row_id]}
    assert manager.client.get("/api/complaints/export.xlsx").status_code == 200
    report = ask(manager, "complaints.answered", period="all", by="kind_id")
    assert labels(report)["送货"] == [1, 1.0, 1.0, 1.0, 0.0]
    assert ask(stranger, "complaints.answered", period="all", by="kind_id")["rows"] == []


def test_who_does_not_answer_is_reminded_and_his_superior_hears_of_it_once(world: World) -> None:
    """Given a complaint of an owner, he is reminded four hours before; when the time is over he and his manager are told,
    each once; opened again it has a new time."""
    every_day(world)
    rep, manager = world.person("rep"), world.person("manager")
    shop = new_shop(rep)
    row_id = manager.create(
        "complaint", customer_id=shop, kind_id=world.option("complaint_kind", "价格"), content="比别家贵"
    )
    first = complaint(rep, row_id)
    assert first["handler_id"] == rep.id  # the customer's owner, where nobody was named
    due = moment(first["due_at"])
    run(world, "followups.complaints", due - timedelta(hours=5))
    assert told(rep, "complaint.due") == []
    for late in (-timedelta(hours=3), -timedelta(minutes=5), timedelta(minutes=1), timedelta(minutes=6)):
        run(world, "followups.complaints", due + late)
    assert [len(told(rep, f"complaint.{kind}")) for kind in ("due", "overdue")] == [1, 1]
    [heard] = told(manager, "complaint.overdue")
    assert heard["args"]["handler"] == "张三"
    assert told(manager, "complaint.due") == []
    assert [one["id"] for one in manager.get("/api/complaints", late="true", state__in="open,working")["items"]] == [
        row_id
    ]
    counted = labels(ask(manager, "complaints.count", period="all", by="handler_id"))
    assert counted["张三"] == [1, 1.0, 1, 1]

    rep.do("complaint.answer", id=row_id, answer="降五毛")
    rep.do("complaint.close", id=row_id, satisfaction="bad", note="还是贵")
    assert refused(rep.do, "complaint.reopen", id=row_id, reason=" ") == "required"
    manager.do("complaint.reopen", id=row_id, reason="再谈一次")
    seen = complaint(rep, row_id)
    assert (seen["state"], seen["reopened"], seen["satisfaction"], seen["late"]) == ("open", 1, None, False)
    assert moment(seen["due_at"]) > due - timedelta(hours=1)
    assert (seen["answer"], seen["reopen_reason"]) == ("降五毛", "再谈一次")
    assert len(told(rep, "complaint.assigned")) == 2


def test_what_a_phone_says_late_of_one_that_went_on_is_kept(world: World) -> None:
    """Given a complaint that was passed on while its handler had no network, his answer is kept and changes nothing; a
    handler who may not see the customer is not named; what the leaver has still to answer goes along."""
    rep, rep2, clerk, boss = (world.person(name) for name in ("rep", "rep2", "clerk", "boss"))
    shop = new_shop(rep)
    rep.pull()
    op = recorded(rep, world, shop, handler_id=rep2.id)
    [made] = rep.push(op)
    assert (made["status"], made["code"]) == ("adjusted", "handler_elsewhere")
    row_id = op["args"]["id"]
    assert complaint(rep, row_id)["handler_id"] == rep.id
    assert refused(rep.do, "complaint.assign", id=row_id, handler_id=rep2.id) == "handler_elsewhere"
    rep.do("customer.share", id=shop, employee_id=rep2.id)
    rep.do("complaint.assign", id=row_id, handler_id=rep2.id)
    [late] = rep.push(rep.op("complaint.answer", {"id": row_id, "answer": "我来补"}))
    assert (late["status"], late["code"]) == ("adjusted", "answer_too_late")
    seen = complaint(rep, row_id)
    assert (seen["state"], seen["answer"]) == ("open", None)
    assert boss.get("/api/conflicts", record_id=row_id)["items"][0]["mine"] == "我来补"
    # Both add to what was said; one field is both's.
    for person, words in ((rep, "少送一箱，催"), (clerk, "少送一箱，要发票")):
        [merged] = person.push(person.op("complaint.edit", {"id": row_id, "set": {"content": ["少送一箱", words]}}))
        assert merged["status"] in ("applied", "merged")
    assert {"催", "要发票"} <= set(complaint(rep, row_id)["content"].replace("\n", "，").split("，"))
    boss.do("employee.hand_over", id=rep2.id, to=rep.id)
    assert complaint(rep, row_id)["handler_id"] == rep.id


def test_hours_to_answer_are_those_of_working_days() -> None:
    friday = datetime(2026, 11, 27, 15, 0, tzinfo=SHANGHAI)
    week, six = (1, 2, 3, 4, 5), (1, 2, 3, 4, 5, 6)
    assert work_hours_later(friday, 24, six, SHANGHAI) == friday + timedelta(hours=24)
    assert work_hours_later(friday, 24, week, SHANGHAI) == friday + timedelta(days=3)
    assert work_hours_later(friday + timedelta(days=1), 8, week, SHANGHAI) == datetime(
        2026, 11, 30, 8, tzinfo=SHANGHAI
    )
    assert work_hours_later(friday, 1, (), SHANGHAI) == friday + timedelta(hours=1)
