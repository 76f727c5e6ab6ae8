"""What no honest phone sends, or a bad network makes of what it sent: each gets its answer and costs nobody anything.

Ids, characters, depth and moments of single ops stand in tests/stories/test_bad_input.py; the same op from another
device in test_same_op.py; digests in test_digest.py; waiting and circles also in test_kept_ops.py.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import msgspec
import pytest

from server.records.ids import uuid7
from sync.push import MAX_BYTES, MAX_OPS
from tests.support.databases import NewDatabase
from tests.support.fieldwork import new_shop, shop_values
from tests.support.live_server import LiveServer
from tests.support.world import COMPANY, Person, Refused, World

JSON = {"content-type": "application/json"}


def creation(person: Person, **values: Any) -> dict[str, Any]:
    return person.op("customer.create", {"id": uuid7(), "values": shop_values(f"店{uuid7()[-12:]}", **values)})


def cheap(person: Person, **parts: Any) -> dict[str, Any]:
    """An op that is rejected without work: a visit nobody has."""
    return {**person.op("visit.drop", {"id": uuid7()}), **parts}


def body_of(person: Person, *ops: dict[str, Any]) -> bytes:
    return json.dumps({"device": person.device_id, "schema": 2, "ops": list(ops)}).encode()


def send(person: Person, content: bytes, **headers: str) -> Any:
    return person.client.post("/sync/v1/push", content=content, headers={**JSON, **headers})


def exists(person: Person, op: dict[str, Any]) -> bool:
    return person.client.get(f"/api/customers/{op['args']['id']}").status_code == 200


# -- order, repetition, identity


def test_ops_of_a_push_run_by_number_and_are_answered_as_sent(world: World) -> None:
    rep = world.person("rep")
    first = creation(rep, address="一号")
    second = rep.op("customer.edit", {"id": first["args"]["id"], "set": {"address": ["一号", "二号"]}})
    third = rep.op("customer.edit", {"id": first["args"]["id"], "set": {"address": ["二号", "三号"]}})
    results = rep.push(third, first, second)
    assert [(result["id"], result["status"]) for result in results] == [
        (third["id"], "applied"),
        (first["id"], "applied"),
        (second["id"], "applied"),
    ]
    assert rep.get(f"/api/customers/{first['args']['id']}")["address"] == "三号"


def test_the_same_op_twice_in_one_push_runs_once(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    note = rep.op("customer.edit", {"id": shop, "set": {"remark": [None, "周一送货"]}})
    one, other = rep.push(note, note)
    assert one == other
    assert rep.get(f"/api/customers/{shop}")["remark"] == "周一送货"


def test_a_push_that_arrives_several_times_at_once_runs_once(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    rep.do("customer.edit", id=shop, set={"remark": [None, "老客户"]})
    ops = [rep.op("customer.edit", {"id": shop, "set": {"remark": [None, f"第{n}条"]}}) for n in range(5)]
    answers: list[Any] = []
    lines = [threading.Thread(target=lambda: answers.append(rep.push(*ops))) for _ in range(6)]
    for line in lines:
        line.start()
    for line in lines:
        line.join()
    assert len(answers) == 6
    assert all(answer == answers[0] for answer in answers)
    assert rep.get(f"/api/customers/{shop}")["remark"].split("\n") == ["老客户", *(f"第{n}条" for n in range(5))]


def test_nobody_pushes_as_another_device(world: World) -> None:
    rep, phone = world.person("rep"), world.person("rep2")
    op = creation(rep)
    with pytest.raises(Refused) as refused:
        rep.post("/sync/v1/push", {"device": phone.device_id, "schema": 2, "ops": [op]})
    assert (refused.value.status, refused.value.code, refused.value.body["field"]) == (422, "wrong_device", "device")
    assert not exists(rep, op)


def test_what_another_employee_replays_does_nothing_in_the_authors_name(world: World) -> None:
    rep, rep2 = world.person("rep"), world.person("rep2")
    op = creation(rep)
    rep.push(op)
    edit = rep.op("customer.edit", {"id": op["args"]["id"], "set": {"address": [None, "一号"]}})
    rep.push(edit)
    assert [result["status"] for result in rep2.push(op, edit)] == ["rejected", "rejected"]
    history = rep.get(f"/api/customers/{op['args']['id']}/history")
    text = json.dumps(history, ensure_ascii=False)
    assert rep2.id not in text


@pytest.mark.parametrize("base", ["从没有过", None, 7, True, ["a"], {"a": 1}, "x" * 30_000])
def test_a_forged_base_overwrites_nothing_unseen(world: World, base: Any) -> None:
    rep, clerk = world.person("rep"), world.person("clerk")
    shop = new_shop(rep, address="一号")
    clerk.do("customer.edit", id=shop, set={"address": ["一号", "二号"]})
    [result] = rep.push(rep.op("customer.edit", {"id": shop, "set": {"address": [base, "三号"]}}))
    assert result["status"] == "conflict"
    conflict = rep.get(f"/api/conflicts/{result['conflicts'][0]}")
    assert (conflict["theirs"], conflict["mine"]) == ("二号", "三号")
    assert rep.get(f"/api/customers/{shop}")["address"] == "二号"


def test_a_note_that_is_added_to_for_ever_stays_within_its_length(world: World) -> None:
    """What would not fit is kept for somebody to decide, and no row grows without end on everybody's device."""
    rep = world.person("rep")
    shop = rep.create("customer", name="王记超市", mobile="13800000001")
    texts = [str(n) * 1500 for n in range(5)]
    ops = [rep.op("customer.edit", {"id": shop, "set": {"remark": [None, text]}}) for text in texts]
    results = rep.push(*ops)
    assert [result["status"] for result in results] == ["applied", "merged", "conflict", "conflict", "conflict"]
    assert rep.get(f"/api/customers/{shop}")["remark"].split("\n") == texts[:2]
    rep.pull()
    open_ones = [row for row in rep.cache["conflict"].values() if row["state"] == "open"]
    assert sorted(row["mine"] for row in open_ones) == texts[2:]
    assert {(row["policy"], row["theirs"]) for row in open_ones} == {("ask", "\n".join(texts[:2]))}
    [last] = rep.push(rep.op("customer.edit", {"id": shop, "set": {"remark": [None, "短"]}}))
    assert last["status"] == "merged"


@pytest.mark.parametrize("base", [-1, 2**53, 10**18])
def test_a_position_nobody_has_reached_changes_nothing(world: World, base: int) -> None:
    rep = world.person("rep")
    [result] = rep.push({**creation(rep), "base": base})
    assert result["status"] == "applied"


# -- cursors


def _cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(parts)).decode().rstrip("=")


GARBAGE = [
    "x",
    "=",
    "====",
    "null",
    "%00",
    "../../etc/passwd",
    "ü",
    "A" * 400,
    "A" * 5000,
    _cursor(),
    _cursor(1, 2, 3),
    _cursor(b"123456789", "soon"),
    _cursor(b"123456789", -5),
    _cursor(b"123456789", 2**64 - 1),
    _cursor(b"123456789", 1, 9, 9, 9, 9, 9),
    _cursor(b"123456789", 1, 1, 10**15, 0, 0, 0),
    base64.urlsafe_b64encode(b"\xc1\xff\xff").decode(),
    base64.urlsafe_b64encode(b"\xdd\xff\xff\xff\xff").decode(),  # an array of 4 billion entries, says its head
    base64.urlsafe_b64encode(b"\x91" * 200).decode(),
]


@pytest.mark.parametrize("parameter", ["cursor", "after"])
def test_a_cursor_of_any_kind_is_usable_or_starts_anew(world: World, parameter: str) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    for text in GARBAGE:
        page = rep.get("/sync/v1/pull", schema=2, **{parameter: text})
        assert page["reset"], text
        rep.cursor = None
        rep._take(page)
        assert rep.holds("customer", shop), text


def test_the_cursor_of_another_user_opens_nothing(world: World) -> None:
    rep, stranger = world.person("rep"), world.person("stranger")
    shop = new_shop(rep)
    rep.pull()
    stranger.pull()
    page = stranger.get("/sync/v1/pull", schema=2, cursor=rep.cursor)
    assert page["reset"]
    assert shop not in json.dumps(page)


def test_a_cursor_from_the_future_starts_anew(world: World) -> None:
    rep = world.person("rep")
    rep.pull()
    raw = base64.urlsafe_b64decode((rep.cursor or "") + "==")
    owner, at = msgspec.msgpack.decode(raw)[:2]
    for ahead in (1, 10**6, 2**62):
        page = rep.get("/sync/v1/pull", schema=2, cursor=_cursor(owner, at + ahead))
        assert page["reset"]
    for behind in (at - 1, 0, -1, -(2**62)):
        assert (
            rep.client.get("/sync/v1/pull", params={"schema": 2, "cursor": _cursor(owner, behind)}).status_code == 200
        )


def test_a_forged_unfinished_cursor_ends(world: World) -> None:
    """Phases, bounds and places that no server gave: a page comes, the pull ends, and it holds nothing of others."""
    rep, rep2 = world.person("rep"), world.person("rep2")
    other = new_shop(rep2)
    rep.pull()
    owner, at = msgspec.msgpack.decode(base64.urlsafe_b64decode((rep.cursor or "") + "=="))[:2]
    for parts in [
        (0, 1, at, 0, 0, -1),
        (at, 2, 0, at, 10**9, 0),
        (0, 7, at, 0, 0, 0),
        (0, -1, at, 0, 0, 0),
        (5, 1, 1, 2**62, 2**62, 2**62),
    ]:
        response = rep.client.get("/sync/v1/pull", params={"schema": 2, "cursor": _cursor(owner, *parts)})
        assert response.status_code == 200, (parts, response.text)
        assert other not in response.text


@pytest.mark.parametrize(
    "query", [{"schema": "x"}, {"limit": "-1"}, {"limit": "999999999"}, {"limit": "x"}, {"schema": "9" * 30}]
)
def test_odd_parameters_of_a_pull_get_an_answer(world: World, query: dict[str, str]) -> None:
    response = world.person("rep").client.get("/sync/v1/pull", params={"schema": "2", **query})
    assert response.status_code in (200, 400), response.text


# -- bodies


@pytest.mark.parametrize(
    ("how", "packed"),
    [
        ("gzip", gzip.compress(b"0" * 50_000_000, 1)),
        ("deflate", zlib.compress(b"0" * 50_000_000, 1)),
        ("br", brotli.compress(b"0" * 5_000_000, quality=1)),
        ("zstd", b"\x28\xb5\x2f\xfd\x00\x58\x01\x00\x00"),
        ("gzip, br", b"x"),
    ],
    ids=["gzip", "deflate", "br", "zstd", "two"],
)
def test_compressed_bodies_are_refused_unopened(world: World, how: str, packed: bytes) -> None:
    rep = world.person("rep")
    paths = ["/sync/v1/push", "/sync/v1/digest", "/api/login", "/api/commands/customer.create"]
    for path in paths:
        response = rep.client.post(path, content=packed, headers={**JSON, "content-encoding": how})
        assert (response.status_code, response.json()["code"]) == (415, "encoding_unsupported"), path
        assert response.headers["accept-encoding"] == "identity"
    blob = rep.client.post("/media/v1/uploads", content=packed, headers={"content-encoding": how})
    assert blob.status_code == 415
    assert send(rep, body_of(rep, creation(rep)), **{"content-encoding": "identity"}).status_code == 200


def test_half_a_body_stores_nothing(world: World) -> None:
    rep = world.person("rep")
    op = creation(rep)
    whole = body_of(rep, op)
    for length in (0, 1, 20, len(whole) // 2, len(whole) - 1):
        response = send(rep, whole[:length])
        assert (response.status_code, response.json()["code"]) == (422, "invalid_arguments"), length
    assert not exists(rep, op)
    assert send(rep, whole).json()["results"][0]["status"] == "applied"


def test_a_body_too_large_is_refused_with_what_is_allowed(world: World) -> None:
    rep = world.person("rep")
    response = send(rep, body_of(rep, creation(rep, remark="长" * MAX_BYTES)))
    assert (response.status_code, response.json()["code"]) == (413, "push_too_large")
    assert response.json()["params"]["max_bytes"] == MAX_BYTES
    response = send(rep, b"[" * (27 * 1024 * 1024))
    assert (response.status_code, response.json()["code"]) == (413, "body_too_large")


def test_ten_thousand_tiny_ops_go_in_halves(world: World) -> None:
    """As the app does it: a batch that is too large is halved until it fits, and then everything arrives."""
    rep = world.person("rep")
    ops = [cheap(rep) for _ in range(10_000)]
    size, at, refused, results = len(ops), 0, 0, []
    while at < 1_000:  # the other nine thousand go the same way
        response = send(rep, body_of(rep, *ops[at : at + size]))
        if response.status_code == 413:
            assert response.json()["params"]["max_ops"] == MAX_OPS
            size, refused = size // 2, refused + 1
            continue
        results += response.json()["results"]
        at += size
    assert refused == 6
    assert [result["id"] for result in results] == [op["id"] for op in ops[:at]]
    assert {result["code"] for result in results} == {"not_found"}


@pytest.mark.parametrize(
    "text",
    [
        '{"name": NaN}', '{"name": Infinity}', '{"name": -Infinity}', '{"name": 1e999}', '{"name": ' + "9" * 5000 + "}",
        '{"name": "\\ud800"}', '{"name": "\\udc00\\ud800"}', '{"name": 01}', '{"name": .5}', '{"name": +1}',
        "{'name': 1}", '{"name": 1,}', '{"name": "a\tb\n"}', '{name: 1}', '{"name": "\\x41"}',
    ],
)  # fmt: skip
def test_what_is_no_json_is_named(world: World, text: str) -> None:
    rep = world.person("rep")
    odd = json.dumps(cheap(rep, args="ARGS")).replace('"ARGS"', text)
    fine = json.dumps(cheap(rep))
    response = send(rep, f'{{"device":"{rep.device_id}","schema":2,"ops":[{odd},{fine}]}}'.encode())
    assert (response.status_code, response.json()["code"]) == (422, "invalid_arguments"), response.text
    # The app sends halves until the op that is at fault stands alone.
    assert send(rep, f'{{"device":"{rep.device_id}","schema":2,"ops":[{fine}]}}'.encode()).status_code == 200


def test_bytes_that_are_no_text_are_refused(world: World) -> None:
    rep = world.person("rep")
    for odd in (b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\xaf"):
        content = body_of(rep, cheap(rep, command="COMMAND")).replace(b"COMMAND", odd)
        response = send(rep, content)
        assert (response.status_code, response.json()["code"]) == (422, "invalid_arguments"), odd


def test_of_a_name_given_twice_the_last_counts_everywhere(world: World) -> None:
    rep = world.person("rep")
    op = creation(rep)
    text = json.dumps(op["args"]["values"], ensure_ascii=False)
    twice = body_of(rep, op).decode().replace(json.dumps(op["args"]["values"]), text[:-1] + ', "name": "后来的店"}')
    [result] = send(rep, twice.encode()).json()["results"]
    assert result["status"] == "applied"
    assert rep.get(f"/api/customers/{op['args']['id']}")["name"] == "后来的店"
    assert send(rep, twice.encode()).json()["results"] == [result]


# -- needs


def test_an_op_that_needs_itself_waits_and_holds_up_nobody(world: World) -> None:
    rep = world.person("rep")
    own, fine = creation(rep), creation(rep)
    own["needs"] = [own["id"]]
    assert [result["code"] for result in rep.push(own, fine)] == ["needs_missing", None]
    assert [result["code"] for result in rep.push(own, fine)] == ["needs_missing", None]
    assert not exists(rep, own)


def test_a_long_chain_in_one_push_runs_whatever_its_order(world: World) -> None:
    rep = world.person("rep")
    shop = new_shop(rep)
    ops: list[dict[str, Any]] = []
    for n in range(MAX_OPS):
        needs = [ops[-1]["id"]] if ops else []
        ops.append(rep.op("customer.edit", {"id": shop, "set": {"address": [None, f"{n}号"]}}, needs=needs))
    for op, number in zip(ops, reversed([op["seq"] for op in ops]), strict=True):
        op["seq"] = number
    assert {result["status"] for result in rep.push(*ops)} <= {"applied", "conflict"}


def test_a_chain_of_a_thousand_that_arrives_backwards_runs_when_its_head_comes(world: World) -> None:
    rep = world.person("rep")
    ops = [creation(rep)]
    for _ in range(1000):
        ops.append(cheap(rep, needs=[ops[-1]["id"]], command="drone.fly"))
    for at in range(len(ops) - 1, 0, -MAX_OPS):
        part = ops[max(1, at - MAX_OPS + 1) : at + 1]
        assert {result["code"] for result in rep.push(*reversed(part))} == {"needs_missing"}
    started = time.monotonic()
    [result] = rep.push(ops[0])
    assert result["status"] == "applied"
    assert time.monotonic() - started < 20
    # The first of the chain was run now (no server knows it yet), what needs it still waits for it.
    assert [result["code"] for result in rep.push(ops[1], ops[2])] == ["unknown_command", "needs_missing"]


def test_needs_have_a_limit(world: World) -> None:
    rep = world.person("rep")
    for count in (101, 5_000):
        response = send(rep, body_of(rep, cheap(rep, needs=[f"{n:x}" for n in range(count)])))
        assert (response.status_code, response.json()["code"]) == (422, "invalid_arguments"), count
        assert response.json()["field"] == "ops[0]"
    crowd = [cheap(rep, needs=[uuid7() for _ in range(100)]) for _ in range(100)]
    assert {result["code"] for result in rep.push(*crowd)} == {"needs_missing"}


# -- what comes back


def test_what_was_sent_does_not_get_into_headers_or_pages(world: World) -> None:
    rep = world.person("rep")
    evil = "x\r\nSet-Cookie: xunke_session=stolen\r\n\r\n<script>alert(1)</script>"
    answers = [
        rep.client.post("/api/commands/customer.create", json={"id": evil, "values": {evil: evil}}),
        rep.client.post("/api/commands/" + "x%0d%0aSet-Cookie:%20a=b", json={}),
        rep.client.get("/api/customers", params={"sort": evil}),
        rep.client.get("/api/customers", params={evil: evil}),
        rep.client.get("/sync/v1/pull", params={"schema": "2", "cursor": evil}),
        send(rep, body_of(rep, cheap(rep, command=evil[:80], id=evil[:64]))),
        rep.client.get("/x%0d%0aSet-Cookie:%20a=b"),
    ]
    for answer in answers:
        assert answer.status_code < 500 or answer.status_code == 503  # 503: the test has no built app to serve
        assert "set-cookie" not in answer.headers
        assert "html" not in answer.headers["content-type"]
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "value", ["", ";;;", "app=" + "x" * 5000, "waiting=-1; oldest=never", "app=\xff", "waiting=9e9"]
)
def test_what_a_device_says_of_itself_may_be_anything(world: World, value: str) -> None:
    rep = world.person("rep")
    headers = {b"x-xunke-client": value.encode("latin-1")}
    response = rep.client.get("/sync/v1/pull?schema=2", headers=headers)
    assert response.status_code == 200


# -- the line


@pytest.fixture
def live(new_database: NewDatabase, tmp_path: Path) -> Iterator[LiveServer]:
    server = LiveServer(tmp_path / "data", {"XUNKE_DATABASE": new_database(COMPANY)})
    server.start()
    yield server
    server.stop()


@pytest.mark.slow
def test_lines_that_stop_in_the_middle_hold_nobody_up(live: LiveServer) -> None:
    """Two hundred callers begin a request and say no more: others are served all the same."""
    head = "POST /sync/v1/push HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    starts = [
        head.encode(),
        f"{head}Content-Length: 100000\r\n\r\n{{".encode(),
        b"GET / HT",
        b"\x16\x03\x01\x02\x00\x01",
    ]
    lines = []
    for n in range(200):
        line = socket.create_connection(("127.0.0.1", live.port))
        line.sendall(starts[n % len(starts)])
        lines.append(line)
    started = time.monotonic()
    assert live._answers()
    assert time.monotonic() - started < 5
    for line in lines[::2]:
        line.close()  # gone without a word
    assert live._answers()
    for line in lines:
        line.close()
    assert "Traceback" not in live.log


@pytest.mark.slow
def test_a_stranger_is_sent_away_before_his_body_is_read(live: LiveServer) -> None:
    with socket.create_connection(("127.0.0.1", live.port), timeout=10) as line:
        line.sendall(b"POST /sync/v1/push HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n" + os.urandom(100))
        assert line.recv(400).startswith(b"HTTP/1.1 401")
