"""A company in a database of its own, and people who use it through the public API, as stories need them.

world.person("rep")            a signed-in device of an employee, made when first asked for
rep.do("customer.create", …)   a command over REST; raises `Refused` with the code
rep.push(rep.op(…), …)         what a phone sends after a day without network
rep.pull()                     what the phone then holds: `rep.cache["customer"][id]`
"""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from litestar.testing import TestClient

from media.make import DeviceKey
from server.app import equip, make_routes
from server.company.setup import add_employee, found_company, system_context
from server.database import Writer, write_engine
from server.people import passwords
from server.records.ids import uuid7
from server.records.record import record_named, visible_fields
from server.schema import migrate
from server.settings import Settings
from sync.pages import TypePage, rows_of
from tests.support.databases import NewDatabase, Template
from tests.support.totals import drifted_totals

PASSWORD = "xunke-test-1"
#: Tests sign in a thousand times: their passwords are hashed by the same code, with as little work as it can do.
#: `tests/people/test_passwords.py` looks at what production does.
passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
#: username → (real name, role, supervisor)
PEOPLE = {
    "boss": ("王总", "超级管理员", None),
    "manager": ("李经理", "销售经理", None),
    "rep": ("张三", "销售员", "manager"),
    "rep2": ("李四", "销售员", "manager"),
    "stranger": ("赵六", "销售员", None),
    "clerk": ("陈内勤", "内勤", None),
}


class Refused(Exception):
    """An answer that is not a success: its status, code and body."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.code: str = body.get("code", "")


def build_company(url: str) -> None:
    """The template of every world: a migrated database with a company and its people."""
    engine = write_engine(url)
    migrate(engine)
    writer = Writer(engine)
    hashed = passwords.hash_password(PASSWORD)

    def found(session: Any) -> None:
        founded = found_company(session, "青岛巡客商贸有限公司", "admin", PASSWORD)
        context = system_context(session)
        ids = {name: uuid7() for name in PEOPLE}
        for username, (real_name, role, supervisor) in PEOPLE.items():
            values = {
                "username": username,
                "real_name": real_name,
                "department_id": founded.department_id,
                "role_id": founded.roles[role],
                "supervisor_id": ids[supervisor] if supervisor else None,
            }
            add_employee(context, ids[username], values, hashed)

    writer.call(found)
    writer.close()


COMPANY = Template("company", build_company)


@dataclass
class Person:
    """One employee on one device."""

    world: World
    username: str
    client: TestClient[Litestar]
    device_id: str
    key: DeviceKey
    me: dict[str, Any]
    cursor: str | None = None
    cache: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    seq: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    time_token: str = ""

    @property
    def id(self) -> str:
        return str(self.me["employee"]["id"])

    # -- REST

    def get(self, path: str, **params: Any) -> Any:
        return self._answer(self.client.get(path, params=params))

    def post(self, path: str, body: Any, **headers: str) -> Any:
        return self._answer(self.client.post(path, json=body, headers=headers))

    def do(self, command: str, *, key: str | None = None, **args: Any) -> dict[str, Any]:
        """Runs a command; returns the answer with `status`, `code`, `result` …"""
        headers = {"Idempotency-Key": key} if key else {}
        answer: dict[str, Any] = self._answer(
            self.client.post(f"/api/commands/{command}", json=args, headers=headers)
        )
        return answer

    def create(self, record: str, **values: Any) -> str:
        """Creates a record over REST; returns its id."""
        row_id = uuid7()
        self.do(f"{record}.create", id=row_id, values=values)
        return row_id

    @staticmethod
    def _answer(response: Any) -> Any:
        if response.status_code >= 400:
            raise Refused(response.status_code, response.json())
        return response.json() if response.content else None

    # -- sync

    def op(
        self, command: str, args: dict[str, Any], *, needs: list[str] | None = None, op_id: str | None = None,
        at: datetime | None = None, version: int = 1,
    ) -> dict[str, Any]:  # fmt: skip
        """An op as the phone's outbox holds it."""
        return {
            "id": op_id or uuid7(),
            "seq": next(self.seq),
            "command": command,
            "version": version,
            "at": (at or datetime.now(UTC)).isoformat(),
            "base": None,
            "args": args,
            "needs": needs or [],
        }

    def push(self, *ops: dict[str, Any]) -> list[dict[str, Any]]:
        body = {"device": self.device_id, "schema": 2, "ops": list(ops)}
        answer = self._answer(self.client.post("/sync/v1/push", json=body))
        return list(answer["results"])

    def pull(self) -> dict[str, Any]:
        """Pulls until there is nothing more, and keeps `cache` as a phone would. Returns the last page."""
        after = None
        while True:
            params = {"cursor": self.cursor, "after": after, "schema": 2}
            page = self.get("/sync/v1/pull", **{k: v for k, v in params.items() if v is not None})
            self._take(page)
            after = page.get("after")
            if after is None:
                self.cursor = page["cursor"]
                self.time_token = page["time_token"]
                return dict(page)

    def _take(self, page: dict[str, Any]) -> None:
        if page.get("reset"):
            self.cache.clear()
        for root in [*page.get("drop", ()), *page.get("roots", ())]:
            for rows in self.cache.values():
                for row_id in [row_id for row_id, row in rows.items() if row["root"] == root]:
                    del rows[row_id]
        for name, found in page.get("types", {}).items():
            rows = self.cache.setdefault(name, {})
            entry = msgspec.convert(found, TypePage)
            for row in rows_of(entry):
                # A column without any value is not sent.
                rows[row["id"]] = dict.fromkeys(visible_fields(record_named(name))) | row
            for row_id, root in entry.gone:
                if row_id in rows and rows[row_id]["root"] == root:
                    del rows[row_id]

    def holds(self, record: str, row_id: str) -> bool:
        return row_id in self.cache.get(record, {})


class World:
    """The running application with its people."""

    def __init__(self, running: TestClient[Litestar]) -> None:
        self.app = running.app
        self._loop = running.blocking_portal
        self.people: dict[tuple[str, str], Person] = {}

    def person(self, username: str, device: str = "phone") -> Person:
        """The employee signed in on a device of that name; the same one every time."""
        found = self.people.get((username, device))
        if found is None:
            found = self.people[username, device] = self.sign_in(username, str(uuid.uuid4()), DeviceKey())
        return found

    def sign_in(self, username: str, device_id: str, key: DeviceKey, password: str = PASSWORD) -> Person:
        client = self.client()
        device = {"id": device_id, "name": "test", "public_key": key.public}
        response = client.post("/api/login", json={"username": username, "password": password, "device": device})
        if response.status_code != 200:
            raise Refused(response.status_code, response.json())
        return Person(self, username, client, device_id, key, response.json())

    def client(self) -> TestClient[Litestar]:
        """A browser without cookies. All of a world run in its one event loop, as in a server."""
        client = TestClient(self.app)
        client.blocking_portal = self._loop
        return client

    def in_loop(self, work: Callable[..., Any], *args: Any) -> Any:
        """Runs something asynchronous where the server runs, as its own tasks do."""
        assert self._loop is not None
        return self._loop.call(work, *args)

    def option(self, list_name: str, name: str) -> str:
        """The id of an entry of one of the company's lists."""
        page = self.person("boss").get("/api/options", list_name=list_name, name=name)
        return str(page["items"][0]["id"])


#: Applications whose world has ended. Routes take longer to make than the database, and know nothing of it.
_spare: list[Litestar] = []


@contextmanager
def running(settings: Settings) -> Iterator[World]:
    """The application over these settings, until the end of the block."""
    with_files = settings.pwa.exists()
    app = equip(_spare.pop() if _spare and not with_files else make_routes(settings.pwa), settings)
    with TestClient(app) as client:
        yield World(client)
        assert drifted_totals(app.state.services.writer.engine) == []
    if not with_files:
        _spare.append(app)  # only what ended well


@pytest.fixture
def open_world(new_database: NewDatabase, tmp_path: Path) -> Callable[..., AbstractContextManager[World]]:
    """`with open_world(max_users=7, …) as world`: on the database under test, with these settings, until the end of the
    block. For tests that need many, one after the other: each holds connections and memory."""

    def open_one(**chosen: Any) -> AbstractContextManager[World]:
        given = {"data": tmp_path / "data", "database": new_database(COMPANY), "pwa": tmp_path / "no-pwa", **chosen}
        return running(Settings(**given))

    return open_one


@pytest.fixture
def make_world(open_world: Callable[..., AbstractContextManager[World]]) -> Iterator[Callable[..., World]]:
    """`make_world(max_users=7, …)`: a world until the end of the test."""
    with ExitStack() as worlds:
        yield lambda **chosen: worlds.enter_context(open_world(**chosen))


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()
