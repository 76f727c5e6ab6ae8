"""Notices from the first word to who has read them, and schedules: one's own without network, others' by right."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from server.records.ids import uuid7
from tests.notifications.test_kinds import SHANGHAI, next_monday, run, told
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories

WORDS = "各位同事：\n\n下周一起执行新的陈列标准。\n\n请在拜访时拍照。"


def write(person: Person, title: str = "新的陈列标准", **more: Any) -> str:
    return person.create("notice", title=title, content=WORDS, **more)


def notices(person: Person) -> set[str]:
    """The titles on the person's device after a pull, which are those that he finds online, too."""
    person.pull()
    held = person.cache.get("notice", {})
    assert set(held) <= {row["id"] for row in person.get("/api/notices", limit=200)["items"]}
    return {row["title"] for row in held.values()}


def code(person: Person, command: str, **args: Any) -> str:
    with pytest.raises(Refused) as refused:
        person.do(command, **args)
    return refused.value.code


def test_a_notice_is_published_told_once_read_without_network_and_withdrawn(world: World) -> None:
    clerk, rep, tablet, manager = (world.person(one) for one in ("clerk", "rep", "rep", "manager"))
    notice = write(clerk, pinned=True, category_id=world.option("notice_category", "内部通知"))
    # A draft is its author's.
    assert notices(clerk) == {"新的陈列标准"}
    assert notices(rep) == notices(manager) == set()
    assert told(rep, "notice.published") == []

    clerk.do("notice.publish", id=notice)
    for one in (rep, tablet, manager):
        assert notices(one) == {"新的陈列标准"}
        row = one.cache["notice"][notice]
        assert (row["content"], row["pinned"], row["state"], row["publisher_id"]) == (
            WORDS,
            True,
            "published",
            clerk.id,
        )
        [line] = told(one, "notice.published")
        assert (line["record_type"], line["record_id"], line["read_at"]) == ("notice", notice, None)
        assert line["args"] == {"publisher": "陈内勤", "title": "新的陈列标准"}
    assert told(clerk, "notice.published") == []

    # Read on the phone without network, and on the tablet, too: once, and seen on both.
    [first] = rep.push(rep.op("notice.read", {"id": uuid7(), "notice_id": notice}))
    [second] = tablet.push(tablet.op("notice.read", {"id": uuid7(), "notice_id": notice}))
    assert (first["status"], second["status"]) == ("applied", "applied")
    for one in (rep, tablet):
        assert told(one, "notice.published")[0]["read_at"] is not None
        [mine] = one.cache["notice_reader"].values()
        assert (mine["notice_id"], mine["reader_id"]) == (notice, rep.id)
    readership = clerk.get(f"/api/notices/{notice}/readership")
    names = [(one["name"], one["read_at"] is not None) for one in readership["people"]]
    assert (readership["read"], names[-1]) == (1, ("张三", True))
    assert {name for name, read in names if not read} == {"超级管理员", "王总", "李经理", "李四", "赵六"}
    with pytest.raises(Refused) as refused:
        rep.get(f"/api/notices/{notice}/readership")
    assert refused.value.code == "forbidden"

    # Corrected: everybody has the new words, and nobody is told again.
    clerk.do("notice.edit", id=notice, set={"title": ["新的陈列标准", "新的陈列标准（更正）"]})
    assert notices(rep) == {"新的陈列标准（更正）"}
    # Withdrawn: gone from everybody, and nothing to read is left behind. Published again: told once is told.
    clerk.do("notice.withdraw", id=notice)
    assert (notices(rep), notices(manager), notices(clerk)) == (set(), set(), {"新的陈列标准（更正）"})
    assert [one["read_at"] is None for one in told(manager, "notice.published")] == [False]
    clerk.do("notice.publish", id=notice)
    assert notices(rep) == {"新的陈列标准（更正）"}
    assert len(told(rep, "notice.published")) == len(told(manager, "notice.published")) == 1


def test_a_notice_for_some_follows_people_and_comes_back_when_it_was_deleted(world: World) -> None:
    boss, clerk, rep, stranger = (world.person(one) for one in ("boss", "clerk", "rep", "stranger"))
    department, role = rep.me["employee"]["department_id"], clerk.me["role"]["id"]
    below = boss.create("department", name="市南组", parent_id=department)
    assert code(boss, "notice.create", id=uuid7(), values={"title": "x", "content": "x", "audience": "some"}) == (
        "notice_audience"
    )
    for title, audience in (
        ("给内勤", {"role_ids": [role]}),
        ("给市南组", {"department_ids": [below]}),
        ("给市南组和内勤", {"department_ids": [below], "role_ids": [role]}),
        ("给大家", {"audience": "everybody"}),
    ):
        boss.do("notice.publish", id=write(boss, title, **{"audience": "some", **audience}))
    assert notices(clerk) == {"给内勤", "给市南组和内勤", "给大家"}
    assert notices(stranger) == notices(rep) == {"给大家"}
    assert [one["args"]["title"] for one in told(rep, "notice.published")] == ["给大家"]
    # Moved into the group: its notices come along; they are no news any more, so he is not told of them.
    boss.do("employee.edit", id=rep.id, set={"department_id": [department, below]})
    assert notices(rep) == {"给市南组", "给市南组和内勤", "给大家"}
    assert len(told(rep, "notice.published")) == 1
    # For more people than before: they are told, the others not again.
    row = next(one for one in boss.get("/api/notices")["items"] if one["title"] == "给市南组")
    boss.do("notice.edit", id=row["id"], set={"department_ids": [[below], [department]]})
    assert "给市南组" in notices(stranger)
    assert {one["args"]["title"] for one in told(stranger, "notice.published")} == {"给大家", "给市南组"}
    # Deleted by ticking, and brought back.
    for one in boss.get("/api/notices")["items"]:
        boss.do("notice.delete", id=one["id"])
    assert notices(rep) == notices(clerk) & {"给大家"} == set()
    assert code(boss, "notice.publish", id=row["id"]) == "notice_deleted"
    assert boss.get("/api/notices", deleted_at__empty="true")["items"] == []
    boss.do("notice.restore", id=row["id"])
    assert notices(rep) == {"给市南组"}
    # After 30 days it is gone for good.
    late = datetime.now(UTC) + timedelta(days=31)
    assert run(world, "notices.purge", late) == {"notices": 3}
    assert [one["title"] for one in boss.get("/api/notices")["items"]] == ["给市南组"]


def test_who_may_not_publish_does_not_and_what_is_over_is_not_published(world: World) -> None:
    boss, clerk, rep, manager = (world.person(one) for one in ("boss", "clerk", "rep", "manager"))
    notice = write(boss, until=(datetime.now(SHANGHAI).date() - timedelta(days=1)).isoformat())
    for person in (rep, manager):
        for command in ("publish", "withdraw", "delete", "restore"):
            assert code(person, f"notice.{command}", id=notice) == "forbidden"
        assert code(person, "notice.create", id=uuid7(), values={"title": "x", "content": "x"}) == "forbidden"
    assert code(clerk, "notice.publish", id=notice) == "notice_over"
    clerk.do("notice.edit", id=notice, set={"until": [None, None], "pinned": [False, True]})
    # Nobody reads what is not out, also where he guesses its id.
    assert rep.do("notice.read", id=uuid7(), notice_id=notice)["result"] == {"read": False}
    assert boss.get("/api/notice-readers")["items"] == []


def at(day: date, hour: int, minute: int = 0) -> str:
    return datetime.combine(day, time(hour, minute), SHANGHAI).astimezone(UTC).isoformat()


def entry(person: Person, day: date, hour: int = 9, **more: Any) -> str:
    return person.create(
        "schedule_entry", title="经销商会议", start_at=at(day, hour), end_at=at(day, hour + 2), **more
    )


def listed(person: Person, **filters: Any) -> set[str]:
    return {row["id"] for row in person.get("/api/schedule-entries", limit=200, **filters)["items"]}


def test_a_schedule_is_written_without_network_and_read_by_who_leads(world: World) -> None:
    rep, rep2, manager, stranger, clerk = (
        world.person(one) for one in ("rep", "rep2", "manager", "stranger", "clerk")
    )
    day = datetime.now(SHANGHAI).date() + timedelta(days=3)
    shop = rep.create("customer", name="王记超市", mobile="13800000001")
    meeting, lost = uuid7(), uuid7()
    values = {"title": "谈陈列", "start_at": at(day, 14), "end_at": at(day, 15), "place": "店里", "remind_before": 15}
    elsewhere = rep2.create("customer", name="李记超市", mobile="13800000002")
    [made, unknown] = rep.push(
        rep.op("schedule_entry.create", {"id": meeting, "values": {**values, "customer_id": shop}}),
        rep.op("schedule_entry.create", {"id": lost, "values": {**values, "customer_id": elsewhere}}),
    )
    # What is not his is left out, with words; the entry stays.
    assert (made["status"], unknown["status"], unknown["code"]) == ("applied", "adjusted", "schedule_customer")
    rep.pull()
    assert rep.cache["schedule_entry"][meeting]["customer_id"] == shop
    assert rep.cache["schedule_entry"][lost]["customer_id"] is None
    assert rep.cache["schedule_entry"][meeting]["person_id"] == rep.id

    # Who leads him reads it online; who does not, does not; and nobody else changes it.
    span = {"start_at__lt": at(day + timedelta(days=1), 0), "end_at__gt": at(day, 0)}
    assert listed(manager, person_id=rep.id, **span) == {meeting, lost}
    for other in (rep2, stranger, clerk):
        assert listed(other) == set()
    edit = {"id": meeting, "set": {"title": ["谈陈列", "取消"]}}
    assert code(manager, "schedule_entry.edit", **edit) == "outside_scope"
    assert code(world.person("boss"), "schedule_entry.edit", **edit) == "schedule_of_another"
    manager.pull()
    assert manager.cache.get("schedule_entry", {}) == {}

    # Moved to whole days: the company's, from the first midnight to the one after the last.
    last = day + timedelta(days=1)
    moved = {"all_day": [False, True], "end_at": [values["end_at"], at(last, 10)]}
    rep.do("schedule_entry.edit", id=meeting, set=moved)
    row = manager.get(f"/api/schedule-entries/{meeting}")
    begins, ends = (datetime.fromisoformat(row[name]).astimezone(SHANGHAI) for name in ("start_at", "end_at"))
    assert (begins, ends) == (
        datetime.combine(day, time(), SHANGHAI),
        datetime.combine(last + timedelta(days=1), time(), SHANGHAI),
    )
    assert code(rep, "schedule_entry.create", id=uuid7(), values={**values, "end_at": at(day, 13)}) == (
        "schedule_backwards"
    )
    late = {**values, "end_at": at(day + timedelta(days=400), 13)}
    assert code(rep, "schedule_entry.create", id=uuid7(), values=late) == "schedule_too_long"
    # Deleted, and put back by whoever did it: the same row again.
    again = {name: rep.cache["schedule_entry"][lost][name] for name in values}
    rep.do("schedule_entry.delete", id=lost)
    rep.do("schedule_entry.create", id=lost, values=again)
    rep.pull()
    assert rep.cache["schedule_entry"][lost]["title"] == "谈陈列"


def test_a_schedule_reminds_its_person_once_as_long_before_as_he_wants(world: World) -> None:
    rep, manager, begins = world.person("rep"), world.person("manager"), next_monday(14)
    day = begins.astimezone(SHANGHAI).date()
    meeting = entry(rep, day, 14, remind_before=30)
    fair = entry(rep, day, 0, all_day=True, remind_before=24 * 60)
    entry(rep, day, 14)  # without a reminder
    minutes = timedelta(minutes=1)
    run(world, "office.remind", begins - 40 * minutes)
    assert told(rep, "schedule.begins") == []
    # The day before, in the morning: the fair, which takes all day.
    [one] = told(rep, "schedule.all_day")
    assert (one["record_id"], one["args"]) == (fair, {"title": "经销商会议", "start_on": day.isoformat()})
    for moment in (begins - 34 * minutes, begins - 29 * minutes):
        run(world, "office.remind", moment)
    [one] = told(rep, "schedule.begins")
    assert (one["record_type"], one["record_id"]) == ("schedule_entry", meeting)
    assert one["args"]["title"] == "经销商会议"
    # Moved to an hour later: told again; one that has begun long ago is no news.
    rep.do("schedule_entry.edit", id=meeting, set={"start_at": [at(day, 14), at(day, 15)]})
    run(world, "office.remind", begins + 26 * minutes)
    assert len(told(rep, "schedule.begins")) == 2
    entry(rep, day, 9, remind_before=0)
    run(world, "office.remind", begins + 26 * minutes)
    assert len(told(rep, "schedule.begins")) == 2
    assert told(manager, "schedule.begins") == told(manager, "schedule.all_day") == []
