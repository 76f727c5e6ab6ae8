"""Pulls of a company of 10,000 customers: cold, without news, after one op of one's own, after a transfer of 500."""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench import noop
from tests.bench.company import ADMIN, REP, build
from tests.bench.figures import Table, kb, ms
from tests.bench.sync import Phone
from tests.support.live_server import LiveServer, run_xunke

PASSWORD = "xunke-demo"
OTHER = "rep2"
_TRANSFER = 500


def measure(table: Table, data: Path, customers: int = 10_000) -> None:
    """Builds the company in `data` where there is none, serves it and measures."""
    file = data / "xunke.db"
    if not file.exists():
        data.mkdir(parents=True, exist_ok=True)
        build(f"sqlite:///{file}", customers)
        run_xunke("search", "rebuild", environment={"XUNKE_DATA": str(data)})
    server = LiveServer(data)
    server.start()
    try:
        _measure(table, server, file)
    finally:
        server.stop()


def _measure(table: Table, server: LiveServer, file: Path) -> None:
    phone, other = Phone(server.url, REP, PASSWORD), Phone(server.url, OTHER, PASSWORD)
    phone.requests = phone.bytes = 0
    started = time.perf_counter()
    cursor, rows, customers = phone.pull()
    seconds = time.perf_counter() - started
    table.add(
        f"cold pull, {customers} customers, {rows} rows",
        f"{ms(seconds)}, {phone.requests} requests, {kb(phone.bytes)}",
        f"bare sqlite3 read + json of as many rows {ms(_bare_dump(file, rows))}",
    )
    cursor, _, _ = phone.pull(cursor)
    cookie = "; ".join(f"{name}={value}" for name, value in phone.client.cookies.items())
    noop.measure(table, "127.0.0.1", server.port, f"/sync/v1/pull?schema=2&cursor={cursor}", cookie)

    found = [str(row["id"]) for row in phone.get("/api/customers", limit=1)["items"]]
    phone.requests = phone.bytes = 0
    phone.push([phone.contact(found[0])])
    table.add("push of 1 op after a cold pull", f"{phone.requests} request, {phone.bytes} bytes there and back")
    _transfer(table, server, phone, other, file)


def _transfer(table: Table, server: LiveServer, phone: Phone, other: Phone, file: Path) -> None:
    """From one rep to another: each pulls once."""
    with sqlite3.connect(file) as connection:
        owned = "SELECT id FROM customer WHERE owner_id = (SELECT id FROM employee WHERE username = ?) LIMIT ?"
        ids = [row[0] for row in connection.execute(owned, (REP, _TRANSFER))]
        to = connection.execute("SELECT id FROM employee WHERE username = ?", (OTHER,)).fetchone()[0]
    cursors = {person: person.pull()[0] for person in (phone, other)}
    boss = Phone(server.url, ADMIN, PASSWORD)
    started = time.perf_counter()
    [result] = boss.push([boss.op("customer.assign", {"ids": ids, "owner_id": to})])
    wrote = time.perf_counter() - started
    if result["status"] != "applied":
        raise RuntimeError(f"the transfer was not applied: {result}")
    phone.requests = other.requests = 0
    started = time.perf_counter()
    gone = {root for page in phone.pages(cursors[phone]) for root in page.get("drop", [])}
    pages = list(other.pages(cursors[other]))
    came = {root for page in pages for root in page.get("roots", [])}
    seconds = time.perf_counter() - started
    roots = {f"customer:{customer_id}" for customer_id in ids}
    if not (roots <= gone and roots <= came):
        raise RuntimeError(f"{len(roots - gone)} of {len(roots)} stayed, {len(roots - came)} did not come")
    table.add(
        f"transfer of {len(ids)} customers",
        f"{ms(wrote)} to write, {ms(seconds)} and {phone.requests + other.requests} requests for both pulls: "
        "gone from one, complete at the other",
    )


def _bare_dump(file: Path, rows: int) -> float:
    """What the engine itself needs: as many rows of customers, read and put into JSON."""
    with sqlite3.connect(file) as connection:
        started = time.perf_counter()
        found: list[Any] = connection.execute("SELECT * FROM customer").fetchall()
        json.dumps((found * (rows // max(1, len(found)) + 1))[:rows], default=str)
        return time.perf_counter() - started


if __name__ == "__main__":
    # python -m tests.bench.pull [CUSTOMERS [FOLDER]]
    with tempfile.TemporaryDirectory() as scratch:
        where = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(scratch) / "data"
        measure(Table(), where, int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
