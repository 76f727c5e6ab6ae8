"""Who closes the report's sheet has stopped it: nothing goes on for an answer that nobody waits for."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.records.ids import uuid7
from tests.support.live_server import LiveServer, run_xunke

pytestmark = [
    pytest.mark.sim,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are read from /proc"),
]

PASSWORD = "xunke-demo"


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


@contextmanager
def running(tmp_path: Path) -> Iterator[LiveServer]:
    data, scratch = tmp_path / "data", tmp_path / "scratch"
    scratch.mkdir()
    run_xunke("demo", "--small", environment={"XUNKE_DATA": str(data)})
    server = LiveServer(data, {"TMPDIR": str(scratch)})
    server.start()
    try:
        yield server
    finally:
        server.stop()
        assert "Traceback" not in server.log


def test_a_report_ends_with_the_connection_and_leaves_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        manager = httpx.Client(base_url=server.url, timeout=60)
        told = {"id": uuid7(), "name": "test"}
        manager.post(
            "/api/login", json={"username": "manager", "password": PASSWORD, "device": told}
        ).raise_for_status()
        found = manager.get("/api/photos", params={"limit": 100, "uploaded_at__empty": "0"}).json()["items"]
        ids = [row["id"] for row in found]
        assert len(ids) > 20
        asked = {"ids": ids, "progress": True}
        with manager.stream("POST", "/media/v1/reports/photos", json=asked) as answer:
            pieces = answer.iter_raw()
            next(pieces)
            assert until(lambda: len(makers(server)) == 1)
            [maker] = makers(server)
            assert until(lambda: os.getpriority(os.PRIO_PROCESS, maker) > os.getpriority(os.PRIO_PROCESS, 0)), (
                "it takes the processor from those who work"
            )
        assert until(lambda: not makers(server)), "the report goes on although nobody waits for it"
        scratch = tmp_path / "scratch"
        assert until(lambda: not list(scratch.glob("xunke-report-*"))), "its file is left behind"
        # and the next one has its turn
        again = manager.post("/media/v1/reports/photos", json={"ids": ids[:2]})
        assert again.content.startswith(b"%PDF")
        assert until(lambda: not list(scratch.glob("xunke-report-*")))
