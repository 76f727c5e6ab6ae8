"""A workbook of 10,000 customers through the import, and all of them out again: `python -m tests.bench.imports` runs it alone.

The references are what openpyxl alone needs for the same cells, in the same run.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from openpyxl import Workbook, load_workbook

from tests.bench.company import ADMIN, build
from tests.bench.figures import Table
from tests.bench.load import sign_in
from tests.customers.dirty_workbook import HEADERS, clean
from tests.support.live_server import LiveServer
from tests.support.postgres import PostgresServer

CUSTOMERS = 10_000
_PASSWORD = "xunke-demo"
_PAUSE = 0.2


def measure(table: Table, engines: tuple[str, ...] = ("sqlite", "postgresql"), customers: int = CUSTOMERS) -> None:
    """Adds the lines of both engines."""
    content = _workbook(customers)
    for engine in engines:
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "data"
            folder.mkdir()
            url, settings = f"sqlite:///{folder / 'xunke.db'}", {}
            if engine == "postgresql":
                url = stack.enter_context(PostgresServer(durable=True)).new_database()
                settings = {"XUNKE_DATABASE": url}
            build(url, 10)
            server = LiveServer(folder, settings)
            server.start()
            stack.callback(server.stop)
            _look(table, "SQLite" if engine == "sqlite" else "PostgreSQL", server.url, content, customers)


def _workbook(customers: int) -> bytes:
    """As spreadsheets write it: with its dimensions, and each text once."""
    book = Workbook()
    sheet = book.active
    sheet.title = "客户"
    sheet.append(HEADERS)
    for n in range(customers):
        row = clean(f"第{n}号商店有限公司", n)
        sheet.append([row.get(name) for name in HEADERS])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _look(table: Table, engine: str, url: str, content: bytes, customers: int) -> None:
    cookie = sign_in(url, ADMIN, _PASSWORD).cookie
    with httpx.Client(base_url=url, headers={"cookie": cookie}, timeout=120) as desk:
        started = time.perf_counter()
        job = (
            desk.post("/api/imports/customers", content=content, params={"name": "a.xlsx"}).raise_for_status().json()
        )
        job = _until(desk, job["id"], "preview")
        seen = time.perf_counter()
        desk.post(f"/api/imports/{job['id']}/commit").raise_for_status()
        job = _until(desk, job["id"], "done")
        done = time.perf_counter()
        bare = _bare_reading(content)
        table.add(
            f"{engine}: import of {customers:,} customers",
            f"{done - started:.1f} s: checked {seen - started:.1f} s, written {done - seen:.1f} s",
            f"openpyxl reads the cells {bare:.1f} s",
            f"{(done - started) / bare:.1f} ×",
        )
        started = time.perf_counter()
        book = desk.get("/api/customers/export.xlsx").raise_for_status().content
        seconds = time.perf_counter() - started
        rows, bare = _bare_writing(book)
        if rows <= customers:
            raise RuntimeError(f"the export has {rows} rows of {customers} customers and more")
        table.add(
            f"{engine}: export of {customers:,} customers",
            f"{seconds:.1f} s",
            f"openpyxl writes the cells {bare:.1f} s",
            f"{seconds / bare:.1f} ×",
        )


def _until(desk: httpx.Client, job_id: str, state: str) -> dict[str, Any]:
    while True:
        job: dict[str, Any] = desk.get(f"/api/imports/{job_id}").raise_for_status().json()
        if job["state"] == state:
            return job
        if job["state"] == "failed":
            raise RuntimeError(f"the import failed: {job}")
        time.sleep(_PAUSE)


def _bare_reading(content: bytes) -> float:
    started = time.perf_counter()
    for sheet in load_workbook(io.BytesIO(content), read_only=True):
        for _ in sheet.iter_rows(values_only=True):
            pass
    return time.perf_counter() - started


def _bare_writing(content: bytes) -> tuple[int, float]:
    """Rows of the first sheet, and the seconds to write all cells into a new workbook."""
    sheets = [list(sheet.iter_rows(values_only=True)) for sheet in load_workbook(io.BytesIO(content), read_only=True)]
    started = time.perf_counter()
    book = Workbook(write_only=True)
    for rows in sheets:
        target = book.create_sheet()
        for row in rows:
            target.append(row)
    book.save(io.BytesIO())
    return len(sheets[0]) - 1, time.perf_counter() - started


if __name__ == "__main__":
    measure(Table(), tuple(sys.argv[1:]) or ("sqlite", "postgresql"))
