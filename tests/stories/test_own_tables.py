"""Tables of the company's own: made in the browser, filled in the field and at the desk, for the roles they are for."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import openpyxl
import pytest

from server.company.zone import company_zone
from server.records.actor import SYSTEM
from server.records.audit import Cause
from server.records.commands import Context
from server.records.ids import uuid7
from server.scheduler.jobs import job_named
from sync import journal
from tests.own.fields import customer, name_of, role_of
from tests.reports.asking import Lists, ask, labels
from tests.support.world import Person, Refused, World

pytestmark = pytest.mark.stories

ALL = ["view", "create", "edit", "delete", "export"]


def table(world: World, name: str, place: str = "customer", **values: Any) -> str:
    return world.person("boss").create("own_table", name=name, place=place, **values)


def column(world: World, table_id: str, name: str, kind: str = "text", **values: Any) -> str:
    """An own field of a table; what it is called in commands and on the wire."""
    values = {"record_type": "own_row", "table_id": table_id, "name": name, "kind": kind, **values}
    return name_of(world, world.person("boss").create("own_field", **values))


def adds(person: Person, table_id: str, row_id: str, title: str, **values: Any) -> dict[str, Any]:
    return person.op("own_row.create", {"id": row_id, "values": {"table_id": table_id, "title": title, **values}})


def changes(person: Person, row_id: str, field: str, base: Any, mine: Any) -> dict[str, Any]:
    return person.op("own_row.edit", {"id": row_id, "set": {field: [base, mine]}})


def listed(person: Person, **query: Any) -> list[str]:
    return [row["title"] for row in person.get("/api/own-rows", **query)["items"]]


def found_by(person: Person, words: str) -> list[str]:
    """Rows of tables that the box over everything finds."""
    groups = person.get("/api/search", q=words)["groups"]
    return [row["id"] for group in groups if group["record"] == "own_row" for row in group["items"]]


def exported(person: Person, **query: Any) -> list[tuple[Any, ...]]:
    response = person.client.get("/api/own-rows/export.xlsx", params=query)
    if response.status_code != 200:
        raise Refused(response.status_code, response.json())
    return list(openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0].iter_rows(values_only=True))


def nightly(world: World, job: str, now: datetime) -> None:
    def step(session: Any) -> bool:
        journal.of(session).cause = Cause(SYSTEM.employee_id, job, now)
        found = job_named(job)
        assert found is not None
        return found.work(Context(session=session, actor=SYSTEM, now=now, zone=company_zone(session))).more

    while world.app.state.services.writer.call(step):
        pass


def test_fridges_lent_out_from_the_table_to_the_export(world: World) -> None:
    """Given a table made while everything runs, when a rep fills it in without network, then the rows are his customer's:
    on his phone, in the manager's list, in the history, and they move with the customer."""
    rep, rep2, manager, boss = (world.person(one) for one in ("rep", "rep2", "manager", "boss"))
    wang, li = customer(rep), rep2.create("customer", name="李记超市", mobile="13900000002")
    rep.pull()
    fridges, prices = table(world, "冰柜", title_name="编号"), table(world, "竞品价格")
    litres = column(world, fridges, "容量", "number", required=True)
    deposit = column(world, fridges, "押金", "money", default_value="100.00")
    maker = column(world, fridges, "品牌", search=True)
    rival = column(world, prices, "品牌")
    rep.pull()
    assert rep.cache["own_table"][fridges]["title_name"] == "编号"

    first, second, other = uuid7(), uuid7(), uuid7()
    [one, two, three] = rep.push(
        adds(rep, fridges, first, "A-1", customer_id=wang, **{litres: 200, maker: "海尔"}),
        adds(rep, fridges, second, "A-2", customer_id=wang, **{litres: 90, deposit: "250.00"}),
        adds(rep, prices, other, "矿泉水", customer_id=wang, **{rival: "农夫"}),
    )
    assert {result["status"] for result in (one, two, three)} == {"applied"}
    rep.pull()
    # Only the table's own columns have their default, and a value of another table's column is not taken.
    assert [rep.cache["own_row"][row][deposit] for row in (first, second, other)] == ["100.00", "250.00", None]
    with pytest.raises(Refused, match="unknown_field"):
        boss.do("own_row.edit", id=other, set={litres: [None, 5]})
    with pytest.raises(Refused, match="required"):
        boss.create("own_row", table_id=fridges, title="A-3", customer_id=wang)
    with pytest.raises(Refused, match="required"):
        boss.create("own_row", table_id=fridges, title="A-3", **{litres: 1})
    with pytest.raises(Refused):
        rep2.get(f"/api/own-rows/{first}")

    assert listed(manager, table_id=fridges, sort=f"-{litres}") == ["A-1", "A-2"]
    assert listed(manager, table_id=fridges, **{f"{deposit}__ge": "200"}) == ["A-2"]
    assert listed(manager, table_id=fridges, q="海尔") == ["A-1"]
    assert [found_by(person, "海尔") for person in (rep, rep2, manager)] == [[first], [], [first]]
    rows = exported(manager, table_id=fridges, sort="title", columns=f"title,customer_id,{litres},{deposit}")
    assert rows == [("名称", "客户", "容量", "押金"), ("A-1", "王记超市", 200, 100), ("A-2", "王记超市", 90, 250)]

    # Two change one row: other fields are merged, the same field is somebody's to decide.
    manager.do("own_row.edit", id=first, set={litres: [200, 210]})
    [merged] = rep.push(changes(rep, first, maker, "海尔", "美的"))
    [conflict] = rep.push(changes(rep, first, litres, 200, 220))
    assert (merged["status"], conflict["status"]) == ("applied", "conflict")
    told = rep.get(f"/api/own-rows/{first}/history")
    assert [200, 210] in [entry["changes"].get(litres) for entry in told]

    # Deleted, it is on the phone to be brought back; after 30 days it is gone.
    rep.push(rep.op("own_row.delete", {"id": second}))
    assert listed(manager, table_id=fridges, deleted_at__empty="1") == ["A-1"]
    assert (found_by(manager, "A-1"), found_by(manager, "A-2")) == ([first], [])
    [late] = rep.push(changes(rep, second, litres, 90, 95))
    assert (late["status"], late["code"]) == ("adjusted", "own_row_deleted")
    rep.push(rep.op("own_row.restore", {"id": second}))
    assert manager.get(f"/api/own-rows/{second}")[litres] == 95
    rep.do("own_row.delete", id=second)
    nightly(world, "own_rows.purge", datetime.now(UTC) + timedelta(days=29))
    assert rep.get(f"/api/own-rows/{second}")["deleted_at"]
    nightly(world, "own_rows.purge", datetime.now(UTC) + timedelta(days=31))
    rep.pull()
    assert not rep.holds("own_row", second)

    # They go with the customer: into another one, and back, and to another rep.
    boss.do("customer.merge", id=wang, into=li)
    rep.pull()
    rep2.pull()
    assert (rep.holds("own_row", first), rep2.cache["own_row"][first]["customer_id"]) == (False, li)
    boss.do("customer.unmerge", id=wang)
    rep.pull()
    assert rep.cache["own_row"][first][litres] == 210


def test_a_report_counts_the_rows_that_are_there(world: World) -> None:
    """Deleted ones can be brought back for 30 days: a report counts them where it is asked for them, and then only."""
    rep, boss = world.person("rep"), world.person("boss")
    wang = customer(rep)
    fridges, prices = table(world, "冰柜"), table(world, "竞品价格")
    litres = column(world, fridges, "容量", "number")
    rows = [
        rep.create("own_row", table_id=fridges, title=f"A-{n}", customer_id=wang, **{litres: 100 * n})
        for n in (1, 2, 3)
    ]
    rep.create("own_row", table_id=prices, title="矿泉水", customer_id=wang)
    rep.do("own_row.delete", id=rows[2])
    declaration = {
        "record": "own_row",
        "by": "table_id",
        "measures": [
            {"name": "count", "kind": "count", "label": ["数量", "數量", "Number"]},
            {"name": "litres", "kind": "sum", "field": litres, "label": ["容量", "容量", "Litres"]},
        ],
        "dimensions": ["table_id", "deleted_at:year"],
    }
    saved = boss.create("saved_report", name="自定义数据", declaration=declaration)
    lists = Lists(boss)
    numbers = {"count": ("count", ""), "litres": ("sum", litres)}

    report = ask(boss, saved)
    assert labels(report) == {"冰柜": [2, 300], "竞品价格": [1, None]}
    assert report["totals"][0] == [3, 300]
    assert lists.check(report, numbers) > 0
    alone = ask(boss, saved, by="")
    assert (alone["totals"][0], lists.check(alone, numbers) > 0) == ([3, 300], True)

    deleted = ask(boss, saved, deleted_at__empty="0")
    assert labels(deleted) == {"冰柜": [1, 300]}
    assert sum(cells[0] for cells in labels(ask(boss, saved, by="deleted_at:year")).values()) == 1
    rep.do("own_row.restore", id=rows[2])
    assert labels(ask(boss, saved)) == {"冰柜": [3, 600], "竞品价格": [1, None]}


def test_a_table_is_for_the_roles_it_names(world: World) -> None:
    """Given a table that the office keeps, reps neither see nor write it, on no way; when they are let in, it comes with
    the next pull, and it goes when they are shut out."""
    rep, manager, clerk, boss = (world.person(one) for one in ("rep", "manager", "clerk", "boss"))
    wang = customer(rep)
    managers = role_of(manager)
    secret = table(
        world, "评级", rights={"others": ["view", "create", "edit", "export"], role_of(rep): [], managers: ["view"]}
    )
    word = column(world, secret, "评语")
    row = clerk.create("own_row", table_id=secret, title="差", customer_id=wang, **{word: "拖欠"})
    clerk.do("own_row.edit", id=row, set={"title": ["差", "很差"]})
    clerk.push(changes(clerk, row, "title", "差", "极差"))  # a conflict that says what rows of the table say
    paper, proof = column(world, secret, "凭证", "file"), uuid7()
    named = {"customer_id": wang, "record_type": "own_row", "field": paper}
    clerk.do("attachment.add", id=proof, name="差评.txt", sha256="0" * 64, size=3, **named)
    clerk.do("own_row.edit", id=row, set={paper: [None, [proof]]})
    rep.pull()
    assert not rep.holds("own_row", row)
    assert "差" not in str(rep.cache)
    assert (rep.get("/api/attachments")["items"], len(clerk.get("/api/attachments")["items"])) == ([], 1)
    assert listed(rep, table_id=secret) == []
    assert rep.get("/api/conflicts")["items"] == []
    assert (found_by(rep, "很差"), found_by(clerk, "很差")) == ([], [row])
    assert word not in str(rep.get("/sync/v1/pull", schema=2, shape="")["shape"])
    for path in (f"/api/own-rows/{row}", f"/api/own-rows/{row}/history"):
        with pytest.raises(Refused) as refused:
            rep.get(path)
        assert refused.value.status == 404
    [mine] = rep.push(adds(rep, secret, uuid7(), "好", customer_id=wang))
    assert (mine["status"], mine["code"]) == ("rejected", "own_table_not_yours")

    # The manager's role sees it: no more than that, whatever it may do with other tables.
    assert (listed(manager, table_id=secret), listed(clerk, table_id=secret)) == (["很差"], ["很差"])
    assert exported(manager, columns="title")[1:] == []
    assert exported(clerk, columns="title")[1:] == [("很差",)]
    refusals: list[tuple[str, dict[str, Any]]] = [
        ("own_row.edit", {"set": {word: ["拖欠", "无"]}}), ("own_row.delete", {}), ("own_row.restore", {}),
    ]  # fmt: skip
    for command, args in refusals:
        with pytest.raises(Refused) as refused:
            manager.do(command, id=row, **args)
        assert refused.value.status == 403
    assert rep.holds("own_table", secret)  # what tables there are is known to all, like own fields

    def let(right: list[str]) -> None:
        was = boss.get(f"/api/own-tables/{secret}")["rights"]
        boss.do("own_table.edit", id=secret, set={"rights": [was, {**was, role_of(rep): right}]})

    let(["edit"])
    assert boss.get(f"/api/own-tables/{secret}")["rights"][role_of(rep)] == ["view", "edit"]
    rep.pull()
    assert rep.cache["own_row"][row]["title"] == "很差"
    assert rep.push(changes(rep, row, word, "拖欠", "已付"))[0]["status"] == "applied"
    let([])
    rep.pull()
    assert not rep.holds("own_row", row)
    body: dict[str, Any] = {"cursor": rep.cursor, "types": {}}
    assert "own_row" not in rep.post("/sync/v1/digest", body)["types"]
    with pytest.raises(Refused, match="own_rights_malformed"):
        let(["eat"])


def test_a_table_is_deleted_while_a_phone_holds_unsent_rows(world: World) -> None:
    """Nothing is lost: what the phone sends lies with the other rows of the table, its author is told, and all of it is
    there again when the table is; also when its 30 days were over."""
    rep, boss = world.person("rep"), world.person("boss")
    wang = customer(rep)
    shelf = table(world, "陈列")
    metres = column(world, shelf, "米数", "decimal")
    old, new, late = uuid7(), uuid7(), uuid7()
    rep.push(adds(rep, shelf, old, "门口", customer_id=wang, **{metres: "1.5000"}))
    unsent = (
        adds(rep, shelf, new, "收银台", customer_id=wang, **{metres: "2.0000"}),
        changes(rep, old, metres, "1.5000", "1.8000"),
    )

    assert boss.get(f"/api/own-tables/{shelf}/rows") == {"count": 1}
    boss.do("own_table.delete", id=shelf)
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    for result in rep.push(*unsent):
        assert (result["status"], result["code"]) == ("adjusted", "own_table_deleted")
        assert (result["changes"][0]["name"], result["changes"][0]["until"]) == ("陈列", until)
    assert (listed(boss), boss.get(f"/api/own-tables/{shelf}/rows")) == ([], {"count": 2})
    with pytest.raises(Refused, match="own_table_gone"):
        boss.create("own_row", table_id=shelf, title="端架", customer_id=wang)
    boss.do("own_table.restore", id=shelf)
    assert [(row["title"], row[metres]) for row in rep.get("/api/own-rows", sort="title")["items"]] == [
        ("收银台", "2.0000"), ("门口", "1.8000"),
    ]  # fmt: skip

    boss.do("own_table.delete", id=shelf)
    nightly(world, "own_rows.purge", datetime.now(UTC) + timedelta(days=31))
    with pytest.raises(Refused, match="own_table_purged"):
        boss.do("own_table.restore", id=shelf)
    rep.pull()
    assert not rep.cache.get("own_row")
    assert rep.push(adds(rep, shelf, late, "堆头", customer_id=wang, **{metres: "3.0000"}))[0]["status"] == "adjusted"
    boss.do("own_table.restore", id=shelf)
    assert rep.get(f"/api/own-rows/{late}")[metres] == "3.0000"


def test_rows_of_people_and_of_the_company(world: World) -> None:
    """What stands free is its author's, seen as far as roles reach, and goes along in a handover; what is the company's,
    everybody reads who may, and those keep it who may write everybody's rows."""
    rep, rep2, manager, clerk, boss = (world.person(one) for one in ("rep", "rep2", "manager", "clerk", "boss"))
    ideas, rules = table(world, "点子", "person"), table(world, "活动", "company")
    with pytest.raises(Refused, match="own_files_of_customers"):
        column(world, rules, "海报", "file")
    mine = rep.create("own_row", table_id=ideas, title="送货上门")
    assert (listed(rep), listed(rep2), listed(manager), listed(clerk)) == (
        ["送货上门"],
        [],
        ["送货上门"],
        ["送货上门"],
    )
    with pytest.raises(Refused) as refused:
        rep.create("own_row", table_id=rules, title="买一送一")
    assert refused.value.code == "own_table_not_yours"
    theirs = clerk.create("own_row", table_id=rules, title="满百减十")
    for person in (rep, rep2, manager):
        person.pull()
        assert person.holds("own_row", theirs)
        assert "满百减十" in listed(person)
        with pytest.raises(Refused) as refused:
            person.do("own_row.edit", id=theirs, set={"title": ["满百减十", "满百减一"]})
        assert refused.value.status == 403
    assert boss.do("employee.hand_over", id=rep.id, to=rep2.id)["result"]["counts"]["own_rows"] == 1
    rep.pull()
    rep2.pull()
    assert (rep.holds("own_row", mine), rep2.cache["own_row"][mine]["owner_id"]) == (False, rep2.id)
