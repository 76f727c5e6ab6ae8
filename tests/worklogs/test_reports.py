"""Work reports through the public API: their own numbers, one per period, comments."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.records.ids import uuid7
from server.worklogs.periods import period_of
from tests.support.fieldwork import check_in, new_shop, visit_with_photo
from tests.support.world import Person, Refused, World

ZONE = ZoneInfo("Asia/Shanghai")


def today() -> date:
    return datetime.now(ZONE).date()


def noon(day: date) -> datetime:
    """Noon of a business day, or now where that is still to come."""
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=ZONE).astimezone(UTC)
    return min(moment, datetime.now(UTC))


def hand_in(person: Person, day: date | None = None, **args: Any) -> dict[str, Any]:
    report = {
        "id": uuid7(),
        "kind": "day",
        "report_date": (day or today()).isoformat(),
        "summary": "拜访顺利",
        **args,
    }
    found: dict[str, Any] = person.do("report.submit", **report)
    return found


def report_of(person: Person, report_id: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"/api/work-reports/{report_id}")
    return found


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [
        ("day", "2024-02-29", "2024-02-29"),
        ("week", "2024-02-26", "2024-03-03"),
        ("month", "2024-02-01", "2024-02-29"),
        ("quarter", "2024-01-01", "2024-03-31"),
        ("year", "2024-01-01", "2024-12-31"),
    ],
)
def test_periods(kind: str, first: str, last: str) -> None:
    period = period_of(kind, date(2024, 2, 29))
    assert (period.start.isoformat(), period.end.isoformat()) == (first, last)
    for day in (period.start, period.end):
        assert period_of(kind, day) == period
    start, end = period_of("day", date(2024, 2, 29)).moments(ZONE)
    assert (start.isoformat(), end.isoformat()) == ("2024-02-28T16:00:00+00:00", "2024-02-29T16:00:00+00:00")


def test_the_report_counts_the_day_itself(world: World) -> None:
    rep, colleague = world.person("rep"), world.person("rep2")
    shop = new_shop(rep)
    visit_with_photo(rep, shop)
    rep.push(check_in(rep, shop), check_in(rep, shop, noon(today() - timedelta(days=1))))
    visit_with_photo(colleague, new_shop(colleague, "同事的店"), seed=5)
    counts = hand_in(rep)["result"]["counts"]
    assert counts == {
        "planned": 0,
        "visits": 2,
        "valid_visits": 1,
        "visited_customers": 1,
        "visit_seconds": 0,
        "new_customers": 1,
        "contacts": 0,
        "orders": 0,
        "order_amount": "0.00",
        "payments": 0,
        "payment_amount": "0.00",
    }


def test_numbers_follow_what_arrives_late(world: World) -> None:
    rep = world.person("rep")
    yesterday = today() - timedelta(days=1)
    shop = new_shop(rep)
    day = hand_in(rep, yesterday)["result"]["id"]
    week = hand_in(rep, yesterday, kind="week")["result"]["id"]
    assert report_of(rep, day)["counts"]["visits"] == 0
    rep.pull()
    late = check_in(rep, shop, noon(yesterday))
    rep.push(late)
    assert report_of(rep, day)["counts"]["visits"] == 1
    assert report_of(rep, week)["counts"]["visits"] == 1
    rep.pull()
    assert rep.cache["work_report"][day]["counts"]["visits"] == 1
    rep.do("visit.check_out", id=late["args"]["id"], at=(noon(yesterday) + timedelta(minutes=30)).isoformat())
    assert report_of(rep, day)["counts"]["visit_seconds"] == 1800


def test_a_second_report_of_the_day_changes_the_first_and_loses_no_words(world: World) -> None:
    phone, tablet = world.person("rep"), world.person("rep", "tablet")
    first = hand_in(phone, summary="上午三家")
    second = hand_in(tablet, summary="下午两家", next_plan="补货")
    report_id = first["result"]["id"]
    assert (second["status"], second["code"], second["result"]["id"]) == ("merged", "report_exists", report_id)
    report = report_of(phone, report_id)
    assert (report["summary"], report["next_plan"]) == ("下午两家", "补货")
    [conflict] = phone.get("/api/conflicts")["items"]
    assert (conflict["field"], conflict["theirs"], conflict["mine"]) == ("summary", "上午三家", "下午两家")
    assert conflict["state"] == "auto"

    again = hand_in(phone, id=report_id, summary="下午两家，晚上一家")
    assert again["status"] == "applied"
    assert len(phone.get("/api/work-reports")["items"]) == 1


def test_two_devices_at_the_same_moment_make_one_report(world: World) -> None:
    people = [world.person("rep", device) for device in ("phone", "tablet", "laptop")]
    with ThreadPoolExecutor(max_workers=3) as pool:
        answers = [pool.submit(hand_in, person, summary=f"第{n}台") for n, person in enumerate(people)]
        ids = {answer.result()["result"]["id"] for answer in answers}
    assert len(ids) == 1
    assert len(people[0].get("/api/work-reports")["items"]) == 1


def test_what_a_report_needs(world: World) -> None:
    rep = world.person("rep")
    for args, code in (
        ({"summary": "  "}, "required"),
        ({"day": today() + timedelta(days=5)}, "report_in_future"),
    ):
        with pytest.raises(Refused) as refused:
            hand_in(rep, **args)
        assert refused.value.code == code


def test_tomorrows_customers_become_planned_visits_once(world: World) -> None:
    rep, colleague = world.person("rep"), world.person("rep2")
    shops = [new_shop(rep, f"店{n}") for n in range(2)]
    foreign = new_shop(colleague, "同事的店")
    answer = hand_in(rep, next_customers=[*shops, foreign, uuid7()])
    assert answer["status"] == "adjusted"
    assert [change["code"] for change in answer["changes"]] == ["plan_skipped"] * 2
    hand_in(rep, id=answer["result"]["id"], next_customers=shops)
    tomorrow = (today() + timedelta(days=1)).isoformat()
    planned = rep.get("/api/visits", planned_on=tomorrow)["items"]
    assert sorted(visit["customer_id"] for visit in planned) == sorted(shops)
    assert {visit["state"] for visit in planned} == {"planned"}


def test_only_the_author_changes_and_deletes(world: World) -> None:
    rep, manager, boss = world.person("rep"), world.person("manager"), world.person("boss")
    report_id = hand_in(rep)["result"]["id"]
    with pytest.raises(Refused) as refused:
        boss.do("work_report.edit", id=report_id, set={"summary": ["拜访顺利", "拜访不顺利"]})
    assert refused.value.code == "report_of_another"
    with pytest.raises(Refused):
        manager.do("work_report.delete", id=report_id)
    rep.do("work_report.edit", id=report_id, set={"summary": ["拜访顺利", "拜访很顺利"]})
    comment_id = uuid7()
    manager.do("report.comment", id=comment_id, report_id=report_id, text="继续")
    rep.do("work_report.delete", id=report_id)
    assert manager.get("/api/report-comments")["items"] == []
    hand_in(rep)


def test_supervisors_comment_and_change_their_own_words(world: World) -> None:
    rep, colleague, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    report_id = hand_in(rep)["result"]["id"]
    rep.pull()
    assert [item["id"] for item in manager.get("/api/work-reports", comment_count=0)["items"]] == [report_id]
    for person, code in ((colleague, "forbidden"), (rep, "forbidden")):
        with pytest.raises(Refused) as refused:
            person.do("report.comment", id=uuid7(), report_id=report_id, text="好")
        assert refused.value.code == code
    comment_id = uuid7()
    manager.do("report.comment", id=comment_id, report_id=report_id, text="注意王记的账期")
    rep.pull()
    assert rep.cache["report_comment"][comment_id]["text"] == "注意王记的账期"
    assert rep.cache["work_report"][report_id]["comment_count"] == 1
    assert colleague.get("/api/report-comments")["items"] == []
    with pytest.raises(Refused) as refused:
        rep.do("report_comment.edit", id=comment_id, set={"text": ["注意王记的账期", "很好"]})
    assert refused.value.code == "comment_of_another"
    manager.do("report_comment.edit", id=comment_id, set={"text": ["注意王记的账期", "注意账期"]})
    manager.do("report_comment.delete", id=comment_id)
    rep.pull()
    assert not rep.holds("report_comment", comment_id)
    assert report_of(rep, report_id)["comment_count"] == 0


def test_a_customer_filed_before_midnight_counts_for_that_day_when_it_arrives_later(world: World) -> None:
    """Given a phone without network over night, when it delivers in the morning, the evening's customer is yesterday's."""
    rep = world.person("rep")
    yesterday = datetime.now(UTC) - timedelta(days=1)
    customer = uuid7()
    values = {"name": "夜市烧烤店", "primary_contact": "王五", "mobile": "13800000777"}
    [result] = rep.push(rep.op("customer.create", {"id": customer, "values": values}, at=yesterday))
    assert result["status"] == "applied"
    assert rep.get(f"/api/customers/{customer}")["filed_at"].startswith(yesterday.date().isoformat())
    day = yesterday.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    report = uuid7()
    rep.do("report.submit", id=report, kind="day", report_date=day, summary="补交")
    assert rep.get(f"/api/work-reports/{report}")["counts"]["new_customers"] == 1
