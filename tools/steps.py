"""Runs the project's checks and says what ran: `python tools/steps.py check|test [step ...]`.

`check` is the fast loop, `test` is everything. A step that fails does not stop the others, so one run shows all that
is wrong; the exit code is 1 if any failed, 2 if a named step does not exist. Steps of the Python lane and of the
app's lane run side by side (the project plans for two cores); the slow ones come afterwards, one at a time.
`CHECK_WORKERS` says how many processes pytest may use (default 2, or 3 where there is memory for them). What tests
write goes to memory where the machine has enough of it: thousands of small databases wait for a disk most of the time.
`TMPDIR` chooses another place.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
LIMIT_SECONDS = 30 * 60
_MEMORY = Path("/dev/shm")
#: Tests keep up to about 2 GB there, and need as much themselves.
_MEMORY_NEEDED = 6 << 30


def _memory_free() -> int:
    """Bytes that may be written into files in memory; 0 where there are none."""
    try:
        facts = Path("/proc/meminfo").read_text().splitlines()
        available = next(int(line.split()[1]) * 1024 for line in facts if line.startswith("MemAvailable:"))
        return min(available, shutil.disk_usage(_MEMORY).free)
    except (OSError, StopIteration):
        return 0


_ROOMY = _memory_free() >= 2 * _MEMORY_NEEDED
WORKERS = os.environ.get("CHECK_WORKERS", "2")
#: Tests of servers and databases often wait, so two processors have time for a third process of them.
MANY_WORKERS = os.environ.get("CHECK_WORKERS", "3" if _ROOMY else "2")


def _npm(script: str) -> list[str]:
    return ["npm", "--prefix", "pwa", "run", "--silent", script]


def _pytest(marks: str, *options: str) -> list[str]:
    return [PYTHON, "-m", "pytest", "-q", "-m", marks, *options]


@dataclass(frozen=True)
class Step:
    name: str
    says: str
    command: list[str]
    lane: str  # "python" and "app" run side by side, "alone" afterwards
    runs_in: tuple[str, ...] = ("check", "test")
    is_test: bool = False  # its output is shown even when it passes: people and CI read the counts


STEPS = [
    Step("format", "Python is formatted (ruff)", [PYTHON, "-m", "ruff", "format", "--check", "."], "python"),
    Step("lint", "Python lint (ruff)", [PYTHON, "-m", "ruff", "check", "."], "python"),
    Step("types", "Python types (mypy --strict)", [PYTHON, "-m", "mypy"], "python"),
    Step("read-rule", "no query goes around visible()", [PYTHON, "-m", "server.lint"], "python"),
    Step(
        "generated",
        "what the app takes from the server is up to date",
        [PYTHON, "-m", "server.cli", "generate", "--check"],
        "python",
    ),
    Step(
        "api-types",
        "the app's API types fit the server's OpenAPI",
        [*_npm("types"), "--", "--check"],
        "python",  # after `generated`, which writes the OpenAPI document
    ),
    Step(
        "unit",
        "pytest on SQLite, what is quick",
        _pytest("not e2e and not postgres and not sim and not slow", "--ignore=tests/e2e", "-n", WORKERS),
        "python",
        runs_in=("check",),
        is_test=True,
    ),
    Step("app-format", "the app is formatted (prettier)", _npm("format:check"), "app"),
    Step("app-lint", "the app's lint (oxlint)", _npm("lint"), "app"),
    Step("app-types", "the app's types (vue-tsc)", _npm("typecheck"), "app"),
    Step("vitest", "the app's unit tests", _npm("test"), "app", is_test=True),
    Step(
        "build", "the app builds", ["make", "--no-print-directory", "pwa/dist/index.html"], "app", runs_in=("test",)
    ),
    Step("size", "first load stays within its limits", _npm("size"), "app", runs_in=("test",)),
    Step(
        "pytest",
        "pytest on SQLite and PostgreSQL",
        _pytest("not e2e", "-n", MANY_WORKERS),
        "alone",
        runs_in=("test",),
        is_test=True,
    ),
    Step(
        "e2e",
        "end to end in a browser",
        # The chapters of a file are one story and stay together.
        _pytest("e2e", "-n", WORKERS, "--dist", "loadfile", "--durations=5"),
        "alone",
        runs_in=("test",),
        is_test=True,
    ),
]


@dataclass(frozen=True)
class Outcome:
    step: Step
    passed: bool
    seconds: float


class Report:
    """Prints each step as it ends; several lanes may finish at once."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self._lock = threading.Lock()

    def add(self, outcome: Outcome, output: str) -> None:
        step = outcome.step
        with self._lock:
            self.outcomes.append(outcome)
            if (step.is_test or not outcome.passed) and output.strip():
                print(f"--- {step.name}: {' '.join(step.command)}\n{output.rstrip()}")
            print(_line(outcome), flush=True)

    def summarise(self, goal: str) -> bool:
        order = {step.name: place for place, step in enumerate(STEPS)}
        failed = [outcome for outcome in self.outcomes if not outcome.passed]
        print(f"\nmake {goal} ran:")
        for outcome in sorted(self.outcomes, key=lambda outcome: order[outcome.step.name]):
            print(_line(outcome))
        if failed:
            print(f'\nFailed. Repeat with: make {goal} ONLY="{" ".join(outcome.step.name for outcome in failed)}"')
        print(f"steps: {len(self.outcomes) - len(failed)} passed, {len(failed)} failed", flush=True)
        return not failed


def _line(outcome: Outcome) -> str:
    word = "ok    " if outcome.passed else "FAILED"
    return f"{word} {outcome.step.name:<11} {outcome.seconds:6.1f} s  {outcome.step.says}"


@contextmanager
def scratch(step: Step) -> Iterator[dict[str, str]]:
    """What a step is to have in its environment so that its temporary files lie in memory; they go with it."""
    if not step.is_test or "TMPDIR" in os.environ or _memory_free() < _MEMORY_NEEDED:
        yield {}
        return
    folder = Path(tempfile.mkdtemp(prefix="xunke-", dir=_MEMORY))
    folder.chmod(0o755)  # PostgreSQL runs as somebody else where the tests run as root
    try:
        yield {"TMPDIR": str(folder)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_step(step: Step) -> tuple[Outcome, str]:
    with scratch(step) as environment:
        return _run_step(step, environment)


def _run_step(step: Step, environment: dict[str, str]) -> tuple[Outcome, str]:
    started = time.monotonic()
    try:
        done = subprocess.run(
            step.command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=LIMIT_SECONDS,
            check=False,
            env={**os.environ, "NO_COLOR": "1", **environment},
        )
        passed, output = done.returncode == 0, done.stdout
    except FileNotFoundError as error:
        passed, output = False, f"cannot start: {error}"
    except subprocess.TimeoutExpired as error:
        text = error.stdout.decode("utf-8", "replace") if isinstance(error.stdout, bytes) else (error.stdout or "")
        passed, output = False, f"{text}\nstopped after {LIMIT_SECONDS} seconds"
    return Outcome(step, passed, time.monotonic() - started), output


def run_lane(steps: list[Step], report: Report) -> None:
    for step in steps:
        report.add(*run_step(step))


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the project's checks and tests.")
    parser.add_argument("goal", choices=["check", "test"])
    parser.add_argument("only", nargs="*", metavar="step", help="run these steps only")
    arguments = parser.parse_args()
    steps = [step for step in STEPS if arguments.goal in step.runs_in]
    unknown = set(arguments.only) - {step.name for step in steps}
    if unknown:
        known = ", ".join(step.name for step in steps)
        print(f"no step named {', '.join(sorted(unknown))} in {arguments.goal}; there are: {known}", file=sys.stderr)
        return 2
    if arguments.only:
        steps = [step for step in steps if step.name in arguments.only]

    report = Report()
    lanes = [
        threading.Thread(target=run_lane, args=([step for step in steps if step.lane == lane], report))
        for lane in ("python", "app")
    ]
    for lane in lanes:
        lane.start()
    for lane in lanes:
        lane.join()
    run_lane([step for step in steps if step.lane == "alone"], report)
    return 0 if report.summarise(arguments.goal) else 1


if __name__ == "__main__":
    sys.exit(main())
