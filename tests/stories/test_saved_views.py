"""Views of lists that people save and share, and the quick views that only the server's filters can say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from server.customers.lunar import lunar_to_solar
from server.records.ids import uuid7
from tests.own.fields import customer, name_of, own_field
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories


def save(person: Person, name: str = "青岛的", **more: Any) -> str:
    args = {"id": uuid7(), "record_type": "customer", "name": name, "filters": {"city": "青岛"}, **more}
    return str(person.do("saved_view.save", **args)["result"]["id"])


def views(person: Person) -> dict[str, dict[str, Any]]:
    """What the person's device has after a pull."""
    person.pull()
    return {row["name"]: row for row in person.cache.get("saved_view", {}).values()}


def code(person: Person, **args: Any) -> str:
    with pytest.raises(Refused) as refused:
        person.do("saved_view.save", **{"id": uuid7(), "record_type": "customer", "name": "青岛的", **args})
    return refused.value.code


def names(person: Person, **filters: Any) -> set[str]:
    return {row["name"] for row in person.get("/api/customers", limit=200, **filters)["items"]}


def test_a_private_view_is_on_the_devices_of_its_author_and_of_nobody_else(world: World) -> None:
    rep, rep2, manager = (world.person(one) for one in ("rep", "rep2", "manager"))
    view = save(rep, sort="-debt_total", columns=["name", "city"], q="超市", base="debt")
    row = views(rep)["青岛的"]
    assert (row["filters"], row["sort"], row["columns"]) == ({"city": "青岛"}, "-debt_total", ["name", "city"])
    assert (row["q"], row["base"], row["owner_id"], row["audience"]) == ("超市", "debt", rep.id, "private")
    for other in (rep2, manager):
        assert views(other) == {}
        assert other.get("/api/saved-views")["items"] == []
    # Renamed by its author; somebody else cannot even say that it is there.
    save(rep, "岛城", id=view)
    assert set(views(rep)) == {"岛城"}
    with pytest.raises(Refused) as refused:
        save(rep2, "我的了", id=view)
    assert refused.value.code == "outside_scope"


def test_a_shared_view_goes_to_a_role_or_department_and_follows_people_who_change(world: World) -> None:
    boss, manager, rep, clerk = (world.person(one) for one in ("boss", "manager", "rep", "clerk"))
    role, department = rep.me["role"]["id"], rep.me["employee"]["department_id"]
    save(manager, "给业务员", audience="role", role_id=role)
    save(manager, "给全体", audience="everybody")
    below = boss.create("department", name="市南组", parent_id=department)
    save(manager, "给部门", audience="department", department_id=department)
    only_below = save(manager, "给市南组", audience="department", department_id=below)
    assert {"给业务员", "给全体", "给部门"} <= set(views(rep))
    assert "给市南组" not in views(rep)
    assert "给业务员" not in views(clerk)

    # Moved into the group below: its views and those of what is above it.
    boss.do("employee.edit", id=rep.id, set={"department_id": [department, below]})
    assert set(views(rep)) == {"给业务员", "给全体", "给部门", "给市南组"}
    assert set(rep.cache["saved_view"]) == {row["id"] for row in rep.get("/api/saved-views")["items"]}
    # Another role: what was shared with the old one is gone from the phone.
    clerks = clerk.me["role"]["id"]
    boss.do("employee.edit", id=rep.id, set={"role_id": [role, clerks]})
    assert "给业务员" not in views(rep)
    # Private again: gone from everybody but its author.
    save(manager, "给市南组", id=only_below)
    assert "给市南组" not in views(rep)
    assert "给市南组" in views(manager)
    # Whoever comes later has what is shared with him.
    boss.create(
        "employee", username="newcomer", real_name="新人", department_id=below, role_id=role, supervisor_id=manager.id
    )
    newcomer = boss.get("/api/employees", username="newcomer")["items"][0]["id"]
    boss.do("employee.set_password", id=newcomer, password="xunke-test-1")
    person = world.person("newcomer")
    assert set(views(person)) == {"给业务员", "给全体", "给部门"}


def test_a_shared_view_shows_everybody_only_what_he_may_see(world: World) -> None:
    manager, rep, rep2 = (world.person(one) for one in ("manager", "rep", "rep2"))
    customer(rep, "张三的店", city="青岛")
    rep2.create("customer", name="李四的店", mobile="13900000002", city="青岛")
    save(manager, "青岛", audience="everybody", filters={"city": "青岛"})
    for person, expected in ((manager, {"张三的店", "李四的店"}), (rep, {"张三的店"}), (rep2, {"李四的店"})):
        assert names(person, **views(person)["青岛"]["filters"]) == expected


def test_sharing_needs_its_right_and_what_is_no_view_is_refused(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    with pytest.raises(Refused) as refused:
        save(rep, audience="everybody")
    assert (refused.value.status, refused.value.code) == (403, "forbidden")
    assert code(manager, audience="role") == "view_audience"
    assert code(manager, audience="department", department_id=uuid7()) == "view_audience"
    assert code(manager, audience="friends") == "view_audience"
    assert code(manager, record_type="colour") == "view_malformed"
    assert code(manager, name="   ") == "view_malformed"
    assert code(manager, filters={"colour": "red"}) == "unknown_field"
    assert code(manager, filters={"city__regex": "a"}) == "unknown_field"
    assert code(manager, columns=["name", "password"]) == "unknown_field"
    assert code(manager, base="../x") == "view_malformed"
    assert code(manager, filters={"city": "x" * 3000}) == "malformed"


def test_a_deleted_view_can_be_brought_back(world: World) -> None:
    manager, rep = world.person("manager"), world.person("rep")
    view = save(manager, "给全体", audience="everybody")
    assert "给全体" in views(rep)
    manager.do("saved_view.delete", id=view)
    assert views(rep) == {}
    assert rep.get("/api/saved-views")["items"] == []
    with pytest.raises(Refused):
        rep.do("saved_view.restore", id=view)
    assert views(manager)["给全体"]["deleted_at"]
    manager.do("saved_view.restore", id=view)
    assert "给全体" in views(rep)


def test_a_view_outlives_the_own_field_it_asks_for(world: World) -> None:
    """The app leaves out what is no more and says so; the view itself, also one that a phone sends late, is kept."""
    boss, rep = world.person("boss"), world.person("rep")
    field = own_field(world, "冰柜", "text")
    name = name_of(world, field)
    save(
        boss, "有冰柜", audience="everybody", filters={f"{name}__empty": "0", "city": "青岛"}, columns=["name", name]
    )
    boss.do("own_field.delete", id=field)
    row = views(rep)["有冰柜"]
    assert row["filters"] == {f"{name}__empty": "0", "city": "青岛"}
    assert rep.cache["own_field"][field]["name"] == "冰柜"
    late = rep.op("saved_view.save", {"id": uuid7(), "record_type": "customer", "name": "迟到的",
                                      "filters": {name: "大"}, "columns": [name]})  # fmt: skip
    assert rep.push(late)[0]["status"] == "applied"
    with pytest.raises(Refused) as refused:
        names(rep, **{name: "大"})
    assert refused.value.code == "unknown_field"


def test_what_a_list_starts_with_is_ones_own_choice_on_every_device(world: World) -> None:
    rep, rep2 = world.person("rep"), world.person("rep2")
    view, choice = save(rep), uuid7()
    rep.do("view_choice.set", id=choice, record_type="customer", view=view)
    again = rep.do("view_choice.set", id=uuid7(), record_type="customer", view="debt")
    assert again["result"]["id"] == choice
    rep.pull()
    rep2.pull()
    assert [row["view"] for row in rep.cache["view_choice"].values()] == ["debt"]
    assert rep2.cache.get("view_choice", {}) == {}


def test_birthdays_by_either_calendar_of_customers_and_their_contacts(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    today = (datetime.now(UTC) + timedelta(hours=8)).date()
    soon, later = today + timedelta(days=3), today + timedelta(days=40)
    lunar = next(
        (month, day)
        for month in range(1, 13)
        for day in range(1, 30)
        if any(lunar_to_solar(year, month, day) == soon for year in (soon.year, soon.year - 1))
    )
    customer(rep, "阳历店", birth_date=_in_the_past(soon))
    rep.create("customer", name="农历店", mobile="13900000002", birth_calendar="lunar",
               birth_date=date(1980, *lunar).isoformat() if lunar != (2, 29) else "1980-02-29")  # fmt: skip
    rep.create("customer", name="以后店", mobile="13900000003", birth_date=_in_the_past(later))
    friend = rep.create("customer", name="有朋友的店", mobile="13900000004")
    rep.create("contact", customer_id=friend, name="朋友", birthday=_in_the_past(today))
    assert names(rep, birthday_within=7) == {"阳历店", "农历店", "有朋友的店"}
    assert names(rep, birthday_within=0) == {"有朋友的店"}
    assert names(rep, birthday_within="bad") == set()
    assert names(boss, birthday_within=60) == {"阳历店", "农历店", "有朋友的店", "以后店"}


def _in_the_past(day: date) -> str:
    return date(1980, day.month, day.day).isoformat()


def test_customers_about_to_be_recovered_are_those_the_pool_would_take(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    customer(rep, "新客户")
    assert names(rep, recovered_within=7) == set()
    [company] = boss.get("/api/companies")["items"]
    boss.do("company.edit", id=company["id"], set={"recovery_days": [30, 7]})
    assert names(rep, recovered_within=3) == set()
    assert names(rep, recovered_within=8) == {"新客户"}
    pool = boss.create("customer", name="公海的店", mobile="13900000009")
    boss.do("customer.assign", ids=[pool], owner_id=None)
    assert "公海的店" not in names(rep, recovered_within=8)


def test_whom_i_go_to_today_is_who_is_planned_and_who_is_due(world: World) -> None:
    rep, manager = world.person("rep"), world.person("manager")
    planned = customer(rep, "计划店")
    now = datetime.now(UTC)
    rep.create("customer", name="到期店", mobile="13900000002", next_contact_at=now.isoformat())
    rep.create("customer", name="闲店", mobile="13900000003")
    day = (now + timedelta(hours=8)).date().isoformat()
    rep.do("visit.plan", id=uuid7(), customer_id=planned, planned_on=day)
    assert names(rep, planned_for=rep.id) == {"计划店", "到期店"}
    assert names(manager, planned_for=manager.id) == set()


def test_quiet_customers_are_those_nobody_has_spoken_with_for_days(world: World) -> None:
    rep = world.person("rep")
    customer(rep, "新客户")
    assert names(rep, quiet_days=1) == set()
    assert names(rep, quiet_days=0) == {"新客户"}


def test_shared_customers_are_listed_by_who_shares_and_with_whom(world: World) -> None:
    rep, rep2, manager = world.person("rep"), world.person("rep2"), world.person("manager")
    shop = customer(rep, "共享店")
    rep.create("customer", name="自己的店", mobile="13900000002")
    rep.do("customer.share", id=shop, employee_id=rep2.id)
    assert names(rep, shared_by=rep.id) == names(rep2, shared_with=rep2.id) == {"共享店"}
    assert names(rep, shared_with=rep.id) == names(rep2, shared_by=rep2.id) == set()
    assert names(manager, shared_by=rep.id) == {"共享店"}
    assert names(world.person("stranger"), shared_by=rep.id) == set()
    rep.do("customer.unshare", id=shop, employee_id=rep2.id)
    assert names(rep, shared_by=rep.id) == set()
