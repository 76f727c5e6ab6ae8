"""The search box through the public API: what is found by what, and what by whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.records.ids import uuid7
from server.records.search.following import Following
from tests.own.fields import name_of, own_field, role_of
from tests.support.world import Person, Refused, World


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, a search waits for the index here."""
    monkeypatch.setattr(Following, "patience", 60.0)


def hits(person: Person, q: str, **more: Any) -> dict[str, list[str]]:
    """Record type → ids, best first."""
    answer = person.get("/api/search", q=q, **more)
    assert answer["indexed"]
    return {group["record"]: [item["id"] for item in group["items"]] for group in answer["groups"]}


def shop(person: Person, name: str = "王记超市", **values: Any) -> str:
    return person.create("customer", **{"name": name, "mobile": "13800001234", **values})


@pytest.mark.parametrize(
    "q",
    [
        "王记超市", "记超", "王", "wjcs", "WJCS", "wangji", "chaoshi", "13800001234", "1380", "00012", "1234",
        "138 0000 1234", "１３８００００", "0532-8888", "05328888", "王强", "香港中路", "8号", "周五补货", "王超市", "王记 青岛",
        "sunny", "sunnycorner", "🍎", "李会计", "13700000002", "wang@example.com", "（王记）",
    ],
)  # fmt: skip
def test_a_customer_is_found_by_all_that_is_known_of_it(world: World, q: str) -> None:
    rep = world.person("rep")
    sign = name_of(world, own_field(world, "店招", search=True))
    values = {"primary_contact": "王强", "landline": "0532-8888 7777", "address": "香港中路 8 号 🍎", "city": "青岛"}
    wang = shop(rep, **values, remark="周五补货", email="wang@example.com", **{sign: "Sunny Corner"})
    rep.create("contact", customer_id=wang, name="李会计", phone="13700000002")
    shop(rep, "城阳百货", mobile="13911112222")
    assert hits(rep, q)["customer"] == [wang]
    assert [item["id"] for item in rep.get("/api/customers", q=q)["items"]] in ([wang], [])
    number = rep.get(f"/api/customers/{wang}")["customer_no"]
    assert hits(rep, number)["customer"] == [wang]
    assert hits(rep, number[-5:])["customer"] == [wang]


def test_each_type_has_its_group_and_says_where_it_was_found(world: World) -> None:
    rep = world.person("rep")
    wang = shop(rep)
    contact = rep.create("contact", customer_id=wang, name="赵敏", phone="13911112222", remark="喜欢喝茶")
    terminal = rep.create("terminal", customer_id=wang, name="城阳分店", address="正阳路 1 号")
    rep.do("report.submit", id=uuid7(), kind="day", report_date=str(datetime.now(UTC).date()), summary="盘点货架")
    assert hits(rep, "喝茶") == {"customer": [wang], "contact": [contact]}
    assert hits(rep, "zm")["contact"] == [contact]
    assert hits(rep, "正阳路") == {"terminal": [terminal]}
    [group] = rep.get("/api/search", q="喝茶", types="contact")["groups"]
    assert (group["found"], group["more"]) == ([{"field": "remark", "text": "喜欢喝茶"}], False)
    assert group["refs"]["customer"][wang] == "王记超市"
    assert list(hits(rep, "盘点货架")) == ["work_report"]
    assert list(hits(rep, "赵敏", types="customer")) == ["customer"]


def test_what_was_said_and_what_may_be_sold_is_found_by_who_may_see_it(world: World) -> None:
    rep, manager, stranger = (world.person(name) for name in ("rep", "manager", "stranger"))
    wang = shop(rep)
    said = {"customer_id": wang, "contacted_at": datetime.now(UTC).isoformat(), "content": "老板嫌陈列费太高"}
    record = rep.create("contact_record", **said, next_goal="带样品去谈冰柜")
    chance = rep.create("opportunity", customer_id=wang, name="年节礼盒", remark="先谈冰柜")
    for person in (rep, manager):
        assert hits(person, "陈列费") == {"contact_record": [record]}
        assert hits(person, "njlh") == hits(person, "礼盒") == {"opportunity": [chance]}
        assert hits(person, "冰柜") == {"opportunity": [chance], "contact_record": [record]}
    [group] = manager.get("/api/search", q="冰柜", types="contact_record")["groups"]
    assert group["found"] == [{"field": "next_goal", "text": "带样品去谈冰柜"}]
    assert hits(stranger, "冰柜") == hits(stranger, "礼盒") == {}


def test_customers_are_found_by_their_owner(world: World) -> None:
    wang = shop(world.person("rep"))
    shop(world.person("stranger"), "城阳百货", mobile="13911112222")
    assert hits(world.person("boss"), "张三")["customer"] == [wang]


def test_a_rep_finds_his_own_and_the_manager_the_teams(world: World) -> None:
    rep, stranger, manager = (world.person(name) for name in ("rep", "stranger", "manager"))
    mine = shop(rep, "王记超市一店")
    other = shop(stranger, "王记超市二店", mobile="13800009999")
    person = stranger.create("contact", customer_id=other, name="赵敏", phone="13911112222")
    for q in ("王记", "王", "13800009999", "wjcs", "二店", "赵敏", "13911112222"):
        assert other not in hits(rep, q).get("customer", []), q
        assert "contact" not in hits(rep, q) or person not in hits(rep, q)["contact"]
    assert hits(rep, "王记")["customer"] == hits(manager, "王记")["customer"] == [mine]
    assert hits(stranger, "赵敏") == {"customer": [other], "contact": [person]}
    assert set(hits(world.person("boss"), "王记")["customer"]) == {mine, other}
    stranger.do("customer.share", id=other, employee_id=rep.id)
    assert set(hits(rep, "王记")["customer"]) == {mine, other}
    assert hits(rep, "赵敏")["contact"] == [person]


def test_what_was_changed_or_deleted_is_found_as_it_is_now(world: World) -> None:
    boss = world.person("boss")
    wang = shop(boss, primary_contact="赵敏")
    assert hits(boss, "王记")["customer"] == [wang]
    boss.do("customer.edit", id=wang, set={"name": ["王记超市", "海之源便利店"]})
    assert hits(boss, "王记") == {}
    assert hits(boss, "海之源")["customer"] == [wang]
    boss.do("customer.delete", id=wang)
    assert hits(boss, "海之源") == {}
    assert hits(boss, "13800001234") == {}


def test_what_a_role_may_not_read_is_not_found_by_it(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    sign = own_field(world, "店招", search=True, others="edit", rights={role_of(rep): "hidden"})
    name = name_of(world, sign)
    wang = shop(rep, address="香港中路 8 号", primary_contact="王强")
    boss.do("customer.edit", id=wang, set={name: [None, "霓虹灯"]})
    assert hits(rep, "霓虹灯") == {}
    assert hits(boss, "霓虹灯")["customer"] == [wang]
    assert rep.get("/api/customers", q="霓虹灯")["items"] == []

    boss.do("role.edit", id=role_of(rep), set={"field_rights": [None, {"phone": "masked"}]})
    again = world.sign_in("rep", uuid7(), rep.key)
    for q in ("13800001234", "1234", "0000123", "138"):
        assert hits(again, q) == {}, q
        assert again.get("/api/customers", q=q)["items"] == []
    assert hits(again, "香港中路")["customer"] == hits(again, "王记")["customer"] == [wang]
    assert hits(boss, "1234")["customer"] == [wang]


def test_one_hidden_number_does_not_hide_the_others(world: World) -> None:
    boss, rep = world.person("boss"), world.person("rep")
    wang = shop(rep, landline="0532-8888 7777")
    boss.do(
        "role.edit",
        id=role_of(rep),
        set={"field_rights": [None, {"customer.mobile": "masked", "contact.phone": "hidden"}]},
    )
    again = world.sign_in("rep", uuid7(), rep.key)
    assert hits(again, "13800001234").get("customer") is None
    assert hits(again, "05328888")["customer"] == [wang]


def test_an_own_field_is_searched_while_it_is_there_and_may_be(world: World) -> None:
    boss = world.person("boss")
    sign = own_field(world, "店招")
    wang = shop(boss, **{name_of(world, sign): "霓虹灯"})
    assert hits(boss, "霓虹灯") == {}
    boss.do("own_field.edit", id=sign, set={"search": [False, True]})
    assert hits(boss, "霓虹灯")["customer"] == [wang]
    boss.do("own_field.delete", id=sign)
    assert hits(boss, "霓虹灯") == {}
    boss.do("own_field.restore", id=sign)
    assert hits(boss, "霓虹灯")["customer"] == [wang]


@pytest.mark.parametrize(
    "q",
    [
        '"', "'", "*", "鑫*", "鑫 OR 李", "NEAR(鑫 记)", "grams:鑫", '{"words"}', "-鑫", "^鑫", "%", "_", "\\",
        "a" * 5000, "鑫" * 5000, " ".join("鑫" * 500), "🙂", "👩‍👩‍👧", "\u202e鑫", "; DROP TABLE customer", "\ud7ff", "﷽",
    ],
)  # fmt: skip
def test_nothing_typed_is_a_syntax(world: World, q: str) -> None:
    rep = world.person("rep")
    shop(rep, "海之源便利店")
    assert hits(rep, q) == {}
    assert rep.get("/api/customers", q=q)["items"] == []
    assert rep.get("/api/customers/summary", q=q)["count"]["value"] == 0


def test_no_word_finds_nothing_and_a_wrong_type_is_named(world: World) -> None:
    rep = world.person("rep")
    shop(rep)
    assert hits(rep, "") == hits(rep, "  ") == hits(rep, "-- ()") == {}
    with pytest.raises(Refused) as refused:
        rep.get("/api/search", q="王", types="secret")
    assert refused.value.code == "unknown_field"


def test_the_best_come_first_and_there_are_more(world: World) -> None:
    rep = world.person("rep")
    for n in range(9):
        shop(rep, f"新王记{n}号", mobile=f"1390000000{n}")
    exact = shop(rep, "王记")
    starts = shop(rep, "王记超市", mobile="13800000002")
    [group] = rep.get("/api/search", q="王记", limit=4, types="customer")["groups"]
    assert [item["id"] for item in group["items"]][:2] == [exact, starts]
    assert (len(group["items"]), group["more"]) == (4, True)


def test_notices_and_schedules_are_found_by_those_who_see_them(world: World) -> None:
    clerk, rep, stranger = world.person("clerk"), world.person("rep"), world.person("stranger")
    notice = clerk.create("notice", title="新的陈列标准", content="请在拜访时拍照")
    assert hits(clerk, "陈列标准") == {"notice": [notice]}
    assert hits(rep, "陈列标准") == {}  # a draft
    clerk.do("notice.publish", id=notice)
    assert hits(rep, "拜访时拍照") == hits(stranger, "xdclbz") == {"notice": [notice]}
    begin = datetime(2026, 3, 2, 6, tzinfo=UTC)
    times = {"start_at": begin.isoformat(), "end_at": (begin + timedelta(hours=1)).isoformat()}
    entry = rep.create("schedule_entry", title="谈冰柜押金", place="二楼会议室", **times)
    assert hits(rep, "押金") == hits(rep, "二楼会议室") == {"schedule_entry": [entry]}
    # Who leads its person may read it and finds it; nobody else does, the colleague beside him neither.
    manager, boss = world.person("manager"), world.person("boss")
    for leader in (manager, boss):
        assert hits(leader, "押金") == {"schedule_entry": [entry]}
        assert leader.get(f"/api/schedule-entries/{entry}")["place"] == "二楼会议室"
    for other in (stranger, world.person("rep2"), clerk):
        assert hits(other, "押金") == hits(other, "二楼会议室") == {}
        assert other.client.get(f"/api/schedule-entries/{entry}").status_code == 404
