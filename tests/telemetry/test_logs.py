"""The log follows a tap to its commit by one id, and never says what people typed."""

import json
import logging
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from server.telemetry.logs import JsonLines, formatter, told
from tests.support.world import PASSWORD, PEOPLE, Refused, World

CUSTOMER = "0190f2c4-0000-7000-8000-00000000000b"


class Kept(logging.Handler):
    """What would have gone to stderr, as lines."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def events(self, **wanted: object) -> list[dict[str, object]]:
        found = [json.loads(line) for line in self.lines]
        return [line for line in found if all(line.get(name) == value for name, value in wanted.items())]


@pytest.fixture
def log() -> Iterator[Kept]:
    kept, xunke = Kept(), logging.getLogger("xunke")
    before = xunke.level
    xunke.addHandler(kept)
    xunke.setLevel(logging.INFO)
    yield kept
    xunke.removeHandler(kept)
    xunke.setLevel(before)


def test_an_op_is_found_from_the_tap_to_its_transaction(world: World, log: Kept) -> None:
    rep = world.person("rep")
    good = rep.op("customer.create", {"id": CUSTOMER, "values": {"name": "王记超市", "mobile": "13800138000"}})
    bad = rep.op("customer.create", {"id": CUSTOMER, "values": {}})
    results = rep.push(good, bad)
    [line] = log.events(route="/sync/v1/push")
    assert line["level"] == "info"
    assert line["ops"] == [good["id"], bad["id"]]
    assert (line["device"], line["employee"], line["tx"]) == (rep.device_id, rep.id, results[0]["position"])
    assert line["results"] == {"applied": 1, "rejected": 1}
    trouble = line["trouble"]
    assert isinstance(trouble, list)
    assert [(one["op"], one["command"], one["status"]) for one in trouble] == [
        (bad["id"], "customer.create", "rejected")
    ]
    assert isinstance(line["ms"], float)


def test_each_op_has_a_line_of_its_own_when_asked_for(world: World, log: Kept) -> None:
    logging.getLogger("xunke").setLevel(logging.DEBUG)
    rep = world.person("rep")
    op = rep.op("customer.create", {"id": CUSTOMER, "values": {"name": "王记超市", "mobile": "13800138000"}})
    rep.push(op)
    [line] = log.events(event="op")
    assert (line["op"], line["command"], line["status"]) == (op["id"], "customer.create", "applied")
    [push] = log.events(route="/sync/v1/push")
    assert push["request"] == line["request"]


def test_a_request_keeps_the_id_it_came_with(world: World, log: Kept) -> None:
    rep = world.person("rep")
    own = "tap-0190f2c4-7000"
    answer = rep.client.post(
        "/api/commands/option.create", json={"id": CUSTOMER, "values": {}}, headers={"X-Request-Id": own}
    )
    assert answer.headers["x-request-id"] == own
    assert log.events(request=own)
    for made_up in ("short", "white space in it", "x" * 65, "<script>alert(1)</script>"):
        answer = rep.client.get("/api/me", headers={"X-Request-Id": made_up})
        assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-request-id"])


def test_the_number_a_person_is_told_is_in_the_log(world: World, log: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    rep = world.person("rep")

    def fails(*given: object) -> None:
        raise ValueError("王记超市 13800138000")

    monkeypatch.setattr("server.api.account.read_me", fails)
    answer = rep.client.get("/api/me", headers={"Accept-Language": "en"})
    number = answer.json()["request_id"]
    assert answer.status_code == 500
    assert (answer.json()["code"], answer.headers["x-request-id"]) == ("server_failed", number)
    assert number in answer.json()["detail"]
    [line] = log.events(request=number, event="a request failed")
    error = line["error"]
    assert isinstance(error, dict)
    assert error["type"] == "ValueError"
    assert any("read_me" in place or "fails" in place for place in error["at"])
    assert "王记" not in "".join(log.lines)


def test_a_day_of_work_leaves_no_word_of_it_in_the_log(world: World, log: Kept) -> None:
    """Logins right and wrong, new customers, edits, searches, refusals, a failure: ids and codes only."""
    logging.getLogger("xunke").setLevel(logging.DEBUG)
    typed = ["王记超市", "13800138000", "wangji@example.com", "欠款三千", "wrong-password-9"]
    rep, boss = world.person("rep"), world.person("boss")
    with pytest.raises(Refused):
        world.sign_in("rep", rep.device_id, rep.key, password="wrong-password-9")
    values = {"name": "王记超市", "mobile": "13800138000", "email": "wangji@example.com", "remark": "欠款三千"}
    rep.push(
        rep.op("customer.create", {"id": CUSTOMER, "values": values}),
        rep.op("customer.edit", {"id": CUSTOMER, "set": {"mobile": ["13800138000", "not a number 13800138000"]}}),
        rep.op("王记超市.13800138000", {"remark": "欠款三千"}),
    )
    contact = {"customer_id": CUSTOMER, "name": "王记超市", "phone": "13800138000"}
    rep.client.post("/api/commands/contact.create", json={"id": CUSTOMER.replace("b", "c"), "values": contact})
    rep.get("/api/customers", q="王记超市")
    rep.client.get("/api/customers/王记超市")
    rep.client.get("/api/customers?mobile__like=13800138000")
    rep.client.post("/sync/v1/push", content=b'{"device": "13800138000')
    rep.pull()
    boss.post("/api/me/password", {"current": PASSWORD, "new": "another-secret-77"})
    boss.client.post("/api/logout")
    everything = "\n".join(log.lines)
    assert len(log.lines) > 10
    cookies = [cookie.value for person in (rep, boss) for cookie in person.client.cookies.jar if cookie.value]
    names = [real_name for real_name, _, _ in PEOPLE.values()]
    secrets = [*typed, *names, *cookies, PASSWORD, "another-secret-77", rep.time_token]
    assert [word for word in secrets if word and word in everything] == []


def test_an_error_of_the_database_is_told_without_the_row(world: World) -> None:
    def twice(session: object) -> None:
        session.execute(text("INSERT INTO device_contact (device_id, at) VALUES ('王记', '2026-01-01')"))  # type: ignore[attr-defined]

    writer = world.app.state.services.writer
    writer.call(twice)
    with pytest.raises(Exception, match=r"UNIQUE|unique|duplicate") as failure:
        writer.call(twice)
    found = told(failure.value)
    assert found["type"] == "IntegrityError"
    assert found["code"] in ("23505", "SQLITE_CONSTRAINT_PRIMARYKEY")
    assert "王记" not in json.dumps(found, ensure_ascii=False)


def test_a_terminal_reads_plain_text_and_everything_else_json() -> None:
    record = logging.LogRecord("xunke.op", logging.INFO, "", 0, "op", None, None)
    record.facts = {"op": "0190", "status": "applied"}
    assert "op op=0190 status=applied" in formatter("auto", terminal=True).format(record)
    line = json.loads(formatter("auto", terminal=False).format(record))
    assert (line["event"], line["op"], line["level"]) == ("op", "0190", "info")
    assert json.loads(formatter("json", terminal=True).format(record)) == line
