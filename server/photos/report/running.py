"""Starts the process that makes a report, tells how far it is, and hands the file out in pieces.

One report at a time in a server: the others wait in line. Whoever goes away before his report is done ends its process.
"""

import asyncio
import contextlib
import logging
import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import msgspec

from media import beside
from server.photos.report.job import Job, Progress

log = logging.getLogger("xunke.report")

_PIECE = 256 * 1024


class ReportFailed(Exception):
    """The process ended without a report: too large for its limits, or the disk is full."""


class Reports:
    """The reports of one server."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(1)

    async def make(self, job: Job) -> AsyncGenerator[int, None]:
        """Writes `job.out`; yields how many photos are done. Raises `ReportFailed`."""
        yield 0
        async with self._turn:
            child = await asyncio.create_subprocess_exec(
                *beside.command("server.photos.report"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=beside.environment(),
            )
            try:
                assert child.stdin is not None
                assert child.stdout is not None
                with contextlib.suppress(ConnectionError):
                    child.stdin.write(msgspec.msgpack.encode(job))
                    await child.stdin.drain()
                    child.stdin.close()
                async for line in child.stdout:
                    yield msgspec.json.decode(line, type=Progress).done
                if await child.wait() != 0:
                    log.warning("a report of %d photos was not made: exit %s", len(job.entries), child.returncode)
                    raise ReportFailed
            finally:
                if child.returncode is None:
                    with contextlib.suppress(ProcessLookupError):
                        child.kill()

    async def answer(self, job: Job, name: str, *, progress: bool) -> AsyncIterator[bytes]:
        """The body of the answer: with `progress`, lines of JSON (`Progress`) before the bytes of the file."""
        try:
            count = 0
            try:
                async with contextlib.aclosing(self.make(job)) as steps:
                    async for count in steps:
                        if progress:
                            yield msgspec.json.encode(Progress(count)) + b"\n"
            except ReportFailed:
                if not progress:
                    raise
                yield msgspec.json.encode(Progress(count, code="report_failed")) + b"\n"
                return
            with Path(job.out).open("rb") as file:
                if progress:
                    size = os.fstat(file.fileno()).st_size
                    yield msgspec.json.encode(Progress(count, size, name)) + b"\n"
                while piece := await asyncio.to_thread(file.read, _PIECE):
                    yield piece
        finally:
            Path(job.out).unlink(missing_ok=True)


def place_for(format_: str) -> str:
    """A new, empty file that only this server reads."""
    handle, path = tempfile.mkstemp(prefix="xunke-report-", suffix=f".{format_}")
    os.close(handle)
    return path
