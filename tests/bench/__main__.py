"""Runs all benchmarks on a fresh demo company and prints one table; with WRITE set, docs/benchmarks.md gets it, too."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

from tests.bench import browser, durable, evening, imports, photos, pull, reports, search, sync, uploads, wall
from tests.bench.figures import Table
from tests.bench.page import write_section
from tests.support.live_server import ROOT, LiveServer, run_xunke

PASSWORD = "xunke-demo"


def main() -> None:
    table = Table()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        started = time.perf_counter()
        run_xunke("demo", environment={"XUNKE_DATA": str(data)})
        table.add("demo company", f"{time.perf_counter() - started:.1f} s")
        run_xunke(
            "search", "rebuild", environment={"XUNKE_DATA": str(data)}
        )  # as of a company that has long been served
        server = LiveServer(data)
        server.start()
        try:
            sync.measure(table, server.url, data / "xunke.db", Path(folder), "rep1", "manager", PASSWORD)
        finally:
            server.stop()
        pull.measure(table, Path(folder) / "10,000 customers")
        browser.measure(table, Path(folder) / "50,000 rows")
        uploads.measure(table, Path(folder))
        wall.measure(table, Path(folder))
    imports.measure(table)
    search.measure(table)
    reports.measure(table)
    durable.measure(table)
    evening.measure(table)
    photos.measure(table)
    done = subprocess.run(
        ["npm", "--prefix", "pwa", "run", "--silent", "size"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    totals = [line for line in done.stdout.splitlines() if line.startswith(("js", "css"))]
    print("\n".join(["", table.text(), "", "First load of the app:", *totals]))
    if os.environ.get("WRITE"):
        write_section("bench", "make bench", table)


if __name__ == "__main__":
    main()
