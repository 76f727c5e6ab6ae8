"""docs/sync-protocol.md is what the server does: its examples are sent and compared, and a client made from the page
alone signs in, pulls, pushes and compares."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from media.make import DeviceKey
from server.records.ids import uuid7
from tests.support.world import PASSWORD, World
from tests.sync.small_client import SmallClient

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sync-protocol.md"
_NAME = re.compile(r"\{([a-z_0-9]+)\}")


@dataclass(frozen=True)
class Example:
    """One exchange of the page. `expected` is a pattern, see `compare`; `answered` are headers of the answer."""

    line: int
    method: str
    address: str
    headers: dict[str, str]
    body: Any
    status: int
    answered: dict[str, str]
    expected: Any


def examples() -> Iterator[Example]:
    text = PAGE.read_text(encoding="utf-8")
    for block in re.finditer(r"^```http\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        asked, answered = block[1].split("\n\n", 1)
        first, *rest = asked.split("\n")
        method, address = first.split(" ", 1)
        headers = _headers(rest)
        status, *answer = answered.strip().split("\n")
        told = _headers(answer)
        yield Example(
            text.count("\n", 0, block.start()) + 1,
            method,
            address,
            headers,
            json.loads("\n".join(rest)) if rest else None,
            int(status),
            told,
            json.loads("\n".join(answer)) if answer else None,
        )


def _headers(lines: list[str]) -> dict[str, str]:
    """Takes the headers off the front of what is said."""
    found: dict[str, str] = {}
    while lines and not lines[0].startswith(("{", " ")):
        name, value = lines.pop(0).split(": ", 1)
        found[name] = value
    return found


class Conversation:
    """What a reader of the page would do by hand: fill in, send, compare, remember."""

    def __init__(self, client: TestClient[Any], known: dict[str, str]) -> None:
        self.client = client
        self.known = known

    def hold(self, example: Example) -> None:
        body = self.fill(example.body, invent=True)
        answer = self.client.request(example.method, self.fill(example.address), json=body, headers=example.headers)
        assert answer.status_code == example.status, answer.text
        for name, value in example.answered.items():
            self.compare(value, answer.headers[name], name)
        if example.expected is not None:
            self.compare(example.expected, answer.json(), "answer")

    def fill(self, part: Any, *, invent: bool = False) -> Any:
        """With the values of the names; `invent`: a name that nobody has said yet is an id the client makes."""
        if isinstance(part, dict):
            return {name: self.fill(value, invent=invent) for name, value in part.items()}
        if isinstance(part, list):
            return [self.fill(value, invent=invent) for value in part]
        if not isinstance(part, str):
            return part
        if invent:
            for name in _NAME.findall(part):
                self.known.setdefault(name, uuid7())
        return _NAME.sub(lambda found: self.known[found[1]], part)

    def compare(self, wanted: Any, got: Any, place: str) -> None:
        """Objects may have further fields; "…" is anything, and at the end of a list the rest; numbers of one kind."""
        if wanted == "…":
            assert got not in (None, ""), place
        elif isinstance(wanted, dict):
            assert isinstance(got, dict), place
            for name, value in wanted.items():
                name = self.fill(name)
                assert name in got, f"{place}.{name} is missing in {got}"
                self.compare(value, got[name], f"{place}.{name}")
        elif isinstance(wanted, list):
            assert isinstance(got, list), place
            if wanted and wanted[-1] == "…":
                wanted = wanted[:-1]
                assert len(got) > len(wanted), place
            else:
                assert len(got) == len(wanted), f"{place}: {got}"
            for at, value in enumerate(wanted):
                self.compare(value, got[at], f"{place}[{at}]")
        elif isinstance(wanted, str) and (named := _NAME.fullmatch(wanted)) and named[1] not in self.known:
            assert isinstance(got, str), place
            self.known[named[1]] = got
        elif isinstance(wanted, str):
            pattern = ".+".join(re.escape(piece) for piece in self.fill(wanted).split("…"))
            assert isinstance(got, str), place
            assert re.fullmatch(pattern, got, re.DOTALL), f"{place}: {got!r} is not {wanted!r}"
        elif isinstance(wanted, bool) or wanted is None:
            assert got is wanted, f"{place}: {got!r}"
        else:
            assert type(got) is type(wanted), f"{place}: {got!r}"


def test_the_examples_of_the_page_are_what_the_server_does(world: World) -> None:
    known = {"username": "rep", "password": PASSWORD, "device": str(uuid.uuid4()), "public_key": DeviceKey().public}
    talk = Conversation(world.client(), known)
    sent = 0
    for example in examples():
        try:
            talk.hold(example)
        except AssertionError as wrong:
            pytest.fail(f"docs/sync-protocol.md line {example.line}, {example.method} {example.address}: {wrong}")
        sent += 1
    assert sent >= 12


def test_the_page_speaks_of_every_route_of_the_protocol(world: World) -> None:
    text = PAGE.read_text(encoding="utf-8")
    routes = {route.path for route in world.app.routes if route.path.startswith(("/sync/v1", "/media/v1"))}
    assert routes
    assert [path for path in sorted(routes) if re.split(r"/\{", path)[0] not in text] == []


def test_a_client_made_from_the_page_works(world: World) -> None:
    boss = world.person("boss")
    phone = SmallClient(world.client(), str(uuid.uuid4()))
    phone.sign_in("rep", PASSWORD)
    phone.pull(limit=3)
    shop = uuid7()
    phone.record("customer.create", {"id": shop, "values": {"name": "王记超市", "mobile": "13800138000"}})
    phone.record("customer.edit", {"id": shop, "set": {"address": [None, "中山路 1 号"]}})
    phone.record("drone.fly", {})
    phone.push()
    phone.pull()
    assert phone.rows["customer"][shop]["address"] == "中山路 1 号"
    # What is contained has left the outbox; what is held waits.
    assert [op["command"] for op in phone.outbox.values()] == ["drone.fly"]
    boss.do("customer.edit", id=shop, set={"name": ["王记超市", "王记大超市"]})
    phone.pull()
    assert phone.rows["customer"][shop]["name"] == "王记大超市"
    assert phone.digest() == 0
    # The same state that the test's own client has, which uses the server's code.
    other = world.person("rep")
    other.pull()
    phone.pull()
    for name, rows in other.cache.items():
        mine = phone.rows.get(name, {})
        assert {key: (row["rev"], row["root"]) for key, row in rows.items()} == {
            key: (row["rev"], row["root"]) for key, row in mine.items()
        }, name
        for key, row in rows.items():
            assert {field: value for field, value in row.items() if value is not None} == {
                field: value for field, value in mine[key].items() if value is not None
            }
    # Damage of all kinds is found and repaired.
    del phone.rows["customer"][shop]
    stray = uuid7()
    phone.rows["visit"] = {stray: {"id": stray, "rev": 1, "root": f"customer:{shop}"}}
    employee = next(iter(phone.rows["employee"].values()))
    employee["rev"] -= 1
    assert phone.digest() == 3
    assert shop in phone.rows["customer"]
    assert not phone.rows["visit"]
    assert phone.digest() == 0
    # Gone from the server, gone from here.
    boss.do("customer.assign", ids=[shop], owner_id=world.person("rep2").id)
    phone.pull()
    assert shop not in phone.rows["customer"]
