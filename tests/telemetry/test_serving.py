"""The served process: its log on stderr, its counters for this machine, and what it knows of devices after a restart."""

import json
import uuid
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.support.databases import NewDatabase
from tests.support.live_server import LiveServer
from tests.support.world import COMPANY, PASSWORD


def sign_in(server: LiveServer, username: str, device_id: str) -> httpx.Client:
    client = httpx.Client(base_url=server.url, timeout=30)
    body = {"username": username, "password": PASSWORD, "device": {"id": device_id, "name": "test"}}
    client.post("/api/login", json=body).raise_for_status()
    return client


@pytest.fixture
def server(new_database: NewDatabase, tmp_path: Path) -> LiveServer:
    return LiveServer(tmp_path / "data", {"XUNKE_DATABASE": new_database(COMPANY)})


@pytest.mark.slow
def test_a_served_company_can_be_watched(server: LiveServer) -> None:
    server.start()
    try:
        device_id = str(uuid.uuid4())
        report = {
            "X-Xunke-Client": "app=0.0.9; waiting=3; oldest=2026-11-20T08:00:00.000Z",
            "X-Request-Id": "tap-0001",
        }
        with closing(sign_in(server, "boss", device_id)) as boss:
            boss.get("/sync/v1/pull", params={"schema": 2}, headers=report).raise_for_status()
        answer = httpx.get(f"{server.url}/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert 'xunke_requests_total{method="GET",route="/sync/v1/pull",status="200"} 1.0' in answer.text
        for header in ("x-forwarded-for", "forwarded", "x-real-ip", "via"):
            assert httpx.get(f"{server.url}/metrics", headers={header: "127.0.0.1"}).status_code == 403
        httpx.post(f"{server.url}/sync/v1/push", content=b"{", headers={"X-Request-Id": "tap-0002"})
        # A device that was heard of just before the server stops is known after it has started again.
        server.restart()
        with closing(sign_in(server, "boss", str(uuid.uuid4()))) as boss:
            [heard] = [one for one in boss.get("/api/sync-devices").json() if one["id"] == device_id]
        assert (heard["app"], heard["waiting"], heard["outdated"]) == ("0.0.9", 3, True)
        assert heard["contact_at"] > heard["signed_in_at"]
    finally:
        server.stop()
    lines = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    [refused] = [line for line in lines if line.get("request") == "tap-0002"]
    assert (refused["status"], refused["code"], refused["level"]) == (401, "session_expired", "info")
    logins = [line for line in lines if line.get("route") == "/api/login"]
    assert len(logins) == 2
    assert PASSWORD not in server.log
    assert "Traceback" not in server.log
