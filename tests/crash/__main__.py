"""`make crash ROUNDS=200 ENGINES=sqlite,postgresql`: kills the server under load, again and again, and counts what was
lost. The summary of a run of 200 rounds or more becomes docs/crash-test.md, beside that of the other engine where that
was run before (kept in build/crash). Ends with 1 when something that must hold did not."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.crash.report import page, table
from tests.crash.rounds import Crash, Figures
from tests.crash.server import CrashServer
from tests.support.live_server import ROOT
from tests.support.postgres import PostgresServer
from tests.support.world import build_company

#: Rounds from which on a summary is kept.
WORTH_KEEPING = 200


@contextmanager
def stage(database: str, seed: int) -> Iterator[Crash]:
    """A company with a server that may be killed, on the engine of that name."""
    with tempfile.TemporaryDirectory(prefix="xunke-crash-") as name:
        folder = Path(name)
        if database == "sqlite":
            url = f"sqlite:///{folder / 'company.db'}"
            build_company(url)
            with CrashServer(folder / "data", {"XUNKE_DATABASE": url}) as server:
                yield Crash(url, server, None, seed)
            return
        with PostgresServer(durable=True) as postgres:
            url = postgres.new_database()
            build_company(url)
            with CrashServer(folder / "data", {"XUNKE_DATABASE": url}) as server:
                yield Crash(url, server, postgres, seed)


def remember(runs: dict[str, Figures]) -> dict[str, Figures]:
    """These runs, and the last one of an engine that was not played now."""
    folder = ROOT / "build" / "crash"
    folder.mkdir(parents=True, exist_ok=True)
    for database, figures in runs.items():
        (folder / f"{database}.json").write_bytes(msgspec.json.encode(figures))
    return {
        database: msgspec.json.decode((folder / f"{database}.json").read_bytes(), type=Figures)
        for database in ("sqlite", "postgresql")
        if (folder / f"{database}.json").exists()
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="make crash")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--database", default="sqlite,postgresql")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leaves through the doors, so that nothing stays behind
    runs = {}
    said = 0.0

    def say(text: str) -> None:
        nonlocal said
        if time.monotonic() - said > 15:
            said = time.monotonic()
            print(f"{time.strftime('%H:%M:%S')} {database} {text}", flush=True)

    for database in chosen.database.split(","):
        with stage(database, chosen.seed) as crash:
            runs[database] = figures = crash.play(chosen.rounds, say)
        print(table({database: figures}))
        for problem in figures.problems[:30]:
            print(f"PROBLEM {problem}")
    if chosen.rounds >= WORTH_KEEPING:
        (ROOT / "docs" / "crash-test.md").write_text(page(remember(runs), chosen.rounds, chosen.seed), "utf-8")
    return 1 if any(figures.problems for figures in runs.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
