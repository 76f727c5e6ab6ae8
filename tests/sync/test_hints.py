"""The line on which a served company says "pull now": to those whom a commit concerns, at once, and without a word of what
it was about."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from server.records.ids import uuid7
from tests.support.databases import NewDatabase
from tests.support.live_server import LiveServer
from tests.support.world import COMPANY, PASSWORD

pytestmark = pytest.mark.slow


class Device:
    """Somebody who is signed in and listens."""

    def __init__(self, server: LiveServer, username: str) -> None:
        self.http = httpx.Client(base_url=server.url, timeout=30)
        device = {"id": uuid7(), "name": "test"}
        body = {"username": username, "password": PASSWORD, "device": device}
        self.id = self.http.post("/api/login", json=body).raise_for_status().json()["id"]
        self.heard: list[str] = []
        self._listening = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()
        assert self._listening.wait(10), "the line does not open"

    def _listen(self) -> None:
        with suppress(httpx.ReadError), self.http.stream("GET", "/sync/v1/events") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            for line in answer.iter_lines():
                self.heard.append(line)
                if line == "event: alive":
                    self._listening.set()

    def do(self, command: str, **args: object) -> None:
        self.http.post(f"/api/commands/{command}", json=args).raise_for_status()

    def hints(self) -> int:
        """How many came since it was last asked, after a while in which one would have come."""
        end = time.monotonic() + 2
        while time.monotonic() < end and "event: hint" not in self.heard:
            time.sleep(0.05)
        assert set(self.heard) <= {"", "data:", "data: ", "event: hint", "event: alive"}
        found = self.heard.count("event: hint")
        self.heard.clear()
        return found


@pytest.fixture
def server(new_database: NewDatabase, tmp_path: Path) -> Iterator[LiveServer]:
    server = LiveServer(tmp_path / "data", {"XUNKE_DATABASE": new_database(COMPANY)})
    server.start()
    yield server
    server.stop()


def test_who_is_concerned_is_told_to_pull_and_nobody_else(server: LiveServer) -> None:
    rep, rep2, boss = (Device(server, name) for name in ("rep", "rep2", "boss"))
    with closing(rep.http), closing(rep2.http), closing(boss.http):
        while rep.hints() + rep2.hints():
            pass  # the others sign in, and the company begins its day
        shop = uuid7()
        rep.do("customer.create", id=shop, values={"name": "王记超市", "mobile": "13800000001"})
        assert (rep.hints(), rep2.hints()) == (1, 0)

        # It goes from one to the other: both have something to pull.
        boss.do("customer.assign", ids=[shop], owner_id=rep2.id, reason="片区调整")
        assert (rep.hints(), rep2.hints()) == (1, 1)
        boss.do("customer.edit", id=shop, set={"remark": [None, "老客户"]})
        assert (rep.hints(), rep2.hints()) == (0, 1)

        boss.do("option.create", id=uuid7(), values={"list_name": "unit", "name": "托"})
        assert (rep.hints(), rep2.hints()) == (1, 1)


def test_a_stranger_hears_nothing(server: LiveServer) -> None:
    assert httpx.get(f"{server.url}/sync/v1/events").status_code == 401
