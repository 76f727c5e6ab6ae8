"""The real server as a process of its own: started by its command line, on a free port, over a folder of its own."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.support.processes import die_with_parent

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 120
STOP_SECONDS = 15


def run_xunke(*arguments: str, environment: dict[str, str]) -> str:
    """Run the command line to its end and return what it printed. Raises RuntimeError with its output if it fails."""
    done = subprocess.run(
        [sys.executable, "-m", "server.cli", *arguments],
        cwd=ROOT,
        env=clean_environment(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"xunke {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def clean_environment(settings: dict[str, str]) -> dict[str, str]:
    """The process environment with these Xunke settings and no others: a developer's own must not leak in."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("XUNKE_") and name != "PORT"
    }
    return {**inherited, **settings}


class LiveServer:
    """`start()`, `stop()`, `restart()`; the port and the data stay the same over a restart."""

    def __init__(self, data: Path, settings: dict[str, str] | None = None) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = {
            "XUNKE_DATA": str(data),
            "XUNKE_PWA": str(ROOT / "pwa" / "dist"),
            "PORT": str(self.port),
            **(settings or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._log_path = data.parent / f"{data.name}-server.log"

    @property
    def log(self) -> str:
        return self._log_path.read_text(errors="replace") if self._log_path.exists() else ""

    def start(self) -> None:
        """Returns when the server answers. Raises RuntimeError with its log if it ends or stays silent."""
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "server.cli", "serve"],
                cwd=ROOT,
                env=clean_environment(self._settings),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # the workers that it starts are stopped with it
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None:
                raise RuntimeError(f"the server ended with {self._process.returncode}:\n{self.log}")
            if time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the server did not answer in {START_SECONDS} s:\n{self.log}")
            time.sleep(0.05)

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for way in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, way)
                process.wait(STOP_SECONDS)
            except ProcessLookupError:
                break
            except subprocess.TimeoutExpired:
                continue
        process.wait()

    def kill(self) -> None:
        """SIGKILL to the server and its workers: nothing is flushed, nothing is answered."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def restart(self) -> None:
        self.stop()
        self.start()

    def _answers(self) -> bool:
        # Asked twenty times a second: httpx would read the certificates each time, which costs more than all the rest.
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/api/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
