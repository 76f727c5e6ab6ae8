"""The pull that has nothing to bring: how many a second one worker answers, beside a bare Litestar "hello" on granian.

The load comes from processes of their own that speak HTTP over plain sockets, so that the client is not what is
measured.
"""

from __future__ import annotations

import multiprocessing
import socket
import subprocess
import sys
import time
from multiprocessing.synchronize import Barrier as BarrierType

from tests.bench.figures import Table
from tests.support.live_server import ROOT, free_port

_PROCESSES = 2
_CONNECTIONS = 8
_SECONDS = 4.0


def requests_a_second(host: str, port: int, request: bytes) -> float:
    """How many answers a second the server gives to this request on keep-alive connections."""
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(_PROCESSES)
    with context.Pool(_PROCESSES, _prepare, (barrier,)) as pool:
        return sum(pool.starmap(_load, [(host, port, request)] * _PROCESSES))


_barrier: BarrierType | None = None


def _prepare(barrier: BarrierType) -> None:
    global _barrier
    _barrier = barrier


def _load(host: str, port: int, request: bytes) -> float:
    """One process: writes on every connection, then reads the answers one after the other, again and again."""
    connections = [socket.create_connection((host, port)) for _ in range(_CONNECTIONS)]
    for connection in connections:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    assert _barrier is not None
    length = 0
    for connection in connections[:1]:
        connection.sendall(request)
        length = len(_answer(connection))
    _barrier.wait(60)
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < _SECONDS:
        for connection in connections:
            connection.sendall(request)
        for connection in connections:
            _answer(connection, length)
            count += 1
    seconds = time.perf_counter() - started
    for connection in connections:
        connection.close()
    return count / seconds


def _answer(connection: socket.socket, likely: int = 4096) -> bytes:
    """One whole answer. Raises RuntimeError where it is no success."""
    data = connection.recv(max(likely, 4096))
    while (end := data.find(b"\r\n\r\n")) < 0:
        data += connection.recv(4096)
    if not data.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(data[:300].decode(errors="replace"))
    head = data[:end].lower()
    at = head.index(b"content-length:") + 15
    size = int(head[at:].split(b"\r\n", 1)[0])
    while len(data) < end + 4 + size:
        data += connection.recv(4096)
    return data


def measure(table: Table, host: str, port: int, path: str, cookie: str) -> None:
    """`path`: a pull with the newest cursor; `cookie`: a session's."""
    ask = f"GET {path} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookie}\r\n\r\n".encode()
    with socket.create_connection((host, port)) as connection:
        connection.sendall(ask)
        answer = _answer(connection)
    body = len(answer) - answer.index(b"\r\n\r\n") - 4
    if b'"types"' in answer:
        raise RuntimeError(f"there is something to pull: {answer[-body:][:300]!r}")
    pulls = requests_a_second(host, port, ask)
    hello = _hello()
    table.add(
        "no-op pull, one worker",
        f"{pulls:.0f} a second, {body} bytes of body, {len(answer)} with headers",
        f"bare Litestar on granian {hello:.0f} a second",
        f"{pulls / hello:.2f}×",
    )


def _hello() -> float:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.hello", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        return requests_a_second("127.0.0.1", port, b"GET /hello HTTP/1.1\r\nhost: x\r\n\r\n")
    finally:
        server.terminate()
        server.wait()
