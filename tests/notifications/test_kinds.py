"""What people are told of by itself (BUSINESS.md, Reminder centre): whom, when, and once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from server.company.models import COMPANY_ID
from server.company.setup import system_context
from server.customers.lunar import is_day, lunar_to_solar, next_birthday
from server.records.ids import uuid7
from server.scheduler.jobs import job_named
from tests.notifications.deliveries import on_sqlite
from tests.support.fieldwork import check_in, new_shop, shoot, upload
from tests.support.world import Person, Refused, World

SHANGHAI = ZoneInfo("Asia/Shanghai")


def next_monday(hour: int, minute: int = 0) -> datetime:
    """On the Monday after next, so that everything of the test lies before it."""
    today = datetime.now(SHANGHAI).date()
    monday = today + timedelta(days=14 - today.weekday())
    return datetime(monday.year, monday.month, monday.day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)


def run(world: World, name: str, now: datetime) -> dict[str, int]:
    """A timed job at a moment, until it has nothing more to do."""
    job = job_named(name)
    assert job is not None
    counts: dict[str, int] = {}
    more = True
    while more:
        done = world.app.state.services.writer.call(lambda session: job.work(system_context(session, now)))
        more = done.more
        counts = {key: counts.get(key, 0) + value for key, value in done.counts.items()}
    return counts


def told(person: Person, kind: str) -> list[dict[str, Any]]:
    person.pull()
    rows = person.cache.get("notification", {}).values()
    return [row for row in rows if row["kind"] == kind]


def test_a_return_contact_at_its_time(world: World) -> None:
    rep, stranger = world.person("rep"), world.person("stranger")
    at = next_monday(14)
    customer = rep.create("customer", name="王记超市", mobile="13800000001", next_contact_at=at.isoformat())
    run(world, "customers.remind", at - timedelta(minutes=5))
    assert told(rep, "customer.follow_up") == []
    run(world, "customers.remind", at + timedelta(minutes=1))
    run(world, "customers.remind", at + timedelta(minutes=6))
    [one] = told(rep, "customer.follow_up")
    assert (one["record_type"], one["record_id"]) == ("customer", customer)
    assert one["args"]["customer"] == "王记超市"
    assert told(stranger, "customer.follow_up") == []
    later = at + timedelta(days=2)
    rep.do("customer.edit", id=customer, set={"next_contact_at": [at.isoformat(), later.isoformat()]})
    run(world, "customers.remind", later)
    assert len(told(rep, "customer.follow_up")) == 2


def test_a_return_contact_as_many_days_before_as_the_company_wants(world: World) -> None:
    rep, at = world.person("rep"), next_monday(14)
    world.person("boss").do("notification_rule.set", kind="customer.follow_up", enabled=True, push=True, lead_days=1)
    rep.create("customer", name="王记超市", mobile="13800000001", next_contact_at=at.isoformat())
    run(world, "customers.remind", at - timedelta(hours=25))
    assert told(rep, "customer.follow_up") == []
    run(world, "customers.remind", at - timedelta(hours=23))
    assert len(told(rep, "customer.follow_up")) == 1


def test_a_birthday_three_days_before_and_on_the_day(world: World) -> None:
    rep, now = world.person("rep"), next_monday(9)
    customer = rep.create("customer", name="王记超市", mobile="13800000001")
    birthday = (now.astimezone(SHANGHAI).date() + timedelta(days=3)).replace(year=1980)
    rep.create("contact", customer_id=customer, name="赵六", birthday=birthday.isoformat(), birth_calendar="solar")
    run(world, "customers.remind", now - timedelta(days=1))
    assert told(rep, "customer.birthday") == []
    run(world, "customers.remind", next_monday(8))  # before the time of the day
    assert told(rep, "customer.birthday") == []
    for days in range(6):
        run(world, "customers.remind", now + timedelta(days=days))
    assert [one["args"]["contact"] for one in told(rep, "customer.birthday")] == ["赵六", "赵六"]


@on_sqlite
def test_a_contract_that_ends_and_the_pool_that_will_take(world: World) -> None:
    rep, boss, now = world.person("rep"), world.person("boss"), next_monday(9)
    today = now.astimezone(SHANGHAI).date()
    ends = [today + timedelta(days=days) for days in (2, 9)]
    for index, end in enumerate(ends):
        rep.create("customer", name=f"合同{index}", mobile=f"1380000001{index}", contract_end=end.isoformat())
    days = (now - datetime.now(UTC)).days + 2
    boss.do("company.edit", id=COMPANY_ID, set={"recovery_days": [30, days]})
    run(world, "customers.remind", now)
    run(world, "customers.remind", now + timedelta(minutes=5))
    assert [one["args"]["end_on"] for one in told(rep, "customer.contract_end")] == [ends[0].isoformat()]
    assert {one["args"]["customer"] for one in told(rep, "customer.pool_warning")} == {"合同0", "合同1"}


@on_sqlite
def test_who_sells_nothing_is_warned_before_his_days_are_over(world: World) -> None:
    rep, rep2, boss, now = world.person("rep"), world.person("rep2"), world.person("boss"), next_monday(9)
    for person, name, mobile in ((rep, "王记超市", "13800000001"), (rep2, "李记超市", "13800000002")):
        person.create("customer", name=name, mobile=mobile)
    days = (now - datetime.now(UTC)).days + 2
    boss.do("employee.edit", id=rep.id, set={"max_follow_days": [None, days]})
    run(world, "customers.remind", now)
    run(world, "customers.remind", now + timedelta(minutes=5))
    [one] = told(rep, "customer.pool_warning")
    on = (datetime.now(UTC) + timedelta(days=days)).astimezone(SHANGHAI).date()
    assert one["args"] == {"customer": "王记超市", "recover_on": on.isoformat()}
    assert told(rep2, "customer.pool_warning") == []


@on_sqlite
def test_no_visit_and_no_report_yet_today(world: World) -> None:
    rep, rep2 = world.person("rep"), world.person("rep2")
    for index, person in enumerate((rep, rep2)):
        person.create("customer", name=f"店{index}", mobile=f"1380000002{index}")
    assert run(world, "visits.remind", next_monday(14, 55)) == {}
    run(world, "visits.remind", next_monday(15, 1))
    run(world, "visits.remind", next_monday(15, 16))
    run(world, "worklogs.remind", next_monday(18, 1))
    run(world, "worklogs.remind", next_monday(18, 16))
    for kind, people in (("visit.none_today", {"rep", "rep2"}), ("worklog.none_today", {"rep", "rep2"})):
        for username in ("rep", "rep2", "stranger", "clerk", "manager", "boss"):
            assert len(told(world.person(username), kind)) == (username in people), (kind, username)
    sunday = next_monday(15, 1) - timedelta(days=1)
    assert run(world, "visits.remind", sunday) == {}


@on_sqlite
def test_who_was_out_today_is_not_reminded(world: World) -> None:
    rep, rep2 = world.person("rep"), world.person("rep2")
    world.person("boss").do(
        "company.edit", id=COMPANY_ID, set={"work_days": [[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6, 7]]}
    )
    for kind in ("visit.none_today", "worklog.none_today"):
        world.person("boss").do("notification_rule.set", kind=kind, enabled=True, push=True, at="00:00")
    for index, person in enumerate((rep, rep2)):
        person.create("customer", name=f"店{index}", mobile=f"1380000002{index}")
    customer = rep.create("customer", name="店", mobile="13800000030")
    now = datetime.now(UTC)
    rep.do("visit.check_in", id=uuid7(), customer_id=customer, at=now.isoformat())
    day = now.astimezone(SHANGHAI).date().isoformat()
    rep.do("report.submit", id=uuid7(), kind="day", report_date=day, summary="跑了一家")
    run(world, "visits.remind", datetime.now(UTC))
    run(world, "worklogs.remind", datetime.now(UTC))
    for kind in ("visit.none_today", "worklog.none_today"):
        assert [len(told(one, kind)) for one in (rep, rep2)] == [0, 1]


def test_a_suspect_visit_is_told_to_the_manager_and_not_to_who_made_it(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    rep.pull()
    customer = new_shop(rep)
    begun = check_in(rep, customer)
    visit = begun["args"]["id"]
    shots = [shoot(rep, visit, customer, place=(36.2, 120.6), needs=[begun["id"]]) for _ in range(2)]
    rep.push(begun, *(shot.op for shot in shots))
    for shot in shots:
        assert upload(rep, shot.photo.jpeg, shot.photo.sha256).status_code == 201
    [one] = told(manager, "visit.suspect")
    assert (one["record_type"], one["record_id"]) == ("visit", visit)
    assert (one["args"]["visitor"], one["args"]["customer"]) == ("张三", "王记超市")
    assert told(rep, "visit.suspect") == []
    assert told(world.person("boss"), "visit.suspect") == []  # administrators only where nobody else can


def test_a_new_order_is_told_to_those_who_approve(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    unit = world.option("unit", "箱")
    product = boss.create("product", name="矿泉水", unit_id=unit, price="12.0000")
    customer = rep.create("customer", name="王记超市", mobile="13800000001")
    order = uuid7()
    lines = [{"id": uuid7(), "product_id": product, "quantity": "2", "price": "12"}]
    rep.do("order.place", id=order, customer_id=customer, lines=lines)
    for username, count in (("manager", 1), ("clerk", 1), ("rep", 0), ("rep2", 0), ("boss", 0)):
        assert len(told(world.person(username), "order.to_approve")) == count, username
    held = uuid7()
    rep.do("customer.edit", id=customer, set={"credit_limit": [None, "1.00"]})
    lines = [{"id": uuid7(), "product_id": product, "quantity": "200", "price": "12"}]
    rep.do("order.place", id=held, customer_id=customer, lines=lines)
    assert len(told(world.person("clerk"), "order.to_approve")) == 1  # held orders ask through their approval


def test_a_report_and_its_comment(world: World) -> None:
    rep, manager, report = world.person("rep"), world.person("manager"), uuid7()
    day = datetime.now(SHANGHAI).date().isoformat()
    for summary in ("跑了一家", "跑了两家"):
        rep.do("report.submit", id=report, kind="day", report_date=day, summary=summary)
    assert [one["args"] for one in told(manager, "worklog.submitted")] == [{"author": "张三", "report_on": day}]
    manager.do("report.comment", id=uuid7(), report_id=report, text="很好")
    [one] = told(rep, "worklog.commented")
    assert one["args"] == {"commenter": "李经理", "report_on": day, "text": "很好"}


def test_a_conflict_is_told_to_who_can_decide_it(world: World) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    customer = rep.create("customer", name="王记超市", mobile="13800000001")
    clerk.do("customer.edit", id=customer, set={"address": [None, "一号"]})
    [result] = rep.push(rep.op("customer.edit", {"id": customer, "set": {"address": [None, "二号"]}}))
    [one] = told(rep, "conflict.open")
    assert (one["record_id"], one["args"]) == (result["conflicts"][0], {"subject": "王记超市"})
    assert told(world.person("manager"), "conflict.open") == []


def test_kept_ops_are_told_to_administrators_once_a_day(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    now = datetime.now(UTC)
    assert run(world, "ops.remind", now) == {}
    rep.push(rep.op("drone.fly", {"to": "shop"}))
    run(world, "ops.remind", now)
    run(world, "ops.remind", now)
    assert [one["args"] for one in told(boss, "ops.kept")] == [{"count": 1}]
    assert told(rep, "ops.kept") == []


def test_old_notifications_are_forgotten(world: World) -> None:
    rep, at = world.person("rep"), next_monday(14)
    rep.create("customer", name="王记超市", mobile="13800000001", next_contact_at=at.isoformat())
    run(world, "customers.remind", at)
    assert run(world, "notifications.forget", at + timedelta(days=179)) == {"removed": 0}
    assert run(world, "notifications.forget", at + timedelta(days=181)) == {"removed": 1}
    assert told(rep, "customer.follow_up") == []


@pytest.mark.parametrize(
    ("year", "month", "day", "solar"),
    [
        (1900, 1, 1, date(1900, 1, 31)), (1954, 1, 1, date(1954, 2, 3)), (1987, 6, 1, date(1987, 6, 26)),
        (1987, 7, 1, date(1987, 8, 24)), (2015, 3, 2, date(2015, 4, 20)), (2015, 3, 20, date(2015, 5, 8)),
        (2026, 1, 1, date(2026, 2, 17)), (2026, 8, 15, date(2026, 9, 25)), (2027, 1, 1, date(2027, 2, 6)),
        (2030, 1, 1, date(2030, 2, 3)), (2033, 12, 30, date(2034, 2, 18)), (2100, 1, 1, date(2100, 2, 9)),
        (2025, 12, 30, date(2026, 2, 16)), (2024, 12, 31, date(2025, 1, 28)),
    ],
)  # fmt: skip
def test_lunar_days(year: int, month: int, day: int, solar: date) -> None:
    assert lunar_to_solar(year, month, day) == solar


def test_lunar_days_that_do_not_exist() -> None:
    assert lunar_to_solar(1899, 1, 1) is lunar_to_solar(2101, 1, 1) is lunar_to_solar(2026, 13, 1) is None
    assert lunar_to_solar(2026, 1, 32) is lunar_to_solar(2026, 0, 1) is None
    days = ["2025-01-30", "2025-01-31", "2025-05-30", "1899-01-30", "2101-01-31"]
    assert [is_day(day, "lunar") for day in days] == [True, False, False, True, False]
    # The sixth month of 2025 had 30 days, the leap month after it 29; no other month of the year came twice.
    leap = ["2025-06-29", "2025-06-30", "2025-05-01", "2024-06-01", "1899-06-30"]
    assert [is_day(day, "lunar_leap") for day in leap] == [True, False, False, False, True]
    assert [is_day(day, "solar") for day in ("2024-02-29", "2025-02-29", "2025-04-31")] == [True, False, False]


def test_a_lunar_birthday_that_does_not_exist_is_refused_at_the_desk_and_kept_from_the_road(world: World) -> None:
    rep = world.person("rep")
    shop, friend = new_shop(rep), uuid7()
    with pytest.raises(Refused) as refused:
        rep.create("contact", customer_id=shop, name="老王", birthday="1990-01-31", birth_calendar="lunar")
    assert (refused.value.code, refused.value.body["field"]) == ("no_lunar_day", "birthday")
    values = {"customer_id": shop, "name": "老王", "birthday": "1990-01-31", "birth_calendar": "lunar"}
    [result] = rep.push(rep.op("contact.create", {"id": friend, "values": values}))
    assert (result["status"], result["code"]) == ("adjusted", "no_lunar_day")
    assert rep.get(f"/api/contacts/{friend}")["birthday"] == "1990-01-31"


def test_next_birthdays() -> None:
    assert next_birthday("1980-02-29", "solar", date(2027, 1, 1)) == date(2027, 2, 28)
    assert next_birthday("1980-12-31", None, date(2026, 12, 31)) == date(2026, 12, 31)
    assert next_birthday("1980-01-01", "solar", date(2026, 12, 31)) == date(2027, 1, 1)
    # The last lunar month of a year lies in the next solar one.
    assert next_birthday("1980-12-08", "lunar", date(2026, 1, 1)) == date(2026, 1, 26)
    assert next_birthday("1980-03-02", "lunar", date(2015, 4, 21)) == date(2016, 4, 8)
    assert next_birthday("1980-01-01", "lunar", date(2200, 1, 1)) is None
    # The second month has 30 days in some years, else its last day stands for the 30th; of a leap month, the month itself.
    assert next_birthday("1988-02-30", "lunar", date(2026, 1, 1)) == date(2026, 4, 16)
    assert next_birthday("1987-06-15", "lunar_leap", date(2025, 8, 1)) == date(2026, 7, 28)
