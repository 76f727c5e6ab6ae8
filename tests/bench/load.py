"""A load generator that is not the bottleneck: raw sockets and bodies made beforehand, in processes of their own."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx

from server.records.ids import uuid7


@dataclass(frozen=True)
class Answered:
    """One request: when it began, how long it took (seconds), its status, the answer, and `Retry-After`."""

    at: float
    seconds: float
    status: int
    body: bytes
    retry_after: float = 0.0


@dataclass(frozen=True)
class Signed:
    """A signed-in device."""

    cookie: str
    device: str


def sign_in(url: str, username: str, password: str) -> Signed:
    device = str(uuid.uuid4())
    with httpx.Client(base_url=url, timeout=60) as client:
        body = {"username": username, "password": password, "device": {"id": device, "name": "bench"}}
        response = client.post("/api/login", json=body)
        response.raise_for_status()
        return Signed("; ".join(f"{name}={value}" for name, value in client.cookies.items()), device)


def op(seq: int, command: str, args: dict[str, Any], needs: Sequence[str] = ()) -> dict[str, Any]:
    """An op as an outbox holds it."""
    return {
        "id": uuid7(), "seq": seq, "command": command, "version": 1, "at": datetime.now(UTC).isoformat(),
        "base": None, "args": args, "needs": list(needs),
    }  # fmt: skip


def push_request(url: str, who: Signed, ops: list[dict[str, Any]]) -> bytes:
    return request(url, "POST", "/sync/v1/push", who, {"device": who.device, "schema": 2, "ops": ops})


def request(url: str, method: str, path: str, who: Signed, body: Any = None) -> bytes:
    """The bytes of a request on a connection that stays open."""
    content = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nCookie: {who.cookie}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


class Connection:
    """One connection of one client; opened again when the server closes it."""

    def __init__(self, url: str) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname or "127.0.0.1", place.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def exchange(self, content: bytes) -> Answered:
        started = time.perf_counter()
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(content)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        body = await reader.readexactly(int(lines.get("content-length", 0)))
        seconds = time.perf_counter() - started
        return Answered(started, seconds, int(head.split(" ", 2)[1]), body, float(lines.get("retry-after", 0)))

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()


async def _one_client(url: str, requests: Sequence[bytes], until: float) -> list[Answered]:
    connection, found = Connection(url), []
    for content in requests:
        if time.perf_counter() >= until:
            break
        found.append(await connection.exchange(content))
    connection.close()
    return found


async def _clients(url: str, plan: Sequence[Sequence[bytes]], seconds: float) -> list[list[Answered]]:
    until = time.perf_counter() + seconds
    return await asyncio.gather(*[_one_client(url, requests, until) for requests in plan])


def _run(url: str, plan: Sequence[Sequence[bytes]], seconds: float) -> list[list[Answered]]:
    return asyncio.run(_clients(url, plan, seconds))


def run_clients(url: str, plan: Sequence[Sequence[bytes]], seconds: float = 60.0) -> list[list[Answered]]:
    """Each client sends its requests one after the other, all clients at once; one list of answers a client."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_run, url, plan, seconds).result()


def rate_of(answers: Sequence[Sequence[Answered]]) -> float:
    """Answers a second, from the first request to the last answer."""
    flat = [answer for part in answers for answer in part]
    return len(flat) / (max(a.at + a.seconds for a in flat) - min(a.at for a in flat))


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
