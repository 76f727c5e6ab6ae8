"""Kinto on the same machine: creates from several clients at once, and a reader that follows with `_since`."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.postgres import PostgresServer

_CONFIGURATION = Path(__file__).with_name("kinto.ini")
_RECORDS = "/v1/buckets/bench/collections/customers/records"
_HEADERS = {"Authorization": "Basic YmVuY2g6YmVuY2g=", "Content-Type": "application/json"}
_WRITERS = 8


@dataclass
class Figures:
    """`lost`: acknowledged and not there afterwards. `missed`: there, and never given to the reader who followed."""

    version: str = ""
    root_rate: float = 0.0
    creates: int = 0
    seconds: float = 0.0
    lost: int = 0
    missed: int = 0
    followed: int = 0
    failures: int = 0

    @property
    def rate(self) -> float:
        return self.creates / self.seconds if self.seconds else 0.0


def measure(program: Path, backend: str, seconds: float) -> Figures:
    """Runs Kinto over `memory` or a durable `postgresql`; `program` is the installed `kinto`."""
    with tempfile.TemporaryDirectory() as folder, PostgresServer(durable=True) as database:
        url = database.new_database().replace("+psycopg", "").replace("%", "%%") if backend == "postgresql" else ""
        port = _free_port()
        configuration = Path(folder) / "kinto.ini"
        text = _CONFIGURATION.read_text()
        for name, value in (("kinto_backend", backend), ("kinto_url", url), ("http_port", str(port))):
            text = text.replace(f"%({name})s", value)
        configuration.write_text(text)
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        if backend == "postgresql":
            subprocess.run([program, "migrate", "--ini", configuration], check=True, **quiet)
        server = subprocess.Popen(
            [program, "start", "--ini", configuration, "--port", str(port)], start_new_session=True, **quiet
        )
        try:
            return _measure(port, seconds)
        finally:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _measure(port: int, seconds: float) -> Figures:
    figures = Figures(version=_wait(port))
    client = _Client(port)
    client.ask("PUT", "/v1/buckets/bench", {})
    client.ask("PUT", "/v1/buckets/bench/collections/customers", {})
    figures.root_rate = _root_rate(port, min(seconds, 3.0))
    acknowledged: set[str] = set()
    lock = threading.Lock()
    stop = threading.Event()

    def write() -> None:
        writer = _Client(port)
        while not stop.is_set():
            status, _, body = writer.ask("POST", _RECORDS, {"data": _customer()})
            with lock:
                if status == 201:
                    acknowledged.add(body["data"]["id"])
                else:
                    figures.failures += 1

    follower = _Follower(port)
    threads = [threading.Thread(target=write) for _ in range(_WRITERS)]
    reading = threading.Thread(target=follower.run, args=(stop,))
    started = time.perf_counter()
    for thread in [*threads, reading]:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    figures.seconds = time.perf_counter() - started
    reading.join()
    follower.step()  # once more, when all is quiet
    figures.failures += follower.failures
    there = _all(client)
    figures.creates = len(acknowledged)
    figures.lost = len(acknowledged - there)
    figures.followed = len(there)
    figures.missed = len(there - follower.seen)
    return figures


class _Client:
    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], Any]:
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, {**_HEADERS, **(headers or {})})
        response = self._connection.getresponse()
        content = response.read()
        answered = {name.lower(): value for name, value in response.getheaders()}
        return response.status, answered, json.loads(content) if content else None


class _Follower:
    """What a syncing client of Kinto does: asks for what changed since the last ETag, page by page."""

    def __init__(self, port: int) -> None:
        self._client = _Client(port)
        self._since = ""
        self.seen: set[str] = set()
        self.failures = 0

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self.step()

    def step(self) -> None:
        path = f"{_RECORDS}?_sort=last_modified" + (f"&_since={self._since}" if self._since else "")
        newest = ""
        while path:
            status, headers, body = self._client.ask("GET", path)
            if status != 200:  # it fails now and then while others write; a client asks again
                self.failures += 1
                return
            newest = newest or headers.get("etag", "").strip('"')
            self.seen |= {row["id"] for row in body["data"]}
            path = headers.get("next-page", "").partition("/v1")[2]
            path = f"/v1{path}" if path else ""
        self._since = newest or self._since


def _all(client: _Client) -> set[str]:
    found: set[str] = set()
    path = _RECORDS
    while path:
        _, headers, body = client.ask("GET", path)
        found |= {row["id"] for row in body["data"]}
        path = headers.get("next-page", "").partition("/v1")[2]
        path = f"/v1{path}" if path else ""
    return found


def _customer() -> dict[str, Any]:
    return {"name": "王记超市", "mobile": "13800000000", "address": "香港中路 8 号", "remark": "周一送货"}


def _root_rate(port: int, seconds: float) -> float:
    counts: list[int] = []

    def ask() -> None:
        client, count = _Client(port), 0
        deadline = time.perf_counter() + seconds
        while time.perf_counter() < deadline:
            client.ask("GET", "/v1/")
            count += 1
        counts.append(count)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def _wait(port: int) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            return str(_Client(port).ask("GET", "/v1/")[2]["project_version"])
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
