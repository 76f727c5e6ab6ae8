"""Examining pictures in processes of their own, with limits of memory and time: a picture made to hurt a decoder takes
down its process, not the server, and the next one starts in its place. They give way to everything else on the machine,
because a photo can wait and a rep's push should not.
"""

import atexit
import hashlib
import os
import select
import struct
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

import msgspec

from media.beside import Child, limit
from media.images import Examination, Intake, take_in

#: Address space of one process. A picture of the largest permitted size needs about a quarter of it.
MEMORY_BYTES = 512 * 1024 * 1024
#: Wall time for one picture; the slowest permitted one takes about a second.
SECONDS = 20.0
_PROCESSES = 2
#: A question is its kind, a length and as many bytes: the picture itself or where it lies. An answer has no kind.
_HEAD, _LENGTH = struct.Struct(">BI"), struct.Struct(">I")
_BYTES, _FILE = 0, 1

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Intake).decode
_decode_part = msgspec.msgpack.Decoder(tuple[str, int, int]).decode


@dataclass(frozen=True, slots=True)
class FilePart:
    """Bytes that lie in a file of this machine; the process reads them itself."""

    path: Path
    start: int
    size: int
    sha256: str


class _Gone(Exception):
    """The process died or took too long."""


class _Process:
    """One examining process; used by one thread at a time."""

    def __init__(self, memory_bytes: int) -> None:
        self._child = Child("media.bounded", str(memory_bytes), bufsize=0)
        os.set_blocking(self._child.stdin.fileno(), False)
        os.set_blocking(self._child.stdout.fileno(), False)

    def take_in(self, source: bytes | FilePart, seconds: float) -> Intake:
        """Raises `_Gone`."""
        until = time.monotonic() + seconds
        kind, data = (_BYTES, source) if isinstance(source, bytes) else (_FILE, _encode_part(source))
        try:
            self._write(_HEAD.pack(kind, len(data)) + data, until)
            (length,) = _LENGTH.unpack(self._read(_LENGTH.size, until))
            return _decode(self._read(length, until))
        except (OSError, ValueError, msgspec.MsgspecError) as error:
            raise _Gone from error

    def end(self) -> None:
        self._child.end()

    def _write(self, data: bytes, until: float) -> None:
        left, pipe = memoryview(data), self._child.stdin.fileno()
        while left:
            _, ready, _ = select.select((), (pipe,), (), max(0.0, until - time.monotonic()))
            if not ready:
                raise _Gone
            left = left[os.write(pipe, left[: 1 << 20]) :]

    def _read(self, count: int, until: float) -> bytes:
        pipe, parts = self._child.stdout.fileno(), bytearray()
        while len(parts) < count:
            ready, _, _ = select.select((pipe,), (), (), max(0.0, until - time.monotonic()))
            part = os.read(pipe, min(1 << 20, count - len(parts))) if ready else b""
            if not part:
                raise _Gone
            parts += part
        return bytes(parts)


class BoundedIntake:
    """A few processes that examine pictures. Safe to use from many threads; processes start when they are needed."""

    def __init__(
        self, processes: int = _PROCESSES, memory_bytes: int = MEMORY_BYTES, seconds: float = SECONDS
    ) -> None:
        self.executor = ThreadPoolExecutor(processes, "photo")
        self._memory_bytes, self._seconds = memory_bytes, seconds
        self._own = threading.local()
        self._all: set[_Process] = set()
        self.restarts = 0

    def take_in(self, source: bytes | FilePart) -> Intake:
        """As `media.images.take_in`; what breaks the limits or the process is `over_limits`. Run it in `executor`."""
        process: _Process | None = getattr(self._own, "process", None)
        if process is None:
            process = self._own.process = _Process(self._memory_bytes)
            self._all.add(process)
        try:
            return process.take_in(source, self._seconds)
        except _Gone:
            self.restarts += 1
            self._own.process = None
            self._all.discard(process)
            process.end()
            if isinstance(source, FilePart):
                sha256, size = source.sha256, source.size
            else:
                sha256, size = hashlib.sha256(source).hexdigest(), len(source)
            return Intake(Examination(sha256, size, problems=("over_limits",)), {})

    def close(self) -> None:
        self.executor.shutdown(wait=False, cancel_futures=True)
        for process in list(self._all):
            process.end()
        self._all.clear()


@lru_cache(maxsize=1)
def shared() -> BoundedIntake:
    """The processes of this server; they end with it."""
    pool = BoundedIntake()
    atexit.register(pool.close)
    return pool


def _encode_part(part: FilePart) -> bytes:
    return _encode((str(part.path), part.start, part.size))


def _read_part(data: bytes) -> bytes:
    path, start, size = _decode_part(data)
    with open(path, "rb") as file:
        file.seek(start)
        return file.read(size)


def _serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Examines what arrives until there is nothing more."""
    while len(head := requests.read(_HEAD.size)) == _HEAD.size:
        kind, length = _HEAD.unpack(head)
        data = requests.read(length)
        answer = _encode(take_in(_read_part(data) if kind == _FILE else data))
        answers.write(_LENGTH.pack(len(answer)) + answer)
        answers.flush()


if __name__ == "__main__":
    limit(int(sys.argv[1]))
    _serve(sys.stdin.buffer, sys.stdout.buffer)
