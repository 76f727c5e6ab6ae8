"""Who closes the report's sheet has stopped it: nothing goes on for an answer that nobody waits for."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.records.ids import uuid7
from tests.support.databases import NewDatabase
from tests.support.live_server import LiveServer
from tests.support.world import COMPANY, PASSWORD

pytestmark = [
    pytest.mark.sim,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are read from /proc"),
]


def makers(server: LiveServer) -> list[int]:
    """Processes of this server that make a report."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            environment = (entry / "environ").read_bytes()
        except OSError:
            continue
        if b"server.photos.report" in words and f"XUNKE_DATA={server.data}".encode() in environment:
            found.append(int(entry.name))
    return found


def until(what: Any, seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def server(new_database: NewDatabase, tmp_path: Path) -> Iterator[LiveServer]:
    """Its files that come and go lie in `scratch`."""
    (tmp_path / "scratch").mkdir()
    live = LiveServer(
        tmp_path / "data", {"XUNKE_DATABASE": new_database(COMPANY), "TMPDIR": str(tmp_path / "scratch")}
    )
    live.start()
    try:
        yield live
    finally:
        live.stop()
        assert "Traceback" not in live.log


def sign_in(server: LiveServer, username: str) -> httpx.Client:
    client = httpx.Client(base_url=server.url, timeout=60)
    told = {"username": username, "password": PASSWORD, "device": {"id": uuid7(), "name": "test"}}
    client.post("/api/login", json=told).raise_for_status()
    return client


def a_photo(server: LiveServer) -> str:
    """One whose picture has not arrived: the letters of the report alone take seconds."""
    rep = sign_in(server, "rep")
    customer, visit, photo = uuid7(), uuid7(), uuid7()
    commands: list[tuple[str, dict[str, Any]]] = [
        ("customer.create", {"id": customer, "values": {"name": "王记超市", "mobile": "13800138000"}}),
        ("visit.check_in", {"id": visit, "customer_id": customer, "at": datetime.now(UTC).isoformat()}),
        ("photo.attach", {"id": photo, "visit_id": visit, "customer_id": customer, "kind": "shelf"}),
    ]
    for name, args in commands:
        rep.post(f"/api/commands/{name}", json=args).raise_for_status()
    return photo


@pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)
def test_a_report_ends_with_the_connection_and_leaves_nothing(server: LiveServer, tmp_path: Path) -> None:
    asked = {"ids": [a_photo(server)], "progress": True}
    manager = sign_in(server, "manager")
    with manager.stream("POST", "/media/v1/reports/photos", json=asked) as answer:
        pieces = answer.iter_raw()
        next(pieces)
        assert until(lambda: len(makers(server)) == 1)
        [maker] = makers(server)
        assert until(lambda: os.getpriority(os.PRIO_PROCESS, maker) > os.getpriority(os.PRIO_PROCESS, 0)), (
            "it takes the processor from those who work"
        )
        os.kill(maker, signal.SIGSTOP)  # from here on it cannot end by itself
    assert until(lambda: not makers(server)), "the report goes on although nobody waits for it"
    scratch = tmp_path / "scratch"
    assert until(lambda: not list(scratch.glob("xunke-report-*"))), "its file is left behind"
    # and the next one has its turn
    again = manager.post("/media/v1/reports/photos", json={"ids": asked["ids"]})
    assert again.content.startswith(b"%PDF")
    assert until(lambda: not list(scratch.glob("xunke-report-*")))
