"""Pushes that share a transaction: what is asked and written for all of them at once is, for each, as if it were alone."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from server.database import Writer
from server.records.ids import uuid7
from sync.statements import Statement
from tests.support.world import Person, World

MANY = 6


class Seen:
    """What one shared transaction did; `statements` are those of the ORM and of `Statement`."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.rollbacks = 0
        self.batches: list[int] = []

    def count(self, beginning: str) -> int:
        return sum(statement.startswith(beginning) for statement in self.statements)


@contextmanager
def watched(writer: Writer) -> Iterator[Seen]:
    seen = Seen()

    def statement(_connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        seen.statements.append(" ".join(text.split()))

    def rolled_back(_connection: Any) -> None:
        seen.rollbacks += 1

    writer.on_batch.append(lambda jobs, _seconds: seen.batches.append(jobs))
    event.listen(writer.engine, "before_cursor_execute", statement)
    run = Statement._run

    def direct(self: Statement, session: Any, values: Any, *, many: bool) -> Any:
        seen.statements.append(self._texts[writer.engine.dialect.name].replace('"', ""))
        return run(self, session, values, many=many)

    Statement._run = direct  # type: ignore[method-assign]
    event.listen(writer.engine, "rollback", rolled_back)
    try:
        yield seen
    finally:
        Statement._run = run  # type: ignore[method-assign]
        event.remove(writer.engine, "before_cursor_execute", statement)
        event.remove(writer.engine, "rollback", rolled_back)
        writer.on_batch.pop()


def together(world: World, *pushes: tuple[Person, list[dict[str, Any]]]) -> tuple[list[list[dict[str, Any]]], Seen]:
    """Delivers the pushes so that they share a transaction, in this order; what each was answered."""
    writer: Writer = world.app.state.services.writer
    gate, busy = threading.Event(), threading.Event()

    def hold(_session: Any) -> None:
        busy.set()
        gate.wait(30)

    with ThreadPoolExecutor(len(pushes)) as pool, watched(writer) as seen:
        first = writer.submit(hold)
        assert busy.wait(20)
        answers = []
        for number, (person, ops) in enumerate(pushes, 1):
            answers.append(pool.submit(person.push, *ops))
            until = time.monotonic() + 20
            while writer.waiting() < number:
                assert time.monotonic() < until
                time.sleep(0.002)
        gate.set()
        first.result(30)
        found = [answer.result(60) for answer in answers]
    assert seen.batches == [1, len(pushes)], "they did not share one"
    return found, seen


@pytest.fixture
def world(make_world: Any) -> World:
    made: World = make_world(writers=1)
    return made


def contact(person: Person, customer_id: str, name: str, **values: Any) -> dict[str, Any]:
    return person.op(
        "contact.create", {"id": uuid7(), "values": {"customer_id": customer_id, "name": name, **values}}
    )


def history(person: Person, contact_id: str) -> list[dict[str, Any]]:
    found = person.get(f"/api/contacts/{contact_id}/history")
    return list(found["items"] if isinstance(found, dict) else found)


def test_many_pushes_are_looked_up_and_stored_in_one_statement_each(world: World) -> None:
    reps = [world.person("rep", f"phone {n}") for n in range(MANY)]
    customer_id = reps[0].create("customer", name="王记超市", mobile="13800000001")
    ops = [contact(rep, customer_id, f"联系人{n}") for n, rep in enumerate(reps)]
    answers, seen = together(world, *[(rep, [op]) for rep, op in zip(reps, ops, strict=True)])
    assert [result["status"] for [result] in answers] == ["applied"] * MANY
    assert seen.count("INSERT INTO contact ") == 1
    assert seen.rollbacks == 0
    for rep, op in zip(reps, ops, strict=True):
        [line] = history(rep, op["args"]["id"])
        assert (line["command"], line["device_id"]) == ("contact.create", rep.device_id)
    for rep, op, answer in zip(reps, ops, answers, strict=True):
        assert rep.push(op) == answer, "each op is stored under its own device with its own result"


def test_what_is_refused_leaves_those_before_and_after_it(world: World) -> None:
    rep = world.person("rep")
    customer_id = rep.create("customer", name="王记超市", mobile="13800000001")
    good, bad, late = (contact(rep, customer_id, name) for name in ("一", "二", "三"))
    bad["args"]["values"]["phone"] = "not a phone"
    nowhere = contact(rep, uuid7(), "四")
    [results], seen = together(world, (rep, [good, bad, nowhere, late]))
    assert [result["status"] for result in results] == ["applied", "rejected", "rejected", "applied"]
    assert seen.rollbacks == 0, "an op that wrote nothing is refused without running the others again"
    names = Counter(row["name"] for row in rep.get("/api/contacts", customer_id=customer_id)["items"])
    assert (names["一"], names["二"], names["三"], names["四"]) == (1, 0, 1, 0)
    rep.pull()
    assert rep.holds("contact", good["args"]["id"])
    assert rep.holds("contact", late["args"]["id"])
    assert not rep.holds("contact", bad["args"]["id"])


def test_a_row_that_waits_is_found_changed_and_refused_a_second_time(world: World) -> None:
    rep = world.person("rep")
    customer_id = rep.create("customer", name="王记超市", mobile="13800000001")
    made = contact(rep, customer_id, "王强")
    edited = rep.op("contact.edit", {"id": made["args"]["id"], "set": {"name": ["王强", "王小强"]}})
    again = rep.op("contact.create", {**made["args"]})
    [results], _ = together(world, (rep, [made, edited, again]))
    assert [(r["status"], r["code"]) for r in results] == [
        ("applied", None), ("applied", None), ("rejected", "already_exists"),
    ]  # fmt: skip
    lines = {line["op_id"] if "op_id" in line else line["command"]: line for line in history(rep, made["args"]["id"])}
    commands = sorted(line["command"] for line in lines.values())
    assert commands == ["contact.create", "contact.edit"]
    [edit] = [line for line in lines.values() if line["command"] == "contact.edit"]
    assert edit["changes"]["name"] == ["王强", "王小强"]


def test_the_main_contact_is_one_although_all_came_together(world: World) -> None:
    """A rule that looks at other rows sees those that wait."""
    reps = [world.person("rep", f"phone {n}") for n in range(3)]
    customer_id = reps[0].create("customer", name="王记超市", mobile="13800000001")
    ops = [contact(rep, customer_id, f"联系人{n}", is_primary=True) for n, rep in enumerate(reps)]
    answers, _ = together(world, *[(rep, [op]) for rep, op in zip(reps, ops, strict=True)])
    assert [result["status"] for [result] in answers] == ["applied"] * 3
    rows = reps[0].get("/api/contacts", customer_id=customer_id)["items"]
    assert [row["name"] for row in rows if row["is_primary"]] == ["联系人2"]
    assert reps[0].get(f"/api/customers/{customer_id}")["primary_contact"] == "联系人2"


def test_one_op_that_comes_twice_in_one_transaction_takes_effect_once(world: World) -> None:
    old, new = world.person("rep", "phone"), world.person("rep", "tablet")
    customer_id = old.create("customer", name="王记超市", mobile="13800000001")
    op = contact(old, customer_id, "王强")
    answers, seen = together(world, (old, [op]), (new, [op]), (old, [op]))
    assert answers[0] == answers[1] == answers[2]
    assert seen.rollbacks == 0
    assert len(old.get("/api/contacts", customer_id=customer_id, name="王强")["items"]) == 1


def test_ops_find_what_they_need_in_another_push_of_the_same_transaction(world: World) -> None:
    old, new = world.person("rep", "phone"), world.person("rep", "tablet")
    customer_id = old.create("customer", name="王记超市", mobile="13800000001")
    first = contact(old, customer_id, "王强")
    second = old.op("contact.edit", {"id": first["args"]["id"], "set": {"remark": [None, "爱喝茶"]}})
    second["needs"] = [first["id"]]
    third = new.op("contact.edit", {"id": first["args"]["id"], "set": {"department": [None, "采购"]}})
    third["needs"] = [second["id"]]
    answers, _ = together(world, (old, [second]), (new, [third]), (new, [first]))
    assert [result["code"] for [result] in answers] == ["needs_missing", "needs_missing", None]
    assert [old.push(op)[0]["status"] for op in (first, second, third)] == ["applied"] * 3
    row = old.get(f"/api/contacts/{first['args']['id']}")
    assert (row["remark"], row["department"]) == ("爱喝茶", "采购")


def test_a_device_revoked_in_the_same_transaction_is_quarantined(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    customer_id = rep.create("customer", name="王记超市", mobile="13800000001")
    before, after = contact(rep, customer_id, "一"), contact(rep, customer_id, "二")
    revoke = boss.op("device.revoke", {"id": rep.device_id})
    answers, _ = together(world, (rep, [before]), (boss, [revoke]), (rep, [after]))
    assert [(r["status"], r["code"]) for [r] in answers] == [
        ("applied", None), ("applied", None), ("held", "quarantined"),
    ]  # fmt: skip


def test_two_phones_with_one_identity_in_one_transaction_are_noticed(world: World) -> None:
    rep, boss = world.person("rep"), world.person("boss")
    customer_id = rep.create("customer", name="王记超市", mobile="13800000001")
    one, other = contact(rep, customer_id, "一"), contact(rep, customer_id, "二")
    other["seq"] = one["seq"]
    answers, _ = together(world, (rep, [one]), (rep, [other]))
    assert [result["status"] for [result] in answers] == ["applied", "applied"]
    assert boss.get(f"/api/devices/{rep.device_id}")["cloned_at"]


def test_a_day_in_the_field_is_written_in_few_statements(world: World) -> None:
    """What the ops name is read at once; a visit that begins, is noted and ends in one push is written once, and the
    audit trail still says what each command did."""
    rep = world.person("rep")
    customers = [rep.create("customer", name=f"门店{n}", mobile=f"1380000000{n}") for n in range(MANY)]
    visits = [uuid7() for _ in customers]
    ops: list[dict[str, Any]] = []
    for n, (visit, customer) in enumerate(zip(visits, customers, strict=True)):
        begun = rep.op("visit.check_in", {"id": visit, "customer_id": customer, "at": f"2026-11-20T0{n}:00:00Z"})
        noted = rep.op("visit.edit", {"id": visit, "set": {"content": [None, f"看了货架{n}"]}})
        ended = rep.op("visit.check_out", {"id": visit, "at": f"2026-11-20T0{n}:30:00Z"})
        noted["needs"] = ended["needs"] = [begun["id"]]
        ops += [begun, noted, ended]
    [results], seen = together(world, (rep, ops))
    assert {result["status"] for result in results} == {"applied"}
    assert seen.rollbacks == 0
    assert seen.count("SELECT customer.id") == 1, "the customers are read together"
    assert seen.count("SELECT visit.id") == 1, "and so is what may be planned visits"
    assert seen.count("INSERT INTO visit ") == 1
    assert seen.count("UPDATE visit") == 0
    assert 1 <= sum("visit_year" in said for said in seen.statements) <= 2, "and their year is counted together"
    for n, visit in enumerate(visits):
        row = rep.get(f"/api/visits/{visit}")
        assert (row["state"], row["content"], row["duration_seconds"]) == ("done", f"看了货架{n}", 1800)
        by_command = {line["command"]: line["changes"] for line in rep.get(f"/api/visits/{visit}/history")}
        assert by_command["visit.edit"] == {"content": [None, f"看了货架{n}"]}
        assert by_command["visit.check_in"]["state"] == [None, "open"]
        assert by_command["visit.check_out"]["state"] == ["open", "done"]
    assert all(rep.get(f"/api/customers/{customer}")["visit_count"] == 1 for customer in customers)


def test_what_a_refused_command_did_to_a_row_that_waits_is_undone(world: World) -> None:
    rep, other = world.person("rep"), world.person("boss")
    customer_id = rep.create("customer", name="王记超市", mobile="13800000001")
    first = contact(rep, customer_id, "王强")
    day = {"kind": "day", "report_date": "2026-11-20"}
    report = rep.op("report.submit", {"id": uuid7(), **day, "summary": "拜访六家"})
    # The rule that refuses looks when the new values are in place.
    theirs = other.op(
        "work_report.edit", {"id": report["args"]["id"], "set": {"summary": ["拜访六家", "什么也没做"]}}
    )
    answers, _ = together(world, (rep, [first, report]), (other, [theirs]))
    assert [(result["status"], result["code"]) for [*_, result] in answers] == [
        ("applied", None), ("rejected", "report_of_another"),
    ]  # fmt: skip
    assert rep.get(f"/api/work-reports/{report['args']['id']}")["summary"] == "拜访六家"
