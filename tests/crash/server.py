"""A server to be killed: the whole of it, or only the process that does the work, which the server replaces itself."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.support.live_server import ROOT, START_SECONDS, LiveServer, clean_environment
from tests.support.processes import die_with_parent

#: A process that dies this soon after it replaced another is taken for a crash loop: then the whole server ends.
CRASH_LOOP_SECONDS = 6.0


class CrashServer(LiveServer):
    """As `LiveServer`, started in a fraction of the time. Use as a context manager; Linux only."""

    def __init__(self, data: Path, settings: dict[str, str]) -> None:
        super().__init__(data, settings)
        self.pid = 0
        self._replaced_at = 0.0
        self._http = httpx.Client(timeout=5)
        self._nursery: subprocess.Popen[str] | None = None

    def __enter__(self) -> CrashServer:
        self.data.mkdir(parents=True, exist_ok=True)
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nursery"],
            cwd=ROOT,
            env=clean_environment({}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.kill()
        if self._nursery is not None:
            self._nursery.kill()
            self._nursery.wait()
        self._http.close()

    def start(self) -> None:
        """Returns when the server answers. Raises RuntimeError with its log if it does not."""
        assert self._nursery is not None
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.write(json.dumps({"env": self._settings, "log": str(self._log_path)}) + "\n")
        self._nursery.stdin.flush()
        self.pid = int(self._nursery.stdout.readline())
        self._replaced_at = 0.0
        self.wait_until_it_answers()

    def kill(self) -> None:
        """SIGKILL to every process of the server at once."""
        if not self.pid:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        _wait_until_gone(self.pid)
        self.pid = 0

    def kill_worker(self) -> bool:
        """SIGKILL to the process that does the work. False, and nothing is done, where the server would take it for
        a crash loop and end."""
        if time.monotonic() - self._replaced_at < CRASH_LOOP_SECONDS:
            return False
        for child in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
            _wait_until_gone(int(child))
        self._replaced_at = time.monotonic()
        return True

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._healthy():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server did not answer in {START_SECONDS} s:\n{self.log[-5000:]}")
            time.sleep(0.02)

    def _healthy(self) -> bool:
        with contextlib.suppress(httpx.TransportError):
            return self._http.get(f"{self.url}/api/health").is_success
        return False


def _wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                time.sleep(0.005)
                continue
        return
    raise RuntimeError(f"process {pid} survived SIGKILL")
