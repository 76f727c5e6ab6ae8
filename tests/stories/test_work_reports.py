"""Reports and plans of every kind: written, addressed, read, asked about, deleted and brought back. On both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.records.ids import uuid7
from server.records.values import to_wire
from server.worklogs.periods import period_of
from tests.stories.test_contact_records import ago, written
from tests.support.fieldwork import check_in, new_shop
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories
TODAY = datetime.now(ZoneInfo("Asia/Shanghai")).date()
WEEKS_AGO = TODAY - timedelta(days=14)


def hand_in(person: Person, kind: str = "day", day: date = TODAY, **args: Any) -> dict[str, Any]:
    report = {"id": uuid7(), "kind": kind, "report_date": day.isoformat(), "summary": "拜访顺利", **args}
    return dict(person.do("report.submit", **report))


def report_of(person: Person, report_id: str) -> dict[str, Any]:
    return dict(person.get(f"/api/work-reports/{report_id}"))


def told(person: Person, kind: str) -> list[str]:
    return [row["record_id"] for row in person.get("/api/notifications", kind=kind)["items"]]


def a_round(person: Person, kind: str, day: date = TODAY) -> dict[str, Any]:
    return dict(person.get("/api/report-rounds", kind=kind, day=day.isoformat()))


def names(found: dict[str, Any], *, there: bool) -> set[str]:
    return {one["name"] for one in found["people"] if (one["report_id"] is not None) == there}


def test_a_week_and_a_month_sum_up_their_period(world: World) -> None:
    """Given visits of today, when week, month, quarter and year are handed in, each has the visits of its own days."""
    rep = world.person("rep")
    rep.pull()
    shop = new_shop(rep)
    rep.push(check_in(rep, shop, datetime.now(UTC)))
    for kind in ("week", "month", "quarter", "year"):
        report = report_of(rep, hand_in(rep, kind)["result"]["id"])
        period = period_of(kind, TODAY)
        assert (report["period_start"], report["period_end"]) == (period.start.isoformat(), period.end.isoformat())
        assert (report["counts"]["visits"], report["counts"]["new_customers"]) == (1, 1)
    assert report_of(rep, hand_in(rep, "week", WEEKS_AGO)["result"]["id"])["counts"]["visits"] == 0


def test_a_plan_may_be_about_the_next_period_and_is_commented_like_a_report(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    for kind in ("week_plan", "month_plan", "year_plan"):
        soon = period_of(kind, TODAY).end + timedelta(days=1)
        plan = hand_in(rep, kind, soon, summary="开三家新店")["result"]["id"]
        assert report_of(manager, plan)["period_start"] == soon.isoformat()
        far = period_of(kind, soon).end + timedelta(days=40)
        with pytest.raises(Refused) as refused:
            hand_in(rep, kind, period_of(kind, far).end + timedelta(days=1))
        assert refused.value.code == "plan_too_early"
        manager.do("report.comment", id=uuid7(), report_id=plan, text="同意")
        assert report_of(rep, plan)["comment_count"] == 1
    with pytest.raises(Refused) as refused:
        hand_in(rep, "week", TODAY + timedelta(days=8))
    assert refused.value.code == "report_in_future"
    # A plan of the week and its report are two things.
    assert hand_in(rep, "week_plan")["status"] == hand_in(rep, "week")["status"] == "applied"


def test_who_has_not_reported(world: World) -> None:
    """Given two reps and a stranger, when one hands in his week, the manager is told who lacks, and only of his own people."""
    rep, manager = world.person("rep"), world.person("manager")
    world.person("rep2"), world.person("stranger")
    assert {"张三", "李四"} <= names(a_round(manager, "week"), there=False)
    report = hand_in(rep, "week")["result"]["id"]
    found = a_round(manager, "week")
    assert names(found, there=True) == {"张三"}
    assert "李四" in names(found, there=False)
    assert "赵六" not in names(found, there=False)
    assert manager.me["employee"]["real_name"] not in names(found, there=False)
    assert found["missing"] == len(names(found, there=False))
    [line] = [one for one in found["people"] if one["report_id"] == report]
    assert (line["read"], line["comment_count"]) == (False, 0)
    manager.do("report.read", ids=[report])
    [line] = [one for one in a_round(manager, "week")["people"] if one["report_id"] == report]
    assert line["read"] is True
    assert names(a_round(manager, "week", WEEKS_AGO), there=True) == set()
    assert a_round(manager, "week", WEEKS_AGO)["over"] is True
    assert names(a_round(rep, "week"), there=False) == set()


def test_nobody_lacks_a_daily_report_of_a_day_off(world: World) -> None:
    manager, boss = world.person("manager"), world.person("boss")
    world.person("rep")
    company = boss.get("/api/companies")["items"][0]
    days = [day for day in range(1, 8) if day != TODAY.isoweekday()]
    boss.do("company.edit", id=company["id"], set={"work_days": [company["work_days"], days]})
    found = a_round(manager, "day")
    assert (found["asked_for"], found["missing"]) == (False, 0)
    boss.do("company.edit", id=company["id"], set={"work_days": [days, list(range(1, 8))]})
    assert a_round(manager, "day")["missing"] > 0


@pytest.mark.parametrize("kind", ["day", "week", "month", "quarter", "year", "week_plan"])
def test_nobody_lacks_a_report_of_before_he_came(world: World, kind: str) -> None:
    """Given a rep who came today, he lacks the report of the period he came in, and none that was over by then; one that he
    writes nevertheless is there."""
    rep, manager = world.person("rep"), world.person("manager")
    before = period_of(kind, TODAY).start - timedelta(days=1)
    assert "张三" in names(a_round(manager, kind), there=False)
    found = a_round(manager, kind, before)
    assert (found["missing"], found["people"]) == (0, [])
    if not kind.endswith("_plan"):
        hand_in(rep, kind, before)
        assert names(a_round(manager, kind, before), there=True) == {"张三"}


def test_what_was_said_with_customers_is_counted_and_follows(world: World) -> None:
    """Given a week's report, when contact records of it come late, are corrected to another week or deleted, it counts them
    again; what the system wrote itself is none."""
    rep = world.person("rep")
    shop = new_shop(rep)
    week = hand_in(rep, "week")["result"]["id"]
    first, second = written(rep, shop, ago(minutes=2)), written(rep, shop, ago(minutes=1), "谈了陈列")
    assert report_of(rep, week)["counts"]["contacts"] == 2
    rep.do("customer.give_up", ids=[shop])
    rep.do("customer.claim", id=uuid7(), ids=[shop])
    assert report_of(rep, week)["counts"]["contacts"] == 2
    at = rep.get(f"/api/contact-records/{first}")["contacted_at"]
    rep.do("contact_record.edit", id=first, set={"contacted_at": [at, to_wire(ago(days=15))]})
    assert report_of(rep, week)["counts"]["contacts"] == 1
    rep.do("contact_record.delete", id=second)
    assert report_of(rep, week)["counts"]["contacts"] == 0


@pytest.mark.parametrize("kind", ["day", "week", "month"])
def test_every_number_of_a_report_is_the_list_behind_it(world: World, kind: str) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    rep.pull()
    shop = new_shop(rep)
    rep.push(check_in(rep, shop, datetime.now(UTC)))
    rep.do("visit.plan", id=uuid7(), customer_id=shop, planned_on=TODAY.isoformat())
    written(rep, shop, ago(minutes=1))
    written(rep, shop, ago(days=40), "很久以前")
    report = report_of(rep, hand_in(rep, kind)["result"]["id"])
    lists = manager.get(f"/api/work-reports/{report['id']}/lists")
    counts = report["counts"]
    assert (counts["visits"], counts["new_customers"], counts["contacts"], counts["planned"]) == (1, 1, 1, 1)
    assert lists.keys() == {"planned", "visits", "valid_visits", "new_customers", "contacts", "orders", "payments"}
    for name, link in lists.items():
        assert len(manager.get(link["path"], **link["params"])["items"]) == counts[name], name
    stranger = world.person("stranger")
    assert stranger.client.get(f"/api/work-reports/{report['id']}/lists").status_code == 404


def test_a_report_that_was_read_says_so_to_its_author_once(world: World) -> None:
    rep, manager, colleague = world.person("rep"), world.person("manager"), world.person("rep2")
    report = hand_in(rep)["result"]["id"]
    assert manager.do("report.read", ids=[report, report, uuid7()])["result"] == {"read": 1}
    assert world.person("manager", "tablet").do("report.read", ids=[report])["result"] == {"read": 0}
    assert colleague.do("report.read", ids=[report])["result"] == {"read": 0}
    assert rep.do("report.read", ids=[report])["result"] == {"read": 0}
    rep.pull()
    [mark] = rep.cache["report_reader"].values()
    assert (mark["reader_id"], mark["addressed"]) == (manager.id, False)
    assert mark["read_at"]
    assert colleague.get("/api/report-readers")["items"] == []


def test_a_report_is_addressed_to_a_colleague_who_then_may_read_it(world: World) -> None:
    rep, colleague, stranger = world.person("rep"), world.person("rep2"), world.person("stranger")
    with pytest.raises(Refused):
        report_of(colleague, hand_in(rep)["result"]["id"])
    answer = hand_in(rep, "week", report_to=[colleague.id, rep.id, uuid7()], asks=True)
    report = answer["result"]["id"]
    assert [change["code"] for change in answer["changes"]] == ["reader_skipped"]
    assert report_of(colleague, report)["report_to"] == [colleague.id]
    assert report_of(colleague, report)["asks"] is True
    assert told(colleague, "worklog.addressed") == [report]
    assert told(stranger, "worklog.addressed") == []
    with pytest.raises(Refused) as refused:
        colleague.do("work_report.edit", id=report, set={"summary": ["拜访顺利", "改了"]})
    assert refused.value.code == "outside_scope"
    colleague.do("report.read", ids=[report])

    rep.do("work_report.edit", id=report, set={"report_to": [[colleague.id], [stranger.id]]})
    with pytest.raises(Refused):
        report_of(colleague, report)
    assert told(stranger, "worklog.addressed") == [report]
    marks = {one["reader_id"]: one for one in rep.get("/api/report-readers", report_id=report)["items"]}
    assert (marks[colleague.id]["addressed"], marks[stranger.id]["addressed"]) == (False, True)
    assert marks[colleague.id]["read_at"]


def test_a_category_is_one_of_the_company(world: World) -> None:
    rep = world.person("rep")
    category = world.option("report_category", "市场动态")
    report = hand_in(rep, category_id=category)["result"]["id"]
    assert [row["id"] for row in rep.get("/api/work-reports", category_id=category)["items"]] == [report]
    with pytest.raises(Refused):
        hand_in(rep, "week", category_id=uuid7())


@pytest.mark.parametrize("apart", [True, False], ids=["later", "in the same push"])
def test_a_deleted_report_is_brought_back_with_what_was_said_of_it(world: World, apart: bool) -> None:
    """Given a commented report, when its author deletes it and takes that back, the comment is there in its own words, and
    who had read it: also where both reach the company together, from a phone without network."""
    rep, manager = world.person("rep"), world.person("manager")
    report = hand_in(rep, "week", summary="一周小结", report_to=[world.person("rep2").id])["result"]["id"]
    comment = uuid7()
    manager.do("report.comment", id=comment, report_id=report, text="继续")
    before = manager.get(f"/api/report-comments/{comment}")
    [read] = [one for one in manager.get("/api/report-readers")["items"] if one["reader_id"] == manager.id]
    rep.pull()
    if apart:
        rep.do("work_report.delete", id=report)
        rep.pull()
        assert not rep.holds("work_report", report)
        assert not rep.holds("report_comment", comment)
        assert manager.get("/api/report-readers")["items"] == []
        hand_in(rep, "week", id=report, summary="一周小结")
    else:
        again = {"id": report, "kind": "week", "report_date": TODAY.isoformat(), "summary": "一周小结"}
        results = rep.push(rep.op("work_report.delete", {"id": report}), rep.op("report.submit", again))
        assert [one["status"] for one in results] == ["applied", "applied"]

    after = manager.get(f"/api/report-comments/{comment}")
    for field in ("text", "commenter_id", "created_at", "created_by"):
        assert after[field] == before[field]
    [reader] = manager.get("/api/report-readers")["items"]
    assert (reader["id"], reader["read_at"]) == (read["id"], read["read_at"])
    rep.pull()
    assert rep.cache["work_report"][report]["comment_count"] == 1
    assert rep.cache["report_comment"][comment]["text"] == "继续"
    assert rep.cache["report_reader"][read["id"]]["read_at"] == read["read_at"]
    assert len(told(manager, "worklog.submitted")) == 1


def test_a_comment_is_changed_taken_back_and_said_again(world: World) -> None:
    """A manager's word is his own: changed, deleted, and there again under its id when that was undone."""
    rep, manager = world.person("rep"), world.person("manager")
    report, comment = hand_in(rep)["result"]["id"], uuid7()
    manager.do("report.comment", id=comment, report_id=report, text="继续")
    manager.do("report_comment.edit", id=comment, set={"text": ["继续", "继续跟"]})
    rep.pull()
    assert rep.cache["report_comment"][comment]["text"] == "继续跟"
    manager.do("report_comment.delete", id=comment)
    rep.pull()
    assert not rep.holds("report_comment", comment)
    assert rep.cache["work_report"][report]["comment_count"] == 0
    manager.do("report.comment", id=comment, report_id=report, text="继续跟")
    rep.pull()
    assert rep.cache["report_comment"][comment]["text"] == "继续跟"
    assert report_of(rep, report)["comment_count"] == 1


def test_what_was_deleted_before_does_not_come_back_with_another_report(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    report = hand_in(rep)["result"]["id"]
    manager.do("report.comment", id=uuid7(), report_id=report, text="继续")
    rep.do("work_report.delete", id=report)
    again = hand_in(rep)["result"]["id"]
    assert again != report
    assert report_of(rep, again)["comment_count"] == 0
    assert manager.get("/api/report-comments")["items"] == []
