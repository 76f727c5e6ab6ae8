"""Processes of this program beside the server: they read what strangers made and do what takes long. They give way to
everything else on the machine, and have limits of memory and time.

They are plain `python -m …` that talk over their pipes, so that it does not matter how the server itself was started.
"""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import IO

_RESTING = 10  # niceness
_ROOT = Path(__file__).resolve().parent.parent


def command(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def environment() -> dict[str, str]:
    """In which the modules of this program are found."""
    path = os.pathsep.join([str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path}


class Child:
    """A process that was started, with its pipes (unbuffered where `bufsize` is 0)."""

    def __init__(self, module: str, *arguments: str, bufsize: int = -1) -> None:
        self._process = subprocess.Popen(
            command(module, *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            bufsize=bufsize,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.stdin: IO[bytes] = self._process.stdin
        self.stdout: IO[bytes] = self._process.stdout

    @property
    def pid(self) -> int:
        return self._process.pid

    def end(self) -> None:
        self._process.kill()
        for pipe in (self.stdin, self.stdout):
            with suppress(OSError):
                pipe.close()
        self._process.wait()


def limit(memory: int, seconds: int | None = None, niceness: int = _RESTING) -> None:
    """To be called by the process itself, before it reads its libraries. `memory` in bytes, `seconds` of processor time.
    Not every system can; what asked for the work ends the process when nobody waits any more."""
    with suppress(OSError, AttributeError):
        os.nice(niceness)
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        if seconds is not None:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
