"""Commands and reads over REST: idempotency, history, lists."""

import asyncio
import contextlib
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from server.photos.queries import find_picture, trust_by_person
from server.photos.wall import wall_page
from server.records.actor import Actor
from server.records.errors import NotFound, Rejected
from server.records.ids import uuid7
from server.records.listing import Query, detail, list_page
from server.records.record import Record, column_of, record_named, records, visible_fields
from tests.support.world import Refused, World


def test_a_command_with_the_same_key_takes_effect_once(world: World) -> None:
    boss = world.person("boss")
    values = {"list_name": "unit", "name": "桶"}
    first = boss.do("option.create", key="once", id=uuid7(), values=values)
    again = boss.do("option.create", key="once", id=uuid7(), values=values)
    assert first == again
    assert len(boss.get("/api/options", list_name="unit", name="桶")["items"]) == 1


def test_the_history_says_who_when_from_where_by_what_and_each_field(world: World) -> None:
    boss = world.person("boss")
    option = boss.create("option", list_name="unit", name="桶", sort=10)
    boss.do("option.edit", id=option, set={"name": ["桶", "大桶"], "sort": [10, 20]})
    changed, created = boss.get(f"/api/options/{option}/history")
    assert created["command"] == "option.create"
    assert (changed["command"], changed["employee_id"], changed["device_id"]) == (
        "option.edit",
        boss.id,
        boss.device_id,
    )
    assert changed["changes"] == {"name": ["桶", "大桶"], "sort": [10, 20]}
    assert changed["at"] >= created["at"]


def test_a_list_is_paged_by_key_without_gaps_or_repeats(world: World) -> None:
    boss = world.person("boss")
    for number in range(25):
        boss.create("option", list_name="industry", name=f"行业{number:02}", sort=number // 4)
    seen: list[str] = []
    after = ""
    while True:
        page = boss.get(
            "/api/options", list_name="industry", sort="-sort", limit=7, **({"after": after} if after else {})
        )
        seen += [item["name"] for item in page["items"]]
        after = page["next"] or ""
        if not after:
            break
    assert len(seen) == len(set(seen)) == 25
    assert seen[0] == "行业24"
    summary = boss.get("/api/options/summary", list_name="industry")
    assert summary["count"] == {"value": 25, "capped": False}


def test_pages_lose_nothing_that_was_made_in_one_moment(world: World):
    """One push has one time, of which the wire tells the milliseconds only."""
    rep = world.person("rep")
    made = [
        rep.op("customer.create", {"id": uuid7(), "values": {"name": f"同一刻{n}", "mobile": f"1390000000{n}"}})
        for n in range(7)
    ]
    rep.push(*made)
    for sort in ("", "created_at", "-created_at"):
        found: list[str] = []
        after = ""
        while True:
            page = rep.get("/api/customers", limit=2, sort=sort, **({"after": after} if after else {}))
            found += [row["id"] for row in page["items"]]
            after = page["next"] or ""
            if not after:
                break
        assert sorted(found) == sorted(op["args"]["id"] for op in made)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"colour": "red"}, "unknown_field"),
        ({"sort": "colour"}, "unknown_field"),
        ({"limit": "0"}, "too_large"),
        ({"sort__ge": "many"}, "wrong_type"),
        ({"after": "%%%"}, "wrong_type"),
    ],
)
def test_a_wrong_query_is_a_clear_error(world: World, params: dict[str, str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        world.person("boss").get("/api/options", **params)
    assert (refused.value.status, refused.value.code) == (422, code)


def test_errors_speak_the_callers_language(world: World) -> None:
    client = world.person("rep").client
    body = {"id": uuid7(), "values": {"list_name": "unit", "name": "桶"}}
    for language, word in (("zh-CN", "权限"), ("zh-TW", "權限"), ("en", "permission")):
        response = client.post("/api/commands/option.create", json=body, headers={"Accept-Language": language})
        assert response.headers["content-type"].startswith("application/problem+json")
        assert word in response.json()["detail"]


def test_what_an_error_names_is_called_so_in_the_callers_language(world: World) -> None:
    """The field of a rule, the columns of a list, a state; also where a stored answer is given again to somebody who
    reads another language. What a phone is told has all three."""
    boss, rep = world.person("boss"), world.person("rep")
    field = boss.create(
        "own_field", record_type="customer", name="门头宽度", name_en="Width of the sign", kind="number"
    )
    own = f"own.{boss.get(f'/api/own-fields/{field}')['key']}"
    too_long = {"id": uuid7(), "values": {"name": "店" * 500, "mobile": "13800000001"}}
    no_number = {"id": uuid7(), "values": {"name": "店", "mobile": "13800000001", own: "wide"}}
    said = {
        "zh-CN": ["客户名称最多 200 个字", "门头宽度的格式不对", "不能这样按“权限”筛选或排序"],
        "zh-TW": ["客戶名稱最多 200 個字", "门头宽度的格式不對", "不能這樣依「權限」篩選或排序"],
        "en": [
            "Customer name is longer than 200 characters",
            "Width of the sign has the wrong format",
            "Permissions cannot be filtered or sorted like this",
        ],
    }
    key = uuid7()
    for language, (name, sign, permissions) in said.items():
        headers = {"Accept-Language": language}
        first = rep.client.post(
            "/api/commands/customer.create", json=too_long, headers={**headers, "Idempotency-Key": key}
        )
        assert first.json()["detail"] == name
        assert first.json()["params"]["label"] in name
        assert "words" not in first.json()["params"]
        second = rep.client.post("/api/commands/customer.create", json=no_number, headers=headers)
        assert second.json()["detail"] == sign
        third = boss.client.get("/api/roles", params={"sort": "permissions"}, headers=headers)
        assert third.json()["detail"] == permissions
    [told] = rep.push(rep.op("customer.create", too_long))
    assert told["detail"]["words"] == {"label": ["客户名称", "客戶名稱", "Customer name"]}
    assert told["detail"]["label"] == "客户名称"


def test_a_row_named_by_another_is_called_by_that_ones_title_if_the_reader_may_see_it(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    shop = rep.create("customer", name="王记超市", mobile="13800000001")
    visit = uuid7()
    rep.do("visit.plan", id=visit, customer_id=shop, planned_on="2099-11-21")
    beer = boss.create("product", name="青岛纯生", unit_id=world.option("unit", "箱"), price="12.00")
    line = {"id": uuid7(), "product_id": beer, "quantity": "1", "price": "12.00"}
    order = uuid7()
    rep.do("order.place", id=order, customer_id=shop, visit_id=visit, lines=[line])
    assert rep.get("/api/orders")["items"][0]["visit_id"] == visit
    assert rep.get("/api/orders")["refs"]["visit"] == {visit: "王记超市"}
    assert rep.get(f"/api/orders/{order}")["refs"]["visit"] == {visit: "王记超市"}
    rep2 = world.person("rep2")
    boss.do("customer.assign", ids=[shop], owner_id=rep2.id)
    # His own visit and order stay his; the customer's name is its new owner's.
    assert rep.get(f"/api/orders/{order}")["refs"] == {"customer": {}, "visit": {visit: ""}}


def test_openapi_is_complete(world: World) -> None:
    paths = world.app.openapi_schema.to_schema()["paths"]
    assert "/api/commands/order.place" in paths
    assert "/api/customers/{row_id}" in paths
    assert "/sync/v1/push" in paths


@pytest.mark.slow
def test_any_filter_and_sort_of_any_field_is_answered_or_refused(world: World) -> None:
    """Whatever a caller combines: rows, or a sentence; never a failure of the database. Every kind of field gets every
    combination once, and every field some of them in turn."""
    services, boss = world.app.state.services, world.person("boss")
    actor = asyncio.run(services.logins.find(boss.client.cookies["xunke_session"])).actor
    texts = ("", "1", "abc", "2026-11-21T00:00:00Z")
    operators = ("", "__in", "__empty", "__like", "__ge", "__le", "__lt", "__gt", "__ne", "__idle_days")
    combined = list(itertools.product(operators, texts))
    turns = itertools.cycle(combined)
    kinds: set[str] = set()

    def tries(record: type[Record], name: str) -> Iterator[Query]:
        kind = f"{visible_fields(record)[name].kind} {column_of(record, name).type!r}" if name != "id" else name
        of_field = combined if kind not in kinds else itertools.islice(turns, 3)
        kinds.add(kind)
        for operator, text in of_field:
            yield Query(filters={f"{name}{operator}": text}, limit=1)
        yield Query(sort=name, limit=1)
        yield Query(sort=f"-{name}", limit=1)

    def ask(session: Session) -> int:
        answered = 0
        for record in records():
            for name in ("id", *visible_fields(record)):
                for query in tries(record, name):
                    with contextlib.suppress(Rejected):
                        list_page(session, actor, record, query)
                        answered += 1
        return answered

    with Session(services.writer.engine) as session:
        assert ask(session) > 1000


def test_rows_without_a_value_come_last_and_pages_go_on_among_them(world: World) -> None:
    rep = world.person("rep")
    sites = [None, "b.example", None, "a.example", None, "a.example"]
    rows = [{"name": f"第{n}家", "mobile": f"1391111000{n}", "website": site} for n, site in enumerate(sites)]
    rep.push(*[rep.op("customer.create", {"id": uuid7(), "values": values}) for values in rows])
    every = rep.get("/api/customers", limit=50)["items"]
    assert len(every) == len(sites)

    def paged(sort: str, limit: int) -> list[str]:
        found: list[str] = []
        after = ""
        while True:
            page = rep.get("/api/customers", limit=limit, sort=sort, **({"after": after} if after else {}))
            found += [row["id"] for row in page["items"]]
            after = page["next"] or ""
            if not after:
                return found

    for sort in ("website", "-website", "last_contact_at", "-last_contact_at", "id", "-id"):
        field, falling = sort.lstrip("-"), sort.startswith("-")
        ordered = sorted(every, key=lambda row: (row[field] or "", row["id"]), reverse=falling)
        ordered.sort(key=lambda row: row[field] is None)
        for limit in (1, 2, 3, 4, 5, 6):
            assert paged(sort, limit) == [row["id"] for row in ordered], (sort, limit)


@contextlib.contextmanager
def plans(world: World, table: str) -> Iterator[tuple[Session, Actor, list[str]]]:
    """A manager's reads, and how SQLite goes about those of a table that have a rule of visibility."""
    services, manager = world.app.state.services, world.person("manager")
    actor = asyncio.run(services.logins.find(manager.client.cookies["xunke_session"])).actor
    asked: list[str] = []
    with Session(services.writer.engine) as session:
        if session.get_bind().dialect.name != "sqlite":
            pytest.skip("PostgreSQL plans with statistics")

        @event.listens_for(session.connection(), "before_cursor_execute")
        def remember(_connection: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
            if f"FROM {table}" in statement and "owner_id IN" in statement:
                plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
                asked.append(" / ".join(row[3] for row in plan))

        yield session, actor, asked


def test_a_managers_list_is_found_by_its_order_and_not_by_all_he_may_see(world: World) -> None:
    """Among a million visits the second takes seconds (server/records/aside.py)."""
    with plans(world, "visit") as (session, actor, asked):
        list_page(session, actor, record_named("visit"), Query(sort="-checked_in_at"))
    with_value, without = asked[:2]
    assert "visit USING INDEX ix_visit_period" in with_value
    assert "visit USING INDEX ix_visit_period" in without
    for plan in asked:
        assert "visitor" not in plan
        assert "ix_visit_customer" not in plan


def test_a_photo_looks_for_its_own_visit_and_not_for_all_the_manager_may_see(world: World) -> None:
    """Of a million visits the wall took five seconds, a photo of somebody else's team as long."""
    days = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    with plans(world, "photo") as (session, actor, asked):
        list_page(session, actor, record_named("photo"), Query(sort="-taken_at"))
        wall_page(session, actor, days)
        trust_by_person(session, actor, *days)
        detail(session, actor, record_named("photo"), uuid7())
        with contextlib.suppress(NotFound):
            find_picture(session, actor, uuid7())
    assert len(asked) >= 8
    for plan in asked:
        assert "SEARCH visit USING INDEX sqlite_autoindex_visit_1 (id=?)" in plan, plan
        assert "ix_visit" not in plan, plan
